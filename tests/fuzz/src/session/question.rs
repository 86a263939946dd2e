//! Questions as bytes, in both directions.

use bezant_tests::stories::{Kind, Question, Results, Sent};
use bezant_tests::{Syn1, bytes};
use std::sync::LazyLock;

/// The command that asks this, with the terminal's unpredictable number.
pub fn command(question: &Question, number: u32) -> Vec<u8> {
    let amount = decimal(question.amount);
    let currency = if question.foreign { [0x09, 0x78] } else { [0x09, 0x85] };
    let category = if question.transport { [0x41, 0x11] } else { [0x54, 0x11] };
    let terminal_type = if question.offline_only { 0x23 } else { 0x22 };
    let p1 = match question.kind {
        Kind::Checksum(support) => {
            let mut command = CHECKSUM.clone();
            let data = &mut command[5..];
            // Decimal digits.
            data[..4].copy_from_slice(&decimal(u64::from(number))[2..]);
            data[4] = support;
            data[5..11].copy_from_slice(&amount);
            data[11..13].copy_from_slice(&currency);
            data[19..21].copy_from_slice(&category);
            data[21] = terminal_type;
            return command;
        }
        Kind::Aac => 0x00,
        Kind::Arqc => 0x80,
        Kind::SignedAac => 0x10,
        Kind::SignedArqc => 0x90,
        Kind::Tc => 0x40,
    };
    let mut command = GENERATE_AC.clone();
    command[2] = p1;
    let data = &mut command[5..];
    data[..6].copy_from_slice(&amount);
    data[19..21].copy_from_slice(&currency);
    data[25..29].copy_from_slice(&number.to_be_bytes());
    data[29] = terminal_type;
    data[40..43].copy_from_slice(match question.results {
        Results::Device => &[0x01, 0x00, 0x02],
        Results::NoCvm => &[0x1F, 0x03, 0x02],
        Results::NoCvmFailed => &[0x1F, 0x03, 0x01],
        Results::OnlinePin => &[0x42, 0x03, 0x00],
    });
    data[43..45].copy_from_slice(&category);
    command
}

/// The question that the model knows, if this command asks one; whatever the unpredictable number.
pub fn read(asked: &[u8]) -> Option<Question> {
    let data = asked.get(5..)?;
    let checksum = asked[1] == 0x2A;
    let kind = match (checksum, asked[2]) {
        (true, _) => Kind::Checksum(*data.get(4)?),
        (_, 0x00) => Kind::Aac,
        (_, 0x80) => Kind::Arqc,
        (_, 0x10) => Kind::SignedAac,
        (_, 0x90) => Kind::SignedArqc,
        (_, 0x40) => Kind::Tc,
        _ => return None,
    };
    let (amount, currency, category) = if checksum { (5..11, 11..13, 19..21) } else { (0..6, 19..21, 43..45) };
    let question = Question {
        kind: Kind::ALL.into_iter().find(|known| *known == kind)?,
        amount: hex::encode(data.get(amount)?).parse().ok()?,
        foreign: data.get(currency)? == [0x09, 0x78],
        transport: data.get(category)? == [0x41, 0x11],
        results: match (checksum, data.get(40..43)) {
            (false, Some([0x1F, 0x03, 0x02])) => Results::NoCvm,
            (false, Some([0x1F, 0x03, 0x01])) => Results::NoCvmFailed,
            (false, Some([0x42, 0x03, 0x00])) => Results::OnlinePin,
            _ => Results::Device,
        },
        offline_only: data.get(if checksum { 21 } else { 29 })? == &0x23,
    };
    let number = if checksum { 0..4 } else { 25..29 };
    let mut known = command(&question, 0);
    let known_data = &mut known[5..];
    known_data.get_mut(number.clone())?.copy_from_slice(data.get(number)?);
    let digits = !checksum || data[..4].iter().all(|byte| byte >> 4 < 10 && byte & 15 < 10);
    // Le may be missing.
    (digits && (known == asked || known[..known.len() - 1] == *asked)).then_some(question)
}

/// Six bytes of decimal digits.
fn decimal(number: u64) -> [u8; 6] {
    let mut bytes = [0; 6];
    let mut rest = number;
    for byte in bytes.iter_mut().rev() {
        let pair = u8::try_from(rest % 100).unwrap();
        *byte = ((pair / 10) << 4) | (pair % 10);
        rest /= 100;
    }
    bytes
}

static GENERATE_AC: LazyLock<Vec<u8>> = LazyLock::new(|| bytes(Syn1::ARQC));
static CHECKSUM: LazyLock<Vec<u8>> =
    LazyLock::new(|| bytes(&Sent::Ask(Question { kind: Kind::Checksum(0), ..Question::HIGH }).command(0)));

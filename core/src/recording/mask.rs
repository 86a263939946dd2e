use crate::emv::{Pan, tags};
use crate::tlv::{Tag, walk};

/// A command in hexadecimal, two digits a byte, with X in place of what must not be shown: account numbers wherever they
/// stand, packed at any half byte or written, and the data objects that carry one or the name of its owner.
pub(crate) fn mask_command(command: &[u8], pans: &[Pan]) -> String {
    mask(command, command.get(HEADER..).unwrap_or_default(), pans)
}

/// The same for an answer.
pub(crate) fn mask_answer(answer: &[u8], pans: &[Pan]) -> String {
    mask(answer, answer.strip_suffix(SUCCESS).unwrap_or_default(), pans)
}

/// A name with X in place of account numbers.
pub(crate) fn mask_name(name: &mut String, pans: &[Pan]) {
    for digits in pans.iter().map(digits) {
        if name.contains(&digits) {
            *name = name.replace(&digits, &"X".repeat(digits.len()));
        }
    }
}

fn mask(bytes: &[u8], objects: &[u8], pans: &[Pan]) -> String {
    let mut shown = Shown::new(bytes);
    for element in walk(objects).map_while(Result::ok) {
        if HIDDEN.contains(&element.tag) {
            shown.hide(element.value, MASKED);
        }
    }
    pans.iter().for_each(|pan| shown.hide_digits(pan));
    shown.text()
}

fn digits(pan: &Pan) -> String {
    base16ct::upper::encode_string(pan.as_bcd()).trim_end_matches('F').to_owned()
}

/// An answer in hexadecimal with its cryptograms as question marks: for comparing what their keys are not in.
pub(crate) fn hide_cryptograms(answer: &str) -> String {
    let Ok(bytes) = base16ct::mixed::decode_vec(answer) else { return answer.to_owned() };
    let mut shown = Shown::new(&bytes);
    let body = bytes.strip_suffix(SUCCESS).unwrap_or_default();
    let is_checksum = walk(body).map_while(Result::ok).any(|element| element.tag == tags::CVC3_TRACK_2);
    for element in walk(body).map_while(Result::ok) {
        let secret_part = match element.tag {
            tags::APPLICATION_CRYPTOGRAM | tags::SIGNED_DYNAMIC_DATA | tags::CVC3_TRACK_1 | tags::CVC3_TRACK_2 => {
                element.value
            }
            tags::ATC if is_checksum => element.value,
            tags::ISSUER_APPLICATION_DATA => element.value.get(MD_CRYPTOGRAM).unwrap_or_default(),
            _ => continue,
        };
        shown.hide(secret_part, OPEN);
    }
    shown.text()
}

struct Shown<'a> {
    bytes: &'a [u8],
    digits: Vec<u8>,
}

impl<'a> Shown<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, digits: base16ct::upper::encode_string(bytes).into_bytes() }
    }

    /// Hides a part of the same bytes.
    fn hide(&mut self, part: &[u8], with: u8) {
        let start = part.as_ptr().addr().saturating_sub(self.bytes.as_ptr().addr());
        if let Some(digits) = self.digits.get_mut(2 * start..2 * (start + part.len())) {
            digits.fill(with);
        }
    }

    fn hide_digits(&mut self, pan: &Pan) {
        let packed = digits(pan);
        let packed = packed.as_bytes();
        // ASCII digits, in hexadecimal: 3 and the digit.
        let written: Vec<u8> = packed.iter().flat_map(|digit| [b'3', *digit]).collect();
        for pattern in [packed, &written] {
            let found = |digits: &[u8]| digits.windows(pattern.len()).position(|window| window == pattern);
            while let Some(start) = found(&self.digits) {
                if let Some(digits) = self.digits.get_mut(start..start + pattern.len()) {
                    digits.fill(MASKED);
                }
            }
        }
    }

    fn text(self) -> String {
        String::from_utf8(self.digits).unwrap_or_default()
    }
}

/// Account number, tracks, name, and the ICC certificate, from which anybody with the public keys recovers the account
/// number (EMV Book 2 table 14).
const HIDDEN: [Tag; 9] = [
    tags::TRACK_2_EQUIVALENT,
    tags::PAN,
    Tag::new(0x56),
    Tag::new(0x5F20),
    Tag::new(0x9F0B),
    Tag::new(0x9F1F),
    Tag::new(0x9F20),
    Tag::new(0x9F46),
    Tag::new(0x9F6B),
];
/// In issuer application data.
const MD_CRYPTOGRAM: core::ops::Range<usize> = 11..16;
/// CLA, INS, P1, P2 and Lc.
const HEADER: usize = 5;
const MASKED: u8 = b'X';
const OPEN: u8 = b'?';
const SUCCESS: &[u8] = &[0x90, 0x00];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_number_is_hidden_wherever_it_stands() {
        let pan = Pan::from_digits("5413330000000019").unwrap();
        let bytes = |hex: &str| base16ct::mixed::decode_vec(hex).unwrap();
        let pans = [Pan::from_digits("99012345678901234").unwrap(), pan];
        let masked = |hex: &str| mask_answer(&bytes(hex), &pans);
        assert_eq!(masked("700A5A0854133300000000199000"), "700A5A08XXXXXXXXXXXXXXXX9000");
        assert_eq!(masked("AA5413330000000019BB"), "AAXXXXXXXXXXXXXXXXBB", "not even a data object");
        assert_eq!(masked("A5413330000000019B"), "AXXXXXXXXXXXXXXXXB", "at half a byte");
        assert_eq!(masked("35343133333330303030303030303139"), "X".repeat(32), "as text");
        assert_eq!(masked("7006570412341D309000"), "70065704XXXXXXXX9000", "a track, whosever it is");
        assert_eq!(masked("6985"), "6985");
        let command = |hex: &str| mask_command(&bytes(hex), &pans);
        assert_eq!(command("00A4040008541333000000001900"), "00A4040008XXXXXXXXXXXXXXXX00");
        assert_eq!(command("80AE900006570412341D3000"), "80AE9000065704XXXXXXXX00");
        assert_eq!(command("00A40400"), "00A40400");
        let mut name = "card 5413330000000019".to_owned();
        mask_name(&mut name, &pans);
        assert_eq!(name, "card XXXXXXXXXXXXXXXX");
        assert_eq!(masked(""), "");
    }

    #[test]
    fn cryptograms_are_open_and_nothing_else_is() {
        let answer = "77299F270180 9F36020001 9F26081122334455667788 9F10120114A54000020000000000 5F202A7BBA 00FF 9000";
        let open = hide_cryptograms(&answer.replace(' ', ""));
        let expected =
            "77299F270180 9F36020001 9F2608???????????????? 9F10120114A54000020000000000 ?????????? 00FF 9000";
        assert_eq!(open, expected.replace(' ', ""));
        assert_eq!(hide_cryptograms("6985"), "6985");
        let checksum = "770F 9F61021CB1 9F60021CB1 9F36020C10 9000".replace(' ', "");
        assert_eq!(hide_cryptograms(&checksum), "770F9F6102????9F6002????9F3602????9000");
    }
}

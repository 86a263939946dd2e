use super::step::STOCK;
use bezant_tests::Judge;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The ATC of the credential that has answered, if one has: held against the one that the card has next and the one whose
/// ATC was sent, and where `thoroughly` against all that were ever issued, which takes its time.
pub fn credential_behind(command: &[u8], answer: &[u8], next: Option<u16>, thoroughly: bool) -> Option<u16> {
    if thoroughly {
        return ALL.credential_behind(command, answer);
    }
    let at = answer.windows(3).position(|window| window == [0x9F, 0x36, 0x02])?;
    let sent = u16::from_be_bytes(*answer[at + 3..].first_chunk()?);
    // A refusal is under ATC 1, of which only the first card has had a credential.
    let sent = Some(sent).filter(|sent| next.is_some_and(|next| *sent < next && sent / 100 == next / 100));
    let behind = |atc: u16| EACH.get(&atc)?.credential_behind(command, answer);
    [next, sent].into_iter().flatten().filter_map(behind).next()
}

fn atcs() -> impl Iterator<Item = u16> {
    (0..STOCK).flat_map(|place| [1 + place, 101 + place])
}

static ALL: LazyLock<Judge> = LazyLock::new(|| Judge::of_syn_1_with(atcs()));
static EACH: LazyLock<HashMap<u16, Judge>> =
    LazyLock::new(|| atcs().map(|atc| (atc, Judge::of_syn_1_with([atc]))).collect());

//! Card risk management: what the issuer forbids, beside what the cardholder has proved.

use super::profile::{CardProfile, MChipProfile};
use crate::emv::TransactionConditions;

/// Whether the additional check table finds its entry in the CDOL1 data; `None` when it does not run.
///
/// Table: position (from 1), length, count, mask, then count - 1 values (M/Chip, card risk management).
pub(super) fn additional_check(profile: &CardProfile, m_chip: &MChipProfile, cdol1_data: &[u8]) -> Option<bool> {
    let [.., mask_bits] = m_chip.cvr_mask;
    let [.., action_bits] = m_chip.ciac_decline;
    if (mask_bits | action_bits) & 0x03 == 0 {
        return None;
    }
    let [position, length, count, entries @ ..] = profile.additional_check_table.as_ref()?;
    let (length, count) = (usize::from(*length), usize::from(*count));
    if length == 0 || count < 2 || count * length > entries.len() {
        return None;
    }
    let start = usize::from(*position).checked_sub(1)?;
    let value = cdol1_data.get(start..start + length)?;
    let mut entries = entries.chunks_exact(length).take(count);
    let mask = entries.next()?;
    Some(entries.any(|entry| value.iter().zip(mask).map(|(v, m)| v & m).eq(entry.iter().copied())))
}

/// Whether a mag-stripe payment is declined at home or abroad (ciacDeclineOnPpms byte 1).
pub(super) const fn ppms_declines(action_code: [u8; 2], conditions: TransactionConditions) -> bool {
    let [first, _] = action_code;
    let bit = match conditions {
        TransactionConditions::International => 0x04,
        TransactionConditions::Domestic | TransactionConditions::Unknown => 0x02,
    };
    first & bit != 0
}

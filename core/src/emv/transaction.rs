use super::{Amount, CountryCode, CurrencyCode, MerchantCategoryCode, TerminalData};
use serde::{Deserialize, Serialize};

/// Below or above the terminal's limit for cardholder verification.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub enum TransactionRange {
    /// High-value transaction.
    High,
    /// Low-value transaction.
    Low,
    /// The terminal does not tell.
    Unknown,
}

/// What the money is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub enum RichTransactionType {
    /// Cash.
    Cash,
    /// Goods or services.
    Purchase,
    /// Goods or services, and cash.
    PurchaseWithCashback,
    /// Money back.
    Refund,
    /// A gate of passenger transport: amount zero and a merchant category of transport.
    Transit,
    /// Anything else.
    Unknown,
}

/// What the terminal wants of the card.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Purpose {
    /// Proof that card and cardholder are genuine; the terminal does not mean to pay (AAC asked).
    Authenticate,
    /// A payment, to be authorised online.
    Authorize,
    /// Not known yet.
    Unknown,
}

/// At home or abroad.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub enum TransactionConditions {
    /// The terminal stands in the card's country.
    Domestic,
    /// The terminal stands in another country.
    International,
    /// The terminal does not tell.
    Unknown,
}

/// What the terminal is going to ask of the cardholder at the point of interaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub enum CardholderAction {
    /// Nothing.
    None,
    /// The PIN, checked online.
    OnlinePin,
    /// The PIN or a signature.
    OnlinePinOrSignature,
    /// A signature.
    Signature,
    /// The terminal does not tell.
    Unknown,
}

/// How terminal and card talk.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub enum TerminalTechnology {
    /// GENERATE AC.
    ContactlessEmv,
    /// COMPUTE CRYPTOGRAPHIC CHECKSUM.
    ContactlessMagStripe,
}

/// The facts of one transaction: derived once from the terminal's data, and used alike for the decision, for what the
/// app is told, and for the cryptogram.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TransactionInfo {
    /// How much, in minor units.
    pub amount: Option<Amount>,
    /// In which currency.
    pub currency: Option<CurrencyCode>,
    /// Where the terminal stands.
    pub country: Option<CountryCode>,
    /// What the merchant sells.
    pub merchant_category: Option<MerchantCategoryCode>,
    /// Low or high value.
    pub range: TransactionRange,
    /// What the money is for.
    pub rich_type: RichTransactionType,
    /// What the terminal wants.
    pub purpose: Purpose,
    /// At home or abroad.
    pub conditions: TransactionConditions,
    /// What the terminal asks of the cardholder.
    pub cardholder_action: CardholderAction,
    /// How they talk.
    pub technology: TerminalTechnology,
    /// The terminal accepts verification on the device.
    pub cdcvm_supported: bool,
    /// The terminal has left the verification to the device.
    pub cdcvm_requested: bool,
    /// The terminal can start a second tap.
    pub second_tap_supported: bool,
}

impl TransactionInfo {
    /// Derives the facts.
    #[must_use]
    pub fn derive(
        terminal: &TerminalData,
        card_country: CountryCode,
        purpose: Purpose,
        technology: TerminalTechnology,
    ) -> Self {
        let mag_stripe = technology == TerminalTechnology::ContactlessMagStripe;
        let cdcvm_requested = if mag_stripe {
            terminal.requires_mag_stripe_cdcvm()
        } else {
            terminal.cvm_results.is_some_and(|results| results.requests_cdcvm())
        };
        Self {
            amount: terminal.amount,
            currency: terminal.currency,
            country: terminal.country,
            merchant_category: terminal.merchant_category,
            range: if mag_stripe { mag_stripe_range(terminal) } else { emv_range(terminal) },
            rich_type: rich_type(terminal),
            purpose,
            conditions: match terminal.country {
                Some(country) if country == card_country => TransactionConditions::Domestic,
                Some(_) => TransactionConditions::International,
                None => TransactionConditions::Unknown,
            },
            cardholder_action: if mag_stripe && cdcvm_requested {
                CardholderAction::None
            } else {
                cardholder_action(terminal)
            },
            technology,
            cdcvm_supported: cdcvm_requested || terminal.risk_management.is_some_and(|data| data.supports_cdcvm()),
            cdcvm_requested,
            second_tap_supported: !mag_stripe || terminal.supports_second_mag_stripe_tap(),
        }
    }
}

/// The range follows from what the terminal did (9F34), never from a limit of our own.
fn emv_range(terminal: &TerminalData) -> TransactionRange {
    let offers_more = terminal.capabilities.is_some_and(|capabilities| !capabilities.offers_only_no_cvm());
    match terminal.cvm_results {
        None => TransactionRange::Unknown,
        Some(results) if results.is_no_cvm() && !offers_more => TransactionRange::Low,
        Some(_) => TransactionRange::High,
    }
}

fn mag_stripe_range(terminal: &TerminalData) -> TransactionRange {
    if terminal.supports_second_mag_stripe_tap() {
        return if terminal.requires_mag_stripe_cdcvm() { TransactionRange::High } else { TransactionRange::Low };
    }
    match terminal.capabilities {
        None => TransactionRange::Unknown,
        Some(capabilities) if capabilities.offers_only_no_cvm() => TransactionRange::Low,
        Some(_) => TransactionRange::High,
    }
}

fn rich_type(terminal: &TerminalData) -> RichTransactionType {
    let at_gate = terminal.amount.is_some_and(Amount::is_zero)
        && terminal.merchant_category.is_some_and(MerchantCategoryCode::is_transit);
    match terminal.transaction_type {
        _ if at_gate => RichTransactionType::Transit,
        Some(0x00) => RichTransactionType::Purchase,
        Some(0x01) => RichTransactionType::Cash,
        Some(0x09) => RichTransactionType::PurchaseWithCashback,
        Some(0x20) => RichTransactionType::Refund,
        _ => RichTransactionType::Unknown,
    }
}

/// CVM codes of EMV Book 3 Annex C3.
fn cardholder_action(terminal: &TerminalData) -> CardholderAction {
    match terminal.cvm_results.map(|results| results.method()) {
        Some(0x01 | 0x04 | 0x1F | 0x3F) => CardholderAction::None,
        Some(0x02) => CardholderAction::OnlinePin,
        Some(0x03 | 0x05 | 0x1E) => CardholderAction::Signature,
        _ => CardholderAction::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emv::{CvmResults, TerminalCapabilities};

    const HOME: CountryCode = CountryCode::new([0x06, 0x16]);

    fn emv(terminal: &TerminalData) -> TransactionInfo {
        TransactionInfo::derive(terminal, HOME, Purpose::Authorize, TerminalTechnology::ContactlessEmv)
    }

    fn with_cvm(bytes: [u8; 3]) -> TerminalData {
        TerminalData { cvm_results: Some(CvmResults::new(bytes)), ..TerminalData::default() }
    }

    #[test]
    fn the_range_follows_the_terminals_cvm_result() {
        let range = |bytes| emv(&with_cvm(bytes)).range;
        assert_eq!(range([0x1F, 0x03, 0x02]), TransactionRange::Low);
        assert_eq!(range([0x3F, 0x00, 0x02]), TransactionRange::Low);
        assert_eq!(range([0x3F, 0x00, 0x00]), TransactionRange::Low);
        assert_eq!(range([0x1F, 0x03, 0x01]), TransactionRange::High, "a failed No CVM");
        assert_eq!(range([0x01, 0x00, 0x02]), TransactionRange::High);
        assert_eq!(range([0x42, 0x03, 0x00]), TransactionRange::High);
        assert_eq!(emv(&TerminalData::default()).range, TransactionRange::Unknown);
    }

    #[test]
    fn a_terminal_that_could_verify_makes_no_cvm_a_high_value() {
        let with = |second| TerminalData {
            capabilities: Some(TerminalCapabilities::new([0xE0, second, 0xC8])),
            ..with_cvm([0x1F, 0x03, 0x02])
        };
        assert_eq!(emv(&with(0x08)).range, TransactionRange::Low);
        assert_eq!(emv(&with(0x48)).range, TransactionRange::High);
    }

    #[test]
    fn s2_021_a_terminal_without_cdcvm_asks_for_the_online_pin_and_the_facts_say_so() {
        let info = emv(&with_cvm([0x42, 0x03, 0x00]));
        assert_eq!(info.cardholder_action, CardholderAction::OnlinePin);
        assert!(!info.cdcvm_requested);
        let info = emv(&with_cvm([0x01, 0x00, 0x02]));
        assert_eq!(info.cardholder_action, CardholderAction::None);
        assert!(info.cdcvm_requested && info.cdcvm_supported);
    }

    #[test]
    fn a_gate_has_no_amount_and_sells_transport() {
        let gate = TerminalData {
            amount: Some(Amount::default()),
            merchant_category: Some(MerchantCategoryCode::new([0x41, 0x11])),
            transaction_type: Some(0),
            ..TerminalData::default()
        };
        assert_eq!(emv(&gate).rich_type, RichTransactionType::Transit);
        let shop = TerminalData { merchant_category: Some(MerchantCategoryCode::new([0x54, 0x11])), ..gate };
        assert_eq!(emv(&shop).rich_type, RichTransactionType::Purchase);
        let paid = TerminalData { amount: Amount::from_minor_units(1), ..gate };
        assert_eq!(emv(&paid).rich_type, RichTransactionType::Purchase);
    }

    #[test]
    fn in_mag_stripe_mode_the_mobile_support_indicator_tells_the_range() {
        let range = |indicator, capabilities: Option<u8>| {
            let terminal = TerminalData {
                mobile_support: indicator,
                capabilities: capabilities.map(|cvm| TerminalCapabilities::new([0xE0, cvm, 0xC8])),
                ..TerminalData::default()
            };
            TransactionInfo::derive(&terminal, HOME, Purpose::Authorize, TerminalTechnology::ContactlessMagStripe).range
        };
        assert_eq!(range(Some(0x03), None), TransactionRange::High);
        assert_eq!(range(Some(0x01), None), TransactionRange::Low);
        assert_eq!(range(Some(0x00), Some(0x08)), TransactionRange::Low);
        assert_eq!(range(Some(0x00), Some(0x48)), TransactionRange::High);
        assert_eq!(range(None, None), TransactionRange::Unknown);
        let wants_device = TerminalData { mobile_support: Some(0x03), ..TerminalData::default() };
        let technology = TerminalTechnology::ContactlessMagStripe;
        let facts = TransactionInfo::derive(&wants_device, HOME, Purpose::Authorize, technology);
        assert_eq!(facts.cardholder_action, CardholderAction::None, "it leaves the cardholder to the device");
    }
}

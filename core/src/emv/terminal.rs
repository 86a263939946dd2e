use super::{
    Amount, CountryCode, CurrencyCode, CvmResults, MerchantCategoryCode, TerminalCapabilities,
    TerminalRiskManagementData, TerminalType, UnpredictableNumber, tags,
};
use crate::tlv::{Dol, Tag};

/// What a terminal has told the card, read once from its data object lists.
///
/// An object that was not asked for, or was asked for with another length than its own, is absent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TerminalData {
    /// 9F02.
    pub amount: Option<Amount>,
    /// 5F2A.
    pub currency: Option<CurrencyCode>,
    /// 9F1A.
    pub country: Option<CountryCode>,
    /// 9A, YYMMDD in BCD.
    pub date: Option<[u8; 3]>,
    /// 9C.
    pub transaction_type: Option<u8>,
    /// 9F37.
    pub unpredictable_number: Option<UnpredictableNumber>,
    /// 9F6A, of mag-stripe mode.
    pub unpredictable_number_numeric: Option<UnpredictableNumber>,
    /// 9F35.
    pub terminal_type: Option<TerminalType>,
    /// 9F45.
    pub data_authentication_code: Option<[u8; 2]>,
    /// 9F4C.
    pub icc_dynamic_number: Option<[u8; 8]>,
    /// 9F34.
    pub cvm_results: Option<CvmResults>,
    /// 9F15.
    pub merchant_category: Option<MerchantCategoryCode>,
    /// 9F33.
    pub capabilities: Option<TerminalCapabilities>,
    /// 9F1D.
    pub risk_management: Option<TerminalRiskManagementData>,
    /// 9F7E.
    pub mobile_support: Option<u8>,
}

/// A terminal's object that cannot be what it says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TerminalDataError {
    /// 9F02 holds a digit above nine.
    #[error("the amount is not decimal")]
    AmountNotDecimal,
}

impl TerminalData {
    /// Reads the objects of several lists; where two lists ask for the same object, the first list counts.
    ///
    /// # Errors
    /// A [`TerminalDataError`].
    pub fn read(lists: &[(Dol<'_>, &[u8])]) -> Result<Self, TerminalDataError> {
        Ok(Self {
            amount: object(lists, tags::AMOUNT_AUTHORISED)
                .map(|bcd| Amount::from_bcd(bcd).ok_or(TerminalDataError::AmountNotDecimal))
                .transpose()?,
            currency: object(lists, tags::TRANSACTION_CURRENCY).map(CurrencyCode::new),
            country: object(lists, tags::TERMINAL_COUNTRY).map(CountryCode::new),
            date: object(lists, tags::TRANSACTION_DATE),
            transaction_type: object(lists, tags::TRANSACTION_TYPE).map(u8::from_be_bytes),
            unpredictable_number: object(lists, tags::UNPREDICTABLE_NUMBER).map(UnpredictableNumber),
            unpredictable_number_numeric: object(lists, tags::UNPREDICTABLE_NUMBER_NUMERIC).map(UnpredictableNumber),
            terminal_type: object(lists, tags::TERMINAL_TYPE).map(|[number]| TerminalType::new(number)),
            data_authentication_code: object(lists, tags::DATA_AUTHENTICATION_CODE),
            icc_dynamic_number: object(lists, tags::ICC_DYNAMIC_NUMBER),
            cvm_results: object(lists, tags::CVM_RESULTS).map(CvmResults::new),
            merchant_category: object(lists, tags::MERCHANT_CATEGORY_CODE).map(MerchantCategoryCode::new),
            capabilities: object(lists, tags::TERMINAL_CAPABILITIES).map(TerminalCapabilities::new),
            risk_management: object(lists, tags::TERMINAL_RISK_MANAGEMENT).map(TerminalRiskManagementData::new),
            mobile_support: object(lists, tags::MOBILE_SUPPORT_INDICATOR).map(u8::from_be_bytes),
        })
    }

    /// Mag-stripe mode: the terminal can start a second tap (9F7E bit 1).
    #[must_use]
    pub fn supports_second_mag_stripe_tap(&self) -> bool {
        self.mobile_support.is_some_and(|indicator| indicator & 0x01 != 0)
    }

    /// Mag-stripe mode: the terminal wants the device to verify the cardholder (9F7E bit 2).
    #[must_use]
    pub fn requires_mag_stripe_cdcvm(&self) -> bool {
        self.mobile_support.is_some_and(|indicator| indicator & 0x02 != 0)
    }
}

fn object<const N: usize>(lists: &[(Dol<'_>, &[u8])], tag: Tag) -> Option<[u8; N]> {
    lists.iter().find_map(|(dol, data)| dol.find(tag, data)?.try_into().ok())
}

use super::{
    Amount, CountryCode, CurrencyCode, CvmResults, MerchantCategoryCode, TerminalCapabilities,
    TerminalRiskManagementData, TerminalType, UnpredictableNumber, tags,
};
use crate::tlv::Dol;

/// What a terminal has told the card, read once from its data object lists.
///
/// An object that was not asked for, or was asked for only with another length than its own, is absent.
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
        let mut read = Self::default();
        let mut amount = None;
        for (list, data) in lists {
            for (tag, value) in list.objects(data) {
                match tag {
                    tags::AMOUNT_AUTHORISED => first(&mut amount, value, |bcd: [u8; 6]| bcd),
                    tags::TRANSACTION_CURRENCY => first(&mut read.currency, value, CurrencyCode::new),
                    tags::TERMINAL_COUNTRY => first(&mut read.country, value, CountryCode::new),
                    tags::TRANSACTION_DATE => first(&mut read.date, value, |date| date),
                    tags::TRANSACTION_TYPE => first(&mut read.transaction_type, value, u8::from_be_bytes),
                    tags::UNPREDICTABLE_NUMBER => first(&mut read.unpredictable_number, value, UnpredictableNumber),
                    tags::UNPREDICTABLE_NUMBER_NUMERIC => {
                        first(&mut read.unpredictable_number_numeric, value, UnpredictableNumber);
                    }
                    tags::TERMINAL_TYPE => first(&mut read.terminal_type, value, |[kind]| TerminalType::new(kind)),
                    tags::DATA_AUTHENTICATION_CODE => first(&mut read.data_authentication_code, value, |code| code),
                    tags::ICC_DYNAMIC_NUMBER => first(&mut read.icc_dynamic_number, value, |number| number),
                    tags::CVM_RESULTS => first(&mut read.cvm_results, value, CvmResults::new),
                    tags::MERCHANT_CATEGORY_CODE => {
                        first(&mut read.merchant_category, value, MerchantCategoryCode::new)
                    }
                    tags::TERMINAL_CAPABILITIES => first(&mut read.capabilities, value, TerminalCapabilities::new),
                    tags::TERMINAL_RISK_MANAGEMENT => {
                        first(&mut read.risk_management, value, TerminalRiskManagementData::new);
                    }
                    tags::MOBILE_SUPPORT_INDICATOR => first(&mut read.mobile_support, value, u8::from_be_bytes),
                    _ => {}
                }
            }
        }
        let decimal = |bcd| Amount::from_bcd(bcd).ok_or(TerminalDataError::AmountNotDecimal);
        read.amount = amount.map(decimal).transpose()?;
        Ok(read)
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

/// Keeps the first value of an object that has the right length.
fn first<const N: usize, T>(kept: &mut Option<T>, value: &[u8], read: impl FnOnce([u8; N]) -> T) {
    if kept.is_none() {
        *kept = value.try_into().ok().map(read);
    }
}

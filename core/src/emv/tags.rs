//! Tags that the card reads or writes (EMV Book 3 Annex A; C-2 kernel data dictionary).

use crate::tlv::Tag;

/// Application Identifier.
pub const AID: Tag = Tag::new(0x4F);
/// Track 2 Equivalent Data.
pub const TRACK_2_EQUIVALENT: Tag = Tag::new(0x57);
/// Application Primary Account Number.
pub const PAN: Tag = Tag::new(0x5A);
/// File Control Information Template.
pub const FCI: Tag = Tag::new(0x6F);
/// READ RECORD Response Message Template.
pub const RECORD: Tag = Tag::new(0x70);
/// Response Message Template Format 2.
pub const RESPONSE: Tag = Tag::new(0x77);
/// Application Interchange Profile.
pub const AIP: Tag = Tag::new(0x82);
/// Command Template.
pub const COMMAND: Tag = Tag::new(0x83);
/// Dedicated File Name.
pub const DF_NAME: Tag = Tag::new(0x84);
/// Card Risk Management Data Object List 1.
pub const CDOL1: Tag = Tag::new(0x8C);
/// Application File Locator.
pub const AFL: Tag = Tag::new(0x94);
/// Terminal Verification Results.
pub const TVR: Tag = Tag::new(0x95);
/// Transaction Date.
pub const TRANSACTION_DATE: Tag = Tag::new(0x9A);
/// Transaction Type.
pub const TRANSACTION_TYPE: Tag = Tag::new(0x9C);
/// FCI Proprietary Template.
pub const FCI_PROPRIETARY: Tag = Tag::new(0xA5);
/// Transaction Currency Code.
pub const TRANSACTION_CURRENCY: Tag = Tag::new(0x5F2A);
/// Amount, Authorised (Numeric).
pub const AMOUNT_AUTHORISED: Tag = Tag::new(0x9F02);
/// Amount, Other (Numeric).
pub const AMOUNT_OTHER: Tag = Tag::new(0x9F03);
/// Issuer Application Data.
pub const ISSUER_APPLICATION_DATA: Tag = Tag::new(0x9F10);
/// Merchant Category Code.
pub const MERCHANT_CATEGORY_CODE: Tag = Tag::new(0x9F15);
/// Terminal Country Code.
pub const TERMINAL_COUNTRY: Tag = Tag::new(0x9F1A);
/// Terminal Risk Management Data.
pub const TERMINAL_RISK_MANAGEMENT: Tag = Tag::new(0x9F1D);
/// Application Cryptogram.
pub const APPLICATION_CRYPTOGRAM: Tag = Tag::new(0x9F26);
/// Cryptogram Information Data.
pub const CRYPTOGRAM_INFORMATION: Tag = Tag::new(0x9F27);
/// Terminal Capabilities.
pub const TERMINAL_CAPABILITIES: Tag = Tag::new(0x9F33);
/// Cardholder Verification Method Results.
pub const CVM_RESULTS: Tag = Tag::new(0x9F34);
/// Terminal Type.
pub const TERMINAL_TYPE: Tag = Tag::new(0x9F35);
/// Application Transaction Counter.
pub const ATC: Tag = Tag::new(0x9F36);
/// Unpredictable Number.
pub const UNPREDICTABLE_NUMBER: Tag = Tag::new(0x9F37);
/// Processing Options Data Object List.
pub const PDOL: Tag = Tag::new(0x9F38);
/// Application Currency Code.
pub const APPLICATION_CURRENCY: Tag = Tag::new(0x9F42);
/// Data Authentication Code.
pub const DATA_AUTHENTICATION_CODE: Tag = Tag::new(0x9F45);
/// Signed Dynamic Application Data.
pub const SIGNED_DYNAMIC_DATA: Tag = Tag::new(0x9F4B);
/// ICC Dynamic Number.
pub const ICC_DYNAMIC_NUMBER: Tag = Tag::new(0x9F4C);
/// Merchant Name and Location.
pub const MERCHANT_NAME: Tag = Tag::new(0x9F4E);
/// CVC3 of track 1.
pub const CVC3_TRACK_1: Tag = Tag::new(0x9F60);
/// CVC3 of track 2.
pub const CVC3_TRACK_2: Tag = Tag::new(0x9F61);
/// UDOL.
pub const UDOL: Tag = Tag::new(0x9F69);
/// Unpredictable Number (Numeric), of mag-stripe mode.
pub const UNPREDICTABLE_NUMBER_NUMERIC: Tag = Tag::new(0x9F6A);
/// Mobile Support Indicator.
pub const MOBILE_SUPPORT_INDICATOR: Tag = Tag::new(0x9F7E);
/// FCI Issuer Discretionary Data.
pub const FCI_ISSUER_DISCRETIONARY: Tag = Tag::new(0xBF0C);
/// POS Cardholder Interaction Information.
pub const POSCII: Tag = Tag::new(0xDF4B);

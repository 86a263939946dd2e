//! The data objects of EMV and Mastercard that a contactless tap meets, in one table.
//!
//! EMV Book 3, annex A; EMV Contactless Book C-2, annex A.

/// What a terminal knows about a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The tag.
    pub tag: u32,
    /// The name in the specifications.
    pub name: &'static str,
    /// How values are padded and cut.
    pub format: Format,
    /// Who may set it.
    pub source: Source,
    /// How its value reads.
    pub reading: Reading,
}

/// Data element formats (EMV Book 3, section 4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// n: numeric, right-justified, padded with leading zeros.
    N,
    /// cn: compressed numeric, left-justified, padded with trailing F.
    Cn,
    /// a, an, ans: text, padded with trailing zeros.
    An,
    /// b: binary.
    B,
}

/// Who sets a data object. A card that sends a terminal's object is refused (Book C-2, section 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The card sends it.
    Card,
    /// The terminal holds it.
    Terminal,
}

/// How a value is explained in a timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each names the data object it explains")]
pub enum Reading {
    Plain,
    Text,
    Name,
    Track1,
    Track2,
    Pan,
    Date,
    Country,
    Currency,
    Aip,
    Afl,
    Dol,
    TagList,
    CvmList,
    Tvr,
    Cid,
    CvmResults,
    TerminalType,
    TransactionType,
    MerchantCategory,
    RiskManagement,
    Capabilities,
    UsageControl,
    ApplicationData,
    Amount,
    Counter,
    Kernel,
    MobileSupport,
    Poscii,
}

/// What is known about a tag.
pub fn entry(tag: u32) -> Option<&'static Entry> {
    ENTRIES.binary_search_by_key(&tag, |entry| entry.tag).ok().and_then(|place| ENTRIES.get(place))
}

/// The name of a tag, or that there is none.
pub fn name(tag: u32) -> &'static str {
    entry(tag).map_or("(unknown tag)", |entry| entry.name)
}

const fn row(tag: u32, name: &'static str, format: Format, source: Source, reading: Reading) -> Entry {
    Entry { tag, name, format, source, reading }
}

/// Every known data object, by tag.
pub const ENTRIES: &[Entry] = &[
    row(0x42, "Issuer identification number", Format::N, Source::Card, Reading::Plain),
    row(0x4F, "Application identifier", Format::B, Source::Card, Reading::Plain),
    row(0x50, "Application label", Format::An, Source::Card, Reading::Text),
    row(0x56, "Track 1 data", Format::B, Source::Card, Reading::Track1),
    row(0x57, "Track 2 equivalent data", Format::B, Source::Card, Reading::Track2),
    row(0x5A, "Application PAN", Format::Cn, Source::Card, Reading::Pan),
    row(0x61, "Application template", Format::B, Source::Card, Reading::Plain),
    row(0x6F, "File control information template", Format::B, Source::Card, Reading::Plain),
    row(0x70, "Record template", Format::B, Source::Card, Reading::Plain),
    row(0x77, "Response message template format 2", Format::B, Source::Card, Reading::Plain),
    row(0x80, "Response message template format 1", Format::B, Source::Card, Reading::Plain),
    row(0x82, "Application interchange profile", Format::B, Source::Card, Reading::Aip),
    row(0x83, "Command template", Format::B, Source::Terminal, Reading::Plain),
    row(0x84, "Dedicated file name", Format::B, Source::Card, Reading::Name),
    row(0x87, "Application priority indicator", Format::B, Source::Card, Reading::Plain),
    row(0x8A, "Authorisation response code", Format::An, Source::Terminal, Reading::Plain),
    row(0x8C, "CDOL1", Format::B, Source::Card, Reading::Dol),
    row(0x8D, "CDOL2", Format::B, Source::Card, Reading::Dol),
    row(0x8E, "CVM list", Format::B, Source::Card, Reading::CvmList),
    row(0x8F, "CA public key index", Format::B, Source::Card, Reading::Plain),
    row(0x90, "Issuer public key certificate", Format::B, Source::Card, Reading::Plain),
    row(0x91, "Issuer authentication data", Format::B, Source::Terminal, Reading::Plain),
    row(0x92, "Issuer public key remainder", Format::B, Source::Card, Reading::Plain),
    row(0x94, "Application file locator", Format::B, Source::Card, Reading::Afl),
    row(0x95, "Terminal verification results", Format::B, Source::Terminal, Reading::Tvr),
    row(0x9A, "Transaction date", Format::N, Source::Terminal, Reading::Date),
    row(0x9B, "Transaction status information", Format::B, Source::Terminal, Reading::Plain),
    row(0x9C, "Transaction type", Format::N, Source::Terminal, Reading::TransactionType),
    row(0xA5, "FCI proprietary template", Format::B, Source::Card, Reading::Plain),
    row(0x5F20, "Cardholder name", Format::An, Source::Card, Reading::Text),
    row(0x5F24, "Application expiration date", Format::N, Source::Card, Reading::Date),
    row(0x5F25, "Application effective date", Format::N, Source::Card, Reading::Date),
    row(0x5F28, "Issuer country code", Format::N, Source::Card, Reading::Country),
    row(0x5F2A, "Transaction currency code", Format::N, Source::Terminal, Reading::Currency),
    row(0x5F2D, "Language preference", Format::An, Source::Card, Reading::Text),
    row(0x5F30, "Service code", Format::N, Source::Card, Reading::Plain),
    row(0x5F34, "Application PAN sequence number", Format::N, Source::Card, Reading::Plain),
    row(0x5F36, "Transaction currency exponent", Format::N, Source::Terminal, Reading::Plain),
    row(0x5F50, "Issuer URL", Format::An, Source::Card, Reading::Text),
    row(0x5F55, "Issuer country code (alpha 2)", Format::An, Source::Card, Reading::Text),
    row(0x9F02, "Amount, authorised", Format::N, Source::Terminal, Reading::Amount),
    row(0x9F03, "Amount, other", Format::N, Source::Terminal, Reading::Amount),
    row(0x9F06, "Application identifier (terminal)", Format::B, Source::Terminal, Reading::Plain),
    row(0x9F07, "Application usage control", Format::B, Source::Card, Reading::UsageControl),
    row(0x9F08, "Application version number (card)", Format::B, Source::Card, Reading::Plain),
    row(0x9F09, "Application version number (terminal)", Format::B, Source::Terminal, Reading::Plain),
    row(0x9F0D, "Issuer action code - default", Format::B, Source::Card, Reading::Tvr),
    row(0x9F0E, "Issuer action code - denial", Format::B, Source::Card, Reading::Tvr),
    row(0x9F0F, "Issuer action code - online", Format::B, Source::Card, Reading::Tvr),
    row(0x9F10, "Issuer application data", Format::B, Source::Card, Reading::ApplicationData),
    row(0x9F11, "Issuer code table index", Format::N, Source::Card, Reading::Plain),
    row(0x9F12, "Application preferred name", Format::An, Source::Card, Reading::Text),
    row(0x9F15, "Merchant category code", Format::N, Source::Terminal, Reading::MerchantCategory),
    row(0x9F16, "Merchant identifier", Format::An, Source::Terminal, Reading::Text),
    row(0x9F1A, "Terminal country code", Format::N, Source::Terminal, Reading::Country),
    row(0x9F1C, "Terminal identification", Format::An, Source::Terminal, Reading::Text),
    row(0x9F1D, "Terminal risk management data", Format::B, Source::Terminal, Reading::RiskManagement),
    row(0x9F1E, "Interface device serial number", Format::An, Source::Terminal, Reading::Text),
    row(0x9F21, "Transaction time", Format::N, Source::Terminal, Reading::Plain),
    row(0x9F26, "Application cryptogram", Format::B, Source::Card, Reading::Plain),
    row(0x9F27, "Cryptogram information data", Format::B, Source::Card, Reading::Cid),
    row(0x9F2A, "Kernel identifier", Format::B, Source::Card, Reading::Kernel),
    row(0x9F32, "Issuer public key exponent", Format::B, Source::Card, Reading::Plain),
    row(0x9F33, "Terminal capabilities", Format::B, Source::Terminal, Reading::Capabilities),
    row(0x9F34, "CVM results", Format::B, Source::Terminal, Reading::CvmResults),
    row(0x9F35, "Terminal type", Format::N, Source::Terminal, Reading::TerminalType),
    row(0x9F36, "Application transaction counter", Format::B, Source::Card, Reading::Counter),
    row(0x9F37, "Unpredictable number", Format::B, Source::Terminal, Reading::Plain),
    row(0x9F38, "PDOL", Format::B, Source::Card, Reading::Dol),
    row(0x9F40, "Additional terminal capabilities", Format::B, Source::Terminal, Reading::Plain),
    row(0x9F42, "Application currency code", Format::N, Source::Card, Reading::Currency),
    row(0x9F45, "Data authentication code", Format::B, Source::Card, Reading::Plain),
    row(0x9F46, "ICC public key certificate", Format::B, Source::Card, Reading::Plain),
    row(0x9F47, "ICC public key exponent", Format::B, Source::Card, Reading::Plain),
    row(0x9F48, "ICC public key remainder", Format::B, Source::Card, Reading::Plain),
    row(0x9F4A, "Static data authentication tag list", Format::B, Source::Card, Reading::TagList),
    row(0x9F4B, "Signed dynamic application data", Format::B, Source::Card, Reading::Plain),
    row(0x9F4C, "ICC dynamic number", Format::B, Source::Card, Reading::Plain),
    row(0x9F4D, "Log entry", Format::B, Source::Card, Reading::Plain),
    row(0x9F4E, "Merchant name and location", Format::An, Source::Terminal, Reading::Text),
    row(0x9F53, "Transaction category code", Format::An, Source::Terminal, Reading::Plain),
    row(0x9F60, "CVC3 (track 1)", Format::B, Source::Card, Reading::Counter),
    row(0x9F61, "CVC3 (track 2)", Format::B, Source::Card, Reading::Counter),
    row(0x9F62, "PCVC3 (track 1)", Format::B, Source::Card, Reading::Plain),
    row(0x9F63, "PUNATC (track 1)", Format::B, Source::Card, Reading::Plain),
    row(0x9F64, "NATC (track 1)", Format::B, Source::Card, Reading::Plain),
    row(0x9F65, "PCVC3 (track 2)", Format::B, Source::Card, Reading::Plain),
    row(0x9F66, "PUNATC (track 2)", Format::B, Source::Card, Reading::Plain),
    row(0x9F67, "NATC (track 2)", Format::B, Source::Card, Reading::Plain),
    row(0x9F69, "UDOL", Format::B, Source::Card, Reading::Dol),
    row(0x9F6A, "Unpredictable number (numeric)", Format::N, Source::Terminal, Reading::Plain),
    row(0x9F6B, "Track 2 data", Format::B, Source::Card, Reading::Track2),
    row(0x9F6C, "Mag-stripe application version number (card)", Format::B, Source::Card, Reading::Plain),
    row(0x9F6D, "Mag-stripe application version number (reader)", Format::B, Source::Terminal, Reading::Plain),
    row(0x9F6E, "Third party data", Format::B, Source::Card, Reading::Plain),
    row(0x9F7E, "Mobile support indicator", Format::B, Source::Terminal, Reading::MobileSupport),
    row(0xBF0C, "FCI issuer discretionary data", Format::B, Source::Card, Reading::Plain),
    row(0xDF4B, "POS cardholder interaction information", Format::B, Source::Card, Reading::Poscii),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_of_tags() {
        assert!(ENTRIES.windows(2).all(|pair| pair[0].tag < pair[1].tag));
        assert_eq!(name(0x9F26), "Application cryptogram");
        assert_eq!(name(0xC1), "(unknown tag)");
    }
}

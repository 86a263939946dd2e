/// Cardholder Verification Method Results (9F34; EMV Book 4 Annex A4): method, condition, result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CvmResults([u8; 3]);

impl CvmResults {
    /// The results of these three bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 3]) -> Self {
        Self(bytes)
    }

    /// The three bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 3] {
        self.0
    }

    /// The method without the bit that says "go on if it fails" (EMV Book 3 Annex C3).
    #[must_use]
    pub const fn method(self) -> u8 {
        let Self([method, _, _]) = self;
        method & 0x3F
    }

    /// No CVM, and not failed: the terminal asks nobody to prove anything.
    #[must_use]
    pub const fn is_no_cvm(self) -> bool {
        let Self([_, _, result]) = self;
        matches!(self.method(), 0x1F | 0x3F) && matches!(result, Self::UNKNOWN | Self::SUCCESSFUL)
    }

    /// The terminal leaves the verification to the device: plaintext or enciphered PIN by the card, successful.
    #[must_use]
    pub const fn requests_cdcvm(self) -> bool {
        let Self([_, _, result]) = self;
        matches!(self.method(), 0x01 | 0x04) && result == Self::SUCCESSFUL
    }

    const UNKNOWN: u8 = 0x00;
    const SUCCESSFUL: u8 = 0x02;
}

/// Terminal Capabilities (9F33; EMV Book 4 Annex A2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TerminalCapabilities([u8; 3]);

impl TerminalCapabilities {
    /// The capabilities of these three bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 3]) -> Self {
        Self(bytes)
    }

    /// The terminal offers "no CVM" for this transaction and nothing else.
    #[must_use]
    pub const fn offers_only_no_cvm(self) -> bool {
        let Self([_, cvm, _]) = self;
        cvm == 0x08
    }
}

/// Terminal Risk Management Data (9F1D; C-2 kernel).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TerminalRiskManagementData([u8; 8]);

impl TerminalRiskManagementData {
    /// The data of these eight bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// The terminal accepts verification on the device (byte 1 bit 3).
    #[must_use]
    pub const fn supports_cdcvm(self) -> bool {
        let Self([first, ..]) = self;
        first & 0x04 != 0
    }

    /// Nothing is said at all.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        u64::from_be_bytes(self.0) == 0
    }
}

/// Terminal Type (9F35; EMV Book 4 Annex A1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TerminalType(u8);

impl TerminalType {
    /// The type with this number.
    #[must_use]
    pub const fn new(number: u8) -> Self {
        Self(number)
    }

    /// The terminal can never go online, so a cloud card can never pay there.
    #[must_use]
    pub const fn is_offline_only(self) -> bool {
        matches!(self.0 & 0x0F, 3 | 6)
    }
}

use super::Cvr;

/// Issuer Application Data (9F10), 18 bytes: key index, cryptogram version, CVR, and five bytes of the MD cryptogram.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IssuerApplicationData([u8; 18]);

impl IssuerApplicationData {
    /// The profile's template of 18 bytes.
    #[must_use]
    pub const fn new(template: [u8; 18]) -> Self {
        Self(template)
    }

    /// The two bits of the template that go into byte 2 of the CVR.
    #[must_use]
    pub const fn issuer_discretionary(&self) -> u8 {
        let [_, _, _, bits, ..] = self.0;
        bits & 0x03
    }

    /// The template filled for one answer: `dynamic` is 9F45, or the start of 9F4C where the terminal sent one.
    #[must_use]
    pub fn filled(&self, cvr: Cvr, dynamic: [u8; 2], md_cryptogram: [u8; 8]) -> Self {
        let [index, version, _, _, _, _, _, _, _, _, filler, _, _, _, _, _, tail @ ..] = self.0;
        let [v0, v1, v2, v3, v4, v5] = cvr.to_bytes();
        let [m0, m1, m2, m3, m4, ..] = md_cryptogram;
        let [d0, d1] = dynamic;
        let [t0, t1] = tail;
        Self([index, version, v0, v1, v2, v3, v4, v5, d0, d1, filler, m0, m1, m2, m3, m4, t0, t1])
    }

    /// The 18 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 18] {
        &self.0
    }
}

//! Dynamic track data of mag-stripe mode (Book C-2, section 3.4: PCVC3, PUNATC, NATC).

/// How the dynamic digits go into track 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement {
    /// 9F65: positions of CVC3 digits; bit 1 is the last discretionary digit.
    pub pcvc3: u16,
    /// 9F66: positions of digits of the unpredictable number, and left of them of the counter.
    pub punatc: u16,
    /// 9F67: how many of those belong to the counter.
    pub natc: u8,
}

/// What the card computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checksum {
    /// 9F61.
    pub cvc3: u16,
    /// 9F36.
    pub atc: u16,
    /// Whether DF4B says that the cardholder was verified.
    pub verified: bool,
}

/// Track 2 in digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track2 {
    /// Before the separator.
    pub pan: String,
    /// Expiry (YYMM) and service code.
    pub fixed: String,
    /// What the issuer may use.
    pub discretionary: String,
}

/// Why digits cannot be placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TrackFault {
    /// Not digits, `D`, digits, padding.
    #[error("track 2 data cannot be read")]
    Unreadable,
    /// A position outside the discretionary data.
    #[error("a dynamic digit lies outside track 2")]
    Position,
    /// More counter digits than positions, or more than 8 for the unpredictable number.
    #[error("NATC and PUNATC do not fit together")]
    Counts,
}

impl Placement {
    /// Digits of the unpredictable number (nUN).
    pub fn unpredictable_digits(&self) -> Result<u8, TrackFault> {
        let positions = u8::try_from(self.punatc.count_ones()).ok();
        let digits = positions.and_then(|positions| positions.checked_sub(self.natc));
        digits.filter(|digits| *digits <= 8).ok_or(TrackFault::Counts)
    }

    /// 9F6A: the last nUN hex digits of a number, each modulo 10, the others zero.
    pub fn unpredictable_number(&self, random: [u8; 4]) -> Result<[u8; 4], TrackFault> {
        let digits = u32::from(self.unpredictable_digits()?);
        let random = u32::from_be_bytes(random);
        let digit = |place: u32| (random >> (4 * place) & 0x0F) % 10;
        let number = (0..digits).map(|place| digit(place) << (4 * place)).sum::<u32>();
        Ok(number.to_be_bytes())
    }
}

impl Track2 {
    /// Reads 9F6B or 57.
    pub fn parse(bytes: &[u8]) -> Result<Self, TrackFault> {
        let digits = hex::encode_upper(bytes);
        let digits = digits.trim_end_matches('F');
        let (pan, rest) = digits.split_once('D').ok_or(TrackFault::Unreadable)?;
        let (fixed, discretionary) = rest.split_at_checked(EXPIRY_AND_SERVICE).ok_or(TrackFault::Unreadable)?;
        let readable = |part: &str| part.bytes().all(|digit| digit.is_ascii_digit());
        if pan.is_empty() || pan.len() > 19 || !readable(pan) || !readable(rest) {
            return Err(TrackFault::Unreadable);
        }
        Ok(Self { pan: pan.to_owned(), fixed: fixed.to_owned(), discretionary: discretionary.to_owned() })
    }

    /// Puts CVC3, counter and unpredictable number in their places, and says in the last digit how many of the
    /// latter there are (plus 5 when the cardholder was verified).
    pub fn fill(
        &mut self,
        placement: Placement,
        checksum: Checksum,
        unpredictable_number: [u8; 4],
    ) -> Result<(), TrackFault> {
        let count = placement.unpredictable_digits()?;
        let mut digits: Vec<u8> = self.discretionary.bytes().rev().collect();
        put(&mut digits, &positions(placement.pcvc3), &decimal(checksum.cvc3))?;
        let shared = positions(placement.punatc);
        let (of_number, of_counter) = shared.split_at_checked(usize::from(count)).ok_or(TrackFault::Counts)?;
        put(&mut digits, of_number, &hex::encode(unpredictable_number))?;
        put(&mut digits, of_counter, &decimal(checksum.atc))?;
        let verified = if checksum.verified { 5 } else { 0 };
        *digits.first_mut().ok_or(TrackFault::Position)? = b'0' + (count + verified) % 10;
        self.discretionary = digits.into_iter().rev().map(char::from).collect();
        Ok(())
    }
}

impl std::fmt::Display for Track2 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}D{}{}", self.pan, self.fixed, self.discretionary)
    }
}

fn positions(map: u16) -> Vec<usize> {
    (0..16).filter(|place| map >> place & 1 == 1).collect()
}

fn decimal(number: u16) -> String {
    format!("{number:08}")
}

// The last digit goes to the rightmost position.
fn put(digits: &mut [u8], positions: &[usize], number: &str) -> Result<(), TrackFault> {
    for (position, digit) in positions.iter().zip(number.bytes().rev().chain(std::iter::repeat(b'0'))) {
        *digits.get_mut(*position).ok_or(TrackFault::Position)? = digit;
    }
    Ok(())
}

/// Expiry date and service code (ISO 7813).
const EXPIRY_AND_SERVICE: usize = 7;

#[cfg(test)]
mod tests {
    use super::*;

    const TRACK: &str = "5413330000000019D30122010000000000000F";

    fn filled(placement: Placement, checksum: Checksum, number: [u8; 4]) -> Result<String, TrackFault> {
        let mut track = Track2::parse(&hex::decode(TRACK).unwrap())?;
        track.fill(placement, checksum, number)?;
        Ok(track.discretionary)
    }

    const PLACEMENT: Placement = Placement { pcvc3: 0x00F0, punatc: 0x0F0E, natc: 4 };

    #[test]
    fn the_reference_vector_fills_0_3088_7345_765_8() {
        let verified = Checksum { cvc3: 0x1CB1, atc: 0x0C10, verified: true };
        assert_eq!(filled(PLACEMENT, verified, [0, 0, 0x07, 0x65]).unwrap(), "0308873457658");
        let unverified = Checksum { verified: false, ..verified };
        assert_eq!(filled(PLACEMENT, unverified, [0, 0, 0x07, 0x65]).unwrap(), "0308873457653");
        let small = Checksum { cvc3: 0x0379, atc: 0x0350, verified: false };
        assert_eq!(filled(PLACEMENT, small, [0, 0, 0x09, 0x99]).unwrap(), "0084808899993");
    }

    #[test]
    fn a_random_number_becomes_as_many_digits_as_there_is_room_for() {
        assert_eq!(PLACEMENT.unpredictable_number([0, 0, 0x07, 0x65]), Ok([0, 0, 0x07, 0x65]));
        assert_eq!(PLACEMENT.unpredictable_number([0x12, 0x34, 0xAB, 0xCD]), Ok([0, 0, 0x01, 0x23]));
        let none = Placement { natc: 7, ..PLACEMENT };
        assert_eq!(none.unpredictable_number([0xFF; 4]), Ok([0; 4]));
    }

    #[test]
    fn digits_that_do_not_fit_are_refused() {
        let checksum = Checksum { cvc3: 1, atc: 1, verified: false };
        let number = [0; 4];
        assert_eq!(filled(Placement { natc: 8, ..PLACEMENT }, checksum, number), Err(TrackFault::Counts));
        assert_eq!(filled(Placement { pcvc3: 0x8000, ..PLACEMENT }, checksum, number), Err(TrackFault::Position));
        for track in ["", "5413", "D30122010", "5413D3012", "54A3D30122010000"] {
            let parsed = Track2::parse(&hex::decode(format!("{track:F<20}")).unwrap());
            assert_eq!(parsed, Err(TrackFault::Unreadable), "{track}");
        }
    }
}

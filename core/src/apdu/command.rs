use super::StatusWord;

/// A command APDU, borrowed from the bytes of the reader.
///
/// Only the four header bytes are taken apart at once: a card judges INS, CLA and P1 P2 before it looks at lengths,
/// so a malformed [`Body`] must not hide them.
///
/// ```
/// use bezant::apdu::Command;
/// let command = Command::parse(&[0x00, 0xA4, 0x04, 0x00, 0x02, 0x3F, 0x00])?;
/// assert_eq!(command.ins, 0xA4);
/// assert_eq!(command.data(), Ok(&[0x3F, 0x00][..]));
/// # Ok::<(), bezant::apdu::StatusWord>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Command<'a> {
    /// Class byte.
    pub cla: u8,
    /// Instruction byte.
    pub ins: u8,
    /// First parameter.
    pub p1: u8,
    /// Second parameter.
    pub p2: u8,
    /// What follows the header.
    pub body: Body<'a>,
}

/// The part of a command behind the header (ISO/IEC 7816-3 section 12.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Body<'a> {
    /// Case 1: nothing.
    Empty,
    /// Case 2: Le alone, 00 meaning 256.
    Expects(u8),
    /// Case 3: Lc and data.
    Data(&'a [u8]),
    /// Case 4: Lc, data and Le.
    DataExpects(&'a [u8], u8),
    /// Lc does not agree with the bytes that came, or an extended length was tried.
    Malformed,
}

impl<'a> Command<'a> {
    /// Takes a command apart.
    ///
    /// # Errors
    /// [`StatusWord::WRONG_LENGTH`] when fewer than the four header bytes are there.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, StatusWord> {
        let (&[cla, ins, p1, p2], rest) = bytes.split_first_chunk::<4>().ok_or(StatusWord::WRONG_LENGTH)?;
        Ok(Self { cla, ins, p1, p2, body: Body::parse(rest) })
    }

    /// The data of a command that must bring some; Le is missing or 00.
    ///
    /// # Errors
    /// [`StatusWord::WRONG_LENGTH`] without data, with lengths that disagree, or with another Le.
    pub fn data(&self) -> Result<&'a [u8], StatusWord> {
        match self.body {
            Body::Data(data) | Body::DataExpects(data, 0) => Ok(data),
            _ => Err(StatusWord::WRONG_LENGTH),
        }
    }

    /// Makes sure that a command that brings no data brings none; Le is missing or 00.
    ///
    /// # Errors
    /// [`StatusWord::WRONG_LENGTH`] otherwise.
    pub fn no_data(&self) -> Result<(), StatusWord> {
        match self.body {
            Body::Empty | Body::Expects(0) => Ok(()),
            _ => Err(StatusWord::WRONG_LENGTH),
        }
    }
}

impl<'a> Body<'a> {
    fn parse(bytes: &'a [u8]) -> Self {
        match bytes {
            [] => Self::Empty,
            [le] => Self::Expects(*le),
            [0, ..] => Self::Malformed,
            [lc, rest @ ..] => match rest.split_at_checked(usize::from(*lc)) {
                Some((data, [])) => Self::Data(data),
                Some((data, [le])) => Self::DataExpects(data, *le),
                _ => Self::Malformed,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_cases_of_a_short_command_are_told_apart() {
        let body = |bytes: &'static [u8]| Command::parse(bytes).unwrap().body;
        assert_eq!(body(&[0, 1, 2, 3]), Body::Empty);
        assert_eq!(body(&[0, 1, 2, 3, 0]), Body::Expects(0));
        assert_eq!(body(&[0, 1, 2, 3, 2, 9, 9]), Body::Data(&[9, 9]));
        assert_eq!(body(&[0, 1, 2, 3, 2, 9, 9, 7]), Body::DataExpects(&[9, 9], 7));
        assert_eq!(body(&[0, 1, 2, 3, 3, 9, 9]), Body::Malformed);
        assert_eq!(body(&[0, 1, 2, 3, 1, 9, 9, 9]), Body::Malformed);
        assert_eq!(body(&[0, 1, 2, 3, 0, 0, 1, 9]), Body::Malformed, "extended lengths are not spoken here");
    }

    #[test]
    fn fewer_than_four_bytes_are_a_wrong_length() {
        for bytes in [&[][..], &[0], &[0, 0xA4], &[0, 0xA4, 4]] {
            assert_eq!(Command::parse(bytes), Err(StatusWord::WRONG_LENGTH));
        }
    }

    #[test]
    fn le_is_missing_or_zero() {
        let command = |bytes: &'static [u8]| Command::parse(bytes).unwrap();
        assert_eq!(command(&[0, 1, 2, 3]).no_data(), Ok(()));
        assert_eq!(command(&[0, 1, 2, 3, 0]).no_data(), Ok(()));
        assert_eq!(command(&[0, 1, 2, 3, 5]).no_data(), Err(StatusWord::WRONG_LENGTH));
        assert_eq!(command(&[0, 1, 2, 3, 1, 9, 0]).data(), Ok(&[9][..]));
        assert_eq!(command(&[0, 1, 2, 3, 1, 9]).data(), Ok(&[9][..]));
        assert_eq!(command(&[0, 1, 2, 3, 1, 9, 1]).data(), Err(StatusWord::WRONG_LENGTH));
    }
}

use super::application::{CardApplication, Handled, State};
use crate::apdu::{Reply, StatusWord};

impl CardApplication {
    /// SELECT by name: the PPSE, the primary or the alternate application; exact names only.
    pub(super) fn select(&mut self, name: &[u8], reply: &mut Reply) -> Handled {
        let profile = &self.card.profile;
        let is = |aid: &crate::emv::Aid| aid.as_bytes() == name;
        let (state, fci) = if name == PPSE {
            (State::NotSelected, &profile.ppse_fci)
        } else if is(&profile.primary.aid) {
            (State::Selected { alternate: false }, &profile.primary.fci)
        } else if let Some(alternate) = profile.alternate.as_ref().filter(|alternate| is(&alternate.aid)) {
            (State::Selected { alternate: true }, &alternate.fci)
        } else {
            self.state = State::NotSelected;
            return Handled::refused(reply, StatusWord::FILE_NOT_FOUND);
        };
        match reply.accept(&[fci]) {
            Ok(()) => {
                self.state = state;
                Handled::Responded
            }
            Err(_) => self.abort(super::Abort::Internal, reply),
        }
    }
}

/// Proximity Payment System Environment (EMV Book B section 3.3.1).
pub(super) const PPSE: &[u8] = b"2PAY.SYS.DDF01";

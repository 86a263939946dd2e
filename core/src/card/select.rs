use super::application::{CardApplication, Handled, State};
use crate::apdu::{Reply, StatusWord};
use crate::emv::Aid;

impl CardApplication {
    /// SELECT by name: the PPSE, the primary or the alternate application; exact names only.
    pub(super) fn select(&mut self, name: &[u8], reply: &mut Reply) -> Handled {
        let profile = &self.card.profile;
        let is = |aid: &Aid| aid.as_bytes() == name;
        let (state, fci) = if name == Aid::PPSE {
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

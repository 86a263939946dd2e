use super::Session;
use crate::answer::{Failure, Fields};
use crate::reader::{Atr, Reader};
use crate::request::CardInsert;
use crate::told::{Told, outcome_name};

impl Session {
    pub(crate) fn in_reader(mut reader: Reader) -> Self {
        let mut session = Self::default();
        if let Err(failure) = reader.insert(None, &session.app) {
            session.app.tell(Told::ReaderGone { detail: failure.detail().into() });
        }
        session.reader = Some(reader);
        session
    }

    pub(super) fn card_insert(&mut self, request: &CardInsert) -> Result<Fields, Failure> {
        let reader = self.reader.as_mut().ok_or_else(no_reader)?;
        let atr = request.atr.as_deref().map(str::parse::<Atr>).transpose();
        let atr = atr.map_err(|wants| Failure::invalid_request(format!("atr: {wants}")))?;
        reader.insert(atr, &self.app)?;
        Ok(Fields::default())
    }

    pub(super) fn card_remove(&mut self) -> Result<Fields, Failure> {
        let outcome = self.reader.as_mut().ok_or_else(no_reader)?.remove()?;
        Ok(Fields { outcome: Some(outcome.map(outcome_name)), ..Fields::default() })
    }
}

fn no_reader() -> Failure {
    Failure::new("NO_READER", "the driver was started without --vpcd HOST:PORT")
}

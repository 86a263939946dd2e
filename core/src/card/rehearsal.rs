use super::application::{CardApplication, Handled};
use super::instruction::AcRequest;
use super::issue::Card;
use super::verdict::Asked;
use crate::apdu::{Reply, StatusWord};
use crate::emv::tags;
use crate::tlv::{Dol, Tag};
use std::sync::Arc;

/// A tap that is only imagined: what a terminal would say, without one.
#[derive(Clone, Debug, Default)]
pub struct Rehearsal {
    /// The terminal's data objects; what the card asks for and is not here comes as zeros (EMV Book 3 section 5.4).
    pub objects: Vec<(Tag, Vec<u8>)>,
    /// Whether it speaks mag-stripe mode: COMPUTE CRYPTOGRAPHIC CHECKSUM instead of GENERATE AC.
    pub mag_stripe: bool,
    /// Which cryptogram it asks for.
    pub request: AcRequest,
}

impl Rehearsal {
    /// Takes a card to its question, on a session of its own that no other tap sees; the application that was asked
    /// comes with it.
    ///
    /// # Errors
    /// The status word that ends it before.
    pub fn play(&self, card: &Arc<Card>) -> Result<(CardApplication, Asked), StatusWord> {
        let mut application = CardApplication::new(card.clone());
        let primary = card.application(false);
        let select = command([0x00, 0xA4, 0x04, 0x00], primary.aid.as_bytes())?;
        respond(&mut application, &select)?;
        let values = self.fill(&primary.pdol)?;
        let length = u8::try_from(values.len()).map_err(|_| StatusWord::WRONG_LENGTH)?;
        let header: &[u8] = if length < 0x80 { &[0x83, length] } else { &[0x83, 0x81, length] };
        let options = command([0x80, 0xA8, 0x00, 0x00], &[header, &values].concat())?;
        respond(&mut application, &options)?;
        let question = if self.mag_stripe {
            command([0x80, 0x2A, 0x8E, 0x80], &self.fill(&card.udol)?)?
        } else {
            let cdol1 = primary.m_chip.as_ref().map(|m_chip| m_chip.cdol1.as_slice()).unwrap_or_default();
            command([0x80, 0xAE, self.request.p1(), 0x00], &self.fill(cdol1)?)?
        };
        let mut reply = Reply::new();
        match application.handle(&question, &mut reply) {
            Handled::Ask(asked) => Ok((application, asked)),
            Handled::Aborted(_) | Handled::Responded => Err(reply.status()),
        }
    }

    /// The values that a list asks for. What is shorter or longer than that is filled or cut in front where it is numeric,
    /// and at its end where it is not.
    fn fill(&self, dol: &[u8]) -> Result<Vec<u8>, StatusWord> {
        let dol = Dol::parse(dol).map_err(|_| StatusWord::INTERNAL)?;
        let mut values = Vec::with_capacity(dol.data_length());
        for entry in dol.entries() {
            let held = self.objects.iter().find(|(tag, _)| *tag == entry.tag);
            let value = held.map(|(_, value)| value.as_slice()).unwrap_or_default();
            let end = values.len() + entry.length;
            if NUMERIC.contains(&entry.tag) {
                let value = value.get(value.len().saturating_sub(entry.length)..).unwrap_or_default();
                values.resize(end - value.len(), 0);
                values.extend_from_slice(value);
            } else {
                values.extend(value.iter().take(entry.length));
                values.resize(end, 0);
            }
        }
        Ok(values)
    }
}

fn command(header: [u8; 4], data: &[u8]) -> Result<Vec<u8>, StatusWord> {
    let length = u8::try_from(data.len()).map_err(|_| StatusWord::WRONG_LENGTH)?;
    Ok([&header[..], &[length], data, &[0x00]].concat())
}

fn respond(application: &mut CardApplication, command: &[u8]) -> Result<(), StatusWord> {
    let mut reply = Reply::new();
    application.handle(command, &mut reply);
    if reply.status() == StatusWord::NORMAL { Ok(()) } else { Err(reply.status()) }
}

/// Format n (EMV Book 3 annex A) among what cards ask for.
const NUMERIC: [Tag; 8] = [
    tags::TRANSACTION_DATE,
    tags::TRANSACTION_TYPE,
    tags::TRANSACTION_CURRENCY,
    tags::AMOUNT_AUTHORISED,
    tags::AMOUNT_OTHER,
    tags::MERCHANT_CATEGORY_CODE,
    tags::TERMINAL_COUNTRY,
    tags::TERMINAL_TYPE,
];

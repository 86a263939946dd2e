//! The answer to GENERATE AC, data object by data object.

use super::application::CardApplication;
use super::verdict::{Abort, Asked};
use crate::apdu::Reply;
use crate::crypto::{
    CryptogramInput, DynamicData, IccPrivateKey, SessionKeys, application_cryptograms, sign_dynamic_data,
};
use crate::emv::{Aip, Cvr, CvrInput, Poscii, TerminalData, tags};
use crate::tlv::{Tag, Writer, WriterFull};

/// Everything that one answer to GENERATE AC is made of.
pub(super) struct Answer<'a> {
    pub(super) card: &'a CardApplication,
    pub(super) asked: &'a Asked,
    pub(super) aip: Aip,
    pub(super) cvr: CvrInput,
    /// Whose UMD key is used: the keys' own or random ones.
    pub(super) umd: &'a SessionKeys,
    pub(super) keys: &'a SessionKeys,
    pub(super) poscii: Option<Poscii>,
    pub(super) alternate: bool,
}

impl Answer<'_> {
    /// Writes template 77 and gives the UMD cryptogram.
    pub(super) fn write(&self, reply: &mut Reply) -> Result<[u8; 8], Abort> {
        let profile = &self.card.card.profile;
        let m_chip = self.card.card.application(self.alternate).m_chip.as_ref().ok_or(Abort::MissingMChipData)?;
        let template = profile.issuer_application_data.ok_or(Abort::MissingMChipData)?;
        let cdol1_data = self.card.question_data.as_slice();

        let cvr = Cvr::compose(&self.cvr).masked(m_chip.cvr_mask);
        let signed_part = cdol1_data.first_chunk().ok_or(Abort::Internal)?;
        let input = CryptogramInput::compose(signed_part, self.aip, self.keys.atc, cvr);
        let (umd, md) = (self.umd.umd.expose_secret(), self.keys.md.expose_secret());
        let [umd_cryptogram, md_cryptogram] = application_cryptograms(umd, md, &input);
        let issuer_data = template.filled(cvr, dynamic_bytes(&self.asked.terminal), md_cryptogram);

        let information = [if self.cvr.arqc { ARQC } else { AAC }];
        let mut signature = [0; IccPrivateKey::MAX_LENGTH];
        let signature = if self.cvr.cda {
            let key = profile.icc_private_key.as_ref().ok_or(Abort::MissingMChipData)?;
            let room = signature.get_mut(..key.modulus_length()).ok_or(Abort::Internal)?;
            let unsigned = self.objects(&information, None, issuer_data.as_bytes()).map_err(|_| Abort::Internal)?;
            let number = self.asked.terminal.unpredictable_number.ok_or(Abort::Internal)?;
            let dynamic = DynamicData {
                idn: self.keys.idn,
                cryptogram_information: information[0],
                application_cryptogram: umd_cryptogram,
                transaction_data: &[self.card.pdol_data.as_slice(), cdol1_data, unsigned.as_slice()],
                unpredictable_number: number,
            };
            sign_dynamic_data(key, &dynamic, room).map_err(|_| Abort::Internal)?;
            Some((tags::SIGNED_DYNAMIC_DATA, &*room))
        } else {
            Some((tags::APPLICATION_CRYPTOGRAM, &umd_cryptogram[..]))
        };
        let body = self.objects(&information, signature, issuer_data.as_bytes()).map_err(|_| Abort::Internal)?;
        respond(body.as_slice(), reply)?;
        Ok(umd_cryptogram)
    }

    /// The data objects of the answer in their order, with the proof (9F26 or 9F4B) in its place.
    fn objects(
        &self,
        information: &[u8; 1],
        proof: Option<(Tag, &[u8])>,
        issuer_data: &[u8; 18],
    ) -> Result<Body, WriterFull> {
        let mut body = Body { bytes: [0; Reply::CAPACITY], length: 0 };
        let mut writer = Writer::new(&mut body.bytes);
        writer.element(tags::CRYPTOGRAM_INFORMATION, information)?;
        writer.element(tags::ATC, &self.keys.atc.to_bytes())?;
        if let Some((tag, value)) = proof {
            writer.element(tag, value)?;
        }
        writer.element(tags::ISSUER_APPLICATION_DATA, issuer_data)?;
        if let Some(poscii) = self.poscii {
            writer.element(tags::POSCII, &poscii.to_bytes())?;
        }
        body.length = writer.written().len();
        Ok(body)
    }
}

struct Body {
    bytes: [u8; Reply::CAPACITY],
    length: usize,
}

impl Body {
    fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// Wraps the data objects of an answer into template 77.
pub(super) fn respond(body: &[u8], reply: &mut Reply) -> Result<(), Abort> {
    let mut header = [0; 3];
    let mut header = Writer::new(&mut header);
    header.header(tags::RESPONSE, body.len()).map_err(|_| Abort::Internal)?;
    reply.accept(&[header.written(), body]).map_err(|_| Abort::Internal)
}

/// The start of 9F4C where the terminal sent one, else 9F45.
fn dynamic_bytes(terminal: &TerminalData) -> [u8; 2] {
    match terminal.icc_dynamic_number {
        Some(number @ [first, second, ..]) if number != [0; 8] => [first, second],
        _ => terminal.data_authentication_code.unwrap_or_default(),
    }
}

/// Cryptogram Information Data, EMV Book 3 table 15.
const ARQC: u8 = 0x80;
const AAC: u8 = 0x00;

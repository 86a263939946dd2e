use super::application::{CardApplication, Handled, State};
use super::instruction::AcRequest;
use super::profile::{MChipProfile, UmdGeneration};
use super::risk::additional_check;
use super::verdict::{Abort, Asked, Conclusion, Question, TapOutcome, Verdict};
use crate::apdu::{Reply, StatusWord};
use crate::crypto::{
    CryptogramInput, DynamicData, IccPrivateKey, RandomKeys, SessionKeys, application_cryptogram,
    derive_transaction_id, sign_dynamic_data,
};
use crate::emv::{
    Advice, Aip, Cvr, CvrInput, Poscii, Purpose, Reasons, TerminalData, TerminalTechnology, TransactionInfo,
    UnpredictableNumber, tags,
};
use crate::tlv::{Dol, Writer, WriterFull};

impl CardApplication {
    /// GENERATE AC, up to the question.
    pub(super) fn generate_ac(&mut self, request: AcRequest, data: &[u8], reply: &mut Reply) -> Handled {
        let State::Initiated { alternate, .. } = self.state else {
            return Handled::refused(reply, StatusWord::CONDITIONS_NOT_SATISFIED);
        };
        let card = self.card.clone();
        let profile = &card.profile;
        let application = card.application(alternate);
        let usable = profile.issuer_application_data.is_some() && profile.icc_private_key.is_some();
        let Some(m_chip) = application.m_chip.as_ref().filter(|_| usable) else {
            return self.abort(Abort::MissingCardData, reply);
        };
        let (Ok(cdol1), Ok(pdol)) = (Dol::parse(&m_chip.cdol1), Dol::parse(&application.pdol)) else {
            return self.abort(Abort::Internal, reply);
        };
        let Ok(terminal) = TerminalData::read(&[(cdol1, data), (pdol, self.pdol_data.as_slice())]) else {
            return Handled::refused(reply, StatusWord::CONDITIONS_NOT_SATISFIED);
        };
        if terminal.terminal_type.is_some_and(|terminal| terminal.is_offline_only()) {
            return self.abort(Abort::OfflineOnlyTerminal, reply);
        }
        if self.question_data.set(data).is_none() {
            return self.abort(Abort::Internal, reply);
        }
        let purpose = if request.aac { Purpose::Authenticate } else { Purpose::Authorize };
        let facts = TransactionInfo::derive(&terminal, profile.country, purpose, TerminalTechnology::ContactlessEmv);
        let additional_check = additional_check(profile, m_chip, data);
        self.ask(Question::Cryptogram { arqc: !request.aac, cda: request.cda, additional_check }, terminal, facts)
    }

    /// Whether the issuer's action codes allow this payment, given what is known of the cardholder and what already
    /// speaks against it.
    #[must_use]
    pub fn conditions_allowed(&self, asked: &Asked, cdcvm_done: bool, reasons: Reasons) -> bool {
        match asked.question {
            Question::Checksum => self.checksum_conditions_allowed(asked),
            Question::Cryptogram { arqc, cda, additional_check } => self.m_chip().is_none_or(|m_chip| {
                let input = self.cvr_input(asked, arqc, cda, additional_check, cdcvm_done, reasons);
                !Cvr::compose(&input).hits(m_chip.ciac_decline)
            }),
        }
    }

    /// How many bytes GENERATE AC brings; of the primary application while none is selected.
    pub(super) fn cdol1_length(&self) -> Option<usize> {
        self.m_chip().and_then(|m_chip| Dol::parse(&m_chip.cdol1).ok()).map(|dol| dol.data_length())
    }

    fn m_chip(&self) -> Option<&MChipProfile> {
        let alternate = match self.state {
            State::Selected { alternate } | State::Initiated { alternate, .. } | State::Asking { alternate, .. } => {
                alternate
            }
            State::NotSelected | State::Refused | State::Paid => false,
        };
        self.card.application(alternate).m_chip.as_ref()
    }

    fn cvr_input(
        &self,
        asked: &Asked,
        arqc: bool,
        cda: bool,
        additional_check: Option<bool>,
        cdcvm_done: bool,
        reasons: Reasons,
    ) -> CvrInput {
        let template = self.card.profile.issuer_application_data;
        CvrInput {
            arqc,
            cda,
            cdcvm_done,
            cdcvm_requested: asked.transaction.cdcvm_requested,
            conditions: asked.transaction.conditions,
            issuer_discretionary: template.map_or(0, |template| template.issuer_discretionary()),
            additional_check,
            reasons,
        }
    }

    pub(super) fn answer_cryptogram(
        &self,
        asked: &Asked,
        (arqc, cda, additional_check): (bool, bool, Option<bool>),
        (alternate, aip): (bool, Aip),
        verdict: Verdict,
        reply: &mut Reply,
    ) -> Result<Conclusion, Abort> {
        let input =
            |arqc, cda, cdcvm_done, reasons| self.cvr_input(asked, arqc, cda, additional_check, cdcvm_done, reasons);
        let mut answer = |cvr, umd: &SessionKeys, keys: &SessionKeys, poscii| {
            let answer = Answer { card: self, asked, aip, cvr, umd, keys, poscii, alternate };
            answer.write(reply).map(|umd_cryptogram| (umd_cryptogram, keys.atc))
        };
        match verdict {
            Verdict::Proceed { keys, random, cdcvm_done } if arqc || cda => {
                let umd = self.umd_keys(&keys, &random, cdcvm_done);
                let poscii = (!arqc).then(|| Poscii::of_approval(cdcvm_done));
                let (umd_cryptogram, atc) = answer(input(arqc, cda, cdcvm_done, Reasons::NONE), umd, &keys, poscii)?;
                let outcome = if arqc { TapOutcome::AuthorizeOnline } else { TapOutcome::AuthenticateOffline };
                let transaction_id = Some(derive_transaction_id(&self.card.profile.pan, atc, umd_cryptogram));
                Ok(Conclusion { outcome, abort: None, transaction_id })
            }
            Verdict::Agree { random, cdcvm_done } if !arqc && !cda => {
                let (keys, poscii) = (random.as_session_keys(), Some(Poscii::of_approval(cdcvm_done)));
                answer(input(false, false, cdcvm_done, Reasons::NONE), keys, keys, poscii)?;
                Ok(refused(TapOutcome::DeclinedByTerminal))
            }
            Verdict::Refuse { advice, reasons, random, cdcvm_done } => {
                let keys = random.as_session_keys();
                let poscii = Some(Poscii::of_refusal(advice, reasons, cdcvm_done));
                answer(input(false, false, cdcvm_done, reasons), keys, keys, poscii)?;
                Ok(refused(outcome_of_refusal(advice)))
            }
            // Keys for an answer that must not have them, or none for one that needs them.
            Verdict::Proceed { .. } | Verdict::Agree { .. } => Err(Abort::Internal),
        }
    }

    /// Whose UMD key an approval uses.
    pub(super) fn umd_keys<'a>(
        &self,
        keys: &'a SessionKeys,
        random: &'a RandomKeys,
        cdcvm_done: bool,
    ) -> &'a SessionKeys {
        match self.card.profile.umd_generation {
            UmdGeneration::AlwaysValid => keys,
            UmdGeneration::ValidOnCdcvm if cdcvm_done => keys,
            UmdGeneration::ValidOnCdcvm | UmdGeneration::AlwaysRandom => random.as_session_keys(),
        }
    }
}

pub(super) const fn refused(outcome: TapOutcome) -> Conclusion {
    Conclusion { outcome, abort: None, transaction_id: None }
}

pub(super) fn outcome_of_refusal(advice: Advice) -> TapOutcome {
    if advice == Advice::AuthenticationRequired {
        TapOutcome::WalletActionRequired
    } else {
        TapOutcome::DeclinedByWallet
    }
}

/// Everything that one answer to GENERATE AC is made of.
struct Answer<'a> {
    card: &'a CardApplication,
    asked: &'a Asked,
    aip: Aip,
    cvr: CvrInput,
    /// Whose UMD key is used: the keys' own or random ones.
    umd: &'a SessionKeys,
    keys: &'a SessionKeys,
    poscii: Option<Poscii>,
    alternate: bool,
}

impl Answer<'_> {
    /// Writes template 77 and gives the UMD cryptogram.
    fn write(&self, reply: &mut Reply) -> Result<[u8; 8], Abort> {
        let profile = &self.card.card.profile;
        let m_chip = self.card.card.application(self.alternate).m_chip.as_ref().ok_or(Abort::MissingCardData)?;
        let template = profile.issuer_application_data.ok_or(Abort::MissingCardData)?;
        let cdol1_data = self.card.question_data.as_slice();

        let cvr = Cvr::compose(&self.cvr).masked(m_chip.cvr_mask);
        let signed_part = cdol1_data.first_chunk().ok_or(Abort::Internal)?;
        let input = CryptogramInput::compose(signed_part, self.aip, self.keys.atc, cvr);
        let umd_cryptogram = application_cryptogram(self.umd.umd.expose_secret(), &input);
        let md_cryptogram = application_cryptogram(self.keys.md.expose_secret(), &input);
        let issuer_data = template.filled(cvr, dynamic_bytes(&self.asked.terminal), md_cryptogram);

        let information = [if self.cvr.arqc { ARQC } else { AAC }];
        let mut signature = [0; IccPrivateKey::MAX_LENGTH];
        let signature = if self.cvr.cda {
            let key = profile.icc_private_key.as_ref().ok_or(Abort::MissingCardData)?;
            let room = signature.get_mut(..key.modulus_length()).ok_or(Abort::Internal)?;
            let unsigned = self.objects(&information, None, issuer_data.as_bytes()).map_err(|_| Abort::Internal)?;
            let number = self.asked.terminal.unpredictable_number.unwrap_or(UnpredictableNumber([0; 4]));
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
        let mut header = [0; 3];
        let mut header = Writer::new(&mut header);
        header.header(tags::RESPONSE, body.length).map_err(|_| Abort::Internal)?;
        reply.accept(&[header.written(), body.as_slice()]).map_err(|_| Abort::Internal)?;
        Ok(umd_cryptogram)
    }

    /// The data objects of the answer in their order, with the proof (9F26 or 9F4B) in its place.
    fn objects(
        &self,
        information: &[u8; 1],
        proof: Option<(crate::tlv::Tag, &[u8])>,
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

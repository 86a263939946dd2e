use super::answer::Answer;
use super::application::{CardApplication, Handled, State};
use super::instruction::AcRequest;
use super::profile::{MChipProfile, UmdGeneration};
use super::risk::additional_check;
use super::verdict::{Abort, Asked, Conclusion, Question, TapOutcome, Verdict};
use crate::apdu::{Reply, StatusWord};
use crate::crypto::{RandomKeys, SessionKeys, derive_transaction_id};
use crate::emv::{Aip, Cvr, CvrInput, Poscii, Purpose, Reasons, TerminalData, TerminalTechnology, TransactionInfo};
use crate::tlv::Dol;

impl CardApplication {
    /// GENERATE AC, up to the question.
    pub(super) fn generate_ac(&mut self, request: AcRequest, data: &[u8], reply: &mut Reply) -> Handled {
        let State::Initiated { alternate, .. } = self.state else {
            return Handled::refused(reply, StatusWord::CONDITIONS_NOT_SATISFIED);
        };
        let card = self.card.clone();
        let profile = &card.profile;
        let application = card.application(alternate);
        let usable =
            profile.issuer_application_data.is_some() && (profile.icc_private_key.is_some() || profile.is_face);
        let Some(m_chip) = application.m_chip.as_ref().filter(|_| usable) else {
            return self.abort(Abort::MissingMChipData, reply);
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
                let umd = self.umd_keys(&keys, random.as_ref(), cdcvm_done)?;
                let poscii = (!arqc).then(|| Poscii::of_approval(cdcvm_done));
                let (umd_cryptogram, atc) = answer(input(arqc, cda, cdcvm_done, Reasons::NONE), umd, &keys, poscii)?;
                let outcome = if arqc { TapOutcome::AuthorizeOnline } else { TapOutcome::AuthenticateOffline };
                let transaction_id = Some(derive_transaction_id(&self.card.profile.pan, atc, umd_cryptogram));
                Ok(Conclusion { outcome, abort: None, transaction_id })
            }
            Verdict::Agree { random, cdcvm_done } if !arqc && !cda => {
                let (keys, poscii) = (random.as_session_keys(), Some(Poscii::of_approval(cdcvm_done)));
                answer(input(false, false, cdcvm_done, Reasons::NONE), keys, keys, poscii)?;
                Ok(Conclusion::of(TapOutcome::DeclinedByTerminal))
            }
            Verdict::Refuse { advice, reasons, random, cdcvm_done } => {
                let keys = random.as_session_keys();
                let poscii = Some(Poscii::of_refusal(advice, reasons, cdcvm_done));
                answer(input(false, false, cdcvm_done, reasons), keys, keys, poscii)?;
                Ok(Conclusion::of(TapOutcome::of_refusal(advice)))
            }
            // Keys for an answer that must not have them, or none for one that needs them.
            Verdict::Proceed { .. } | Verdict::Agree { .. } => Err(Abort::Internal),
        }
    }

    /// Whose UMD key an approval uses.
    pub(super) fn umd_keys<'a>(
        &self,
        keys: &'a SessionKeys,
        random: Option<&'a RandomKeys>,
        cdcvm_done: bool,
    ) -> Result<&'a SessionKeys, Abort> {
        if !self.wants_random_umd(cdcvm_done) {
            return Ok(keys);
        }
        random.map(RandomKeys::as_session_keys).ok_or(Abort::Internal)
    }

    /// Whether the profile has the UMD cryptogram of an approval made under random keys.
    #[must_use]
    pub fn wants_random_umd(&self, cdcvm_done: bool) -> bool {
        match self.card.profile.umd_generation {
            UmdGeneration::AlwaysValid => false,
            UmdGeneration::ValidOnCdcvm => !cdcvm_done,
            UmdGeneration::AlwaysRandom => true,
        }
    }
}

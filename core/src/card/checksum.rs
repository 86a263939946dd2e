use super::answer::respond;
use super::application::{CardApplication, Handled, State};
use super::profile::MagStripeProfile;
use super::risk::ppms_declines;
use super::verdict::{Abort, Asked, Conclusion, Question, TapOutcome, Verdict};
use crate::apdu::{Reply, StatusWord};
use crate::crypto::{SessionKeys, derive_cvc3};
use crate::emv::{Poscii, Purpose, TerminalData, TerminalTechnology, TransactionInfo, tags};
use crate::tlv::{Dol, Writer};

impl CardApplication {
    /// COMPUTE CRYPTOGRAPHIC CHECKSUM, up to the question.
    pub(super) fn compute_checksum(&mut self, data: &[u8], reply: &mut Reply) -> Handled {
        let State::Initiated { alternate, .. } = self.state else {
            return Handled::refused(reply, StatusWord::CONDITIONS_NOT_SATISFIED);
        };
        let card = self.card.clone();
        if card.profile.mag_stripe.is_none() {
            return self.abort(Abort::MissingMagStripeData, reply);
        }
        if !card.mag_stripe_allowed {
            return Handled::refused(reply, StatusWord::CONDITIONS_NOT_SATISFIED);
        }
        let (Ok(udol), Ok(pdol)) = (Dol::parse(&card.udol), Dol::parse(&card.application(alternate).pdol)) else {
            return self.abort(Abort::Internal, reply);
        };
        let Ok(terminal) = TerminalData::read(&[(udol, data), (pdol, self.pdol_data.as_slice())]) else {
            return Handled::refused(reply, StatusWord::CONDITIONS_NOT_SATISFIED);
        };
        if terminal.terminal_type.is_some_and(|terminal| terminal.is_offline_only()) {
            return self.abort(Abort::OfflineOnlyTerminal, reply);
        }
        let technology = TerminalTechnology::ContactlessMagStripe;
        let facts = TransactionInfo::derive(&terminal, card.profile.country, Purpose::Authorize, technology);
        self.ask(Question::Checksum, terminal, facts)
    }

    /// How many bytes the command brings; anything goes while mag-stripe mode is off.
    pub(super) fn udol_length(&self) -> Option<usize> {
        let udol = Some(&self.card.udol).filter(|_| self.card.mag_stripe_allowed)?;
        Dol::parse(udol).ok().map(|dol| dol.data_length())
    }

    pub(super) fn checksum_conditions_allowed(&self, asked: &Asked) -> bool {
        let mag_stripe = self.card.profile.mag_stripe.as_ref();
        mag_stripe.is_none_or(|data| !ppms_declines(data.ciac_decline_on_ppms, asked.transaction.conditions))
    }

    pub(super) fn answer_checksum(
        &self,
        asked: &Asked,
        verdict: Verdict,
        reply: &mut Reply,
    ) -> Result<Conclusion, Abort> {
        let mag_stripe = self.card.profile.mag_stripe.as_ref().ok_or(Abort::MissingMagStripeData)?;
        let restarts = asked.transaction.second_tap_supported;
        match verdict {
            Verdict::Proceed { keys, random, cdcvm_done } => {
                let umd = self.umd_keys(&keys, random.as_ref(), cdcvm_done)?;
                let poscii = restarts.then(|| Poscii::of_approval(cdcvm_done));
                write(mag_stripe, &asked.terminal, (umd, &keys), true, poscii, reply)?;
                Ok(Conclusion::of(TapOutcome::AuthorizeOnline))
            }
            Verdict::Refuse { advice, reasons, random, cdcvm_done } => {
                if restarts {
                    let poscii = Some(Poscii::of_refusal(advice, reasons, cdcvm_done));
                    let keys = random.as_session_keys();
                    write(mag_stripe, &asked.terminal, (keys, keys), false, poscii, reply)?;
                } else {
                    reply.refuse(StatusWord::SECURITY_STATUS_NOT_SATISFIED);
                }
                Ok(Conclusion::of(TapOutcome::of_refusal(advice)))
            }
            Verdict::Agree { .. } => Err(Abort::Internal),
        }
    }
}

fn write(
    profile: &MagStripeProfile,
    terminal: &TerminalData,
    (umd, keys): (&SessionKeys, &SessionKeys),
    with_code: bool,
    poscii: Option<Poscii>,
    reply: &mut Reply,
) -> Result<(), Abort> {
    let number = terminal.unpredictable_number_numeric.ok_or(Abort::Internal)?;
    let (umd, md) = (umd.umd.expose_secret(), keys.md.expose_secret());
    let cvc3 = derive_cvc3(umd, md, profile.pin_iv_cvc3_track2, number, keys.atc);
    let mut body = [0; 32];
    let mut body = Writer::new(&mut body);
    let mut element = |tag, value: &[u8]| body.element(tag, value).map_err(|_| Abort::Internal);
    if with_code {
        element(tags::CVC3_TRACK_2, &cvc3.code)?;
        element(tags::CVC3_TRACK_1, &cvc3.code)?;
    }
    element(tags::ATC, &cvc3.crypto_atc)?;
    if let Some(poscii) = poscii {
        element(tags::POSCII, &poscii.to_bytes())?;
    }
    respond(body.written(), reply)
}

use super::{Session, instrument_id};
use crate::answer::{Authentication, Counters, Failure, Fields, Instrument};
use crate::platform::SeededRng;
use crate::request::{Apdu, FieldOff, History, Replay};
use crate::told::{TapEntry, outcome_name, status_name};
use bezant::Wallet;
use bezant::card::answer_without_card;
use bezant::recording::Recording;
use bezant::wallet::{DeactivationReason, InstrumentSummary};
use std::time::Instant;

impl Session {
    pub(super) fn apdu(&self, request: &Apdu) -> Result<Fields, Failure> {
        let command = base16ct::mixed::decode_vec(&request.hex)
            .map_err(|_| Failure::invalid_request("hex: wants hexadecimal digits, two a byte, without blanks"))?;
        let start = Instant::now();
        let answer = match &self.wallet {
            Some(wallet) => wallet.process_command_apdu(&command).to_vec(),
            None => answer_without_card(&command).to_bytes().to_vec(),
        };
        let micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        Ok(Fields { hex: Some(base16ct::upper::encode_string(&answer)), micros: Some(micros), ..Fields::default() })
    }

    pub(super) fn field_off(&self, request: &FieldOff) -> Result<Fields, Failure> {
        let reason = match request.reason.as_str() {
            "deselected" => DeactivationReason::Deselected,
            "link_loss" => DeactivationReason::LinkLoss,
            _ => return Err(Failure::invalid_request("reason: wants link_loss or deselected")),
        };
        let outcome = self.wallet()?.on_deactivated(reason).map(outcome_name);
        Ok(Fields { outcome: Some(outcome), ..Fields::default() })
    }

    pub(super) fn status(&self) -> Result<Fields, Failure> {
        let wallet = self.wallet()?;
        let authentication = wallet.authentication().map(|latest| Authentication {
            method: latest.method.code(),
            age_ms: latest.age_ms,
            payments: latest.payments,
        });
        Ok(Fields { instruments: Some(summaries(wallet)), authentication: Some(authentication), ..Fields::default() })
    }

    pub(super) fn history(&self, request: &History) -> Result<Fields, Failure> {
        let wallet = self.wallet()?;
        let id = request.instrument.as_deref().map(instrument_id).transpose()?;
        let taps = wallet.history(id.as_ref()).iter().map(|tap| TapEntry::of(tap)).collect();
        Ok(Fields { taps: Some(taps), ..Fields::default() })
    }

    pub(super) fn export_trace(&self) -> Result<Fields, Failure> {
        let trace = self.wallet()?.export_recording();
        Ok(Fields { trace: Some(trace), ..Fields::default() })
    }

    pub(super) fn replay(&self, request: &Replay<'_>) -> Result<Fields, Failure> {
        let wallet = self.wallet()?;
        let recording = Recording::from_json(request.trace.get())
            .map_err(|error| Failure::invalid_request(format!("trace: {error}")))?;
        let replay = wallet.replay(&recording, |seed| Box::new(SeededRng::new(seed)));
        Ok(Fields {
            same: Some(replay.is_same()),
            differs: Some(replay.differences.iter().map(ToString::to_string).collect()),
            not_recomputed: (replay.not_recomputed > 0).then_some(replay.not_recomputed),
            ..Fields::default()
        })
    }
}

pub(super) fn summaries(wallet: &Wallet) -> Vec<Instrument> {
    let entry = |summary: InstrumentSummary| Instrument {
        id: summary.id.as_str().into(),
        status: status_name(summary.status),
        default: summary.is_default,
        selected: summary.is_selected,
        credentials_left: summary.credentials_left,
        counters: Counters {
            consecutive_lvt: summary.counters.consecutive_lvt,
            cumulative_lvt: summary.counters.cumulative_lvt,
        },
        fault: summary.fault.map(bezant::ErrorCode::as_str),
    };
    wallet.instruments().into_iter().map(entry).collect()
}

use super::{AFL, FORMAT_1, FORMAT_2, Selected, Session, TVR, UNPREDICTABLE_NUMBER, bare};
use crate::action::{self, CryptogramType};
use crate::apdu::{self, Instruction};
use crate::cvm::{self, Cvm};
use crate::mag_stripe::Track2;
use crate::oda::{self, DynamicData, OdaFailure, OdaResult, PublicKey, SignatureFault};
use crate::outcome::{
    AnotherInterface, DeclineReason, EndReason, OnlineRequest, Outcome, SignedData, asks_for_second_tap,
};
use crate::tlv::{self, Element};
use crate::tvr::Finding;
use crate::{restrictions, risk};

impl Session<'_> {
    pub(super) fn emv_mode(&mut self, selected: &Selected) -> Result<Outcome, EndReason> {
        let afl = self.needed(AFL)?.to_vec();
        let signed_records = self.read_records(&afl)?;
        for tag in [PAN, EXPIRATION_DATE, CDOL1] {
            self.needed(tag)?;
        }
        if risk::exceeds_transaction_limit(self.configuration, self.sale.amount) {
            return Ok(Outcome::TryAnotherInterface { reason: AnotherInterface::TransactionLimit });
        }

        self.tvr.set(Finding::RelayResistanceNotPerformed);
        let key = self.recover_key(selected, &signed_records);
        restrictions::check(&self.objects, self.configuration, &selected.application, self.sale, &mut self.tvr);
        let (cvm, cvm_results) = cvm::choose(&self.objects, selected.aip, self.configuration, self.sale, &mut self.tvr);
        self.cvm_results = Some(cvm_results);
        risk::check_floor_limit(self.configuration, self.sale.amount, &mut self.tvr);
        let (asked, signed) = self.quirks.cryptogram(self.decide(selected));
        self.objects.hold(CVM_RESULTS, cvm_results);
        self.objects.hold(TVR, self.tvr.0);

        let key = key.filter(|_| signed);
        let cdol1_values = self.fill(CDOL1)?;
        let control = asked.bits() | if key.is_some() { CDA_REQUESTED } else { 0x00 };
        let body = self.succeed(Instruction::GenerateAc, apdu::generate_ac(control, &cdol1_values))?;
        let mut hashed = selected.pdol_values.clone();
        hashed.extend(cdol1_values);
        hashed.extend(self.store_cryptogram(&body)?);
        self.conclude(asked, key, hashed, cvm)
    }

    fn recover_key(&mut self, selected: &Selected, signed_records: &[u8]) -> Option<PublicKey> {
        let [profile, _] = selected.aip;
        if profile & CDA_SUPPORTED == 0 || !self.configuration.cda {
            self.tvr.set(Finding::OfflineDataAuthenticationNotPerformed);
            return None;
        }
        let rid = selected.application.aid.get(..5).unwrap_or_default();
        match oda::recover_icc_public_key(&self.objects, rid, self.configuration, signed_records, self.sale.date) {
            Ok(key) => {
                self.oda = OdaResult::KeysRecovered;
                Some(key)
            }
            Err(failure) => {
                self.fail_cda(failure);
                if matches!(failure, OdaFailure::MissingData(_)) {
                    self.tvr.set(Finding::IccDataMissing);
                }
                None
            }
        }
    }

    fn decide(&self, selected: &Selected) -> CryptogramType {
        let [profile, _] = selected.aip;
        let trusts_device = profile & cvm::ON_DEVICE != 0 && self.configuration.on_device_cvm;
        // What the device says about its owner is worth nothing from a card that failed authentication.
        if matches!(self.oda, OdaResult::Failed(_)) && trusts_device {
            return CryptogramType::Decline;
        }
        action::analyse(self.configuration, &self.objects, &self.tvr)
    }

    /// Stores the answer to GENERATE AC; returns its data objects without the signature, as the signature covers them.
    fn store_cryptogram(&mut self, body: &[u8]) -> Result<Vec<u8>, EndReason> {
        let fault = |fault| EndReason::Tlv { command: Instruction::GenerateAc, fault };
        if let [Element { tag: FORMAT_1, value, .. }] = tlv::elements(body).map_err(fault)?.as_slice() {
            self.store_format_1(value)?;
            return Ok(Vec::new());
        }
        let inner = tlv::template(body, FORMAT_2).map_err(fault)?;
        self.store(&tlv::primitives(inner).map_err(fault)?)?;
        let unsigned = tlv::elements(inner).map_err(fault)?.into_iter().filter(|element| element.tag != SIGNATURE);
        Ok(unsigned.flat_map(|element| element.encoded.iter().copied()).collect())
    }

    // EMV Book 3, section 6.5.5.4: CID, counter, cryptogram, issuer application data, without tags.
    fn store_format_1(&mut self, value: &[u8]) -> Result<(), EndReason> {
        let (cid, rest) = value.split_at_checked(1).ok_or(EndReason::Value(FORMAT_1))?;
        let (atc, rest) = rest.split_at_checked(2).ok_or(EndReason::Value(FORMAT_1))?;
        let (cryptogram, application_data) = rest.split_at_checked(8).ok_or(EndReason::Value(FORMAT_1))?;
        self.store(&[bare(CID, cid), bare(ATC, atc), bare(CRYPTOGRAM, cryptogram)])?;
        if application_data.is_empty() { Ok(()) } else { self.store(&[bare(APPLICATION_DATA, application_data)]) }
    }

    fn conclude(
        &mut self,
        asked: CryptogramType,
        key: Option<PublicKey>,
        hashed: Vec<u8>,
        cvm: Cvm,
    ) -> Result<Outcome, EndReason> {
        let [cid] = self.needed_fixed(CID)?;
        self.needed_fixed::<2>(ATC)?;
        let answered = CryptogramType::from_cid(cid)
            .filter(|answered| answered.may_answer(asked))
            .ok_or(EndReason::CryptogramType { asked, cid })?;
        let poscii = self.poscii()?;

        let declines = answered == CryptogramType::Decline;
        let (cryptogram, signed) = match key {
            Some(key) if !declines || self.objects.value(SIGNATURE).is_some() => {
                match self.verify(&key, cid, &hashed) {
                    Ok((dynamic, signature)) => (dynamic.cryptogram, Some(SignedData { signature, hashed })),
                    Err(fault) => {
                        let failure = OdaFailure::Signature(fault);
                        self.fail_cda(failure);
                        return Ok(Outcome::Declined { reason: DeclineReason::CdaFailed(failure) });
                    }
                }
            }
            _ => (self.needed_fixed(CRYPTOGRAM)?, None),
        };
        if let Some(poscii) = poscii.filter(|poscii| asks_for_second_tap(*poscii)) {
            return Ok(Outcome::SeePhone { poscii });
        }
        match answered {
            CryptogramType::Decline => Ok(Outcome::Declined { reason: self.decline_reason(asked) }),
            CryptogramType::GoOnline => Ok(Outcome::OnlineRequest(self.request(cryptogram, signed, cvm)?)),
            CryptogramType::Approve => Ok(Outcome::ApprovedOffline(self.request(cryptogram, signed, cvm)?)),
        }
    }

    fn verify(&mut self, key: &PublicKey, cid: u8, hashed: &[u8]) -> Result<(DynamicData, Vec<u8>), SignatureFault> {
        let signature = self.objects.value(SIGNATURE).ok_or(SignatureFault::Absent)?.to_vec();
        let number = self.objects.fixed(UNPREDICTABLE_NUMBER).unwrap_or_default();
        let dynamic = oda::verify_cda(key, &signature, number, cid, hashed)?;
        self.oda = OdaResult::CdaVerified { icc_dynamic_number: dynamic.icc_dynamic_number.clone() };
        Ok((dynamic, signature))
    }

    fn fail_cda(&mut self, failure: OdaFailure) {
        self.oda = OdaResult::Failed(failure);
        self.tvr.set(Finding::CdaFailed);
        self.objects.hold(TVR, self.tvr.0);
    }

    fn decline_reason(&self, asked: CryptogramType) -> DeclineReason {
        match self.oda {
            OdaResult::Failed(failure) => DeclineReason::CdaFailed(failure),
            _ if asked == CryptogramType::Decline => DeclineReason::Terminal,
            _ => DeclineReason::Card,
        }
    }

    fn request(&self, cryptogram: [u8; 8], signed: Option<SignedData>, cvm: Cvm) -> Result<OnlineRequest, EndReason> {
        let pan = hex::encode_upper(self.needed(PAN)?).trim_end_matches('F').to_owned();
        if !(8..=19).contains(&pan.len()) || !pan.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(EndReason::Value(PAN));
        }
        if let Some(track) = self.objects.value(TRACK_2) {
            Track2::parse(track)?;
        }
        let psn = match self.objects.value(PSN) {
            None => 0,
            Some([psn]) if psn >> 4 < 10 && psn & 0x0F < 10 => (psn >> 4) * 10 + (psn & 0x0F),
            Some(_) => return Err(EndReason::Value(PSN)),
        };
        let mut elements = self.elements(&REQUEST);
        elements.insert(CRYPTOGRAM, cryptogram.to_vec());
        Ok(OnlineRequest { pan, psn, elements, signed, online_pin: cvm == Cvm::OnlinePin, cvm })
    }
}

/// AIP byte 1: CDA is supported.
const CDA_SUPPORTED: u8 = 0x01;

/// GENERATE AC reference control parameter (EMV Book 3, table 12): CDA signature requested.
const CDA_REQUESTED: u8 = 0x10;

const TRACK_2: u32 = 0x57;
const PAN: u32 = 0x5A;
const EXPIRATION_DATE: u32 = 0x5F24;
const PSN: u32 = 0x5F34;
const CDOL1: u32 = 0x8C;
const APPLICATION_DATA: u32 = 0x9F10;
const CRYPTOGRAM: u32 = 0x9F26;
const CID: u32 = 0x9F27;
const CVM_RESULTS: u32 = 0x9F34;
const ATC: u32 = 0x9F36;
const SIGNATURE: u32 = 0x9F4B;

/// What goes to the issuer beside the cryptogram (ISO 8583, field 55).
const REQUEST: [u32; 25] = [
    0x57, 0x5F24, 0x5F2A, 0x5F34, 0x82, 0x84, 0x95, 0x9A, 0x9C, 0x9F02, 0x9F03, 0x9F09, 0x9F10, 0x9F15, 0x9F1A, 0x9F21,
    0x9F27, 0x9F33, 0x9F34, 0x9F35, 0x9F36, 0x9F37, 0x9F40, 0x9F4E, 0x9F6E,
];

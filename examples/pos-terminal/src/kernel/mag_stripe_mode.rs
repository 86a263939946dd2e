use super::{AFL, FORMAT_2, Selected, Session, TVR, UNPREDICTABLE_NUMBER};
use crate::apdu::{self, Instruction};
use crate::configuration::{ONLINE_PIN, SIGNATURE};
use crate::cvm::{self, Cvm};
use crate::mag_stripe::{Checksum, Placement, Track2};
use crate::outcome::{AnotherInterface, DeclineReason, EndReason, MagStripeRequest, Outcome, asks_for_second_tap};
use crate::risk;
use crate::tlv;

impl Session<'_> {
    pub(super) fn mag_stripe_mode(&mut self, selected: &Selected) -> Result<Outcome, EndReason> {
        let afl = self.needed(AFL)?;
        // Book C-2: when the first entry is the mag-stripe record, the others are not read.
        let afl = if afl.starts_with(&MAG_STRIPE_RECORD) { MAG_STRIPE_RECORD.to_vec() } else { afl.to_vec() };
        self.read_records(&afl)?;
        if risk::exceeds_transaction_limit(self.configuration, self.sale.amount) {
            return Ok(Outcome::TryAnotherInterface { reason: AnotherInterface::TransactionLimit });
        }
        let [natc] = self.needed_fixed(NATC)?;
        let placement = Placement {
            pcvc3: u16::from_be_bytes(self.needed_fixed(PCVC3)?),
            punatc: u16::from_be_bytes(self.needed_fixed(PUNATC)?),
            natc,
        };
        let mut track = Track2::parse(self.needed(TRACK_2)?)?;
        let number = placement.unpredictable_number(self.sale.unpredictable_number)?;
        self.objects.hold(NUMERIC_UNPREDICTABLE_NUMBER, number);
        self.objects.hold(UNPREDICTABLE_NUMBER, number);
        self.objects.hold(MOBILE_SUPPORT, [self.mobile_support(selected)]);

        let udol = self.objects.value(UDOL).unwrap_or(&DEFAULT_UDOL);
        let udol_values = self.objects.fill(udol).map_err(|fault| EndReason::List { tag: UDOL, fault })?;
        let command = Instruction::ComputeCryptographicChecksum;
        let body = self.succeed(command, apdu::compute_cryptographic_checksum(&udol_values))?;
        let answer = tlv::template(&body, FORMAT_2).and_then(tlv::primitives);
        self.store(&answer.map_err(|fault| EndReason::Tlv { command, fault })?)?;

        let atc = u16::from_be_bytes(self.needed_fixed(ATC)?);
        let poscii = self.poscii()?.unwrap_or_default();
        if asks_for_second_tap(poscii) {
            return Ok(Outcome::SeePhone { poscii });
        }
        if self.objects.value(CVC3).is_none() {
            return Ok(Outcome::Declined { reason: DeclineReason::Card });
        }
        let cvc3 = u16::from_be_bytes(self.needed_fixed(CVC3)?);
        let [_, interaction, _] = poscii;
        let verified = interaction & VERIFIED != 0;
        track.fill(placement, Checksum { cvc3, atc, verified }, number)?;
        let cvm = self.mag_stripe_cvm(verified);
        Ok(Outcome::MagStripeOnline(MagStripeRequest {
            track_2: track.to_string(),
            pan: track.pan,
            discretionary: track.discretionary,
            elements: self.elements(&REQUEST),
            online_pin: cvm == Cvm::OnlinePin,
            cvm,
        }))
    }

    fn mobile_support(&self, selected: &Selected) -> u8 {
        let [profile, _] = selected.aip;
        let supported = if self.configuration.on_device_cvm { MOBILE_SUPPORTED } else { 0x00 };
        let required = self.configuration.requires_cvm(self.sale.amount) && profile & cvm::ON_DEVICE != 0;
        supported | if supported != 0 && required { ON_DEVICE_CVM_REQUIRED } else { 0x00 }
    }

    fn mag_stripe_cvm(&self, verified: bool) -> Cvm {
        let [_, capable, _] = self.configuration.capabilities;
        if verified && self.configuration.on_device_cvm {
            Cvm::OnDevice
        } else if !self.configuration.requires_cvm(self.sale.amount) {
            Cvm::NoCvm
        } else if capable & ONLINE_PIN != 0 {
            Cvm::OnlinePin
        } else if capable & SIGNATURE != 0 {
            Cvm::Signature
        } else {
            Cvm::NoCvm
        }
    }
}

/// SFI 1, record 1, not signed.
const MAG_STRIPE_RECORD: [u8; 4] = [0x08, 0x01, 0x01, 0x00];

/// Book C-2, DF811A: the unpredictable number alone.
const DEFAULT_UDOL: [u8; 3] = [0x9F, 0x6A, 0x04];

/// 9F7E: the reader knows phones.
const MOBILE_SUPPORTED: u8 = 0x01;

/// 9F7E: the amount needs verification on the device.
const ON_DEVICE_CVM_REQUIRED: u8 = 0x02;

/// DF4B byte 2: the cardholder was verified.
const VERIFIED: u8 = 0x10;

const ATC: u32 = 0x9F36;
const CVC3: u32 = 0x9F61;
const PCVC3: u32 = 0x9F65;
const PUNATC: u32 = 0x9F66;
const NATC: u32 = 0x9F67;
const UDOL: u32 = 0x9F69;
const NUMERIC_UNPREDICTABLE_NUMBER: u32 = 0x9F6A;
const TRACK_2: u32 = 0x9F6B;
const MOBILE_SUPPORT: u32 = 0x9F7E;

/// What goes to the issuer beside the track.
const REQUEST: [u32; 17] = [
    0x5F2A, 0x82, 0x84, TVR, 0x9A, 0x9C, 0x9F02, 0x9F03, 0x9F15, 0x9F1A, 0x9F21, 0x9F33, 0x9F35, 0x9F36, 0x9F61,
    0x9F6A, 0x9F7E,
];

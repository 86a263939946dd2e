//! What a card shows on the air: its directory entry, applications, records. Laid out for few bytes: at 106 kbit/s
//! every hundred of them cost a tap 8.5 ms.

use serde::{Deserialize, Serialize};

use crate::certificates::{Certificate, Validity, certify_icc};
use crate::dates::{ExpiryDate, bcd};
use crate::keys::{Exponent, KeyError, KeyPair, PublicKey};
use crate::tlv::{dol, tlv};

/// A card to make.
#[derive(Clone, Debug)]
pub struct CardSpec {
    /// Account number of the token, 13-19 digits.
    pub pan: String,
    /// Sequence number of the token, 0-99.
    pub psn: u8,
    /// Last month in which the card pays.
    pub expiry: ExpiryDate,
    /// Issuer country, ISO 3166 numeric.
    pub country: u16,
    /// Currency of the account, ISO 4217 numeric.
    pub currency: u16,
    /// Who must prove the cardholder, and when.
    pub cvm_model: CvmModel,
    /// When the card answers with a true UMD cryptogram. Profiles of version 1 cannot say: those cards always do.
    pub umd_generation: UmdGeneration,
    /// Bits of the card's RSA key, whole bytes.
    pub icc_key_bits: usize,
    /// Public exponent of the card's and its issuer's key.
    pub exponent: Exponent,
    /// A second application beside the primary one.
    pub alternate: Option<AlternateApplication>,
    /// What the card needs for terminals without EMV mode; needs an account number of at most 16 digits.
    pub mag_stripe: Option<MagStripe>,
    /// The same seed gives the same card key and the same ICC dynamic numbers.
    pub seed: u64,
}

impl Default for CardSpec {
    /// A debit token of a Polish bank, to the end of 2030, with on-device verification above the limit.
    fn default() -> Self {
        Self {
            pan: "5413330000000019".to_owned(),
            psn: 1,
            expiry: ExpiryDate::DECEMBER_2030,
            country: 616,
            currency: 985,
            cvm_model: CvmModel::Flexible,
            umd_generation: UmdGeneration::Always,
            icc_key_bits: 1024,
            exponent: Exponent::Three,
            alternate: None,
            mag_stripe: Some(MagStripe { pin_iv_cvc3: [0xA1, 0xB2] }),
            seed: 1,
        }
    }
}

/// Who must prove the cardholder, and when.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CvmModel {
    /// The device, for every payment.
    Always,
    /// The device, above the terminal's limit.
    Flexible,
    /// The terminal, above its limit, as with a plastic card.
    CardLike,
}

/// When a card answers with a true UMD cryptogram rather than a random one.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub enum UmdGeneration {
    /// In every approved payment.
    #[default]
    Always,
    /// Only after the device verified the cardholder.
    OnCdcvm,
    /// Never.
    Random,
}

impl UmdGeneration {
    /// Whether a genuine card's UMD cryptogram must verify.
    pub(crate) fn expects_valid(self, cdcvm_done: bool) -> bool {
        match self {
            Self::Always => true,
            Self::OnCdcvm => cdcvm_done,
            Self::Random => false,
        }
    }
}

/// A second application: another name for the same account, always without on-device verification.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AlternateApplication {
    /// Application identifier, 5-16 bytes.
    pub aid: Vec<u8>,
    /// Application label, 1-16 characters.
    pub label: String,
}

impl AlternateApplication {
    /// The common debit application of the United States.
    pub fn us_debit() -> Self {
        Self { aid: vec![0xA0, 0x00, 0x00, 0x00, 0x04, 0x22, 0x03], label: "DEBIT".to_owned() }
    }
}

/// What a card needs for mag-stripe mode.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MagStripe {
    /// The initial vector of the dynamic card verification code.
    pub pin_iv_cvc3: [u8; 2],
}

/// A record: its short file identifier and number, and its value with template 70.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Record {
    pub(crate) sfi: u8,
    pub(crate) number: u8,
    pub(crate) value: Vec<u8>,
}

/// An application as SELECT and GET PROCESSING OPTIONS show it.
#[derive(Clone, Debug)]
pub(crate) struct ApplicationData {
    pub(crate) aid: Vec<u8>,
    pub(crate) fci: Vec<u8>,
    pub(crate) gpo_response: Vec<u8>,
}

/// Everything that goes on the air before the first cryptogram.
#[derive(Clone, Debug)]
pub(crate) struct CardData {
    pub(crate) ppse_fci: Vec<u8>,
    pub(crate) primary: ApplicationData,
    pub(crate) alternate: Option<ApplicationData>,
    pub(crate) records: Vec<Record>,
    pub(crate) tracks: Option<Tracks>,
}

/// The static tracks, with zeros where the dynamic digits will go.
#[derive(Clone, Debug)]
pub(crate) struct Tracks {
    pub(crate) track_1: Vec<u8>,
    pub(crate) track_2: Vec<u8>,
}

/// The issuer's part of the chain.
pub(crate) struct IssuerChain<'a> {
    pub(crate) key: &'a KeyPair,
    pub(crate) certificate: &'a Certificate,
    pub(crate) ca_index: u8,
}

impl CardData {
    pub(crate) fn lay_out(spec: &CardSpec, icc: &PublicKey, chain: &IssuerChain<'_>) -> Result<Self, KeyError> {
        let primary_aip = match spec.cvm_model {
            CvmModel::Always | CvmModel::Flexible => AIP_ON_DEVICE,
            CvmModel::CardLike => AIP_CARD_LIKE,
        };
        let mut records = Vec::new();
        let mut primary_afl = vec![0x10, 0x01, 0x03, 0x01];
        let tracks = spec.mag_stripe.map(|_| Tracks::of(spec));
        if let Some(tracks) = &tracks {
            primary_afl.splice(0..0, [0x08, 0x01, 0x01, 0x00]);
            records.push(record(1, 1, &mag_stripe_objects(tracks)));
        }
        let application = application_objects(spec);
        let certify = |aip: [u8; 2]| {
            let validity = Validity { expiry: spec.expiry.mmyy(), serial: [0, 0, 1] };
            let static_data = [&application[..], &aip].concat();
            certify_icc(chain.key, icc, packed_pan(&spec.pan), validity, &static_data)
        };
        records.push(record(2, 1, &application));
        let issuer_objects = [tlv(0x8F, &[chain.ca_index]), chain.certificate.issuer_objects()].concat();
        records.push(record(2, 2, &issuer_objects));
        records.push(record(2, 3, &certify(primary_aip)?.icc_objects()));

        let alternate = match &spec.alternate {
            None => None,
            Some(alternate) => {
                // The AIP is under the signature, so another AIP needs another certificate of the same key.
                records.push(record(4, 1, &application));
                records.push(record(4, 2, &certify(AIP_CARD_LIKE)?.icc_objects()));
                Some(ApplicationData {
                    aid: alternate.aid.clone(),
                    fci: adf_fci(&alternate.aid, &alternate.label, 2, &[(0x9F35, 1)], &[]),
                    gpo_response: gpo_response(AIP_CARD_LIKE, &[0x10, 0x02, 0x02, 0x00, 0x20, 0x01, 0x02, 0x01]),
                })
            }
        };
        let country = decimal(spec.country);
        // Third-party data: country, unique identifier, device type "14" (a phone), one proprietary byte.
        let third_party_data = tlv(0x9F6E, &[country[0], country[1], 0, 0, b'1', b'4', 0]);
        Ok(Self {
            ppse_fci: ppse_fci(spec.alternate.as_ref()),
            primary: ApplicationData {
                aid: PRIMARY_AID.to_vec(),
                fci: adf_fci(&PRIMARY_AID, PRIMARY_LABEL, 1, &PRIMARY_PDOL, &third_party_data),
                gpo_response: gpo_response(primary_aip, &primary_afl),
            },
            alternate,
            records,
            tracks,
        })
    }
}

impl Tracks {
    /// Thirteen discretionary digits at the end of each: where the masks of `mag_stripe_objects` point.
    fn of(spec: &CardSpec) -> Self {
        let CardSpec { pan, expiry, .. } = spec;
        let track_1 = format!("B{pan}^ /^{expiry}{SERVICE_CODE}{:013}", 0).into_bytes();
        Self { track_1, track_2: track_2(spec) }
    }
}

/// Digits to BCD, a track's separator to D, padded with F to the full width.
fn packed<const N: usize>(digits: &str) -> [u8; N] {
    let mut nibbles = digits.bytes().map(|digit| if digit == b'D' { 0xD } else { digit & 0x0F });
    [0; N].map(|_: u8| nibbles.next().unwrap_or(0xF) << 4 | nibbles.next().unwrap_or(0xF))
}

pub(crate) fn packed_pan(pan: &str) -> [u8; 10] {
    packed(pan)
}

/// The issuer identifier of a certificate: the leftmost six digits.
pub(crate) fn issuer_identifier(pan: &str) -> [u8; 4] {
    packed(pan.get(..6).unwrap_or(pan))
}

/// Numeric codes, format n 3 in two bytes.
pub(crate) fn decimal(code: u16) -> [u8; 2] {
    [(code / 100 % 10) as u8, bcd((code % 100) as u8)]
}

/// Track 2 equivalent data: at most 37 digits, so long account numbers have fewer discretionary ones.
fn track_2(spec: &CardSpec) -> Vec<u8> {
    let CardSpec { pan, expiry, .. } = spec;
    let discretionary = (37 - 8 - pan.len()).min(13);
    let digits = format!("{pan}D{expiry}{SERVICE_CODE}{:0discretionary$}", 0);
    packed::<19>(&digits)[..digits.len().div_ceil(2)].to_vec()
}

fn mag_stripe_objects(tracks: &Tracks) -> Vec<u8> {
    [
        tlv(0x9F6C, &[0x00, 0x01]),
        tlv(0x9F62, &PCVC3_TRACK_1),
        tlv(0x9F63, &PUNATC_TRACK_1),
        tlv(0x56, &tracks.track_1),
        tlv(0x9F64, &[NATC]),
        tlv(0x9F65, &PCVC3_TRACK_2),
        tlv(0x9F66, &PUNATC_TRACK_2),
        tlv(0x9F6B, &tracks.track_2),
        tlv(0x9F67, &[NATC]),
        tlv(0x9F69, &dol(&UDOL)),
    ]
    .concat()
}

/// The signed record. Left out is what an online-only card has no use for: issuer action codes (absent ones mean
/// "online", EMV Book 3, section 10.7), effective date, version number.
fn application_objects(spec: &CardSpec) -> Vec<u8> {
    let pan = packed_pan(&spec.pan);
    [
        tlv(0x5F24, &spec.expiry.yymmdd()),
        tlv(0x5A, &pan[..spec.pan.len().div_ceil(2)]),
        tlv(0x5F34, &[bcd(spec.psn)]),
        tlv(0x5F28, &decimal(spec.country)),
        tlv(0x9F07, &[0xFF, 0x00]),
        tlv(0x8C, &dol(&CDOL1)),
        // Required by EMV Book 3, table 30, though no contactless card sees a second GENERATE AC.
        tlv(0x8D, &dol(&[(0x8A, 2), (0x9F37, 4)])),
        tlv(0x8E, &CVM_LIST),
        tlv(0x9F42, &decimal(spec.currency)),
        tlv(0x9F4A, &[0x82]),
        tlv(0x57, &track_2(spec)),
    ]
    .concat()
}

fn record(sfi: u8, number: u8, objects: &[u8]) -> Record {
    Record { sfi, number, value: tlv(0x70, objects) }
}

fn ppse_fci(alternate: Option<&AlternateApplication>) -> Vec<u8> {
    let entry = |aid: &[u8], priority| tlv(0x61, &[tlv(0x4F, aid), tlv(0x87, &[priority])].concat());
    let mut entries = entry(&PRIMARY_AID, 1);
    if let Some(alternate) = alternate {
        entries.extend(entry(&alternate.aid, 2));
    }
    let proprietary = tlv(0xA5, &tlv(0xBF0C, &entries));
    tlv(0x6F, &[tlv(0x84, b"2PAY.SYS.DDF01"), proprietary].concat())
}

fn adf_fci(aid: &[u8], label: &str, priority: u8, pdol: &[(u32, u8)], discretionary: &[u8]) -> Vec<u8> {
    let mut proprietary = [tlv(0x50, label.as_bytes()), tlv(0x87, &[priority]), tlv(0x9F38, &dol(pdol))].concat();
    if !discretionary.is_empty() {
        proprietary.extend(tlv(0xBF0C, discretionary));
    }
    tlv(0x6F, &[tlv(0x84, aid), tlv(0xA5, &proprietary)].concat())
}

fn gpo_response(aip: [u8; 2], afl: &[u8]) -> Vec<u8> {
    tlv(0x77, &[tlv(0x82, &aip), tlv(0x94, afl)].concat())
}

const PRIMARY_AID: [u8; 7] = [0xA0, 0x00, 0x00, 0x00, 0x04, 0x10, 0x10];
const PRIMARY_LABEL: &str = "MASTERCARD";
/// Cardholder verification, terminal risk management, on-device verification, CDA; EMV mode (EMV Book 3, annex C1).
const AIP_ON_DEVICE: [u8; 2] = [0x1B, 0x80];
/// The same without on-device verification.
const AIP_CARD_LIKE: [u8; 2] = [0x19, 0x80];
/// No amounts; online PIN if the terminal supports it, then no CVM (EMV Book 3, section 10.5, annex C3).
const CVM_LIST: [u8; 12] = [0, 0, 0, 0, 0, 0, 0, 0, 0x42, 0x03, 0x1F, 0x03];
/// Terminal risk management data, country, type.
const PRIMARY_PDOL: [(u32, u8); 3] = [(0x9F1D, 8), (0x9F1A, 2), (0x9F35, 1)];
/// The first eight are under the application cryptogram; all are under the CDA signature.
pub(crate) const CDOL1: [(u32, u8); 13] = [
    (0x9F02, 6),
    (0x9F03, 6),
    (0x9F1A, 2),
    (0x95, 5),
    (0x5F2A, 2),
    (0x9A, 3),
    (0x9C, 1),
    (0x9F37, 4),
    (0x9F35, 1),
    (0x9F45, 2),
    (0x9F4C, 8),
    (0x9F34, 3),
    (0x9F15, 2),
];
/// Bytes of CDOL1 data.
pub(crate) const CDOL1_LENGTH: usize = 45;
const UDOL: [(u32, u8); 9] =
    [(0x9F6A, 4), (0x9F7E, 1), (0x9F02, 6), (0x5F2A, 2), (0x9F1A, 2), (0x9C, 1), (0x9A, 3), (0x9F15, 2), (0x9F35, 1)];
const SERVICE_CODE: &str = "201";
/// Where the reader puts CVC3, then counter and unpredictable number; bit 1 is the rightmost discretionary digit.
pub(crate) const PCVC3_TRACK_1: [u8; 6] = [0, 0, 0, 0, 0x00, 0xF0];
pub(crate) const PUNATC_TRACK_1: [u8; 6] = [0, 0, 0, 0, 0x0F, 0x0E];
pub(crate) const PCVC3_TRACK_2: [u8; 2] = [0x00, 0xF0];
pub(crate) const PUNATC_TRACK_2: [u8; 2] = [0x0F, 0x0E];
/// Digits of the crypto ATC on a track.
pub(crate) const NATC: u8 = 4;

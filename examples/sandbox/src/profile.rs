//! Card profiles as a token service delivers them, in both generations, with all fields in clear.

use serde_json::{Value, json};

use crate::card_data::{
    ApplicationData, CDOL1_LENGTH, CardData, CardSpec, CvmModel, NATC, PCVC3_TRACK_1, PCVC3_TRACK_2, PUNATC_TRACK_1,
    PUNATC_TRACK_2, UmdGeneration, decimal,
};
use crate::keys::CrtComponents;

/// A card, ready to be written in either generation.
pub(crate) struct Profile<'a> {
    pub(crate) spec: &'a CardSpec,
    pub(crate) data: &'a CardData,
    pub(crate) icc_private_key: &'a CrtComponents,
}

impl Profile<'_> {
    /// Version 1: the provisioning answer of the older remote management.
    pub(crate) fn v1(&self) -> Value {
        let mut contactless = self.contactless();
        contactless["cdol1RelatedDataLength"] = json!(format!("{CDOL1_LENGTH:02X}"));
        json!({
            "digitizedCardId": self.digitized_card_id(),
            "maximumPinTry": 3,
            "mppLiteModule": {
                "cardRiskManagementData": {
                    "additionalCheckTable": hexadecimal(&[0; 18]),
                    "crmCountryCode": hexadecimal(&decimal(self.spec.country)),
                },
                "contactlessPaymentData": contactless,
            },
            "businessLogicModule": {
                "cvmResetTimeout": 30,
                "dualTapResetTimeout": 30,
                "cardholderValidators": ["LOCALLY_VERIFIED_CDCVM"],
            },
        })
    }

    /// Version 2: the digitized card profile.
    pub(crate) fn v2(&self) -> Value {
        let mut contactless = self.contactless();
        contactless["cdol1RelatedDataLength"] = json!(CDOL1_LENGTH);
        contactless["cvmModel"] = json!(match self.spec.cvm_model {
            CvmModel::Always => "CDCVM_ALWAYS",
            CvmModel::Flexible => "FLEXIBLE_CDCVM",
            CvmModel::CardLike => "CARD_LIKE",
        });
        contactless["umdGeneration"] = json!(match self.spec.umd_generation {
            UmdGeneration::Always => "ALWAYS_GENERATE_VALID_UMD",
            UmdGeneration::OnCdcvm => "GENERATE_VALID_UMD_ON_CDCVM",
            UmdGeneration::Random => "ALWAYS_GENERATE_RANDOM_UMD",
        });
        contactless["isTransitSupported"] = json!(true);
        contactless["isUsAipMaskingSupported"] = json!(false);
        if let Some(tracks) = &self.data.tracks {
            let construction = |track: &[u8], pcvc3: &[u8], punatc: &[u8]| {
                json!({
                    "nAtc": hexadecimal(&[NATC]),
                    "pCvc3": hexadecimal(pcvc3),
                    "pUnAtc": hexadecimal(punatc),
                    "trackData": hexadecimal(track),
                })
            };
            contactless["track1ConstructionData"] = construction(&tracks.track_1, &PCVC3_TRACK_1, &PUNATC_TRACK_1);
            contactless["track2ConstructionData"] = construction(&tracks.track_2, &PCVC3_TRACK_2, &PUNATC_TRACK_2);
        }
        json!({
            "version": "2.0",
            "mchipCardProfile": {
                "commonData": {
                    "pan": self.spec.pan,
                    "digitizedCardId": self.digitized_card_id(),
                    "cardCountryCode": hexadecimal(&decimal(self.spec.country)),
                    "accountType": "DEBIT",
                    "productType": "DEBIT",
                    "isTransactionIdRequired": true,
                },
                "contactlessPaymentData": contactless,
            },
        })
    }

    /// What both generations spell alike.
    fn contactless(&self) -> Value {
        let CrtComponents { p, q, dp, dq, u } = self.icc_private_key;
        let records = self.data.records.iter().map(|record| {
            json!({
                "recordNumber": record.number,
                // As P2 of READ RECORD has it.
                "sfi": hexadecimal(&[record.sfi << 3 | 4]),
                "recordValue": hexadecimal(&record.value),
            })
        });
        let mut contactless = application(&self.data.primary);
        contactless["ppseFci"] = json!(hexadecimal(&self.data.ppse_fci));
        contactless["issuerApplicationData"] = json!(hexadecimal(&ISSUER_APPLICATION_DATA));
        contactless["iccPrivateKeyCrtComponents"] = json!({
            "p": hexadecimal(p), "q": hexadecimal(q), "dp": hexadecimal(dp), "dq": hexadecimal(dq), "u": hexadecimal(u),
        });
        contactless["records"] = records.collect();
        if let Some(mag_stripe) = self.spec.mag_stripe {
            contactless["pinIvCvc3Track2"] = json!(hexadecimal(&mag_stripe.pin_iv_cvc3));
            contactless["ciacDeclineOnPpms"] = json!("0000");
        }
        if let Some(alternate) = &self.data.alternate {
            contactless["alternateContactlessPaymentData"] = application(alternate);
        }
        contactless
    }

    /// 32 digits: the account number, zeros, the sequence number.
    fn digitized_card_id(&self) -> String {
        let zeros = 30 - self.spec.pan.len();
        format!("{}{:0zeros$}{:02}", self.spec.pan, 0, self.spec.psn)
    }
}

fn application(data: &ApplicationData) -> Value {
    json!({
        "aid": hexadecimal(&data.aid),
        "paymentFci": hexadecimal(&data.fci),
        "gpoResponse": hexadecimal(&data.gpo_response),
        "ciacDecline": "000000",
        "cvrMaskAnd": "FFFFFFFFFFFF",
    })
}

fn hexadecimal(bytes: &[u8]) -> String {
    hex::encode_upper(bytes)
}

/// The template of 9F10: key derivation index 01, cryptogram version 14 (common session key, no counters); the card
/// fills in its results and the MD cryptogram.
const ISSUER_APPLICATION_DATA: [u8; 18] = [0x01, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x00, 0xFF];

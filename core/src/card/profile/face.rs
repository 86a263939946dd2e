//! What a profile holds for every reader: the part of it that may be known before its keys are.

use super::document::Document;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// What stays of an object: only what is named here, so that nothing unknown slips through.
enum Kept {
    Whole,
    Only(&'static [(&'static str, Kept)]),
}

/// The same profile without its keys: it answers SELECT, GET PROCESSING OPTIONS and READ RECORD byte for byte alike, and
/// no GENERATE AC. `None` for JSON that is no profile.
pub(super) fn face(json: &str) -> Option<String> {
    let document = Document::parse(json).ok()?;
    serde_json::to_string(&pruned(document, PROFILE)?).ok()
}

fn pruned(document: Document<'_>, kept: &[(&str, Kept)]) -> Option<BTreeMap<String, Box<RawValue>>> {
    let mut members = BTreeMap::new();
    for (name, raw) in document.into_members() {
        let value = match kept.iter().find(|(kept, _)| *kept == name) {
            None => continue,
            Some((_, Kept::Whole)) => raw.to_owned(),
            Some((_, Kept::Only(_))) if !raw.get().starts_with('{') => raw.to_owned(),
            Some((_, Kept::Only(kept))) => {
                let inner = pruned(Document::parse(raw.get()).ok()?, kept)?;
                serde_json::value::to_raw_value(&inner).ok()?
            }
        };
        members.insert(name, value);
    }
    Some(members)
}

const PROFILE: &[(&str, Kept)] = &[
    ("businessLogicModule", Kept::Only(&[("dualTapResetTimeout", Kept::Whole)])),
    ("mchipCardProfile", Kept::Only(MODULE)),
    ("mppLiteModule", Kept::Only(MODULE)),
];

const MODULE: &[(&str, Kept)] = &[
    ("cardRiskManagementData", Kept::Whole),
    ("commonData", Kept::Whole),
    ("contactlessPaymentData", Kept::Only(CONTACTLESS)),
];

const CONTACTLESS: &[(&str, Kept)] = &[
    ("aid", Kept::Whole),
    ("alternateContactlessPaymentData", Kept::Whole),
    ("cdol1RelatedDataLength", Kept::Whole),
    ("ciacDecline", Kept::Whole),
    ("ciacDeclineOnPpms", Kept::Whole),
    ("cvmModel", Kept::Whole),
    ("cvrMaskAnd", Kept::Whole),
    ("gpoResponse", Kept::Whole),
    ("isTransitSupported", Kept::Whole),
    ("isUsAipMaskingSupported", Kept::Whole),
    ("issuerApplicationData", Kept::Whole),
    ("paymentFci", Kept::Whole),
    ("pinIvCvc3Track2", Kept::Whole),
    ("ppseFci", Kept::Whole),
    ("records", Kept::Whole),
    ("umdGeneration", Kept::Whole),
];

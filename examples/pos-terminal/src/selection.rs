//! Choosing the application (EMV Contactless Book B, section 3.3).

use crate::configuration::{Application, TerminalConfiguration};
use crate::tlv::{self, TlvFault};

/// An application that card and terminal have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// 4F, to be selected.
    pub aid: Vec<u8>,
    /// 50, for the cardholder's eye.
    pub label: Option<String>,
    /// 87, low four bits: 1 comes first, 0 (or none) last.
    pub priority: u8,
    /// What the terminal knows about it.
    pub application: Application,
}

/// The common applications from the answer to SELECT PPSE, the best first.
pub fn candidates(ppse: &[u8], configuration: &TerminalConfiguration) -> Result<Vec<Candidate>, TlvFault> {
    let fci = tlv::template(ppse, FCI)?;
    let mut found = Vec::new();
    for directory in inside(fci, &[FCI_PROPRIETARY, ISSUER_DISCRETIONARY])? {
        if directory.tag == APPLICATION_TEMPLATE {
            found.extend(candidate(directory.value, configuration)?);
        }
    }
    // A stable sort: among equals the order of the directory holds.
    found.sort_by_key(|candidate| if candidate.priority == 0 { LAST } else { candidate.priority });
    Ok(found)
}

/// Every application that the terminal accepts, in its own order: what is tried without a directory
/// (EMV Book 1, section 12.3.3).
pub fn known(configuration: &TerminalConfiguration) -> Vec<Candidate> {
    let applications = configuration.applications.iter();
    applications
        .map(|application| Candidate {
            aid: application.aid.clone(),
            label: None,
            priority: 0,
            application: application.clone(),
        })
        .collect()
}

fn inside<'a>(bytes: &'a [u8], path: &[u32]) -> Result<Vec<tlv::Element<'a>>, TlvFault> {
    let here = tlv::elements(bytes)?;
    let Some((next, deeper)) = path.split_first() else { return Ok(here) };
    let mut found = Vec::new();
    for element in here.iter().filter(|element| element.tag == *next) {
        found.extend(inside(element.value, deeper)?);
    }
    Ok(found)
}

fn candidate(entry: &[u8], configuration: &TerminalConfiguration) -> Result<Option<Candidate>, TlvFault> {
    let elements = tlv::elements(entry)?;
    let value = |tag| elements.iter().find(|element| element.tag == tag).map(|element| element.value);
    let Some(aid) = value(ADF_NAME) else { return Ok(None) };
    let Some(application) = configuration.applications.iter().find(|application| application.aid == aid) else {
        return Ok(None);
    };
    if !runs_on_kernel_2(aid, value(KERNEL_IDENTIFIER)) {
        return Ok(None);
    }
    Ok(Some(Candidate {
        aid: aid.to_vec(),
        label: value(LABEL).map(|label| String::from_utf8_lossy(label).into_owned()),
        priority: value(PRIORITY).and_then(<[u8]>::first).map_or(0, |priority| priority & 0x0F),
        application: application.clone(),
    }))
}

// Book B, table 3-6: absent or 00 means the default kernel of the scheme.
fn runs_on_kernel_2(aid: &[u8], identifier: Option<&[u8]>) -> bool {
    match identifier.and_then(<[u8]>::first) {
        None | Some(0x00) => aid.starts_with(&MASTERCARD),
        Some(kernel) => *kernel == KERNEL_2,
    }
}

/// The scheme whose default kernel is C-2.
const MASTERCARD: [u8; 5] = [0xA0, 0x00, 0x00, 0x00, 0x04];
const KERNEL_2: u8 = 0x02;
const LAST: u8 = 0x10;
const FCI: u32 = 0x6F;
const FCI_PROPRIETARY: u32 = 0xA5;
const ISSUER_DISCRETIONARY: u32 = 0xBF0C;
const APPLICATION_TEMPLATE: u32 = 0x61;
const ADF_NAME: u32 = 0x4F;
const LABEL: u32 = 0x50;
const PRIORITY: u32 = 0x87;
const KERNEL_IDENTIFIER: u32 = 0x9F2A;

#[cfg(test)]
mod tests {
    use super::*;

    fn tlv(tag: &str, value: &str) -> String {
        format!("{tag}{:02X}{value}", value.len() / 2)
    }

    fn ppse(entries: &[String]) -> Vec<u8> {
        let directory: String = entries.iter().map(|entry| tlv("61", entry)).collect();
        let fci = tlv("84", "325041592E5359532E4444463031") + &tlv("A5", &tlv("BF0C", &directory));
        hex::decode(tlv("6F", &fci)).unwrap()
    }

    fn entry(aid: &str, priority: &str, kernel: &str) -> String {
        let optional = |tag, value: &str| if value.is_empty() { String::new() } else { tlv(tag, value) };
        tlv("4F", aid) + &optional("87", priority) + &optional("9F2A", kernel)
    }

    fn chosen(entries: &[String]) -> Vec<String> {
        let configuration = TerminalConfiguration::builtin("shop-poland").unwrap();
        let found = candidates(&ppse(entries), &configuration).unwrap();
        found.into_iter().map(|candidate| hex::encode_upper(candidate.aid)).collect()
    }

    #[test]
    fn the_lowest_priority_number_comes_first_and_none_comes_last() {
        let entries =
            [entry("A0000000042203", "", ""), entry("A0000000043060", "82", "02"), entry("A0000000041010", "01", "02")];
        assert_eq!(chosen(&entries), ["A0000000041010", "A0000000043060", "A0000000042203"]);
        let entries = [entry("A0000000043060", "00", ""), entry("A0000000041010", "0F", "")];
        assert_eq!(chosen(&entries), ["A0000000041010", "A0000000043060"]);
        let entries = [entry("A0000000043060", "01", ""), entry("A0000000041010", "01", "")];
        assert_eq!(chosen(&entries), ["A0000000043060", "A0000000041010"], "the directory's order decides");
    }

    #[test]
    fn only_exact_names_and_this_kernel_are_candidates() {
        assert!(chosen(&[entry("A000000004101001", "01", "02")]).is_empty(), "a longer name");
        assert!(chosen(&[entry("A0000000031010", "01", "03")]).is_empty(), "another scheme");
        assert!(chosen(&[entry("A0000000041010", "01", "03")]).is_empty(), "another kernel");
        assert_eq!(chosen(&[entry("A0000000041010", "01", "00")]).len(), 1, "the scheme's default kernel");
        assert!(chosen(&[tlv("50", "41")]).is_empty(), "no name at all");
    }
}

use super::{Quirk, Step};
use crate::apdu;

/// What goes over the air at one step: of all the answers only the command's counts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) before: Vec<Vec<u8>>,
    pub(crate) command: Vec<u8>,
    pub(crate) after: Vec<Vec<u8>>,
}

impl Words {
    pub(super) fn plain(command: Vec<u8>) -> Self {
        Self { before: Vec::new(), command, after: Vec::new() }
    }

    pub(super) fn with(mut self, quirk: &Quirk, step: Step) -> Self {
        match quirk {
            Quirk::LeLeftOut => self.command.truncate(self.command.len().saturating_sub(1)),
            Quirk::LeWrong { le, then_right } => {
                let wrong = with_le(self.command.clone(), *le);
                if *then_right {
                    self.before.push(wrong);
                } else {
                    self.command = wrong;
                }
            }
            Quirk::WrongClassFirst => self.before.push(with_other_class(self.command.clone())),
            Quirk::ExtendedLengthFirst => self.before.push(extended(&self.command)),
            Quirk::Says { commands, before } if before.contains(&step) => self.before.extend(commands.iter().cloned()),
            Quirk::ProcessingOptionsTwice if step == Step::ProcessingOptions => self.say_again(),
            Quirk::RecordsTwice if step == Step::Record => self.say_again(),
            Quirk::GenerateAcTwice if step == Step::Cryptogram => self.say_again(),
            Quirk::PartialNameFirst { bytes } if step == Step::Application => {
                let name = apdu::data_field(&self.command);
                self.before.push(apdu::select(name.get(..*bytes).unwrap_or(name)));
            }
            Quirk::LooksForNextOccurrence if step == Step::Application => {
                self.before.push(self.command.clone());
                self.before.push(with_next_occurrence(self.command.clone()));
            }
            Quirk::ShortGenerateAcFirst if step == Step::Cryptogram => {
                let values = apdu::data_field(&self.command);
                let control = self.command.get(2).copied().unwrap_or_default();
                self.before.push(apdu::generate_ac(control, values.split_last().map_or(values, |(_, most)| most)));
            }
            _ => {}
        }
        self
    }

    fn say_again(&mut self) {
        self.after.push(self.command.clone());
    }
}

fn with_le(mut command: Vec<u8>, le: u8) -> Vec<u8> {
    if let Some(last) = command.last_mut() {
        *last = le;
    }
    command
}

fn with_other_class(mut command: Vec<u8>) -> Vec<u8> {
    if let Some(class) = command.first_mut() {
        *class ^= 0x80;
    }
    command
}

// ISO 7816-4, SELECT, P2: next occurrence.
fn with_next_occurrence(mut command: Vec<u8>) -> Vec<u8> {
    if let Some(p2) = command.get_mut(3) {
        *p2 |= 0x02;
    }
    command
}

// ISO 7816-4: Lc as 00 and two bytes, then two bytes of Le; without data 00 and two bytes of Le.
fn extended(command: &[u8]) -> Vec<u8> {
    let (header, data) = (command.get(..4).unwrap_or_default(), apdu::data_field(command));
    let mut long = header.to_vec();
    long.push(0x00);
    if let Some(lc) = command.get(4).filter(|_| !data.is_empty()) {
        long.extend([0x00, *lc]);
        long.extend_from_slice(data);
    }
    long.extend([0x00, 0x00]);
    long
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(quirk: &Quirk, step: Step, command: &str) -> (Vec<String>, String, Vec<String>) {
        let words = Words::plain(hex::decode(command).unwrap()).with(quirk, step);
        let written = |commands: Vec<Vec<u8>>| commands.iter().map(hex::encode_upper).collect();
        (written(words.before), hex::encode_upper(words.command), written(words.after))
    }

    #[test]
    fn lengths_of_three_bytes_are_those_of_iso_7816() {
        let quirk = Quirk::ExtendedLengthFirst;
        let (before, command, _) = words(&quirk, Step::ProcessingOptions, "80A8000002830000");
        assert_eq!((before[0].as_str(), command.as_str()), ("80A8000000000283000000", "80A8000002830000"));
        assert_eq!(words(&quirk, Step::Record, "00B2010C00").0, ["00B2010C000000"]);
    }

    #[test]
    fn a_quirk_of_one_step_leaves_the_others_alone() {
        for quirk in [Quirk::ProcessingOptionsTwice, Quirk::LooksForNextOccurrence, Quirk::ShortGenerateAcFirst] {
            let (before, command, after) = words(&quirk, Step::Record, "00B2010C00");
            assert!(before.is_empty() && after.is_empty() && command == "00B2010C00", "{quirk:?}");
        }
    }
}

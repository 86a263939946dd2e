use super::application::{CardApplication, Handled, State};
use super::profile::ApplicationProfile;
use super::verdict::Abort;
use crate::apdu::{Reply, StatusWord};
use crate::emv::{CountryCode, TerminalData};
use crate::tlv::{Dol, read_length};

impl CardApplication {
    /// GET PROCESSING OPTIONS: the answer of the profile, where wanted with the AIP masked for a United States reader.
    pub(super) fn get_processing_options(&mut self, template: &[u8], reply: &mut Reply) -> Handled {
        let State::Selected { alternate } = self.state else {
            return Handled::refused(reply, StatusWord::CONDITIONS_NOT_SATISFIED);
        };
        let card = self.card.clone();
        let application = card.application(alternate);
        let (data, terminal) = match read(template, application) {
            Ok(read) => read,
            Err(status) => return Handled::refused(reply, status),
        };
        if terminal.terminal_type.is_some_and(|terminal| terminal.is_offline_only()) {
            return self.abort(Abort::OfflineOnlyTerminal, reply);
        }
        let gpo = &application.gpo;
        let masks = card.profile.us_aip_masking && card.mag_stripe_allowed && !alternate && wants_masked_aip(&terminal);
        let aip = if masks { gpo.aip.without_emv_mode() } else { gpo.aip };
        let answer = if masks { &gpo.masked_bytes } else { &gpo.bytes };
        if reply.accept(&[answer]).is_err() || self.pdol_data.set(data).is_none() {
            return self.abort(Abort::Internal, reply);
        }
        self.state = State::Initiated { alternate, aip };
        Handled::Responded
    }
}

/// The PDOL values within template 83, and what they say.
fn read<'a>(template: &'a [u8], application: &ApplicationProfile) -> Result<(&'a [u8], TerminalData), StatusWord> {
    let Some((&TEMPLATE, rest)) = template.split_first() else { return Err(StatusWord::CONDITIONS_NOT_SATISFIED) };
    let (length, data) = read_length(rest).map_err(|_| StatusWord::WRONG_LENGTH)?;
    let pdol = Dol::parse(&application.pdol).map_err(|_| StatusWord::INTERNAL)?;
    if length != data.len() || length != pdol.data_length() {
        return Err(StatusWord::WRONG_LENGTH);
    }
    let terminal = TerminalData::read(&[(pdol, data)]).map_err(|_| StatusWord::CONDITIONS_NOT_SATISFIED)?;
    Ok((data, terminal))
}

/// A reader that says it stands in the United States, or nowhere, and tells nothing of its risk management.
fn wants_masked_aip(terminal: &TerminalData) -> bool {
    let american = terminal.country.is_some_and(|country| country == UNITED_STATES || country == NOWHERE);
    american && terminal.risk_management.is_none_or(|data| data.is_zero())
}

/// The command template, EMV Book 3 section 6.5.8.
const TEMPLATE: u8 = 0x83;
/// ISO 3166-1.
const UNITED_STATES: CountryCode = CountryCode::new([0x08, 0x40]);
const NOWHERE: CountryCode = CountryCode::new([0x00, 0x00]);

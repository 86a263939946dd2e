//! The stage: one phone, many terminals, a bank; it plays scenarios.

use std::time::Duration;

use anyhow::Context;
use pos_terminal::configuration::CaPublicKey;
use pos_terminal::{Sale, Tap, Terminal, TerminalConfiguration};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::Rng;

use crate::bank::{Bank, Judgement};
use crate::check::{deviations, end_of};
use crate::phone::{Felt, Phone};
use crate::scenarios::{Acquirer, Cardholder, PlannedTap, Scenario};

/// Everything that takes part.
pub(crate) struct Stage {
    /// With the card in it.
    pub(crate) phone: Phone,
    /// Behind all terminals.
    pub(crate) bank: Bank,
    /// What terminals know of the card's scheme and of its home.
    pub(crate) surroundings: Surroundings,
    /// For the terminals' unpredictable numbers.
    pub(crate) numbers: ChaCha20Rng,
}

/// What every terminal is told before it meets the card.
#[derive(Clone, Default)]
pub(crate) struct Surroundings {
    /// The authority above the card; without it terminals cannot ask for signatures.
    pub(crate) authority: Option<CaPublicKey>,
    /// The card's country, where terminals at home stand.
    pub(crate) country: Option<[u8; 2]>,
    /// The currency there.
    pub(crate) currency: Option<[u8; 2]>,
}

/// One tap that has been played.
pub(crate) struct PlayedTap {
    /// The scenario that it is part of.
    pub(crate) scenario: &'static Scenario,
    /// From 1.
    pub(crate) number: usize,
    /// What was expected.
    pub(crate) planned: PlannedTap,
    /// It will come again in the same way: not worth a whole page.
    pub(crate) repeats: bool,
    /// The terminal.
    pub(crate) terminal: TerminalConfiguration,
    /// What it sold.
    pub(crate) sale: Sale,
    /// What happened at the terminal.
    pub(crate) tap: Tap,
    /// What happened in the phone.
    pub(crate) felt: Felt,
    /// What happened at the bank.
    pub(crate) judgement: Judgement,
    /// Credentials that it spent.
    pub(crate) spent: usize,
    /// Credentials that are left.
    pub(crate) left: usize,
    /// What differs from the plan; nothing in a good run.
    pub(crate) deviations: Vec<String>,
}

impl PlayedTap {
    /// Commands and answers together.
    pub(crate) fn bytes(&self) -> usize {
        self.tap.exchanges.iter().map(|exchange| exchange.command.len() + exchange.answer.len()).sum()
    }
}

impl Stage {
    /// Plays a scenario; hands over each tap as it happens.
    pub(crate) fn play(
        &mut self,
        scenario: &'static Scenario,
        show: &mut dyn FnMut(PlayedTap) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let terminal = Terminal::new(self.terminal(scenario)?);
        let mut taps = scenario.taps.iter().copied();
        let mut number = 0;
        if scenario.until_empty
            && let Some(repeated) = taps.next()
        {
            let (repeats, mut left) = (true, self.phone.credentials_left());
            while left > 0 {
                number += 1;
                let played = self.tap(&terminal, Act { scenario, number, planned: repeated, repeats })?;
                // A tap that spends nothing would be repeated for ever.
                left = if played.spent == 0 { 0 } else { played.left };
                show(played)?;
            }
        }
        for planned in taps {
            number += 1;
            show(self.tap(&terminal, Act { scenario, number, planned, repeats: false })?)?;
        }
        Ok(())
    }

    /// Lets a terminal read the card without paying, to learn where the card is at home. Spends nothing: an amount
    /// above the terminal's limit ends the tap before the cryptogram.
    pub(crate) fn learn_home(&mut self) -> anyhow::Result<()> {
        let configuration = TerminalConfiguration { transaction_limit: 0, ..TerminalConfiguration::builtin(HOME)? };
        let sale = Sale::purchase(1, [0; 3], [0; 4]).at(self.phone.now());
        let tap = Terminal::new(configuration).tap(&mut self.phone, &sale);
        self.phone.leave_field();
        let code = |tag| tap.data.get(&tag).and_then(|value: &Vec<u8>| value.as_slice().try_into().ok());
        (self.surroundings.country, self.surroundings.currency) = (code(ISSUER_COUNTRY), code(APPLICATION_CURRENCY));
        Ok(())
    }

    fn terminal(&self, scenario: &Scenario) -> anyhow::Result<TerminalConfiguration> {
        let mut terminal = TerminalConfiguration::builtin(scenario.terminal)?;
        let Surroundings { authority, country, currency } = &self.surroundings;
        let at_home = TerminalConfiguration::builtin(HOME)?.country;
        if terminal.country == at_home {
            terminal.country = country.unwrap_or(terminal.country);
            terminal.currency = currency.unwrap_or(terminal.currency);
        } else if *country == Some(terminal.country) && scenario.terminal == ABROAD {
            // Abroad is somewhere else for this card.
            terminal = TerminalConfiguration::builtin(HOME)?;
        }
        terminal.cda &= authority.is_some();
        terminal.ca_public_keys = authority.iter().cloned().collect();
        if let Some(aid) = scenario.only_application {
            terminal.applications.retain(|application| application.aid == aid);
        }
        Ok(terminal)
    }

    fn tap(&mut self, terminal: &Terminal, act: Act) -> anyhow::Result<PlayedTap> {
        let Act { scenario, number, planned, repeats } = act;
        self.phone.wait(BETWEEN_TAPS);
        match planned.cardholder {
            Cardholder::DoesNothing => self.phone.forget_cardholder(),
            Cardholder::Verifies => self.phone.verify_cardholder()?,
            Cardholder::VerifiesAndWaits(seconds) => {
                self.phone.verify_cardholder()?;
                self.phone.wait(Duration::from_secs(seconds.into()));
            }
        }
        let mut unpredictable_number = [0; 4];
        self.numbers.fill_bytes(&mut unpredictable_number);
        let sale = Sale::purchase(scenario.amount, [0; 3], unpredictable_number).at(self.phone.now());

        let before = self.phone.credentials_left();
        let tap = terminal.tap(&mut self.phone, &sale);
        let felt = self.phone.leave_field();
        let left = self.phone.credentials_left();
        let configuration = terminal.configuration();
        let acquirer = if end_of(&tap) == planned.terminal { scenario.acquirer } else { Acquirer::Honest };
        let judgement = self.bank.judge(&tap, &sale, configuration, acquirer);
        let mut played = PlayedTap {
            scenario,
            number,
            planned,
            repeats,
            terminal: configuration.clone(),
            sale,
            tap,
            felt,
            judgement,
            spent: before.checked_sub(left).context("a tap cannot bring credentials")?,
            left,
            deviations: Vec::new(),
        };
        played.deviations = deviations(&played);
        Ok(played)
    }
}

struct Act {
    scenario: &'static Scenario,
    number: usize,
    planned: PlannedTap,
    repeats: bool,
}

/// The terminal next door.
const HOME: &str = "shop-poland";
/// The one in another country.
const ABROAD: &str = "shop-germany";

const ISSUER_COUNTRY: u32 = 0x5F28;
const APPLICATION_CURRENCY: u32 = 0x9F42;

/// The phone goes back into the pocket.
const BETWEEN_TAPS: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cards;
    use sandbox::{CaSize, CardSpec, TokenService};
    use time::OffsetDateTime;

    const START: i64 = 1_768_471_200;

    fn stage(scenario: &'static Scenario) -> Stage {
        cards::made(1, OffsetDateTime::from_unix_timestamp(START).unwrap(), &[scenario]).unwrap().stage
    }

    fn deviations(stage: &mut Stage, scenario: &'static Scenario) -> Vec<String> {
        let mut found = Vec::new();
        stage
            .play(scenario, &mut |played| {
                found.extend(played.deviations);
                Ok(())
            })
            .unwrap();
        found
    }

    #[test]
    fn an_issuer_with_other_keys_is_a_deviation() {
        let scenario = Scenario::named("low-value").unwrap();
        let mut other = TokenService::new(2, CaSize::Bits1152).unwrap();
        let card = other.personalise(&CardSpec::default()).unwrap();
        other.issue_credentials(&card.pan, 9).unwrap();
        let mut stage = Stage { bank: Bank::new(other.issuer().clone(), &card.pan), ..stage(scenario) };
        let found = deviations(&mut stage, scenario);
        for sentence in
            ["Declined(\"BAD_CRYPTOGRAM\")", "UMD cryptogram is wrong", "MD cryptogram is wrong", "Unproven"]
        {
            assert!(found.iter().any(|found| found.contains(sentence)), "{sentence}: {found:?}");
        }
    }

    #[test]
    fn another_authority_is_a_deviation() {
        let scenario = Scenario::named("high-value").unwrap();
        let mut stage = stage(scenario);
        if let Some(authority) = &mut stage.surroundings.authority {
            authority.modulus[70] ^= 1;
        }
        let found = deviations(&mut stage, scenario);
        assert!(found.iter().any(|found| found.contains("CDA failed")), "{found:?}");
        assert!(found.iter().any(|found| found.contains("DeclinedByTerminal")), "{found:?}");
    }

    #[test]
    fn a_plan_that_does_not_come_true_is_a_deviation() {
        static UNVERIFIED: Scenario = Scenario {
            name: "unverified",
            taps: &[PlannedTap { cardholder: Cardholder::DoesNothing, ..PlannedTap::PAYS }],
            ..Scenario::ORDINARY
        };
        let found = deviations(&mut stage(&UNVERIFIED), &UNVERIFIED);
        assert_eq!(found.len(), 5, "{found:?}");
        for sentence in ["WalletActionRequired", "MissingCdcvm", "0 credentials", "see phone", "was not asked"] {
            assert!(found.iter().any(|found| found.contains(sentence)), "{sentence}: {found:?}");
        }
    }

    #[test]
    fn looking_for_the_cards_home_spends_nothing() {
        let mut stage = stage(Scenario::named("low-value").unwrap());
        let before = stage.phone.credentials_left();
        stage.learn_home().unwrap();
        assert_eq!(stage.surroundings.country, Some([0x06, 0x16]));
        assert_eq!(stage.surroundings.currency, Some([0x09, 0x85]));
        assert_eq!(stage.phone.credentials_left(), before);
    }
}

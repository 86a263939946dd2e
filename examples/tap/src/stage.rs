//! The stage: phones, terminals, a bank; it plays scenarios, and visits to a terminal.

use std::rc::Rc;

use bezant::emv::CvmModel;
use pos_terminal::configuration::CaPublicKey;
use pos_terminal::{Sale, TerminalConfiguration, zoo};

use crate::bank::Bank;
use crate::cards::{Cards, Supply};
use crate::check::deviations;
use crate::phone::{Make, Phone};
use crate::platform::{PhoneClock, SeededRng};
use crate::played::{PlayedTap, Subject, end_of, question, sale_of};
use crate::scenarios::{Acquirer, Before, PlannedTap, Rules, Scenario};
use crate::terminals::{Entry, Place};

/// Everything that takes part.
pub(crate) struct Stage {
    /// For the phones.
    pub(crate) cards: Cards,
    /// Behind all terminals.
    pub(crate) bank: Bank,
    /// What terminals know of the card's scheme and of its home.
    pub(crate) surroundings: Surroundings,
    /// Whether terminals measure how long the phone takes.
    pub(crate) measures: bool,
    seed: u64,
    phones: u64,
    clock: PhoneClock,
    numbers: SeededRng,
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

/// A visit to a terminal, as somebody wants it.
pub(crate) struct Wish {
    /// Where.
    pub(crate) place: Place,
    /// The same for people.
    pub(crate) entry: Entry,
    /// What the wallet insists on.
    pub(crate) model: CvmModel,
    /// In minor units of the terminal's currency.
    pub(crate) amount: u64,
    /// With a finger on the sensor before.
    pub(crate) verified: bool,
}

/// Who is handed each tap as it happens.
pub(crate) type Audience<'a> = &'a mut dyn FnMut(PlayedTap) -> anyhow::Result<()>;

impl Stage {
    /// A stage on which nothing has been played.
    pub(crate) fn new(cards: Cards, bank: Bank, surroundings: Surroundings, seed: u64, clock: PhoneClock) -> Self {
        let numbers = SeededRng::new(seed, TERMINALS);
        Self { cards, bank, surroundings, measures: false, seed, phones: 0, clock, numbers }
    }

    /// Plays a scenario.
    pub(crate) fn play(&mut self, scenario: &'static Scenario, show: Audience<'_>) -> anyhow::Result<()> {
        let place = Place::plain(self.terminal(scenario)?);
        let model = self.cards.model().unwrap_or(scenario.model);
        let supply = if scenario.until_empty { Supply::Rest } else { Supply::For(scenario.credentials()) };
        let mut phone = self.phone(model, scenario.rules, supply)?;
        let subject = Rc::new(Subject {
            name: scenario.name.to_owned(),
            story: scenario.story.to_owned(),
            model,
            acquirer: scenario.acquirer,
        });
        let several = scenario.taps.len() > 1 || scenario.until_empty;
        let act = |planned: PlannedTap, number| Act {
            subject: subject.clone(),
            number,
            planned: Some(planned),
            before: planned.before,
            amount: planned.amount.unwrap_or(scenario.amount),
            several,
        };
        let mut taps = scenario.taps.iter().copied();
        let mut number = 0;
        if scenario.until_empty
            && let Some(repeated) = taps.next()
        {
            let mut left = phone.credentials_left();
            while left > 0 {
                number += 1;
                let before = left;
                self.visit(&mut phone, &place, act(repeated, number), show)?;
                left = phone.credentials_left();
                // A tap that spends nothing would be repeated for ever.
                if left >= before {
                    break;
                }
            }
        }
        for planned in taps {
            number += 1;
            self.visit(&mut phone, &place, act(planned, number), show)?;
        }
        Ok(())
    }

    /// A new phone that can go to any terminal.
    pub(crate) fn any_phone(&mut self, model: CvmModel) -> anyhow::Result<Phone> {
        self.phone(model, Rules::ORDINARY, Supply::For(MOST_PAYMENTS))
    }

    /// Goes to a terminal, of which nothing is expected but that all agree.
    pub(crate) fn go_to(&mut self, phone: &mut Phone, wish: Wish, show: Audience<'_>) -> anyhow::Result<()> {
        let Wish { mut place, entry, model, amount, verified } = wish;
        self.tell_surroundings(&mut place.configuration)?;
        let subject = Rc::new(Subject { name: entry.name, story: entry.story, model, acquirer: Acquirer::Honest });
        let before = if verified { Before::VERIFIED } else { Before::NOTHING };
        let act = Act { subject, number: 1, planned: None, before, amount, several: false };
        self.visit(phone, &place, act, show)
    }

    /// Goes on after earlier runs with so many taps: no terminal says again what it said then.
    pub(crate) fn go_on_after(&mut self, taps: u64) {
        self.numbers = SeededRng::new(self.seed, TERMINALS.wrapping_add(taps));
    }

    /// Lets a terminal read the card without paying, to learn where the card is at home. Spends nothing: an amount
    /// above the terminal's limit ends the tap before the cryptogram.
    pub(crate) fn learn_home(&mut self, phone: &mut Phone) -> anyhow::Result<()> {
        let configuration = TerminalConfiguration { transaction_limit: 0, ..TerminalConfiguration::builtin(HOME)? };
        let sale = Sale::purchase(1, [0; 3], [0; 4]).at(self.clock.time());
        let tap = pos_terminal::Terminal::new(configuration).tap(phone, &sale);
        let code = |tag| tap.data.get(&tag).and_then(|value: &Vec<u8>| value.as_slice().try_into().ok());
        (self.surroundings.country, self.surroundings.currency) = (code(ISSUER_COUNTRY), code(APPLICATION_CURRENCY));
        Ok(())
    }

    /// Every phone is a new one: its wallet remembers nothing of the scenarios before.
    fn phone(&mut self, model: CvmModel, rules: Rules, supply: Supply) -> anyhow::Result<Phone> {
        let (profile, credentials) = self.cards.hand_out(model, supply)?;
        self.phones += 1;
        let make = Make {
            model: Some(model),
            rules,
            clock: self.clock.clone(),
            numbers: Box::new(SeededRng::new(self.seed, self.phones)),
            measures: self.measures,
        };
        Phone::set_up(&profile, &credentials, make)
    }

    fn terminal(&self, scenario: &Scenario) -> anyhow::Result<TerminalConfiguration> {
        let mut terminal = TerminalConfiguration::builtin(scenario.terminal)?;
        // Abroad is somewhere else for this card.
        if self.surroundings.country == Some(terminal.country) && scenario.terminal == ABROAD {
            terminal = TerminalConfiguration::builtin(HOME)?;
        } else {
            self.tell_surroundings(&mut terminal)?;
        }
        self.tell_authority(&mut terminal);
        if let Some(aid) = scenario.only_application {
            terminal.applications.retain(|application| application.aid == aid);
        }
        Ok(terminal)
    }

    /// Terminals next door stand where the card is at home.
    fn tell_surroundings(&self, terminal: &mut TerminalConfiguration) -> anyhow::Result<()> {
        let Surroundings { country, currency, .. } = &self.surroundings;
        if terminal.country == TerminalConfiguration::builtin(HOME)?.country {
            terminal.country = country.unwrap_or(terminal.country);
            terminal.currency = currency.unwrap_or(terminal.currency);
        }
        self.tell_authority(terminal);
        Ok(())
    }

    fn tell_authority(&self, terminal: &mut TerminalConfiguration) {
        let authority = &self.surroundings.authority;
        terminal.cda &= authority.is_some();
        terminal.ca_public_keys = authority.iter().cloned().collect();
    }

    fn visit(&mut self, phone: &mut Phone, place: &Place, act: Act, show: Audience<'_>) -> anyhow::Result<()> {
        let Act { subject, number, planned, before, amount, several } = act;
        phone.prepare(&before)?;
        let sale = Sale::purchase(amount, [0; 3], self.numbers.four_bytes()).at(self.clock.time());
        let visit = zoo::visit(&place.configuration, &place.quirks, phone, &sale);
        phone.leave_field();
        let several = several || visit.taps.len() > 1;
        let mut commands = 0;
        for (later, tap) in visit.taps.into_iter().enumerate() {
            let first = commands;
            commands += tap.exchanges.len();
            let expected = planned.is_none_or(|planned| end_of(&tap) == planned.terminal);
            let acquirer = if expected { subject.acquirer } else { Acquirer::Honest };
            let question = question(&tap);
            let mut played = PlayedTap {
                subject: subject.clone(),
                number: number + later,
                several,
                planned,
                before,
                terminal: place.configuration.clone(),
                sale: sale_of(&sale, &question),
                felt: phone.felt(first, commands),
                judgement: self.bank.judge(&tap, &question, acquirer),
                tap,
                deviations: Vec::new(),
            };
            played.deviations = deviations(&played);
            show(played)?;
        }
        Ok(())
    }
}

struct Act {
    subject: Rc<Subject>,
    number: usize,
    planned: Option<PlannedTap>,
    before: Before,
    amount: u64,
    several: bool,
}

/// The terminal next door.
const HOME: &str = "shop-poland";
/// The one in another country.
const ABROAD: &str = "shop-germany";
/// What any terminal can take in one visit, and more.
pub(crate) const MOST_PAYMENTS: usize = 5;
/// The terminals' numbers must not be a phone's.
const TERMINALS: u64 = 0x905;

const ISSUER_COUNTRY: u32 = 0x5F28;
const APPLICATION_CURRENCY: u32 = 0x9F42;

#[cfg(test)]
mod tests;

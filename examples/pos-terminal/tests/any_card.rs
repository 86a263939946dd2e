//! No card can bring the terminal down, nor forge an approval.
#![allow(clippy::unwrap_used)]

mod common;

use common::{ReplayCard, RuleCard, Step, reference_sale, reference_terminal, reference_trace};
use pos_terminal::configuration::MagStripe;
use pos_terminal::{Card, LinkError, OdaResult, Outcome, Style, Tap, Terminal, TerminalConfiguration, timeline};
use proptest::prelude::*;

struct Babbling(std::vec::IntoIter<Vec<u8>>);

impl Card for Babbling {
    fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, LinkError> {
        self.0.next().ok_or(LinkError::FieldLost)
    }
}

#[derive(Debug, Clone)]
enum Damage {
    Flip(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Insert(prop::sample::Index, Vec<u8>),
    Repeat,
    Replace(Vec<u8>),
}

fn damage() -> impl Strategy<Value = Damage> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        (index(), 1..=u8::MAX).prop_map(|(place, mask)| Damage::Flip(place, mask)),
        index().prop_map(Damage::Cut),
        (index(), prop::collection::vec(any::<u8>(), 1..40)).prop_map(|(place, bytes)| Damage::Insert(place, bytes)),
        Just(Damage::Repeat),
        prop::collection::vec(any::<u8>(), 0..300).prop_map(Damage::Replace),
    ]
}

fn damaged(mut answer: Vec<u8>, damage: &Damage) -> Vec<u8> {
    match damage {
        Damage::Flip(place, mask) => {
            if !answer.is_empty() {
                let place = place.index(answer.len());
                answer[place] ^= mask;
            }
        }
        Damage::Cut(place) => answer.truncate(place.index(answer.len() + 1)),
        Damage::Insert(place, bytes) => {
            let place = place.index(answer.len() + 1);
            answer.splice(place..place, bytes.iter().copied());
        }
        Damage::Repeat => answer.extend(answer.clone()),
        Damage::Replace(bytes) => answer.clone_from(bytes),
    }
    answer
}

fn written(tap: &Tap) {
    for mask_pan in [false, true] {
        assert!(!timeline::report(tap, Style { colour: true, mask_pan, timings: true, ..Style::default() }).is_empty());
    }
}

fn terminals() -> Vec<Terminal> {
    let names = TerminalConfiguration::builtin_names();
    names.iter().map(|name| Terminal::new(TerminalConfiguration::builtin(name).unwrap())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn babble_never_goes_online(answers in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..12)) {
        for terminal in terminals() {
            let tap = terminal.tap(&mut Babbling(answers.clone().into_iter()), &reference_sale());
            prop_assert!(!tap.outcome.goes_online());
            written(&tap);
        }
    }

    #[test]
    fn damage_anywhere_never_brings_the_terminal_down(
        damages in prop::collection::vec((0..8_usize, damage()), 1..4),
        mag_stripe in any::<bool>(),
    ) {
        let mut configuration = reference_terminal().configuration().clone();
        configuration.mag_stripe = if mag_stripe { MagStripe::Fallback } else { MagStripe::None };
        configuration.cda = !mag_stripe;
        let mut steps: Vec<Step> = reference_trace();
        for (step, damage) in &damages {
            steps[*step].1 = damaged(steps[*step].1.clone(), damage);
        }
        // By header, so that the tap goes on after the terminal's commands have changed.
        let mut card = RuleCard::reference().answering("802A", "77159F61021CB19F60021CB19F36020C10DF4B030010009000");
        for (command, answer) in &steps {
            let significant = if matches!(command[1], 0xA4 | 0xB2) { command.len() } else { 2 };
            card = card.answering(&hex::encode(&command[..significant]), &hex::encode(answer));
        }
        let tap = Terminal::new(configuration).tap(&mut card, &reference_sale());
        written(&tap);
    }

    #[test]
    fn a_damaged_cryptogram_answer_never_goes_online(damage in damage()) {
        let mut steps = reference_trace();
        let answer = damaged(steps[7].1.clone(), &damage);
        prop_assume!(answer != steps[7].1);
        steps[7].1 = answer;
        let tap = reference_terminal().tap(&mut ReplayCard::new(steps), &reference_sale());
        prop_assert!(!matches!(tap.outcome, Outcome::OnlineRequest(_)), "{}", tap.outcome);
        prop_assert!(!matches!(tap.oda, OdaResult::CdaVerified { .. }), "{}", tap.oda);
        written(&tap);
    }

    #[test]
    fn anything_is_decoded(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(timeline::decode(&bytes, Style::default()).len() <= 100_000);
    }
}

//! Which of the changes that are not safe are lost, and which are there.

use super::names::Inode;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// What a disk writes whole or not at all.
const SECTOR: usize = 512;
/// Up to so many files are lost and kept in every combination.
const COMBINED: usize = 4;

/// What becomes of one change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Lost,
    Kept,
    /// Of the bytes written only these are there.
    Part {
        from: usize,
        to: usize,
    },
    /// The file is as long as the write made it, but the bytes are missing.
    Zeros,
}

impl Fate {
    /// A random-looking number for a change that is there with this fate. The sum of them tells sets of changes apart
    /// without making the files.
    pub(super) fn mark(self, event: usize) -> u128 {
        let (kind, from, to) = match self {
            Self::Lost => return 0,
            Self::Kept => (0, 0, 0),
            Self::Part { from, to } => (1, from, to),
            Self::Zeros => (2, 0, 0),
        };
        let low = [event, kind, from, to].into_iter().fold(0, |mark, number| mixed(mark ^ number as u64));
        u128::from(mixed(!low)) << 64 | u128::from(low)
    }
}

/// One step of SplitMix64.
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ number >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ number >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ number >> 31
}

/// A change that is not safe.
#[derive(Clone, Copy)]
pub(super) struct Choice {
    /// Its event.
    pub event: usize,
    /// The file, or the directory of a name.
    pub group: Inode,
    /// Of a write, where it begins and how long it is.
    pub write: Option<(usize, usize)>,
    /// Whether it makes its file longer.
    pub extends: bool,
}

/// Fates for all changes.
#[derive(Clone)]
pub(super) enum Pattern {
    /// Some groups are kept, the others lost.
    Groups(Vec<Inode>),
    /// Up to one change everything is kept, and nothing after it; outside of the group all have one fate.
    Until { at: usize, here: Fate, group: Option<Inode>, others: Fate },
    /// One change has its own fate.
    But { at: usize, here: Fate, others: Fate },
    /// Each as the dice fall.
    Dice(u64),
}

impl Pattern {
    pub(super) fn fates(&self, choices: &[Choice]) -> Vec<Fate> {
        match self {
            Self::Groups(kept) => choices
                .iter()
                .map(|choice| if kept.contains(&choice.group) { Fate::Kept } else { Fate::Lost })
                .collect(),
            Self::Until { at, here, group, others } => {
                let mut fates = vec![Fate::Lost; choices.len()];
                fates[..*at].fill(Fate::Kept);
                fates[*at] = *here;
                if let Some(group) = group {
                    let outside = |(choice, _): &(&Choice, &mut Fate)| choice.group != *group;
                    choices.iter().zip(&mut fates).filter(outside).for_each(|(_, fate)| *fate = *others);
                }
                fates
            }
            Self::But { at, here, others } => {
                let mut fates = vec![*others; choices.len()];
                fates[*at] = *here;
                fates
            }
            Self::Dice(seed) => {
                let mut dice = ChaCha8Rng::seed_from_u64(*seed);
                let kept = [64, 128, 192][dice.next_u32() as usize % 3];
                choices.iter().map(|choice| choice.throw(&mut dice, kept)).collect()
            }
        }
    }
}

impl Choice {
    fn throw(&self, dice: &mut ChaCha8Rng, kept: u32) -> Fate {
        let (thrown, parts) = (dice.next_u32(), self.parts());
        match (thrown & 0xFF < kept, thrown >> 8 & 7, thrown as usize >> 11) {
            (_, 0, which) if !parts.is_empty() => parts[which % parts.len()],
            (true, ..) => Fate::Kept,
            (false, ..) => Fate::Lost,
        }
    }

    /// The ways to be there in part: cut between sectors, or nothing but the length.
    fn parts(&self) -> Vec<Fate> {
        let Some((offset, length)) = self.write else { return Vec::new() };
        let mut parts = Vec::new();
        let first = SECTOR - offset % SECTOR;
        if first < length {
            let last = first + (length - first - 1) / SECTOR * SECTOR;
            let half = first + (last - first) / SECTOR / 2 * SECTOR;
            let mut ends = vec![first, half, last];
            ends.dedup();
            parts.extend(ends.into_iter().map(|to| Fate::Part { from: 0, to }));
            parts.push(Fate::Part { from: last, to: length });
        }
        parts.extend(self.extends.then_some(Fate::Zeros));
        parts
    }
}

/// The patterns for these changes; those of one change at a time for the last `window` of them.
pub(super) fn patterns(choices: &[Choice], window: usize, dice: impl Iterator<Item = u64>) -> Vec<Pattern> {
    if choices.is_empty() {
        return vec![Pattern::Groups(Vec::new())];
    }
    let mut groups: Vec<Inode> = choices.iter().map(|choice| choice.group).collect();
    groups.sort_unstable();
    groups.dedup();
    let mut patterns: Vec<Pattern> = combinations(&groups).into_iter().map(Pattern::Groups).collect();
    for (at, choice) in choices.iter().enumerate().rev().take(window) {
        let whole = |fate| std::iter::once(fate).chain(choice.parts());
        for here in whole(Fate::Kept) {
            patterns.push(Pattern::Until { at, here, group: None, others: Fate::Lost });
            patterns.push(Pattern::But { at, here, others: Fate::Lost });
            if groups.len() > 1 {
                let group = Some(choice.group);
                patterns.push(Pattern::Until { at, here, group, others: Fate::Lost });
                patterns.push(Pattern::Until { at, here, group, others: Fate::Kept });
            }
        }
        patterns.extend(whole(Fate::Lost).map(|here| Pattern::But { at, here, others: Fate::Kept }));
    }
    patterns.extend(dice.map(Pattern::Dice));
    patterns
}

fn combinations(groups: &[Inode]) -> Vec<Vec<Inode>> {
    if groups.len() <= COMBINED {
        let chosen = |mask: usize| groups.iter().enumerate().filter(move |(bit, _)| mask >> bit & 1 == 1);
        return (0..1 << groups.len()).map(|mask| chosen(mask).map(|(_, group)| *group).collect()).collect();
    }
    let mut combinations = vec![Vec::new(), groups.to_vec()];
    for group in groups {
        combinations.push(vec![*group]);
        combinations.push(groups.iter().filter(|other| *other != group).copied().collect());
    }
    combinations
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(event: usize, group: usize, offset: usize, length: usize) -> Choice {
        Choice { event, group: Inode(group), write: Some((offset, length)), extends: false }
    }

    #[test]
    fn a_write_is_cut_between_sectors_of_the_file() {
        let part = |from, to| Fate::Part { from, to };
        assert_eq!(write(0, 1, 0, 512).parts(), []);
        assert_eq!(write(0, 1, 500, 24).parts(), [part(0, 12), part(12, 24)]);
        assert_eq!(write(0, 1, 0, 4096).parts(), [part(0, 512), part(0, 2048), part(0, 3584), part(3584, 4096)]);
    }

    #[test]
    fn two_files_are_lost_and_kept_independently_and_every_prefix_is_there() {
        let choices = [write(3, 1, 0, 9), write(4, 2, 0, 9), write(5, 1, 9, 9)];
        let all: Vec<Vec<Fate>> = patterns(&choices, 9, 0..4).iter().map(|pattern| pattern.fates(&choices)).collect();
        for fates in 0..8 {
            let fate = |bit: usize| if fates >> bit & 1 == 1 { Fate::Kept } else { Fate::Lost };
            assert!(all.contains(&vec![fate(0), fate(1), fate(2)]), "{fates:03b}");
        }
    }
}

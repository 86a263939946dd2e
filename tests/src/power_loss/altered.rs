//! Traces of programs that are less careful than the one that was watched, for tests of the tests.

use super::trace::{Event, Mark, Trace};
use std::path::Path;

impl Trace {
    /// The same, as if the files whose first path is chosen had never been synced.
    #[must_use]
    pub fn without_syncs_of(&self, chosen: impl Fn(&Path) -> bool) -> Self {
        let is_sync = |event: &Event| matches!(event, Event::Sync { file, .. } if chosen(self.path(*file)));
        let order = (0..self.events().len()).filter(|number| !is_sync(&self.events()[*number])).collect();
        self.rearranged(order)
    }

    /// The same, as if nothing had been waited for from the first line to the last: between them all lines come first,
    /// and then what was done to the disk. Nothing is changed where one of the lines never came.
    #[must_use]
    pub fn talking_ahead(&self, from: Mark, to: Mark) -> Self {
        let mut order: Vec<usize> = (0..self.events().len()).collect();
        if let (Some(first), Some(last)) = (self.position(from), self.position(to))
            && first < last
        {
            let is_line = |number: &usize| matches!(self.events()[*number], Event::Heard(_) | Event::Said(_));
            order[first..=last].sort_by_key(|number| !is_line(number));
        }
        self.rearranged(order)
    }

    /// Of the events these, in this order; what is done to the disk keeps its order.
    fn rearranged(&self, order: Vec<usize>) -> Self {
        let is_line = |number: usize| matches!(self.events()[number], Event::Heard(_) | Event::Said(_));
        // Covered is what was done before, however many lines stand between.
        let covered = |covers: usize| {
            let last = order.iter().rposition(|number| *number < covers && !is_line(*number));
            last.map_or(0, |last| last + 1)
        };
        let renewed = |number: &usize| match self.events()[*number].clone() {
            Event::Sync { file, covers } => Event::Sync { file, covers: covered(covers) },
            Event::SyncDirectory { directory, covers } => Event::SyncDirectory { directory, covers: covered(covers) },
            other => other,
        };
        let events = order.iter().map(renewed).collect();
        Self::new(self.before.clone(), events, self.paths().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::power_loss::disk::Disk;
    use crate::power_loss::names::Inode;

    fn trace() -> Trace {
        let (log, other) = (Inode(0), Inode(1));
        let write = |file| Event::Write { file, offset: 0, data: vec![1] };
        let events = vec![
            Event::Heard("pay".to_owned()),
            write(log),
            Event::Sync { file: log, covers: 2 },
            write(other),
            Event::Sync { file: other, covers: 4 },
            Event::Said("paid".to_owned()),
            write(log),
        ];
        Trace::new(Disk::default(), events, vec!["/r/log".into(), "/r/other".into()])
    }

    #[test]
    fn without_syncs_of_one_file_the_other_ones_cover_what_they_did() {
        let altered = trace().without_syncs_of(|path| path.ends_with("log"));
        let events = trace().events().to_vec();
        let expected =
            [&events[..2], &events[3..4], &[Event::Sync { file: Inode(1), covers: 3 }], &events[5..]].concat();
        assert_eq!(altered.events(), expected);
    }

    #[test]
    fn talking_ahead_brings_the_answer_before_the_writes() {
        let altered = trace().talking_ahead(Mark::Heard(0), Mark::Said(0));
        let events = trace().events().to_vec();
        let (first, second) = (Event::Sync { file: Inode(0), covers: 3 }, Event::Sync { file: Inode(1), covers: 5 });
        let lines = [events[0].clone(), events[5].clone()];
        let expected = [&lines[..], &events[1..2], &[first], &events[3..4], &[second], &events[6..]].concat();
        assert_eq!(altered.events(), expected);
        assert_eq!(trace().talking_ahead(Mark::Heard(0), Mark::Said(1)).events(), trace().events());
    }
}

//! What is safe on the disk, and what is not yet.

use super::disk::{Contents, Disk};
use super::history::{Change, History};
use super::names::{Inode, Listing};
use super::pattern::{Choice, Fate};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is safe, and the changes that are not.
#[derive(Clone)]
pub(super) struct Settled {
    safe: Disk,
    listing: Arc<Listing>,
    seen: usize,
    /// Changes of bytes and lengths that are not safe.
    contents: Vec<usize>,
    /// Changes of names from the first that is not safe on; those after it may be.
    names: Vec<usize>,
    limit: usize,
    /// The marks of the changes that are in `safe`.
    mark: u128,
}

impl Settled {
    pub(super) fn of(safe: Disk) -> Self {
        let listing = safe.names.listing();
        Self { safe, listing, seen: 0, contents: Vec::new(), names: Vec::new(), limit: 0, mark: 0 }
    }

    /// Up to this number of events; safe is what was made so by an event before the limit.
    pub(super) fn go_on(&mut self, history: &History, count: usize, limit: usize) {
        for event in self.seen..count {
            match &history.changes[event] {
                Some(change) if change.file().is_some() => self.contents.push(event),
                Some(_) => self.names.push(event),
                None => {}
            }
        }
        (self.seen, self.limit) = (count, limit);
        let is_safe = |event: &usize| history.safe_from[*event] < limit;
        let firm = self.names.iter().take_while(|event| is_safe(event)).count();
        // A sync makes the first of a file's changes safe, so these are applied in their order.
        for event in self.contents.extract_if(.., |event| is_safe(event)).chain(self.names.drain(..firm)) {
            self.mark = self.mark.wrapping_add(Fate::Kept.mark(event));
            if let Some(change) = &history.changes[event] {
                self.safe.apply(change);
            }
        }
        if firm > 0 {
            self.listing = self.safe.names.listing();
        }
    }

    /// The changes that may be lost.
    pub(super) fn choices(&self, history: &History) -> Vec<Choice> {
        let open = self.names.iter().filter(|event| history.safe_from[**event] >= self.limit);
        let mut events: Vec<usize> = self.contents.iter().chain(open).copied().collect();
        events.sort_unstable();
        let choice = |event: usize| {
            let change = history.changes[event].as_ref()?;
            let write = match change {
                Change::Bytes { offset, data, .. } => Some((*offset, data.len())),
                _ => None,
            };
            Some(Choice { event, group: change.group(), write, extends: history.extends[event] })
        };
        events.into_iter().filter_map(choice).collect()
    }

    /// What tells the disk with these fates apart from others.
    pub(super) fn mark(&self, history: &History, fates: &[(usize, Fate)]) -> u128 {
        let is_safe = |event: &&usize| history.safe_from[**event] < self.limit;
        let firm = self.names.iter().filter(is_safe).map(|event| Fate::Kept.mark(*event));
        firm.chain(fates.iter().map(|(event, fate)| fate.mark(*event))).fold(self.mark, u128::wrapping_add)
    }

    /// The disk when this becomes of the changes that are not safe. `live` is the disk with all of them.
    pub(super) fn with(&self, history: &History, fates: &[(usize, Fate)], live: &Disk) -> (Arc<Listing>, Contents) {
        let listing = self.names_with(history, fates);
        let mut changed: BTreeMap<Inode, Vec<(usize, Fate)>> = BTreeMap::new();
        for (event, fate) in fates {
            if let Some(file) = history.changes[*event].as_ref().and_then(Change::file) {
                changed.entry(file).or_default().push((*event, *fate));
            }
        }
        let old = |file: &Inode| self.safe.files.get(file).cloned().unwrap_or_default();
        let content = |file: &Inode| match changed.get(file) {
            None => old(file),
            Some(fates) if fates.iter().all(|(_, fate)| *fate == Fate::Lost) => old(file),
            Some(fates) if fates.iter().all(|(_, fate)| *fate == Fate::Kept) => {
                live.files.get(file).cloned().unwrap_or_default()
            }
            Some(fates) => {
                let mut content = old(file);
                let new = Arc::make_mut(&mut content);
                for (event, fate) in fates {
                    match (&history.changes[*event], fate) {
                        (Some(Change::Bytes { offset, data, .. }), Fate::Kept) => new.write(*offset, data),
                        (Some(Change::Bytes { offset, data, .. }), Fate::Part { from, to }) => {
                            new.write(offset + from, &data[*from..*to]);
                        }
                        (Some(Change::Bytes { offset, data, .. }), Fate::Zeros) => new.grow(offset + data.len()),
                        (Some(Change::Length { length, .. }), Fate::Kept) => new.set_length(*length),
                        _ => {}
                    }
                }
                if let Some(live) = live.files.get(file) {
                    new.share(live);
                }
                content
            }
        };
        let contents = listing.files.iter().map(|(_, file)| content(file)).collect();
        (listing, contents)
    }

    fn names_with(&self, history: &History, fates: &[(usize, Fate)]) -> Arc<Listing> {
        if self.names.is_empty() {
            return self.listing.clone();
        }
        let lost: BTreeSet<usize> =
            fates.iter().filter(|(_, fate)| *fate == Fate::Lost).map(|(event, _)| *event).collect();
        let mut disk = Disk { names: self.safe.names.clone(), files: BTreeMap::new() };
        for event in self.names.iter().filter(|event| !lost.contains(event)) {
            if let Some(change) = &history.changes[*event] {
                disk.apply(change);
            }
        }
        disk.names.listing()
    }
}

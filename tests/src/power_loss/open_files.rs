//! Which descriptor stands for which file, and where reading and writing goes on.

use super::names::Inode;
use std::collections::HashMap;

/// A file as somebody opened it; copies of its descriptor share it.
#[derive(Clone, Copy)]
pub(super) struct OpenFile {
    pub inode: Inode,
    pub position: usize,
    /// Whether every write goes to the end.
    pub appends: bool,
}

/// The descriptors of all processes, as far as they stand for files below the roots.
#[derive(Default)]
pub(super) struct OpenFiles {
    files: Vec<OpenFile>,
    tables: Vec<HashMap<i64, usize>>,
    table_of: HashMap<u32, usize>,
}

impl OpenFiles {
    fn table(&mut self, thread: u32) -> &mut HashMap<i64, usize> {
        let new = self.tables.len();
        let table = *self.table_of.entry(thread).or_insert(new);
        if table == new {
            self.tables.push(HashMap::new());
        }
        &mut self.tables[table]
    }

    pub(super) fn open(&mut self, thread: u32, descriptor: i64, file: OpenFile) {
        let new = self.files.len();
        self.files.push(file);
        self.table(thread).insert(descriptor, new);
    }

    pub(super) fn file(&mut self, thread: u32, descriptor: i64) -> Option<&mut OpenFile> {
        let file = *self.table(thread).get(&descriptor)?;
        self.files.get_mut(file)
    }

    /// A copy of a descriptor; none where the first is unknown.
    pub(super) fn copy(&mut self, thread: u32, descriptor: i64, copy: i64) -> Option<()> {
        let table = self.table(thread);
        let file = *table.get(&descriptor)?;
        table.insert(copy, file);
        Some(())
    }

    pub(super) fn close(&mut self, thread: u32, descriptor: i64) {
        self.table(thread).remove(&descriptor);
    }

    /// A new thread uses the table of its parent; a new process has its own copy of it.
    pub(super) fn fork(&mut self, parent: u32, child: u32, shares: bool) {
        let copy = self.table(parent).clone();
        let table = if shares { self.table_of[&parent] } else { self.tables.len() };
        if !shares {
            self.tables.push(copy);
        }
        self.table_of.insert(child, table);
    }
}

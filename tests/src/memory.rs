//! What another process holds in its memory, looked at from outside: the only place from where all of it can be seen,
//! freed blocks, old stack frames and the buffers of libraries included.
//!
//! A secret is looked for in every shape that code is known to give it (see [`Needles`]). The needles live in the
//! process that looks, so that nothing but the process that is looked at can hold what is found. A scan that finds
//! nothing proves something only beside one that finds a key which must be there.

mod des_schedule;
mod driver_process;
mod needles;
mod regions;
mod rsa;

pub use driver_process::DriverProcess;
pub use needles::{Form, Needles};
pub use rsa::RsaSecrets;

use aho_corasick::AhoCorasick;
use core::fmt;
use regions::{Region, regions};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// A piece of a secret in the memory of another process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Whose: the name that the needle was given.
    pub needle: String,
    /// What it looks like there.
    pub form: Form,
    /// Where: the name of the mapping, or whose stack it is.
    pub region: String,
    /// Its first byte.
    pub address: u64,
    /// How far below the stack pointer of its thread, where it lies on a stack and is no part of a live frame.
    pub depth: Option<u64>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { needle, form, region, address, depth } = self;
        write!(f, "{needle} as {form} at {address:x} in {region}")?;
        depth.map_or(Ok(()), |depth| write!(f, ", {depth} bytes below its pointer"))
    }
}

/// Looks for needles in everything that the process can read: its stacks, heaps, mappings, data and code.
///
/// A needle inside a longer one of the same secret is not told apart. The process should be at rest, such as one that
/// waits for a line.
///
/// # Errors
/// Where the process has gone, or is another user's.
pub fn scan(pid: u32, needles: &Needles) -> io::Result<Vec<Finding>> {
    let patterns = AhoCorasick::new(needles.iter().map(|needle| &needle.bytes)).map_err(io::Error::other)?;
    let memory = File::open(format!("/proc/{pid}/mem"))?;
    let mut findings = Vec::new();
    for region in regions(pid)? {
        let mut bytes = vec![0; usize::try_from(region.end - region.start).map_err(io::Error::other)?];
        memory.read_exact_at(&mut bytes, region.start)?;
        for (start, stretch) in written(&bytes) {
            find(&patterns, needles, &region, start, stretch, &mut findings);
        }
    }
    Ok(findings)
}

/// The stretches of pages with something in them, and where each begins: most of what a process may read it has never
/// written. A page of zeros on either side goes with them, for needles that begin or end with some.
fn written(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let pages: Vec<bool> = bytes.chunks(PAGE).map(|page| page != &[0; PAGE][..page.len()]).collect();
    let near = move |at: usize| pages[at.saturating_sub(1)..pages.len().min(at + 2)].contains(&true);
    let mut from = 0;
    core::iter::from_fn(move || {
        let count = bytes.len().div_ceil(PAGE);
        let first = (from..count).find(|at| near(*at))?;
        from = (first..count).find(|at| !near(*at)).unwrap_or(count);
        Some((first * PAGE, &bytes[first * PAGE..bytes.len().min(from * PAGE)]))
    })
}

fn find(
    patterns: &AhoCorasick,
    needles: &Needles,
    region: &Region,
    start: usize,
    bytes: &[u8],
    findings: &mut Vec<Finding>,
) {
    let mut hits: Vec<_> = patterns.find_overlapping_iter(bytes).collect();
    // The longer of two that begin together comes first.
    hits.sort_by_key(|hit| (hit.start(), core::cmp::Reverse(hit.end())));
    let mut told: Vec<(&str, usize)> = Vec::new();
    for hit in hits {
        let needle = needles.at(hit.pattern().as_usize());
        if told.iter().any(|(name, end)| *name == needle.name && hit.end() <= *end) {
            continue;
        }
        told.push((&needle.name, hit.end()));
        let address = region.start + u64::try_from(start + hit.start()).unwrap();
        findings.push(Finding {
            needle: needle.name.clone(),
            form: needle.form,
            region: region.name.clone(),
            address,
            depth: region.stack_pointer.and_then(|pointer| pointer.checked_sub(address)),
        });
    }
}

const PAGE: usize = 4_096;

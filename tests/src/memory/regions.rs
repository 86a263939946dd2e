use std::{fs, io};

/// A stretch of memory that the process can read.
pub(super) struct Region {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) name: String,
    /// Of the thread whose stack this is, if it is one.
    pub(super) stack_pointer: Option<u64>,
}

/// The readable memory of a process, as its map tells.
pub(super) fn regions(pid: u32) -> io::Result<Vec<Region>> {
    let threads = threads(pid)?;
    let map = fs::read_to_string(format!("/proc/{pid}/maps"))?;
    Ok(map.lines().filter_map(region).map(|region| named_after_its_thread(region, &threads)).collect())
}

/// One line of the map: `start-end rwxp offset device inode name`.
fn region(line: &str) -> Option<Region> {
    let mut words = line.split_whitespace();
    let (start, end) = words.next()?.split_once('-')?;
    let readable = words.next()?.starts_with('r');
    let path = words.nth(3).unwrap_or("anonymous");
    // The kernel's own pages: they cannot be read from outside, and the process cannot write them.
    if !readable || path.starts_with("[vvar") || path == "[vsyscall]" {
        return None;
    }
    let address = |digits| u64::from_str_radix(digits, 16).ok();
    let name = path.rsplit('/').next().unwrap_or(path).to_owned();
    Some(Region { start: address(start)?, end: address(end)?, name, stack_pointer: None })
}

fn named_after_its_thread(region: Region, threads: &[(String, u64)]) -> Region {
    let held = threads.iter().find(|(_, pointer)| (region.start..region.end).contains(pointer));
    match held {
        Some((thread, pointer)) => {
            Region { name: format!("the stack of `{thread}`"), stack_pointer: Some(*pointer), ..region }
        }
        None => region,
    }
}

/// Name and stack pointer of each thread that is at rest.
fn threads(pid: u32) -> io::Result<Vec<(String, u64)>> {
    let mut threads = Vec::new();
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let task = task?.path();
        let name = fs::read_to_string(task.join("comm"))?.trim().to_owned();
        // Number and arguments of the system call it waits in, then stack and instruction pointer; not told on every
        // system, and it only names things.
        let call = fs::read_to_string(task.join("syscall")).unwrap_or_default();
        let pointer = call.split_whitespace().rev().nth(1).and_then(|word| word.strip_prefix("0x"));
        threads.extend(pointer.and_then(|digits| u64::from_str_radix(digits, 16).ok()).map(|at| (name, at)));
    }
    Ok(threads)
}

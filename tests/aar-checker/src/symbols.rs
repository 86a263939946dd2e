//! The names that the oldest Android offers: `android/ci/symbols/*.syms`, and `symbols/*.syms` for what only an NDK asks for.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::abi::Abi;

/// The names that a library may import.
#[derive(Debug)]
pub struct AllowList {
    strong: BTreeMap<&'static str, Having>,
    weak: BTreeMap<&'static str, Having>,
}

/// A line of a list that says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{line:?} is no line of a list of symbols: a name, then nothing, 32, 64 or arm")]
pub struct BadLine {
    line: String,
}

impl AllowList {
    /// The committed lists.
    ///
    /// # Errors
    ///
    /// Where one of them was broken when this was built.
    pub fn api_24() -> Result<Self, BadLine> {
        let mut strong = BTreeMap::new();
        for list in STRONG {
            strong.extend(parse(list)?);
        }
        Ok(Self { strong, weak: parse(WEAK)? })
    }

    /// Whether Android has it for sure.
    #[must_use]
    pub fn has(&self, name: &str, abi: Abi) -> bool {
        self.strong.get(name).is_some_and(|having| having.includes(abi))
    }

    /// Whether a caller may ask for it weakly.
    #[must_use]
    pub fn may_be_weak(&self, name: &str, abi: Abi) -> bool {
        self.has(name, abi) || self.weak.get(name).is_some_and(|having| having.includes(abi))
    }
}

/// Who has a name.
#[derive(Debug, Clone, Copy)]
enum Having {
    All,
    Bits32,
    Bits64,
    Arm,
}

impl Having {
    fn includes(self, abi: Abi) -> bool {
        match self {
            Self::All => true,
            Self::Bits32 => !abi.is_64(),
            Self::Bits64 => abi.is_64(),
            Self::Arm => abi == Abi::ArmeabiV7a,
        }
    }
}

fn parse(list: &'static str) -> Result<BTreeMap<&'static str, Having>, BadLine> {
    let lines = list.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    let lines = lines.filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let mut columns = line.split_whitespace();
            let having = match (columns.next(), columns.next(), columns.next()) {
                (Some(name), None, None) => Some((name, Having::All)),
                (Some(name), Some("32"), None) => Some((name, Having::Bits32)),
                (Some(name), Some("64"), None) => Some((name, Having::Bits64)),
                (Some(name), Some("arm" | "armeabi-v7a"), None) => Some((name, Having::Arm)),
                _ => None,
            };
            having.ok_or_else(|| BadLine { line: line.to_owned() })
        })
        .collect()
}

/// The first four are also what a build without an NDK links against.
const STRONG: [&str; 5] = [
    include_str!("../../../android/ci/symbols/libc.syms"),
    include_str!("../../../android/ci/symbols/libdl.syms"),
    include_str!("../../../android/ci/symbols/liblog.syms"),
    include_str!("../../../android/ci/symbols/libm.syms"),
    include_str!("../symbols/ndk.syms"),
];
const WEAK: &str = include_str!("../symbols/weak.syms");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_column_says_who_has_a_name() {
        let list = AllowList::api_24().unwrap();

        assert!(list.has("malloc", Abi::X86));
        assert!(list.has("dl_unwind_find_exidx", Abi::ArmeabiV7a));
        assert!(!list.has("dl_unwind_find_exidx", Abi::Arm64V8a));
    }

    #[test]
    fn a_young_name_may_only_be_asked_for_weakly() {
        let list = AllowList::api_24().unwrap();

        assert!(!list.has("getrandom", Abi::Arm64V8a));
        assert!(list.may_be_weak("getrandom", Abi::Arm64V8a));
        assert!(list.may_be_weak("malloc", Abi::Arm64V8a));
    }

    #[test]
    fn a_line_that_says_nothing_is_refused() {
        assert!(parse("malloc\nfree mips").unwrap_err().to_string().contains("free mips"));
    }
}

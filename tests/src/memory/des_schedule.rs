//! The key schedule of DES after FIPS 46-3, written from its tables: every state that an implementation goes through.

/// What a schedule leaves behind, first bit highest.
pub(super) struct DesSchedule {
    /// C and D side by side, 56 bits: after PC-1, then after each rotation.
    pub(super) states: Vec<u64>,
    /// The 16 round keys of 48 bits.
    pub(super) round_keys: Vec<u64>,
}

impl DesSchedule {
    pub(super) fn of(key: [u8; 8]) -> Self {
        let first = choose(u64::from_be_bytes(key), 64, &PC_1);
        let mut states = vec![first];
        let (mut c, mut d) = (first >> 28, first & HALF);
        for rotation in ROTATIONS {
            (c, d) = (rotated(c, rotation), rotated(d, rotation));
            states.push(c << 28 | d);
        }
        let round_keys = states.iter().skip(1).map(|state| choose(*state, 56, &PC_2)).collect();
        Self { states, round_keys }
    }
}

/// The bits of a number of so many bits that a table names, counted from 1 at the highest.
fn choose(number: u64, width: u32, table: &[u32]) -> u64 {
    table.iter().fold(0, |chosen, bit| chosen << 1 | number >> (width - bit) & 1)
}

fn rotated(half: u64, by: u32) -> u64 {
    (half << by | half >> (28 - by)) & HALF
}

const HALF: u64 = 0x0FFF_FFFF;

/// FIPS 46-3, Appendix 1.
const PC_1: [u32; 56] = [
    57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36, 63, 55,
    47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4,
];
const PC_2: [u32; 48] = [
    14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2, 41, 52, 31, 37, 47, 55, 30,
    40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
];
const ROTATIONS: [u32; 16] = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1];

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of J. Orlin Grabbe's "The DES algorithm illustrated".
    #[test]
    fn the_schedule_is_that_of_the_worked_example() {
        let schedule = DesSchedule::of(0x1334_5779_9BBC_DFF1_u64.to_be_bytes());
        assert_eq!(schedule.states[0], 0x00F0_CCAA_F556_678F);
        assert_eq!(schedule.round_keys[0], 0x1B02_EFFC_7072);
        assert_eq!(schedule.round_keys[15], 0xCB3D_8B0E_17F5);
    }
}

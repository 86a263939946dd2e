use super::Peer;
use std::time::{Duration, Instant};

/// Something that is measured: so many operations at a time.
pub(crate) struct Contender<'a> {
    batch: Box<dyn FnMut(u32) -> Option<Duration> + 'a>,
}

/// How long one operation took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    /// In the best round, in nanoseconds: what the machine can do.
    pub(crate) least: f64,
    /// In the round in the middle, in nanoseconds.
    pub(crate) median: f64,
}

impl<'a> Contender<'a> {
    /// An operation of this process.
    pub(crate) fn new<T>(mut operation: impl FnMut() -> T + 'a) -> Self {
        Self::in_batches(move |number| {
            let started = Instant::now();
            for _ in 0..number {
                std::hint::black_box(operation());
            }
            started.elapsed()
        })
    }

    /// An operation of a peer, which may not be here.
    pub(crate) fn of_peer(peer: Option<&'a Peer>, operation: &'a str) -> Self {
        Self { batch: Box::new(move |number| peer.map(|peer| peer.time(operation, number))) }
    }

    /// Something that tells itself how long so many operations took.
    pub(crate) fn in_batches(mut batch: impl FnMut(u32) -> Duration + 'a) -> Self {
        Self { batch: Box::new(move |number| Some(batch(number))) }
    }
}

/// Lets all of them work in turns; each round has `operations` of each. The first round is for warming up.
pub(crate) fn take_turns<const N: usize>(
    rounds: usize,
    operations: u32,
    mut contenders: [Contender<'_>; N],
) -> [Timing; N] {
    let mut samples = [(); N].map(|()| Vec::with_capacity(rounds));
    for round in 0..=rounds {
        for (contender, samples) in contenders.iter_mut().zip(&mut samples) {
            if let Some(took) = (contender.batch)(operations)
                && round > 0
            {
                samples.push(took.as_secs_f64() * 1e9 / f64::from(operations));
            }
        }
    }
    samples.map(|mut samples| {
        samples.sort_unstable_by(f64::total_cmp);
        let at = |place: usize| samples.get(place).copied().unwrap_or(f64::NAN);
        Timing { least: at(0), median: at(samples.len() / 2) }
    })
}

impl Timing {
    /// Whether there was anybody to be measured.
    pub(crate) const fn is_here(self) -> bool {
        !self.least.is_nan()
    }

    /// The part of one where an operation did so many at once.
    pub(crate) fn shared_by(self, number: f64) -> Self {
        Self { least: self.least / number, median: self.median / number }
    }
}

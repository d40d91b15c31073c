//! The provider's calls of a minute, which all buyers share, so that guessing keys does not use them up.
//!
//! A guess is a key that is asked about once: there are 2^122 of them. So a third of the calls is kept for keys that are asked about again
//! within a minute, as a reader does who is told to wait, and for keys of which the provider told us before. No number of different
//! guesses can touch that third, and nobody's address is looked at for it.
//!
//! Who repeats his guesses to get at that third too is not guessing any more, but keeps lost purchases from being healed: this does not
//! stop him, nor would a limit for each address, behind which many may sit and of which he may have many. He wins nothing, for all other
//! readers need no call, and `orders reconcile` heals what was lost without these calls.

use std::collections::HashSet;

use super::budget::Bucket;
use crate::store::Digest;

/// How long a key is remembered as asked about, in seconds: at least so long, at most twice that.
const REMEMBER: u64 = 60;

/// Most keys that are remembered of one such span.
const REMEMBERED_MAX: usize = 20_000;

/// The calls: two thirds for everybody, one for those who ask again.
#[derive(Debug)]
pub(super) struct Upstream {
    open: Bucket,
    kept: Bucket,
    asked: HashSet<Digest>,
    asked_before: HashSet<Digest>,
    since: u64,
}

impl Upstream {
    /// For a provider that allows so many calls a minute. Of each part one half is there at once and the other comes over the minute: never
    /// more than he allows in any minute.
    pub(super) fn new(a_minute: u32, now: u64) -> Self {
        let (open, kept) = (a_minute / 3, a_minute / 6);
        Self {
            open: Bucket::new(open, open, now),
            kept: Bucket::new(kept, kept, now),
            asked: HashSet::new(),
            asked_before: HashSet::new(),
            since: now,
        }
    }

    /// Takes a call for this key, if there is one. `expected` is a key of which the provider told us before.
    pub(super) fn take(&mut self, key: Digest, expected: bool, now: u64) -> bool {
        self.turn(now);
        let again = expected || self.asked.contains(&key) || self.asked_before.contains(&key);
        if self.open.take(now).is_ok() || (again && self.kept.take(now).is_ok()) {
            return true;
        }
        self.asked.insert(key);
        false
    }

    /// The provider said that it is too much.
    pub(super) fn drain(&mut self) {
        self.open.drain();
        self.kept.drain();
    }

    fn turn(&mut self, now: u64) {
        // A clock that was set back forgets sooner, and that is all.
        if now < self.since || now >= self.since.saturating_add(REMEMBER) || self.asked.len() >= REMEMBERED_MAX {
            self.asked_before = std::mem::take(&mut self.asked);
            if now >= self.since.saturating_add(2 * REMEMBER) {
                self.asked_before.clear();
            }
            self.since = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u64) -> Digest {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&n.to_be_bytes());
        Digest::from_bytes(bytes)
    }

    #[test]
    fn guesses_get_their_part_and_who_asks_again_the_rest() {
        let mut upstream = Upstream::new(60, 0);
        let guessed = (0..10_000).filter(|n| upstream.take(key(*n), false, n * 60 / 10_000)).count();
        assert!((30..=40).contains(&guessed), "{guessed}");
        assert!(!upstream.take(key(77_777), false, 59) && upstream.take(key(77_777), false, 59));
        assert!(upstream.take(key(88_888), true, 59), "a key that we were told of");
    }

    #[test]
    fn a_guess_is_remembered_for_a_minute_or_two() {
        let mut upstream = Upstream::new(60, 0);
        upstream.drain();
        let mut exhausted = |n, now| {
            upstream.open = Bucket::new(0, 1, now);
            upstream.take(key(n), false, now)
        };
        assert!(!exhausted(1, 0) && exhausted(1, 59) && exhausted(1, 119));
        assert!(!exhausted(1, 200) && !exhausted(2, 201) && !exhausted(1, 320) && exhausted(1, 321));
    }

    #[test]
    fn no_minute_sees_more_than_the_provider_allows_and_memory_is_bounded() {
        let mut upstream = Upstream::new(60, 0);
        let taken: Vec<u64> = (0..300).flat_map(|s| [s; 9]).filter(|s| upstream.take(key(s % 7), true, *s)).collect();
        assert!((0..240).all(|start| taken.iter().filter(|s| (start..start + 60).contains(*s)).count() <= 60));
        for n in 0..100_000 {
            upstream.take(key(n), false, 300);
        }
        assert!(upstream.asked.len() + upstream.asked_before.len() <= 2 * REMEMBERED_MAX);
    }
}

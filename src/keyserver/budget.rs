//! Token buckets in memory.

use std::collections::HashMap;

use crate::store::Digest;

/// Most buckets that are kept; beyond, those of the idle go first.
const BUCKETS_MAX: usize = 20_000;

/// A bucket of calls: so many at once, so many a minute.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bucket {
    /// Sixtieths of a call, so that a second's refill is a whole number.
    level: u64,
    capacity: u64,
    a_minute: u64,
    at: u64,
}

impl Bucket {
    /// A full one.
    pub(super) fn new(at_once: u32, a_minute: u32, now: u64) -> Self {
        let capacity = u64::from(at_once) * 60;
        Self { level: capacity, capacity, a_minute: u64::from(a_minute).max(1), at: now }
    }

    /// Takes one call, or says after how many seconds there is one again.
    pub(super) fn take(&mut self, now: u64) -> Result<(), u64> {
        self.refill(now);
        match self.level.checked_sub(60) {
            Some(rest) => {
                self.level = rest;
                Ok(())
            }
            None => Err((60 - self.level).div_ceil(self.a_minute)),
        }
    }

    /// Empties it: the other side said that it is too much.
    pub(super) fn drain(&mut self) {
        self.level = 0;
    }

    fn refill(&mut self, now: u64) {
        // A clock that is set back refills nothing and starts again from there.
        let seconds = now.saturating_sub(self.at);
        self.level = self.level.saturating_add(seconds.saturating_mul(self.a_minute)).min(self.capacity);
        self.at = now;
    }

    fn is_full(&mut self, now: u64) -> bool {
        self.refill(now);
        self.level == self.capacity
    }
}

/// One bucket for each thing that is asked for.
#[derive(Debug)]
pub(super) struct Buckets {
    at_once: u32,
    a_minute: u32,
    all: HashMap<Digest, Bucket>,
}

impl Buckets {
    pub(super) fn new(at_once: u32, a_minute: u32) -> Self {
        Self { at_once, a_minute, all: HashMap::new() }
    }

    pub(super) fn take(&mut self, what: Digest, now: u64) -> Result<(), u64> {
        if self.all.len() >= BUCKETS_MAX && !self.all.contains_key(&what) {
            self.all.retain(|_, bucket| !bucket.is_full(now));
            if self.all.len() >= BUCKETS_MAX {
                // Somebody asks for many things at once. The limit on all calls together holds him; memory stays bounded.
                self.all.clear();
            }
        }
        let (at_once, a_minute) = (self.at_once, self.a_minute);
        self.all.entry(what).or_insert_with(|| Bucket::new(at_once, a_minute, now)).take(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_at_once_and_so_many_a_minute() {
        let mut bucket = Bucket::new(2, 30, 100);
        assert_eq!([bucket.take(100), bucket.take(100), bucket.take(100)], [Ok(()), Ok(()), Err(2)]);
        assert_eq!([bucket.take(101), bucket.take(102), bucket.take(102)], [Err(1), Ok(()), Err(2)]);
        assert_eq!([bucket.take(1000), bucket.take(1000), bucket.take(1000)], [Ok(()), Ok(()), Err(2)]);
        assert_eq!(bucket.take(5), Err(2));
    }

    #[test]
    fn no_minute_sees_more_than_the_provider_allows() {
        let mut bucket = Bucket::new(20, 40, 0);
        let taken: Vec<u64> = (0..600).flat_map(|s| [s; 5]).filter(|s| bucket.take(*s).is_ok()).collect();
        for start in 0..540 {
            assert!(taken.iter().filter(|s| (start..start + 60).contains(*s)).count() <= 60);
        }
    }

    #[test]
    fn memory_is_bounded() {
        let mut buckets = Buckets::new(1, 1);
        for i in 0..50_000_u64 {
            let mut bytes = [0; 32];
            bytes[..8].copy_from_slice(&i.to_be_bytes());
            assert_eq!(buckets.take(Digest::from_bytes(bytes), 0), Ok(()));
        }
        assert!(buckets.all.len() <= BUCKETS_MAX);
    }
}

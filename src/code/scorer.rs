//! Scores of many copies, fast.
//!
//! A score depends on a copy only through how many positions of each step it agrees at. So positions are sorted into classes, one for
//! each pair of steps (one class in set 2, two in set 4), and the agreements of a class are counted 64 positions at a time.

use std::collections::BTreeMap;

/// Counts agreements of codewords with the symbols of a leak, class by class.
pub(super) struct Scorer {
    classes: Vec<Class>,
}

/// 64 positions a word, the first in the highest bit.
struct Class {
    /// The positions of this class.
    mask: Vec<u64>,
    /// Where slot 0 was read: a copy's word XOR this has a 1 where they agree.
    zeros: Vec<u64>,
}

impl Scorer {
    /// One class for each kind in `seen` (position, kind, symbol), in rising order of kinds.
    pub(super) fn new<K: Ord>(seen: impl IntoIterator<Item = (usize, K, bool)>, positions: usize) -> Self {
        let words = positions.div_ceil(64);
        let mut classes: BTreeMap<K, Class> = BTreeMap::new();
        for (position, kind, symbol) in seen {
            let class = classes.entry(kind).or_insert_with(|| Class { mask: vec![0; words], zeros: vec![0; words] });
            let bit = 1u64 << 63 >> (position % 64);
            class.mask[position / 64] |= bit;
            class.zeros[position / 64] |= if symbol { 0 } else { bit };
        }
        Self { classes: classes.into_values().collect() }
    }

    /// Agreements in each class.
    pub(super) fn agreements<'a>(&'a self, words: &'a [u64]) -> impl Iterator<Item = u32> + 'a {
        self.classes.iter().map(|class| {
            let mut count = 0;
            for ((word, mask), zeros) in words.iter().zip(&class.mask).zip(&class.zeros) {
                count += ((word ^ zeros) & mask).count_ones();
            }
            count
        })
    }
}

/// A codeword of `positions` slots as words. Slot j is the bit of weight 128 >> (j mod 8) in byte j / 8; what is missing at the end is
/// slot 0.
pub(super) fn words(codeword: &[u8], positions: usize) -> Vec<u64> {
    let length = positions.div_ceil(64);
    let (whole, rest) = codeword.as_chunks::<8>();
    let mut words: Vec<u64> = Vec::with_capacity(length);
    words.extend(whole.iter().take(length).map(|chunk| u64::from_be_bytes(*chunk)));
    if words.len() < length {
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        words.push(u64::from_be_bytes(last));
        words.resize(length, 0);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn counts_like_a_loop_over_positions(seen in proptest::collection::vec((0..3u8, any::<bool>()), 1..200), codeword: Vec<u8>) {
            let scorer = Scorer::new(seen.iter().enumerate().map(|(j, (kind, symbol))| (j, *kind, *symbol)), seen.len());
            let slot = |j: usize| codeword.get(j / 8).is_some_and(|byte| byte & (128 >> (j % 8)) != 0);
            let mut expected: BTreeMap<u8, u32> = BTreeMap::new();
            for (j, (kind, symbol)) in seen.iter().enumerate() {
                *expected.entry(*kind).or_default() += u32::from(slot(j) == *symbol);
            }
            let words = words(&codeword, seen.len());
            prop_assert_eq!(scorer.agreements(&words).collect::<Vec<_>>(), expected.into_values().collect::<Vec<_>>());
        }
    }
}

//! The exact distribution of an innocent copy's score.
//!
//! The score is a sum of independent two-valued terms. Terms with the same step (the difference of the two values) only count: their
//! sum is the base plus the step times the number of agreements. That number is a sum of binomials, one for each agreement
//! probability, combined by convolution. Both sets have at most two steps, so that a tail is one sum over two distributions of counts.
//!
//! **Floating point.** Every quantity is a sum of products of positive numbers: nothing is ever subtracted, so relative errors only
//! add up, at most a few 1e-16 an operation along the longest chain. A binomial of n terms grows from its mode by at most n ratios,
//! tails are summed from the far end: below 1e-10 relative at n = 65,536. Probabilities under 1e-300 are dropped,
//! together less than 1e-290, and [`Tail::at`] never answers less than that for a score that can be reached.

use std::collections::BTreeMap;

use super::{Observed, Weights};

/// Probabilities below this are dropped.
const DROPPED: f64 = 1e-300;

/// The smallest answer for a score that can be reached. It stands for "at most this".
const SMALLEST: f64 = 1e-290;

/// P(S >= s) for the score S of an innocent copy.
pub struct Tail {
    lowest: i64,
    highest: i64,
    /// Of the terms with the commonest step: the step, and P(agreements >= k) for each k.
    step: i64,
    at_least: Vec<f64>,
    /// The sum of all other terms, counted from their lowest value: (value, probability), rising.
    rest: Vec<(i64, f64)>,
}

impl Tail {
    /// From what each position adds to the score.
    #[must_use]
    pub fn new(terms: impl IntoIterator<Item = (Observed, Weights)>) -> Self {
        let (mut lowest, mut highest) = (0, 0);
        let mut steps: BTreeMap<i64, BTreeMap<u64, usize>> = BTreeMap::new();
        for (seen, weights) in terms {
            lowest += weights.differs;
            highest += weights.agrees;
            *steps.entry(weights.step()).or_default().entry(seen.agreement().to_bits()).or_default() += 1;
        }
        let mut families: Vec<(i64, Counts)> = steps.into_iter().map(|(step, kinds)| (step, Counts::of_kinds(&kinds))).collect();
        let longest = (0..families.len()).max_by_key(|i| families[*i].1.len());
        let (step, counts) = longest.map_or((1, Counts::none()), |i| families.swap_remove(i));
        let rest = families.iter().fold(vec![(0, 1.0)], |sums, (step, counts)| counts.added_to(&sums, *step));
        Self { lowest, highest, step, at_least: counts.at_least(), rest }
    }

    /// The lowest score that there is: no agreement at all.
    #[must_use]
    pub fn lowest(&self) -> i64 {
        self.lowest
    }

    /// The highest score: agreement everywhere.
    #[must_use]
    pub fn highest(&self) -> i64 {
        self.highest
    }

    /// P(S >= score). 1e-290 stands for "at most 1e-290"; 0 only above the highest score.
    #[must_use]
    pub fn at(&self, score: i64) -> f64 {
        if score <= self.lowest {
            return 1.0;
        }
        if score > self.highest {
            return 0.0;
        }
        let needed = score - self.lowest;
        let mut sum = 0.0;
        for (value, probability) in &self.rest {
            // Agreements that the other terms leave to be found; not above the count of terms, or the tail there is 0.
            let count = (needed - value).max(0).unsigned_abs().div_ceil(self.step.unsigned_abs());
            sum += probability * usize::try_from(count).ok().and_then(|k| self.at_least.get(k)).unwrap_or(&0.0);
        }
        sum.clamp(SMALLEST, 1.0)
    }

    /// The smallest integer whose tail is at most `bound`; `None` if no score that can be reached is that improbable.
    #[must_use]
    pub fn smallest_within(&self, bound: f64) -> Option<i64> {
        if self.at(self.highest) > bound {
            return None;
        }
        // at(low) > bound >= at(high): the tail never rises, in floating point too, because each of its summands never does.
        let (mut low, mut high) = (self.lowest - 1, self.highest);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if self.at(middle) > bound { low = middle } else { high = middle }
        }
        Some(high)
    }
}

/// The distribution of a number of agreements: probabilities of `first`, `first + 1`... The others are below [`DROPPED`].
struct Counts {
    first: usize,
    p: Vec<f64>,
}

impl Counts {
    /// Certainly zero.
    fn none() -> Self {
        Self { first: 0, p: vec![1.0] }
    }

    fn len(&self) -> usize {
        self.p.len()
    }

    /// `n` terms of each agreement probability, given as bits.
    fn of_kinds(kinds: &BTreeMap<u64, usize>) -> Self {
        kinds.iter().map(|(a, n)| Self::binomial(*n, f64::from_bits(*a))).fold(Self::none(), |sum, one| sum.plus(&one))
    }

    /// Grown from the mode in both directions by the ratio of neighbours, then divided by the sum: no factorials, no logarithms.
    fn binomial(n: usize, a: f64) -> Self {
        if a <= 0.0 || a >= 1.0 {
            return Self { first: if a >= 1.0 { n } else { 0 }, p: vec![1.0] };
        }
        let odds = a / (1.0 - a);
        let mode = (((n + 1) as f64 * a) as usize).min(n);
        let mut below = Vec::new();
        let (mut k, mut value) = (mode, 1.0);
        while k > 0 && value >= DROPPED {
            value *= k as f64 / ((n - k + 1) as f64 * odds);
            k -= 1;
            below.push(value);
        }
        let first = mode - below.len();
        let mut p: Vec<f64> = below.into_iter().rev().chain([1.0]).collect();
        (k, value) = (mode, 1.0);
        while k < n && value >= DROPPED {
            value *= (n - k) as f64 * odds / (k + 1) as f64;
            k += 1;
            p.push(value);
        }
        let total: f64 = p.iter().sum();
        p.iter_mut().for_each(|value| *value /= total);
        Self { first, p }
    }

    /// The sum of two independent numbers.
    fn plus(&self, other: &Self) -> Self {
        let mut p = vec![0.0; self.len() + other.len() - 1];
        for (i, one) in self.p.iter().enumerate() {
            for (out, two) in p[i..].iter_mut().zip(&other.p) {
                *out += one * two;
            }
        }
        let dropped = p.iter().take_while(|value| **value < DROPPED).count().min(p.len() - 1);
        p.drain(..dropped);
        while p.len() > 1 && p.last().is_some_and(|value| *value < DROPPED) {
            p.pop();
        }
        Self { first: self.first + other.first + dropped, p }
    }

    /// P(number >= k) for each k, summed from the far end.
    fn at_least(&self) -> Vec<f64> {
        let mut sum = 0.0;
        let mut out: Vec<f64> = self
            .p
            .iter()
            .rev()
            .map(|p| {
                sum += p;
                sum
            })
            .collect();
        out.extend(std::iter::repeat_n(sum, self.first));
        out.reverse();
        out
    }

    /// `sums` plus `step` times this number, equal values together.
    fn added_to(&self, sums: &[(i64, f64)], step: i64) -> Vec<(i64, f64)> {
        let mut out: Vec<(i64, f64)> = Vec::with_capacity(sums.len() * self.len());
        for (value, probability) in sums {
            for (k, p) in self.p.iter().enumerate() {
                out.push((value + step * (self.first + k) as i64, probability * p));
            }
        }
        out.sort_by_key(|(value, _)| *value);
        out.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        out
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Score, Set};
    use super::*;
    use proptest::prelude::*;

    fn terms(set: Set, score: Score, seen: &[Observed]) -> Vec<(Observed, Weights)> {
        seen.iter().map(|seen| (*seen, score.weights(set, *seen))).collect()
    }

    /// `n` positions that go through biases and symbols in turn.
    fn mixed(set: Set, n: usize) -> Vec<Observed> {
        (0..n).map(|i| Observed { threshold: set.threshold(if i % 2 == 0 { 0 } else { u32::MAX }), symbol: i % 3 == 0 }).collect()
    }

    /// Every codeword, with its probability.
    fn brute_force(terms: &[(Observed, Weights)], score: i64) -> f64 {
        let mut sum = 0.0;
        for word in 0..1u32 << terms.len() {
            let agrees = |i: usize| word >> i & 1 == 1;
            let value: i64 = terms.iter().enumerate().map(|(i, (_, w))| if agrees(i) { w.agrees } else { w.differs }).sum();
            let chance: f64 =
                terms.iter().enumerate().map(|(i, (seen, _))| if agrees(i) { seen.agreement() } else { 1.0 - seen.agreement() }).product();
            sum += if value >= score { chance } else { 0.0 };
        }
        sum
    }

    /// Position by position over integer scores: the textbook's dynamic programme, without grouping.
    fn programme(terms: &[(Observed, Weights)]) -> BTreeMap<i64, f64> {
        terms.iter().fold(BTreeMap::from([(0, 1.0)]), |sums, (seen, w)| {
            let mut next = BTreeMap::new();
            for (value, p) in sums {
                *next.entry(value + w.agrees).or_default() += p * seen.agreement();
                *next.entry(value + w.differs).or_default() += p * (1.0 - seen.agreement());
            }
            next
        })
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-11 * a.max(b)
    }

    proptest! {
        #[test]
        fn equals_brute_force(seen in proptest::collection::vec((any::<u32>(), any::<bool>(), 0..3u8), 0..11), universal: bool) {
            let score = Score::ALL[usize::from(universal)];
            // Any threshold, and those of set 4.
            let real = |(word, symbol, kind): (u32, bool, u8)| {
                Observed { threshold: if kind == 0 { word } else { Set::Four.threshold(word) }, symbol }
            };
            let seen: Vec<Observed> = seen.into_iter().map(real).collect();
            let terms = terms(Set::Four, score, &seen);
            let tail = Tail::new(terms.iter().copied());
            for at in (tail.lowest()..=tail.highest()).step_by(97).chain([tail.lowest() + 1, tail.highest()]) {
                let exact = brute_force(&terms, at);
                prop_assert!(close(tail.at(at), exact), "{} {exact}", tail.at(at));
            }
        }

        #[test]
        fn smallest_within_is_the_smallest(n in 1..60usize, bits in 1..60i32, universal: bool) {
            let tail = Tail::new(terms(Set::Four, Score::ALL[usize::from(universal)], &mixed(Set::Four, n)));
            let bound = 0.5f64.powi(bits);
            match tail.smallest_within(bound) {
                Some(score) => prop_assert!(tail.at(score) <= bound && tail.at(score - 1) > bound),
                None => prop_assert!(tail.at(tail.highest()) > bound),
            }
        }
    }

    #[test]
    fn equals_the_programme_at_200_positions() {
        for score in Score::ALL {
            let terms = terms(Set::Four, score, &mixed(Set::Four, 200));
            let tail = Tail::new(terms.iter().copied());
            let mut sum = 0.0;
            for (value, p) in programme(&terms).into_iter().rev() {
                sum += p;
                assert!(sum < 1e-280 || close(tail.at(value), sum), "{value}: {} {sum}", tail.at(value));
            }
        }
    }

    #[test]
    fn set_2_is_the_binomial_in_closed_form() {
        let tail = Tail::new(terms(Set::Two, Score::Symmetric, &mixed(Set::Two, 40)));
        assert_eq!((tail.lowest(), tail.highest()), (-40 * 256, 40 * 256));
        assert!(close(tail.at(40 * 256), 0.5f64.powi(40)));
        assert!(close(tail.at(38 * 256), 41.0 * 0.5f64.powi(40)));
        assert!(close(tail.at(38 * 256 + 1), 0.5f64.powi(40)), "39 agreements do not reach it");
        assert_eq!((tail.at(tail.lowest()), tail.at(tail.highest() + 1)), (1.0, 0.0));
    }

    #[test]
    fn deep_tails_keep_their_accuracy() {
        for n in [512, 1024] {
            let seen = vec![Observed { threshold: 1 << 31, symbol: true }; n];
            let tail = Tail::new(terms(Set::Two, Score::Symmetric, &seen));
            let exact = if n == 512 { 0.5f64.powi(512) } else { SMALLEST };
            assert!(close(tail.at(tail.highest()), exact), "{n}: a value too small for a float is answered from above");
        }
        let rare = vec![Observed { threshold: Set::Four.threshold(0), symbol: true }; 300];
        let tail = Tail::new(terms(Set::Four, Score::Universal, &rare));
        assert!(close(tail.at(tail.highest()), rare[0].agreement().powi(300)));
    }

    #[test]
    fn the_largest_code_is_within_reach() {
        for set in Set::ALL {
            let tail = Tail::new(terms(set, Score::Universal, &mixed(set, 65_536)));
            let found = tail.smallest_within(1e-12).unwrap();
            assert!(tail.at(found) <= 1e-12 && tail.at(found) > 0.9e-12, "steps of the distribution are fine here");
        }
    }

    #[test]
    fn nothing_observed_proves_nothing() {
        let tail = Tail::new([]);
        assert_eq!((tail.at(0), tail.at(1), tail.smallest_within(0.5)), (1.0, 0.0, None));
    }
}

//! The verdict: every copy against every test, below one total chance of a false accusation.
//!
//! A trial is made of what is fixed before a codeword is looked at: biases, the symbols of each hypothesis, the number of copies, and
//! the chance `alpha` that it may spend. A test is a hypothesis and a score. With `copies` copies and `tests` tests an innocent copy
//! passes a test with a probability of at most `alpha / (copies * tests)`, so that the chance that *any* innocent copy is named is at
//! most `alpha` (Bonferroni).
//!
//! Only tests that could name somebody are counted. All three rules look at symbols and biases alone:
//! - a hypothesis with the same symbols as a narrower one, or with none, is no test of its own;
//! - two scores that put all outcomes in the same order (their steps are in one proportion, as always in set 2) are one test;
//! - a test that not even full agreement would pass cannot err either: with k the smallest number such that at most k tests can pass
//!   `alpha / (copies * k)`, k is enough (Tarone, "A modified Bonferroni method for discrete data", Biometrics 46, 1990).

use std::fmt;

use super::scorer::{Scorer, words};
use super::{Observed, Score, Set, Symbols, Tail};

/// The rates of wrongly read symbols for which likelihood ratios are given.
pub const ERROR_RATES: [f64; 2] = [0.01, 0.05];

/// Which carriers are believed. A pirate who flips coins at the carriers of the public lists does not hide the declared ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hypothesis {
    /// Alternatives that the author wrote.
    Declared,
    /// Those and the lexical ones.
    Lexical,
    /// All carriers; leaked keys too.
    All,
}

/// Why there is no trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TrialError {
    /// Symbols of another code.
    #[error("the symbols have {symbols} positions, the code has {thresholds}")]
    Length {
        /// Of the symbols.
        symbols: usize,
        /// Of the code.
        thresholds: usize,
    },
    /// A chance outside (0, 1).
    #[error("the chance of a false accusation must lie between 0 and 1")]
    Alpha,
}

/// What a hypothesis had to offer, whoever leaked: all that may be printed when nobody is named.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Capacity {
    /// The hypothesis.
    pub hypothesis: Hypothesis,
    /// Positions with a symbol.
    pub positions: usize,
    /// Positions erased because both slots were read.
    pub contradictions: usize,
    /// Full agreement's p-value, corrected for copies and tests: what one copy leaked as it is would have shown. At most 1.
    pub best: f64,
    /// False if its tests are not counted: no symbols, the symbols of a narrower hypothesis, or too few to name anybody.
    pub tested: bool,
}

/// A copy that passed, and why. There is none for a copy that did not.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The tests that it passed, at least one, by hypothesis and score.
    pub passed: Vec<Passed>,
}

impl Finding {
    /// The test with the smallest p-value.
    #[must_use]
    pub fn strongest(&self) -> Option<&Passed> {
        self.passed.iter().min_by(|a, b| a.p.total_cmp(&b.p))
    }
}

/// One test that a copy passed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Passed {
    /// The symbols that were believed.
    pub hypothesis: Hypothesis,
    /// How agreement was weighed.
    pub score: Score,
    /// The copy's score.
    pub value: i64,
    /// The smallest score that passes.
    pub needed: i64,
    /// The probability that an innocent copy scores as high. 1e-290 stands for "at most 1e-290".
    pub p: f64,
    /// `p` times copies times tests.
    pub corrected: f64,
    /// Positions where the copy agrees with the leak.
    pub agreements: u32,
    /// Positions with a symbol.
    pub positions: usize,
    /// Agreements of an innocent copy, on average.
    pub expected: f64,
    /// For each of [`ERROR_RATES`], the decimal logarithm of the likelihood ratio of "made from this copy alone, with this rate of
    /// wrong symbols" against "made from the copy of a random other buyer, with the same rate". Low for a copy that was merged with
    /// others, however small its `p`.
    pub likelihood: [f64; 2],
}

/// Everything that a verdict depends on, except codewords. Holds secret biases: Debug shows nothing.
pub struct Trial {
    views: Vec<View>,
    capacity: Vec<Capacity>,
    positions: usize,
    copies: u64,
    tests: usize,
    alpha: f64,
}

/// A hypothesis that is tested.
struct View {
    hypothesis: Hypothesis,
    seen: Vec<(usize, Observed)>,
    scorer: Scorer,
    tests: Vec<Test>,
}

struct Test {
    score: Score,
    tail: Tail,
    /// What an agreement is worth in each class of the scorer.
    steps: Vec<i64>,
    /// The smallest score that passes.
    needed: i64,
}

impl Trial {
    /// `readings`: the symbols of each hypothesis, narrowest first. `copies`: how many copies there are, examined or not (at least 1;
    /// a single suspect who was named before the leak was read is 1). `alpha`: what this run may spend
    /// ([`share_of_run`](super::share_of_run)).
    pub fn new(set: Set, thresholds: &[u32], readings: &[(Hypothesis, Symbols)], copies: u64, alpha: f64) -> Result<Self, TrialError> {
        if !(alpha > 0.0 && alpha < 1.0) {
            return Err(TrialError::Alpha);
        }
        let mut views: Vec<View> = Vec::new();
        for (hypothesis, symbols) in readings {
            if symbols.positions() != thresholds.len() {
                return Err(TrialError::Length { symbols: symbols.positions(), thresholds: thresholds.len() });
            }
            if symbols.readable() > 0 && !views.iter().any(|narrower| narrower.saw(symbols)) {
                views.push(View::new(set, thresholds, *hypothesis, symbols));
            }
        }
        let copies = copies.max(1);
        let best: Vec<f64> = views.iter().flat_map(|view| view.tests.iter().map(Test::best)).collect();
        let tests = counted(&best, alpha / copies as f64);
        let bound = alpha / copies as f64 / tests as f64;
        let best_of = |view: &View| view.tests.iter().map(Test::best).fold(1.0, f64::min);
        let capacity = readings.iter().map(|(hypothesis, symbols)| {
            let view = views.iter().find(|view| view.saw(symbols));
            let best = view.map_or(1.0, best_of);
            Capacity {
                hypothesis: *hypothesis,
                positions: symbols.readable(),
                contradictions: symbols.contradictions(),
                best: corrected(best, copies, tests),
                tested: best <= bound && view.is_some_and(|view| view.hypothesis == *hypothesis),
            }
        });
        let capacity = capacity.collect();
        for view in &mut views {
            view.tests.retain_mut(|test| test.tail.smallest_within(bound).map(|needed| test.needed = needed).is_some());
        }
        views.retain(|view| !view.tests.is_empty());
        Ok(Self { views, capacity, positions: thresholds.len(), copies, tests, alpha })
    }

    /// Tests a copy by its codeword: m / 8 bytes, slot j is the bit of weight 128 >> (j mod 8) in byte j / 8. `None` if it passes no
    /// test: nothing is told of a copy below the bound, and so there is no ranking.
    #[must_use]
    pub fn examine(&self, codeword: &[u8]) -> Option<Finding> {
        let words = words(codeword, self.positions);
        let passed: Vec<Passed> = self.views.iter().flat_map(|view| self.passed(view, &words, codeword)).collect();
        (!passed.is_empty()).then_some(Finding { passed })
    }

    fn passed(&self, view: &View, words: &[u64], codeword: &[u8]) -> Vec<Passed> {
        let counts: Vec<u32> = view.scorer.agreements(words).collect();
        let scored = view.tests.iter().map(|test| (test, test.value(&counts)));
        let passed = scored.filter(|(test, value)| *value >= test.needed);
        passed.map(|(test, value)| self.passed_one(view, test, value, &counts, codeword)).collect()
    }

    fn passed_one(&self, view: &View, test: &Test, value: i64, counts: &[u32], codeword: &[u8]) -> Passed {
        let p = test.tail.at(value);
        Passed {
            hypothesis: view.hypothesis,
            score: test.score,
            value,
            needed: test.needed,
            p,
            corrected: corrected(p, self.copies, self.tests),
            agreements: counts.iter().sum(),
            positions: view.seen.len(),
            expected: view.seen.iter().map(|(_, seen)| seen.agreement()).sum(),
            likelihood: ERROR_RATES.map(|error| likelihood(&view.seen, codeword, error)),
        }
    }

    /// What each hypothesis had to offer, in the order in which they were given.
    #[must_use]
    pub fn capacity(&self) -> &[Capacity] {
        &self.capacity
    }

    /// How many copies the bound is divided by.
    #[must_use]
    pub fn copies(&self) -> u64 {
        self.copies
    }

    /// How many tests the bound is divided by, at least 1.
    #[must_use]
    pub fn tests(&self) -> usize {
        self.tests
    }

    /// The chance that this trial names any innocent copy is at most this.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// The largest p-value that passes: `alpha / (copies * tests)`.
    #[must_use]
    pub fn bound(&self) -> f64 {
        self.alpha / self.copies as f64 / self.tests as f64
    }
}

impl fmt::Debug for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trial(..)")
    }
}

impl View {
    fn new(set: Set, thresholds: &[u32], hypothesis: Hypothesis, symbols: &Symbols) -> Self {
        let at = symbols.iter().zip(thresholds).enumerate();
        let seen: Vec<(usize, Observed)> =
            at.filter_map(|(j, (symbol, threshold))| Some((j, Observed { threshold: *threshold, symbol: symbol? }))).collect();
        let steps = |seen: &Observed| Score::ALL.map(|score| score.weights(set, *seen).step());
        let mut kinds: Vec<[i64; 2]> = seen.iter().map(|(_, seen)| steps(seen)).collect();
        kinds.sort_unstable();
        kinds.dedup();
        // One proportion between the scores' steps: both put all copies in the same order, the first speaks for both.
        let alike = kinds.iter().all(|kind| kind[0] * kinds[0][1] == kind[1] * kinds[0][0]);
        let scores = if alike { &Score::ALL[..1] } else { &Score::ALL[..] };
        let tests = scores.iter().enumerate().map(|(i, score)| Test {
            score: *score,
            tail: Tail::new(seen.iter().map(|(_, seen)| (*seen, score.weights(set, *seen)))),
            steps: kinds.iter().map(|kind| kind[i]).collect(),
            needed: i64::MAX,
        });
        let tests = tests.collect();
        let scorer = Scorer::new(seen.iter().map(|(j, seen)| (*j, steps(seen), seen.symbol)), thresholds.len());
        Self { hypothesis, seen, scorer, tests }
    }

    /// True if these are the symbols of this view.
    fn saw(&self, symbols: &Symbols) -> bool {
        let mine = self.seen.iter().map(|(j, seen)| (*j, seen.symbol));
        mine.eq(symbols.iter().enumerate().filter_map(|(j, symbol)| Some((j, symbol?))))
    }
}

impl Test {
    /// The p-value of full agreement.
    fn best(&self) -> f64 {
        self.tail.at(self.tail.highest())
    }

    fn value(&self, counts: &[u32]) -> i64 {
        self.tail.lowest() + self.steps.iter().zip(counts).map(|(step, count)| step * i64::from(*count)).sum::<i64>()
    }
}

/// The smallest k such that at most k of the tests can pass `alpha / k`.
fn counted(best: &[f64], alpha: f64) -> usize {
    let can_pass = |k: usize| best.iter().filter(|p| **p <= alpha / k as f64).count();
    (1..best.len()).find(|k| can_pass(*k) <= *k).unwrap_or(best.len().max(1))
}

fn corrected(p: f64, copies: u64, tests: usize) -> f64 {
    (p * copies as f64 * tests as f64).min(1.0)
}

/// log10 of the product, over the positions, of P(symbol | source is this copy) / P(symbol | source is a random copy).
fn likelihood(seen: &[(usize, Observed)], codeword: &[u8], error: f64) -> f64 {
    let ratio = |(j, seen): &(usize, Observed)| {
        let slot = codeword.get(j / 8).is_some_and(|byte| byte & (128 >> (j % 8)) != 0);
        let (a, this) = (seen.agreement(), if slot == seen.symbol { 1.0 - error } else { error });
        (this / (a * (1.0 - error) + (1.0 - a) * error)).log10()
    };
    seen.iter().map(ratio).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const M: usize = 256;

    fn thresholds(set: Set) -> Vec<u32> {
        (0..M).map(|j| set.threshold(if j % 2 == 0 { 0 } else { u32::MAX })).collect()
    }

    /// Any slots will do: the tests do not draw.
    fn codeword(seed: u8) -> Vec<u8> {
        (0..M / 8).map(|i| (i as u8).wrapping_mul(151).wrapping_add(seed).wrapping_mul(77)).collect()
    }

    /// The first `n` symbols of a copy.
    fn leak(codeword: &[u8], n: usize) -> Symbols {
        Symbols::merge(M, (0..n).map(|j| (j as u32, codeword[j / 8] & (128 >> (j % 8)) != 0)))
    }

    fn trial(set: Set, readings: &[(Hypothesis, usize)], copies: u64) -> Trial {
        let readings: Vec<_> = readings.iter().map(|(hypothesis, n)| (*hypothesis, leak(&codeword(1), *n))).collect();
        Trial::new(set, &thresholds(set), &readings, copies, 1e-6).unwrap()
    }

    #[test]
    fn the_source_is_named_and_another_is_not() {
        for set in Set::ALL {
            let trial = trial(set, &[(Hypothesis::All, 120)], 10_000);
            let finding = trial.examine(&codeword(1)).unwrap();
            let best = finding.strongest().unwrap();
            assert_eq!((best.agreements, best.positions), (120, 120));
            assert!(best.corrected <= 1e-6 && best.p <= trial.bound() && best.value >= best.needed);
            assert!(best.likelihood[0] > best.likelihood[1] && best.likelihood[1] > 20.0, "{:?}", best.likelihood);
            assert_eq!(trial.examine(&codeword(90)), None);
            assert_eq!(trial.examine(&[]), None);
        }
    }

    /// Of the 34 positions that 10,000 copies need, 33 name nobody, and nothing is told but the capacity.
    #[test]
    fn the_bound_is_exact_for_a_single_leaker() {
        let short = trial(Set::Two, &[(Hypothesis::All, 33)], 10_000);
        assert_eq!(short.examine(&codeword(1)), None);
        assert!(!short.capacity()[0].tested && short.capacity()[0].best > 1e-6);
        let enough = trial(Set::Two, &[(Hypothesis::All, 34)], 10_000);
        let passed = enough.examine(&codeword(1)).unwrap().passed;
        assert_eq!(passed.len(), 1, "in set 2 both scores are one test");
        assert!((passed[0].p - 0.5f64.powi(34)).abs() < 1e-20 && passed[0].expected == 17.0);
        let ratio = 34.0 * (2.0f64 * 0.99).log10();
        assert!((passed[0].likelihood[0] - ratio).abs() < 1e-9);
    }

    #[test]
    fn equal_hypotheses_and_hopeless_tests_are_not_paid_for() {
        use Hypothesis::{All, Declared, Lexical};
        assert_eq!(trial(Set::Two, &[(Declared, 0), (Lexical, 100), (All, 100)], 10).tests(), 1);
        let twice = trial(Set::Two, &[(Declared, 60), (All, 60)], 10);
        assert_eq!(twice.capacity().iter().map(|c| (c.tested, c.best < 1e-6)).collect::<Vec<_>>(), [(true, true), (false, true)]);
        assert_eq!(trial(Set::Two, &[(Declared, 60), (Lexical, 100), (All, 110)], 10).tests(), 3);
        assert_eq!(trial(Set::Two, &[(Declared, 9), (Lexical, 100), (All, 110)], 10).tests(), 2);
        assert_eq!(trial(Set::Four, &[(Declared, 60), (Lexical, 100), (All, 110)], 10).tests(), 6);
        let none = trial(Set::Four, &[(Declared, 0)], 10);
        assert_eq!((none.tests(), none.examine(&codeword(1))), (1, None));
    }

    #[test]
    fn tests_are_counted_by_tarone() {
        assert_eq!(counted(&[], 1e-3), 1);
        assert_eq!(counted(&[0.1, 0.1, 1e-9], 1e-3), 1);
        assert_eq!(counted(&[0.9e-3, 1e-9, 1e-9], 1e-3), 2, "the first passes 1e-3 but not 1e-3 / 2");
        assert_eq!(counted(&[1e-9; 6], 1e-3), 6);
    }

    #[test]
    fn more_copies_and_later_runs_need_more() {
        let needed = |copies| trial(Set::Four, &[(Hypothesis::All, M)], copies).examine(&codeword(1)).unwrap().passed[0].needed;
        assert!(needed(1) < needed(1000) && needed(1000) < needed(1_000_000));
        let readings = [(Hypothesis::All, leak(&codeword(1), 35))];
        let run = |k| Trial::new(Set::Two, &thresholds(Set::Two), &readings, 10_000, super::super::share_of_run(1e-6, k)).unwrap();
        assert!(run(1).examine(&codeword(1)).is_some() && run(2).examine(&codeword(1)).is_none());
    }

    #[test]
    fn symbols_of_another_code_and_impossible_chances_are_refused() {
        let readings = [(Hypothesis::All, Symbols::erased(M + 1))];
        let error = Trial::new(Set::Two, &thresholds(Set::Two), &readings, 1, 1e-6).err();
        assert_eq!(error, Some(TrialError::Length { symbols: M + 1, thresholds: M }));
        for alpha in [0.0, 1.0, f64::NAN, -1.0] {
            assert_eq!(Trial::new(Set::Two, &[], &[], 1, alpha).err(), Some(TrialError::Alpha));
        }
    }

    #[test]
    fn debug_shows_no_biases() {
        assert_eq!(format!("{:?}", trial(Set::Four, &[(Hypothesis::All, 9)], 1)), "Trial(..)");
    }
}

//! The two scores, as integers.

use super::Set;

/// What the real numbers of a score are multiplied by before they are rounded.
pub const SCALE: f64 = 256.0;

/// 2^32: a bias is `threshold / 2^32`.
const ONE: f64 = 4_294_967_296.0;

/// One position that the leak shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Observed {
    /// The position's bias, times 2^32. Secret, unless the set's biases are public.
    pub threshold: u32,
    /// The slot that the leak shows.
    pub symbol: bool,
}

impl Observed {
    /// The probability that an innocent copy agrees: p or 1 - p. Exact, because a threshold has 32 bits.
    #[must_use]
    pub fn agreement(self) -> f64 {
        let p = f64::from(self.threshold) / ONE;
        if self.symbol { p } else { 1.0 - p }
    }
}

/// A way to weigh agreement (formulas and sources in the [module](super)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Score {
    /// As good against every way of merging copies.
    Symmetric,
    /// Better against the ways that come natural, worse where leakers prefer what few of them hold.
    Universal,
}

/// What a position adds to a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Weights {
    /// If the copy agrees with the leak.
    pub agrees: i64,
    /// If it does not; always less.
    pub differs: i64,
}

impl Weights {
    /// What agreement is worth: `agrees - differs`, above zero.
    #[must_use]
    pub fn step(self) -> i64 {
        self.agrees - self.differs
    }
}

impl Score {
    /// Both.
    pub const ALL: [Score; 2] = [Score::Symmetric, Score::Universal];

    /// The integers at a position. In set 2 the symmetric score is +-256, and the universal score counts the same thing in other
    /// units: every position has the same step, so either is the number of agreements and [`Trial`](super::Trial) tests it once.
    #[must_use]
    pub fn weights(self, set: Set, seen: Observed) -> Weights {
        // No set has a threshold of 0; the bound keeps the weights finite if a caller makes one up. The tail uses the real one.
        let a = seen.agreement().clamp(1.0 / ONE, 1.0 - 1.0 / ONE);
        let c = f64::from(set.number());
        let (agrees, differs) = match self {
            Score::Symmetric => (((1.0 - a) / a).sqrt(), -(a / (1.0 - a)).sqrt()),
            Score::Universal => (((1.0 - a) / (c * a)).ln_1p(), (-1.0 / c).ln_1p()),
        };
        Weights { agrees: round(agrees), differs: round(differs) }
    }
}

fn round(value: f64) -> i64 {
    (value * SCALE).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(set: Set, score: Score, word: u32, symbol: bool) -> (i64, i64) {
        let w = score.weights(set, Observed { threshold: set.threshold(word), symbol });
        (w.agrees, w.differs)
    }

    /// Pinned: a change of one of these numbers changes verdicts.
    #[test]
    fn the_integers_of_both_sets() {
        for symbol in [false, true] {
            assert_eq!(weights(Set::Two, Score::Symmetric, 0, symbol), (256, -256));
            assert_eq!(weights(Set::Two, Score::Universal, 0, symbol), (104, -177), "256 ln 1.5, 256 ln 0.5");
            let rare = if symbol { 0 } else { u32::MAX };
            assert_eq!(weights(Set::Four, Score::Symmetric, rare, symbol), (495, -133));
            assert_eq!(weights(Set::Four, Score::Symmetric, !rare, symbol), (133, -495));
            assert_eq!(weights(Set::Four, Score::Universal, rare, symbol), (169, -74));
            assert_eq!(weights(Set::Four, Score::Universal, !rare, symbol), (17, -74));
        }
    }

    #[test]
    fn rounding_is_never_near_a_tie() {
        for set in Set::ALL {
            for (word, symbol) in [(0, false), (0, true), (u32::MAX, false), (u32::MAX, true)] {
                let a = Observed { threshold: set.threshold(word), symbol }.agreement();
                let c = f64::from(set.number());
                for real in [((1.0 - a) / a).sqrt(), (a / (1.0 - a)).sqrt(), (1.0 + (1.0 - a) / (c * a)).ln(), -(1.0 - 1.0 / c).ln()] {
                    let rest = (real * SCALE).fract();
                    assert!((rest - 0.5).abs() > 0.01, "{real} times {SCALE}: another library's logarithm might round it elsewhere");
                }
            }
        }
    }

    #[test]
    fn symmetric_has_mean_zero_and_variance_one() {
        for threshold in [Set::Four.threshold(0), Set::Four.threshold(u32::MAX), Set::Two.threshold(0), 1 << 28] {
            for symbol in [false, true] {
                let seen = Observed { threshold, symbol };
                let (a, w) = (seen.agreement(), Score::Symmetric.weights(Set::Four, seen));
                let mean = a * w.agrees as f64 + (1.0 - a) * w.differs as f64;
                let variance = a * (w.agrees as f64).powi(2) + (1.0 - a) * (w.differs as f64).powi(2);
                assert!(mean.abs() < 1.0 && (variance / (SCALE * SCALE) - 1.0).abs() < 0.01, "{mean} {variance}");
            }
        }
    }

    #[test]
    fn agreement_is_worth_something_at_any_threshold() {
        for threshold in [0, 1, 1 << 16, u32::MAX] {
            for (score, symbol) in
                [(Score::Symmetric, true), (Score::Symmetric, false), (Score::Universal, true), (Score::Universal, false)]
            {
                assert!(score.weights(Set::Four, Observed { threshold, symbol }).step() > 0);
            }
        }
    }
}

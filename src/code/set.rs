//! Bias sets with integer thresholds.
//!
//! At each position a secret bias p says how probable slot 1 is; a copy's codeword draws its slots with these probabilities. A bias is
//! its threshold `floor(p * 2^32)`, a draw is a `u32` word, and slot 1 is drawn when the word is below the threshold. So every
//! implementation draws the same codeword, and the probability used in tracing is exactly `threshold / 2^32`.
//!
//! The sets are the Gauss-Legendre nodes on (0, 1) for coalitions of 2 and of 4 copies (Nuida et al., "An improvement of discrete
//! Tardos fingerprinting codes", Designs, Codes and Cryptography 52, 2009). Set 6 is reserved.

use std::fmt;

/// `floor(0.5 * 2^32)`.
const HALF: u32 = 0x8000_0000;

/// `floor(p * 2^32)` for p = (1 - 1/sqrt 3)/2 = 0.21132486540518712.
const FOUR_LOW: u32 = 907_633_385;

/// `floor(p * 2^32)` for p = (1 + 1/sqrt 3)/2 = 0.7886751345948129.
const FOUR_HIGH: u32 = 3_387_333_910;

/// A bias set, named by the size of the coalition that it is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Set {
    /// One bias, 1/2: no secret, the shortest code against one or two copies.
    Two,
    /// Two biases, (1 -+ 1/sqrt 3)/2, each with weight 1/2.
    Four,
}

impl Set {
    /// Every set that is built.
    pub const ALL: [Set; 2] = [Set::Two, Set::Four];

    /// The number in settings, headers and derivations.
    #[must_use]
    pub fn number(self) -> u32 {
        match self {
            Set::Two => 2,
            Set::Four => 4,
        }
    }

    /// The set of that number, if it is one of [`Set::ALL`].
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.number() == number)
    }

    /// The threshold that a uniform word selects: the interval [0, 2^32) is cut by the weights of the set's biases, in rising order
    /// of p. Set 2 ignores the word (and needs none: see [`Set::has_secret_biases`]).
    #[must_use]
    pub fn threshold(self, word: u32) -> u32 {
        match self {
            Set::Two => HALF,
            Set::Four if word < HALF => FOUR_LOW,
            Set::Four => FOUR_HIGH,
        }
    }

    /// False where every position has the same public bias, so that no bias stream has to be derived.
    #[must_use]
    pub fn has_secret_biases(self) -> bool {
        self != Set::Two
    }

    /// True if the word draws slot 1 at a position with this threshold.
    #[must_use]
    pub fn draws_slot_one(word: u32, threshold: u32) -> bool {
        word < threshold
    }
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `floor(p * 2^32)` by integer arithmetic: t = floor(2^31 -+ 2^31 / sqrt 3), where x = 2^31 / sqrt 3 is found from 3 x^2 = 2^62.
    #[test]
    fn thresholds_are_the_floors_of_the_exact_nodes() {
        let whole = isqrt((1u128 << 62) / 3);
        assert!(3 * whole * whole < 1 << 62 && 3 * (whole + 1) * (whole + 1) > 1 << 62, "x lies strictly between two integers");
        assert_eq!(u128::from(FOUR_LOW), (1 << 31) - whole - 1, "2^31 - x, rounded down");
        assert_eq!(u128::from(FOUR_HIGH), (1 << 31) + whole, "2^31 + x, rounded down");
    }

    #[test]
    fn floating_point_gives_the_same_thresholds() {
        let node = 1.0 / 3f64.sqrt();
        assert_eq!(FOUR_LOW, ((1.0 - node) / 2.0 * 4_294_967_296.0) as u32);
        assert_eq!(FOUR_HIGH, ((1.0 + node) / 2.0 * 4_294_967_296.0) as u32);
    }

    #[test]
    fn weights_cut_the_words_in_halves() {
        assert_eq!(Set::Four.threshold(0), FOUR_LOW);
        assert_eq!(Set::Four.threshold(HALF - 1), FOUR_LOW);
        assert_eq!(Set::Four.threshold(HALF), FOUR_HIGH);
        assert_eq!(Set::Four.threshold(u32::MAX), FOUR_HIGH);
        assert_eq!(Set::Two.threshold(u32::MAX), HALF);
    }

    #[test]
    fn numbers_name_sets_and_six_is_reserved() {
        assert_eq!(Set::ALL.map(|s| Set::from_number(s.number())), [Some(Set::Two), Some(Set::Four)]);
        assert_eq!(Set::from_number(6), None);
    }

    fn isqrt(n: u128) -> u128 {
        let mut root = (n as f64).sqrt() as u128;
        while root * root > n {
            root -= 1;
        }
        while (root + 1) * (root + 1) <= n {
            root += 1;
        }
        root
    }
}

//! How many positions name a leaker.

use super::Set;

/// Bits that a clean, distinct position contributes under the worst of seven ways to merge copies, at a 95 % chance to name at least one
/// leaker: for 1, 2, 3, 4 leakers. Measured by `tests/experiments`, which holds these numbers against the code. One copy in set 2 is
/// exact: every position halves the innocents.
const TWO: [f64; 2] = [1.0, 0.1755];
const FOUR: [f64; 4] = [0.55, 0.1435, 0.0545, 0.0319];

/// About how many clean, distinct positions are needed to name at least one of `leakers` merged copies with a probability of 95 %.
/// `odds` is 1 / (the largest p-value that passes): copies times tests divided by the chance that may be spent. Within 6 % of
/// simulation for 1e3 to 1e6 copies at 1e-6. `None` where the set does not hold: more than 2 leakers in set 2, more than 4 in set 4.
#[must_use]
pub fn positions_needed(set: Set, leakers: usize, odds: f64) -> Option<u32> {
    let bits = match set {
        Set::Two => TWO.get(leakers.checked_sub(1)?)?,
        Set::Four => FOUR.get(leakers.checked_sub(1)?)?,
    };
    Some((odds.max(1.0).log2() / bits).ceil() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_leaker_among_ten_thousand() {
        assert_eq!(positions_needed(Set::Two, 1, 1e4 / 1e-6), Some(34));
        assert_eq!(positions_needed(Set::Two, 1, 6.0 * 1e4 / 1e-6), Some(36));
        assert_eq!(positions_needed(Set::Two, 1, 0.0), Some(0));
    }

    #[test]
    fn a_set_answers_for_its_own_coalitions() {
        let answers = |set| (0..=5).map(|c| positions_needed(set, c, 1e10).is_some()).collect::<Vec<_>>();
        assert_eq!(answers(Set::Two), [false, true, true, false, false, false]);
        assert_eq!(answers(Set::Four), [false, true, true, true, true, false]);
    }
}

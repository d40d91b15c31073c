//! Runs on the same leak share one total.

/// The total probability of a false accusation, over all copies, scores, hypotheses and runs on a leak.
pub const DEFAULT_TOTAL: f64 = 1e-6;

/// What run `run` (counted from 1) on the same leak may spend: `total / (run (run + 1))`. All runs that there can ever be spend
/// `total` together.
#[must_use]
pub fn share_of_run(total: f64, run: u32) -> f64 {
    let k = f64::from(run.max(1));
    total / (k * (k + 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_runs_together_spend_the_total() {
        assert_eq!(share_of_run(1e-6, 1), 5e-7);
        let spent: f64 = (1..=100_000).map(|run| share_of_run(1.0, run)).sum();
        assert!(spent < 1.0 && spent > 0.999_98, "{spent}");
        assert_eq!(share_of_run(1.0, 0), share_of_run(1.0, 1));
    }
}

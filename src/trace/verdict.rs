//! The verdict: which copies match, with exact odds, or none.

use rayon::prelude::*;

use super::commit::{Found, Inputs, Sha256};
use super::copies::Copies;
use crate::code::{Capacity, Finding, Trial, TrialError, share_of_run};
use crate::protocol::{OrderRef, Seat, SiteKey};

/// What became of a run.
#[derive(Debug)]
pub struct Verdict {
    /// Its number among the runs on this leak, from 1.
    pub run: u32,
    /// The hash that fixed its inputs.
    pub commit: Sha256,
    /// In the order of [`Inputs::courses`].
    pub courses: Vec<Judged>,
}

/// What became of a course.
#[derive(Debug)]
pub struct Judged {
    /// What each hypothesis had to offer, whoever leaked.
    pub capacity: Vec<Capacity>,
    /// By how many tests the bound is divided.
    pub tests: usize,
    /// The chance that this course's test names any innocent copy is at most this.
    pub alpha: f64,
    /// The largest p-value that passes.
    pub bound: f64,
    /// The copies that match, strongest first. Of all others nothing is known here, and nothing is to be told.
    pub matches: Vec<Match>,
}

/// A copy that matches.
#[derive(Debug, Clone)]
pub struct Match {
    /// Its order.
    pub order: OrderRef,
    /// Which of the order's copies.
    pub seat: Seat,
    /// The tests that it passed.
    pub finding: Finding,
}

impl Verdict {
    /// Computes the codeword of every copy and tests it. `run` was counted, and [`Inputs::commit`] of it kept, before this is called.
    ///
    /// # Errors
    /// Inputs that do not belong together.
    pub fn reach(key: &SiteKey, inputs: &Inputs, copies: &Copies, run: u32) -> Result<Self, TrialError> {
        let alpha = share_of_run(inputs.total, run) / inputs.courses.len().max(1) as f64;
        let courses = inputs.courses.iter().map(|found| judge(key, inputs, found, copies, alpha)).collect::<Result<_, _>>()?;
        Ok(Self { run, commit: inputs.commit(run), courses })
    }

    /// True if any copy matches.
    #[must_use]
    pub fn is_match(&self) -> bool {
        self.courses.iter().any(|course| !course.matches.is_empty())
    }
}

fn judge(key: &SiteKey, inputs: &Inputs, found: &Found, copies: &Copies, alpha: f64) -> Result<Judged, TrialError> {
    let (site, course, params) = (&inputs.site, &found.evidence.course, found.evidence.params);
    let trial = Trial::new(params.set, &key.thresholds(site, course, params), &found.symbols, found.copies, alpha)?;
    let codewords = key.codewords(site, course, params);
    let tested = trial.capacity().iter().any(|capacity| capacity.tested);
    let orders = if tested { copies.orders() } else { &[] };
    let mut matches: Vec<Match> = orders
        .par_iter()
        .filter(|order| order.opens(course))
        .flat_map_iter(|order| (0..order.seats).map(move |seat| (&order.order, Seat(seat))))
        .filter_map(|(order, seat)| {
            let finding = trial.examine(codewords.of(&key.buyer(site, order, seat)).as_bytes())?;
            Some(Match { order: order.clone(), seat, finding })
        })
        .collect();
    let p = |m: &Match| m.finding.strongest().map_or(1.0, |passed| passed.p);
    matches.sort_by(|a, b| p(a).total_cmp(&p(b)).then_with(|| (&a.order, a.seat).cmp(&(&b.order, b.seat))));
    let (capacity, tests, bound) = (trial.capacity().to_vec(), trial.tests(), trial.bound());
    Ok(Judged { capacity, tests, alpha, bound, matches })
}

//! What is told of a run: on a terminal, as JSON, as one page of HTML.
//!
//! The plain report can be shown to the holder of a matching copy: the leak's own sentences, counts, odds, conditions and limits. It has no
//! wording that he does not hold, no slot and no bias. What an arbiter needs to compute it again is added only when asked for ([`Arbiter`]),
//! and is secret from then on to whoever did not read it.

mod html;
mod json;
mod text;

pub use html::PAGE_BEGIN;

use super::commit::{Found, Inputs, class_name};
use super::verdict::{Judged, Match, Verdict};
use crate::code::{Hypothesis, Passed, Score};
use crate::protocol::primitives::hex;
use crate::protocol::{OrderRef, SiteId, SiteKey};

/// A run and what became of it.
#[derive(Debug)]
pub struct Report<'a> {
    /// What the run looked at.
    pub inputs: &'a Inputs,
    /// What became of it.
    pub verdict: &'a Verdict,
    /// The files of the leak: name and bytes.
    pub files: Vec<(String, u64)>,
    /// Where the list of orders came from.
    pub source: String,
    /// How many orders it has.
    pub orders: u64,
    /// Orders that were deleted on request.
    pub forgotten: u64,
    /// The run was made before, with the same inputs.
    pub again: bool,
    /// How the leak was read where that is not plain, see [`super::Leak::notes`].
    pub notes: Vec<String>,
    /// When the report was made, as text.
    pub made: String,
    /// The order for whose holder the report is: of other matching copies it says nothing.
    pub holder: Option<OrderRef>,
    /// Everything that is needed to compute the verdict again.
    pub arbiter: Option<Arbiter>,
}

/// The secrets of the courses in a report, in the order of [`Inputs::courses`].
#[derive(Debug)]
pub struct Arbiter(Vec<Secrets>);

#[derive(Debug)]
struct Secrets {
    /// For each position its bias times 2^32.
    thresholds: Vec<u32>,
    /// For each matching copy its buyer id and its codeword, in hexadecimal digits.
    copies: Vec<(String, String)>,
}

impl Arbiter {
    /// Takes biases and the codewords of the matching copies from the key.
    #[must_use]
    pub fn disclose(key: &SiteKey, inputs: &Inputs, verdict: &Verdict) -> Self {
        let secrets = |(found, judged): (&Found, &Judged)| Secrets {
            thresholds: key.thresholds(&inputs.site, &found.evidence.course, found.evidence.params).to_vec(),
            copies: judged.matches.iter().map(|copy| codeword(key, &inputs.site, found, copy)).collect(),
        };
        Self(inputs.courses.iter().zip(&verdict.courses).map(secrets).collect())
    }
}

fn codeword(key: &SiteKey, site: &SiteId, found: &Found, copy: &Match) -> (String, String) {
    let buyer = key.buyer(site, &copy.order, copy.seat);
    let codeword = key.codeword(site, &found.evidence.course, found.evidence.params, &buyer);
    (buyer.to_string(), hex(codeword.as_bytes()))
}

/// A course with everything that a report says of it.
struct Section<'r> {
    found: &'r Found,
    judged: &'r Judged,
    secrets: Option<&'r Secrets>,
    holder: Option<&'r OrderRef>,
}

/// The program that makes reports.
const PROGRAM: &str = concat!("bookplate ", env!("CARGO_PKG_VERSION"));

impl Report<'_> {
    fn sections(&self) -> impl Iterator<Item = Section<'_>> {
        let secrets = |i: usize| self.arbiter.as_ref().and_then(|arbiter| arbiter.0.get(i));
        let both = self.inputs.courses.iter().zip(&self.verdict.courses).enumerate();
        let all = both.map(move |(i, (found, judged))| Section { found, judged, secrets: secrets(i), holder: self.holder.as_ref() });
        all.filter(|section| section.holder.is_none() || section.matches().next().is_some())
    }

    /// The orders with a matching copy, strongest first in each course.
    #[must_use]
    pub fn orders(&self) -> Vec<&OrderRef> {
        let mut orders: Vec<&OrderRef> = Vec::new();
        for copy in self.verdict.courses.iter().flat_map(|course| &course.matches) {
            if self.holder.as_ref().is_none_or(|holder| *holder == copy.order) && !orders.contains(&&copy.order) {
                orders.push(&copy.order);
            }
        }
        orders
    }

    /// What the verdict rests on, sentence by sentence.
    fn conditions(&self) -> Vec<String> {
        let run = self.verdict.run;
        let mut all = vec![
            String::from(
                "The odds are exact, up to floating point, for an innocent copy if the site key is secret, the builder of the site is \
                 honest, and everything that this run looked at (leak, lessons, erased kinds of marks, the three ways to believe marks, the \
                 list of copies) was fixed from leak and lessons alone. The hash above fixes it; it was written before any copy was \
                 looked at.",
            ),
            format!(
                "The chance that any innocent copy is named is at most {:e} for all runs on this leak together, on parts of it and on leaks that \
                 show mostly the same. This is run {run}; run {run} may spend {:.1e} of it. Parts that have less than three quarters of what they \
                 show in common count as leaks of their own: who tries several parts must add their chances.",
                self.inputs.total,
                self.inputs.total / f64::from(run) / (f64::from(run) + 1.0)
            ),
            String::from(
                "The list must name every copy that was ever given out, refunded and revoked ones too. A copy that is not in the list \
                 cannot be found.",
            ),
        ];
        if self.forgotten > 0 {
            all.push(format!("{} orders were deleted on request; their copies are not in the list.", self.forgotten));
        }
        all
    }
}

/// What a verdict does not say.
const LIMITS: [&str; 5] = [
    "The chance that is given is that of an innocent copy to agree as well by accident. It is not the chance that the holder of a matching copy is \
     innocent: that depends on everything else that is known, too.",
    "A mark points to a copy, never to a person: it does not say who passed the copy on, nor how. A shared device, a stolen account and a \
     lent file all look alike.",
    "The seller, and whoever operates the site, holds the site key and can make any copy.",
    "A leak may be made of several copies. Of copies that are not named here, nothing is known: they are neither suspected nor cleared.",
    "This program changes nobody's access. What follows from a match is for people to decide, after its holder was heard.",
];

/// What is said where nothing is found.
const NOTHING: &str = "No conclusion. Nothing of this site's marked lessons was found in the leak.";

/// What an arbiter's report does to its secrets.
const DISCLOSED: &str = "This report discloses biases, codewords and both wordings. Whoever reads it could make text that points to a \
    copy or to nobody: raise `marks.generation` of these courses together with their next epoch.";

impl Section<'_> {
    /// `62 sentences of 5 lessons, at 58 of 1277 places`, and keys.
    fn found(&self) -> String {
        let evidence = &self.found.evidence;
        let mut lessons: Vec<_> = evidence.readings.iter().map(|reading| &reading.lesson).collect();
        lessons.sort();
        lessons.dedup();
        let mut sentences: Vec<_> = evidence.readings.iter().map(|reading| (&reading.lesson, &reading.sentence)).collect();
        sentences.sort();
        sentences.dedup();
        let mut parts = Vec::new();
        if !sentences.is_empty() {
            let of = plural(lessons.len(), "lesson");
            parts.push(format!("{} of {} in two wordings, from {of}", sentences.len(), plural(evidence.marked, "sentence")));
        }
        if !evidence.keys.is_empty() {
            parts.push(plural(evidence.keys.len(), "key"));
        }
        if parts.is_empty() {
            parts.push(String::from("nothing that is marked"));
        }
        let again = match evidence.readings.len() - sentences.len() {
            0 => String::new(),
            more => format!(" (some stand in the leak more than once: {} in all)", sentences.len() + more),
        };
        format!("{}, at {} of the code{again}", parts.join(" and "), plural(evidence.positions(), "position"))
    }

    fn erased(&self) -> Option<String> {
        let erased = &self.found.evidence.erased;
        let names: Vec<&str> = erased.iter().map(|class| class_name(*class)).collect();
        (!names.is_empty()).then(|| format!("left out, because somebody seems to have brought them all to one form: {}", names.join(", ")))
    }

    /// One line for each hypothesis: what it had to offer, whoever leaked.
    fn capacity(&self) -> Vec<String> {
        let line = |c: &crate::code::Capacity| {
            let mut line = format!("{}: {}", self.kinds(c.hypothesis), plural(c.positions, "position"));
            if c.contradictions > 0 {
                line.push_str(&format!(" ({} more are left out: {})", c.contradictions, self.both()));
            }
            if c.positions > 0 {
                line.push_str(&format!("; full agreement would have shown {}", odds(c.best)));
                if !c.tested {
                    line.push_str(if c.best <= self.judged.alpha { ", tested above" } else { ", too little to name a copy" });
                }
            }
            line
        };
        self.judged.capacity.iter().map(line).collect()
    }

    /// The matching copies of which the report may speak, each with its number among all.
    fn matches(&self) -> impl Iterator<Item = (usize, &Match)> {
        self.judged.matches.iter().enumerate().filter(|(_, copy)| self.holder.is_none_or(|holder| *holder == copy.order))
    }

    /// Only keys were found: there is nothing to be said of words.
    fn keys_alone(&self) -> bool {
        self.found.evidence.readings.is_empty()
    }

    /// Why positions are left out.
    fn both(&self) -> &'static str {
        if self.keys_alone() {
            "the leak has the keys of both wordings, which no single copy has"
        } else {
            "several sentences share a position, and here they do not agree, as happens where one is also quoted elsewhere"
        }
    }

    /// What a hypothesis believes, for people.
    fn kinds(&self, hypothesis: Hypothesis) -> &'static str {
        match hypothesis {
            _ if self.keys_alone() => "keys",
            Hypothesis::Declared => "the author's alternatives",
            Hypothesis::Lexical => "the author's alternatives and words from the lists",
            Hypothesis::All => "all marks, signs too",
        }
    }

    /// Why nobody is named.
    fn nothing(&self) -> &'static str {
        if self.found.copies == 0 {
            "No conclusion. The list of orders has no copy of this course, so nothing was tested."
        } else if self.judged.capacity.iter().all(|capacity| !capacity.tested) {
            if self.keys_alone() { "No conclusion. Too few keys were found to name any copy." } else { TOO_FEW }
        } else if self.keys_alone() {
            "No conclusion. No copy holds enough of these keys to be named."
        } else {
            "No conclusion. No copy matches this text closely enough to be named."
        }
    }

    /// What a match rests on, the strongest test first.
    fn passed<'m>(&self, found: &'m Match) -> Vec<&'m Passed> {
        let mut passed: Vec<&Passed> = found.finding.passed.iter().collect();
        passed.sort_by(|a, b| a.p.total_cmp(&b.p));
        passed
    }

    /// True if a match rests on signs: without them it would not have been one.
    fn rests_on_signs(&self, found: &Match) -> bool {
        found.finding.passed.iter().all(|passed| passed.hypothesis == Hypothesis::All)
    }
}

const TOO_FEW: &str = "No conclusion. Too few marks were found to name any copy.";

const ON_SIGNS: &str = "Without signs (quotes, dashes, spaces) this would not have been a match; a tool that tidies text can change signs.";

fn score(score: Score) -> &'static str {
    match score {
        Score::Symmetric => "symmetric",
        Score::Universal => "universal",
    }
}

/// A probability for people; see [`Passed::p`].
fn odds(p: f64) -> String {
    match p {
        p if p >= 0.01 => format!("{p:.2}"),
        p if p > 1e-290 => format!("{p:.1e}"),
        _ => String::from("at most 1e-290"),
    }
}

impl Section<'_> {
    /// What is said of one test that was passed: agreement; odds; likelihood.
    fn test_lines(&self, passed: &Passed) -> [String; 3] {
        let Passed { hypothesis, agreements, positions, expected, p, corrected, likelihood, .. } = passed;
        let Self { found, judged, .. } = self;
        let agreement = if self.keys_alone() {
            format!(
                "{agreements} of the leak's {} are keys of this copy; an innocent copy would share {expected:.1} on average",
                plural(*positions, "key")
            )
        } else {
            let kinds = self.kinds(*hypothesis);
            format!("agrees at {agreements} of {positions} positions; an innocent copy agrees at {expected:.1} on average ({kinds})")
        };
        let wrong = if self.keys_alone() { "keys put in from elsewhere" } else { "marks misread" };
        [
            agreement,
            format!(
                "the chance that an innocent copy agrees as well is {}; for {} and {} it is {} (a match is below {})",
                odds(*p),
                plural(found.copies as usize, "copy"),
                plural(judged.tests, "test"),
                odds(*corrected),
                odds(judged.alpha)
            ),
            format!(
                "likelihood ratio, this copy alone against a copy of a random other buyer: 10^{:.1} with 1 % of the {wrong}, 10^{:.1} with 5 %",
                likelihood[0], likelihood[1]
            ),
        ]
    }
}

/// `1 copy`, `2 copies`.
fn plural(n: usize, word: &str) -> String {
    match (n, word.strip_suffix('y')) {
        (1, _) => format!("1 {word}"),
        (_, Some(stem)) if word == "copy" => format!("{n} {stem}ies"),
        _ => format!("{n} {word}s"),
    }
}

//! What is told of a run: on a terminal, as JSON, as one page of HTML.
//!
//! The plain report can be shown to the holder of a matching copy: the leak's own sentences, counts, odds, conditions and limits. It has no
//! wording that he does not hold, no slot and no bias. What an arbiter needs to compute it again is added only when asked for ([`Arbiter`]),
//! and is secret from then on to whoever did not read it.

mod html;
mod json;
mod text;

use super::commit::{Found, Inputs, class_name};
use super::verdict::{Judged, Match, Verdict};
use crate::code::{Hypothesis, Passed, Score};
use crate::protocol::primitives::hex;
use crate::protocol::{SiteId, SiteKey};

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
}

impl Report<'_> {
    fn sections(&self) -> impl Iterator<Item = Section<'_>> {
        let secrets = |i: usize| self.arbiter.as_ref().and_then(|arbiter| arbiter.0.get(i));
        let both = self.inputs.courses.iter().zip(&self.verdict.courses).enumerate();
        both.map(move |(i, (found, judged))| Section { found, judged, secrets: secrets(i) })
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
                "The chance that any innocent copy is named is at most {:e} for all runs on this leak together. This is run {run}; run {run} \
                 may spend {:e} of it.",
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
const LIMITS: [&str; 4] = [
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
        let mut parts = Vec::new();
        if !evidence.readings.is_empty() {
            let (n, of) = (plural(evidence.readings.len(), "marked sentence"), plural(lessons.len(), "lesson"));
            parts.push(format!("{n} from {of}"));
        }
        if !evidence.keys.is_empty() {
            parts.push(plural(evidence.keys.len(), "key"));
        }
        if parts.is_empty() {
            parts.push(String::from("nothing that is marked"));
        }
        let marked = plural(evidence.marked, "sentence");
        format!(
            "{}, at {} of the code (the course has {marked} in two wordings)",
            parts.join(" and "),
            plural(evidence.positions(), "position")
        )
    }

    fn erased(&self) -> Option<String> {
        let erased = &self.found.evidence.erased;
        let names: Vec<&str> = erased.iter().map(|class| class_name(*class)).collect();
        (!names.is_empty()).then(|| format!("left out, because somebody seems to have brought them all to one form: {}", names.join(", ")))
    }

    /// One line for each hypothesis: what it had to offer, whoever leaked.
    fn capacity(&self) -> Vec<String> {
        let line = |c: &crate::code::Capacity| {
            let mut line = format!("{}: {}", kinds(c.hypothesis), plural(c.positions, "position"));
            if c.contradictions > 0 {
                line.push_str(&format!(" ({} more show both wordings and count for nothing)", c.contradictions));
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

    /// Why nobody is named.
    fn nothing(&self) -> &'static str {
        if self.found.copies == 0 {
            "No conclusion. The list of orders has no copy of this course, so nothing was tested."
        } else if self.judged.capacity.iter().all(|capacity| !capacity.tested) {
            "No conclusion. Too few marks were found to name any copy."
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

const ON_SIGNS: &str = "Without signs (quotes, dashes, spaces) this would not have been a match; a tool that tidies text can change signs.";

/// The carriers that a hypothesis believes, for people.
fn kinds(hypothesis: Hypothesis) -> &'static str {
    match hypothesis {
        Hypothesis::Declared => "the author's alternatives",
        Hypothesis::Lexical => "the author's alternatives and words from the lists",
        Hypothesis::All => "all marks, signs too",
    }
}

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

/// What is said of one test that was passed: agreement; odds; likelihood.
fn test_lines(passed: &Passed, copies: u64, tests: usize, bound: f64) -> [String; 3] {
    let Passed { hypothesis, agreements, positions, expected, p, corrected, likelihood, .. } = passed;
    [
        format!(
            "agrees at {agreements} of {positions} positions; an innocent copy agrees at {expected:.1} on average ({})",
            kinds(*hypothesis)
        ),
        format!(
            "the chance that an innocent copy agrees as well is {}; for {} and {} it is {} (a match is below {})",
            odds(*p),
            plural(copies as usize, "copy"),
            plural(tests, "test"),
            odds(*corrected),
            odds(bound)
        ),
        format!(
            "likelihood ratio, this copy alone against a copy of a random other buyer: 10^{:.1} with 1 % of the marks misread, 10^{:.1} with 5 %",
            likelihood[0], likelihood[1]
        ),
    ]
}

/// `1 copy`, `2 copies`.
fn plural(n: usize, word: &str) -> String {
    match (n, word.strip_suffix('y')) {
        (1, _) => format!("1 {word}"),
        (_, Some(stem)) if word == "copy" => format!("{n} {stem}ies"),
        _ => format!("{n} {word}s"),
    }
}

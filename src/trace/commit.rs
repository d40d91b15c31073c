//! Everything that a verdict depends on, fixed and hashed before a codeword is computed.
//!
//! What is hashed is a text ([`Inputs::statement`]), so that whoever is shown it can hash it himself:
//!
//! ```text
//! bookplate trace 1
//! site SITE
//! leak SHA-256
//! edition SHA-256
//! total 1e-6
//! run RUN
//! ```
//!
//! and for each course of which something was found
//!
//! ```text
//! course COURSE
//! params SET.POSITIONS.GENERATION
//! rules NUMBER
//! copies NUMBER SHA-256
//! erased CLASS ...
//! symbols declared SYMBOLS
//! symbols lexical SYMBOLS
//! symbols all SYMBOLS
//! ```
//!
//! Every line ends with a line feed. SYMBOLS is one character for each position: `0`, `1`, `.` where nothing was read, `x` where both were.
//! The number in the first line is raised with every change of how symbols become a verdict.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::copies::Copies;
use super::evidence::Evidence;
use super::extract::edition_digest;
use crate::code::{DEFAULT_TOTAL, Hypothesis, Symbols};
use crate::edition::{Class, Course, Edition};
use crate::protocol::SiteId;
use crate::protocol::primitives::{hex, sha256, unhex};

/// A SHA-256, written as 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256(pub [u8; 32]);

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl From<Sha256> for String {
    fn from(hash: Sha256) -> String {
        hash.to_string()
    }
}

impl TryFrom<String> for Sha256 {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        unhex(&text).map(Self).ok_or("a SHA-256 has 64 hexadecimal digits")
    }
}

/// What a verdict depends on: leak, lessons, and the list of copies. No copy was looked at yet.
#[derive(Debug)]
pub struct Inputs {
    /// The site.
    pub site: SiteId,
    /// Of the leak.
    pub leak: Sha256,
    /// Of the lessons; see [`digest`].
    pub edition: Sha256,
    /// The chance that any innocent copy is named, all runs on this leak together.
    pub total: f64,
    /// The courses of which something was found.
    pub courses: Vec<Found>,
}

/// A course of which something was found.
#[derive(Debug)]
pub struct Found {
    /// What was found.
    pub evidence: Evidence,
    /// The symbols of each hypothesis, narrowest first.
    pub symbols: Vec<(Hypothesis, Symbols)>,
    /// How many copies of the course there are.
    pub copies: u64,
    /// Of the list of copies; see [`Copies::digest`].
    pub list: Sha256,
}

impl Inputs {
    /// Fixes what was found.
    #[must_use]
    pub fn new(site: SiteId, edition: &Edition, leak: [u8; 32], evidence: Vec<Evidence>, copies: &Copies) -> Self {
        let courses = evidence.into_iter().map(|evidence| {
            let (count, list) = (copies.count(&evidence.course), Sha256(copies.digest(&evidence.course)));
            Found { symbols: believed(&evidence), copies: count, list, evidence }
        });
        Self { site, leak: Sha256(leak), edition: digest(edition), total: DEFAULT_TOTAL, courses: courses.collect() }
    }

    /// What is hashed for a run.
    #[must_use]
    pub fn statement(&self, run: u32) -> String {
        let mut out = format!(
            "bookplate trace 1\nsite {}\nleak {}\nedition {}\ntotal {:e}\nrun {run}\n",
            self.site, self.leak, self.edition, self.total
        );
        for Found { evidence, symbols, copies, list } in &self.courses {
            let erased: String = evidence.erased.iter().map(|class| format!(" {}", class_name(*class))).collect();
            let Evidence { course, params, rules, .. } = evidence;
            out.push_str(&format!("course {course}\nparams {params}\nrules {rules}\ncopies {copies} {list}\nerased{erased}\n"));
            for (hypothesis, symbols) in symbols {
                out.push_str(&format!("symbols {} {}\n", hypothesis_name(*hypothesis), line(symbols)));
            }
        }
        out
    }

    /// The hash that fixes a run.
    #[must_use]
    pub fn commit(&self, run: u32) -> Sha256 {
        Sha256(sha256(self.statement(run).as_bytes()))
    }
}

/// The symbols of each hypothesis. Signs are never the only evidence: where nothing else was read, they count for nothing.
fn believed(evidence: &Evidence) -> Vec<(Hypothesis, Symbols)> {
    let mut all = evidence.symbols();
    let words = all.iter().any(|(hypothesis, symbols)| *hypothesis != Hypothesis::All && symbols.readable() > 0);
    if !words {
        all.iter_mut().for_each(|(_, symbols)| *symbols = Symbols::erased(symbols.positions()));
    }
    all
}

/// `0`, `1`, `.` and `x`, one for each position.
fn line(symbols: &Symbols) -> String {
    let of = |(position, symbol)| match symbol {
        Some(false) => '0',
        Some(true) => '1',
        None if symbols.contradicts(position) => 'x',
        None => '.',
    };
    (0..).zip(symbols.iter()).map(of).collect()
}

/// SHA-256 of what is for sale. The text that is hashed has a line for each course: `COURSE <tab> SHA-256 <line feed>`, with the hash that
/// [`edition_digest`] gives.
#[must_use]
pub fn digest(edition: &Edition) -> Sha256 {
    let line = |course: &Course| format!("{}\t{}\n", course.id, hex(&edition_digest(course)));
    Sha256(sha256(edition.courses.iter().map(line).collect::<String>().as_bytes()))
}

/// A hypothesis in statements and reports for machines.
#[must_use]
pub fn hypothesis_name(hypothesis: Hypothesis) -> &'static str {
    match hypothesis {
        Hypothesis::Declared => "declared",
        Hypothesis::Lexical => "lexical",
        Hypothesis::All => "all",
    }
}

/// A class of carriers in statements and reports.
#[must_use]
pub fn class_name(class: Class) -> &'static str {
    match class {
        Class::Declared => "declared",
        Class::Lexical => "lexical",
        Class::Typographic => "typographic",
    }
}

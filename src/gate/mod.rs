//! The gate: nothing for sale may stand in what is published.
//!
//! It searches every output byte for runs of 8 words or 16 Han characters of sealed text, for sealed headings, alt texts and file
//! names, for bytes of sealed files, for key bytes, and for declared alternatives. Runs that public sources themselves contain are left
//! out and counted (real courses repeat themselves); what outputs contain is never an excuse.
//!
//! Both sides are read in the same way (`words`, `views`): entities decoded, tags stripped, white space and punctuation folded,
//! letters in lower case. Attributes, comments, scripts and JSON strings are read as texts of their own.

mod needles;
mod passages;
mod views;
mod words;

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::diag::{Diagnostic, Diagnostics};

pub use passages::{Passages, Phrase, PublicSource, SealedSource, Secret};

/// What a declared alternative looks like in Markdown. It belongs to the builder; in an output it would show both wordings.
const ALTERNATIVE: &[u8] = b"<!--~";

/// What the gate did, and what it found.
#[derive(Debug, Clone, Default)]
pub struct GateReport {
    /// One error for each output and lesson, with the remedy.
    pub findings: Diagnostics,
    /// Different runs of sealed text that were searched for.
    pub runs: usize,
    /// Runs of sealed text that were not searched for, because public sources contain them.
    pub public_runs: usize,
    /// Outputs that were read.
    pub files: usize,
    /// Bytes that were read.
    pub bytes: u64,
}

/// Reads all of `outputs`, given as (path below the output folder, bytes), and reports every sealed passage in them.
pub fn check<'a>(outputs: impl IntoIterator<Item = (&'a str, &'a [u8])>, passages: &Passages) -> GateReport {
    let outputs: Vec<_> = outputs.into_iter().collect();
    let findings: Vec<Vec<Diagnostic>> = outputs.par_iter().map(|(path, bytes)| search(path, bytes, passages)).collect();
    GateReport {
        findings: findings.into_iter().flatten().collect(),
        runs: passages.runs(),
        public_runs: passages.public_runs(),
        files: outputs.len(),
        bytes: outputs.iter().map(|(_, bytes)| bytes.len() as u64).sum(),
    }
}

fn search(path: &str, bytes: &[u8], passages: &Passages) -> Vec<Diagnostic> {
    let mut found: BTreeMap<(usize, &'static str), (usize, String)> = BTreeMap::new();
    let mut note = |lesson: usize, what: &'static str, shown: &str| {
        found.entry((lesson, what)).or_insert_with(|| (0, shown.to_owned())).0 += 1;
    };
    if !passages.is_empty() {
        for text in [path, &*percent_encoding::percent_decode_str(path).decode_utf8_lossy()] {
            passages.find_in_text(text, &mut note);
        }
        views::each_text(path, bytes, |text| passages.find_in_text(text, &mut note));
        passages.find_in_bytes(bytes, &mut note);
    }
    let mut out: Vec<Diagnostic> =
        found.into_iter().map(|((lesson, what), (times, shown))| finding(path, passages.lesson(lesson), what, times, &shown)).collect();
    if needles::contains(bytes, ALTERNATIVE) {
        let message = format!("`{path}` contains a declared alternative (`<!--~`)");
        out.push(Diagnostic::error("gate/alternative", message).in_file(path).hint(
            "declarations are read, and taken out, at the end of a paragraph or on a line below a block: remove this one from the \
                     raw HTML, theme, drawing or file of `static/` in which it stands",
        ));
    }
    out
}

/// Errors reach the log of a CI server, which may be public: they show the first words alone, fewer than the gate would let pass.
fn finding(path: &str, lesson: &str, what: &'static str, times: usize, shown: &str) -> Diagnostic {
    let start = opening(shown);
    let message = match what {
        passages::RUN => format!("{times} passages of the sealed lesson `{lesson}` stand in `{path}`, the first begins with `{start}`"),
        passages::SECRET => format!("`{path}` contains key bytes: {lesson}"),
        passages::BYTES => format!("`{path}` contains bytes of a file that is for sale in `{lesson}`"),
        what => format!("`{path}` contains {what} of the sealed lesson `{lesson}`: `{start}`"),
    };
    let hint = match what {
        passages::RUN => {
            "make the passage public in its own lesson too, or take it out of the page, the static file or the theme that shows it"
        }
        passages::SECRET => "never put a key into the site's folder; if this was published before, make a new key",
        passages::BYTES => "take the copy out of `static/`, or use the file in a free lesson if it may be public",
        _ => "take it out of the file that shows it, or name it in a free lesson if it may be public",
    };
    Diagnostic::error("gate/sealed-in-public", message).in_file(path).hint(hint)
}

/// The first three words or six characters.
fn opening(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().take(3).collect();
    let mut start: String = words.join(" ");
    if start.chars().any(words::stands_alone) {
        start = start.chars().take(6).collect();
    }
    let short: String = start.chars().take(40).collect();
    if short.len() < text.trim().len() { format!("{short}…") } else { short }
}

#[cfg(test)]
mod tests;

//! The table: what was checked, what was expected, what was seen.

use serde::Serialize;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As expected.
    Good,
    /// Not as expected.
    Failed,
    /// Could not be checked, or is not in the site's hands; `seen` says why.
    Unknown,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Which part of the site: `files`, `headers`, `closed`, `sealed`, `endpoint`.
    pub part: &'static str,
    /// What was checked.
    pub what: String,
    /// What should have been seen.
    pub expected: String,
    /// What was seen.
    pub seen: String,
    /// Whether the two agree.
    pub verdict: Verdict,
}

impl Row {
    fn new(part: &'static str, what: impl Into<String>, expected: impl Into<String>, seen: impl Into<String>, verdict: Verdict) -> Self {
        Self { part, what: what.into(), expected: expected.into(), seen: seen.into(), verdict }
    }

    pub(super) fn good(part: &'static str, what: impl Into<String>, expected: impl Into<String>, seen: impl Into<String>) -> Self {
        Self::new(part, what, expected, seen, Verdict::Good)
    }

    pub(super) fn failed(part: &'static str, what: impl Into<String>, expected: impl Into<String>, seen: impl Into<String>) -> Self {
        Self::new(part, what, expected, seen, Verdict::Failed)
    }

    pub(super) fn unknown(part: &'static str, what: impl Into<String>, expected: impl Into<String>, seen: impl Into<String>) -> Self {
        Self::new(part, what, expected, seen, Verdict::Unknown)
    }
}

/// All rows of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// In the order in which they were checked.
    pub rows: Vec<Row>,
}

impl Report {
    /// Adds a row.
    pub fn push(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Adds one row for a check of many things: good if nothing was found, else a failed row for each of the first few findings, given as
    /// (which one, what was seen there).
    pub(super) fn many(&mut self, part: &'static str, what: &str, expected: &str, all: usize, found: Vec<(String, String)>) {
        const SHOWN: usize = 5;
        if found.is_empty() {
            return self.push(Row::good(part, what, expected, format!("in all {all}")));
        }
        let more = found.len().saturating_sub(SHOWN);
        for (one, seen) in found.into_iter().take(SHOWN) {
            self.push(Row::failed(part, format!("{what}: {one}"), expected, seen));
        }
        if more > 0 {
            self.push(Row::failed(part, what, expected, format!("otherwise in {more} more of {all}")));
        }
    }

    /// How many rows ended so.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.rows.iter().filter(|row| row.verdict == verdict).count()
    }

    /// The table as text: failed rows begin with `FAIL`.
    #[must_use]
    pub fn table(&self) -> String {
        let width =
            |cell: fn(&Row) -> &str, most: usize| self.rows.iter().map(|row| cell(row).chars().count()).max().unwrap_or(0).min(most);
        let (what, expected) = (width(|row| &row.what, 60).max(7), width(|row| &row.expected, 40).max(8));
        let mut out = format!("      {:<9} {:<what$}  {:<expected$}  seen\n", "part", "checked", "expected");
        for row in &self.rows {
            let mark = match row.verdict {
                Verdict::Good => "ok",
                Verdict::Failed => "FAIL",
                Verdict::Unknown => "-",
            };
            out.push_str(&format!("{mark:<5} {:<9} {:<what$}  {:<expected$}  {}\n", row.part, row.what, row.expected, tame(&row.seen)));
        }
        out
    }
}

/// What a stranger's server said, as a terminal may have it, at most 120 characters.
fn tame(text: &str) -> String {
    text.chars().take(120).map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

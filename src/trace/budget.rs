//! Runs on the same leak share one total: a log counts them.
//!
//! One line of JSON for each run. The same inputs under the same number are the same run again, and spend nothing.

use serde::{Deserialize, Serialize};

use super::commit::Sha256;
use crate::diag::{Diagnostic, Diagnostics};

/// A run that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When, seconds since 1970.
    pub at: u64,
    /// Of the leak.
    pub leak: Sha256,
    /// Its number among the runs on this leak, from 1.
    pub run: u32,
    /// What it was made of.
    pub commit: Sha256,
}

/// The runs that were made on all leaks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Budget(Vec<Entry>);

/// The number of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// From 1.
    pub number: u32,
    /// It was made before, with the same inputs.
    pub again: bool,
}

impl Budget {
    /// Reads the log.
    ///
    /// # Errors
    /// A line that is none: then nobody knows how often a leak was tried.
    pub fn parse(name: &str, text: &str) -> Result<Self, Diagnostics> {
        let (mut entries, mut found, mut at) = (Vec::new(), Diagnostics::new(), 0);
        for line in text.split_inclusive('\n') {
            match serde_json::from_str(line) {
                Ok(entry) => entries.push(entry),
                Err(_) if line.trim().is_empty() => {}
                Err(error) => {
                    let fault = Diagnostic::error("trace/log", format!("this line counts no run: {error}"));
                    found.push(fault.at(name, text, at..at + line.trim_end().len()).hint(
                        "restore the file from a copy: it says how often a leak was tried, and so how much may still be spent on it",
                    ));
                }
            }
            at += line.len();
        }
        if found.is_empty() { Ok(Self(entries)) } else { Err(found) }
    }

    /// The number of a run on a leak, given what its inputs hash to under each number.
    #[must_use]
    pub fn run(&self, leak: Sha256, commit: impl Fn(u32) -> Sha256) -> Run {
        let made: Vec<&Entry> = self.0.iter().filter(|entry| entry.leak == leak).collect();
        match made.iter().find(|entry| commit(entry.run) == entry.commit) {
            Some(same) => Run { number: same.run, again: true },
            None => Run { number: made.iter().map(|entry| entry.run).max().unwrap_or_default().saturating_add(1), again: false },
        }
    }
}

impl Entry {
    /// Its line in the log.
    #[must_use]
    pub fn to_line(&self) -> String {
        // Nothing in it can fail to be written: numbers and digits.
        format!("{}\n", serde_json::to_string(self).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The inputs `what` under a number.
    fn commit(what: u8) -> impl Fn(u32) -> Sha256 {
        move |run| Sha256([what.wrapping_mul(31).wrapping_add(run as u8); 32])
    }

    #[test]
    fn other_inputs_are_another_run_and_the_same_are_the_same() {
        let (leak, other) = (Sha256([1; 32]), Sha256([2; 32]));
        let mut log = String::new();
        let mut run = |leak, what| {
            let run = Budget::parse("trace.log", &log).unwrap().run(leak, commit(what));
            if !run.again {
                log.push_str(&Entry { at: 9, leak, run: run.number, commit: commit(what)(run.number) }.to_line());
            }
            (run.number, run.again)
        };
        assert_eq!([run(leak, 1), run(leak, 2), run(leak, 1)], [(1, false), (2, false), (1, true)]);
        assert_eq!([run(other, 1), run(leak, 3), run(leak, 2)], [(1, false), (3, false), (2, true)]);
    }

    #[test]
    fn a_log_that_cannot_be_read_is_an_error() {
        let found = Budget::parse("trace.log", "\n{\"at\":1}\n").unwrap_err().render(9);
        assert!(found.contains("trace.log:2:1") && found.contains("restore the file"), "{found}");
    }
}

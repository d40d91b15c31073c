//! Runs on the same leak share one total: a log counts them.
//!
//! One line of JSON for each run. The same inputs under the same number are the same run again, and spend nothing. Parts of a leak, and
//! leaks that were changed a little, count as the same leak: most of what they show is the same ([`Traits`]).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::commit::Sha256;
use super::evidence::Evidence;
use crate::diag::{Diagnostic, Diagnostics};
use crate::protocol::primitives::{hex, sha256};

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
    /// What the leak showed; nothing in lines of a program that did not keep it.
    #[serde(default)]
    pub traits: Traits,
}

/// What a leak shows, as a set of short hashes: each sentence in the wording that it has there, and each key. The first four bytes of
/// SHA-256 over `COURSE <line feed> SENTENCE <line feed> SLOT`, or for keys `COURSE <line feed> POSITION <line feed> SLOT`. Written as
/// hexadecimal digits, eight for each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Traits(BTreeSet<[u8; 4]>);

impl Traits {
    /// What was found of all courses. It depends on no copy.
    #[must_use]
    pub fn of<'e>(evidence: impl Iterator<Item = &'e Evidence>) -> Self {
        let mut all = BTreeSet::new();
        for Evidence { course, readings, keys, .. } in evidence {
            let mut add = |what: &str, slot: bool| {
                let [a, b, c, d, ..] = sha256(format!("{course}\n{what}\n{}", u8::from(slot)).as_bytes());
                all.insert([a, b, c, d]);
            };
            for reading in readings {
                if let Some(slot) = reading.declared.or(reading.lexical).or(reading.typographic) {
                    add(&reading.sentence, slot);
                }
            }
            keys.iter().for_each(|key| add(&key.position.to_string(), key.slot));
        }
        Self(all)
    }

    /// True if three quarters of the smaller set are in the other. Copies of two orders share about half.
    fn overlaps(&self, other: &Self) -> bool {
        let smaller = self.0.len().min(other.0.len());
        smaller > 0 && self.0.intersection(&other.0).count() * 4 >= smaller * 3
    }
}

impl From<Traits> for String {
    fn from(traits: Traits) -> String {
        traits.0.iter().map(|hash| hex(hash)).collect()
    }
}

impl TryFrom<String> for Traits {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let hash = |digits: &[u8]| Some(u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?.to_be_bytes());
        let all: Option<BTreeSet<_>> = text.as_bytes().chunks(8).map(|digits| hash(digits).filter(|_| digits.len() == 8)).collect();
        all.map(Self).ok_or("traits are written as hexadecimal digits, eight for each")
    }
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

    /// The number of a run on a leak that shows `traits`, given what its inputs hash to under each number.
    #[must_use]
    pub fn run(&self, leak: Sha256, traits: &Traits, commit: impl Fn(u32) -> Sha256) -> Run {
        let made: Vec<&Entry> = self.0.iter().filter(|entry| entry.leak == leak || entry.traits.overlaps(traits)).collect();
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
            let run = Budget::parse("trace.log", &log).unwrap().run(leak, &Traits::default(), commit(what));
            if !run.again {
                log.push_str(
                    &Entry { at: 9, leak, run: run.number, commit: commit(what)(run.number), traits: Traits::default() }.to_line(),
                );
            }
            (run.number, run.again)
        };
        assert_eq!([run(leak, 1), run(leak, 2), run(leak, 1)], [(1, false), (2, false), (1, true)]);
        assert_eq!([run(other, 1), run(leak, 3), run(leak, 2)], [(1, false), (3, false), (2, true)]);
    }

    #[test]
    fn parts_and_variants_of_a_leak_are_the_same_leak() {
        let traits = |from: u32, to: u32| Traits((from..to).map(u32::to_be_bytes).collect());
        let entry = Entry { at: 9, leak: Sha256([1; 32]), run: 4, commit: commit(1)(4), traits: traits(0, 100) };
        let log = Budget::parse("trace.log", &entry.to_line()).unwrap();
        assert_eq!(log.0, [entry]);
        let number = |traits: Traits| log.run(Sha256([2; 32]), &traits, commit(2)).number;
        for same in [traits(10, 20), traits(0, 400), traits(25, 125)] {
            assert_eq!(number(same), 5);
        }
        for other in [traits(50, 150), traits(100, 200), Traits::default()] {
            assert_eq!(number(other), 1);
        }
        assert_eq!(String::from(traits(1, 3)), "0000000100000002");
        assert!(Traits::try_from("0000".to_owned()).is_err() && Traits::try_from("é0000000".to_owned()).is_err());
    }

    #[test]
    fn a_log_that_cannot_be_read_is_an_error() {
        let found = Budget::parse("trace.log", "\n{\"at\":1}\n").unwrap_err().render(9);
        assert!(found.contains("trace.log:2:1") && found.contains("restore the file"), "{found}");
    }
}

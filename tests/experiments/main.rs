//! What a mark proves: experiments that print their tables and assert what the project promises.
//!
//! usage: `cargo test --test experiments [-- NAME...]` (names as in [`EXPERIMENTS`]; all of them without a name)
//!
//! The short form has fixed seeds and takes seconds; with `BOOKPLATE_LONG` set, the same experiments run with large numbers and
//! stricter assertions. Results depend on the seed alone, not on the number of cores. An experiment is a file with a function
//! `run(Size)` that prints and asserts.

#![allow(clippy::print_stdout, reason = "tables are what this program is for")]

mod attacks;
mod changes;
mod code;
mod course;
mod innocents;
mod lengths;
mod million;
mod random;
mod statistics;
mod text;
mod work;

use std::time::Instant;

/// One experiment.
struct Experiment {
    /// For the command line.
    name: &'static str,
    /// What it shows, in a line.
    shows: &'static str,
    run: fn(Size),
}

const EXPERIMENTS: &[Experiment] = &[
    Experiment { name: "lengths", shows: "positions that a code needs, against the design's anchors", run: lengths::run },
    Experiment { name: "innocents", shows: "innocent copies pass as often as the tail says, none at the bound", run: innocents::run },
    Experiment { name: "text", shows: "text in, verdict out", run: text::english },
    Experiment { name: "chinese", shows: "the same for a Chinese course", run: text::chinese },
    Experiment { name: "million", shows: "a verdict over a million copies", run: million::run },
];

/// How much is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// In every run of all tests.
    Short,
    /// In `tests/long`.
    Long,
}

impl Size {
    /// One of two values.
    pub fn pick<T>(self, short: T, long: T) -> T {
        if self == Size::Short { short } else { long }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|a| a == "--list") {
        EXPERIMENTS.iter().for_each(|e| println!("{}: test", e.name));
        return;
    }
    // Options are meant for the usual harness and say nothing here.
    let names: Vec<&String> = arguments.iter().filter(|a| !a.starts_with('-')).collect();
    let size = if std::env::var_os("BOOKPLATE_LONG").is_some() { Size::Long } else { Size::Short };
    for Experiment { name, shows, run } in EXPERIMENTS {
        if names.is_empty() || names.iter().any(|n| n == name) {
            println!("\n=== {name}: {shows}");
            let start = Instant::now();
            run(size);
            println!("=== {name}: {size:?}, passed in {:.1} s", start.elapsed().as_secs_f64());
        }
    }
}

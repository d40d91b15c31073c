//! The fingerprinting code as mathematics: from biases to codewords, and from the symbols of a leak to a verdict.
//!
//! **Code.** A course has m positions. At position j a secret bias p_j says how probable slot 1 is, and each copy draws its own slot
//! there, independently of all others ([`Set`]; Tardos, "Optimal probabilistic fingerprint codes", Journal of the ACM 55, 2008).
//! Biases are integers: p = `threshold / 2^32` exactly.
//!
//! **Symbols.** A leak shows at each position slot 0, slot 1, or nothing that can be used ([`Symbols`]). A position counts once,
//! however many sentences carry it: summed sentence by sentence, equal evidence would be counted as independent evidence.
//!
//! **Scores.** Let a be the probability that an innocent copy agrees with the leak at a position: p where the leak shows slot 1, 1 - p
//! where it shows slot 0. A score adds for each position one number if the copy agrees and a smaller one if it does not ([`Score`]):
//!
//! | score | agrees | differs | source |
//! |---|---|---|---|
//! | symmetric | sqrt((1-a)/a) | -sqrt(a/(1-a)) | Skoric, Katzenbeisser, Celik, "Symmetric Tardos fingerprinting codes for arbitrary alphabet sizes", Designs, Codes and Cryptography 46, 2008 |
//! | universal | ln(1 + (1-a)/(c a)) | ln(1 - 1/c) | Laarhoven, "Capacities and capacity-achieving decoders for various fingerprinting games", IH&MMSec 2014: the log-likelihood ratio against c copies merged position by position at random |
//!
//! c is the number of the set: it is the coalition that its biases are made for. Both numbers are multiplied by [`SCALE`] and rounded;
//! the test *is* the test of the integers, so rounding takes nothing from its exactness.
//!
//! **Tail.** Given biases and symbols, an innocent copy's score is a sum of independent terms of two values each, whatever was done to
//! the text, so the probability that it reaches a value is computed exactly ([`Tail`]). No Gaussian threshold: it is wrong by
//! factors from 1e-6 to 1e4 (Furon and Desoubeaux, "Tardos codes for real", WIFS 2014).
//!
//! **Verdict.** Which carriers are believed is a hypothesis ([`Hypothesis`]); each is tested with each score, for all copies, and the
//! sum of all chances of a false accusation stays below one total ([`Trial`]). Repeated runs on a leak share it ([`share_of_run`]).
//!
//! **Lengths.** How many positions name a leaker ([`positions_needed`]); `tests/experiments` measures it and holds the tail against
//! millions of innocent copies.
//!
//! **What it rests on.** Exact for an innocent copy when biases and codewords are secret and everything that a trial is made of was
//! fixed from leak and lessons, before a codeword was looked at. Nothing is assumed about the leak.

mod length;
mod reading;
mod score;
mod scorer;
mod set;
mod share;
mod tail;
mod trial;

pub use length::positions_needed;
pub use reading::Symbols;
pub use score::{Observed, SCALE, Score, Weights};
pub use set::Set;
pub use share::{DEFAULT_TOTAL, share_of_run};
pub use tail::Tail;
pub use trial::{Capacity, ERROR_RATES, Finding, Hypothesis, Passed, Trial, TrialError};

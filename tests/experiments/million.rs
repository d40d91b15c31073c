//! How long a verdict takes: copies drawn from a site key, and examined under three hypotheses with both scores, for a leak that shows
//! every position of the default length. One copy of them is the source, and it alone is named. Seconds are printed and not judged:
//! they are this machine's, with whatever else it is doing (10 s for a million on two quiet cores is what the design allows).

use std::time::Instant;

use bookplate::code::{DEFAULT_TOTAL, Hypothesis, Set, Symbols, Trial, share_of_run};
use bookplate::protocol::{BuyerId, CourseId, Params, SiteId, SiteKey};

use crate::Size;
use crate::work::parallel;

/// Copies in one piece of work.
const PIECE: usize = 1_000;

pub fn run(size: Size) {
    let pieces = size.pick(30, 1_000);
    println!("{} copies of 2048 positions, 3 hypotheses", pieces * PIECE);
    println!("set  tests  trial made, ms  copies drawn, s  copies examined, s  for a million, s  named");
    for set in Set::ALL {
        verdict(set, pieces);
    }
}

fn verdict(set: Set, pieces: usize) {
    let key = SiteKey::from_bytes([3; 32]);
    let (site, course) = (SiteId::parse("site").expect("an id"), CourseId::parse("course").expect("an id"));
    let params = Params::from_numbers(set.number(), 2048, 1).expect("parameters");
    let codewords = key.codewords(&site, &course, params);
    let copy = |i: usize| codewords.of(&BuyerId((i as u128).to_be_bytes()));
    let thresholds = key.thresholds(&site, &course, params);

    let source = pieces * PIECE / 2;
    let leak = copy(source);
    let part = |quarters: u32| Symbols::merge(2048, (0..2048).filter(|j| j % 4 < quarters).map(|j| (j, leak.slot(j))));
    let readings = [(Hypothesis::Declared, part(1)), (Hypothesis::Lexical, part(3)), (Hypothesis::All, part(4))];
    let start = Instant::now();
    let copies = (pieces * PIECE) as u64;
    let trial = Trial::new(set, &thresholds, &readings, copies, share_of_run(DEFAULT_TOTAL, 1)).expect("one code");
    let made = start.elapsed().as_secs_f64();

    let start = Instant::now();
    let (mut named, mut examined) = (Vec::new(), 0.0);
    for (seconds, found) in parallel(pieces, |piece| {
        let copies: Vec<_> = (piece * PIECE..(piece + 1) * PIECE).map(|i| (i, copy(i))).collect();
        let start = Instant::now();
        let found: Vec<usize> = copies.iter().filter(|(_, c)| trial.examine(c.as_bytes()).is_some()).map(|(i, _)| *i).collect();
        (start.elapsed().as_secs_f64(), found)
    }) {
        named.extend(found);
        examined += seconds;
    }
    let (all, cores) = (start.elapsed().as_secs_f64(), std::thread::available_parallelism().map_or(1, usize::from) as f64);
    let million = all * 1e6 / copies as f64;
    let (drawn, examined, made) = (all - examined / cores, examined / cores, made * 1e3);
    println!("{:3}  {:5}  {made:14.1}  {drawn:15.2}  {examined:18.2}  {million:16.1}  {}", set.number(), trial.tests(), named.len());
    assert_eq!(named, [source]);
}

//! Innocent copies against leaks of every kind: one copy, merged copies, noise, and text written by somebody who knows the biases and
//! always shows the rarer slot (which no leaker can, but what a Gaussian threshold breaks at). No threshold may be passed more often
//! than its nominal rate, and exactly as often as the tail says; at a total of 1e-6 nobody is named.

use std::collections::BTreeMap;

use bookplate::code::{Hypothesis, Observed, Score, Set, Symbols, Tail, Trial};

use crate::Size;
use crate::attacks::Attack;
use crate::code::Code;
use crate::random::Random;
use crate::statistics::{Z95, wilson};
use crate::work::parallel;

const TOTAL: f64 = 1e-6;
const RATES: [f64; 2] = [1e-3, 1e-5];
const POSITIONS: usize = 512;

/// What is counted: a threshold at a rate (by its place in [`RATES`]), for one test, or for any test of the trial.
type Row = (Set, usize, Option<(Hypothesis, Score)>);

/// Of one row: innocents who passed, sum of the exact probabilities, sum of the nominal ones.
#[derive(Default, Clone, Copy)]
struct Count {
    passed: u64,
    exact: f64,
    nominal: f64,
}

pub fn run(size: Size) {
    let (leaks, each) = size.pick((150, 2_000), (1_000, 5_000));
    let innocents = (leaks * each) as u64;
    println!("{leaks} leaks of {POSITIONS} positions for each set, {each} innocent copies each, seed [2, set, leak]");
    println!("set  nominal  hypothesis  score         exact     observed  95 % interval");
    let mut named = 0;
    for set in Set::ALL {
        let mut rows: BTreeMap<Row, Count> = BTreeMap::new();
        for (counts, accused) in parallel(leaks, |leak| examine(set, leak, each)) {
            named += accused;
            for (row, count) in counts {
                let sum = rows.entry(row).or_default();
                sum.passed += count.passed;
                sum.exact += count.exact * each as f64;
                sum.nominal += count.nominal * each as f64;
            }
        }
        rows.into_iter().for_each(|(row, count)| report(row, count, innocents));
    }
    println!("named at a total of {TOTAL:e} for each leak: {named} of {} innocent copies", 2 * innocents);
    assert_eq!(named, 0);
}

fn report((set, rate, test): Row, count: Count, innocents: u64) {
    let (exact, nominal) = (count.exact / innocents as f64, count.nominal / innocents as f64);
    let observed = count.passed as f64 / innocents as f64;
    let (low, high) = wilson(count.passed, innocents, Z95);
    let (hypothesis, score) = test.map_or(("any".into(), "any".into()), |(h, s)| (format!("{h:?}"), format!("{s:?}")));
    let shown = test.map_or(String::new(), |_| format!("{exact:.2e}"));
    println!(
        "{:3}  {:7.0e}  {hypothesis:10}  {score:10}  {shown:>8}  {observed:>11.2e}  {low:.2e} to {high:.2e}",
        set.number(),
        RATES[rate]
    );
    let (low, high) = wilson(count.passed, innocents, 4.0);
    assert!(low <= nominal, "passed more often than the bound allows");
    assert!(exact <= nominal * 1.000_001);
    assert!(test.is_none() || (low..=high).contains(&exact), "the tail is not what innocents do");
}

/// One leak: what passed, and how many copies were named.
fn examine(set: Set, leak: usize, each: usize) -> (BTreeMap<Row, Count>, u64) {
    let mut random = Random::new(&[2, u64::from(set.number()), leak as u64]);
    let code = Code::new(&mut random, set, POSITIONS);
    let readings = readings(&show(&mut random, &code, leak));
    let trial = |copies, alpha| Trial::new(set, &code.thresholds, &readings, copies, alpha).expect("one code");
    let tests = trial(1, 0.5).tests() as f64;
    let at_rate = RATES.map(|rate| trial(1, rate * tests));
    let verdict = trial(each as u64, TOTAL);
    let mut counts = BTreeMap::new();
    for (rate, trial) in at_rate.iter().enumerate() {
        counts.insert((set, rate, None), Count { nominal: trial.alpha(), ..Count::default() });
        // Where the scores are one test, or a leak shows too little, a test has no row for this leak: nobody can pass it.
        for (test, exact) in exact_rates(&code, &readings, trial.bound()) {
            counts.insert((set, rate, Some(test)), Count { exact, nominal: trial.bound(), ..Count::default() });
        }
    }
    let (mut codeword, mut named) = (Vec::new(), 0);
    for _ in 0..each {
        code.draw(&mut random, &mut codeword);
        named += u64::from(verdict.examine(&codeword).is_some());
        for (rate, trial) in at_rate.iter().enumerate() {
            let passed = trial.examine(&codeword).map(|finding| finding.passed).unwrap_or_default();
            let tests = passed.iter().map(|one| Some((one.hypothesis, one.score)));
            for test in tests.chain((!passed.is_empty()).then_some(None)) {
                counts.get_mut(&(set, rate, test)).expect("a test with a row").passed += 1;
            }
        }
    }
    (counts, named)
}

/// For each test the probability that an innocent copy passes a threshold set at `bound`.
fn exact_rates(code: &Code, readings: &[(Hypothesis, Symbols)], bound: f64) -> Vec<((Hypothesis, Score), f64)> {
    let mut rates = Vec::new();
    for (hypothesis, symbols) in readings {
        let at = symbols.iter().zip(&code.thresholds);
        let seen: Vec<Observed> = at.filter_map(|(symbol, threshold)| Some(Observed { threshold: *threshold, symbol: symbol? })).collect();
        let agreements: Vec<f64> = seen.iter().map(|seen| (seen.agreement() * 1e6).round()).collect();
        let one_kind = agreements.iter().all(|a| *a == agreements[0]);
        for score in Score::ALL.into_iter().take(if one_kind { 1 } else { 2 }) {
            let tail = Tail::new(seen.iter().map(|seen| (*seen, score.weights(code.set, *seen))));
            rates.push(((*hypothesis, score), tail.smallest_within(bound).map_or(0.0, |score| tail.at(score))));
        }
    }
    rates
}

/// Leaks of all kinds in turn; a third of them with half of the positions erased.
fn show(random: &mut Random, code: &Code, leak: usize) -> Symbols {
    let m = code.m();
    let leakers = 1 + leak % 4;
    let whole = match leak % 10 {
        0 => Symbols::merge(m, (0..m as u32).map(|j| (j, random.chance(0.5)))),
        1 => Symbols::merge(m, (0..).zip(&code.thresholds).map(|(j, threshold)| (j, *threshold < 1 << 31))),
        _ => {
            let attacks = Attack::all(code.set, leakers);
            let coalition: Vec<Vec<u8>> = (0..leakers).map(|_| code.copy(random)).collect();
            attacks[random.below(attacks.len())].leak(random, code, &coalition)
        }
    };
    let kept: Vec<bool> = (0..m).map(|_| !leak.is_multiple_of(3) || random.chance(0.5)).collect();
    Symbols::merge(m, (0..).zip(whole.iter().zip(kept)).filter_map(|(j, (symbol, kept))| symbol.filter(|_| kept).map(|s| (j, s))))
}

/// A quarter of the positions is declared, a half lexical, a quarter typographic.
fn readings(all: &Symbols) -> Vec<(Hypothesis, Symbols)> {
    let part = |quarters: u32| {
        let symbols = (0..all.positions() as u32).filter(|j| j % 4 < quarters);
        Symbols::merge(all.positions(), symbols.filter_map(|j| Some((j, all.get(j)?))))
    };
    vec![(Hypothesis::Declared, part(1)), (Hypothesis::Lexical, part(3)), (Hypothesis::All, part(4))]
}

//! Ways to merge copies. A position where all hold the same slot stays (the marking assumption); elsewhere the coalition chooses, with
//! a probability that depends on how many of them hold slot 1.

use std::cmp::Ordering;

use bookplate::code::{Set, Symbols};

use crate::code::{Code, slot};
use crate::random::Random;

/// For k = 0 to c holders of slot 1 among c: the probability that the leak shows slot 1.
#[derive(Debug, Clone)]
pub struct Attack {
    pub name: &'static str,
    theta: Vec<f64>,
}

impl Attack {
    /// All seven; for one copy there is nothing to choose.
    pub fn all(set: Set, leakers: usize) -> Vec<Attack> {
        if leakers == 1 {
            return vec![Attack { name: "one copy", theta: vec![0.0, 1.0] }];
        }
        let c = leakers as f64;
        let half = |k: usize, few: f64| match (2 * k).cmp(&leakers) {
            Ordering::Less => few,
            Ordering::Equal => 0.5,
            Ordering::Greater => 1.0 - few,
        };
        let attack = |name, free: &dyn Fn(usize) -> f64| {
            let theta = (0..=leakers)
                .map(|k| {
                    if k == 0 {
                        0.0
                    } else if k == leakers {
                        1.0
                    } else {
                        free(k)
                    }
                })
                .collect();
            Attack { name, theta }
        };
        vec![
            attack("interleaving", &|k| k as f64 / c),
            attack("majority", &|k| half(k, 0.0)),
            attack("minority", &|k| half(k, 1.0)),
            attack("coin-flip", &|_| 0.5),
            attack("all-1", &|_| 1.0),
            attack("all-0", &|_| 0.0),
            Attack { name: "worst-case", theta: worst_case(set, leakers) },
        ]
    }

    /// What the coalition publishes, position by position.
    pub fn leak(&self, random: &mut Random, code: &Code, coalition: &[Vec<u8>]) -> Symbols {
        let symbol = |j| {
            let theta = self.theta[coalition.iter().filter(|copy| slot(copy, j)).count()];
            theta == 1.0 || theta > 0.0 && random.chance(theta)
        };
        let symbols: Vec<bool> = (0..code.m()).map(symbol).collect();
        Symbols::merge(code.m(), (0..).zip(symbols))
    }
}

/// Biases and weights of a set.
fn biases(set: Set) -> Vec<(f64, f64)> {
    let p = |word| f64::from(set.threshold(word)) / 4_294_967_296.0;
    vec![(p(0), 0.5), (p(u32::MAX), 0.5)]
}

/// The worst-case attack against a decoder that looks at one copy at a time: the one that minimises the information, in bits a
/// position, that the leak gives about one leaker's slot to somebody who knows the biases (Furon and Perez-Freire, "Worst case attacks
/// against binary probabilistic traitor tracing codes", WIFS 2009). The coalition knows the set and not the biases, so it does the same
/// everywhere. Information is convex in theta: a descent along the axes finds the minimum.
pub fn worst_case(set: Set, leakers: usize) -> Vec<f64> {
    let mut theta: Vec<f64> = (0..=leakers).map(|k| k as f64 / leakers as f64).collect();
    let (mut least, mut step) = (information(set, &theta), 0.25);
    while step > 1e-7 {
        let mut better = false;
        for k in 1..leakers {
            for by in [step, -step] {
                let mut moved = theta.clone();
                moved[k] = (moved[k] + by).clamp(0.0, 1.0);
                let found = information(set, &moved);
                if found < least - 1e-15 {
                    (theta, least, better) = (moved, found, true);
                }
            }
        }
        step = if better { step } else { step / 2.0 };
    }
    theta
}

/// I(slot of one leaker; symbol | bias) in bits.
pub fn information(set: Set, theta: &[f64]) -> f64 {
    let c = theta.len() - 1;
    let entropy = |p: f64| if p <= 0.0 || p >= 1.0 { 0.0 } else { -p * p.log2() - (1.0 - p) * (1.0 - p).log2() };
    let of_bias = |(p, weight): (f64, f64)| {
        // P(symbol 1 | one leaker's slot is x): the others hold i ones.
        let shown =
            |x: usize| (0..c).map(|i| choose(c - 1, i) * p.powi(i as i32) * (1.0 - p).powi((c - 1 - i) as i32) * theta[i + x]).sum();
        let (zero, one): (f64, f64) = (shown(0), shown(1));
        weight * (entropy(p * one + (1.0 - p) * zero) - p * entropy(one) - (1.0 - p) * entropy(zero))
    };
    biases(set).into_iter().map(of_bias).sum()
}

fn choose(n: usize, k: usize) -> f64 {
    (0..k).map(|i| (n - i) as f64 / (i + 1) as f64).product()
}

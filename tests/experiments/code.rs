//! A code with random biases, and copies of it, drawn 64 positions at a time.

use bookplate::code::Set;

use crate::random::Random;

/// The biases of one course.
pub struct Code {
    pub set: Set,
    pub thresholds: Vec<u32>,
    /// For each 64 positions the 32 bits of their thresholds, the highest first: bit planes.
    planes: Vec<[u64; 32]>,
    /// How many planes have a bit.
    depth: usize,
}

impl Code {
    /// `m` positions.
    pub fn new(random: &mut Random, set: Set, m: usize) -> Self {
        let thresholds: Vec<u32> = (0..m).map(|_| set.threshold(random.next() as u32)).collect();
        let mut planes = vec![[0; 32]; m.div_ceil(64)];
        for (j, threshold) in thresholds.iter().enumerate() {
            for (b, plane) in planes[j / 64].iter_mut().enumerate() {
                *plane |= u64::from(threshold >> (31 - b) & 1) << (63 - j % 64);
            }
        }
        let depth = (0..32).filter(|b| planes.iter().any(|p| p[*b] != 0)).max().map_or(0, |b| b + 1);
        Self { set, thresholds, planes, depth }
    }

    /// Positions.
    pub fn m(&self) -> usize {
        self.thresholds.len()
    }

    /// A copy: at each position slot 1 if a uniform word of 32 bits lies below the threshold. All 64 words are compared at once, bit by
    /// bit from the highest, until every comparison is decided.
    pub fn draw(&self, random: &mut Random, codeword: &mut Vec<u8>) {
        codeword.clear();
        for planes in &self.planes {
            let (mut below, mut open) = (0, !0);
            for plane in &planes[..self.depth] {
                let bits = random.next();
                below |= open & !bits & plane;
                open &= !(bits ^ plane);
                if open == 0 {
                    break;
                }
            }
            codeword.extend_from_slice(&u64::to_be_bytes(below));
        }
    }

    /// A copy of its own.
    pub fn copy(&self, random: &mut Random) -> Vec<u8> {
        let mut codeword = Vec::new();
        self.draw(random, &mut codeword);
        codeword
    }
}

/// The slot of a copy at a position.
pub fn slot(codeword: &[u8], j: usize) -> bool {
    codeword[j / 8] & (128 >> (j % 8)) != 0
}

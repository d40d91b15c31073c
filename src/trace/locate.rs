//! Where in a leak each sentence stands.
//!
//! Runs of letters ("shingles") of every sentence, in both wordings, are looked up at every letter of the leak; where several of them
//! agree on a begin, the sentence is held against that stretch ([`Lattice::fit`]). A stretch of the leak belongs to one sentence, the
//! one that explains most of it; where two explain it equally well it belongs to none.

use std::collections::HashMap;
use std::ops::Range;

use rayon::prelude::*;

use super::fold::{Letters, signs, weight};
use super::lattice::{Fit, Lattice};

/// Weight of a shingle: ten letters, or four Han characters.
const SHINGLE: usize = 10;

/// Shingles that are looked up of each wording.
const OF_A_WORDING: usize = 24;

/// A shingle of more sentences than this finds none of them.
const COMMON: usize = 24;

/// Sentences that weigh less are not looked for: three words, four Han characters.
const LIGHTEST: usize = 12;

/// One of this many looked-up shingles must be seen.
const SUPPORT: usize = 6;

/// Of this many letters one may be wrong.
const LETTERS_FOR_AN_EDIT: usize = 4;

/// A fit with at most one edit in so many letters leaves no room for what less speaks for.
const SURE: usize = 8;

/// Letters of a leak that are searched at once, and by how many the pieces overlap.
const PIECE: Piece = Piece { letters: 1 << 18, overlap: 1 << 13 };

struct Piece {
    letters: usize,
    overlap: usize,
}

/// The sentences of an edition, ready to be looked for.
#[derive(Debug)]
pub struct Index {
    lattices: Vec<Lattice>,
    /// For each shingle: sentence, and letters before it.
    shingles: HashMap<u64, Vec<(u32, u32)>>,
    /// Shingles that are looked up of each sentence.
    looked_up: Vec<u32>,
    /// The low bits of all shingles: most letters of a leak begin none.
    filter: Vec<u64>,
}

/// Where a sentence could stand; letters of the leak.
struct Candidate {
    sentence: usize,
    /// Shingles that speak for it.
    hits: u32,
    /// It stands somewhere in here.
    window: Range<usize>,
    /// It stands about here.
    core: Range<usize>,
    /// The outermost begins that shingles say.
    begins: [usize; 2],
}

/// A sentence that stands in a leak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which sentence, by its place in the index.
    pub sentence: usize,
    /// Bytes of the leak.
    pub range: Range<usize>,
    /// How it stands there; its range counts letters of the whole leak.
    pub fit: Fit,
}

impl Index {
    /// An index of sentences that differ from each other.
    #[must_use]
    pub fn new(lattices: Vec<Lattice>) -> Self {
        let mut shingles: HashMap<u64, Vec<(u32, u32)>> = HashMap::new();
        let mut looked_up = vec![0; lattices.len()];
        for (sentence, lattice) in lattices.iter().enumerate() {
            if lattice.weight() < LIGHTEST {
                continue;
            }
            for letters in lattice.wordings() {
                let all: Vec<(usize, u64)> = (0..letters.len()).map_while(|at| Some((at, shingle(&letters[at..])?))).collect();
                let step = all.len().div_ceil(OF_A_WORDING).max(1);
                for (at, hash) in all.into_iter().step_by(step) {
                    let place = (sentence as u32, at as u32);
                    let places = shingles.entry(hash).or_default();
                    if !places.contains(&place) {
                        places.push(place);
                    }
                }
            }
        }
        shingles.retain(|_, places| places.len() <= COMMON);
        shingles.values().flatten().for_each(|(sentence, _)| looked_up[*sentence as usize] += 1);
        let mut filter = vec![0; FILTER / 64];
        shingles.keys().for_each(|hash| filter[*hash as usize % FILTER / 64] |= 1 << (hash % 64));
        Self { lattices, shingles, looked_up, filter }
    }

    /// Every sentence that stands in a text, from its begin to its end.
    #[must_use]
    pub fn find(&self, text: &str) -> Vec<Found> {
        let letters = Letters::of(text);
        let starts: Vec<usize> = (0..letters.len()).step_by(PIECE.letters).collect();
        let fits: Vec<(usize, Fit)> = starts
            .into_par_iter()
            .flat_map_iter(|start| {
                let end = (start + PIECE.letters + PIECE.overlap).min(letters.len());
                self.fits(&letters, text, start..end)
            })
            .collect();
        let mut found: Vec<Found> = self
            .settle(fits, letters.len())
            .into_iter()
            .map(|(sentence, fit)| {
                let byte = |letter: usize| letters.at.get(letter).map_or(text.len(), |at| *at as usize);
                let last = byte(fit.range.end.saturating_sub(1).max(fit.range.start));
                let end = text[last..].chars().next().map_or(last, |c| last + c.len_utf8());
                Found { sentence, range: byte(fit.range.start)..end, fit }
            })
            .collect();
        found.sort_by_key(|found| (found.range.start, found.sentence));
        found
    }

    /// Sentences that stand in a piece of the leak, overlapping ones too.
    fn fits(&self, letters: &Letters, text: &str, piece: Range<usize>) -> Vec<(usize, Fit)> {
        // Sentence, and the letter at which it would begin.
        let mut hits: Vec<(u32, i64)> = Vec::new();
        for at in piece.clone() {
            let Some(hash) = shingle(&letters.chars[at..piece.end]) else { break };
            if self.filter[hash as usize % FILTER / 64] & (1 << (hash % 64)) != 0
                && let Some(places) = self.shingles.get(&hash)
            {
                hits.extend(places.iter().map(|(sentence, before)| (*sentence, at as i64 - i64::from(*before))));
            }
        }
        hits.sort_unstable();
        let near = |a: &(u32, i64), b: &(u32, i64)| a.0 == b.0 && b.1 - a.1 <= self.slack(a.0 as usize);
        let mut candidates: Vec<Candidate> = hits.chunk_by(near).filter_map(|hits| self.candidate(hits, &piece)).collect();
        // What most shingles speak for comes first, and what few speak for is not tried where it stands.
        candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.hits));
        let mut owner = vec![0; piece.len()];
        let mut fits = Vec::new();
        for candidate in candidates {
            let Candidate { sentence, hits, .. } = candidate;
            let Some(lattice) = self.lattices.get(sentence) else { continue };
            let core = candidate.core.start - piece.start..candidate.core.end - piece.start;
            let taken = owner[core.clone()].iter().filter(|owner| **owner >= 2 * hits).count();
            if taken * 2 > core.len() {
                continue;
            }
            let start = candidate.window.start;
            let window = &letters.chars[candidate.window.clone()];
            let between = |range: Range<usize>| signs(between(letters, text, start + range.start, start + range.end));
            let exact = candidate.begins.iter().find_map(|begin| lattice.exact(window, begin.checked_sub(start)?, &between));
            let mut fit = exact.unwrap_or_else(|| lattice.fit(window, &between));
            if fit.edits * LETTERS_FOR_AN_EDIT <= fit.letters {
                let place = fit.range.clone();
                fit.range = start + place.start..start + place.end;
                if fit.edits * SURE <= fit.letters {
                    let from = start - piece.start;
                    owner[from + place.start..from + place.end].iter_mut().for_each(|owner| *owner = hits.max(*owner));
                }
                fits.push((sentence, fit));
            }
        }
        fits
    }

    /// Where hits of one sentence say that it could stand.
    fn candidate(&self, hits: &[(u32, i64)], piece: &Range<usize>) -> Option<Candidate> {
        let (first, last) = (hits.first()?, hits.last()?);
        let sentence = first.0 as usize;
        let (lattice, looked_up) = (self.lattices.get(sentence)?, self.looked_up.get(sentence)?);
        // Both wordings are looked up; a leak shows one of them, in the main.
        if hits.len() * SUPPORT * 2 < *looked_up as usize {
            return None;
        }
        let within = |at: i64| usize::try_from(at).unwrap_or(0).clamp(piece.start, piece.end);
        let slack = self.slack(sentence);
        let longest = lattice.wordings().iter().map(Vec::len).max().unwrap_or(0) as i64;
        let window = within(first.1 - slack)..within(last.1 + longest + slack);
        let middle = hits.get(hits.len() / 2)?.1;
        let core = within(middle)..within(middle + longest);
        let begins = [within(first.1), within(last.1)];
        (!window.is_empty()).then_some(Candidate { sentence, hits: hits.len() as u32, window, core, begins })
    }

    /// How far two shingles of a sentence may disagree on its begin.
    fn slack(&self, sentence: usize) -> i64 {
        8 + self.lattices.get(sentence).map_or(0, |lattice| lattice.wordings()[0].len() as i64 / 8)
    }

    /// Each letter to one sentence.
    fn settle(&self, mut fits: Vec<(usize, Fit)>, letters: usize) -> Vec<(usize, Fit)> {
        let gain = |fit: &Fit| fit.letters as i64 - 2 * fit.edits as i64;
        fits.sort_by(|(a, x), (b, y)| gain(y).cmp(&gain(x)).then(x.range.start.cmp(&y.range.start)).then(a.cmp(b)));
        // Pieces overlap: what was found in two of them was found once.
        fits.dedup();
        let mut owner: Vec<u32> = vec![0; letters];
        let mut taken: Vec<(usize, Fit, bool)> = Vec::new();
        for (sentence, fit) in fits {
            let place = fit.range.clone();
            let owned = place.clone().filter(|i| owner.get(*i).is_some_and(|owner| *owner != 0)).count();
            if owned * 5 <= place.len() {
                taken.push((sentence, fit, true));
                let number = taken.len() as u32;
                owner[place].iter_mut().filter(|owner| **owner == 0).for_each(|owner| *owner = number);
                continue;
            }
            let middle = owner.get(place.start + place.len() / 2).map_or(0, |owner| *owner as usize);
            if let Some((other, stronger, alone)) = middle.checked_sub(1).and_then(|i| taken.get_mut(i))
                && *other != sentence
                && gain(stronger) == gain(&fit)
            {
                *alone = false;
            }
        }
        taken.into_iter().filter(|(_, _, alone)| *alone).map(|(sentence, fit, _)| (sentence, fit)).collect()
    }
}

/// Bits of the filter.
const FILTER: usize = 1 << 22;

/// The hash of the shortest run of letters that weighs enough; `None` near the end.
fn shingle(letters: &[char]) -> Option<u64> {
    let (mut hash, mut seen) = (0xcbf2_9ce4_8422_2325_u64, 0);
    for letter in letters {
        hash = (hash ^ u64::from(*letter)).wrapping_mul(0x0100_0000_01b3);
        seen += weight(*letter);
        if seen >= SHINGLE {
            // The low bits of a product hang on few letters: fold the high ones in.
            return Some(hash ^ (hash >> 29));
        }
    }
    None
}

/// The text from the letter before `start` to letter `end`, both with them.
fn between<'t>(letters: &Letters, text: &'t str, start: usize, end: usize) -> &'t str {
    let from = letters.at.get(start.saturating_sub(1)).map_or(0, |at| *at as usize);
    let to = letters.at.get(end).map_or(text.len(), |at| {
        let at = *at as usize;
        at + text[at..].chars().next().map_or(0, char::len_utf8)
    });
    // Never more than a line or two: between two sentences whole pages may have been cut out.
    let to = (from..=to.min(from + 256)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(from);
    text.get(from..to).unwrap_or_default()
}

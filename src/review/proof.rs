//! What positions prove, as numbers and as one plain sentence.

use std::collections::{BTreeSet, HashMap};

use crate::code::{DEFAULT_TOTAL, Score, Set, positions_needed, share_of_run};

/// The copies among which one is to be named.
pub const COPIES: u32 = 10_000;

/// At most this many merged copies are spoken of: more than any set holds.
const MERGED: usize = 4;

/// What the positions of a course prove against one kind of leak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Different positions in the whole course.
    pub positions: usize,
    /// Clean, different positions that name a single copy among [`COPIES`] in 95 of 100 cases, when the first run on a leak may spend
    /// half of a total chance of [`DEFAULT_TOTAL`] to name an innocent copy.
    pub needed: usize,
    /// Lessons for sale.
    pub lessons: usize,
    /// Lessons that have the needed positions by themselves.
    pub alone: usize,
    /// So many lessons have the needed positions, whichever they are; `None` if all together have not. The smallest number up to 2,
    /// else one that is proven to suffice.
    pub any: Option<usize>,
    /// So many copies can be merged, and the whole course still names at least one of them; 0 if it names none.
    pub merged: usize,
}

impl Proof {
    /// `lessons`: the positions of each lesson for sale. `classes`: how many classes of carriers the course has, each of which may be a
    /// test of its own.
    #[must_use]
    pub fn of(set: Set, lessons: &[BTreeSet<u32>], classes: usize) -> Self {
        // in set 2 all scores are one
        let scores = if set.has_secret_biases() { Score::ALL.len() } else { 1 };
        let odds = f64::from(COPIES) * (classes.max(1) * scores) as f64 / share_of_run(DEFAULT_TOTAL, 1);
        let needed = |leakers| positions_needed(set, leakers, odds).map_or(usize::MAX, |n| n as usize);
        let positions = lessons.iter().flatten().collect::<BTreeSet<_>>().len();
        Self {
            positions,
            needed: needed(1),
            lessons: lessons.len(),
            alone: lessons.iter().filter(|lesson| lesson.len() >= needed(1)).count(),
            any: any(lessons, needed(1)).filter(|_| positions >= needed(1)),
            merged: (1..=MERGED).take_while(|leakers| positions >= needed(*leakers)).last().unwrap_or(0),
        }
    }

    /// Different positions that the whole course lacks; 0 if it names a copy.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.needed.saturating_sub(self.positions)
    }

    /// `any two lessons name a single copy among 10,000`, or what is missing for that.
    #[must_use]
    pub fn sentence(&self) -> String {
        let copy = format!("a single copy among {}", thousands(COPIES as usize));
        match self.any {
            Some(1) if self.lessons == 1 => format!("the one lesson names {copy}"),
            Some(1) => format!("any one lesson names {copy}"),
            Some(2) if self.lessons == 2 => format!("both lessons together name {copy}"),
            Some(n) if n >= self.lessons => format!("all {} lessons together name {copy}", count(self.lessons)),
            Some(n) => format!("any {} lessons name {copy}", count(n)),
            None => format!(
                "the whole course does not name {copy}: it has {} of the {} different positions that are needed",
                thousands(self.positions),
                self.needed
            ),
        }
    }
}

/// So many lessons have at least `needed` different positions together, whichever they are.
fn any(lessons: &[BTreeSet<u32>], needed: usize) -> Option<usize> {
    if needed == 0 {
        return Some(0);
    }
    if !lessons.is_empty() && lessons.iter().all(|lesson| lesson.len() >= needed) {
        return Some(1);
    }
    if lessons.len() > 1 && pairs_suffice(lessons, needed) {
        return Some(2);
    }
    // Give each position the weight 1 in all, in equal parts to the lessons that have it. The weights of some lessons together are then
    // at most the number of their positions, so that lessons which weigh more than needed - 1 have enough of them.
    let mut shared: HashMap<u32, f64> = HashMap::new();
    lessons.iter().flatten().for_each(|position| *shared.entry(*position).or_default() += 1.0);
    let weight = |lesson: &BTreeSet<u32>| lesson.iter().filter_map(|position| shared.get(position)).map(|n| 1.0 / n).sum::<f64>();
    let mut weights: Vec<f64> = lessons.iter().map(weight).collect();
    weights.sort_unstable_by(f64::total_cmp);
    let mut sum = 0.0;
    let enough = weights.iter().position(|weight| {
        sum += weight;
        sum > needed as f64 - 1.0 + 1e-6
    });
    enough.map(|last| last + 1).or(Some(lessons.len()))
}

/// True if any two lessons have the needed positions. Lessons with many are no partner of a pair that has too few.
fn pairs_suffice(lessons: &[BTreeSet<u32>], needed: usize) -> bool {
    let few: Vec<&BTreeSet<u32>> = lessons.iter().filter(|lesson| lesson.len() < needed).collect();
    few.iter().enumerate().all(|(i, a)| few.iter().skip(i + 1).all(|b| a.union(b).take(needed).count() >= needed))
}

/// Small numbers as words.
fn count(n: usize) -> String {
    let words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    words.get(n).map_or_else(|| thousands(n), |word| (*word).to_owned())
}

/// `10,000`
pub(super) fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lessons(ranges: &[std::ops::Range<u32>]) -> Vec<BTreeSet<u32>> {
        ranges.iter().map(|range| range.clone().collect()).collect()
    }

    fn any_of(ranges: &[std::ops::Range<u32>], needed: usize) -> Option<usize> {
        any(&lessons(ranges), needed)
    }

    #[test]
    fn a_number_of_lessons_suffices_whichever_they_are() {
        assert_eq!(any_of(&[0..10, 10..20], 10), Some(1));
        assert_eq!(any_of(&[0..9, 10..20, 0..2], 10), Some(3));
        assert_eq!(any_of(&[0..9, 9..12, 20..90], 10), Some(2));
        assert_eq!(any_of(&[0..4, 4..8, 8..12, 12..16], 10), Some(3));
        // two lessons with the same positions are no more than one
        assert_eq!(any_of(&[0..9, 0..9, 9..20], 10), Some(3));
        assert_eq!(any_of(&[0..5, 0..5, 0..5, 0..5, 5..20], 10), Some(5));
    }

    #[test]
    fn what_is_promised_of_any_lessons_holds_for_each_choice() {
        let mut seed = 7_u64;
        let mut next = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) % below
        };
        for _ in 0..200 {
            let all: Vec<BTreeSet<u32>> = (0..8).map(|_| (0..next(6)).map(|_| next(24) as u32).collect()).collect();
            let needed = 1 + next(12) as usize;
            let union = |choice: u32| {
                let chosen = all.iter().enumerate().filter(|(i, _)| choice & (1 << i) != 0);
                chosen.flat_map(|(_, lesson)| lesson).collect::<BTreeSet<_>>().len()
            };
            let Some(n) = any(&all, needed).filter(|_| union(0xff) >= needed) else { continue };
            let worst = (0..256_u32).filter(|choice| choice.count_ones() as usize == n).map(union).min();
            assert!(worst >= Some(needed), "{n} of {all:?} have {worst:?}, not {needed}");
        }
    }

    #[test]
    fn sentences_say_what_is_proven_and_what_is_missing() {
        let proof = |ranges: &[std::ops::Range<u32>]| Proof::of(Set::Two, &lessons(ranges), 1);
        assert_eq!(proof(&[0..35, 35..80]).sentence(), "any one lesson names a single copy among 10,000");
        assert_eq!(proof(&[0..34, 34..80]).sentence(), "both lessons together name a single copy among 10,000");
        assert_eq!(proof(&[0..34, 34..80, 80..90]).sentence(), "any two lessons name a single copy among 10,000");
        let few = proof(&[0..6, 6..12]);
        assert!(few.sentence().ends_with("it has 12 of the 35 different positions that are needed"), "{}", few.sentence());
        assert_eq!((few.missing(), few.merged), (23, 0));
        assert!(proof(&[]).sentence().contains("it has 0 of the 35"));
        assert_eq!(proof(&[0..500, 500..1_000]).merged, 2);
        assert_eq!(Proof::of(Set::Four, &lessons(&[0..650, 650..1_300]), 1).merged, 4);
    }
}

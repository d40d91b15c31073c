//! One sentence in all its wordings, held against a stretch of a leak.
//!
//! The letters of a sentence are a row of common stretches and choices of two branches each. [`Lattice::fit`] finds the stretch of the
//! leak that is nearest to any path through it (edit distance, both ends free: Sellers, "The theory and computation of evolutionary
//! distances", Journal of Algorithms 1, 1980), and for each choice what the nearest path through either branch would cost. A choice is
//! read where one branch is nearer and hardly damaged; a third wording, or damage that hits both, says nothing.

use std::ops::Range;

use super::fold::{letters, signs, weight};
use crate::edition::{Class, Sentence};

/// A stretch of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Common(Vec<char>),
    /// The author's branch and the other one.
    Choice(Vec<char>, Vec<char>),
}

/// A carrier of a sentence, and the choice where its wordings have different letters.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Carrier {
    class: Class,
    /// Which two forms of which pair, whatever the author chose.
    pair: String,
    /// True if the author's form is the first of these two.
    author_first: bool,
    /// Where the two differ in signs alone: how the signs look, between the letters before and behind.
    signs: Option<[String; 2]>,
    /// Its letters in both wordings.
    letters: [Range<usize>; 2],
}

/// A sentence as letters.
#[derive(Debug, Clone)]
pub struct Lattice {
    parts: Vec<Part>,
    carriers: Vec<Carrier>,
    /// The letters of both wordings.
    wordings: [Vec<char>; 2],
}

/// Where a sentence stands, and what it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fit {
    /// Letters of the window.
    pub range: Range<usize>,
    /// Insertions, deletions and exchanges.
    pub edits: usize,
    /// Letters of the author's wording.
    pub letters: usize,
    /// What each carrier shows.
    pub shown: Vec<Option<Shown>>,
}

/// What a carrier shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The class of the carrier.
    pub class: Class,
    /// True if it is the author's form.
    pub author: bool,
    /// Which two forms of which pair.
    pub pair: String,
    /// True if it is the first of these two.
    pub first: bool,
}

/// Of a branch with this many letters one may be wrong.
const LETTERS_FOR_AN_EDIT: usize = 4;

impl Lattice {
    /// The lattice of a sentence; with one wording it is a row of letters.
    #[must_use]
    pub fn of(sentence: &Sentence) -> Self {
        let text = &sentence.text;
        let mut lattice = Self { parts: Vec::new(), carriers: Vec::new(), wordings: [letters(text), Vec::new()] };
        let mut at = 0;
        for carrier in sentence.other.iter().flat_map(|other| other.carriers.iter().map(move |carrier| (other, carrier))) {
            let (other, carrier) = carrier;
            let (ours, theirs) = (&text[carrier.author.clone()], &other.text[carrier.other.clone()]);
            let branches = [letters(ours), letters(theirs)];
            lattice.parts.push(Part::Common(letters(&text[at..carrier.author.start])));
            at = carrier.author.end;
            let signs =
                (branches[0] == branches[1]).then(|| [surroundings(text, &carrier.author), surroundings(&other.text, &carrier.other)]);
            let forms = [ours.to_lowercase(), theirs.to_lowercase()];
            let author_first = forms[0] <= forms[1];
            let pair = format!("{} {} {}", carrier.rule, forms.iter().min().map_or("", |f| f), forms.iter().max().map_or("", |f| f));
            let from = [letters(&text[..carrier.author.start]).len(), letters(&other.text[..carrier.other.start]).len()];
            let spans = [from[0]..from[0] + branches[0].len(), from[1]..from[1] + branches[1].len()];
            lattice.carriers.push(Carrier { class: carrier.class, pair, author_first, signs, letters: spans });
            let [ours, theirs] = branches;
            lattice.parts.push(Part::Choice(ours, theirs));
        }
        lattice.parts.push(Part::Common(letters(&text[at..])));
        lattice.wordings[1] = sentence.other.as_ref().map_or_else(Vec::new, |other| letters(&other.text));
        lattice
    }

    /// The letters of the author's wording and of the other one; none where there is no other.
    #[must_use]
    pub fn wordings(&self) -> &[Vec<char>; 2] {
        &self.wordings
    }

    /// How much the author's wording weighs, see [`weight`].
    #[must_use]
    pub fn weight(&self) -> usize {
        self.wordings[0].iter().map(|c| weight(*c)).sum()
    }

    /// What the sentence shows if one of its two wordings begins at letter `start` of the window, letter by letter: most leaks were never
    /// edited. `between` as in [`Lattice::fit`].
    #[must_use]
    pub fn exact(&self, window: &[char], start: usize, between: &dyn Fn(Range<usize>) -> String) -> Option<Fit> {
        let here = window.get(start..)?;
        let wording = self.wordings.iter().position(|letters| !letters.is_empty() && here.starts_with(letters))?;
        let shown = self.carriers.iter().map(|carrier| {
            let author = match &carrier.signs {
                Some(signs) => {
                    let place = &carrier.letters[wording];
                    Carrier::signs_shown(signs, &between(start + place.start..start + place.end))?
                }
                None => wording == 0,
            };
            Some(carrier.shown(author))
        });
        let letters = self.wordings[0].len();
        Some(Fit { range: start..start + self.wordings[wording].len(), edits: 0, letters, shown: shown.collect() })
    }

    /// The stretch of `window` that is nearest to the sentence, and what its carriers show. `between` gives the signs of the leak between
    /// two letters of the window, in lower case: from the letter before the first to the letter behind the last.
    #[must_use]
    pub fn fit(&self, window: &[char], between: &dyn Fn(Range<usize>) -> String) -> Fit {
        let mut row = vec![0; window.len() + 1];
        // For each choice: the row before it, and behind each branch.
        let mut forward = Vec::with_capacity(self.carriers.len());
        for part in &self.parts {
            match part {
                Part::Common(letters) => letters.iter().for_each(|c| advance(&mut row, *c, window)),
                Part::Choice(ours, theirs) => {
                    let before = row.clone();
                    let mut other = row.clone();
                    ours.iter().for_each(|c| advance(&mut row, *c, window));
                    theirs.iter().for_each(|c| advance(&mut other, *c, window));
                    let branches = [row.clone(), other];
                    row.iter_mut().zip(&branches[1]).for_each(|(ours, theirs)| *ours = (*ours).min(*theirs));
                    forward.push((before, branches));
                }
            }
        }
        let (end, edits) = smallest(row.iter().copied());
        let mut row = vec![FAR; window.len() + 1];
        row[end] = 0;
        retreat_closure(&mut row);
        let mut shown = vec![None; self.carriers.len()];
        for part in self.parts.iter().rev() {
            match part {
                Part::Common(letters) => letters.iter().rev().for_each(|c| retreat(&mut row, *c, window)),
                Part::Choice(ours, theirs) => {
                    let Some((before, branches)) = forward.pop() else { break };
                    let index = forward.len();
                    if let (Some(carrier), Some(place)) = (self.carriers.get(index), shown.get_mut(index)) {
                        *place = read(carrier, [ours, theirs], &before, &branches, &row, window, between);
                    }
                    let mut other = row.clone();
                    ours.iter().rev().for_each(|c| retreat(&mut row, *c, window));
                    theirs.iter().rev().for_each(|c| retreat(&mut other, *c, window));
                    row.iter_mut().zip(&other).for_each(|(ours, theirs)| *ours = (*ours).min(*theirs));
                }
            }
        }
        // Of equally near begins the last: what stands before it is not the sentence's.
        let start = row.iter().rposition(|cost| *cost == edits).unwrap_or(0).min(end);
        Fit { range: start..end, edits: usize::from(edits), letters: self.wordings[0].len(), shown }
    }
}

/// What one carrier shows.
fn read(
    carrier: &Carrier,
    branches: [&[char]; 2],
    before: &[u16],
    behind: &[Vec<u16>; 2],
    rest: &[u16],
    window: &[char],
    between: &dyn Fn(Range<usize>) -> String,
) -> Option<Shown> {
    let through = [0, 1].map(|b: usize| smallest(behind[b].iter().zip(rest).map(|(a, b)| a.saturating_add(*b))));
    let author = if let Some(signs) = &carrier.signs {
        let range = place(branches[0], before, &behind[0], through[0].0, window).0;
        Carrier::signs_shown(signs, &between(range))?
    } else {
        let author = match through[0].1.cmp(&through[1].1) {
            std::cmp::Ordering::Less => true,
            std::cmp::Ordering::Greater => false,
            std::cmp::Ordering::Equal => return None,
        };
        let b = usize::from(!author);
        let damage = place(branches[b], before, &behind[b], through[b].0, window).1;
        if damage > branches[b].len() / LETTERS_FOR_AN_EDIT {
            return None;
        }
        author
    };
    Some(carrier.shown(author))
}

impl Carrier {
    fn shown(&self, author: bool) -> Shown {
        Shown { class: self.class, author, pair: self.pair.clone(), first: author == self.author_first }
    }

    /// True for the author's signs, false for the other ones.
    fn signs_shown([ours, theirs]: &[String; 2], seen: &str) -> Option<bool> {
        match (seen.starts_with(ours.as_str()), seen.starts_with(theirs.as_str())) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => None,
        }
    }
}

/// Where a branch that ends at `end` stands in the window, and how many edits are in it.
fn place(branch: &[char], before: &[u16], behind: &[u16], end: usize, window: &[char]) -> (Range<usize>, usize) {
    // A branch begins near: twice its length and a word are enough.
    let from = end.saturating_sub(2 * branch.len() + 8);
    let mut row = vec![FAR; end - from + 1];
    row[end - from] = 0;
    retreat_closure(&mut row);
    branch.iter().rev().for_each(|c| retreat(&mut row, *c, &window[from..end]));
    let total = behind.get(end).copied().unwrap_or(FAR);
    let fits = |(j, cost): &(usize, &u16)| before.get(from + j).is_some_and(|b| b.saturating_add(**cost) == total);
    let found = row.iter().enumerate().filter(fits).min_by_key(|(_, cost)| **cost);
    found.map_or((from..end, usize::MAX), |(j, cost)| (from + j..end, usize::from(*cost)))
}

/// Beyond every distance.
const FAR: u16 = u16::MAX / 2;

/// One more letter of the pattern, from left to right: `row[j]` is the distance to the nearest stretch that ends before letter j.
fn advance(row: &mut [u16], letter: char, window: &[char]) {
    let (mut diagonal, mut left) = (FAR, FAR);
    for (j, cell) in row.iter_mut().enumerate() {
        let exchanged = match j.checked_sub(1).and_then(|j| window.get(j)) {
            Some(seen) => diagonal + u16::from(*seen != letter),
            None => FAR,
        };
        diagonal = *cell;
        left = exchanged.min(*cell + 1).min(left + 1);
        *cell = left;
    }
}

/// The same from right to left: `row[j]` is the distance to the nearest stretch that begins at letter j.
fn retreat(row: &mut [u16], letter: char, window: &[char]) {
    let (mut diagonal, mut right) = (FAR, FAR);
    for (j, cell) in row.iter_mut().enumerate().rev() {
        let exchanged = window.get(j).map_or(FAR, |seen| diagonal + u16::from(*seen != letter));
        diagonal = *cell;
        right = exchanged.min(*cell + 1).min(right + 1).min(FAR);
        *cell = right;
    }
}

/// Letters of the leak before the end, without a letter of the pattern.
fn retreat_closure(row: &mut [u16]) {
    for j in (0..row.len().saturating_sub(1)).rev() {
        row[j] = row[j].min(row[j + 1] + 1);
    }
}

/// The first smallest value and where it stands.
fn smallest(values: impl Iterator<Item = u16>) -> (usize, u16) {
    values.enumerate().min_by_key(|(_, value)| *value).unwrap_or((0, FAR))
}

/// A piece of a text with its neighbours, from the letter before it to the letter behind it, in lower case.
fn surroundings(text: &str, range: &Range<usize>) -> String {
    let is_letter = |c: char| !letters(c.encode_utf8(&mut [0; 4])).is_empty();
    let start = text[..range.start].char_indices().rev().find(|(_, c)| is_letter(*c)).map_or(0, |(i, _)| i);
    let end = text[range.end..].char_indices().find(|(_, c)| is_letter(*c)).map_or(text.len(), |(i, c)| range.end + i + c.len_utf8());
    signs(&text[start..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edition::{Carrier as Choice, Wording};

    /// A sentence whose choices are written `{author|other}`; a choice in double braces is about signs.
    fn sentence(text: &str) -> Sentence {
        let (mut author, mut other, mut carriers) = (String::new(), String::new(), Vec::new());
        for (i, part) in text.split(['{', '}']).enumerate() {
            match part.split_once('|').filter(|_| i % 2 == 1) {
                Some((ours, theirs)) => {
                    let spans = (author.len()..author.len() + ours.len(), other.len()..other.len() + theirs.len());
                    carriers.push(Choice { class: Class::Lexical, rule: "en.x".into(), author: spans.0, other: spans.1 });
                    author.push_str(ours);
                    other.push_str(theirs);
                }
                None => [&mut author, &mut other].into_iter().for_each(|wording| wording.push_str(part)),
            }
        }
        Sentence { html: 0..0, text: author, line: 1, other: Some(Wording { html: String::new(), text: other, carriers }) }
    }

    /// What each carrier shows in a leak: `a`uthor, `o`ther, or nothing.
    fn shown(text: &str, leak: &str) -> String {
        let window = super::super::fold::Letters::of(leak);
        let between = |range: Range<usize>| {
            let from = window.at.get(range.start.saturating_sub(1)).map_or(0, |at| *at as usize);
            let to = window.at.get(range.end).map_or(leak.len(), |at| *at as usize + 1);
            signs(&leak[from..to])
        };
        let fit = Lattice::of(&sentence(text)).fit(&window.chars, &between);
        fit.shown.iter().map(|shown| shown.as_ref().map_or('-', |shown| if shown.author { 'a' } else { 'o' })).collect()
    }

    const SAID: &str = "You {do not|don't} own it, {therefore|so} you cannot free it.";

    #[test]
    fn each_branch_is_told_from_the_other() {
        assert_eq!(shown(SAID, "Before. You do not own it, therefore you cannot free it. Behind."), "aa");
        assert_eq!(shown(SAID, "you DON`T own\nit so you can-\nnot free it"), "oo");
        assert_eq!(shown(SAID, "You don't own it, therefore you cannot free it."), "oa");
    }

    #[test]
    fn damage_and_third_wordings_say_nothing() {
        assert_eq!(shown(SAID, "You do not own it, hence you cannot free it."), "a-");
        assert_eq!(shown(SAID, "You do not own it, you cannot free it."), "a-");
        assert_eq!(shown(SAID, "You dont own it, therefroe you cannot free it."), "oa");
        assert_eq!(shown(SAID, "Yuo do nit own it, s you cannot fre it."), "--");
    }

    #[test]
    fn a_branch_may_be_empty() {
        let ensure = "Make sure {that|} the file is closed, and {once more|again} that it is gone.";
        assert_eq!(shown(ensure, "Make sure that the file is closed, and again that it is gone."), "ao");
        assert_eq!(shown(ensure, "Make sure the file is closed, and once more that it is gone."), "oa");
    }

    #[test]
    fn signs_are_read_from_what_stands_between_letters() {
        let signs = "We don{'|\u{2019}}t wait{ \u{2014} |--}no.";
        assert_eq!(shown(signs, "We don't wait--no."), "ao");
        assert_eq!(shown(signs, "we don\u{2019}t wait \u{2014} no."), "oa");
        assert_eq!(shown(signs, "We dont wait; no."), "--");
    }

    #[test]
    fn chinese_is_letters_too() {
        let said = "{但是|不过}所有权{因此|所以}只有一个，{例如|比如}这里。";
        assert_eq!(shown(said, "前文。但是所有权所以只有一个，例 如 这里。"), "aoa");
        assert_eq!(shown(said, "可是所有权因此只有一个，比如这里。"), "-ao");
    }

    #[test]
    fn the_exact_way_and_the_tolerant_way_agree() {
        let lattice = Lattice::of(&sentence(SAID));
        for letters in lattice.wordings().clone() {
            let fit = lattice.fit(&letters, &|_| String::new());
            assert_eq!(lattice.exact(&letters, 0, &|_| String::new()), Some(fit));
        }
        assert_eq!(lattice.exact(&letters("You do not own it, so you"), 0, &|_| String::new()), None);
    }

    proptest::proptest! {
        #[test]
        fn the_distance_is_that_of_a_full_table(pattern in "[ab]{0,8}", window in "[ab]{0,12}") {
            let (pattern, window): (Vec<char>, Vec<char>) = (pattern.chars().collect(), window.chars().collect());
            let lattice = Lattice { parts: vec![Part::Common(pattern.clone())], carriers: vec![], wordings: [pattern.clone(), vec![]] };
            let fit = lattice.fit(&window, &|_| String::new());
            let all = (0..=window.len()).flat_map(|i| (i..=window.len()).map(move |j| (i, j)));
            let nearest = all.map(|(i, j)| levenshtein(&pattern, &window[i..j])).min();
            proptest::prop_assert_eq!(Some(fit.edits), nearest);
            proptest::prop_assert_eq!(levenshtein(&pattern, &window[fit.range]), fit.edits);
        }
    }

    fn levenshtein(a: &[char], b: &[char]) -> usize {
        let mut row: Vec<usize> = (0..=b.len()).collect();
        for (i, x) in a.iter().enumerate() {
            let mut diagonal = std::mem::replace(&mut row[0], i + 1);
            for (j, y) in b.iter().enumerate() {
                let cost = (diagonal + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
                diagonal = std::mem::replace(&mut row[j + 1], cost);
            }
        }
        row[b.len()]
    }
}

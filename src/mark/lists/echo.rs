//! Words that the author repeats on purpose.
//!
//! "It can only guarantee the order, it does not guarantee the time": such a sentence rests on the same word twice. So no word is
//! exchanged that the sentence has once more where it is no carrier, and none that would meet there the word put in its place. Where
//! every occurrence is a carrier they change together, and the parallel stays; but three times the same exchange is too much for one
//! sentence.

use std::collections::{HashMap, HashSet};

use super::Match;
use super::tokens::{self, Kind, Token};

/// From so many on, the carriers of one wording are left alone.
const TOO_MANY: usize = 3;

/// A carrier and its tokens.
pub(super) struct Placed<'l> {
    pub from: usize,
    pub to: usize,
    pub found: Match<'l>,
}

/// The carriers without those that have an echo in their sentence.
pub(super) fn without_echoes<'l>(flat: &str, tokens: &[Token<'_>], mut placed: Vec<Placed<'l>>) -> Vec<Match<'l>> {
    let wording = |p: &Placed<'_>| folded(&flat[p.found.range.clone()]);
    let mut often: HashMap<String, usize> = HashMap::new();
    for p in &placed {
        *often.entry(wording(p)).or_default() += 1;
    }
    placed.retain(|p| often.get(&wording(p)).is_none_or(|n| *n < TOO_MANY));
    let mut places: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, token) in tokens.iter().enumerate() {
        places.entry(token.folded().into_owned()).or_default().push(at);
    }
    // A carrier that is dropped is an echo for others.
    loop {
        let mut covered = vec![false; tokens.len()];
        placed.iter().for_each(|p| covered[p.from..p.to].fill(true));
        let stands_elsewhere = |wording: &str| {
            let words = tokens::tokens(wording);
            let places = words.first().and_then(|first| places.get(first.folded().as_ref()));
            places.into_iter().flatten().any(|at| {
                let there = tokens.get(*at..*at + words.len());
                there.is_some_and(|there| there.iter().zip(&words).all(|(a, b)| a.folded() == b.folded()))
                    && !covered[*at..*at + words.len()].contains(&true)
            })
        };
        let distinct: HashSet<String> = placed
            .iter()
            .flat_map(|p| [(wording(p), !is_one_han(&wording(p))), (folded(&p.found.other), is_telling(&p.found.other))])
            .filter_map(|(word, counts)| counts.then_some(word))
            .collect();
        let echoes: HashSet<String> = distinct.into_iter().filter(|w| stands_elsewhere(w)).collect();
        if echoes.is_empty() {
            return placed.into_iter().map(|p| p.found).collect();
        }
        let echoed = |p: &Placed<'_>| echoes.contains(&wording(p)) || echoes.contains(&folded(&p.found.other));
        placed.retain(|p| !echoed(p));
    }
}

fn folded(text: &str) -> String {
    text.replace('’', "'").to_lowercase()
}

/// One Han character is most often a part of other words (后 of 最后): its pairs name the neighbours themselves.
fn is_one_han(wording: &str) -> bool {
    let tokens = tokens::tokens(wording);
    matches!(&tokens[..], [Token { kind: Kind::Han, .. }])
}

/// Whether a reader would hear the word put in beside the same word elsewhere: not "to", "so" or 会.
fn is_telling(wording: &str) -> bool {
    let tokens = tokens::tokens(wording);
    tokens.len() > 1 || tokens.first().is_some_and(|t| t.kind == Kind::Word && t.text.len() > 4)
}

#[cfg(test)]
mod tests {
    use super::super::List;

    fn others(language: &str, sentence: &str) -> Vec<String> {
        List::of(language, 1).unwrap().carriers(sentence).into_iter().map(|m| m.other).collect()
    }

    #[test]
    fn a_word_that_is_repeated_stays() {
        assert_eq!(others("zh", "线程必须保证顺序。"), ["确保"]);
        assert!(others("zh", "线程必须保证顺序，不保证时间。").is_empty());
        assert_eq!(others("en", "The list is usually short."), ["typically"]);
        assert!(others("en", "The list is usually short, but not usually typed.").is_empty());
    }

    #[test]
    fn a_word_does_not_meet_itself() {
        assert!(others("en", "The list is usually short and typed as typically typed.").is_empty());
    }

    #[test]
    fn carriers_that_change_together_may_repeat() {
        assert_eq!(others("en", "It does not copy and does not move."), ["doesn't", "doesn't"]);
        assert!(others("en", "It does not copy, does not move and does not drop.").is_empty());
    }
}

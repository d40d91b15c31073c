//! The carrier lists: word pairs with the same meaning, one list for each language and number.
//!
//! A list is data (`en.txt`, `zh.txt`; `parse.rs` describes the format). What stands under a number stays as it is for ever: courses that
//! are sold were cut with it. A better list is another file with the next number.

mod apostrophe;
mod echo;
mod parse;
mod pattern;
mod tokens;
mod typographic;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

pub use apostrophe::Apostrophe;
use echo::Placed;
pub use parse::ListError;
use pattern::{Conditions, Context};
pub use tokens::OBJECT;
use tokens::{Kind, Token};
pub use typographic::{TYPOGRAPHIC, typographic};

/// The lists in the binary.
static SHIPPED: LazyLock<Lists> = LazyLock::new(|| {
    let mut lists = Lists::default();
    for text in [include_str!("en.txt"), include_str!("zh.txt")] {
        // A test reads them all.
        lists.add(List::parse(text).expect("a shipped list can be read"));
    }
    lists
});

/// Lists by language and number.
#[derive(Debug, Default)]
pub struct Lists {
    lists: Vec<List>,
}

impl Lists {
    /// The lists in the binary.
    #[must_use]
    pub fn shipped() -> &'static Self {
        &SHIPPED
    }

    /// Puts a list in; one of the same language and number gives way.
    pub fn add(&mut self, list: List) {
        self.lists.retain(|l| (&l.language, l.rules) != (&list.language, list.rules));
        self.lists.push(list);
    }

    /// The list for text in `language` (a BCP 47 tag: `en`, `en-GB`, `zh-CN`). Chinese in traditional characters has none.
    #[must_use]
    pub fn of(&self, language: &str, rules: u32) -> Option<&List> {
        let mut parts = language.split(['-', '_']).map(str::to_ascii_lowercase);
        let primary = parts.next()?;
        if primary == "zh" && parts.any(|p| ["hant", "tw", "hk", "mo"].contains(&p.as_str())) {
            return None;
        }
        self.lists.iter().find(|l| l.language == primary && l.rules == rules)
    }

    /// Every list.
    pub fn iter(&self) -> impl Iterator<Item = &List> {
        self.lists.iter()
    }
}

/// A place in a sentence that can be worded in another way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match<'l> {
    /// Bytes of the sentence.
    pub range: Range<usize>,
    /// What can stand there instead.
    pub other: String,
    /// The id of the pair, such as `en.do-not`.
    pub pair: &'l str,
}

/// A sentence in both wordings.
#[derive(Debug)]
struct Case {
    from: String,
    to: String,
}

#[derive(Debug, Default)]
struct Pair {
    id: String,
    /// What is replaced, and by what.
    words: Vec<(String, String)>,
    conditions: Conditions,
    cases: Vec<Case>,
    never: Vec<String>,
}

/// What may begin with a certain word.
#[derive(Debug)]
struct Candidate {
    /// Text, and whether a space stands before it.
    tokens: Vec<(String, bool)>,
    /// Index of the pair, and the other wording; `None` for an idiom.
    exchange: Option<(usize, String)>,
}

/// The pairs of one language under one number.
#[derive(Debug)]
pub struct List {
    language: String,
    rules: u32,
    abstain: Context,
    pairs: Vec<Pair>,
    /// By the folded first token; the longest first.
    candidates: HashMap<String, Vec<Candidate>>,
}

impl List {
    /// The shipped list of that language and number.
    #[must_use]
    pub fn of(language: &str, rules: u32) -> Option<&'static Self> {
        Lists::shipped().of(language, rules)
    }

    /// Reads a list from its text.
    ///
    /// # Errors
    /// The line that cannot be read, or the pair that has no case or no counter-example.
    pub fn parse(text: &str) -> Result<Self, ListError> {
        parse::list(text)
    }

    fn new(language: String, rules: u32, abstain: Context, idioms: &[String], pairs: Vec<Pair>) -> Self {
        let mut candidates: HashMap<String, Vec<Candidate>> = HashMap::new();
        let exchanges =
            pairs.iter().enumerate().flat_map(|(i, pair)| pair.words.iter().map(move |(from, to)| (from, Some((i, to.clone())))));
        for (from, exchange) in exchanges.chain(idioms.iter().map(|i| (i, None))) {
            let tokens = parse::wording(from);
            let first = tokens.first().map(|(text, _)| text.to_lowercase()).unwrap_or_default();
            candidates.entry(first).or_default().push(Candidate { tokens, exchange });
        }
        for row in candidates.values_mut() {
            row.sort_by_key(|c| (std::cmp::Reverse(c.tokens.len()), c.exchange.is_some()));
        }
        Self { language, rules, abstain, pairs, candidates }
    }

    /// The primary language tag.
    #[must_use]
    pub fn language(&self) -> &str {
        &self.language
    }

    /// The number under which the list never changes.
    #[must_use]
    pub fn rules(&self) -> u32 {
        self.rules
    }

    /// The ids of the pairs.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|p| p.id.as_str())
    }

    /// A sentence in the two wordings of a pair, to show what the pair does.
    #[must_use]
    pub fn example(&self, id: &str) -> Option<(&str, &str)> {
        let case = self.pairs.iter().find(|p| p.id == id)?.cases.first()?;
        Some((&case.from, &case.to))
    }

    /// The carriers of one sentence: leftmost, longest, not overlapping. An inline that is no text is [`OBJECT`]. New apostrophes are
    /// those that the sentence has already, else straight.
    #[must_use]
    pub fn carriers(&self, flat: &str) -> Vec<Match<'_>> {
        self.carriers_where(flat, Apostrophe::default(), &|_| true)
    }

    /// Like [`List::carriers`]; where the sentence has no apostrophe, new ones are `otherwise` (what the rest of the passage has).
    /// What `may` turns down stays as it is, and so do its repetitions.
    #[must_use]
    pub fn carriers_where(&self, flat: &str, otherwise: Apostrophe, may: &dyn Fn(&Match<'_>) -> bool) -> Vec<Match<'_>> {
        let tokens = tokens::tokens(flat);
        if (0..tokens.len()).any(|at| self.abstain.iter().any(|row| pattern::begins_at(row, &tokens, at))) {
            return Vec::new();
        }
        let apostrophe = Apostrophe::seen_in(flat).unwrap_or(otherwise);
        let (mut placed, mut at) = (Vec::new(), 0);
        while at < tokens.len() {
            let Some((candidate, exchange)) = self.candidate(&tokens, at) else {
                at += 1;
                continue;
            };
            let to = at + candidate.tokens.len();
            if let Some((pair, wording)) = exchange {
                let range = tokens[at].start..tokens[to - 1].end();
                let other = worded(wording, &flat[range.clone()], &candidate.tokens[0].0, apostrophe);
                let found = Match { range, other, pair: &self.pairs[*pair].id };
                if may(&found) {
                    placed.push(Placed { from: at, to, found });
                }
            }
            at = to;
        }
        echo::without_echoes(flat, &tokens, placed)
    }

    /// The longest candidate that begins at a token and may stand there.
    fn candidate(&self, tokens: &[Token<'_>], at: usize) -> Option<(&Candidate, Option<&(usize, String)>)> {
        let row = self.candidates.get(tokens[at].folded().as_ref())?;
        row.iter().map(|c| (c, c.exchange.as_ref())).find(|(candidate, exchange)| {
            let to = at + candidate.tokens.len();
            equal(&candidate.tokens, tokens, at)
                && exchange.is_none_or(|(pair, _)| free(tokens, at, to) && self.pairs[*pair].conditions.allow(tokens, at, to))
        })
    }
}

/// Whether a wording stands at a token: letter by letter, but the first may be a capital where a sentence or clause begins.
fn equal(wording: &[(String, bool)], tokens: &[Token<'_>], at: usize) -> bool {
    let Some(found) = tokens.get(at..at + wording.len()) else { return false };
    wording.iter().zip(found).enumerate().all(|(i, ((text, spaced), token))| {
        let same = token.text == text || token.text.contains('’') && token.text.replace('’', "'") == *text;
        let raised = || {
            let begins = at.checked_sub(1).is_none_or(|before| tokens[before].kind == Kind::Mark);
            i == 0 && begins && token.folded() == *text && !token.text[1..].contains(char::is_uppercase)
        };
        (i == 0 || *spaced == token.spaced) && (same || raised())
    })
}

/// Whether the tokens stand free: not quoted, and no part of a longer form such as `start-up`.
fn free(tokens: &[Token<'_>], from: usize, to: usize) -> bool {
    let before = from.checked_sub(1).map(|i| &tokens[i]);
    let joined_before = before.is_some_and(|b| {
        !tokens[from].spaced
            && tokens[from].kind == Kind::Word
            && !matches!(
                b.text.chars().next(),
                Some('(' | '[' | '—' | '–' | '…' | ',' | ';' | ':' | '（' | '，' | '。' | '：' | '；' | '、')
            )
    });
    let joined_behind = tokens.get(to).is_some_and(|b| {
        !b.spaced
            && tokens[to - 1].kind == Kind::Word
            && !matches!(b.text, "," | "." | ";" | ":" | "!" | "?" | ")" | "]" | "—" | "–" | "…" | "）" | "，" | "。" | "：" | "；")
    });
    !joined_before && !joined_behind && tokens[from..to].iter().all(|t| !t.quoted)
}

/// The other wording with the capital and the apostrophe of the place where it will stand.
fn worded(other: &str, found: &str, wording: &str, apostrophe: Apostrophe) -> String {
    let mut other = apostrophe.set_in(other);
    let raised = found.starts_with(char::is_uppercase) && !wording.starts_with(char::is_uppercase);
    if let (true, Some(first)) = (raised, other.chars().next()) {
        other.replace_range(..first.len_utf8(), &first.to_uppercase().to_string());
    }
    other
}

#[cfg(test)]
mod tests;

//! What may and may not stand around a carrier.

use std::collections::HashSet;

use super::tokens::{Kind, Token};

/// How far `earlier` and `later` look, in tokens: a bound, so that a sentence is read in linear time.
const REACH: usize = 120;

/// A set of words: listed ones, beginnings (`un*`) and endings (`*ing`).
#[derive(Debug, Default, Clone)]
pub(super) struct Words {
    pub listed: HashSet<String>,
    pub beginnings: Vec<String>,
    pub endings: Vec<String>,
}

impl Words {
    fn hold(&self, token: &Token<'_>) -> bool {
        let text = token.folded();
        self.listed.contains(text.as_ref())
            || token.kind == Kind::Word
                && (self.beginnings.iter().any(|b| text.len() > b.len() && text.starts_with(b.as_str()))
                    || self.endings.iter().any(|e| text.len() > e.len() + 1 && text.ends_with(e.as_str())))
    }
}

/// One place of a context.
#[derive(Debug, Clone)]
pub(super) enum Atom {
    /// One of these words.
    Word(Words),
    /// `%edge`: the beginning or the end of the sentence.
    Edge,
    /// `%mark`: punctuation.
    Mark,
    /// `%object`: an inline that is no text.
    Object,
    /// `%any`: a word, whatever it is.
    Any,
    /// `%number`: a number in digits.
    Number,
    /// `%han`: a Han character.
    Han,
    /// `%name`: a word with a capital.
    Name,
}

impl Atom {
    fn fits(&self, token: Option<&Token<'_>>) -> bool {
        let Some(token) = token else { return matches!(self, Atom::Edge) };
        match self {
            Atom::Word(words) => words.hold(token),
            Atom::Edge => false,
            Atom::Mark => token.kind == Kind::Mark,
            Atom::Object => token.kind == Kind::Object,
            Atom::Any => matches!(token.kind, Kind::Word | Kind::Han),
            Atom::Han => token.kind == Kind::Han,
            Atom::Number => token.kind == Kind::Word && token.text.starts_with(|c: char| c.is_ascii_digit()),
            Atom::Name => token.kind == Kind::Word && token.text.starts_with(char::is_uppercase),
        }
    }
}

/// Alternatives, each a row of places in reading order.
pub(super) type Context = Vec<Vec<Atom>>;

/// The conditions of a pair.
#[derive(Debug, Default, Clone)]
pub(super) struct Conditions {
    /// One of these stands directly before.
    pub prev: Option<Context>,
    /// None of these stands directly before.
    pub prev_not: Context,
    /// One of these stands directly behind.
    pub next: Option<Context>,
    /// None of these stands directly behind.
    pub next_not: Context,
    /// One of these stands anywhere before in the sentence.
    pub earlier: Option<Context>,
    /// One of these stands anywhere behind.
    pub later: Option<Context>,
    /// None of these stands anywhere before in the sentence.
    pub earlier_not: Context,
    /// None of these stands anywhere behind in the sentence.
    pub later_not: Context,
}

impl Conditions {
    /// Whether the tokens `from..to` may be a carrier.
    pub(super) fn allow(&self, tokens: &[Token<'_>], from: usize, to: usize) -> bool {
        let before = |row: &Vec<Atom>| ends_at(row, tokens, from);
        let behind = |row: &Vec<Atom>| begins_at(row, tokens, to);
        let earlier = |row: &Vec<Atom>| (from.saturating_sub(REACH)..=from).any(|at| ends_at(row, tokens, at));
        let later = |row: &Vec<Atom>| (to..tokens.len().min(to + REACH)).any(|at| begins_at(row, tokens, at));
        self.prev.as_ref().is_none_or(|rows| rows.iter().any(before))
            && self.next.as_ref().is_none_or(|rows| rows.iter().any(behind))
            && !self.prev_not.iter().any(before)
            && !self.next_not.iter().any(behind)
            && self.earlier.as_ref().is_none_or(|rows| rows.iter().any(earlier))
            && self.later.as_ref().is_none_or(|rows| rows.iter().any(later))
            && !self.earlier_not.iter().any(earlier)
            && !self.later_not.iter().any(later)
    }
}

pub(super) fn begins_at(row: &[Atom], tokens: &[Token<'_>], at: usize) -> bool {
    row.iter().enumerate().all(|(i, atom)| atom.fits(tokens.get(at + i)))
}

fn ends_at(row: &[Atom], tokens: &[Token<'_>], end: usize) -> bool {
    row.iter().rev().enumerate().all(|(i, atom)| atom.fits(end.checked_sub(i + 1).map(|at| &tokens[at])))
}

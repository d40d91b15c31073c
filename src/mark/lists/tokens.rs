//! A sentence as the lists see it: words, Han characters one by one, marks, and the places where an inline stands that is no text.

use std::borrow::Cow;

/// Stands in the flat text for an inline that is no text: code, math, an image, a note, a link.
pub const OBJECT: char = '\u{FFFC}';

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word of an alphabet, or a number; apostrophes inside belong to it.
    Word,
    /// One Han character.
    Han,
    /// Any other character.
    Mark,
    /// U+FFFC.
    Object,
}

/// One token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'t> {
    pub text: &'t str,
    /// Byte offset in the sentence.
    pub start: usize,
    pub kind: Kind,
    /// White space stands before it.
    pub spaced: bool,
    /// It stands inside quotation marks, or is one.
    pub quoted: bool,
}

impl Token<'_> {
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// The text in lower case, with straight apostrophes.
    pub(super) fn folded(&self) -> Cow<'_, str> {
        if self.kind == Kind::Word && self.text.contains(|c: char| c.is_uppercase() || c == '’') {
            Cow::Owned(self.text.replace('’', "'").to_lowercase())
        } else {
            Cow::Borrowed(self.text)
        }
    }
}

/// Whether the character is written without spaces between words.
pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' | '々' | '〇')
}

/// Cuts a sentence into tokens.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found: Vec<Token<'_>> = Vec::new();
    let (mut spaced, mut rest) = (false, text.char_indices().peekable());
    while let Some((start, c)) = rest.next() {
        if c.is_whitespace() {
            spaced = true;
            continue;
        }
        let mut end = start + c.len_utf8();
        let kind = match c {
            OBJECT => Kind::Object,
            c if is_han(c) => Kind::Han,
            c if c.is_alphanumeric() => Kind::Word,
            _ => Kind::Mark,
        };
        while let (Kind::Word, Some(&(at, c))) = (kind, rest.peek()) {
            let letter = |c: char| c.is_alphanumeric() && !is_han(c);
            let joins = matches!(c, '\'' | '’') && text[at + c.len_utf8()..].starts_with(letter);
            if !letter(c) && !joins {
                break;
            }
            end = at + c.len_utf8();
            rest.next();
        }
        found.push(Token { text: &text[start..end], start, kind, spaced, quoted: false });
        spaced = false;
    }
    mark_quoted(&mut found);
    found
}

/// Sets `quoted`. A quotation that the sentence does not close reaches to its end; one that it does not open, from its beginning.
fn mark_quoted(tokens: &mut [Token<'_>]) {
    let (mut close, mut from, mut done) = (None, 0, 0);
    for i in 0..tokens.len() {
        let mark = tokens[i].text;
        match close {
            None => {
                close = match mark {
                    "\"" => Some("\""),
                    "“" => Some("”"),
                    "「" => Some("」"),
                    "『" => Some("』"),
                    "《" => Some("》"),
                    "‘" => Some("’"),
                    "'" if tokens.get(i + 1).is_some_and(|t| !t.spaced) && (i == 0 || tokens[i].spaced) => Some("'"),
                    _ => None,
                };
                if close.is_none() && matches!(mark, "”" | "」" | "』" | "》") {
                    tokens[done..=i].iter_mut().for_each(|t| t.quoted = true);
                    done = i + 1;
                }
                from = i;
            }
            Some(awaited) if mark == awaited => {
                tokens[from..=i].iter_mut().for_each(|t| t.quoted = true);
                (close, done) = (None, i + 1);
            }
            Some(_) => {}
        }
    }
    if close.is_some() {
        tokens[from..].iter_mut().for_each(|t| t.quoted = true);
    }
}

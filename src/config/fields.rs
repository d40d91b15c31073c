//! The entries of one mapping, taken out by name; what is left is unknown.

use std::ops::Range;

use super::suggest::nearest;
use super::yaml::{Located, Value};
use crate::diag::{Diagnostic, Diagnostics};

/// A mapping in a file, with what is needed to point into it.
#[derive(Debug)]
pub struct Fields<'a> {
    path: &'a str,
    text: &'a str,
    /// Where the YAML begins in `text`.
    base: usize,
    entries: Vec<(String, Range<usize>, Option<Located>)>,
    wanted: Vec<&'static str>,
    /// Everything that was wrong so far.
    pub found: Diagnostics,
}

impl<'a> Fields<'a> {
    /// The entries of `value`, which stands in `text` (the whole file `path`), whose YAML begins at byte `base`. Nothing is an empty
    /// mapping; anything else is an error.
    #[must_use]
    pub fn new(path: &'a str, text: &'a str, base: usize, value: Located) -> Self {
        let mut fields = Self { path, text, base, entries: Vec::new(), wanted: Vec::new(), found: Diagnostics::new() };
        match value.value {
            Value::Map(entries) => {
                for (key, value) in entries {
                    let name = key.value.scalar().unwrap_or("?").to_owned();
                    fields.entries.push((name, key.span, Some(value)));
                }
            }
            Value::Null => {}
            other => {
                let message = format!("expected `key: value` lines, found {}", other.kind());
                fields.fault("key/type", message, value.span, "write one `key: value` on each line");
            }
        }
        fields
    }

    /// Adds an error at `span`, which counts from the begin of the YAML.
    pub fn fault(&mut self, rule: &'static str, message: impl Into<String>, span: Range<usize>, hint: &str) {
        let span = self.base + span.start..self.base + span.end;
        self.found.push(Diagnostic::error(rule, message).at(self.path, self.text, span).hint(hint));
    }

    /// Takes an entry out. Asking is what makes a key known.
    pub fn take(&mut self, key: &'static str) -> Option<Located> {
        self.wanted.push(key);
        let value = self.entries.iter_mut().find(|(name, ..)| name == key).and_then(|(.., value)| value.take())?;
        (value.value != Value::Null).then_some(value)
    }

    /// Where a key stands that has nothing behind its colon, or empty text.
    #[must_use]
    pub fn empty(&self, key: &str) -> Option<Range<usize>> {
        let (_, span, value) = self.entries.iter().find(|(name, ..)| name == key)?;
        let value = &value.as_ref()?.value;
        (*value == Value::Null || value.scalar().is_some_and(|text| text.trim().is_empty())).then(|| span.clone())
    }

    /// Where a key stands, and its value.
    #[must_use]
    pub fn look(&self, key: &str) -> Option<(Range<usize>, &Value)> {
        let (_, span, value) = self.entries.iter().find(|(name, ..)| name.eq_ignore_ascii_case(key))?;
        Some((span.clone(), &value.as_ref()?.value))
    }

    /// Takes text out; a number counts as the text that was typed. White space around it is dropped, empty text is none.
    pub fn text(&mut self, key: &'static str) -> Option<(String, Range<usize>)> {
        let value = self.take(key)?;
        match value.value.scalar() {
            Some(text) => Some((text.trim().to_owned(), value.span)).filter(|(text, _)| !text.is_empty()),
            None => {
                let message = format!("`{key}` is {}, not text", value.value.kind());
                self.fault("key/type", message, value.span, &format!("write `{key}: some text`"));
                None
            }
        }
    }

    /// Takes a whole number out.
    pub fn integer(&mut self, key: &'static str) -> Option<(i64, Range<usize>)> {
        let value = self.take(key)?;
        match value.value {
            Value::Integer(n, _) => Some((n, value.span)),
            other => {
                let message = format!("`{key}` is {}, not a whole number", other.kind());
                self.fault("key/type", message, value.span, &format!("write `{key}: 1`"));
                None
            }
        }
    }

    /// Takes `true` or `false` out.
    pub fn boolean(&mut self, key: &'static str) -> Option<bool> {
        let value = self.take(key)?;
        match value.value {
            Value::Bool(b, _) => Some(b),
            other => {
                let message = format!("`{key}` is {}, not true or false", other.kind());
                self.fault("key/type", message, value.span, &format!("write `{key}: true` or leave it out"));
                None
            }
        }
    }

    /// Takes a mapping out, whose entries are then taken from it; its findings come back by [`Fields::close`].
    pub fn mapping(&mut self, key: &'static str) -> Option<Fields<'a>> {
        let value = self.take(key)?;
        Some(self.nested(value))
    }

    /// The entries of a value that was taken out, to be given back by [`Fields::close`].
    #[must_use]
    pub fn nested(&self, value: Located) -> Fields<'a> {
        Fields::new(self.path, self.text, self.base, value)
    }

    /// Ends a mapping that came from [`Fields::mapping`]: its unknown keys and findings become ours.
    pub fn close(&mut self, inner: Fields<'a>, within: &str) {
        self.found.extend(inner.finish(within));
    }

    /// The keys that nobody took.
    #[must_use]
    pub fn left(&self) -> Vec<String> {
        self.entries.iter().filter(|(name, ..)| !self.wanted.contains(&name.as_str())).map(|(name, ..)| name.clone()).collect()
    }

    /// Reports the keys that nobody took, with a suggestion, and ends.
    #[must_use]
    pub fn finish(mut self, within: &str) -> Diagnostics {
        let left: Vec<_> = self.entries.iter().filter(|(name, ..)| !self.wanted.contains(&name.as_str())).cloned().collect();
        for (name, span, _) in left {
            let hint = match nearest(&name, &self.wanted) {
                Some(close) => format!("did you mean `{close}`?"),
                None => format!("known keys here: {}", self.wanted.join(", ")),
            };
            self.fault("key/unknown", format!("unknown key `{name}` in {within}"), span, &hint);
        }
        self.found
    }
}

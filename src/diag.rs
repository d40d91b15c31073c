//! Diagnostics: what is wrong, where, and what to do about it.
//!
//! Rooms collect [`Diagnostic`]s instead of stopping at the first, so that an author sees all mistakes at once. Messages are lower
//! case without a full stop, names stand in back-ticks, and the hint says what to do.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::Serialize;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is written.
    Error,
    /// Something is probably not what the author wants.
    Warning,
    /// Good to know.
    Note,
}

/// A position in a text, both counted from 1; columns count characters, not bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Location {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Location {
    /// The location of byte `offset` of `text`; an offset behind the end is the end.
    #[must_use]
    pub fn of(text: &str, offset: usize) -> Self {
        let mut end = offset.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &text[..end];
        let start = before.rfind('\n').map_or(0, |i| i + 1);
        Self { line: before.matches('\n').count() + 1, column: before[start..].chars().count() + 1 }
    }
}

/// Where a diagnostic points.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// Path relative to the site, with `/`.
    pub path: String,
    /// Line and column, where known.
    #[serde(flatten)]
    pub location: Option<Location>,
    /// At most 120 characters of the source line, and the column in them, for drawing.
    #[serde(skip)]
    line: Option<(String, usize)>,
    /// How many characters to underline.
    #[serde(skip)]
    width: usize,
}

/// One finding, with its remedy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Stable id such as `link/broken`.
    pub rule: &'static str,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// Where, unless it concerns the site as a whole.
    pub place: Option<Box<Place>>,
    /// What to do.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// An error: nothing will be written.
    pub fn error(rule: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, rule, message)
    }

    /// A warning.
    pub fn warning(rule: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, rule, message)
    }

    /// A note.
    pub fn note(rule: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, rule, message)
    }

    fn new(severity: Severity, rule: &'static str, message: impl Into<String>) -> Self {
        Self { severity, rule, message: message.into(), place: None, hint: None }
    }

    /// Points at a file as a whole.
    #[must_use]
    pub fn in_file(mut self, path: impl Into<String>) -> Self {
        self.place = Some(Box::new(Place { path: path.into(), location: None, line: None, width: 0 }));
        self
    }

    /// Points at the bytes `span` of `text`, which is the content of `path`.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>, text: &str, span: Range<usize>) -> Self {
        let location = Location::of(text, span.start);
        let line = text.lines().nth(location.line - 1).unwrap_or_default();
        let rest = line.chars().count().saturating_sub(location.column - 1);
        let width = text.get(span).and_then(|s| s.lines().next()).map_or(1, |s| s.chars().count());
        let line = Some(window(line, location.column));
        self.place = Some(Box::new(Place { path: path.into(), location: Some(location), line, width: width.clamp(1, rest.max(1)) }));
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn key(&self) -> (Severity, Option<&Place>, &'static str) {
        (self.severity, self.place.as_deref(), self.rule)
    }
}

/// Draws the finding: message, `--> path:line:column`, the line with the place underlined, and the hint.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let message: Vec<String> = self.message.lines().map(tame).collect();
        writeln!(f, "{name}[{}]: {}", self.rule, message.join("\n"))?;
        if let Some(place) = &self.place {
            let path = tame(&place.path);
            match (place.location, &place.line) {
                (Some(at), Some((shown, column))) => {
                    let number = at.line.to_string();
                    let pad = " ".repeat(number.len());
                    writeln!(f, "{pad}--> {path}:{}:{}", at.line, at.column)?;
                    writeln!(f, "{pad} |")?;
                    writeln!(f, "{number} | {}", tame(shown))?;
                    let width = place.width.min(shown.chars().count().saturating_sub(column - 1).max(1));
                    writeln!(f, "{pad} | {}{}", indent(shown, *column), "^".repeat(width))?;
                }
                (Some(at), None) => writeln!(f, "  --> {path}:{}:{}", at.line, at.column)?,
                (None, _) => writeln!(f, "  --> {path}")?,
            }
        }
        if let Some(hint) = &self.hint {
            writeln!(f, "  = help: {hint}")?;
        }
        Ok(())
    }
}

/// Text as a terminal may have it: control characters of a file, which could be anything, are shown as `U+FFFD`.
fn tame(text: &str) -> String {
    text.chars().map(|c| if rules_the_line(c) && c != '\t' { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Text of a stranger in a line of ours: what could begin another line, turn the direction of writing or speak to a terminal is shown as
/// `\u{...}`.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if rules_the_line(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    out
}

/// Controls, line and paragraph separators, and the marks, embeddings, overrides and isolates of bidirectional text (Unicode Annex #9).
#[must_use]
pub fn rules_the_line(c: char) -> bool {
    c.is_control() || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// White space as wide as the text before `column`: a wide character (CJK) takes two cells, a tab stays a tab.
fn indent(line: &str, column: usize) -> String {
    line.chars()
        .take(column - 1)
        .map(|c| match c {
            '\t' => "\t",
            c if ('\u{1100}'..='\u{ffef}').contains(&c) => "  ",
            _ => " ",
        })
        .collect()
}

/// At most 120 characters of a long line, around the column; lines of minified text would fill the screen.
fn window(line: &str, column: usize) -> (String, usize) {
    const WIDTH: usize = 120;
    let first = column.saturating_sub(WIDTH / 2);
    if line.chars().count() <= WIDTH || first == 0 {
        return (line.chars().take(WIDTH).collect(), column.min(WIDTH));
    }
    (line.chars().skip(first).take(WIDTH).collect(), column - first)
}

/// All findings of a run, sorted by severity and place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds all of `more`.
    pub fn extend(&mut self, more: impl IntoIterator<Item = Diagnostic>) {
        self.0.extend(more);
    }

    /// True if anything forbids writing.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|d| d.severity == Severity::Error)
    }

    /// True if there is nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In the order in which they are shown.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        let mut sorted: Vec<_> = self.0.iter().collect();
        sorted.sort_by(|a, b| a.key().cmp(&b.key()));
        sorted.into_iter()
    }

    /// How many findings of this severity each rule has.
    #[must_use]
    pub fn by_rule(&self, severity: Severity) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for d in self.0.iter().filter(|d| d.severity == severity) {
            *counts.entry(d.rule).or_default() += 1;
        }
        counts
    }

    /// Shows every error, and of each rule's warnings and notes the first `most`, with a line for what was left out.
    #[must_use]
    pub fn render(&self, most: usize) -> String {
        let mut out = String::new();
        let mut shown: BTreeMap<(Severity, &str), usize> = BTreeMap::new();
        for d in self.iter() {
            let n = shown.entry((d.severity, d.rule)).or_default();
            *n += 1;
            if d.severity == Severity::Error || *n <= most {
                out.push_str(&d.to_string());
                out.push('\n');
            }
        }
        for ((severity, rule), n) in shown {
            if severity != Severity::Error && n > most {
                out.push_str(&format!("... and {} more of {rule}\n", n - most));
            }
        }
        out
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(iter: I) -> Self {
        Self(iter.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_the_place_under_a_chinese_line() {
        let text = "one\n借用 `foo` bar\n";
        let start = text.find("foo").unwrap();
        let shown = Diagnostic::error("x/y", "no `foo`").at("a.md", text, start..start + 3).hint("add it").to_string();
        let want = "error[x/y]: no `foo`\n --> a.md:2:5\n  |\n2 | 借用 `foo` bar\n  |       ^^^\n  = help: add it\n";
        assert_eq!(shown, want);
    }

    #[test]
    fn a_file_does_not_write_to_the_terminal() {
        let text = "a: \u{1b}[2Jb\0\n";
        let shown = Diagnostic::error("x/y", "no \u{1b}[2J").at("a\u{7}.md", text, 3..4).to_string();
        assert!(!shown.contains(['\u{1b}', '\0', '\u{7}']) && shown.contains("a: \u{fffd}[2Jb\u{fffd}"), "{shown}");
    }

    #[test]
    fn no_line_is_forged() {
        assert_eq!(visible("a\n\u{202e}b\u{2028}\u{85}\u{1b}[2J é 文"), "a\\u{a}\\u{202e}b\\u{2028}\\u{85}\\u{1b}[2J é 文");
    }

    #[test]
    fn groups_warnings_but_never_errors() {
        let all: Diagnostics = (0..4).flat_map(|_| [Diagnostic::warning("w", "w"), Diagnostic::error("e", "e")]).collect();
        let text = all.render(2);
        assert_eq!(text.matches("error[e]").count(), 4);
        assert_eq!(text.matches("warning[w]").count(), 2);
        assert!(text.contains("... and 2 more of w"));
    }
}

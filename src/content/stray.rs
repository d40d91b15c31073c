//! Front matter that stands where it is not read. Passed over in silence, it would publish for free what was meant to be sold.

use std::ops::Range;

use super::front::Split;
use crate::access::Access;
use crate::config::nearest;

/// Lines of a page in which front matter may have slipped.
const NEAR: usize = 20;
/// Lines between two fences, at most.
const LONGEST: usize = 60;
/// Keys that decide what is sold.
const SALE: [&str; 4] = ["access", "price", "products", "checkout"];
/// All keys of front matter.
const KEYS: [&str; 17] = [
    "access",
    "price",
    "products",
    "checkout",
    "title",
    "description",
    "order",
    "draft",
    "id",
    "summary",
    "language",
    "outline",
    "epoch",
    "epochs",
    "rotated",
    "cover",
    "marks",
];

/// Front matter, or a line of it, that is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stray {
    /// Where it stands: its first line.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: &'static str,
    /// What to do.
    pub hint: &'static str,
}

/// A line and where it begins.
struct Line<'t> {
    at: usize,
    text: &'t str,
}

/// Finds front matter that is not read: a fenced block near the top that is not on the first line or is fenced in another way, or a
/// line `access: premium` by itself. In a `bare` folder only what would sell something counts: other programs have other rules.
#[must_use]
pub fn stray(text: &str, split: &Split, bare: bool) -> Option<Stray> {
    let mut at = split.body;
    let body = text.get(split.body..).unwrap_or_default();
    let lines: Vec<Line<'_>> = body
        .split_inclusive('\n')
        .take(NEAR + LONGEST)
        .map(|text| {
            at += text.len();
            Line { at: at - text.len(), text }
        })
        .collect();
    // What may stand above front matter that was pushed down: nothing that a reader sees.
    let mut top = split.yaml.is_none();
    let (mut code, mut comment) = (None, false);
    for (i, line) in lines.iter().enumerate().take(NEAR) {
        let trimmed = clean(line.text);
        if let Some(fence) = code {
            if trimmed.starts_with(fence) {
                code = None;
            }
            continue;
        }
        code = ["```", "~~~"].into_iter().find(|fence| trimmed.starts_with(fence));
        let span = line.at..line.at + line.text.trim_end().len();
        let indented = line.text.starts_with("    ") || line.text.starts_with('\t');
        // An indented line is code, unless it is the first that is to be seen.
        if indented && !top {
            continue;
        }
        if let Some(found) = fenced(&lines[i..], top, bare) {
            return Some(Stray { span, ..found });
        }
        if is_access(trimmed, bare) {
            return Some(Stray {
                span,
                message: "this line looks like front matter and stands in the text, where it sets nothing",
                hint: "put it between two lines `---` at the very top of the file, or reword it if it is text",
            });
        }
        comment = (comment || trimmed.starts_with("<!--")) && !trimmed.ends_with("-->");
        top &= trimmed.is_empty() || comment || trimmed.ends_with("-->");
    }
    None
}

/// The block of front matter that begins with the first of `lines`.
fn fenced(lines: &[Line<'_>], top: bool, bare: bool) -> Option<Stray> {
    let opens = fence(clean(lines.first()?.text))?;
    let mut keys = Vec::new();
    let mut closed = false;
    for line in lines.iter().skip(1).take(LONGEST) {
        let trimmed = clean(line.text);
        if fence(trimmed) == Some(opens) || trimmed == "..." {
            closed = true;
            break;
        }
        match key(trimmed) {
            Some(key) => keys.push(key.to_ascii_lowercase()),
            None if trimmed.is_empty() || trimmed.starts_with(['#', '-', '[', ']', '{', '}']) => {}
            None if line.text.starts_with([' ', '\t']) => {}
            None => break,
        }
    }
    let known = |names: &[&str]| keys.iter().any(|key| names.contains(&key.as_str()));
    let meant = if bare || !top { known(&SALE) } else { known(&KEYS) };
    // Without an end, only what sells is said: a line across the page and a sentence with a colon are text.
    if !meant || !closed && !known(&SALE) {
        return None;
    }
    let (message, hint) = if opens == '+' {
        ("front matter in TOML (`+++`) is not read", "write it in YAML: `key: value` lines between two lines `---`")
    } else {
        (
            "this looks like front matter, and is not read: it is not opened by `---` on the first line of the file",
            "move it to the very top of the file, not indented, between two lines of exactly three hyphens; or reword it if it is text",
        )
    };
    Some(Stray { span: 0..0, message, hint })
}

/// `---`, `----`, `+++`, and the dashes that word processors make of them.
fn fence(line: &str) -> Option<char> {
    let line = line.strip_suffix("yaml").map_or(line, str::trim_end);
    let all = |signs: &[char]| line.chars().all(|c| signs.contains(&c));
    if line.chars().count() >= 3 && all(&['+']) {
        Some('+')
    } else if line.len() >= 3 && all(&['-', '\u{2013}', '\u{2014}']) {
        Some('-')
    } else {
        None
    }
}

/// The key of `key: value` or `key = value`.
fn key(line: &str) -> Option<&str> {
    let (key, rest) = line.split_once([':', '='])?;
    let key = key.trim_end().trim_matches(['"', '\'']);
    let plain = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    (plain && (rest.is_empty() || rest.starts_with(char::is_whitespace))).then_some(key)
}

/// `access: premium` and nothing else; in a site any value that was meant as one.
fn is_access(line: &str, bare: bool) -> bool {
    let Some(name) = key(line).filter(|key| key.eq_ignore_ascii_case("access")) else { return false };
    let value = line.trim_start_matches(['"', '\'']).get(name.len()..).unwrap_or_default().trim_start_matches(['"', '\'', ' ', ':', '=']);
    let value = value.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']);
    let names = Access::ALL.map(Access::name);
    match nearest(value, &names) {
        Some("free") => !bare && value.eq_ignore_ascii_case("free"),
        Some(_) => true,
        None => value.eq_ignore_ascii_case("paid"),
    }
}

/// Without white space and signs that nobody sees.
fn clean(line: &str) -> &str {
    line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}'))
}

#[cfg(test)]
mod tests {
    use super::super::front::split;
    use super::*;

    fn line(text: &str, bare: bool) -> Option<usize> {
        stray(text, &split(text), bare).map(|found| text[..found.span.start].matches('\n').count() + 1)
    }

    #[test]
    fn front_matter_that_slipped_is_found_wherever_it_could_sell() {
        let block = "---\ntitle: A\naccess: premium\n---\n\n# A\n";
        let indented: String = block.lines().map(|line| format!("    {line}\n")).collect();
        let mut cases = vec![
            (format!("\n\n{block}"), 3),
            (format!("<!-- licence\n  text -->\n\n{block}"), 4),
            (format!("\u{200b}{block}"), 1),
            (format!(" {}", block.replace("\n-", "\n -")), 1),
            (indented, 1),
            (block.replace("---", "----"), 1),
            (block.replace("---", "\u{2014}-"), 1),
            ("+++\ntitle = \"A\"\naccess = \"premium\"\n+++\n# A\n".to_owned(), 1),
            ("# A\n\n---\naccess: premium\n---\ntext\n".to_owned(), 3),
            ("---\n\naccess: premium\n----\n\n# A\n".to_owned(), 1),
            ("# A\n\naccess: premium\n\ntext\n".to_owned(), 3),
            ("---\ntitle: A\n---\nAccess: \"premum\"  # soon\n".to_owned(), 4),
        ];
        cases.push((format!("---\ntitle: A\n---\n\n{block}"), 5));
        for (text, at) in cases {
            assert_eq!((line(&text, false), line(&text, true)), (Some(at), Some(at)), "{text}");
        }
    }

    #[test]
    fn text_is_not_front_matter() {
        for text in [
            "# A\n\n---\nNote: a heading under a line\n---\ntext\n",
            "---\n\n# A line across the page\n\nAccess: see below\n---\n",
            "# A\n\n| access: premium | x |\n|---|---|\n",
            "# A\n\n```yaml\n---\naccess: premium\n---\n```\n",
            "# A\n\n    access: premium\n",
            "---\naccess: premium\n---\n# A\n\nIts access: premium is what it says.\n",
        ] {
            assert_eq!(line(text, false), None, "{text}");
        }
    }

    #[test]
    fn a_bare_folder_may_be_written_for_another_program() {
        for text in ["\n---\ntitle: A\n---\n# A\n", "+++\ntitle = \"A\"\n+++\n", "access: free\n"] {
            assert_eq!((line(text, false).is_some(), line(text, true)), (true, None), "{text}");
        }
    }
}

//! One page on its way: read and parsed, not yet placed.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use super::sources::Text;
use crate::content::{self, Front, Kind, Split, is_index, stem};
use crate::diag::{Diagnostic, Diagnostics, Severity};
use crate::markdown::{BlockKind, Document, parse};

/// A page, read and parsed.
#[derive(Debug)]
pub struct Draft {
    /// Path in the site.
    pub path: String,
    /// Its text.
    pub text: String,
    /// What it is.
    pub kind: Kind,
    /// Its front matter.
    pub front: Front,
    /// Where front matter and body stand.
    pub split: Split,
    /// Its tree, without the title.
    pub document: Document,
    /// `# H1`, if the document begins with one.
    pub heading: Option<String>,
    /// The ids that fragments can name.
    pub ids: Ids,
    /// Places of lines such as `{{#include x.rs}}`.
    pub book_lines: Vec<usize>,
    /// What was wrong so far.
    pub found: Diagnostics,
}

/// Reads and parses one page.
pub fn draft(source: Text, kind: Kind) -> Draft {
    let Text { path, text } = source;
    let split = content::split(&text);
    let (front, found) = content::read_front(&path, &text, &split, kind);
    // In a bare folder, what looks like front matter and is none is text.
    let broken = kind == Kind::Bare && found.by_rule(Severity::Warning).contains_key("front-matter/broken");
    let mut document = parse(&text, if broken { 0 } else { split.body });
    let same = front.title.is_none() || front.title == document.title();
    let title = if same { document.take_title() } else { None };
    let (title_id, heading) = title.unzip();
    let ids = Ids::of(&document, title_id);
    let book_lines = book_lines(&text);
    let mut draft = Draft { path, text, kind, front, split, document, heading, ids, book_lines, found };
    draft.look_for_scripts();
    draft
}

impl Draft {
    /// True for the page of a folder.
    pub fn is_index(&self) -> bool {
        is_index(&self.path)
    }

    /// The title in front matter or body.
    pub fn own_title(&self) -> Option<&str> {
        self.front.title.as_deref().or(self.heading.as_deref())
    }

    /// The name of the file, or of its folder if it is the folder's page.
    pub fn name(&self) -> &str {
        if self.is_index() { content::parent(&self.path).rsplit('/').next().unwrap_or_default() } else { stem(&self.path) }
    }

    /// Points a finding at a place in this file. From the 50th on it names the file alone: locating means reading the file.
    pub fn point(&self, finding: Diagnostic, span: Range<usize>, nth: usize) -> Diagnostic {
        const LOCATED: usize = 50;
        if nth < LOCATED { finding.at(self.path.as_str(), &self.text, span) } else { finding.in_file(self.path.as_str()) }
    }

    /// Where the paywalls stand: indices of top-level blocks.
    pub fn paywalls(&self) -> Vec<usize> {
        self.document.blocks.iter().enumerate().filter(|(_, b)| b.kind == BlockKind::Paywall).map(|(i, _)| i).collect()
    }

    fn look_for_scripts(&mut self) {
        let blocked = self.document.blocked();
        for (i, (span, what)) in blocked.into_iter().enumerate() {
            let finding =
                Diagnostic::warning("html/blocked", format!("`{what}` does nothing here: the site's content security policy stops it"));
            let finding = self.point(finding, span, i).hint("link to the page that has it, or show a picture");
            self.found.push(finding);
        }
    }
}

/// The bytes of lines such as `{{#include x.rs}}`, which mdBook replaces by other files.
fn book_lines(text: &str) -> Vec<usize> {
    const NAMES: [&str; 5] = ["include", "rustdoc_include", "playground", "playpen", "title"];
    text.match_indices("{{#")
        .filter(|(at, _)| {
            let after = text[at + 3..].trim_start();
            NAMES.iter().any(|name| after.strip_prefix(name).is_some_and(|rest| rest.starts_with(char::is_whitespace)))
        })
        .map(|(at, _)| at)
        .collect()
}

/// The ids that fragments can name, each with the top-level block in which it stands; the title's has none.
#[derive(Debug, Default)]
pub struct Ids {
    exact: HashMap<String, Option<usize>>,
    loose: OnceLock<HashMap<String, String>>,
}

impl Ids {
    fn of(document: &Document, title: Option<String>) -> Self {
        let mut exact = HashMap::new();
        for (i, block) in document.blocks.iter().enumerate() {
            for id in Document::ids(std::slice::from_ref(block)) {
                exact.entry(id).or_insert(Some(i));
            }
        }
        exact.extend(title.map(|id| (id, None)));
        Self { exact, loose: OnceLock::new() }
    }

    /// The id that a fragment means and its block. Other programs make ids in other ways, so that letters and digits alone decide
    /// where no id is equal.
    pub fn find(&self, fragment: &str) -> Option<(&str, Option<usize>)> {
        let known = |id: &str| self.exact.get_key_value(id).map(|(id, block)| (id.as_str(), *block));
        known(fragment).or_else(|| {
            let loose = self.loose.get_or_init(|| {
                let mut ids: Vec<&String> = self.exact.keys().collect();
                ids.sort();
                ids.into_iter().rev().map(|id| (letters(id), id.clone())).collect()
            });
            loose.get(&letters(fragment)).and_then(|id| known(id))
        })
    }
}

fn letters(id: &str) -> String {
    id.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

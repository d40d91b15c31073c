//! Builds small sites for tests: five lines of intent each.

use std::collections::BTreeMap;

use bookplate::diag::{Diagnostics, Severity};
use bookplate::edition::{self, Course, Edition, Lesson, Node, ReadOptions};
use bookplate::gate::Passages;
use bookplate::site::{self, Assembled, Mode, Seals};
use bookplate::template::Theme;

/// Settings that suffice.
pub const YAML: &str = "site: { id: test, title: Test, url: \"https://example.com\" }\n";

/// A site that is being written.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Site {
    files: BTreeMap<String, Vec<u8>>,
}

impl Site {
    /// A site with settings and nothing else.
    pub fn new() -> Self {
        Self::bare().yaml(YAML)
    }

    /// A folder without settings.
    pub fn bare() -> Self {
        Self::default()
    }

    /// Replaces `bookplate.yaml`.
    pub fn yaml(self, text: &str) -> Self {
        self.file("bookplate.yaml", text)
    }

    /// Adds or replaces a file.
    pub fn file(mut self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.files.insert(path.to_owned(), content.as_ref().to_owned());
        self
    }

    /// Takes a file away.
    pub fn without(mut self, path: &str) -> Self {
        self.files.remove(path);
        self
    }

    /// The files.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        self.files.iter().map(|(path, bytes)| (path.clone(), bytes.clone())).collect()
    }

    /// Writes the files below `dir`.
    pub fn write(&self, dir: &std::path::Path) {
        for (path, bytes) in &self.files {
            let path = dir.join(path);
            std::fs::create_dir_all(path.parent().expect("below dir")).expect("a folder");
            std::fs::write(path, bytes).expect("a file");
        }
    }

    /// Reads the site.
    pub fn read(&self) -> Read {
        let options = ReadOptions { root_name: "my-course".into(), ..ReadOptions::default() };
        let (edition, found) = edition::read(self.files(), &options);
        Read { edition, found }
    }
}

/// A site that was read.
#[must_use]
pub struct Read {
    /// The edition, unless errors forbid it.
    pub edition: Option<Edition>,
    /// All findings.
    pub found: Diagnostics,
}

impl Read {
    /// The edition of a site that has no errors.
    #[track_caller]
    pub fn edition(&self) -> &Edition {
        assert!(!self.found.has_errors(), "{}", self.found.render(5));
        self.edition.as_ref().expect("no errors, so an edition")
    }

    /// Its first course.
    #[track_caller]
    pub fn course(&self) -> &Course {
        self.edition().courses.first().expect("a course")
    }

    /// The lesson at `url`.
    #[track_caller]
    pub fn lesson(&self, url: &str) -> &Lesson {
        self.edition().lessons().map(|(_, lesson)| lesson).find(|lesson| lesson.url == url).unwrap_or_else(|| panic!("no lesson at {url}"))
    }

    /// The HTML of the open part of the lesson at `url`.
    #[track_caller]
    pub fn open(&self, url: &str) -> &str {
        self.lesson(url).body.open.as_ref().map_or("", |prose| &prose.get().html)
    }

    /// URLs of all lessons in reading order.
    #[track_caller]
    pub fn urls(&self) -> Vec<&str> {
        self.edition().lessons().map(|(_, lesson)| lesson.url.as_str()).collect()
    }

    /// Findings of one severity, as `rule path:line`, sorted.
    pub fn rules(&self, severity: Severity) -> Vec<String> {
        let show = |d: &bookplate::diag::Diagnostic| {
            let place = d.place.as_ref().map_or(String::new(), |p| match p.location {
                Some(at) => format!(" {}:{}", p.path, at.line),
                None => format!(" {}", p.path),
            });
            format!("{}{place}", d.rule)
        };
        self.found.iter().filter(|d| d.severity == severity).map(show).collect()
    }

    /// Errors, as `rule path:line`.
    pub fn errors(&self) -> Vec<String> {
        self.rules(Severity::Error)
    }

    /// Warnings, as `rule path:line`.
    pub fn warnings(&self) -> Vec<String> {
        self.rules(Severity::Warning)
    }
}

/// Titles of a tree, nested: `A (B C) D`.
#[must_use]
pub fn outline(nodes: &[Node]) -> String {
    let show = |node: &Node| match node {
        Node::Lesson(lesson) => lesson.short.get().clone(),
        Node::Chapter { title, page, children, .. } => {
            let mark = if page.is_some() { "" } else { "*" };
            format!("{}{mark} ({})", title.get(), outline(children))
        }
    };
    nodes.iter().map(show).collect::<Vec<_>>().join(" ")
}

/// A site as values, with what must not stand in them.
#[derive(Debug)]
pub struct Built {
    /// Outputs, catalog, figures.
    pub assembled: Assembled,
    /// For the gate.
    pub passages: Passages,
}

impl std::ops::Deref for Built {
    type Target = Assembled;
    fn deref(&self) -> &Assembled {
        &self.assembled
    }
}

/// Outputs and passages of an edition.
pub fn assemble(edition: &Edition, theme: &Theme, seals: Option<&Seals>, mode: Mode) -> Result<Built, Diagnostics> {
    let assembled = site::assemble(edition, theme, seals, mode)?;
    let passages = site::passages(edition, theme, seals, &assembled);
    Ok(Built { assembled, passages })
}

//! The files of a site, sorted by what they are.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::content::is_markdown;
use crate::diag::{Diagnostic, Diagnostics};

/// The settings file.
pub const CONFIG: &str = "bookplate.yaml";

/// A Markdown file.
#[derive(Debug)]
pub struct Text {
    /// Path in the site.
    pub path: String,
    /// Its text, without byte order mark.
    pub text: String,
}

/// The files of a site, sorted by what they are.
#[derive(Debug, Default)]
pub struct Sources {
    /// The text of `bookplate.yaml`; none in a bare folder.
    pub config: Option<String>,
    /// True if it is not UTF-8: that is said, and it is not read.
    pub garbled: bool,
    /// The folder of the content, with `/` at the end: `content/`, or `src/` of an mdBook, or nothing.
    pub root: String,
    /// Markdown below that folder, sorted by path.
    pub texts: Vec<Text>,
    /// All other files below it (of a bare folder: everywhere), by path.
    pub assets: BTreeMap<String, Arc<[u8]>>,
    /// Files below `static/`, paths below it.
    pub statics: Vec<(String, Arc<[u8]>)>,
    /// Files below `themes/`, paths below it.
    pub themes: Vec<(String, Arc<[u8]>)>,
    /// The title in `book.toml`.
    pub book_title: Option<String>,
}

/// Sorts files. Paths that are not relative and clean are dropped with an error: they could not have come from a folder.
pub fn sort(files: Vec<(String, Vec<u8>)>, found: &mut Diagnostics) -> Sources {
    let mut sources = Sources::default();
    let names: HashMap<&str, &[u8]> = files.iter().filter(|(p, _)| !p.contains("/../")).map(|(p, b)| (p.as_str(), b.as_slice())).collect();
    sources.garbled = names.get(CONFIG).is_some_and(|bytes| std::str::from_utf8(bytes).is_err());
    sources.config = names.get(CONFIG).map(|bytes| decode(CONFIG, bytes, true, found));
    let wrong =
        |name: &&str| ["bookplate.yaml", "bookplate.yml", "bookplate.toml", "bookplate.json"].contains(&name.to_lowercase().as_str());
    for wrong in names.keys().copied().filter(wrong) {
        // Without this, a shop whose settings have the wrong name would be built as a folder in which everything is free.
        if sources.config.is_none() {
            found.push(
                Diagnostic::error("site/config-name", format!("settings are read from `{CONFIG}`, not from `{wrong}`"))
                    .in_file(wrong)
                    .hint(format!("rename it to `{CONFIG}`")),
            );
        }
    }
    let bare = sources.config.is_none();
    sources.root = if bare { book_root(&names, &mut sources.book_title) } else { "content/".to_owned() };
    let root = sources.root.clone();
    let mut wild = Vec::new();
    for (path, bytes) in files {
        if path.starts_with('/') || path.split('/').any(|part| matches!(part, "" | "." | "..")) {
            wild.push(path);
        } else if let Some(below) = path.strip_prefix("static/").filter(|_| !bare) {
            sources.statics.push((below.to_owned(), bytes.into()));
        } else if let Some(below) = path.strip_prefix("themes/").filter(|_| !bare) {
            sources.themes.push((below.to_owned(), bytes.into()));
        } else if path.starts_with(&root) && is_markdown(&path) {
            let text = decode(&path, &bytes, !bare, found);
            sources.texts.push(Text { path, text });
        } else if bare || path.starts_with(&root) {
            sources.assets.insert(path, bytes.into());
        }
    }
    found.extend(
        wild.into_iter()
            .map(|path| Diagnostic::error("file/path", format!("`{path}` is not a path inside the site")).in_file(path).hint("rename it")),
    );
    sources.texts.sort_by(|a, b| a.path.cmp(&b.path));
    sources.statics.sort_by(|a, b| a.0.cmp(&b.0));
    sources.themes.sort_by(|a, b| a.0.cmp(&b.0));
    sources
}

/// The folder of an mdBook's text: `src` of `[book]` in `book.toml`, `src/` if it does not say. Its title is taken along.
fn book_root(names: &HashMap<&str, &[u8]>, title: &mut Option<String>) -> String {
    let Some(toml) = names.get("book.toml") else { return String::new() };
    let toml = String::from_utf8_lossy(toml);
    let mut src = "src".to_owned();
    let mut inside = false;
    // Two keys of one section: not worth a TOML reader.
    for line in toml.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line == "[book]";
        } else if inside && let Some((key, value)) = line.split_once('=') {
            let value = value.trim().trim_matches(['"', '\'']);
            match key.trim() {
                "title" => *title = Some(value.replace("\\\"", "\"")).filter(|t| !t.is_empty()),
                "src" => src = value.trim_matches('/').to_owned(),
                _ => {}
            }
        }
    }
    let root = if src.is_empty() || src == "." { String::new() } else { format!("{src}/") };
    if names.keys().any(|path| path.starts_with(&root) && is_markdown(path)) { root } else { String::new() }
}

/// Lone carriage returns, which ended the lines of old Macs, are line ends: front matter between them is front matter. No byte moves.
fn with_lines(text: &str) -> String {
    if !text.contains('\r') {
        return text.to_owned();
    }
    let mut chars = text.chars().peekable();
    let mut out = String::with_capacity(text.len());
    while let Some(c) = chars.next() {
        out.push(if c == '\r' && chars.peek() != Some(&'\n') { '\n' } else { c });
    }
    out
}

/// The text of a file. Bytes that are not UTF-8 are an error in a site, else a warning, and are then shown as `U+FFFD`.
fn decode(path: &str, bytes: &[u8], strict: bool, found: &mut Diagnostics) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => with_lines(text),
        Err(error) => {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let at = error.valid_up_to();
            let message = format!("this file is not UTF-8: byte {at} cannot be read");
            let finding = if strict { Diagnostic::error("file/not-utf8", message) } else { Diagnostic::warning("file/not-utf8", message) };
            found.push(finding.at(path, &text, at..at + 1).hint("save the file as UTF-8"));
            text
        }
    }
}

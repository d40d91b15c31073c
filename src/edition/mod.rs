//! The front half: sources as (path, bytes) become the checked content of a site at one moment.
//!
//! [`read()`] goes through these steps, each in a file of its own: files are sorted (`sources`), pages parsed (`draft`), placed in courses
//! (`place`, `summary`), named (`ids`), their links followed (`targets`, `links`), and rendered with their text sorted by access (`lesson`).

mod assets;
mod draft;
mod ids;
mod lesson;
mod links;
mod marks;
mod pin;
mod place;
mod read;
mod sources;
mod summary;
mod targets;
mod turn;
mod types;

pub use crate::config::{Language, Marks, Plate, Price, Product, Site};
pub use crate::content::{Epochs, OutlineMode};
pub use crate::markdown::{Carrier, Class, Heading, Prose, Sentence, Wording};
pub use pin::{Pin, pin};
pub use turn::turn;
pub use types::{Body, Course, Edition, Inside, Lesson, Node, Page, SealedAsset, StaticFile};

use std::collections::HashMap;

use crate::content::{is_markdown, stray};
use crate::diag::Diagnostics;
use crate::mark::Rules;

/// What [`read()`] needs to know beside the files.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// Name of the folder that was read: id and title of a bare folder that has no better one.
    pub root_name: String,
    /// Carrier lists and segmenter by number: [`Rules::of`], unless a test brings its own.
    pub rules: fn(u32) -> Option<Rules>,
    /// Where the site is published, in place of what its settings say.
    pub url: Option<String>,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { root_name: String::new(), rules: Rules::of, url: None }
    }
}

/// Reads a site from its files, paths relative to its folder with `/`. The edition is there unless errors forbid it; all findings are
/// collected in one run.
#[must_use]
pub fn read(files: Vec<(String, Vec<u8>)>, options: &ReadOptions) -> (Option<Edition>, Diagnostics) {
    read::read(files, options)
}

/// The files of a site, changed so that every course with a price, and every lesson of it, has an `id:` in its front matter: (path, new text) for
/// each file that changes, in the order of the paths. Nothing else in them is touched. Files that are not UTF-8 stay as they are.
#[must_use]
pub fn write_ids(files: &[(String, Vec<u8>)], options: &ReadOptions) -> Vec<(String, String)> {
    let relevant = files.iter().filter(|(path, _)| is_markdown(path) || path == sources::CONFIG).cloned().collect();
    let prepared = read::prepare(relevant, options, &mut Diagnostics::new());
    let originals: HashMap<&str, &[u8]> = files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    let mut edits = Vec::new();
    for (i, draft) in prepared.drafts.iter().enumerate() {
        let Some(plot) = prepared.places.spots.get(i).and_then(|s| s.course).and_then(|c| prepared.places.plots.get(c)) else { continue };
        let priced = plot.intro.and_then(|i| prepared.drafts.get(i)).is_some_and(|d| d.front.course.price.is_some());
        let id = prepared.ids.get(i).filter(|id| !id.is_empty());
        let original = originals.get(draft.path.as_str()).and_then(|bytes| std::str::from_utf8(bytes).ok());
        // Front matter that slipped would get a second one above it.
        let slipped = draft.split.unclosed || stray(&draft.text, &draft.split, false).is_some();
        if let (true, None, Some(id), Some(text), false) = (priced, &draft.front.id, id, original, slipped) {
            edits.push((draft.path.clone(), ids::insert(text, draft, id)));
        }
    }
    edits
}

//! The front half: sources as (path, bytes) become the checked content of a site at one moment.

mod types;

pub use crate::config::{Language, Price, Product, Site};
pub use crate::content::OutlineMode;
pub use crate::markdown::{Heading, Prose};
pub use types::{Body, Course, Edition, Inside, Lesson, Node, Page, SealedAsset, StaticFile};

use crate::diag::{Diagnostic, Diagnostics};

/// What [`read`] needs to know beside the files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Name of the folder that was read: id and title of a bare folder that has no better one.
    pub root_name: String,
    /// Read drafts too (nothing does yet: drafts are never built).
    pub drafts: bool,
}

/// Reads a site from its files, paths relative to its folder with `/`. The edition is there unless errors forbid it; all findings are
/// collected in one run.
#[must_use]
pub fn read(files: Vec<(String, Vec<u8>)>, options: &ReadOptions) -> (Option<Edition>, Diagnostics) {
    let _ = (files, options);
    (None, [Diagnostic::error("site/empty", "nothing is read yet")].into_iter().collect())
}

/// The files of a site, changed so that every lesson of a course with a price has an `id:` in its front matter: (path, new text) for
/// each file that changes, in the order of the paths. Nothing else in them is touched.
#[must_use]
pub fn write_ids(files: &[(String, Vec<u8>)], options: &ReadOptions) -> Vec<(String, String)> {
    let _ = (files, options);
    Vec::new()
}

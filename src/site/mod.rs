//! The back half: the checked content of a site becomes its files, as values. Nothing here touches a disk.

mod outputs;

pub use outputs::{Kind, OutPath, Output, Outputs};

use crate::protocol::SiteKey;

/// What sealing needs beside the content.
#[derive(Debug)]
pub struct Seals {
    /// The key of the site.
    pub key: SiteKey,
    /// True for a throw-away key: every page and the catalog say so, so that `deploy` can refuse them.
    pub preview: bool,
}

/// What a build made, for `--json` and for the lines that are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// HTML pages.
    pub pages: usize,
    /// Lessons that are free.
    pub free: usize,
    /// Lessons that begin free and end sealed.
    pub preview: usize,
    /// Lessons that are sealed.
    pub premium: usize,
    /// Images and downloads that are sealed.
    pub sealed_assets: usize,
    /// Bytes of all sealed files.
    pub sealed_bytes: u64,
}

//! The back half: the checked content of a site becomes its files, as values. Nothing here touches a disk.
//!
//! Sealed text goes two ways only: into sealed files, and into the gate. Everything else takes `Public`.

mod catalog;
mod course;
mod frame;
mod lean;
mod lock;
mod outputs;
mod pages;
mod passages;
mod seal;
mod support;

use std::sync::Arc;

use rayon::prelude::*;

use crate::access::Access;
use crate::catalog::Catalog;
use crate::diag::{Diagnostic, Diagnostics};
use crate::edition::Edition;
use crate::gate::Passages;
use crate::manifest::{self, Manifest};
use crate::protocol::{AssetEntry, SiteId, SiteKey};
use crate::template::Theme;

pub use outputs::{Kind, OutPath, Output, Outputs};

/// What sealing needs beside the content.
#[derive(Debug)]
pub struct Seals {
    /// The key of the site.
    pub key: SiteKey,
    /// True for a throw-away key: every page and the catalog say so, so that `deploy` can refuse them.
    pub preview: bool,
}

/// What the site is built for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// To be published: compressed as well as we can.
    #[default]
    Build,
    /// To be looked at once: compressed quickly.
    Preview,
}

/// A site as values.
#[derive(Debug)]
pub struct Assembled {
    /// Its files.
    pub outputs: Outputs,
    /// What it sells.
    pub catalog: Catalog,
    /// Numbers.
    pub figures: Figures,
    /// What opens the sealed assets, for [`passages()`].
    asset_keys: Vec<AssetEntry>,
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
    /// Sealed lesson files.
    pub sealed_lessons: usize,
    /// Sealed images and downloads.
    pub sealed_assets: usize,
    /// Bytes of all sealed files.
    pub sealed_bytes: u64,
}

impl Figures {
    /// All lessons.
    #[must_use]
    pub fn lessons(&self) -> usize {
        self.free + self.preview + self.premium
    }

    fn of(edition: &Edition) -> Self {
        let mut figures = Self::default();
        for (_, lesson) in edition.lessons() {
            match lesson.access {
                Access::Free => figures.free += 1,
                Access::Preview => figures.preview += 1,
                Access::Premium => figures.premium += 1,
            }
        }
        figures
    }
}

/// Makes every file of a site.
///
/// # Errors
/// Paid lessons without a key, paths that meet, text or files over the limits of the protocol, templates of the site that do not
/// render: all at once.
pub fn assemble(edition: &Edition, theme: &Theme, seals: Option<&Seals>, mode: Mode) -> Result<Assembled, Diagnostics> {
    let sealed = seal::seal(edition, seals, mode)?;
    let catalog = catalog::catalog(edition, seals, seals.is_some_and(|s| s.preview))?;
    let (support, mut files) = support::files(edition, theme);
    let frames = frame::Frames::new(edition, theme, &support, seals.is_some_and(|s| s.preview));
    let courses: Vec<course::Course<'_>> =
        edition.courses.par_iter().zip(&sealed.courses).map(|(course, sealed)| course::Course::new(&frames, course, sealed)).collect();
    let pages = pages::render(&frames, &courses)?;

    let mut figures = Figures::of(edition);
    for lesson in sealed.courses.iter().flat_map(|c| &c.lessons).flatten() {
        figures.sealed_lessons += 1;
        figures.sealed_bytes += lesson.bytes.len() as u64;
    }
    figures.sealed_assets = sealed.assets.len();
    figures.sealed_bytes += sealed.assets.values().map(|bytes| bytes.len() as u64).sum::<u64>();

    let mut all = Collected::default();
    for file in &edition.files {
        all.add(&file.path, &file.source, Output { bytes: Arc::clone(&file.bytes), media_type: file.media_type, kind: Kind::File });
    }
    for page in pages {
        // a site may bring its own 404.html or thanks page in `static/`
        if page.source.is_some() || all.outputs.get(&page.path).is_none() {
            figures.pages += 1;
            let output = Output { bytes: page.bytes.into(), media_type: "text/html; charset=utf-8", kind: Kind::Page };
            all.add(&page.path, page.source.unwrap_or("the theme"), output);
        }
    }
    for course in sealed.courses {
        for lesson in course.lessons.into_iter().flatten() {
            all.add_sealed(&seal::path(&lesson.name), lesson.bytes);
        }
    }
    for (name, bytes) in sealed.assets {
        all.add_sealed(&seal::path(&name), bytes);
    }
    if !edition.site.url.is_empty() {
        files.push((
            "catalog.json".to_owned(),
            Output { bytes: catalog.to_json().into(), media_type: "application/json", kind: Kind::Catalog },
        ));
    }
    for (path, output) in files {
        all.add(&path, "bookplate itself", output);
    }
    if !edition.site.url.is_empty() && mode == Mode::Build {
        let listed = all.manifest(&catalog.site, edition, seals).to_json();
        all.add(manifest::FILE, "bookplate itself", Output { bytes: listed.into(), media_type: "application/json", kind: Kind::Manifest });
    }
    all.look_for_blocked();
    if all.problems.has_errors() {
        return Err(all.problems);
    }
    Ok(Assembled { outputs: all.outputs, catalog, figures, asset_keys: sealed.asset_keys })
}

/// What an edition sells: the catalog that [`assemble`] writes; without what seals, it names no key.
///
/// # Errors
/// Ids that cannot be, products without a store.
pub fn catalog(edition: &Edition, seals: Option<&Seals>, preview: bool) -> Result<Catalog, Diagnostics> {
    catalog::catalog(edition, seals, preview)
}

/// What must not stand in the outputs of an edition: the gate's half of the work, so it is made, and timed, apart from them.
#[must_use]
pub fn passages(edition: &Edition, theme: &Theme, seals: Option<&Seals>, assembled: &Assembled) -> Passages {
    passages::passages(edition, theme, seals, &assembled.asset_keys)
}

/// Outputs with the sources that they come from, so that two for one path are named both.
#[derive(Default)]
struct Collected {
    outputs: Outputs,
    sources: std::collections::HashMap<OutPath, String>,
    problems: Diagnostics,
}

impl Collected {
    fn add(&mut self, path: &str, source: &str, output: Output) {
        let Some(path) = OutPath::parse(path) else {
            let message = format!("`{source}` would be written to `{path}`, which is no path that every host can serve");
            self.problems.push(Diagnostic::error("site/path", message).in_file(source).hint("rename the file or folder"));
            return;
        };
        match self.outputs.add(path.clone(), output) {
            Ok(()) => _ = self.sources.insert(path, source.to_owned()),
            Err(taken) => {
                let other = self.sources.get(&taken).map_or("?", String::as_str);
                let message = format!("`{source}` and `{other}` would both be written to `{taken}`");
                let hint = "rename one of them; letters of another case do not make another path";
                self.problems.push(Diagnostic::error("site/path-taken", message).in_file(source).hint(hint));
            }
        }
    }

    /// The list of all that was added. What stands in `static/` is listed by a hash of its path: no page need lead to it.
    fn manifest(&self, site: &SiteId, edition: &Edition, seals: Option<&Seals>) -> Manifest {
        let mut all = Manifest::new(site.clone(), format!("{}{}", edition.site.url, edition.site.base));
        for (path, output) in self.outputs.iter() {
            let listed = !self.sources.get(path).is_some_and(|source| source.starts_with("static/"));
            all.add(path.as_str(), &output.bytes, listed);
        }
        match seals {
            Some(seals) => all.signed(&seals.key),
            None => all,
        }
    }

    fn look_for_blocked(&mut self) {
        for (file, below) in self.outputs.blocked() {
            let of = |path: &OutPath| self.sources.get(path).cloned().unwrap_or_else(|| "?".to_owned());
            let (first, second) = (of(&file), of(&below));
            // What the author can rename is named first.
            let (source, other) = if second == "bookplate itself" { (first, second) } else { (second, first) };
            let message = format!("`{source}` and `{other}` cannot both be written: `{file}` would be a file and the folder of `{below}`");
            self.problems.push(Diagnostic::error("site/path-taken", message).in_file(source).hint("rename one of them"));
        }
    }

    fn add_sealed(&mut self, path: &str, bytes: Vec<u8>) {
        self.add(path, "a sealed file", Output { bytes: bytes.into(), media_type: "application/octet-stream", kind: Kind::Sealed });
    }
}

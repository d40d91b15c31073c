//! The stages in a row, for every command that builds: sources, edition, outputs, gate.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::content::is_markdown;
use crate::diag::{Diagnostic, Diagnostics};
use crate::edition::{self, Edition, ReadOptions};
use crate::gate::{self, GateReport};
use crate::site::{self, Assembled, Mode, Seals};
use crate::template::Theme;
use crate::{fs, publish};

/// What of a site's folder is read; the rest of a repository that is a site (its code, its tests) is none of ours.
const SITE_PARTS: [&str; 3] = ["content", "static", "themes"];

/// The name of a site's settings.
pub const SETTINGS: &str = "bookplate.yaml";

/// What may have lain in a bare folder and is never a lesson.
const NOT_SOURCES: [&str; 3] = ["out", "node_modules", "target"];

/// Seconds by stage.
#[derive(Debug, Clone, Copy, Default)]
pub struct Timings {
    /// Files from disk.
    pub read: Duration,
    /// Markdown to checked content, highlighting included.
    pub edition: Duration,
    /// Pages and sealed files.
    pub assemble: Duration,
    /// What is for sale read as passages, and the search for them in outputs.
    pub gate: Duration,
}

/// An edition with what was found while reading it.
pub struct Read {
    /// The content, unless errors forbid.
    pub edition: Option<Edition>,
    /// Everything that was found.
    pub diagnostics: Diagnostics,
    /// Read and edition are set.
    pub timings: Timings,
}

/// A whole site as values, checked by the gate.
pub struct Built {
    /// Outputs, catalog, figures.
    pub assembled: Assembled,
    /// What the gate saw.
    pub gate: GateReport,
    /// Warnings and notes; never errors.
    pub diagnostics: Diagnostics,
    /// All stages but writing.
    pub timings: Timings,
}

/// The files of a site, as (path with `/`, bytes).
pub fn sources(dir: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let dir_is = std::fs::metadata(dir).with_context(|| format!("there is no folder `{}`", dir.display()))?;
    if !dir_is.is_dir() {
        anyhow::bail!("`{}` is a file: name the folder of the site", dir.display());
    }
    let settings = dir.join(SETTINGS);
    if !settings.exists() {
        refuse_part_of_a_site(dir)?;
        return Ok(fs::read_tree(dir, &NOT_SOURCES)?);
    }
    let mut files = vec![(SETTINGS.to_owned(), fs::read(&settings)?)];
    for part in SITE_PARTS {
        let folder = dir.join(part);
        if folder.is_dir() {
            // Hosts read dot files: `.well-known/`, `.nojekyll`.
            let inside = if part == "static" { fs::read_all(&folder)? } else { fs::read_tree(&folder, &[])? };
            files.extend(inside.into_iter().map(|(path, bytes)| (format!("{part}/{path}"), bytes)));
        }
    }
    Ok(files)
}

/// A path with the links in the part of it that exists followed.
fn followed(path: &Path) -> Result<PathBuf> {
    let path = std::path::absolute(path).with_context(|| format!("`{}` is no path", path.display()))?;
    let there = path.ancestors().find_map(|above| Some((std::fs::canonicalize(above).ok()?, path.strip_prefix(above).ok()?)));
    Ok(there.map_or_else(|| path.clone(), |(real, rest)| real.join(rest)))
}

/// The output must not lie among the sources: the next build would read it as content.
pub fn refuse_sources(dir: &Path, out: &Path) -> Result<()> {
    let Ok(site) = std::fs::canonicalize(dir) else { return Ok(()) };
    let place = followed(out)?;
    for part in SITE_PARTS.map(|part| site.join(part)) {
        if site.join(SETTINGS).exists() && place.starts_with(&part) {
            anyhow::bail!(
                "`{}` lies in `{}`, from where the next build would read it\n  = help: choose a folder outside of it with `--out`",
                out.display(),
                part.display()
            );
        }
    }
    Ok(())
}

/// A folder inside a site's content, read by itself, would be a folder in which everything is free: prices and access stand above it.
fn refuse_part_of_a_site(dir: &Path) -> Result<()> {
    let Ok(dir) = std::fs::canonicalize(dir) else { return Ok(()) };
    for above in dir.ancestors().skip(1).filter(|above| above.join(SETTINGS).exists()) {
        if dir.starts_with(above.join("content")) {
            anyhow::bail!(
                "`{}` is a part of the site in `{}`; built by itself, all of it would be free\n  = help: name the folder that holds `{SETTINGS}`",
                dir.display(),
                above.display()
            );
        }
    }
    Ok(())
}

/// Warns of symbolic links, which are not read: one could lead out of the site, and what it leads to could be for nobody.
fn warn_of_links(dir: &Path, found: &mut Diagnostics) -> Result<()> {
    let links: Vec<String> = if dir.join(SETTINGS).exists() {
        let mut all = Vec::new();
        for part in SITE_PARTS.iter().filter(|part| dir.join(part).is_dir()) {
            all.extend(fs::links(&dir.join(part), &[])?.into_iter().map(|path| format!("{part}/{path}")));
        }
        all
    } else {
        // Of the other links in a stranger's folder nothing is known.
        fs::links(dir, &NOT_SOURCES)?.into_iter().filter(|path| is_markdown(path)).collect()
    };
    found.extend(links.into_iter().map(|path| {
        let finding = Diagnostic::warning("file/link", format!("`{path}` is a symbolic link, and is not read")).in_file(path);
        finding.hint("put the file itself there")
    }));
    Ok(())
}

/// How a site in this folder is read.
pub fn options(dir: &Path) -> ReadOptions {
    let name = std::fs::canonicalize(dir).ok().and_then(|d| d.file_name().map(|n| n.to_string_lossy().into_owned()));
    ReadOptions { root_name: name.unwrap_or_else(|| "site".into()), ..ReadOptions::default() }
}

/// Reads and checks a site.
pub fn read(dir: &Path) -> Result<Read> {
    read_with(dir, &options(dir))
}

/// Reads and checks a site, with options of one's own.
pub fn read_with(dir: &Path, options: &ReadOptions) -> Result<Read> {
    let start = Instant::now();
    let files = sources(dir)?;
    let read = start.elapsed();
    let start = Instant::now();
    let (edition, mut diagnostics) = edition::read(files, options);
    warn_of_links(dir, &mut diagnostics)?;
    Ok(Read { edition, diagnostics, timings: Timings { read, edition: start.elapsed(), ..Timings::default() } })
}

/// Makes the outputs of an edition and holds them against what is for sale.
///
/// # Errors
/// All errors of theme, sealing and gate; what was found while reading comes first.
pub fn assemble(edition: &Edition, seals: Option<&Seals>, mode: Mode, found: Diagnostics, timings: Timings) -> Result<Built, Diagnostics> {
    let mut diagnostics = found;
    let start = Instant::now();
    let theme = match Theme::with_overrides(&edition.theme_files) {
        Ok(theme) => theme,
        Err(wrong) => return Err(joined(diagnostics, wrong)),
    };
    let assembled = match site::assemble(edition, &theme, seals, mode) {
        Ok(assembled) => assembled,
        Err(wrong) => return Err(joined(diagnostics, wrong)),
    };
    let assemble = start.elapsed();
    let start = Instant::now();
    let passages = site::passages(edition, &theme, seals, &assembled);
    let mut gate = gate::check(assembled.outputs.bytes(), &passages);
    diagnostics.extend(std::mem::take(&mut gate.findings));
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    Ok(Built { assembled, gate, diagnostics, timings: Timings { assemble, gate: start.elapsed(), ..timings } })
}

/// Writes what changed.
pub fn publish(built: &Built, out: &Path) -> Result<publish::Published> {
    Ok(publish::publish(built.assembled.outputs.bytes(), out)?)
}

fn joined(mut all: Diagnostics, more: Diagnostics) -> Diagnostics {
    all.extend(more);
    all
}

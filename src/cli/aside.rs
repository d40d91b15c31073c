//! Files for the author alone: what shows both wordings, or whose copy a leak matches, must never be published by accident, and never
//! replace anything but an earlier one of its kind.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::secrets;
use crate::fs;

/// What the output folder of a build holds, see `publish`.
const BUILT: &str = ".bookplate";

/// A page that is to be written for the author alone.
#[derive(Clone, Copy)]
pub(super) struct Aside<'a> {
    /// Where.
    pub file: &'a Path,
    /// The folder of the site.
    pub site: &'a Path,
    /// What the run reads.
    pub inputs: &'a [&'a Path],
    /// How such a page begins: a file that begins otherwise is not replaced.
    pub begin: &'a str,
    /// What to do where the place is refused.
    pub instead: &'a str,
}

impl Aside<'_> {
    /// Refuses a place from which the page would soon be published, the folders of keys and orders, and every file that would be lost:
    /// only an earlier page of the same kind is replaced.
    ///
    /// # Errors
    /// When it is such a place, or cannot be looked at.
    pub(super) fn check(&self) -> Result<()> {
        let file = std::path::absolute(self.file).with_context(|| format!("`{}` is no path", self.file.display()))?;
        let nearest = file.ancestors().skip(1).find_map(|folder| std::fs::canonicalize(folder).ok()).unwrap_or_default();
        self.unpublished(&nearest)?;
        let folder = self.folder()?;
        for own in secrets::own_folders()?.iter().filter_map(|own| std::fs::canonicalize(own).ok()) {
            if folder.starts_with(&own) {
                return self.refuse(&format!("lies in `{}`, where keys and orders are kept", own.display()));
            }
        }
        let place = std::fs::canonicalize(self.file).ok();
        if place.is_some() && self.inputs.iter().any(|input| std::fs::canonicalize(input).ok() == place) {
            return self.refuse("is read by this run");
        }
        match std::fs::symlink_metadata(self.file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error).with_context(|| format!("cannot look at `{}`", self.file.display())),
            Ok(about) if !about.is_file() => self.refuse("is no regular file"),
            Ok(_) if fs::read_start(self.file, self.begin.len() as u64)? == self.begin.as_bytes() => Ok(()),
            Ok(_) => self.refuse("exists, and is no earlier page of this command"),
        }
    }

    /// Writes the page, for the owner's eyes; the place is looked at once more.
    ///
    /// # Errors
    /// See [`Aside::check`]; and when it cannot be written.
    pub(super) fn write(&self, page: &str) -> Result<()> {
        self.check()?;
        Ok(fs::write_private(self.file, page.as_bytes())?)
    }

    /// Writes the page into the state folder, which is made, and whose pages of this name are ours.
    ///
    /// # Errors
    /// When even that folder would be published, or nothing can be written there.
    pub(super) fn write_at_home(&self, page: &str) -> Result<()> {
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder)?;
        }
        self.unpublished(&self.folder()?)?;
        Ok(fs::write_private(self.file, page.as_bytes())?)
    }

    /// Refuses a folder inside the site's folder or the output of a build, or where git tracks files.
    fn unpublished(&self, folder: &Path) -> Result<()> {
        let site = std::fs::canonicalize(self.site).with_context(|| format!("there is no folder `{}`", self.site.display()))?;
        let published =
            |what: &str, place: &Path| self.refuse(&format!("lies in {what} `{}`, and is for the author alone", place.display()));
        if folder.starts_with(&site) {
            return published("the folder of the site", &site);
        }
        for above in folder.ancestors() {
            if above.join(BUILT).is_dir() {
                return published("the output of a build,", above);
            }
            if above.join(".git").exists() {
                return published("a folder that git tracks,", above);
            }
        }
        Ok(())
    }

    /// The folder of the file, links followed.
    fn folder(&self) -> Result<PathBuf> {
        let folder = self.file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let missing = || format!("there is no folder `{}`\n  = help: make it first, or {}", folder.display(), self.instead);
        std::fs::canonicalize(folder).ok().filter(|folder| folder.is_dir()).with_context(missing)
    }

    fn refuse(&self, why: &str) -> Result<()> {
        bail!("`{}` {why}\n  = help: {}", self.file.display(), self.instead)
    }
}

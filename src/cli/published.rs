//! What was published last: a build must not seal a course under keys that were given up.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::secrets;
use crate::catalog::Catalog;
use crate::edition::Edition;
use crate::fs;
use crate::protocol::SiteId;

/// The catalogs of the last build, in the output folder and in the state folder of the site.
pub(super) struct Memory {
    last: Vec<Catalog>,
    /// Where the next one is kept; `None` where nothing is sold, or where no home folder is known.
    state: Option<PathBuf>,
}

impl Memory {
    /// Of a site. Output of the preview key was never published: it neither binds nor is kept.
    pub(super) fn of(edition: &Edition, catalog: &Catalog, out: &Path) -> Result<Self> {
        if catalog.preview || catalog.courses.is_empty() {
            return Ok(Self { last: Vec::new(), state: None });
        }
        let state = secrets::state_folder(&SiteId::parse(&edition.site.id)?).ok().map(|folder| folder.join("published.json"));
        let places = [Some(out.join("catalog.json")), state.clone()];
        // What cannot be read is no catalog of ours: the folder of another program, or of another version.
        let read = |path: PathBuf| Catalog::from_json(&std::fs::read(path).ok()?).ok();
        let last = places.into_iter().flatten().filter_map(read).filter(|last| !last.preview && last.site == catalog.site).collect();
        Ok(Self { last, state })
    }

    /// Fails if a course would be sealed under a lower epoch than it was.
    pub(super) fn refuse_going_back(&self, catalog: &Catalog) -> Result<()> {
        for last in &self.last {
            if let Some((course, now, was)) = catalog.behind(last).first() {
                bail!(
                    "the course `{course}` was published under epoch {was}, and would be sealed under epoch {now}: copies that were locked out \
                     could open it\n  = help: write `epoch: {was}` into its front matter; a higher epoch comes from `bookplate rotate {course}`"
                );
            }
        }
        Ok(())
    }

    /// Says it if what was published last was sealed under another key: then nobody who paid can open what is published now.
    pub(super) fn warn_of_another_key(&self, catalog: &Catalog) {
        let other = |last: &&Catalog| last.key.is_some() && catalog.key.is_some() && last.key != catalog.key;
        if let Some((was, now)) = self.last.iter().find(other).and_then(|last| last.key.zip(catalog.key)) {
            eprintln!(
                "warning: this build is sealed under the key {now}, the one before under {was}: keys that readers hold open nothing of it\n  \
                 = help: if the key was not changed on purpose, restore the old one and build again before you publish"
            );
        }
    }

    /// Keeps what was published now. The output folder remembers it too, so that a home that cannot be written is no failure.
    pub(super) fn remember(&self, catalog: &Catalog) {
        if let Some(path) = &self.state {
            let kept =
                path.parent().is_some_and(|folder| fs::create_dir_all(folder).is_ok()) && fs::write(path, &catalog.to_json()).is_ok();
            if !kept {
                eprintln!(
                    "note: `{}` cannot be written, so the epochs of this build are remembered in the output folder alone",
                    path.display()
                );
            }
        }
    }
}

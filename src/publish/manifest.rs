//! The list of files that we wrote into an output folder.

use std::collections::BTreeSet;
use std::path::Path;

use super::disk;
use crate::fs::FsError;

const NAME: &str = "written";
const HEAD: &str = "# Files that bookplate wrote here. It replaces and removes these alone.";

/// Paths below the output folder, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Manifest(BTreeSet<String>);

impl Manifest {
    pub(super) fn of<'a>(paths: impl Iterator<Item = &'a str>) -> Self {
        Self(paths.map(str::to_owned).collect())
    }

    /// The list in our folder `own`; `None` where no build has written one. Lines that are no paths inside are ignored: what they name is not ours.
    pub(super) fn read(own: &Path) -> Result<Option<Self>, FsError> {
        let Some(bytes) = disk::read_if_there(&own.join(NAME))? else { return Ok(None) };
        let text = String::from_utf8_lossy(&bytes);
        Ok(Some(Self(text.lines().filter(|line| !line.starts_with('#') && super::is_inside(line)).map(str::to_owned).collect())))
    }

    pub(super) fn write(&self, own: &Path) -> Result<(), FsError> {
        disk::create_dir_all(own)?;
        let mut text = String::from(HEAD);
        for path in &self.0 {
            text.push('\n');
            text.push_str(path);
        }
        text.push('\n');
        crate::fs::write(&own.join(NAME), text.as_bytes())
    }

    pub(super) fn contains(&self, path: &str) -> bool {
        self.0.contains(path)
    }

    /// True if a file of the list lies below `folder`.
    pub(super) fn holds_folder(&self, folder: &str) -> bool {
        let start = format!("{folder}/");
        self.0.range(start.clone()..).next().is_some_and(|path| path.starts_with(&start))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    pub(super) fn union(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).cloned().collect())
    }
}

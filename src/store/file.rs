//! The file of a database: made for its owner alone, and still the one that was opened.

use std::io;
use std::path::{Path, PathBuf};

/// A file that was there, by its place and by what lies there.
#[derive(Debug)]
pub(super) struct File {
    path: PathBuf,
    id: Option<Id>,
}

/// Device and inode, where a system has them.
type Id = (u64, u64);

impl File {
    /// Makes the file with mode 0600, if it is missing, before SQLite does, whose own files then get the same mode.
    pub(super) fn make(path: &Path) -> io::Result<Self> {
        let mut options = std::fs::OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let id = id(&options.open(path)?.metadata()?);
        Ok(Self { path: path.to_owned(), id })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// True unless the file was deleted, or another one was put in its place: SQLite would go on writing into what nobody will find.
    pub(super) fn is_there(&self) -> bool {
        std::fs::metadata(&self.path).is_ok_and(|now| id(&now) == self.id)
    }
}

#[cfg(unix)]
#[allow(clippy::unnecessary_wraps, reason = "other systems have none")]
fn id(of: &std::fs::Metadata) -> Option<Id> {
    use std::os::unix::fs::MetadataExt as _;
    Some((of.dev(), of.ino()))
}

#[cfg(not(unix))]
fn id(_: &std::fs::Metadata) -> Option<Id> {
    None
}

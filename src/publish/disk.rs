//! The few file operations of the writer, with errors that name the path, and steps that can be undone.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::PublishError;
use crate::fs::FsError;

pub(super) use crate::fs::create_dir_all;

fn named<T>(what: &'static str, path: &Path, result: io::Result<T>) -> Result<T, FsError> {
    result.map_err(|source| FsError { what, path: path.to_owned(), source })
}

/// The result, with `None` where nothing is there.
fn if_there<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        other => other.map(Some),
    }
}

pub(super) fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, FsError> {
    named("read", path, if_there(fs::read(path)))
}

pub(super) fn remove_dir_all(path: &Path) -> Result<(), FsError> {
    named("remove", path, if_there(fs::remove_dir_all(path)).map(drop))
}

/// Writes a file that nobody reads yet.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), FsError> {
    named("write", path, fs::write(path, bytes))
}

/// A name in the folder that does not begin with a dot, the first in order; `None` if there is none, or no folder.
pub(super) fn first_visible_name(dir: &Path) -> Result<Option<String>, FsError> {
    let Some(entries) = named("read", dir, if_there(fs::read_dir(dir)))? else {
        return match dir.symlink_metadata() {
            Ok(_) => named("read", dir, Err(io::Error::other("it is not a folder"))),
            Err(_) => Ok(None),
        };
    };
    let mut names = BTreeSet::new();
    for entry in entries {
        let name = named("read", dir, entry)?.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            names.insert(name);
        }
    }
    Ok(names.pop_first())
}

/// What stands at a path.
pub(super) enum Compared {
    /// Nothing.
    Absent,
    /// A file with these bytes.
    Same,
    /// Something else.
    Different,
    /// A folder.
    Folder,
}

/// Holds the file at `path` against `bytes`. Times of change are never looked at.
pub(super) fn compare(path: &Path, bytes: &[u8]) -> Result<Compared, FsError> {
    let Some(found) = named("read", path, if_there(path.symlink_metadata()))? else { return Ok(Compared::Absent) };
    if found.is_dir() {
        return Ok(Compared::Folder);
    }
    if !found.is_file() || found.len() != bytes.len() as u64 {
        return Ok(Compared::Different);
    }
    Ok(if named("read", path, fs::read(path))? == bytes { Compared::Same } else { Compared::Different })
}

/// Refuses a symbolic link among the folders from `dir` down to `folder`.
pub(super) fn refuse_links(dir: &Path, folder: &str) -> Result<(), PublishError> {
    let mut path = dir.to_owned();
    for name in folder.split('/').filter(|name| !name.is_empty()) {
        path.push(name);
        match path.symlink_metadata() {
            Ok(found) if found.is_symlink() => return Err(PublishError::Link { path }),
            Ok(_) => {}
            Err(_) => break,
        }
    }
    Ok(())
}

/// Removes the folders of `paths` that have become empty.
pub(super) fn remove_empty_folders<'a>(dir: &Path, paths: impl Iterator<Item = &'a str>) -> Result<(), FsError> {
    let mut folders = BTreeSet::new();
    for path in paths {
        let mut rest = path;
        while let Some((folder, _)) = rest.rsplit_once('/') {
            folders.insert(folder);
            rest = folder;
        }
    }
    // the deepest first
    for folder in folders.iter().rev() {
        let path = dir.join(folder);
        if fs::read_dir(&path).is_ok_and(|mut entries| entries.next().is_none()) {
            named("remove", &path, fs::remove_dir(&path))?;
        }
    }
    Ok(())
}

/// What was done, so that it can be undone. Former files are kept as further links to the same data: no bytes are copied.
pub(super) struct Undo {
    saved: PathBuf,
    steps: Vec<(PathBuf, Option<PathBuf>)>,
}

impl Undo {
    /// Former files are kept in the folder `saved`, which lies in the same file system.
    pub(super) fn new(saved: PathBuf) -> Self {
        Self { saved, steps: Vec::new() }
    }

    /// Renames `staged` over `target`.
    pub(super) fn replace(&mut self, staged: &Path, target: &Path) -> Result<(), FsError> {
        if let Some(parent) = target.parent() {
            create_dir_all(parent)?;
        }
        let saved = self.save(target)?;
        named("write", target, fs::rename(staged, target))?;
        self.steps.push((target.to_owned(), saved));
        Ok(())
    }

    /// Removes a file; says whether it was there.
    pub(super) fn remove(&mut self, target: &Path) -> Result<bool, FsError> {
        let Some(saved) = self.save(target)? else { return Ok(false) };
        named("remove", target, fs::remove_file(target))?;
        self.steps.push((target.to_owned(), Some(saved)));
        Ok(true)
    }

    /// Takes every step back, the last first, as far as the disk allows.
    pub(super) fn undo(self) {
        for (target, saved) in self.steps.into_iter().rev() {
            let _ = match saved {
                Some(saved) => target.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::rename(saved, &target)),
                None => fs::remove_file(&target),
            };
        }
    }

    /// Keeps the file at `target`, if one is there.
    fn save(&self, target: &Path) -> Result<Option<PathBuf>, FsError> {
        match named("read", target, if_there(target.symlink_metadata()))? {
            Some(found) if !found.is_dir() => {}
            _ => return Ok(None),
        }
        create_dir_all(&self.saved)?;
        let saved = self.saved.join(self.steps.len().to_string());
        // not every file system has hard links
        let kept = fs::hard_link(target, &saved).or_else(|_| fs::copy(target, &saved).map(drop));
        named("keep a copy of", target, kept)?;
        Ok(Some(saved))
    }
}

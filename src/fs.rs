//! File access whose errors name the path, and writes that are whole or not at all.

use std::io;
use std::path::{Path, PathBuf};

/// A file operation that failed, with its path.
#[derive(Debug, thiserror::Error)]
#[error("cannot {what} `{path}`: {source}", path = path.display())]
pub struct FsError {
    /// What was tried: `read`, `write`, ...
    pub what: &'static str,
    /// Where.
    pub path: PathBuf,
    /// Why it failed.
    #[source]
    pub source: io::Error,
}

fn named<T>(what: &'static str, path: &Path, result: io::Result<T>) -> Result<T, FsError> {
    result.map_err(|source| FsError { what, path: path.to_owned(), source })
}

/// Reads a whole file.
pub fn read(path: &Path) -> Result<Vec<u8>, FsError> {
    named("read", path, std::fs::read(path))
}

/// Reads the first bytes of a file, at most `most`.
pub fn read_start(path: &Path, most: u64) -> Result<Vec<u8>, FsError> {
    use std::io::Read as _;
    let mut start = Vec::new();
    named("read", path, std::fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut start)))?;
    Ok(start)
}

/// Reads a whole file as UTF-8.
pub fn read_to_string(path: &Path) -> Result<String, FsError> {
    named("read", path, std::fs::read_to_string(path))
}

/// Makes a folder and its parents.
pub fn create_dir_all(path: &Path) -> Result<(), FsError> {
    named("make the folder", path, std::fs::create_dir_all(path))
}

/// Writes `bytes` beside `path` and renames it into place, so that a reader sees the old file or the new one, never half of either.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), FsError> {
    write_with(path, bytes, |_| Ok(()))
}

/// Like [`write()`], readable by the owner alone (0600 on Unix): for keys.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), FsError> {
    write_with(path, bytes, |file| {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        }
        let _ = file;
        Ok(())
    })
}

fn write_with(path: &Path, bytes: &[u8], prepare: impl Fn(&std::fs::File) -> io::Result<()>) -> Result<(), FsError> {
    use std::io::Write as _;
    let attempt = || {
        let name = path.file_name().ok_or_else(|| io::Error::other("the path has no file name"))?;
        let mut partial = std::ffi::OsString::from(".");
        partial.push(name);
        partial.push(format!(".{}.part", std::process::id()));
        let partial = path.with_file_name(partial);
        let written = (|| {
            let mut file = std::fs::File::create(&partial)?;
            prepare(&file)?;
            file.write_all(bytes)?;
            std::fs::rename(&partial, path)
        })();
        if written.is_err() {
            let _ = std::fs::remove_file(&partial);
        }
        written
    };
    named("write", path, attempt())
}

/// Every file below `root`, those whose name begins with a dot too, without what version control, editors and desktops leave behind;
/// as [`read_tree()`].
#[cfg(feature = "site")]
pub fn read_all(root: &Path) -> Result<Vec<(String, Vec<u8>)>, FsError> {
    let junk = |name: &str| {
        [".git", ".gitignore", ".gitattributes", ".gitkeep", ".keep", ".svn", ".hg", ".jj", ".DS_Store", ".directory", ".idea", ".vscode"]
            .contains(&name)
            || name.starts_with("._")
            || name.starts_with(".env")
            || name.ends_with(".swp")
            || name.ends_with('~')
            || name.ends_with(".part") && name.starts_with('.')
    };
    files(root, walk_where(root, move |entry| entry.depth() == 0 || !junk(&entry.file_name().to_string_lossy())))
}

/// Every file below `root` as (path with `/`, bytes), sorted by path. Files and folders whose name begins with a dot, and the folders
/// in `skip` (paths below `root`), are left out, except GitBook's `.gitbook`, where its images live. Symbolic links are not followed: a link could point outside the site.
#[cfg(feature = "site")]
pub fn read_tree(root: &Path, skip: &[&str]) -> Result<Vec<(String, Vec<u8>)>, FsError> {
    files(root, walk(root, skip))
}

#[cfg(feature = "site")]
fn files(root: &Path, entries: impl Iterator<Item = Result<walkdir::DirEntry, FsError>>) -> Result<Vec<(String, Vec<u8>)>, FsError> {
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type().is_file() {
            files.push((relative(root, entry.path()), read(entry.path())?));
        }
    }
    Ok(files)
}

/// The symbolic links that [`read_tree()`] leaves out, as paths with `/`, sorted.
#[cfg(feature = "site")]
pub fn links(root: &Path, skip: &[&str]) -> Result<Vec<String>, FsError> {
    let links = walk(root, skip).filter(|entry| entry.as_ref().map_or(true, |e| e.depth() > 0 && e.path_is_symlink()));
    links.map(|entry| Ok(relative(root, entry?.path()))).collect()
}

/// What lies below `root` and is not left out by its name.
#[cfg(feature = "site")]
fn walk(root: &Path, skip: &[&str]) -> impl Iterator<Item = Result<walkdir::DirEntry, FsError>> {
    walk_where(root, move |entry| {
        let name = entry.file_name().to_string_lossy();
        let hidden = entry.depth() > 0 && name.starts_with('.') && name != ".gitbook";
        !hidden && !skip.iter().any(|s| relative(root, entry.path()) == *s)
    })
}

#[cfg(feature = "site")]
fn walk_where(root: &Path, wanted: impl FnMut(&walkdir::DirEntry) -> bool) -> impl Iterator<Item = Result<walkdir::DirEntry, FsError>> {
    walkdir::WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(wanted).map(move |entry| {
        entry.map_err(|e| FsError {
            what: "read",
            path: e.path().unwrap_or(root).to_owned(),
            source: e.into_io_error().unwrap_or_else(|| io::Error::other("links in circles")),
        })
    })
}

#[cfg(feature = "site")]
fn relative(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    below.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}

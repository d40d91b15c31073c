//! The only writer of a site: outputs into a folder, so that a reader of the folder sees the last good site or the new one.
//!
//! 1. What differs from the folder is written into a stage beside its target, in `.bookplate/`. A build that fails or is killed here has changed
//!    nothing.
//! 2. All of it is renamed into place, and what a former build wrote and this one did not is removed. If anything fails, every step
//!    is undone. A build that is killed in this short phase leaves whole files of both; the next build completes it.
//!
//! `.bookplate/written` lists what we wrote. Only those files are ever replaced or removed; a folder that holds something else is refused.

mod disk;
mod manifest;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::fs::FsError;
use disk::Undo;
use manifest::Manifest;

/// Our folder in the output folder: the list of what we wrote, and the stage while a build is written.
const OWN: &str = ".bookplate";

/// What a build changed on disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Published {
    /// Files that are new or different.
    pub written: usize,
    /// Files that were right already.
    pub unchanged: usize,
    /// Files of a former build that are gone.
    pub removed: usize,
}

/// Why nothing was published. The folder is as it was.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The folder holds files that no build of ours wrote.
    #[error("`{}` is not empty and was not written by bookplate (found `{found}`): choose another folder with `--out`, or empty it", dir.display())]
    Foreign {
        /// The output folder.
        dir: PathBuf,
        /// One name in it.
        found: String,
    },
    /// Something that we did not write stands where an output belongs.
    #[error("{}", occupied(paths))]
    Occupied {
        /// Where: all such places.
        paths: Vec<PathBuf>,
    },
    /// A folder inside the output folder is a symbolic link: files would be written elsewhere.
    #[error("`{}` is a symbolic link: replace it by a folder, so that nothing is written outside the output folder", path.display())]
    Link {
        /// Where.
        path: PathBuf,
    },
    /// A path that leaves the folder, or our own.
    #[error("`{path}` is not a path inside the output folder")]
    Path {
        /// As given.
        path: String,
    },
    /// The disk said no.
    #[error("{0}: check that the output folder may be written and that the disk is not full; nothing was changed")]
    Fs(#[from] FsError),
}

/// The message of [`PublishError::Occupied`].
fn occupied(paths: &[PathBuf]) -> String {
    const NAMED: usize = 20;
    let mut names: Vec<String> = paths.iter().take(NAMED).map(|path| format!("`{}`", path.display())).collect();
    if paths.len() > NAMED {
        names.push(format!("{} more", paths.len() - NAMED));
    }
    match names.as_slice() {
        [one] => format!("{one} was not written by bookplate and stands where a page belongs: move it into `static/`, or remove it"),
        all => format!(
            "{} were not written by bookplate and stand where pages belong: move them into `static/`, or remove them",
            all.join(", ")
        ),
    }
}

/// Makes `dir` hold exactly `outputs`, given as (path with `/` below it, bytes), beside what it holds of others under names that begin with a dot.
pub fn publish<'a>(outputs: impl IntoIterator<Item = (&'a str, &'a [u8])>, dir: &Path) -> Result<Published, PublishError> {
    let outputs: Vec<(&str, &[u8])> = outputs.into_iter().collect();
    if let Some((path, _)) = outputs.iter().find(|(path, _)| !is_inside(path)) {
        return Err(PublishError::Path { path: (*path).to_owned() });
    }
    let former = former(dir)?;
    disk::create_dir_all(dir)?;
    let own = dir.join(OWN);
    let stage = own.join("stage");
    disk::remove_dir_all(&stage)?;
    let written = stage_changed(&outputs, dir, &stage, &former);
    let result = written.and_then(|written| commit(&outputs, &written, dir, &stage, &former));
    let cleared = disk::remove_dir_all(&stage);
    let published = result?;
    cleared?;
    Ok(published)
}

/// The paths that the last build wrote into `dir`; none where no build has.
///
/// # Errors
/// When the list cannot be read.
pub fn written(dir: &Path) -> Result<Vec<String>, FsError> {
    Ok(Manifest::read(&dir.join(OWN))?.unwrap_or_default().iter().map(str::to_owned).collect())
}

/// What we wrote before; an error if the folder is somebody else's.
fn former(dir: &Path) -> Result<Manifest, PublishError> {
    if let Some(manifest) = Manifest::read(&dir.join(OWN))? {
        return Ok(manifest);
    }
    match disk::first_visible_name(dir)? {
        Some(found) => Err(PublishError::Foreign { dir: dir.to_owned(), found }),
        None => Ok(Manifest::default()),
    }
}

/// Writes what differs into the stage, in parallel; returns the indices of those outputs.
fn stage_changed(outputs: &[(&str, &[u8])], dir: &Path, stage: &Path, former: &Manifest) -> Result<Vec<usize>, PublishError> {
    let folders: BTreeSet<&str> = outputs.iter().filter_map(|(path, _)| Some(path.rsplit_once('/')?.0)).collect();
    for folder in &folders {
        disk::refuse_links(dir, folder)?;
    }
    let differs: Vec<(usize, bool)> = outputs
        .par_iter()
        .enumerate()
        .filter_map(|(i, (path, bytes))| match disk::compare(&dir.join(path), bytes) {
            Ok(disk::Compared::Same) => None,
            Ok(disk::Compared::Absent) => Some(Ok((i, true))),
            Ok(disk::Compared::Different) => Some(Ok((i, former.contains(path)))),
            // a folder of ours may become a file
            Ok(disk::Compared::Folder) => Some(Ok((i, former.holds_folder(path)))),
            Err(e) => Some(Err(e)),
        })
        .collect::<Result<_, _>>()?;
    let paths: Vec<PathBuf> = differs.iter().filter(|(_, ours)| !ours).map(|(i, _)| dir.join(outputs[*i].0)).collect();
    if !paths.is_empty() {
        return Err(PublishError::Occupied { paths });
    }
    let changed: Vec<usize> = differs.into_iter().map(|(i, _)| i).collect();
    disk::create_dir_all(stage)?;
    changed.par_iter().try_for_each(|i| disk::write_new(&stage.join(i.to_string()), outputs[*i].1))?;
    Ok(changed)
}

/// Renames the stage into place and removes what is stale, or undoes all of it.
fn commit(outputs: &[(&str, &[u8])], changed: &[usize], dir: &Path, stage: &Path, former: &Manifest) -> Result<Published, PublishError> {
    let current = Manifest::of(outputs.iter().map(|(path, _)| *path));
    let stale: Vec<&str> = former.iter().filter(|path| !current.contains(path)).collect();
    let own = dir.join(OWN);
    // Until the end the list names old and new files, so that a killed build is recognised and completed by the next.
    former.union(&current).write(&own)?;
    let mut undo = Undo::new(stage.join("saved"));
    let step = |undo: &mut Undo| -> Result<usize, PublishError> {
        let mut removed = 0;
        for path in &stale {
            disk::refuse_links(dir, path.rsplit_once('/').map_or("", |(folder, _)| folder))?;
            removed += usize::from(undo.remove(&dir.join(path))?);
        }
        disk::remove_empty_folders(dir, stale.iter().copied())?;
        // Sealed files and scripts first, pages last: a page never names what is not there yet.
        let mut order: Vec<usize> = changed.to_vec();
        order.sort_by_key(|i| outputs[*i].0.ends_with(".html"));
        for i in order {
            undo.replace(&stage.join(i.to_string()), &dir.join(outputs[i].0))?;
        }
        current.write(&own)?;
        Ok(removed)
    };
    match step(&mut undo) {
        Ok(removed) => Ok(Published { written: changed.len(), unchanged: outputs.len() - changed.len(), removed }),
        Err(error) => {
            undo.undo();
            let _ = former.write(&own);
            Err(error)
        }
    }
}

/// A relative path of plain names; not our own folder.
fn is_inside(path: &str) -> bool {
    let plain = |name: &str| !name.is_empty() && name != "." && name != ".." && !name.contains(['\\', '\0', '\n']);
    path.split('/').all(plain) && path.split('/').next() != Some(OWN)
}

//! Where files for the author alone may lie: what shows both wordings, or whose copy a leak matches, must never be published by accident.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// What the output folder of a build holds, see `publish`.
const BUILT: &str = ".bookplate";

/// Refuses a place from which a file for the author's eyes would soon be published: inside the site's folder or the output of a build,
/// or where git tracks files. `instead` says what to do.
///
/// # Errors
/// When it is such a place, or cannot be looked at.
pub(super) fn for_the_author(file: &Path, site: &Path, instead: &str) -> Result<()> {
    let folder = nearest_folder(file)?;
    let site = std::fs::canonicalize(site).with_context(|| format!("there is no folder `{}`", site.display()))?;
    let refused = |why: String| format!("`{}` {why}, and this file is for the author alone\n  = help: {instead}", file.display());
    if folder.starts_with(&site) {
        bail!(refused(format!("lies in the folder of the site `{}`", site.display())));
    }
    for above in folder.ancestors() {
        if above.join(BUILT).is_dir() {
            bail!(refused(format!("lies in the output of a build, `{}`", above.display())));
        }
        if above.join(".git").exists() {
            bail!(refused(format!("lies in a folder that git tracks, `{}`", above.display())));
        }
    }
    Ok(())
}

/// The folder in which a file lies or will lie, links followed; of folders that do not exist the first above them that does.
fn nearest_folder(file: &Path) -> Result<PathBuf> {
    let file = std::path::absolute(file).with_context(|| format!("`{}` is no path", file.display()))?;
    let exists = file.ancestors().skip(1).find_map(|folder| std::fs::canonicalize(folder).ok());
    exists.with_context(|| format!("`{}` is no path to a file", file.display()))
}

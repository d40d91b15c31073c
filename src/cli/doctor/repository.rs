//! The folder of a site and its git repository: where secrets may have got to, where the source is published.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Result;

use crate::doctor::{Leaks, holds_a_site_key};
use crate::fs;

/// Folders that hold what others wrote, and what was built.
const NOT_OURS: [&str; 4] = [".git", "node_modules", "target", "out"];
/// Longer files are no settings, in bytes.
const LONGEST: u64 = 1024 * 1024;

/// Looks for site keys, and for these secrets, in all files of the repository (or of the folder, without one), ignored ones too; and for
/// site keys in the history.
pub(super) fn leaks(dir: &Path, secrets: &[String]) -> Result<Leaks> {
    let root = git(dir, &["rev-parse", "--show-toplevel"]).map_or_else(|| dir.to_owned(), |path| PathBuf::from(path.trim()));
    let mut found = Leaks::default();
    walk(&root, &mut |path| {
        if std::fs::metadata(path).is_ok_and(|file| file.len() <= LONGEST) {
            let text = String::from_utf8_lossy(&fs::read(path)?).into_owned();
            if holds_a_site_key(&text) || secrets.iter().any(|secret| text.contains(secret.as_str())) {
                found.files.push(path.strip_prefix(&root).unwrap_or(path).display().to_string());
            }
        }
        Ok(())
    })?;
    found.files.sort();
    // Every commit that added or removed the beginning of a key, with what it changed.
    match git(dir, &["log", "--all", "-p", "--no-color", "--no-ext-diff", "--format=commit %h", "-S", "bookplate_site_key_v1_"]) {
        None => found.no_history = Some("there is no git repository"),
        Some(text) => {
            let commits = text.split("\ncommit ").map(|part| part.strip_prefix("commit ").unwrap_or(part));
            found.commits =
                commits.filter(|part| holds_a_site_key(part)).filter_map(|part| part.lines().next().map(str::to_owned)).collect();
        }
    }
    Ok(found)
}

/// Where the source is pushed to.
pub(super) fn remote(dir: &Path) -> Option<String> {
    let name = git(dir, &["remote"])?.lines().find(|name| !name.is_empty())?.to_owned();
    let names = git(dir, &["remote"])?;
    let name = if names.lines().any(|known| known == "origin") { "origin".to_owned() } else { name };
    Some(git(dir, &["remote", "get-url", &name])?.trim().to_owned()).filter(|url| !url.is_empty())
}

fn walk(dir: &Path, visit: &mut dyn FnMut(&Path) -> Result<()>) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Ok(()) };
    for entry in entries.flatten() {
        let (path, Ok(kind)) = (entry.path(), entry.file_type()) else { continue };
        if kind.is_file() {
            visit(&path)?;
        } else if kind.is_dir() && !NOT_OURS.iter().any(|name| entry.file_name() == *name) {
            walk(&path, visit)?;
        }
    }
    Ok(())
}

/// What git says; `None` where it fails or is not there.
fn git(dir: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    command.arg("-C").arg(dir).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).env("GIT_TERMINAL_PROMPT", "0");
    let output = command.output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

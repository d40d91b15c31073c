//! `bookplate trace`: which copy a leak matches.

use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::args::TraceArguments;
use super::aside::for_the_author;
use super::case::{Case, Ledger, shown};
use super::{secrets, watched};
use crate::fs;
use crate::keyserver::system_clock;
use crate::protocol::SiteKey;
use crate::site::{self, Kind, Mode, Seals};
use crate::template::Theme;
use crate::trace::budget::{Budget, Entry, Run};
use crate::trace::leak::LEAK_MAX;
use crate::trace::report::{Arbiter, Report};
use crate::trace::{Examiner, Inputs, Leak, LeakError, LeakFile, Verdict};

/// The logs of runs, in the state folder of the site: in earnest, and with the preview's key.
const LOGS: [&str; 2] = ["trace.log", "preview-trace.log"];

pub(super) fn run(arguments: &TraceArguments) -> Result<()> {
    let case = Case::open(&arguments.case)?;
    if let Some(path) = &arguments.report {
        for_the_author(path, &arguments.case.site, "choose another place, such as your home or a temporary folder")?;
    }
    let files = arguments.leaks.iter().map(|path| read(path)).collect::<Result<Vec<_>>>()?;
    let sizes = files.iter().map(|file| (file.name.clone(), file.bytes.len() as u64)).collect();
    let leak = Leak::read(&files)?;
    let key = case.key()?;
    let Ledger { copies, forgotten } = case.ledger()?;
    let strange: Vec<&str> = copies.courses().into_iter().filter(|id| case.catalog.course(id).is_none()).map(|id| id.as_str()).collect();
    if !strange.is_empty() {
        eprintln!("note: orders for courses that these lessons do not have are not looked at: {}", strange.join(", "));
    }
    progress("reading the leak");
    // Only keys are held against sealed files.
    let sealed = if leak.bytes().is_empty() { Vec::new() } else { sealed(&case, &key, arguments.case.preview_key)? };
    let sealed: Vec<&[u8]> = sealed.iter().map(AsRef::as_ref).collect();
    let evidence = Examiner::new(&case.edition, &key, &sealed)?.examine(&leak);

    let inputs = Inputs::new(case.site.clone(), &case.edition, leak.digest(), evidence, &copies);
    let Run { number, again } = count(&case, &inputs, LOGS[usize::from(arguments.case.preview_key)])?;
    progress("computing copies");
    let verdict = Verdict::reach(&key, &inputs, &copies, number)?;
    let arbiter = arguments.arbiter.then(|| Arbiter::disclose(&key, &inputs, &verdict));
    let source = case.orders().display().to_string();
    let orders = copies.orders().len() as u64;
    let report = Report { inputs: &inputs, verdict: &verdict, files: sizes, source, orders, forgotten, again, arbiter };
    if let Some(path) = &arguments.report {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder)?;
        }
        fs::write_private(path, report.to_html().as_bytes())?;
        eprintln!("wrote {}", path.display());
    }
    if arguments.json {
        say!("{:#}", report.to_json());
    } else {
        say!("{}", report.to_text().trim_end());
    }
    Ok(())
}

fn read(path: &Path) -> Result<LeakFile> {
    let about = std::fs::metadata(path).with_context(|| format!("cannot read the leak `{}`", path.display()))?;
    if about.is_dir() {
        bail!("the leak `{}` is a folder\n  = help: name the files in it", path.display());
    }
    if usize::try_from(about.len()).is_ok_and(|bytes| bytes > LEAK_MAX) {
        let megabytes = usize::try_from(about.len() >> 20).unwrap_or(usize::MAX);
        return Err(LeakError::Long { megabytes }.into());
    }
    let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    Ok(LeakFile { name, bytes: fs::read(path)? })
}

/// The sealed files of the edition, for keys that were made from them. The preview compresses otherwise than a build, which makes other keys.
fn sealed(case: &Case, key: &SiteKey, preview: bool) -> Result<Vec<std::sync::Arc<[u8]>>> {
    let theme = Theme::with_overrides(&case.edition.theme_files).map_err(shown)?;
    let seals = Seals { key: key.clone(), preview };
    let modes: &[Mode] = if preview { &[Mode::Build, Mode::Preview] } else { &[Mode::Build] };
    let mut files = Vec::new();
    for mode in modes {
        let assembled = site::assemble(&case.edition, &theme, Some(&seals), *mode).map_err(shown)?;
        files.extend(assembled.outputs.iter().filter(|(_, output)| output.kind == Kind::Sealed).map(|(_, output)| output.bytes.clone()));
    }
    Ok(files)
}

/// Counts this run, and keeps the hash of its inputs, before any copy is looked at. Two runs at once are counted one after the other.
fn count(case: &Case, inputs: &Inputs, log: &str) -> Result<Run> {
    if inputs.courses.is_empty() {
        // Nothing is tested, so nothing is spent.
        return Ok(Run { number: 1, again: false });
    }
    let folder = secrets::state_folder(&case.site)?;
    fs::create_dir_all(&folder)?;
    let path: PathBuf = folder.join(log);
    let cannot = || format!("cannot count this run in `{}`", path.display());
    let mut file = std::fs::OpenOptions::new().read(true).append(true).create(true).open(&path).with_context(cannot)?;
    file.lock().with_context(cannot)?;
    let mut text = String::new();
    file.rewind().with_context(cannot)?;
    file.read_to_string(&mut text).with_context(cannot)?;
    let run = Budget::parse(&path.display().to_string(), &text).map_err(shown)?.run(inputs.leak, |number| inputs.commit(number));
    if !run.again {
        let entry = Entry { at: system_clock(), leak: inputs.leak, run: run.number, commit: inputs.commit(run.number) };
        file.write_all(entry.to_line().as_bytes()).with_context(cannot)?;
        file.sync_all().with_context(cannot)?;
    }
    Ok(run)
}

fn progress(what: &str) {
    if watched() {
        eprint!("\r\x1b[K{what} ...\r");
    }
}

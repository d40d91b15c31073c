//! `bookplate trace`: which copy a leak matches.

use std::ffi::OsStr;
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;

use super::args::TraceArguments;
use super::aside::Aside;
use super::case::{Case, Ledger, shown};
use super::{secrets, watched};
use crate::diag::visible;
use crate::fs;
use crate::keyserver::system_clock;
use crate::protocol::{OrderRef, SiteKey};
use crate::site::{self, Kind, Mode, Seals};
use crate::template::Theme;
use crate::trace::budget::{Budget, Entry, Run, Traits};
use crate::trace::leak::LEAK_MAX;
use crate::trace::report::{Arbiter, PAGE_BEGIN, Report};
use crate::trace::{Examiner, Inputs, Leak, LeakError, LeakFile, Verdict};

/// The logs of runs, in the state folder of the site: in earnest, and with the preview's key.
const LOGS: [&str; 2] = ["trace.log", "preview-trace.log"];

pub(super) fn run(arguments: &TraceArguments) -> Result<()> {
    let case = Case::open(&arguments.case)?;
    let inputs: Vec<&Path> = arguments.leaks.iter().map(PathBuf::as_path).chain([case.orders()]).collect();
    let aside = arguments.report.as_deref().map(|file| Aside {
        file,
        site: &arguments.case.site,
        inputs: &inputs,
        begin: PAGE_BEGIN,
        instead: "choose another place, such as a new file in your home folder",
    });
    if let Some(aside) = &aside {
        aside.check()?;
    }
    let files = leaked(&arguments.leaks)?;
    let sizes = files.iter().map(|file| (file.name.clone(), file.bytes.len() as u64)).collect();
    let leak = Leak::read(&files)?;
    drop(files);
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
    let source = visible(&case.orders().display().to_string());
    let orders = copies.orders().len() as u64;
    let made = i64::try_from(system_clock()).ok().and_then(|now| Timestamp::from_second(now).ok()).unwrap_or_default().to_string();
    let notes = leak.notes().to_vec();
    let mut report =
        Report { inputs: &inputs, verdict: &verdict, files: sizes, source, orders, forgotten, again, notes, made, holder: None, arbiter };
    if arguments.json {
        say!("{}", report.to_json_text());
    } else {
        say!("{}", report.to_text().trim_end());
    }
    match &aside {
        Some(aside) => write(&mut report, aside),
        None => Ok(()),
    }
}

/// Writes the report, and, where it names several orders, one for the holder of each beside it.
fn write(report: &mut Report<'_>, aside: &Aside<'_>) -> Result<()> {
    aside.write(&report.to_html())?;
    eprintln!("wrote {}", aside.file.display());
    let orders: Vec<OrderRef> = report.orders().into_iter().cloned().collect();
    if orders.len() < 2 {
        return Ok(());
    }
    report.arbiter = None;
    for (i, order) in orders.into_iter().enumerate() {
        let name = |part: Option<&OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
        let file = aside.file.with_file_name(format!("{}-{}.html", name(aside.file.file_stem()), i + 1));
        eprintln!("wrote {}, for the holder of {}", file.display(), visible(&order.to_string()));
        report.holder = Some(order);
        Aside { file: &file, ..*aside }.write(&report.to_html())?;
    }
    Ok(())
}

/// Reads the files of a leak, never more than are wanted, whatever their size is said to be.
fn leaked(paths: &[PathBuf]) -> Result<Vec<LeakFile>> {
    let (mut files, mut left) = (Vec::new(), LEAK_MAX as u64 + 1);
    for path in paths {
        let shown = visible(&path.display().to_string());
        let cannot = || format!("cannot read the leak `{shown}`");
        let mut bytes = Vec::new();
        if path == Path::new("-") || path == Path::new("/dev/stdin") {
            std::io::stdin().take(left).read_to_end(&mut bytes).with_context(cannot)?;
        } else {
            let about = std::fs::metadata(path).with_context(cannot)?;
            if about.is_dir() {
                bail!("the leak `{shown}` is a folder\n  = help: name the files in it");
            }
            if !about.is_file() {
                bail!("the leak `{shown}` is no regular file\n  = help: save what it holds into a file, or send it to `bookplate trace -`");
            }
            std::fs::File::open(path).and_then(|file| file.take(left).read_to_end(&mut bytes)).with_context(cannot)?;
        }
        left -= bytes.len() as u64;
        if left == 0 {
            return Err(LeakError::Long.into());
        }
        let name =
            if path == Path::new("-") { "standard input".into() } else { path.file_name().unwrap_or(path.as_os_str()).to_string_lossy() };
        files.push(LeakFile { name: visible(&name), bytes });
    }
    Ok(files)
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
fn count(case: &Case, inputs: &Inputs, name: &str) -> Result<Run> {
    if inputs.courses.is_empty() {
        // Nothing is tested, so nothing is spent.
        return Ok(Run { number: 1, again: false });
    }
    let folder = secrets::state_folder(&case.site)?;
    fs::create_dir_all(&folder)?;
    let path: PathBuf = folder.join(name);
    let cannot = || format!("cannot count this run in `{}`", path.display());
    let mut file = std::fs::OpenOptions::new().read(true).append(true).create(true).open(&path).with_context(cannot)?;
    file.lock().with_context(cannot)?;
    let mut text = String::new();
    file.rewind().with_context(cannot)?;
    file.read_to_string(&mut text).with_context(cannot)?;
    let log = Budget::parse(&path.display().to_string(), &text).map_err(shown)?;
    let traits = Traits::of(inputs.courses.iter().map(|found| &found.evidence));
    let run = log.run(inputs.leak, &traits, |number| inputs.commit(number));
    if !run.again {
        let entry = Entry { at: system_clock(), leak: inputs.leak, run: run.number, commit: inputs.commit(run.number), traits };
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

//! `bookplate build`: the site into a folder.

use std::path::Path;

use anyhow::Result;

use super::args::BuildArguments;
use super::pipeline::{self, Built, Read, SETTINGS, Timings};
use super::{Shown, watched};
use super::{published, secrets};
use crate::diag::{Diagnostics, Severity};
use crate::edition::{self, Edition, Pin, ReadOptions};
use crate::fs;
use crate::protocol::SiteId;
use crate::publish::Published;
use crate::site::{Mode, Seals};

/// How many warnings of a rule are drawn; the rest is counted.
pub(super) const DRAWN: usize = 5;

pub(super) fn run(arguments: &BuildArguments) -> Result<()> {
    let out = arguments.out.clone().unwrap_or_else(|| arguments.dir.join("out"));
    pipeline::refuse_sources(&arguments.dir, &out)?;
    progress("reading");
    let options = ReadOptions { url: arguments.url.clone(), ..pipeline::options(&arguments.dir) };
    let Read { edition, diagnostics, timings } = pipeline::read_with(&arguments.dir, &options)?;
    let Some(edition) = edition else { return Err(refuse(&diagnostics)) };
    let seals = seals(&edition, arguments.preview_key)?;
    progress("sealing");
    let built = pipeline::assemble(&edition, seals.as_ref(), Mode::Build, diagnostics, timings).map_err(|wrong| refuse(&wrong))?;
    let memory = published::Memory::of(&edition, &built.assembled.catalog, &out)?;
    memory.refuse_going_back(&built.assembled.catalog)?;
    memory.warn_of_another_key(&built.assembled.catalog);
    progress("writing");
    let start = std::time::Instant::now();
    let published = pipeline::publish(&built, &out)?;
    let write = start.elapsed();
    memory.remember(&built.assembled.catalog);
    let pinned = if arguments.preview_key { Vec::new() } else { pin_rules(&edition, &arguments.dir) };
    eprint!("{}", built.diagnostics.render(DRAWN));
    for said in &pinned {
        eprintln!("{said}");
    }
    if arguments.json {
        say!("{:#}", figures(&built, &published, write));
    } else {
        say!("{}", summary(&edition, &built));
        say!(
            "  wrote    {} files to {}, {} unchanged, {} removed",
            published.written,
            out.display(),
            published.unchanged,
            published.removed
        );
        if !pinned.is_empty() {
            say!("  marks    read both wordings of every marked sentence before you sell:  bookplate marks {}", arguments.dir.display());
        }
    }
    Ok(())
}

/// Writes the number of the lists into every course that was marked with them and does not name it, and says what was done or is to be
/// done. The site is built already: what cannot be written is no failure.
fn pin_rules(edition: &Edition, dir: &Path) -> Vec<String> {
    let unnamed = edition.courses.iter().filter(|_| edition.site.marks.rules.is_none());
    let said = unnamed.filter_map(|course| {
        let rules = course.marks.rules?;
        let by_hand = |path: &str| {
            format!(
                "note[marks/rules]: the course `{}` was marked with rules {rules}, and does not say so\n  = help: write `marks: {{ rules: {rules} }}` \
                 into {path}, so that a later version of Bookplate does not cut it in another way",
                course.id
            )
        };
        let Some(source) = &course.intro_source else { return Some(by_hand(&format!("`{SETTINGS}`: this course has no `index.md`"))) };
        let file = dir.join(source);
        match fs::read_to_string(&file).map(|text| edition::pin(source, &text, rules)) {
            Ok(Pin::Named) => None,
            Ok(Pin::Write(text)) if fs::write(&file, text.as_bytes()).is_ok() => {
                Some(format!("wrote `marks: rules: {rules}` into {}: commit it, it keeps this course as it is sold", file.display()))
            }
            _ => Some(by_hand(&format!("the front matter of `{source}`"))),
        }
    });
    said.collect()
}

/// The key that seals, where anything is for sale: `None` for a site that is free throughout.
fn seals(edition: &Edition, preview: bool) -> Result<Option<Seals>> {
    if !edition.lessons().any(|(_, lesson)| lesson.body.sealed.is_some()) {
        return Ok(None);
    }
    let site = SiteId::parse(&edition.site.id)?;
    let key = if preview { secrets::preview_key(&site)? } else { secrets::site_key(&site)? };
    Ok(Some(Seals { key, preview }))
}

/// Shows all that is wrong; the caller returns the error that is left.
pub(super) fn refuse(diagnostics: &Diagnostics) -> anyhow::Error {
    eprint!("{}", diagnostics.render(DRAWN));
    let errors: usize = diagnostics.by_rule(Severity::Error).values().sum();
    eprintln!("{errors} {}; nothing was written", if errors == 1 { "error" } else { "errors" });
    Shown.into()
}

/// The lines that `build` and `serve` have in common.
pub(super) fn summary(edition: &Edition, built: &Built) -> String {
    let Timings { read, edition: checked, assemble, gate } = built.timings;
    let f = &built.assembled.figures;
    let warnings: usize = built.diagnostics.by_rule(Severity::Warning).values().sum();
    let warned = match warnings {
        0 => "none".to_owned(),
        n => format!("{n}: {}", counts(&built.diagnostics)),
    };
    format!(
        "  read     {}, {}, {}   {} ms\n  sealed   {}, {}   {} ms\n  checked  0 paid passages in {} public files   {} ms\n  warnings {warned}",
        plural(edition.courses.len(), "course"),
        plural(f.lessons(), "lesson"),
        plural(edition.pages.len(), "page"),
        (read + checked).as_millis(),
        plural(f.sealed_lessons, "lesson"),
        plural(f.sealed_assets, "file"),
        assemble.as_millis(),
        built.gate.files,
        gate.as_millis(),
    )
}

fn counts(diagnostics: &Diagnostics) -> String {
    let rules = diagnostics.by_rule(Severity::Warning);
    rules.iter().map(|(rule, n)| format!("{n} {rule}")).collect::<Vec<_>>().join(", ")
}

fn figures(built: &Built, published: &Published, write: std::time::Duration) -> serde_json::Value {
    let f = &built.assembled.figures;
    let Timings { read, edition, assemble, gate } = built.timings;
    serde_json::json!({
        "pages": f.pages,
        "lessons": { "free": f.free, "preview": f.preview, "premium": f.premium },
        "sealed": { "lessons": f.sealed_lessons, "files": f.sealed_assets, "bytes": f.sealed_bytes },
        "warnings": built.diagnostics.by_rule(Severity::Warning),
        "notes": built.diagnostics.by_rule(Severity::Note),
        "gate": { "files": built.gate.files, "bytes": built.gate.bytes, "runs": built.gate.runs, "public_runs": built.gate.public_runs, "findings": 0 },
        "files": { "written": published.written, "unchanged": published.unchanged, "removed": published.removed },
        "seconds": {
            "read": read.as_secs_f64(), "edition": edition.as_secs_f64(), "assemble": assemble.as_secs_f64(),
            "gate": gate.as_secs_f64(), "write": write.as_secs_f64(),
        },
    })
}

fn progress(what: &str) {
    if watched() {
        eprint!("\r\x1b[K{what} ...\r");
    }
}

/// `1 lesson`, `2 lessons`.
pub(super) fn plural(n: usize, word: &str) -> String {
    if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") }
}

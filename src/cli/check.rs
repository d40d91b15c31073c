//! `bookplate check`: every mistake, nothing written but the ids that were asked for.

use anyhow::Result;

use super::args::CheckArguments;
use super::build::plural;
use super::pipeline::{self, Read};
use super::{Shown, secrets};
use crate::diag::{Diagnostics, Severity};
use crate::protocol::SiteKey;
use crate::site::{Mode, Seals};
use crate::{edition, fs};

pub(super) fn run(arguments: &CheckArguments) -> Result<()> {
    if arguments.write_ids {
        write_ids(arguments)?;
    }
    let Read { edition, mut diagnostics, timings } = pipeline::read(&arguments.dir)?;
    if let Some(edition) = &edition {
        // Some mistakes show only when the site is put together; what this throw-away key seals never leaves the process.
        let seals = Seals { key: SiteKey::from_bytes(secrets::random()?), preview: true };
        diagnostics = match pipeline::assemble(edition, Some(&seals), Mode::Preview, diagnostics, timings) {
            Ok(built) => built.diagnostics,
            Err(wrong) => wrong,
        };
    }
    let count = |severity| diagnostics.by_rule(severity).values().sum::<usize>();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let failed = errors > 0 || (arguments.strict && warnings > 0);
    if arguments.json {
        say!("{:#}", json(&diagnostics, errors, warnings));
    } else {
        eprint!("{}", diagnostics.render(usize::MAX));
        say!("{}, {}, {}", plural(errors, "error"), plural(warnings, "warning"), plural(count(Severity::Note), "note"));
    }
    if failed { Err(Shown.into()) } else { Ok(()) }
}

fn write_ids(arguments: &CheckArguments) -> Result<()> {
    let files = pipeline::sources(&arguments.dir)?;
    let edits = edition::write_ids(&files, &pipeline::options(&arguments.dir));
    for (path, text) in &edits {
        fs::write(&arguments.dir.join(path), text.as_bytes())?;
    }
    eprintln!("wrote an id into {}", plural(edits.len(), "lesson"));
    Ok(())
}

fn json(diagnostics: &Diagnostics, errors: usize, warnings: usize) -> serde_json::Value {
    serde_json::json!({ "errors": errors, "warnings": warnings, "diagnostics": diagnostics.iter().collect::<Vec<_>>() })
}

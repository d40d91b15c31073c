//! `bookplate deploy`: the files that a host needs, and what to do with them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::Shown;
use super::args::{DeployArguments, DeployCommand, GithubPagesArguments, NetlifyArguments};
use super::build::refuse;
use super::pipeline::{self, Read};
use crate::catalog::Catalog;
use crate::deploy::{GithubPages, LIST, Netlify, Plan, State, Visibility, Written, domain, https_address, visibility, wrong};
use crate::edition::Edition;
use crate::fs;
use crate::outbound::Net;
use crate::site;

pub(super) fn run(command: &DeployCommand) -> Result<()> {
    match command {
        DeployCommand::Netlify(arguments) => netlify(arguments),
        DeployCommand::GithubPages(arguments) => github_pages(arguments),
    }
}

fn netlify(arguments: &NetlifyArguments) -> Result<()> {
    let common = &arguments.common;
    // A deploy preview is built under a preview key, and rightly so.
    let preview = arguments.variables && context() != "production";
    let (_, catalog) = read(&common.dir, preview)?;
    let mut written = list(&common.dir)?;
    let package = common.dir.join("package.json").exists() && !written.names("package.json");
    let plan = Netlify { command: arguments.command.clone(), package }.plan(&catalog);
    if arguments.variables { variables(&plan, &common.dir, catalog) } else { carry_out(common, &plan, &mut written) }
}

fn github_pages(arguments: &GithubPagesArguments) -> Result<()> {
    let common = &arguments.common;
    let (edition, catalog) = read(&common.dir, false)?;
    if let Err(wrong) = domain(&catalog) {
        bail!("{wrong}\n  = help: look at `site: url` in bookplate.yaml");
    }
    if !catalog.courses.is_empty() && !arguments.source_is_private {
        refuse_public_source(&common.dir)?;
    }
    let mut written = list(&common.dir)?;
    let pages = GithubPages {
        repository: arguments.to.clone(),
        refresh: edition.site.refresh,
        first: !written.names(".github/workflows/publish.yml"),
    };
    carry_out(common, &pages.plan(&catalog), &mut written)
}

/// The site and what it sells. Output that was sealed under the preview key is refused: it would be uploaded as it is.
fn read(dir: &Path, preview: bool) -> Result<(Edition, Catalog)> {
    let Read { edition, diagnostics, .. } = pipeline::read(dir)?;
    let Some(edition) = edition else { return Err(refuse(&diagnostics)) };
    if edition.site.bare {
        bail!(
            "`{}` has no `bookplate.yaml`, so nobody knows where it will be published\n  = help: `bookplate init` makes one",
            dir.display()
        );
    }
    let catalog = site::catalog(&edition, None, false).map_err(|wrong| refuse(&wrong))?;
    if !preview && let Some((file, _)) = built(dir, &catalog).into_iter().find(|(_, built)| built.preview) {
        bail!(
            "`{}` was built under the preview key: what is uploaded from there opens for nobody\n  = help: build it again without `--preview-key`, or remove `{}`",
            file.display(),
            dir.join("out").display()
        );
    }
    Ok((edition, catalog))
}

/// The catalogs that builds left: a site below a path may be built into a folder of that name.
fn built(dir: &Path, catalog: &Catalog) -> Vec<(PathBuf, Catalog)> {
    let out = dir.join("out");
    let files = [out.join("catalog.json"), out.join(catalog.base.trim_matches('/')).join("catalog.json")];
    let read = |file: PathBuf| Some((file.clone(), Catalog::from_json(&fs::read(&file).ok()?).ok()?));
    files.into_iter().filter_map(read).collect()
}

fn list(dir: &Path) -> Result<Written> {
    let path = dir.join(LIST);
    Ok(if path.exists() { Written::parse(&fs::read_to_string(&path)?) } else { Written::default() })
}

/// Writes what may be written and says what was done; with `--check`, says what differs and fails if anything does.
fn carry_out(common: &DeployArguments, plan: &Plan, written: &mut Written) -> Result<()> {
    let (mut differs, mut kept) = (0, 0);
    for file in &plan.files {
        let path = common.dir.join(&file.path);
        let there = if path.exists() { Some(fs::read(&path)?) } else { None };
        let state = written.state(&file.path, &file.content, there.as_deref());
        let replace = matches!(state, State::New | State::Old) || (state == State::Edited && common.force);
        differs += usize::from(state != State::Same);
        let done = match (state, common.check) {
            (State::Same, _) => "as it should be",
            (State::New, true) => "missing",
            (State::Old, true) => "of an older version or of other settings",
            (State::Edited, true) => "edited by you",
            (State::New, false) => "written",
            (_, false) if replace => "replaced",
            _ => "kept: edited by you; `--force` replaces it",
        };
        say!("  {:<44} {done}", file.path);
        if common.check && matches!(state, State::Old | State::Edited) {
            show_difference(there.as_deref().unwrap_or_default(), &file.content);
        }
        if common.check {
            continue;
        }
        if replace {
            fs::create_dir_all(path.parent().unwrap_or(&common.dir))?;
            fs::write(&path, file.content.as_bytes())?;
        }
        if replace || state == State::Same {
            written.add(&file.path, &file.content);
        } else {
            kept += 1;
        }
    }
    for warning in &plan.warnings {
        eprintln!("warning: {warning}");
    }
    if common.check {
        return if differs > 0 { Err(Shown.into()) } else { Ok(()) };
    }
    fs::write(&common.dir.join(LIST), written.to_text().as_bytes())?;
    if !plan.variables.is_empty() {
        say!("\nVariables, {}; never in a file", plan.place);
        for variable in &plan.variables {
            let needed = if variable.needed { "" } else { " (may be left out)" };
            say!("  {:<34} {}{needed}", variable.name, variable.meaning);
        }
    }
    if kept < plan.files.len() {
        say!("\nNext");
        for (step, number) in plan.steps.iter().zip(1..) {
            say!("  {number}. {step}");
        }
    }
    Ok(())
}

/// The first line that differs.
fn show_difference(there: &[u8], wanted: &str) {
    let there = String::from_utf8_lossy(there);
    let lines = there.lines().map(Some).chain(std::iter::repeat(None));
    let wanted = wanted.lines().map(Some).chain(std::iter::repeat(None));
    let first = lines.zip(wanted).zip(1..).take_while(|((a, b), _)| a.is_some() || b.is_some()).find(|((a, b), _)| a != b);
    if let Some(((is, should), line)) = first {
        say!("      line {line} is    {}\n      line {line} would be {}", is.unwrap_or("(the end)"), should.unwrap_or("(the end)"));
    }
}

/// For whom a build of Netlify is; elsewhere, for readers.
fn context() -> String {
    std::env::var("CONTEXT").unwrap_or_else(|_| "production".into())
}

/// Variables that are looked at wherever they are set, beside those of the plan.
const MORE: [&str; 2] = ["BOOKPLATE_MODE", "BOOKPLATE_REHEARSAL_SECRET"];

/// Looks at the environment of a build: where it is published, what is needed must be set, and look like what it is; elsewhere, secrets must
/// not be.
fn variables(plan: &Plan, dir: &Path, catalog: Catalog) -> Result<()> {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let context = context();
    if context == "production" {
        let missing: Vec<&str> = plan.variables.iter().filter(|v| v.needed && !set(v.name)).map(|v| v.name).collect();
        if !missing.is_empty() {
            bail!("not set: {}\n  = help: `netlify env:set NAME VALUE --context production --secret`", missing.join(", "))
        }
        let names = plan.variables.iter().map(|variable| variable.name).chain(MORE);
        let values: Vec<(&str, String)> = names.map(|name| (name, std::env::var(name).unwrap_or_default())).collect();
        // The folder that was built says under which key.
        let key = built(dir, &catalog).into_iter().find_map(|(_, built)| built.key);
        let wrong = wrong(&Catalog { key, ..catalog }, &values);
        if !wrong.is_empty() {
            bail!("{}\n  = help: `netlify env:set NAME VALUE --context production --secret`", wrong.join("\n"))
        }
        if values.iter().any(|(name, value)| *name == "BOOKPLATE_MODE" && value.trim() == "test") {
            eprintln!("warning: BOOKPLATE_MODE is `test`: orders of real money are ignored\n  = help: remove it where the shop sells");
        }
        return Ok(());
    }
    for found in plan.variables.iter().filter(|v| set(v.name)) {
        eprintln!(
            "warning: {} is set in the context `{context}`, where a stranger's change may be built\n  = help: set it in the production context alone",
            found.name
        );
    }
    Ok(())
}

/// Stops where the source of a site that sells can be read by the world.
fn refuse_public_source(dir: &Path) -> Result<()> {
    let remote = remote(dir)?;
    let asked = match remote.as_deref().map(|remote| (remote, https_address(remote))) {
        None => Visibility::Unknown("this folder has no git remote `origin`".into()),
        Some((_, None)) => Visibility::Unknown("the git remote `origin` is not on a web host".into()),
        Some((_, Some(address))) => match visibility(&Net::default(), &address) {
            Visibility::Public => bail!(
                "`{address}` can be read by everybody, and it holds the text of the paid lessons; nothing was written\n  = help: make that repository private \
                 first; what was public once stays known"
            ),
            other => other,
        },
    };
    match asked {
        Visibility::Unknown(why) => bail!(
            "whether the source is private is not known: {why}\n  = help: the source beside a public site would be the paid text. If you know that the \
             source is private, say so with `--source-is-private`"
        ),
        _ => Ok(()),
    }
}

fn remote(dir: &Path) -> Result<Option<String>> {
    let output = Command::new("git").arg("-C").arg(dir).args(["remote", "get-url", "origin"]).output();
    let output = output.context(
        "git cannot be run, so nobody knows where this source is published\n  = help: install git, or pass `--source-is-private`",
    )?;
    Ok(output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned()))
}

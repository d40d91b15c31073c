//! `bookplate doctor`: looks everything up that the checks of `doctor` judge, and shows them.

mod repository;
mod web;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::args::{BooksArguments, DoctorArguments, ShopArguments};
use super::keyserver::{ADMIN_TOKEN, API_KEY, LEMON_SQUEEZY_SECRET, REHEARSAL_SECRET, variable};
use super::{Shown, ledger, secrets, shop};
use crate::catalog::Catalog;
use crate::doctor::{self, Check, KeyPlace, Level};
use crate::keyserver::system_clock;
use crate::protocol::{SiteId, SiteKey};
use crate::{fs, store};

/// A day in seconds.
const DAY: u64 = 86_400;

pub(super) fn run(arguments: &DoctorArguments) -> Result<()> {
    let books = books(arguments);
    let catalog = shop::catalog(&books.shop)?;
    let mut checks = vec![doctor::site_key(&key_place(&catalog.site)?)];
    checks.push(doctor::key_copy(copy_of_the_key(arguments, &catalog.site)?));
    checks.extend(strengths()?);
    checks.extend(doctor::leaks(&repository::leaks(&arguments.dir, &own_secrets()?)?));
    let remote = repository::remote(&arguments.dir);
    let public = remote.as_deref().filter(|_| !arguments.offline).and_then(web::is_public);
    checks.push(doctor::repository(remote.as_deref(), public));
    checks.push(doctor::origin(&catalog.origin, &catalog.base));
    if !arguments.offline {
        checks.extend(web::host(&catalog));
        match arguments.endpoint.as_deref().or(catalog.endpoint.as_deref()) {
            Some(endpoint) => checks.extend(web::endpoint(endpoint)),
            None => checks.push(doctor::no_endpoint()),
        }
    }
    let keys = if arguments.offline { Default::default() } else { web::licence_keys(&catalog, variable(API_KEY)?) };
    checks.extend(doctor::products(&catalog, &keys));
    checks.extend(doctor::epochs(&catalog));
    checks.extend(orders(arguments, &books, &catalog)?);
    show(&checks, arguments.json)
}

fn books(arguments: &DoctorArguments) -> BooksArguments {
    let (site, catalog, database) = (arguments.dir.clone(), arguments.catalog.clone(), arguments.database.clone());
    let remote = !arguments.offline && database.is_none() && variable(ADMIN_TOKEN).is_ok_and(|token| token.is_some());
    let endpoint = arguments.endpoint.clone().filter(|_| remote);
    BooksArguments { endpoint, shop: ShopArguments { site, catalog, database, preview_key: false } }
}

/// Of the ledger of the endpoint, or of the database here if there is one; nothing is made.
fn orders(arguments: &DoctorArguments, books: &BooksArguments, catalog: &Catalog) -> Result<Vec<Check>> {
    let path = match &arguments.database {
        Some(named) => named.clone(),
        None => secrets::state_folder(&catalog.site)?.join("orders.db"),
    };
    let lines = match &books.endpoint {
        Some(endpoint) => ledger::remote(endpoint)?,
        None if path.exists() => {
            let store = store::Sqlite::open(&path).with_context(|| format!("cannot open the orders in `{}`", path.display()))?;
            store::list(&store, catalog, system_clock())?.into_iter().map(store::LedgerLine::from).collect()
        }
        None => return Ok(Vec::new()),
    };
    let mut checks = doctor::lapsed(catalog, &lines);
    checks.push(doctor::devices(&lines));
    Ok(checks)
}

fn key_place(site: &SiteId) -> Result<KeyPlace> {
    if variable(secrets::SITE_KEY)?.is_some() {
        return Ok(KeyPlace::Environment);
    }
    let file = secrets::site_key_path(site)?;
    let path = file.display().to_string();
    Ok(if file.exists() { KeyPlace::File { path, mode: mode(&file) } } else { KeyPlace::Missing { path } })
}

#[cfg(unix)]
fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).ok().map(|file| file.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
fn mode(_: &Path) -> Option<u32> {
    None
}

/// How many days ago a copy of the key was compared with it: now, if one is shown and fits.
fn copy_of_the_key(arguments: &DoctorArguments, site: &SiteId) -> Result<Option<u64>> {
    let marker: PathBuf = secrets::state_folder(site)?.join("key-copy");
    let now = system_clock();
    if let Some(copy) = &arguments.key_copy {
        let key = secrets::site_key(site)?;
        let text = fs::read_to_string(copy)?;
        let other = SiteKey::parse(text.trim()).with_context(|| format!("`{}` does not hold a site key", copy.display()))?;
        if *other.to_text() != *key.to_text() {
            anyhow::bail!("`{}` holds another key than the one of this site\n  = help: make the copy again", copy.display());
        }
        if let Some(folder) = marker.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&marker, now.to_string().as_bytes())?;
    }
    let then = std::fs::read_to_string(&marker).ok().and_then(|text| text.trim().parse::<u64>().ok());
    Ok(then.map(|then| now.saturating_sub(then) / DAY))
}

fn strengths() -> Result<Vec<Check>> {
    let mut checks = Vec::new();
    for (name, wanted) in [(LEMON_SQUEEZY_SECRET, true), (ADMIN_TOKEN, false), (REHEARSAL_SECRET, false)] {
        let value = variable(name)?.unwrap_or_default();
        let values: Vec<&str> = value.split(',').map(str::trim).filter(|value| !value.is_empty()).collect();
        checks.push(doctor::secret(name, &values, wanted));
    }
    Ok(checks)
}

/// The secrets of this environment, to be looked for in the folder. Short ones would be found everywhere.
fn own_secrets() -> Result<Vec<String>> {
    let mut all = Vec::new();
    for name in [LEMON_SQUEEZY_SECRET, ADMIN_TOKEN, REHEARSAL_SECRET, API_KEY] {
        all.extend(variable(name)?.unwrap_or_default().split(',').map(|value| value.trim().to_owned()));
    }
    all.retain(|value| value.len() >= 12);
    Ok(all)
}

fn show(checks: &[Check], json: bool) -> Result<()> {
    let count = |level| checks.iter().filter(|check| check.level == level).count();
    let (errors, warnings) = (count(Level::Error), count(Level::Warning));
    if json {
        say!("{:#}", serde_json::json!({ "checks": checks, "errors": errors, "warnings": warnings }));
    } else {
        let wide = checks.iter().map(|check| check.thing.len()).max().unwrap_or_default();
        for Check { level, thing, value, remedy } in checks {
            let word = match level {
                Level::Ok => "ok",
                Level::Warning => "warning",
                Level::Error => "error",
            };
            let remedy = if remedy.is_empty() { String::new() } else { format!("; {remedy}") };
            say!("{word:<7}  {thing:<wide$}  {value}{remedy}");
        }
        say!("{} checks, {errors} errors, {warnings} warnings", checks.len());
    }
    if errors > 0 { Err(Shown.into()) } else { Ok(()) }
}

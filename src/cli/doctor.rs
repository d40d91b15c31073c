//! `bookplate doctor`: looks everything up that the checks of `doctor` judge, and shows them.

mod repository;
mod web;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::args::{DoctorArguments, ShopArguments};
use super::keyserver::{ADMIN_TOKEN, API_KEY, LEMON_SQUEEZY_SECRET, REHEARSAL_SECRET, variable};
use super::{Shown, ledger, secrets, shop};
use crate::catalog::Catalog;
use crate::doctor::{self, Check, KeyPlace, Level};
use crate::fs;
use crate::keyserver::system_clock;
use crate::protocol::{SiteId, SiteKey};
use crate::store::{self, LedgerLine};

/// A day in seconds.
const DAY: u64 = 86_400;

pub(super) fn run(arguments: &DoctorArguments) -> Result<()> {
    let shop = shop_of(arguments);
    let catalog = shop::catalog(&shop)?;
    let mut checks = vec![doctor::site_key(&key_place(&catalog.site)?)];
    checks.push(doctor::key_copy(copy_of_the_key(arguments, &catalog.site)?));
    checks.extend(strengths()?);
    match repository::leaks(&arguments.dir, &own_secrets()?) {
        Ok(leaks) => checks.extend(doctor::leaks(&leaks)),
        Err(wrong) => checks.push(doctor::unread("secrets in the folder", &format!("{wrong:#}"), "make its files readable to you")),
    }
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
    checks.extend(orders(arguments, &catalog)?);
    show(&checks, arguments.json)
}

fn shop_of(arguments: &DoctorArguments) -> ShopArguments {
    let (site, catalog, database) = (arguments.dir.clone(), arguments.catalog.clone(), arguments.database.clone());
    ShopArguments { site, catalog, database, preview_key: false }
}

/// Of the ledger of the endpoint wherever its token is known, else of the database here if there is one; nothing is made.
fn orders(arguments: &DoctorArguments, catalog: &Catalog) -> Result<Vec<Check>> {
    let endpoint = arguments.endpoint.as_deref().or(catalog.endpoint.as_deref());
    let path = match &arguments.database {
        Some(named) => named.clone(),
        None => secrets::state_folder(&catalog.site)?.join("orders.db"),
    };
    let (place, lines) = match endpoint.filter(|_| arguments.database.is_none()) {
        Some(endpoint) if !arguments.offline && variable(ADMIN_TOKEN)?.is_some() => (format!("at {endpoint}"), ledger::remote(endpoint)),
        _ if path.exists() => (format!("in `{}`", path.display()), lines(&path, catalog)),
        Some(endpoint) => return Ok(vec![doctor::unknown_orders(endpoint)]),
        None => return Ok(Vec::new()),
    };
    Ok(match lines {
        Ok(lines) => [vec![doctor::orders(&place, lines.len())], doctor::lapsed(catalog, &lines), vec![doctor::devices(&lines)]].concat(),
        Err(wrong) => {
            let told = format!("{wrong:#}");
            let (why, help) = told.split_once("\n  = help: ").unwrap_or((&told, "see that it is there and can be read"));
            vec![doctor::unread("orders", why, help)]
        }
    })
}

fn lines(database: &Path, catalog: &Catalog) -> Result<Vec<LedgerLine>> {
    let store = store::Sqlite::open(database).with_context(|| format!("cannot open the orders in `{}`", database.display()))?;
    store.bind(&store::Owner::new(&catalog.site, catalog.key))?;
    Ok(store::list(&store, catalog, system_clock())?.into_iter().map(LedgerLine::from).collect())
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

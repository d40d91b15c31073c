//! Where keys and state live: never in the tree of a site.
//!
//! | what | where |
//! |---|---|
//! | site key | `BOOKPLATE_SITE_KEY`, else `<config dir>/bookplate/<site id>.key`, readable by the owner alone |
//! | preview key and orders | `<state dir>/bookplate/<site id>/preview.key`, `preview.db` |
//! | orders | `--database`, else `<state dir>/bookplate/<site id>/orders.db` |
//! | the catalog of the last build | `<state dir>/bookplate/<site id>/published.json` |
//! | runs of `trace` | `<state dir>/bookplate/<site id>/trace.log`, `preview-trace.log` |

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::catalog::Catalog;
use crate::fs;
use crate::protocol::{SiteId, SiteKey};

/// The variable that holds the site key on a server.
pub const SITE_KEY: &str = "BOOKPLATE_SITE_KEY";

/// Where this site's key is kept when the environment does not name it.
pub fn site_key_path(site: &SiteId) -> Result<PathBuf> {
    Ok(folder("XDG_CONFIG_HOME", ".config")?.join("bookplate").join(format!("{}.key", file_name(site))))
}

/// The folder of a site's state.
pub fn state_folder(site: &SiteId) -> Result<PathBuf> {
    Ok(folder("XDG_STATE_HOME", ".local/state")?.join("bookplate").join(file_name(site)))
}

/// The folders in which keys, orders and logs of all sites lie.
#[cfg(feature = "site")]
pub fn own_folders() -> Result<[PathBuf; 2]> {
    Ok([folder("XDG_CONFIG_HOME", ".config")?.join("bookplate"), folder("XDG_STATE_HOME", ".local/state")?.join("bookplate")])
}

/// The site key from environment or file; `None` if there is neither.
pub fn find_site_key(site: &SiteId) -> Result<Option<SiteKey>> {
    if let Some(text) = std::env::var_os(SITE_KEY) {
        let text = text.into_string().ok().with_context(|| format!("{SITE_KEY} is not UTF-8: copy the key again, one line"))?;
        return SiteKey::parse(text.trim()).map(Some).with_context(|| {
            format!("{SITE_KEY} does not hold a site key: it must be the whole line of the key file that `bookplate init` made")
        });
    }
    let path = site_key_path(site)?;
    if path.exists() { read_key(&path).map(Some) } else { Ok(None) }
}

/// The site key, or what to do about its absence.
pub fn site_key(site: &SiteId) -> Result<SiteKey> {
    match find_site_key(site)? {
        Some(key) => Ok(key),
        None => bail!(
            "no site key: {SITE_KEY} is not set and `{}` does not exist\n  = help: put the key of this site there or into {SITE_KEY}; \
             a new site gets one from `bookplate init`; `--preview-key` builds with a throw-away key",
            site_key_path(site)?.display()
        ),
    }
}

/// The preview key of a site, made at first use.
pub fn preview_key(site: &SiteId) -> Result<SiteKey> {
    let path = state_folder(site)?.join("preview.key");
    if path.exists() { read_key(&path) } else { make_key(&path) }
}

/// The key under which the files of a catalog's site are sealed. Another one would sell keys that open nothing.
///
/// # Errors
/// There is none, or it is another one.
pub fn key_of(catalog: &Catalog, preview: bool) -> Result<SiteKey> {
    let site = &catalog.site;
    let key = if preview { preview_key(site)? } else { site_key(site)? };
    if let Some(wanted) = catalog.key.filter(|_| !catalog.is_under(&key)) {
        bail!(
            "this is not the key that `{site}` was built with: the catalog names the key {wanted}, this one is {}\n  = help: {}",
            key.fingerprint(site),
            if preview {
                "build the site again with `--preview-key`"
            } else if std::env::var_os(SITE_KEY).is_some() {
                "put the key of this site into BOOKPLATE_SITE_KEY; after a change of keys, build and publish the site first"
            } else {
                "restore the key of this site from your copy; after a change of keys, build and publish the site first"
            }
        );
    }
    Ok(key)
}

/// Makes a key and stores it for the owner alone. An existing file is never replaced: without its key nothing sold can be opened.
pub fn make_key(path: &Path) -> Result<SiteKey> {
    if path.exists() {
        bail!("`{}` exists; a key is never replaced", path.display());
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let key = SiteKey::from_bytes(random()?);
    fs::write_private(path, format!("{}\n", key.to_text().as_str()).as_bytes())?;
    Ok(key)
}

/// Random bytes of the operating system.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|e| anyhow::anyhow!("the operating system gives no random bytes: {e}"))?;
    Ok(bytes)
}

fn read_key(path: &Path) -> Result<SiteKey> {
    warn_if_open(path);
    let text = fs::read_to_string(path)?;
    SiteKey::parse(text.trim()).with_context(|| format!("`{}` does not hold a site key: restore it from your copy", path.display()))
}

/// Who reads the key reads every lesson for sale.
fn warn_if_open(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0) {
            let path = path.display();
            eprintln!("warning: the key file `{path}` can be read by others on this machine\n  = help: chmod 600 '{path}'");
        }
    }
    #[cfg(not(unix))]
    let _ = path;
}

fn folder(variable: &str, below_home: &str) -> Result<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    absolute(variable)
        .or_else(|| absolute("HOME").map(|home| home.join(below_home)))
        .with_context(|| format!("neither {variable} nor HOME is set: say where keys and state are kept"))
}

/// A site id as a file name: what is not a letter, digit, `-`, `_` or `.` becomes `-`.
fn file_name(site: &SiteId) -> String {
    let plain: String = site.as_str().chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
    plain.trim_start_matches('.').to_owned()
}

//! What the commands of a shop have in common: catalog, orders, key.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, bail};

use super::args::ShopArguments;
use super::{Shown, secrets};
use crate::catalog::Catalog;
use crate::diag::Diagnostics;
use crate::fs;
use crate::protocol::{OrderRef, SiteId, SiteKey};
use crate::store::{Facts as _, Owner, Sqlite};

/// A shop's books, open on the desk.
pub(super) struct Desk {
    /// What is sold.
    pub catalog: Catalog,
    /// Who bought.
    pub store: Arc<Sqlite>,
    /// Where the orders lie.
    pub database: PathBuf,
    preview: bool,
}

impl Desk {
    /// Opens catalog and orders; the database is made at first use.
    pub(super) fn open(arguments: &ShopArguments) -> Result<Self> {
        let catalog = catalog(arguments)?;
        let name = if arguments.preview_key { "preview.db" } else { "orders.db" };
        let database = match arguments.database() {
            Some(named) => named,
            None => secrets::state_folder(&catalog.site)?.join(name),
        };
        if let Some(parent) = database.parent().filter(|p| !p.as_os_str().is_empty()) {
            fs::create_dir_all(parent)?;
        }
        let store = Sqlite::open(&database).with_context(|| format!("cannot open the orders in `{}`", database.display()))?;
        // The preview's file hangs on the preview's key, whatever the catalog was built with.
        let key = catalog.key.filter(|_| catalog.preview == arguments.preview_key);
        store.bind(&Owner::new(&catalog.site, key))?;
        Ok(Self { catalog, store: Arc::new(store), database, preview: arguments.preview_key })
    }

    /// The key that this shop issues under.
    pub(super) fn site_key(&self) -> Result<SiteKey> {
        let (key, site) = (secrets::key_of(&self.catalog, self.preview)?, &self.catalog.site);
        self.store.bind(&Owner::new(site, Some(key.fingerprint(site))))?;
        Ok(key)
    }

    /// Finds an order by `PROVIDER:ID` or by the number that the buyer knows.
    pub(super) fn order(&self, text: &str) -> Result<OrderRef> {
        if let Ok(order) = text.parse::<OrderRef>() {
            return Ok(order);
        }
        for order in self.store.orders()? {
            let facts = self.store.facts(&order)?;
            if crate::store::Entitlement::of(&facts, 0).number.as_deref() == Some(text) {
                return Ok(order);
            }
        }
        bail!("there is no order `{text}`\n  = help: name it as PROVIDER:ID or by its order number; `bookplate orders list` shows all")
    }
}

/// The catalog of the site that was built.
///
/// # Errors
/// None was built, it cannot be read, or it was built under the preview key and that is not what was asked for.
pub(super) fn catalog(arguments: &ShopArguments) -> Result<Catalog> {
    let path = place(arguments);
    let bytes = fs::read(&path).map_err(|wrong| {
        anyhow!(
            "no catalog of the site: {wrong}\n  = help: run `bookplate build` first, or pass `--site DIR` with the folder of the site \
             (`--catalog FILE` where it was built with `--out`)"
        )
    })?;
    let catalog = Catalog::from_json(&bytes).map_err(|wrong| {
        let named: Diagnostics = wrong.into_iter().map(|finding| finding.in_file(path.display().to_string())).collect();
        eprint!("{}", named.render(usize::MAX));
        Shown
    })?;
    if catalog.preview && !arguments.preview_key {
        bail!("`{}` was built under the preview key\n  = help: build without `--preview-key`, or add `--preview-key` here", path.display());
    }
    Ok(catalog)
}

/// Whose catalog lies here; `None` where none does, or none that can be read.
pub(super) fn site(arguments: &ShopArguments) -> Option<SiteId> {
    Catalog::from_json(&fs::read(&place(arguments)).ok()?).ok().map(|catalog| catalog.site)
}

fn place(arguments: &ShopArguments) -> PathBuf {
    arguments.catalog.clone().unwrap_or_else(|| arguments.site.join("out").join("catalog.json"))
}

/// Ready at Ctrl-C, or when the service manager says stop.
pub(super) async fn stop_signal() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            // Without a handler there is nothing to wait for: run until killed.
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminated) => tokio::select! { () = interrupted => {}, _ = terminated.recv() => {} },
            Err(_) => interrupted.await,
        }
    }
    #[cfg(not(unix))]
    interrupted.await;
}

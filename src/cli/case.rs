//! What `copy` and `trace` have in common: lessons, orders, key.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::args::CaseArguments;
use super::build::DRAWN;
use super::pipeline::{self, Read, SETTINGS};
use super::{Shown, secrets, serve};
use crate::catalog::Catalog;
use crate::diag::{Diagnostics, visible};
use crate::edition::{self, Edition, ReadOptions};
use crate::fs;
use crate::pay::lemon_squeezy::{self, export};
use crate::protocol::{Provider, SiteId, SiteKey};
use crate::site;
use crate::store::{Books, Entitlement};
use crate::trace::copies::{Columns, Copies, Order, PLAIN, Source, Table};

/// Where a server keeps its orders, if not in the state folder.
const DATABASE: &str = "BOOKPLATE_DATABASE";

/// The lessons as they are read, and what makes copies of them.
pub(super) struct Case {
    /// The lessons.
    pub edition: Edition,
    /// The site.
    pub site: SiteId,
    /// What it sells.
    pub catalog: Catalog,
    /// Where the orders are.
    orders: PathBuf,
    /// The orders were named on the command line.
    named: bool,
    preview: bool,
}

/// The list of copies.
pub(super) struct Ledger {
    /// All copies.
    pub copies: Copies,
    /// Orders that were deleted on request: of their copies nothing is known.
    pub forgotten: u64,
}

impl Case {
    /// Reads lessons; orders and key are opened when they are asked for.
    pub(super) fn open(arguments: &CaseArguments) -> Result<Self> {
        let dir = arguments.content.as_ref().unwrap_or(&arguments.site);
        if dir.is_dir() && !dir.join(SETTINGS).exists() {
            bail!(
                "`{}` has no {SETTINGS}: nothing in it is for sale, and so there are no copies\n  = help: name the folder of the site with `--site DIR`{}",
                dir.display(),
                if arguments.content.is_some() { ", and with `--content DIR` a checkout of the same folder" } else { "" },
            );
        }
        if arguments.content.is_some() {
            same_site(&arguments.site, dir)?;
        }
        let Read { edition, diagnostics, .. } = pipeline::read(dir)?;
        let Some(mut edition) = edition else {
            eprint!("{}", diagnostics.render(DRAWN));
            bail!("`{}` has mistakes, so its lessons are not known\n  = help: `bookplate check` shows them all", dir.display());
        };
        if arguments.preview_key {
            serve::test_products(&mut edition);
        }
        let site = SiteId::parse(&edition.site.id)?;
        let catalog = site::catalog(&edition, None, arguments.preview_key).map_err(shown)?;
        let state = |name: &str| secrets::state_folder(&site).map(|folder| folder.join(name));
        let orders = match (&arguments.orders, std::env::var_os(DATABASE).filter(|path| !path.is_empty())) {
            (Some(named), _) => named.clone(),
            (None, _) if arguments.preview_key => state("preview.db")?,
            (None, Some(database)) => PathBuf::from(database),
            (None, None) => state("orders.db")?,
        };
        Ok(Self { edition, catalog, orders, named: arguments.orders.is_some(), preview: arguments.preview_key, site })
    }

    /// Where the orders are.
    pub(super) fn orders(&self) -> &Path {
        &self.orders
    }

    /// The key that the copies were made with.
    pub(super) fn key(&self) -> Result<SiteKey> {
        if self.preview { secrets::preview_key(&self.site) } else { secrets::site_key(&self.site) }
    }

    /// Every copy that was ever given out.
    pub(super) fn ledger(&self) -> Result<Ledger> {
        if !self.named && !self.orders.exists() {
            bail!(
                "no orders: `{}` does not exist\n  = help: name them with `--orders FILE` (the key server's SQLite file, its ledger, or a CSV){}",
                self.orders.display(),
                if self.preview { "" } else { "; those of `serve` are found with `--preview-key`" }
            );
        }
        if std::fs::metadata(&self.orders).is_ok_and(|about| !about.is_file()) {
            bail!("`{}` is no regular file\n  = help: save the orders into a file", visible(&self.orders.display().to_string()));
        }
        let head = fs::read_start(&self.orders, 16)?;
        if !self.named || head.starts_with(b"SQLite format 3\0") {
            return self.books().with_context(|| format!("cannot read the orders in `{}`", self.orders.display()));
        }
        let name = visible(&self.orders.display().to_string());
        let bytes = fs::read(&self.orders)?;
        let text = String::from_utf8(bytes).map_err(|e| {
            let line = e.as_bytes()[..e.utf8_error().valid_up_to()].split(|b| *b == b'\n').count();
            anyhow::anyhow!("{name}:{line}: this line is not UTF-8\n  = help: export the orders again, as CSV in UTF-8")
        })?;
        let copies = list(&name, &text)?;
        Ok(Ledger { copies, forgotten: 0 })
    }

    fn books(&self) -> Result<Ledger> {
        let books = Books::open(&self.orders)?;
        books.must_be_of(&self.catalog.site)?;
        let mut orders = Vec::new();
        books.each(&mut |order, facts| {
            let entitlement = Entitlement::of(facts, 0);
            let courses: Vec<_> = entitlement.opens(&order, &self.catalog).into_iter().map(|course| course.id.clone()).collect();
            let courses = (!courses.is_empty()).then(|| courses.into());
            orders.push(Order { order, seats: entitlement.seats, courses });
        })?;
        Ok(Ledger { copies: Copies::new(orders), forgotten: books.forgotten()? })
    }
}

/// Refuses a checkout of another site: its copies are others.
fn same_site(site: &Path, content: &Path) -> Result<()> {
    let id = |dir: &Path| {
        // The settings are enough, and a page, without which there is no site.
        let files = vec![(SETTINGS.to_owned(), fs::read(&dir.join(SETTINGS)).ok()?), ("content/a.md".to_owned(), b"# A\n".to_vec())];
        Some(edition::read(files, &ReadOptions::default()).0?.site.id)
    };
    match (id(site), id(content)) {
        (Some(here), Some(there)) if here != there => bail!(
            "`{}` is the site `{there}`, and `{}` is the site `{here}`: copies of one are not copies of the other\n  = help: `--content DIR` is a \
             checkout of an older edition of the same site; name another site with `--site DIR`",
            content.display(),
            site.display()
        ),
        _ => Ok(()),
    }
}

/// A list of orders as text, whatever wrote it.
fn list(name: &str, text: &str) -> Result<Copies> {
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        return Copies::from_ledger(name, text).map_err(shown);
    }
    let table = Table::new(name, text);
    let header = table.header();
    let names: Vec<&str> = PLAIN.into_iter().chain(export::NAMES).collect();
    if let Some(twice) = table.doubled(&names) {
        bail!("{name}:1: two columns are called `{twice}`\n  = help: take out the one that is not meant");
    }
    let numbered = Provider::parse(lemon_squeezy::PROVIDER)?;
    let columns = match (Columns::plain(&header, numbered.clone()), export::columns(&header)) {
        (Some(columns), _) => columns,
        (None, Ok(found)) => Columns {
            provider: Source::Fixed(numbered.clone()),
            order_id: found.order_id,
            seats: found.quantity.into_iter().collect(),
            numbered,
        },
        (None, Err(export::NoExport::NoId)) => bail!(
            "{name}:1: this export names orders by their number alone; copies are made for the id that webhooks carry, which is another \
             number\n  = help: use the key server's SQLite file or its ledger; or add a column `order_id` from the provider's API"
        ),
        (None, Err(export::NoExport::Foreign)) => bail!(
            "{name}:1: this is no list of orders: its first line must name the columns `provider` and `order_id`{}\n  = help: a ledger (lines \
             of JSON), the key server's SQLite file and Lemon Squeezy's export of orders are read too",
            if header.is_empty() { String::from("; the file is empty") } else { String::new() }
        ),
    };
    Copies::from_table(&table, &columns).map_err(shown)
}

/// Draws what is wrong; the caller returns the error that is left.
pub(super) fn shown(found: Diagnostics) -> anyhow::Error {
    eprint!("{}", found.render(DRAWN));
    Shown.into()
}

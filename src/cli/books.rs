//! The books that a command works on: a file here, or those of an endpoint elsewhere.

use std::cell::OnceCell;
use std::path::Path;

use anyhow::{Result, bail};

use super::args::{BooksArguments, ShopArguments};
use super::ledger::named;
use super::remote::{Remote, Untold};
use super::secrets;
use super::shop::{self, Desk};
use crate::catalog::Catalog;
use crate::keyserver::system_clock;
use crate::pay::manual;
use crate::protocol::{OrderRef, SiteKey};
use crate::store::{self, Facts, LedgerLine};

/// A shop's books, wherever they lie.
pub(super) struct Books<'a> {
    place: Place,
    shop: &'a ShopArguments,
    /// Of an endpoint's shop, read at first use: most work on orders needs none.
    catalog: OnceCell<Catalog>,
}

enum Place {
    Here(Desk),
    There(Box<Remote>),
}

impl<'a> Books<'a> {
    /// Opens the orders.
    pub(super) fn open(arguments: &'a BooksArguments) -> Result<Self> {
        Self::with(arguments, Remote::open)
    }

    /// For an order that is made now.
    pub(super) fn open_for_new(arguments: &'a BooksArguments) -> Result<Self> {
        Self::with(arguments, Remote::open_for_new)
    }

    fn with(arguments: &'a BooksArguments, remote: fn(&str) -> Result<Remote>) -> Result<Self> {
        let place = match &arguments.endpoint {
            Some(endpoint) => Place::There(Box::new(remote(endpoint)?.of(shop::site(&arguments.shop)))),
            None => Place::Here(Desk::open(&arguments.shop)?),
        };
        Ok(Self { place, shop: &arguments.shop, catalog: OnceCell::new() })
    }

    /// What is sold.
    pub(super) fn catalog(&self) -> Result<&Catalog> {
        match (&self.place, self.catalog.get()) {
            (Place::Here(desk), _) => Ok(&desk.catalog),
            (Place::There(_), Some(known)) => Ok(known),
            (Place::There(_), None) => {
                let read = shop::catalog(self.shop)?;
                Ok(self.catalog.get_or_init(|| read))
            }
        }
    }

    /// The facts.
    pub(super) fn facts(&self) -> &dyn Facts {
        match &self.place {
            Place::Here(desk) => &*desk.store,
            Place::There(remote) => &**remote,
        }
    }

    /// Once a new order is complete.
    pub(super) fn tell(&self) -> Result<(), Untold> {
        match &self.place {
            Place::Here(_) => Ok(()),
            Place::There(remote) => remote.tell(),
        }
    }

    /// Before a provider's orders are stored: refuses an endpoint of another site, and one whose money is of the other kind.
    pub(super) fn check_mode(&self, test: bool) -> Result<()> {
        let Place::There(remote) = &self.place else { return Ok(()) };
        remote.check_site()?;
        match (remote.mode()?, test) {
            (Some("live"), true) => bail!(
                "the endpoint is live, and `--test-mode` would store test orders there as if they were paid\n  = help: leave `--test-mode` \
                 out, or name an endpoint that runs with BOOKPLATE_MODE=test"
            ),
            (Some("test"), false) => bail!(
                "the endpoint is in test mode, and live orders do not belong there\n  = help: add `--test-mode`, or name the live endpoint"
            ),
            _ => Ok(()),
        }
    }

    /// Before many orders are asked for.
    pub(super) fn read_everything(&self) -> Result<()> {
        if let Place::There(remote) = &self.place {
            remote.read_everything()?;
        }
        Ok(())
    }

    /// Finds an order by `PROVIDER:ID` or by the number that the buyer knows.
    pub(super) fn order(&self, text: &str) -> Result<OrderRef> {
        match &self.place {
            Place::Here(desk) => desk.order(text),
            Place::There(remote) => match text.parse() {
                Ok(order) => Ok(order),
                Err(_) => Ok(named(&remote.ledger()?, text)?.order.clone()),
            },
        }
    }

    /// An order as a line of the ledger.
    pub(super) fn line(&self, order: &OrderRef) -> Result<LedgerLine> {
        match &self.place {
            Place::Here(desk) => Ok(store::show(&*desk.store, &desk.catalog, order, system_clock())?.0.into()),
            Place::There(remote) => Ok(named(&remote.ledger()?, &order.to_string())?.clone()),
        }
    }

    /// The site's endpoint, where nothing shows that it works on the file here: no provider's message ever came into it.
    pub(super) fn endpoint_elsewhere(&self) -> Result<Option<(&str, &Path)>> {
        let Place::Here(desk) = &self.place else { return Ok(None) };
        let Some(endpoint) = desk.catalog.endpoint.as_deref().filter(|_| !self.shop.preview_key) else { return Ok(None) };
        let sold = desk.store.orders()?.iter().any(|order| order.provider.as_str() != manual::PROVIDER);
        Ok((!sold).then_some((endpoint, desk.database.as_path())))
    }

    /// The key that this shop issues under.
    pub(super) fn site_key(&self) -> Result<SiteKey> {
        match &self.place {
            Place::Here(desk) => desk.site_key(),
            Place::There(_) => secrets::key_of(self.catalog()?, self.shop.preview_key),
        }
    }
}

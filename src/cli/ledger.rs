//! Orders as lines, from the file here or from an endpoint's ledger.

use anyhow::{Result, bail};

use super::args::BooksArguments;
use super::remote::Remote;
use super::shop::Desk;
use crate::keyserver::system_clock;
#[cfg(feature = "site")]
use crate::store::State;
use crate::store::{self, LedgerLine};

/// Every order, oldest first.
pub(super) fn lines(books: &BooksArguments) -> Result<Vec<LedgerLine>> {
    match &books.endpoint {
        Some(endpoint) => remote(endpoint),
        None => {
            let desk = Desk::open(&books.shop)?;
            Ok(store::list(&*desk.store, &desk.catalog, system_clock())?.into_iter().map(LedgerLine::from).collect())
        }
    }
}

/// `GET /ledger` of an endpoint, with the admin token of the environment.
pub(super) fn remote(endpoint: &str) -> Result<Vec<LedgerLine>> {
    Ok(Remote::open(endpoint)?.ledger()?)
}

/// The one order with this number or PROVIDER:ID.
pub(super) fn named<'a>(lines: &'a [LedgerLine], text: &str) -> Result<&'a LedgerLine> {
    let fits: Vec<&LedgerLine> =
        lines.iter().filter(|line| line.order.to_string() == text || line.number.as_deref() == Some(text)).collect();
    match fits[..] {
        [one] => Ok(one),
        [] => {
            bail!("there is no order `{text}`\n  = help: name it as PROVIDER:ID or by its order number; `bookplate orders list` shows all")
        }
        _ => {
            let all = fits.iter().map(|line| line.order.to_string()).collect::<Vec<_>>().join(", ");
            bail!("several orders have the number `{text}`: {all}\n  = help: name one of them as PROVIDER:ID")
        }
    }
}

/// True if it was closed, and nobody says when: an endpoint of another version.
#[cfg(feature = "site")]
pub(super) fn end_is_unknown(line: &LedgerLine) -> bool {
    line.ended_at.is_none() && !matches!(line.state, State::Active | State::Pending)
}

//! Orders as lines, from the file here or from an endpoint's ledger.

use anyhow::{Context as _, Result, anyhow, bail};

use super::args::BooksArguments;
use super::keyserver::{ADMIN_TOKEN, variable};
use super::shop::Desk;
use crate::keyserver::system_clock;
use crate::outbound::Server;
#[cfg(feature = "site")]
use crate::store::State;
use crate::store::{self, LedgerLine};

/// Longest ledger that is read, in bytes: some hundred thousand orders.
const LONGEST: u64 = 64 * 1024 * 1024;

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
    let token = variable(ADMIN_TOKEN)?
        .with_context(|| format!("{ADMIN_TOKEN} is not set\n  = help: the ledger of an endpoint opens with the token that it runs with"))?;
    let server = Server::new(endpoint).with_context(|| format!("`{endpoint}` is not an endpoint's address"))?;
    let request = server.get("ledger").header("authorization", format!("Bearer {token}")).at_most(LONGEST);
    let told = server.send(&request).with_context(|| format!("no answer from {endpoint}"))?;
    match told.status {
        200 => {}
        401 => bail!("{endpoint} refuses the token\n  = help: {ADMIN_TOKEN} must be the one that the endpoint runs with"),
        status => bail!("{endpoint} answered {status} to `GET /ledger`\n  = help: name the address below which the endpoint's calls lie"),
    }
    let text = String::from_utf8(told.body).map_err(|_| anyhow!("the ledger of {endpoint} is not UTF-8"))?;
    let read = |(number, line): (usize, &str)| {
        serde_json::from_str(line)
            .with_context(|| format!("line {} of the ledger cannot be read: use the version of the endpoint", number + 1))
    };
    text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(read).collect()
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

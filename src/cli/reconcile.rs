//! `bookplate orders reconcile`: asks the provider for everything that its messages may have lost, and stores it like a message.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use secrecy::SecretString;

use super::args::ReconcileArguments;
use super::keyserver::{API_KEY, provider, variable};
use super::shop::Desk;
use crate::catalog::Catalog;
use crate::keyserver::system_clock;
use crate::outbound::{Http, Outbound as _};
use crate::pay::NoVerdict;
use crate::pay::lemon_squeezy::PROVIDER;
use crate::pay::lemon_squeezy::api::{Kind, Of, Page, list, shown};
use crate::protocol::{OrderRef, Provider};
use crate::store::{self, Digests, State};

/// How often one page is asked for, and how long is waited between: the provider allows 300 calls a minute.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_secs(15);

pub(super) fn run(arguments: &ReconcileArguments) -> Result<()> {
    let desk = Desk::open(&arguments.shop)?;
    let key = variable(API_KEY)?.map(SecretString::from).with_context(|| {
        format!("{API_KEY} is not set\n  = help: make an API key at the provider, of the mode whose orders you want, and put it there")
    })?;
    let outbound = provider()?;
    let digests = Digests::new(&desk.site_key()?, &desk.catalog.site);
    let name = Provider::parse(PROVIDER)?;
    // What each order gave before the first change of this run, and what it gives now.
    let mut changed: BTreeMap<OrderRef, (State, State)> = BTreeMap::new();
    let mut seen = 0;
    for store in stores(&desk.catalog) {
        for kind in Kind::ALL {
            let mut next = Some(1);
            while let Some(number) = next {
                let page = ask(&outbound, &key, kind, store, number, arguments.test_mode)?;
                for meaning in &page.shown {
                    seen += 1;
                    let told =
                        store::reconcile(&*desk.store, &desk.catalog, &digests, &name, arguments.test_mode, meaning, system_clock())?;
                    if let Some(told) = told {
                        changed.entry(told.order).or_insert((told.before, told.after)).1 = told.after;
                    }
                }
                next = page.next;
            }
        }
    }
    changed.retain(|_, (before, after)| before != after);
    for (order, (before, after)) in &changed {
        say!("{order}  {} -> {}", before.name(), after.name());
    }
    say!("{seen} things told by the provider, {} orders changed", changed.len());
    Ok(())
}

/// The stores of the catalog.
fn stores(catalog: &Catalog) -> BTreeSet<u64> {
    let products = catalog.courses.iter().flat_map(|course| &course.products);
    products.filter(|product| product.provider.as_str() == PROVIDER).map(|product| product.store).collect()
}

/// One page. After a rate limit or an error it is asked for again; what was stored until then stays.
fn ask(outbound: &Http, key: &SecretString, kind: Kind, store: u64, page: u32, test: bool) -> Result<Page> {
    let again = "what was stored stays; run it again later";
    for attempt in 1.. {
        let why = match outbound.call(&list(key, kind, Of::Store(store), page)) {
            Ok(answer) => match shown(kind, &answer, test) {
                Ok(page) => return Ok(page),
                Err(NoVerdict { status: status @ (401 | 403) }) => {
                    bail!(
                        "the provider refuses the API key (status {status})\n  = help: {API_KEY} may be of the other mode, or out of date"
                    )
                }
                Err(NoVerdict { status }) => anyhow!("the provider answered {status}\n  = help: {again}"),
            },
            Err(unreachable) => anyhow!("{unreachable}\n  = help: {again}"),
        };
        if attempt == TRIES {
            return Err(why);
        }
        std::thread::sleep(PAUSE);
    }
    Err(anyhow!("the provider was not asked"))
}

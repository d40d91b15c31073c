//! `bookplate orders reconcile`: asks the provider for everything that its messages may have lost, and stores it like a message.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use secrecy::SecretString;

use super::args::ReconcileArguments;
use super::books::Books;
use super::keyserver::{API_KEY, provider, variable};
use crate::catalog::Catalog;
use crate::keyserver::system_clock;
use crate::outbound::{Outbound, disable_licences};
use crate::pay::lemon_squeezy::PROVIDER;
use crate::pay::lemon_squeezy::api::{Kind, Of, Page, list, shown};
use crate::pay::{Answer, Call, LicenceStatus, Meaning, NoVerdict};
use crate::protocol::{OrderId, OrderRef, Provider};
use crate::store::{self, Digests, Intake, State};

/// How often one page is asked for, and how long is waited between: the provider allows 300 calls a minute.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_secs(15);

pub(super) fn run(arguments: &ReconcileArguments) -> Result<()> {
    let books = Books::open(&arguments.books)?;
    let key = variable(API_KEY)?.map(SecretString::from).with_context(|| {
        format!("{API_KEY} is not set\n  = help: make an API key at the provider, of the mode whose orders you want, and put it there")
    })?;
    let outbound = provider()?;
    books.check_mode(arguments.test_mode)?;
    books.read_everything()?;
    let digests = Digests::new(&books.site_key()?, &books.catalog()?.site);
    let name = Provider::parse(PROVIDER)?;
    let intake =
        Intake { store: books.facts(), catalog: books.catalog()?, digests: &digests, provider: &name, test_mode: arguments.test_mode };
    // Orders with a licence key that is on.
    let mut on = BTreeSet::new();
    // What each order gave before the first change of this run, and what it gives now.
    let mut changed: BTreeMap<OrderRef, (State, State)> = BTreeMap::new();
    let mut seen = 0;
    for store in stores(books.catalog()?) {
        for kind in Kind::ALL {
            let mut next = Some(1);
            while let Some(number) = next {
                let call = list(&key, kind, Of::Store(store), number);
                let page = ask(&outbound, &mut wait, &call, |answer| shown(kind, answer, arguments.test_mode))?;
                for meaning in &page.shown {
                    seen += 1;
                    if let Meaning::Licence(licence) = meaning
                        && licence.status != LicenceStatus::Disabled
                    {
                        on.insert(licence.order.clone());
                    }
                    if let Some(told) = store::reconcile(&intake, meaning, system_clock())? {
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
    let mut off = 0;
    for id in on {
        let Ok(order_id) = OrderId::parse(&id) else { continue };
        let order = OrderRef { provider: name.clone(), order_id };
        if store::is_paid_back(&books.facts().facts(&order)?, system_clock()) {
            off += disable_licences(&outbound, &key, &id)
                .with_context(|| format!("cannot switch off the licence keys of {order}\n  = help: run it again later"))?;
        }
    }
    if off > 0 {
        say!("{off} licence keys of refunded orders switched off at the provider");
    }
    Ok(())
}

/// The stores of the catalog.
fn stores(catalog: &Catalog) -> BTreeSet<u64> {
    let products = catalog.courses.iter().flat_map(|course| &course.products);
    products.filter(|product| product.provider.as_str() == PROVIDER).map(|product| product.store).collect()
}

/// One page. After a rate limit or an error it is asked for again, when `wait` comes back from what it was told; what was stored until then
/// stays.
fn ask(
    outbound: &dyn Outbound,
    wait: &mut dyn FnMut(&str),
    call: &Call,
    read: impl Fn(&Answer) -> Result<Page, NoVerdict>,
) -> Result<Page> {
    for attempt in 1.. {
        let why = match outbound.call(call) {
            Ok(answer) => match read(&answer) {
                Ok(page) => return Ok(page),
                Err(NoVerdict { status: status @ (401 | 403) }) => {
                    bail!(
                        "the provider refuses the API key (status {status})\n  = help: {API_KEY} may be of the other mode, or out of date"
                    )
                }
                Err(NoVerdict { status: 429 }) => String::from("the provider says that it is asked too often"),
                Err(NoVerdict { status }) => format!("the provider answered {status}"),
            },
            Err(unreachable) => format!("the provider cannot be reached: {unreachable}"),
        };
        if attempt == TRIES {
            bail!("{why}\n  = help: what was stored stays; run it again later");
        }
        wait(&format!("{why}: asking again in {} seconds (try {} of {TRIES})", PAUSE.as_secs(), attempt + 1));
    }
    Err(anyhow!("the provider was not asked"))
}

fn wait(why: &str) {
    eprintln!("{why}");
    std::thread::sleep(PAUSE);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::Unreachable;

    /// Asks a provider who answers with these statuses, one after the other; what was waited for and what came of it.
    fn asked(statuses: &[u16]) -> (Vec<String>, Result<Page>) {
        let left = std::sync::Mutex::new(statuses.iter());
        let outbound = move |_: &Call| match left.lock().unwrap().next() {
            Some(status) => Ok(Answer { status: *status, body: br#"{"data":[]}"#.to_vec() }),
            None => Err(Unreachable("nobody answers")),
        };
        let call = list(&SecretString::from("key"), Kind::Orders, Of::Store(1), 1);
        let mut waits = Vec::new();
        let page = ask(&outbound, &mut |why| waits.push(why.to_owned()), &call, |answer| shown(Kind::Orders, answer, false));
        (waits, page)
    }

    #[test]
    fn every_wait_is_told_and_there_is_an_end_to_them() {
        let (waits, page) = asked(&[429, 500, 200]);
        assert!(page.is_ok());
        let told = ["the provider says that it is asked too often", "the provider answered 500"];
        let want: Vec<String> = (2..).zip(told).map(|(n, why)| format!("{why}: asking again in 15 seconds (try {n} of 5)")).collect();
        assert_eq!(waits, want);
        let (waits, page) = asked(&[]);
        assert!(waits.len() == 4 && waits[3].contains("cannot be reached") && page.unwrap_err().to_string().contains("run it again later"));
        assert!(asked(&[401]).0.is_empty());
    }
}

//! The facts of a key endpoint that runs elsewhere: read and written over its `/facts`, with the admin token of the environment.

use std::collections::BTreeSet;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret as _, SecretString};

use super::keyserver::{ADMIN_TOKEN, variable};
use crate::outbound::{Request, Response, Server};
use crate::protocol::{OrderRef, SiteId};
use crate::store::{Fact, Facts, Inserted, LedgerLine, Memory, Name, StoreError};

/// Longest list that is read, in bytes: some hundred thousand orders.
const LONGEST: u64 = 256 * 1024 * 1024;
/// How long a list of everything may take: a function has to read each order.
const PATIENCE: Duration = Duration::from_secs(60);

/// Facts that are told in one call: an endpoint takes 1,000 in 256 KiB, but a function must store them within its few seconds.
const TOGETHER: usize = 50;

/// An endpoint's books. What was read or written once is answered from here.
pub(super) struct Remote {
    server: Server,
    address: String,
    token: SecretString,
    /// Of the catalog here, where there is one.
    site: Option<SiteId>,
    health: OnceLock<Health>,
    known: Memory,
    read: Mutex<Read>,
    /// Facts of an order that is made now: told together, in as few calls as can be.
    held: Option<Mutex<Vec<Fact>>>,
}

/// What `GET /health` says of an endpoint; older ones say less.
struct Health {
    site: Option<SiteId>,
    mode: Option<String>,
}

/// Why a call failed.
struct Failed {
    why: String,
    /// The endpoint refused the call, so that nothing of it is stored.
    refused: bool,
}

impl From<Failed> for StoreError {
    fn from(failed: Failed) -> Self {
        Self::Elsewhere(failed.why)
    }
}

/// A new order that could not be told.
pub(super) struct Untold {
    pub why: StoreError,
    /// The endpoint may have stored it nevertheless, or a part of it.
    pub perhaps: bool,
}

/// What was read of the endpoint.
enum Read {
    /// These orders.
    Some(BTreeSet<OrderRef>),
    Everything,
}

impl Remote {
    /// Nothing is asked yet.
    ///
    /// # Errors
    /// There is no token, or the address is none that it may be sent to.
    pub(super) fn open(address: &str) -> Result<Self> {
        let token = variable(ADMIN_TOKEN)?.with_context(|| {
            format!("{ADMIN_TOKEN} is not set\n  = help: the orders of an endpoint open with the token that it runs with")
        })?;
        if !is_sendable(&token) {
            bail!(
                "{ADMIN_TOKEN} cannot be sent: it holds a line end, or a character that is not ASCII\n  = help: the token that the endpoint runs with has none"
            );
        }
        let server = server(address)?;
        Ok(Self {
            server,
            address: address.to_owned(),
            token: token.into(),
            site: None,
            health: OnceLock::new(),
            known: Memory::new(),
            read: Mutex::new(Read::Some(BTreeSet::new())),
            held: None,
        })
    }

    /// For an order that is made now, of which nothing can be there. Nothing is told before [`Remote::tell`].
    pub(super) fn open_for_new(address: &str) -> Result<Self> {
        Ok(Self { read: Mutex::new(Read::Everything), held: Some(Mutex::default()), ..Self::open(address)? })
    }

    /// For the books of this site: nothing is written where the endpoint names another.
    pub(super) fn of(mut self, site: Option<SiteId>) -> Self {
        self.site = site;
        self
    }

    /// Refuses the endpoint of another site, whose codes would open nothing. One that does not say its site is believed.
    pub(super) fn check_site(&self) -> Result<(), StoreError> {
        let Some(ours) = &self.site else { return Ok(()) };
        match &self.health()?.site {
            Some(theirs) if theirs != ours => Err(StoreError::Elsewhere(format!(
                "{} is the endpoint of the site `{theirs}`, and the catalog here is that of `{ours}`: nothing was stored\n  = help: name the \
                 folder of `{theirs}` with `--site DIR`, or its catalog with BOOKPLATE_CATALOG; or name the endpoint of `{ours}`",
                self.address
            ))),
            _ => Ok(()),
        }
    }

    /// `live` or `test`, where the endpoint says it.
    pub(super) fn mode(&self) -> Result<Option<&str>, StoreError> {
        Ok(self.health()?.mode.as_deref())
    }

    fn health(&self) -> Result<&Health, StoreError> {
        if let Some(known) = self.health.get() {
            return Ok(known);
        }
        let told = self.send(&self.server.get("health"))?.json();
        let site = told["site"].as_str().and_then(|site| SiteId::parse(site).ok());
        Ok(self.health.get_or_init(|| Health { site, mode: told["mode"].as_str().map(str::to_owned) }))
    }

    /// Tells what was held back.
    pub(super) fn tell(&self) -> Result<(), Untold> {
        let Some(held) = &self.held else { return Ok(()) };
        let facts = std::mem::take(&mut *held.lock().unwrap_or_else(PoisonError::into_inner));
        self.check_site().map_err(|why| Untold { why, perhaps: false })?;
        for (number, some) in facts.chunks(TOGETHER).enumerate() {
            self.post(some).map_err(|failed| Untold { perhaps: number > 0 || !failed.refused, why: failed.into() })?;
        }
        Ok(())
    }

    /// Inserts facts; what became of each.
    fn post(&self, facts: &[Fact]) -> Result<Vec<Inserted>, Failed> {
        let lines: Vec<Vec<u8>> = facts.iter().map(Fact::to_json).collect();
        let told = self.ask(self.server.post("facts", lines.join(&b'\n')).within(PATIENCE))?;
        let told: serde_json::Value = serde_json::from_str(&told).unwrap_or_default();
        let word = |number: usize| match told["inserted"][number].as_str() {
            Some("new") => Ok(Inserted::New),
            Some("known") => Ok(Inserted::Known),
            Some("forgotten") => Ok(Inserted::Forgotten),
            _ => Err(Failed { why: format!("{} does not say whether it stored what it was told", self.address), refused: false }),
        };
        (0..facts.len()).map(word).collect()
    }

    /// `GET /ledger`: every order, oldest first.
    pub(super) fn ledger(&self) -> Result<Vec<LedgerLine>, StoreError> {
        lines(&self.ask(self.server.get("ledger").within(PATIENCE))?, &format!("the ledger of {}", self.address))
    }

    /// Reads everything at once, before many orders are asked for.
    pub(super) fn read_everything(&self) -> Result<(), StoreError> {
        let mut read = self.lock();
        if !matches!(*read, Read::Everything) {
            self.learn(&self.ask(self.server.get("facts").within(PATIENCE))?)?;
            *read = Read::Everything;
        }
        Ok(())
    }

    fn read_one(&self, order: &OrderRef) -> Result<(), StoreError> {
        let mut read = self.lock();
        if let Read::Some(orders) = &mut *read
            && !orders.contains(order)
        {
            self.learn(&self.ask(self.server.get(&path(order)))?)?;
            orders.insert(order.clone());
        }
        Ok(())
    }

    fn learn(&self, text: &str) -> Result<(), StoreError> {
        for fact in lines::<Fact>(text, &format!("what {} tells", self.address))? {
            self.known.insert(&fact, fact.at)?;
        }
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Read> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks with the token. Everything but 200 is an error.
    fn ask(&self, request: Request) -> Result<String, Failed> {
        let (address, method, most) = (&self.address, request.method.name(), request.at_most(LONGEST));
        let request = most.header("authorization", format!("Bearer {}", self.token.expose_secret()));
        let answer = self.send(&request)?;
        let why = match answer.status {
            200 => {
                let text = String::from_utf8(answer.body);
                return text.map_err(|_| Failed { why: format!("what {address} answers is not UTF-8"), refused: false });
            }
            401 => format!("{address} refuses the token\n  = help: {ADMIN_TOKEN} must be the one that the endpoint runs with"),
            404 | 405 => format!(
                "{address} answered {} to this call\n  = help: name the address below which the endpoint's calls lie, and update the endpoint where it \
                 has no /facts yet",
                answer.status
            ),
            503 => {
                format!("{address} cannot reach its store, or has a wrong site key\n  = help: look at its log; `bookplate doctor` asks it")
            }
            status => format!("{address} answered {status} to {method}"),
        };
        Err(Failed { why, refused: (400..500).contains(&answer.status) })
    }

    fn send(&self, request: &Request) -> Result<Response, Failed> {
        let silent = |why| Failed { why: format!("no answer from {}: {why}\n{REACH}", self.address), refused: false };
        self.server.send(request).map_err(silent)
    }
}

/// What to do where nobody answers.
pub(super) const REACH: &str = "  = help: see that the endpoint runs, and that this is the address below which its calls lie, such as \
     https://keys.example.com/";

/// The endpoint at this address.
pub(super) fn server(address: &str) -> Result<Server> {
    // What stands before an `@` may be a password, which is not repeated.
    let shown = || match address.rsplit_once('@') {
        Some((_, host)) => format!("`...@{host}` is not an endpoint's address"),
        None => format!("`{address}` is not an endpoint's address"),
    };
    Server::new(address).with_context(shown)
}

/// Whether a header can carry this token.
pub(super) fn is_sendable(token: &str) -> bool {
    token.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
}

impl Facts for Remote {
    fn insert(&self, fact: &Fact, now: u64) -> Result<Inserted, StoreError> {
        if self.known.facts(&fact.order)?.contains(fact) {
            return Ok(Inserted::Known);
        }
        if self.held.is_none() {
            self.check_site()?;
        }
        let inserted = match &self.held {
            Some(held) => {
                held.lock().unwrap_or_else(PoisonError::into_inner).push(fact.clone());
                Inserted::New
            }
            None => self.post(std::slice::from_ref(fact))?.first().copied().unwrap_or(Inserted::Known),
        };
        if inserted == Inserted::Forgotten {
            return Ok(inserted);
        }
        self.known.insert(fact, now)?;
        Ok(inserted)
    }

    fn facts(&self, order: &OrderRef) -> Result<Vec<Fact>, StoreError> {
        self.read_one(order)?;
        self.known.facts(order)
    }

    fn find(&self, name: &Name) -> Result<Option<OrderRef>, StoreError> {
        self.read_everything()?;
        self.known.find(name)
    }

    fn orders(&self) -> Result<Vec<OrderRef>, StoreError> {
        self.read_everything()?;
        self.known.orders()
    }

    fn forget(&self, order: &OrderRef) -> Result<bool, StoreError> {
        self.check_site()?;
        let told: serde_json::Value = serde_json::from_str(&self.ask(self.server.delete(&path(order)))?)?;
        self.known.forget(order)?;
        Ok(told["deleted"] == true)
    }

    /// Of those that were deleted here: an endpoint tells it when a fact comes, and at no other time.
    fn is_forgotten(&self, order: &OrderRef) -> Result<bool, StoreError> {
        self.known.is_forgotten(order)
    }
}

fn path(order: &OrderRef) -> String {
    format!("facts?order={}", utf8_percent_encode(&order.to_string(), NON_ALPHANUMERIC))
}

/// Lines of JSON.
fn lines<T: serde::de::DeserializeOwned>(text: &str, what: &str) -> Result<Vec<T>, StoreError> {
    let read = |(line, number): (&str, usize)| {
        let unread =
            |_| StoreError::Elsewhere(format!("line {number} of {what} cannot be read\n  = help: use the version of the endpoint"));
        serde_json::from_str(line).map_err(unread)
    };
    text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty()).map(read).collect()
}

//! What the endpoint works with. Clock, randomness, network and store are passed in.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use secrecy::SecretString;

use super::budget::{Bucket, Buckets};
use super::heal::Refusals;
use super::upstream::Upstream;
use crate::catalog::Catalog;
use crate::outbound::{Closed, Outbound};
use crate::pay::lemon_squeezy;
use crate::protocol::{CourseId, OrderRef, SiteKey};
use crate::store::{self, DeviceLimit, Digests, Store};

/// Whose money counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Real orders; test orders are answered 200 and ignored.
    #[default]
    Live,
    /// Test orders; real ones are answered 200 and ignored. For previews.
    Test,
}

impl Mode {
    /// The word of the environment and of `/health`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Mode::Live => "live",
            Mode::Test => "test",
        }
    }

    /// True if an order made like this counts.
    #[must_use]
    pub fn takes(self, test_mode: bool) -> bool {
        test_mode == (self == Mode::Test)
    }
}

/// Told whenever a webhook or a healed licence changed an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The order.
    pub order: OrderRef,
    /// The number that the buyer knows.
    pub number: Option<String>,
    /// Its state now.
    pub state: store::State,
    /// The courses that it is for.
    pub courses: Vec<CourseId>,
}

/// Seconds since 1970.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Sixteen random bytes.
pub type Random = Arc<dyn Fn() -> std::io::Result<[u8; 16]> + Send + Sync>;

/// Most look-ups of codes in a minute where nobody says otherwise.
pub const CALLS_A_MINUTE: u32 = 6000;

/// Everything that the endpoint is given.
pub struct Settings {
    /// The site's secret.
    pub site_key: SiteKey,
    /// What is sold.
    pub catalog: Catalog,
    /// Where facts are kept.
    pub store: Arc<dyn Store>,
    /// Signing secrets of Lemon Squeezy's webhooks: the current one, the previous one. None: its webhooks are answered 404.
    pub lemon_squeezy: Vec<SecretString>,
    /// Of Lemon Squeezy's main API: switches off the licence keys of refunded orders. None: they stay on there, and are refused here.
    pub api_key: Option<SecretString>,
    /// Signs rehearsals. Counts in test mode only: a live endpoint does not know it.
    pub rehearsal: Option<SecretString>,
    /// Opens the ledger. None: nobody reads it.
    pub admin_token: Option<SecretString>,
    /// Whose money counts.
    pub mode: Mode,
    /// How many new devices a copy may have.
    pub device_limit: DeviceLimit,
    /// Most look-ups of claims and licence keys in a minute, all readers together; a tenth of them at once.
    pub calls_a_minute: u32,
    /// Longest time that a request's body may take to come.
    pub body_time: Duration,
    /// Performs provider calls.
    pub outbound: Arc<dyn Outbound>,
    /// The time.
    pub clock: Clock,
    /// Randomness for tokens.
    pub random: Random,
    /// Told of every change of an order.
    pub notify: Option<Arc<dyn Fn(Notice) + Send + Sync>>,
}

impl Settings {
    /// Live mode, the system's clock and randomness, no secrets, no outgoing calls.
    #[must_use]
    pub fn new(site_key: SiteKey, catalog: Catalog, store: Arc<dyn Store>) -> Self {
        Self {
            site_key,
            catalog,
            store,
            lemon_squeezy: Vec::new(),
            api_key: None,
            rehearsal: None,
            admin_token: None,
            mode: Mode::default(),
            device_limit: DeviceLimit::default(),
            calls_a_minute: CALLS_A_MINUTE,
            body_time: Duration::from_secs(10),
            outbound: Arc::new(Closed),
            clock: Arc::new(system_clock),
            random: Arc::new(system_random),
            notify: None,
        }
    }
}

/// The system's clock, seconds since 1970.
#[must_use]
pub fn system_clock() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

/// The system's randomness.
pub fn system_random() -> std::io::Result<[u8; 16]> {
    let mut out = [0; 16];
    getrandom::fill(&mut out).map_err(std::io::Error::other)?;
    Ok(out)
}

/// The endpoint's state; clones share it.
#[derive(Clone)]
pub struct State(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) site_key: SiteKey,
    shelf: RwLock<Arc<Shelf>>,
    pub(super) store: Arc<dyn Store>,
    pub(super) lemon_squeezy: Vec<SecretString>,
    pub(super) api_key: Option<SecretString>,
    pub(super) admin_token: Option<SecretString>,
    pub(super) mode: Mode,
    pub(super) device_limit: DeviceLimit,
    pub(super) body_time: Duration,
    pub(super) outbound: Arc<dyn Outbound>,
    pub(super) clock: Clock,
    pub(super) random: Random,
    pub(super) notify: Option<Arc<dyn Fn(Notice) + Send + Sync>>,
    pub(super) limits: Limits,
    pub(super) refusals: Mutex<Refusals>,
}

/// A catalog, and the digests of its site.
pub(super) struct Shelf {
    pub(super) catalog: Catalog,
    pub(super) digests: Digests,
}

/// Rate limits. They hang on what is asked, never on who asks: addresses are neither kept nor looked at.
pub(super) struct Limits {
    /// All calls of readers together.
    pub(super) calls: Mutex<Bucket>,
    /// Each claim, licence key or copy.
    pub(super) each: Mutex<Buckets>,
    /// Lemon Squeezy's licence API.
    pub(super) upstream: Mutex<Upstream>,
}

impl State {
    /// From its settings.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let now = (settings.clock)();
        let digests = Digests::new(&settings.site_key, &settings.catalog.site);
        Self(Arc::new(Inner {
            shelf: RwLock::new(Arc::new(Shelf { catalog: settings.catalog, digests })),
            site_key: settings.site_key,
            store: settings.store,
            lemon_squeezy: settings.lemon_squeezy.into_iter().chain(settings.rehearsal.filter(|_| settings.mode == Mode::Test)).collect(),
            api_key: settings.api_key,
            admin_token: settings.admin_token,
            mode: settings.mode,
            device_limit: settings.device_limit,
            body_time: settings.body_time,
            outbound: settings.outbound,
            clock: settings.clock,
            random: settings.random,
            notify: settings.notify,
            limits: Limits {
                calls: Mutex::new(Bucket::new(settings.calls_a_minute / 10, settings.calls_a_minute, now)),
                each: Mutex::new(Buckets::new(40, 60)),
                upstream: Mutex::new(Upstream::new(lemon_squeezy::CALLS_A_MINUTE, now)),
            },
            refusals: Mutex::new(Refusals::default()),
        }))
    }

    /// Puts another catalog in the place of the one in use, while the server runs: the preview builds anew at every change.
    pub fn replace_catalog(&self, catalog: Catalog) {
        let digests = Digests::new(&self.0.site_key, &catalog.site);
        *self.0.shelf.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Shelf { catalog, digests });
    }

    pub(super) fn shelf(&self) -> Arc<Shelf> {
        self.0.shelf.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn now(&self) -> u64 {
        (self.0.clock)()
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("State(..)")
    }
}

//! An endpoint with everything round it in the test's hands.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bookplate::catalog::Catalog;
use bookplate::keyserver::{Mode, Settings, State, router};
use bookplate::outbound::Unreachable;
use bookplate::pay::{Answer, Call};
use bookplate::protocol::{Code, Keyring, OrderRef, Seat, SiteId, SiteKey};
use bookplate::rehearse::{Purchase, Shop, Signed};
use bookplate::store::{Admission, Device, DeviceLimit, Digest, Fact, Facts, Inserted, Memory, Name, Store, StoreError};
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// 2026-03-02T10:00:00Z.
pub(super) const NOW: u64 = 1_772_445_600;

/// The webhook's secret.
pub(super) const SECRET: &str = "whsec-of-the-bench-0123456789abc";

/// The admin token.
pub(super) const ADMIN: &str = "admin-of-the-bench-0123456789abcd";

/// Two courses; product 40001 opens one, 40009 both.
pub(super) const CATALOG: &str = r#"{"version":1,"site":"two-small-courses","origin":"https://example.com","base":"/courses/",
    "endpoint":"https://keys.example.com/","courses":[
    {"id":"ownership","title":"Ownership","url":"ownership/","epochs":[1],"params":"2.2048.1",
     "products":[{"provider":"lemon_squeezy","store":10001,"product":40001},{"provider":"lemon_squeezy","store":10001,"product":40009}]},
    {"id":"moving","title":"Moving","url":"moving/","epochs":[1],"params":"2.2048.1",
     "products":[{"provider":"lemon_squeezy","store":10001,"product":40009}]}]}"#;

pub(super) struct Bench {
    pub(super) state: State,
    pub(super) shop: Shop,
    pub(super) store: Arc<Watched>,
    pub(super) clock: Arc<AtomicU64>,
    pub(super) provider: Arc<Provider>,
}

/// An answer.
pub(super) struct Got {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) bytes: Bytes,
}

impl Got {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    /// Status and word: `403 refunded`.
    pub(super) fn word(&self) -> String {
        let json = self.json();
        let word = json["error"].as_str().or(json["status"].as_str()).unwrap_or("-");
        format!("{} {word}", self.status.as_u16())
    }

    #[track_caller]
    pub(super) fn text(&self, member: &str) -> String {
        self.json()[member].as_str().unwrap_or_else(|| panic!("no `{member}` in {} {:?}", self.status, self.bytes)).to_owned()
    }

    #[track_caller]
    pub(super) fn keyring(&self) -> Keyring {
        Keyring::from_bytes(&STANDARD.decode(self.text("keyring")).expect("base64")).expect("a keyring")
    }

    pub(super) fn token(&self) -> String {
        self.text("token")
    }
}

impl Bench {
    /// In live mode, with a store in memory.
    pub(super) fn new() -> Self {
        Self::with(|_| {})
    }

    /// With other settings.
    pub(super) fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let store = Arc::new(Watched::over(Arc::new(Memory::new())));
        let clock = Arc::new(AtomicU64::new(NOW));
        let provider = Arc::new(Provider::default());
        let mut settings = Settings::new(site_key(), Catalog::from_json(CATALOG.as_bytes()).expect("a catalog"), store.clone());
        settings.lemon_squeezy = vec!["previous-secret".into(), SECRET.into()];
        settings.admin_token = Some(ADMIN.into());
        let (time, asked, counter) = (clock.clone(), provider.clone(), AtomicU64::new(1));
        settings.clock = Arc::new(move || time.load(Ordering::SeqCst));
        settings.random = Arc::new(move || Ok(u128::from(counter.fetch_add(1, Ordering::SeqCst)).to_be_bytes()));
        settings.outbound = Arc::new(move |call: &Call| asked.answer(call));
        change(&mut settings);
        let shop = if settings.mode == Mode::Live { Shop::new(SECRET, 10_001).live() } else { Shop::new(SECRET, 10_001) };
        Self { state: State::new(settings), shop, store, clock, provider }
    }

    pub(super) fn router(&self) -> Router {
        router(self.state.clone())
    }

    pub(super) fn pass(&self, seconds: u64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Got {
        let response = self.router().oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        Got { status: parts.status, headers: parts.headers, bytes: to_bytes(body, 1 << 20).await.expect("a body") }
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Got {
        self.send(Request::post(path).header("content-type", "application/json").body(Body::from(body.to_string())).unwrap()).await
    }

    pub(super) async fn get(&self, path: &str) -> Got {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Delivers a webhook.
    pub(super) async fn hook(&self, signed: &Signed) -> Got {
        self.send(delivery(signed)).await
    }

    /// Delivers it, and asserts that it is stored.
    #[track_caller]
    pub(super) fn stored(&self, signed: Signed) -> impl Future<Output = ()> + '_ {
        let caller = std::panic::Location::caller();
        async move { assert_eq!(self.hook(&signed).await.word(), "200 stored", "at {caller}") }
    }

    /// Buys and opens `ownership`.
    pub(super) async fn bought(&self, purchase: &Purchase) -> Got {
        self.stored(self.shop.order_created(purchase)).await;
        self.open(purchase).await
    }

    /// Asks with the claim and the reference of a purchase.
    pub(super) async fn open(&self, purchase: &Purchase) -> Got {
        self.post("/unlock", json!({"claim": code().to_string(), "order": purchase.reference(), "device": "00"})).await
    }

    pub(super) async fn licence(&self, key: &str) -> Got {
        self.post("/unlock", json!({ "licence": key, "device": "00" })).await
    }

    pub(super) async fn refresh(&self, token: &str, course: &str) -> Got {
        self.post("/refresh", json!({ "token": token, "course": course })).await
    }
}

pub(super) fn delivery(signed: &Signed) -> Request<Body> {
    let post = Request::post("/webhooks/lemon_squeezy").header("x-event-name", signed.event).header("x-signature", &signed.signature);
    post.body(Body::from(signed.body.clone())).unwrap()
}

pub(super) fn site() -> SiteId {
    SiteId::parse("two-small-courses").unwrap()
}

pub(super) fn site_key() -> SiteKey {
    SiteKey::from_bytes([7; 32])
}

/// The code of the buyer's browser.
pub(super) fn code() -> Code {
    Code::from_random(*b"claim of a buyer")
}

/// One copy of `ownership`, bought with [`code`].
pub(super) fn purchase() -> Purchase {
    Purchase::new(1_000_042, 40_001, 50_001, NOW).claimed(code().claim_hash(&site()).to_string())
}

/// The provider's licence API, played.
#[derive(Default)]
pub(super) struct Provider {
    pub(super) calls: AtomicU64,
    pub(super) says: Mutex<Option<Answer>>,
}

impl Provider {
    pub(super) fn say(&self, answer: Answer) {
        *self.says.lock().unwrap() = Some(answer);
    }

    pub(super) fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    fn answer(&self, _: &Call) -> Result<Answer, Unreachable> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        self.says.lock().unwrap().clone().ok_or(Unreachable("nobody answers"))
    }
}

/// A store that writes down what it is asked, and fails when it is told to.
pub(super) struct Watched {
    inner: Arc<dyn Store>,
    pub(super) asked: Mutex<Vec<&'static str>>,
    pub(super) broken: AtomicBool,
}

impl Watched {
    pub(super) fn over(inner: Arc<dyn Store>) -> Self {
        Self { inner, asked: Mutex::default(), broken: AtomicBool::new(false) }
    }

    /// What it was asked since the last time.
    pub(super) fn take(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    fn ask(&self, what: &'static str) -> Result<&dyn Store, StoreError> {
        self.asked.lock().unwrap().push(what);
        if self.broken.load(Ordering::SeqCst) { Err(StoreError::Poisoned) } else { Ok(&*self.inner) }
    }
}

impl Facts for Watched {
    fn insert(&self, fact: &Fact, now: u64) -> Result<Inserted, StoreError> {
        self.ask("insert")?.insert(fact, now)
    }
    fn facts(&self, order: &OrderRef) -> Result<Vec<Fact>, StoreError> {
        self.ask("facts")?.facts(order)
    }
    fn find(&self, name: &Name) -> Result<Option<OrderRef>, StoreError> {
        self.ask("find")?.find(name)
    }
    fn orders(&self) -> Result<Vec<OrderRef>, StoreError> {
        self.ask("orders")?.orders()
    }
    fn forget(&self, order: &OrderRef) -> Result<bool, StoreError> {
        self.ask("forget")?.forget(order)
    }
    fn is_forgotten(&self, order: &OrderRef) -> Result<bool, StoreError> {
        self.ask("is_forgotten")?.is_forgotten(order)
    }
}

impl Store for Watched {
    fn admit(
        &self,
        order: &OrderRef,
        seat: Seat,
        device: Digest,
        token: Digest,
        now: u64,
        limit: DeviceLimit,
    ) -> Result<Admission, StoreError> {
        self.ask("admit")?.admit(order, seat, device, token, now, limit)
    }
    fn touch(&self, order: &OrderRef, seat: Seat, token: Digest, renewed: Option<Digest>, now: u64) -> Result<(), StoreError> {
        self.ask("touch")?.touch(order, seat, token, renewed, now)
    }
    fn devices(&self, order: &OrderRef, seat: Seat) -> Result<Vec<Device>, StoreError> {
        self.ask("devices")?.devices(order, seat)
    }
    fn new_devices(&self, order: &OrderRef, since: u64) -> Result<u32, StoreError> {
        self.ask("new_devices")?.new_devices(order, since)
    }
    fn clear_devices(&self, order: &OrderRef, seat: Seat, keep: Digest) -> Result<(), StoreError> {
        self.ask("clear_devices")?.clear_devices(order, seat, keep)
    }
    fn check(&self) -> Result<(), StoreError> {
        self.ask("check")?.check()
    }
}

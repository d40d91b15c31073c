//! Facts are kept once by every store, and what they give does not depend on how they came.

use std::path::PathBuf;
use std::sync::Arc;

use bookplate::catalog::Catalog;
use bookplate::pay::manual::Reason;
use bookplate::protocol::{Code, OrderRef, Seat, SiteId, SiteKey};
use bookplate::store::{
    self, Admission, DeviceLimit, Digest, Entitlement, Fact, Facts as _, Inserted, Memory, Name, OrdersError, Owner, Present, Sqlite,
    State, Store, StoreError,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const NOW: u64 = 1_772_445_600;
const FIRST: Seat = Seat(0);

fn order(text: &str) -> OrderRef {
    text.parse().expect("an order")
}

fn digest(n: u8) -> Digest {
    Digest::from_bytes([n; 32])
}

/// A fact about order 7000001 with these members.
fn fact(members: Value) -> Fact {
    let mut all = json!({"order": "lemon_squeezy:7000001", "at": NOW});
    all.as_object_mut().expect("an object").extend(members.as_object().expect("an object").clone());
    serde_json::from_value(all).expect("a fact")
}

fn paid(claim: u8) -> Fact {
    fact(json!({"kind": "order", "status": "paid", "store": 1, "product": 2, "quantity": 1, "number": "1000042", "claim": digest(claim)}))
}

fn licence(key: u8) -> Fact {
    fact(json!({"kind": "licence", "licence": "8", "key": digest(key)}))
}

fn of(fact: &Fact, order: &str) -> Fact {
    Fact { order: order.parse().expect("an order"), ..fact.clone() }
}

/// Runs a test on an empty store of each kind.
#[track_caller]
fn each(test: impl Fn(Arc<dyn Store>)) {
    test(Arc::new(Memory::new()));
    let folder = tempfile::tempdir().expect("a folder");
    test(Arc::new(Sqlite::open(&folder.path().join("orders.db")).expect("a database")));
}

#[test]
fn a_fact_is_inserted_once() {
    each(|store| {
        assert_eq!(store.insert(&paid(1), NOW).unwrap(), Inserted::New);
        assert_eq!(store.insert(&paid(1), NOW + 9).unwrap(), Inserted::Known);
        assert_eq!(store.insert(&licence(2), NOW).unwrap(), Inserted::New);
        assert_eq!(store.facts(&order("lemon_squeezy:7000001")).unwrap(), [paid(1), licence(2)]);
        assert_eq!(store.facts(&order("lemon_squeezy:7000002")).unwrap(), []);
        assert_eq!(store.orders().unwrap(), [order("lemon_squeezy:7000001")]);
    });
}

#[test]
fn of_many_at_once_exactly_one_inserts() {
    each(|store| {
        let winners: usize = std::thread::scope(|scope| {
            let insert = || scope.spawn(|| usize::from(store.insert(&paid(1), NOW).unwrap() == Inserted::New));
            let threads: Vec<_> = (0..16).map(|_| insert()).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).sum()
        });
        assert_eq!((winners, store.facts(&order("lemon_squeezy:7000001")).unwrap().len()), (1, 1));
    });
}

#[test]
fn two_processes_share_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.db");
    let stores: Vec<_> = (0..4).map(|_| Sqlite::open(&path).unwrap()).collect();
    let winners: usize = std::thread::scope(|scope| {
        let insert = |store: &Sqlite| (0..20).filter(|i| store.insert(&licence(*i), NOW).unwrap() == Inserted::New).count();
        let threads: Vec<_> = stores.iter().map(|store| scope.spawn(move || insert(store))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).sum()
    });
    assert_eq!((winners, stores[0].facts(&order("lemon_squeezy:7000001")).unwrap().len()), (20, 20));
}

#[test]
fn several_may_open_a_new_file_at_once() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orders.db");
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..6).map(|_| scope.spawn(|| Sqlite::open(&path).map(|_| ()))).collect();
            for thread in threads {
                thread.join().expect("no panic").expect("a database");
            }
        });
    }
}

#[test]
fn a_file_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.db");
    let (id, limit) = (order("lemon_squeezy:7000001"), DeviceLimit::default());
    let store = Sqlite::open(&path).unwrap();
    store.insert(&paid(1), NOW).unwrap();
    store.admit(&id, FIRST, digest(5), digest(6), NOW, limit).unwrap();
    drop(store);
    let store = Sqlite::open(&path).unwrap();
    assert_eq!(store.find(&Name::Claim(digest(1))).unwrap(), Some(id.clone()));
    assert_eq!((store.facts(&id).unwrap(), store.devices(&id, FIRST).unwrap().len()), (vec![paid(1)], 1));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_file_of_a_newer_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.db");
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(Sqlite::open(&path), Err(StoreError::Schema { found: 99, .. })));
    assert!(matches!(Sqlite::open(&folder.path().join("no/such/folder")), Err(StoreError::File { .. })));
}

#[test]
fn the_first_paid_order_that_names_a_claim_binds_it() {
    each(|store| {
        let begun = fact(json!({"kind": "order", "status": "open", "store": 1, "product": 2, "quantity": 1, "claim": digest(1)}));
        store.insert(&of(&begun, "lemon_squeezy:1"), NOW).unwrap();
        assert_eq!(store.find(&Name::Claim(digest(1))).unwrap(), None);
        store.insert(&of(&paid(1), "lemon_squeezy:2"), NOW).unwrap();
        store.insert(&of(&paid(1), "lemon_squeezy:1"), NOW).unwrap();
        assert_eq!(store.find(&Name::Claim(digest(1))).unwrap(), Some(order("lemon_squeezy:2")));
        assert_eq!(store.find(&Name::Licence(digest(1))).unwrap(), None);
    });
}

#[test]
fn new_devices_are_limited_and_known_ones_are_not() {
    each(|store| {
        let (id, limit) = (order("lemon_squeezy:7000001"), DeviceLimit { most: 2, span: 100 });
        let admit = |device, now| store.admit(&id, FIRST, digest(device), digest(device + 100), now, limit).unwrap();
        assert_eq!([admit(1, 1000), admit(2, 1010), admit(1, 1020)], [Admission::Welcome; 3]);
        assert_eq!(admit(3, 1030), Admission::Full { wait: 70 });
        assert_eq!((store.new_devices(&id, 1000).unwrap(), store.new_devices(&id, 999).unwrap()), (1, 2));
        assert_eq!(admit(3, 1100), Admission::Welcome);
        assert_eq!(admit(4, 1100), Admission::Full { wait: 10 });
        assert_eq!(store.admit(&order("lemon_squeezy:9"), FIRST, digest(4), digest(4), 1100, limit).unwrap(), Admission::Welcome);
    });
}

#[test]
fn cleared_devices_are_not_known_but_counted() {
    each(|store| {
        let (id, limit) = (order("lemon_squeezy:7000001"), DeviceLimit { most: 3, span: 100 });
        for n in 1..=3 {
            store.admit(&id, FIRST, digest(n), digest(n + 100), 1000 + u64::from(n), limit).unwrap();
        }
        store.touch(&id, FIRST, digest(101), Some(digest(201)), 1050).unwrap();
        let last: Vec<_> = store.devices(&id, FIRST).unwrap().iter().map(|d| (d.id, d.token, d.first, d.last)).collect();
        let want = [(1, 201, 1001, 1050), (3, 103, 1003, 1003), (2, 102, 1002, 1002)].map(|(d, t, f, l)| (digest(d), digest(t), f, l));
        assert_eq!(last, want);
        store.clear_devices(&id, FIRST, digest(201)).unwrap();
        assert_eq!((store.devices(&id, FIRST).unwrap().len(), store.new_devices(&id, 0).unwrap()), (1, 3));
        assert!(matches!(store.admit(&id, FIRST, digest(9), digest(9), 1060, limit).unwrap(), Admission::Full { .. }));
    });
}

#[test]
fn each_copy_has_its_own_devices_and_the_order_knows_their_sum() {
    each(|store| {
        let (id, limit) = (order("lemon_squeezy:7000001"), DeviceLimit { most: 1, span: 100 });
        let admit = |seat, device, token| store.admit(&id, Seat(seat), digest(device), digest(token), 1000, limit).unwrap();
        assert_eq!([admit(0, 1, 11), admit(1, 1, 12), admit(2, 2, 13)], [Admission::Welcome; 3]);
        assert!(matches!(admit(1, 3, 14), Admission::Full { .. }));
        store.clear_devices(&id, Seat(1), digest(99)).unwrap();
        let tokens = |seat| store.devices(&id, Seat(seat)).unwrap().iter().map(|d| d.token).collect::<Vec<_>>();
        assert_eq!([tokens(0), tokens(1), tokens(2)], [vec![digest(11)], vec![], vec![digest(13)]]);
        assert_eq!(store.new_devices(&id, 0).unwrap(), 3);
        // A token is of one copy: where it was noted under another one, it comes home.
        store.touch(&id, Seat(7), digest(13), None, 1001).unwrap();
        assert_eq!([tokens(2), tokens(7)], [vec![], vec![digest(13)]]);
    });
}

/// The first form of the file, with an order of two copies whose devices were not told apart.
#[test]
fn a_file_of_an_older_program_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.db");
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch(
        "CREATE TABLE facts (id BLOB NOT NULL UNIQUE, provider TEXT NOT NULL, order_id TEXT NOT NULL, fact TEXT NOT NULL, stored_at INTEGER NOT NULL) STRICT;
         CREATE INDEX facts_of_order ON facts (provider, order_id);
         CREATE TABLE names (kind INTEGER NOT NULL, digest BLOB NOT NULL, provider TEXT NOT NULL, order_id TEXT NOT NULL, PRIMARY KEY (kind, digest)) STRICT, WITHOUT ROWID;
         CREATE INDEX names_of_order ON names (provider, order_id);
         CREATE TABLE devices (provider TEXT NOT NULL, order_id TEXT NOT NULL, device BLOB, token BLOB, first INTEGER NOT NULL, last INTEGER NOT NULL) STRICT;
         CREATE INDEX devices_of_order ON devices (provider, order_id);
         CREATE TABLE forgotten (digest BLOB NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
         PRAGMA user_version = 1;",
    )
    .unwrap();
    let json = String::from_utf8(paid(1).to_json()).unwrap();
    db.execute("INSERT INTO facts VALUES (?1, 'lemon_squeezy', '7000001', ?2, 5)", rusqlite::params![paid(1).id(), json]).unwrap();
    for (device, token) in [(1, 11), (2, 12)] {
        let insert = "INSERT INTO devices VALUES ('lemon_squeezy', '7000001', ?1, ?2, 1000, 1000)";
        db.execute(insert, rusqlite::params![digest(device).as_bytes(), digest(token).as_bytes()]).unwrap();
    }
    drop(db);
    let id = order("lemon_squeezy:7000001");
    assert_eq!(store::Books::open(&path).unwrap().facts(&id).unwrap(), [paid(1)]);
    let store = Sqlite::open(&path).unwrap();
    assert_eq!((store.facts(&id).unwrap(), store.insert(&paid(1), NOW).unwrap()), (vec![paid(1)], Inserted::Known));
    store.touch(&id, Seat(1), digest(12), None, 1001).unwrap();
    let devices = |seat| store.devices(&id, Seat(seat)).unwrap().len();
    assert_eq!((devices(0), devices(1), store.new_devices(&id, 0).unwrap()), (1, 1, 2));
    assert_eq!(store::Books::open(&path).unwrap().facts(&id).unwrap().len(), 1);
}

#[test]
fn a_file_belongs_to_one_site_and_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.db");
    let owner = |site: &str, key: Option<u8>| {
        let site = SiteId::parse(site).unwrap();
        Owner::new(&site, key.map(|byte| SiteKey::from_bytes([byte; 32]).fingerprint(&site)))
    };
    let bind = |site, key| Sqlite::open(&path).unwrap().bind(&owner(site, key));
    // A command that needs no key binds it to the site; the first that has one, to the key.
    for (site, key) in [("a", None), ("a", None), ("a", Some(1)), ("a", Some(1)), ("a", None)] {
        bind(site, key).unwrap();
    }
    for (site, key) in [("b", None), ("b", Some(1)), ("a", Some(2))] {
        let Err(wrong @ StoreError::Foreign { .. }) = bind(site, key) else { panic!("bound to {site} {key:?}") };
        let (said, right) = (wrong.to_string(), owner("a", Some(1)));
        assert!(said.contains("orders.db") && said.contains(&right.to_string()) && said.contains("--database"), "{said}");
    }
    let books = store::Books::open(&path).unwrap();
    let of = |site| books.must_be_of(&SiteId::parse(site).unwrap());
    assert!(of("a").is_ok() && matches!(of("b"), Err(StoreError::Foreign { .. })));
}

#[cfg(unix)]
#[test]
fn nothing_is_written_into_a_file_that_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.db");
    let store = Sqlite::open(&path).unwrap();
    store.insert(&paid(1), NOW).unwrap();
    store.check().unwrap();
    let aside = folder.path().join("aside.db");
    std::fs::rename(&path, &aside).unwrap();
    let gone = || matches!((store.check(), store.insert(&licence(1), NOW)), (Err(StoreError::Gone(_)), Err(StoreError::Gone(_))));
    assert!(gone());
    std::fs::rename(&aside, &path).unwrap();
    assert!(store.check().is_ok() && store.insert(&licence(1), NOW).unwrap() == Inserted::New);
    std::fs::rename(&path, &aside).unwrap();
    std::fs::copy(&aside, &path).unwrap();
    assert!(gone(), "another file in its place");
}

#[test]
fn a_deleted_buyer_stays_deleted() {
    each(|store| {
        let id = order("lemon_squeezy:7000001");
        store.insert(&paid(1), NOW).unwrap();
        store.insert(&of(&paid(2), "lemon_squeezy:2"), NOW).unwrap();
        store.admit(&id, FIRST, digest(5), digest(6), NOW, DeviceLimit::default()).unwrap();
        assert!(store.forget(&id).unwrap() && store.is_forgotten(&id).unwrap());
        assert_eq!((store.facts(&id).unwrap().len(), store.devices(&id, FIRST).unwrap().len()), (0, 0));
        assert_eq!(store.find(&Name::Claim(digest(1))).unwrap(), None);
        assert_eq!(store.insert(&paid(1), NOW).unwrap(), Inserted::Forgotten);
        assert_eq!(store.admit(&id, FIRST, digest(5), digest(6), NOW, DeviceLimit::default()).unwrap(), Admission::Forgotten);
        assert!(store.devices(&id, FIRST).unwrap().is_empty());
        assert_eq!(store.orders().unwrap(), [order("lemon_squeezy:2")]);
        assert!(!store.is_forgotten(&order("lemon_squeezy:2")).unwrap());
        // One that never was is not remembered: whoever mistypes an order shuts nobody out.
        let other = order("lemon_squeezy:3");
        assert!(!store.forget(&other).unwrap() && !store.is_forgotten(&other).unwrap());
        assert_eq!(store.insert(&of(&paid(3), "lemon_squeezy:3"), NOW).unwrap(), Inserted::New);
    });
}

#[test]
fn a_deleted_buyer_leaves_no_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.db");
    let store = Sqlite::open(&path).unwrap();
    store
        .insert(&fact(json!({"kind": "order", "status": "paid", "store": 1, "product": 2, "quantity": 1, "number": "98765432123"})), 1)
        .unwrap();
    store.forget(&order("lemon_squeezy:7000001")).unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(11).any(|w| w == b"98765432123") && !bytes.windows(7).any(|w| w == b"7000001"));
    }
}

#[test]
fn an_author_gives_revokes_restores_and_deletes() {
    each(|store| {
        let catalog = br#"{"version":1,"site":"s","origin":"https://example.com","base":"/","endpoint":null,
            "courses":[{"id":"ownership","title":"O","url":"o/","epochs":[1],"params":"2.2048.1"}]}"#;
        let catalog = Catalog::from_json(catalog).unwrap();
        let claim = Code::from_random([7; 16]).claim_hash(&SiteId::parse("s").unwrap());
        let present = Present {
            courses: vec!["ownership".parse().unwrap()],
            seats: 1,
            reason: Reason::Review,
            name: "Ada Lovelace".into(),
            claim: Some(claim),
            keys: Vec::new(),
        };
        let issued = store::issue(&*store, &catalog, &present, [9; 16], NOW).unwrap();
        assert_eq!(issued.entitlement.state, State::Active);
        assert!(issued.entitlement.display.ends_with(", A. L."));
        assert_eq!(store.find(&Name::Claim(claim.into())).unwrap(), Some(issued.order.clone()));
        assert!(matches!(store::issue(&*store, &catalog, &present, [8; 16], NOW), Err(OrdersError::Claimed(o)) if o == issued.order));
        let unknown = Present { courses: vec!["other".parse().unwrap()], claim: None, ..present };
        assert!(matches!(store::issue(&*store, &catalog, &unknown, [8; 16], NOW), Err(OrdersError::Course(_))));
        // Four words within one second: the last one counts.
        let states =
            [store::revoke, store::restore, store::revoke, store::restore].map(|say| say(&*store, &issued.order, NOW).unwrap().state);
        assert_eq!(states, [State::Revoked, State::Active, State::Revoked, State::Active]);
        let (line, facts) = store::show(&*store, &catalog, &issued.order, NOW).unwrap();
        assert_eq!((line.courses.len(), facts.len(), store::list(&*store, &catalog, NOW).unwrap()), (1, 5, vec![line]));
        store::forget(&*store, &issued.order).unwrap();
        assert!(matches!(store::revoke(&*store, &issued.order, NOW), Err(OrdersError::Unknown(_))));
        assert!(matches!(store::forget(&*store, &issued.order), Err(OrdersError::Unknown(_))));
    });
}

#[test]
fn what_a_list_shows_is_known_where_the_webhook_came_and_new_where_it_was_lost() {
    use bookplate::pay::lemon_squeezy::{PROVIDER, api, read};
    use bookplate::pay::{Answer, Meaning};
    use bookplate::protocol::{Provider, SiteKey};
    use bookplate::rehearse::{Purchase, Shop};
    use bookplate::store::{Digests, Intake, Stranger};

    let catalog =
        br#"{"version":1,"site":"s","origin":"https://example.com","base":"/","endpoint":null,"courses":[{"id":"o","title":"O","url":"o/",
        "epochs":[1],"params":"2.2048.1","products":[{"provider":"lemon_squeezy","store":10001,"product":40001}]}]}"#;
    let (catalog, provider) = (Catalog::from_json(catalog).unwrap(), Provider::parse(PROVIDER).unwrap());
    let digests = Digests::new(&SiteKey::from_bytes([1; 32]), &catalog.site);
    let shop = Shop::new("secret", 10_001).live();
    let buy = |number, product| shop.order_created(&Purchase::new(number, product, 50_001, NOW).claimed("ab".repeat(32))).body;
    let bodies = [buy(1_000_001, 40_001), buy(1_000_002, 40_001), buy(1_000_003, 49_999)];
    let data = bodies.iter().map(|body| serde_json::from_slice::<Value>(body).unwrap()["data"].clone());
    let list = Answer { status: 200, body: json!({ "data": data.collect::<Vec<_>>() }).to_string().into_bytes() };
    let shown = api::shown(api::Kind::Orders, &list, false).unwrap().shown;
    each(|store| {
        let intake = Intake { store: &*store, catalog: &catalog, digests: &digests, provider: &provider, test_mode: false };
        let Meaning::Order(told) = read(&bodies[0]).unwrap().meaning else { panic!() };
        store.insert(&Fact::from_order(&provider, &told, &digests).unwrap(), NOW).unwrap();
        let take = |shown: &Meaning| bookplate::store::reconcile(&intake, shown, NOW).unwrap().map(|told| (told.before, told.after));
        assert_eq!(shown.iter().map(take).collect::<Vec<_>>(), [None, Some((State::Pending, State::Active)), None]);
        assert_eq!(shown.iter().map(take).collect::<Vec<_>>(), [None; 3]);
        assert_eq!(intake.fact(&shown[2]).unwrap(), Err(Stranger::Product));
        let test = Intake { test_mode: true, ..intake };
        assert_eq!(test.fact(&shown[0]).unwrap(), Err(Stranger::Mode { test: false }));
    });
}

/// The cases of `tests/vectors/entitlements/` as (name, facts, now, expected members).
fn vectors() -> Vec<(String, Vec<Fact>, u64, Value)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/entitlements");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the vectors") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|e| e == "json") {
            let case: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            let facts = case["facts"].as_array().unwrap().iter().map(|f| serde_json::from_value(f.clone()).unwrap()).collect();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            found.push((name, facts, case["now"].as_u64().unwrap(), case["expect"].clone()));
        }
    }
    assert!(found.len() >= 70, "only {} vectors", found.len());
    found
}

#[test]
fn every_vector_gives_what_it_says() {
    for (name, facts, now, expect) in vectors() {
        let given = serde_json::to_value(Entitlement::of(&facts, now)).unwrap();
        for (member, want) in expect.as_object().unwrap() {
            assert_eq!(given.get(member).unwrap_or(&Value::Null), want, "{name}: {member}");
        }
    }
}

#[test]
fn facts_have_one_json_form() {
    for (name, facts, ..) in vectors() {
        for fact in facts {
            assert_eq!(serde_json::from_slice::<Fact>(&fact.to_json()).unwrap(), fact, "{name}");
        }
    }
}

proptest! {
    /// Facts of all vectors about one order, thrown together: in any order and with repetitions they give the same, and so do stores.
    #[test]
    fn order_and_repetition_make_no_difference(
        picks in proptest::collection::vec((any::<prop::sample::Index>(), 0_u64..2000), 0..12),
        shuffle in any::<u64>(),
        now in 0_u64..20_000,
    ) {
        let all: Vec<Fact> = vectors().into_iter().flat_map(|(_, facts, ..)| facts).map(|f| of(&f, "lemon_squeezy:7000001")).collect();
        let facts: Vec<Fact> = picks.iter().map(|(pick, at)| Fact { at: NOW + at, ..pick.get(&all).clone() }).collect();
        let mut other = facts.clone();
        other.extend(facts.iter().take(3).cloned());
        let mut seed = shuffle | 1;
        for i in (1..other.len()).rev() {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            other.swap(i, (seed >> 33) as usize % (i + 1));
        }
        let want = Entitlement::of(&facts, NOW + now);
        prop_assert_eq!(&Entitlement::of(&other, NOW + now), &want);
        let store = Memory::new();
        for fact in &other {
            store.insert(fact, 0).unwrap();
        }
        prop_assert_eq!(Entitlement::of(&store.facts(&order("lemon_squeezy:7000001")).unwrap(), NOW + now), want);
    }

    /// No fact of the provider's opens an order that was refunded in full, unless the author restored it.
    #[test]
    fn a_full_refund_is_sticky(times in proptest::collection::vec(0_u64..5000, 1..8)) {
        let mut facts: Vec<Fact> = times.iter().map(|at| Fact { at: NOW + at, ..paid(1) }).collect();
        facts.push(fact(json!({"kind": "order", "status": "refunded", "store": 1, "product": 2, "quantity": 1, "refunded": 4900})));
        prop_assert_eq!(Entitlement::of(&facts, NOW + 9000).state, State::Refunded);
    }
}

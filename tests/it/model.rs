//! Every order and every repetition of a purchase's facts ends in the same, right state: `tests/vectors/model/`, on every store.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use bookplate::store::{Entitlement, Fact, Inserted, Memory, Sqlite, Store};
use serde_json::Value;

struct Story {
    name: String,
    now: u64,
    facts: BTreeMap<String, Fact>,
    expect: Value,
    subsets: Vec<(BTreeSet<String>, u64, Value)>,
}

impl Story {
    fn read(path: PathBuf) -> Self {
        let json: Value = serde_json::from_slice(&std::fs::read(&path).expect("a file")).expect("JSON");
        let facts = json["facts"].as_object().expect("facts").iter();
        let now = json["now"].as_u64().expect("now");
        let subset = |is: &Value| {
            let of = is["of"].as_array().expect("names").iter().map(|name| name.as_str().expect("a name").to_owned()).collect();
            (of, is["now"].as_u64().unwrap_or(now), is["expect"].clone())
        };
        Self {
            name: path.file_stem().expect("a name").to_string_lossy().into_owned(),
            now,
            facts: facts.map(|(name, fact)| (name.clone(), serde_json::from_value(fact.clone()).expect("a fact"))).collect(),
            expect: json["expect"].clone(),
            subsets: json["subsets"].as_array().expect("subsets").iter().map(subset).collect(),
        }
    }

    /// What some of the facts give.
    fn of(&self, names: &BTreeSet<String>, now: u64) -> Entitlement {
        let facts: Vec<Fact> = names.iter().map(|name| self.facts[name].clone()).collect();
        Entitlement::of(&facts, now)
    }

    /// Puts the facts in in this order, each again after every later one, as `order`: a store holds many stories at once.
    fn play(&self, names: &[&String], store: &dyn Store, order: u64) {
        let fact = |name: &String| Fact { order: format!("lemon_squeezy:{order}").parse().expect("an order"), ..self.facts[name].clone() };
        let mut known = BTreeSet::new();
        for name in names {
            assert_eq!(store.insert(&fact(name), 0).expect("stored"), Inserted::New, "{}: {names:?}", self.name);
            known.insert((*name).clone());
            for again in &known {
                assert_eq!(store.insert(&fact(again), 0).expect("stored"), Inserted::Known, "{}: {names:?}", self.name);
            }
            let given = Entitlement::of(&store.facts(&fact(name).order).expect("facts"), self.now);
            let want = Entitlement { display: given.display.clone(), ..self.of(&known, self.now) };
            assert_eq!(given, want, "{}: {known:?} of {names:?}", self.name);
        }
    }
}

fn stories() -> Vec<Story> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/model");
    let files = std::fs::read_dir(folder).expect("the vectors").map(|entry| entry.expect("an entry").path());
    let stories: Vec<Story> = files.filter(|path| path.extension().is_some_and(|e| e == "json")).map(Story::read).collect();
    assert!(stories.len() >= 6 && stories.iter().all(|story| story.facts.len() == 6));
    stories
}

/// Every order of some things (Heap's algorithm).
fn orders<T: Copy>(things: &[T]) -> Vec<Vec<T>> {
    fn heap<T: Copy>(k: usize, things: &mut [T], out: &mut Vec<Vec<T>>) {
        if k <= 1 {
            return out.push(things.to_vec());
        }
        for i in 0..k {
            heap(k - 1, things, out);
            things.swap(if k.is_multiple_of(2) { i } else { 0 }, k - 1);
        }
    }
    let mut out = Vec::new();
    heap(things.len(), &mut things.to_vec(), &mut out);
    out
}

/// Plays every order of every story; every `nth` of them.
fn play_all(store: &dyn Store, nth: usize) -> u64 {
    let mut played = 0;
    for story in stories() {
        let names: Vec<&String> = story.facts.keys().collect();
        for names in orders(&names).iter().step_by(nth) {
            played += 1;
            story.play(names, store, played);
        }
    }
    played
}

#[track_caller]
fn has(given: &Entitlement, expect: &Value, what: &str) {
    let given = serde_json::to_value(given).expect("JSON");
    for (member, want) in expect.as_object().expect("members") {
        assert_eq!(given.get(member).unwrap_or(&Value::Null), want, "{what}: {member}");
    }
}

#[test]
fn the_whole_and_its_parts_give_what_is_right() {
    for story in stories() {
        has(&story.of(&story.facts.keys().cloned().collect(), story.now), &story.expect, &story.name);
        for (names, now, expect) in &story.subsets {
            has(&story.of(names, *now), expect, &format!("{}: {names:?}", story.name));
        }
    }
}

#[test]
fn every_order_and_repetition_ends_in_the_same_state_in_memory() {
    assert_eq!(play_all(&Memory::new(), 1), 6 * 720);
}

/// Every order where `BOOKPLATE_LONG` is set; else every ninth, for each of the six commits of each order waits for the disk.
#[test]
fn every_order_and_repetition_ends_in_the_same_state_in_sqlite() {
    let nth = if std::env::var_os("BOOKPLATE_LONG").is_some() { 1 } else { 9 };
    let folder = tempfile::tempdir().expect("a folder");
    let store: Arc<dyn Store> = Arc::new(Sqlite::open(&folder.path().join("orders.db")).expect("a database"));
    assert_eq!(play_all(&*store, nth), 6 * 720 / nth as u64);
}

#[test]
fn there_are_as_many_orders_as_there_should_be() {
    let all: BTreeSet<Vec<u8>> = orders(&[1, 2, 3, 4, 5, 6]).into_iter().collect();
    assert_eq!(all.len(), 720);
}

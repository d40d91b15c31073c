//! Leaked keys, whole and in pieces: which copies they match, and that nothing in them is believed but the keys.

use bookplate::code::{DEFAULT_TOTAL, Trial, share_of_run};
use bookplate::edition::Edition;
use bookplate::protocol::{BuyerId, CourseId, Epoch, Keyring, OrderRef, Params, Sealer, Seat, SiteId, SiteKey};
use bookplate::site::{Mode, Seals};
use bookplate::template::Theme;
use bookplate::trace::{Examiner, KeyKind, KeyReading, Leak, LeakFile};

use super::builder::{Site, assemble};

/// Orders that are examined.
const ORDERS: usize = 2_000;

/// A shop with one sealed lesson, and the keyrings of its orders.
struct Shop {
    edition: Edition,
    sealed: Vec<Vec<u8>>,
    key: SiteKey,
    site: SiteId,
    course: CourseId,
}

impl Shop {
    fn new() -> Self {
        let index = "---\nid: c\nepoch: 2\n---\n# Course\n";
        let sentences: String =
            (0..30).map(|i| format!("You do not own value {i}, and therefore you cannot free it {i} times.\n\n")).collect();
        let lesson = format!("---\naccess: premium\n---\n# One\n\n{sentences}");
        let read = Site::new().file("content/c/index.md", index).file("content/c/one.md", lesson).read();
        let edition = read.edition().clone();
        let key = SiteKey::from_bytes([7; 32]);
        let seals = Seals { key: key.clone(), preview: false };
        let built = assemble(&edition, &Theme::folio().expect("the theme"), Some(&seals), Mode::Build).expect("no errors");
        let sealed = built.outputs.bytes().filter(|(path, _)| path.ends_with(".bin")).map(|(_, bytes)| bytes.to_vec()).collect();
        Self { edition, sealed, key, site: "test".parse().unwrap(), course: "c".parse().unwrap() }
    }

    fn buyer(&self, order: usize) -> BuyerId {
        self.key.buyer(&self.site, &format!("manual:{order}").parse::<OrderRef>().unwrap(), Seat(0))
    }

    fn keyring(&self, order: usize) -> Vec<u8> {
        let (buyer, params) = (self.buyer(order), Params::default());
        Keyring::issue(&self.key, &self.site, &self.course, Epoch(2), params, &buyer, "order …0042, T. B.").to_bytes().to_vec()
    }

    /// The keys of one order that stand in the sealed file, as hexadecimal digits.
    fn slot_keys(&self, order: usize, gate: bool) -> String {
        let sealer = Sealer::new(&self.key, self.site.clone(), self.course.clone(), Epoch(2), Params::default());
        let codeword = self.key.codeword(&self.site, &self.course, Params::default(), &self.buyer(order));
        let keys = self.sealed.iter().flat_map(|file| sealer.slot_keys(file).expect("our own file"));
        let own = keys.filter(|key| key.gate == gate && key.slot == codeword.slot(key.position));
        own.map(|key| key.start.iter().map(|b| format!("{b:02x}")).collect::<String>() + "\n").collect()
    }

    fn keys(&self, leak: &[u8]) -> Vec<KeyReading> {
        self.evidence(leak).map_or_else(Vec::new, |evidence| evidence.keys)
    }

    fn evidence(&self, leak: &[u8]) -> Option<bookplate::trace::Evidence> {
        let leak = Leak::read(&[LeakFile { name: "leak".into(), bytes: leak.to_vec() }]).expect("a leak");
        let sealed: Vec<&[u8]> = self.sealed.iter().map(Vec::as_slice).collect();
        Examiner::new(&self.edition, &self.key, &sealed).expect("ids").examine(&leak).pop()
    }

    /// The orders that a leak matches.
    fn named(&self, leak: &[u8]) -> Vec<usize> {
        let Some(evidence) = self.evidence(leak) else { return Vec::new() };
        let params = Params::default();
        let thresholds = self.key.thresholds(&self.site, &self.course, params);
        let alpha = share_of_run(DEFAULT_TOTAL, 1);
        let trial = Trial::new(params.set, &thresholds, &evidence.symbols(), ORDERS as u64, alpha).expect("one code");
        let codewords = self.key.codewords(&self.site, &self.course, params);
        (0..ORDERS).filter(|order| trial.examine(codewords.of(&self.buyer(*order)).as_bytes()).is_some()).collect()
    }
}

/// Where the keys begin in a keyring.
fn keys_at(keyring: &[u8]) -> usize {
    keyring.len() - 32 - 2048 * 16
}

#[test]
fn a_keyring_names_its_copy_whole_halved_and_with_an_edited_name() {
    let shop = Shop::new();
    let keyring = shop.keyring(17);
    assert_eq!(shop.named(&keyring), [17]);
    let at = keys_at(&keyring);
    assert_eq!(shop.named(&keyring[at + 5..at + 16 * 1024]), [17], "half of the keys, cut in the middle of one");
    let mut edited = keyring.clone();
    edited[..at].fill(0xff);
    assert_eq!(shop.named(&edited), [17], "without start, names and slot bits");
    let mut flipped = keyring.clone();
    flipped[at - 256..at].iter_mut().for_each(|slots| *slots = !*slots);
    assert_eq!(shop.named(&flipped), [17], "with every slot bit wrong");
}

#[test]
fn a_keyring_that_was_mixed_from_two_names_both() {
    let shop = Shop::new();
    let (one, two) = (shop.keyring(17), shop.keyring(1_717));
    let at = keys_at(&one);
    let mixed: Vec<u8> =
        one.iter().zip(&two).enumerate().map(|(i, (a, b))| if i < at || ((i - at) / 16).is_multiple_of(2) { *a } else { *b }).collect();
    assert_eq!(shop.named(&mixed), [17, 1_717]);
    // Both keys of a position say nothing; the positions at which both copies agree say enough.
    assert_eq!(shop.named(&[one, two].concat()), [17, 1_717]);
}

#[test]
fn lists_of_keys_are_read_as_text() {
    let shop = Shop::new();
    let keyring = shop.keyring(17);
    let keys: Vec<String> = keyring[keys_at(&keyring)..].chunks(16).take(60).map(|key| format!("{key:?}")).collect();
    assert_eq!(shop.named(format!("keys = {}", keys.join("\n")).as_bytes()), [17]);
    let pairs = shop.slot_keys(17, false);
    assert!(pairs.lines().count() >= 30, "{pairs}");
    let found = shop.keys(pairs.as_bytes());
    assert!(found.len() >= 28 && found.iter().all(|key| key.what == KeyKind::Pair), "{found:?}");
    let gates = shop.keys(shop.slot_keys(17, true).as_bytes());
    assert!(gates.len() == 16 && gates.iter().all(|key| key.what == KeyKind::Gate), "{gates:?}");
    assert_eq!(shop.named((pairs + &shop.slot_keys(17, true)).as_bytes()), [17]);
}

#[test]
fn keys_of_an_older_epoch_are_known_and_strange_ones_are_not() {
    let shop = Shop::new();
    let params = Params::default();
    let old = Keyring::issue(&shop.key, &shop.site, &shop.course, Epoch(1), params, &shop.buyer(17), "");
    assert!(shop.keys(&old.to_bytes()).iter().all(|key| key.epoch == 1));
    assert_eq!(shop.named(&old.to_bytes()), [17]);
    let strange = Keyring::issue(&SiteKey::from_bytes([8; 32]), &shop.site, &shop.course, Epoch(2), params, &shop.buyer(17), "");
    assert_eq!((shop.keys(&strange.to_bytes()), shop.named(&strange.to_bytes())), (vec![], vec![]));
}

/// Every position of a hundred keyrings holds exactly one of the two keys, the one that the slot bit says.
#[test]
fn a_keyring_holds_exactly_one_key_of_each_pair() {
    let shop = Shop::new();
    for order in 0..100 {
        let found = shop.keys(&shop.keyring(order));
        let codeword = shop.key.codeword(&shop.site, &shop.course, Params::default(), &shop.buyer(order));
        assert_eq!(found.iter().map(|key| key.position).collect::<Vec<_>>(), (0..2048).collect::<Vec<_>>());
        assert!(found.iter().all(|key| key.slot == codeword.slot(key.position) && key.what == KeyKind::Position));
    }
}

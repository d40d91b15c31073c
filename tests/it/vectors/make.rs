//! Makes every vector from fixed inputs. Derivations are put together from primitives and then held against the implementation.

use std::collections::BTreeMap;

use bookplate::protocol::primitives::{hex, sha256, unhex};
use bookplate::protocol::{
    Address, BuyerId, Code, CourseId, Epoch, Keyring, LessonId, OrderRef, Params, Sealer, Seat, SiteId, SiteKey, StaticCode, Token, decoy,
    static_path,
};

use super::run::{keyring_fields, perform, token_fields};
use super::schema::*;

/// Path -> bytes.
pub type Files = BTreeMap<String, Vec<u8>>;

pub fn all() -> Files {
    let mut files = Files::new();
    derivations(&mut files);
    codes(&mut files);
    tokens(&mut files);
    keyrings(&mut files);
    many_keyrings(&mut files);
    static_keyrings(&mut files);
    super::make_lessons::lessons(&mut files);
    super::make_lessons::assets(&mut files);
    files
}

pub fn put(files: &mut Files, path: &str, vector: &Vector) {
    let mut text = serde_json::to_string_pretty(vector).unwrap();
    text.push('\n');
    assert!(files.insert(path.to_owned(), text.into_bytes()).is_none(), "{path} twice");
}

/// The course that most vectors are about.
#[derive(Clone)]
pub struct Course {
    pub key: SiteKey,
    pub site: SiteId,
    pub course: CourseId,
    pub epoch: Epoch,
    pub params: Params,
}

pub const SITE_KEY: [u8; 32] = {
    let mut key = [0; 32];
    let mut i = 0;
    while i < 32 {
        key[i] = i as u8;
        i += 1;
    }
    key
};

impl Course {
    pub fn new() -> Self {
        Self {
            key: SiteKey::from_bytes(SITE_KEY),
            site: SiteId::parse("two-small-courses").unwrap(),
            course: CourseId::parse("借用").unwrap(),
            epoch: Epoch(1),
            params: "2.64.1".parse().unwrap(),
        }
    }

    pub fn sealer(&self) -> Sealer {
        Sealer::new(&self.key, self.site.clone(), self.course.clone(), self.epoch, self.params)
    }

    pub fn buyer(&self, order: &str) -> BuyerId {
        let order = OrderRef { provider: "lemon_squeezy".parse().unwrap(), order_id: order.parse().unwrap() };
        self.key.buyer(&self.site, &order, Seat(0))
    }

    pub fn keyring(&self, order: &str, display: &str) -> Keyring {
        Keyring::issue(&self.key, &self.site, &self.course, self.epoch, self.params, &self.buyer(order), display)
    }
}

fn text(text: &str) -> Part {
    Part::Text(text.into())
}

fn bytes(digits: &str) -> Part {
    Part::Bytes(digits.into())
}

/// Steps of one derivation, each with its inputs in clear.
struct Steps(Vec<Step>);

impl Steps {
    fn add(&mut self, name: &str, op: Op) -> String {
        let output = hex(&perform(&op));
        self.0.push(Step { name: name.into(), op, output: output.clone() });
        output
    }

    fn derive(&mut self, name: &str, ikm: &str, label: &str, parts: Vec<Part>) -> String {
        self.add(name, Op::Derive { ikm: ikm.into(), label: label.into(), parts })
    }

    fn stream(&mut self, name: &str, key: &str, length: usize) -> String {
        self.add(name, Op::Stream { key: key.into(), length })
    }

    fn first(&mut self, name: &str, of: &str, count: usize) -> String {
        self.add(name, Op::First { of: of.into(), count })
    }
}

fn derivations(files: &mut Files) {
    let c = Course::new();
    let mut put = |name: &str, shows: &str, make: &dyn Fn(&mut Steps)| {
        let mut steps = Steps(Vec::new());
        make(&mut steps);
        put(files, &format!("derivations/{name}.json"), &Vector::Derivation { shows: shows.into(), steps: steps.0 });
    };
    let site_key = hex(&SITE_KEY);
    let scope = |label: &'static str, steps: &mut Steps| {
        steps.derive(&format!("{label} key"), &site_key, label, vec![text(c.site.as_str()), text(c.course.as_str())])
    };
    let params = |set: u32| vec![Part::U32(set), Part::U32(64), Part::U32(1)];
    let params_bytes = |set: u32| hex(&Params::from_numbers(set, 64, 1).unwrap().to_bytes());
    let order: OrderRef = "lemon_squeezy:7000001".parse().unwrap();
    let buyer = c.key.buyer(&c.site, &order, Seat(0));

    put("course-key-and-positions", "course key from the site key; both keys of every position from the course key", &|s| {
        let encoded = s.add("params: set, m, generation", Op::Sha256(params(2)));
        assert_eq!(encoded, hex(&sha256(&c.params.to_bytes())), "parameters are three u32");
        let parts = vec![text(c.site.as_str()), text(c.course.as_str()), Part::U32(1), bytes(&params_bytes(2))];
        let course = s.derive("course key", &site_key, "course", parts);
        let key = s.derive("positions", &course, "positions", vec![]);
        let keys = s.stream("K[0][0], K[0][1], K[1][0], ...", &key, 32 * 64);
        let made = c.key.course(&c.site, &c.course, c.epoch, c.params).positions();
        assert_eq!(keys, (0..64).flat_map(|j| [false, true].map(|slot| hex(made.get(j, slot)))).collect::<String>());
    });
    put("buyer-id", "an order and a seat become a buyer id", &|s| {
        let parts = vec![text(c.site.as_str()), text("lemon_squeezy"), text("7000001"), Part::U32(0)];
        let whole = s.derive("buyer", &site_key, "buyer", parts);
        assert_eq!(s.first("buyer id", &whole, 16), buyer.to_string());
    });
    for set in [2, 4] {
        put(&format!("codeword-set-{set}"), "biases as thresholds, and the slots that a copy draws from them", &|s| {
            let wanted = Params::from_numbers(set, 64, 1).unwrap();
            let parts = vec![text(c.site.as_str()), text(c.course.as_str()), bytes(&params_bytes(set))];
            let key = s.derive("bias", &site_key, "bias", parts);
            let bias = s.stream("bias words", &key, 4 * 64);
            let thresholds = s.add("thresholds", Op::Thresholds { set, bias });
            let parts = vec![text(c.site.as_str()), text(c.course.as_str()), bytes(&params_bytes(set)), bytes(&buyer.to_string())];
            let key = s.derive("codeword", &site_key, "codeword", parts);
            let words = s.stream("codeword words", &key, 4 * 64);
            let slots =
                s.add("slot of each position, first position in the highest bit", Op::Codeword { words, thresholds: thresholds.clone() });
            let made = c.key.thresholds(&c.site, &c.course, wanted);
            assert_eq!(thresholds, made.iter().map(|t| hex(&t.to_be_bytes())).collect::<String>());
            assert_eq!(slots, hex(c.key.codeword(&c.site, &c.course, wanted, &buyer).as_bytes()));
        });
    }
    put("lesson-name-and-gates", "the name of a lesson's file, and the positions of its gates", &|s| {
        let name_key = scope("name", s);
        let whole = s.derive("name", &name_key, "lesson", vec![text("moving")]);
        let name = s.first("name", &whole, 16);
        assert_eq!(name, c.sealer().file_name(&LessonId::parse("moving").unwrap()).to_string());
        let address = scope("address", s);
        let key = s.derive("gates", &address, "gates", vec![bytes(&name)]);
        let words = s.stream("gate words", &key, 64);
        let positions = s.add("sixteen distinct positions", Op::Distinct { words, m: 64 });
        assert_eq!(positions.len(), 128);
    });
    put("address", "where a sentence is addressed: position and coin", &|s| {
        let key = scope("address", s);
        let sentence = "It's a move, not a copy.";
        let hash = s.add("hash of the address text", Op::Sha256(vec![text(sentence)]));
        let h = s.add("h", Op::Hmac { key, message: vec![bytes(&hash)] });
        let address = s.add("position and coin", Op::Address { of: h, m: 64 });
        let Address { position, author_slot: coin, .. } = c.sealer().addresses().of(&format!(" {} ", sentence.replace(' ', "\n ")));
        assert_eq!(address, format!("{}{}", hex(&position.to_be_bytes()), hex(&[u8::from(coin)])));
    });
    put("asset-key", "an asset's key from its id", &|s| {
        let (_, entry) = c.sealer().asset(b"pixels", "image/png").unwrap();
        let key = scope("salt", s);
        let header = format!("424b504c0102{}", scope_digits(&c));
        let whole =
            s.add("header with zero id, content", Op::Hmac { key, message: vec![bytes(&header), bytes(&"00".repeat(16)), text("pixels")] });
        let id = s.first("id, which is the file's name", &whole, 16);
        assert_eq!(id, entry.name.to_string());
        let share = scope("share", s);
        assert_eq!(s.derive("key", &share, "asset", vec![bytes(&id)]), hex(&*entry.key));
    });
    put("static-code", "the code of a copy that the author gives as a file", &|s| {
        let parts = vec![text(c.site.as_str()), text("manual"), text("7000001"), Part::U32(1)];
        let whole = s.derive("code", &site_key, "static code", parts);
        let first: [u8; 16] = unhex(&s.first("its 125 bits, and 3 that are dropped", &whole, 16)).unwrap();
        let order = "manual:7000001".parse().unwrap();
        assert_eq!(Code::from_random(first).to_string(), c.key.static_code(&c.site, &order, Seat(1)).to_string());
    });
    put("fingerprint", "which site key a catalog belongs to", &|s| {
        let whole = s.derive("fingerprint", &site_key, "fingerprint", vec![text(c.site.as_str())]);
        assert_eq!(s.first("fingerprint", &whole, 8), c.key.fingerprint(&c.site).to_string());
    });
    put("token-key", "the key that tokens of a site are signed with", &|s| {
        let key = s.derive("token key", &site_key, "token", vec![text(c.site.as_str())]);
        let token = token();
        let (digits, mac) = token_parts(&token.mint(&c.key));
        let message = vec![text("bookplate_token_v1_"), bytes(&digits)];
        assert_eq!(s.add("code behind the fields", Op::Hmac { key, message }), mac);
    });
    put("claim-hash", "what a checkout link carries of a code", &|s| {
        let code = Code::from_random([0xa5; 16]);
        let ikm = hex(code.key_material());
        let hash = s.derive("claim hash", &ikm, "claim hash", vec![text(c.site.as_str())]);
        assert_eq!(hash, code.claim_hash(&c.site).to_string());
    });
    put("static-keyring", "path, salt and key of a keyring under a code", &|s| {
        let code = Code::from_random([0xa5; 16]);
        let (ikm, scope) = (hex(code.key_material()), || vec![text(c.site.as_str()), text(c.course.as_str()), Part::U32(1)]);
        let keyring = c.keyring("7000001", "order …0042, T. B.");
        let sealed = keyring.seal_static(&code);
        let whole = s.derive("static path", &ikm, "static path", scope());
        assert_eq!(format!("{}.bin", s.first("path", &whole, 16)), sealed.path);
        let key = s.derive("static salt", &ikm, "static salt", scope());
        let whole = s.add("keyring", Op::Hmac { key, message: vec![bytes(&hex(&keyring.to_bytes()))] });
        let salt = s.first("salt", &whole, 16);
        assert_eq!(salt, hex(&sealed.bytes[6..22]));
        s.derive("static keyring", &ikm, "static keyring", scope().into_iter().chain([bytes(&salt)]).collect());
    });
    put("long-part", "a part of more than 128 bytes enters as its SHA-256", &|s| {
        let whole = s.derive("128 bytes", &site_key, "part", vec![text(&"a".repeat(128))]);
        let long = s.derive("129 bytes", &site_key, "part", vec![text(&"a".repeat(129))]);
        assert_ne!(whole, long);
        let hash = s.add("its hash", Op::Sha256(vec![text(&"a".repeat(129))]));
        assert_eq!(s.derive("the hash as a part", &site_key, "part", vec![bytes(&hash)]), long);
    });
    put("lesson-keys", "salt, shares, gates and keys of the file lessons/pairs-a.bin", &|s| {
        super::make_lessons::keys(&c, &mut |name, op| s.add(name, op))
    });
}

/// Site, course, epoch and parameters as they stand in headers.
pub fn scope_digits(c: &Course) -> String {
    let short = |text: &str| format!("{}{}", hex(&[text.len() as u8]), hex(text.as_bytes()));
    format!("{}{}{}{}", short(c.site.as_str()), short(c.course.as_str()), hex(&c.epoch.0.to_be_bytes()), hex(&c.params.to_bytes()))
}

fn codes(files: &mut Files) {
    let site = Course::new().site;
    let good = |typed: &str| {
        let code = Code::parse(typed).unwrap();
        let claim_hash = Some(code.claim_hash(&site).to_string());
        CodeCase { typed: typed.into(), code: Some(code.to_string()), claim_hash, fails: None }
    };
    let bad = |typed: &str, class: &str| CodeCase { typed: typed.into(), code: None, claim_hash: None, fails: Some(class.into()) };
    let one = Code::from_random(*b"sixteen bytes \xff\xff").to_string();
    let zero = Code::from_random([0; 16]).to_string();
    let full = Code::from_random([0xff; 16]).to_string();
    let wide: String = one.chars().map(|c| char::from_u32(c as u32 + 0xfee0).unwrap()).collect();
    let mut put = |name: &str, shows: &str, cases| {
        put(files, &format!("codes/{name}.json"), &Vector::Codes { shows: shows.into(), site: site.to_string(), cases });
    };
    put("exact", "codes as they are printed, with their claim hashes", vec![good(&one), good(&zero), good(&full)]);
    let forms = [
        one.to_lowercase(),
        one.replace('-', ""),
        one.replace('-', " "),
        one.replace('-', " \u{2013} "),
        one.replace('-', "\u{a0}"),
        one.replace('-', "\u{3000}"),
        one.replace('-', "\u{2212}"),
        format!("\u{feff}\t{one}\r\n"),
        wide,
        zero.replace('0', "o"),
        zero.replace('0', "O"),
        Code::from_random([0b0000_1000, 0x42, 0x10, 0x84, 0x21, 0x08, 0x42, 0x10, 0x84, 0x21, 0x08, 0x42, 0x10, 0x84, 0x21, 0x08])
            .to_string()
            .replace('1', "l"),
        Code::from_random([0b0000_1000, 0x42, 0x10, 0x84, 0x21, 0x08, 0x42, 0x10, 0x84, 0x21, 0x08, 0x42, 0x10, 0x84, 0x21, 0x08])
            .to_string()
            .replace('1', "I"),
    ];
    put(
        "forgiven",
        "what people do to codes: case, spaces, dashes, full width, O for 0, I and L for 1",
        forms.iter().map(|f| good(f)).collect(),
    );
    let swapped = format!("{}{}{}", &one[1..2], &one[..1], &one[2..]);
    let other_check = format!("{}{}", &one[..30], if one.ends_with('0') { '1' } else { '0' });
    let cases = vec![
        bad("", "length"),
        bad(&one[..29], "length"),
        bad(&format!("{one}0"), "length"),
        bad(&"0".repeat(257), "length"),
        bad(&swapped, "check"),
        bad(&other_check, "check"),
        bad(&format!("U{}", &one[1..]), "character"),
        bad(&format!("*{}", &one[1..]), "character"),
        bad(&format!("\u{131}{}", &one[1..]), "character"),
        bad(&format!("\u{1f600}{}", &one[1..]), "character"),
        bad(&format!("{one}\0"), "character"),
    ];
    put("refused", "wrong length, characters that no code has, a wrong character and two swapped ones", cases);

    let key = SiteKey::from_bytes(SITE_KEY).to_text().to_string();
    let good = |text: String| SiteKeyCase { text, key: Some(hex(&SITE_KEY)), fails: None };
    let bad = |text: String, class: &str| SiteKeyCase { text, key: None, fails: Some(class.into()) };
    let cases = vec![
        good(key.clone()),
        good(format!("{key}\n")),
        bad(String::new(), "prefix"),
        bad(key.replace("v1", "v2"), "prefix"),
        bad(key.to_uppercase(), "prefix"),
        bad(key[..key.len() - 1].into(), "form"),
        bad(format!("{key}00"), "form"),
        bad(key.replace("0a0b", "0A0B"), "form"),
        bad(key.replace("0a0b", "0b0a"), "checksum"),
    ];
    super::make::put(files, "codes/site-key.json", &Vector::SiteKeys { shows: "the text form of a site key".into(), cases });
}

fn token() -> Token {
    Token::new(Course::new().site, [0x11; 16], "lemon_squeezy:7000001".parse().unwrap(), Seat(0), 1_760_000_000)
}

/// Fields and code of a written token, in hexadecimal.
fn token_parts(text: &str) -> (String, String) {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text.strip_prefix("bookplate_token_v1_").unwrap()).unwrap();
    let (fields, mac) = bytes.split_at(bytes.len() - 32);
    (hex(fields), hex(mac))
}

/// A token with these fields, however malformed, under the right code.
fn signed(site: &str, fields: &[u8]) -> String {
    use base64::Engine as _;
    let key = hex(&perform(&Op::Derive { ikm: hex(&SITE_KEY), label: "token".into(), parts: vec![text(site)] }));
    let mac = perform(&Op::Hmac { key, message: vec![text("bookplate_token_v1_"), bytes(&hex(fields))] });
    format!("bookplate_token_v1_{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode([fields, &mac].concat()))
}

fn tokens(files: &mut Files) {
    let c = Course::new();
    let now = token().issued_at;
    let mut put = |name: &str, shows: &str, token: &str, now: u64| {
        let found = Token::verify(&c.key, &c.site, token, now);
        let vector = TokenVector {
            shows: shows.into(),
            site_key: hex(&SITE_KEY),
            site: c.site.to_string(),
            now,
            token: token.into(),
            says: found.as_ref().ok().map(token_fields),
            fails: found.err().map(|e| e.name().into()),
        };
        put(files, &format!("tokens/{name}.json"), &Vector::Token(Box::new(vector)));
    };
    let good = token().mint(&c.key);
    let seat = Token { seat: Seat(3), ..token() }.mint(&c.key);
    let other_site = Token { site: SiteId::parse("another-site").unwrap(), ..token() };
    put("good", "a token in its time", &good, now + 86_400);
    put("good-seat", "the fourth copy of an order", &seat, now);
    put("good-first-second", "300 seconds before it was issued: clocks differ", &good, now - 300);
    put("good-last-second", "the last second of 400 days", &good, now + 400 * 86_400 - 1);
    put("early", "301 seconds before it was issued", &good, now - 301);
    put("expired", "400 days after it was issued", &good, now + 400 * 86_400);
    put("forged-other-key", "signed under another site key", &token().mint(&SiteKey::from_bytes([9; 32])), now);
    put("forged-other-site", "a right token of another site with the same key", &other_site.mint(&c.key), now);
    put("forged-one-bit", "the last bit of the last field flipped", &flipped(&good), now);
    put("forged-empty", "nothing behind the prefix", "bookplate_token_v1_", now);
    put("encoding-padding", "base64 padding", &format!("{good}="), now);
    put("encoding-standard", "standard base64 in place of base64url", &format!("{}+/", &good[..good.len() - 2]), now);
    put("encoding-line-break", "a line break at the end", &format!("{good}\n"), now);
    put("prefix", "another version", &good.replace("_v1_", "_v2_"), now);
    put("prefix-empty", "nothing", "", now);
    put("length", "longer than 1,024 characters", &format!("bookplate_token_v1_{}", "A".repeat(1100)), now);
    let fields: Vec<u8> = super::run::unhex(&token_parts(&good).0);
    put("malformed-trailing", "signed, with a byte behind the fields", &signed(c.site.as_str(), &[&fields[..], &[0]].concat()), now);
    put("malformed-short", "signed, a byte short", &signed(c.site.as_str(), &fields[..fields.len() - 1]), now);
    put("malformed-provider", "signed, with a provider in capitals", &signed(c.site.as_str(), &replaced(&fields, b"lemon", b"LEMON")), now);
    put(
        "site",
        "signed under this site's token key, but says another site",
        &signed(c.site.as_str(), &replaced(&fields, b"two", b"six")),
        now,
    );
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|w| w == from).unwrap();
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

/// The same token with the lowest bit of the expiry flipped.
fn flipped(text: &str) -> String {
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let mut bytes = engine.decode(text.strip_prefix("bookplate_token_v1_").unwrap()).unwrap();
    let at = bytes.len() - 33;
    bytes[at] ^= 1;
    format!("bookplate_token_v1_{}", engine.encode(bytes))
}

/// A hundred copies of a course: at every position each holds one key of the pair.
fn many_keyrings(files: &mut Files) {
    for (name, params) in [("hundred", "2.2048.1"), ("hundred-set-4", "4.128.3")] {
        let course = Course { params: params.parse().unwrap(), ..Course::new() };
        let display = "order …0042, T. B.";
        let hash = |order: &String| hex(&sha256(&course.keyring(order, display).to_bytes()));
        let vector = KeyringsVector {
            shows: format!("a hundred copies under {params}: one key of each pair, the one that the slot says"),
            site_key: hex(&SITE_KEY),
            site: course.site.to_string(),
            course: course.course.to_string(),
            epoch: course.epoch.0,
            params: params.into(),
            provider: "lemon_squeezy".into(),
            seat: 0,
            display: display.into(),
            orders: (0..100).map(|i| (7_100_000 + i).to_string()).map(|order| (order.clone(), hash(&order))).collect(),
        };
        put(files, &format!("keyrings/{name}.json"), &Vector::Keyrings(Box::new(vector)));
    }
}

fn keyrings(files: &mut Files) {
    let c = Course::new();
    let issue = |order: &str, display: &str| Issue {
        site_key: hex(&SITE_KEY),
        provider: "lemon_squeezy".into(),
        order_id: order.into(),
        seat: 0,
        display: display.into(),
    };
    let mut put = |name: &str, shows: &str, bytes: Vec<u8>, issue: Option<Issue>| {
        let found = Keyring::from_bytes(&bytes);
        let vector = KeyringVector {
            shows: shows.into(),
            file: format!("{name}.bin"),
            issue,
            says: found.as_ref().ok().map(keyring_fields),
            fails: found.err().map(|e| e.name().into()),
        };
        put(files, &format!("keyrings/{name}.json"), &Vector::Keyring(Box::new(vector)));
        files.insert(format!("keyrings/{name}.bin"), bytes);
    };
    let display = "order …0042, T. B.";
    let good = c.keyring("7000001", display).to_bytes().to_vec();
    put("a", "a keyring of 64 positions", good.clone(), Some(issue("7000001", display)));
    put("b", "another copy's keyring", c.keyring("7000002", "订单 …0043").to_bytes().to_vec(), Some(issue("7000002", "订单 …0043")));
    put("no-display", "no display line", c.keyring("7000003", "").to_bytes().to_vec(), Some(issue("7000003", "")));
    let next = Course { epoch: Epoch(2), ..c.clone() };
    put(
        "a-epoch-2",
        "the same copy in the next epoch: other keys, the same slots",
        next.keyring("7000001", display).to_bytes().to_vec(),
        Some(issue("7000001", display)),
    );
    let set4 = Course { params: "4.128.3".parse().unwrap(), ..c.clone() };
    put(
        "a-set-4",
        "set 4, 128 positions, generation 3",
        set4.keyring("7000001", display).to_bytes().to_vec(),
        Some(issue("7000001", display)),
    );
    let usual = Course { params: Params::default(), ..c.clone() };
    put("a-2048", "the usual 2,048 positions", usual.keyring("7000001", display).to_bytes().to_vec(), Some(issue("7000001", display)));
    let long = "é".repeat(80);
    put(
        "long-display",
        "a display line cut to 126 of 160 bytes",
        c.keyring("7000004", &long).to_bytes().to_vec(),
        Some(issue("7000004", &long)),
    );

    let broken = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut inside = good[..good.len() - 32].to_vec();
        change(&mut inside);
        let sum = sha256(&inside);
        [&inside[..], &sum].concat()
    };
    let display_at = 6 + scope_digits(&c).len() / 2;
    let mut flip = good.clone();
    flip[500] ^= 1;
    put("checksum", "one bit of a key flipped", flip, None);
    put("checksum-cut", "the last byte is missing", good[..good.len() - 1].to_vec(), None);
    put("truncated", "shorter than a checksum", good[..31].to_vec(), None);
    put("truncated-keys", "right checksum, a key is missing", broken(&|b| b.truncate(b.len() - 16)), None);
    put("trailing", "right checksum, a byte too many", broken(&|b| b.push(0)), None);
    put("magic", "another magic", broken(&|b| b[3] = b'l'), None);
    put("version", "version 2", broken(&|b| b[4] = 2), None);
    put("kind", "a lesson's kind", broken(&|b| b[5] = 1), None);
    put("header-site-empty", "an empty site id", broken(&|b| drop(b.splice(6..7 + c.site.as_str().len(), [0]))), None);
    put("header-site-control", "a control character in the site id", broken(&|b| b[8] = 10), None);
    put("header-site-utf8", "a site id that is no UTF-8", broken(&|b| b[8] = 0xff), None);
    put("header-site-nfc", "a site id that is not in NFC", broken(&|b| b[8..11].copy_from_slice("e\u{301}".as_bytes())), None);
    put(
        "header-site-long",
        "a site id of 129 bytes",
        broken(&|b| drop(b.splice(6..7 + c.site.as_str().len(), std::iter::once(129).chain([b'a'; 129])))),
        None,
    );
    put("header-set", "set 6, which is reserved", broken(&|b| b[display_at - 9] = 6), None);
    put("header-m", "65 positions", broken(&|b| b[display_at - 5] = 65), None);
    put("header-display-long", "a display line of 128 bytes", broken(&|b| b[display_at] = 128), None);
    put("header-display-control", "a line break in the display line", broken(&|b| b[display_at + 1] = 10), None);
    put("header-display-utf8", "a display line cut within a character", broken(&|b| b[display_at] = 7), None);
    put("header-display-filling", "something behind the display line", broken(&|b| b[display_at + 127] = 1), None);
}

fn static_keyrings(files: &mut Files) {
    let c = Course::new();
    let code = Code::from_random([0xa5; 16]);
    let keyring = c.keyring("7000001", "order …0042, T. B.");
    let file = keyring.seal_static(&code);
    let mut put = |name: &str, shows: &str, code: &str, epoch: u32, bytes: Vec<u8>| {
        let parsed = StaticCode::parse(code);
        let path = parsed.as_ref().ok().map(|code| static_path(code, &c.site, &c.course, Epoch(epoch)));
        let found = parsed.and_then(|code| Keyring::open_static(&code, &c.site, &c.course, Epoch(epoch), &bytes));
        let vector = StaticVector {
            shows: shows.into(),
            file: format!("{name}.bin"),
            code: code.into(),
            site: c.site.to_string(),
            course: c.course.to_string(),
            epoch,
            path,
            keyring: found.is_ok().then(|| "keyrings/a.bin".into()),
            fails: found.err().map(|e| e.name().into()),
        };
        put(files, &format!("static/{name}.json"), &Vector::StaticKeyring(Box::new(vector)));
        files.insert(format!("static/{name}.bin"), bytes);
    };
    let written = code.to_string();
    put("good-code", "a keyring under a claim code", &written, 1, file.bytes.clone());
    put("good-code-typed", "the code as a person types it", &written.to_lowercase().replace('-', " "), 1, file.bytes.clone());
    let licence = "38b1460a-5104-4067-a91d-77b872934d51";
    let under = keyring.seal_static(StaticCode::parse(licence).unwrap());
    put("good-licence", "a keyring under a licence key", licence, 1, under.bytes.clone());
    put("good-licence-typed", "a licence key in capitals, with spaces round it", &format!(" {}\n", licence.to_uppercase()), 1, under.bytes);
    put("code-other", "another code", &Code::from_random([1; 16]).to_string(), 1, file.bytes.clone());
    put("code-other-epoch", "a keyring of another epoch", &written, 2, file.bytes.clone());
    put("code-mistyped", "a code with a wrong character is taken for a licence key", &format!("0{}", &written[1..]), 1, file.bytes.clone());
    put("code-short", "neither a code nor a licence key", "letmein", 1, file.bytes.clone());
    put("code-decoy", "a file that opens for nobody", &written, 1, decoy(&c.key, keyring.scope(), 0).bytes);
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = file.bytes.clone();
        change(&mut bytes);
        bytes
    };
    put("magic", "another magic", &written, 1, changed(&|b| b[0] = 0));
    put("version", "version 2", &written, 1, changed(&|b| b[4] = 2));
    put("kind", "a bare keyring's kind", &written, 1, changed(&|b| b[5] = 3));
    put("code-salt", "one bit of the salt flipped", &written, 1, changed(&|b| b[6] ^= 1));
    put("code-tag", "one bit of the tag flipped", &written, 1, changed(&|b| *b.last_mut().unwrap() ^= 1));
    put("code-cut", "the last byte is missing", &written, 1, changed(&|b| _ = b.pop()));
    put("code-trailing", "a byte too many", &written, 1, changed(&|b| b.push(0)));
    put("truncated", "cut within the salt", &written, 1, changed(&|b| b.truncate(20)));
    let epoch2 = Course { epoch: Epoch(2), ..c.clone() }.keyring("7000001", "order …0042, T. B.");
    let (salt, inside) = ([7; 16], epoch2.to_bytes());
    let mut bytes = b"BKPL\x01\x04".to_vec();
    bytes.extend(salt);
    let key = perform(&Op::Derive {
        ikm: hex(code.key_material()),
        label: "static keyring".into(),
        parts: vec![text(c.site.as_str()), text(c.course.as_str()), Part::U32(1), Part::Bytes(hex(&salt))],
    });
    let sealed = bookplate::protocol::primitives::seal(&key.try_into().unwrap(), &[0; 12], &bytes, &inside);
    put("epoch", "sealed for epoch 1, with a keyring of epoch 2 inside", &written, 1, [bytes, sealed].concat());
}

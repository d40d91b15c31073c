//! Holds the implementation against one vector.

use std::collections::HashSet;

use bookplate::code::Set;
use bookplate::protocol::primitives::{derive, first16, hex, hmac, sha256, stream, words};
use bookplate::protocol::{
    AssetEntry, Code, CourseId, Epoch, Keyring, ObjectName, OrderRef, Params, Seat, SiteId, SiteKey, StaticCode, Token, open_asset,
    open_lesson, static_path,
};
use zeroize::Zeroizing;

use super::schema::*;

type Read<'a> = dyn FnMut(&str) -> Result<Vec<u8>, String> + 'a;

pub fn unhex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "odd hexadecimal");
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

pub fn array<const N: usize>(text: &str) -> [u8; N] {
    unhex(text).try_into().unwrap()
}

/// The vector's expectation: a value, or a failure class.
fn expect<T: PartialEq + std::fmt::Debug>(found: Result<T, &str>, wanted: Option<T>, fails: Option<&String>) -> Result<(), String> {
    let wanted = match (wanted, fails) {
        (Some(value), None) => Ok(value),
        (None, Some(class)) => Err(class.as_str()),
        _ => return Err("a vector has a result or fails".into()),
    };
    if found == wanted { Ok(()) } else { Err(format!("found {found:?}, wanted {wanted:?}")) }
}

pub fn run(vector: &Vector, read: &mut Read<'_>) -> Result<(), String> {
    match vector {
        Vector::Derivation { steps, .. } => steps.iter().try_for_each(|step| {
            let found = hex(&perform(&step.op));
            if found == step.output { Ok(()) } else { Err(format!("{}: found {found}, wanted {}", step.name, step.output)) }
        }),
        Vector::Codes { site, cases, .. } => cases.iter().try_for_each(|case| code(&SiteId::parse(site).unwrap(), case)),
        Vector::SiteKeys { cases, .. } => cases.iter().try_for_each(|case| {
            let found = SiteKey::parse(&case.text).map(|key| key.to_text().to_string());
            let wanted = case.key.as_ref().map(|key| SiteKey::from_bytes(array(key)).to_text().to_string());
            let class = found.map_err(|e| match e {
                bookplate::protocol::SiteKeyError::Prefix => "prefix",
                bookplate::protocol::SiteKeyError::Form => "form",
                bookplate::protocol::SiteKeyError::Checksum => "checksum",
            });
            expect(class, wanted, case.fails.as_ref())
        }),
        Vector::Token(v) => {
            let key = SiteKey::from_bytes(array(&v.site_key));
            let found = Token::verify(&key, &SiteId::parse(&v.site).unwrap(), &v.token, v.now);
            if let Ok(token) = &found {
                assert_eq!(token.mint(&key), v.token, "one text for each token");
            }
            expect(found.map(|t| token_fields(&t)).map_err(|e| e.name()), v.says.clone(), v.fails.as_ref())
        }
        Vector::Keyring(v) => keyring(v, read),
        Vector::Keyrings(v) => keyrings(v),
        Vector::StaticKeyring(v) => static_keyring(v, read),
        Vector::Lesson(v) => lesson(v, read),
        Vector::Asset(v) => {
            let found = open_asset(&entry(&v.entry), &read(&v.file)?);
            expect(found.map(|bytes| hex(&sha256(&bytes))).map_err(|e| e.name()), v.content_sha256.clone(), v.fails.as_ref())
        }
    }
}

fn join(parts: &[Part]) -> Vec<u8> {
    parts.iter().flat_map(part).collect()
}

fn part(part: &Part) -> Vec<u8> {
    match part {
        Part::Text(text) => text.as_bytes().to_vec(),
        Part::U32(n) => n.to_be_bytes().to_vec(),
        Part::U8(n) => vec![*n],
        Part::Bytes(digits) => unhex(digits),
    }
}

/// One step, by the primitives alone.
pub fn perform(op: &Op) -> Vec<u8> {
    match op {
        Op::Derive { ikm, label, parts } => {
            let parts: Vec<_> = parts.iter().map(part).collect();
            derive(&unhex(ikm), label, &parts.iter().map(Vec::as_slice).collect::<Vec<_>>()).to_vec()
        }
        Op::Stream { key, length } => stream(&array(key), *length).to_vec(),
        Op::Hmac { key, message } => hmac(&array(key), &[&join(message)]).to_vec(),
        Op::Sha256(message) => sha256(&join(message)).to_vec(),
        Op::First { of, count } if *count == 16 && of.len() == 64 => first16(&array(of)).to_vec(),
        Op::First { of, count } => unhex(of)[..*count].to_vec(),
        Op::Xor(a, b) => unhex(a).iter().zip(unhex(b)).map(|(a, b)| a ^ b).collect(),
        Op::Distinct { words: bytes, m } => {
            let mut taken: Vec<u32> = Vec::new();
            for word in words(&unhex(bytes)) {
                let free = (0..*m).map(|step| (word % m + step) % m).find(|p| !taken.contains(p));
                taken.extend(free);
            }
            taken.iter().flat_map(|p| p.to_be_bytes()).collect()
        }
        Op::Thresholds { set, bias } => {
            let set = Set::from_number(*set).unwrap();
            words(&unhex(bias)).flat_map(|word| set.threshold(word).to_be_bytes()).collect()
        }
        Op::Codeword { words: drawn, thresholds } => {
            let thresholds = unhex(thresholds);
            let slots: Vec<bool> = words(&unhex(drawn)).zip(words(&thresholds)).map(|(w, t)| w < t).collect();
            slots.chunks(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit))).collect()
        }
        Op::Address { of, m } => {
            let h = unhex(of);
            let position = words(&h).next().unwrap() % m;
            [&position.to_be_bytes()[..], &[h[4] & 1]].concat()
        }
    }
}

fn code(site: &SiteId, case: &CodeCase) -> Result<(), String> {
    let found = Code::parse(&case.typed);
    if let (Ok(code), Some(hash)) = (&found, &case.claim_hash)
        && code.claim_hash(site).to_string() != *hash
    {
        return Err(format!("`{}`: claim hash {}", case.typed, code.claim_hash(site)));
    }
    expect(found.map(|code| code.to_string()).map_err(|e| e.name()), case.code.clone(), case.fails.as_ref())
        .map_err(|why| format!("`{}`: {why}", case.typed))
}

pub fn token_fields(token: &Token) -> TokenFields {
    TokenFields {
        site: token.site.to_string(),
        id: hex(&token.id),
        order: token.order.to_string(),
        seat: token.seat.0,
        issued_at: token.issued_at,
        expires_at: token.expires_at,
    }
}

pub fn keyring_fields(keyring: &Keyring) -> KeyringFields {
    let (scope, m) = (keyring.scope(), keyring.scope().params.m.get());
    let keys: Vec<u8> = (0..m).flat_map(|j| *keyring.key(j).0).collect();
    let slots: Vec<bool> = (0..m).map(|j| keyring.key(j).1).collect();
    let slots: Vec<u8> = slots.chunks(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit))).collect();
    KeyringFields {
        site: scope.site.to_string(),
        course: scope.course.to_string(),
        epoch: scope.epoch.0,
        params: scope.params.to_string(),
        display: keyring.display().to_owned(),
        slots: hex(&slots),
        keys_sha256: hex(&sha256(&keys)),
    }
}

fn keyring(v: &KeyringVector, read: &mut Read<'_>) -> Result<(), String> {
    let bytes = read(&v.file)?;
    let found = Keyring::from_bytes(&bytes);
    if let (Some(issue), Ok(keyring)) = (&v.issue, &found) {
        let (key, scope) = (SiteKey::from_bytes(array(&issue.site_key)), keyring.scope());
        let order = OrderRef { provider: issue.provider.parse().unwrap(), order_id: issue.order_id.parse().unwrap() };
        let buyer = key.buyer(&scope.site, &order, Seat(issue.seat));
        let issued = Keyring::issue(&key, &scope.site, &scope.course, scope.epoch, scope.params, &buyer, &issue.display);
        if *issued.to_bytes() != bytes {
            return Err("issued again, it has other bytes".into());
        }
    }
    expect(found.map(|k| keyring_fields(&k)).map_err(|e| e.name()), v.says.clone(), v.fails.as_ref())
}

/// Issues each keyring, and finds in it one key of each pair: the one that the slot says, and not the other.
fn keyrings(v: &KeyringsVector) -> Result<(), String> {
    let key = SiteKey::from_bytes(array(&v.site_key));
    let (site, course): (SiteId, CourseId) = (v.site.parse().unwrap(), v.course.parse().unwrap());
    let params: Params = v.params.parse().unwrap();
    let numbers: Vec<u8> = v.params.split('.').flat_map(|n| n.parse::<u32>().unwrap().to_be_bytes()).collect();
    let parts = [v.site.as_bytes(), v.course.as_bytes(), &v.epoch.to_be_bytes(), &numbers];
    let pairs = stream(&derive(&*derive(&array::<32>(&v.site_key), "course", &parts), "positions", &[]), 32 * params.m.get() as usize);
    for (order_id, hash) in &v.orders {
        let order = OrderRef { provider: v.provider.parse().unwrap(), order_id: order_id.parse().unwrap() };
        let buyer = key.buyer(&site, &order, Seat(v.seat));
        let bytes = Keyring::issue(&key, &site, &course, Epoch(v.epoch), params, &buyer, &v.display).to_bytes();
        if hex(&sha256(&bytes)) != *hash {
            return Err(format!("order {order_id}: other bytes"));
        }
        let (keyring, codeword) = (Keyring::from_bytes(&bytes).map_err(|e| e.to_string())?, key.codeword(&site, &course, params, &buyer));
        let all: HashSet<&[u8]> = (0..params.m.get()).map(|j| &keyring.key(j).0[..]).collect();
        for (pair, j) in pairs.chunks(32).zip(0..) {
            let (held, slot) = keyring.key(j);
            let is = [&pair[..16] == held, &pair[16..] == held];
            let other = &pair[16 * usize::from(!slot)..][..16];
            if is != [!slot, slot] || codeword.slot(j) != slot || all.contains(other) {
                return Err(format!("order {order_id}, position {j}: not exactly the key of its slot"));
            }
        }
    }
    Ok(())
}

fn static_keyring(v: &StaticVector, read: &mut Read<'_>) -> Result<(), String> {
    let (site, course) = (v.site.parse().unwrap(), v.course.parse().unwrap());
    let epoch = bookplate::protocol::Epoch(v.epoch);
    let code = StaticCode::parse(&v.code).map_err(|e| e.name());
    if let (Ok(code), Some(path)) = (&code, &v.path)
        && static_path(code, &site, &course, epoch) != *path
    {
        return Err("another path".into());
    }
    let bytes = read(&v.file)?;
    let found = code.and_then(|code| Keyring::open_static(&code, &site, &course, epoch, &bytes).map_err(|e| e.name()));
    let wanted = v.keyring.as_ref().map(|name| read(name)).transpose()?;
    expect(found.map(|k| k.to_bytes().to_vec()), wanted, v.fails.as_ref())
}

pub fn entry(entry: &Entry) -> AssetEntry {
    AssetEntry {
        name: ObjectName(array(&entry.name)),
        key: Zeroizing::new(array(&entry.key)),
        sha256: array(&entry.sha256),
        size: entry.size,
        media_type: entry.media_type.clone(),
    }
}

pub fn written(entry: &AssetEntry) -> Entry {
    Entry {
        name: entry.name.to_string(),
        key: hex(&*entry.key),
        sha256: hex(&entry.sha256),
        size: entry.size,
        media_type: entry.media_type.clone(),
    }
}

fn lesson(v: &LessonVector, read: &mut Read<'_>) -> Result<(), String> {
    let keyring = Keyring::from_bytes(&read(&v.keyring)?).map_err(|e| e.to_string())?;
    let found = open_lesson(&keyring, &read(&v.file)?).map_err(|e| e.name()).map(|lesson| {
        let html = match v.html {
            Some(Html::Sha256(_)) => Html::Sha256(hex(&sha256(lesson.html.as_bytes()))),
            _ => Html::Text(lesson.html),
        };
        (html, lesson.assets.iter().map(written).collect::<Vec<_>>())
    });
    expect(found, v.html.clone().map(|html| (html, v.assets.clone())), v.fails.as_ref())
}

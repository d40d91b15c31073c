//! Sealed lessons and assets: good ones, and one of each way to be broken.

use bookplate::protocol::primitives::{hex, sha256};
use bookplate::protocol::{
    AssetEntry, Bodies, Epoch, Header, Keyring, LessonId, Packed, PackedChunk, Row, SealedFile, SiteId, SiteKey, Table, open_asset,
    open_lesson, pad,
};
use zeroize::Zeroizing;

use super::fixed::{Symbol, last_block, stored};
use super::make::{Course, Files, put, scope_digits};
use super::run::written;
use super::schema::*;

const COMMON: &str = "<h2>Moves</h2>\n<p>A value has one owner. Assigning it to another name moves it.</p>\n";
const REST: &str = "<p>The first name is then empty.</p>\n";

fn moving() -> LessonId {
    LessonId::parse("moving").unwrap()
}

/// `It's a move, not a copy.` with what can be copied from the common HTML before it.
fn wordings() -> [Zeroizing<Vec<u8>>; 2] {
    let tail = (COMMON.len() + REST.len() - COMMON.find("<p>").unwrap()) as u32;
    let one = last_block(&[Symbol::Copy { len: 3, distance: tail }, Symbol::Text("It's a move, not a copy.</p>\n")]);
    let two = last_block(&[Symbol::Copy { len: 3, distance: tail }, Symbol::Text("It is a move, not a copy.</p>\n")]);
    [Zeroizing::new(one), Zeroizing::new(two)]
}

fn packed(chunks: Vec<PackedChunk>, common: &str, assets: Vec<AssetEntry>) -> Packed {
    Packed { assets, chunks, common: Zeroizing::new(stored(common.as_bytes())) }
}

fn len(text: &str) -> PackedChunk {
    PackedChunk::Common(text.len() as u32)
}

/// Common, a marked sentence at position 5, common.
fn with_pair() -> Packed {
    packed(vec![len(COMMON), PackedChunk::Pair { position: 5, wordings: wordings() }, len(REST)], &format!("{COMMON}{REST}"), vec![])
}

fn plain() -> Packed {
    packed(vec![len(COMMON)], COMMON, vec![])
}

/// The padded plaintexts of a lesson, to be broken before sealing.
fn bodies(packed: &Packed) -> Bodies {
    let rows = packed.chunks.iter().map(|chunk| match chunk {
        PackedChunk::Common(len) => Row::Common { len: *len },
        PackedChunk::Pair { position, wordings } => Row::Pair { position: *position, len: padded(wordings)[0].len() as u32 },
    });
    let table = Table { assets: packed.assets.clone(), rows: rows.collect() };
    let pairs = packed.chunks.iter().filter_map(|chunk| match chunk {
        PackedChunk::Common(_) => None,
        PackedChunk::Pair { position, wordings } => Some((*position, padded(wordings))),
    });
    Bodies { zero: pad(&table.encode(&packed.common), 0), pairs: pairs.collect() }
}

fn padded(wordings: &[Zeroizing<Vec<u8>>; 2]) -> [Zeroizing<Vec<u8>>; 2] {
    let longest = wordings.iter().map(|w| w.len()).max().unwrap();
    wordings.each_ref().map(|w| pad(w, longest))
}

/// A body 0 that holds these bytes.
fn zero(inside: &[u8]) -> Bodies {
    Bodies { zero: pad(inside, 0), pairs: vec![] }
}

/// The steps from a file's content to its keys, held against the file.
pub fn keys(c: &Course, step: &mut dyn FnMut(&str, Op) -> String) {
    let file = c.sealer().packed(&moving(), &with_pair()).unwrap();
    let (header, _) = Header::read(&file.bytes).unwrap();
    let (name, salt, bodies) = (hex(&header.name.0), hex(&header.salt), bodies(&with_pair()));
    let scope_parts = || vec![Part::Text(c.site.to_string()), Part::Text(c.course.to_string())];
    let site_key = hex(&super::make::SITE_KEY);
    let derive = |ikm: &str, label: &str, parts: Vec<Part>| Op::Derive { ikm: ikm.into(), label: label.into(), parts };
    let bytes = |digits: &str| Part::Bytes(digits.into());

    let salt_key = step("salt key", derive(&site_key, "salt", scope_parts()));
    let mut message = vec![bytes(&format!("424b504c0101{}", scope_digits(c))), bytes(&name), bytes(&"00".repeat(16))];
    let all = [&bodies.zero, &bodies.pairs[0].1[0], &bodies.pairs[0].1[1]];
    for ((index, slot), body) in [(0, 0), (1, 0), (1, 1)].into_iter().zip(all) {
        message.extend([Part::U32(index), Part::U8(slot), Part::U32(body.len() as u32), bytes(&hex(body))]);
    }
    let whole =
        step("header with zero salt and without gates; index, slot, length and bytes of each body", Op::Hmac { key: salt_key, message });
    assert_eq!(step("salt", Op::First { of: whole, count: 16 }), salt);

    let share_key = step("share key", derive(&site_key, "share", scope_parts()));
    let key = step("shares", derive(&share_key, "shares", vec![bytes(&salt)]));
    let shares = step("share 0, share 1, ..., share 15", Op::Stream { key, length: 256 });
    let positions = c.key.course(&c.site, &c.course, c.epoch, c.params).positions();
    for slot in [false, true] {
        let gate = header.gates[0];
        let key = hex(positions.get(gate.position, slot));
        let mask = step("mask of row 0", derive(&key, "gate", vec![bytes(&salt), Part::U32(0)]));
        let mask = step("its first 16 bytes", Op::First { of: mask, count: 16 });
        let masked = step("share 0 as it stands in the row", Op::Xor(shares[..32].into(), mask));
        assert_eq!(masked, hex(&gate.masked[usize::from(slot)]));
    }
    let file_key = step("file key", derive(&shares, "file", vec![bytes(&salt)]));
    let mask = step("length", derive(&file_key, "length", vec![]));
    let mask = step("mask of the length", Op::First { of: mask, count: 4 });
    let length = hex(&((bodies.zero.len() + 16) as u32).to_be_bytes());
    assert_eq!(step("length of body 0 with its tag, masked", Op::Xor(length, mask)), hex(&header.masked_length));
    let body_key = step("body key", derive(&file_key, "body", vec![]));
    let digest = sha256(&header.encode());
    let aad = [&digest[..], &[0; 5]].concat();
    let sealed = bookplate::protocol::primitives::seal(&super::run::array(&body_key), &[0; 12], &aad, &bodies.zero);
    assert_eq!(sealed, file.bytes[header.encode().len()..][..sealed.len()], "body 0 is sealed under the body key");
    for slot in [false, true] {
        let ikm = format!("{file_key}{}", hex(positions.get(5, slot)));
        step("pair key", derive(&ikm, "pair", vec![bytes(&salt), Part::U32(5), Part::U32(u32::from(slot))]));
    }
}

pub fn lessons(files: &mut Files) {
    let c = Course::new();
    let seal = |c: &Course, packed: &Packed| c.sealer().packed(&moving(), packed).unwrap().bytes;
    let raw = |bodies: &Bodies| c.sealer().bodies(&moving(), bodies).unwrap().bytes;
    let mut put = |name: &str, shows: &str, keyring: &str, bytes: Vec<u8>| {
        let keyring_path = format!("keyrings/{keyring}.bin");
        let found = open_lesson(&Keyring::from_bytes(&files[&keyring_path]).unwrap(), &bytes);
        let html = found.as_ref().ok().map(|l| match l.html.len() {
            0..2000 => Html::Text(l.html.clone()),
            _ => Html::Sha256(hex(&sha256(l.html.as_bytes()))),
        });
        let vector = LessonVector {
            shows: shows.into(),
            file: format!("{name}.bin"),
            keyring: keyring_path,
            html,
            assets: found.as_ref().map(|l| l.assets.iter().map(written).collect()).unwrap_or_default(),
            fails: found.err().map(|e| e.name().into()),
        };
        put(files, &format!("lessons/{name}.json"), &Vector::Lesson(Box::new(vector)));
        files.insert(format!("lessons/{name}.bin"), bytes);
    };

    put("plain", "common HTML alone", "a", seal(&c, &plain()));
    put("plain-other-copy", "the same file opened by another copy", "b", seal(&c, &plain()));
    put("empty", "a lesson without a chunk", "a", seal(&c, &packed(vec![], "", vec![])));
    put(
        "byte-order-mark",
        "a byte order mark stays, and so does a zero byte",
        "a",
        seal(&c, &packed(vec![len("\u{feff}a\0")], "\u{feff}a\0", vec![])),
    );
    put("pairs-a", "a marked sentence, as copy a reads it", "a", seal(&c, &with_pair()));
    put("pairs-b", "a marked sentence, as copy b reads it", "b", seal(&c, &with_pair()));
    let many: Vec<_> = (0..64).map(|position| PackedChunk::Pair { position, wordings: numbered(position) }).collect();
    put(
        "pairs-all-a",
        "a pair at every position, behind no common HTML: the slots of copy a",
        "a",
        seal(&c, &packed(many.clone(), "", vec![])),
    );
    put("pairs-all-b", "a pair at every position: the slots of copy b", "b", seal(&c, &packed(many, "", vec![])));
    let same = last_block(&[Symbol::Text("Same.")]);
    let decoy = PackedChunk::Pair { position: 9, wordings: [same.clone(), same].map(Zeroizing::new) };
    put(
        "pair-equal",
        "a pair whose wordings are equal, before the common HTML",
        "a",
        seal(&c, &packed(vec![decoy.clone(), len(COMMON)], COMMON, vec![])),
    );
    put("pair-repeated", "the same sentence twice at one position", "a", seal(&c, &packed(vec![decoy.clone(), decoy], "", vec![])));
    let long: String = (0..1000).map(|i| format!("<p>Line {i:04} of a long lesson.</p>")).collect();
    let far = last_block(&[Symbol::Copy { len: 10, distance: 32_768 }, Symbol::Text(" far, "), Symbol::Copy { len: 4, distance: 4 + 6 }]);
    let near = last_block(&[Symbol::Copy { len: 4, distance: 4 }, Symbol::Text(" near")]);
    let pair = PackedChunk::Pair { position: 1, wordings: [far, near].map(Zeroizing::new) };
    put(
        "dictionary",
        "wordings that refer back 32 KiB, to the first byte of the dictionary",
        "a",
        seal(&c, &packed(vec![pair, len(&long)], &long, vec![])),
    );
    let (_, image) = c.sealer().asset(b"pixels", "image/png").unwrap();
    let (_, none) = c.sealer().asset(b"", "text/plain; charset=utf-8").unwrap();
    put("assets", "two assets", "a", seal(&c, &packed(vec![len(COMMON)], COMMON, vec![image.clone(), none])));
    let set4 = Course { params: "4.128.3".parse().unwrap(), ..c.clone() };
    put("set-4", "set 4 and 128 positions", "a-set-4", seal(&set4, &with_pair()));
    let usual = Course { params: "2.2048.1".parse().unwrap(), ..c.clone() };
    put("usual", "the usual 2,048 positions", "a-2048", seal(&usual, &with_pair()));
    let next = Course { epoch: Epoch(2), ..c.clone() };
    put("epoch-2", "the next epoch: the same wording", "a-epoch-2", seal(&next, &with_pair()));

    // Made for something else
    put("site", "made for another site", "a", seal(&Course { site: SiteId::parse("another").unwrap(), ..c.clone() }, &plain()));
    put("course", "made for another course", "a", seal(&Course { course: "another".parse().unwrap(), ..c.clone() }, &plain()));
    put("epoch", "made for the next epoch", "a", seal(&next, &plain()));
    put("params", "made for another number of positions", "a", seal(&usual, &plain()));
    put(
        "params-generation",
        "made for another generation",
        "a",
        seal(&Course { params: "2.64.2".parse().unwrap(), ..c.clone() }, &plain()),
    );
    put(
        "gate-other-site-key",
        "made under another site key",
        "a",
        seal(&Course { key: SiteKey::from_bytes([9; 32]), ..c.clone() }, &plain()),
    );

    // Changed on the way
    let (whole, header) = (seal(&c, &with_pair()), header_len(&c));
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = whole.clone();
        change(&mut bytes);
        bytes
    };
    let end = whole.len();
    put("magic", "another magic", "a", changed(&|b| b[0] = b'b'));
    put("version", "version 2", "a", changed(&|b| b[4] = 2));
    put("kind", "a keyring's kind", "a", changed(&|b| b[5] = 3));
    put("header-site", "a control character in the site id", "a", changed(&|b| b[8] = 7));
    put("header-params", "64 positions become 66", "a", changed(&|b| b[header - 576 - 4 - 32 - 5] = 66));
    put("header-position", "a gate behind the last position", "a", changed(&|b| b[header - 580 + 3] = 64));
    put("gate-name", "one bit of the name flipped", "a", changed(&|b| b[header - 580 - 32] ^= 1));
    put("gate-salt", "one bit of the salt flipped", "a", changed(&|b| b[header - 580 - 1] ^= 1));
    put("gate-row-0", "one bit of the first share for slot 0 flipped", "a", changed(&|b| b[header - 580 + 4] ^= 1));
    put("gate-row-1", "one bit of the first share for slot 1 flipped", "a", changed(&|b| b[header - 580 + 20] ^= 1));
    put("gate-length", "one bit of the masked length flipped", "a", changed(&|b| b[header - 1] ^= 0x20));
    put("gate-body", "one bit of body 0 flipped", "a", changed(&|b| b[header] ^= 1));
    put("gate-cut", "cut within body 0", "a", changed(&|b| b.truncate(header + 40)));
    put(
        "pair-a",
        "one bit of every wording's tag flipped",
        "a",
        changed(&|b| {
            b[end - 1] ^= 1;
            let half = pair_len();
            b[end - half - 1] ^= 1
        }),
    );
    put("truncated-nothing", "no byte at all", "a", vec![]);
    put("truncated-start", "cut within the magic", "a", changed(&|b| b.truncate(3)));
    put("truncated-header", "cut within the gate rows", "a", changed(&|b| b.truncate(header - 100)));
    put("truncated-pairs", "the last byte is missing", "a", changed(&|b| _ = b.pop()));
    put("trailing", "a byte too many", "a", changed(&|b| b.push(0)));

    // Sealed rightly, malformed inside
    let inside = |packed: &Packed| bodies(packed);
    let padding = |change: &dyn Fn(&mut Bodies)| {
        let mut all = inside(&with_pair());
        change(&mut all);
        raw(&all)
    };
    put("padding-not-zero", "body 0 padded with a one", "a", padding(&|b| *b.zero.last_mut().unwrap() = 1));
    put("padding-length", "a length behind the end of body 0", "a", padding(&|b| b.zero[0] = 1));
    put("padding-block", "body 0 padded by a block too many", "a", padding(&|b| b.zero.extend_from_slice(&[0; 32])));
    put("padding-odd", "body 0 that is no multiple of 32", "a", padding(&|b| b.zero.push(0)));
    put("padding-none", "an empty body 0", "a", raw(&Bodies { zero: Zeroizing::new(vec![]), pairs: vec![] }));
    put("padding-pair", "wordings padded with ones", "a", padding(&|b| b.pairs[0].1.iter_mut().for_each(|w| *w.last_mut().unwrap() = 1)));

    let row = |kind: u8, numbers: &[u32]| [&[kind][..], &numbers.iter().flat_map(|n| n.to_be_bytes()).collect::<Vec<_>>()].concat();
    let table = |assets: &[u8], rows: &[Vec<u8>], common: &[u8]| {
        zero(&[&[0, 0, 0, u8::from(!assets.is_empty())], assets, &(rows.len() as u32).to_be_bytes(), &rows.concat(), common].concat())
    };
    put("body-empty", "nothing inside body 0", "a", raw(&zero(&[])));
    put("body-row-kind", "a chunk of an unknown kind", "a", raw(&table(&[], &[row(2, &[1])], &stored(b"x"))));
    put("body-row-cut", "the table ends within a row", "a", raw(&zero(&[0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0])));
    put("body-row-empty", "a run of no common HTML", "a", raw(&table(&[], &[row(0, &[0])], &stored(b""))));
    put("body-row-twice", "two runs of common HTML in a row", "a", raw(&table(&[], &[row(0, &[1]), row(0, &[1])], &stored(b"xy"))));
    put("body-position", "a pair behind the last position", "a", raw(&table(&[], &[row(1, &[64, 32])], &[])));
    put("body-pair-length", "a pair that is no multiple of 32", "a", raw(&table(&[], &[row(1, &[0, 33])], &[])));
    put("body-pair-empty", "a pair without bytes", "a", raw(&table(&[], &[row(1, &[0, 0])], &[])));
    put("body-utf8", "common HTML that is no UTF-8", "a", raw(&table(&[], &[row(0, &[1])], &stored(&[0xff]))));
    put("body-utf8-cut", "a run of common HTML that ends within a character", "a", raw(&cut_character()));
    let entry = |size: u32, media_type: &[u8]| [&[1; 80][..], &size.to_be_bytes(), &[media_type.len() as u8], media_type].concat();
    put("body-media-type", "an asset's media type with a line break", "a", raw(&table(&entry(1, b"image/png\n"), &[], &[])));
    put("body-media-type-empty", "an asset without a media type", "a", raw(&table(&entry(1, b""), &[], &[])));
    put("limit-asset", "an asset of more than 256 MiB", "a", raw(&table(&entry((256 << 20) + 1, b"image/png"), &[], &[])));
    put("limit-assets", "more than 4,096 assets", "a", raw(&zero(&[0, 0, 0x10, 1])));
    put("limit-chunks", "more than 65,536 chunks", "a", raw(&zero(&[0, 0, 0, 0, 0, 1, 0, 1])));
    put("limit-html", "more than 64 MiB of common HTML", "a", raw(&table(&[], &[row(0, &[(64 << 20) + 1])], &stored(b"x"))));
    put("limit-pair", "a pair of more than 128 KiB", "a", raw(&table(&[], &[row(1, &[0, (128 << 10) + 32])], &[])));
    put("limit-common", "common HTML that inflates to more than the table says", "a", raw(&table(&[], &[row(0, &[3])], &stored(b"four"))));
    put("inflate-short", "common HTML that inflates to less than the table says", "a", raw(&table(&[], &[row(0, &[5])], &stored(b"four"))));
    put("inflate-common", "common HTML that is no deflate stream", "a", raw(&table(&[], &[row(0, &[4])], &[7, 7, 7])));
    let broken = PackedChunk::Pair { position: 5, wordings: [vec![7], vec![7]].map(Zeroizing::new) };
    put("inflate-wording", "a wording that is no deflate stream", "a", raw(&inside(&packed(vec![broken], "", vec![]))));
    let open = PackedChunk::Pair { position: 5, wordings: [stored(b"x"), stored(b"x")].map(Zeroizing::new) };
    put("inflate-open", "a wording without a final block", "a", raw(&inside(&packed(vec![open], "", vec![]))));
    let bomb = last_block(&std::iter::once(Symbol::Text(" ")).chain((0..255).map(|_| Symbol::Repeat)).collect::<Vec<_>>());
    let bomb = PackedChunk::Pair { position: 5, wordings: [bomb.clone(), bomb].map(Zeroizing::new) };
    put("limit-wording", "a wording that inflates to more than 64 KiB", "a", raw(&inside(&packed(vec![bomb], "", vec![]))));
}

fn numbered(position: u32) -> [Zeroizing<Vec<u8>>; 2] {
    ["0", "1"].map(|slot| Zeroizing::new(last_block(&[Symbol::Text(&format!("{position}:{slot} "))])))
}

/// `é` cut in two by a pair.
fn cut_character() -> Bodies {
    let common = stored("é".as_bytes());
    let pair = PackedChunk::Pair { position: 0, wordings: numbered(0) };
    bodies(&Packed { assets: vec![], chunks: vec![PackedChunk::Common(1), pair, PackedChunk::Common(1)], common: Zeroizing::new(common) })
}

/// Bytes of a lesson's header: start, scope, name, salt, 16 rows, masked length.
fn header_len(c: &Course) -> usize {
    6 + scope_digits(c).len() / 2 + 32 + 576 + 4
}

/// One ciphertext of the pair of [`with_pair`].
fn pair_len() -> usize {
    padded(&wordings())[0].len() + 16
}

pub fn assets(files: &mut Files) {
    let c = Course::new();
    let mut put = |name: &str, shows: &str, entry: AssetEntry, bytes: Vec<u8>| {
        let found = open_asset(&entry, &bytes);
        let vector = AssetVector {
            shows: shows.into(),
            file: format!("{name}.bin"),
            entry: written(&entry),
            content_sha256: found.as_ref().ok().map(|content| hex(&sha256(content))),
            fails: found.err().map(|e| e.name().into()),
        };
        put(files, &format!("assets/{name}.json"), &Vector::Asset(Box::new(vector)));
        files.insert(format!("assets/{name}.bin"), bytes);
    };
    let seal = |n: usize| c.sealer().asset(&(0..n).map(|i| (i / 256) as u8).collect::<Vec<_>>(), "image/png").unwrap();
    for (name, n) in [("empty", 0), ("one-byte", 1), ("whole-segment", 65_536), ("two-segments", 65_537)] {
        let (SealedFile { bytes, .. }, entry) = seal(n);
        put(name, &format!("{n} bytes"), entry, bytes);
    }
    let (small, large) = (seal(6), seal(65_537));
    put("checksum", "one bit flipped", small.1.clone(), flipped(&small.0.bytes, 70));
    // As if the lesson had been built with the broken file: its hash fits.
    let mut fitting =
        |(file, entry): &(SealedFile, AssetEntry), name: &str, shows: &str, change: &dyn Fn(&mut Vec<u8>, &mut AssetEntry)| {
            let (mut bytes, mut entry) = (file.bytes.clone(), entry.clone());
            change(&mut bytes, &mut entry);
            entry.sha256 = sha256(&bytes);
            put(name, shows, entry, bytes);
        };
    let start = small.0.bytes.len() - 6 - 16;
    fitting(&large, "segment", "one bit of the first segment flipped", &|b, _| b[start] ^= 1);
    fitting(&large, "segment-dropped", "cut after the first segment, with a size that fits: its last flag is missing", &|b, e| {
        b.truncate(start + 65_536 + 16);
        e.size = 65_536;
    });
    fitting(&seal(131_072), "segment-swapped", "two whole segments, swapped", &|b, _| {
        let (first, second) = b[start..].split_at_mut(65_536 + 16);
        first.swap_with_slice(second);
    });
    fitting(&small, "segment-tag", "one bit of the last tag flipped", &|b, _| *b.last_mut().unwrap() ^= 1);
    fitting(&small, "segment-key", "another key", &|_, e| e.key[0] ^= 1);
    fitting(&small, "segment-header", "another epoch in the header", &|b, _| b[start - 16 - 12 - 1] ^= 1);
    fitting(&small, "truncated", "the last byte is missing", &|b, _| _ = b.pop());
    fitting(&small, "truncated-header", "cut within the id", &|b, _| b.truncate(start - 3));
    fitting(&small, "trailing", "a byte too many", &|b, _| b.push(0));
    fitting(&small, "trailing-size", "the entry says one byte less", &|_, e| e.size -= 1);
    fitting(&small, "magic", "another magic", &|b, _| b[1] = 0);
    fitting(&small, "version", "version 0", &|b, _| b[4] = 0);
    fitting(&small, "kind", "a lesson's kind", &|b, _| b[5] = 1);
    fitting(&small, "header-site", "an empty site id", &|b, _| b[6] = 0);
    fitting(&small, "header-id", "another asset's id", &|b, _| b[start - 1] ^= 1);
}

fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut out = bytes.to_vec();
    out[at] ^= 1;
    out
}

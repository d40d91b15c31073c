//! No (key, nonce) pair ever seals two different (plaintext, AAD) pairs: over builds, edits, compressors, shared assets, epochs and
//! re-issued keyrings.
//!
//! The log is filled from the files as published. Everything is derived here anew, from primitives and the specification alone, so
//! that a mistake in the sealing code is not repeated by its test.

use std::collections::HashMap;

use bookplate::protocol::primitives::{derive, first16, hmac, open, sha256, stream};
use bookplate::protocol::{AssetEntry, Chunk, Code, Epoch, Header, Keyring, LessonContent, LessonId, SealedFile, Sealer};

use super::sealing::Course;

/// (key, nonce) -> hash of (plaintext, AAD).
#[derive(Default)]
struct Log {
    seen: HashMap<([u8; 32], [u8; 12]), [u8; 32]>,
    sealed: usize,
}

impl Log {
    /// Opens a ciphertext and notes what was sealed.
    fn note(&mut self, key: &[u8; 32], nonce: [u8; 12], aad: &[u8], sealed: &[u8]) -> Vec<u8> {
        let plaintext = open(key, &nonce, aad, sealed).expect("the specification's key opens it").to_vec();
        let hash = sha256(&[&sha256(&plaintext)[..], aad].concat());
        let before = self.seen.insert((*key, nonce), hash);
        assert!(before.is_none_or(|before| before == hash), "one key and nonce for two contents");
        self.sealed += 1;
        plaintext
    }

    fn lesson(&mut self, course: &Course, file: &SealedFile) {
        let (header, rest) = Header::read(&file.bytes).unwrap();
        let digest = sha256(&file.bytes[..file.bytes.len() - rest.len()]);
        let aad = |index: u32, slot: u8| [&digest[..], &index.to_be_bytes(), &[slot]].concat();
        let nonce = |index: u32| {
            let mut nonce = [0; 12];
            nonce[8..].copy_from_slice(&index.to_be_bytes());
            nonce
        };
        let scope = [course.site.as_str().as_bytes(), course.course.as_str().as_bytes()];
        let share = derive(&[7; 32], "share", &scope);
        let shares = stream(&derive(&*share, "shares", &[&header.salt]), 256);
        let file_key = derive(&shares, "file", &[&header.salt]);
        let mask = derive(&*file_key, "length", &[]);
        let length: [u8; 4] = std::array::from_fn(|i| header.masked_length[i] ^ mask[i]);
        let (zero, mut pairs) = rest.split_at(u32::from_be_bytes(length) as usize);
        let zero = self.note(&derive(&*file_key, "body", &[]), nonce(0), &aad(0, 0), zero);
        for (index, (position, len)) in (1..).zip(pair_rows(&zero[4..])) {
            for slot in [0, 1] {
                let (sealed, rest) = pairs.split_at(len as usize + 16);
                pairs = rest;
                let ikm = [&file_key[..], course.position_key(position, slot).as_slice()].concat();
                let key = derive(&ikm, "pair", &[&header.salt, &position.to_be_bytes(), &u32::from(slot).to_be_bytes()]);
                self.note(&key, nonce(index), &aad(index, slot), sealed);
            }
        }
        assert!(pairs.is_empty());
    }

    fn asset(&mut self, (file, entry): &(SealedFile, AssetEntry)) {
        let segments = (entry.size as usize).div_ceil(65_536).max(1);
        let at = file.bytes.len() - entry.size as usize - 16 * segments;
        let (header, mut sealed) = file.bytes.split_at(at);
        for segment in 0..segments {
            let last = segment + 1 == segments;
            let (piece, rest) = sealed.split_at(if last { sealed.len() } else { 65_536 + 16 });
            sealed = rest;
            let mut nonce = [0; 12];
            nonce[7..11].copy_from_slice(&(segment as u32).to_be_bytes());
            nonce[11] = u8::from(last);
            self.note(&entry.key, nonce, &sha256(header), piece);
        }
    }

    fn static_keyring(&mut self, course: &Course, keyring: &Keyring, code: &Code) {
        let file = keyring.seal_static(code);
        let (header, sealed) = file.bytes.split_at(22);
        let epoch = course.epoch.0.to_be_bytes();
        let parts = [course.site.as_str().as_bytes(), course.course.as_str().as_bytes(), &epoch, &header[6..]];
        let inside = self.note(&derive(code.key_material(), "static keyring", &parts), [0; 12], header, sealed);
        let salt = first16(&hmac(&derive(code.key_material(), "static salt", &parts[..3]), &[&inside]));
        assert_eq!(salt, header[6..], "the salt follows from the content");
    }
}

/// Position and length of each pair in a table without assets.
fn pair_rows(table: &[u8]) -> Vec<(u32, u32)> {
    let word = |at: usize| u32::from_be_bytes(table[at..at + 4].try_into().unwrap());
    assert_eq!(word(0), 0, "no assets in these lessons");
    let (mut at, mut rows) = (8, Vec::new());
    for _ in 0..word(4) {
        match table[at] {
            0 => at += 5,
            _ => {
                rows.push((word(at + 1), word(at + 5)));
                at += 9;
            }
        }
    }
    rows
}

impl Course {
    fn position_key(&self, position: u32, slot: u8) -> [u8; 16] {
        *self.key.course(&self.site, &self.course, self.epoch, self.params).positions().get(position, slot == 1)
    }
}

/// A lesson after `edit` edits; sentences repeat, so that positions do.
fn text(edit: usize) -> Vec<Chunk> {
    let mut chunks = vec![Chunk::Common(format!("<p>Edition {}.</p>", edit / 2))];
    for i in 0..12 {
        let author = format!("It is sentence {}.", i % 8 + edit % 2);
        chunks.push(Chunk::Pair { address: author.clone(), other: author.replace("It is", "It's"), author });
        chunks.push(Chunk::Common("<br>".repeat(i + 1)));
    }
    chunks
}

#[test]
fn no_key_and_nonce_ever_seal_two_contents() {
    let mut log = Log::default();
    let lessons = ["moving", "borrowing"].map(|id| LessonId::parse(id).unwrap());
    for (epoch, params) in [(1, "2.64.1"), (2, "2.64.1"), (2, "2.64.2"), (2, "4.64.2"), (2, "2.128.1")] {
        let course = Course { epoch: Epoch(epoch), params: params.parse().unwrap(), ..Course::new() };
        // Two builds, and two compressors: levels of one give other bytes for one text, as two would.
        for level in [9, 9, 1, 0] {
            let sealer: Sealer = course.sealer().level(level);
            for lesson in &lessons {
                for edit in 0..6 {
                    log.lesson(&course, &sealer.lesson(lesson, &LessonContent { chunks: &text(edit), assets: &[] }).unwrap());
                }
            }
            for n in [0, 1, 65_536, 65_537] {
                log.asset(&sealer.asset(&vec![1; n], "image/png").unwrap());
                log.asset(&sealer.asset(&vec![2; n], "image/png").unwrap());
                log.asset(&sealer.asset(&vec![2; n], "image/jpeg").unwrap());
            }
        }
        for code in [Code::from_random([1; 16]), Code::from_random([2; 16])] {
            for order in ["1", "2", "2"] {
                log.static_keyring(&course, &course.keyring(order), &code);
            }
        }
    }
    assert!(log.sealed > 4 * log.seen.len() / 3 && log.seen.len() > 1000, "{} of {}", log.seen.len(), log.sealed);
}

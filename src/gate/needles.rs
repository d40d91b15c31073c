//! Byte strings that must stand in no output: keys and parts of sealed files, raw, in hexadecimal and in Base64.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::words::Spread;

/// Bytes by which a needle is found; none is shorter.
const HEAD: usize = 8;

/// Bits of the filter that most offsets of an output never pass.
const FILTER_BITS: usize = 1 << 20;

/// Needles, with the numbers of their owners, by their spread heads.
type ByHead = HashMap<u64, Vec<(Vec<u8>, usize)>, BuildHasherDefault<Spread>>;

/// A set of needles, each with a number that its owner understands.
#[derive(Clone, Default)]
pub(super) struct Needles {
    by_head: ByHead,
    filter: Vec<u64>,
}

fn slot(head: u64) -> usize {
    (head >> 44) as usize % FILTER_BITS
}

/// The first bytes as a number, spread: in hexadecimal they are much alike.
fn head(bytes: &[u8]) -> Option<u64> {
    let spread = u64::from_le_bytes(*bytes.first_chunk::<HEAD>()?).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    Some(spread ^ (spread >> 32))
}

/// Lower-case hexadecimal; a site has thousands of keys, and `format!` for each byte of them would take longer than the search.
fn hex(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]]).collect()
}

impl Needles {
    /// Adds `bytes` as they are. Anything under 8 bytes is not searched for.
    pub(super) fn add(&mut self, bytes: Vec<u8>, owner: usize) {
        let Some(head) = head(&bytes) else { return };
        if self.filter.is_empty() {
            self.filter = vec![0; FILTER_BITS / 64];
        }
        self.filter[slot(head) / 64] |= 1 << (slot(head) % 64);
        self.by_head.entry(head).or_default().push((bytes, owner));
    }

    /// Adds `bytes` in all forms in which text carries bytes.
    pub(super) fn add_all_forms(&mut self, bytes: &[u8], owner: usize) {
        let hex = hex(bytes);
        self.add(hex.to_ascii_uppercase(), owner);
        self.add(hex, owner);
        self.add_base64(bytes, owner);
        self.add(bytes.to_vec(), owner);
    }

    /// Adds `bytes` raw, in hexadecimal, and in Base64 that begins with them.
    pub(super) fn add_forms_alone(&mut self, bytes: &[u8], owner: usize) {
        self.add(hex(bytes), owner);
        self.add(STANDARD_NO_PAD.encode(bytes).as_bytes()[..bytes.len() * 8 / 6].to_vec(), owner);
        self.add(bytes.to_vec(), owner);
    }

    /// Adds the characters of Base64 that `bytes` decide alone, for each of the three ways to stand in a longer text.
    pub(super) fn add_base64(&mut self, bytes: &[u8], owner: usize) {
        for before in 0..3_usize {
            let mut padded = vec![0; before];
            padded.extend(bytes);
            let first = (before * 8).div_ceil(6);
            let last = padded.len() * 8 / 6;
            let mut forms =
                [STANDARD_NO_PAD.encode(&padded), URL_SAFE_NO_PAD.encode(&padded)].map(|text| text.as_bytes()[first..last].to_vec());
            forms.sort();
            for (i, form) in forms.iter().enumerate() {
                if i == 0 || forms[0] != forms[1] {
                    self.add(form.clone(), owner);
                }
            }
        }
    }

    /// Calls `found` with the owner of each needle that stands in `bytes`.
    pub(super) fn find(&self, bytes: &[u8], mut found: impl FnMut(usize)) {
        if self.filter.is_empty() {
            return;
        }
        for (at, window) in bytes.windows(HEAD).enumerate() {
            let Some(head) = head(window) else { continue };
            if self.filter[slot(head) / 64] & (1 << (slot(head) % 64)) == 0 {
                continue;
            }
            for (needle, owner) in self.by_head.get(&head).into_iter().flatten() {
                if bytes[at..].starts_with(needle) {
                    found(*owner);
                }
            }
        }
    }

    /// Forgets the needles of these owners that stand in `bytes`.
    pub(super) fn forget_found_in(&mut self, bytes: &[u8]) {
        let mut gone = Vec::new();
        for (at, window) in bytes.windows(HEAD).enumerate() {
            let Some(head) = head(window) else { continue };
            if !self.filter.is_empty() && self.filter[slot(head) / 64] & (1 << (slot(head) % 64)) != 0 {
                let here = self.by_head.get(&head).into_iter().flatten();
                gone.extend(here.filter(|(needle, _)| bytes[at..].starts_with(needle)).map(|(needle, _)| needle.clone()));
            }
        }
        for needle in gone {
            if let Some(list) = head(&needle).and_then(|h| self.by_head.get_mut(&h)) {
                list.retain(|(n, _)| *n != needle);
            }
        }
    }
}

/// True if `needle` stands in `bytes`.
pub(super) fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    let Some((first, rest)) = needle.split_first() else { return true };
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|b| b == first) {
        from += at + 1;
        if bytes[from..].starts_with(rest) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(needles: &Needles, bytes: &[u8]) -> usize {
        let mut n = 0;
        needles.find(bytes, |_| n += 1);
        n
    }

    #[test]
    fn finds_bytes_in_every_form_and_at_every_offset() {
        let key: Vec<u8> = (0..32_u8).map(|i| i.wrapping_mul(37).wrapping_add(200)).collect();
        let mut needles = Needles::default();
        needles.add_all_forms(&key, 0);
        for before in 0..7 {
            let mut text = vec![b'x'; before];
            text.extend(&key);
            text.extend(b"yyyy");
            assert_eq!(hits(&needles, &text), 1, "raw");
            assert_eq!(hits(&needles, STANDARD_NO_PAD.encode(&text).as_bytes()), 1, "base64 behind {before}");
            assert_eq!(hits(&needles, URL_SAFE_NO_PAD.encode(&text).as_bytes()), 1, "base64url behind {before}");
            let hex: String = text.iter().map(|b| format!("{b:02X}")).collect();
            assert_eq!(hits(&needles, hex.as_bytes()), 1, "hex");
        }
        assert_eq!(hits(&needles, &key[1..]), 0);
        needles.forget_found_in(&key);
        assert_eq!(hits(&needles, &key), 0);
    }

    #[test]
    fn contains_is_exact() {
        assert!(contains(b"ab<!<!--~", b"<!--~") && !contains(b"<!-- ~", b"<!--~") && !contains(b"", b"x"));
    }
}

//! The primitives, named as in the specification: one thin file, so that every other file speaks of keys and not of crates.

use aes::cipher::{Array, BlockCipherEncrypt as _};
use aes_gcm::aead::AeadInOut as _;
use aes_gcm::{Aes256Gcm, KeyInit as _};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// Thirty-two secret bytes, wiped when dropped.
pub type Key = Zeroizing<[u8; 32]>;

/// Length of an AES-GCM tag in bytes.
pub const TAG: usize = 16;

/// Longest part of a derivation in bytes; a longer one enters as its SHA-256.
const PART_MAX: usize = 128;

const SALT: &[u8] = b"bookplate/v1";

/// `derive(ikm, label, parts...)`: HKDF-SHA256 (RFC 5869) with the salt `bookplate/v1`; the info is the label and each part, each as
/// big-endian u16 length and bytes.
#[must_use]
pub fn derive(ikm: &[u8], label: &str, parts: &[&[u8]]) -> Key {
    let mut info = Vec::with_capacity(160);
    push_part(&mut info, label.as_bytes());
    for part in parts {
        if part.len() > PART_MAX {
            push_part(&mut info, &sha256(part));
        } else {
            push_part(&mut info, part);
        }
    }
    let mut out = Key::default();
    // Fails only for more than 255 * 32 bytes of output.
    let expanded = Hkdf::<Sha256>::new(Some(SALT), ikm).expand(&info, out.as_mut());
    debug_assert!(expanded.is_ok());
    out
}

fn push_part(info: &mut Vec<u8>, part: &[u8]) {
    // Labels are constants and parts at most `PART_MAX` bytes long.
    info.extend_from_slice(&(part.len() as u16).to_be_bytes());
    info.extend_from_slice(part);
}

/// `stream(key, n)`: n bytes of AES-256-CTR keystream, zero initial block, 128-bit big-endian counter.
#[must_use]
pub fn stream(key: &[u8; 32], n: usize) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(vec![0; n.next_multiple_of(16)]);
    let (blocks, _) = out.as_chunks_mut::<16>();
    for (block, counter) in blocks.iter_mut().zip(0u128..) {
        *block = counter.to_be_bytes();
    }
    // All counters at once: a million codewords of 8 KiB are drawn for a verdict.
    aes::Aes256::new(key.into()).encrypt_blocks(Array::cast_slice_from_core_mut(blocks));
    out.truncate(n);
    out
}

/// The big-endian u32 words of a keystream.
pub fn words(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes.as_chunks::<4>().0.iter().map(|word| u32::from_be_bytes(*word))
}

/// SHA-256.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// HMAC-SHA256 (RFC 2104), piece by piece.
pub struct Mac(Hmac<Sha256>);

impl Mac {
    /// With a key of 32 bytes.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        // A key shorter than SHA-256's block is filled with zeros by definition; done here, it cannot fail.
        let mut block = Zeroizing::new([0; 64]);
        block[..32].copy_from_slice(key);
        Self(<Hmac<Sha256> as hmac::KeyInit>::new((&*block).into()))
    }

    /// The next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The code.
    #[must_use]
    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into_bytes().into()
    }
}

impl std::fmt::Debug for Mac {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mac(..)")
    }
}

/// HMAC-SHA256 over the pieces, one after another.
#[must_use]
pub fn hmac(key: &[u8; 32], pieces: &[&[u8]]) -> [u8; 32] {
    let mut mac = Mac::new(key);
    for piece in pieces {
        mac.update(piece);
    }
    mac.finish()
}

/// AES-256-GCM with a 128-bit tag behind the ciphertext.
///
/// A (key, nonce) pair may seal one (plaintext, AAD) pair only; the callers' salts see to that. Plaintexts are bounded by the limits
/// of the file formats, far below the 64 GiB of AES-GCM, so that sealing cannot fail.
#[must_use]
pub fn seal(key: &[u8; 32], nonce: &[u8; 12], aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(plaintext.len() + TAG);
    out.extend_from_slice(plaintext);
    let sealed = Aes256Gcm::new(key.into()).encrypt_in_place(nonce.into(), aad, &mut out);
    debug_assert!(sealed.is_ok());
    out
}

/// The plaintext, if the tag (the last 16 bytes) is right.
#[must_use]
pub fn open(key: &[u8; 32], nonce: &[u8; 12], aad: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut out = Zeroizing::new(sealed.to_vec());
    Aes256Gcm::new(key.into()).decrypt_in_place(nonce.into(), aad, &mut *out).ok()?;
    Some(out)
}

/// The first 16 bytes: names, ids and salts are cut so.
#[must_use]
pub fn first16(bytes: &[u8; 32]) -> [u8; 16] {
    let mut out = [0; 16];
    out.copy_from_slice(&bytes[..16]);
    out
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [DIGITS[usize::from(b >> 4)] as char, DIGITS[usize::from(b & 15)] as char]).collect()
}

/// Strict lower-case hexadecimal of exactly N bytes.
#[must_use]
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |c: u8| match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    let mut out = [0; N];
    for (byte, [high, low]) in out.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_length_prefixed_so_that_they_cannot_slide() {
        assert_ne!(*derive(b"k", "a", &[b"bc", b"d"]), *derive(b"k", "a", &[b"b", b"cd"]));
        assert_ne!(*derive(b"k", "a", &[]), *derive(b"k", "a", &[b""]));
    }

    #[test]
    fn a_long_part_enters_as_its_hash() {
        let long = [7; 129];
        assert_eq!(*derive(b"k", "a", &[&long]), *derive(b"k", "a", &[&sha256(&long)]));
        assert_ne!(*derive(b"k", "a", &[&long[..128]]), *derive(b"k", "a", &[&sha256(&long[..128])]));
    }

    /// AES-256 of the zero block and of block 1 under the zero key (FIPS 197 primitives, NIST known answer for the first).
    #[test]
    fn the_stream_begins_with_the_encrypted_zero_block() {
        let bytes = stream(&[0; 32], 16);
        assert_eq!(hex(&bytes), "dc95c078a2408989ad48a21492842087");
    }

    /// Test case 14 of the GCM specification (McGrew and Viega): key, nonce and plaintext zero.
    #[test]
    fn gcm_is_gcm() {
        let sealed = seal(&[0; 32], &[0; 12], &[], &[0; 16]);
        assert_eq!(hex(&sealed), "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
        assert_eq!(open(&[0; 32], &[0; 12], &[], &sealed).as_deref(), Some(&vec![0; 16]));
        assert_eq!(open(&[0; 32], &[0; 12], &[1], &sealed), None);
        assert_eq!(open(&[0; 32], &[0; 12], &[], &sealed[..15]), None);
    }

    #[test]
    fn hex_is_strict() {
        assert_eq!(unhex::<2>("00ff"), Some([0, 255]));
        assert_eq!([unhex::<2>("00FF"), unhex::<2>("00f"), unhex::<2>("00ff0"), unhex::<2>("0 ff")], [None; 4]);
    }
}

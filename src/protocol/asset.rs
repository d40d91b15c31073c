//! Sealed images and downloads: a file of segments, each of which opens alone.

use super::error::{OpenError, SealError};
use super::limit;
use super::object::{AssetEntry, ObjectName, SealedFile, check_media_type};
use super::primitives::{Key, Mac, TAG, derive, first16, open, seal, sha256};
use super::seal::Sealer;
use super::wire::{Kind, Reader, Scope, expect_start, start};

/// Bytes of every segment but the last.
pub const SEGMENT: usize = 65_536;

impl Sealer {
    /// Seals an image or a download; the entry goes into body 0 of each lesson that uses it.
    ///
    /// Its id is the first 16 bytes of HMAC-SHA256(salt key, header with a zero id || bytes), its key `derive(share key, "asset", id)`:
    /// so equal bytes are one file, and no key ever seals two contents.
    pub fn asset(&self, bytes: &[u8], media_type: &str) -> Result<(SealedFile, AssetEntry), SealError> {
        check_media_type(media_type)?;
        let size = u32::try_from(bytes.len()).ok().filter(|n| *n as usize <= limit::ASSET).ok_or(SealError::Asset)?;
        let mut mac = Mac::new(&self.secrets.salt);
        mac.update(&header(&self.scope, ObjectName([0; 16])));
        mac.update(bytes);
        let name = ObjectName(first16(&mac.finish()));
        let key = derive(&*self.secrets.share, "asset", &[&name.0]);
        let mut out = header(&self.scope, name);
        let aad = sha256(&out);
        out.reserve(bytes.len() + TAG * (1 + bytes.len() / SEGMENT));
        for (segment, last, piece) in segments(bytes) {
            out.extend(seal(&key, &nonce(segment, last), &aad, piece));
        }
        let file = SealedFile::new(name, out);
        let entry = AssetEntry { name, key, sha256: file.sha256, size, media_type: media_type.to_owned() };
        Ok((file, entry))
    }
}

/// Opens a sealed image or download by its entry in body 0.
pub fn open_asset(entry: &AssetEntry, bytes: &[u8]) -> Result<Vec<u8>, OpenError> {
    let size = entry.size as usize;
    if size > limit::ASSET {
        return Err(OpenError::Limit);
    }
    if sha256(bytes) != entry.sha256 {
        return Err(OpenError::Checksum);
    }
    let mut reader = Reader::new(bytes);
    expect_start(&mut reader, Kind::Asset)?;
    Scope::read(&mut reader)?;
    if ObjectName(*reader.array()?) != entry.name {
        return Err(OpenError::Header);
    }
    let sealed = reader.rest();
    let whole = size + TAG * size.div_ceil(SEGMENT).max(1);
    match sealed.len().cmp(&whole) {
        std::cmp::Ordering::Less => return Err(OpenError::Truncated),
        std::cmp::Ordering::Greater => return Err(OpenError::Trailing),
        std::cmp::Ordering::Equal => {}
    }
    let aad = sha256(&bytes[..bytes.len() - sealed.len()]);
    open_segments(&entry.key, &aad, sealed).ok_or(OpenError::Segment)
}

fn open_segments(key: &Key, aad: &[u8; 32], sealed: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(sealed.len());
    let mut pieces = (0..).zip(sealed.chunks(SEGMENT + TAG)).peekable();
    while let Some((segment, piece)) = pieces.next() {
        let last = pieces.peek().is_none();
        out.extend_from_slice(&open(key, &nonce(segment, last), aad, piece)?);
    }
    Some(out)
}

/// Magic, version, kind, scope, id.
fn header(scope: &Scope, name: ObjectName) -> Vec<u8> {
    let mut out = start(Kind::Asset);
    scope.push(&mut out);
    out.extend_from_slice(&name.0);
    out
}

/// The segments with their numbers; an empty asset has one, which is empty.
fn segments(bytes: &[u8]) -> impl Iterator<Item = (u32, bool, &[u8])> {
    let count = bytes.len().div_ceil(SEGMENT).max(1);
    (0..count).map(move |i| {
        let rest = bytes.get(i * SEGMENT..).unwrap_or_default();
        (i as u32, i + 1 == count, &rest[..rest.len().min(SEGMENT)])
    })
}

/// 7 zero bytes, u32 segment, u8 last.
fn nonce(segment: u32, last: bool) -> [u8; 12] {
    let mut out = [0; 12];
    out[7..11].copy_from_slice(&segment.to_be_bytes());
    out[11] = u8::from(last);
    out
}

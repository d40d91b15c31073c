//! Sealing a lesson: HTML -> compressed and padded bodies -> one file.
//!
//! Three layers, each usable alone: [`Sealer::lesson`] compresses, [`Sealer::packed`] takes exact compressed bytes, and
//! [`Sealer::bodies`] takes exact plaintexts. Vectors use the lower two.

use std::fmt;

use flate2::Compression;
use zeroize::Zeroizing;

use super::address::{Address, Addresses};
use super::body::{Row, Table, pad};
use super::deflate;
use super::error::SealError;
use super::header::{CourseSecrets, Header};
use super::id::{CourseId, Epoch, LessonId, SiteId};
use super::key::{PositionKeys, SiteKey};
use super::limit;
use super::object::{AssetEntry, ObjectName, SealedFile, check_media_type};
use super::params::Params;
use super::primitives::{TAG, first16, seal, sha256};
use super::wire::Scope;

/// A piece of a lesson, from top to bottom.
#[derive(Clone, PartialEq, Eq)]
pub enum Chunk {
    /// HTML that every copy shares.
    Common(String),
    /// A marked sentence (or one that only looks so: both wordings equal).
    Pair {
        /// The author's wording as plain text: it gives the position and the coin.
        address: String,
        /// HTML of the author's wording.
        author: String,
        /// HTML of the other wording.
        other: String,
    },
}

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if matches!(self, Chunk::Common(_)) { "Common(..)" } else { "Pair(..)" })
    }
}

/// What is sealed in one lesson file.
#[derive(Debug, Clone, Copy)]
pub struct LessonContent<'a> {
    /// The HTML.
    pub chunks: &'a [Chunk],
    /// The assets, in the order in which the HTML counts them.
    pub assets: &'a [AssetEntry],
}

/// A lesson after compression.
#[derive(Clone)]
pub struct Packed {
    /// The assets.
    pub assets: Vec<AssetEntry>,
    /// From top to bottom.
    pub chunks: Vec<PackedChunk>,
    /// All common HTML as one raw deflate stream, sync-flushed.
    pub common: Zeroizing<Vec<u8>>,
}

/// A chunk after compression.
#[derive(Clone)]
pub enum PackedChunk {
    /// That many bytes of common HTML.
    Common(u32),
    /// Deflate blocks of the wordings for slot 0 and slot 1.
    Pair {
        /// Position, below m.
        position: u32,
        /// Slot 0, slot 1.
        wordings: [Zeroizing<Vec<u8>>; 2],
    },
}

/// The exact bytes that AES-GCM gets.
#[derive(Clone)]
pub struct Bodies {
    /// Body 0.
    pub zero: Zeroizing<Vec<u8>>,
    /// Position, slot 0, slot 1 of the others; equal lengths within a pair.
    pub pairs: Vec<(u32, [Zeroizing<Vec<u8>>; 2])>,
}

/// Everything that the builder needs for one course in one epoch.
pub struct Sealer {
    pub(crate) scope: Scope,
    pub(crate) secrets: CourseSecrets,
    addresses: Addresses,
    positions: PositionKeys,
    level: Compression,
}

impl Sealer {
    /// Derives the course's keys once.
    #[must_use]
    pub fn new(key: &SiteKey, site: SiteId, course: CourseId, epoch: Epoch, params: Params) -> Self {
        let positions = key.course(&site, &course, epoch, params).positions();
        let addresses = Addresses::new(key, &site, &course, params.m);
        let scope = Scope { site, course, epoch, params };
        Self { addresses, secrets: CourseSecrets::new(key, &scope), scope, positions, level: Compression::new(9) }
    }

    /// Another compression level, 0 to 9 (9 unless told).
    #[must_use]
    pub fn level(mut self, level: u32) -> Self {
        self.level = Compression::new(level.min(9));
        self
    }

    /// The name of a lesson's file, the same in every epoch and build.
    #[must_use]
    pub fn file_name(&self, lesson: &LessonId) -> ObjectName {
        self.secrets.name(lesson)
    }

    /// Both keys of every position.
    pub(crate) fn positions(&self) -> &PositionKeys {
        &self.positions
    }

    /// Where the course's sentences are addressed.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Compresses and seals a lesson.
    pub fn lesson(&self, lesson: &LessonId, content: &LessonContent<'_>) -> Result<SealedFile, SealError> {
        self.packed(lesson, &self.pack(content)?)
    }

    /// Compresses a lesson.
    pub fn pack(&self, content: &LessonContent<'_>) -> Result<Packed, SealError> {
        let mut html = Zeroizing::new(Vec::new());
        for chunk in content.chunks {
            if let Chunk::Common(text) = chunk {
                html.extend_from_slice(text.as_bytes());
            }
        }
        let dictionary = deflate::dictionary(&html);
        let (mut chunks, mut total) = (Vec::new(), html.len());
        for chunk in content.chunks {
            match (chunk, chunks.last_mut()) {
                (Chunk::Common(text), _) if text.is_empty() => {}
                // Runs of common HTML that touch are one; a sum above the limit is refused below.
                (Chunk::Common(text), Some(PackedChunk::Common(len))) => *len = len.saturating_add(length(text.len())),
                (Chunk::Common(text), _) => chunks.push(PackedChunk::Common(length(text.len()))),
                (Chunk::Pair { address, author, other }, _) => {
                    if author.len().max(other.len()) > limit::WORDING {
                        return Err(SealError::Wording);
                    }
                    total = total.saturating_add(author.len().max(other.len()));
                    let Address { position, author_slot, .. } = self.addresses().of(address);
                    let slots = if author_slot { [other, author] } else { [author, other] };
                    let wordings = slots.map(|text| deflate::wording(text.as_bytes(), dictionary, self.level));
                    chunks.push(PackedChunk::Pair { position, wordings });
                }
            }
        }
        if total > limit::HTML {
            return Err(SealError::Html);
        }
        Ok(Packed { assets: content.assets.to_vec(), chunks, common: deflate::common(&html, self.level) })
    }

    /// Seals a lesson that is compressed already.
    pub fn packed(&self, lesson: &LessonId, packed: &Packed) -> Result<SealedFile, SealError> {
        if packed.chunks.len() > limit::CHUNKS {
            return Err(SealError::Chunks);
        }
        if packed.assets.len() > limit::ASSETS {
            return Err(SealError::Assets);
        }
        packed.assets.iter().try_for_each(|asset| check_media_type(&asset.media_type))?;
        let (mut rows, mut pairs) = (Vec::new(), Vec::new());
        for chunk in &packed.chunks {
            match chunk {
                PackedChunk::Common(len) => rows.push(Row::Common { len: *len }),
                PackedChunk::Pair { position, wordings } => {
                    let longest = wordings.iter().map(|w| w.len()).max().unwrap_or_default();
                    let padded = wordings.each_ref().map(|w| pad(w, longest));
                    if padded[0].len() > limit::PAIR_BODY {
                        return Err(SealError::Wording);
                    }
                    rows.push(Row::Pair { position: *position, len: length(padded[0].len()) });
                    pairs.push((*position, padded));
                }
            }
        }
        let table = Table { assets: packed.assets.clone(), rows };
        self.bodies(lesson, &Bodies { zero: pad(&table.encode(&packed.common), 0), pairs })
    }

    /// Seals exact plaintexts: salt, gates, header, ciphertexts.
    pub fn bodies(&self, lesson: &LessonId, bodies: &Bodies) -> Result<SealedFile, SealError> {
        let size = bodies.zero.len() + bodies.pairs.iter().flat_map(|(_, pair)| pair).map(|b| b.len() + TAG).sum::<usize>();
        if size > limit::FILE - 2048 {
            return Err(SealError::Html);
        }
        let name = self.file_name(lesson);
        let salt = self.salt(name, bodies);
        let positions = self.secrets.gate_positions(name, self.scope.params.m);
        let (gates, file_key) = self.secrets.gates(positions, &salt, |position, slot| self.positions.get(position, slot));
        let masked_length = file_key.mask_length(length(bodies.zero.len() + TAG).to_be_bytes());
        let header = Header { scope: self.scope.clone(), name, salt, gates, masked_length };
        let mut out = header.encode();
        let digest = sha256(&out);
        out.extend(seal(&file_key.body(), &nonce(0), &aad(&digest, 0, false), &bodies.zero));
        for (index, (position, pair)) in (1..).zip(&bodies.pairs) {
            for (slot, body) in [false, true].into_iter().zip(pair) {
                let key = file_key.pair(self.positions.get(*position, slot), &salt, *position, slot);
                out.extend(seal(&key, &nonce(index), &aad(&digest, index, slot), body));
            }
        }
        Ok(SealedFile::new(name, out))
    }

    /// First 16 bytes of HMAC-SHA256(salt key, header with zero salt and without gate rows || for every body: u32 index, u8 slot, u32
    /// length, bytes): whatever changes in a file changes all its keys, so that no (key, nonce) pair seals two things.
    fn salt(&self, name: ObjectName, bodies: &Bodies) -> [u8; 16] {
        let mut mac = super::primitives::Mac::new(&self.secrets.salt);
        mac.update(&Header::unsalted(&self.scope, name));
        mac.update(&[0; 16]);
        let mut body = |index: u32, slot: bool, bytes: &[u8]| {
            mac.update(&index.to_be_bytes());
            mac.update(&[u8::from(slot)]);
            mac.update(&length(bytes.len()).to_be_bytes());
            mac.update(bytes);
        };
        body(0, false, &bodies.zero);
        for (index, (_, [zero, one])) in (1..).zip(&bodies.pairs) {
            body(index, false, zero);
            body(index, true, one);
        }
        first16(&mac.finish())
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealer({}, {}, ..)", self.scope.course, self.scope.epoch)
    }
}

/// A length as a u32; what is longer is beyond every limit and refused elsewhere.
fn length(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// u32 body index, right-aligned in 12 bytes.
pub(crate) fn nonce(index: u32) -> [u8; 12] {
    let mut out = [0; 12];
    out[8..].copy_from_slice(&index.to_be_bytes());
    out
}

/// SHA-256(header) || u32 index || u8 slot.
pub(crate) fn aad(header: &[u8; 32], index: u32, slot: bool) -> [u8; 37] {
    let mut out = [0; 37];
    out[..32].copy_from_slice(header);
    out[32..36].copy_from_slice(&index.to_be_bytes());
    out[36] = u8::from(slot);
    out
}

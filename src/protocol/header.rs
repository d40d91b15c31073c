//! The header of a sealed lesson, and the gates: the way from position keys to the key of one file.

use super::error::OpenError;
use super::id::LessonId;
use super::key::{POSITION_KEY, SiteKey};
use super::object::ObjectName;
use super::params::Positions;
use super::primitives::{Key, derive, first16, stream, words};
use super::wire::{Kind, Reader, Scope, expect_start, start};
use zeroize::Zeroizing;

/// Gate rows of a lesson.
pub const GATES: usize = 16;

/// Bytes of one share of a file key.
const SHARE: usize = 16;

/// Bytes of name and salt.
const SHORT: usize = 16;

/// A share under each of the two keys of its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    /// Which position's keys open it.
    pub position: u32,
    /// The share, masked for slot 0 and for slot 1.
    pub masked: [[u8; SHARE]; 2],
}

/// All that a sealed lesson says to everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// What it is made for.
    pub scope: Scope,
    /// The opaque name of the lesson, which is the name of its file.
    pub name: ObjectName,
    /// Ties the file's keys to its content.
    pub salt: [u8; SHORT],
    /// The rows.
    pub gates: [Gate; GATES],
    /// Bytes of body 0 with its tag, masked: where body 0 ends would tell how much is marked.
    pub masked_length: [u8; 4],
}

impl Header {
    /// The beginning, up to the name: what the salt is computed over, with zeros in the salt's place.
    pub(crate) fn unsalted(scope: &Scope, name: ObjectName) -> Vec<u8> {
        let mut out = start(Kind::Lesson);
        scope.push(&mut out);
        out.extend_from_slice(&name.0);
        out
    }

    /// The bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Self::unsalted(&self.scope, self.name);
        out.extend_from_slice(&self.salt);
        for gate in &self.gates {
            out.extend_from_slice(&gate.position.to_be_bytes());
            out.extend_from_slice(&gate.masked[0]);
            out.extend_from_slice(&gate.masked[1]);
        }
        out.extend_from_slice(&self.masked_length);
        out
    }

    /// Reads a header; the second value is what stands behind it.
    pub fn read(bytes: &[u8]) -> Result<(Self, &[u8]), OpenError> {
        let mut reader = Reader::new(bytes);
        expect_start(&mut reader, Kind::Lesson)?;
        let scope = Scope::read(&mut reader)?;
        let name = ObjectName(*reader.array()?);
        let salt = *reader.array()?;
        let mut gates = [Gate { position: 0, masked: [[0; SHARE]; 2] }; GATES];
        for gate in &mut gates {
            *gate = Gate { position: reader.u32()?, masked: [*reader.array()?, *reader.array()?] };
            if gate.position >= scope.params.m.get() {
                return Err(OpenError::Header);
            }
        }
        let masked_length = *reader.array()?;
        Ok((Self { scope, name, salt, gates, masked_length }, reader.rest()))
    }

    /// The file key, by the key and the slot that `held` gives for each gate's position. A wrong key gives a wrong file key.
    pub(crate) fn file_key<'k>(&self, held: impl Fn(u32) -> (&'k [u8; POSITION_KEY], bool)) -> FileKey {
        let mut shares = Zeroizing::new([0; SHARE * GATES]);
        let (places, _) = shares.as_chunks_mut::<SHARE>();
        for (row, (gate, share)) in (0..).zip(self.gates.iter().zip(places)) {
            let (key, slot) = held(gate.position);
            let [zero, one] = gate.masked;
            *share = xor(if slot { one } else { zero }, *mask(key, &self.salt, row));
        }
        FileKey::of(&shares, &self.salt)
    }
}

/// `derive(K[g][s], "gate", salt, i)`, cut to 16 bytes.
pub(crate) fn mask(key: &[u8; POSITION_KEY], salt: &[u8; SHORT], row: u32) -> Zeroizing<[u8; SHARE]> {
    Zeroizing::new(first16(&derive(key, "gate", &[salt, &row.to_be_bytes()])))
}

fn xor(a: [u8; SHARE], b: [u8; SHARE]) -> [u8; SHARE] {
    std::array::from_fn(|i| a[i] ^ b[i])
}

/// `derive(share_0 || .. || share_15, "file", salt)`: opens one file.
pub(crate) struct FileKey(Key);

impl FileKey {
    fn of(shares: &[u8; SHARE * GATES], salt: &[u8; SHORT]) -> Self {
        Self(derive(shares, "file", &[salt]))
    }

    /// `derive(file key, "body")`.
    pub(crate) fn body(&self) -> Key {
        derive(&*self.0, "body", &[])
    }

    /// `derive(file key || K[j][s], "pair", salt, j, s)`; the slot enters as a u32.
    pub(crate) fn pair(&self, key: &[u8; POSITION_KEY], salt: &[u8; SHORT], position: u32, slot: bool) -> Key {
        let mut ikm = Zeroizing::new([0; 32 + POSITION_KEY]);
        ikm[..32].copy_from_slice(&*self.0);
        ikm[32..].copy_from_slice(key);
        derive(&*ikm, "pair", &[salt, &position.to_be_bytes(), &u32::from(slot).to_be_bytes()])
    }

    /// The length of body 0 with its tag, XOR the first 4 bytes of `derive(file key, "length")`: the way in and the way out.
    pub(crate) fn mask_length(&self, length: [u8; 4]) -> [u8; 4] {
        let mask = derive(&*self.0, "length", &[]);
        std::array::from_fn(|i| length[i] ^ mask[i])
    }
}

/// The builder's keys of a course that do not depend on the epoch: `derive(site key, label, site, course)`.
pub(crate) struct CourseSecrets {
    pub(crate) salt: Key,
    pub(crate) address: Key,
    name: Key,
    pub(crate) share: Key,
}

impl CourseSecrets {
    pub(crate) fn new(key: &SiteKey, scope: &Scope) -> Self {
        let derive = |label| key.derive(label, &[scope.site.as_bytes(), scope.course.as_bytes()]);
        Self { salt: derive("salt"), address: derive("address"), name: derive("name"), share: derive("share") }
    }

    /// First 16 bytes of `derive(name key, "lesson", lesson id)`.
    pub(crate) fn name(&self, lesson: &LessonId) -> ObjectName {
        ObjectName(first16(&derive(&*self.name, "lesson", &[lesson.as_bytes()])))
    }

    /// Words of `stream(derive(address key, "gates", name), 64)` mod m; a position that is taken already gives way to the next free
    /// one, so that the rows have sixteen positions.
    pub(crate) fn gate_positions(&self, name: ObjectName, m: Positions) -> [u32; GATES] {
        let drawn = stream(&derive(&*self.address, "gates", &[&name.0]), 4 * GATES);
        let mut positions = [0; GATES];
        for (i, word) in words(&drawn).take(GATES).enumerate() {
            let mut position = m.of(word);
            while positions[..i].contains(&position) {
                position = m.of(position + 1);
            }
            positions[i] = position;
        }
        positions
    }

    /// The rows and the file key that they lead to. Shares: `stream(derive(share key, "shares", salt), 256)`.
    pub(crate) fn gates<'k>(
        &self,
        positions: [u32; GATES],
        salt: &[u8; SHORT],
        keys: impl Fn(u32, bool) -> &'k [u8; POSITION_KEY],
    ) -> ([Gate; GATES], FileKey) {
        let mut shares = Zeroizing::new([0; SHARE * GATES]);
        shares.copy_from_slice(&stream(&derive(&*self.share, "shares", &[salt]), SHARE * GATES));
        let (pieces, _) = shares.as_chunks::<SHARE>();
        let mut gates = [Gate { position: 0, masked: [[0; SHARE]; 2] }; GATES];
        for (row, ((gate, position), share)) in (0..).zip(gates.iter_mut().zip(positions).zip(pieces)) {
            let masked = [false, true].map(|slot| xor(*share, *mask(keys(position, slot), salt, row)));
            *gate = Gate { position, masked };
        }
        let file_key = FileKey::of(&shares, salt);
        (gates, file_key)
    }
}

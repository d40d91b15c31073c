//! Every key of one lesson file that tells a slot, as the builder knows them: what a leak of keys is held against.

use super::body::{Padding, Row, Table, unpad};
use super::error::OpenError;
use super::header::{FileKey, Header, mask};
use super::primitives::{TAG, open, sha256};
use super::seal::{Sealer, aad, nonce};

/// A key of a slot of a position, in one file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SlotKey {
    /// The first 16 bytes of the key.
    pub start: [u8; 16],
    /// Its position, below m.
    pub position: u32,
    /// Its slot; true is slot 1.
    pub slot: bool,
    /// True for what takes a share out of a gate row, false for the key of a wording.
    pub gate: bool,
}

impl std::fmt::Debug for SlotKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SlotKey({}, ..)", self.position)
    }
}

impl Sealer {
    /// Both keys of every gate row and of every pair of a lesson file that this sealer made. Keys that all copies share are not there:
    /// they tell nothing.
    pub fn slot_keys(&self, bytes: &[u8]) -> Result<Vec<SlotKey>, OpenError> {
        let (header, rest) = Header::read(bytes)?;
        self.scope.expect(&header.scope)?;
        let mut found = Vec::new();
        let key = |position, slot| self.positions().get(position, slot);
        for (row, gate) in (0..).zip(&header.gates) {
            for slot in [false, true] {
                let start = *mask(key(gate.position, slot), &header.salt, row);
                found.push(SlotKey { start, position: gate.position, slot, gate: true });
            }
        }
        let (_, file_key) = self.secrets.gates(header.gates.map(|gate| gate.position), &header.salt, key);
        let digest = sha256(&bytes[..bytes.len() - rest.len()]);
        for position in pairs(&file_key, &header, &digest, rest)? {
            for slot in [false, true] {
                let key = file_key.pair(key(position, slot), &header.salt, position, slot);
                let (start, _) = key.split_first_chunk::<16>().ok_or(OpenError::Body)?;
                found.push(SlotKey { start: *start, position, slot, gate: false });
            }
        }
        Ok(found)
    }
}

/// The positions of the pairs, from body 0.
fn pairs(file_key: &FileKey, header: &Header, digest: &[u8; 32], rest: &[u8]) -> Result<Vec<u32>, OpenError> {
    let length = u32::from_be_bytes(file_key.mask_length(header.masked_length)) as usize;
    let zero = rest.get(..length).filter(|zero| zero.len() >= TAG).ok_or(OpenError::Gate)?;
    let zero = open(&file_key.body(), &nonce(0), &aad(digest, 0, false), zero).ok_or(OpenError::Gate)?;
    let (table, _) = Table::parse(unpad(&zero, Padding::Least)?, header.scope.params)?;
    let position = |row: &Row| if let Row::Pair { position, .. } = row { Some(*position) } else { None };
    Ok(table.rows.iter().filter_map(position).collect())
}

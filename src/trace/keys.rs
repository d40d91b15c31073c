//! Leaked keys: whatever bytes a leak has, each run of 16 of them is held against every key that tells a slot.
//!
//! Nothing is believed but the keys themselves: not the slot bits of a keyring, not its names, not its order. So half a keyring, one
//! that was mixed from two, and a list of keys without names are all read in the same way.

use std::collections::HashMap;

use rayon::prelude::*;

use super::evidence::{KeyKind, KeyReading};
use crate::edition::Course;
use crate::protocol::{CourseId, Epoch, Params, Sealer, SiteId, SiteKey};

/// Most epochs whose keys are tried, the newest ones.
const EPOCHS: u32 = 64;

/// Length of what is looked up, in bytes: a position key, or the begin of a longer one.
const RUN: usize = 16;

/// Bytes of a leak that are searched at once.
const PIECE: usize = 1 << 20;

/// The sealed lesson files of an edition.
pub type SealedFiles<'a> = [&'a [u8]];

/// Every key of a course that tells a slot, by its first 16 bytes.
pub struct KeyTable {
    keys: HashMap<[u8; RUN], KeyReading>,
    /// The first 20 bits of all keys: most bytes of a leak begin none.
    filter: Vec<u64>,
}

impl KeyTable {
    /// The position keys of the course in every epoch up to its own, and the keys of its sealed files.
    #[must_use]
    pub fn new(key: &SiteKey, site: &SiteId, course: &Course, params: Params, sealed: &SealedFiles<'_>) -> Self {
        let mut keys = HashMap::new();
        let Ok(id) = CourseId::parse(&course.id) else { return Self { keys, filter: vec![0; FILTER / 64] } };
        for epoch in course.epoch.saturating_sub(EPOCHS - 1).max(1)..=course.epoch {
            let positions = key.course(site, &id, Epoch(epoch), params).positions();
            for position in 0..params.m.get() {
                for slot in [false, true] {
                    keys.insert(*positions.get(position, slot), KeyReading { what: KeyKind::Position, epoch, position, slot });
                }
            }
        }
        let epoch = course.epoch;
        let sealer = Sealer::new(key, site.clone(), id, Epoch(epoch), params);
        for file in sealed {
            // Files of other courses have other scopes.
            for found in sealer.slot_keys(file).unwrap_or_default() {
                let what = if found.gate { KeyKind::Gate } else { KeyKind::Pair };
                keys.insert(found.start, KeyReading { what, epoch, position: found.position, slot: found.slot });
            }
        }
        let mut filter = vec![0; FILTER / 64];
        keys.keys().for_each(|key| filter[bit(key) / 64] |= 1 << (bit(key) % 64));
        Self { keys, filter }
    }

    /// The keys that stand in some bytes, each once, in rising order.
    #[must_use]
    pub fn find(&self, bytes: &[(String, Vec<u8>)]) -> Vec<KeyReading> {
        let pieces = bytes.iter().flat_map(|(_, bytes)| {
            (0..bytes.len()).step_by(PIECE).map(move |start| &bytes[start..bytes.len().min(start + PIECE + RUN - 1)])
        });
        let pieces: Vec<&[u8]> = pieces.collect();
        let mut found: Vec<KeyReading> =
            pieces.into_par_iter().flat_map_iter(|piece| piece.windows(RUN).filter_map(|run| self.get(run))).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    fn get(&self, run: &[u8]) -> Option<KeyReading> {
        let run: &[u8; RUN] = run.try_into().ok()?;
        let maybe = self.filter[bit(run) / 64] & (1 << (bit(run) % 64)) != 0;
        if maybe { self.keys.get(run).copied() } else { None }
    }
}

/// Bits of the filter.
const FILTER: usize = 1 << 20;

fn bit(key: &[u8; RUN]) -> usize {
    let [a, b, c, ..] = *key;
    u32::from_be_bytes([0, a, b, c]) as usize % FILTER
}

impl std::fmt::Debug for KeyTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyTable({} keys)", self.keys.len())
    }
}

//! A store that ends with the process: for tests and for trying things out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use super::{Admission, Device, DeviceLimit, Digest, Fact, Facts, Inserted, Name, Store, StoreError};
use crate::protocol::{OrderRef, Seat};

/// Everything in memory. One lock makes every method one transaction.
#[derive(Debug, Default)]
pub struct Memory(Mutex<Tables>);

#[derive(Debug, Default)]
struct Tables {
    ids: BTreeSet<[u8; 32]>,
    facts: BTreeMap<OrderRef, Vec<Fact>>,
    order: Vec<OrderRef>,
    names: BTreeMap<Name, OrderRef>,
    devices: BTreeMap<OrderRef, Vec<Row>>,
    forgotten: BTreeSet<OrderRef>,
}

/// `None` once cleared.
#[derive(Debug)]
struct Row {
    seat: Seat,
    device: Option<(Digest, Digest)>,
    first: u64,
    last: u64,
}

impl Memory {
    /// Empty.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn tables(&self) -> Result<MutexGuard<'_, Tables>, StoreError> {
        self.0.lock().map_err(|_| StoreError::Poisoned)
    }
}

impl Facts for Memory {
    fn insert(&self, fact: &Fact, _now: u64) -> Result<Inserted, StoreError> {
        let mut tables = self.tables()?;
        if tables.forgotten.contains(&fact.order) {
            return Ok(Inserted::Forgotten);
        }
        if !tables.ids.insert(fact.id()) {
            return Ok(Inserted::Known);
        }
        if !tables.facts.contains_key(&fact.order) {
            tables.order.push(fact.order.clone());
        }
        tables.facts.entry(fact.order.clone()).or_default().push(fact.clone());
        for name in fact.names() {
            tables.names.entry(name).or_insert_with(|| fact.order.clone());
        }
        Ok(Inserted::New)
    }

    fn facts(&self, order: &OrderRef) -> Result<Vec<Fact>, StoreError> {
        Ok(self.tables()?.facts.get(order).cloned().unwrap_or_default())
    }

    fn find(&self, name: &Name) -> Result<Option<OrderRef>, StoreError> {
        Ok(self.tables()?.names.get(name).cloned())
    }

    fn orders(&self) -> Result<Vec<OrderRef>, StoreError> {
        Ok(self.tables()?.order.clone())
    }

    fn forget(&self, order: &OrderRef) -> Result<bool, StoreError> {
        let mut tables = self.tables()?;
        let Some(facts) = tables.facts.remove(order) else { return Ok(false) };
        for fact in facts {
            tables.ids.remove(&fact.id());
        }
        tables.order.retain(|known| known != order);
        tables.names.retain(|_, bound| bound != order);
        tables.devices.remove(order);
        tables.forgotten.insert(order.clone());
        Ok(true)
    }

    fn is_forgotten(&self, order: &OrderRef) -> Result<bool, StoreError> {
        Ok(self.tables()?.forgotten.contains(order))
    }
}

impl Store for Memory {
    fn admit(
        &self,
        order: &OrderRef,
        seat: Seat,
        device: Digest,
        token: Digest,
        now: u64,
        limit: DeviceLimit,
    ) -> Result<Admission, StoreError> {
        let mut tables = self.tables()?;
        if tables.forgotten.contains(order) {
            return Ok(Admission::Forgotten);
        }
        let rows = tables.devices.entry(order.clone()).or_default();
        if let Some(row) = rows.iter_mut().find(|row| row.seat == seat && row.device.is_some_and(|(id, _)| id == device)) {
            row.device = Some((device, token));
            row.last = row.last.max(now);
            return Ok(Admission::Welcome);
        }
        let lately = |first: u64| first.saturating_add(limit.span) > now;
        rows.retain(|row| row.device.is_some() || lately(row.first));
        let new: Vec<u64> = rows.iter().filter(|row| row.seat == seat && lately(row.first)).map(|row| row.first).collect();
        if new.len() >= limit.most as usize {
            let oldest = new.iter().min().copied().unwrap_or(now);
            return Ok(Admission::Full { wait: oldest.saturating_add(limit.span).saturating_sub(now).max(1) });
        }
        rows.push(Row { seat, device: Some((device, token)), first: now, last: now });
        Ok(Admission::Welcome)
    }

    fn touch(&self, order: &OrderRef, seat: Seat, token: Digest, renewed: Option<Digest>, now: u64) -> Result<(), StoreError> {
        for row in self.tables()?.devices.entry(order.clone()).or_default() {
            if let Some((id, held)) = row.device
                && held == token
            {
                row.seat = seat;
                row.device = Some((id, renewed.unwrap_or(token)));
                row.last = row.last.max(now);
            }
        }
        Ok(())
    }

    fn devices(&self, order: &OrderRef, seat: Seat) -> Result<Vec<Device>, StoreError> {
        let tables = self.tables()?;
        let rows = tables.devices.get(order).map(Vec::as_slice).unwrap_or_default();
        let shown = |row: &Row| row.device.map(|(id, token)| Device { id, token, first: row.first, last: row.last });
        let mut devices: Vec<Device> = rows.iter().filter(|row| row.seat == seat).filter_map(shown).collect();
        devices.sort_by_key(|device| (std::cmp::Reverse(device.last), device.id));
        Ok(devices)
    }

    fn new_devices(&self, order: &OrderRef, since: u64) -> Result<u32, StoreError> {
        let tables = self.tables()?;
        let count = tables.devices.get(order).map_or(0, |rows| rows.iter().filter(|row| row.first > since).count());
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    fn clear_devices(&self, order: &OrderRef, seat: Seat, keep: Digest) -> Result<(), StoreError> {
        for row in self.tables()?.devices.entry(order.clone()).or_default() {
            row.device = row.device.filter(|(_, token)| row.seat != seat || *token == keep);
        }
        Ok(())
    }

    fn check(&self) -> Result<(), StoreError> {
        self.tables().map(|_| ())
    }
}

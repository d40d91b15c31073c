//! What a leak shows: at most one symbol at each position.

/// The symbols of a leak: for each of m positions slot 0, slot 1, or an erasure. Made from any number of readings (a position may be
/// carried by many sentences); where both slots were read the position is erased, for good.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Symbols {
    /// For each position: slot 0 was read, slot 1 was read.
    read: Vec<[bool; 2]>,
}

impl Symbols {
    /// `m` erasures.
    #[must_use]
    pub fn erased(m: usize) -> Self {
        Self { read: vec![[false; 2]; m] }
    }

    /// Merges readings, pairs of position and slot, in any order. A position behind the last is dropped.
    #[must_use]
    pub fn merge(m: usize, readings: impl IntoIterator<Item = (u32, bool)>) -> Self {
        let mut symbols = Self::erased(m);
        for (position, slot) in readings {
            symbols.add(position, slot);
        }
        symbols
    }

    /// One more reading. A position behind the last is dropped.
    pub fn add(&mut self, position: u32, slot: bool) {
        if let Some(read) = self.read.get_mut(position as usize) {
            read[usize::from(slot)] = true;
        }
    }

    /// The symbol at a position; `None` is an erasure.
    #[must_use]
    pub fn get(&self, position: u32) -> Option<bool> {
        self.read.get(position as usize).copied().and_then(symbol)
    }

    /// True if a position was read with both slots.
    #[must_use]
    pub fn contradicts(&self, position: u32) -> bool {
        self.read.get(position as usize) == Some(&[true; 2])
    }

    /// All m positions in order.
    pub fn iter(&self) -> impl Iterator<Item = Option<bool>> + '_ {
        self.read.iter().copied().map(symbol)
    }

    /// m.
    #[must_use]
    pub fn positions(&self) -> usize {
        self.read.len()
    }

    /// How many positions have a symbol.
    #[must_use]
    pub fn readable(&self) -> usize {
        self.iter().flatten().count()
    }

    /// How many positions were read with both slots: two copies, two editions, or a public quotation.
    #[must_use]
    pub fn contradictions(&self) -> usize {
        self.read.iter().filter(|read| **read == [true; 2]).count()
    }
}

fn symbol(read: [bool; 2]) -> Option<bool> {
    match read {
        [true, false] => Some(false),
        [false, true] => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_of_a_position_count_once_and_contradictions_erase() {
        let symbols = Symbols::merge(4, [(0, true), (0, true), (1, false), (2, true), (2, false), (2, true), (9, true)]);
        assert_eq!(symbols.iter().collect::<Vec<_>>(), [Some(true), Some(false), None, None]);
        assert_eq!((symbols.positions(), symbols.readable(), symbols.contradictions()), (4, 2, 1));
        assert_eq!((symbols.get(0), symbols.get(2), symbols.get(9)), (Some(true), None, None));
        assert_eq!([1, 2, 3, 9].map(|j| symbols.contradicts(j)), [false, true, false, false]);
    }

    #[test]
    fn the_order_of_readings_does_not_matter() {
        let readings = [(0, true), (1, false), (1, true), (3, false)];
        let reversed = readings.into_iter().rev();
        assert_eq!(Symbols::merge(4, readings), Symbols::merge(4, reversed));
        assert_eq!(Symbols::merge(3, []), Symbols::erased(3));
    }
}

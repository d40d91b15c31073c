//! Code parameters of a course: part of every derivation that they govern, so that a changed parameter fails loudly.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::code::Set;

/// Length of encoded parameters in bytes.
pub(crate) const PARAMS_LEN: usize = 12;

/// How many positions a code has: a power of two from 64 to 65,536.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Positions(u32);

impl Positions {
    /// A power of two from 64 to 65,536.
    #[must_use]
    pub fn new(m: u32) -> Option<Self> {
        (m.is_power_of_two() && (64..=65_536).contains(&m)).then_some(Self(m))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }

    /// The number, as a length.
    #[must_use]
    pub fn len(self) -> usize {
        self.0 as usize
    }

    /// Never: there are at least 64.
    #[must_use]
    pub fn is_empty(self) -> bool {
        false
    }

    /// The word modulo the number of positions.
    #[must_use]
    pub fn of(self, word: u32) -> u32 {
        word & (self.0 - 1)
    }
}

/// Bias set, number of positions, generation. Text form `2.2048.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Params {
    /// The bias set.
    pub set: Set,
    /// The number of positions.
    pub m: Positions,
    /// Raised after secrets were disclosed to an arbiter.
    pub generation: u32,
}

impl Params {
    /// Three big-endian u32: set, m, generation. One part of a derivation, and a field of every file.
    #[must_use]
    pub fn to_bytes(self) -> [u8; PARAMS_LEN] {
        let mut out = [0; PARAMS_LEN];
        out[..4].copy_from_slice(&self.set.number().to_be_bytes());
        out[4..8].copy_from_slice(&self.m.get().to_be_bytes());
        out[8..].copy_from_slice(&self.generation.to_be_bytes());
        out
    }

    /// Three numbers, if they are parameters.
    #[must_use]
    pub fn from_numbers(set: u32, m: u32, generation: u32) -> Option<Self> {
        Some(Self { set: Set::from_number(set)?, m: Positions::new(m)?, generation })
    }
}

/// Set 2, 2,048 positions, generation 1.
impl Default for Params {
    fn default() -> Self {
        Self { set: Set::Two, m: Positions(2048), generation: 1 }
    }
}

impl fmt::Display for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.set.number(), self.m.get(), self.generation)
    }
}

/// A text that is not `set.positions.generation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("code parameters are written `2.2048.1`: set 2 or 4, a power of two from 64 to 65536, a generation")]
pub struct ParamsError;

impl FromStr for Params {
    type Err = ParamsError;
    fn from_str(text: &str) -> Result<Self, ParamsError> {
        let mut numbers = text.split('.').map(str::parse::<u32>);
        let mut next = || numbers.next().and_then(Result::ok).ok_or(ParamsError);
        let params = Self::from_numbers(next()?, next()?, next()?).ok_or(ParamsError)?;
        // One text for each value: no sign, no leading zero, nothing behind.
        if params.to_string() == text { Ok(params) } else { Err(ParamsError) }
    }
}

impl TryFrom<String> for Params {
    type Error = ParamsError;
    fn try_from(text: String) -> Result<Self, ParamsError> {
        text.parse()
    }
}

impl From<Params> for String {
    fn from(params: Params) -> String {
        params.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_for_each_value() {
        assert_eq!("2.2048.1".parse(), Ok(Params::default()));
        assert_eq!("4.65536.4294967295".parse::<Params>().unwrap().to_string(), "4.65536.4294967295");
        for bad in
            ["", "2.2048", "2.2048.1.0", "2.2048.01", "+2.2048.1", "6.2048.1", "2.2047.1", "2.32.1", "2.131072.1", "2.2048.-1", " 2.2048.1"]
        {
            assert_eq!(bad.parse::<Params>(), Err(ParamsError), "{bad}");
        }
    }
}

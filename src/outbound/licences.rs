//! Switches off the licence keys of a refunded order, which Lemon Squeezy leaves on.

use secrecy::SecretString;

use super::{Outbound, Unreachable};
use crate::pay::lemon_squeezy::api::{self, Kind, Of};
use crate::pay::{LicenceStatus, Meaning, NoVerdict};

/// Most pages of keys that are read of one order.
const PAGES_MAX: u32 = 100;

/// Why a key may still be on. Doing it all again does no harm.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotDisabled {
    /// Nobody answered.
    #[error("the provider cannot be reached: {0}")]
    Unreachable(#[from] Unreachable),
    /// A rate limit, an error, or an API key that may not do this.
    #[error(transparent)]
    NoVerdict(#[from] NoVerdict),
}

/// Asks for the licence keys of an order (the provider's id of it) and switches off those that are on. Returns how many these were.
///
/// # Errors
/// The first call that failed ends it.
pub fn disable_licences(outbound: &dyn Outbound, key: &SecretString, order: &str) -> Result<u32, NotDisabled> {
    let (mut off, mut next) = (0, Some(1));
    while let Some(page) = next.filter(|page| *page <= PAGES_MAX) {
        let found = api::shown(Kind::LicenceKeys, &outbound.call(&api::list(key, Kind::LicenceKeys, Of::Order(order), page))?, false)?;
        for shown in &found.shown {
            // The list says whose they are: a filter that was not understood must not switch off a stranger's.
            if let Meaning::Licence(licence) = shown
                && licence.order == order
                && licence.status != LicenceStatus::Disabled
            {
                api::disabled(&outbound.call(&api::disable(key, &licence.id))?)?;
                off += 1;
            }
        }
        next = found.next;
    }
    Ok(off)
}

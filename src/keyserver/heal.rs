//! Lost webhooks: a licence key that we do not know is shown to the provider, and what he says becomes facts.

use std::collections::HashMap;

use secrecy::SecretString;

use super::answer::Refusal;
use super::state::{Shelf, State};
use super::unlock::Found;
use crate::pay::lemon_squeezy::{self, PROVIDER};
use crate::pay::{NoVerdict, Validated, Verdict};
use crate::protocol::Provider;
use crate::store::{Digest, Entitlement, Fact, Inserted};

/// How long a provider's refusal is believed, in seconds. Short: it has called good keys unknown while it had trouble.
const BELIEVE: u64 = 120;

/// Most refusals that are kept.
const REFUSALS_MAX: usize = 10_000;

/// What the provider refused lately, so that asking again costs no call of the budget that all buyers share.
#[derive(Debug, Default)]
pub(super) struct Refusals(HashMap<Digest, (Refusal, u64)>);

impl Refusals {
    fn get(&self, key: Digest, now: u64) -> Option<Refusal> {
        self.0.get(&key).filter(|(_, until)| now < *until).map(|(refusal, _)| *refusal)
    }

    fn keep(&mut self, key: Digest, refusal: Refusal, now: u64) {
        if self.0.len() >= REFUSALS_MAX {
            self.0.retain(|_, (_, until)| now < *until);
        }
        if self.0.len() < REFUSALS_MAX {
            self.0.insert(key, (refusal, now.saturating_add(BELIEVE)));
        }
    }
}

impl State {
    /// Asks the provider about a key. Only a verdict counts: a rate limit, an error page or silence is 503 and changes nothing. `expected` is
    /// a key of which the provider told us before, so that it is no guess.
    pub(super) fn heal(&self, shelf: &Shelf, key: &str, digest: Digest, expected: bool, now: u64) -> Result<Found, Refusal> {
        let key = SecretString::from(key.trim());
        if !lemon_squeezy::is_key_shaped(&key) || !shelf.sells(PROVIDER) {
            return Err(Refusal::Unknown);
        }
        let refused = |refusal| {
            if let Ok(mut refusals) = self.0.refusals.lock() {
                refusals.keep(digest, refusal, now);
            }
            Err(refusal)
        };
        if let Some(refusal) = self.0.refusals.lock().map_err(|_| Refusal::Unavailable)?.get(digest, now) {
            return Err(refusal);
        }
        match self.ask(key, digest, expected, now)? {
            Verdict::Unknown => refused(Refusal::Unknown),
            Verdict::Good(found) | Verdict::Expired(found) | Verdict::Disabled(found) if !self.is_ours(&found) => refused(Refusal::Unknown),
            Verdict::Expired(_) => refused(Refusal::Expired),
            Verdict::Disabled(_) => refused(Refusal::Revoked),
            Verdict::Good(found) => self.store_healed(&found, digest, now),
        }
    }

    fn ask(&self, key: SecretString, digest: Digest, expected: bool, now: u64) -> Result<Verdict, Refusal> {
        if !self.0.limits.upstream.lock().map_err(|_| Refusal::Unavailable)?.take(digest, expected, now) {
            tracing::warn!(expected, "the provider's calls of this minute are used up");
            return Err(Refusal::Unavailable);
        }
        let answer = self.0.outbound.call(&lemon_squeezy::validate(key)).map_err(|error| {
            tracing::warn!(%error, "no answer from the provider");
            Refusal::Unavailable
        })?;
        lemon_squeezy::meaning(&answer).map_err(|NoVerdict { status }| {
            tracing::warn!(status, "the provider gave no verdict");
            if status == 429
                && let Ok(mut upstream) = self.0.limits.upstream.lock()
            {
                upstream.drain();
            }
            Refusal::Unavailable
        })
    }

    /// Any shop's key validates: store, product, variant and mode must be ours.
    fn is_ours(&self, found: &Validated) -> bool {
        let Ok(provider) = Provider::parse(PROVIDER) else { return false };
        let stranger = self.intake(&self.shelf(), &provider).stranger(found.item, found.test_mode);
        if let Some(why) = stranger {
            tracing::info!(store = found.item.store, product = found.item.product, %why, "a licence key that is not ours");
        }
        stranger.is_none()
    }

    /// Stores the facts first; then the key opens what they give.
    fn store_healed(&self, found: &Validated, digest: Digest, now: u64) -> Result<Found, Refusal> {
        let provider = Provider::parse(PROVIDER).map_err(|_| Refusal::Unavailable)?;
        let facts = Fact::from_validated(&provider, found, digest, now).map_err(|_| Refusal::Unavailable)?;
        let order = facts[0].order.clone();
        let before = Entitlement::of(&self.0.store.facts(&order)?, now).state;
        for fact in &facts {
            if self.0.store.insert(fact, now)? == Inserted::Forgotten {
                return Err(Refusal::Revoked);
            }
        }
        tracing::info!(%order, "healed by the provider's licence API");
        self.tell(&order, before);
        let entitlement = Entitlement::of(&self.0.store.facts(&order)?, now);
        let seat = entitlement.seat(&digest).ok_or(Refusal::Unknown)?;
        Ok(Found { order, entitlement, seat })
    }
}

impl Shelf {
    fn sells(&self, provider: &str) -> bool {
        self.catalog.courses.iter().flat_map(|course| &course.products).any(|product| product.provider.as_str() == provider)
    }
}

//! What an entitlement opens: courses, keyrings, tokens. Nothing is made here before the order's facts were read from the store.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use subtle::ConstantTimeEq as _;

use super::answer::Refusal;
use super::state::{Shelf, State};
use crate::catalog::Course;
use crate::protocol::{CourseId, Epoch, Keyring, OrderRef, Seat, Token};
use crate::store::{Digest, Entitlement};

/// A course and the epoch of the keyring that is handed out for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Open {
    pub(super) course: CourseId,
    pub(super) epoch: Epoch,
}

/// A 200 of `/unlock` and `/refresh`.
#[derive(Serialize)]
pub(super) struct Opened {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) token: Option<String>,
    pub(super) courses: Vec<Open>,
    pub(super) display: String,
    /// Of the course that was asked for; absent if the order does not contain it.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(super) keys: Option<Keys>,
}

/// A keyring in an answer.
#[derive(Serialize)]
pub(super) struct Keys {
    #[serde(flatten)]
    open: Open,
    /// Base64 of its bytes, standard alphabet with padding.
    keyring: String,
    /// The same for the epoch before, while both are served: pages that were sealed under it still stand open.
    #[serde(skip_serializing_if = "Option::is_none")]
    former: Option<String>,
}

impl Open {
    pub(super) fn all(courses: &[&Course]) -> Vec<Self> {
        courses.iter().map(|course| Self { course: course.id.clone(), epoch: course.epoch() }).collect()
    }
}

impl State {
    /// Issues a copy's keyrings for the epochs that are served; a request never names one.
    pub(super) fn keys(&self, shelf: &Shelf, course: &Course, order: &OrderRef, seat: Seat, display: &str) -> Keys {
        let (key, site) = (&self.0.site_key, &shelf.catalog.site);
        let buyer = key.buyer(site, order, seat);
        let keyring = |epoch| STANDARD.encode(&*Keyring::issue(key, site, &course.id, epoch, course.params, &buyer, display).to_bytes());
        Keys {
            open: Open { course: course.id.clone(), epoch: course.epoch() },
            keyring: keyring(course.epoch()),
            former: course.former_epoch().map(keyring),
        }
    }

    /// A fresh token and its digest.
    pub(super) fn token(&self, shelf: &Shelf, order: &OrderRef, seat: Seat, now: u64) -> Result<(String, Digest), Refusal> {
        let id = (self.0.random)().map_err(|error| {
            tracing::error!(%error, "no randomness");
            Refusal::Unavailable
        })?;
        let token = Token::new(shelf.catalog.site.clone(), id, order.clone(), seat, now);
        Ok((token.mint(&self.0.site_key), shelf.digests.token(&id)))
    }

    /// Verifies a token, and reads what its order gives now. Unreadable, foreign and old tokens are one answer, and none of them makes
    /// the store look for anything.
    pub(super) fn bearer(&self, shelf: &Shelf, text: &str, now: u64) -> Result<(Token, Digest, Entitlement), Refusal> {
        let token = Token::verify(&self.0.site_key, &shelf.catalog.site, text, now).map_err(|error| {
            tracing::info!(why = error.name(), "token refused");
            Refusal::Token
        })?;
        self.limit_copy(&token.order, token.seat, now)?;
        let digest = shelf.digests.token(&token.id);
        let facts = self.0.store.facts(&token.order)?;
        if facts.is_empty() {
            // A good token of an order that the store does not know: the order was deleted, or the database was lost. The second must
            // not close anybody's course.
            let forgotten = self.0.store.is_forgotten(&token.order)?;
            tracing::warn!(order = %token.order, forgotten, "a good token of an unknown order");
            return Err(if forgotten { Refusal::Revoked } else { Refusal::Unavailable });
        }
        let entitlement = Entitlement::of(&facts, now);
        match Refusal::of(entitlement.state_of(token.seat)) {
            Some(Refusal::Pending) => return Err(Refusal::Unavailable),
            Some(refusal) => return Err(refusal),
            None => {}
        }
        let locked_out = |lock: &crate::store::Lock| token.issued_at <= lock.at && !same(&digest, &lock.keep);
        if entitlement.lock(token.seat).is_some_and(locked_out) { Err(Refusal::Locked) } else { Ok((token, digest, entitlement)) }
    }

    /// The limit on all look-ups of codes together. What costs none, malformed bodies and bad tokens, takes nothing from it, and who holds a
    /// good token does not meet it: a flood of guesses keeps nobody out who is in.
    pub(super) fn limit_strangers(&self, now: u64) -> Result<(), Refusal> {
        let mut bucket = self.0.limits.calls.lock().map_err(|_| Refusal::Unavailable)?;
        bucket.take(now).map_err(Refusal::Wait)
    }

    /// The limit on one claim, licence key or copy.
    pub(super) fn limit_each(&self, what: Digest, now: u64) -> Result<(), Refusal> {
        let mut buckets = self.0.limits.each.lock().map_err(|_| Refusal::Unavailable)?;
        buckets.take(what, now).map_err(Refusal::Wait)
    }

    fn limit_copy(&self, order: &OrderRef, seat: Seat, now: u64) -> Result<(), Refusal> {
        self.limit_each(self.shelf().digests.token(format!("{order} {seat}").as_bytes()), now)
    }
}

/// Compares digests in constant time.
pub(super) fn same(a: &Digest, b: &Digest) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

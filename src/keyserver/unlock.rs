//! `POST /unlock`: a claim code with its order reference, or a licence key, becomes a token and a keyring.
//!
//! Unknown and malformed codes, and codes with a wrong reference, make the store look up the same things and get the same bytes.

use axum::extract::{Request, State as Extract};
use serde::Deserialize;

use super::answer::{Answer, Refusal, on_thread};
use super::intake::{self, TEXT_MAX};
use super::open::{Open, Opened, same};
use super::state::{Shelf, State};
use crate::pay::manual;
use crate::protocol::{Code, CourseId, OrderId, OrderRef, Provider, Seat};
use crate::store::{Admission, Digest, Entitlement, Name};

/// Longest device id in bytes.
const DEVICE_MAX: usize = 64;

#[derive(Deserialize)]
struct Asked {
    claim: Option<String>,
    order: Option<String>,
    licence: Option<String>,
    course: Option<String>,
    device: Option<String>,
}

/// A request that has the form of one.
struct Wish {
    by: By,
    course: Option<CourseId>,
    device: Option<String>,
}

enum By {
    Claim { code: String, reference: String },
    Licence(String),
}

impl Wish {
    fn of(asked: Asked) -> Result<Self, Refusal> {
        let texts = [&asked.claim, &asked.order, &asked.licence, &asked.course];
        if texts.into_iter().flatten().any(|text| text.len() > TEXT_MAX) || asked.device.as_ref().is_some_and(|id| id.len() > DEVICE_MAX) {
            return Err(Refusal::Malformed);
        }
        let by = match (asked.claim, asked.licence) {
            (Some(code), None) => By::Claim { code, reference: asked.order.unwrap_or_default() },
            (None, Some(licence)) => By::Licence(licence),
            _ => return Err(Refusal::Malformed),
        };
        let course = asked.course.as_deref().map(CourseId::parse).transpose().map_err(|_| Refusal::Malformed)?;
        Ok(Self { by, course, device: asked.device.filter(|id| !id.is_empty()) })
    }
}

pub(super) async fn handle(Extract(state): Extract<State>, request: Request) -> Answer<Opened> {
    let wish = Wish::of(intake::call(&state, request).await?)?;
    on_thread(move || state.unlock(&wish)).await
}

/// An order that was found, and how.
pub(super) struct Found {
    pub(super) order: OrderRef,
    pub(super) entitlement: Entitlement,
    pub(super) seat: Seat,
}

impl State {
    fn unlock(&self, wish: &Wish) -> Result<Opened, Refusal> {
        let (now, shelf) = (self.now(), self.shelf());
        let found = match &wish.by {
            By::Claim { code, reference } => self.claimed(&shelf, code, reference, now)?,
            By::Licence(key) => self.licensed(&shelf, key, now)?,
        };
        self.hand_out(&shelf, &found, wish, now)
    }

    /// The order that a claim opens, given its reference.
    fn claimed(&self, shelf: &Shelf, code: &str, reference: &str, now: u64) -> Result<Found, Refusal> {
        // What is no code becomes a hash that nobody has: it is looked up, and limited, like any other.
        let claim: Digest = match Code::parse(code) {
            Ok(code) => code.claim_hash(&shelf.catalog.site).into(),
            Err(_) => shelf.digests.token(code.as_bytes()),
        };
        let (order, entitlement) = self.look_up(claim, Name::Claim, now)?;
        let order = order.ok_or(Refusal::Pending)?;
        if !refers(shelf, &order, &entitlement, reference) {
            tracing::info!(%order, "claim without its reference");
            return Err(Refusal::Pending);
        }
        Ok(Found { order, entitlement, seat: Seat(0) })
    }

    /// The order that a licence key opens; asks the provider if we do not know it as paid.
    fn licensed(&self, shelf: &Shelf, key: &str, now: u64) -> Result<Found, Refusal> {
        let mut digest = shelf.digests.licence(key);
        let (mut order, mut entitlement) = self.look_up(digest, Name::Licence, now)?;
        let written = hyphenated(key);
        let key = written.as_deref().unwrap_or(key);
        if order.is_none() && written.is_some() {
            digest = shelf.digests.licence(key);
            (order, entitlement) = self.look_up(digest, Name::Licence, now)?;
        }
        let Some(order) = order else { return self.heal(shelf, key, digest, false, now) };
        if !entitlement.is_known() {
            return self.heal(shelf, key, digest, true, now);
        }
        // A key that was made anew is refused as the provider would.
        let seat = entitlement.seat(&digest).ok_or(Refusal::Unknown)?;
        let found = Found { order, entitlement, seat };
        if !found.entitlement.is_closed_by_key(seat) {
            return Ok(found);
        }
        // The word that it was renewed, or switched on again, may be lost. Without a better one the last one counts.
        self.heal(shelf, key, digest, true, now).or(Ok(found))
    }

    /// Two look-ups, whether or not the first one finds an order; both limits are met first.
    fn look_up(&self, code: Digest, name: fn(Digest) -> Name, now: u64) -> Result<(Option<OrderRef>, Entitlement), Refusal> {
        self.limit_each(code, now)?;
        self.limit_strangers(now)?;
        let order = self.0.store.find(&name(code))?;
        let facts = match &order {
            Some(order) => self.0.store.facts(order)?,
            None => self.0.store.facts(&nobodys()?)?,
        };
        Ok((order, Entitlement::of(&facts, now)))
    }

    fn hand_out(&self, shelf: &Shelf, found: &Found, wish: &Wish, now: u64) -> Result<Opened, Refusal> {
        let Found { order, entitlement, seat } = found;
        let state = entitlement.state_of(*seat);
        if let Some(refusal) = Refusal::of(state) {
            tracing::info!(%order, state = state.name(), "closed");
            return Err(refusal);
        }
        let courses = entitlement.opens(order, &shelf.catalog);
        let first = courses.first().ok_or_else(|| {
            tracing::warn!(%order, "a paid order of a product that no course lists any more");
            Refusal::Unknown
        })?;
        let course = match &wish.course {
            Some(id) => courses.iter().find(|course| course.id == *id),
            None => Some(first),
        };
        let (token, digest) = self.token(shelf, order, *seat, now)?;
        let device = wish.device.as_ref().map_or(digest, |id| shelf.digests.device(id.as_bytes()));
        match self.0.store.admit(order, *seat, device, digest, now, self.0.device_limit)? {
            Admission::Welcome => {}
            Admission::Forgotten => return Err(Refusal::Revoked),
            Admission::Full { wait } => {
                tracing::warn!(%order, seat = seat.0, "too many new devices");
                return Err(Refusal::Devices(wait));
            }
        }
        let keys = course.map(|course| self.keys(shelf, course, order, *seat, &entitlement.display));
        tracing::info!(%order, seat = seat.0, keys = keys.is_some(), "opened");
        Ok(Opened { token: Some(token), courses: Open::all(&courses), display: entitlement.display.clone(), keys })
    }
}

/// A licence key as the provider writes it, where it was typed with spaces or other dashes for its hyphens, or with none at all; `None`
/// where that changes nothing.
fn hyphenated(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let dash = |c: char| c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ad}');
    let bare: String = typed.chars().filter(|c| !dash(*c)).collect();
    let key = if bare.len() == 32 && bare.bytes().all(|b| b.is_ascii_hexdigit()) {
        [&bare[..8], &bare[8..12], &bare[12..16], &bare[16..20], &bare[20..]].join("-")
    } else {
        typed.split(dash).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
    };
    (key != typed).then_some(key)
}

/// An order that nobody has: looked up where there is none, so that a miss costs what a hit costs.
fn nobodys() -> Result<OrderRef, Refusal> {
    let parts = Provider::parse("nobody").and_then(|provider| Ok(OrderRef { provider, order_id: OrderId::parse("0")? }));
    parts.map_err(|_| Refusal::Unavailable)
}

/// Whether a reference is the order's. An order that the author made has a random id, which is its reference.
fn refers(shelf: &Shelf, order: &OrderRef, entitlement: &Entitlement, reference: &str) -> bool {
    let given = shelf.digests.reference(reference);
    let by_id = order.provider.as_str() == manual::PROVIDER && same(&given, &shelf.digests.reference(order.order_id.as_str()));
    entitlement.references.iter().fold(by_id, |fits, right| fits | same(&given, right))
}

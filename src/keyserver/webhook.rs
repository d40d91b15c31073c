//! `POST /webhooks/{provider}`: size limit, raw body, signature, reading, checks, one fact, 200.

use axum::extract::{Request, State as Extract};
use axum::http::HeaderMap;
use serde::Serialize;

use super::answer::{Answer, Refusal, on_thread};
use super::state::{Mode, Notice, Shelf, State};
use super::{WEBHOOK_MAX, intake};
use crate::pay::lemon_squeezy::{PROVIDER, SIGNATURE, read, verify};
use crate::pay::{Meaning, WebhookError};
use crate::protocol::{OrderRef, Provider};
use crate::store::{Entitlement, Inserted, Intake, StoreError, Stranger};

/// What became of an event. Every one of them is 200: a provider sends again what is answered otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "status")]
pub(super) enum Outcome {
    Stored,
    Duplicate,
    Ignored,
}

pub(super) async fn handle(Extract(state): Extract<State>, request: Request) -> Answer<Outcome> {
    // As it was sent: `%5f` is another path than `_`.
    let provider = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
    if provider != PROVIDER || state.0.lemon_squeezy.is_empty() {
        return Err(Refusal::Unknown);
    }
    let signature = signature(request.headers());
    let body = intake::body(&state, request, WEBHOOK_MAX).await?;
    if let Err(error) = verify(&state.0.lemon_squeezy, &body, signature.as_deref()) {
        tracing::warn!(provider, %error, bytes = body.len(), "webhook refused");
        return Err(Refusal::Signature);
    }
    let reading = read(&body).map_err(|error| {
        let bytes = body.len();
        match error {
            WebhookError::Malformed(what) => tracing::warn!(provider, what, bytes, "webhook signed, but unreadable"),
            WebhookError::Signature => tracing::warn!(provider, bytes, "webhook refused"),
        }
        Refusal::Malformed
    })?;
    drop(body);
    let event = reading.event;
    let meaning = reading.meaning;
    on_thread(move || state.take(&event, &meaning)).await
}

/// The one signature; two of them are none.
fn signature(headers: &HeaderMap) -> Option<String> {
    let mut all = headers.get_all(SIGNATURE).iter();
    let first = all.next()?.to_str().ok()?.to_owned();
    all.next().is_none().then_some(first)
}

impl State {
    /// Checks shop, product and mode, and inserts the fact.
    fn take(&self, event: &str, shown: &Meaning) -> Result<Outcome, Refusal> {
        let provider = Provider::parse(PROVIDER).map_err(|_| Refusal::Unavailable)?;
        let shelf = self.shelf();
        let fact = match self.intake(&shelf, &provider).fact(shown)? {
            Ok(fact) => fact,
            Err(why @ Stranger::Event) => {
                tracing::info!(event, %why, "webhook ignored");
                return Ok(Outcome::Ignored);
            }
            Err(why) => {
                tracing::warn!(event, %why, "webhook ignored");
                return Ok(Outcome::Ignored);
            }
        };
        let order = fact.order.to_string();
        let before = self.facts_state(&fact.order)?;
        let inserted = self.0.store.insert(&fact, self.now())?;
        tracing::info!(event, order, inserted = ?inserted, "webhook");
        match inserted {
            Inserted::New => {
                self.tell(&fact.order, before);
                self.disable_if_refunded(&fact);
                Ok(Outcome::Stored)
            }
            Inserted::Known => Ok(Outcome::Duplicate),
            Inserted::Forgotten => Ok(Outcome::Ignored),
        }
    }

    pub(super) fn intake<'a>(&'a self, shelf: &'a Shelf, provider: &'a Provider) -> Intake<'a> {
        let test_mode = self.0.mode == Mode::Test;
        Intake { store: &*self.0.store, catalog: &shelf.catalog, digests: &shelf.digests, provider, test_mode }
    }

    fn facts_state(&self, order: &OrderRef) -> Result<crate::store::State, StoreError> {
        Ok(Entitlement::of(&self.0.store.facts(order)?, self.now()).state)
    }

    /// Tells whoever wants to know that an order's state changed. The fact is stored by now, so that nothing here may fail the call.
    pub(super) fn tell(&self, order: &OrderRef, before: crate::store::State) {
        let Some(notify) = &self.0.notify else { return };
        let Ok(facts) = self.0.store.facts(order) else { return };
        let entitlement = Entitlement::of(&facts, self.now());
        if entitlement.state != before {
            let shelf = self.shelf();
            let courses = entitlement.opens(order, &shelf.catalog).into_iter().map(|course| course.id.clone()).collect();
            notify(Notice { order: order.clone(), number: entitlement.number, state: entitlement.state, courses });
        }
    }
}

//! `/facts`: what the author's commands read and write of an endpoint that runs elsewhere. With the admin token only.
//!
//! `GET` shows facts, `POST` inserts them, `DELETE` forgets an order. The log gets orders and counts, never what a fact says.

use axum::extract::{RawQuery, Request, State as Extract};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;

use super::admin::ndjson;
use super::answer::{Answer, Refusal, on_thread};
use super::state::State;
use super::{FACTS_MAX, WEBHOOK_MAX, intake};
use crate::protocol::OrderRef;
use crate::store::{Entitlement, Fact, Inserted};

#[derive(Serialize)]
pub(super) struct Taken {
    inserted: Vec<Word>,
}

/// What became of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    New,
    Known,
    Forgotten,
}

impl From<Inserted> for Word {
    fn from(inserted: Inserted) -> Self {
        match inserted {
            Inserted::New => Word::New,
            Inserted::Known => Word::Known,
            Inserted::Forgotten => Word::Forgotten,
        }
    }
}

#[derive(Serialize)]
pub(super) struct Deleted {
    deleted: bool,
}

/// Every fact as one line of JSON, or the facts of one order.
pub(super) async fn show(Extract(state): Extract<State>, headers: HeaderMap, RawQuery(query): RawQuery) -> Result<Response, Refusal> {
    state.admin(&headers)?;
    let order = order(query.as_deref())?;
    Ok(ndjson(on_thread(move || state.lines(order)).await?.0))
}

/// Inserts the facts of a body, all of them or, where one line is none, not one.
pub(super) async fn insert(Extract(state): Extract<State>, request: Request) -> Answer<Taken> {
    state.admin(request.headers())?;
    let body = intake::body(&state, request, WEBHOOK_MAX).await?;
    let facts = read(&body)?;
    on_thread(move || state.insert_all(&facts)).await
}

/// Forgets an order.
pub(super) async fn forget(Extract(state): Extract<State>, headers: HeaderMap, RawQuery(query): RawQuery) -> Answer<Deleted> {
    state.admin(&headers)?;
    let order = order(query.as_deref())?.ok_or(Refusal::Malformed)?;
    on_thread(move || {
        let deleted = state.0.store.forget(&order)?;
        tracing::info!(%order, deleted, "an order deleted by the author");
        Ok(Deleted { deleted })
    })
    .await
}

/// The one `order` of an address's query, decoded as a form's (a plus is a space), if there is one. Other members are not looked at.
fn order(query: Option<&str>) -> Result<Option<OrderRef>, Refusal> {
    let decoded = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_encoding::percent_decode_str(&spaced).decode_utf8().map(String::from).map_err(|_| Refusal::Malformed)
    };
    let mut found = None;
    for pair in query.unwrap_or_default().split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if decoded(name)? == "order" && found.replace(decoded(value)?.parse().map_err(|_| Refusal::Malformed)?).is_some() {
            return Err(Refusal::Malformed);
        }
    }
    Ok(found)
}

fn read(body: &[u8]) -> Result<Vec<Fact>, Refusal> {
    let text = std::str::from_utf8(body).map_err(|_| Refusal::Malformed)?;
    let lines: Vec<&str> = text.split('\n').filter(|line| !line.trim_ascii().is_empty()).collect();
    if lines.len() > FACTS_MAX {
        return Err(Refusal::Large);
    }
    let one = |line: &str| {
        intake::object(line.as_bytes()).and_then(|fact: Fact| if fact.is_sound() { Ok(fact) } else { Err(Refusal::Malformed) })
    };
    lines.into_iter().map(one).collect()
}

impl State {
    fn lines(&self, order: Option<OrderRef>) -> Result<String, Refusal> {
        let store = &self.0.store;
        let orders = match order {
            Some(order) => vec![order],
            None => store.orders()?,
        };
        let mut out = String::new();
        let mut count = 0_usize;
        for order in &orders {
            for fact in store.facts(order)? {
                out.push_str(&serde_json::to_string(&fact).map_err(|_| Refusal::Unavailable)?);
                out.push('\n');
                count += 1;
            }
        }
        tracing::info!(orders = orders.len(), facts = count, "facts shown to the author");
        Ok(out)
    }

    fn insert_all(&self, facts: &[Fact]) -> Result<Taken, Refusal> {
        let (store, now) = (&self.0.store, self.now());
        let mut inserted = Vec::new();
        for fact in facts {
            let before = Entitlement::of(&store.facts(&fact.order)?, now).state;
            let word = Word::from(store.insert(fact, now)?);
            tracing::info!(order = %fact.order, inserted = ?word, "a fact from the author");
            if word == Word::New {
                self.tell(&fact.order, before);
            }
            inserted.push(word);
        }
        Ok(Taken { inserted })
    }
}

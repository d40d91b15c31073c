//! `GET /ledger`: every order as one line of JSON, for `trace` and `report`. With the admin token only.

use axum::extract::State as Extract;
use axum::http::HeaderMap;
use axum::response::Response;

use super::admin::ndjson;
use super::answer::{Refusal, on_thread};
use super::state::State;
use crate::store::{self, LedgerLine, OrdersError};

pub(super) async fn handle(Extract(state): Extract<State>, headers: HeaderMap) -> Result<Response, Refusal> {
    state.admin(&headers)?;
    Ok(ndjson(on_thread(move || state.ledger()).await?.0))
}

impl State {
    fn ledger(&self) -> Result<String, Refusal> {
        let lines = store::list(&*self.0.store, &self.shelf().catalog, self.now()).map_err(|error| match error {
            OrdersError::Store(error) => Refusal::from(error),
            _ => Refusal::Unavailable,
        })?;
        let mut out = String::new();
        for line in lines {
            out.push_str(&serde_json::to_string(&LedgerLine::from(line)).map_err(|_| Refusal::Unavailable)?);
            out.push('\n');
        }
        Ok(out)
    }
}

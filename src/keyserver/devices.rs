//! `POST /devices`: the devices that opened a copy; forgetting which they were; locking all others out.

use axum::extract::{Request, State as Extract};
use serde::{Deserialize, Serialize};

use super::answer::{Answer, Refusal, on_thread};
use super::intake;
use super::state::State;
use crate::store::{Fact, Inserted, What};

#[derive(Deserialize)]
struct Asked {
    token: String,
    #[serde(default, rename = "do")]
    wish: Wish,
}

#[derive(Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Wish {
    #[default]
    List,
    Clear,
    Lock,
}

#[derive(Serialize)]
pub(super) struct Listed {
    devices: Vec<Shown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

#[derive(Serialize)]
struct Shown {
    first: u64,
    last: u64,
    this: bool,
}

pub(super) async fn handle(Extract(state): Extract<State>, request: Request) -> Answer<Listed> {
    let asked: Asked = intake::call(&state, request).await?;
    on_thread(move || state.devices(&asked)).await
}

impl State {
    fn devices(&self, asked: &Asked) -> Result<Listed, Refusal> {
        let (now, shelf) = (self.now(), self.shelf());
        let (token, mut digest, _) = self.bearer(&shelf, &asked.token, now)?;
        let (store, order, seat) = (&self.0.store, &token.order, token.seat);
        let mut fresh = None;
        if asked.wish == Wish::Lock {
            let (text, keep) = self.token(&shelf, order, seat, now)?;
            store.touch(order, seat, digest, Some(keep), now)?;
            let locked = Fact { order: order.clone(), at: now, what: What::Locked { keep, seat } };
            if store.insert(&locked, now)? == Inserted::Forgotten {
                return Err(Refusal::Revoked);
            }
            tracing::info!(%order, seat = seat.0, "all other devices locked");
            (digest, fresh) = (keep, Some(text));
        }
        if asked.wish != Wish::List {
            store.clear_devices(order, seat, digest)?;
        }
        let shown = |device: crate::store::Device| Shown { first: device.first, last: device.last, this: device.token == digest };
        Ok(Listed { devices: store.devices(order, seat)?.into_iter().map(shown).collect(), token: fresh })
    }
}

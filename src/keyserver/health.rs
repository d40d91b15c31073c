//! `GET /health`: the version, whether the store can be read, and whose money counts, and for which site.

use axum::Json;
use axum::extract::State as Extract;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::answer::on_thread;
use super::state::State;

pub(super) async fn handle(Extract(state): Extract<State>) -> (StatusCode, Json<Value>) {
    let (mode, site) = (state.0.mode.name(), state.shelf().catalog.site.clone());
    let store = on_thread(move || state.0.store.check().map_err(Into::into)).await.is_ok();
    let (code, status) = if store { (StatusCode::OK, "ok") } else { (StatusCode::SERVICE_UNAVAILABLE, "down") };
    (code, Json(json!({ "status": status, "version": env!("CARGO_PKG_VERSION"), "store": store, "mode": mode, "key": true, "site": site })))
}

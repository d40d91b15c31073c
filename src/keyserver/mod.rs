//! The key endpoint: `router(state)` and `serve(listener, router, shutdown)`.
//!
//! One file for each call. Every request goes the same way: size and time limits, then parsing, then the rate limits, then the store on a
//! thread that may block. Answers are fixed texts; what happened stands in the log, without codes, keys, tokens, bodies or
//! addresses. This room reaches no Markdown, template or content code, so that the process never holds lesson text.

mod admin;
mod answer;
mod budget;
mod cors;
mod devices;
mod disable;
mod facts;
mod heal;
mod health;
mod intake;
mod ledger;
mod listener;
mod open;
mod refresh;
mod serve;
mod state;
mod unlock;
mod upstream;
mod webhook;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};

pub use serve::serve;
pub use state::{CALLS_A_MINUTE, Mode, Notice, Settings, State, system_clock, system_random};

/// Longest body of a webhook, and of facts, in bytes.
pub const WEBHOOK_MAX: usize = 256 * 1024;

/// Longest body of every other call in bytes.
pub const CALL_MAX: usize = 16 * 1024;

/// Most facts in one call.
pub const FACTS_MAX: usize = 1000;

/// The routes, relative: mount them wherever the catalog's `endpoint` points.
pub fn router(state: State) -> Router {
    let calls = Router::new()
        .route("/unlock", post(unlock::handle))
        .route("/refresh", post(refresh::handle))
        .route("/devices", post(devices::handle))
        .layer(DefaultBodyLimit::max(CALL_MAX))
        // Before the layer, so that it sees preflights, which no route takes.
        .method_not_allowed_fallback(answer::no_method)
        .layer(middleware::from_fn_with_state(state.clone(), cors::layer));
    Router::new()
        .merge(calls)
        .route("/webhooks/{provider}", post(webhook::handle).layer(DefaultBodyLimit::max(WEBHOOK_MAX)))
        .route("/ledger", get(ledger::handle))
        .route("/facts", get(facts::show).post(facts::insert).delete(facts::forget).layer(DefaultBodyLimit::max(WEBHOOK_MAX)))
        .route("/health", get(health::handle))
        .fallback(answer::no_path)
        .method_not_allowed_fallback(answer::no_method)
        .layer(middleware::from_fn(intake::layer))
        .with_state(state)
}

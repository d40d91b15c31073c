//! What may be wrong with a shop: checks are values, made by pure functions of what `cli` has looked up.

mod endpoint;
mod place;
mod secrets;
mod shop;

use serde::Serialize;

pub use endpoint::{clock, health, no_endpoint, webhook};
pub use place::{headers, no_site, origin, repository};
pub use secrets::{KeyPlace, Leaks, holds_a_site_key, key_copy, leaks, secret, site_key};
pub use shop::{devices, epochs, lapsed, orders, products, unknown_orders};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// As it should be.
    Ok,
    /// It may be meant so.
    Warning,
    /// Something is open, or will not work.
    Error,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// How bad it is.
    pub level: Level,
    /// What was looked at.
    pub thing: &'static str,
    /// What was found. Never a secret.
    pub value: String,
    /// What to do; empty where nothing is to be done.
    pub remedy: String,
}

/// A part that could not be looked at: the others were.
#[must_use]
pub fn unread(thing: &'static str, why: &str, remedy: &str) -> Check {
    Check::error(thing, format!("not looked at: {}", why.lines().collect::<Vec<_>>().join(" ")), remedy)
}

impl Check {
    fn ok(thing: &'static str, value: impl Into<String>) -> Self {
        Self { level: Level::Ok, thing, value: value.into(), remedy: String::new() }
    }

    fn warning(thing: &'static str, value: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { level: Level::Warning, thing, value: value.into(), remedy: remedy.into() }
    }

    fn error(thing: &'static str, value: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { level: Level::Error, thing, value: value.into(), remedy: remedy.into() }
    }
}

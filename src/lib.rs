//! Bookplate compiles Markdown courses into a static site, seals the lessons that are for sale, and issues the keys that open them.
//!
//! The modules stand in reading order. Each is a room: `tests/it/rooms.rs` holds which room may use which, and
//! ARCHITECTURE.md says what lives where. The core is pure; files, clocks, randomness and the network come in at the edge.

pub mod diag;
pub mod fs;

pub mod access;
pub mod code;
pub mod protocol;

pub mod catalog;
pub mod manifest;

#[cfg(feature = "site")]
pub mod config;
#[cfg(feature = "site")]
pub mod content;
#[cfg(feature = "site")]
pub mod deploy;
#[cfg(feature = "site")]
pub mod edition;
#[cfg(feature = "site")]
pub mod gate;
#[cfg(feature = "site")]
pub mod highlight;
#[cfg(feature = "site")]
pub mod mark;
#[cfg(feature = "site")]
pub mod markdown;
#[cfg(feature = "site")]
pub mod publish;
#[cfg(feature = "site")]
pub mod review;
#[cfg(feature = "site")]
pub mod site;
#[cfg(feature = "site")]
pub mod template;
#[cfg(feature = "site")]
pub mod trace;

pub mod keyserver;
pub mod outbound;
pub mod pay;
pub mod store;

#[cfg(feature = "site")]
pub mod doctor;
#[cfg(feature = "site")]
pub mod verify;

#[cfg(feature = "site")]
pub mod preview;
#[cfg(feature = "site")]
pub mod rehearse;

pub mod cli;

//! `bookplate.yaml`: as typed, then checked.

mod price;
mod site;

pub use price::{Price, Product};
pub use site::{Language, Site};

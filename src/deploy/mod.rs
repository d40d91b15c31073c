//! What a host needs to publish a site, as files: settings, headers, the key endpoint as a function, workflows.
//!
//! Everything here is a function of the catalog and a few words of the author; `cli` reads and writes. What was written is remembered in
//! a list of hashes, so that a file that the author changed is never replaced by accident.

mod edge;
mod github_pages;
mod headers;
mod keyrings;
mod netlify;
mod repository;
mod values;
mod written;

pub use edge::FILES as EDGE;
pub use github_pages::{GithubPages, Visibility, domain, https_address, visibility};
pub use headers::{Rule, rules};
pub use keyrings::{Keyrings, keyrings};
pub use netlify::Netlify;
pub use repository::{NoRepository, Repository};
pub use values::wrong;
pub use written::{LIST, State, Written};

use crate::catalog::Catalog;

/// A file to write into the folder of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Below the folder, with `/`.
    pub path: String,
    /// Text.
    pub content: String,
}

impl File {
    fn new(path: impl Into<String>, content: impl Into<String>) -> Self {
        Self { path: path.into(), content: content.into() }
    }
}

/// A variable of the environment that the host must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub meaning: &'static str,
    /// Whether the shop does not work without it.
    pub needed: bool,
}

/// What to write, and what to tell the author.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Files.
    pub files: Vec<File>,
    /// Variables that the host must have.
    pub variables: Vec<Variable>,
    /// Where they are set.
    pub place: &'static str,
    /// What is not right, or should be known once.
    pub warnings: Vec<String>,
    /// What to do next, in order.
    pub steps: Vec<String>,
}

/// The endpoint's variables, in the order of their weight.
const ENDPOINT: &[Variable] = &[
    Variable { name: "BOOKPLATE_SITE_KEY", meaning: "the line in the site's key file", needed: true },
    Variable { name: "BOOKPLATE_LEMON_SQUEEZY_SECRET", meaning: "the signing secret of the webhook, 32 random characters", needed: true },
    Variable {
        name: "BOOKPLATE_ADMIN_TOKEN",
        meaning: "opens the orders to `orders`, `issue` and `rotate` from elsewhere: who has it reads, makes, changes and deletes them; 32 random characters",
        needed: false,
    },
    Variable {
        name: "BOOKPLATE_LEMON_SQUEEZY_API_KEY",
        meaning: "an API key of the store: switches off the licence key of a refunded order",
        needed: false,
    },
];

/// Whether something is sold through a payment provider, so that somebody must learn of sales.
fn sells(catalog: &Catalog) -> bool {
    catalog.courses.iter().any(|course| !course.products.is_empty())
}

/// The path of the endpoint, where it lies on the site's own origin.
fn own_endpoint(catalog: &Catalog) -> Option<&str> {
    catalog.endpoint.as_deref()?.strip_prefix(catalog.origin.as_str()).filter(|path| path.starts_with('/'))
}

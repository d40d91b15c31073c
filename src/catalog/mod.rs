//! What a shop sells, without secrets: written by the build, read by everything outside the site.
//!
//! `catalog.json` is the only thing of a site that key server, `trace`, `rehearse` and `orders` read, so that builder and endpoint cannot
//! disagree. It is public: whatever stands in it, the whole world may read.

mod read;
mod rotation;

use serde::{Deserialize, Serialize};

use crate::protocol::{CourseId, Epoch, Fingerprint, Params, Provider, SiteId, SiteKey};

pub use read::VERSION;
pub use rotation::{Stage, Step};

/// What a site sells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalog {
    /// Of the format: [`VERSION`].
    pub version: u32,
    /// The site.
    pub site: SiteId,
    /// Where its pages are, scheme and host: the one origin that the endpoint answers by CORS.
    pub origin: String,
    /// Path below which the pages lie; begins and ends with `/`.
    pub base: String,
    /// Where the key endpoint is, with a `/` at its end; `None` for static keyrings.
    pub endpoint: Option<String>,
    /// Of the site key that its files are sealed under; absent in catalogs of older versions, and where nothing is sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Fingerprint>,
    /// Sealed under a throw-away key: `deploy` refuses it.
    #[serde(default)]
    pub preview: bool,
    /// What is sold, in the site's order.
    pub courses: Vec<Course>,
}

/// One course of the catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// Its id.
    pub id: CourseId,
    /// Its public title.
    pub title: String,
    /// Its address below the base.
    pub url: String,
    /// The epochs that the endpoint serves: one, or two while keys rotate.
    pub epochs: Vec<Epoch>,
    /// The epoch that its files are sealed under, where that is not the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Epoch>,
    /// When the keys of the newest epoch were begun, seconds since 1970: who lost his right before has none of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotated: Option<u64>,
    /// Code parameters.
    pub params: Params,
    /// Version of the carrier list that the course keeps; 0 while nothing is marked.
    #[serde(default)]
    pub rules: u32,
    /// What opens it. A product that several courses list is a bundle.
    #[serde(default)]
    pub products: Vec<Product>,
}

/// A product of a payment provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Who sells it.
    pub provider: Provider,
    /// The provider's id of the shop.
    pub store: u64,
    /// The provider's id of the product.
    pub product: u64,
    /// One variant of it; without, every variant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<u64>,
}

impl Product {
    /// True if `bought` is this product. A variant that the provider did not name fits, for licence keys come without one.
    #[must_use]
    pub fn fits(&self, provider: &Provider, store: u64, product: u64, variant: Option<u64>) -> bool {
        let variant_fits = match (self.variant, variant) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => true,
        };
        self.provider == *provider && self.store == store && self.product == product && variant_fits
    }
}

impl Course {
    /// The newest epoch that is served. Without any, 0, which nothing is sealed under.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.epochs.iter().copied().max().unwrap_or(Epoch(0))
    }

    /// The epoch before it, which is served too while keys rotate.
    #[must_use]
    pub fn former_epoch(&self) -> Option<Epoch> {
        self.epochs.iter().copied().filter(|epoch| *epoch < self.epoch()).max()
    }

    /// The epoch that its files are sealed under.
    #[must_use]
    pub fn sealed_epoch(&self) -> Epoch {
        self.sealed.unwrap_or_else(|| self.epoch())
    }
}

impl Catalog {
    /// True if the site's files are sealed under this key, or nobody knows under which.
    #[must_use]
    pub fn is_under(&self, key: &SiteKey) -> bool {
        self.key.is_none_or(|own| own == key.fingerprint(&self.site))
    }

    /// The course with this id.
    #[must_use]
    pub fn course(&self, id: &CourseId) -> Option<&Course> {
        self.courses.iter().find(|course| course.id == *id)
    }

    /// The courses that a product opens, in the site's order.
    pub fn sold_as<'a>(
        &'a self,
        provider: &'a Provider,
        store: u64,
        product: u64,
        variant: Option<u64>,
    ) -> impl Iterator<Item = &'a Course> + 'a {
        self.courses.iter().filter(move |course| course.products.iter().any(|p| p.fits(provider, store, product, variant)))
    }
}

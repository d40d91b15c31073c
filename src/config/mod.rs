//! What people write in YAML: read with places, then checked; and the settings of a site.
//!
//! Reading is in two steps: [`Fields`] holds what was typed and where, [`read_site`] (and `content` for front matter) makes
//! checked values of it. All mistakes of a file are reported at once.

mod fields;
mod marks;
mod price;
mod site;
mod suggest;
mod yaml;

pub use fields::Fields;
pub use marks::{Marks, MarksSaid, Plate};
pub use price::{Price, Product};
pub use site::{DEFAULT_THEME, Language, Site, check_id, https_url, read_site};
pub use suggest::nearest;
pub use yaml::{Located, Value, YamlError, parse};

//! Markdown text to a document tree; the tree and resolved links to HTML.

mod prose;

pub use prose::{Heading, Prose};

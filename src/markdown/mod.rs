//! Markdown text to a document tree; the tree and resolved links to HTML.
//!
//! [`parse`] makes an owned [`Document`], in which every block and inline knows its bytes in the source. [`Render`] writes passages of it as HTML;
//! it asks [`Links`] what each target stands for, and knows neither files nor sites.

mod build;
mod document;
mod plain;
mod prose;
mod raw_html;
mod render;
mod slug;

pub use build::parse;
pub use document::{Alert, Align, Block, BlockKind, Document, Inline, InlineKind, Item, Reference, TargetKind};
pub use plain::{Counts, count, inline_text, plain_text};
pub use prose::{Heading, Prose};
pub use raw_html::is_script_url;
pub use render::{Links, Picture, Render, Target, Words, escape};
pub use slug::slug;

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
mod seen;
mod sentence;
mod slug;
mod style;

pub use build::parse;
pub use document::{Alert, Align, Block, BlockKind, Choice, Class, Document, Inline, InlineKind, Item, Met, Reference, TargetKind, walk};
pub use plain::{Counts, count, inline_text, is_wide, plain_text};
pub use prose::{Carrier, Heading, Prose, Sentence, Wording};
pub use raw_html::{decode as decode_entities, is_script_url};
pub use render::{Links, Picture, Render, Target, Words, escape};
pub use seen::{Seen, seen_text};
pub use sentence::{collapsed, sentence_texts};
pub use slug::slug;

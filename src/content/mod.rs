//! Front matter, order and the course tree, from (path, text) pairs.

mod epochs;
mod front;
mod names;
mod paths;
mod stray;
mod tree;

pub use epochs::Epochs;
pub use front::{CourseFront, Front, Kind, OutlineMode, Split, read_front, split};
pub use names::{natural, segment, split_number, title_of};
pub use paths::{decoded, is_external, is_index, is_markdown, join, parent, stem};
pub use stray::{Stray, stray};
pub use tree::{Entry, Plan, Source, plan, prune};

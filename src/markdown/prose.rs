//! What a rendered passage is.

/// A heading, for the list of contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// The `id` in the HTML, unique in its lesson.
    pub id: String,
    /// Its plain text.
    pub text: String,
}

/// A rendered passage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prose {
    /// Compact HTML, ready to stand inside an `article`.
    pub html: String,
    /// The headings in it, in order.
    pub headings: Vec<Heading>,
    /// Its plain text, alt texts and code included, one line for each block: for the gate and for excerpts.
    pub text: String,
}

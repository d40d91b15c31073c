//! The document tree.
//!
//! Trees are at most [`MAX_DEPTH`] levels deep, so that walking, printing and dropping them by recursion is safe whatever the input.

use std::collections::HashMap;
use std::ops::Range;

use super::raw_html;

/// Deeper nesting is flattened into the innermost level that is kept. CommonMark sets no limit; nobody reads 40 levels.
pub const MAX_DEPTH: usize = 40;

/// A whole document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Document {
    /// Its top-level blocks.
    pub blocks: Vec<Block>,
    /// Footnote labels and their numbers, in the order of the first references.
    pub notes: HashMap<String, usize>,
    /// Where the lines of the source end, in bytes, in rising order.
    pub line_ends: Vec<usize>,
}

/// A block and its bytes in the source.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Bytes of the source.
    pub span: Range<usize>,
}

/// What blocks there are.
#[derive(Debug, Clone, PartialEq)]
pub enum BlockKind {
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// Text without a paragraph of its own: the content of a tight list item.
    Plain(Vec<Inline>),
    /// A heading.
    Heading {
        /// 1 to 6.
        level: u8,
        /// Its id, unique in the document.
        id: String,
        /// Its text.
        inlines: Vec<Inline>,
    },
    /// A code block.
    Code {
        /// The word after the fence, up to the first comma, brace or space; may be empty.
        language: String,
        /// The code.
        text: String,
    },
    /// A quote, or an alert such as `> [!NOTE]`.
    Quote {
        /// Which alert, if it is one.
        alert: Option<Alert>,
        /// Its content.
        blocks: Vec<Block>,
    },
    /// A list.
    List {
        /// The number of the first item of an ordered list.
        start: Option<u64>,
        /// Its items.
        items: Vec<Item>,
    },
    /// A table.
    Table {
        /// How the columns are aligned.
        align: Vec<Align>,
        /// The cells of the head.
        head: Vec<Vec<Inline>>,
        /// The rows.
        rows: Vec<Vec<Vec<Inline>>>,
    },
    /// A thematic break.
    Rule,
    /// Raw HTML.
    Html(String),
    /// What a footnote says.
    Footnote {
        /// Its label.
        label: String,
        /// Its content.
        blocks: Vec<Block>,
    },
    /// `<!-- paywall -->` on a line of its own, between two top-level blocks.
    Paywall,
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Ticked or not, in a task list.
    pub task: Option<bool>,
    /// Its content.
    pub blocks: Vec<Block>,
    /// Bytes of the source.
    pub span: Range<usize>,
}

/// GitHub's five alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alert {
    /// `[!NOTE]`
    Note,
    /// `[!TIP]`
    Tip,
    /// `[!IMPORTANT]`
    Important,
    /// `[!WARNING]`
    Warning,
    /// `[!CAUTION]`
    Caution,
}

/// How a column is aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// As the language goes.
    None,
    /// Left.
    Left,
    /// Centred.
    Center,
    /// Right.
    Right,
}

/// An inline and its bytes in the source.
#[derive(Debug, Clone, PartialEq)]
pub struct Inline {
    /// What it is.
    pub kind: InlineKind,
    /// Bytes of the source.
    pub span: Range<usize>,
}

/// What inlines there are.
#[derive(Debug, Clone, PartialEq)]
pub enum InlineKind {
    /// Text; entities and escapes are resolved.
    Text(String),
    /// A code span.
    Code(String),
    /// Emphasis.
    Emphasis(Vec<Inline>),
    /// Strong emphasis.
    Strong(Vec<Inline>),
    /// Struck out.
    Strike(Vec<Inline>),
    /// A link.
    Link {
        /// Where to, as written, entities and escapes resolved.
        target: String,
        /// Shown on hovering.
        title: String,
        /// Its text.
        inlines: Vec<Inline>,
    },
    /// An image.
    Image {
        /// Where from, as written.
        target: String,
        /// Shown on hovering.
        title: String,
        /// The alternative text.
        alt: Vec<Inline>,
    },
    /// Raw HTML, one tag or comment.
    Html(String),
    /// A reference to a footnote.
    Note(String),
    /// A sentence: rendered as what it holds. Its bytes in the HTML are kept, see [`super::Sentence`].
    Sentence(Vec<Inline>),
    /// Words that can be said in another way; rendered as the author's.
    Choice(Choice),
    /// A line end in the source.
    SoftBreak,
    /// A line end on the page.
    HardBreak,
}

/// Two ways to say the same: plain text that begins and ends with something visible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// As the author wrote it; a line end in the source is `\n`.
    pub author: String,
    /// The other way.
    pub other: String,
    /// Who says that both mean the same.
    pub class: Class,
    /// The pair that it comes from, such as `en.do-not`; empty for a declared one.
    pub rule: String,
}

/// Who says that two wordings mean the same. In rising order of weight: read back, a later one outranks an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A rule about signs: apostrophes, dashes, spaces.
    Typographic,
    /// A public list of words.
    Lexical,
    /// The author.
    Declared,
}

impl Class {
    /// Every class, the weakest first.
    pub const ALL: [Class; 3] = [Class::Typographic, Class::Lexical, Class::Declared];

    /// Its name in reports and settings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Class::Typographic => "typographic",
            Class::Lexical => "lexical",
            Class::Declared => "declared",
        }
    }
}

/// Something that a document points to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Where to, as written.
    pub target: String,
    /// Bytes of the source: the whole link or image; of raw HTML the block or tag that holds it.
    pub span: Range<usize>,
    /// Link or picture.
    pub kind: TargetKind,
}

/// How something is pointed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TargetKind {
    /// To go there.
    Link,
    /// To show it here.
    Image,
}

/// What [`walk`] meets.
pub enum Met<'a> {
    /// A block, before its content.
    Block(&'a Block),
    /// An inline, before its content.
    Inline(&'a Inline),
}

/// Calls `visit` for every block and inline, parents first.
pub fn walk<'a>(blocks: &'a [Block], visit: &mut dyn FnMut(Met<'a>)) {
    for block in blocks {
        visit(Met::Block(block));
        match &block.kind {
            BlockKind::Paragraph(inlines) | BlockKind::Plain(inlines) | BlockKind::Heading { inlines, .. } => walk_inlines(inlines, visit),
            BlockKind::Quote { blocks, .. } | BlockKind::Footnote { blocks, .. } => walk(blocks, visit),
            BlockKind::List { items, .. } => items.iter().for_each(|item| walk(&item.blocks, visit)),
            BlockKind::Table { head, rows, .. } => {
                head.iter().chain(rows.iter().flatten()).for_each(|cell| walk_inlines(cell, visit));
            }
            BlockKind::Code { .. } | BlockKind::Rule | BlockKind::Html(_) | BlockKind::Paywall => {}
        }
    }
}

/// Calls `visit` for every inline, parents first.
pub fn walk_inlines<'a>(inlines: &'a [Inline], visit: &mut dyn FnMut(Met<'a>)) {
    for inline in inlines {
        visit(Met::Inline(inline));
        match &inline.kind {
            InlineKind::Emphasis(inner) | InlineKind::Strong(inner) | InlineKind::Strike(inner) | InlineKind::Sentence(inner) => {
                walk_inlines(inner, visit);
            }
            InlineKind::Link { inlines: inner, .. } | InlineKind::Image { alt: inner, .. } => walk_inlines(inner, visit),
            _ => {}
        }
    }
}

impl Document {
    /// The line of the source, counted from 1, in which a byte stands.
    #[must_use]
    pub fn line(&self, byte: usize) -> usize {
        self.line_ends.partition_point(|end| *end < byte) + 1
    }

    /// Everything that `blocks` point to, raw HTML included, in the order of the source.
    #[must_use]
    pub fn references(blocks: &[Block]) -> Vec<Reference> {
        let mut found = Vec::new();
        let mut add =
            |target: &str, span: &Range<usize>, kind| found.push(Reference { target: target.to_owned(), span: span.clone(), kind });
        walk(blocks, &mut |met| match met {
            Met::Inline(Inline { kind: InlineKind::Link { target, .. }, span }) => add(target, span, TargetKind::Link),
            Met::Inline(Inline { kind: InlineKind::Image { target, .. }, span }) => add(target, span, TargetKind::Image),
            Met::Inline(Inline { kind: InlineKind::Html(html), span }) | Met::Block(Block { kind: BlockKind::Html(html), span }) => {
                raw_html::targets(html, &mut |kind, target| add(target, span, kind));
            }
            _ => {}
        });
        found
    }

    /// Every id that a fragment can name: headings, at any depth, and `id` or `name` in raw HTML.
    #[must_use]
    pub fn ids(blocks: &[Block]) -> Vec<String> {
        let mut found = Vec::new();
        walk(blocks, &mut |met| match met {
            Met::Block(Block { kind: BlockKind::Heading { id, .. }, .. }) => found.push(id.clone()),
            Met::Inline(Inline { kind: InlineKind::Html(html), .. }) | Met::Block(Block { kind: BlockKind::Html(html), .. }) => {
                found.extend(raw_html::ids(html));
            }
            _ => {}
        });
        found
    }

    /// Every place where a paywall comment stands that is no [`BlockKind::Paywall`]: inside a list or quote, or beside other HTML.
    #[must_use]
    pub fn misplaced_paywalls(&self) -> Vec<Range<usize>> {
        self.in_html(|html| raw_html::mentions_paywall(html).then_some(())).into_iter().map(|(span, ())| span).collect()
    }

    /// What the site's content security policy stops, and where.
    #[must_use]
    pub fn blocked(&self) -> Vec<(Range<usize>, String)> {
        self.in_html(raw_html::blocked)
    }

    fn in_html<T>(&self, look: impl Fn(&str) -> Option<T>) -> Vec<(Range<usize>, T)> {
        let mut found = Vec::new();
        walk(&self.blocks, &mut |met| match met {
            Met::Inline(Inline { kind: InlineKind::Html(html), span }) | Met::Block(Block { kind: BlockKind::Html(html), span }) => {
                found.extend(look(html).map(|what| (span.clone(), what)));
            }
            _ => {}
        });
        found
    }

    /// The title: the first heading of the document, if it is of level 1 and stands before the paywall. Gives its block, id and text.
    fn title_at(&self) -> Option<(usize, &str, String)> {
        let first = self.blocks.iter().position(|b| matches!(b.kind, BlockKind::Heading { .. } | BlockKind::Paywall))?;
        match &self.blocks.get(first)?.kind {
            BlockKind::Heading { level: 1, id, inlines } => {
                let title = super::plain::inline_text(inlines).trim().to_owned();
                (!title.is_empty()).then_some((first, id.as_str(), title))
            }
            _ => None,
        }
    }

    /// The plain text of the title, if the document begins with one.
    #[must_use]
    pub fn title(&self) -> Option<String> {
        self.title_at().map(|(_, _, title)| title)
    }

    /// Takes the title out of the document. Gives its id and its plain text.
    pub fn take_title(&mut self) -> Option<(String, String)> {
        let (at, id, title) = self.title_at()?;
        let taken = (id.to_owned(), title);
        self.blocks.remove(at);
        Some(taken)
    }
}

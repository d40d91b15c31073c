//! Scopes to classes.

use std::cell::RefCell;
use std::collections::HashMap;

use syntect::parsing::Scope;

use super::class::Class;

/// What a scope says about the code under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It has this class.
    Class(Class),
    /// It has none.
    Plain,
    /// It has the class of what it stands in.
    Inherit,
}

/// The longest prefix decides. Names of plain variables and most punctuation have no class: they are most of the code, and spans around
/// them would double the page.
const TABLE: &[(&str, Kind)] = &[
    ("comment", Kind::Class(Class::Comment)),
    ("string", Kind::Class(Class::Text)),
    ("constant", Kind::Class(Class::Constant)),
    ("constant.numeric", Kind::Class(Class::Number)),
    ("keyword", Kind::Class(Class::Keyword)),
    ("keyword.operator", Kind::Class(Class::Operator)),
    ("keyword.operator.word", Kind::Class(Class::Keyword)),
    ("keyword.operator.logical.python", Kind::Class(Class::Keyword)),
    ("keyword.other.unit", Kind::Class(Class::Number)),
    ("storage", Kind::Class(Class::Keyword)),
    ("entity.name", Kind::Class(Class::Type)),
    ("entity.name.function", Kind::Class(Class::Function)),
    ("entity.name.tag", Kind::Class(Class::Tag)),
    ("entity.name.section", Kind::Class(Class::Heading)),
    ("entity.name.macro", Kind::Class(Class::Macro)),
    ("entity.name.label", Kind::Class(Class::Constant)),
    ("entity.name.constant", Kind::Class(Class::Constant)),
    ("entity.name.lifetime", Kind::Class(Class::Variable)),
    ("entity.other.inherited-class", Kind::Class(Class::Type)),
    ("entity.other.attribute-name", Kind::Class(Class::Attribute)),
    ("support.function", Kind::Class(Class::Function)),
    ("support.macro", Kind::Class(Class::Macro)),
    ("support.type", Kind::Class(Class::Type)),
    ("support.type.property-name", Kind::Class(Class::Attribute)),
    ("support.class", Kind::Class(Class::Type)),
    ("support.constant", Kind::Class(Class::Constant)),
    ("support.variable", Kind::Class(Class::Variable)),
    ("variable.function", Kind::Class(Class::Function)),
    ("variable.parameter", Kind::Class(Class::Variable)),
    ("variable.language", Kind::Class(Class::Keyword)),
    ("variable.annotation", Kind::Class(Class::Attribute)),
    ("variable.other.readwrite.shell", Kind::Class(Class::Variable)),
    ("variable.other", Kind::Plain),
    ("meta.preprocessor", Kind::Class(Class::Macro)),
    ("meta.annotation", Kind::Class(Class::Attribute)),
    ("meta.attribute", Kind::Class(Class::Attribute)),
    ("meta.interpolation", Kind::Plain),
    ("meta.template.expression", Kind::Plain),
    ("meta.diff.header", Kind::Class(Class::Heading)),
    ("meta.diff.range", Kind::Class(Class::Heading)),
    ("markup.inserted", Kind::Class(Class::Inserted)),
    ("markup.deleted", Kind::Class(Class::Deleted)),
    ("markup.heading", Kind::Class(Class::Heading)),
    ("markup.raw", Kind::Class(Class::Text)),
    ("markup.underline.link", Kind::Class(Class::Text)),
    ("punctuation.definition.tag", Kind::Class(Class::Punctuation)),
    ("punctuation.definition.variable", Kind::Class(Class::Variable)),
    ("punctuation.definition.list_item", Kind::Class(Class::Punctuation)),
    ("punctuation.section", Kind::Plain),
    ("punctuation.section.interpolation", Kind::Class(Class::Constant)),
    ("punctuation.separator", Kind::Plain),
    ("punctuation.terminator", Kind::Plain),
    ("punctuation.accessor", Kind::Plain),
    ("source", Kind::Plain),
    ("text", Kind::Plain),
];

/// Remembers the kind of every scope that it met.
pub struct Memo {
    table: Vec<(Scope, Kind)>,
    known: HashMap<Scope, Kind>,
}

impl Memo {
    fn new() -> Self {
        let mut table: Vec<(Scope, Kind)> = TABLE.iter().filter_map(|(name, kind)| Some((Scope::new(name).ok()?, *kind))).collect();
        table.sort_by_key(|(scope, _)| std::cmp::Reverse(scope.len()));
        Self { table, known: HashMap::new() }
    }

    /// The kind of a scope.
    pub fn kind(&mut self, scope: Scope) -> Kind {
        let table = &self.table;
        *self
            .known
            .entry(scope)
            .or_insert_with(|| table.iter().find(|(prefix, _)| prefix.is_prefix_of(scope)).map_or(Kind::Inherit, |(_, kind)| *kind))
    }
}

/// Runs `use_it` with the memo of this thread.
pub fn with_memo<T>(use_it: impl FnOnce(&mut Memo) -> T) -> T {
    thread_local! {
        static MEMO: RefCell<Memo> = RefCell::new(Memo::new());
    }
    MEMO.with_borrow_mut(use_it)
}

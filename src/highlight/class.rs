//! The token classes.

/// What a run of code is. The names are the classes in the HTML and in the theme's style sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// `k`: keyword.
    Keyword,
    /// `s`: string.
    Text,
    /// `c`: comment.
    Comment,
    /// `n`: number.
    Number,
    /// `f`: name of a function, at its definition or call.
    Function,
    /// `t`: type.
    Type,
    /// `v`: variable or parameter.
    Variable,
    /// `o`: operator.
    Operator,
    /// `p`: punctuation.
    Punctuation,
    /// `m`: macro or preprocessor.
    Macro,
    /// `a`: attribute or annotation.
    Attribute,
    /// `g`: tag of a markup language.
    Tag,
    /// `i`: inserted line.
    Inserted,
    /// `d`: deleted line.
    Deleted,
    /// `h`: heading.
    Heading,
    /// `e`: constant or escape.
    Constant,
}

impl Class {
    /// Every class.
    pub const ALL: [Class; 16] = [
        Class::Keyword,
        Class::Text,
        Class::Comment,
        Class::Number,
        Class::Function,
        Class::Type,
        Class::Variable,
        Class::Operator,
        Class::Punctuation,
        Class::Macro,
        Class::Attribute,
        Class::Tag,
        Class::Inserted,
        Class::Deleted,
        Class::Heading,
        Class::Constant,
    ];

    /// Its class name in HTML.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Class::Keyword => "k",
            Class::Text => "s",
            Class::Comment => "c",
            Class::Number => "n",
            Class::Function => "f",
            Class::Type => "t",
            Class::Variable => "v",
            Class::Operator => "o",
            Class::Punctuation => "p",
            Class::Macro => "m",
            Class::Attribute => "a",
            Class::Tag => "g",
            Class::Inserted => "i",
            Class::Deleted => "d",
            Class::Heading => "h",
            Class::Constant => "e",
        }
    }
}

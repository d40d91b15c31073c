//! The apostrophe that an author types.

/// One of the two apostrophes in use.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Apostrophe {
    /// U+0027.
    #[default]
    Straight,
    /// U+2019.
    Curly,
}

impl Apostrophe {
    /// The first apostrophe inside a word of the text.
    #[must_use]
    pub fn seen_in(text: &str) -> Option<Self> {
        Self::all_in(text).next()
    }

    /// The one that the text has most often inside words; straight if neither is ahead.
    #[must_use]
    pub fn most_in(text: &str) -> Self {
        let (curly, straight): (Vec<Self>, Vec<Self>) = Self::all_in(text).partition(|a| *a == Self::Curly);
        if curly.len() > straight.len() { Self::Curly } else { Self::Straight }
    }

    fn all_in(text: &str) -> impl Iterator<Item = Self> {
        let between_letters =
            |at: usize, len: usize| text[..at].ends_with(char::is_alphabetic) && text[at + len..].starts_with(char::is_alphabetic);
        text.match_indices(['\'', '’'])
            .filter(move |(at, mark)| between_letters(*at, mark.len()))
            .map(|(_, mark)| if mark == "'" { Self::Straight } else { Self::Curly })
    }

    /// A wording with this apostrophe instead of the straight one.
    pub(super) fn set_in(self, wording: &str) -> String {
        match self {
            Self::Straight => wording.to_owned(),
            Self::Curly => wording.replace('\'', "’"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_apostrophe_inside_words_counts() {
        for (text, most) in [
            ("It isn’t, and it won’t; don't.", Apostrophe::Curly),
            ("‘Quoted’ and ‘again’, but don't.", Apostrophe::Straight),
            ("It isn’t, it isn't.", Apostrophe::Straight),
            ("None.", Apostrophe::Straight),
        ] {
            assert_eq!(Apostrophe::most_in(text), most, "{text}");
        }
    }
}

//! How a course is marked: settings of the site, and of a course, which outranks it.

use std::collections::BTreeSet;
use std::ops::Range;

use super::fields::Fields;
use super::yaml::{Located, Value};

/// How a course is marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marks {
    /// Sentences are worded for each copy.
    pub on: bool,
    /// Use the public lists of words.
    pub lexical: bool,
    /// Use rules about signs.
    pub typographic: bool,
    /// The number of copies that may be merged and still be named: the bias set, 2 or 4.
    pub collusion: u32,
    /// The number of positions of the code: a power of two, 64 to 65,536.
    pub positions: u32,
    /// Raised after secrets were disclosed to an arbiter; from 1.
    pub generation: u32,
    /// The number of lists and segmenter; `None` until the first build with marks.
    pub rules: Option<u32>,
    /// Ids of pairs and of sentences that stay as the author wrote them.
    pub exclude: BTreeSet<String>,
    /// The visible line above an opened lesson.
    pub plate: Plate,
}

/// The visible line above an opened lesson, which says whose copy it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Plate {
    /// In the theme's words.
    #[default]
    Theme,
    /// In the author's words, in which `{copy}` stands for order and initials.
    Words(String),
    /// None.
    Off,
}

impl Plate {
    /// The author's words. Order and initials follow those that have no place for them.
    fn words(words: &str) -> Self {
        let wide = |c: char| matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ff00}'..='\u{ff65}');
        Self::Words(match words.chars().next_back() {
            _ if words.contains("{copy}") => words.to_owned(),
            Some(last) if wide(last) => format!("{words}{{copy}}"),
            _ => format!("{words} {{copy}}"),
        })
    }
}

impl Default for Marks {
    fn default() -> Self {
        Self {
            on: true,
            lexical: true,
            typographic: false,
            collusion: 2,
            positions: 2048,
            generation: 1,
            rules: None,
            exclude: BTreeSet::new(),
            plate: Plate::Theme,
        }
    }
}

/// What `marks:` of a file says; the rest is as it was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MarksSaid {
    on: Option<bool>,
    lexical: Option<bool>,
    typographic: Option<bool>,
    collusion: Option<u32>,
    positions: Option<u32>,
    generation: Option<u32>,
    /// The number of lists and segmenter.
    pub rules: Option<u32>,
    exclude: Vec<String>,
    plate: Option<Plate>,
}

impl Marks {
    /// These settings with what a file says over them. What is excluded above stays excluded.
    #[must_use]
    pub fn with(&self, said: &MarksSaid) -> Self {
        Self {
            on: said.on.unwrap_or(self.on),
            lexical: said.lexical.unwrap_or(self.lexical),
            typographic: said.typographic.unwrap_or(self.typographic),
            collusion: said.collusion.unwrap_or(self.collusion),
            positions: said.positions.unwrap_or(self.positions),
            generation: said.generation.unwrap_or(self.generation),
            rules: said.rules.or(self.rules),
            exclude: self.exclude.iter().chain(&said.exclude).cloned().collect(),
            plate: said.plate.clone().unwrap_or_else(|| self.plate.clone()),
        }
    }
}

impl MarksSaid {
    /// Takes `marks:` out: `marks: off`, or a mapping of what is to be different.
    #[must_use]
    pub fn take(fields: &mut Fields<'_>) -> Self {
        let mut said = Self::default();
        let Some(value) = fields.take("marks") else { return said };
        match switch(&value.value) {
            Some(on) => said.on = Some(on),
            None if matches!(value.value, Value::Map(_)) => {
                let mut inner = fields.nested(value);
                said.read(&mut inner);
                fields.close(inner, "`marks`");
            }
            None => {
                fields.fault("key/value", "`marks` is neither `on`, `off` nor a mapping", value.span, "write `marks: off`, or leave it out")
            }
        }
        said
    }

    /// Takes `marks:` of a lesson out, where only `off` makes sense. True if it is off.
    #[must_use]
    pub fn take_off(fields: &mut Fields<'_>) -> bool {
        let Some(value) = fields.take("marks") else { return false };
        let off = switch(&value.value).map(|on| !on);
        if off.is_none() {
            fields.fault("key/value", "a lesson has `marks: off` or nothing", value.span, "other settings of marks stand in its course");
        }
        off.unwrap_or(false)
    }

    fn read(&mut self, fields: &mut Fields<'_>) {
        for (key, place) in [("lexical", &mut self.lexical), ("typographic", &mut self.typographic)] {
            if let Some(value) = fields.take(key) {
                *place = switch(&value.value);
                if place.is_none() {
                    fields.fault("key/value", format!("`{key}` is neither `on` nor `off`"), value.span, &format!("write `{key}: on`"));
                }
            }
        }
        let power = |n: u32| n.is_power_of_two() && (64..=65_536).contains(&n);
        self.collusion = number(fields, "collusion", |n| [2, 4].contains(&n), "write 2, or 4 for a course that groups might merge");
        self.positions = number(fields, "positions", power, "write a power of two from 64 to 65536; 2048 is usual");
        self.generation = number(fields, "generation", |n| n > 0, "generations count from 1");
        self.rules = number(fields, "rules", |n| n > 0, "`bookplate build` writes the number that it used");
        if let Some(list) = fields.take("exclude") {
            self.exclude.extend(ids(fields, list));
        }
        if let Some(value) = fields.take("plate") {
            self.plate = match (switch(&value.value), value.value.scalar().map(str::trim)) {
                (Some(true), _) => Some(Plate::Theme),
                (Some(false), _) => Some(Plate::Off),
                (None, Some(words)) if !words.is_empty() => Some(Plate::words(words)),
                _ => {
                    fields.fault(
                        "key/value",
                        "`plate` is neither words nor `off`",
                        value.span,
                        "write `plate: \"Your copy:\"`, or `plate: off`",
                    );
                    None
                }
            };
        }
    }
}

/// `on` and `off` are words in YAML 1.2; `true` and `false` mean the same.
fn switch(value: &Value) -> Option<bool> {
    match (value, value.scalar()) {
        (Value::Bool(on, _), _) => Some(*on),
        (_, Some("on")) => Some(true),
        (_, Some("off")) => Some(false),
        _ => None,
    }
}

fn number(fields: &mut Fields<'_>, key: &'static str, fits: impl Fn(u32) -> bool, hint: &str) -> Option<u32> {
    let (n, span) = fields.integer(key)?;
    let number = u32::try_from(n).ok().filter(|n| fits(*n));
    if number.is_none() {
        fields.fault("key/value", format!("`{n}` cannot be `{key}`"), span, hint);
    }
    number
}

fn ids(fields: &mut Fields<'_>, list: Located) -> Vec<String> {
    let items = match list.value {
        Value::List(items) => items,
        one => vec![Located { value: one, span: list.span }],
    };
    let mut ids = Vec::new();
    for Located { value, span } in items {
        match value.scalar().filter(|id| is_id(id)) {
            Some(id) => ids.push(id.to_owned()),
            None => fault(fields, span),
        }
    }
    ids
}

/// `en.do-not` or `s-1a2b3c4d`.
fn is_id(id: &str) -> bool {
    let shape = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    match id.split_once('.') {
        Some((language, name)) => shape(language) && shape(name),
        None => id.strip_prefix("s-").is_some_and(|hex| hex.len() == 8 && hex.bytes().all(|b| b.is_ascii_hexdigit())),
    }
}

fn fault(fields: &mut Fields<'_>, span: Range<usize>) {
    fields.fault(
        "key/value",
        "this is no id of a pair or of a sentence",
        span,
        "copy it from `bookplate marks`, such as `en.do-not` or `s-1a2b3c4d`",
    );
}

#[cfg(test)]
mod tests {
    use super::super::yaml;
    use super::*;

    fn read(text: &str) -> (Marks, String) {
        let mut fields = Fields::new("bookplate.yaml", text, 0, yaml::parse(text).expect("yaml"));
        let said = MarksSaid::take(&mut fields);
        (Marks::default().with(&said), fields.finish("a test").render(9))
    }

    #[test]
    fn off_is_off_and_a_mapping_changes_what_it_names() {
        assert!(!read("marks: off\n").0.on && !read("marks: false\n").0.on && read("marks: on\n").0.on);
        let (marks, found) = read("marks: { typographic: on, collusion: 4, rules: 1, exclude: [en.do-not, s-1a2b3c4d], plate: off }\n");
        assert_eq!(found, "");
        assert_eq!((marks.on, marks.lexical, marks.typographic, marks.collusion, marks.rules), (true, true, true, 4, Some(1)));
        assert_eq!((marks.exclude.len(), marks.plate), (2, Plate::Off));
    }

    #[test]
    fn the_words_of_a_plate_have_a_place_for_the_copy() {
        let plate = |words: &str| read(&format!("marks: {{ plate: \"{words}\" }}\n")).0.plate;
        for (words, with) in [("Your copy:", "Your copy: {copy}"), ("副本：", "副本：{copy}"), ("For {copy} alone", "For {copy} alone")]
        {
            assert_eq!(plate(words), Plate::Words(with.to_owned()));
        }
        assert_eq!((plate("on"), plate("off")), (Plate::Theme, Plate::Off));
    }

    #[test]
    fn mistakes_are_located() {
        let (_, found) = read("marks:\n  colusion: 2\n  positions: 1000\n  exclude: [do not]\n");
        for want in ["did you mean `collusion`?", "`1000` cannot be `positions`", "no id of a pair", "bookplate.yaml:4:13"] {
            assert!(found.contains(want), "{want} is not in\n{found}");
        }
    }
}

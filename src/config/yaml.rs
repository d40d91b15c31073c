//! YAML as a tree of values that know where they stand.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::Spanned;

/// A value and the bytes of the text where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Located {
    /// The value.
    pub value: Value,
    /// Bytes of the YAML text.
    pub span: Range<usize>,
}

/// What YAML can say.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing after the colon, `~` or `null`.
    Null,
    /// `true` or `false`, with the text as typed.
    Bool(bool, String),
    /// A whole number, with the text as typed.
    Integer(i64, String),
    /// Any other scalar.
    Text(String),
    /// A sequence.
    List(Vec<Located>),
    /// A mapping, in the order of the text.
    Map(Vec<(Located, Located)>),
}

impl Value {
    /// What a person would call it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "nothing",
            Value::Bool(..) => "true or false",
            Value::Integer(..) => "a number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }

    /// The text of a scalar as it was typed.
    #[must_use]
    pub fn scalar(&self) -> Option<&str> {
        match self {
            Value::Bool(_, text) | Value::Integer(_, text) | Value::Text(text) => Some(text),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }
}

/// Why a text is not YAML that we take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YamlError {
    /// Lower case, no full stop.
    pub message: String,
    /// Byte of the text.
    pub offset: usize,
    /// What to do.
    pub hint: String,
}

const DEPTH: usize = 12;
const ALIASES: usize = 16;
const NODES: usize = 5_000;
const REPLAYED: usize = 1_000;

/// Reads one document. Depth, aliases and size are limited: front matter is small, and a few lines with aliases can stand for gigabytes.
pub fn parse(text: &str) -> Result<Located, YamlError> {
    let options = serde_yaml::options! {
        budget: serde_yaml::budget! {
            max_depth: DEPTH,
            flow_nesting_limit: DEPTH,
            max_aliases: ALIASES,
            max_anchors: ALIASES,
            max_nodes: NODES,
            max_events: 20_000,
            max_documents: 1,
            max_merge_keys: 0,
            max_recorded_anchor_events: REPLAYED,
            max_recorded_anchor_bytes: 65_536,
            max_inclusion_depth: 0,
        },
        alias_limits: serde_yaml::alias_limits! {
            max_total_replayed_events: REPLAYED,
            max_replay_stack_depth: 4,
        },
        strict_booleans: true,
        non_finite_float_policy: serde_yaml::NonFiniteFloatPolicy::AsString,
        with_snippet: false,
    };
    let raw: Spanned<Raw> = serde_yaml::from_str_with_options(text, options).map_err(|error| located(&error, text))?;
    Ok(locate(raw, text))
}

fn located(error: &serde_yaml::Error, text: &str) -> YamlError {
    let place = error.location();
    let offset = place.map_or(0, |at| offset_of(text, at.line(), at.column()));
    if let serde_yaml::Error::DuplicateMappingKey { key, .. } = error.without_snippet() {
        let name = key.as_deref().map_or(String::new(), |key| format!(" `{key}`"));
        return YamlError { message: format!("the key{name} stands here twice"), offset, hint: "keep one of them".to_owned() };
    }
    if let Some((message, hint)) = limit(error) {
        return YamlError { message, offset, hint: hint.to_owned() };
    }
    let message = error.without_snippet().to_string();
    // The library appends its own "at line x, column y"; the place is drawn by us.
    let message = message.split(" at line ").next().unwrap_or_default().lines().next().unwrap_or_default().to_owned();
    let hint = "indent with spaces, and quote text that holds `: ` or begins with a sign such as `[`, `*` or `@`".to_owned();
    YamlError { message, offset, hint }
}

/// Which of our limits was reached, in words, and what to do.
fn limit(error: &serde_yaml::Error) -> Option<(String, &'static str)> {
    use serde_yaml::Error as E;
    use serde_yaml::budget::BudgetBreach as Breach;
    const WRITE_OUT: &str = "write the values out in full instead of naming them by `&` and `*`";
    const NEST_LESS: &str = "nest less: settings and front matter need three levels";
    let deep = || format!("values nested more than {DEPTH} deep");
    let breach = match error.without_snippet() {
        E::AliasError { error, .. } => return limit(error),
        E::AliasReplayLimitExceeded { .. } => {
            return Some((format!("aliases (`*name`) that stand for more than {REPLAYED} values"), WRITE_OUT));
        }
        E::AliasReplayStackDepthExceeded { max_depth, .. } => {
            return Some((format!("aliases (`*name`) inside of aliases, more than {max_depth} deep"), WRITE_OUT));
        }
        E::Budget { breach, .. } => breach,
        // The scanner has a limit of its own for brackets, and says it without a kind.
        other if other.to_string().contains("recursion limit") => return Some((deep(), NEST_LESS)),
        _ => return None,
    };
    Some(match breach {
        Breach::Aliases { .. } => (format!("more than {ALIASES} aliases (`*name`)"), WRITE_OUT),
        Breach::Anchors { .. } => (format!("more than {ALIASES} anchors (`&name`)"), WRITE_OUT),
        Breach::RecordedAnchorEvents { .. } | Breach::RecordedAnchorBytes { .. } => {
            ("anchors (`&name`) of too much text".to_owned(), WRITE_OUT)
        }
        Breach::MergeKeys { .. } => ("a merge key (`<<`), which is not read here".to_owned(), "write the keys out in full"),
        Breach::Depth { .. } => (deep(), NEST_LESS),
        Breach::Documents { .. } => ("a second document (`---`) in one file".to_owned(), "keep one, and take the line `---` out"),
        Breach::Nodes { .. } | Breach::Events { .. } => {
            (format!("more than {NODES} values"), "write less: settings and front matter are a few lines, text belongs into Markdown")
        }
        _ => ("more than is read of settings".to_owned(), "write less: settings and front matter are a few lines"),
    })
}

/// The byte of a line and column, both from 1, columns in characters.
fn offset_of(text: &str, line: u64, column: u64) -> usize {
    let mut start = 0;
    for _ in 1..line {
        match text[start..].find('\n') {
            Some(i) => start += i + 1,
            None => return text.len(),
        }
    }
    let skip = usize::try_from(column.saturating_sub(1)).unwrap_or(0);
    text[start..].char_indices().nth(skip).map_or(text.len(), |(i, _)| start + i)
}

/// A value as serde gives it; the typed text of numbers and booleans is found by the span afterwards.
enum Raw {
    Null,
    Bool(bool),
    Integer(i64),
    Other,
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<Raw>, Spanned<Raw>)>),
}

fn locate(raw: Spanned<Raw>, text: &str) -> Located {
    let place = raw.referenced.span();
    let clamp = |n: Option<u64>| n.and_then(|n| usize::try_from(n).ok()).unwrap_or(0).min(text.len());
    let start = clamp(place.byte_offset());
    let end = (start + clamp(place.byte_len())).min(text.len()).max(start);
    let typed = || text.get(start..end).unwrap_or_default().trim().to_owned();
    let value = match raw.value {
        Raw::Null => Value::Null,
        Raw::Bool(b) => Value::Bool(b, typed()),
        Raw::Integer(n) => Value::Integer(n, typed()),
        Raw::Other => Value::Text(typed()),
        Raw::Text(s) => Value::Text(s),
        Raw::List(items) => Value::List(items.into_iter().map(|i| locate(i, text)).collect()),
        Raw::Map(entries) => Value::Map(entries.into_iter().map(|(k, v)| (locate(k, text), locate(v, text))).collect()),
    };
    Located { value, span: start..end }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }
    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }
    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        Raw::deserialize(deserializer)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Integer(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(i64::try_from(value).map_or(Raw::Other, Raw::Integer))
    }
    fn visit_f64<E>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Other)
    }
    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }
    fn visit_string<E>(self, value: String) -> Result<Raw, E> {
        Ok(Raw::Text(value))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(text: &str, i: usize) -> (Located, Located) {
        match parse(text).unwrap().value {
            Value::Map(mut entries) => entries.swap_remove(i),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn values_know_where_they_stand() {
        let text = "title: 借用\norder: 2\n";
        let (key, value) = entry(text, 1);
        assert_eq!(&text[key.span], "order");
        assert_eq!(&text[value.span], "2");
        assert_eq!(value.value, Value::Integer(2, "2".into()));
    }

    #[test]
    fn numbers_keep_the_text_that_was_typed() {
        assert_eq!(entry("title: 1.10\n", 0).1.value.scalar(), Some("1.10"));
        assert_eq!(entry("title: 007\n", 0).1.value.scalar(), Some("007"));
        assert_eq!(entry("title: yes\n", 0).1.value.scalar(), Some("yes"));
    }

    #[test]
    fn errors_say_where() {
        let error = parse("title: ok\nbad: [1, 2\n").unwrap_err();
        assert!(error.offset >= 10, "{error:?}");
        let twice = parse("a: 1\nb: 2\na: 3\n").unwrap_err();
        assert_eq!(twice.offset, 10, "{twice:?}");
    }

    #[test]
    fn a_few_lines_cannot_stand_for_gigabytes() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for i in 1..14 {
            bomb.push_str(&format!("a{i}: &a{i} [{}]\n", vec![format!("*a{}", i - 1); 9].join(", ")));
        }
        let aliases = format!("a: &a x\nb: [{}]\n", vec!["*a"; 17].join(", "));
        let anchors: String = (0..17).map(|i| format!("a{i}: &a{i} x\n")).collect();
        let long = format!("a: [{}]\n", vec!["x"; 6_000].join(", "));
        let limits = [
            (bomb, "alias"),
            (aliases, "more than 16 aliases"),
            (anchors, "more than 16 anchors"),
            ("[".repeat(10_000), "more than 12 deep"),
            ("- ".repeat(10_000), "more than 12 deep"),
            (long, "more than 5000 values"),
            ("a: &a { b: c }\n<<: *a\n".to_owned(), "merge key"),
            ("a: 1\n---\nb: 1\n".to_owned(), "second document"),
        ];
        for (text, want) in limits {
            let YamlError { message, hint, .. } = parse(&text).unwrap_err();
            assert!(message.contains(want) && !message.contains(['{', '_']), "{want}: {message}; {hint}");
        }
    }
}

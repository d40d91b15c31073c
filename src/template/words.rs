//! The words of the theme in the languages that it speaks.

use std::collections::BTreeMap;

use tera::Value;

/// The words of one language.
#[derive(Debug, Clone)]
pub struct Words {
    texts: BTreeMap<String, String>,
    /// The same, as templates take them; cloning it copies no text.
    value: Value,
}

impl Words {
    /// `own` over `fallback`, so that a table may leave words out.
    pub(super) fn new(own: BTreeMap<String, String>, fallback: Option<&Words>) -> Self {
        let mut texts = fallback.map(|words| words.texts.clone()).unwrap_or_default();
        // a language without a form for one must not get the form of the fallback
        let plural: Vec<String> = own.keys().map(|key| format!("{key}_one")).collect();
        for key in plural {
            texts.remove(&key);
        }
        texts.extend(own);
        let value = Value::from_serializable(&texts);
        Self { texts, value }
    }

    pub(super) fn value(&self) -> Value {
        self.value.clone()
    }

    /// The word for `key`; the key itself if a theme has none.
    #[must_use]
    pub fn get<'a>(&'a self, key: &'a str) -> &'a str {
        self.texts.get(key).map_or(key, String::as_str)
    }

    /// The words for `n` things.
    #[must_use]
    pub fn count(&self, key: &str, n: u32) -> String {
        if n == 1
            && let Some(one) = self.texts.get(&format!("{key}_one"))
        {
            return one.clone();
        }
        self.get(key).replace("{n}", &self.number(n))
    }

    /// A sentence about a title.
    #[must_use]
    pub fn about(&self, key: &str, title: &str) -> String {
        self.get(key).replace("{title}", title)
    }

    /// "a, b and c".
    #[must_use]
    pub fn list(&self, items: &[String]) -> String {
        match items {
            [] => String::new(),
            [one] => one.clone(),
            [first @ .., last] => format!("{}{}{last}", first.join(self.get("list_comma")), self.get("list_and")),
        }
    }

    /// With commas between thousands.
    fn number(&self, n: u32) -> String {
        let digits = n.to_string();
        let mut out = String::with_capacity(digits.len() + 3);
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                out.push(',');
            }
            out.push(digit);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(pairs: &[(&str, &str)], fallback: Option<&Words>) -> Words {
        Words::new(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(), fallback)
    }

    #[test]
    fn one_thing_has_its_own_form_where_the_language_has_one() {
        let en = words(&[("lessons", "{n} lessons"), ("lessons_one", "1 lesson"), ("buy", "Buy")], None);
        let zh = words(&[("lessons", "{n} 课")], Some(&en));
        assert_eq!((en.count("lessons", 1), en.count("lessons", 1234)), ("1 lesson".into(), "1,234 lessons".into()));
        assert_eq!((zh.count("lessons", 1), zh.get("buy"), zh.get("nothing")), ("1 课".into(), "Buy", "nothing"));
    }

    #[test]
    fn lists_end_with_and() {
        let en = words(&[("list_comma", ", "), ("list_and", " and ")], None);
        let list = |n: usize| en.list(&["a", "b", "c"].map(String::from)[..n]);
        assert_eq!((list(0), list(1), list(2), list(3)), (String::new(), "a".into(), "a and b".into(), "a, b and c".into()));
    }
}

//! Reads a list. The format, line by line:
//!
//! ```text
//! # a comment
//! list: en 1                      language and number
//! abstain: 這 | 們                 a sentence with one of these has no carriers
//! idiom: cannot but | at will     never touched, and nothing inside them
//! class: verb = go | see | *ing   a set of words; `%verb` stands for it in contexts
//!
//! [en.do-not]                     a pair
//! words: do not = don't           wordings that are exchanged (`>`: only the left is replaced)
//! prev: we | you                  one of these stands directly before; `next:` directly behind
//! prev not: why                   none of these does; also `next not:`
//! later not: ?                    nowhere behind in the sentence; also `later:`, `earlier:`, `earlier not:`
//! case: We do not. => We don't.   a sentence in both wordings
//! never: They do not only that.   a sentence in which the pair does not apply
//! ```
//!
//! A context is a list of alternatives between `|`. `un*` is a beginning, `*ing` an ending. `%edge` is the edge of the sentence, `%mark`
//! punctuation, `%object` an inline that is no text, `%any` any word, `%han` a Han character, `%number` digits, `%name` a
//! word with a capital.

use std::collections::HashMap;

use super::pattern::{Atom, Conditions, Context, Words};
use super::tokens::{self, Kind};
use super::{Case, List, Pair};

/// What is wrong in a list, and in which line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct ListError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

/// Reads the text of a list.
pub(super) fn list(text: &str) -> Result<List, ListError> {
    let mut reader = Reader::default();
    for (i, line) in text.lines().enumerate() {
        reader.line(line.trim()).map_err(|what| ListError { line: i + 1, what })?;
    }
    reader.finish().map_err(|what| ListError { line: text.lines().count(), what })
}

#[derive(Default)]
struct Reader {
    name: Option<(String, u32)>,
    abstain: Context,
    idioms: Vec<String>,
    classes: HashMap<String, Words>,
    pairs: Vec<Pair>,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), String> {
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        if let Some(id) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            self.pairs.push(Pair { id: id.to_owned(), ..Pair::default() });
            return Ok(());
        }
        let (key, value) = line.split_once(':').ok_or("neither `[id]` nor `key: value`")?;
        let value = value.trim();
        match key {
            "list" => {
                let (language, rules) = value.split_once(' ').ok_or("`list: LANGUAGE NUMBER`")?;
                self.name = Some((language.to_owned(), rules.parse().map_err(|_| "no number")?));
            }
            "abstain" => self.abstain.extend(self.context(value)?),
            "idiom" => self.idioms.extend(value.split(" | ").map(|i| i.trim().to_owned())),
            "class" => {
                let (name, members) = value.split_once('=').ok_or("`class: NAME = WORDS`")?;
                let words = self.words(members)?;
                let class = self.classes.entry(name.trim().to_owned()).or_default();
                class.listed.extend(words.listed);
                class.beginnings.extend(words.beginnings);
                class.endings.extend(words.endings);
            }
            _ => {
                let context = if key.contains("prev") || key.contains("next") || key.contains("earlier") || key.contains("later") {
                    self.context(value)?
                } else {
                    Context::new()
                };
                pair_line(self.pairs.last_mut().ok_or("a pair begins with `[id]`")?, key, value, context)?;
            }
        }
        Ok(())
    }

    fn words(&self, members: &str) -> Result<Words, String> {
        let mut words = Words::default();
        for member in members.split('|').map(str::trim) {
            match (member.strip_prefix('%'), member.strip_suffix('*'), member.strip_prefix('*')) {
                (Some(class), ..) => {
                    let class = self.classes.get(class).ok_or_else(|| format!("no class `{class}`"))?;
                    words.listed.extend(class.listed.iter().cloned());
                    words.beginnings.extend(class.beginnings.iter().cloned());
                    words.endings.extend(class.endings.iter().cloned());
                }
                (_, Some(beginning), _) if !beginning.is_empty() => words.beginnings.push(beginning.to_owned()),
                (.., Some(ending)) if !ending.is_empty() => words.endings.push(ending.to_owned()),
                _ => _ = words.listed.insert(member.to_lowercase()),
            }
        }
        Ok(words)
    }

    fn context(&self, value: &str) -> Result<Context, String> {
        let mut rows = Context::new();
        // Alternatives of one plain word are one set.
        let mut plain = Words::default();
        for alternative in value.split(" | ").map(str::trim) {
            let mut row = Vec::new();
            for part in alternative.split_whitespace() {
                match part {
                    "%edge" => row.push(Atom::Edge),
                    "%mark" => row.push(Atom::Mark),
                    "%object" => row.push(Atom::Object),
                    "%any" => row.push(Atom::Any),
                    "%han" => row.push(Atom::Han),
                    "%number" => row.push(Atom::Number),
                    "%name" => row.push(Atom::Name),
                    part if part.len() > 1 && part.contains(['%', '*']) => row.push(Atom::Word(self.words(part)?)),
                    part => row.extend(tokens::tokens(part).iter().map(|t| Atom::Word(one(&t.folded())))),
                }
            }
            match &mut row[..] {
                [Atom::Word(words)] => {
                    plain.listed.extend(words.listed.drain());
                    plain.beginnings.append(&mut words.beginnings);
                    plain.endings.append(&mut words.endings);
                }
                [] => return Err("an empty alternative".into()),
                _ => rows.push(row),
            }
        }
        rows.push(vec![Atom::Word(plain)]);
        Ok(rows)
    }

    fn finish(self) -> Result<List, String> {
        let (language, rules) = self.name.ok_or("no line `list: LANGUAGE NUMBER`")?;
        if let Some(pair) = self.pairs.iter().find(|p| p.words.is_empty() || p.cases.is_empty() || p.never.is_empty()) {
            return Err(format!("`{}` lacks words, a case or a counter-example", pair.id));
        }
        Ok(List::new(language, rules, self.abstain, &self.idioms, self.pairs))
    }
}

fn pair_line(pair: &mut Pair, key: &str, value: &str, context: Context) -> Result<(), String> {
    let Conditions { prev, prev_not, next, next_not, earlier, later, earlier_not, later_not } = &mut pair.conditions;
    match key {
        "words" => {
            let one_way = value.contains(" > ");
            let (left, right) = value.split_once(if one_way { " > " } else { " = " }).ok_or("`words: ONE = OTHER`")?;
            pair.words.push((left.trim().to_owned(), right.trim().to_owned()));
            if !one_way {
                pair.words.push((right.trim().to_owned(), left.trim().to_owned()));
            }
        }
        "prev" => prev.get_or_insert_default().extend(context),
        "prev not" => prev_not.extend(context),
        "next" => next.get_or_insert_default().extend(context),
        "next not" => next_not.extend(context),
        "earlier" => earlier.get_or_insert_default().extend(context),
        "later" => later.get_or_insert_default().extend(context),
        "earlier not" => earlier_not.extend(context),
        "later not" => later_not.extend(context),
        "case" => {
            let (from, to) = value.split_once(" => ").ok_or("`case: SENTENCE => SENTENCE`")?;
            pair.cases.push(Case { from: from.to_owned(), to: to.to_owned() });
        }
        "never" => pair.never.push(value.to_owned()),
        _ => return Err(format!("`{key}` is no key")),
    }
    Ok(())
}

fn one(word: &str) -> Words {
    Words { listed: [word.to_owned()].into(), ..Words::default() }
}

/// A wording as the tokens that it is compared with: text and whether a space stands before it.
pub(super) fn wording(text: &str) -> Vec<(String, bool)> {
    tokens::tokens(text).iter().map(|t| (t.text.to_owned(), t.spaced && t.kind != Kind::Han)).collect()
}

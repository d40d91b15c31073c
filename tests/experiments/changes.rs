//! What can be done to copies before they are leaked.

use std::cell::Cell;

use unicode_normalization::UnicodeNormalization as _;

use bookplate::protocol::Codeword;

use crate::course::{Carrier, Mark, Piece, corpus_text};
use crate::random::Random;

type Lessons = [Vec<Piece>];

/// A way to make a leak of copies.
pub struct Change {
    pub name: &'static str,
    /// The smallest share of leaks that must name a copy that they are made of.
    pub names: f64,
    pub make: fn(&Lessons, &[&Codeword], &mut Random) -> String,
}

const fn change(name: &'static str, make: fn(&Lessons, &[&Codeword], &mut Random) -> String) -> Change {
    Change { name, names: 1.0, make }
}

const PLAIN: Change = change("as it is", |lessons, words, _| copy(lessons, words));
const RETYPED: Change = change("retyped with 1 % errors", |lessons, words, random| retyped(&copy(lessons, words), 0.01, random));
const HALF: Change = change("half of the sentences deleted", |lessons, words, random| {
    joined(pieces(lessons).filter(|_| random.chance(0.5)).map(|piece| (piece.first, piece.of(words[0]))))
});

/// What happens to one copy on its way.
pub const ONE: [Change; 12] = [
    PLAIN,
    change("exported as Markdown", |lessons, words, random| markdown(&copy(lessons, words), random)),
    change("NFKC, format characters put in and out", |lessons, words, _| {
        copy(lessons, words).replace("tion", "ti\u{ad}on").replace(", ", ",\u{200b} ").nfkc().filter(|c| *c != '\u{ad}').collect()
    }),
    change("quotes, dashes and spaces in ASCII", |lessons, words, _| ascii(&copy(lessons, words))),
    change("lower case", |lessons, words, _| copy(lessons, words).to_lowercase()),
    change("punctuation gone", |lessons, words, _| {
        copy(lessons, words).chars().map(|c| if c.is_alphanumeric() || c.is_whitespace() { c } else { ' ' }).collect()
    }),
    change("hard wraps and hyphens", |lessons, words, _| wrapped(&copy(lessons, words))),
    RETYPED,
    HALF,
    change("paragraphs shuffled", |lessons, words, random| {
        let text = copy(lessons, words);
        let mut paragraphs: Vec<&str> = text.split("\n\n").collect();
        shuffle(&mut paragraphs, random);
        paragraphs.join("\n\n")
    }),
    change("mixed into a longer text", |lessons, words, random| {
        let (ours, theirs) = (copy(lessons, words), corpus_text("learn-go-with-tests").unwrap_or_default());
        let mut paragraphs: Vec<&str> = ours.split("\n\n").filter(|_| random.chance(0.4)).chain(theirs.split("\n\n")).collect();
        shuffle(&mut paragraphs, random);
        paragraphs.join("\n\n")
    }),
    change("read from paper, 5 % errors", |lessons, words, random| retyped(&copy(lessons, words), 0.05, random)),
];

/// What somebody does whose readers are to see nothing of it. Han letters have no doubles, so it is for Latin text.
pub const DISGUISED: [Change; 1] =
    [change("look-alike letters, unseen characters", |lessons, words, random| disguised(&copy(lessons, words), random))];

/// Some of them, for a second language.
pub const SOME: [Change; 3] = [PLAIN, RETYPED, HALF];

/// Ways to merge copies.
pub const MERGED: [Change; 4] = [
    change("merged sentence by sentence", |lessons, words, random| {
        joined(pieces(lessons).map(|piece| (piece.first, piece.of(words[random.below(words.len())]))))
    }),
    change("merged by majority", |lessons, words, random| voted(lessons, words, random, true)),
    change("merged by minority", |lessons, words, random| voted(lessons, words, random, false)),
    change("merged chapter by chapter", |lessons, words, random| {
        let lesson = |lesson: &Vec<Piece>, words: &Codeword| joined(lesson.iter().map(|piece| (piece.first, piece.of(words))));
        lessons.iter().map(|pieces| lesson(pieces, words[random.below(words.len())])).collect::<Vec<_>>().join("\n\n")
    }),
];

/// What somebody does who knows the public lists. Declared alternatives are in none.
pub const KNOWING: [Change; 3] = [
    change("public carriers brought to one form", |lessons, words, random| levelled(lessons, words[0], 1.0, random)),
    change("nine of ten public carriers so", |lessons, words, random| levelled(lessons, words[0], 0.9, random)),
    change("a coin at every public carrier", |lessons, words, random| {
        joined(pieces(lessons).map(|piece| {
            let own = |mark: &Mark| words[0].slot(mark.position) != mark.author_slot;
            (piece.first, piece.worded(|mark, carrier| if carrier.public { random.chance(0.5) } else { own(mark) }))
        }))
    }),
];

fn pieces(lessons: &Lessons) -> impl Iterator<Item = &Piece> {
    lessons.iter().flatten()
}

fn copy(lessons: &Lessons, words: &[&Codeword]) -> String {
    joined(pieces(lessons).map(|piece| (piece.first, piece.of(words[0]))))
}

/// Sentences, each with whether it begins a paragraph, as plain text.
pub fn joined(sentences: impl Iterator<Item = (bool, String)>) -> String {
    let mut out = String::new();
    for (first, sentence) in sentences {
        out.push_str(if first { "\n\n" } else { " " });
        out.push_str(&sentence);
    }
    out
}

/// At each position what most copies hold, or what fewest do.
fn voted(lessons: &Lessons, words: &[&Codeword], random: &mut Random, majority: bool) -> String {
    joined(pieces(lessons).map(|piece| {
        let coin = random.chance(0.5);
        let slot = |mark: &Mark| {
            let ones = words.iter().filter(|words| words.slot(mark.position)).count();
            match ones {
                0 => false,
                n if n == words.len() => true,
                n if 2 * n == words.len() => coin,
                n => (2 * n > words.len()) == majority,
            }
        };
        (piece.first, piece.worded(|mark, _| slot(mark) != mark.author_slot))
    }))
}

/// Of every public pair one form, with this probability.
fn levelled(lessons: &Lessons, words: &Codeword, probability: f64, random: &mut Random) -> String {
    joined(pieces(lessons).map(|piece| {
        let form = |carrier: &Carrier| piece.author[carrier.at.clone()].to_lowercase() > carrier.other.to_lowercase();
        let own = |mark: &Mark| words.slot(mark.position) != mark.author_slot;
        let chosen = piece.worded(|mark, carrier| if carrier.public && random.chance(probability) { form(carrier) } else { own(mark) });
        (piece.first, chosen)
    }))
}

/// Forty sentences with declared alternatives, and three hundred with public ones, at each of which a coin was thrown.
pub fn forty(lessons: &Lessons, words: &Codeword, random: &mut Random) -> String {
    let (declared, public): (Vec<&Piece>, Vec<&Piece>) =
        pieces(lessons).filter(|piece| piece.mark.is_some()).partition(|piece| piece.declared());
    let mut seen = std::collections::BTreeSet::new();
    let distinct = declared.into_iter().filter(|piece| piece.mark.as_ref().is_some_and(|mark| seen.insert(mark.position)));
    let mut public = public;
    shuffle(&mut public, random);
    let chosen: Vec<&Piece> = distinct.take(40).chain(public.into_iter().take(300)).collect();
    let own = |mark: &Mark| words.slot(mark.position) != mark.author_slot;
    joined(
        chosen.into_iter().map(|piece| (true, piece.worded(|mark, carrier| if carrier.public { random.chance(0.5) } else { own(mark) }))),
    )
}

/// The author's text at an earlier time: some sentences are not there yet, some are worded the other way.
pub fn draft(lessons: &Lessons, random: &mut Random) -> String {
    let (kept, own) = (0.7 + 0.1 * random.below(4) as f64, 0.2 * random.below(6) as f64);
    let there: Vec<&Piece> = pieces(lessons).filter(|_| random.chance(kept)).collect();
    joined(there.into_iter().map(|piece| (piece.first, piece.worded(|_, _| !random.chance(own)))))
}

/// Other courses, by name.
pub fn others(own: &str) -> Vec<(String, String)> {
    let names = ["iot-en", "learn-go-with-tests", "rust-book", "javaguide-zh", "self-llm-zh"];
    names.iter().filter(|name| **name != own).filter_map(|name| Some(((*name).to_owned(), corpus_text(name)?))).collect()
}

/// Each letter is left out, doubled, exchanged with the one before, or mistyped with this probability.
pub fn retyped(text: &str, errors: f64, random: &mut Random) -> String {
    let mut out: Vec<char> = Vec::new();
    for c in text.chars() {
        if !c.is_alphanumeric() || !random.chance(errors) {
            out.push(c);
            continue;
        }
        match random.below(4) {
            0 => {}
            1 => out.extend([c, c]),
            2 => out.insert(out.len().saturating_sub(1), c),
            _ => out.push(if c.is_ascii() { char::from(b'a' + random.below(26) as u8) } else { '的' }),
        }
    }
    out.into_iter().collect()
}

fn markdown(text: &str, random: &mut Random) -> String {
    let word = |word: &str, random: &mut Random| match random.below(40) {
        0 => format!("[{word}](https://example.com/a/page.html#{word})"),
        1 | 2 => format!("**{word}**"),
        3 | 4 => format!("_{word}_"),
        _ => word.to_owned(),
    };
    let line = |line: &str, random: &mut Random| {
        let words: Vec<String> = line.split(' ').map(|w| word(w, random)).collect();
        format!("{}{}", ["", "- ", "> ", "## "][random.below(4)], words.join(" "))
    };
    text.split('\n').map(|l| line(l, random)).collect::<Vec<_>>().join("\n")
}

fn ascii(text: &str) -> String {
    text.replace(['\u{2018}', '\u{2019}'], "'")
        .replace(['\u{201c}', '\u{201d}'], "\"")
        .replace(['\u{2013}', '\u{2014}'], "-")
        .replace('\u{a0}', " ")
}

/// Lines of about seventy letters; words are cut where they end.
fn wrapped(text: &str) -> String {
    let mut out = String::new();
    let mut column = 0;
    for c in text.chars() {
        column += 1;
        if column > 70 && c.is_alphanumeric() {
            out.push_str(if c.is_ascii() { "-\n" } else { "\n" });
            column = 0;
        }
        out.push(c);
        if c == '\n' {
            column = 0;
        }
    }
    out
}

/// Half of the letters that have a double in Greek or Cyrillic are exchanged for it, and behind one letter in ten stands a character that
/// nobody sees.
fn disguised(text: &str, random: &mut Random) -> String {
    const ALIKE: [(char, char); 10] = [
        ('a', '\u{430}'),
        ('c', '\u{441}'),
        ('e', '\u{435}'),
        ('i', '\u{456}'),
        ('o', '\u{3bf}'),
        ('p', '\u{440}'),
        ('s', '\u{455}'),
        ('t', '\u{442}'),
        ('v', '\u{3bd}'),
        ('y', '\u{443}'),
    ];
    const UNSEEN: [char; 5] = ['\u{200b}', '\u{ffa0}', '\u{3164}', '\u{2060}', '\u{1}'];
    let mut out = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        let double = ALIKE.iter().find(|(latin, _)| *latin == c).filter(|_| random.chance(0.5));
        out.push(double.map_or(c, |(_, double)| *double));
        if c.is_alphabetic() && random.chance(0.1) {
            out.push(UNSEEN[random.below(UNSEEN.len())]);
        }
    }
    out
}

fn shuffle<T>(items: &mut [T], random: &mut Random) {
    for i in (1..items.len()).rev() {
        items.swap(i, random.below(i + 1));
    }
}

/// Words of technical English, and one that means about the same: what an author may declare.
const SAME: [(&str, &str); 12] = [
    ("function", "routine"),
    ("program", "application"),
    ("compiler", "translator"),
    ("message", "notice"),
    ("different", "distinct"),
    ("because", "since"),
    ("several", "a few"),
    ("problem", "difficulty"),
    ("feature", "ability"),
    ("current", "present"),
    ("provide", "offer"),
    ("chapter", "part"),
];

/// The same for technical Chinese.
const SAME_ZH: [(&str, &str); 12] = [
    ("方法", "办法"),
    ("优点", "长处"),
    ("缺点", "短处"),
    ("场景", "情形"),
    ("过程", "流程"),
    ("原因", "缘由"),
    ("注意", "留意"),
    ("作用", "功用"),
    ("提升", "提高"),
    ("建议", "推荐"),
    ("开发者", "程序员"),
    ("特点", "特性"),
];

/// Puts declared alternatives behind plain English paragraphs, at most one behind each, while any are left.
pub fn declare(text: &str, left: &Cell<usize>) -> String {
    let once = |paragraph: &str, word: &str| {
        let count = paragraph.split(|c: char| !c.is_alphanumeric()).filter(|w| w.eq_ignore_ascii_case(word)).count();
        count == 1 && paragraph.contains(&format!(" {word} "))
    };
    declared(text, left, |paragraph| {
        let plain = paragraph.starts_with(|c: char| c.is_ascii_uppercase());
        SAME.into_iter().filter(|_| plain).find(|(word, _)| once(paragraph, word) && paragraph.matches(word).count() == 1)
    })
}

/// The same for Chinese paragraphs.
pub fn declare_zh(text: &str, left: &Cell<usize>) -> String {
    declared(text, left, |paragraph| {
        let plain = paragraph.starts_with(|c: char| ('\u{4e00}'..='\u{9fff}').contains(&c)) && paragraph.ends_with('。');
        SAME_ZH.into_iter().filter(|_| plain).find(|(word, _)| paragraph.matches(word).count() == 1)
    })
}

/// Every second paragraph that fits, so that they stand all over the course.
fn declared(text: &str, left: &Cell<usize>, fits: impl Fn(&str) -> Option<(&'static str, &'static str)>) -> String {
    let mut nth = 0;
    let paragraph = |paragraph: &str| {
        let found = (!paragraph.contains(['`', '[', '*', '_', '<', '{', '|', '"', '“'])).then(|| fits(paragraph)).flatten();
        nth += usize::from(found.is_some());
        match found.filter(|_| nth % 2 == 1 && left.get() > 0) {
            Some((word, same)) => {
                left.set(left.get() - 1);
                format!("{paragraph} <!--~ {word} => {same} -->")
            }
            None => paragraph.to_owned(),
        }
    };
    text.split("\n\n").map(paragraph).collect::<Vec<_>>().join("\n\n")
}

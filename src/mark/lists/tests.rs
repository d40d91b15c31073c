//! Every pair of every shipped list against its own cases.

use super::*;

/// The sentence with its carriers of one pair exchanged.
fn exchanged(list: &List, pair: &str, sentence: &str) -> String {
    let mut text = sentence.to_owned();
    for found in list.carriers(sentence).into_iter().rev().filter(|m| m.pair == pair) {
        text.replace_range(found.range, &found.other);
    }
    text
}

/// With straight apostrophes: an apostrophe that was taken away comes back straight.
fn folded(sentence: &str) -> String {
    sentence.replace('’', "'")
}

#[test]
fn every_case_holds_in_both_directions() {
    let mut wrong = Vec::new();
    for (list, pair) in Lists::shipped().iter().flat_map(|l| l.pairs.iter().map(move |p| (l, p))) {
        for Case { from, to } in &pair.cases {
            let one_way = pair.words.iter().all(|(left, right)| !pair.words.contains(&(right.clone(), left.clone())));
            let there = exchanged(list, &pair.id, from);
            let back = exchanged(list, &pair.id, to);
            if there != *to || (!one_way && folded(&back) != folded(from)) {
                wrong.push(format!("{}: {from} => {there} => {back}", pair.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_counter_example_matches() {
    let mut wrong = Vec::new();
    for (list, pair) in Lists::shipped().iter().flat_map(|l| l.pairs.iter().map(move |p| (l, p))) {
        let matched = pair.never.iter().filter(|s| exchanged(list, &pair.id, s) != **s);
        wrong.extend(matched.map(|s| format!("{}: {s}", pair.id)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_pair_has_a_case_and_an_id_of_its_language() {
    for list in Lists::shipped().iter() {
        assert!(list.ids().all(|id| id.starts_with(&format!("{}.", list.language()))), "{}", list.language());
    }
    let lacking = "list: en 1\n[en.a]\nwords: a = b\ncase: a => b";
    assert!(List::parse(lacking).unwrap_err().what.contains("`en.a` lacks"));
}

#[test]
fn a_line_that_cannot_be_read_is_named() {
    assert_eq!(List::parse("list: en 1\n\nnonsense").unwrap_err().line, 3);
    assert_eq!(List::parse("list: en 1\n[en.a]\nnext: %none").unwrap_err().to_string(), "line 3: no class `none`");
}

#[test]
fn lists_are_chosen_by_language_and_number() {
    assert!(List::of("en-GB", 1).is_some() && List::of("zh-CN", 1).is_some());
    assert!(List::of("zh-TW", 1).is_none() && List::of("de", 1).is_none() && List::of("en", 2).is_none());
}

#[test]
fn a_number_keeps_its_list_when_another_is_added() {
    let dummy = "list: en 2\n[en.cat]\nwords: cat = dog\ncase: A cat. => A dog.\nnever: A cow.";
    let mut lists = Lists::default();
    for text in [include_str!("en.txt"), dummy] {
        lists.add(List::parse(text).unwrap());
    }
    let sentence = "A cat does not bark.";
    let pairs = |rules| lists.of("en", rules).unwrap().carriers(sentence).iter().map(|m| m.pair.to_owned()).collect::<Vec<_>>();
    assert_eq!((pairs(1), pairs(2)), (vec!["en.do-not".to_owned()], vec!["en.cat".to_owned()]));
}

#[test]
fn the_capital_and_the_apostrophe_of_the_author_are_kept() {
    let list = List::of("en", 1).unwrap();
    let others = |s, a| list.carriers_where(s, a, &|_| true).into_iter().map(|m| m.other).collect::<Vec<_>>();
    assert_eq!(others("Do not copy, it does not work.", Apostrophe::Straight), ["Don't", "doesn't"]);
    assert_eq!(others("It does not copy Ana’s list.", Apostrophe::Straight), ["doesn’t"]);
    assert_eq!(others("It does not copy.", Apostrophe::Curly), ["doesn’t"]);
}

#[test]
fn nothing_matches_in_quotations_capitals_longer_forms_or_over_an_object() {
    let list = List::of("en", 1).unwrap();
    for sentence in [
        "He said “it does not work” today.",
        "It prints \"does not work\" today.",
        "It DOES NOT work.",
        "The user Does Not agree.",
        "It does\u{FFFC}not work.",
        "A do-does not-do thing.",
    ] {
        assert_eq!(list.carriers(sentence), [], "{sentence}");
    }
}

#[test]
fn time_grows_with_length_alone() {
    let list = List::of("en", 1).unwrap();
    let long = "it does not rather than the “".repeat(50_000);
    assert!(list.carriers(&long).len() < 200_000);
}

//! Verdicts and reports on evidence that is written by hand.

use std::collections::BTreeSet;

use super::report::Arbiter;
use super::*;
use crate::code::Hypothesis;
use crate::edition::Class;
use crate::protocol::{CourseId, LessonId, OrderRef, Params, Seat, SiteId, SiteKey};

const ORDERS: u32 = 2_000;

/// A leak that is being written: readings of one course.
struct Leak {
    key: SiteKey,
    site: SiteId,
    evidence: Evidence,
}

impl Leak {
    fn new() -> Self {
        let evidence = Evidence {
            course: CourseId::parse("c").unwrap(),
            title: "C & <b>".into(),
            params: Params::default(),
            rules: 1,
            marked: 500,
            readings: Vec::new(),
            keys: Vec::new(),
            erased: BTreeSet::new(),
        };
        Self { key: SiteKey::from_bytes([7; 32]), site: SiteId::parse("test").unwrap(), evidence }
    }

    /// Sentences at positions `from..to`, in the wording of an order, carried by one class.
    fn copied(mut self, order: &str, from: u32, to: u32, class: Class) -> Self {
        let (course, params) = (&self.evidence.course, self.evidence.params);
        let buyer = self.key.buyer(&self.site, &order.parse().unwrap(), Seat(0));
        let codeword = self.key.codeword(&self.site, course, params, &buyer);
        for position in from..to {
            let slot = |of| (class == of).then(|| codeword.slot(position));
            self.evidence.readings.push(Reading {
                lesson: LessonId::parse("l").unwrap(),
                title: "L".into(),
                sentence: format!("Author {position}."),
                other: format!("Other {position}."),
                excerpt: format!("<script>{position}</script>\u{202e}\u{7}"),
                file: "leak.txt".into(),
                position,
                author_slot: position % 2 == 0,
                declared: slot(Class::Declared),
                lexical: slot(Class::Lexical),
                typographic: slot(Class::Typographic),
            });
        }
        self
    }

    fn run(self, run: u32) -> (SiteKey, Inputs, Verdict) {
        let copies = copies();
        let edition = crate::edition::read(vec![("a.md".into(), b"# A\n".to_vec())], &Default::default()).0.unwrap();
        let inputs = Inputs::new(self.site, &edition, [1; 32], vec![self.evidence], &copies);
        let verdict = Verdict::reach(&self.key, &inputs, &copies, run).unwrap();
        (self.key, inputs, verdict)
    }

    /// The orders that match.
    fn matches(self) -> Vec<String> {
        let (_, _, verdict) = self.run(1);
        verdict.courses[0].matches.iter().map(|m| m.order.to_string()).collect()
    }
}

fn copies() -> Copies {
    Copies::new((0..ORDERS).map(|i| copies::Order { order: order(i), seats: 1, courses: None }).collect())
}

fn order(i: u32) -> OrderRef {
    format!("lemon_squeezy:{}", 7_000_000 + i).parse().unwrap()
}

fn report<'a>(inputs: &'a Inputs, verdict: &'a Verdict, arbiter: Option<Arbiter>) -> Report<'a> {
    let files = vec![("<leak>.txt".into(), 9)];
    Report {
        inputs,
        verdict,
        files,
        source: "orders.db".into(),
        orders: u64::from(ORDERS),
        forgotten: 0,
        again: false,
        arbiter,
        notes: vec![],
        made: "today".into(),
        holder: None,
    }
}

/// All three forms.
fn told(report: &Report<'_>) -> [String; 3] {
    [report.to_text(), report.to_json().to_string(), report.to_html()]
}

#[test]
fn the_copy_that_leaked_is_named_and_no_other() {
    assert_eq!(Leak::new().copied("lemon_squeezy:7000042", 0, 60, Class::Lexical).matches(), ["lemon_squeezy:7000042"]);
    assert_eq!(Leak::new().copied("lemon_squeezy:7000042", 0, 60, Class::Declared).matches(), ["lemon_squeezy:7000042"]);
}

#[test]
fn two_copies_one_behind_the_other_are_both_named() {
    let both =
        Leak::new().copied("lemon_squeezy:7000001", 0, 900, Class::Lexical).copied("lemon_squeezy:7000002", 900, 1800, Class::Lexical);
    let mut named = both.matches();
    named.sort();
    assert_eq!(named, ["lemon_squeezy:7000001", "lemon_squeezy:7000002"]);
}

#[test]
fn below_the_bound_nobody_is_named_in_any_report() {
    for leak in [
        Leak::new(),
        Leak::new().copied("lemon_squeezy:7000042", 0, 20, Class::Lexical),
        Leak::new().copied("manual:nobody", 0, 600, Class::Lexical),
        // Signs alone are no evidence, however many.
        Leak::new().copied("lemon_squeezy:7000042", 0, 600, Class::Typographic),
    ] {
        let (key, inputs, verdict) = leak.run(1);
        let arbiter = Arbiter::disclose(&key, &inputs, &verdict);
        for text in told(&report(&inputs, &verdict, None)).into_iter().chain(told(&report(&inputs, &verdict, Some(arbiter)))) {
            assert!(text.to_lowercase().contains("no conclusion"), "{text}");
            assert!((0..ORDERS).all(|i| !text.contains(&format!("{}", 7_000_000 + i))), "{text}");
        }
    }
}

#[test]
fn a_finding_says_what_it_rests_on_and_keeps_the_secrets() {
    let (key, inputs, verdict) = Leak::new().copied("lemon_squeezy:7000042", 0, 60, Class::Lexical).run(1);
    for text in told(&report(&inputs, &verdict, None)) {
        assert!(text.contains("lemon_squeezy:7000042") && text.contains(&verdict.commit.to_string()), "{text}");
        for absent in ["Author 7.", "Other 7.", "2147483648", "leaker", "accused", "codeword\""] {
            assert!(!text.contains(absent), "{absent} is in {text}");
        }
        assert!(text.contains("never to a person") && text.contains("changes nobody's access") || text.contains("nobody&#39;s access"));
    }
    let arbiter = || Some(Arbiter::disclose(&key, &inputs, &verdict));
    for text in told(&report(&inputs, &verdict, arbiter())) {
        for present in ["Author 7.", "Other 7.", "2147483648", "symbols lexical", "marks.generation"] {
            assert!(text.contains(present), "{present} is not in {text}");
        }
    }
    let statement = inputs.statement(1);
    assert_eq!(verdict.commit.0, crate::protocol::primitives::sha256(statement.as_bytes()));
    assert!(statement.contains(&format!("copies {ORDERS} ")), "{statement}");
}

#[test]
fn what_a_stranger_wrote_is_text() {
    let (_, inputs, verdict) = Leak::new().copied("lemon_squeezy:7000042", 0, 60, Class::Lexical).run(1);
    let report = report(&inputs, &verdict, None);
    let [text, _, html] = told(&report);
    let json = report.to_json_text();
    let read: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(!json.contains('\u{202e}') && read["courses"][0]["sentences"] == report.to_json()["courses"][0]["sentences"], "{json}");
    assert!(!html.contains("<script") && !html.contains("<b>") && html.contains("&lt;script&gt;7&lt;/script&gt;"), "{html}");
    assert!(html.contains("default-src 'none'") && !html.contains("src=") && !html.contains("href="));
    for shown in [text, html] {
        assert!(shown.contains("\\u{202e}\\u{7}") && !shown.contains(['\u{7}', '\u{202e}']), "{shown}");
    }
}

#[test]
fn contradictions_and_erased_classes_count_for_nothing() {
    let both = Leak::new().copied("lemon_squeezy:7000001", 0, 60, Class::Lexical).copied("lemon_squeezy:7000002", 0, 60, Class::Lexical);
    let (_, inputs, verdict) = both.run(1);
    assert!(verdict.courses[0].matches.is_empty() && inputs.statement(1).contains('x'));
    let mut erased = Leak::new().copied("lemon_squeezy:7000001", 0, 600, Class::Lexical);
    erased.evidence.erased.insert(Class::Lexical);
    let (_, inputs, verdict) = erased.run(1);
    assert!(!verdict.is_match() && inputs.statement(1).contains("erased lexical\n"));
    assert!(report(&inputs, &verdict, None).to_text().contains("brought them all to one form: lexical"));
}

#[test]
fn keys_name_their_copy_and_later_runs_need_more() {
    let leaked = |n: u32| {
        let mut leak = Leak::new();
        let buyer = leak.key.buyer(&leak.site, &order(9), Seat(0));
        let codeword = leak.key.codeword(&leak.site, &leak.evidence.course, leak.evidence.params, &buyer);
        let key = |position| KeyReading { what: KeyKind::Position, epoch: 1, position, slot: codeword.slot(position) };
        leak.evidence.keys = (0..n).map(key).collect();
        leak
    };
    assert_eq!(leaked(2_048).matches(), ["lemon_squeezy:7000009"]);
    let (_, inputs, verdict) = leaked(33).run(1);
    assert!(verdict.is_match() && verdict.courses[0].tests == 1, "one hypothesis, the keys");
    assert_eq!(inputs.courses[0].symbols[0].0, Hypothesis::Declared);
    assert_eq!(inputs.courses[0].symbols[0].1.readable(), 33);
    assert!(!leaked(33).run(40).2.is_match());
}

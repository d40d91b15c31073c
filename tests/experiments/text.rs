//! Text in, verdict out: copies of real courses, what can be done to them, and how often the copy is still named.
//!
//! Every row is a way to change or to merge copies. Copies are drawn from 10,000 orders, and all of them are examined at a total of 1e-6:
//! an order that is named and gave nothing to the leak is an innocent one, and there may be none in any row.

use std::cell::Cell;

use bookplate::code::{DEFAULT_TOTAL, Trial, share_of_run};
use bookplate::protocol::Codeword;
use bookplate::trace::{Evidence, Examiner, Leak, LeakFile};

use crate::Size;
use crate::changes::{self, Change};
use crate::course::{Course, Piece};
use crate::random::Random;
use crate::statistics::{Z95, wilson};
use crate::work::parallel;

/// Orders of a course, whose copies are all examined.
const ORDERS: usize = 10_000;

/// Positions of a lesson that is to name its copy by itself.
const ENOUGH: usize = 40;

fn print_setting() {
    println!("{ORDERS} orders, all examined; total chance of a false accusation {DEFAULT_TOTAL:e}; seeds [3, row, trial]");
}

pub fn english(size: Size) {
    print_setting();
    let Some(two) = Course::load("rust-book", "src", "en", "", |text| text) else {
        println!("SKIPPED: the folder BOOKPLATE_CORPORA is missing");
        return;
    };
    let two = Bench::of(&two);
    two.print("rust-book, set 2");
    two.table(&changes::ONE, 1, size.pick(1, 10));
    two.table(&changes::DISGUISED, 1, size.pick(1, 10));
    two.table(&changes::MERGED, 2, size.pick(1, 10));
    two.lessons(size.pick(3, usize::MAX), size.pick(1, 10));
    two.null("rust-book");
    declared(size);
    merged(size);
}

fn declared(size: Size) {
    let left = Cell::new(60);
    let course = Course::load("rust-book", "src", "en", "", |text| changes::declare(&text, &left)).expect("the corpora are there");
    let declared = Bench::of(&course);
    declared.print("rust-book with declared alternatives, set 2");
    declared.table(&changes::KNOWING, 1, size.pick(1, 10));
    declared.coins(size.pick(3, 50));
}

fn merged(size: Size) {
    let course = Course::load("rust-book", "src", "en", "marks: { collusion: 4 }\n", |text| text).expect("the corpora are there");
    let four = Bench::of(&course);
    four.print("rust-book, set 4");
    four.table(&changes::MERGED, 3, size.pick(1, 10));
    four.table(if size == Size::Short { &changes::MERGED[..1] } else { &changes::MERGED }, 4, size.pick(1, 10));
}

pub fn chinese(size: Size) {
    print_setting();
    let Some(course) = Course::load("javaguide-zh", "docs", "zh", "", |text| text) else {
        println!("SKIPPED: the folder BOOKPLATE_CORPORA is missing");
        return;
    };
    let chinese = Bench::of(&course);
    chinese.print("javaguide-zh, set 2");
    chinese.table(if size == Size::Short { &changes::SOME } else { &changes::ONE }, 1, size.pick(1, 10));
    chinese.table(if size == Size::Short { &changes::MERGED[..1] } else { &changes::MERGED }, 2, size.pick(1, 10));
    chinese.lessons(size.pick(2, usize::MAX), size.pick(1, 3));
    if size == Size::Short {
        return;
    }
    chinese.null("javaguide-zh");
    let left = Cell::new(60);
    let course = Course::load("javaguide-zh", "docs", "zh", "", |text| changes::declare_zh(&text, &left)).expect("the corpora are there");
    let declared = Bench::of(&course);
    declared.print("javaguide-zh with declared alternatives, set 2");
    declared.table(&changes::KNOWING, 1, 10);
    declared.coins(50);
}

/// A course and the codewords of all its copies.
struct Bench<'c> {
    course: &'c Course,
    examiner: Examiner<'c>,
    codewords: Vec<Codeword>,
}

/// What became of a leak.
struct Outcome {
    /// Copies that were named and are in the leak.
    sources: usize,
    /// Copies that were named and are not.
    innocents: usize,
    positions: usize,
    /// Symbols that none of the copies in the leak has.
    wrong: usize,
}

impl<'c> Bench<'c> {
    fn of(course: &'c Course) -> Self {
        let examiner = Examiner::new(&course.edition, &course.key, &[]).expect("ids");
        Self { course, examiner, codewords: parallel(ORDERS, |i| course.codeword(i)) }
    }

    fn print(&self, name: &str) {
        let pieces = || self.course.lessons.iter().flatten();
        let marked = pieces().filter(|piece| piece.mark.is_some()).count();
        let declared = pieces().filter(|piece| piece.declared()).count();
        let positions: std::collections::BTreeSet<u32> = pieces().filter_map(|piece| Some(piece.mark.as_ref()?.position)).collect();
        println!(
            "\n{name}: {} lessons, {marked} sentences in two wordings ({declared} declared) at {} of {} positions",
            self.course.lessons.len(),
            positions.len(),
            self.course.params.m.get()
        );
        println!("leak                                        copies  named  of  95 %        positions  wrong  innocents");
    }

    fn table(&self, rows: &[Change], copies: usize, trials: usize) {
        for (i, row) in rows.iter().enumerate() {
            let outcomes = (0..trials).map(|trial| {
                let mut random = Random::new(&[3, i as u64, copies as u64, trial as u64]);
                let leakers: Vec<usize> = (0..copies).map(|_| random.below(ORDERS)).collect();
                let words: Vec<&Codeword> = leakers.iter().map(|i| &self.codewords[*i]).collect();
                self.outcome(&(row.make)(&self.course.lessons, &words, &mut random), &leakers)
            });
            self.row(row.name, copies, &outcomes.collect::<Vec<_>>(), row.names);
        }
    }

    /// A row of the table; `least` is the smallest share of leaks that name a copy they are made of.
    fn row(&self, name: &str, copies: usize, outcomes: &[Outcome], least: f64) {
        let named = outcomes.iter().filter(|outcome| outcome.sources > 0).count();
        let innocents: usize = outcomes.iter().map(|outcome| outcome.innocents).sum();
        let middle = |of: &dyn Fn(&Outcome) -> usize| {
            let mut all: Vec<usize> = outcomes.iter().map(of).collect();
            all.sort_unstable();
            all.get(all.len() / 2).copied().unwrap_or_default()
        };
        let (low, high) = wilson(named as u64, outcomes.len().max(1) as u64, Z95);
        println!(
            "{name:<42}  {copies:6}  {named:5}  {:2}  {low:.2}..{high:.2}  {:9}  {:5}  {innocents:9}",
            outcomes.len(),
            middle(&|outcome| outcome.positions),
            middle(&|outcome| outcome.wrong),
        );
        assert_eq!(innocents, 0, "{name}: an innocent copy was named");
        assert!(named as f64 >= least * outcomes.len() as f64, "{name}: {named} of {} named", outcomes.len());
    }

    /// Single lessons of enough positions, retyped.
    fn lessons(&self, most: usize, trials: usize) {
        let positions =
            |lesson: &[Piece]| lesson.iter().filter_map(|p| Some(p.mark.as_ref()?.position)).collect::<std::collections::BTreeSet<_>>();
        let long: Vec<&Vec<Piece>> = self.course.lessons.iter().filter(|lesson| positions(lesson).len() >= ENOUGH).collect();
        let step = long.len().div_ceil(most.min(long.len()).max(1)).max(1);
        for retyped in [false, true] {
            let outcomes = long.iter().step_by(step).enumerate().flat_map(|(i, lesson)| {
                (0..trials).map(move |trial| {
                    let mut random = Random::new(&[4, i as u64, trial as u64]);
                    let leaker = random.below(ORDERS);
                    let text = changes::joined(lesson.iter().map(|piece| (piece.first, piece.of(&self.codewords[leaker]))));
                    self.outcome(&if retyped { changes::retyped(&text, 0.01, &mut random) } else { text }, &[leaker])
                })
            });
            let outcomes: Vec<Outcome> = outcomes.collect();
            let name = format!("one lesson of {ENOUGH} positions or more{}", if retyped { ", 1 % errors" } else { "" });
            // 40 positions with a wrong symbol are fewer than the bound asks for; most lessons have some more.
            self.row(&name, 1, &outcomes, if retyped { 0.9 } else { 1.0 });
        }
    }

    /// Forty declared alternatives, and a coin at three hundred carriers of the public lists.
    fn coins(&self, trials: usize) {
        let outcomes = (0..trials).map(|trial| {
            let mut random = Random::new(&[5, trial as u64]);
            let leaker = random.below(ORDERS);
            let text = changes::forty(&self.course.lessons, &self.codewords[leaker], &mut random);
            self.outcome(&text, &[leaker])
        });
        self.row("40 declared, a coin at 300 public carriers", 1, &outcomes.collect::<Vec<_>>(), 0.9);
    }

    /// Texts that come from no copy.
    fn null(&self, own: &str) {
        let mut random = Random::new(&[6]);
        let author = changes::joined(self.course.lessons.iter().flatten().map(|piece| (piece.first, piece.author.clone())));
        let mut texts = vec![("the author's own text".to_owned(), author)];
        for draft in 0..3 {
            texts.push((format!("a draft of the author ({draft})"), changes::draft(&self.course.lessons, &mut random)));
        }
        for (corpus, text) in changes::others(own) {
            texts.push((corpus, text));
        }
        for (name, text) in texts {
            self.row(&name, 0, &[self.outcome(&text, &[])], 0.0);
        }
    }

    fn outcome(&self, text: &str, leakers: &[usize]) -> Outcome {
        let leak = Leak::read(&[LeakFile { name: "leak".into(), bytes: text.as_bytes().to_vec() }]).expect("a leak");
        let found = self.examiner.examine(&leak);
        let Some(evidence) = found.first() else { return Outcome { sources: 0, innocents: 0, positions: 0, wrong: 0 } };
        let symbols = evidence.symbols().pop().expect("three hypotheses").1;
        let held = |j: usize, symbol: bool| leakers.iter().any(|i| self.codewords[*i].slot(j as u32) == symbol);
        let wrong = symbols.iter().enumerate().filter(|(j, symbol)| symbol.is_some_and(|symbol| !held(*j, symbol))).count();
        let (sources, innocents) = self.named(evidence).into_iter().partition::<Vec<usize>, _>(|i| leakers.contains(i));
        Outcome { sources: sources.len(), innocents: innocents.len(), positions: symbols.readable(), wrong }
    }

    fn named(&self, evidence: &Evidence) -> Vec<usize> {
        let course = self.course;
        let thresholds = course.key.thresholds(&course.site, &course.id, course.params);
        let alpha = share_of_run(DEFAULT_TOTAL, 1);
        let trial = Trial::new(course.params.set, &thresholds, &evidence.symbols(), ORDERS as u64, alpha).expect("one code");
        (0..ORDERS).filter(|i| trial.examine(self.codewords[*i].as_bytes()).is_some()).collect()
    }
}

//! Text in, verdict out: copies of real courses, what can be done to them, and how often the copy is still named.

use bookplate::code::{DEFAULT_TOTAL, Trial, share_of_run};
use bookplate::protocol::Codeword;
use bookplate::trace::{Evidence, Leak, LeakFile, examine};

use crate::Size;
use crate::course::{Course, Piece};
use crate::random::Random;
use crate::work::parallel;

/// Orders of the course, whose copies are all examined.
const ORDERS: usize = 10_000;

pub fn run(size: Size) {
    let Some(course) = Course::load("rust-book", "src", "en", "", |_, text| text) else {
        println!("SKIPPED: no corpora");
        return;
    };
    let marked: usize = course.lessons.iter().flatten().filter(|p| p.other.is_some()).count();
    println!("{} lessons, {marked} marked sentences", course.lessons.len());
    let codewords: Vec<Codeword> = parallel(ORDERS, |i| course.codeword(i));
    let words = &codewords[17];
    let whole: Vec<String> = course.lessons.iter().map(|lesson| plain(lesson, words)).collect();
    let _ = size;
    report(&course, &codewords, "whole course", &whole.join("\n\n"));
    for (i, lesson) in whole.iter().enumerate().filter(|(i, _)| i % 9 == 3) {
        report(&course, &codewords, &format!("lesson {i}"), lesson);
    }
    let mut random = Random::new(&[1]);
    report(&course, &codewords, "whole, 1 % errors", &retyped(&whole.join("\n\n"), 0.01, &mut random));
}

fn report(course: &Course, codewords: &[Codeword], what: &str, text: &str) {
    let start = std::time::Instant::now();
    let leak = Leak::read(&[LeakFile { name: "leak".into(), bytes: text.as_bytes().to_vec() }]).expect("a leak");
    let found = examine(&course.edition, &course.key, &[], &leak);
    let seconds = start.elapsed().as_secs_f64();
    let Some(evidence) = found.first() else {
        println!("{what}: nothing");
        return;
    };
    let (right, wrong) = against(evidence, &codewords[17]);
    let named = verdict(course, evidence, codewords);
    println!(
        "{what}: {} letters, {} readings, {} positions, symbols right {right} wrong {wrong}, erased {:?}, named {named:?}, {seconds:.2} s",
        text.len(),
        evidence.readings.len(),
        evidence.positions(),
        evidence.erased
    );
}

/// Symbols that agree with a copy, and those that do not.
fn against(evidence: &Evidence, codeword: &Codeword) -> (usize, usize) {
    let symbols = evidence.symbols().pop().expect("three hypotheses").1;
    let seen = symbols.iter().enumerate().filter_map(|(j, s)| s.map(|s| s == codeword.slot(j as u32)));
    let (right, wrong): (Vec<bool>, Vec<bool>) = seen.partition(|right| *right);
    (right.len(), wrong.len())
}

fn verdict(course: &Course, evidence: &Evidence, codewords: &[Codeword]) -> Vec<usize> {
    let thresholds = course.key.thresholds(&course.site, &course.id, course.params);
    let alpha = share_of_run(DEFAULT_TOTAL, 1);
    let trial = Trial::new(course.params.set, &thresholds, &evidence.symbols(), codewords.len() as u64, alpha).expect("one code");
    (0..codewords.len()).filter(|i| trial.examine(codewords[*i].as_bytes()).is_some()).collect()
}

/// A lesson as plain text: a line for each paragraph.
pub fn plain(lesson: &[Piece], codeword: &Codeword) -> String {
    let mut out = String::new();
    for piece in lesson {
        out.push_str(if piece.first { "\n\n" } else { " " });
        out.push_str(piece.of(codeword));
    }
    out
}

/// Each letter is left out, doubled, exchanged with its neighbour or mistyped with this probability.
fn retyped(text: &str, errors: f64, random: &mut Random) -> String {
    let mut out: Vec<char> = Vec::new();
    for c in text.chars() {
        if !c.is_alphanumeric() || !random.chance(errors) {
            out.push(c);
            continue;
        }
        match random.below(4) {
            0 => {}
            1 => out.extend([c, c]),
            2 => {
                let at = out.len().saturating_sub(1);
                out.insert(at, c);
            }
            _ => out.push(if c.is_ascii() { char::from(b'a' + random.below(26) as u8) } else { '的' }),
        }
    }
    out.into_iter().collect()
}

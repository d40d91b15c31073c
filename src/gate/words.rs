//! Text as the gate reads it: words, and runs of 8 words or 16 Han characters.
//!
//! A word is a run of letters and digits, compared in lower case. Characters of scripts that are written without spaces stand alone.
//! A word weighs 2, a lone character 1, and a run is the shortest one from its first word that weighs 16, so that 8 words, 16 characters and every mixture
//! of both are one rule, and the same passage gives the same runs wherever it stands.

use std::hash::Hasher;

/// Weight of a run: 8 words, or 16 characters that stand alone.
pub(super) const RUN: u32 = 16;

/// One word with its place in the text that it was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) hash: u64,
    pub(super) weight: u32,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// A character that ends a text: no run reaches across it. Views put it between attributes, comments and scripts.
pub(super) const BREAK: char = '\u{1}';

/// True for characters of scripts that are written without spaces between words.
pub(super) fn stands_alone(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' // Thai, Lao, Myanmar, Khmer
        | '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' // iteration marks, kana
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Invisible characters that may stand inside a word without being part of it.
fn is_ignored(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;

fn step(hash: u64, value: u64) -> u64 {
    (hash.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95)
}

/// Spreads all bits over all bits (the finalizer of MurmurHash3).
fn finish(mut hash: u64) -> u64 {
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

/// A hasher for numbers that are spread already; hashing them again would double the time.
#[derive(Default)]
pub(super) struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for b in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*b);
        }
    }
    fn write_u64(&mut self, n: u64) {
        self.0 = n;
    }
}

/// A word that is being read: its hash so far, and where it began.
#[derive(Clone, Copy)]
struct Open {
    hash: u64,
    start: usize,
}

/// Appends the words of `text` to `words`; a [`BREAK`] is a word of weight 0. Texts over 4 GiB are cut.
pub(super) fn read(text: &str, words: &mut Vec<Word>) {
    let bytes = text.as_bytes();
    let mut open: Option<Open> = None;
    let mut at = 0;
    // nearly all bytes are ASCII, and these need no decoding
    while let Some(byte) = bytes.get(at).copied().filter(|_| at < u32::MAX as usize) {
        if byte.is_ascii_alphanumeric() {
            let Open { hash, start } = open.unwrap_or(Open { hash: SEED, start: at });
            open = Some(Open { hash: step(hash, u64::from(byte.to_ascii_lowercase())), start });
            at += 1;
        } else if byte.is_ascii() {
            close(&mut open, at, words);
            if byte == BREAK as u8 {
                words.push(Word { hash: 0, weight: 0, start: at as u32, end: at as u32 });
            }
            at += 1;
        } else {
            let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else { break };
            read_wide(c, at, &mut open, words);
            at += c.len_utf8();
        }
    }
    close(&mut open, at.min(bytes.len()), words);
}

fn close(open: &mut Option<Open>, end: usize, words: &mut Vec<Word>) {
    if let Some(Open { hash, start }) = open.take() {
        words.push(Word { hash: finish(hash), weight: 2, start: start as u32, end: end as u32 });
    }
}

/// A character outside ASCII.
fn read_wide(c: char, at: usize, open: &mut Option<Open>, words: &mut Vec<Word>) {
    if stands_alone(c) {
        close(open, at, words);
        let end = at + c.len_utf8();
        words.push(Word { hash: finish(step(SEED, u64::from(c as u32))), weight: 1, start: at as u32, end: end as u32 });
    } else if c.is_alphanumeric() {
        let Open { mut hash, start } = open.unwrap_or(Open { hash: SEED, start: at });
        for lower in c.to_lowercase() {
            hash = step(hash, u64::from(lower as u32));
        }
        *open = Some(Open { hash, start });
    } else if !is_ignored(c) {
        close(open, at, words);
    }
}

/// Odd, so that no factor is lost modulo 2^64.
const BASE: u64 = 0xd6e8_feb8_6659_fd93;

/// Calls `found` with the hash of each run and its first and last word (indices into `words`).
pub(super) fn runs(words: &[Word], mut found: impl FnMut(u64, usize, usize)) {
    // powers[n] = BASE^n; a run has at most 16 words
    let mut powers = [1_u64; RUN as usize + 1];
    for n in 1..powers.len() {
        powers[n] = powers[n - 1].wrapping_mul(BASE);
    }
    let (mut first, mut weight, mut hash) = (0_usize, 0_u32, 0_u64);
    for (last, word) in words.iter().enumerate() {
        if word.weight == 0 {
            (first, weight, hash) = (last + 1, 0, 0);
            continue;
        }
        hash = hash.wrapping_mul(BASE).wrapping_add(word.hash);
        weight += word.weight;
        while weight >= RUN {
            found(finish(hash), first, last);
            let gone = words[first];
            hash = hash.wrapping_sub(gone.hash.wrapping_mul(powers[last - first]));
            weight -= gone.weight;
            first += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_of(text: &str) -> Vec<Word> {
        let mut words = Vec::new();
        read(text, &mut words);
        words
    }

    fn runs_of(text: &str) -> Vec<u64> {
        let mut found = Vec::new();
        runs(&words_of(text), |hash, _, _| found.push(hash));
        found
    }

    #[test]
    fn eight_words_are_a_run_and_seven_are_not() {
        assert_eq!(runs_of("one two three four five six seven").len(), 0);
        assert_eq!(runs_of("one two three four five six seven eight").len(), 1);
        assert_eq!(runs_of("one two three four five six seven eight nine ten").len(), 3);
    }

    #[test]
    fn sixteen_han_characters_are_a_run_and_fifteen_are_not() {
        assert_eq!(runs_of("一二三四五六七八九十一二三四五").len(), 0);
        assert_eq!(runs_of("一二三四五六七八九十一二三四五六").len(), 1);
        assert_eq!(runs_of("一二三四五六七八 one two three four").len(), 1);
    }

    #[test]
    fn case_punctuation_white_space_and_soft_hyphens_do_not_matter() {
        let plain = runs_of("when a value moves its old owner is gone");
        assert_eq!(plain, runs_of("When a “value”\n moves: its old own\u{ad}er, is  gone."));
        assert_eq!(plain.len(), 2);
    }

    #[test]
    fn a_run_has_the_same_hash_wherever_it_stands() {
        let run = runs_of("a b c d e f g h");
        assert!(runs_of("x y z a b c d e f g h q").contains(&run[0]));
        assert!(!runs_of("a b c d e f h g").contains(&run[0]));
    }

    #[test]
    fn no_run_reaches_across_a_break() {
        assert!(runs_of("one two three four\u{1}five six seven eight").is_empty());
    }
}

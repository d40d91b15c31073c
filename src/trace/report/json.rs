//! For programs.

use serde_json::{Value, json};

use super::{DISCLOSED, LIMITS, PROGRAM, Report, Section, score};
use crate::diag::rules_the_line;
use crate::trace::commit::{class_name, hypothesis_name};

impl Report<'_> {
    /// [`Report::to_json`] as text. What could turn or break a line of a terminal is written as an escape.
    #[must_use]
    pub fn to_json_text(&self) -> String {
        let mut out = String::new();
        for c in format!("{:#}", self.to_json()).chars() {
            // All of them stand in strings, and are below U+10000.
            if rules_the_line(c) && c != '\n' { out.push_str(&format!("\\u{:04x}", u32::from(c))) } else { out.push(c) }
        }
        out
    }

    /// As one JSON object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let files: Vec<Value> = self.files.iter().map(|(name, bytes)| json!({ "name": name, "bytes": bytes })).collect();
        let mut all = json!({
            "verdict": if self.verdict.is_match() { "match" } else { "no conclusion" },
            "site": self.inputs.site,
            "leak": { "files": files, "sha256": self.inputs.leak },
            "edition": self.inputs.edition,
            "orders": { "source": self.source, "count": self.orders, "forgotten": self.forgotten },
            "notes": self.notes,
            "made": self.made,
            "program": PROGRAM,
            "run": self.verdict.run,
            "again": self.again,
            "total": self.inputs.total,
            "commit": self.verdict.commit,
            "courses": self.sections().map(|section| course(&section)).collect::<Vec<_>>(),
            "conditions": self.conditions(),
            "limits": LIMITS,
        });
        if self.arbiter.is_some() {
            all["arbiter"] = json!({ "statement": self.inputs.statement(self.verdict.run), "disclosed": DISCLOSED });
        }
        all
    }
}

fn course(section: &Section<'_>) -> Value {
    let Section { found, judged, .. } = section;
    let evidence = &found.evidence;
    let capacity = judged.capacity.iter().map(|c| {
        json!({
            "hypothesis": hypothesis_name(c.hypothesis), "positions": c.positions, "contradictions": c.contradictions,
            "best": c.best, "tested": c.tested,
        })
    });
    let sentences = evidence.readings.iter().map(|r| json!({ "file": r.file, "lesson": r.lesson, "excerpt": r.excerpt }));
    let mut all = json!({
        "course": evidence.course,
        "title": evidence.title,
        "params": evidence.params,
        "rules": evidence.rules,
        "marked": evidence.marked,
        "sentences": sentences.collect::<Vec<_>>(),
        "keys": evidence.keys.len(),
        "positions": evidence.positions(),
        "erased": evidence.erased.iter().map(|class| class_name(*class)).collect::<Vec<_>>(),
        "copies": { "count": found.copies, "sha256": found.list },
        "tests": judged.tests,
        "alpha": judged.alpha,
        "bound": judged.bound,
        "capacity": capacity.collect::<Vec<_>>(),
        "matches": section.matches().map(|(i, _)| copy(section, i)).collect::<Vec<_>>(),
    });
    if let Some(secrets) = section.secrets {
        all["thresholds"] = json!(secrets.thresholds);
        all["readings"] = evidence
            .readings
            .iter()
            .map(|r| {
                json!({
                    "position": r.position, "author_slot": u8::from(r.author_slot), "author": r.sentence, "other": r.other, "leak": r.excerpt,
                    "declared": slot(r.declared), "lexical": slot(r.lexical), "typographic": slot(r.typographic),
                })
            })
            .collect();
        let keys = evidence.keys.iter();
        all["leaked_keys"] = keys
            .map(|k| json!({ "kind": format!("{:?}", k.what).to_lowercase(), "epoch": k.epoch, "position": k.position, "slot": u8::from(k.slot) }))
            .collect();
    }
    all
}

fn slot(read: Option<bool>) -> Option<u8> {
    read.map(u8::from)
}

fn copy(section: &Section<'_>, index: usize) -> Value {
    let Some(copy) = section.judged.matches.get(index) else { return Value::Null };
    let secrets = section.secrets;
    let passed = section.passed(copy).into_iter().map(|p| {
        let mut test = json!({
            "hypothesis": hypothesis_name(p.hypothesis), "score": score(p.score), "positions": p.positions, "agreements": p.agreements,
            "expected": p.expected, "p": p.p, "corrected": p.corrected, "log10_likelihood": { "0.01": p.likelihood[0], "0.05": p.likelihood[1] },
        });
        if secrets.is_some() {
            test["value"] = json!(p.value);
            test["needed"] = json!(p.needed);
        }
        test
    });
    let mut all = json!({
        "order": copy.order, "seat": copy.seat, "passed": passed.collect::<Vec<_>>(), "rests_on_signs": section.rests_on_signs(copy),
    });
    if let Some((buyer, codeword)) = secrets.and_then(|secrets| secrets.copies.get(index)) {
        all["buyer"] = json!(buyer);
        all["codeword"] = json!(codeword);
    }
    all
}

//! When an order's access ended: who lost it before an epoch began has no key of that epoch.

use super::{Entitlement, Fact, State};

/// The moment up to which an order was last open, seconds since 1970; of one that was closed as soon as it was known, that moment. `None`
/// while it is open, and while nothing says that it was paid.
///
/// Facts are taken to be known from their own time on. A refund that we heard of late was open for longer than this says.
#[must_use]
pub fn ended_at(facts: &[Fact], now: u64) -> Option<u64> {
    let mut turns: Vec<u64> = facts.iter().map(|fact| fact.at).collect();
    turns.sort_unstable();
    turns.dedup();
    if matches!(Entitlement::of(facts, now).state, State::Active | State::Pending) {
        return None;
    }
    // A word of the author's may be dated behind the fact that it takes back, in the same second.
    let mut until = turns.last().copied().unwrap_or(now).max(now);
    for turn in turns.iter().copied().rev() {
        let known: Vec<Fact> = facts.iter().filter(|fact| fact.at <= turn).cloned().collect();
        let last = until.saturating_sub(1).max(turn);
        if turn < until && is_open(&known, last) {
            return Some(until);
        }
        if is_open(&known, turn) {
            return Some(first_closed(&known, turn, last));
        }
        until = turn;
    }
    turns.first().copied()
}

/// The first second after `open` at which these facts give nothing, up to `closed`, where they give nothing.
fn first_closed(facts: &[Fact], mut open: u64, mut closed: u64) -> u64 {
    while closed - open > 1 {
        let middle = open.midpoint(closed);
        if is_open(facts, middle) {
            open = middle;
        } else {
            closed = middle;
        }
    }
    closed
}

fn is_open(facts: &[Fact], at: u64) -> bool {
    Entitlement::of(facts, at).state == State::Active
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(text: &str) -> Vec<Fact> {
        serde_json::from_str(text).unwrap()
    }

    fn order(at: u64, status: &str) -> String {
        format!(r#"{{"order":"lemon_squeezy:7","at":{at},"kind":"order","status":"{status}","store":1,"product":2,"quantity":1}}"#)
    }

    fn licence(at: u64, expires_at: u64) -> String {
        format!(
            r#"{{"order":"lemon_squeezy:7","at":{at},"kind":"licence","licence":"1","key":"{}","expires_at":{expires_at}}}"#,
            "0".repeat(64)
        )
    }

    #[test]
    fn an_order_ends_when_the_fact_that_ends_it_came_true() {
        let of = |parts: &[String], now| ended_at(&facts(&format!("[{}]", parts.join(","))), now);
        assert_eq!(of(&[], 1000), None);
        assert_eq!(of(&[order(100, "open")], 1000), None);
        assert_eq!(of(&[order(100, "paid")], 1000), None);
        assert_eq!(of(&[order(300, "refunded"), order(100, "paid")], 1000), Some(300));
        assert_eq!(of(&[order(300, "refunded"), order(300, "paid")], 1000), Some(300));
        let later = r#"{"order":"lemon_squeezy:7","at":101,"kind":"revoked"}"#.to_owned();
        assert_eq!((of(&[order(100, "paid"), later.clone()], 100), of(&[order(100, "paid"), later], 1000)), (Some(101), Some(101)));
        let revoked = r#"{"order":"lemon_squeezy:7","at":400,"kind":"revoked"}"#.to_owned();
        let restored = r#"{"order":"lemon_squeezy:7","at":350,"kind":"restored"}"#.to_owned();
        assert_eq!(of(&[order(100, "paid"), order(300, "refunded"), restored, revoked], 1000), Some(400));
    }

    #[test]
    fn what_runs_out_ends_between_facts() {
        let of = |parts: &[String], now| ended_at(&facts(&format!("[{}]", parts.join(","))), now);
        assert_eq!(of(&[order(100, "paid"), licence(100, 500)], 499), None);
        assert_eq!(of(&[order(100, "paid"), licence(100, 500)], 1000), Some(500));
        // The refund came when it was closed already.
        assert_eq!(of(&[order(100, "paid"), licence(100, 500), order(700, "refunded")], 1000), Some(500));
        // Renewed after a gap, and run out again.
        assert_eq!(of(&[order(100, "paid"), licence(100, 500), licence(600, 800)], 1000), Some(800));
    }
}

//! An order as one line of JSON: what `GET /ledger` gives, `orders export` writes, and `trace` reads.

use serde::{Deserialize, Serialize};

use super::{OrderLine, State};
use crate::catalog::Course;
use crate::protocol::{CourseId, OrderRef};

/// One line. Neither hashes nor facts would help who reads it; the display line is what the copy shows anyway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerLine {
    /// The order.
    pub order: OrderRef,
    /// Whether it opens anything.
    pub state: State,
    /// How many copies hang on it.
    pub seats: u32,
    /// What it is for.
    pub courses: Vec<CourseId>,
    /// What was bought first, the provider's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<u64>,
    /// Its variant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<u64>,
    /// The number that the buyer knows.
    #[serde(default)]
    pub number: Option<String>,
    /// Whose copy it is: a stranger's text.
    #[serde(default)]
    pub display: String,
    /// ISO 4217.
    #[serde(default)]
    pub currency: Option<String>,
    /// In the currency's smallest unit.
    #[serde(default)]
    pub total: Option<i64>,
    /// In the currency's smallest unit, all refunds together.
    #[serde(default)]
    pub refunded: i64,
    /// Seconds since 1970, 0 where unknown.
    #[serde(default)]
    pub paid_at: u64,
    /// When it ends by itself, seconds since 1970.
    #[serde(default)]
    pub expires_at: Option<u64>,
    /// Until when it was open, seconds since 1970; absent while it is, and while nothing was paid.
    #[serde(default)]
    pub ended_at: Option<u64>,
    /// New devices in the last 30 days.
    #[serde(default)]
    pub devices_30d: u32,
}

impl From<OrderLine> for LedgerLine {
    fn from(line: OrderLine) -> Self {
        let OrderLine { order, entitlement: e, courses, new_devices, ended_at } = line;
        let item = e.items.first();
        Self {
            order,
            state: e.state,
            seats: e.seats,
            courses,
            product: item.map(|item| item.product),
            variant: item.and_then(|item| item.variant),
            number: e.number,
            display: e.display,
            currency: e.currency,
            total: e.total,
            refunded: e.refunded,
            paid_at: e.paid_at,
            expires_at: e.expires_at,
            ended_at,
            devices_30d: new_devices,
        }
    }
}

impl LedgerLine {
    /// True if it was taken back, and holds keys for what a course publishes next: it was open after the keys of the newest epoch were begun.
    #[must_use]
    pub fn could_open(&self, course: &Course) -> bool {
        let had_keys = self.ended_at.is_some_and(|ended| course.rotated.is_none_or(|rotated| ended > rotated));
        had_keys && self.courses.contains(&course.id)
    }

    /// Columns of [`LedgerLine::to_csv`].
    pub const COLUMNS: &str = "provider,order_id,seats,number,state,courses,currency,total,refunded,paid_at,expires_at,ended_at,display";

    /// A row of a table: times as seconds since 1970, amounts in the currency's smallest unit, courses with a space between.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let number = |n: Option<u64>| n.map(|n| n.to_string()).unwrap_or_default();
        let courses = self.courses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let cells = [
            self.order.provider.to_string(),
            self.order.order_id.to_string(),
            self.seats.to_string(),
            self.number.clone().unwrap_or_default(),
            self.state.name().to_owned(),
            courses,
            self.currency.clone().unwrap_or_default(),
            self.total.map(|n| n.to_string()).unwrap_or_default(),
            self.refunded.to_string(),
            number(Some(self.paid_at).filter(|at| *at > 0)),
            number(self.expires_at),
            number(self.ended_at),
            self.display.clone(),
        ];
        cells.map(|cell| quoted(&cell)).join(",")
    }
}

/// A cell of a table (RFC 4180).
fn quoted(cell: &str) -> String {
    if cell.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    fn line(more: &str) -> LedgerLine {
        serde_json::from_str(&format!(r#"{{"order":"manual:a","state":"revoked","seats":2,"courses":["a","b"]{more}}}"#)).unwrap()
    }

    #[test]
    fn a_row_has_the_columns_and_quotes_what_needs_it() {
        let row = line(r#","number":"7","display":"copy …a, T. B.","currency":"USD","total":4900,"ended_at":9"#).to_csv();
        assert_eq!(row, "manual,a,2,7,revoked,a b,USD,4900,0,,,9,\"copy …a, T. B.\"");
        assert_eq!(LedgerLine::COLUMNS.split(',').count(), 13);
        assert_eq!(quoted("a\"b"), "\"a\"\"b\"");
    }

    #[test]
    fn what_ended_before_the_keys_were_begun_opens_nothing_new() {
        let course = |more: &str| {
            let text = format!(
                r#"{{"version":1,"site":"s","origin":"https://example.com","base":"/","endpoint":null,"courses":[
                {{"id":"a","title":"A","url":"a/","params":"2.2048.1","epochs":[1]{more}}}]}}"#
            );
            Catalog::from_json(text.as_bytes()).unwrap().courses.remove(0)
        };
        assert!(line(r#","ended_at":9"#).could_open(&course("")));
        assert!(!line("").could_open(&course("")), "one that never was open");
        assert!(line(r#","ended_at":9"#).could_open(&course(r#","rotated":8"#)));
        assert!(!line(r#","ended_at":9"#).could_open(&course(r#","rotated":9"#)));
        let other = Course { id: CourseId::parse("c").unwrap(), ..course("") };
        assert!(!line(r#","ended_at":9"#).could_open(&other));
    }
}

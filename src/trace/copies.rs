//! The copies that were ever given out, from whatever keeps account of orders.
//!
//! A list is whole or it is none: with half a list the odds would be right and the copy perhaps missing, so that every unreadable line
//! is an error. Refunded and revoked orders are copies like others.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use rayon::prelude::*;
use serde::Deserialize;

use crate::diag::{Diagnostic, Diagnostics};
use crate::protocol::primitives::sha256;
use crate::protocol::{CourseId, OrderId, OrderRef, Provider};

/// Most copies of one order; more is a slip of the pen.
pub const SEATS_MAX: u32 = 100_000;

/// How many unreadable lines are shown; the rest is counted.
const SHOWN: usize = 5;

/// An order and the copies that hang on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The order.
    pub order: OrderRef,
    /// How many copies, at least 1.
    pub seats: u32,
    /// The courses that it opens; `None` where the list does not say: then it counts for every course.
    pub courses: Option<Arc<[CourseId]>>,
}

/// Every copy that was ever given out, as orders in the order of their references, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Copies {
    orders: Vec<Order>,
}

impl Copies {
    /// Sorts the orders. One that is named twice has the larger number of copies, and the courses of both.
    #[must_use]
    pub fn new(mut orders: Vec<Order>) -> Self {
        orders.par_sort_by(|a, b| a.order.cmp(&b.order));
        orders.dedup_by(|later, kept| {
            let same = later.order == kept.order;
            if same {
                kept.seats = kept.seats.max(later.seats);
                if kept.courses != later.courses {
                    kept.courses = kept.courses.as_deref().zip(later.courses.as_deref()).map(|(a, b)| [a, b].concat().into());
                }
            }
            same
        });
        Self { orders }
    }

    /// All orders.
    #[must_use]
    pub fn orders(&self) -> &[Order] {
        &self.orders
    }

    /// The order with this reference.
    #[must_use]
    pub fn find(&self, order: &OrderRef) -> Option<&Order> {
        self.orders.binary_search_by(|known| known.order.cmp(order)).ok().and_then(|i| self.orders.get(i))
    }

    /// Every course that an order names.
    #[must_use]
    pub fn courses(&self) -> BTreeSet<&CourseId> {
        self.orders.iter().filter_map(|order| order.courses.as_deref()).flatten().collect()
    }

    /// How many copies of a course there are.
    #[must_use]
    pub fn count(&self, course: &CourseId) -> u64 {
        self.orders.iter().filter(|order| order.opens(course)).map(|order| u64::from(order.seats)).sum()
    }

    /// SHA-256 of the copies of a course: for each order, in byte order of its provider, then of its id, the line
    /// `PROVIDER:ID <tab> SEATS <line feed>`.
    #[must_use]
    pub fn digest(&self, course: &CourseId) -> [u8; 32] {
        let mut lines = String::new();
        for Order { order, seats, .. } in self.orders.iter().filter(|order| order.opens(course)) {
            lines.extend([order.provider.as_str(), ":", order.order_id.as_str(), "\t", &seats.to_string(), "\n"]);
        }
        sha256(lines.as_bytes())
    }

    /// Reads lines of JSON as `GET /ledger` of a key endpoint writes them.
    ///
    /// # Errors
    /// Every line that is not an order, with its place.
    pub fn from_ledger(name: &str, text: &str) -> Result<Self, Diagnostics> {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let read: Vec<Result<Option<Line>, serde_json::Error>> = lines
            .par_iter()
            .map(|line| if line.trim().is_empty() { Ok(None) } else { serde_json::from_str::<Line>(line.trim()).map(Some) })
            .collect();
        let (mut faults, mut orders, mut at) = (Faults::new(name, text), Vec::with_capacity(read.len()), 0);
        let mut courses = Interned::default();
        for (line, read) in lines.iter().zip(read) {
            let whole = at..at + line.trim_end().len();
            at += line.len();
            match read {
                Ok(None) => {}
                Ok(Some(line)) if !fits(u64::from(line.seats)) => faults.seats(whole, &line.seats.to_string()),
                Ok(Some(line)) => orders.push(Order { order: line.order, seats: line.seats, courses: courses.of(line.courses) }),
                Err(error) => {
                    let start = at - line.len() + error.column().saturating_sub(1).min(line.trim_end().len());
                    let start = (0..=start).rev().find(|i| text.is_char_boundary(*i)).unwrap_or_default();
                    let why = error.to_string();
                    let why = why.split(" at line ").next().unwrap_or_default();
                    faults.add(start..start + 1, format!("this line is no order of a ledger: {why}"), LEDGER);
                }
            }
        }
        faults.finish(orders)
    }

    /// Reads a table whose columns are known.
    ///
    /// # Errors
    /// Every line that does not name an order, with its place.
    pub fn from_table(table: &Table<'_>, columns: &Columns) -> Result<Self, Diagnostics> {
        let (mut faults, mut orders) = (Faults::new(table.name, table.text), Vec::new());
        let mut reader = table.reader();
        let mut record = csv::StringRecord::new();
        let mut first = true;
        loop {
            match reader.read_record(&mut record) {
                Ok(false) => break,
                Ok(true) => {}
                Err(error) => {
                    let at = error.position().map_or(0, |p| p.byte() as usize);
                    faults.add(table.line(at), format!("this line cannot be read: {error}"), "export the file again");
                    break;
                }
            }
            let at = record.position().map_or(0, |p| p.byte() as usize);
            if std::mem::take(&mut first) || record.iter().all(|value| value.trim().is_empty()) {
                continue;
            }
            match columns.order(&record) {
                Ok(order) => orders.push(order),
                Err((value, message, hint)) => faults.add(table.place(at, &value), message, hint),
            }
        }
        faults.finish(orders)
    }
}

impl Order {
    /// True if it opens this course, or may.
    #[must_use]
    pub fn opens(&self, course: &CourseId) -> bool {
        self.courses.as_ref().is_none_or(|courses| courses.contains(course))
    }
}

const LEDGER: &str = "fetch the ledger again, whole: nothing is traced with half a list of copies";

fn fits(seats: u64) -> bool {
    (1..=u64::from(SEATS_MAX)).contains(&seats)
}

/// What of a ledger's line names copies; the rest is for others.
#[derive(Deserialize)]
struct Line {
    order: OrderRef,
    #[serde(default = "one")]
    seats: u32,
    #[serde(default)]
    courses: Vec<CourseId>,
}

fn one() -> u32 {
    1
}

/// Lists of courses, each kept once: there are few, and a million orders. An empty list says nothing: products may have been renumbered
/// since, so such an order counts for every course.
#[derive(Default)]
struct Interned(HashMap<Vec<CourseId>, Arc<[CourseId]>>);

impl Interned {
    fn of(&mut self, courses: Vec<CourseId>) -> Option<Arc<[CourseId]>> {
        if courses.is_empty() {
            return None;
        }
        Some(Arc::clone(self.0.entry(courses).or_insert_with_key(|courses| courses.as_slice().into())))
    }
}

/// A table of comma-separated values that has a line of names on top.
#[derive(Debug, Clone, Copy)]
pub struct Table<'a> {
    /// The file's name, for what is wrong.
    pub name: &'a str,
    /// All of it, without a byte order mark.
    pub text: &'a str,
}

impl<'a> Table<'a> {
    /// A file's text.
    #[must_use]
    pub fn new(name: &'a str, text: &'a str) -> Self {
        Self { name, text: text.trim_start_matches('\u{feff}') }
    }

    /// The first of these columns that stands in it twice: then nobody knows which of them is meant.
    #[must_use]
    pub fn doubled<'n>(&self, names: &[&'n str]) -> Option<&'n str> {
        let header = self.header();
        names.iter().copied().find(|name| header.iter().filter(|known| known == name).count() > 1)
    }

    /// The names of its columns, lower case, with `_` for spaces.
    #[must_use]
    pub fn header(&self) -> Vec<String> {
        let mut record = csv::StringRecord::new();
        match self.reader().read_record(&mut record) {
            Ok(true) => record.iter().map(|name| name.trim().to_lowercase().replace(' ', "_")).collect(),
            _ => Vec::new(),
        }
    }

    /// Spreadsheets write semicolons where the comma is a decimal sign.
    fn reader(&self) -> csv::Reader<&'a [u8]> {
        let top = self.text.lines().next().unwrap_or_default();
        let delimiter = if top.contains(';') && !top.contains(',') { b';' } else { b',' };
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(self.text.as_bytes())
    }

    /// The line that holds the byte `at`, or begins behind it.
    fn line(&self, at: usize) -> std::ops::Range<usize> {
        let rest = self.text.get(at..).unwrap_or_default();
        let start = at + (rest.len() - rest.trim_start_matches(['\r', '\n']).len());
        let line = self.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        start..start + line.len()
    }

    /// Where a value stands in the record that begins at `at`.
    fn place(&self, at: usize, value: &str) -> std::ops::Range<usize> {
        let line = self.line(at);
        match self.text.get(line.clone()).and_then(|text| text.find(value)).filter(|_| !value.is_empty()) {
            Some(i) => line.start + i..line.start + i + value.len(),
            None => line,
        }
    }
}

/// Where a table has what a copy is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// Who sold it: a column, or the same for all.
    pub provider: Source,
    /// The column of the provider's id of the order.
    pub order_id: usize,
    /// The columns of the number of copies: of several the largest number counts, and 1 where there is none. Too many copies cost a little of
    /// the odds; one too few could not be found.
    pub seats: Vec<usize>,
    /// The provider whose ids are numbers.
    pub numbered: Provider,
}

/// The names of the columns of [`Columns::plain`].
pub const PLAIN: [&str; 4] = ["provider", "order_id", "seats", "quantity"];

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A column.
    Column(usize),
    /// The same everywhere.
    Fixed(Provider),
}

impl Columns {
    /// The columns `provider`, `order_id`, and `seats` and `quantity` where they are.
    #[must_use]
    pub fn plain(header: &[String], numbered: Provider) -> Option<Self> {
        let [provider, order_id, seats, quantity] = PLAIN.map(|name| header.iter().position(|known| known == name));
        let seats = [seats, quantity].into_iter().flatten().collect();
        Some(Self { provider: Source::Column(provider?), order_id: order_id?, seats, numbered })
    }

    /// Else: the value that is wrong, what is wrong with it, and what to do.
    fn order(&self, record: &csv::StringRecord) -> Result<Order, (String, String, &'static str)> {
        let value = |column: usize| record.get(column).map(str::trim).unwrap_or_default();
        let provider = match &self.provider {
            Source::Fixed(provider) => provider.clone(),
            Source::Column(column) => Provider::parse(value(*column)).map_err(|e| {
                let text = value(*column);
                (text.to_owned(), format!("`{text}` is no provider: {e}"), "write it as orders do, such as `lemon_squeezy`")
            })?,
        };
        let id = value(self.order_id);
        let wrong = |why: String, hint| (id.to_owned(), format!("`{id}` is no order id: {why}"), hint);
        let number = (1..=20).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit()) && !id.starts_with('0');
        if provider == self.numbered && !number {
            return Err(wrong(format!("ids of {provider} are whole numbers"), DAMAGED));
        }
        let order_id = OrderId::parse(id).map_err(|e| wrong(e.to_string(), "every line names an order; take other lines out"))?;
        let mut seats = 1;
        for text in self.seats.iter().map(|column| value(*column)).filter(|text| !text.is_empty()) {
            let number = text.parse::<u32>().ok().filter(|n| fits(u64::from(*n)));
            seats = seats.max(number.ok_or_else(|| (text.to_owned(), format!("`{text}` is no number of copies"), SEATS))?);
        }
        Ok(Order { order: OrderRef { provider, order_id }, seats, courses: None })
    }
}

const DAMAGED: &str = "spreadsheets round long numbers, and write them with points or as 7E+06: export the list again, and do not save it there; an \
    order's number on its receipt is not its id";

const SEATS: &str = "an order has 1 to 100000 copies";

/// What is wrong with a list, at most as much as anybody reads.
struct Faults<'a> {
    name: &'a str,
    text: &'a str,
    found: Diagnostics,
    count: usize,
}

impl<'a> Faults<'a> {
    fn new(name: &'a str, text: &'a str) -> Self {
        Self { name, text, found: Diagnostics::new(), count: 0 }
    }

    fn add(&mut self, span: std::ops::Range<usize>, message: String, hint: &str) {
        self.count += 1;
        if self.count <= SHOWN {
            self.found.push(Diagnostic::error("orders/line", message).at(self.name, self.text, span).hint(hint));
        }
    }

    fn seats(&mut self, span: std::ops::Range<usize>, value: &str) {
        self.add(span, format!("`{value}` is no number of copies"), SEATS);
    }

    fn finish(mut self, orders: Vec<Order>) -> Result<Copies, Diagnostics> {
        if self.count > SHOWN {
            let more = format!("and {} more lines that cannot be read", self.count - SHOWN);
            self.found.push(Diagnostic::error("orders/more", more).in_file(self.name));
        }
        if self.count == 0 && orders.is_empty() {
            let none = Diagnostic::error("orders/none", "this file names no order").in_file(self.name);
            self.found.push(none.hint("without orders there is no copy that could be found"));
        }
        if self.found.is_empty() { Ok(Copies::new(orders)) } else { Err(self.found) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Result<Vec<String>, String> {
        let table = Table::new("orders.csv", text);
        let columns = Columns::plain(&table.header(), Provider::parse("lemon_squeezy").unwrap()).ok_or("no columns")?;
        show(Copies::from_table(&table, &columns))
    }

    fn show(copies: Result<Copies, Diagnostics>) -> Result<Vec<String>, String> {
        let line = |o: &Order| format!("{} {} {}", o.order, o.seats, o.courses.as_ref().map_or(String::from("*"), |c| c.len().to_string()));
        copies.map(|copies| copies.orders().iter().map(line).collect()).map_err(|found| found.render(99))
    }

    #[test]
    fn a_table_is_read_whatever_wrote_it() {
        let want = Ok(vec!["lemon_squeezy:7 2 *".to_owned(), "manual:a 1 *".to_owned()]);
        assert_eq!(table("provider,order_id,seats\nmanual,a,\nlemon_squeezy,7,2\n"), want);
        assert_eq!(table("\u{feff}Name;Provider;Order ID;Quantity\r\n\"A; B\";manual;a;1\r\n\r\nC;lemon_squeezy;7;2\r\n"), want);
        assert_eq!(table("order_id,provider,quantity\n7,lemon_squeezy,1\na,manual\n7,lemon_squeezy,2\n"), want);
    }

    #[test]
    fn broken_lines_are_located_all_at_once() {
        let found = table("provider,order_id,seats\nmanual,a,1\nManual,b,1\nmanual,,1\nmanual,c,0\n\"manual\",d,many\n").unwrap_err();
        for want in ["orders.csv:3:1", "`Manual` is no provider", "orders.csv:4:1", "orders.csv:5:10", "`many`", "orders.csv:6:12"] {
            assert!(found.contains(want), "{want} is not in\n{found}");
        }
        let found = table(&format!("provider,order_id\n{}", "manual,\n".repeat(1_000))).unwrap_err();
        assert_eq!(found.matches("error[orders/line]").count(), 5);
        assert!(found.contains("and 995 more lines"), "{found}");
        assert!(table("provider,order_id\n").unwrap_err().contains("names no order"));
        assert_eq!(table("a,b\n1,2\n"), Err("no columns".into()));
    }

    #[test]
    fn ids_that_a_spreadsheet_damaged_are_no_ids() {
        for id in ["7E+06", "7000001.0", "007", "7,000,001", "\u{ff17}", "-7", "7 0"] {
            let found = table(&format!("provider,order_id\nlemon_squeezy,1\nlemon_squeezy,\"{id}\"\nmanual,\"{id}\"\n"));
            let found = found.unwrap_err();
            assert!(found.contains("orders.csv:3:") && found.contains("export the list again") && !found.contains(":4:"), "{id}: {found}");
        }
    }

    #[test]
    fn of_two_numbers_of_copies_the_larger_counts_and_of_two_columns_none() {
        let read = |text: &str| table(text).map(|orders| orders.join(" "));
        assert_eq!(read("provider,order_id,seats,quantity\nm,a,2,5\nm,b,7,\nm,c,,\n").as_deref(), Ok("m:a 5 * m:b 7 * m:c 1 *"));
        let doubled = |header: &str| Table::new("t", header).doubled(&PLAIN);
        assert_eq!(doubled("provider,Order ID,order_id,seats\n"), Some("order_id"));
        assert_eq!(doubled("provider,order_id,name,name\n"), None);
    }

    #[test]
    fn a_ledger_is_read_and_its_broken_lines_are_located() {
        let line =
            |order: &str, courses: &str| format!("{{\"order\":\"{order}\",\"state\":\"refunded\",\"seats\":3,\"courses\":[{courses}]}}\n");
        let text = format!("{}\n{}", line("manual:b", "\"x\",\"y\""), line("manual:a", ""));
        assert_eq!(show(Copies::from_ledger("l", &text)), Ok(vec!["manual:a 3 *".into(), "manual:b 3 2".into()]));
        let broken = format!("{text}{{\"order\":\"nobody\"}}\n{{\"order\":\n{}", line("manual:c", "").replace('3', "0"));
        let found = show(Copies::from_ledger("ledger.ndjson", &broken)).unwrap_err();
        for want in ["ledger.ndjson:4:", "provider:order id", "ledger.ndjson:5:", "ledger.ndjson:6:", "`0` is no number"] {
            assert!(found.contains(want), "{want} is not in\n{found}");
        }
    }

    #[test]
    fn copies_are_counted_and_hashed_by_course() {
        let (x, y) = (CourseId::parse("x").unwrap(), CourseId::parse("y").unwrap());
        let text = "{\"order\":\"m:b\",\"seats\":3,\"courses\":[\"x\"]}\n{\"order\":\"m:a\"}\n";
        let copies = Copies::from_ledger("l", text).unwrap();
        assert_eq!((copies.count(&x), copies.count(&y)), (4, 1));
        assert_eq!(copies.digest(&x), sha256(b"m:a\t1\nm:b\t3\n"));
        assert!(copies.find(&"m:b".parse().unwrap()).is_some() && copies.find(&"m:c".parse().unwrap()).is_none());
    }
}

//! `bookplate orders`: what was sold, one order with its facts; taking keys back and giving them again; deleting a buyer.

use std::path::Path;

use anyhow::Result;
use jiff::Timestamp;

use super::args::{BooksArguments, OrdersCommand, Table};
use super::ledger::{lines, named, remote};
use super::reconcile;
use super::shop::Desk;
use crate::fs;
use crate::keyserver::system_clock;
use crate::protocol::OrderRef;
use crate::store::{self, LedgerLine, OrdersError};

pub(super) fn run(command: &OrdersCommand) -> Result<()> {
    match command {
        OrdersCommand::List { json, books } => list(books, *json),
        OrdersCommand::Show { order, books } => show(books, order),
        OrdersCommand::Revoke { order, shop } => revoke(&Desk::open(shop)?, order),
        OrdersCommand::Restore { order, shop } => restore(&Desk::open(shop)?, order),
        OrdersCommand::Forget { order, shop } => forget(&Desk::open(shop)?, order),
        OrdersCommand::Reconcile(arguments) => reconcile::run(arguments),
        OrdersCommand::Export { format, out, books } => export(books, *format, out.as_deref()),
    }
}

fn list(books: &BooksArguments, json: bool) -> Result<()> {
    let lines = lines(books)?;
    if lines.is_empty() && !json {
        say!("no orders yet");
    }
    for line in lines.iter().rev() {
        if json { say!("{}", serde_json::to_string(line)?) } else { say!("{}", as_row(line)) }
    }
    Ok(())
}

fn show(books: &BooksArguments, order: &str) -> Result<()> {
    if let Some(endpoint) = &books.endpoint {
        let lines = remote(endpoint)?;
        describe(named(&lines, order)?);
        return Ok(());
    }
    let desk = Desk::open(&books.shop)?;
    let order = desk.order(order)?;
    let (line, facts) = store::show(&*desk.store, &desk.catalog, &order, system_clock())?;
    describe(&line.into());
    for fact in facts {
        say!("  {}  {}", when(fact.at), fact.describe());
    }
    Ok(())
}

fn describe(line: &LedgerLine) {
    say!("{}", as_row(line));
    say!("  copies {}, new devices in 30 days {}, shown as \"{}\"", line.seats, line.devices_30d, line.display);
    if let Some(ended) = line.ended_at {
        say!("  open until {}", when(ended));
    }
}

fn revoke(desk: &Desk, order: &str) -> Result<()> {
    let order = desk.order(order)?;
    let now = store::revoke(&*desk.store, &order, system_clock())?;
    say!("{order} is {}: its readers see the locked page at their next daily check", now.state.name());
    say!("  what is published from now on can be closed to it for good:  bookplate rotate --due");
    Ok(())
}

fn restore(desk: &Desk, order: &str) -> Result<()> {
    let order = desk.order(order)?;
    let now = store::restore(&*desk.store, &order, system_clock())?;
    say!("{order} is {}: its readers open it with their code again", now.state.name());
    Ok(())
}

fn forget(desk: &Desk, order: &OrderRef) -> Result<()> {
    match store::forget(&*desk.store, order) {
        Ok(()) => {
            say!("{order} is deleted with its devices and codes; a hash of its id stays, so that a later message does not bring it back")
        }
        Err(OrdersError::Unknown(_)) => say!("there was no order {order}: nothing was deleted"),
        Err(error) => return Err(error.into()),
    }
    say!("  backups of the database and exports may still hold it; at the provider it is deleted there");
    Ok(())
}

fn export(books: &BooksArguments, format: Table, out: Option<&Path>) -> Result<()> {
    let lines = lines(books)?;
    let mut text = String::new();
    if format == Table::Csv {
        text.push_str(LedgerLine::COLUMNS);
        text.push('\n');
    }
    for line in &lines {
        match format {
            Table::Csv => text.push_str(&line.to_csv()),
            Table::Ndjson => text.push_str(&serde_json::to_string(line)?),
        }
        text.push('\n');
    }
    match out {
        Some(path) => {
            fs::write_private(path, text.as_bytes())?;
            eprintln!("{} orders to {}", lines.len(), path.display());
        }
        None => say!("{}", text.trim_end()),
    }
    Ok(())
}

fn as_row(line: &LedgerLine) -> String {
    let courses = line.courses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let number = line.number.as_deref().unwrap_or("-");
    format!("{}  {:<28} {number:<10} {:<10} {}{courses}", when(line.paid_at), line.order.to_string(), line.state.name(), money(line))
}

fn money(line: &LedgerLine) -> String {
    match (line.total, &line.currency) {
        (Some(total), Some(currency)) => format!("{}.{:02} {currency}  ", total / 100, total.rem_euclid(100)),
        _ => String::new(),
    }
}

/// `2026-03-02 10:00`, in UTC; a dash where nobody said.
fn when(seconds: u64) -> String {
    let known = i64::try_from(seconds).ok().filter(|s| *s > 0).and_then(|s| Timestamp::from_second(s).ok());
    known.map_or_else(|| format!("{:<16}", "-"), |at| at.strftime("%Y-%m-%d %H:%M").to_string())
}

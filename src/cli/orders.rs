//! `bookplate orders`: what was sold, one order with its facts; taking keys back and giving them again; deleting a buyer.

use std::path::Path;

use anyhow::{Result, bail};
use jiff::Timestamp;

use super::args::{BooksArguments, OrdersCommand, Table};
use super::books::Books;
use super::ledger::lines;
use super::{by_hand, reconcile};
use crate::diag::visible;
use crate::fs;
use crate::keyserver::system_clock;
use crate::protocol::OrderRef;
use crate::store::{self, Entitlement, Fact, LedgerLine, State, What};

pub(super) fn run(command: &OrdersCommand) -> Result<()> {
    match command {
        OrdersCommand::List { json, books } => list(books, *json),
        OrdersCommand::Show { order, books } => show(books, order),
        OrdersCommand::Revoke { order, books } => revoke(&Books::open(books)?, order),
        OrdersCommand::Restore { order, books } => restore(&Books::open(books)?, order),
        OrdersCommand::Forget { order, yes, books } => forget(&Books::open(books)?, order, *yes),
        OrdersCommand::Reconcile(arguments) => reconcile::run(arguments),
        OrdersCommand::Export { format, out, books } => export(books, *format, out.as_deref()),
    }
}

fn list(books: &BooksArguments, json: bool) -> Result<()> {
    let lines = lines(books)?;
    if lines.is_empty() && !json {
        say!("no orders yet");
        if books.endpoint.is_none()
            && let Some((endpoint, _)) = Books::open(books)?.endpoint_elsewhere()?
        {
            eprintln!("those of {endpoint}, where it keeps its own:  bookplate orders list --endpoint {endpoint}");
        }
    }
    for line in lines.iter().rev() {
        if json { say!("{}", serde_json::to_string(line)?) } else { say!("{}", as_row(line)) }
    }
    Ok(())
}

fn show(books: &BooksArguments, order: &str) -> Result<()> {
    let books = Books::open(books)?;
    let order = books.order(order)?;
    describe(&books.line(&order)?);
    let mut facts = books.facts().facts(&order)?;
    facts.sort_by_key(|fact| fact.at);
    for fact in facts {
        say!("  {}  {}", when(fact.at), visible(&fact.describe()));
    }
    Ok(())
}

fn describe(line: &LedgerLine) {
    say!("{}", as_row(line));
    say!("  copies {}, new devices in 30 days {}, shown as \"{}\"", line.seats, line.devices_30d, visible(&line.display));
    if let Some(ended) = line.ended_at {
        say!("  closed since {}", when(ended));
    } else if let Some(end) = line.expires_at.filter(|_| line.state == State::Active) {
        say!("  open until {}", when(end));
    }
}

/// The author's last word about an order.
fn last_word(facts: &[Fact]) -> Option<&What> {
    let words = facts.iter().filter(|fact| matches!(fact.what, What::Revoked | What::Restored));
    words.max_by_key(|fact| fact.at).map(|fact| &fact.what)
}

fn revoke(books: &Books<'_>, order: &str) -> Result<()> {
    let order = books.order(order)?;
    if matches!(last_word(&books.facts().facts(&order)?), Some(What::Revoked)) {
        say!("{order} is revoked already: nothing was changed");
        return Ok(());
    }
    let by_file = by_hand::is_given(books.facts(), &order)?;
    let now = store::revoke(books.facts(), &order, system_clock())?;
    // Whether files are published is known from the catalog; the order is revoked with or without one.
    let beside = match by_file.then(|| books.catalog()) {
        None => false,
        Some(Ok(catalog)) => catalog.endpoint.is_none(),
        Some(Err(why)) => {
            eprintln!("note: whether keyring files of it are published is not known here: {}", first_line(&why));
            false
        }
    };
    if beside {
        say!("{order} is {}: its keyring files are published until you make them again", now.state.name());
        say!("  now   bookplate issue --again --static static/keys; bookplate build; publish the site");
    } else {
        say!("{order} is {}: its readers see the locked page at their next daily check", now.state.name());
    }
    say!("  what is published from now on can be closed to it for good:  bookplate rotate --due");
    Ok(())
}

fn restore(books: &Books<'_>, order: &str) -> Result<()> {
    let order = books.order(order)?;
    let facts = books.facts().facts(&order)?;
    let open = Entitlement::of(&facts, system_clock()).state == State::Active;
    if open && matches!(last_word(&facts), Some(What::Restored)) {
        say!("{order} is restored already: nothing was changed");
        return Ok(());
    }
    let now = store::restore(books.facts(), &order, system_clock())?;
    say!("{order} is {}: its readers open it with their code again", now.state.name());
    Ok(())
}

fn forget(books: &Books<'_>, order: &OrderRef, sure: bool) -> Result<()> {
    if books.facts().facts(order)?.is_empty() {
        bail!("there is no order `{order}`, so nothing was deleted\n  = help: `bookplate orders list` shows all");
    }
    if !sure && !confirmed(&format!("Delete {order} and everything about its buyer, for ever?"))? {
        bail!("nothing was deleted");
    }
    // Afterwards nobody knows any more which files were its.
    let files = by_hand::names(books, order).unwrap_or_else(|why| {
        eprintln!("note: if it has keyring files beside the site, they cannot be named: {}", first_line(&why));
        Vec::new()
    });
    store::forget(books.facts(), order)?;
    say!("{order} is deleted with its devices and codes; a hash of its id stays, so that a later message does not bring it back");
    for name in files {
        say!("  remove its keyring file, if it is published:  static/keys/{name}");
    }
    say!("  backups of the database and exports may still hold it; at the provider it is deleted there");
    Ok(())
}

/// An error without its remedy.
fn first_line(why: &anyhow::Error) -> String {
    visible(format!("{why:#}").lines().next().unwrap_or_default())
}

/// Asks who sits at the terminal; a script that says nothing means what it says.
fn confirmed(question: &str) -> Result<bool> {
    use std::io::IsTerminal as _;
    if !std::io::stdin().is_terminal() {
        return Ok(true);
    }
    eprint!("{question} Type yes: ");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(line.trim().eq_ignore_ascii_case("yes"))
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
    visible(&format!(
        "{}  {:<28} {number:<10} {:<10} {}{courses}",
        when(line.paid_at),
        line.order.to_string(),
        line.state.name(),
        money(line)
    ))
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

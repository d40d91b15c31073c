//! `bookplate orders`: what was sold, one order with its facts, taking keys back.

use anyhow::Result;
use jiff::Timestamp;

use super::args::OrdersCommand;
use super::shop::Desk;
use crate::keyserver::system_clock;
use crate::store::{self, OrderLine};

pub(super) fn run(command: &OrdersCommand) -> Result<()> {
    match command {
        OrdersCommand::List { json, shop } => list(&Desk::open(shop)?, *json),
        OrdersCommand::Show { order, shop } => show(&Desk::open(shop)?, order),
        OrdersCommand::Revoke { order, shop } => revoke(&Desk::open(shop)?, order),
    }
}

fn list(desk: &Desk, json: bool) -> Result<()> {
    let lines = store::list(&*desk.store, &desk.catalog, system_clock())?;
    if lines.is_empty() && !json {
        say!("no orders yet in {}", desk.database.display());
    }
    for line in lines.iter().rev() {
        if json { say!("{}", as_json(line)) } else { say!("{}", as_row(line)) }
    }
    Ok(())
}

fn show(desk: &Desk, order: &str) -> Result<()> {
    let order = desk.order(order)?;
    let (line, facts) = store::show(&*desk.store, &desk.catalog, &order, system_clock())?;
    say!("{}", as_row(&line));
    say!("  copies {}, new devices in 30 days {}, shown as \"{}\"", line.entitlement.seats, line.new_devices, line.entitlement.display);
    for fact in facts {
        say!("  {}  {}", when(fact.at), fact.describe());
    }
    Ok(())
}

fn revoke(desk: &Desk, order: &str) -> Result<()> {
    let order = desk.order(order)?;
    let now = store::revoke(&*desk.store, &order, system_clock())?;
    say!("{order} is {}: its readers see the locked page at their next daily check", now.state.name());
    Ok(())
}

fn as_row(line: &OrderLine) -> String {
    let OrderLine { order, entitlement: e, courses, .. } = line;
    let courses = courses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let number = e.number.as_deref().unwrap_or("-");
    format!("{}  {order:<28} {number:<10} {:<10} {}{courses}", when(e.paid_at), e.state.name(), money(line))
}

fn as_json(line: &OrderLine) -> serde_json::Value {
    let OrderLine { order, entitlement: e, courses, new_devices, .. } = line;
    serde_json::json!({
        "order": order.to_string(), "number": e.number, "state": e.state.name(), "courses": courses, "seats": e.seats, "paid_at": e.paid_at,
        "currency": e.currency, "total": e.total, "refunded": e.refunded, "display": e.display, "devices_30d": new_devices,
    })
}

fn money(line: &OrderLine) -> String {
    match (line.entitlement.total, &line.entitlement.currency) {
        (Some(total), Some(currency)) => format!("{}.{:02} {currency}  ", total / 100, total.rem_euclid(100)),
        _ => String::new(),
    }
}

/// `2026-03-02 10:00`, in UTC; a dash where nobody said.
fn when(seconds: u64) -> String {
    let known = i64::try_from(seconds).ok().filter(|s| *s > 0).and_then(|s| Timestamp::from_second(s).ok());
    known.map_or_else(|| format!("{:<16}", "-"), |at| at.strftime("%Y-%m-%d %H:%M").to_string())
}

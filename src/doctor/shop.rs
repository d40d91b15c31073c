//! What is sold, and to whom.

use std::collections::BTreeMap;

use super::Check;
use crate::catalog::Catalog;
use crate::store::LedgerLine;

/// Most new devices of one order in 30 days that a reader with his family has.
const DEVICES: u32 = 15;

/// Rotations that were begun and not finished.
#[must_use]
pub fn epochs(catalog: &Catalog) -> Vec<Check> {
    let rotating = catalog.courses.iter().filter(|course| course.epochs.len() > 1);
    let checks: Vec<Check> = rotating
        .map(|course| {
            let (former, next) = (course.former_epoch().unwrap_or(course.sealed_epoch()), course.epoch());
            Check::warning(
                "epochs",
                format!("{}: {former} and {next} are served", course.id),
                format!("finish it: bookplate rotate {}", course.id),
            )
        })
        .collect();
    if checks.is_empty() { vec![Check::ok("epochs", "one for each course")] } else { checks }
}

/// Which orders were looked at. `place`: such as "at" an address.
#[must_use]
pub fn orders(place: &str, count: usize) -> Check {
    Check::ok("orders", format!("{count}, {place}"))
}

/// The orders of an endpoint that opens its ledger to nobody here.
#[must_use]
pub fn unknown_orders(endpoint: &str) -> Check {
    Check::warning("orders", format!("those of {endpoint} were not looked at"), "set BOOKPLATE_ADMIN_TOKEN here as there")
}

/// Orders that were taken back and could open what is published next.
#[must_use]
pub fn lapsed(catalog: &Catalog, orders: &[LedgerLine]) -> Vec<Check> {
    let count = |course| orders.iter().filter(|line| line.could_open(course)).count();
    let found: Vec<Check> = catalog
        .courses
        .iter()
        .map(|course| (course, count(course)))
        .filter(|(_, count)| *count > 0)
        .map(|(course, count)| {
            let value = format!("{}: {count} taken back could open the next publication", course.id);
            Check::warning("orders taken back", value, format!("bookplate rotate {}, or `rotate --due` on a schedule", course.id))
        })
        .collect();
    if found.is_empty() { vec![Check::ok("orders taken back", "none could open the next publication")] } else { found }
}

/// Orders that were opened on very many devices lately.
#[must_use]
pub fn devices(orders: &[LedgerLine]) -> Check {
    const THING: &str = "devices";
    let mut many: Vec<&LedgerLine> = orders.iter().filter(|line| line.devices_30d > DEVICES.saturating_mul(line.seats.max(1))).collect();
    many.sort_by_key(|line| std::cmp::Reverse(line.devices_30d));
    let Some(most) = many.first() else { return Check::ok(THING, "no order has very many") };
    let value = format!("{} with very many new ones in 30 days; {} has {}", many.len(), most.order, most.devices_30d);
    Check::warning(THING, value, format!("bookplate orders show {}", most.order))
}

/// Whether the products of the catalog come with licence keys: the only way in for who bought without our link. `keys`: what the provider
/// says by product, or why it says nothing; a product that is missing was not asked for.
#[must_use]
pub fn products(catalog: &Catalog, keys: &BTreeMap<u64, Result<bool, String>>) -> Vec<Check> {
    const THING: &str = "licence keys";
    let mut checks = Vec::new();
    for course in &catalog.courses {
        if course.products.is_empty() {
            checks.push(Check::warning(
                "products",
                format!("{}: no product opens it", course.id),
                "name one under `products:`, or give copies with `bookplate issue`",
            ));
        }
        for product in &course.products {
            let name = format!("product {} of {}", product.product, course.id);
            checks.push(match keys.get(&product.product) {
                Some(Ok(true)) => Check::ok(THING, format!("{name}: switched on")),
                Some(Ok(false)) => Check::error(
                    THING,
                    format!("{name}: switched off"),
                    "switch licence keys on for it at the provider: who buys without your link has no other way in",
                ),
                Some(Err(why)) => Check::warning(
                    THING,
                    format!("{name}: not checked, {why}"),
                    "try again later, or see at the provider that licence keys are switched on",
                ),
                None => Check::warning(
                    THING,
                    format!("{name}: not checked"),
                    "set BOOKPLATE_LEMON_SQUEEZY_API_KEY, or see at the provider that licence keys are switched on",
                ),
            });
        }
    }
    checks
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    fn catalog(epochs: &str) -> Catalog {
        let text = format!(
            r#"{{"version":1,"site":"s","origin":"https://example.com","base":"/","endpoint":null,"courses":[
            {{"id":"a","title":"A","url":"a/","params":"2.2048.1","epochs":{epochs},"rotated":100,
              "products":[{{"provider":"lemon_squeezy","store":1,"product":7}}]}}]}}"#
        );
        Catalog::from_json(text.as_bytes()).unwrap()
    }

    fn order(more: &str) -> LedgerLine {
        serde_json::from_str(&format!(r#"{{"order":"manual:a","state":"refunded","seats":1,"courses":["a"],{more}}}"#)).unwrap()
    }

    #[test]
    fn an_unfinished_rotation_and_orders_that_are_due_are_warnings() {
        assert_eq!((epochs(&catalog("[1]"))[0].level, epochs(&catalog("[1,2]"))[0].level), (Level::Ok, Level::Warning));
        let level = |ended: u32| lapsed(&catalog("[1]"), &[order(&format!("\"ended_at\":{ended}"))])[0].level;
        assert_eq!((level(99), level(101)), (Level::Ok, Level::Warning));
    }

    #[test]
    fn very_many_devices_are_counted_by_copy() {
        let level = |devices: u32, seats: u32| {
            let line = LedgerLine { seats, ..order(&format!("\"devices_30d\":{devices}")) };
            devices_of(&[line])
        };
        fn devices_of(lines: &[LedgerLine]) -> Level {
            super::devices(lines).level
        }
        assert_eq!((level(15, 1), level(16, 1), level(16, 2)), (Level::Ok, Level::Warning, Level::Ok));
        assert_eq!(level(u32::MAX, u32::MAX), Level::Ok);
    }

    #[test]
    fn a_product_without_licence_keys_is_an_error() {
        let level = |keys: &[(u64, Result<bool, String>)]| products(&catalog("[1]"), &keys.iter().cloned().collect())[0].level;
        assert_eq!((level(&[(7, Ok(true))]), level(&[(7, Ok(false))]), level(&[])), (Level::Ok, Level::Error, Level::Warning));
        assert_eq!(level(&[(7, Err("timed out".into()))]), Level::Warning);
    }
}

//! Keyrings as files for everybody who paid: sealed under the licence keys that the provider mailed.

use std::collections::{BTreeMap, BTreeSet};

use secrecy::ExposeSecret as _;

use crate::catalog::{Catalog, Course};
use crate::pay::{Item, Licence, Meaning};
use crate::protocol::{Epoch, Keyring, OrderRef, Provider, Scope, SiteId, SiteKey, StaticCode, StaticKeyring, decoy};
use crate::store::{Digests, Entitlement, Fact, State};

/// The fewest files of a course and epoch: so few buyers look like this many.
const FEWEST: usize = 8;

/// The keyrings of a shop, and how many of them are real.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyrings {
    /// Real ones and decoys, sorted by path: equal input gives equal files.
    pub files: Vec<StaticKeyring>,
    /// Copies that can be opened.
    pub copies: usize,
}

/// Makes a keyring for every good licence key of every order that opens something at `now` (seconds since 1970), in each epoch that the
/// course serves, and decoys up to a power of two. `told` is what the provider's API shows: orders, licence keys, subscriptions. Test
/// orders and products that the catalog does not have are passed over.
#[must_use]
pub fn keyrings(catalog: &Catalog, key: &SiteKey, provider: &Provider, told: &[Meaning], now: u64) -> Keyrings {
    let shop = Shop { catalog, key, provider, digests: Digests::new(key, &catalog.site) };
    let orders = shop.orders(told);
    let mut real: BTreeMap<(usize, Epoch), Vec<StaticKeyring>> = BTreeMap::new();
    let mut copies = BTreeSet::new();
    for licence in told.iter().filter_map(|meaning| if let Meaning::Licence(licence) = meaning { Some(licence) } else { None }) {
        let Some((order, facts)) = shop.order(&licence.order).and_then(|order| orders.get_key_value(&order)) else { continue };
        for (place, epoch, keyring) in shop.copies(order, facts, licence, now) {
            copies.insert(keyring.path.clone());
            real.entry((place, epoch)).or_default().push(keyring);
        }
    }
    let mut files: Vec<StaticKeyring> = Vec::new();
    for (place, course) in catalog.courses.iter().enumerate() {
        for epoch in &course.epochs {
            let found = real.remove(&(place, *epoch)).unwrap_or_default();
            let wanted = found.len().next_power_of_two().max(FEWEST) - found.len();
            let scope = scope(&catalog.site, course, *epoch);
            files.extend(found);
            files.extend((0..).take(wanted).map(|i| decoy(key, &scope, i)));
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    Keyrings { files, copies: copies.len() }
}

fn scope(site: &SiteId, course: &Course, epoch: Epoch) -> Scope {
    Scope { site: site.clone(), course: course.id.clone(), epoch, params: course.params }
}

struct Shop<'a> {
    catalog: &'a Catalog,
    key: &'a SiteKey,
    provider: &'a Provider,
    digests: Digests,
}

impl Shop<'_> {
    fn order(&self, id: &str) -> Option<OrderRef> {
        format!("{}:{id}", self.provider).parse().ok()
    }

    fn sells(&self, item: Item, test_mode: bool) -> bool {
        !test_mode && self.catalog.sold_as(self.provider, item.store, item.product, item.variant).next().is_some()
    }

    /// What was told, as facts by order: the same facts that webhooks would have told, judged by the same rules.
    fn orders(&self, told: &[Meaning]) -> BTreeMap<OrderRef, Vec<Fact>> {
        let mut facts: Vec<Fact> = Vec::new();
        let mut subscriptions: BTreeMap<&str, OrderRef> = BTreeMap::new();
        for meaning in told {
            let fact = match meaning {
                Meaning::Order(o) if self.sells(o.item, o.test_mode) => Fact::from_order(self.provider, o, &self.digests),
                Meaning::Licence(l) if self.sells(l.item, l.test_mode) => Fact::from_licence(self.provider, l, &self.digests),
                Meaning::Subscription(s) if self.sells(s.item, s.test_mode) => {
                    subscriptions.extend(self.order(&s.order).map(|order| (s.id.as_str(), order)));
                    Fact::from_subscription(self.provider, s)
                }
                _ => continue,
            };
            facts.extend(fact.ok());
        }
        // A payment names its subscription alone.
        for meaning in told {
            if let Meaning::Invoice(invoice) = meaning
                && let Some(order) = subscriptions.get(invoice.subscription.as_str())
            {
                facts.push(Fact::from_invoice(order.clone(), invoice));
            }
        }
        let mut orders: BTreeMap<OrderRef, Vec<Fact>> = BTreeMap::new();
        for fact in facts {
            orders.entry(fact.order.clone()).or_default().push(fact);
        }
        orders
    }

    /// The keyrings of one licence key: one for each course and epoch that it opens.
    fn copies(&self, order: &OrderRef, facts: &[Fact], licence: &Licence, now: u64) -> Vec<(usize, Epoch, StaticKeyring)> {
        let entitlement = Entitlement::of(facts, now);
        let key = licence.key.expose_secret();
        let Some(seat) = entitlement.seat(&self.digests.licence(key)).filter(|seat| entitlement.state_of(*seat) == State::Active) else {
            return Vec::new();
        };
        let Ok(code) = StaticCode::parse(key) else { return Vec::new() };
        let buyer = self.key.buyer(&self.catalog.site, order, seat);
        let opened: Vec<&Course> = entitlement.opens(order, self.catalog);
        let mut all = Vec::new();
        for (place, course) in self.catalog.courses.iter().enumerate().filter(|(_, course)| opened.iter().any(|o| o.id == course.id)) {
            for epoch in &course.epochs {
                let keyring = Keyring::issue(self.key, &self.catalog.site, &course.id, *epoch, course.params, &buyer, &entitlement.display);
                all.push((place, *epoch, keyring.seal_static(&code)));
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pay::lemon_squeezy::read;
    use crate::protocol::static_path;
    use serde_json::{Value, json};

    const CATALOG: &str = r#"{"version":1,"site":"s","origin":"https://example.com","base":"/","endpoint":null,"courses":[
        {"id":"birds","title":"Birds","url":"birds/","epochs":[2,3],"params":"2.64.1","products":[{"provider":"lemon_squeezy","store":1,"product":2}]},
        {"id":"trees","title":"Trees","url":"trees/","epochs":[1],"params":"2.64.1","products":[{"provider":"lemon_squeezy","store":1,"product":3}]}]}"#;

    fn catalog() -> Catalog {
        Catalog::from_json(CATALOG.as_bytes()).unwrap()
    }

    fn event(name: &str, id: u64, attributes: &Value) -> Meaning {
        let mut body = json!({ "meta": { "event_name": name }, "data": { "id": id.to_string(), "attributes": {
            "store_id": 1, "created_at": "2026-03-02T10:00:00.000000Z", "updated_at": "2026-03-02T10:00:00.000000Z" } } });
        for (member, value) in attributes.as_object().unwrap() {
            body["data"]["attributes"][member] = value.clone();
        }
        read(body.to_string().as_bytes()).unwrap().meaning
    }

    fn order(id: u64, product: u64, status: &str) -> Meaning {
        let item = json!({ "product_id": product, "variant_id": 9, "quantity": 1 });
        event("order_created", id, &json!({ "total": 4900, "status": status, "order_number": 1_000_000 + id, "first_order_item": item }))
    }

    fn licence(order: u64, product: u64, status: &str) -> Meaning {
        event(
            "license_key_created",
            80_000 + order,
            &json!({ "order_id": order, "product_id": product, "key": text(order), "status": status }),
        )
    }

    fn text(order: u64) -> String {
        format!("38B1460A-5104-4067-A91D-{order:012}")
    }

    fn make(told: &[Meaning]) -> Keyrings {
        keyrings(&catalog(), &SiteKey::from_bytes([6; 32]), &Provider::parse("lemon_squeezy").unwrap(), told, 1_772_500_000)
    }

    /// The epochs of `birds` that an order's licence key opens.
    fn opened(made: &Keyrings, order: u64) -> Vec<u32> {
        let (catalog, code) = (catalog(), StaticCode::parse(&text(order)).unwrap());
        let course = &catalog.courses[0];
        let epochs = course.epochs.iter().filter(|epoch| {
            let path = static_path(&code, &catalog.site, &course.id, **epoch);
            let Some(file) = made.files.iter().find(|file| file.path == path) else { return false };
            Keyring::open_static(&code, &catalog.site, &course.id, **epoch, &file.bytes).is_ok()
        });
        epochs.map(|epoch| epoch.0).collect()
    }

    #[test]
    fn paid_orders_get_one_in_every_epoch_and_nobody_else_does() {
        let told = [
            (order(1, 2, "paid"), licence(1, 2, "active")),
            (order(2, 2, "refunded"), licence(2, 2, "active")),
            (order(3, 2, "paid"), licence(3, 2, "disabled")),
            (order(4, 2, "pending"), licence(4, 2, "active")),
            (order(5, 77, "paid"), licence(5, 77, "active")),
            (order(6, 2, "fraudulent"), licence(6, 2, "active")),
        ];
        let told: Vec<Meaning> = told.into_iter().flat_map(|(order, licence)| [licence, order]).collect();
        let made = make(&told);
        let each: Vec<Vec<u32>> = (1..=6).map(|id| opened(&made, id)).collect();
        assert_eq!(each, [vec![2, 3], vec![], vec![], vec![], vec![], vec![]]);
        assert_eq!(made.copies, 2);
    }

    #[test]
    fn their_number_tells_nothing_and_equal_orders_give_equal_files() {
        let nobody = make(&[]);
        let told = |n: u64| (1..=n).flat_map(|id| [order(id, 2, "paid"), licence(id, 2, "active")]).collect::<Vec<_>>();
        assert_eq!((nobody.files.len(), make(&told(1)).files.len(), make(&told(8)).files.len()), (24, 24, 24));
        assert_eq!(make(&told(9)).files.len(), 16 + 16 + 8);
        let lengths: BTreeSet<usize> = make(&told(1)).files.iter().map(|file| file.path.len()).collect();
        assert_eq!(lengths.len(), 1);
        let mut turned = told(9);
        turned.reverse();
        assert_eq!(make(&told(9)), make(&turned));
    }

    #[test]
    fn a_subscription_that_ended_closes_its_order() {
        let subscription = |status: &str| {
            let mut attributes = json!({ "order_id": 1, "product_id": 2, "variant_id": 9, "status": status });
            attributes["updated_at"] = "2026-03-02T11:00:00.000000Z".into();
            event("subscription_updated", 500, &attributes)
        };
        let told = |status: &str| vec![order(1, 2, "paid"), licence(1, 2, "active"), subscription(status)];
        assert_eq!(opened(&make(&told("active")), 1), [2, 3]);
        assert!(opened(&make(&told("expired")), 1).is_empty());
    }
}

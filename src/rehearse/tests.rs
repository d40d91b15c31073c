use super::*;
use crate::pay::{Meaning, Status};

/// 2026-03-02T10:00:00Z.
const NOW: u64 = 1_772_445_600;

fn shop() -> Shop {
    Shop::new("secret", 10_001)
}

fn purchase() -> Purchase {
    Purchase::new(1_000_042, 40_001, 50_001, NOW)
}

#[track_caller]
fn read(signed: &Signed) -> Meaning {
    lemon_squeezy::verify(&["secret".into()], &signed.body, Some(&signed.signature)).expect("a good signature");
    let reading = lemon_squeezy::read(&signed.body).expect("an event");
    assert_eq!(reading.event, signed.event);
    reading.meaning
}

#[test]
fn what_it_says_is_what_pay_reads() {
    let Meaning::Order(order) = read(&shop().order_created(&purchase().claimed("ab".repeat(32)).copies(3))) else { panic!() };
    assert_eq!((order.id.as_str(), order.number.as_deref(), order.quantity), ("7000042", Some("1000042"), 3));
    assert_eq!((order.reference, order.claim), (Some(purchase().reference()), Some("ab".repeat(32))));
    assert_eq!((order.status, order.paid_at, order.initials.as_str()), (Status::Paid, NOW, "T. B."));
    let refunds = [(4900, Status::Refunded), (1500, Status::Paid)];
    for (cents, want) in refunds {
        let Meaning::Order(order) = read(&shop().order_refunded(&purchase(), cents, NOW + 9)) else { panic!() };
        assert_eq!((order.status, order.refunded), (want, cents));
    }
    let Meaning::Order(order) = read(&shop().order_fraudulent(&purchase(), NOW + 9)) else { panic!() };
    assert_eq!((order.status, order.at), (Status::Fraudulent, NOW + 9));
    let Meaning::Licence(licence) = read(&shop().license_key_of(&purchase(), 1, Some(NOW + 99))) else { panic!() };
    assert_eq!((licence.order.as_str(), licence.expires_at), ("7000042", Some(NOW + 99)));
    assert!(lemon_squeezy::is_key_shaped(&licence.key));
    assert_eq!(read(&shop().other_event()), Meaning::Ignored);
}

#[test]
fn bytes_are_styled_as_on_the_wire() {
    let purchase = purchase().named("Zo\u{eb} 王 \u{1f600} a/b \"c\"");
    let body = String::from_utf8(shop().order_created(&purchase).body).unwrap();
    assert!(body.starts_with(r#"{"meta":{"test_mode":true,"event_name":"order_created","webhook_id":"#), "{body}");
    assert!(body.contains(r#""user_name":"Zo\u00eb \u738b \ud83d\ude00 a\/b \"c\"""#), "{body}");
    assert!(body.contains(r"https:\/\/api.lemonsqueezy.com\/v1\/orders\/7000042"));
    let again = serde_json::to_vec(&serde_json::from_str::<serde_json::Value>(&body).unwrap()).unwrap();
    assert!(lemon_squeezy::verify(&["secret".into()], &again, Some(&shop().order_created(&purchase).signature)).is_err());
}

#[test]
fn equal_purchases_give_equal_bytes() {
    assert_eq!(shop().order_created(&purchase()), shop().order_created(&purchase()));
    assert_ne!(shop().order_created(&purchase()).body, shop().clone().live().order_created(&purchase()).body);
}

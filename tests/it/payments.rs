//! Lemon Squeezy's fixtures: signed bodies and licence answers, in the shapes of real deliveries and documents.

use std::path::PathBuf;

use bookplate::pay::lemon_squeezy::api::{self, Kind};
use bookplate::pay::lemon_squeezy::{meaning, read, sign, verify};
use bookplate::pay::{Answer, Invoice, Meaning, Verdict};
use secrecy::ExposeSecret as _;
use serde_json::Value;

/// Where the fixtures are, or `None` after a line that says so.
#[allow(clippy::print_stderr, reason = "says what was skipped")]
pub(crate) fn folder() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures");
    let folder = std::env::var_os("BOOKPLATE_FIXTURES").map_or(beside, PathBuf::from).join("payments/lemon_squeezy");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED payment fixtures: {} is missing (set BOOKPLATE_FIXTURES)", folder.display());
    None
}

pub(crate) fn json(path: PathBuf) -> Value {
    serde_json::from_slice(&std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))).expect("JSON")
}

/// The meaning of a body in one line.
fn line(meaning: &Meaning) -> String {
    match meaning {
        Meaning::Ignored => "ignored".into(),
        Meaning::Order(o) => {
            let (id, item) = (&o.id, o.item);
            let money = format!("{} {}-{}", o.currency.as_deref().unwrap_or("-"), o.total, o.refunded);
            format!(
                "order {id} {:?} {}/{}/{:?} x{} {money} `{}` test={} at {}",
                o.status, item.store, item.product, item.variant, o.quantity, o.initials, o.test_mode, o.at
            )
        }
        Meaning::Licence(l) => {
            let end = l.key.expose_secret().rsplit('-').next().unwrap_or_default().to_owned();
            format!("licence {} of {} ..{end} {:?} until {:?} test={} at {}", l.id, l.order, l.status, l.expires_at, l.test_mode, l.updated)
        }
        Meaning::Subscription(s) => {
            let item = s.item;
            let what = format!("{}/{}/{:?} x{}", item.store, item.product, item.variant, s.quantity);
            format!(
                "subscription {} of {} {:?} {what} renews {:?} ends {:?} test={} at {}",
                s.id, s.order, s.status, s.renews_at, s.ends_at, s.test_mode, s.updated
            )
        }
        Meaning::Invoice(i) => {
            let Invoice { id, subscription, status, billed_at, at, .. } = i;
            format!("payment {id} of {subscription} {status:?} made {billed_at} test={} at {at}", i.test_mode)
        }
    }
}

/// What each body means. Every fixture that is not here is ignored.
const MEANINGS: &[(&str, &str)] = &[
    ("order_created", "order 7000001 Paid 10001/40001/Some(50001) x1 USD 4900-0 `T. B.` test=true at 1772445604"),
    ("order_created_live_mode", "order 7000009 Paid 10001/40001/Some(50001) x1 USD 4900-0 `T. B.` test=false at 1772445604"),
    ("order_created_no_custom_data", "order 7000001 Paid 10001/40001/Some(50001) x1 USD 4900-0 `T. B.` test=true at 1772445604"),
    ("order_created_vat_inclusive_discount", "order 7000002 Paid 10001/40001/Some(50001) x1 EUR 3920-0 `T. K.` test=true at 1772445604"),
    ("order_created_free_full_discount", "order 7000003 Paid 10001/40001/Some(50001) x1 USD 0-0 `T. B.` test=true at 1772445604"),
    ("order_created_quantity_5", "order 7000004 Paid 10001/40001/Some(50001) x5 USD 24500-0 `T. B.` test=true at 1772445604"),
    ("order_created_pending", "order 7000005 Open 10001/40001/Some(50001) x1 USD 4900-0 `T. B.` test=true at 1772445604"),
    ("order_refunded_full", "order 7000001 Refunded 10001/40001/Some(50001) x1 USD 4900-4900 `T. B.` test=true at 1773043200"),
    ("order_refunded_partial", "order 7000001 Paid 10001/40001/Some(50001) x1 USD 4900-1500 `T. B.` test=true at 1772697601"),
    ("order_refunded_partial_status_paid", "order 7000001 Paid 10001/40001/Some(50001) x1 USD 4900-1500 `T. B.` test=true at 1772697601"),
    ("order_refunded_fraudulent", "order 7000006 Fraudulent 10001/40001/Some(50001) x1 USD 4900-4900 `T. B.` test=true at 1773043200"),
    ("license_key_created", "licence 80001 of 7000001 ..00000000ABCD Inactive until None test=true at 1772445600000000"),
    (
        "license_key_created_expiring",
        "licence 80002 of 7000001 ..00000000ABCD Inactive until Some(1803981600) test=true at 1772445600000000",
    ),
    ("license_key_updated_activated", "licence 80001 of 7000001 ..00000000ABCD Active until None test=true at 1772449200000000"),
    ("license_key_updated_disabled", "licence 80001 of 7000001 ..00000000ABCD Disabled until None test=true at 1773043202000000"),
    ("license_key_updated_disabled_bool", "licence 80001 of 7000001 ..00000000ABCD Disabled until None test=true at 1773043202000000"),
    ("license_key_updated_expired", "licence 80002 of 7000001 ..00000000ABCD Expired until Some(1803981600) test=true at 1803981605000000"),
    (
        "subscription_created",
        "subscription 90001 of 7000010 Active 10001/40002/Some(50002) x1 renews Some(1775124000) ends None test=true at 1772445604000000",
    ),
    (
        "subscription_created_on_trial",
        "subscription 90002 of 7000010 OnTrial 10001/40002/Some(50002) x1 renews Some(1773655200) ends None test=true at 1772445604000000",
    ),
    (
        "subscription_updated",
        "subscription 90001 of 7000010 Active 10001/40002/Some(50002) x1 renews Some(1775124000) ends None test=true at 1772445608000000",
    ),
    (
        "subscription_updated_past_due",
        "subscription 90001 of 7000010 PastDue 10001/40002/Some(50002) x1 renews Some(1775383200) ends None test=true at 1775124008000000",
    ),
    (
        "subscription_cancelled",
        "subscription 90001 of 7000010 Cancelled 10001/40002/Some(50002) x1 renews Some(1777716000) ends Some(1777716000) test=true at 1775815200000000",
    ),
    (
        "subscription_expired",
        "subscription 90001 of 7000010 Expired 10001/40002/Some(50002) x1 renews Some(1777716000) ends Some(1777716000) test=true at 1777716005000000",
    ),
    ("subscription_payment_success_initial", "payment 95001 of 90001 Paid made 1772445600 test=true at 1772445604"),
    ("subscription_payment_success_renewal", "payment 95002 of 90001 Paid made 1775124000 test=true at 1775124060"),
    ("subscription_payment_refunded_full", "payment 95001 of 90001 Refunded made 1772445600 test=true at 1773043200"),
    ("subscription_payment_refunded_partial_no_custom_data", "payment 95001 of 90001 Paid made 1772445600 test=true at 1772697601"),
];

#[test]
fn every_body_verifies_as_it_came_and_none_after_it_was_read_and_written() {
    let Some(folder) = folder() else { return };
    let index = json(folder.join("wire/SIGNATURES.json"));
    let secrets = [index["secret"].as_str().expect("a secret").into()];
    let fixtures = index["fixtures"].as_object().expect("fixtures");
    for (name, entry) in fixtures {
        let body = std::fs::read(folder.join(format!("wire/{name}.body"))).expect("a body");
        let signature = entry["x_signature"].as_str();
        assert_eq!(verify(&secrets, &body, signature), Ok(()), "{name}");
        let again = serde_json::to_vec(&serde_json::from_slice::<Value>(&body).unwrap()).unwrap();
        assert!(verify(&secrets, &again, signature).is_err(), "{name}");
        let mut flipped = body.clone();
        flipped[name.len()] ^= 1;
        assert!(verify(&secrets, &flipped, signature).is_err(), "{name}");
    }
    assert_eq!(fixtures.len(), 29);
}

#[test]
fn the_shared_vector_of_signatures_fits_and_its_edits_do_not() {
    let Some(folder) = folder() else { return };
    let vector = &json(folder.join("../signature_vectors.json"))["lemon_squeezy"];
    let secrets = [vector["secret"].as_str().expect("a secret").into()];
    let (body, good) = (vector["body"].as_str().expect("a body"), vector["headers"]["X-Signature"].as_str().expect("a signature"));
    assert_eq!((verify(&secrets, body.as_bytes(), Some(good)), sign(&secrets[0], body.as_bytes())), (Ok(()), good.to_owned()));
    for length in 0..body.len() {
        assert!(verify(&secrets, &body.as_bytes()[..length], Some(good)).is_err(), "cut to {length}");
    }
    for length in 0..good.len() {
        assert!(verify(&secrets, body.as_bytes(), Some(&good[..length])).is_err(), "signature cut to {length}");
    }
    let doubled = format!("{good}{good}");
    let listed = format!("{good},{good}");
    let wide: String = good.chars().map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c)).collect();
    for bad in [&doubled, &listed, &wide, &good.to_uppercase(), &format!("sha256={good}"), &format!(" {good}"), &format!("{}é", &good[1..])]
    {
        assert!(verify(&secrets, body.as_bytes(), Some(bad)).is_err(), "{bad}");
    }
    for secret in ["unit-test-secre", "unit-test-secret ", "Unit-test-secret", ""] {
        assert!(verify(&[secret.into()], body.as_bytes(), Some(good)).is_err(), "`{secret}`");
    }
}

#[test]
fn a_list_of_the_api_shows_the_order_that_its_webhook_showed() {
    let Some(folder) = folder() else { return };
    let list = std::fs::read(folder.join("api_orders_list_by_email.json")).expect("a list");
    let page = api::shown(Kind::Orders, &Answer { status: 200, body: list }, false).expect("a page");
    let told = read(&std::fs::read(folder.join("wire/order_created_no_custom_data.body")).expect("a body")).expect("an event").meaning;
    assert_eq!((page.shown, page.skipped, page.next), (vec![told], 0, None));
    // The browser's own event holds an order too, and is no webhook: nothing signs it.
    assert!(read(&std::fs::read(folder.join("lemonjs_checkout_success.json")).expect("an event")).is_err());
}

#[test]
fn every_body_means_what_it_should() {
    let Some(folder) = folder() else { return };
    let index = json(folder.join("wire/SIGNATURES.json"));
    for (name, entry) in index["fixtures"].as_object().expect("fixtures") {
        let reading = read(&std::fs::read(folder.join(format!("wire/{name}.body"))).expect("a body")).expect("an event");
        assert_eq!(Some(reading.event.as_str()), entry["event_header"].as_str(), "{name}");
        let want = MEANINGS.iter().find(|(n, _)| n == name).map_or("ignored", |(_, want)| want);
        assert_eq!(line(&reading.meaning), want, "{name}");
        if let Meaning::Order(order) = reading.meaning {
            assert_eq!(order.reference.as_deref(), Some("aaaaaaaa-0000-4000-8000-000000000001"), "{name}");
            assert_eq!((order.number.as_deref(), order.claim, order.paid_at), (Some("1000042"), None, 1_772_445_600), "{name}");
        }
    }
}

#[test]
fn every_licence_answer_means_what_it_should() {
    let Some(folder) = folder() else { return };
    for (name, want) in [
        ("validate_ok_key_only_200", "good 7000001 10001/40001/Some(50001) test=true"),
        ("validate_ok_instance_200", "good 7000001 10001/40001/Some(50001) test=true"),
        ("validate_disabled", "disabled"),
        ("validate_expired", "expired"),
        ("validate_not_found_404", "unknown"),
        ("missing_param_422", "none"),
        ("rate_limited_429", "none"),
        ("activate_ok_200", "none"),
        ("activate_limit_400", "none"),
        ("deactivate_ok_200", "none"),
    ] {
        let fixture = json(folder.join(format!("license_api/{name}.json")));
        let status = u16::try_from(fixture["http_status"].as_u64().expect("a status")).expect("a status");
        let given = match meaning(&Answer { status, body: fixture["body"].to_string().into_bytes() }) {
            Ok(Verdict::Good(v)) => {
                format!("good {} {}/{}/{:?} test={}", v.order, v.item.store, v.item.product, v.item.variant, v.test_mode)
            }
            Ok(Verdict::Expired(_)) => "expired".into(),
            Ok(Verdict::Disabled(_)) => "disabled".into(),
            Ok(Verdict::Unknown) => "unknown".into(),
            Err(_) => "none".to_owned(),
        };
        assert_eq!(given, want, "{name}");
    }
}

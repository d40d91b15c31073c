//! Subscriptions and licence keys through their webhooks.

use bookplate::catalog::Catalog;
use bookplate::rehearse::Shop;
use bookplate::store::Facts as _;
use serde_json::json;

use super::bench::{Bench, CATALOG, SECRET, purchase};
use super::told::{event, licence_updated, payment, subscription, time};

const DAY: u64 = 86_400;

/// A bench with subscription 90001, and a reader's token.
async fn subscribed() -> (Bench, String) {
    let bench = Bench::new();
    let token = bench.bought(&purchase()).await.token();
    bench.stored(subscription(&bench.shop, "subscription_created", "active", 4, json!({}))).await;
    bench.stored(payment(&bench.shop, "subscription_payment_success", "paid", 95_001, 0, 26)).await;
    (bench, token)
}

#[tokio::test]
async fn a_subscription_opens_until_its_end() {
    let (bench, token) = subscribed().await;
    let open = async || bench.refresh(&token, "ownership").await.word();
    let shop = &bench.shop;
    bench.pass(40 * DAY);
    assert_eq!(open().await, "200 -");
    bench.stored(subscription(shop, "subscription_updated", "past_due", 31 * DAY, json!({}))).await;
    let failed = payment(shop, "subscription_payment_failed", "pending", 95_002, 30 * DAY, 31 * DAY);
    assert_eq!((bench.hook(&failed).await.word(), open().await), ("200 ignored".into(), "200 -".into()));
    bench.stored(subscription(shop, "subscription_updated", "unpaid", 35 * DAY, json!({}))).await;
    assert_eq!(open().await, "403 expired");
    bench.stored(subscription(shop, "subscription_updated", "active", 36 * DAY, json!({}))).await;
    assert_eq!(open().await, "200 -");
    bench.stored(subscription(shop, "subscription_cancelled", "cancelled", 37 * DAY, json!({ "ends_at": time(60 * DAY) }))).await;
    assert_eq!(open().await, "200 -");
    bench.pass(20 * DAY);
    assert_eq!(open().await, "403 expired");
    // Older news that come late change nothing.
    bench.stored(subscription(shop, "subscription_resumed", "active", 36 * DAY + 1, json!({}))).await;
    assert_eq!(open().await, "403 expired");
}

#[tokio::test]
async fn a_pause_closes_or_not_as_it_says() {
    let (bench, token) = subscribed().await;
    for (after, mode, want) in [(10, "void", "403 expired"), (20, "free", "200 -")] {
        bench.stored(subscription(&bench.shop, "subscription_paused", "paused", after, json!({ "pause": { "mode": mode } }))).await;
        assert_eq!(bench.refresh(&token, "ownership").await.word(), want, "{mode}");
    }
    bench.stored(subscription(&bench.shop, "subscription_unpaused", "active", 30, json!({ "pause": null }))).await;
    assert_eq!(bench.refresh(&token, "ownership").await.word(), "200 -");
}

#[tokio::test]
async fn a_refunded_payment_closes_until_the_next_is_made() {
    let (bench, token) = subscribed().await;
    let refunded = payment(&bench.shop, "subscription_payment_refunded", "refunded", 95_001, 0, 50);
    bench.stored(refunded.clone()).await;
    assert_eq!(bench.hook(&refunded).await.word(), "200 duplicate");
    assert_eq!(bench.refresh(&token, "ownership").await.word(), "403 refunded");
    bench.stored(payment(&bench.shop, "subscription_payment_recovered", "paid", 95_002, 30 * DAY, 30 * DAY)).await;
    assert_eq!(bench.refresh(&token, "ownership").await.word(), "200 -");
}

#[tokio::test]
async fn subscriptions_that_are_not_ours_are_ignored() {
    let bench = Bench::new();
    let (test, other) = (json!({ "test_mode": true }), json!({ "product_id": 49_999 }));
    for signed in [
        subscription(&bench.shop, "subscription_created", "active", 4, test.clone()),
        subscription(&bench.shop, "subscription_created", "active", 4, other),
        subscription(&Shop::new(SECRET, 10_002).live(), "subscription_created", "active", 4, json!({})),
        subscription(&bench.shop, "subscription_updated", "asleep", 4, json!({})),
        payment(&bench.shop, "subscription_payment_refunded", "refunded", 95_001, 0, 50),
        event(&bench.shop, "affiliate_activated", "affiliates", 1, json!({})),
        event(&bench.shop, "customer_updated", "customers", 1, json!({})),
        event(&bench.shop, "subscription_plan_changed", "subscriptions", 90_001, json!({})),
    ] {
        assert_eq!(bench.hook(&signed).await.word(), "200 ignored", "{}", signed.event);
    }
    assert!(bench.store.orders().unwrap().is_empty());
    let (bench, _) = subscribed().await;
    let mut refund = payment(&bench.shop, "subscription_payment_refunded", "refunded", 95_001, 0, 50);
    refund.body = String::from_utf8(refund.body).unwrap().replace("\"test_mode\":false", "\"test_mode\":true").into_bytes();
    refund.signature = bookplate::pay::lemon_squeezy::sign(&SECRET.into(), &refund.body);
    assert_eq!(bench.hook(&refund).await.word(), "200 ignored", "a test refund closes nothing");
}

#[tokio::test]
async fn a_bundle_opens_its_courses_and_another_plan_others() {
    let (bench, token) = subscribed().await;
    assert_eq!(bench.refresh(&token, "moving").await.word(), "403 course");
    bench.stored(subscription(&bench.shop, "subscription_updated", "active", 9, json!({ "product_id": 40_009 }))).await;
    assert_eq!(bench.refresh(&token, "moving").await.word(), "200 -");
    // A plan that the catalog does not have opens nothing: the order is known, so that the change is heard.
    bench.stored(subscription(&bench.shop, "subscription_updated", "active", 10, json!({ "product_id": 49_999 }))).await;
    assert_eq!(bench.refresh(&token, "ownership").await.word(), "403 course");
}

#[tokio::test]
async fn a_refund_counts_when_the_product_has_left_the_catalog() {
    let bench = Bench::new();
    let token = bench.bought(&purchase()).await.token();
    bench.state.replace_catalog(Catalog::from_json(CATALOG.replace("40001", "40002").as_bytes()).unwrap());
    bench.stored(bench.shop.order_refunded(&purchase(), 4900, super::bench::NOW + 9)).await;
    bench.state.replace_catalog(Catalog::from_json(CATALOG.as_bytes()).unwrap());
    assert_eq!(bench.refresh(&token, "ownership").await.word(), "403 refunded");
}

#[tokio::test]
async fn a_key_made_anew_takes_the_place_of_the_old_one() {
    let bench = Bench::new();
    bench.bought(&purchase()).await;
    bench.stored(bench.shop.license_key_created(&purchase())).await;
    let (old, new) = (purchase().licence_key(), "CCCCCCCC-0000-4000-8000-000001000042");
    let first = bench.licence(&old).await;
    bench.stored(licence_updated(&bench.shop, "active", new, 9)).await;
    assert_eq!(bench.licence(&old).await.word(), "404 unknown");
    let second = bench.licence(new).await;
    assert!(second.keyring() == first.keyring(), "the same copy");
    assert_eq!((bench.refresh(&first.token(), "ownership").await.status.as_u16(), bench.provider.calls()), (200, 0));
}

#[tokio::test]
async fn one_of_several_keys_that_is_switched_off_closes_its_copy_alone() {
    let bench = Bench::new();
    let team = purchase().copies(2);
    let claimed = bench.bought(&team).await.token();
    bench.stored(bench.shop.license_key_of(&team, 0, None)).await;
    bench.stored(bench.shop.license_key_of(&team, 1, None)).await;
    let second = bench.licence(&team.licence_key_of(1)).await.token();
    bench.stored(licence_updated(&bench.shop, "disabled", &team.licence_key(), 9)).await;
    assert_eq!(bench.refresh(&claimed, "ownership").await.word(), "403 revoked");
    assert_eq!(bench.open(&team).await.word(), "403 revoked");
    assert_eq!(bench.refresh(&second, "ownership").await.word(), "200 -");
}

#[tokio::test]
async fn without_custom_data_the_licence_key_is_the_way_in() {
    let bench = Bench::new();
    let bare = purchase().claimed(None).at_price(0);
    bench.stored(bench.shop.order_created(&bare)).await;
    bench.stored(bench.shop.license_key_created(&bare)).await;
    assert_eq!(bench.open(&bare).await.word(), "202 pending");
    assert_eq!(bench.licence(&bare.licence_key()).await.status, 200);
}

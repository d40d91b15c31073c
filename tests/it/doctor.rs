//! `bookplate doctor` on folders with something wrong in them.

use super::cli::{Desk, Said};
use super::endpoint::{ADMIN, Endpoint, SECRET};
use super::orders::shop;
use super::reconciling::{API_KEY, Provider};

/// The line about a thing.
#[track_caller]
fn line<'s>(said: &'s Said, thing: &str) -> &'s str {
    said.out
        .lines()
        .find(|line| line.get(9..).is_some_and(|rest| rest.split("  ").next() == Some(thing)))
        .unwrap_or_else(|| panic!("no `{thing}` in {}", said.out))
}

fn doctor(desk: &Desk, more: &[&str], variables: &[(&str, &str)]) -> Said {
    desk.run_with(&[&["doctor", "site"], more].concat(), variables)
}

fn git(desk: &Desk, arguments: &[&str]) {
    let mut command = std::process::Command::new("git");
    command.args(["-C", &desk.path("site").display().to_string(), "-c", "user.name=a", "-c", "user.email=a@example.com"]).args(arguments);
    assert!(command.env("HOME", desk.path("")).output().expect("git runs").status.success(), "{arguments:?}");
}

#[cfg(unix)]
fn mode(desk: &Desk, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(desk.path(".config/bookplate/small-shop.key"), std::fs::Permissions::from_mode(mode)).expect("chmod");
}

#[cfg(unix)]
#[test]
fn a_shop_in_order_has_no_errors_and_each_fault_is_one() {
    let desk = shop();
    mode(&desk, 0o600);
    let good = [("BOOKPLATE_LEMON_SQUEEZY_SECRET", SECRET), ("BOOKPLATE_ADMIN_TOKEN", ADMIN)];
    let said = doctor(&desk, &["--offline"], &good).fine();
    assert!(line(&said, "site key").starts_with("ok") && line(&said, "BOOKPLATE_LEMON_SQUEEZY_SECRET").starts_with("ok"), "{}", said.out);
    assert!(line(&said, "copy of the site key").starts_with("warning"), "{}", said.out);
    assert!(line(&said, "licence keys").contains("not checked"), "{}", said.out);

    mode(&desk, 0o644);
    let said = doctor(&desk, &["--offline"], &[("BOOKPLATE_LEMON_SQUEEZY_SECRET", "0123456789")]);
    assert_eq!(said.code, Some(1));
    assert!(
        line(&said, "site key").starts_with("error") && line(&said, "BOOKPLATE_LEMON_SQUEEZY_SECRET").starts_with("error"),
        "{}",
        said.out
    );
    assert!(!said.out.contains("0123456789"), "a secret is shown");
}

#[test]
fn a_key_in_the_folder_or_in_its_history_is_found_and_the_right_place_told() {
    let desk = shop();
    let key = std::fs::read_to_string(desk.path(".config/bookplate/small-shop.key")).expect("the key");
    let desk = desk.file("site/.env", format!("BOOKPLATE_SITE_KEY={key}\n"));
    let said = doctor(&desk, &["--offline", "--json"], &[]);
    assert_eq!(said.code, Some(1));
    let found: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    let tree = found["checks"].as_array().expect("a list").iter().find(|check| check["thing"] == "secrets in the folder").expect("a check");
    assert!(tree["level"] == "error" && tree["value"].as_str().is_some_and(|value| value.contains(".env")), "{tree}");
    assert!(!said.out.contains(key.trim()));

    git(&desk, &["init", "-q"]);
    git(&desk, &["add", "-f", ".env", "bookplate.yaml"]);
    git(&desk, &["commit", "-qm", "first"]);
    std::fs::remove_file(desk.path("site/.env")).expect("removed");
    git(&desk, &["rm", "-q", "--cached", ".env"]);
    git(&desk, &["commit", "-qm", "second"]);
    git(&desk, &["remote", "add", "origin", "/srv/course.git"]);
    let said = doctor(&desk, &["--offline"], &[]);
    assert!(
        line(&said, "secrets in the folder").starts_with("ok") && line(&said, "secrets in git's history").starts_with("error"),
        "{}",
        said.out
    );
    assert!(line(&said, "source repository").contains("/srv/course.git: not checked"), "{}", said.out);
}

#[test]
fn a_copy_of_the_key_is_compared_and_that_is_remembered() {
    let desk = shop();
    let key = std::fs::read_to_string(desk.path(".config/bookplate/small-shop.key")).expect("the key");
    let other = bookplate::protocol::SiteKey::from_bytes([8; 32]).to_text().to_string();
    let desk = desk.file("copy.key", key).file("other.key", other);
    doctor(&desk, &["--offline", "--key-copy", "other.key"], &[]).refused(&["another key"]);
    assert!(line(&doctor(&desk, &["--offline"], &[]), "copy of the site key").starts_with("warning"));
    doctor(&desk, &["--offline", "--key-copy", "copy.key"], &[]);
    assert!(line(&doctor(&desk, &["--offline"], &[]), "copy of the site key").starts_with("ok"));
}

#[test]
fn the_endpoint_is_asked_from_outside() {
    let desk = shop();
    // No site is there, and nobody beyond this machine is asked.
    let yaml = std::fs::read_to_string(desk.path("site/bookplate.yaml")).expect("settings");
    let desk = desk.file("site/bookplate.yaml", yaml.replace("https://example.com", "http://127.0.0.1:9"));
    desk.run(&["build", "site"]).fine();
    let given = desk.run(&["issue", "course", "--site", "site"]).fine();
    let order = given.out.split_whitespace().find(|word| word.starts_with("manual:")).expect("an order");
    desk.run(&["orders", "revoke", order, "--site", "site"]).fine();
    let endpoint = Endpoint::start(&desk, &[]);
    let said = doctor(&desk, &["--endpoint", &endpoint.address], &[("BOOKPLATE_ADMIN_TOKEN", ADMIN)]);
    for (thing, begins, holds) in [
        ("key endpoint", "ok", "store reachable"),
        ("mode", "ok", "live"),
        ("webhook", "ok", "refuses what is not signed"),
        ("orders taken back", "warning", "1 taken back"),
        ("site", "warning", "http://127.0.0.1:9 does not answer"),
    ] {
        let line = line(&said, thing);
        assert!(line.starts_with(begins) && line.contains(holds), "{line}");
    }
    assert!(!line(&said, "clock").starts_with("error"), "{}", said.out);
    drop(endpoint);
    let said = doctor(&desk, &["--endpoint", "http://127.0.0.1:9"], &[]);
    assert!(line(&said, "key endpoint").starts_with("error") && said.code == Some(1), "{}", said.out);
}

/// The shop with a site and an endpoint that are named by its settings.
fn published(endpoint: &str) -> Desk {
    let desk = shop();
    let yaml = std::fs::read_to_string(desk.path("site/bookplate.yaml")).expect("settings");
    let yaml = yaml.replace("https://example.com", "http://127.0.0.1:9").replace("https://keys.example.com/", endpoint);
    let desk = desk.file("site/bookplate.yaml", yaml);
    desk.run(&["build", "site"]).fine();
    desk
}

#[test]
fn the_endpoint_of_the_catalog_is_asked_for_its_orders_and_a_part_that_fails_is_a_row() {
    let desk = published("http://127.0.0.1:9/");
    let token = [("BOOKPLATE_ADMIN_TOKEN", ADMIN)];
    desk.run(&["issue", "course", "--site", "site"]).fine();
    let said = doctor(&desk, &[], &token);
    for (thing, holds) in [("orders", "no answer from http://127.0.0.1:9"), ("key endpoint", "does not answer")] {
        assert!(line(&said, thing).starts_with("error") && line(&said, thing).contains(holds), "{}", said.out);
    }
    assert!(line(&said, "epochs").starts_with("ok") && said.code == Some(1), "{}", said.out);
    // Without its token the books here are read, and that is said.
    assert!(line(&doctor(&desk, &["--offline"], &[]), "orders").contains("1, in `"));
    let away = Endpoint::start(&shop(), &[]);
    let desk = published(&away.address);
    assert!(line(&doctor(&desk, &[], &token), "orders").contains(&format!("0, at {}", away.address)));
    assert!(line(&doctor(&desk, &[], &[]), "orders").contains("set BOOKPLATE_ADMIN_TOKEN"));
    std::fs::create_dir_all(desk.path(".local/state/bookplate/small-shop/orders.db")).expect("a folder in its place");
    let said = doctor(&desk, &["--offline"], &[]);
    assert!(line(&said, "orders").contains("not looked at") && line(&said, "epochs").starts_with("ok"), "{}", said.out);
}

#[test]
fn the_provider_is_asked_whether_products_come_with_licence_keys() {
    let desk = published("http://127.0.0.1:9/");
    let provider = Provider::start();
    let asked = |key: &str| {
        let said = doctor(&desk, &[], &[("BOOKPLATE_LEMON_SQUEEZY_API_KEY", key), ("BOOKPLATE_LEMON_SQUEEZY_API", &provider.address)]);
        assert!(!said.out.contains(key), "a key is shown");
        line(&said, "licence keys").to_owned()
    };
    // As the provider documents a variant: https://docs.lemonsqueezy.com/api/variants
    let variant = |id: &str, product: u32, keys: bool| {
        let attributes = serde_json::json!({ "product_id": product, "name": "Default", "slug": "default", "status": "pending", "has_license_keys": keys,
            "license_activation_limit": 5, "is_license_limit_unlimited": false, "license_length_value": 1, "license_length_unit": "years" });
        serde_json::json!({ "type": "variants", "id": id, "attributes": attributes })
    };
    provider.shows("variants", variant("50001", 40001, true));
    provider.shows("variants", variant("50009", 40009, false));
    assert!(asked(API_KEY).contains("product 40001 of course: switched on"));
    provider.shows("variants", variant("50001", 40001, false));
    assert!(asked(API_KEY).starts_with("error"));
    provider.shows("variants", variant("50001", 40002, false));
    assert!(asked(API_KEY).contains("shows no such product"));
    assert!(asked("another-key-0123456789").contains("refuses the API key"));
}

//! `bookplate rotate` on a folder of an author: three steps, each once the one before is out, and no way back.

use super::cli::{Desk, Said};
use bookplate::protocol::{Code, CourseId, Epoch, Keyring, SiteId, static_path};

const COURSE: &str = "site/content/course/index.md";

/// A shop with a key of its own, built once.
fn built() -> Desk {
    let desk = Desk::shop();
    let key = bookplate::protocol::SiteKey::from_bytes([7; 32]).to_text().to_string();
    let desk = desk.file(".config/bookplate/small-shop.key", key);
    desk.run(&["build", "site"]).fine();
    desk
}

fn catalog(desk: &Desk) -> serde_json::Value {
    let bytes = std::fs::read(desk.path("site/out/catalog.json")).expect("a catalog");
    serde_json::from_slice::<serde_json::Value>(&bytes).expect("JSON")["courses"][0].clone()
}

fn front(desk: &Desk) -> String {
    std::fs::read_to_string(desk.path(COURSE)).expect("the course")
}

/// Sealed epoch as the catalog tells it, and the epochs that are served.
fn epochs(desk: &Desk) -> (Option<u64>, Vec<u64>) {
    let catalog = catalog(desk);
    let served = catalog["epochs"].as_array().expect("a list").iter().filter_map(serde_json::Value::as_u64).collect();
    (catalog["sealed"].as_u64(), served)
}

#[test]
fn three_calls_with_a_build_after_each_lead_to_the_next_epoch() {
    let desk = built();
    let sealed = || {
        std::fs::read_dir(desk.path("site/out/-/sealed"))
            .expect("files")
            .map(|e| std::fs::read(e.expect("a file").path()).expect("bytes"))
            .collect::<Vec<_>>()
    };
    let before = sealed();
    for (words, want) in [("step 1 of 3", (Some(1), vec![1, 2])), ("step 2 of 3", (None, vec![1, 2])), ("step 3 of 3", (None, vec![2]))] {
        let said = desk.run(&["rotate", "course", "--site", "site"]).fine();
        assert!(said.out.contains(words), "{}", said.out);
        let once = front(&desk);
        // Called again before the build: the step is not out, and nothing changes.
        let said = desk.run(&["rotate", "course", "--site", "site"]).fine();
        assert!(said.out.contains("not out yet") && front(&desk) == once, "{}", said.out);
        desk.run(&["build", "site"]).fine();
        assert_eq!(epochs(&desk), want);
        assert_eq!(sealed() == before, words == "step 1 of 3", "{words}: only a new epoch seals anew");
    }
    assert!(front(&desk).contains("epoch: 2\nrotated: 20"), "{}", front(&desk));
}

#[test]
fn a_build_refuses_to_go_back() {
    let desk = built();
    let first = front(&desk);
    let desk = desk.file(COURSE, first.replace("price:", "epoch: 3\nprice:"));
    desk.run(&["build", "site"]).fine();
    let desk = desk.file(COURSE, first);
    desk.run(&["build", "site"]).refused(&["published under epoch 3", "under epoch 1", "`epoch: 3`"]);
    // Neither another output folder nor an empty one makes it forget, and a preview is free to.
    desk.run(&["build", "site", "--out", "other"]).refused(&["epoch 3"]);
    desk.run(&["build", "site", "--out", "preview", "--preview-key"]).fine();
    // Another machine knows it from the output folder.
    let elsewhere = desk.path("elsewhere").display().to_string();
    let key = std::fs::read_to_string(desk.path(".config/bookplate/small-shop.key")).expect("the key");
    desk.run_with(&["build", "site"], &[("HOME", &elsewhere), ("BOOKPLATE_SITE_KEY", &key)]).refused(&["epoch 3"]);
}

#[test]
fn what_is_due_is_what_orders_that_were_taken_back_could_open() {
    let desk = built();
    let rotate = || desk.run(&["rotate", "--due", "--site", "site"]).fine().out;
    assert!(rotate().contains("nothing is due"));
    let given = desk.run(&["issue", "course", "--site", "site"]).fine();
    let order = given.out.split_whitespace().find(|word| word.starts_with("manual:")).expect("an order").to_owned();
    assert!(rotate().contains("nothing is due"), "a copy that is good is no reason");
    desk.run(&["orders", "revoke", &order, "--site", "site"]).fine();
    assert!(rotate().contains("1 order taken back could open the next publication"));
    for _ in 0..3 {
        desk.run(&["build", "site"]).fine();
        rotate();
    }
    assert_eq!(
        epochs(&desk),
        (None, vec![2]),
        "what was begun is finished, and the copy that was closed before is no reason for a third epoch"
    );
    assert!(rotate().contains("nothing is due"));
}

/// The codes that a run printed.
fn codes(said: &Said) -> Vec<Code> {
    let code = |line: &str| line.trim().strip_prefix("code ").map(|code| code.parse().expect("a code"));
    said.out.lines().filter_map(code).collect()
}

/// The epochs of the course that a code opens, of the site as it is published.
fn opened(desk: &Desk, code: &Code) -> Vec<u32> {
    let (site, course) = (SiteId::parse("small-shop").expect("an id"), CourseId::parse("course").expect("an id"));
    let opens = |epoch: &u32| {
        let file = desk.path("site/out/keys").join(static_path(code, &site, &course, Epoch(*epoch)));
        std::fs::read(file).is_ok_and(|bytes| Keyring::open_static(code, &site, &course, Epoch(*epoch), &bytes).is_ok())
    };
    (0..5).filter(opens).collect()
}

#[test]
fn a_code_that_was_given_as_a_file_opens_the_next_epoch_too() {
    let desk = built();
    let run = |arguments: &[&str]| desk.run(&[arguments, &["--site", "site"]].concat());
    let again = || run(&["issue", "--again", "--static", "site/static/keys"]).fine().out;
    let given = run(&["issue", "course", "--static", "site/static/keys", "--seats", "3"]).fine();
    let (class, ended) = (codes(&given), run(&["issue", "course", "--static", "site/static/keys"]).fine());
    assert!(class.len() == 3 && class[0] != class[1], "{}", given.out);
    let build = || desk.run(&["build", "site"]).fine();
    build();
    assert_eq!(class.iter().map(|code| opened(&desk, code)).collect::<Vec<_>>(), [[1]; 3]);
    let order = ended.out.split_whitespace().find(|word| word.starts_with("manual:")).expect("an order");
    run(&["orders", "revoke", order]).fine();

    assert!(run(&["rotate", "course"]).fine().out.contains("issue --again"));
    build();
    let before = front(&desk);
    let mine = given.out.split_whitespace().find(|word| word.starts_with("manual:")).expect("an order");
    let said = run(&["rotate", "course"]).refused(&["1 order given as files", mine, "issue --again", "--leave-copies-behind"]);
    assert!(!said.err.contains(order) && front(&desk) == before, "{}", said.err);
    // Another machine, with the key and without the orders.
    let (elsewhere, key) = (
        desk.path("elsewhere").display().to_string(),
        std::fs::read_to_string(desk.path(".config/bookplate/small-shop.key")).expect("the key"),
    );
    desk.run_with(&["rotate", "course", "--site", "site"], &[("HOME", &elsewhere), ("BOOKPLATE_SITE_KEY", &key)])
        .refused(&["no order here knows of them", "--leave-copies-behind"]);
    assert!(again().contains("6 keyring files of 1 orders"), "three copies, two epochs");
    build();
    assert_eq!((opened(&desk, &class[2]), opened(&desk, &codes(&ended)[0])), (vec![1, 2], vec![]));
    for _ in 0..2 {
        run(&["rotate", "course"]).fine();
        build();
    }
    again();
    build();
    assert_eq!((epochs(&desk), opened(&desk, &class[1])), ((None, vec![2]), vec![2]));
    let files = std::fs::read_dir(desk.path("site/static/keys")).expect("a folder").count();
    assert_eq!(files, 8, "the number tells nothing");
}

#[test]
fn copies_that_were_given_as_files_can_be_left_behind_and_lost_files_are_told() {
    let desk = built();
    let run = |arguments: &[&str]| desk.run(&[arguments, &["--site", "site"]].concat());
    let given = run(&["issue", "course", "--static", "elsewhere"]).fine();
    let said = run(&["issue", "--again", "--static", "site/static/keys"]).fine();
    assert_eq!(codes(&said), codes(&given), "no file was there: {}", said.out);
    std::fs::remove_dir_all(desk.path("site/static")).expect("removed");
    run(&["rotate", "course"]).fine();
    desk.run(&["build", "site"]).fine();
    run(&["rotate", "course"]).refused(&["would open nothing"]);
    run(&["rotate", "course", "--leave-copies-behind"]).fine();
    run(&["issue", "--again"]).refused(&["--static"]);
}

#[test]
fn what_cannot_be_rotated_is_said() {
    let desk = built();
    desk.run(&["rotate", "--site", "site"]).refused(&["COURSE"]);
    desk.run(&["rotate", "corse", "--site", "site"]).refused(&["`corse`", "course"]);
    std::fs::remove_dir_all(desk.path("site/out")).expect("removed");
    desk.run(&["rotate", "course", "--site", "site"]).refused(&["no catalog", "bookplate build"]);
}

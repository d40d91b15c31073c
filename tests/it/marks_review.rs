//! What `bookplate marks` shows: the review of a course, as text, page and JSON.

use bookplate::protocol::SiteKey;
use bookplate::review::{self, Review};

use crate::builder::Site;

fn key() -> SiteKey {
    SiteKey::from_bytes([7; 32])
}

/// A course of two sealed lessons and a free one.
fn site(first: &str, second: &str) -> Site {
    Site::new()
        .file("content/c/index.md", "---\nid: c\ntitle: C\naccess: premium\n---\n")
        .file("content/c/01-a.md", format!("---\nid: a\ntitle: A\n---\n{first}"))
        .file("content/c/02-b.md", format!("---\nid: b\ntitle: B\n---\n{second}"))
        .file("content/c/03-f.md", "---\nid: f\ntitle: F\naccess: free\n---\nThey do not pay.\n")
}

#[track_caller]
fn reviewed(site: &Site) -> Review {
    review::review(site.read().edition(), &key()).expect("a review")
}

#[test]
fn every_marked_sentence_is_shown_with_line_id_and_both_wordings() {
    let review = reviewed(&site("# A\n\nCode.\n\nYou do not need **it**.\n", "We therefore go. <!--~ therefore => so -->\n"));
    let lessons = &review.courses[0].lessons;
    assert_eq!(lessons.len(), 2);
    let (first, second) = (&lessons[0].marked[0], &lessons[1].marked[0]);
    assert_eq!((first.line, first.author.as_str(), first.other.as_str()), (9, "You do not need it.", "You don't need it."));
    assert_eq!(
        (first.id.as_str(), first.author_html.as_str()),
        (&*bookplate::mark::sentence_id("You do not need it."), "You do not need <strong>it</strong>.")
    );
    assert_eq!((second.other.as_str(), lessons[1].declared_positions().len()), ("We so go.", 1));
    let text = review::text(&review, false);
    for want in [
        first.id.as_str(),
        "line 9  en.do-not",
        "      You [do not] need it.\n      You [don't] need it.\n",
        "declared",
        "content/c/01-a.md",
    ] {
        assert!(text.contains(want), "no {want} in\n{text}");
    }
    assert!(!text.contains('\x1b') && review::text(&review, true).contains("\x1b[1;33m[do not]\x1b[0m"));
}

#[test]
fn what_is_public_too_is_counted_with_examples() {
    let review = reviewed(&site("They do not pay. We do not know.\n", "Text.\n"));
    assert_eq!((review.courses[0].marked, review.courses[0].common.as_slice()), (1, ["They do not pay.".to_owned()].as_slice()));
    let text = review::text(&review, false);
    assert!(text.contains("1 sentence is alike for everybody") && text.contains("    They do not pay.\n"), "{text}");
}

#[test]
fn what_is_proven_is_said_in_plain_sentences() {
    let sentences = |n: usize, from: usize| (from..from + n).map(|i| format!("You do not need part {i}. ")).collect::<String>();
    let review = reviewed(&site(&sentences(50, 0), &sentences(50, 100)));
    let text = review::text(&review, false);
    assert!(text.contains("passes on the text as it is: any one lesson names a single copy among 10,000."), "{text}");
    assert!(
        text.contains("declared alternatives alone: the whole course does not name a single copy among 10,000: it has 0 of the 35"),
        "{text}"
    );
    let json = review::json(&review);
    assert_eq!((&json["courses"][0]["copied"]["any_lessons"], &json["courses"][0]["declared"]["missing"]), (&1.into(), &35.into()));
    assert_eq!(json["courses"][0]["share"], 1.0);
}

#[test]
fn positions_hang_on_the_key_and_wordings_do_not() {
    let site = site("You do not need it. They do not know.\n", "Text.\n");
    let other = review::review(site.read().edition(), &SiteKey::from_bytes([8; 32])).expect("a review");
    let (a, b) = (reviewed(&site), other);
    let words = |r: &Review| r.courses[0].lessons[0].marked.iter().map(|m| (m.id.clone(), m.other.clone())).collect::<Vec<_>>();
    let positions = |r: &Review| r.courses[0].lessons[0].positions();
    assert_eq!(words(&a), words(&b));
    assert_ne!(positions(&a), positions(&b));
}

#[test]
fn the_page_needs_nothing_else_and_runs_nothing() {
    let text = "You do not need `<script>alert(1)</script>` & \"it\" <b onclick=x>now</b>.\n\n值被移动了，但是不能再用。\n";
    let site = site(text, "Text.\n").file("content/c/02-b.md", "---\nid: b\ntitle: \"<img src=x onerror=y>\"\n---\nWe do not know.\n");
    let page = review::page(&reviewed(&site));
    assert!(page.contains("You <mark>do not</mark> need &lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;it&quot; now."), "{page}");
    assert!(page.contains("href=\"#0-1\"") && page.contains("id=\"0-1\"") && page.contains("default-src 'none'"));
    for never in ["<script", "<img", "onclick=", "http://", "https://", "url(", "@import"] {
        assert!(!page.contains(never), "{never} in\n{page}");
    }
}

#[test]
fn a_course_without_marks_says_so() {
    let off =
        site("You do not need it.\n", "Text.\n").file("content/c/index.md", "---\nid: c\ntitle: C\naccess: premium\nmarks: off\n---\n");
    assert!(review::text(&reviewed(&off), false).contains("2 lessons for sale, not marked"));
    assert!(review::text(&reviewed(&Site::new().file("content/index.md", "# Home\n")), false).starts_with("Nothing is for sale"));
}

//! Marked sentences, from Markdown to two wordings in sealed files.

use std::sync::LazyLock;

use bookplate::diag::Severity;
use bookplate::edition::{self, Class, Prose, ReadOptions};
use bookplate::mark::Rules;
use bookplate::mark::lists::{List, Lists};
use bookplate::protocol::SiteKey;
use bookplate::site::{Mode, Seals};
use bookplate::template::Theme;

use crate::builder::Site;

/// A course of one sealed lesson.
fn lesson(text: &str) -> Site {
    Site::new()
        .file("content/c/index.md", "---\nid: c\ntitle: C\naccess: premium\n---\n")
        .file("content/c/01-a.md", format!("---\nid: a\ntitle: A\n---\n{text}"))
}

/// The sealed text of the first lesson that has one.
#[track_caller]
fn sealed(site: &Site) -> Prose {
    let read = site.read();
    let lessons: Vec<_> = read.edition().lessons().filter_map(|(_, l)| l.body.sealed.clone()).collect();
    lessons[0].open_for_gate().clone()
}

/// Both wordings of every marked sentence.
#[track_caller]
fn wordings(site: &Site) -> Vec<(String, String)> {
    let prose = sealed(site);
    prose.sentences.iter().filter_map(|s| Some((prose.html[s.html.clone()].to_owned(), s.other.as_ref()?.html.clone()))).collect()
}

fn pair(author: &str, other: &str) -> (String, String) {
    (author.to_owned(), other.to_owned())
}

#[test]
fn a_sentence_with_a_carrier_has_two_wordings_and_the_rest_has_one() {
    let site = lesson("You do not need a **second** copy of `x`. Code does.\n\n## We do not touch headings\n\n> They do not quote us.\n");
    assert_eq!(
        wordings(&site),
        [pair(
            "You do not need a <strong>second</strong> copy of <code>x</code>.",
            "You don't need a <strong>second</strong> copy of <code>x</code>."
        )]
    );
}

#[test]
fn declared_alternatives_are_invisible_and_outrank_lists() {
    let site = lesson(
        "We therefore keep one\ncopy, and we do not lose it. <!--~ therefore => so; keep one copy => hold one copy; do not => never -->\n",
    );
    let prose = sealed(&site);
    assert!(!prose.html.contains("<!--") && prose.html.ends_with("lose it.</p>"), "{}", prose.html);
    let other = prose.sentences[0].other.as_ref().expect("marked");
    assert_eq!(other.text, "We so hold one copy, and we never lose it.");
    assert!(other.carriers.iter().all(|c| c.class == Class::Declared));
}

#[test]
fn a_whole_paragraph_can_be_reworded_if_its_markup_stays() {
    let site = lesson("The *borrow checker* rejects this.\n\n<!--~ Our *dear compiler* refuses that. -->\n\nNext.\n");
    assert_eq!(wordings(&site), [pair("The <em>borrow checker</em> rejects this.", "Our <em>dear compiler</em> refuses that.")]);
}

#[test]
fn mistakes_in_declarations_are_located() {
    for (text, rule) in [
        ("One. <!--~ two => three -->\n", "marks/base-missing"),
        ("One or one or one. <!--~ one => three -->\n", "marks/base-twice"),
        ("Use *one* here. <!--~ one => three -->\n", "marks/markup"),
        ("Use one here. <!--~ one => -->\n", "marks/empty"),
        ("Use `x` here.\n\n<!--~ Use y here. -->\n", "marks/markup"),
        ("The *borrow checker* rejects this.\n\n<!--~ This does not pass the *checker* today. -->\n\n<!--~ A third. -->\n", "marks/twice"),
        ("# A\n\n## Head <!--~ Head => Foot -->\n", "marks/misplaced"),
    ] {
        let read = lesson(text).read();
        let found = read.rules(Severity::Error);
        assert!(found.len() == 1 && found[0].starts_with(&format!("{rule} content/c/01-a.md:")), "{text}: {found:?}");
    }
}

#[test]
fn keep_and_off_leave_text_as_it_is() {
    assert!(wordings(&lesson("You do not need it. <!--~keep-->\n")).is_empty());
    assert!(wordings(&lesson("- You do not need it.\n- We do not.\n\n<!--~keep-->\n")).is_empty());
    let off = lesson("You do not need it.\n").file("content/c/01-a.md", "---\nid: a\ntitle: A\nmarks: off\n---\nYou do not need it.\n");
    assert!(sealed(&off).sentences.is_empty());
    let site = lesson("You do not need it.\n").yaml("site: { id: test, title: Test, url: \"https://example.com\" }\nmarks: off\n");
    assert!(sealed(&site).sentences.is_empty());
}

#[test]
fn what_is_public_or_unmarked_elsewhere_is_common() {
    let text = "You do not need it. They do not know.\n";
    assert_eq!(wordings(&lesson(text)).len(), 2);
    let free = lesson(text).file("content/c/02-b.md", "---\nid: b\ntitle: B\naccess: free\n---\nYou don't need it.\n");
    assert_eq!(wordings(&free), [pair("They do not know.", "They don't know.")]);
    let quoted = lesson(text).file("content/c/02-b.md", "---\nid: b\ntitle: B\n---\n> They do not know.\n");
    assert_eq!(wordings(&quoted), [pair("You do not need it.", "You don't need it.")]);
}

#[test]
fn a_pair_or_a_sentence_can_be_excluded_by_its_id() {
    let text = "You do not need it. They do not know.\n";
    let with = |id: &str| {
        lesson(text).yaml(&format!("site: {{ id: test, title: Test, url: \"https://example.com\" }}\nmarks: {{ exclude: [{id}] }}\n"))
    };
    assert!(wordings(&with("en.do-not")).is_empty());
    let id = bookplate::mark::sentence_id("You do not need it.");
    assert_eq!(wordings(&with(&id)), [pair("They do not know.", "They don't know.")]);
}

#[test]
fn anchors_notes_links_and_reading_time_do_not_depend_on_the_wording() {
    let site = lesson("You do not need [a link](#head), you see.[^1] <kbd>Do not</kbd> press.\n\n## Head\n\n[^1]: We do not know.\n");
    let prose = sealed(&site);
    for sentence in prose.sentences.iter() {
        let Some(other) = &sentence.other else { continue };
        let tags = |html: &str| html.split('<').skip(1).map(|t| t.split('>').next().unwrap_or_default().to_owned()).collect::<Vec<_>>();
        assert_eq!(tags(&prose.html[sentence.html.clone()]), tags(&other.html));
    }
    assert!(prose.sentences.iter().filter(|s| s.other.is_some()).count() >= 2);
}

/// The lists of this version, and others under the number 2.
fn with_a_second_list(number: u32) -> Option<Rules> {
    const OTHER: &str =
        "list: en 2\n\n[en.heron]\nwords: heron = egret\ncase: The heron waits. => The egret waits.\nnever: The crane waits.\n";
    static SECOND: LazyLock<Lists> = LazyLock::new(|| {
        let mut lists = Lists::default();
        lists.add(List::parse(OTHER).expect("a list"));
        lists
    });
    if number == 2 { Rules::with(&SECOND, 2) } else { Rules::of(number) }
}

#[test]
fn a_newer_list_leaves_a_course_alone_that_names_an_older_one() {
    let built = |rules: &str, numbered: fn(u32) -> Option<Rules>| {
        let site = lesson("You do not need the heron. They do not know.\n")
            .file("content/c/index.md", format!("---\nid: c\ntitle: C\naccess: premium\n{rules}---\n"));
        let (edition, found) = edition::read(site.files(), &ReadOptions { rules: numbered, ..ReadOptions::default() });
        let edition = edition.unwrap_or_else(|| panic!("{}", found.render(3)));
        let theme = Theme::with_overrides(&edition.theme_files).expect("a theme");
        let seals = Seals { key: SiteKey::from_bytes([7; 32]), preview: false };
        let built = crate::builder::assemble(&edition, &theme, Some(&seals), Mode::Build).expect("a site");
        built.outputs.iter().map(|(path, o)| (path.as_str().to_owned(), o.bytes.to_vec())).collect::<Vec<_>>()
    };
    let first = built("marks: { rules: 1 }\n", Rules::of);
    assert!(first == built("marks: { rules: 1 }\n", with_a_second_list), "another list moved a course that names its own");
    assert!(first == built("", with_a_second_list), "a course that names none is marked with the newest of this version");
    let second = built("marks: { rules: 2 }\n", with_a_second_list);
    let changed: Vec<&str> = first.iter().filter(|file| !second.contains(file)).map(|(path, _)| path.as_str()).collect();
    assert!(changed.iter().any(|path| path.starts_with("-/sealed/")) && changed.contains(&"catalog.json"), "{changed:?}");
}

#[test]
fn a_theme_that_hides_the_sentence_about_marks_stops_the_build() {
    let seals = Seals { key: SiteKey::from_bytes([7; 32]), preview: false };
    let build = |site: &Site| {
        let read = site.read();
        let theme = Theme::with_overrides(&read.edition().theme_files).expect("a theme");
        crate::builder::assemble(read.edition(), &theme, Some(&seals), Mode::Build)
    };
    let site = lesson("You do not need it.\n");
    let built = build(&site).expect("the theme says it");
    let page =
        |path: &str| String::from_utf8(built.outputs.iter().find(|(p, _)| p.as_str() == path).expect(path).1.bytes.to_vec()).unwrap();
    assert!(page("c/a/index.html").contains("can be matched to that order. <a href=\"/copies/\">"));
    assert!(page("copies/index.html").contains("It does not prove who passed it on."));
    let yaml = "site: { id: test, title: Test, url: \"https://example.com\" }\ntheme: { name: mine }\n";
    let mute = site.yaml(yaml).file("themes/mine/strings/en.yaml", "notice: \" \"\n");
    let problems = build(&mute).expect_err("nothing is said");
    assert!(problems.iter().any(|p| p.rule == "marks/no-notice"), "{}", problems.render(3));
    let unmarked = mute.yaml(&format!("{yaml}marks: off\n"));
    assert!(build(&unmarked).is_ok());
    // Where no sentence has two wordings, nothing is worded for anybody, and nothing says so.
    let built = build(&lesson("```text\nonly code\n```\n")).expect("nothing is marked");
    let texts: Vec<String> = built.outputs.iter().map(|(path, o)| format!("{path} {}", String::from_utf8_lossy(&o.bytes))).collect();
    assert!(!texts.iter().any(|text| text.contains("worded for your order") || text.starts_with("copies/")));
}

#[test]
fn a_new_apostrophe_is_the_one_that_the_passage_has_most() {
    let curly = wordings(&lesson("It isn’t here. You do not need it.\n"));
    assert_eq!(curly[1].1, "You don’t need it.");
    let straight = wordings(&lesson("It isn't here, and it isn't there. They don’t know. You do not need it.\n"));
    assert_eq!(straight[2].1, "You don't need it.");
}

#[test]
fn a_word_that_the_sentence_repeats_elsewhere_stays() {
    assert!(wordings(&lesson("They usually copy and *usually* move.\n")).is_empty());
    assert_eq!(wordings(&lesson("They usually copy.\n")), [pair("They usually copy.", "They typically copy.")]);
}

/// The files of a site built with a key.
#[track_caller]
fn built(site: &Site) -> crate::builder::Built {
    let seals = bookplate::site::Seals { key: bookplate::protocol::SiteKey::from_bytes([7; 32]), preview: false };
    let theme = bookplate::template::Theme::folio().expect("the theme");
    crate::builder::assemble(site.read().edition(), &theme, Some(&seals), bookplate::site::Mode::Build).expect("it builds")
}

#[test]
fn the_plate_is_in_the_words_of_theme_or_author_or_off() {
    let page = |marks: &str| {
        let yaml = format!("site: {{ id: test, title: Test, url: \"https://example.com\" }}\n{marks}");
        let built = built(&lesson("You do not need it.\n").yaml(&yaml));
        String::from_utf8(built.outputs.get("c/a/index.html").expect("the page").bytes.to_vec()).expect("text")
    };
    let (usual, theirs, off) = (page(""), page("marks: { plate: '\"{copy}\" <b>' }\n"), page("marks: { plate: off }\n"));
    assert!(usual.contains("Your copy: {copy}") && !usual.contains("unsigned"));
    assert!(theirs.contains("{copy}") && !theirs.contains("Your copy: {copy}") && !theirs.contains("unsigned"));
    assert!(!theirs.contains("<b>"), "the author's words are no markup");
    assert!(!off.contains("{copy}") && off.contains("class=\"opened prose unsigned\""));
}

/// What twenty orders read in the only sealed lesson.
#[track_caller]
fn copies(site: &Site) -> Vec<String> {
    use bookplate::protocol::{CourseId, Epoch, Keyring, Params, Seat, SiteId, SiteKey, open_lesson};
    let built = built(site);
    let (_, file) = built.outputs.iter().find(|(path, _)| path.as_str().starts_with("-/sealed/")).expect("a sealed lesson");
    let (key, id, course) = (SiteKey::from_bytes([7; 32]), SiteId::parse("test").expect("an id"), CourseId::parse("c").expect("an id"));
    let read = |n: usize| {
        let buyer = key.buyer(&id, &format!("manual:{n}").parse().expect("an order"), Seat(0));
        let keyring = Keyring::issue(&key, &id, &course, Epoch(1), Params::default(), &buyer, "");
        open_lesson(&keyring, &file.bytes).expect("it opens").html
    };
    (0..20).map(read).collect()
}

/// Paragraphs of one marked sentence each, and of one without a carrier.
fn paragraphs() -> Vec<String> {
    let plain = |i| format!("Nothing to choose in number {i}.");
    (0..12).flat_map(|i| [format!("We do not need *number* {i}."), plain(i)]).collect()
}

#[test]
fn equal_sources_give_equal_bytes_with_marks() {
    let site = lesson(&paragraphs().join("\n\n"));
    let files = |site: &Site| built(site).outputs.iter().map(|(path, file)| (path.to_string(), file.bytes.to_vec())).collect::<Vec<_>>();
    assert_eq!(files(&site), files(&site));
    let copies = copies(&site);
    assert!(copies.iter().any(|copy| *copy != copies[0]) && copies[0].contains("We do"));
}

#[test]
fn an_edited_sentence_moves_no_other_sentence() {
    let before = copies(&lesson(&paragraphs().join("\n\n")));
    for (i, old) in paragraphs().iter().enumerate() {
        for new in ["We do not need anything else, and this is much longer than it was.", "Short.", "Two. We do not know why."] {
            let mut edited = paragraphs();
            edited[i] = new.into();
            for (before, after) in before.iter().zip(copies(&lesson(&edited.join("\n\n")))) {
                let lines = |html: &str| html.split("</p>").map(str::to_owned).collect::<Vec<_>>();
                let (before, after) = (lines(before), lines(&after));
                assert_eq!(before.len(), after.len(), "as many paragraphs");
                let moved: Vec<_> = (0..before.len()).filter(|j| *j != i && before[*j] != after[*j]).collect();
                assert!(moved.is_empty(), "{old} became {new}: {:?}", moved.iter().map(|j| (&before[*j], &after[*j])).collect::<Vec<_>>());
            }
        }
    }
}

#[test]
fn a_renamed_lesson_keeps_every_wording() {
    let text = paragraphs().join("\n\n");
    let at =
        |path: &str, front: &str| copies(&lesson("").without("content/c/01-a.md").file(path, format!("---\n{front}title: A\n---\n{text}")));
    let before = at("content/c/01-a.md", "id: a\n");
    for (path, front) in
        [("content/c/07-z.md", "id: a\n"), ("content/c/01-a.md", ""), ("content/c/d/02-other.md", ""), ("content/c/02-b.md", "id: q\n")]
    {
        assert_eq!(at(path, front), before, "{path} {front}");
    }
}

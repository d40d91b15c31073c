use super::*;

fn css() -> &'static str {
    FOLIO.iter().find(|(name, _)| *name == CSS).map(|(_, text)| *text).expect("a style sheet")
}

/// (name, colour) of every colour variable in the nth block that defines `--bg`.
fn scheme(nth: usize) -> BTreeMap<String, Colour> {
    let at = css().match_indices("--bg: ").nth(nth).expect("a block").0;
    let block = css()[at..].split('}').next().expect("a block");
    let lines = block.split(';').filter_map(|line| line.trim().split_once(": "));
    lines.filter_map(|(name, value)| Some((name.to_owned(), Colour::parse(value)?))).collect()
}

#[test]
fn both_dark_blocks_are_equal() {
    assert_eq!(scheme(1), scheme(2));
    assert_eq!(scheme(0).keys().collect::<Vec<_>>(), scheme(1).keys().collect::<Vec<_>>());
}

#[test]
fn every_text_colour_has_aa_contrast_in_both_schemes() {
    let on_page = ["--text", "--soft", "--accent"];
    let on_raised = ["--text", "--soft", "--accent"];
    let code = ["--k", "--s", "--c", "--n", "--f", "--t", "--m", "--e", "--i", "--d"];
    let pairs = (on_page.iter().map(|c| (*c, "--bg"))).chain(on_raised.iter().chain(&code).map(|c| (*c, "--raised"))).chain([
        ("--i", "--ins"),
        ("--d", "--del"),
        ("--on-accent", "--accent"),
    ]);
    let mut low = Vec::new();
    for (nth, name) in [(0, "light"), (1, "dark")] {
        let colours = scheme(nth);
        for (text, ground) in pairs.clone() {
            let contrast = colours[text].contrast(colours[ground]);
            if contrast < 4.5 {
                low.push(format!("{name}: {text} on {ground} {contrast:.2}"));
            }
        }
        let edge = colours["--edge"].contrast(colours["--raised"]);
        if edge < 3.0 {
            low.push(format!("{name}: edges {edge:.2}"));
        }
    }
    assert!(low.is_empty(), "{}", low.join("\n"));
}

#[test]
fn covers_carry_their_titles() {
    let title = Colour::parse("#fbf5e9").expect("a colour");
    assert!(css().contains("#fbf5e9"));
    for (ground, _) in INKS {
        let contrast = Colour::parse(ground).expect("a colour").contrast(title);
        assert!(contrast >= 4.5, "{ground}: {contrast:.2}");
    }
}

#[test]
fn style_and_script_stay_small() {
    assert!(css().len() < 20_480, "{} bytes of CSS", css().len());
    let js = FOLIO.iter().find(|(name, _)| *name == JS).map_or(0, |(_, text)| text.len());
    assert!(js < 2048, "{js} bytes of JavaScript");
}

#[test]
fn templates_have_no_inline_script_style_or_handler() {
    for (name, text) in FOLIO.iter().filter(|(name, _)| name.ends_with(".html")) {
        assert!(!text.contains("<style") && !text.contains(" style=") && !text.contains(" on"), "{name}");
        assert!(
            text.matches("<script").count() == text.matches("<script src=").count() + text.matches("<script type=\"module\" src=").count(),
            "{name}"
        );
    }
}

#[test]
fn chinese_has_a_word_for_every_english_one() {
    let table = |name: &str| -> BTreeMap<String, String> {
        serde_yaml::from_str(FOLIO.iter().find(|(n, _)| *n == name).expect("there").1).expect("a table")
    };
    let (en, zh) = (table("strings/en.yaml"), table("strings/zh.yaml"));
    let missing: Vec<_> = en.keys().filter(|key| !key.ends_with("_one") && !zh.contains_key(*key)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let unknown: Vec<_> = zh.keys().filter(|key| !en.contains_key(*key)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    let used: String = FOLIO.iter().filter(|(n, _)| n.ends_with(".html")).map(|(_, t)| *t).collect();
    for at in used.match_indices("{{ t.").map(|(at, _)| at + 5) {
        let key: String = used[at..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        assert!(en.contains_key(&key), "no word for `{key}`");
    }
}

#[test]
fn a_site_overrides_single_files() {
    let over = |name: &str, text: &str| (name.to_owned(), Arc::from(text.as_bytes()));
    let theme =
        Theme::with_overrides(&[over("strings/en.yaml", "buy: Get it\n"), over("page.js", "1"), over("font.woff2", "x")]).expect("fine");
    assert_eq!(theme.words("en-GB").get("buy"), "Get it");
    let names: Vec<String> = theme.files(Some("#ffff00")).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["folio.css", "font.woff2", "page.js"]);
}

#[test]
fn an_own_table_of_words_may_leave_words_out() {
    let over = |name: &str, text: &str| (name.to_owned(), Arc::from(text.as_bytes()));
    let theme = Theme::with_overrides(&[over("strings/en.yaml", "buy: Get it\n"), over("strings/de.yaml", "buy: Kaufen\n")]).expect("fine");
    assert_eq!(theme.words("de").get("buy"), "Kaufen");
    assert_eq!(theme.words("en").get("next"), "Next");
    assert_eq!(theme.words("de").get("next"), "Next");
}

#[test]
fn broken_overrides_are_all_reported() {
    let over = |name: &str, text: &[u8]| (name.to_owned(), Arc::from(text));
    let problems = Theme::with_overrides(&[over("home.html", b"{% if %}"), over("strings/zh.yaml", b"- a\n"), over("page.html", b"\xff")])
        .expect_err("broken");
    let text = problems.render(9);
    assert!(text.contains("home.html:1:7") && text.contains("strings/zh.yaml") && text.contains("page.html"), "{text}");
    for (name, broken) in
        [("lesson.html", "{% extends \"gone.html\" %}"), ("a.html", "{% extends \"a.html\" %}"), ("page.html", "{{ x | gone }}")]
    {
        let text = Theme::with_overrides(&[over(name, broken.as_bytes())]).expect_err("broken").render(9);
        assert!(text.contains(&format!("`{name}` of the theme")), "{text}");
    }
}

#[test]
fn slots_are_filled_and_stray_marks_vanish() {
    let html: Public<&[u8]> = crate::access::public(b"<p>\x02t\x03</p>");
    let text = format!("a{}b\u{2}z{}", Slot::Text.mark(), Slot::Text.mark());
    assert_eq!(splice(&text, &[(Slot::Text, html)]), b"a<p>\x02t\x03</p>bz<p>\x02t\x03</p>");
}

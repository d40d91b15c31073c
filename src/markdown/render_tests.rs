use super::super::parse;
use super::*;

struct Plain;

impl Links for Plain {
    fn link(&mut self, target: &str) -> Target {
        if target == "gone" { Target::Broken } else { Target::Url(target.to_owned()) }
    }
    fn image(&mut self, target: &str, _: &str) -> Picture {
        match target {
            "gone" => Picture { target: Target::Broken, size: None },
            "sealed.png" => Picture { target: Target::Sealed(2, "sealed.png".into()), size: Some((3, 4)) },
            _ => Picture { target: Target::Url(target.to_owned()), size: None },
        }
    }
}

fn html(text: &str) -> String {
    let document = parse(text, 0);
    Render::passage(&document, &document.blocks, true, Words::ENGLISH, &mut Plain).html
}

#[track_caller]
fn case(text: &str, want: &str) {
    assert_eq!(html(text), want);
}

#[test]
fn blocks_are_written_compactly() {
    case("a\nb  \nc\n", "<p>a\nb<br>c</p>");
    case("## A `b` <\n", "<h2 id=\"a-b-\"><a class=\"anchor\" href=\"#a-b-\">A <code>b</code> &lt;</a></h2>");
    case("3. a\n4. b\n", "<ol start=\"3\"><li>a</li><li>b</li></ol>");
    case("- a\n\n- b\n", "<ul><li><p>a</p></li><li><p>b</p></li></ul>");
    case("> q\n", "<blockquote><p>q</p></blockquote>");
    case("---\n", "<hr>");
}

#[test]
fn github_extensions() {
    case("> [!NOTE]\n> x\n", "<aside class=\"alert alert-note\" role=\"note\"><p class=\"alert-title\">Note</p><p>x</p></aside>");
    case(
        "- [x] a\n- [ ] b\n",
        "<ul class=\"task-list\"><li class=\"task\"><input type=\"checkbox\" disabled checked> a</li><li class=\"task\"><input type=\"checkbox\" disabled> b</li></ul>",
    );
    case("~~a~~\n", "<p><del>a</del></p>");
    case(
        "|a|b|\n|---|--:|\n|1|2|\n",
        "<div class=\"table-wrap\" tabindex=\"0\" role=\"region\"><table><thead><tr><th>a</th><th align=\"right\">b</th></tr></thead><tbody><tr><td>1</td><td align=\"right\">2</td></tr></tbody></table></div>",
    );
    case(
        "a[^x] b[^x]\n\n[^x]: why\n",
        "<p>a<sup class=\"footnote-ref\"><a id=\"fnref-1\" href=\"#fn-1\">1</a></sup> b<sup class=\"footnote-ref\"><a id=\"fnref-1-2\" href=\"#fn-1\">1</a></sup></p><section class=\"footnotes\" role=\"doc-endnotes\"><ol><li id=\"fn-1\" value=\"1\"><p>why</p><a class=\"footnote-back\" href=\"#fnref-1\" aria-label=\"Back to the text\">↩</a></li></ol></section>",
    );
}

#[test]
fn links_and_pictures_are_asked_for() {
    case("[a](x \"t\")", "<p><a href=\"x\" title=\"t\">a</a></p>");
    case("[a](gone)", "<p><a class=\"broken\">a</a></p>");
    case("![a \"b\"](sealed.png)", "<p><img data-bookplate-asset=\"2\" alt=\"a &quot;b&quot;\" width=\"3\" height=\"4\"></p>");
    case("![a](gone)", "<p><span class=\"missing\">a</span></p>");
    case("<img src=sealed.png width=9>", "<img data-bookplate-asset=\"2\" width=9>");
}

#[test]
fn text_cannot_become_markup() {
    case("`<b>` &lt;i&gt; \"x\"", "<p><code>&lt;b&gt;</code> &lt;i&gt; \"x\"</p>");
    case("[a](x%22 \"\\\"><script>\")", "<p><a href=\"x%22\" title=\"&quot;&gt;&lt;script&gt;\">a</a></p>");
    case("```x\"y\n<b>\n```\n", "<pre class=\"code\" data-lang=\"x&quot;y\"><code>&lt;b&gt;\n</code></pre>");
}

#[test]
fn chinese_lines_are_joined_without_a_space() {
    case("第一行\n第二行\nabc\n", "<p>第一行第二行\nabc</p>");
}

#[test]
fn fences_are_never_touched() {
    case(
        "```text\n{{#include x}} {% raw %} <!-- paywall -->\n```\n",
        "<pre class=\"code\" data-lang=\"text\"><code>{{#include x}} {% raw %} &lt;!-- paywall --&gt;\n</code></pre>",
    );
}

#[test]
fn carriage_returns_and_open_fences_are_fine() {
    case(
        "# A\r\n\r\ntext\r\n\r\n```\r\nopen\r\nfence",
        "<h1 id=\"a\"><a class=\"anchor\" href=\"#a\">A</a></h1><p>text</p><pre class=\"code\"><code>open\nfence</code></pre>",
    );
}

#[test]
fn a_footnote_behind_the_paywall_is_not_linked_from_before_it() {
    let document = parse("a[^x]\n\n<!-- paywall -->\n\nb\n\n[^x]: secret\n", 0);
    let open = Render::passage(&document, &document.blocks[..1], false, Words::ENGLISH, &mut Plain);
    assert_eq!(open.html, "<p>a<sup class=\"footnote-ref\">1</sup></p>");
    assert!(!open.text.contains("secret"));
}

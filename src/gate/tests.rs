use super::*;
use crate::access::{Access, Public, Sealed, Sorted, public};

fn sealed<T>(value: T) -> Sealed<T> {
    match Access::Premium.sort(value) {
        Sorted::Sealed(sealed) => sealed,
        Sorted::Public(_) => unreachable!("premium is sealed"),
    }
}

const TEXT: &str = "<p>When a value <b>moves</b>, the variable that held it before can no longer be used for anything.</p>\
    <p>值被移动以后，原来的变量就不能再使用了，编译器会指出这一行。</p><h2>Owners and heirs</h2>";

struct Case {
    html: String,
    public: Vec<String>,
    files: Vec<Vec<u8>>,
}

impl Case {
    fn new() -> Self {
        Self { html: TEXT.to_owned(), public: Vec::new(), files: Vec::new() }
    }

    fn public(mut self, html: &str) -> Self {
        self.public.push(html.to_owned());
        self
    }

    fn file(mut self, bytes: &[u8]) -> Self {
        self.files.push(bytes.to_vec());
        self
    }

    fn passages(&self) -> Passages {
        let source = SealedSource {
            lesson: "content/own/03-moving.md",
            html: sealed(self.html.as_str()),
            others: Vec::new(),
            phrases: vec![
                Phrase::Heading(sealed("Owners and heirs")),
                Phrase::Alt(sealed("Two boxes and one arrow")),
                Phrase::FileName(sealed("moving-boxes.png")),
                Phrase::FileName(sealed("移动 图.png")),
            ],
            files: self.files.iter().map(|f| sealed(f.as_slice())).collect(),
        };
        let public: Vec<Public<&str>> = self.public.iter().map(|p| public(p.as_str())).collect();
        let sources: Vec<PublicSource<'_>> = public.into_iter().map(PublicSource::Html).collect();
        let secret =
            Secret { name: "site key".into(), bytes: (0..32_u8).map(|i| i.wrapping_mul(7).wrapping_add(100)).collect::<Vec<u8>>().into() };
        Passages::new(&[source], &sources, &[secret])
    }

    fn check(&self, path: &str, bytes: impl AsRef<[u8]>) -> Vec<String> {
        let report = check([(path, bytes.as_ref())], &self.passages());
        assert_eq!((report.files, report.bytes), (1, bytes.as_ref().len() as u64));
        report.findings.iter().map(|d| d.message.clone()).collect()
    }
}

#[test]
fn finds_eight_words_wherever_they_hide() {
    let places: &[(&str, &str)] = &[
        ("a.html", "<p>the variable that held it before can no</p>"),
        ("a.html", "<p>The <i>variable</i> that\n held it be<b>fore</b> can no</p>"),
        ("a.html", "<p>the &#118;ariable that&nbsp;held it before can no</p>"),
        ("a.html", "<meta name=description content='the variable that held it before can no'>"),
        ("a.html", "<!-- the variable that held it before can no -->"),
        ("a.html", "<script>x = 'the variable that held it before can no'</script>"),
        ("a.html", "<div data-x='{\"a\":\"the variable that\\nheld it before can no\"}'>"),
        ("search.json", r#"["the variable\u0020that\nheld it before can no"]"#),
        ("feed.xml", "<summary>the variable that held it before can no</summary>"),
        ("a.html", "<p>the &#118ariable that&Tab;held it before can no</p>"),
        ("a.html", "<!--><p>the <i>variable</i> that held it before can no</p>"),
        ("a.html", "<p title=it's>the <i>variable</i> that held it before can no</p>"),
        ("a.js", r#"x = "the \x76ariable that held it before can no""#),
        ("notes.txt", "THE VARIABLE THAT HELD IT BEFORE CAN NO"),
        ("a.html", "<p>原来的变量就不能再使用了，编译器会</p>"),
        ("a.json", r#""\u539f\u6765\u7684\u53d8\u91cf\u5c31\u4e0d\u80fd\u518d\u4f7f\u7528\u4e86\u7f16\u8bd1\u5668\u4f1a""#),
    ];
    for (path, text) in places {
        let found = Case::new().check(path, text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].contains("content/own/03-moving.md") && found[0].contains(path), "{found:?}");
    }
}

#[test]
fn seven_words_and_other_words_pass() {
    for text in
        ["<p>the variable that held it before can</p>", "<p>the variable that held it before may no longer</p>", "<p>就不能再使用了</p>"]
    {
        assert_eq!(Case::new().check("a.html", text), [""; 0], "{text}");
    }
}

#[test]
fn findings_show_fewer_words_than_would_be_a_leak() {
    let found = Case::new().check("a.html", TEXT);
    assert!(found.iter().any(|f| f.contains("`When a value…`")), "{found:?}");
    assert!(!found.iter().any(|f| f.contains("moves")), "{found:?}");
}

#[test]
fn what_public_sources_contain_is_left_out_and_counted() {
    let case = Case::new().public("<p>A free lesson: the variable that held it before can no longer be used.</p><h3>Owners and heirs</h3>");
    assert_eq!(case.check("a.html", "<p>the variable that held it before can no longer be used</p>Owners and heirs"), [""; 0]);
    assert_eq!(case.passages().public_runs(), 4);
    assert_eq!(case.check("a.html", "<p>held it before can no longer be used for anything</p>").len(), 1);
}

#[test]
fn finds_headings_alternative_texts_and_file_names() {
    for (text, what) in [
        ("<nav>Owners and Heirs</nav>", "a heading"),
        ("<a href='#'>owners-and-heirs</a>", "a heading"),
        ("<img alt='Two boxes and one arrow'>", "an alternative text"),
        ("<img src='/x/moving-boxes.png'>", "the name of a file"),
        ("<a href='/%E7%A7%BB%E5%8A%A8%20%E5%9B%BE.png'>x</a>", "the name of a file"),
        ("<script type='x'>{\"name\":\"\\u79fb\\u52a8 \\u56fe.png\"}</script>", "the name of a file"),
    ] {
        let found = Case::new().check("a.html", text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].contains(what), "{found:?}");
    }
    assert_eq!(Case::new().check("x/moving-boxes.png", "").len(), 1, "an output's path counts");
    assert_eq!(Case::new().check("a.html", "moving boxes, PNG"), [""; 0]);
}

#[test]
fn finds_sealed_files_whole_and_in_parts() {
    let image: Vec<u8> = (0..2000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let case = Case::new().file(&image);
    assert_eq!(case.check("a.png", &image).len(), 1);
    assert_eq!(case.check("a.zip", [b"PK\0\0".as_slice(), &image, b"end"].concat()).len(), 1);
    let data = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &image);
    assert_eq!(case.check("a.html", format!("<img src='data:image/png;base64,{data}'>")).len(), 1);
    assert_eq!(case.check("b.png", &image[..300]), [""; 0]);
    assert_eq!(Case::new().file(b"tiny").check("a.txt", b"tiny").len(), 1);
    assert_eq!(
        Case::new()
            .file(b"a download in eight words is for sale too")
            .check("x.md", b"* A download in eight words is for *sale* too")
            .len(),
        1
    );
}

#[test]
fn finds_key_bytes() {
    let key: Vec<u8> = (0..32_u8).map(|i| i.wrapping_mul(7).wrapping_add(100)).collect();
    let hex: String = key.iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(Case::new().check("-/sealed/x.bin", [b"abc".as_slice(), &key].concat()).len(), 1);
    assert!(Case::new().check("a.js", format!("key = '{hex}'"))[0].contains("key bytes: site key"));
}

#[test]
fn a_declared_alternative_is_an_error_even_in_a_free_site() {
    let report = check([("a.html", b"<p>x</p><!--~ y -->".as_slice())], &Passages::default());
    assert_eq!(report.findings.iter().map(|d| d.rule).collect::<Vec<_>>(), ["gate/alternative"]);
}

//! Front matter: what authors write above a page, as typed, then checked.

use std::ops::Range;

use super::epochs::Epochs;
use super::stray::stray;
use crate::access::Access;
use crate::config::{self, Fields, Language, Located, MarksSaid, Price, Product, Value};
use crate::diag::{Diagnostic, Diagnostics, Severity};

/// Where front matter and body stand in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Bytes of the YAML, without the lines around it.
    pub yaml: Option<Range<usize>>,
    /// Where the body begins.
    pub body: usize,
    /// The first line opens front matter that never ends.
    pub unclosed: bool,
}

/// Finds front matter: a first line `---` and a later line `---` or `...`.
#[must_use]
pub fn split(text: &str) -> Split {
    let none = Split { yaml: None, body: 0, unclosed: false };
    let Some(first) = text.split_inclusive('\n').next().filter(|line| line.trim_end() == "---") else { return none };
    let mut at = first.len();
    for line in text[at..].split_inclusive('\n') {
        if matches!(line.trim_end(), "---" | "...") {
            return Split { yaml: Some(first.len()..at), body: at + line.len(), unclosed: false };
        }
        at += line.len();
    }
    // A lone `---` is a line across the page; with a key under it, it was meant as front matter.
    let second = text[first.len()..].lines().next().unwrap_or_default();
    let key = second
        .split_once(':')
        .is_some_and(|(key, _)| !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-'));
    Split { unclosed: key, ..none }
}

/// What a page is, which decides what may stand above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Outside the courses.
    Page,
    /// `index.md` of a course.
    Course,
    /// `index.md` of a chapter.
    Chapter,
    /// A lesson.
    Lesson,
    /// Any page of a folder without `bookplate.yaml`.
    Bare,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Page => "the front matter of a page",
            Kind::Course => "the front matter of a course",
            Kind::Chapter => "the front matter of a chapter",
            Kind::Lesson | Kind::Bare => "the front matter of a lesson",
        }
    }
}

/// How much of sealed lessons the outline shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OutlineMode {
    /// Titles of lessons.
    #[default]
    Titles,
    /// Titles, and headings of sealed text too.
    Full,
    /// Nothing of sealed lessons.
    Hidden,
}

/// Checked front matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Front {
    /// `id`
    pub id: Option<String>,
    /// Where the id stands in the file.
    pub id_span: Range<usize>,
    /// `title`
    pub title: Option<String>,
    /// `description`
    pub description: Option<String>,
    /// `summary`
    pub summary: Option<String>,
    /// `access`
    pub access: Option<Access>,
    /// `order`
    pub order: Option<i64>,
    /// `draft`
    pub draft: bool,
    /// `marks: off` of a lesson.
    pub unmarked: bool,
    /// What only a course has.
    pub course: CourseFront,
    /// Keys that were not read, in a folder without `bookplate.yaml`.
    pub other: Vec<String>,
}

/// What only the front matter of a course has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CourseFront {
    /// `language`
    pub language: Option<Language>,
    /// `price`
    pub price: Option<Price>,
    /// `checkout`
    pub checkout: Option<String>,
    /// `products`
    pub products: Vec<Product>,
    /// `outline`
    pub outline: OutlineMode,
    /// `epoch`, `epochs`, `rotated`
    pub epochs: Epochs,
    /// `cover`, as written
    pub cover: Option<String>,
    /// `marks`, over the settings of the site
    pub marks: MarksSaid,
}

/// The rule of keys that sell, in a folder that cannot sell. It stays an error in a bare folder.
const SELLS: &str = "front-matter/sells";
/// The rule of front matter that stands where it is not read.
const STRAY: &str = "front-matter/misplaced";

/// Reads the front matter of `path`. In a bare folder mistakes are warnings: its author wrote for another program. What would be
/// for sale elsewhere stays an error: nothing is published for free by mistake.
#[must_use]
pub fn read_front(path: &str, text: &str, split: &Split, kind: Kind) -> (Front, Diagnostics) {
    let (front, found) = read(path, text, split, kind);
    if kind != Kind::Bare {
        return (front, found);
    }
    let softened = found.into_iter().map(|mut d| {
        if !matches!(d.rule, SELLS | STRAY) {
            d.severity = Severity::Warning;
        }
        d
    });
    (front, softened.collect())
}

fn read(path: &str, text: &str, split: &Split, kind: Kind) -> (Front, Diagnostics) {
    let mut front = Front::default();
    let stray = stray(text, split, kind == Kind::Bare)
        .filter(|_| kind == Kind::Bare || !split.unclosed)
        .map(|stray| Diagnostic::error(STRAY, stray.message).at(path, text, stray.span).hint(stray.hint));
    if split.unclosed {
        let mistake = Diagnostic::error("front-matter/unclosed", "front matter is opened by `---` and never closed").at(path, text, 0..3);
        return (front, stray.into_iter().chain([mistake.hint("put a line `---` under the last key")]).collect());
    }
    let Some(yaml) = split.yaml.clone() else { return (front, stray.into_iter().collect()) };
    let tree = match config::parse(&text[yaml.clone()]) {
        Ok(tree) => tree,
        Err(error) => {
            let at = yaml.start + error.offset;
            let mistake = Diagnostic::error("front-matter/broken", format!("front matter cannot be read: {}", error.message));
            let mistake = mistake.at(path, text, at..at + 1).hint(error.hint);
            return (front, stray.into_iter().chain(broken_sale(path, text, yaml, kind)).chain([mistake]).collect());
        }
    };
    if kind == Kind::Bare && !matches!(tree.value, Value::Map(_)) {
        return (front, stray.into_iter().collect());
    }
    let mut fields = Fields::new(path, text, yaml.start, tree);
    fields.found.extend(stray);
    let plain = |taken: Option<(String, Range<usize>)>| taken.map(|(text, _)| text);
    front.title = plain(fields.text("title"));
    front.description = plain(fields.text("description"));
    front.order = fields.integer("order").map(|(n, _)| n);
    front.draft = fields.boolean("draft").unwrap_or(false);
    if kind == Kind::Bare {
        refuse_sales(&mut fields);
        front.other = fields.left();
        return (front, fields.found);
    }
    if kind != Kind::Page {
        read_id(&mut fields, &mut front, yaml.start);
        front.summary = plain(fields.text("summary"));
        front.access = read_access(&mut fields);
    }
    match kind {
        Kind::Course => read_course(&mut fields, &mut front.course),
        Kind::Chapter | Kind::Lesson => front.unmarked = MarksSaid::take_off(&mut fields),
        Kind::Page | Kind::Bare => {}
    }
    (front, fields.finish(kind.name()))
}

/// A folder without settings sells nothing: text that was meant to be sealed must not be published in clear.
fn refuse_sales(fields: &mut Fields<'_>) {
    for name in ["access", "price", "products", "checkout"] {
        let Some((span, value)) = fields.look(name) else { continue };
        let open = value.scalar().is_some_and(|word| ["free", "public", "open"].iter().any(|open| word.trim().eq_ignore_ascii_case(open)));
        if name != "access" || !open {
            fields.fault(
                SELLS,
                format!("`{name}` in a folder without `bookplate.yaml`, where everything is published for free"),
                span,
                SELL,
            );
        }
    }
}

/// What to do about keys that sell.
const SELL: &str = "to sell it, build the folder that holds `bookplate.yaml` (`bookplate init` makes one); else take this line out";

/// Front matter that cannot be read is text in a bare folder; a line in it may have sealed the lesson.
fn broken_sale(path: &str, text: &str, yaml: Range<usize>, kind: Kind) -> Option<Diagnostic> {
    let inside = text.get(yaml.clone()).filter(|_| kind == Kind::Bare)?;
    let found = super::stray(inside, &Split { yaml: None, body: 0, unclosed: false }, true)?;
    let span = yaml.start + found.span.start..yaml.start + found.span.end;
    Some(Diagnostic::error(SELLS, "`access` in front matter that cannot be read").at(path, text, span).hint(SELL))
}

fn read_id(fields: &mut Fields<'_>, front: &mut Front, base: usize) {
    let Some((id, span)) = fields.text("id") else { return };
    match config::check_id(&id) {
        Ok(()) => {
            front.id = Some(id);
            front.id_span = base + span.start..base + span.end;
        }
        Err(why) => fields.fault("key/value", format!("this `id` cannot be used: {why}"), span, "use a short name such as `hello-world`"),
    }
}

fn read_access(fields: &mut Fields<'_>) -> Option<Access> {
    const WRITE: &str = "write `free`, `preview` or `premium`";
    if let Some(span) = fields.empty("access") {
        fields.fault("lesson/access", "`access` is empty", span, WRITE);
    }
    let (word, span) = fields.text("access")?;
    let access = Access::parse(&word);
    if access.is_none() {
        let names = Access::ALL.map(Access::name);
        let hint = match config::nearest(&word, &names) {
            Some(name) => format!("did you mean `{name}`? It is `free`, `preview` or `premium`"),
            None => WRITE.to_owned(),
        };
        fields.fault("lesson/access", format!("unknown access `{word}`"), span, &hint);
    }
    access
}

fn read_course(fields: &mut Fields<'_>, course: &mut CourseFront) {
    if let Some((tag, span)) = fields.text("language") {
        course.language = Language::parse(&tag);
        if course.language.is_none() {
            fields.fault("key/value", format!("`{tag}` is not a language tag"), span, "write `en`, `zh` or another tag such as `pt-BR`");
        }
    }
    if let Some(span) = fields.empty("price") {
        // With a price lessons are for sale unless they say otherwise; an empty one must not give them away.
        fields.fault("key/value", "`price` is empty", span, "write an amount and a currency such as `49 USD`, or take the line out");
    }
    if let Some((price, span)) = fields.text("price") {
        course.price = Price::parse(&price);
        if course.price.is_none() {
            fields.fault(
                "key/value",
                format!("`{price}` is not a price"),
                span,
                "write an amount and a currency of three letters: `49 USD`",
            );
        }
    }
    if let Some((url, span)) = fields.text("checkout") {
        match config::https_url(&url) {
            Ok(_) => course.checkout = Some(url),
            Err(why) => fields.fault(
                "key/value",
                format!("`checkout` is not a web address: {why}"),
                span,
                "copy the product's share link from your payment provider",
            ),
        }
    }
    if let Some((word, span)) = fields.text("outline") {
        match word.as_str() {
            "titles" => course.outline = OutlineMode::Titles,
            "full" => course.outline = OutlineMode::Full,
            "hidden" => course.outline = OutlineMode::Hidden,
            _ => fields.fault("key/value", format!("unknown outline `{word}`"), span, "write `titles`, `full` or `hidden`"),
        }
    }
    course.epochs = Epochs::take(fields);
    course.cover = fields.text("cover").map(|(path, _)| path);
    course.marks = MarksSaid::take(fields);
    if let Some(mut providers) = fields.mapping("products") {
        if let Some(list) = providers.take("lemon_squeezy") {
            course.products = read_products(&mut providers, list);
        }
        fields.close(providers, "`products`");
    }
}

/// `[40001, {product: 40002, variant: 50001}]`, or one of them alone.
fn read_products(fields: &mut Fields<'_>, list: Located) -> Vec<Product> {
    const PROVIDER: &str = "lemon_squeezy";
    const HINT: &str = "write `[40001]` or `[{product: 40001, variant: 50001}]`";
    let items = match list.value {
        Value::List(items) => items,
        one => vec![Located { value: one, span: list.span }],
    };
    let mut products = Vec::new();
    for item in items {
        let span = item.span.clone();
        let product = match item.value {
            Value::Integer(n, _) => id(n).map(|product| Product { provider: PROVIDER.into(), product, variant: None }),
            Value::Map(entries) => {
                let number = |name: &str| {
                    entries.iter().find(|(key, _)| key.value.scalar() == Some(name)).map(|(_, value)| match value.value {
                        Value::Integer(n, _) => id(n),
                        _ => None,
                    })
                };
                let known = entries.iter().all(|(key, _)| matches!(key.value.scalar(), Some("product" | "variant")));
                match (number("product"), number("variant"), known) {
                    (Some(Some(product)), None, true) => Some(Product { provider: PROVIDER.into(), product, variant: None }),
                    (Some(Some(product)), Some(Some(variant)), true) => {
                        Some(Product { provider: PROVIDER.into(), product, variant: Some(variant) })
                    }
                    _ => None,
                }
            }
            _ => None,
        };
        match product {
            Some(product) => products.push(product),
            None => fields.fault("key/value", "this is not a product of Lemon Squeezy", span, HINT),
        }
    }
    products
}

fn id(n: i64) -> Option<u64> {
    u64::try_from(n).ok().filter(|n| *n > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn front(text: &str, kind: Kind) -> (Front, String) {
        let (front, found) = read_front("a.md", text, &split(text), kind);
        (front, found.render(9))
    }

    #[test]
    fn front_matter_is_split_from_the_body() {
        for text in ["---\na: 1\n---\nbody", "---\r\na: 1\r\n---\r\nbody", "---\na: 1\n...\nbody"] {
            let got = split(text);
            assert_eq!(&text[got.body..], "body");
            assert_eq!(text[got.yaml.unwrap()].trim(), "a: 1");
        }
        assert_eq!(split("text\n---\n").yaml, None);
        assert!(!split("---\n\n# a line across the page\n").unclosed);
        assert!(split("---\ntitle: x\n\ntext\n").unclosed);
    }

    #[test]
    fn a_course_is_read() {
        let text = "---\nid: o\nprice: 49 USD\ncheckout: https://shop.example.com/buy/1\nproducts: { lemon_squeezy: [40001, {product: 40002, variant: 50001}] }\naccess: premium\nepoch: 2\n---\n";
        let (front, found) = front(text, Kind::Course);
        assert_eq!(found, "");
        assert_eq!(front.course.products[1].variant, Some(50001));
        assert_eq!((front.access, front.course.epochs.epoch), (Some(Access::Premium), Some(2)));
        assert_eq!(front.course.price.unwrap().to_string(), "49 USD");
    }

    #[test]
    fn mistakes_are_located_in_the_lines_of_the_file() {
        let (_, found) = front("---\ntitle: ok\nacess: free\naccess: paid\norder: x\n---\n", Kind::Lesson);
        for want in ["did you mean `access`?", "a.md:3:1", "unknown access `paid`", "a.md:4:9", "not a whole number", "a.md:5:8"] {
            assert!(found.contains(want), "{want} is not in\n{found}");
        }
        let (_, found) = front("---\ntitle: [\n---\n", Kind::Lesson);
        assert!(found.contains("error[front-matter/broken]") && found.contains("a.md:"), "{found}");
    }

    #[test]
    fn what_would_be_sold_is_never_free_by_mistake() {
        for text in [
            "---\naccess: premium\n---\n",
            "---\nAccess: preview\n---\n",
            "---\naccess:\n---\n",
            "---\nprice: 49 USD\n---\n",
            "---\nproducts: { lemon_squeezy: [1] }\n---\n",
            "---\ncheckout: https://a.example\n---\n",
            "---\ntitle: [\naccess: premium\n---\n",
            "---\naccess: premium\n\ntext\n",
        ] {
            let (_, found) = front(text, Kind::Bare);
            assert!(found.contains("error["), "{text}: {found}");
        }
        assert_eq!(front("---\naccess: public\n---\n", Kind::Bare).1, "");
        for text in ["---\naccess:\n---\n", "---\naccess: \"\"\n---\n", "---\naccess: ~\n---\n"] {
            let (_, found) = front(text, Kind::Lesson);
            assert!(found.contains("error[lesson/access]: `access` is empty") && found.contains("a.md:2:1"), "{text}: {found}");
        }
        assert!(front("---\nprice:\n---\n", Kind::Course).1.contains("`price` is empty"));
    }

    #[test]
    fn a_bare_folder_is_read_with_patience() {
        let (front, found) = front("---\ntitle: 1.10\ntag: [x]\norder: soon\n---\n", Kind::Bare);
        assert_eq!((front.title.as_deref(), front.other), (Some("1.10"), vec!["tag".to_owned()]));
        assert!(found.starts_with("warning["), "{found}");
    }
}

//! As much of CSS as says whether text is shown: inline styles, and rules for one tag, class or id.

use std::collections::HashMap;

use super::raw_html::{Element, Piece, pieces};

/// Whether the text of an element is shown. What hides by `visibility` and `font-size` can be shown again further inside.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Shown {
    gone: bool,
    invisible: bool,
    tiny: bool,
}

impl Shown {
    /// Of an element that is not shown, nor anything in it.
    pub(super) fn gone() -> Self {
        Self { gone: true, ..Self::default() }
    }

    pub(super) fn is_seen(self) -> bool {
        self == Self::default()
    }

    fn then(self, own: Own) -> Self {
        Self { gone: self.gone || own.gone, invisible: own.invisible.unwrap_or(self.invisible), tiny: own.tiny.unwrap_or(self.tiny) }
    }
}

/// What a block of declarations says; `None` is what it leaves to the parent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Own {
    gone: bool,
    invisible: Option<bool>,
    tiny: Option<bool>,
}

/// Farther than this, in whatever unit, is off the screen.
const OFF_SCREEN: f32 = -100.0;

impl Own {
    fn of(declarations: &str) -> Self {
        let text = declarations.to_ascii_lowercase();
        // The last declaration of a property counts.
        let all: HashMap<&str, &str> =
            text.split(';').filter_map(|d| d.split_once(':')).map(|(name, value)| (name.trim(), plain(value))).collect();
        let value = |name: &str| all.get(name).copied().unwrap_or_default();
        let zero = |name: &str| number(value(name)) == Some(0.0);
        let away = ["left", "top", "right", "bottom", "text-indent", "margin-left", "margin-top"];
        let clipped =
            value("clip").starts_with("rect(") || value("clip-path").starts_with("inset(") && !value("clip-path").starts_with("inset(0");
        let flat = ["width", "height", "max-width", "max-height"].into_iter().any(zero) && value("overflow").starts_with("hidden");
        Self {
            gone: value("display") == "none"
                || zero("opacity")
                || clipped
                || flat
                || value("color") == "transparent"
                || away.into_iter().filter_map(|name| number(value(name))).any(|at| at <= OFF_SCREEN),
            invisible: match value("visibility") {
                "hidden" | "collapse" => Some(true),
                "visible" => Some(false),
                _ => None,
            },
            tiny: match number(value("font-size")) {
                // A part of nothing is nothing: relative sizes show nothing again.
                Some(0.0) => Some(true),
                Some(_)
                    if !value("font-size").ends_with('%') && !value("font-size").ends_with("em") || value("font-size").ends_with("rem") =>
                {
                    Some(false)
                }
                _ => None,
            },
        }
    }
}

fn plain(value: &str) -> &str {
    value.trim().trim_end_matches("important").trim_end().trim_end_matches('!').trim_end()
}

/// The number that a value begins with.
fn number(value: &str) -> Option<f32> {
    let end = value.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-')).unwrap_or(value.len());
    value.get(..end)?.parse().ok()
}

/// The rules of a page's own style sheets that hide something, by `tag`, `.class` or `#id`.
#[derive(Debug, Default)]
pub(super) struct Styles(HashMap<String, Own>);

impl Styles {
    /// Of all `<style>` elements of a page. Rules for other selectors, and in `@` blocks, are left out: what they show is not known here.
    pub(super) fn of(html: &str) -> Self {
        let (mut styles, mut in_style) = (Self::default(), false);
        pieces(html, &mut |piece| match piece {
            Piece::Tag(element) => in_style = element.is("style") && !element.closing,
            Piece::Raw(sheet) if in_style => styles.read(sheet),
            _ => {}
        });
        styles.0.retain(|_, own| *own != Own::default());
        styles
    }

    fn read(&mut self, sheet: &str) {
        let mut depth = 0_usize;
        let mut selectors = "";
        for part in sheet.split_inclusive(['{', '}']) {
            let text = part.trim_end_matches(['{', '}']);
            if part.ends_with('{') {
                depth += 1;
                selectors = text;
                continue;
            }
            if depth == 1 && part.ends_with('}') {
                let simple = |s: &&str| !s.is_empty() && s.bytes().skip(1).all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
                for selector in selectors.split(',').map(str::trim).filter(simple) {
                    self.0.insert(selector.to_owned(), Own::of(text));
                }
            }
            depth = depth.saturating_sub(1);
        }
    }

    /// What becomes of the text of an element in a parent.
    pub(super) fn of_element(&self, element: &Element<'_>, parent: Shown) -> Shown {
        let mut shown = parent;
        let attribute = |name: &str| element.attributes.iter().find(|attribute| attribute.is(name));
        if !self.0.is_empty() {
            let classes = attribute("class").map(|class| class.text()).unwrap_or_default();
            let id = attribute("id").map(|id| format!("#{}", id.text()));
            let names = [element.name.to_ascii_lowercase()]
                .into_iter()
                .chain(classes.split_whitespace().map(|class| format!(".{class}")))
                .chain(id);
            for own in names.filter_map(|name| self.0.get(&name)) {
                shown = shown.then(*own);
            }
        }
        if attribute("hidden").is_some() {
            shown.gone = true;
        }
        attribute("style").map_or(shown, |style| shown.then(Own::of(&style.text())))
    }
}

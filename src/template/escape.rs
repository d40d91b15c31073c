//! Text into HTML.

use std::borrow::Cow;

/// The text with everything escaped that ends a text or an attribute in quotes.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn nothing_ends_a_text_or_an_attribute() {
        assert_eq!(escape("a & <b> \"c\" 'd' 中"), "a &amp; &lt;b&gt; &quot;c&quot; &#39;d&#39; 中");
    }
}

//! Paths of sources: relative, with `/`.

use std::borrow::Cow;

/// True for `*.md`.
#[must_use]
pub fn is_markdown(path: &str) -> bool {
    path.len() > 3 && path.get(path.len() - 3..).is_some_and(|end| end.eq_ignore_ascii_case(".md"))
}

/// The folder of a path, without slash at the end; empty for the root.
#[must_use]
pub fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The file name without folder and without `.md`.
#[must_use]
pub fn stem(path: &str) -> &str {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    if is_markdown(name) { &name[..name.len() - 3] } else { name }
}

/// True for `README.md` and `index.md`: the page of their folder.
#[must_use]
pub fn is_index(path: &str) -> bool {
    is_markdown(path) && ["readme", "index"].iter().any(|name| stem(path).eq_ignore_ascii_case(name))
}

/// Follows `relative` from the folder `base`: `.` and `..` are resolved. `None` if it leaves the root.
#[must_use]
pub fn join(base: &str, relative: &str) -> Option<String> {
    let mut parts: Vec<&str> = base.split('/').filter(|p| !p.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// Percent-decoded, if that gives UTF-8.
#[must_use]
pub fn decoded(text: &str) -> Cow<'_, str> {
    percent_encoding::percent_decode_str(text).decode_utf8().unwrap_or(Cow::Borrowed(text))
}

/// True for targets that lead out of the site: they have a scheme (RFC 3986, section 3.1) or begin with `//`.
#[must_use]
pub fn is_external(target: &str) -> bool {
    if target.starts_with("//") {
        return true;
    }
    let Some((scheme, _)) = target.split_once(':') else { return false };
    // One letter is a drive of Windows.
    scheme.len() > 1
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_followed() {
        assert_eq!(join("a/b", "../c/./d.md").as_deref(), Some("a/c/d.md"));
        assert_eq!(join("a", "../../x"), None);
    }

    #[test]
    fn schemes_lead_out() {
        assert!(is_external("https://x") && is_external("mailto:a@b") && is_external("//x/y"));
        assert!(!is_external("a/b:c") && !is_external("x.md#a:b") && !is_external("中文:x") && !is_external("C:/x"));
    }
}

//! `bookplate init`: a site that builds, and its key.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::args::InitArguments;
use super::secrets;
use crate::fs;
use crate::protocol::SiteId;

/// The new site, file by file; `{{id}}` and `{{title}}` are replaced.
const FILES: &[(&str, &str)] = &[
    (".gitignore", include_str!("init/template/gitignore")),
    ("README.md", include_str!("init/template/README.md")),
    ("bookplate.yaml", include_str!("init/template/bookplate.yaml")),
    ("content/index.md", include_str!("init/template/content/index.md")),
    ("content/about.md", include_str!("init/template/content/about.md")),
    ("content/privacy.md", include_str!("init/template/content/privacy.md")),
    ("content/terms.md", include_str!("init/template/content/terms.md")),
    ("content/first-course/index.md", include_str!("init/template/content/first-course/index.md")),
    ("content/first-course/01-welcome.md", include_str!("init/template/content/first-course/01-welcome.md")),
    ("content/first-course/02-preview.md", include_str!("init/template/content/first-course/02-preview.md")),
    ("content/first-course/03-for-sale.md", include_str!("init/template/content/first-course/03-for-sale.md")),
    ("content/first-course/figure.svg", include_str!("init/template/content/first-course/figure.svg")),
];

pub(super) fn run(arguments: &InitArguments) -> Result<()> {
    let dir = &arguments.dir;
    if dir.exists() && dir.read_dir().with_context(|| format!("`{}` is not a folder", dir.display()))?.next().is_some() {
        bail!("`{}` is not empty\n  = help: name a new folder; nothing was written", dir.display());
    }
    let name = dir.file_name().map(|n| n.to_string_lossy().into_owned()).context("the new folder needs a name")?;
    let id = slug(&name);
    let title = arguments.title.clone().unwrap_or_else(|| name.replace(['-', '_'], " "));
    if title.contains(char::is_control) {
        bail!("the title holds a line break or another control character\n  = help: write `--title` in one line");
    }
    let site = SiteId::parse(&id).with_context(|| format!("`{name}` does not make a site id: use letters, digits and hyphens"))?;
    for (path, text) in FILES {
        let path = dir.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, text.replace("{{id}}", &id).replace("{{title}}", &quoted(&title)).as_bytes())?;
    }
    say!("made {}, a site that builds: one course, one free, one preview and one paid lesson", dir.display());
    say_key(&site)?;
    let quoted = |path: &Path| quoted_for_shell(&path.display().to_string());
    let (shown, content, settings) = (quoted(dir), quoted(&dir.join("content")), quoted(&dir.join("bookplate.yaml")));
    say!("\nNext\n  1. bookplate serve {shown}\n  2. write: {content}, settings in {settings}\n  3. bookplate build {shown}");
    say!("Before the first sale: `keys: endpoint` and the store in {settings}, `checkout` and `products` in the course's index.md.");
    Ok(())
}

fn say_key(site: &SiteId) -> Result<()> {
    let path = secrets::site_key_path(site)?;
    if path.exists() {
        say!("key    {} was there already and is kept", shown(&path));
    } else {
        secrets::make_key(&path)?;
        say!("key    {}", shown(&path));
    }
    say!("       Without this key no new buyers and no tracing: keep a copy in a safe place.");
    Ok(())
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Letters and digits in lower case, the rest as single hyphens.
fn slug(name: &str) -> String {
    let mapped: String = name.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    mapped.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

/// As an argument of a shell: in quotes where it holds more than plain letters.
fn quoted_for_shell(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./~+:@,".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// For a place between double quotes in YAML.
fn quoted(title: &str) -> String {
    title.replace('\\', "\\\\").replace('"', "\\\"")
}

//! Sealed bytes against the gzip size of the same HTML, lesson by lesson, for the site that is named as the argument: as the build seals
//! it, with marks where the site has them, and the same text without any.
#![allow(clippy::print_stdout)]

use std::io::Write as _;
use std::path::PathBuf;

use bookplate::cli::pipeline;
use bookplate::protocol::{Chunk, CourseId, Epoch, LessonContent, LessonId, Params, Sealer, SiteId, SiteKey};
use bookplate::site::{self, Mode, Seals};
use bookplate::template::Theme;

const KEY: [u8; 32] = [7; 32];

fn main() {
    let dir = PathBuf::from(std::env::args().nth(1).expect("the folder of a site"));
    let edition = pipeline::read(&dir).expect("the site is readable").edition.expect("the site has no errors");
    let site = SiteId::parse(&edition.site.id).expect("an id");
    let theme = Theme::with_overrides(&edition.theme_files).expect("a theme");
    let seals = Seals { key: SiteKey::from_bytes(KEY), preview: false };
    let built = site::assemble(&edition, &theme, Some(&seals), Mode::Build).expect("it builds");
    let (mut marked, mut plain) = (Ratios::default(), Ratios::default());
    let (mut sentences, mut worded) = (0, 0);
    for (course, lesson) in edition.lessons() {
        let Some(prose) = &lesson.body.sealed else { continue };
        let prose = prose.open_for_sealing();
        sentences += prose.sentences.len();
        worded += prose.sentences.iter().filter(|s| s.other.is_some()).count();
        let course = CourseId::parse(&course.id).expect("an id");
        let sealer = Sealer::new(&SiteKey::from_bytes(KEY), site.clone(), course, Epoch(1), Params::default());
        let id = LessonId::parse(&lesson.id).expect("an id");
        let content = LessonContent { chunks: &[Chunk::Common(prose.html.clone())], assets: &[] };
        let gzip = gzip(prose.html.as_bytes());
        plain.add(sealer.lesson(&id, &content).expect("it seals").bytes.len(), gzip);
        let path = format!("-/sealed/{}.bin", sealer.file_name(&id));
        marked.add(built.outputs.get(&path).expect("a file for each sealed lesson").bytes.len(), gzip);
    }
    println!("  {} lessons, {sentences} sentences, {worded} of them in two wordings", marked.ratios.len());
    println!("  sealed / gzip of the same HTML, as built: {marked} (target for the median: at most 2.6 with marks)");
    println!("  sealed / gzip of the same HTML, no marks: {plain} (target for the median: under 1.3)");
}

/// Sizes of sealed files and of what gzip makes of the same text.
#[derive(Default)]
struct Ratios {
    ratios: Vec<f64>,
    sealed: usize,
    zipped: usize,
}

impl Ratios {
    fn add(&mut self, sealed: usize, zipped: usize) {
        self.sealed += sealed;
        self.zipped += zipped;
        self.ratios.push(sealed as f64 / zipped as f64);
    }
}

impl std::fmt::Display for Ratios {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut ratios = self.ratios.clone();
        ratios.sort_by(f64::total_cmp);
        let median = ratios.get(ratios.len() / 2).copied().unwrap_or_default();
        write!(f, "median {median:.3}, all together {:.3}", self.sealed as f64 / self.zipped as f64)
    }
}

fn gzip(bytes: &[u8]) -> usize {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    writer.write_all(bytes).expect("memory");
    writer.finish().expect("memory").len()
}

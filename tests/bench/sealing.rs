//! Sealed bytes against the gzip size of the same HTML, lesson by lesson, for the site that is named as the argument.
#![allow(clippy::print_stdout)]

use std::io::Write as _;
use std::path::PathBuf;

use bookplate::cli::pipeline;
use bookplate::protocol::{Chunk, CourseId, Epoch, LessonContent, LessonId, Params, Sealer, SiteId, SiteKey};

fn main() {
    let dir = PathBuf::from(std::env::args().nth(1).expect("the folder of a site"));
    let edition = pipeline::read(&dir).expect("the site is readable").edition.expect("the site has no errors");
    let site = SiteId::parse(&edition.site.id).expect("an id");
    let mut ratios = Vec::new();
    let (mut sealed, mut zipped) = (0, 0);
    for (course, lesson) in edition.lessons() {
        let Some(prose) = &lesson.body.sealed else { continue };
        let html = &prose.open_for_sealing().html;
        let course = CourseId::parse(&course.id).expect("an id");
        let sealer = Sealer::new(&SiteKey::from_bytes([7; 32]), site.clone(), course, Epoch(1), Params::default());
        let content = LessonContent { chunks: &[Chunk::Common(html.clone())], assets: &[] };
        let file = sealer.lesson(&LessonId::parse(&lesson.id).expect("an id"), &content).expect("it seals").bytes.len();
        let gzip = gzip(html.as_bytes());
        sealed += file;
        zipped += gzip;
        ratios.push(file as f64 / gzip as f64);
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios.get(ratios.len() / 2).copied().unwrap_or_default();
    println!(
        "  sealed / gzip of the same HTML: median {median:.3}, all together {:.3} (target under 1.3), {} lessons",
        sealed as f64 / zipped as f64,
        ratios.len()
    );
}

fn gzip(bytes: &[u8]) -> usize {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    writer.write_all(bytes).expect("memory");
    writer.finish().expect("memory").len()
}

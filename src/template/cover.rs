//! Covers drawn from a course's id, like bookplates: a frame and an ornament in one of a few inks. The title is set over it as text.

use std::f64::consts::TAU;
use std::fmt::Write as _;

/// Grounds that carry light text (contrast with `#fbf5e9` at least 4.5: a test computes it), each with the colour of its ornament.
pub const INKS: [(&str, &str); 8] = [
    ("#7a2e22", "#d9a08c"),
    ("#1f4a4d", "#8fbcb5"),
    ("#3a3563", "#a9a3d6"),
    ("#5a4a1e", "#d3bd7f"),
    ("#2c4a2e", "#9cc09a"),
    ("#5c2748", "#d39abc"),
    ("#27435f", "#94b4d3"),
    ("#4b3a33", "#c4aa9c"),
];

/// The drawing for `id`, always the same. 320 by 240 units.
#[must_use]
pub fn cover(id: &str) -> String {
    let mut seed = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    let mut next = |n: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed % n
    };
    for _ in 0..4 {
        next(2);
    }
    let (ground, ink) = INKS[next(INKS.len() as u64) as usize % INKS.len()];
    let mut svg = format!(
        "<svg viewBox=\"0 0 320 240\" preserveAspectRatio=\"xMidYMid slice\" aria-hidden=\"true\"><rect width=\"320\" height=\"240\" fill=\"{ground}\"/>\
         <g fill=\"none\" stroke=\"{ink}\" stroke-opacity=\".75\"><rect x=\"14.5\" y=\"14.5\" width=\"291\" height=\"211\"/>\
         <rect x=\"19.5\" y=\"19.5\" width=\"281\" height=\"201\" stroke-opacity=\".4\"/>"
    );
    // in the lower right corner, away from the title
    svg.push_str("<g transform=\"translate(45 37) scale(.85)\">");
    ornament(&mut svg, next(4), 5 + next(4) as u32);
    svg.push_str("</g>");
    svg.push_str("<path d=\"M0 0h9v240H0z\" fill=\"#000\" fill-opacity=\".18\" stroke=\"none\"/></g></svg>");
    svg
}

/// One of four ornaments round (246, 168).
fn ornament(svg: &mut String, kind: u64, order: u32) {
    const X: f64 = 246.0;
    const Y: f64 = 168.0;
    let point = |angle: f64, radius: f64| (X + radius * angle.cos(), Y + radius * angle.sin());
    match kind {
        // petals
        0 => {
            for i in 0..order * 2 {
                let angle = f64::from(i) / f64::from(order * 2) * 360.0;
                let _ =
                    write!(svg, "<ellipse cx=\"{X}\" cy=\"{:.0}\" rx=\"9\" ry=\"21\" transform=\"rotate({angle:.1} {X} {Y})\"/>", Y - 22.0);
            }
        }
        // a chain of circles
        1 => {
            for i in 0..order {
                let (x, y) = point(f64::from(i) / f64::from(order) * TAU, 20.0);
                let _ = write!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"22\"/>");
            }
        }
        // nested turned squares
        2 => {
            for i in 0..order {
                let size = 76.0 - 9.0 * f64::from(i);
                let (x, y) = (X - size / 2.0, Y - size / 2.0);
                let _ = write!(
                    svg,
                    "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{size:.1}\" height=\"{size:.1}\" transform=\"rotate({} {X} {Y})\"/>",
                    i * 15
                );
            }
        }
        // an open book under an arc of lines
        _ => {
            let _ = write!(svg, "<path d=\"M{X} 196c-14-9-30-9-44-4v-34c14-5 30-5 44 4c14-9 30-9 44-4v34c-14-5-30-5-44 4zv-34\"/>");
            for i in 0..=order {
                let angle = -TAU / 2.0 + f64::from(i) / f64::from(order) * TAU / 2.0;
                let ((a, b), (c, d)) = (point(angle, 34.0), point(angle, 46.0));
                let _ = write!(svg, "<path d=\"M{a:.1} {:.1}L{c:.1} {:.1}\"/>", b - 16.0, d - 16.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cover_depends_on_the_id_alone() {
        assert_eq!(cover("ownership"), cover("ownership"));
        let different: std::collections::BTreeSet<String> = (0..20).map(|i| cover(&format!("course-{i}"))).collect();
        assert!(different.len() > 10);
    }
}

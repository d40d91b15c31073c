//! Contrast, so that an author's accent stays readable (WCAG 2.2, relative luminance and contrast ratio).

/// A colour in sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(pub [u8; 3]);

impl Colour {
    /// Reads `#rrggbb` or `#rgb`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
        let wide = if digits.len() == 3 { digits.chars().flat_map(|c| [c, c]).collect() } else { digits.to_owned() };
        let byte = |at: usize| u8::from_str_radix(wide.get(at..at + 2)?, 16).ok();
        (wide.len() == 6).then_some(Self([byte(0)?, byte(2)?, byte(4)?]))
    }

    fn luminance(self) -> f64 {
        let [r, g, b] = self.0.map(|byte| {
            let c = f64::from(byte) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// Contrast ratio, 1 to 21. AA asks for 4.5 for text and 3 for large text and edges.
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// This colour, moved towards `towards` until it is readable on all of `grounds`.
    #[must_use]
    pub fn readable_on(self, grounds: &[Self], towards: Self) -> Self {
        let steps = (0..=40).map(|step| self.mixed(towards, f64::from(step) / 40.0));
        steps.into_iter().find(|c| grounds.iter().all(|g| c.contrast(*g) >= 4.6)).unwrap_or(towards)
    }

    fn mixed(self, other: Self, share: f64) -> Self {
        let mut mixed = self.0;
        for (a, b) in mixed.iter_mut().zip(other.0) {
            *a = (f64::from(*a) * (1.0 - share) + f64::from(b) * share).round() as u8;
        }
        Self(mixed)
    }
}

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

const WHITE: Colour = Colour([255; 3]);
const BLACK: Colour = Colour([0; 3]);

/// The style that sets the accent in both schemes: darkened or lightened as far as reading it asks for.
#[must_use]
pub fn accent_style(accent: Colour, light: [Colour; 2], dark: [Colour; 2]) -> String {
    let pair = |grounds: [Colour; 2], towards: Colour| {
        let accent = accent.readable_on(&grounds, towards);
        let on = if accent.contrast(WHITE) >= accent.contrast(BLACK) { WHITE } else { BLACK };
        format!("--accent: {accent}; --on-accent: {on};")
    };
    let (light, dark) = (pair(light, BLACK), pair(dark, WHITE));
    format!(
        ":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root:not([data-scheme=\"light\"]) {{ {dark} }} }}\n:root[data-scheme=\"dark\"] {{ {dark} }}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_that_of_wcag() {
        assert!((BLACK.contrast(WHITE) - 21.0).abs() < 1e-9);
        let grey = Colour::parse("#777").expect("a colour");
        assert!((grey.contrast(WHITE) - 4.478).abs() < 0.001);
        assert_eq!(Colour::parse("#12345"), None);
        assert_eq!(Colour::parse("#1234é"), None);
    }

    #[test]
    fn every_accent_becomes_readable() {
        for accent in ["#ffff00", "#000000", "#ffffff", "#8a3324", "#00a0ff"] {
            let accent = Colour::parse(accent).expect("a colour");
            for (grounds, towards) in [([WHITE, Colour([246, 243, 237])], BLACK), ([Colour([25, 23, 20]), Colour([34, 31, 27])], WHITE)] {
                let readable = accent.readable_on(&grounds, towards);
                assert!(grounds.iter().all(|g| readable.contrast(*g) >= 4.5));
                assert!(readable.contrast(WHITE).max(readable.contrast(BLACK)) >= 4.5);
            }
        }
    }
}

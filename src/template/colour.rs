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

    /// This colour, darker or lighter, until its contrast with all of `grounds` is at least `least`. Hue and saturation stay.
    #[must_use]
    pub fn readable_on(self, grounds: &[Self], lighter: bool, least: f64) -> Self {
        let (hue, saturation, lightness) = self.hsl();
        let end = if lighter { 1.0 } else { 0.0 };
        let steps = (0..=50).map(|step| {
            let share = f64::from(step) / 50.0;
            if step == 0 { self } else { Self::from_hsl(hue, saturation, lightness + (end - lightness) * share) }
        });
        let mut steps = steps.filter(|c| grounds.iter().all(|g| c.contrast(*g) >= least));
        steps.next().unwrap_or(if lighter { WHITE } else { BLACK })
    }

    /// Hue in sixths of the circle, saturation and lightness from 0 to 1.
    fn hsl(self) -> (f64, f64, f64) {
        let [r, g, b] = self.0.map(|byte| f64::from(byte) / 255.0);
        let (most, least) = (r.max(g).max(b), r.min(g).min(b));
        let (lightness, range) = ((most + least) / 2.0, most - least);
        if range < f64::EPSILON {
            return (0.0, 0.0, lightness);
        }
        let hue = if most <= r {
            (g - b) / range
        } else if most <= g {
            (b - r) / range + 2.0
        } else {
            (r - g) / range + 4.0
        };
        (hue.rem_euclid(6.0), range / (1.0 - (2.0 * lightness - 1.0).abs()), lightness)
    }

    fn from_hsl(hue: f64, saturation: f64, lightness: f64) -> Self {
        let range = (1.0 - (2.0 * lightness - 1.0).abs()) * saturation;
        let channel = |offset: f64| {
            let share = (((hue + offset).rem_euclid(6.0) - 3.0).abs() - 1.0).clamp(0.0, 1.0);
            ((lightness + range * (share - 0.5)) * 255.0).round() as u8
        };
        Self([channel(0.0), channel(4.0), channel(2.0)])
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

/// The style that sets the accent on screens, in both schemes: darkened or lightened as far as reading it asks for.
#[must_use]
pub fn accent_style(accent: Colour, light: [Colour; 2], dark: [Colour; 2]) -> String {
    let pair = |grounds: [Colour; 2], lighter: bool, least: f64| {
        let accent = accent.readable_on(&grounds, lighter, least);
        let on = if accent.contrast(WHITE) >= accent.contrast(BLACK) { WHITE } else { BLACK };
        format!("--accent: {accent}; --on-accent: {on};")
    };
    // light text on dark grounds is read at night: more contrast than AA asks for, as the built-in accent has
    let (light, dark) = (pair(light, false, 4.6), pair(dark, true, 6.5));
    format!(
        "@media screen {{\n:root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root:not([data-scheme=\"light\"]) {{ {dark} }} }}\n\
         :root[data-scheme=\"dark\"] {{ {dark} }}\n}}\n"
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
    fn lightness_changes_and_hue_stays() {
        for text in ["#8a3324", "#00a0ff", "#1d6629", "#7a3e9d", "#ffff00", "#777777"] {
            let colour = Colour::parse(text).expect("a colour");
            let (hue, saturation, lightness) = colour.hsl();
            assert_eq!(Colour::from_hsl(hue, saturation, lightness).to_string(), text);
            let lighter = colour.readable_on(&[BLACK], true, 12.0).hsl();
            assert!(lighter.1 < 0.01 || saturation < 0.01 || (lighter.0 - hue).abs() < 0.1, "{text}");
        }
    }

    #[test]
    fn every_accent_becomes_readable() {
        for accent in ["#ffff00", "#000000", "#ffffff", "#8a3324", "#00a0ff"] {
            let accent = Colour::parse(accent).expect("a colour");
            for (grounds, lighter) in [([WHITE, Colour([246, 243, 237])], false), ([Colour([25, 23, 20]), Colour([34, 31, 27])], true)] {
                let readable = accent.readable_on(&grounds, lighter, 4.6);
                assert!(grounds.iter().all(|g| readable.contrast(*g) >= 4.5));
                assert!(readable.contrast(WHITE).max(readable.contrast(BLACK)) >= 4.5);
            }
        }
    }
}

//! Intervals.

/// Standard deviations of a 95 % interval.
pub const Z95: f64 = 1.959_964;

/// The Wilson interval of a proportion.
pub fn wilson(hits: u64, of: u64, z: f64) -> (f64, f64) {
    let (n, p) = (of as f64, hits as f64 / of as f64);
    let centre = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    ((centre - half).max(0.0), (centre + half).min(1.0))
}

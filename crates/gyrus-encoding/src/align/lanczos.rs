//! The Lanczos window that interpolates from irregular word times to the sampling grid.

use std::f64::consts::PI;

/// L(u) = a sin(πu) sin(πu/a) / (π²u²) for |u| < a, L(0) = 1, and 0 elsewhere.
///
/// # References
/// Lanczos resampling of word vectors: Huth et al. (2016), Nature 532:453.
#[must_use]
pub fn lanczos(u: f64, lobes: u8) -> f64 {
    let a = f64::from(lobes);
    if u == 0.0 {
        return 1.0;
    }
    if u.abs() >= a {
        return 0.0;
    }
    a * libm::sin(PI * u) * libm::sin(PI * u / a) / (PI * PI * u * u)
}

pub(super) fn weights(words: &[(f64, usize)], time: f64, repetition: f64, lobes: u8) -> Vec<(usize, f64)> {
    let centre = time + repetition / 2.0;
    let reach = f64::from(lobes) * repetition;
    let from = words.partition_point(|(mid, _)| *mid <= centre - reach);
    let to = words.partition_point(|(mid, _)| *mid < centre + reach);
    words[from..to.max(from)]
        .iter()
        .map(|(mid, word)| (*word, lanczos((centre - mid) / repetition, lobes)))
        .collect()
}

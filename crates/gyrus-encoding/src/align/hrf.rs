//! Glover's canonical haemodynamic response and the convolution of word impulses with it.

/// Seconds after which the response is taken to be over.
const LENGTH: f64 = 32.0;
const DISPERSION: f64 = 0.9;
const PEAK_SHAPE: f64 = 6.0 / DISPERSION;
const UNDERSHOOT_SHAPE: f64 = 12.0 / DISPERSION;
const RATIO: f64 = 0.48;

/// The haemodynamic response `seconds` after an impulse, with unit integral, in 1/s.
///
/// h(t) = (g(t; 6/0.9, 0.9) − 0.48 g(t; 12/0.9, 0.9)) / 0.52, g the density of the gamma distribution with
/// that shape and scale; 0 before the impulse and from 32 s on.
///
/// # References
/// Glover (1999), NeuroImage 9:416; parameters as in `glover_hrf` of nilearn 0.14.
#[must_use]
pub fn glover(seconds: f64) -> f64 {
    if seconds <= 0.0 || seconds >= LENGTH {
        return 0.0;
    }
    (gamma_density(seconds, PEAK_SHAPE) - RATIO * gamma_density(seconds, UNDERSHOOT_SHAPE)) / (1.0 - RATIO)
}

fn gamma_density(seconds: f64, shape: f64) -> f64 {
    let x = seconds / DISPERSION;
    libm::exp((shape - 1.0) * libm::log(x) - x - libm::lgamma(shape)) / DISPERSION
}

pub(super) fn weights(words: &[(f64, usize)], time: f64, repetition: f64) -> Vec<(usize, f64)> {
    let from = words.partition_point(|(onset, _)| time - onset >= LENGTH);
    let to = words.partition_point(|(onset, _)| *onset < time);
    words[from..to.max(from)].iter().map(|(onset, word)| (*word, repetition * glover(time - onset))).collect()
}

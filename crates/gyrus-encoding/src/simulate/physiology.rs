//! Heartbeat and breathing as a scanner sees them: the shapes of a beat and of a breath, which are no sine waves.

use std::f64::consts::TAU;

/// Blood pulse at a share `phase` of the beat, 0 to 1: a steep systolic wave and a smaller dicrotic one,
///
/// exp(8 (cos 2π(φ − 0.15) − 1)) + 0.35 exp(6 (cos 2π(φ − 0.45) − 1)).
#[must_use]
pub fn pulse_shape(phase: f64) -> f64 {
    let wave = |sharpness: f64, at: f64| libm::exp(sharpness * (libm::cos(TAU * (phase - at)) - 1.0));
    wave(8.0, 0.15) + 0.35 * wave(6.0, 0.45)
}

/// Chest at a share `phase` of the breath, 0 to 1: in during 0.35 of it (half a cosine), out exponentially, then rest.
#[must_use]
pub fn breath_shape(phase: f64) -> f64 {
    const IN: f64 = 0.35;
    if phase < IN {
        0.5 * (1.0 - libm::cos(TAU / 2.0 * phase / IN))
    } else {
        let out = (phase - IN) / (1.0 - IN);
        libm::exp(-5.0 * out) - libm::exp(-5.0) * out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_pulses_and_no_sine_waves() {
        let power = |shape: fn(f64) -> f64, harmonic: f64| {
            let at = |step: usize| step as f64 / 200.0;
            let part = |wave: fn(f64) -> f64| {
                (0..200).map(|step| shape(at(step)) * wave(TAU * harmonic * at(step))).sum::<f64>()
            };
            part(f64::sin).powi(2) + part(f64::cos).powi(2)
        };
        for shape in [pulse_shape, breath_shape] {
            assert!(power(shape, 2.0) > 0.05 * power(shape, 1.0), "more than one harmonic");
            assert!((0..=100).all(|step| shape(f64::from(step) / 100.0) >= 0.0));
            assert!((shape(0.0) - shape(1.0)).abs() < 1e-9, "a cycle joins the next");
        }
    }
}

//! How strongly a region of a participant follows what was planted, and words as such.

use super::SignalSettings;
use super::random::lognormal;
use crate::statistics::{Purpose, stream};

/// Deviations of the planted signal, and of the response to words relative to it.
pub(super) struct Strength {
    pub signal: f64,
    pub rate: f64,
}

impl Strength {
    pub(super) fn of(seed: u64, settings: &SignalSettings, participant: u32, region: usize) -> Self {
        // Draws that do not collide with those of regions, which count from 0.
        let draw = u64::MAX - region as u64;
        let spread = settings.strength_spread;
        let mut everybody = stream(seed, Purpose::SimulatedRegion, 0, draw);
        let mut own = stream(seed, Purpose::SimulatedRegion, participant + 1, u64::MAX / 2);
        let signal = settings.strength * lognormal(&mut everybody, spread) * lognormal(&mut own, spread);
        Self { signal, rate: settings.word_rate * lognormal(&mut everybody, 0.5) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::Haemodynamics;

    fn correlation(one: &[f64], other: &[f64]) -> f64 {
        let centred = |values: &[f64]| -> Vec<f64> {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            values.iter().map(|value| value - mean).collect()
        };
        let product = |one: &[f64], other: &[f64]| one.iter().zip(other).map(|(x, y)| x * y).sum::<f64>();
        let (one, other) = (centred(one), centred(other));
        product(&one, &other) / libm::sqrt(product(&one, &one) * product(&other, &other))
    }

    fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        (mean, libm::sqrt(squares / values.len() as f64))
    }

    #[test]
    fn strengths_spread_over_regions_and_again_over_people() {
        let settings = SignalSettings { strength: 3.0, word_rate: 0.6, ..SignalSettings::default() };
        let of = |person: u32, region: usize| Strength::of(11, &settings, person, region);
        let regions: Vec<Strength> = (0..3000).map(|region| of(0, region)).collect();
        let logs = |of: &dyn Fn(&Strength) -> f64| regions.iter().map(of).collect::<Vec<f64>>();
        let (_, spread) = mean_and_deviation(&logs(&|one| libm::log(one.signal)));
        assert!((spread - 0.25).abs() < 0.015, "{spread}");
        let (middle, spread) = mean_and_deviation(&logs(&|one| libm::log(one.rate / 0.6)));
        assert!(middle.abs() < 0.03 && (spread - 0.5).abs() < 0.03, "{middle} {spread}");
        let people: Vec<f64> =
            (0..3000).map(|person| libm::log(of(person, 0).signal / of(0, 0).signal)).collect();
        assert!((mean_and_deviation(&people).1 - 0.25).abs() < 0.015);
        let all: Vec<f64> = (0..3000).map(|one| libm::log(of(one as u32, one).signal / 3.0)).collect();
        let (middle, spread) = mean_and_deviation(&all);
        assert!(middle.abs() < 0.03 && (spread - 0.25 * 2f64.sqrt()).abs() < 0.02, "{middle} {spread}");
        let both: Vec<f64> = (0..9).map(|region| of(4, region).signal / of(0, region).signal).collect();
        assert!(
            both.iter().all(|ratio| (ratio / both[0] - 1.0).abs() < 1e-12),
            "people differ alike everywhere"
        );
    }

    #[test]
    fn strengths_say_nothing_about_haemodynamics() {
        let settings = SignalSettings::default();
        let peaks = |at: &dyn Fn(usize) -> (u32, usize)| -> Vec<f64> {
            (1..2001).map(at).map(|(person, region)| Haemodynamics::of(2, person, region).peak).collect()
        };
        let strengths = |at: &dyn Fn(usize) -> (u32, usize)| -> Vec<f64> {
            let signal = |(person, region)| libm::log(Strength::of(2, &settings, person, region).signal);
            (1..2001).map(at).map(signal).collect()
        };
        for near in 0..3 {
            let found = correlation(&strengths(&|one| (0, one)), &peaks(&|one| (0, one + near - 1)));
            assert!(found.abs() < 0.1, "region {near}: {found}");
            let found = correlation(&strengths(&|one| (one as u32, 0)), &peaks(&|one| (one as u32, near)));
            assert!(found.abs() < 0.1, "person, region {near}: {found}");
        }
    }
}

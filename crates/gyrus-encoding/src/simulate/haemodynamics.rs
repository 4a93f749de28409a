//! Haemodynamic responses that differ between regions and people.

use rand_chacha::ChaCha8Rng;

use super::random::{lognormal, normal};
use crate::statistics::{Purpose, stream};

/// Seconds after which a response is over.
pub(super) const LENGTH: f64 = 32.0;

/// A double-gamma response.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Haemodynamics {
    /// Seconds from a word to the peak: τ.
    pub peak: f64,
    /// Seconds from a word to the deepest point of the undershoot: υ.
    pub undershoot: f64,
    /// Scale of both gamma densities in seconds: δ.
    pub dispersion: f64,
    /// Depth of the undershoot relative to the peak: c.
    pub ratio: f64,
}

impl Haemodynamics {
    /// h(t) = g(t; τ) − c g(t; υ), g(t; m) = (t / m)^(m/δ) exp((m − t) / δ): the gamma density with mode m and scale δ,
    /// scaled to 1 at its peak. 0 before a word and from 32 s on.
    #[must_use]
    pub fn response(&self, seconds: f64) -> f64 {
        if seconds <= 0.0 || seconds >= LENGTH {
            return 0.0;
        }
        let bump = |mode: f64| {
            libm::exp(mode / self.dispersion * libm::log(seconds / mode) + (mode - seconds) / self.dispersion)
        };
        bump(self.peak) - self.ratio * bump(self.undershoot)
    }

    /// The response of a region in a participant: peak 5 s ± 0.5 s over regions ± 0.4 s over people; undershoot
    /// 9 s later ± 1 s, ratio 0.2 · e^(0.3 z); dispersion 0.9 s · e^(0.1 z).
    #[must_use]
    pub fn of(seed: u64, participant: u32, region: usize) -> Self {
        let mut region_wide = stream(seed, Purpose::SimulatedRegion, 0, region as u64);
        let mut own = stream(seed, Purpose::SimulatedRegion, participant + 1, region as u64);
        let both = |random: &mut ChaCha8Rng, one: f64| one * normal(random);
        let peak = (5.0 + both(&mut region_wide, 0.5) + both(&mut own, 0.4)).clamp(3.0, 7.5);
        Self {
            peak,
            undershoot: (peak + 9.0 + both(&mut region_wide, 1.0) + both(&mut own, 0.5)).max(peak + 5.0),
            ratio: 0.2 * lognormal(&mut region_wide, 0.3),
            dispersion: 0.9 * lognormal(&mut own, 0.1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_where_it_is_said_to_be() {
        let plain = Haemodynamics { peak: 5.0, undershoot: 14.0, dispersion: 0.9, ratio: 0.0 };
        assert!((plain.response(5.0) - 1.0).abs() < 1e-12);
        assert!(plain.response(4.9) < 1.0 && plain.response(5.1) < 1.0);
        assert_eq!((plain.response(0.0), plain.response(32.0)), (0.0, 0.0));
        let dips = Haemodynamics { ratio: 0.2, ..plain };
        assert!(
            (dips.response(14.0) + 0.2 - plain.response(14.0)).abs() < 1e-12 && dips.response(14.0) < -0.18
        );
    }

    #[test]
    fn bumps_are_gamma_densities() {
        // With a scale of 1 s and modes of 5 s and 20 s: (t / 5)^5 e^(5 − t) − c (t / 20)^20 e^(20 − t).
        let both = Haemodynamics { peak: 5.0, undershoot: 20.0, dispersion: 1.0, ratio: 0.3 };
        let expected = 32.0 * libm::exp(-5.0) - 0.3 * libm::exp(10.0) / 1_048_576.0;
        assert!((both.response(10.0) - expected).abs() < 1e-12);
        // Half the scale squares both.
        let half = Haemodynamics { dispersion: 0.5, ratio: 0.0, ..both };
        assert!((half.response(10.0) - 1024.0 * libm::exp(-10.0)).abs() < 1e-12);
    }

    fn mean_and_deviation(values: impl Iterator<Item = f64>) -> (f64, f64) {
        let values: Vec<f64> = values.collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        (mean, libm::sqrt(squares / values.len() as f64))
    }

    #[test]
    fn responses_spread_over_regions_and_people_as_is_said() {
        let people: Vec<Vec<Haemodynamics>> = (0..3)
            .map(|person| (0..5000).map(|region| Haemodynamics::of(7, person, region)).collect())
            .collect();
        let close = |(mean, deviation): (f64, f64), expected: (f64, f64)| {
            let near = (mean - expected.0).abs() < 0.05 * expected.1.max(0.3) + 1e-3;
            assert!(near && (deviation / expected.1 - 1.0).abs() < 0.05, "{mean} {deviation} {expected:?}");
        };
        for person in &people {
            close(mean_and_deviation(person.iter().map(|one| one.peak)), (5.0, libm::sqrt(0.41)));
            let later = || person.iter().map(|one| one.undershoot - one.peak);
            close(mean_and_deviation(later()), (9.0, libm::sqrt(1.25)));
            close(mean_and_deviation(person.iter().map(|one| libm::log(one.ratio / 0.2))), (0.0, 0.3));
            close(mean_and_deviation(person.iter().map(|one| libm::log(one.dispersion / 0.9))), (0.0, 0.1));
        }
        let later = people.iter().flatten().map(|one| one.undershoot - one.peak);
        let least = later.fold(f64::INFINITY, f64::min);
        assert!(
            (least - 5.0).abs() < 1e-12,
            "some of 15,000 come sooner than 5 s and are held there: {least}"
        );
        // What people share cancels: only their own 0.4 s are left.
        let pairs = people[0].iter().zip(&people[1]);
        close(
            mean_and_deviation(pairs.clone().map(|(one, other)| one.peak - other.peak)),
            (0.0, 0.4 * 2f64.sqrt()),
        );
        assert!(
            pairs.clone().all(|(one, other)| one.ratio == other.ratio && one.dispersion != other.dispersion)
        );
    }

    #[test]
    fn regions_and_people_differ() {
        let one = Haemodynamics::of(1, 0, 0);
        assert_eq!(one, Haemodynamics::of(1, 0, 0));
        assert_ne!(one.peak, Haemodynamics::of(1, 1, 0).peak);
        assert_ne!(one.peak, Haemodynamics::of(1, 0, 1).peak);
        let peaks: Vec<f64> = (0..400).map(|region| Haemodynamics::of(2, 3, region).peak).collect();
        let mean = peaks.iter().sum::<f64>() / 400.0;
        let deviation = (peaks.iter().map(|peak| (peak - mean).powi(2)).sum::<f64>() / 400.0).sqrt();
        assert!((mean - 5.0).abs() < 0.1 && (deviation - 0.64).abs() < 0.08, "{mean} {deviation}");
    }
}

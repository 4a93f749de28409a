//! Series without anything to find in them, as slow as one likes.

use rand_chacha::ChaCha8Rng;
use realfft::RealFftPlanner;
use realfft::num_complex::Complex;

use crate::simulate::random::normal;

/// How neighbouring samples of a series resemble each other.
#[derive(Debug, Clone, PartialEq)]
pub enum Noise {
    /// x_t = ρ x_{t−1} + √(1 − ρ²) e_t.
    Autoregressive(f64),
    /// A stationary Gaussian series with the amplitudes of a measured one, from frequency 0 to half the sampling rate.
    Spectrum(Vec<f64>),
}

impl Noise {
    /// The mean spectrum of some series of one length; the mean of a series is no part of it.
    #[must_use]
    pub fn like(series: &[Vec<f64>]) -> Self {
        let length = series.first().map_or(0, Vec::len);
        let forward = RealFftPlanner::<f64>::new().plan_fft_forward(length);
        let mut power = vec![0.0; length / 2 + 1];
        for one in series {
            let (mut values, mut spectrum) = (one.clone(), forward.make_output_vec());
            // Lengths agree unless a series is shorter than the first, which then counts for nothing.
            if forward.process(&mut values, &mut spectrum).is_ok() {
                power.iter_mut().zip(&spectrum).for_each(|(sum, value)| *sum += value.norm_sqr());
            }
        }
        if let Some(mean) = power.first_mut() {
            *mean = 0.0;
        }
        Self::Spectrum(power.into_iter().map(f64::sqrt).collect())
    }

    /// A series of so many samples, with variance about 1.
    pub(super) fn series(&self, random: &mut ChaCha8Rng, count: usize) -> Vec<f64> {
        match self {
            Self::Autoregressive(rho) => autoregressive(random, count, *rho),
            Self::Spectrum(amplitudes) => with_spectrum(random, count, amplitudes),
        }
    }
}

fn autoregressive(random: &mut ChaCha8Rng, count: usize, rho: f64) -> Vec<f64> {
    let mut value = normal(random);
    let step = |_| {
        value = rho * value + (1.0 - rho * rho).sqrt() * normal(random);
        value
    };
    (0..count).map(step).collect()
}

/// The first half of a series of twice the length, because a whole one would end as it began.
fn with_spectrum(random: &mut ChaCha8Rng, count: usize, amplitudes: &[f64]) -> Vec<f64> {
    let inverse = RealFftPlanner::<f64>::new().plan_fft_inverse(2 * count);
    let mut spectrum = inverse.make_input_vec();
    let last = spectrum.len() - 1;
    let mut power = 0.0;
    for (frequency, value) in spectrum.iter_mut().enumerate() {
        let amplitude = interpolated(amplitudes, frequency as f64 / last as f64);
        power += 2.0 * amplitude * amplitude;
        let is_real = frequency == 0 || frequency == last;
        let imaginary = if is_real { 0.0 } else { normal(random) };
        *value = Complex::new(normal(random), imaginary) * (amplitude / std::f64::consts::SQRT_2);
    }
    let mut series = inverse.make_output_vec();
    // Lengths agree by construction; a failure would leave zeros, which a test would see.
    let _ = inverse.process(&mut spectrum, &mut series);
    series.truncate(count);
    series.iter().map(|value| value / power.sqrt()).collect()
}

/// Linear between the amplitudes, which stand at equal steps from 0 to 1.
fn interpolated(amplitudes: &[f64], at: f64) -> f64 {
    let place = at * amplitudes.len().saturating_sub(1) as f64;
    let below = (place as usize).min(amplitudes.len().saturating_sub(1));
    let above = (below + 1).min(amplitudes.len().saturating_sub(1));
    let share = place - below as f64;
    amplitudes.get(below).copied().unwrap_or(0.0) * (1.0 - share)
        + amplitudes.get(above).copied().unwrap_or(0.0) * share
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::rand_core::SeedableRng;

    fn neighbours(series: &[f64]) -> (f64, f64) {
        let square: f64 = series.iter().map(|x| x * x).sum::<f64>() / series.len() as f64;
        let product: f64 =
            series.windows(2).map(|pair| pair[0] * pair[1]).sum::<f64>() / (series.len() - 1) as f64;
        (square, product / square)
    }

    #[test]
    fn a_series_with_the_spectrum_of_another_is_as_slow() {
        let mut random = ChaCha8Rng::seed_from_u64(3);
        let slow: Vec<Vec<f64>> = (0..40).map(|_| autoregressive(&mut random, 300, 0.8)).collect();
        let like = Noise::like(&slow);
        let made: Vec<(f64, f64)> = (0..40).map(|_| neighbours(&like.series(&mut random, 200))).collect();
        let mean = |of: fn(&(f64, f64)) -> f64| made.iter().map(of).sum::<f64>() / made.len() as f64;
        assert!((mean(|pair| pair.0) - 1.0).abs() < 0.1, "variance {}", mean(|pair| pair.0));
        assert!((mean(|pair| pair.1) - 0.8).abs() < 0.05, "neighbours {}", mean(|pair| pair.1));
    }

    /// Ends of a series that came round would be neighbours.
    #[test]
    fn a_series_does_not_end_as_it_began() {
        let slow = Noise::Spectrum((0..100).map(|frequency| f64::from(frequency < 6)).collect());
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(3);
        let (mut ends, mut neighbours) = (0.0, 0.0);
        for _ in 0..400 {
            let series = slow.series(&mut random, 60);
            ends += series[0] * series[59] / 400.0;
            neighbours += series[0] * series[1] / 400.0;
        }
        assert!(neighbours > 0.8 && ends.abs() < 0.3, "{neighbours} {ends}");
    }

    #[test]
    fn amplitudes_are_linear_between_those_that_are_known() {
        let at = |place: f64| interpolated(&[0.0, 2.0, 6.0], place);
        assert_eq!([at(0.0), at(0.25), at(0.5), at(0.75), at(1.0)], [0.0, 1.0, 2.0, 4.0, 6.0]);
        assert_eq!(interpolated(&[], 0.5), 0.0);
        // Cosines of amplitudes 1 and 2 at the third frequency of 20 samples: |X| = 10 and 20. The means are no part of it.
        let cosine = |size: f64| -> Vec<f64> {
            (0..20).map(|t| 5.0 + size * (std::f64::consts::TAU * 3.0 * f64::from(t) / 20.0).cos()).collect()
        };
        let Noise::Spectrum(found) = Noise::like(&[cosine(1.0), cosine(2.0)]) else { panic!("a spectrum") };
        assert_eq!(found.len(), 11);
        for (frequency, found) in found.iter().enumerate() {
            let expected = if frequency == 3 { 500_f64.sqrt() } else { 0.0 };
            assert!((found - expected).abs() < 1e-9, "{frequency}: {found}");
        }
    }

    #[test]
    fn autoregressive_series_have_variance_one_and_the_correlation_of_neighbours_that_was_asked_for() {
        let mut random = ChaCha8Rng::seed_from_u64(5);
        let (square, product) = neighbours(&Noise::Autoregressive(0.6).series(&mut random, 40_000));
        assert!((square - 1.0).abs() < 0.05 && (product - 0.6).abs() < 0.02, "{square} {product}");
        let spectrum = Noise::Spectrum(vec![0.0, 1.0, 1.0, 1.0, 1.0]).series(&mut random, 20_000);
        let (square, _) = neighbours(&spectrum);
        assert!((square - 1.0).abs() < 0.05, "{square}");
    }
}

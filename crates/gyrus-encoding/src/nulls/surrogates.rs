//! Surrogate features: random phases, or a circular shift, the same for every column.

use std::f64::consts::TAU;

use faer::Mat;
use gyrus_core::Timeline;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use realfft::RealFftPlanner;
use realfft::num_complex::Complex;
use serde::{Deserialize, Serialize};

use crate::backend::product;

/// How surrogates are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NullKind {
    /// Random phases of the Fourier transform of each run: spectra and cross-spectra of all columns are kept.
    Phase,
    /// A circular shift of each run, every shift equally likely: leaving near ones out would bias the null down.
    Shift,
}

/// How many surrogates, of which kind, from which seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Surrogates {
    /// How they are made.
    pub kind: NullKind,
    /// How many.
    pub count: usize,
    /// Every stream is keyed by (seed, run, surrogate), so that everybody who heard a run hears the same surrogate.
    pub seed: u64,
}

impl Surrogates {
    /// The circulant filter of each run for one surrogate: an orthogonal matrix C with surrogate features C X.
    pub(super) fn filters(&self, timeline: &Timeline, index: usize) -> Vec<Mat<f32>> {
        let of_run = |(run, name): (&std::ops::Range<usize>, &String)| {
            let mut random = ChaCha8Rng::from_seed(self.key(name, index));
            let response = match self.kind {
                NullKind::Phase => random_phases(run.len(), &mut random),
                NullKind::Shift => shift(run.len(), &mut random),
            };
            circulant(&response)
        };
        timeline.runs().iter().zip(timeline.groups()).map(of_run).collect()
    }

    fn key(&self, run: &str, index: usize) -> [u8; 32] {
        // FNV-1a of the run's name: a key only has to differ between runs.
        let hash = run.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mut key = [0; 32];
        key[..8].copy_from_slice(&self.seed.to_le_bytes());
        key[8..16].copy_from_slice(&hash.to_le_bytes());
        key[16..24].copy_from_slice(&(index as u64).to_le_bytes());
        key[24] = self.kind as u8 + 1;
        key
    }
}

/// Filters every run of some features. A filter keeps the mean of a run, which is put aside for it: a constant column stays one to the
/// last bit, and is no feature of the surrogate either.
pub(super) fn filtered(features: &Mat<f32>, timeline: &Timeline, filters: &[Mat<f32>]) -> Mat<f32> {
    let mut out = features.clone();
    for (run, filter) in timeline.runs().iter().zip(filters) {
        let means: Vec<f32> = (0..out.ncols())
            .map(|column| {
                let values = &mut out.col_as_slice_mut(column)[run.clone()];
                let mean = values.iter().map(|value| f64::from(*value)).sum::<f64>() / values.len() as f64;
                values.iter_mut().for_each(|value| *value = (f64::from(*value) - mean) as f32);
                mean as f32
            })
            .collect();
        let block = product(filter.as_ref(), out.subrows(run.start, run.len()));
        for (column, mean) in means.into_iter().enumerate() {
            let values = out.col_as_slice_mut(column)[run.clone()].iter_mut();
            values.zip(block.col_as_slice(column)).for_each(|(value, filtered)| *value = filtered + mean);
        }
    }
    out
}

/// Impulse response with |H| = 1 and random phases; the mean and, for even lengths, the fastest component keep a sign.
fn random_phases(length: usize, random: &mut ChaCha8Rng) -> Vec<f64> {
    let inverse = RealFftPlanner::<f64>::new().plan_fft_inverse(length);
    let mut spectrum = inverse.make_input_vec();
    let last = spectrum.len() - 1;
    for (frequency, value) in spectrum.iter_mut().enumerate() {
        let phase = uniform(random) * TAU;
        *value = match frequency {
            0 => Complex::new(1.0, 0.0),
            _ if frequency == last && length.is_multiple_of(2) => {
                Complex::new(libm::copysign(1.0, phase - TAU / 2.0), 0.0)
            }
            _ => Complex::new(libm::cos(phase), libm::sin(phase)),
        };
    }
    let mut response = inverse.make_output_vec();
    // Lengths agree by construction; a failure would leave zeros, which a test would see.
    let _ = inverse.process(&mut spectrum, &mut response);
    response.iter().map(|value| value / length as f64).collect()
}

fn shift(length: usize, random: &mut ChaCha8Rng) -> Vec<f64> {
    let by = ((uniform(random) * length as f64) as usize).min(length - 1);
    let mut response = vec![0.0; length];
    response[by] = 1.0;
    response
}

fn uniform(random: &mut ChaCha8Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

fn circulant(response: &[f64]) -> Mat<f32> {
    let length = response.len();
    Mat::from_fn(length, length, |row, column| response[(row + length - column) % length] as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_orthogonal_and_keeps_the_mean() {
        for length in [2, 15, 64, 181] {
            for kind in [NullKind::Phase, NullKind::Shift] {
                let timeline = Timeline::new([(length, "a".to_owned())]);
                let filters = Surrogates { kind, count: 1, seed: 3 }.filters(&timeline, 0);
                let gram = product(filters[0].transpose(), filters[0].as_ref());
                let next = |place: usize| (place + 1) % length;
                for row in 0..length {
                    let total: f32 = (0..length).map(|column| filters[0][(row, column)]).sum();
                    assert!((total - 1.0).abs() < 1e-4, "{length} {kind:?}: {total}");
                    for column in 0..length {
                        let expected = if row == column { 1.0 } else { 0.0 };
                        assert!((gram[(row, column)] - expected).abs() < 1e-4, "{length} {kind:?}");
                        // Every sample is filtered alike.
                        assert_eq!(filters[0][(next(row), next(column))], filters[0][(row, column)]);
                    }
                }
            }
        }
    }

    #[test]
    fn a_filter_answers_to_a_pulse_with_its_response_from_there_on() {
        let found = circulant(&[1.0, 2.0, 3.0]);
        let expected = [[1.0, 3.0, 2.0], [2.0, 1.0, 3.0], [3.0, 2.0, 1.0]];
        assert_eq!(found, Mat::from_fn(3, 3, |row, column| expected[row][column]));
    }

    /// Phases of one component in the quarters of the circle, over draws.
    fn quarters(length: usize, frequency: usize) -> [usize; 4] {
        let mut found = [0; 4];
        for seed in 0..400 {
            let response = random_phases(length, &mut ChaCha8Rng::seed_from_u64(seed));
            let angle = |at: usize| TAU * (frequency * at) as f64 / length as f64;
            let part = |of: fn(f64) -> f64| -> f64 {
                response.iter().enumerate().map(|(at, value)| value * of(angle(at))).sum()
            };
            let (real, imaginary) = (part(f64::cos), -part(f64::sin));
            assert!((real * real + imaginary * imaginary - 1.0).abs() < 1e-9);
            let phase = if imaginary.abs() < 1e-9 { 0.0_f64 } else { imaginary }.atan2(real);
            found[(phase.rem_euclid(TAU) / TAU * 4.0) as usize % 4] += 1;
        }
        found
    }

    /// Four and a half standard errors of 400 draws are 39 in a quarter, and 45 in a half.
    #[test]
    fn phases_are_uniform_and_the_fastest_component_of_an_even_length_keeps_a_sign() {
        for (length, frequency) in [(3, 1), (4, 1), (7, 2), (7, 3), (8, 2), (8, 3)] {
            let found = quarters(length, frequency);
            assert!(found.iter().all(|count| count.abs_diff(100) < 39), "{length}, {frequency}: {found:?}");
        }
        for length in [2, 4, 8] {
            let [plus, none, minus, other] = quarters(length, length / 2);
            assert!(plus.abs_diff(200) < 45 && plus + minus == 400, "{length}: {plus} {minus}");
            assert_eq!((none, other), (0, 0));
        }
    }

    #[test]
    fn every_shift_is_equally_likely() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let mut counts = [0_usize; 5];
        for _ in 0..1000 {
            let response = shift(5, &mut random);
            assert_eq!(response.iter().sum::<f64>(), 1.0);
            counts[response.iter().position(|value| *value == 1.0).unwrap()] += 1;
        }
        // Four and a half standard errors.
        assert!(counts.iter().all(|count| count.abs_diff(200) < 57), "{counts:?}");
    }

    /// Two runs with one key would have one surrogate between them.
    #[test]
    fn runs_surrogates_kinds_and_seeds_have_keys_of_their_own() {
        let mut keys = std::collections::BTreeSet::new();
        let kinds = [NullKind::Phase, NullKind::Shift];
        for (kind, seed) in kinds.into_iter().flat_map(|kind| [1, 2].map(|seed| (kind, seed))) {
            let surrogates = Surrogates { kind, count: 3, seed };
            for index in 0..3 {
                keys.extend((0..200).map(|run| surrogates.key(&format!("run {run}"), index)));
                keys.extend((0..200).map(|run| surrogates.key(&format!("{run} run"), index)));
            }
        }
        assert_eq!(keys.len(), 2 * 2 * 3 * 400);
    }

    #[test]
    fn a_constant_column_stays_constant_and_every_column_is_filtered() {
        let (one, other) = (150, 211);
        let timeline = Timeline::new([(one, "a".to_owned()), (other, "b".to_owned())]);
        let filters = Surrogates { kind: NullKind::Phase, count: 1, seed: 5 }.filters(&timeline, 0);
        let features = Mat::from_fn(one + other, 2, |row, column| match column {
            0 => 0.3_f32,
            _ => 7.0 + (row as f32 * 0.37).sin(),
        });
        let found = filtered(&features, &timeline, &filters);
        assert!(found.col_as_slice(0).iter().all(|value| *value == 0.3));
        for (run, filter) in timeline.runs().iter().zip(&filters) {
            let naive = |row: usize| -> f64 {
                let term = |column: usize| {
                    f64::from(filter[(row, column)]) * f64::from(features[(run.start + column, 1)])
                };
                (0..run.len()).map(term).sum()
            };
            for row in 0..run.len() {
                assert!((naive(row) - f64::from(found[(run.start + row, 1)])).abs() < 1e-4, "{row}");
            }
        }
    }

    #[test]
    fn everybody_hears_the_same_surrogate_of_a_run() {
        let one = Timeline::new([(20, "a".to_owned()), (30, "b".to_owned())]);
        let other = Timeline::new([(30, "b".to_owned())]);
        let surrogates = Surrogates { kind: NullKind::Phase, count: 2, seed: 1 };
        assert_eq!(surrogates.filters(&one, 1)[1], surrogates.filters(&other, 1)[0]);
        assert_ne!(surrogates.filters(&one, 0)[1], surrogates.filters(&other, 1)[0]);
    }
}

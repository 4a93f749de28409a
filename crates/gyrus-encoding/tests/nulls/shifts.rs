//! Shifted predictions: every shift by FFT equals the loop over shifts.

use std::sync::Arc;

use gyrus_core::{FoldRule, Folds, Timeline};
use gyrus_encoding::backend::Backend;
use gyrus_encoding::nulls::{effective_freedom, prediction_shifts, shifted_scores};
use gyrus_encoding::statistics::{normal_cdf, pearson};
use gyrus_encoding::{EncodingError, Test, scores};
use ndarray::Array2;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

fn noise(seed: u64, rows: usize, columns: usize) -> Array2<f32> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut uniform = || (random.next_u64() >> 40) as f32 / (1_u64 << 24) as f32;
    // Six uniform numbers are near enough to a normal one, and their offset must not matter.
    Array2::from_shape_simple_fn((rows, columns), || (0..6).map(|_| uniform()).sum::<f32>())
}

fn naive(
    predictions: &Array2<f32>,
    responses: &Array2<f32>,
    folds: &Folds,
    (target, shift): (usize, usize),
) -> f64 {
    let of_run = |row: usize| folds.timeline().runs().iter().find(|run| run.contains(&row)).unwrap();
    let shifted = |row: usize| {
        let run = of_run(row);
        f64::from(responses[(run.start + (row - run.start + shift) % run.len(), target)])
    };
    let of_fold = |fold: &gyrus_core::Fold| {
        let p: Vec<f64> = fold.test.iter().map(|row| f64::from(predictions[(*row, target)])).collect();
        let y: Vec<f64> = fold.test.iter().map(|row| shifted(*row)).collect();
        pearson(&p, &y).unwrap()
    };
    folds.as_slice().iter().map(of_fold).sum::<f64>() / folds.len() as f64
}

fn cases() -> Vec<Folds> {
    let one = Timeline::new([(101, "a".to_owned())]);
    let two = Timeline::new([(60, "a".to_owned()), (47, "b".to_owned()), (50, "a".to_owned())]);
    vec![
        Folds::new(&one, &FoldRule::Blocks { count: 5, gap: 3 }).unwrap(),
        Folds::new(&one, &FoldRule::Shuffled { count: 4, seed: 1 }).unwrap(),
        Folds::new(&two, &FoldRule::Runs).unwrap(),
    ]
}

#[test]
fn every_shift_equals_the_naive_loop() {
    for folds in cases() {
        let rows = folds.timeline().n_samples();
        let (predictions, responses) = (noise(1, rows, 3), noise(2, rows, 3));
        let held_out = (Test::declared(predictions.clone()), Test::declared(responses.clone()));
        for target in 0..3 {
            let found = shifted_scores(&held_out.0, &held_out.1, (&folds, target)).unwrap();
            for (shift, score) in found.iter().enumerate() {
                let expected = naive(&predictions, &responses, &folds, (target, shift));
                assert!(
                    (score - expected).abs() < 1e-5,
                    "{:?}, shift {shift}: {score} {expected}",
                    folds.rule()
                );
            }
        }
    }
}

#[test]
fn counts_and_maxima_are_those_of_the_scores() {
    let folds = &cases()[0];
    let mut responses = noise(3, 101, 150);
    responses.column_mut(7).fill(2.0);
    let held_out = (Test::declared(noise(4, 101, 150)), Test::declared(responses));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let null = prediction_shifts(&Backend::cpu(Arc::new(pool)), &held_out.0, &held_out.1, folds).unwrap();
    let plain = scores::correlation(&held_out.0, &held_out.1, folds).unwrap().mean();
    assert_eq!(null.n_shifts, 101);
    let all: Vec<Vec<f64>> =
        (0..150).map(|target| shifted_scores(&held_out.0, &held_out.1, (folds, target)).unwrap()).collect();
    for target in (0..150).filter(|target| *target != 7) {
        assert!((null.observed[target] - plain[target]).abs() < 1e-5);
        let reached = all[target][1..].iter().filter(|score| **score >= all[target][0]).count();
        assert_eq!(null.exceedances[target] as usize, reached);
        let mean = all[target][1..].iter().sum::<f64>() / 100.0;
        assert!((null.mean[target] - mean).abs() < 1e-12);
    }
    assert!(plain[7].is_nan());
    for shift in [0, 50] {
        let largest =
            (0..150).filter(|target| *target != 7).map(|target| all[target][shift]).fold(-1.0, f64::max);
        assert_eq!(null.maxima[shift], largest);
    }
}

/// White noise has as many effective samples as samples; smooth series have fewer.
#[test]
fn autocorrelation_costs_degrees_of_freedom() {
    let folds =
        Folds::new(&Timeline::new([(1000, "a".to_owned())]), &FoldRule::Blocks { count: 5, gap: 3 }).unwrap();
    let smooth = |values: &Array2<f32>| {
        Array2::from_shape_fn(values.raw_dim(), |(row, column)| {
            (0..10).map(|lag| values[((row + lag) % 1000, column)]).sum::<f32>()
        })
    };
    let (p, y) = (noise(5, 1000, 40), noise(6, 1000, 40));
    let mean = |p: &Array2<f32>, y: &Array2<f32>| {
        let of = effective_freedom(&Test::declared(p.clone()), &Test::declared(y.clone()), &folds).unwrap();
        of.iter().map(|of| of.samples).sum::<f64>() / 40.0
    };
    let white = mean(&p, &y);
    // Five folds that train on each other: half of the samples count.
    assert!((white - 500.0).abs() < 50.0, "{white}");
    // A moving average of 10 has Σ ρ² = 1 + 2 Σ (1 − l/10)² = 6.7.
    let coloured = mean(&smooth(&p), &smooth(&y));
    assert!((50.0..110.0).contains(&coloured), "{coloured}");
}

/// Powers of two change no rounding; an offset costs only what single precision loses of the responses themselves.
#[test]
fn neither_offset_nor_unit_of_responses_changes_a_shifted_score() {
    let folds = &cases()[0];
    let (predictions, responses) = (noise(1, 101, 1), noise(2, 101, 1));
    let of = |responses: &Array2<f32>| {
        let held_out = (Test::declared(predictions.clone()), Test::declared(responses.clone()));
        shifted_scores(&held_out.0, &held_out.1, (folds, 0)).unwrap()
    };
    for exponent in [-70, 60] {
        assert_eq!(of(&(&responses * 2_f32.powi(exponent))), of(&responses), "2^{exponent}");
    }
    let moved = responses + 1e4;
    for (shift, score) in of(&moved).into_iter().enumerate() {
        let expected = naive(&predictions, &moved, folds, (0, shift));
        assert!((score - expected).abs() < 1e-5, "{shift}: {score} {expected}");
    }
}

#[test]
fn shapes_that_do_not_fit_are_an_error() {
    let folds = &cases()[0];
    let [whole, short, narrow] =
        [(101, 3), (90, 3), (101, 2)].map(|(rows, columns)| Test::declared(noise(1, rows, columns)));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let backend = Backend::cpu(Arc::new(pool));
    let error = |found, expected| EncodingError::SampleMismatch { found, expected };
    for (p, y, expected) in
        [(&short, &whole, (90, 101)), (&whole, &short, (90, 101)), (&narrow, &whole, (2, 3))]
    {
        let expected = error(expected.0, expected.1);
        assert_eq!(prediction_shifts(&backend, p, y, folds).unwrap_err(), expected);
        assert_eq!(shifted_scores(p, y, (folds, 0)).unwrap_err(), expected);
        assert_eq!(effective_freedom(p, y, folds).unwrap_err(), expected);
    }
}

/// Mean product of all pairs of samples of one fold that lie this far apart, over that of samples with themselves.
fn autocorrelation(series: &Array2<f32>, folds: &Folds, lag: usize) -> f64 {
    let (mut products, mut pairs, mut squares, mut samples) = (0.0, 0.0, 0.0, 0.0);
    for fold in folds.as_slice() {
        let values: Vec<f64> = fold.test.iter().map(|row| f64::from(series[(*row, 0)])).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        for (place, value) in values.iter().enumerate() {
            squares += (value - mean).powi(2);
            samples += 1.0;
            if let Some(later) = values.get(place + lag) {
                products += (value - mean) * (later - mean);
                pairs += 1.0;
            }
        }
    }
    products / pairs / (squares / samples)
}

/// A prediction that persists, against responses that persist and that swing: these have more effective samples than samples.
#[test]
fn effective_samples_are_those_of_bartletts_formula() {
    let timeline = Timeline::new([(61, "a".to_owned()), (40, "b".to_owned())]);
    let one = Folds::new(&timeline, &FoldRule::Named { test: vec!["b".to_owned()], gap: 1 }).unwrap();
    let three = Folds::new(&timeline, &FoldRule::Blocks { count: 3, gap: 2 }).unwrap();
    let white = [noise(7, 103, 1), noise(8, 103, 1)].map(|values| values - 3.0);
    let with = |white: &Array2<f32>, before: f32| {
        Array2::from_shape_fn((101, 1), |(row, _)| white[(row + 2, 0)] + before * white[(row + 1, 0)])
    };
    let p = with(&white[0], 0.9);
    for (folds, twice) in [(one, 1.0), (three, 2.0)] {
        for y in [with(&white[1], 0.8), with(&white[1], -0.95)] {
            let shortest = folds.as_slice().iter().map(|fold| fold.test.len()).min().unwrap();
            let variance = |fold: &gyrus_core::Fold| {
                let n = fold.test.len() as f64;
                let term = |lag: usize| {
                    let both = autocorrelation(&p, &folds, lag) * autocorrelation(&y, &folds, lag);
                    (1.0 - lag as f64 / n) * both
                };
                let whole = 1.0 + 2.0 * (1..=shortest / 2).map(term).sum::<f64>();
                assert!(whole > 1.0 / n, "not at the floor");
                whole / n
            };
            let of_folds: f64 = folds.as_slice().iter().map(variance).sum();
            let samples = (folds.len() as f64).powi(2) / (twice * of_folds);
            let score = naive(&p, &y, &folds, (0, 0));
            let found = effective_freedom(&Test::declared(p.clone()), &Test::declared(y), &folds).unwrap()[0];
            assert!((found.samples - samples).abs() < 1e-6 * samples, "{} {samples}", found.samples);
            assert!((found.score - score).abs() < 1e-9 && (found.z - score * samples.sqrt()).abs() < 1e-6);
            assert!((found.p - (1.0 - normal_cdf(found.z))).abs() < 1e-12);
        }
    }
}

//! Shifted predictions: every shift by FFT equals the loop over shifts.

use std::sync::Arc;

use gyrus_core::{FoldRule, Folds, Timeline};
use gyrus_encoding::backend::Backend;
use gyrus_encoding::nulls::{effective_freedom, prediction_shifts, shifted_scores};
use gyrus_encoding::statistics::pearson;
use gyrus_encoding::{Test, scores};
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

//! Refits of surrogates against dense solves: over samples and over columns, with bands that stay.

use gyrus_core::{InMemory, Timeline};
use gyrus_encoding::nulls::{self, NullKind, NullScores, ObservedFit, Request, Surrogates};
use gyrus_encoding::ridge::{Design, FoldChoices};
use ndarray::{Array2, Axis, concatenate};

use super::naive;
use super::simulate::{Random, backend, design, folds};

const SAMPLES: usize = 120;
const ALPHAS: [f64; 3] = [1e-3, 10.0, 1e3];

/// Mixtures of two bands: both, the second alone, the first alone.
const MIXTURES: [[f64; 2]; 3] = [[0.3, 0.7], [0.0, 1.0], [1.0, 0.0]];

fn alpha(target: usize) -> f64 {
    ALPHAS[target / 3 % 3]
}

fn refit(design: &Design, choices: &FoldChoices, responses: &Array2<f32>, band: usize) -> NullScores {
    let folds = folds(SAMPLES, 2);
    let choices = vec![choices.clone(); folds.len()];
    let scores = Array2::from_elem((folds.len(), responses.ncols()), 0.125);
    let groups: Vec<Option<usize>> = (0..responses.ncols()).map(Some).collect();
    let request = Request {
        design,
        surrogate_bands: &[band],
        folds: &folds,
        groups: &groups,
        fits: &[ObservedFit { choices: &choices, scores: &scores }],
    };
    let surrogates = Surrogates { kind: NullKind::Phase, count: 5, seed: 2 };
    nulls::refit(&backend(2), &request, &InMemory(responses.clone()), &surrogates).unwrap().remove(0)
}

fn correlation(a: ndarray::ArrayView1<'_, f64>, b: ndarray::ArrayView1<'_, f64>) -> f64 {
    let (a, b) = (&a - a.mean().unwrap(), &b - b.mean().unwrap());
    a.dot(&b) / (a.dot(&a) * b.dot(&b)).sqrt()
}

/// Mean over folds of r by dense solves, of the features as they are.
fn by_hand(bands: [&Array2<f32>; 2], responses: &Array2<f32>) -> Vec<f64> {
    let columns = bands.map(|band| band.ncols() as f64);
    let x = concatenate(Axis(1), &bands.map(|band| band.view())).unwrap().mapv(f64::from);
    let folds = folds(SAMPLES, 2);
    let score = |target: usize| {
        let mixture = MIXTURES[target % 3];
        let total = mixture[0] * columns[0] + mixture[1] * columns[1];
        let weight = |column: usize| {
            let band = usize::from(column as f64 >= columns[0]);
            (total * mixture[band] / columns[band]).sqrt()
        };
        let y = responses.column(target).mapv(f64::from).insert_axis(Axis(1));
        let of_fold = |fold| {
            let (predicted, observed) = naive::predict_weighted(&x, &y, fold, (alpha(target), &weight));
            correlation(predicted.column(0), observed.column(0))
        };
        folds.as_slice().iter().map(of_fold).sum::<f64>() / folds.len() as f64
    };
    (0..responses.ncols()).map(score).collect()
}

/// Runs of one sample have one surrogate each, themselves: every refit is the observed fit.
#[test]
fn a_surrogate_that_changes_nothing_scores_as_a_dense_solve() {
    for width in [7, 300] {
        let mut random = Random::new(width as u64);
        let (stays, layer) = (random.matrix(SAMPLES, 4) * 3.0 + 1.0, random.graded(SAMPLES, width, 2.0));
        let y = (random.responses(&layer, 9, 1.0) + random.responses(&stays, 9, 0.1)) * 1e-2 + 50.0;
        let mut of_bands = design(&[&stays, &layer]);
        of_bands.timeline = Timeline::new((0..SAMPLES).map(|sample| (1, format!("run {sample}"))));
        let choices = FoldChoices {
            mixtures: MIXTURES.map(Vec::from).to_vec(),
            mixture: (0..9).map(|target| target % 3).collect(),
            alpha: (0..9).map(alpha).collect(),
        };
        let found = refit(&of_bands, &choices, &y, 1);
        let expected = by_hand([&stays, &layer], &y);
        for (target, expected) in expected.into_iter().enumerate() {
            for surrogate in found.group_sums.column(target) {
                // Without the layer nothing is refitted: what was observed stays.
                let expected = if target % 3 == 2 { 0.125 } else { expected };
                assert!((surrogate - expected).abs() < 2e-4, "{width}, {target}: {surrogate}, {expected}");
            }
        }
    }
}

/// Columns that never change are no features: with enough of them the same refits run over samples. Where the features are few the
/// kernel is singular, and only penalties well above its rounding can agree.
#[test]
fn over_columns_and_over_samples_scores_are_the_same() {
    let mut random = Random::new(5);
    let layer = random.matrix(SAMPLES, 11);
    let y = random.responses(&layer, 6, 1.0);
    let wide = concatenate(Axis(1), &[layer.view(), Array2::from_elem((SAMPLES, 200), 0.3).view()]).unwrap();
    let choices =
        FoldChoices { mixtures: vec![vec![1.0]], mixture: vec![0; 6], alpha: (3..9).map(alpha).collect() };
    let [narrow, wide] = [&layer, &wide].map(|features| refit(&design(&[features]), &choices, &y, 0));
    assert_ne!(narrow, wide, "the same arithmetic twice shows nothing");
    for (a, b) in narrow.group_sums.iter().zip(&wide.group_sums) {
        assert!((a - b).abs() < 1e-4, "{a} {b}");
    }
    assert!(narrow.group_sums.iter().any(|score| score.abs() > 0.05));
}

/// What has no score has no null, and spoils nobody else's: neither a response that is NaN, nor a penalty below what a kernel of columns that
/// repeat each other can bear.
#[test]
fn what_has_no_score_is_left_out() {
    let mut random = Random::new(9);
    let few = random.matrix(SAMPLES, 5);
    let layer = concatenate(Axis(1), &vec![few.view(); 40]).unwrap();
    let y = random.responses(&layer, 3, 1.0);
    let mut holed = y.clone();
    holed.column_mut(1).fill(f32::NAN);
    let folds = folds(SAMPLES, 2);
    let found = |y: &Array2<f32>, unscored: Option<usize>| {
        let alpha = vec![10.0, 1e-9, 1e-7];
        let choices = FoldChoices { mixtures: vec![vec![1.0]], mixture: vec![0; 3], alpha };
        let choices = vec![choices; folds.len()];
        let mut scores = Array2::from_elem((folds.len(), 3), 0.1);
        unscored.into_iter().for_each(|target| scores.column_mut(target).fill(f64::NAN));
        let fit = || ObservedFit { choices: &choices, scores: &scores };
        let request = Request {
            design: &design(&[&layer]),
            surrogate_bands: &[0],
            folds: &folds,
            groups: &[Some(0), Some(1), Some(2)],
            fits: &[fit(), fit()],
        };
        let surrogates = Surrogates { kind: NullKind::Phase, count: 3, seed: 4 };
        nulls::refit(&backend(1), &request, &InMemory(y.clone()), &surrogates).unwrap()
    };
    let (whole, holed) = (found(&y, None), found(&holed, Some(1)));
    assert_eq!(whole[0], whole[1]);
    assert_eq!(holed[0], holed[1]);
    for target in [0, 2] {
        assert_eq!(whole[0].group_sums.column(target), holed[0].group_sums.column(target));
        assert!(whole[0].group_sums.column(target).iter().all(|score| score.is_finite() && *score != 0.0));
    }
    assert_eq!(holed[0].group_counts, [1, 0, 1]);
}

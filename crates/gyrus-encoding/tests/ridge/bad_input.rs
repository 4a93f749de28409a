//! Bad input is an error with its place, or a target without a score; never a panic, never a 0.

use gyrus_core::{CoreError, FoldRule, Folds, InMemory, Timeline};
use gyrus_encoding::ridge::{Alphas, Mixtures};
use gyrus_encoding::{EncodingError, Test, scores};
use ndarray::{Array2, s};

use super::simulate::{Random, backend, design, fit, fit_one, folds, one_run, settings};

fn error_of(x: &Array2<f32>, y: &Array2<f32>) -> EncodingError {
    fit(&backend(1), &design(&[x]), &folds(120, 2), &settings(&[1.0]), &InMemory(y.clone())).err().unwrap()
}

#[test]
fn nan_and_infinite_features_are_named_by_their_place() {
    let mut random = Random::new(31);
    let (x, y) = (random.matrix(120, 4), random.matrix(120, 2));
    for bad in [f32::NAN, f32::INFINITY] {
        let mut broken = x.clone();
        broken[(17, 3)] = bad;
        assert_eq!(error_of(&broken, &y), EncodingError::NonFinite { row: 17, column: 3 });
    }
}

#[test]
fn features_and_responses_of_different_lengths() {
    let mut random = Random::new(32);
    let error = error_of(&random.matrix(120, 4), &random.matrix(119, 2));
    assert_eq!(error, EncodingError::SampleMismatch { found: 119, expected: 120 });
    let error = error_of(&random.matrix(100, 4), &random.matrix(100, 2));
    assert_eq!(
        error,
        EncodingError::SampleMismatch { found: 120, expected: 100 },
        "folds of another recording"
    );
}

#[test]
fn a_band_without_columns() {
    let mut random = Random::new(33);
    let error = error_of(&Array2::zeros((120, 0)), &random.matrix(120, 2));
    assert_eq!(error, EncodingError::NoFeatures { band: "band 0".to_owned() });
}

#[test]
fn penalties_that_are_not_positive() {
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = Alphas::new(vec![1.0, bad]).unwrap_err();
        assert!(matches!(error, EncodingError::Penalty { .. }), "{bad}: {error}");
    }
    assert_eq!(Alphas::logspace(10.0, 1.0, 3), Err(EncodingError::Penalty { found: 1.0 }));
    assert_eq!(Alphas::logspace(0.0, 1.0, 3), Err(EncodingError::Penalty { found: 0.0 }));
    assert!((Alphas::logspace(5.0, 5.0, 1).unwrap().as_slice()[0] - 5.0).abs() < 1e-12);
    let error = serde_json::from_str::<Alphas>("[1.0, 0.0]").unwrap_err();
    assert!(error.to_string().contains("penalty of 0"), "{error}");
}

#[test]
fn mixtures_that_do_not_fit_the_bands() {
    let mut random = Random::new(34);
    let (x, y) = (random.matrix(120, 4), InMemory(random.matrix(120, 2)));
    let mut settings = settings(&[1.0]);
    settings.mixtures = Mixtures::Same(vec![vec![0.5, 0.5]]);
    let error = fit(&backend(1), &design(&[&x]), &folds(120, 2), &settings, &y).err().unwrap();
    assert_eq!(error, EncodingError::Mixture { fold: 0, bands: 1 });
    for wrong in [[1.5, -0.5], [f64::NAN, 0.5], [f64::INFINITY, 0.5], [0.5, 0.5 - 1e-8], [0.5, 0.6]] {
        settings.mixtures = Mixtures::Same(vec![vec![0.5, 0.5], wrong.to_vec()]);
        let error = fit(&backend(1), &design(&[&x, &x]), &folds(120, 2), &settings, &y).err().unwrap();
        assert_eq!(error, EncodingError::Mixture { fold: 0, bands: 2 }, "{wrong:?}");
    }
}

#[test]
fn folds_of_one_sample_and_training_rows_too_few_for_inner_folds() {
    let error = Folds::new(&one_run(4), &FoldRule::Blocks { count: 4, gap: 0 }).unwrap_err();
    assert!(error.to_string().contains("found 1 held-out samples"), "{error}");
    let runs = Timeline::new([(1, "a".to_owned()), (40, "b".to_owned())]);
    let error = Folds::new(&runs, &FoldRule::Runs).unwrap_err();
    assert!(error.to_string().contains("found 1 held-out samples"), "{error}");
    let mut random = Random::new(35);
    let (x, y) = (random.matrix(60, 4), InMemory(random.matrix(60, 2)));
    let error = fit(&backend(1), &design(&[&x]), &folds(60, 3), &settings(&[1.0]), &y).err().unwrap();
    assert!(matches!(error, EncodingError::Value(CoreError::TooFewSamples { .. })), "{error}");
}

#[test]
fn targets_without_values_have_no_score_and_disturb_nobody() {
    let mut random = Random::new(36);
    for columns in [4, 60, 200] {
        let x = random.matrix(160, columns);
        let mut y = random.responses(&x, 6, 1.0);
        let alone = fit_one(&x, &y.slice(s![.., 4..]).to_owned(), &[1.0, 100.0]);
        y.column_mut(0).fill(0.0);
        y.column_mut(1).fill(812.7);
        y[(5, 2)] = f32::NAN;
        y[(90, 3)] = f32::INFINITY;
        let folds = folds(160, 3);
        let found = fit_one(&x, &y, &[1.0, 100.0]);
        let scores = gyrus_encoding::scores::correlation(
            &Test::declared(found.predictions.clone()),
            &Test::declared(y.clone()),
            &folds,
        );
        let mean = scores.unwrap().mean();
        assert!(mean[..4].iter().all(|score| score.is_nan()), "{mean:?}");
        assert!(mean[4..].iter().all(|score| score.is_finite()), "{mean:?}");
        let sound = found.predictions.slice(s![.., 4..]).to_owned();
        assert!(super::simulate::largest_difference(&sound, &alone.predictions) < 2e-5);
    }
}

#[test]
fn a_response_that_is_constant_in_one_fold_has_no_score() {
    let mut random = Random::new(37);
    let x = random.matrix(160, 5);
    let mut y = random.responses(&x, 2, 1.0);
    let folds = folds(160, 3);
    folds.as_slice()[2].test.iter().for_each(|row| y[(*row, 0)] = 3.5);
    let found = fit_one(&x, &y, &[1.0]);
    let (predictions, y) = (Test::declared(found.predictions), Test::declared(y));
    let scores = scores::correlation(&predictions, &y, &folds).unwrap();
    assert!(scores.correlation[(2, 0)].is_nan());
    assert!(scores.correlation[(1, 0)].is_finite());
    assert!(scores.mean()[0].is_nan() && scores.mean()[1].is_finite());
}

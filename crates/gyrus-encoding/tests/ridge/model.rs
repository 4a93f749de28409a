//! A model of all rows: penalties, predictions of new rows and weights equal those of a dense solve.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gyrus_core::{Fold, InMemory};
use gyrus_encoding::EncodingError;
use gyrus_encoding::ridge::{Mixtures, Model, RidgeSettings, fit_all};
use ndarray::{Array2, s};

use super::naive;
use super::simulate::{Random, backend, bits, design, settings};

const ALPHAS: [f64; 5] = [1.0, 10.0, 100.0, 1e3, 1e4];
const KNOWN: usize = 150;

fn inner() -> Vec<Fold> {
    let fold = |test: std::ops::Range<usize>| Fold {
        train: (0..KNOWN).filter(|row| !test.contains(row)).collect(),
        test: test.collect(),
    };
    [0..40, 40..100, 100..KNOWN].map(fold).to_vec()
}

fn fitted(bands: &[&Array2<f32>], y: &Array2<f32>, settings: &RidgeSettings) -> Result<Model, EncodingError> {
    let known: Vec<Array2<f32>> = bands.iter().map(|x| x.slice(s![..KNOWN, ..]).to_owned()).collect();
    let targets = InMemory(y.slice(s![..KNOWN, ..]).to_owned());
    fit_all(&backend(2), &design(&known.iter().collect::<Vec<_>>()), &inner(), settings, &targets)
}

/// The penalty of every target, and predictions of the rows that were not known, less the training mean.
fn by_hand(x: &Array2<f32>, y: &Array2<f32>) -> (Vec<f64>, Array2<f64>) {
    let (x, y) = (x.mapv(f64::from), y.mapv(f64::from));
    let outer = Fold { train: (0..KNOWN).collect(), test: (KNOWN..x.nrows()).collect() };
    let mut predictions = Array2::zeros((x.nrows() - KNOWN, y.ncols()));
    let mut alphas = Vec::new();
    for target in 0..y.ncols() {
        let column = y.slice(s![.., target..=target]).to_owned();
        let error = |alpha: f64| -> f64 {
            let of_fold = |fold: &Fold| {
                let (predicted, observed) = naive::predict(&x, &column, fold, alpha);
                (predicted - observed).mapv(|difference| difference * difference).sum()
            };
            inner().iter().map(of_fold).sum()
        };
        let alpha = ALPHAS.into_iter().reduce(|a, b| if error(b) < error(a) { b } else { a }).unwrap();
        predictions.column_mut(target).assign(&naive::predict(&x, &column, &outer, alpha).0.column(0));
        alphas.push(alpha);
    }
    (alphas, predictions)
}

#[test]
fn new_rows_are_predicted_as_a_dense_solve_does() {
    for columns in [12, 200] {
        let mut random = Random::new(columns as u64);
        let x = random.matrix(200, columns) + 3.0;
        let y = random.responses(&x, 4, 2.0) + 100.0;
        let model = fitted(&[&x], &y, &settings(&ALPHAS)).unwrap();
        let (alphas, expected) = by_hand(&x, &y);
        assert_eq!(model.judged.alpha, alphas, "{columns} columns");
        let new = x.slice(s![KNOWN.., ..]);
        let found = model.predict(&backend(1), new).unwrap();
        let weights = model.weights(&backend(1)).unwrap();
        let at_zero = model.predict(&backend(1), Array2::zeros((1, columns)).view()).unwrap();
        for ((row, target), found) in found.indexed_iter() {
            // Single precision of a response of size 100.
            let expected = expected[(row, target)] + model.means[target];
            assert!((f64::from(*found) - expected).abs() < 2e-3, "{found} is not {expected}");
            let by_weights = new.row(row).dot(&weights.column(target)) + at_zero[(0, target)];
            assert!((by_weights - found).abs() < 2e-3, "{by_weights} is not {found}");
        }
    }
}

#[test]
fn a_mixture_is_plain_ridge_on_weighted_columns() {
    let mut random = Random::new(7);
    let (a, b) = (random.matrix(200, 6), random.matrix(200, 9));
    let y = random.responses(&a, 3, 1.0);
    let mut settings = settings(&[50.0]);
    settings.mixtures = Mixtures::Same(vec![vec![0.25, 0.75]]);
    let model = fitted(&[&a, &b], &y, &settings).unwrap();
    let both = ndarray::concatenate![ndarray::Axis(1), a, b];
    let found = model.predict(&backend(1), both.slice(s![KNOWN.., ..])).unwrap();
    let total = 0.25 * 6.0 + 0.75 * 9.0;
    let weight = |column: usize| {
        let counted: f64 = if column < 6 { total * 0.25 / 6.0 } else { total * 0.75 / 9.0 };
        counted.sqrt()
    };
    let fold = Fold { train: (0..KNOWN).collect(), test: (KNOWN..200).collect() };
    let (x, y) = (both.mapv(f64::from), y.mapv(f64::from));
    let (expected, _) = naive::predict_weighted(&x, &y, &fold, (50.0, &weight));
    for ((row, target), found) in found.indexed_iter() {
        let expected = expected[(row, target)] + model.means[target];
        assert!((f64::from(*found) - expected).abs() < 1e-4);
    }
}

#[test]
fn threads_change_no_bit_of_a_model() {
    let mut random = Random::new(3);
    let x = random.matrix(KNOWN, 40);
    let targets = InMemory(random.responses(&x, 1100, 3.0));
    let fit = |threads| {
        let backend = backend(threads);
        let model = fit_all(&backend, &design(&[&x]), &inner(), &settings(&ALPHAS), &targets).unwrap();
        (bits(&model.predict(&backend, x.view()).unwrap()), bits(&model.weights(&backend).unwrap()))
    };
    assert_eq!(fit(1), fit(3));
}

/// Weights of targets in a second block are those of the same responses in the first.
#[test]
fn a_target_has_the_same_weights_wherever_it_stands() {
    let mut random = Random::new(6);
    let (a, b) = (random.matrix(KNOWN, 4), random.matrix(KNOWN, 7));
    let first = ndarray::concatenate![
        ndarray::Axis(1),
        random.responses(&a, 500, 1.0),
        random.responses(&b, 500, 3.0)
    ];
    let y = ndarray::concatenate![ndarray::Axis(1), first, first.slice(s![.., 480..530])];
    let mut settings = settings(&ALPHAS);
    settings.mixtures = Mixtures::ends(2);
    let model = fitted(&[&a, &b], &y, &settings).unwrap();
    let weights = model.weights(&backend(1)).unwrap();
    for target in 480..530 {
        let (one, other) = (weights.column(target), weights.column(target + 520));
        let largest = one.iter().fold(0.0_f32, |most, weight| most.max(weight.abs()));
        assert!(largest > 0.0);
        for (one, other) in one.iter().zip(&other) {
            assert!((one - other).abs() < 1e-4 * largest, "target {target}: {one} {other}");
        }
    }
}

#[test]
fn what_does_not_fit_is_an_error() {
    let mut random = Random::new(4);
    let x = random.matrix(200, 5);
    let y = random.responses(&x, 2, 1.0);
    let model = fitted(&[&x], &y, &settings(&ALPHAS)).unwrap();
    let predict = |x: &Array2<f32>| model.predict(&backend(1), x.view());
    assert_eq!(
        predict(&random.matrix(3, 4)).unwrap_err(),
        EncodingError::ColumnMismatch { found: 4, expected: 5 }
    );
    let mut holed = random.matrix(3, 5);
    holed[(1, 2)] = f32::NAN;
    assert_eq!(predict(&holed).unwrap_err(), EncodingError::NonFinite { row: 1, column: 2 });
    let fit = |inner: &[Fold]| {
        fit_all(&backend(1), &design(&[&x]), inner, &settings(&ALPHAS), &InMemory(y.clone()))
    };
    let fold = |train: &[usize], test: &[usize]| Fold { train: train.to_vec(), test: test.to_vec() };
    assert_eq!(fit(&[fold(&[0, 1, 2], &[2])]).unwrap_err(), EncodingError::Leak { row: 2 });
    assert_eq!(fit(&[fold(&[0, 1, 2], &[200])]).unwrap_err(), EncodingError::Leak { row: 200 });
    assert!(fit(&[fold(&[0, 1], &[2])]).is_ok());
    for wrong in [vec![], vec![fold(&[0], &[2])], vec![fold(&[0, 1], &[])]] {
        assert!(matches!(fit(&wrong), Err(EncodingError::Value(_))));
    }
}

#[test]
fn work_that_is_asked_to_stop_ends() {
    let mut random = Random::new(5);
    let x = random.matrix(KNOWN, 5);
    let targets = InMemory(random.responses(&x, 2, 1.0));
    let stop = Arc::new(AtomicBool::new(false));
    let backend = backend(2).stopped_by(stop.clone());
    let fit = || fit_all(&backend, &design(&[&x]), &inner(), &settings(&ALPHAS), &targets);
    assert!(fit().is_ok());
    stop.store(true, Ordering::Relaxed);
    assert_eq!(fit().unwrap_err(), EncodingError::Interrupted);
}

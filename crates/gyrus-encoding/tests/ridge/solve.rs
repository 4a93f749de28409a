//! Penalties and predictions equal those of the naive dense solve, whatever the shape of the problem.

use gyrus_core::{FoldRule, Folds, InMemory};
use ndarray::{Array2, Axis, concatenate};

use super::naive;
use super::simulate::{Random, backend, design, fit, folds, one_run, settings};

const FEW: [f64; 5] = [0.1, 10.0, 1e3, 1e5, 1e7];

fn long() -> Vec<f64> {
    (0..24).map(|step| 10_f64.powf(-1.0 + f64::from(step) * 0.4)).collect()
}

/// Same penalties, or errors that tie within 1e-5; predictions within 1e-4 of the responses' size.
fn agree(name: &str, features: &Array2<f32>, responses: &Array2<f32>, alphas: &[f64]) {
    agree_in(&folds(features.nrows(), 3), name, (features, responses), alphas);
}

fn agree_in(folds: &Folds, name: &str, (features, responses): (&Array2<f32>, &Array2<f32>), alphas: &[f64]) {
    let expected = naive::fit(features, responses, folds, (alphas, 3));
    let targets = InMemory(responses.clone());
    let found = fit(&backend(2), &design(&[features]), folds, &settings(alphas), &targets).unwrap();
    let size = (responses.mapv(|y| f64::from(y).powi(2)).mean().unwrap()
        - f64::from(responses.mean().unwrap()).powi(2))
    .sqrt();
    for (fold, division) in folds.as_slice().iter().enumerate() {
        for target in 0..responses.ncols() {
            let (chosen, best) = (found.fit.choices[fold].alpha[target], expected.alphas[fold][target]);
            if chosen != best {
                let error = |alpha: f64| {
                    expected.errors[fold][target][alphas.iter().position(|a| *a == alpha).unwrap()]
                };
                let tie = error(chosen) / error(best) - 1.0;
                assert!(tie < 1e-5, "{name}, fold {fold}, target {target}: {chosen} for {best}, {tie:e}");
                continue;
            }
            for row in &division.test {
                let difference = (f64::from(found.predictions[(*row, target)])
                    - expected.predictions[(*row, target)])
                    .abs();
                assert!(
                    difference < 1e-4 * size,
                    "{name}, row {row}, target {target}: {:e}",
                    difference / size
                );
            }
        }
    }
}

#[test]
fn scattered_rows() {
    let mut random = Random::new(6);
    let folds = Folds::new(&one_run(160), &FoldRule::Shuffled { count: 4, seed: 1 }).unwrap();
    for columns in [12, 60, 200] {
        let x = random.matrix(160, columns);
        let y = random.responses(&x, 5, 1.0);
        for alphas in [&FEW[..], &long()] {
            agree_in(&folds, &format!("{columns} columns"), (&x, &y), alphas);
        }
    }
}

#[test]
fn fewer_columns_than_validation_rows() {
    let mut random = Random::new(1);
    let x = random.matrix(240, 12);
    let y = random.responses(&x, 9, 1.0);
    agree("few penalties", &x, &y, &FEW);
    agree("many penalties", &x, &y, &long());
}

#[test]
fn more_columns_than_validation_rows_but_fewer_than_training_rows() {
    let mut random = Random::new(2);
    let x = random.matrix(240, 90);
    let y = random.responses(&x, 9, 1.0);
    agree("few penalties", &x, &y, &FEW);
    agree("many penalties", &x, &y, &long());
}

#[test]
fn more_columns_than_samples() {
    let mut random = Random::new(3);
    let x = random.matrix(240, 400);
    let y = random.responses(&x, 9, 1.0);
    agree("few penalties", &x, &y, &FEW);
    agree("many penalties", &x, &y, &long());
}

#[test]
fn as_many_columns_as_training_rows() {
    let mut random = Random::new(4);
    let rows = folds(240, 3).as_slice()[1].train.len();
    let x = random.matrix(240, rows);
    let y = random.responses(&x, 5, 0.5);
    agree("n = p", &x, &y, &long());
}

#[test]
fn a_power_law_spectrum() {
    let mut random = Random::new(5);
    let x = random.graded(240, 200, 3.0).dot(&random.matrix(200, 300));
    let y = random.responses(&x, 6, 3.0);
    agree("power law", &x, &y, &long());
}

#[test]
fn duplicated_constant_and_strangely_scaled_columns() {
    let mut random = Random::new(6);
    let x = random.matrix(240, 20);
    let y = random.responses(&x, 5, 1.0);
    let twice = concatenate(Axis(1), &[x.view(), x.view()]).unwrap();
    agree("duplicated", &twice, &y, &FEW);
    let constant = Array2::from_elem((240, 3), 812.7_f32);
    agree("constant", &concatenate(Axis(1), &[x.view(), constant.view()]).unwrap(), &y, &FEW);
    let mut scaled = x.clone();
    for (column, mut values) in scaled.columns_mut().into_iter().enumerate() {
        values *= 10_f32.powi(column as i32 - 10);
    }
    agree("20 decades", &scaled, &y, &FEW);
}

#[test]
fn responses_in_any_unit_and_far_from_zero() {
    let mut random = Random::new(7);
    for columns in [15, 300] {
        let x = random.matrix(240, columns);
        let y = random.responses(&x, 5, 1.0);
        agree("millionths", &x, &(&y * 1e-6), &FEW);
        agree("millions", &x, &(&y * 1e6), &FEW);
        agree("a scanner's offset", &x, &(&y * 10.0 + 1000.0), &FEW);
    }
}

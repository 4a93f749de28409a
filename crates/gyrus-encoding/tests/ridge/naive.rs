//! Ridge as the textbook has it: one dense solve in double precision per fold, penalty and target.

use gyrus_core::{Fold, Folds};
use ndarray::{Array1, Array2};

/// Penalty per fold and target, and held-out predictions less the training mean.
pub struct Naive {
    pub alphas: Vec<Vec<f64>>,
    /// Squared errors summed over inner folds: per fold, target, penalty.
    pub errors: Vec<Vec<Vec<f64>>>,
    pub predictions: Array2<f64>,
}

pub fn fit(
    features: &Array2<f32>,
    responses: &Array2<f32>,
    folds: &Folds,
    (alphas, inner): (&[f64], usize),
) -> Naive {
    let (x, y) = (features.mapv(f64::from), responses.mapv(f64::from));
    let mut found = Naive {
        alphas: Vec::new(),
        errors: Vec::new(),
        predictions: Array2::from_elem(y.raw_dim(), f64::NAN),
    };
    for (index, fold) in folds.as_slice().iter().enumerate() {
        let inner = folds.inner(index, inner).unwrap();
        let mut errors = vec![vec![0.0; alphas.len()]; y.ncols()];
        for (a, alpha) in alphas.iter().enumerate() {
            for division in &inner {
                let (predicted, observed) = predict(&x, &y, division, *alpha);
                for target in 0..y.ncols() {
                    let difference = &predicted.column(target) - &observed.column(target);
                    errors[target][a] += difference.dot(&difference);
                }
            }
        }
        let smallest = |errors: &Vec<f64>| {
            let best = (0..alphas.len()).reduce(|best, a| if errors[a] < errors[best] { a } else { best });
            alphas[best.unwrap()]
        };
        let chosen: Vec<f64> = errors.iter().map(smallest).collect();
        for (target, alpha) in chosen.iter().enumerate() {
            let column = y.column(target).to_owned().insert_axis(ndarray::Axis(1));
            let (predicted, _) = predict(&x, &column, fold, *alpha);
            fold.test
                .iter()
                .zip(predicted.column(0))
                .for_each(|(row, p)| found.predictions[(*row, target)] = *p);
        }
        found.alphas.push(chosen);
        found.errors.push(errors);
    }
    found
}

/// Predictions of held-out rows and the responses there, both less the training mean.
pub fn predict(x: &Array2<f64>, y: &Array2<f64>, fold: &Fold, alpha: f64) -> (Array2<f64>, Array2<f64>) {
    predict_weighted(x, y, fold, (alpha, &|_| 1.0))
}

/// The same with standardised columns times a weight.
pub fn predict_weighted(
    x: &Array2<f64>,
    y: &Array2<f64>,
    fold: &Fold,
    (alpha, weight): (f64, &dyn Fn(usize) -> f64),
) -> (Array2<f64>, Array2<f64>) {
    let rows = |values: &Array2<f64>, rows: &[usize]| values.select(ndarray::Axis(0), rows);
    let (train, test) = (rows(x, &fold.train), rows(x, &fold.test));
    let mean = train.mean_axis(ndarray::Axis(0)).unwrap();
    let deviation = train.std_axis(ndarray::Axis(0), 0.0);
    let scale: Array1<f64> = ndarray::Zip::from(&deviation)
        .and(&train.map_axis(ndarray::Axis(0), |column| column.dot(&column) / column.len() as f64))
        .map_collect(|sd, square| if *sd > 1e-6 * square.sqrt() { 1.0 / sd } else { 0.0 });
    let scale = &scale * &Array1::from_shape_fn(scale.len(), weight);
    let (train, test) = ((train - &mean) * &scale, (test - &mean) * &scale);
    let centre = rows(y, &fold.train).mean_axis(ndarray::Axis(0)).unwrap();
    let (y_train, y_test) = (rows(y, &fold.train) - &centre, rows(y, &fold.test) - &centre);
    let weights = if train.ncols() <= train.nrows() {
        let mut gram = train.t().dot(&train);
        gram.diag_mut().mapv_inplace(|value| value + alpha);
        solve(gram, train.t().dot(&y_train))
    } else {
        let mut kernel = train.dot(&train.t());
        kernel.diag_mut().mapv_inplace(|value| value + alpha);
        train.t().dot(&solve(kernel, y_train))
    };
    (test.dot(&weights), y_test)
}

/// A⁻¹ B by Gaussian elimination with partial pivoting.
fn solve(mut a: Array2<f64>, mut b: Array2<f64>) -> Array2<f64> {
    let n = a.nrows();
    for pivot in 0..n {
        let best =
            (pivot..n).reduce(|x, y| if a[(y, pivot)].abs() > a[(x, pivot)].abs() { y } else { x }).unwrap();
        for column in 0..n {
            a.swap((pivot, column), (best, column));
        }
        for column in 0..b.ncols() {
            b.swap((pivot, column), (best, column));
        }
        for row in pivot + 1..n {
            let factor = a[(row, pivot)] / a[(pivot, pivot)];
            for column in pivot..n {
                a[(row, column)] -= factor * a[(pivot, column)];
            }
            for column in 0..b.ncols() {
                b[(row, column)] -= factor * b[(pivot, column)];
            }
        }
    }
    for pivot in (0..n).rev() {
        for column in 0..b.ncols() {
            let known: f64 = (pivot + 1..n).map(|later| a[(pivot, later)] * b[(later, column)]).sum();
            b[(pivot, column)] = (b[(pivot, column)] - known) / a[(pivot, pivot)];
        }
    }
    b
}

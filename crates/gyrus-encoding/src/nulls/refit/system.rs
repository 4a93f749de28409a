//! The least squares of one fold with a penalty, over samples or over columns, whichever are fewer.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use faer::Mat;

use super::responses::FoldResponses;
use crate::EncodingError;
use crate::backend::{Factor, Real, add_product, double, factorise, lower_gram, product, single};
use crate::ridge::{Directions, Prepared, Scaler};
use crate::split::Split;

/// Operations of the refit of a surrogate in one fold, of so many columns and factors (one for each penalty and mixture in use) to `targets`: Gram
/// matrix, products with responses, factors, solutions and predictions.
#[must_use]
pub fn operations_of_refit(rows: usize, targets: usize, (columns, factors): (usize, usize)) -> f64 {
    let [n, p, t] = [rows, columns, targets].map(|size| size as f64);
    let over_columns = is_over_columns(rows, columns);
    let products = if over_columns { n * p * p + 2.0 * n * p * t } else { n * n * p };
    let side = if over_columns { p } else { n };
    products + factors as f64 * side * side * side / 3.0 + 2.0 * side * side * t
}

/// Fewer columns than training rows are solved for themselves: a kernel of the rows would be singular, and its rounding large beside small
/// penalties.
pub(super) fn is_over_columns(rows: usize, columns: usize) -> bool {
    columns < rows
}

/// Standardised rows of a band in one fold.
pub(super) struct Standard {
    train: Mat<f32>,
    test: Mat<f32>,
}

impl Standard {
    pub(super) fn of(band: &Prepared, directions: Option<&Directions>, split: &Split<'_>) -> Self {
        if let Some(directions) = directions {
            return Self::of(&directions.reduce(band, &split.train), None, split);
        }
        let scaler = Scaler::fit(band, &split.train);
        let (train, test) = (scaler.train(band, &split.train), scaler.held_out(band, &split.test));
        Self { train: train.get().clone(), test }
    }
}

/// Kernel of training rows (lower half) and of held-out with training rows.
#[derive(Clone)]
pub(super) struct Kernel {
    train: Mat<f32>,
    test: Mat<f32>,
    /// The bands that it is the sum of, and the weight of each: for penalties that rounding of the kernel would drown.
    parts: Vec<(Arc<Standard>, f64)>,
}

impl Kernel {
    pub(super) fn zeros(n_train: usize, n_test: usize) -> Self {
        Self { train: Mat::zeros(n_train, n_train), test: Mat::zeros(n_test, n_train), parts: Vec::new() }
    }

    pub(super) fn of(rows: Standard) -> Self {
        let (train, test) = (&rows.train, &rows.test);
        let (lower, test) = (lower_gram(train.as_ref()), product(test.as_ref(), train.transpose()));
        Self { train: lower, test, parts: vec![(Arc::new(rows), 1.0)] }
    }

    pub(super) fn add(&mut self, other: &Self, weight: f64) {
        self.parts.extend(other.parts.iter().map(|(rows, of)| (rows.clone(), of * weight)));
        let weight = weight as f32;
        for column in 0..self.train.ncols() {
            add_scaled(
                &mut self.train.col_as_slice_mut(column)[column..],
                &other.train.col_as_slice(column)[column..],
                weight,
            );
            add_scaled(self.test.col_as_slice_mut(column), other.test.col_as_slice(column), weight);
        }
    }
}

fn add_scaled(sum: &mut [f32], values: &[f32], weight: f32) {
    sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += value * weight);
}

/// Bands side by side.
#[derive(Clone)]
pub(super) struct Columns {
    /// Index of each band, and its columns.
    bands: Vec<(usize, Range<usize>)>,
    train: Mat<f32>,
    test: Mat<f32>,
    /// Lower half of XᵀX of training rows.
    gram: Mat<f32>,
    /// XᵀY of training rows, shape (n_columns, n_targets).
    products: Mat<f32>,
    /// The lower half in double precision, for penalties that rounding would drown.
    precise: OnceLock<Mat<f64>>,
}

/// Most that rounding of a Gram matrix may be beside a penalty.
const SMALL: f64 = 1e-3;
/// Rows whose Gram matrix is taken in double precision at a time.
const ROWS: usize = 2048;

impl Columns {
    /// No band yet.
    pub(super) fn none(n_train: usize, n_test: usize, n_targets: usize) -> Self {
        Self {
            bands: Vec::new(),
            train: Mat::zeros(n_train, 0),
            test: Mat::zeros(n_test, 0),
            gram: Mat::zeros(0, 0),
            products: Mat::zeros(0, n_targets),
            precise: OnceLock::new(),
        }
    }

    /// With one band more.
    pub(super) fn with(&self, index: usize, band: &Standard, responses: &FoldResponses<'_>) -> Self {
        let (known, new) = (self.train.ncols(), band.train.ncols());
        let beside = |left: &Mat<f32>, right: &Mat<f32>| {
            let mut both = Mat::zeros(left.nrows(), known + new);
            both.subcols_mut(0, known).copy_from(left);
            both.subcols_mut(known, new).copy_from(right);
            both
        };
        let mut gram = Mat::zeros(known + new, known + new);
        gram.submatrix_mut(0, 0, known, known).copy_from(&self.gram);
        gram.submatrix_mut(known, 0, new, known)
            .copy_from(product(band.train.transpose(), self.train.as_ref()));
        gram.submatrix_mut(known, known, new, new).copy_from(lower_gram(band.train.transpose()));
        let mut products = Mat::zeros(known + new, self.products.ncols());
        products.subrows_mut(0, known).copy_from(&self.products);
        let mut start = 0;
        for rows in responses.stretches() {
            let x = band.train.subrows(start, rows.len());
            let y = responses.all().subrows(rows.start, rows.len());
            add_product(products.subrows_mut(known, new), x.transpose(), y, 1.0);
            start += rows.len();
        }
        let mut bands = self.bands.clone();
        bands.push((index, known..known + new));
        let (train, test) = (beside(&self.train, &band.train), beside(&self.test, &band.test));
        Self { bands, train, test, gram, products, precise: OnceLock::new() }
    }

    /// Columns of the bands that a mixture takes, with the root of the weight of each.
    fn chosen(&self, weights: &[f64]) -> Vec<(usize, f64)> {
        let taken = self.bands.iter().filter(|(band, _)| weights[*band] > 0.0);
        taken
            .flat_map(|(band, columns)| columns.clone().map(|column| (column, weights[*band].sqrt())))
            .collect()
    }

    /// Training rows are many: their Gram matrix in double precision is a sum over some at a time.
    fn precise(&self) -> &Mat<f64> {
        self.precise.get_or_init(|| {
            let size = self.train.ncols();
            let mut sum = Mat::zeros(size, size);
            for start in (0..self.train.nrows()).step_by(ROWS) {
                let rows = self.train.subrows(start, ROWS.min(self.train.nrows() - start));
                let double = Mat::from_fn(size, rows.nrows(), |column, row| f64::from(rows[(row, column)]));
                sum += lower_gram(double.as_ref());
            }
            sum
        })
    }
}

/// (lower + αI)⁻¹ · right, of which `test` makes predictions.
pub(super) struct System<'a> {
    lower: Mat<f32>,
    test: Mat<f32>,
    over: Over<'a>,
}

enum Over<'a> {
    Samples(Vec<(Arc<Standard>, f64)>, OnceLock<Mat<f64>>),
    Columns(&'a Columns, Vec<(usize, f64)>),
}

impl<'a> System<'a> {
    /// Over samples.
    pub(super) fn of_kernel(kernel: Kernel) -> Self {
        let over = Over::Samples(kernel.parts, OnceLock::new());
        Self { lower: kernel.train, test: kernel.test, over }
    }

    /// Over the columns that a mixture takes.
    pub(super) fn of_columns(columns: &'a Columns, weights: &[f64]) -> Self {
        let chosen = columns.chosen(weights);
        let lower = scaled_lower(&columns.gram, &chosen);
        let test = Mat::from_fn(columns.test.nrows(), chosen.len(), |row, column| {
            let (column, root) = chosen[column];
            columns.test[(row, column)] * root as f32
        });
        Self { lower, test, over: Over::Columns(columns, chosen) }
    }

    /// Predictions of held-out rows for some targets.
    pub(super) fn predict(
        &self,
        alpha: f64,
        (responses, targets): (&FoldResponses<'_>, &[usize]),
    ) -> Result<Mat<f32>, EncodingError> {
        let trace: f64 = (0..self.lower.nrows()).map(|index| f64::from(self.lower[(index, index)])).sum();
        // The trace bounds the largest eigenvalue; rounding of it must stay small beside the penalty.
        if trace * f64::from(f32::EPSILON) < SMALL * alpha {
            let solution = self.solve(&factorise(self.lower.clone(), alpha)?, responses, targets);
            return Ok(product(self.test.as_ref(), solution.as_ref()));
        }
        // Where columns repeat each other a penalty may lie below what even double precision resolves.
        let factor = factorise(self.double(), alpha.max(trace * f64::EPSILON / SMALL))?;
        Ok(self.precise_predictions(&self.solve(&factor, responses, targets)))
    }

    fn double(&self) -> Mat<f64> {
        match &self.over {
            Over::Samples(parts, precise) => precise.get_or_init(|| sum_of_kernels(parts)).clone(),
            Over::Columns(columns, chosen) => scaled_lower(columns.precise(), chosen),
        }
    }

    /// What a solution over samples holds beyond the columns, which is 1 / α of the responses, falls out in double precision only.
    fn precise_predictions(&self, solution: &Mat<f64>) -> Mat<f32> {
        let Over::Samples(parts, _) = &self.over else {
            return product(self.test.as_ref(), single(solution).as_ref());
        };
        let mut sum = Mat::zeros(self.test.nrows(), solution.ncols());
        for (rows, weight) in parts {
            let coefficients = product(double(&rows.train).transpose(), solution.as_ref());
            add_product(sum.as_mut(), double(&rows.test).as_ref(), coefficients.as_ref(), *weight);
        }
        single(&sum)
    }

    fn solve<T: Real>(&self, factor: &Factor<T>, responses: &FoldResponses<'_>, targets: &[usize]) -> Mat<T> {
        let mut right = match &self.over {
            Over::Samples(..) => Mat::from_fn(self.lower.nrows(), targets.len(), |row, column| {
                T::of(f64::from(responses.train(row, targets[column])))
            }),
            Over::Columns(columns, chosen) => Mat::from_fn(chosen.len(), targets.len(), |row, column| {
                let (of, root) = chosen[row];
                T::of(root * f64::from(columns.products[(of, targets[column])]))
            }),
        };
        factor.solve(right.as_mut());
        right
    }
}

/// The lower half of Σ w Z Zᵀ over training rows.
fn sum_of_kernels(parts: &[(Arc<Standard>, f64)]) -> Mat<f64> {
    let size = parts.first().map_or(0, |(rows, _)| rows.train.nrows());
    let mut sum = Mat::zeros(size, size);
    for (rows, weight) in parts {
        let gram = lower_gram(double(&rows.train).as_ref());
        for column in 0..size {
            for row in column..size {
                sum[(row, column)] += weight * gram[(row, column)];
            }
        }
    }
    sum
}

/// The lower half of D G D for some columns, in their order, with the given diagonal D.
fn scaled_lower<T: Real>(gram: &Mat<T>, chosen: &[(usize, f64)]) -> Mat<T> {
    let mut lower = Mat::zeros(chosen.len(), chosen.len());
    for (column, (from, scale)) in chosen.iter().enumerate() {
        for (row, (of, root)) in chosen.iter().enumerate().skip(column) {
            lower[(row, column)] = T::of(gram[(*of, *from)].double() * root * scale);
        }
    }
    lower
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten rows: X Xᵀ of twelve columns, or XᵀX of six and Xᵀ Y of four targets; then a factor of side³ / 3 for each
    /// penalty, and the predictions by it.
    #[test]
    fn a_refit_is_reckoned_on_its_shorter_side() {
        let samples = 10.0 * 10.0 * 12.0 + 2.0 * 1000.0 / 3.0 + 800.0;
        assert!((operations_of_refit(10, 4, (12, 2)) - samples).abs() < 1e-9);
        let columns = 10.0 * 36.0 + 2.0 * 10.0 * 6.0 * 4.0 + 2.0 * 216.0 / 3.0 + 288.0;
        assert!((operations_of_refit(10, 4, (6, 2)) - columns).abs() < 1e-9);
        // As many columns as rows are solved over rows.
        assert!((operations_of_refit(3, 4, (3, 1)) - (27.0 + 9.0 + 72.0)).abs() < 1e-9);
    }

    #[test]
    fn a_gram_matrix_of_many_rows_is_a_sum() {
        let rows = 2 * ROWS + 7;
        let train = Mat::from_fn(rows, 3, |row, column| ((row * 7 + column * 3) % 11) as f32 - 5.0);
        let columns = Columns { train, ..Columns::none(rows, 2, 1) };
        for column in 0..3 {
            for row in column..3 {
                let term =
                    |at: usize| f64::from(columns.train[(at, row)]) * f64::from(columns.train[(at, column)]);
                let expected: f64 = (0..rows).map(term).sum();
                assert_eq!(columns.precise()[(row, column)], expected);
            }
        }
    }
}

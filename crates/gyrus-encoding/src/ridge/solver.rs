//! One decomposition serves all penalties and all targets: predictions of some rows from responses of others.

use faer::Mat;

use super::design::Prepared;
use crate::EncodingError;
use crate::backend::{Backend, product};

/// Training and evaluation rows of every band, z-scored by the training rows.
pub(super) struct Standardised {
    bands: Vec<(Mat<f32>, Mat<f32>)>,
}

impl Standardised {
    pub(super) fn new(bands: &[Prepared], train: &[usize], evaluate: &[usize]) -> Self {
        Self { bands: bands.iter().map(|band| band.standardised(train, evaluate)).collect() }
    }
}

/// Predictions for evaluation rows: left · diag(1 / (λ + α)) · right · Y.
///
/// Primal (columns < training rows): left = Z_e V, right = Vᵀ Zᵀ with ZᵀZ = V Λ Vᵀ.
/// Dual: left = K_e U, right = Uᵀ with K = U Λ Uᵀ. Both give Z_e (ZᵀZ + α)⁻¹ Zᵀ Y.
pub(super) struct Solver {
    left: Mat<f32>,
    values: Vec<f64>,
    right: Mat<f32>,
}

impl Solver {
    /// Decomposes the kernel Σ w_b Z_b Z_bᵀ of the bands whose weight is not 0.
    ///
    /// # Errors
    /// - [`EncodingError::Decomposition`] if the decomposition cannot be trusted.
    pub(super) fn new(
        backend: &Backend,
        standardised: &Standardised,
        weights: &[f64],
    ) -> Result<Self, EncodingError> {
        let active: Vec<_> =
            standardised.bands.iter().zip(weights).filter(|(_, weight)| **weight > 0.0).collect();
        let columns: usize = active.iter().map(|((train, _), _)| train.ncols()).sum();
        let samples = standardised.bands.first().map_or(0, |(train, _)| train.nrows());
        let beside = |pick: fn(&(Mat<f32>, Mat<f32>)) -> &Mat<f32>| {
            let parts: Vec<(&Mat<f32>, f32)> =
                active.iter().map(|(band, weight)| (pick(band), weight.sqrt() as f32)).collect();
            scaled_beside(&parts)
        };
        let (train, evaluate) = (beside(|band| &band.0), beside(|band| &band.1));
        let (train64, evaluate64) = (double(&train), double(&evaluate));
        if columns < samples {
            let eigen = backend.eigen(&product(train64.transpose(), train64.as_ref()))?;
            let left = product(evaluate64.as_ref(), eigen.vectors.as_ref());
            let right = product(eigen.vectors.transpose(), train64.transpose());
            return Ok(Self {
                left: single(&left),
                values: not_negative(eigen.values),
                right: single(&right),
            });
        }
        let eigen = backend.eigen(&product(train64.as_ref(), train64.transpose()))?;
        let kernel = product(evaluate64.as_ref(), train64.transpose());
        let left = product(kernel.as_ref(), eigen.vectors.as_ref());
        let right = Mat::from_fn(samples, samples, |row, column| eigen.vectors[(column, row)] as f32);
        Ok(Self { left: single(&left), values: not_negative(eigen.values), right })
    }

    /// right · Y, shape (rank, n_targets): the part that all penalties share.
    pub(super) fn rotate(&self, responses: &Mat<f32>) -> Mat<f32> {
        product(self.right.as_ref(), responses.as_ref())
    }

    /// Predictions at one penalty from rotated responses.
    pub(super) fn predict(&self, rotated: &Mat<f32>, alpha: f64) -> Mat<f32> {
        product(self.shrunk(alpha).as_ref(), rotated.as_ref())
    }

    /// left · diag(1 / (λ + α)) · right, shape (n_evaluation, n_training): independent of the targets.
    pub(super) fn resolvent(&self, alpha: f64) -> Mat<f32> {
        product(self.shrunk(alpha).as_ref(), self.right.as_ref())
    }

    /// Predictions from rotated responses with a penalty of each target's own.
    pub(super) fn predict_each(&self, rotated: &Mat<f32>, alphas: &[f64]) -> Mat<f32> {
        let shrunk = Mat::from_fn(rotated.nrows(), rotated.ncols(), |component, target| {
            (f64::from(rotated[(component, target)]) / (self.values[component] + alphas[target])) as f32
        });
        product(self.left.as_ref(), shrunk.as_ref())
    }

    /// Whether rotating responses first is cheaper than forming resolvents.
    pub(super) fn prefers_rotation(&self, n_alphas: usize, n_targets: usize) -> bool {
        let (rank, samples, evaluated) = (self.right.nrows(), self.right.ncols(), self.left.nrows());
        let rotation = rank * samples * n_targets + n_alphas * evaluated * rank * n_targets;
        let resolvents = n_alphas * evaluated * samples * (rank + n_targets);
        rotation <= resolvents
    }

    fn shrunk(&self, alpha: f64) -> Mat<f32> {
        Mat::from_fn(self.left.nrows(), self.left.ncols(), |row, component| {
            (f64::from(self.left[(row, component)]) / (self.values[component] + alpha)) as f32
        })
    }
}

fn scaled_beside(parts: &[(&Mat<f32>, f32)]) -> Mat<f32> {
    let rows = parts.first().map_or(0, |(part, _)| part.nrows());
    let columns = parts.iter().map(|(part, _)| part.ncols()).sum();
    let mut beside = Mat::zeros(rows, columns);
    let mut start = 0;
    for (part, scale) in parts {
        for column in 0..part.ncols() {
            for row in 0..rows {
                beside[(row, start + column)] = part[(row, column)] * scale;
            }
        }
        start += part.ncols();
    }
    beside
}

fn double(values: &Mat<f32>) -> Mat<f64> {
    Mat::from_fn(values.nrows(), values.ncols(), |row, column| f64::from(values[(row, column)]))
}

fn single(values: &Mat<f64>) -> Mat<f32> {
    Mat::from_fn(values.nrows(), values.ncols(), |row, column| values[(row, column)] as f32)
}

/// Eigenvalues of a Gram matrix are not negative; rounding may say otherwise.
fn not_negative(values: Vec<f64>) -> Vec<f64> {
    values.into_iter().map(|value| value.max(0.0)).collect()
}

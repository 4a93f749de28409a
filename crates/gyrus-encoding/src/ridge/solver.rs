//! One decomposition serves all penalties and all targets: predictions of some rows from responses of others.

use std::sync::OnceLock;

use faer::Mat;

use super::standardise::{Prepared, Scaler};
use crate::EncodingError;
use crate::backend::{Backend, lower_gram, product};
use crate::split::{HeldOut, Rows, Train};

/// Training and evaluated rows of every band, z-scored by the training rows.
pub(super) struct Standardised {
    n_training: usize,
    bands: Vec<StandardBand>,
}

struct StandardBand {
    n_columns: usize,
    /// `None` where the kernel is part of a shared one.
    rows: Option<StandardRows>,
    kernel: OnceLock<Kernel>,
}

struct StandardRows {
    train: Train<Mat<f32>>,
    evaluated: Mat<f32>,
}

/// Z Zᵀ of training rows and of evaluated with training rows.
struct Kernel {
    train: Mat<f64>,
    evaluated: Mat<f64>,
}

/// Predictions for evaluated rows: left · diag(1 / (λ + α)) · right · Y.
///
/// Primal (columns < training rows): left = Z_e V, right = Vᵀ Zᵀ with ZᵀZ = V Λ Vᵀ.
/// Dual: left = K_e U, right = Uᵀ with K = U Λ Uᵀ. Both give Z_e (ZᵀZ + α)⁻¹ Zᵀ Y.
pub(super) struct Solver {
    left: Mat<f32>,
    values: Vec<f64>,
    right: Mat<f32>,
}

impl Standardised {
    pub(super) fn new(bands: &[Prepared], train: &Train<Rows<'_>>, evaluated: &impl HeldOut) -> Self {
        let of_band = |band: &Prepared| {
            let n_columns = band.n_columns();
            if let Some(shared) = band.shared_kernel() {
                let kernel = Kernel::part_of(shared, train.get().indices(), evaluated.indices());
                return StandardBand { n_columns, rows: None, kernel: OnceLock::from(kernel) };
            }
            let scaler = Scaler::fit(band, train);
            let rows = StandardRows {
                train: scaler.train(band, train),
                evaluated: scaler.held_out(band, evaluated),
            };
            StandardBand { n_columns, rows: Some(rows), kernel: OnceLock::new() }
        };
        Self { n_training: train.get().indices().len(), bands: bands.iter().map(of_band).collect() }
    }
}

impl StandardBand {
    /// Made when first asked for: mixtures share it.
    fn kernel(&self) -> &Kernel {
        self.kernel.get_or_init(|| match &self.rows {
            Some(rows) => {
                let (train, evaluated) = (double(rows.train.get()), double(&rows.evaluated));
                let mut kernel = lower_gram(train.as_ref());
                mirror(&mut kernel);
                Kernel { train: kernel, evaluated: product(evaluated.as_ref(), train.transpose()) }
            }
            // A band without rows was given its kernel.
            None => Kernel { train: Mat::zeros(0, 0), evaluated: Mat::zeros(0, 0) },
        })
    }
}

impl Kernel {
    /// Rows and columns of a kernel of all samples, less the mean of the training rows in feature space: with r_i the
    /// mean of row i over training columns and m the mean of r over training rows, k_ij − r_i − r_j + m.
    fn part_of(shared: &Mat<f64>, train: &[usize], evaluated: &[usize]) -> Self {
        let mean_of_row = |row: usize| {
            let column = shared.col_as_slice(row);
            train.iter().map(|index| column[*index]).sum::<f64>() / train.len() as f64
        };
        let of_train: Vec<f64> = train.iter().map(|row| mean_of_row(*row)).collect();
        let mean = of_train.iter().sum::<f64>() / train.len() as f64;
        let centred = |rows: &[usize], of_rows: &[f64]| {
            let mut out = Mat::zeros(rows.len(), train.len());
            for (column, index) in train.iter().enumerate() {
                let (from, by) = (shared.col_as_slice(*index), of_train[column] - mean);
                let out = out.col_as_slice_mut(column).iter_mut();
                out.zip(rows.iter().zip(of_rows)).for_each(|(out, (row, of_row))| {
                    *out = from[*row] - of_row - by;
                });
            }
            out
        };
        let of_evaluated: Vec<f64> = evaluated.iter().map(|row| mean_of_row(*row)).collect();
        Self { train: centred(train, &of_train), evaluated: centred(evaluated, &of_evaluated) }
    }
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
        let active: Vec<(&StandardBand, f64)> = standardised
            .bands
            .iter()
            .zip(weights.iter().copied())
            .filter(|(_, weight)| *weight > 0.0)
            .collect();
        let columns: usize = active.iter().map(|(band, _)| band.n_columns).sum();
        let rows: Option<Vec<(&StandardRows, f64)>> =
            active.iter().map(|(band, weight)| Some((band.rows.as_ref()?, *weight))).collect();
        match rows {
            Some(rows) if columns < standardised.n_training => Self::primal(backend, &rows),
            _ => Self::dual(backend, &active),
        }
    }

    fn primal(backend: &Backend, active: &[(&StandardRows, f64)]) -> Result<Self, EncodingError> {
        let train: Vec<_> = active.iter().map(|(rows, weight)| (rows.train.get(), weight.sqrt())).collect();
        let evaluated: Vec<_> =
            active.iter().map(|(rows, weight)| (&rows.evaluated, weight.sqrt())).collect();
        let (train, evaluated) = (scaled_beside(&train), scaled_beside(&evaluated));
        let mut gram = lower_gram(train.transpose());
        mirror(&mut gram);
        let eigen = backend.eigen(&gram)?;
        let left = product(evaluated.as_ref(), eigen.vectors.as_ref());
        let right = product(eigen.vectors.transpose(), train.transpose());
        Ok(Self { left: single(&left), values: not_negative(eigen.values), right: single(&right) })
    }

    fn dual(backend: &Backend, active: &[(&StandardBand, f64)]) -> Result<Self, EncodingError> {
        let sum = |pick: fn(&Kernel) -> &Mat<f64>| {
            let mut sum: Option<Mat<f64>> = None;
            for (band, weight) in active {
                let term = pick(band.kernel()) * faer::Scale(*weight);
                sum = Some(sum.map_or_else(|| term.clone(), |sum| sum + &term));
            }
            sum.unwrap_or_else(|| Mat::zeros(0, 0))
        };
        let eigen = backend.eigen(&sum(|kernel| &kernel.train))?;
        let left = product(sum(|kernel| &kernel.evaluated).as_ref(), eigen.vectors.as_ref());
        let right = single(&eigen.vectors.transpose().to_owned());
        Ok(Self { left: single(&left), values: not_negative(eigen.values), right })
    }

    /// What rotates responses, shape (rank, n_training).
    pub(super) fn rotation(&self) -> &Mat<f32> {
        &self.right
    }

    /// left · diag(curve) with a curve per component, such as 1 / (λ + α).
    pub(super) fn shrunk(&self, curve: impl Fn(usize) -> f64) -> Mat<f32> {
        let curve: Vec<f64> = (0..self.values.len()).map(curve).collect();
        Mat::from_fn(self.left.nrows(), self.left.ncols(), |row, component| {
            (f64::from(self.left[(row, component)]) * curve[component]) as f32
        })
    }

    /// left · diag(curve) · right, shape (n_evaluated, n_training): independent of the targets.
    pub(super) fn resolvent(&self, curve: impl Fn(usize) -> f64) -> Mat<f32> {
        product(self.shrunk(curve).as_ref(), self.right.as_ref())
    }

    /// Predictions from rotated responses with a penalty of each target's own.
    pub(super) fn predict_each(&self, rotated: &Mat<f32>, alphas: &[f64]) -> Mat<f32> {
        let shrunk = Mat::from_fn(rotated.nrows(), rotated.ncols(), |component, target| {
            (f64::from(rotated[(component, target)]) / (self.values[component] + alphas[target])) as f32
        });
        product(self.left.as_ref(), shrunk.as_ref())
    }

    /// Whether a resolvent for each of `count` penalties, with targets divided among them, is less work and less memory
    /// than rotating all responses.
    pub(super) fn prefers_resolvents(&self, count: usize, n_targets: usize) -> bool {
        let (rank, samples, evaluated) = (self.right.nrows(), self.right.ncols(), self.left.nrows());
        let rotation = rank * (samples + evaluated) * n_targets;
        let resolvents = evaluated * samples * (count * rank + n_targets);
        resolvents < rotation && count * evaluated <= 4 * rank
    }

    /// Whether rotating responses first is cheaper than forming `count` resolvents.
    pub(super) fn prefers_rotation(&self, count: usize, n_targets: usize) -> bool {
        let (rank, samples, evaluated) = (self.right.nrows(), self.right.ncols(), self.left.nrows());
        let rotation = rank * samples * n_targets + count * evaluated * rank * n_targets;
        let resolvents = count * evaluated * samples * (rank + n_targets);
        rotation <= resolvents
    }

    /// λ, at least 0.
    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }

    /// ‖left_k‖ ‖right_k‖: what component k can add to a prediction, per norm of the responses.
    pub(super) fn sizes(&self) -> Vec<f64> {
        let norm =
            |values: &mut dyn Iterator<Item = f64>| values.map(|value| value * value).sum::<f64>().sqrt();
        let size = |component: usize| {
            let left = norm(&mut self.left.col_as_slice(component).iter().map(|value| f64::from(*value)));
            left * norm(&mut self.right.row(component).iter().map(|value| f64::from(*value)))
        };
        (0..self.values.len()).map(size).collect()
    }

    pub(super) fn n_evaluated(&self) -> usize {
        self.left.nrows()
    }
}

fn scaled_beside(parts: &[(&Mat<f32>, f64)]) -> Mat<f64> {
    let rows = parts.first().map_or(0, |(part, _)| part.nrows());
    let columns = parts.iter().map(|(part, _)| part.ncols()).sum();
    let mut beside = Mat::zeros(rows, columns);
    let mut start = 0;
    for (part, scale) in parts {
        for column in 0..part.ncols() {
            for row in 0..rows {
                beside[(row, start + column)] = f64::from(part[(row, column)]) * scale;
            }
        }
        start += part.ncols();
    }
    beside
}

fn double(values: &Mat<f32>) -> Mat<f64> {
    Mat::from_fn(values.nrows(), values.ncols(), |row, column| f64::from(values[(row, column)]))
}

pub(super) fn single(values: &Mat<f64>) -> Mat<f32> {
    Mat::from_fn(values.nrows(), values.ncols(), |row, column| values[(row, column)] as f32)
}

/// Copies the lower half of a symmetric matrix onto the upper.
pub(super) fn mirror(matrix: &mut Mat<f64>) {
    for column in 0..matrix.ncols() {
        for row in column + 1..matrix.nrows() {
            matrix[(column, row)] = matrix[(row, column)];
        }
    }
}

/// Eigenvalues of a Gram matrix are not negative; rounding may say otherwise.
pub(super) fn not_negative(values: Vec<f64>) -> Vec<f64> {
    values.into_iter().map(|value| value.max(0.0)).collect()
}

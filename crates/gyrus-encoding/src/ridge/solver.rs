//! One decomposition serves all penalties and all targets: predictions of some rows from responses of others.

use std::sync::OnceLock;

use faer::Mat;

use super::standardise::{Prepared, Scaler};
use super::sums::dot;
use crate::EncodingError;
use crate::backend::{Backend, double, lower_gram, product, single};
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
    /// The kernel in single precision, for products with targets.
    single: OnceLock<(Mat<f32>, Mat<f32>)>,
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
    is_primal: bool,
}

/// What a kernel says of some targets, each at its penalty.
pub(super) struct Dual {
    /// c = (K + α)⁻¹ y, shape (n_training, n_targets).
    pub(super) coefficients: Mat<f32>,
    /// K_e c, shape (n_evaluated, n_targets).
    pub(super) predicted: Mat<f32>,
}

impl Standardised {
    pub(super) fn new(bands: &[Prepared], train: &Train<Rows<'_>>, evaluated: &impl HeldOut) -> Self {
        let of_band = |band: &Prepared| {
            let n_columns = band.n_columns();
            if let Some(shared) = band.shared_kernel() {
                let kernel = Kernel::part_of(shared, train.get().indices(), evaluated.indices());
                let (kernel, single) = (OnceLock::from(kernel), OnceLock::new());
                return StandardBand { n_columns, rows: None, kernel, single };
            }
            let scaler = Scaler::fit(band, train);
            let rows = StandardRows {
                train: scaler.train(band, train),
                evaluated: scaler.held_out(band, evaluated),
            };
            StandardBand { n_columns, rows: Some(rows), kernel: OnceLock::new(), single: OnceLock::new() }
        };
        Self { n_training: train.get().indices().len(), bands: bands.iter().map(of_band).collect() }
    }

    /// (rᵀ Z_e − uᵀ Z) Zᵀ c of one band, for every column of r (n_evaluated rows) and of u and c (n_training rows).
    pub(super) fn forms(&self, band: usize, (c, u): (&Mat<f32>, &Mat<f32>), r: &Mat<f32>) -> Vec<f64> {
        let (band, each) = (&self.bands[band], 0..c.ncols());
        let dots =
            |a: &Mat<f32>, b: &Mat<f32>, target: usize| dot(a.col_as_slice(target), b.col_as_slice(target));
        match &band.rows {
            Some(rows) if band.n_columns < self.n_training => {
                let train = rows.train.get().transpose();
                let (of_c, of_u) = (product(train, c.as_ref()), product(train, u.as_ref()));
                let of_r = product(rows.evaluated.transpose(), r.as_ref());
                each.map(|target| dots(&of_r, &of_c, target) - dots(&of_u, &of_c, target)).collect()
            }
            _ => {
                let both = || (single(&band.kernel().train), single(&band.kernel().evaluated));
                let (train, evaluated) = band.single.get_or_init(both);
                let of_train = product(train.as_ref(), c.as_ref());
                let of_evaluated = product(evaluated.as_ref(), c.as_ref());
                each.map(|target| dots(r, &of_evaluated, target) - dots(u, &of_train, target)).collect()
            }
        }
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
            Some(rows) if columns < standardised.n_training => Self::by_columns(backend, &rows),
            _ => Self::by_kernel(backend, &active),
        }
    }

    fn by_columns(backend: &Backend, active: &[(&StandardRows, f64)]) -> Result<Self, EncodingError> {
        let train: Vec<_> = active.iter().map(|(rows, weight)| (rows.train.get(), weight.sqrt())).collect();
        let evaluated: Vec<_> =
            active.iter().map(|(rows, weight)| (&rows.evaluated, weight.sqrt())).collect();
        let (train, evaluated) = (scaled_beside(&train), scaled_beside(&evaluated));
        let mut gram = lower_gram(train.transpose());
        mirror(&mut gram);
        let eigen = backend.eigen(&gram)?;
        let left = product(evaluated.as_ref(), eigen.vectors.as_ref());
        let right = product(eigen.vectors.transpose(), train.transpose());
        let values = not_negative(eigen.values);
        Ok(Self { left: single(&left), values, right: single(&right), is_primal: true })
    }

    fn by_kernel(backend: &Backend, active: &[(&StandardBand, f64)]) -> Result<Self, EncodingError> {
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
        Ok(Self { left: single(&left), values: not_negative(eigen.values), right, is_primal: false })
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
        product(self.left.as_ref(), self.divided(rotated, alphas).as_ref())
    }

    /// Dual coefficients and predictions of centred training responses.
    pub(super) fn dual(&self, responses: &Mat<f32>, alphas: &[f64]) -> Dual {
        let rotated = product(self.right.as_ref(), responses.as_ref());
        let divided = self.divided(&rotated, alphas);
        let mut coefficients = product(self.right.transpose(), divided.as_ref());
        if self.is_primal {
            // Z (ZᵀZ + α)⁻¹ Zᵀ y is y − α c.
            for (target, alpha) in alphas.iter().enumerate() {
                let values = coefficients.col_as_slice_mut(target).iter_mut();
                values.zip(responses.col_as_slice(target)).for_each(|(value, response)| {
                    *value = ((f64::from(*response) - f64::from(*value)) / alpha) as f32;
                });
            }
        }
        Dual { coefficients, predicted: product(self.left.as_ref(), divided.as_ref()) }
    }

    /// (K + α)⁻¹ K_eᵀ R, shape (n_training, n_targets), for R of evaluated rows.
    pub(super) fn back(&self, evaluated: &Mat<f32>, alphas: &[f64]) -> Mat<f32> {
        let rotated = product(self.left.transpose(), evaluated.as_ref());
        product(self.right.transpose(), self.divided(&rotated, alphas).as_ref())
    }

    /// Components over λ + α.
    fn divided(&self, rotated: &Mat<f32>, alphas: &[f64]) -> Mat<f32> {
        Mat::from_fn(rotated.nrows(), rotated.ncols(), |component, target| {
            (f64::from(rotated[(component, target)]) / (self.values[component] + alphas[target])) as f32
        })
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

#[cfg(test)]
mod tests {
    use gyrus_core::Fold;

    use super::*;
    use crate::split::Split;

    /// The part of one component in the resolvent is a product of a column and a row: its size is that of both.
    #[test]
    fn the_size_of_a_component_is_that_of_its_part_in_the_predictions() {
        let backend = crate::backend::on_one_thread();
        let fold = Fold { train: (0..14).collect(), test: (14..20).collect() };
        let split = Split::of(&fold).unwrap();
        for columns in [3, 30] {
            let values = |row: usize, column: usize| ((row * 7 + row * row * (column + 3)) % 23) as f32 / 5.0;
            let bands = [Prepared::centred_only(Mat::from_fn(20, columns, values))];
            let standardised = Standardised::new(&bands, &split.train, &split.test);
            let solver = Solver::new(&backend, &standardised, &[1.5]).unwrap();
            let sizes = solver.sizes();
            assert_eq!((sizes.len(), solver.n_evaluated()), (solver.values().len(), 6));
            for (component, size) in sizes.iter().enumerate() {
                let part = solver.resolvent(|of| if of == component { 1.0 } else { 0.0 });
                let squares = (0..part.ncols()).flat_map(|column| part.col_as_slice(column).to_vec());
                let expected = squares.map(|value| f64::from(value).powi(2)).sum::<f64>().sqrt();
                assert!(
                    (size - expected).abs() < 1e-4 * expected.max(1e-3),
                    "{component}: {size} {expected}"
                );
            }
        }
    }
}

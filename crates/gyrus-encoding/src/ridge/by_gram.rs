//! Validation errors from Grams and XᵀY alone, for more validation rows than columns: predictions are never formed.
//!
//! With s = D_α Vᵀ b the rotated weights of a target, b = ZᵀY of the training rows and H = Vᵀ G Vᵀ of the validation
//! Gram G: Σ p² = sᵀ H s, Σ p y = sᵀ Vᵀ c with c = ZᵀY of the validation rows, Σ p = sᵀ Vᵀ Σ z.

use faer::Mat;
use gyrus_core::TargetBlocks;

use super::atoms::{Affine, Atoms, BlockSums};
use super::basis::PenaltyBasis;
use super::blocks;
use super::cross_validation::Errors;
use super::design::weights_of;
use super::forms::Forms;
use super::solver::{mirror, not_negative};
use super::standardise::{Prepared, Scaler};
use super::sums::{Observed, dot};
use crate::EncodingError;
use crate::backend::{Backend, lower_product, product, product_into, single};
use crate::split::{InnerSplit, Rows, Train};

/// One inner fold and mixture, decomposed.
struct GramSolver {
    /// 1 / (λ + α) per penalty, or the curves of the basis: shape (rank, n).
    curves: Mat<f64>,
    basis: Option<PenaltyBasis>,
    /// From XᵀY of training rows (columns as stored) to Vᵀ ZᵀY.
    rotate_train: Mat<f32>,
    /// The same for validation rows, still without the training mean.
    rotate_validation: Mat<f32>,
    /// H, symmetric; or its lower half with half the diagonal, so that sᵀ H s = 2 sᵀ L s.
    validation: Mat<f32>,
    /// Vᵀ Σ z over validation rows.
    sums: Vec<f32>,
}

/// Whether columns are so few that sums over rows come first: fewer than the validation rows of every inner fold.
pub(super) fn suits(bands: &[Prepared], mixtures: &[Vec<f64>], splits: &[InnerSplit<'_>]) -> bool {
    use crate::split::sealed::Indices;
    let takes_part = |band: &usize| mixtures.iter().any(|mixture| mixture[*band] > 0.0);
    let columns: usize = (0..bands.len()).filter(takes_part).map(|band| bands[band].n_columns()).sum();
    splits
        .iter()
        .all(|split| columns < split.validation.indices().len().min(split.train.get().indices().len()))
}

/// Errors of every mixture, summed over inner folds.
///
/// # Errors
/// - [`EncodingError::Decomposition`] if a decomposition cannot be trusted, and if targets cannot be read.
pub(super) fn errors(
    backend: &Backend,
    bands: &[Prepared],
    (rows, splits): (&Train<Rows<'_>>, &[InnerSplit<'_>]),
    (mixtures, alphas): (&[Vec<f64>], &[f64]),
    targets: &dyn TargetBlocks,
) -> Result<Vec<Errors>, EncodingError> {
    let takes_part = |band: &usize| mixtures.iter().any(|mixture| mixture[*band] > 0.0);
    let used: Vec<usize> = (0..bands.len()).filter(takes_part).collect();
    let outer: Vec<Scaler> = used.iter().map(|band| Scaler::fit(&bands[*band], rows)).collect();
    let used: Vec<(usize, &Prepared, &Scaler)> =
        used.iter().zip(&outer).map(|(band, scaler)| (*band, &bands[*band], scaler)).collect();
    let atoms = Atoms::new(backend, &used, rows, splits)?;
    let affine = backend.map(splits.len(), |fold| -> Result<_, EncodingError> {
        Ok(Affine::new(&used, &splits[fold].train))
    })?;
    let solvers = backend.map(mixtures.len() * splits.len(), |piece| {
        let (mixture, fold) = (piece / splits.len(), piece % splits.len());
        let weights = weights_of(&mixtures[mixture], bands);
        let map = affine[fold].weighted(&used, &weights);
        GramSolver::new(backend, (&atoms, fold), &map, alphas)
    })?;
    let ranges = blocks::ranges(targets);
    let pieces = backend.map(ranges.len(), |block| -> Result<Vec<Errors>, EncodingError> {
        let block = blocks::read(targets, ranges[block].clone())?;
        let sums = atoms.sums_of(&block);
        let of_mixture = |solvers: &[GramSolver]| {
            let folds: Vec<Errors> = solvers
                .iter()
                .enumerate()
                .map(|(fold, solver)| solver.errors(&sums.of_fold(&atoms, fold), alphas.len()))
                .collect();
            Errors::total(folds.iter())
        };
        Ok(solvers.chunks(splits.len()).map(of_mixture).collect())
    })?;
    let all = |mixture: usize| {
        let blocks = pieces.iter().map(|block| block[mixture].clone());
        Errors::beside(blocks, (alphas.len(), targets.n_targets()))
    };
    Ok((0..mixtures.len()).map(all).collect())
}

impl GramSolver {
    fn new(
        backend: &Backend,
        (atoms, fold): (&Atoms, usize),
        map: &Affine,
        alphas: &[f64],
    ) -> Result<Self, EncodingError> {
        let (train, validation) = (atoms.train_gram(fold), atoms.validation_gram(fold));
        let eigen = backend.eigen(&map.gram(&train))?;
        let vectors = eigen.vectors.as_ref();
        let values = not_negative(eigen.values.clone());
        let turned = product(map.gram(&validation).as_ref(), vectors);
        let mut validation_gram = product(vectors.transpose(), turned.as_ref());
        mirror(&mut validation_gram);
        let sums = product(vectors.transpose(), map.sums(&validation).as_ref());
        let size = |k: usize| (values[k] * validation_gram[(k, k)].max(0.0)).sqrt();
        let sizes: Vec<f64> = (0..values.len()).map(size).collect();
        let basis = PenaltyBasis::new(&values, &sizes, alphas)?;
        let basis = Some(basis).filter(|basis| 2 * basis.len() + 2 < alphas.len());
        let curves = match &basis {
            Some(basis) => basis.curves.clone(),
            None => {
                halve_lower(&mut validation_gram);
                Mat::from_fn(values.len(), alphas.len(), |k, a| 1.0 / (values[k] + alphas[a]))
            }
        };
        let centred = map.centred(&train);
        Ok(Self {
            curves,
            basis,
            rotate_train: single(&product(vectors.transpose(), centred.transposed().as_ref())),
            rotate_validation: single(&product(vectors.transpose(), map.transposed().as_ref())),
            validation: single(&validation_gram),
            sums: sums.col_as_slice(0).iter().map(|sum| *sum as f32).collect(),
        })
    }

    fn errors(&self, sums: &BlockSums, n_alphas: usize) -> Errors {
        let weights = product(self.rotate_train.as_ref(), sums.train.as_ref());
        let mut products = product(self.rotate_validation.as_ref(), sums.validation.as_ref());
        for (target, mean) in sums.means.iter().enumerate() {
            for (value, sum) in products.col_as_slice_mut(target).iter_mut().zip(&self.sums) {
                *value = (f64::from(*value) - f64::from(*sum) * mean) as f32;
            }
        }
        match &self.basis {
            Some(basis) => self.by_basis(basis, (&weights, &products), &sums.observed),
            None => self.by_penalty((&weights, &products), &sums.observed, n_alphas),
        }
    }

    fn by_penalty(
        &self,
        (weights, products): (&Mat<f32>, &Mat<f32>),
        observed: &[Observed],
        n_alphas: usize,
    ) -> Errors {
        let mut errors = Errors::zeros(n_alphas, observed.len());
        let mut turned = Mat::zeros(weights.nrows(), weights.ncols());
        for alpha in 0..n_alphas {
            let shrunk = self.shrunk(weights, alpha);
            lower_product(&mut turned, self.validation.as_ref(), shrunk.as_ref());
            for (target, observed) in observed.iter().enumerate() {
                let s = shrunk.col_as_slice(target);
                let squares = 2.0 * dot(s, turned.col_as_slice(target));
                let with_y = dot(s, products.col_as_slice(target));
                errors.squared[(alpha, target)] = observed.squared_error(squares, with_y);
                errors.correlation[(alpha, target)] =
                    observed.correlation(dot(s, &self.sums), squares, with_y);
            }
        }
        errors
    }

    fn by_basis(
        &self,
        basis: &PenaltyBasis,
        (weights, products): (&Mat<f32>, &Mat<f32>),
        observed: &[Observed],
    ) -> Errors {
        let mut errors = Errors::zeros(basis.coefficients.ncols(), observed.len());
        let parts: Vec<Mat<f32>> = (0..basis.len()).map(|part| self.shrunk(weights, part)).collect();
        let turned = parts.iter().map(|part| {
            let mut turned = Mat::zeros(part.nrows(), part.ncols());
            product_into(turned.as_mut(), self.validation.as_ref(), part.as_ref());
            turned
        });
        let turned: Vec<Mat<f32>> = turned.collect();
        let mut forms = Forms::new(parts.len(), observed.len());
        for target in 0..observed.len() {
            let mut of_target = forms.of_target(target);
            for part in &parts {
                let s = part.col_as_slice(target);
                let with_y = dot(s, products.col_as_slice(target));
                of_target.push((dot(s, &self.sums), with_y), |i| dot(s, turned[i].col_as_slice(target)));
            }
        }
        forms.write(basis, observed, (&mut errors, 0));
        errors
    }

    fn shrunk(&self, weights: &Mat<f32>, curve: usize) -> Mat<f32> {
        let curve: Vec<f32> = self.curves.col_as_slice(curve).iter().map(|value| *value as f32).collect();
        let mut shrunk = weights.clone();
        for target in 0..shrunk.ncols() {
            shrunk.col_as_slice_mut(target).iter_mut().zip(&curve).for_each(|(value, curve)| *value *= curve);
        }
        shrunk
    }
}

/// The lower half with half the diagonal; the upper half is left as it is and never read.
fn halve_lower(matrix: &mut Mat<f64>) {
    for index in 0..matrix.nrows() {
        matrix[(index, index)] /= 2.0;
    }
}

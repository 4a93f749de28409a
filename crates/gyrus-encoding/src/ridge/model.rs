//! A model of all rows: penalties from folds of them, and what predicts samples that were not there.

use std::ops::Range;

use faer::{Mat, MatRef};
use gyrus_core::{CoreError, Fold, TargetBlocks};
use ndarray::{Array2, ArrayView2};

use super::blocks::{self, Stretches};
use super::choices::Edges;
use super::cross_validation::{Judged, choose_penalties};
use super::design::{Design, weights_of};
use super::settings::RidgeSettings;
use super::solver::{mirror, not_negative};
use super::standardise::{Prepared, Scaler};
use crate::EncodingError;
use crate::backend::{Backend, lower_gram, product, single, to_mat};
use crate::split::{Rows, Split, Train};

/// What was chosen and fitted on all rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// What each target chose on the inner folds, and its mean inner correlation.
    pub judged: Judged,
    /// Penalties at the ends of the grid.
    pub at_edge: Edges,
    /// Mean of every target over the rows.
    pub means: Vec<f64>,
    /// One per mixture that some target takes.
    pub parts: Vec<Part>,
}

/// The targets that take one mixture. With z the columns of all bands side by side, less `centre` and times `scale`,
/// the weights of z are `factor` · `coefficients`: two slim matrices where columns or rows are few.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Which targets.
    pub targets: Vec<usize>,
    /// Mean of every column over the rows.
    pub centre: Vec<f64>,
    /// Reciprocal of the standard deviation (or 1) times the root of what the column's band counts; 0 for a column
    /// that is constant or whose band takes no part.
    pub scale: Vec<f64>,
    /// Shape (n_columns, rank).
    pub factor: Array2<f32>,
    /// Shape (rank, number of targets of this part).
    pub coefficients: Array2<f32>,
}

/// Chooses a penalty (and a mixture) per target by inner folds of all rows, then fits all rows with it.
///
/// w minimises ‖Z w − (y − ȳ)‖² + α‖w‖² as in [`super::fit`], over all rows of the design. Word vectors are not centred
/// on words here, and no drift is projected out: bring features that need neither.
///
/// # Shapes
/// | name      | shape                  | unit |
/// |-----------|------------------------|------|
/// | features  | (n_samples, n_columns) per band | any |
/// | responses | (n_samples, n_targets) | any  |
///
/// # Numerics
/// As [`super::fit`]: f32 products, f64 Grams and eigendecompositions, primal or dual by the smaller side.
///
/// # Errors
/// - as [`super::fit`], [`EncodingError::Components`] if a band asks for principal components, and [`EncodingError::Leak`] if a row is on both sides of an inner fold, or beyond the design,
/// - [`EncodingError::Value`] if there is no inner fold, or one has fewer than two rows to train on or none to judge by.
///
/// # References
/// Hoerl & Kennard (1970), Technometrics 12:55; Dupré la Tour et al. (2022), NeuroImage 264:119728 (banded).
pub fn fit_all(
    backend: &Backend,
    design: &Design,
    inner: &[Fold],
    settings: &RidgeSettings,
    targets: &dyn TargetBlocks,
) -> Result<Model, EncodingError> {
    check(design, inner, settings, targets)?;
    let bands = design.prepare();
    let mixtures = settings.mixtures.of_fold(0);
    let all = Fold { train: (0..design.n_samples()).collect(), test: Vec::new() };
    let train = Split::of(&all)?.train;
    let judged = choose_penalties(backend, &bands, (&train, inner), (settings, mixtures), targets)?;
    let mut at_edge = Edges::default();
    at_edge.count(&judged.place);
    let mut used: Vec<u32> = judged.mixture.clone();
    used.sort_unstable();
    used.dedup();
    let rows = Stretches::of(train.get().indices());
    let solved = backend.map(used.len(), |index| {
        Decomposed::new(backend, &bands, &train, &weights_of(&judged.mixtures[used[index] as usize], &bands))
    })?;
    let solve = |(mixture, solved): (u32, Decomposed)| {
        let members = |target: &usize| judged.mixture[*target] == mixture;
        solved.part(backend, (0..targets.n_targets()).filter(members).collect(), (&judged, targets, &rows))
    };
    let parts = used.into_iter().zip(solved).map(solve).collect::<Result<Vec<_>, _>>()?;
    let means = means(backend, targets, &rows)?;
    Ok(Model { judged, at_edge, means, parts })
}

fn check(
    design: &Design,
    inner: &[Fold],
    settings: &RidgeSettings,
    targets: &dyn TargetBlocks,
) -> Result<(), EncodingError> {
    design.check()?;
    if let Some(band) = design.bands.iter().find(|band| band.components.is_some()) {
        return Err(EncodingError::Components { band: band.name.clone() });
    }
    settings.mixtures.check(1, design.bands.len())?;
    let (found, expected) = (targets.n_samples(), design.n_samples());
    if found != expected {
        return Err(EncodingError::SampleMismatch { found, expected });
    }
    let (samples, folds, gap) = (expected, inner.len(), 0);
    let sizes = inner.iter().map(|fold| (fold.train.len(), fold.test.len()));
    let sizes: Vec<(usize, usize)> = if inner.is_empty() { vec![(0, 0)] } else { sizes.collect() };
    for (fold, (training, held_out)) in sizes.into_iter().enumerate() {
        if training < 2 {
            let few = CoreError::TooFewSamples { samples, folds, gap, fold, training, needed: 2 };
            return Err(few.into());
        }
        if held_out == 0 {
            return Err(CoreError::TooFewHeldOut { samples, folds, fold, held_out, needed: 1 }.into());
        }
    }
    Ok(())
}

fn means(backend: &Backend, targets: &dyn TargetBlocks, rows: &Stretches) -> Result<Vec<f64>, EncodingError> {
    let ranges = blocks::ranges(targets);
    let of_block = |block: usize| Ok(blocks::means(&blocks::read(targets, ranges[block].clone())?, rows));
    Ok(backend.map(ranges.len(), of_block)?.concat())
}

/// All rows decomposed with one mixture.
struct Decomposed {
    centre: Vec<f64>,
    scale: Vec<f64>,
    factor: Mat<f32>,
    values: Vec<f64>,
    /// Rotates responses, shape (rank, n_samples).
    rotation: Mat<f32>,
}

impl Decomposed {
    fn new(
        backend: &Backend,
        bands: &[Prepared],
        train: &Train<Rows<'_>>,
        weights: &[f64],
    ) -> Result<Self, EncodingError> {
        let (mut centre, mut scale) = (Vec::new(), Vec::new());
        let mut columns = Vec::new();
        for (band, weight) in bands.iter().zip(weights) {
            let scaler = Scaler::fit(band, train);
            let rows = scaler.train(band, train);
            for column in 0..band.n_columns() {
                let moments = scaler.moments(column);
                let root = weight.sqrt();
                centre.push(moments.mean);
                scale.push(moments.scale * root);
                columns.push(
                    rows.get().col_as_slice(column).iter().map(|value| f64::from(*value) * root).collect(),
                );
            }
        }
        let z = beside(&columns);
        let (factor, values, rotation) = if z.ncols() < z.nrows() {
            let mut gram = lower_gram(z.transpose());
            mirror(&mut gram);
            let eigen = backend.eigen(&gram)?;
            let rotation = product(eigen.vectors.transpose(), z.transpose());
            (single(&eigen.vectors), eigen.values, single(&rotation))
        } else {
            let mut kernel = lower_gram(z.as_ref());
            mirror(&mut kernel);
            let eigen = backend.eigen(&kernel)?;
            let factor = product(z.transpose(), eigen.vectors.as_ref());
            (single(&factor), eigen.values, single(&eigen.vectors.transpose().to_owned()))
        };
        Ok(Self { centre, scale, factor, values: not_negative(values), rotation })
    }

    /// Coefficients of some targets, block by block.
    fn part(
        self,
        backend: &Backend,
        members: Vec<usize>,
        (judged, targets, rows): (&Judged, &dyn TargetBlocks, &Stretches),
    ) -> Result<Part, EncodingError> {
        let ranges = blocks::ranges(targets);
        let of_block = |block: usize| {
            let range = ranges[block].clone();
            let some = columns_of(&blocks::read(targets, range.clone())?, &range, &members);
            Ok(self.coefficients(some, rows, |column| {
                judged.alpha[members[members.partition_point(|target| *target < range.start) + column]]
            }))
        };
        let found = backend.map(ranges.len(), of_block)?;
        let mut coefficients = Array2::zeros((self.values.len(), members.len()));
        let mut start = 0;
        for block in &found {
            for column in 0..block.ncols() {
                let from = block.col_as_slice(column);
                coefficients
                    .column_mut(start + column)
                    .iter_mut()
                    .zip(from)
                    .for_each(|(to, from)| *to = *from);
            }
            start += block.ncols();
        }
        let Self { centre, scale, factor, .. } = self;
        let factor =
            Array2::from_shape_fn((factor.nrows(), factor.ncols()), |(row, column)| factor[(row, column)]);
        Ok(Part { targets: members, centre, scale, factor, coefficients })
    }

    /// (Λ + α)⁻¹ · rotation · (y − ȳ).
    fn coefficients(&self, mut some: Mat<f32>, rows: &Stretches, alpha: impl Fn(usize) -> f64) -> Mat<f32> {
        blocks::centre(&mut some, rows);
        let mut rotated = product(self.rotation.as_ref(), some.as_ref());
        for column in 0..rotated.ncols() {
            let alpha = alpha(column);
            for (value, eigenvalue) in rotated.col_as_slice_mut(column).iter_mut().zip(&self.values) {
                *value = (f64::from(*value) / (eigenvalue + alpha)) as f32;
            }
        }
        rotated
    }
}

/// The members' columns of a block of targets.
fn columns_of(block: &Mat<f32>, range: &Range<usize>, members: &[usize]) -> Mat<f32> {
    let inside = |target: &&usize| range.contains(target);
    let some: Vec<usize> = members.iter().filter(inside).map(|target| target - range.start).collect();
    let mut out = Mat::zeros(block.nrows(), some.len());
    for (column, target) in some.iter().enumerate() {
        out.col_as_slice_mut(column).copy_from_slice(block.col_as_slice(*target));
    }
    out
}

fn beside(columns: &[Vec<f64>]) -> Mat<f64> {
    let rows = columns.first().map_or(0, Vec::len);
    Mat::from_fn(rows, columns.len(), |row, column| columns[column][row])
}

impl Model {
    /// Number of columns of all bands.
    #[must_use]
    pub fn n_columns(&self) -> usize {
        self.parts.first().map_or(0, |part| part.scale.len())
    }

    /// Predictions ȳ + z · weights, shape (n_samples, n_targets), from the columns of all bands side by side.
    ///
    /// # Errors
    /// - [`EncodingError::ColumnMismatch`] if the columns are not those that were fitted,
    /// - [`EncodingError::NonFinite`] with the place of the first NaN or infinity.
    pub fn predict(
        &self,
        backend: &Backend,
        features: ArrayView2<'_, f32>,
    ) -> Result<Array2<f32>, EncodingError> {
        let (found, expected) = (features.ncols(), self.n_columns());
        if found != expected {
            return Err(EncodingError::ColumnMismatch { found, expected });
        }
        if let Some(((row, column), _)) = features.indexed_iter().find(|(_, value)| !value.is_finite()) {
            return Err(EncodingError::NonFinite { row, column });
        }
        let mut out = Array2::zeros((features.nrows(), self.means.len()));
        for part in &self.parts {
            let rotated = product(part.standardised(features).as_ref(), to_mat(part.factor.view()).as_ref());
            part.each_product(backend, rotated.as_ref(), |target, column| {
                out.column_mut(target).iter_mut().zip(column).for_each(|(out, value)| {
                    *out = (f64::from(*value) + self.means[target]) as f32;
                });
            })?;
        }
        Ok(out)
    }

    /// Weights of the columns as they were brought, shape (n_columns, n_targets).
    ///
    /// # Errors
    /// - none of its own: those of the pool.
    pub fn weights(&self, backend: &Backend) -> Result<Array2<f32>, EncodingError> {
        let mut out = Array2::zeros((self.n_columns(), self.means.len()));
        for part in &self.parts {
            let factor = to_mat(part.factor.view());
            part.each_product(backend, factor.as_ref(), |target, column| {
                let weights = column.iter().zip(&part.scale);
                out.column_mut(target).iter_mut().zip(weights).for_each(|(out, (weight, scale))| {
                    *out = (f64::from(*weight) * scale) as f32;
                });
            })?;
        }
        Ok(out)
    }
}

impl Part {
    fn standardised(&self, features: ArrayView2<'_, f32>) -> Mat<f32> {
        Mat::from_fn(features.nrows(), features.ncols(), |row, column| {
            ((f64::from(features[(row, column)]) - self.centre[column]) * self.scale[column]) as f32
        })
    }

    /// Hands on `left` · coefficients, target by target.
    fn each_product(
        &self,
        backend: &Backend,
        left: MatRef<'_, f32>,
        mut visit: impl FnMut(usize, &[f32]),
    ) -> Result<(), EncodingError> {
        // As many targets at a time whatever rows are asked for: they decide nothing about each other.
        let ranges = blocks::ranges_of((1, self.targets.len()));
        let found = backend.map(ranges.len(), |block| {
            let columns = self.coefficients.slice(ndarray::s![.., ranges[block].clone()]);
            Ok(product(left, to_mat(columns).as_ref()))
        })?;
        for (range, found) in ranges.iter().zip(&found) {
            for (column, target) in self.targets[range.clone()].iter().enumerate() {
                visit(*target, found.col_as_slice(column));
            }
        }
        Ok(())
    }
}

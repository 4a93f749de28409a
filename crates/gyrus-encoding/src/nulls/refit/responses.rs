//! Responses of a block of targets, held once for all folds.

use std::ops::Range;

use faer::Mat;
use gyrus_core::{Fold, TargetBlocks};

use crate::EncodingError;
use crate::ridge::TARGET_BLOCK;
use crate::rows::stretches;

/// All responses less the mean of each target: single precision is then enough wherever they lie.
pub(super) struct Responses(Mat<f32>);

/// What a fold takes of them.
pub(super) struct FoldResponses<'a> {
    all: &'a Mat<f32>,
    rows: &'a [usize],
    stretches: Vec<Range<usize>>,
    /// Training mean of each target.
    means: Vec<f64>,
    /// Held-out responses, z-scored and divided by the number of samples: r is a sum of products with z.
    test: Mat<f32>,
}

impl Responses {
    /// # Errors
    /// - if targets cannot be read.
    pub(super) fn read(targets: &dyn TargetBlocks) -> Result<Self, EncodingError> {
        let mut all = Mat::zeros(targets.n_samples(), targets.n_targets());
        for start in (0..targets.n_targets()).step_by(TARGET_BLOCK) {
            let block = targets.read(start..(start + TARGET_BLOCK).min(targets.n_targets()))?;
            for (column, series) in block.columns().into_iter().enumerate() {
                let mean = series.iter().map(|value| f64::from(*value)).sum::<f64>() / series.len() as f64;
                let out = all.col_as_slice_mut(start + column).iter_mut();
                out.zip(series).for_each(|(out, value)| *out = (f64::from(*value) - mean) as f32);
            }
        }
        Ok(Self(all))
    }

    pub(super) fn n_targets(&self) -> usize {
        self.0.ncols()
    }

    /// What a fold takes of them.
    pub(super) fn of_fold<'a>(&'a self, fold: &'a Fold) -> FoldResponses<'a> {
        let mut test = Mat::zeros(fold.test.len(), self.0.ncols());
        let mut means = Vec::with_capacity(self.0.ncols());
        for target in 0..self.0.ncols() {
            let series = self.0.col_as_slice(target);
            let mean = |rows: &[usize]| {
                rows.iter().map(|row| f64::from(series[*row])).sum::<f64>() / rows.len() as f64
            };
            means.push(mean(&fold.train));
            let centre = mean(&fold.test);
            let less = |row: &usize| f64::from(series[*row]) - centre;
            let squares: f64 = fold.test.iter().map(|row| less(row) * less(row)).sum();
            let count = fold.test.len() as f64;
            let scale = 1.0 / (squares / count).sqrt() / count;
            for (out, row) in test.col_as_slice_mut(target).iter_mut().zip(&fold.test) {
                *out = (less(row) * scale) as f32;
            }
        }
        FoldResponses {
            all: &self.0,
            rows: &fold.train,
            stretches: stretches(fold.train.iter().copied()),
            means,
            test,
        }
    }
}

impl FoldResponses<'_> {
    /// Every response, less a constant for each target. Standardised columns are centred: no constant changes XᵀY.
    pub(super) fn all(&self) -> &Mat<f32> {
        self.all
    }

    /// Training rows as contiguous stretches.
    pub(super) fn stretches(&self) -> &[Range<usize>] {
        &self.stretches
    }

    pub(super) fn n_targets(&self) -> usize {
        self.all.ncols()
    }

    pub(super) fn n_train(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn n_test(&self) -> usize {
        self.test.nrows()
    }

    /// The response in a training row, less the training mean.
    pub(super) fn train(&self, row: usize, target: usize) -> f32 {
        (f64::from(self.all[(self.rows[row], target)]) - self.means[target]) as f32
    }

    /// r of a prediction with the held-out response.
    pub(super) fn correlate(&self, target: usize, predicted: &[f32]) -> f64 {
        let n = predicted.len() as f64;
        let (mut sum, mut squares, mut products) = (0.0, 0.0, 0.0);
        for (p, z) in predicted.iter().zip(self.test.col_as_slice(target)) {
            let p = f64::from(*p);
            sum += p;
            squares += p * p;
            products += p * f64::from(*z);
        }
        let variance = squares / n - (sum / n) * (sum / n);
        if variance > 0.0 { products / variance.sqrt() } else { f64::NAN }
    }
}

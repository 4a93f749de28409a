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

#[cfg(test)]
mod tests {
    use gyrus_core::CoreError;
    use ndarray::Array2;

    use super::*;

    const TARGETS: usize = TARGET_BLOCK + 3;

    /// Targets that count up from an offset of their own; those who ask for many at a time would need the memory.
    struct Counting;

    impl TargetBlocks for Counting {
        fn n_samples(&self) -> usize {
            5
        }

        fn n_targets(&self) -> usize {
            TARGETS
        }

        fn read(&self, targets: Range<usize>) -> Result<Array2<f32>, CoreError> {
            assert!(targets.start < targets.end && targets.end <= TARGETS && targets.len() <= TARGET_BLOCK);
            let step = |target: usize| (1 + target % 7) as f32;
            let value = |(row, column): (usize, usize)| {
                let target = targets.start + column;
                target as f32 + step(target) * row as f32
            };
            Ok(Array2::from_shape_fn((5, targets.len()), value))
        }
    }

    #[test]
    fn responses_are_read_in_blocks_and_less_their_means() {
        let found = Responses::read(&Counting).unwrap();
        for target in 0..TARGETS {
            let step = (1 + target % 7) as f32;
            for row in 0..5 {
                assert_eq!(found.0[(row, target)], step * (row as f32 - 2.0), "{row}, {target}");
            }
        }
    }

    /// Held out 0, 3, 0, 3 is −1, 1, −1, 1 in units of its deviation; a prediction that rises has r = 1 / √5 with it.
    #[test]
    fn predictions_are_correlated_with_the_held_out_rows() {
        let series = [9.0, 0.0, 3.0, 0.0, 3.0, 6.0, 0.0];
        let responses = Responses(Mat::from_fn(7, 1, |row, _| series[row]));
        let fold = Fold { train: vec![0, 5, 6], test: vec![1, 2, 3, 4] };
        let of_fold = responses.of_fold(&fold);
        let found = of_fold.correlate(0, &[11.0, 12.0, 13.0, 14.0]);
        assert!((found - 1.0 / 5.0_f64.sqrt()).abs() < 1e-6, "{found}");
        assert!(of_fold.correlate(0, &[2.0; 4]).is_nan());
        assert_eq!([0, 1, 2].map(|row| of_fold.train(row, 0)), [4.0, 1.0, -5.0]);
    }
}

//! Blocks of targets as columns: rows gathered, centred by training rows.

use std::ops::Range;

use faer::{Mat, MatMut, MatRef};
use gyrus_core::TargetBlocks;
use ndarray::Array2;

use super::TARGET_BLOCK;
use crate::EncodingError;
use crate::backend::{add_product, product_into};
use crate::rows::{stretches, sum_in_parts};

/// The ranges of targets that are worked on at a time: 16 MiB of responses, but from 250 to 1,000 targets. Samples alone
/// decide, so that bits depend on nothing else.
pub(super) fn ranges(targets: &dyn TargetBlocks) -> Vec<Range<usize>> {
    ranges_of((targets.n_samples(), targets.n_targets()))
}

/// The same for so many samples and targets.
pub(super) fn ranges_of((n_samples, n_targets): (usize, usize)) -> Vec<Range<usize>> {
    let block = (BLOCK_VALUES / n_samples.max(1)).clamp(TARGET_BLOCK / 4, TARGET_BLOCK);
    let end = |start: usize| (start + block).min(n_targets);
    (0..n_targets).step_by(block).map(|start| start..end(start)).collect()
}

const BLOCK_VALUES: usize = 4 << 20;

/// Responses of a range of targets, one target per column.
pub(super) fn read(targets: &dyn TargetBlocks, range: Range<usize>) -> Result<Mat<f32>, EncodingError> {
    Ok(columns(&targets.read(range)?))
}

/// A column-major copy, tile by tile so that both sides stay in cache.
pub(super) fn columns(block: &Array2<f32>) -> Mat<f32> {
    const TILE: usize = 32;
    let (rows, targets) = block.dim();
    let mut out = Mat::zeros(rows, targets);
    for first in (0..targets).step_by(TILE) {
        for top in (0..rows).step_by(TILE) {
            for target in first..(first + TILE).min(targets) {
                let column = out.col_as_slice_mut(target);
                for row in top..(top + TILE).min(rows) {
                    column[row] = block[(row, target)];
                }
            }
        }
    }
    out
}

/// Mean of every target over `rows`.
pub(super) fn means(block: &Mat<f32>, rows: &Stretches) -> Vec<f64> {
    (0..block.ncols()).map(|target| rows.mean(block.col_as_slice(target))).collect()
}

/// Some rows less a mean per target. Differences are taken in double precision: responses may be far from 0.
pub(super) fn less(block: &Mat<f32>, rows: &[usize], means: &[f64]) -> Mat<f32> {
    let mut out = Mat::zeros(rows.len(), block.ncols());
    for (target, mean) in means.iter().enumerate() {
        let column = block.col_as_slice(target);
        for (out, row) in out.col_as_slice_mut(target).iter_mut().zip(rows) {
            *out = (f64::from(column[*row]) - mean) as f32;
        }
    }
    out
}

/// Subtracts from every target its mean over `rows`: single precision is then enough wherever responses lie.
pub(super) fn centre(block: &mut Mat<f32>, rows: &Stretches) {
    for (target, mean) in means(block, rows).into_iter().enumerate() {
        let column = block.col_as_slice_mut(target);
        column.iter_mut().for_each(|value| *value = (f64::from(*value) - mean) as f32);
    }
}

/// Rows of a fold among those of a block. A few contiguous stretches are read in place, scattered rows are copied.
#[derive(Debug, Clone)]
pub(super) struct Stretches(Vec<Range<usize>>);

/// Stretches that are still worth a matrix product each.
const FEW: usize = 4;

impl Stretches {
    pub(super) fn of(rows: &[usize]) -> Self {
        Self(stretches(rows.iter().copied()))
    }

    pub(super) fn len(&self) -> usize {
        self.0.iter().map(Range::len).sum()
    }

    pub(super) fn mean(&self, column: &[f32]) -> f64 {
        let sum = |stretch: &Range<usize>| {
            let values = &column[stretch.clone()];
            sum_in_parts(values.len(), |index| f64::from(values[index]))
        };
        self.0.iter().map(sum).sum::<f64>() / self.len() as f64
    }

    /// The rows of a column, at the start of `out`.
    pub(super) fn copy(&self, column: &[f32], out: &mut [f32]) {
        let mut start = 0;
        for stretch in &self.0 {
            out[start..start + stretch.len()].copy_from_slice(&column[stretch.clone()]);
            start += stretch.len();
        }
    }

    /// `out` = `left` · these rows of `block`.
    pub(super) fn multiply(&self, mut out: MatMut<'_, f32>, left: MatRef<'_, f32>, block: MatRef<'_, f32>) {
        if self.0.len() > FEW {
            let mut rows = Mat::zeros(self.len(), block.ncols());
            let mut start = 0;
            for stretch in &self.0 {
                rows.subrows_mut(start, stretch.len()).copy_from(block.subrows(stretch.start, stretch.len()));
                start += stretch.len();
            }
            return product_into(out, left, rows.as_ref());
        }
        out.fill(0.0);
        let mut start = 0;
        for stretch in &self.0 {
            let rows = block.subrows(stretch.start, stretch.len());
            add_product(out.as_mut(), left.subcols(start, stretch.len()), rows, 1.0);
            start += stretch.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(rows: usize, columns: usize) -> Mat<f32> {
        Mat::from_fn(rows, columns, |row, column| ((row * 7 + column * 13) % 23) as f32 + 100.0)
    }

    #[test]
    fn blocks_of_targets_hold_sixteen_mebibytes_but_from_250_to_1000_targets() {
        assert_eq!(ranges_of((362, 2500)), [0..1000, 1000..2000, 2000..2500]);
        assert_eq!(ranges_of((9000, 1000)), [0..466, 466..932, 932..1000]);
        assert_eq!(ranges_of((100_000, 300)), [0..250, 250..300]);
        assert_eq!(ranges_of((0, 1001)), [0..1000, 1000..1001]);
        assert_eq!(ranges_of((10, 0)), []);
    }

    #[test]
    fn columns_are_those_of_the_rows() {
        let block = Array2::from_shape_fn((70, 33), |(row, column)| (row * 100 + column) as f32);
        let found = columns(&block);
        for row in 0..70 {
            for column in 0..33 {
                assert_eq!(found[(row, column)], block[(row, column)]);
            }
        }
    }

    #[test]
    fn responses_are_centred_by_the_rows_of_a_fold_and_no_others() {
        let rows = [0, 1, 4, 5, 6, 9];
        let (mut block, fold) = (values(12, 3), Stretches::of(&rows));
        assert_eq!(fold.len(), 6);
        let expected = |target: usize, row: usize| {
            let mean = rows.iter().map(|row| f64::from(values(12, 3)[(*row, target)])).sum::<f64>() / 6.0;
            (f64::from(values(12, 3)[(row, target)]) - mean) as f32
        };
        let found = less(&block, &[2, 9], &means(&block, &fold));
        centre(&mut block, &fold);
        for target in 0..3 {
            for row in 0..12 {
                assert!((block[(row, target)] - expected(target, row)).abs() < 1e-5);
            }
            assert!((found[(0, target)] - expected(target, 2)).abs() < 1e-5);
            assert!((found[(1, target)] - expected(target, 9)).abs() < 1e-5);
        }
    }

    #[test]
    fn products_with_the_rows_of_a_fold_are_those_with_a_copy_of_them() {
        for rows in [vec![1, 2, 3, 7, 8], vec![0, 2, 4, 6, 8, 10], vec![0, 1, 3, 5, 7, 8, 9, 11]] {
            let (block, fold) = (values(12, 4), Stretches::of(&rows));
            let left = Mat::from_fn(3, rows.len(), |row, column| row as f32 - column as f32 * 0.5);
            let mut out = Mat::from_fn(3, 4, |_, _| 7.0);
            fold.multiply(out.as_mut(), left.as_ref(), block.as_ref());
            let mut copied = vec![0.0; rows.len()];
            for target in 0..4 {
                fold.copy(block.col_as_slice(target), &mut copied);
                for row in 0..3 {
                    let terms =
                        rows.iter().enumerate().map(|(at, of)| left[(row, at)] * block[(*of, target)]);
                    assert!((out[(row, target)] - terms.sum::<f32>()).abs() < 1e-3);
                }
                for (value, row) in copied.iter().zip(&rows) {
                    assert_eq!(*value, block[(*row, target)]);
                }
            }
        }
    }
}

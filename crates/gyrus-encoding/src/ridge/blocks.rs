//! Blocks of targets as columns: rows gathered, centred by training rows.

use std::ops::Range;

use faer::Mat;
use gyrus_core::TargetBlocks;
use ndarray::Array2;

use super::TARGET_BLOCK;
use crate::EncodingError;

/// The ranges of targets that are worked on at a time.
pub(super) fn ranges(n_targets: usize) -> Vec<Range<usize>> {
    let end = |start: usize| (start + TARGET_BLOCK).min(n_targets);
    (0..n_targets).step_by(TARGET_BLOCK).map(|start| start..end(start)).collect()
}

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
pub(super) fn means(block: &Mat<f32>, rows: &[usize]) -> Vec<f64> {
    let mean = |target: usize| {
        let column = block.col_as_slice(target);
        rows.iter().map(|row| f64::from(column[*row])).sum::<f64>() / rows.len() as f64
    };
    (0..block.ncols()).map(mean).collect()
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

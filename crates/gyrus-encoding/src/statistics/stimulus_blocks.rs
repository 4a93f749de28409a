//! Intervals over the stimulus: blocks of held-out samples drawn again within each fold.

use gyrus_core::{Fold, RepetitionTime, Seconds, Timeline};
use ndarray::{ArrayView2, Axis};

use super::bootstrap::quantile;
use super::stream::below;
use super::{Interval, Purpose, stream};
use crate::EncodingError;

/// Fewer blocks than this in all say little of how a score varies over the stimulus.
pub(super) const FEWEST_BLOCKS: usize = 16;

/// How long the blocks are and how often they are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BlockLength {
    /// Length of a block: longer than the responses and features remember, 20 s or more.
    pub seconds: Seconds,
    /// Time between samples.
    pub interval: RepetitionTime,
    /// Number of bootstrap samples.
    pub draws: usize,
    /// Seed of the study: all series of a study see the same blocks.
    pub seed: u64,
    /// Coverage that is asked for, such as 0.95.
    pub level: f64,
}

/// An interval over the stimulus and whether to trust it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BlockInterval {
    /// Mean over folds of the mean of products within the fold: the score itself.
    pub score: f64,
    /// Percentile interval, widened for training sets that share samples.
    pub interval: Interval,
    /// Number of whole blocks that the held-out samples hold.
    pub blocks: usize,
    /// Fewer than sixteen blocks, or a fold that holds fewer than two: the interval is printed with this flag.
    pub unreliable: bool,
}

/// Percentile intervals of scores over the stimulus.
///
/// A score is the mean over folds of the correlation within the fold, and that is the mean over the fold's
/// samples of p_t = z(prediction)_t · z(response)_t, both standardised within the fold. Averaged over
/// participants, p is the group's. Within each fold circular blocks of p are drawn until the fold is full;
/// blocks stay inside a contiguous stretch of the recording. That says how the held-out part of a score varies, not that
/// another story would have trained another model: training sets of K folds share samples, so that
///
/// > interval = score + w (q − score), w² = 1 + mean over folds of K n_test / n_train,
///
/// with q the percentiles of the drawn scores. w is 1.5 for five folds and near 1 where one short test set is held out.
///
/// # Shapes
/// | name     | shape                | unit                    |
/// |----------|----------------------|-------------------------|
/// | products | (n_samples, n_series) | product of two z scores |
/// | returns  | n_series             |                         |
///
/// A series with a value that is not finite in some held-out sample gets NaN.
///
/// # Errors
/// - [`EncodingError::SampleMismatch`] if `products` does not have the timeline's samples.
///
/// # References
/// Politis & Romano (1992), in Exploring the Limits of Bootstrap (circular blocks); Künsch (1989), Ann Stat 17:1217;
/// Nadeau & Bengio (2003), Mach Learn 52:239 (w, for the variance of a cross-validated mean).
pub fn bootstrap_stimulus(
    products: ArrayView2<f64>,
    timeline: &Timeline,
    folds: &[Fold],
    length: &BlockLength,
) -> Result<Vec<BlockInterval>, EncodingError> {
    if products.nrows() != timeline.n_samples() {
        return Err(EncodingError::SampleMismatch {
            found: products.nrows(),
            expected: timeline.n_samples(),
        });
    }
    let samples = length.interval.volumes_spanning(length.seconds).max(1);
    let stretches: Vec<Vec<Vec<usize>>> = folds
        .iter()
        .filter(|fold| !fold.test.is_empty())
        .map(|fold| contiguous(&fold.test, timeline))
        .collect();
    let per_fold = |fold: &Vec<Vec<usize>>| fold.iter().map(|stretch| stretch.len() / samples).sum::<usize>();
    let blocks: usize = stretches.iter().map(per_fold).sum();
    let unreliable = blocks < FEWEST_BLOCKS || stretches.iter().any(|fold| per_fold(fold) < 2);
    let observed = mean_over_folds(products, &stretches.iter().map(|fold| fold.concat()).collect::<Vec<_>>());
    let mut drawn = vec![Vec::with_capacity(length.draws); products.ncols()];
    for draw in 0..length.draws {
        let rows: Vec<Vec<usize>> = draw_rows(&stretches, samples, length.seed, draw as u64);
        for (series, score) in drawn.iter_mut().zip(mean_over_folds(products, &rows)) {
            series.push(score);
        }
    }
    let tail = (1.0 - length.level) / 2.0;
    let widened = widening(folds);
    let interval = |score: f64, mut series: Vec<f64>| {
        series.sort_by(f64::total_cmp);
        if series.iter().any(|score| !score.is_finite()) {
            return Interval::NONE;
        }
        let bound = |level: f64| score + widened * (quantile(&series, level) - score);
        Interval { low: bound(tail), high: bound(1.0 - tail) }
    };
    let made = observed.into_iter().zip(drawn);
    Ok(made
        .map(|(score, series)| BlockInterval { score, interval: interval(score, series), blocks, unreliable })
        .collect())
}

/// w of [`bootstrap_stimulus`], with K of a fold the number of folds that divide the same recording: those that train on what it
/// holds out, and it.
#[must_use]
pub fn widening(folds: &[Fold]) -> f64 {
    let trains_on = |fold: &Fold, row: usize| fold.train.binary_search(&row).is_ok();
    let of_fold = |fold: &Fold| {
        let middle = *fold.test.get(fold.test.len() / 2)?;
        let sharing = 1 + folds.iter().filter(|other| trains_on(other, middle)).count();
        Some(sharing as f64 * fold.test.len() as f64 / fold.train.len().max(1) as f64)
    };
    let ratios: Vec<f64> = folds.iter().filter_map(of_fold).collect();
    (1.0 + ratios.iter().sum::<f64>() / ratios.len().max(1) as f64).sqrt()
}

/// Rows that are held out by one fold and stand together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryBlock {
    /// Index of the fold.
    pub fold: usize,
    /// Rows, ascending.
    pub rows: Vec<usize>,
}

/// Successive blocks of the story of about `samples` samples each, all blocks of a stretch equally long within a sample. Blocks
/// never cross a border of folds or runs.
#[must_use]
pub fn blocks_of_story(timeline: &Timeline, folds: &[Fold], samples: usize) -> Vec<StoryBlock> {
    let samples = samples.max(1);
    let mut blocks = Vec::new();
    for (fold, of_fold) in folds.iter().enumerate() {
        for stretch in contiguous(&of_fold.test, timeline) {
            let whole = ((stretch.len() + samples / 2) / samples).max(1);
            let start = |block: usize| block * stretch.len() / whole;
            let block =
                |block: usize| StoryBlock { fold, rows: stretch[start(block)..start(block + 1)].to_vec() };
            blocks.extend((0..whole).map(block));
        }
    }
    blocks
}

/// Means of held-out products in the [blocks of the story](blocks_of_story); shape (n_blocks, n_series).
#[must_use]
pub fn block_means(
    products: ArrayView2<f64>,
    timeline: &Timeline,
    folds: &[Fold],
    samples: usize,
) -> ndarray::Array2<f64> {
    let blocks = blocks_of_story(timeline, folds, samples);
    let mut means = ndarray::Array2::zeros((blocks.len(), products.ncols()));
    for (block, mut out) in blocks.iter().zip(means.rows_mut()) {
        block.rows.iter().for_each(|row| out += &products.index_axis(Axis(0), *row));
        out /= block.rows.len() as f64;
    }
    means
}

/// The held-out rows of a fold, divided where the recording or the run breaks.
fn contiguous(rows: &[usize], timeline: &Timeline) -> Vec<Vec<usize>> {
    let starts_run = |row: usize| timeline.runs().iter().any(|run| run.start == row);
    let mut stretches: Vec<Vec<usize>> = Vec::new();
    for &row in rows {
        match stretches.last_mut() {
            Some(stretch) if stretch.last() == row.checked_sub(1).as_ref() && !starts_run(row) => {
                stretch.push(row)
            }
            _ => stretches.push(vec![row]),
        }
    }
    stretches
}

fn draw_rows(stretches: &[Vec<Vec<usize>>], samples: usize, seed: u64, draw: u64) -> Vec<Vec<usize>> {
    let mut random = stream(seed, Purpose::StimulusBlocks, 0, draw);
    let mut rows = Vec::with_capacity(stretches.len());
    for fold in stretches {
        let all: Vec<(usize, usize)> = fold
            .iter()
            .enumerate()
            .flat_map(|(s, stretch)| (0..stretch.len()).map(move |i| (s, i)))
            .collect();
        let mut chosen = Vec::with_capacity(all.len() + samples);
        while chosen.len() < all.len() {
            let (stretch, start) = all[below(&mut random, all.len())];
            let stretch = &fold[stretch];
            chosen.extend((0..samples.min(stretch.len())).map(|i| stretch[(start + i) % stretch.len()]));
        }
        chosen.truncate(all.len());
        rows.push(chosen);
    }
    rows
}

fn mean_over_folds(products: ArrayView2<f64>, folds: &[Vec<usize>]) -> Vec<f64> {
    let mut means = vec![0.0; products.ncols()];
    for rows in folds {
        let mut sums = vec![0.0; products.ncols()];
        for row in rows {
            for (sum, product) in sums.iter_mut().zip(products.index_axis(Axis(0), *row)) {
                *sum += product;
            }
        }
        for (mean, sum) in means.iter_mut().zip(sums) {
            *mean += sum / rows.len() as f64 / folds.len() as f64;
        }
    }
    means
}

//! Intervals over the stimulus from means of its blocks, where single samples are not kept.

use super::bootstrap::quantile;
use super::stimulus_blocks::FEWEST_BLOCKS;
use super::stream::below;
use super::{BlockInterval, Interval, Purpose, stream};

/// Held-out products of a group by block of the stimulus.
#[derive(Debug, Clone, Copy)]
pub struct StoryBlocks<'a> {
    /// Mean product of each block.
    pub means: &'a [f64],
    /// Samples of each block.
    pub samples: &'a [usize],
    /// Fold that holds each block out.
    pub folds: &'a [usize],
    /// [`widening`](super::widening) of these folds.
    pub widened: f64,
}

/// How often blocks are drawn again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Draws {
    /// Number of bootstrap samples.
    pub count: usize,
    /// Seed: all series with the same blocks see the same draws.
    pub seed: u64,
    /// Coverage that is asked for, such as 0.95.
    pub level: f64,
}

/// Percentile interval of a score over the stimulus: within each fold, as many blocks as it has are drawn with repetition.
///
/// > score = mean over folds f of Σ_{b in f} n_b p_b / Σ_{b in f} n_b; interval = score + w (q − score)
///
/// # Shapes
/// | name                  | shape    | unit                    |
/// |-----------------------|----------|-------------------------|
/// | means                 | n_blocks | product of two z scores |
/// | samples, folds        | n_blocks |                         |
///
/// # Numerics
/// The same score and the same w as [`bootstrap_stimulus`](super::bootstrap_stimulus); blocks stand where they stand instead
/// of beginning at any sample. None where the lengths differ, there is no block, or a mean is not finite.
///
/// # References
/// Carlstein (1986), Ann Stat 14:1171 (blocks that do not overlap); Nadeau & Bengio (2003), Mach Learn 52:239 (w).
#[must_use]
pub fn bootstrap_blocks(blocks: &StoryBlocks<'_>, draws: &Draws) -> Option<BlockInterval> {
    let count = blocks.means.len();
    let is_whole = blocks.samples.len() == count && blocks.folds.len() == count;
    if count == 0 || !is_whole || blocks.means.iter().any(|mean| !mean.is_finite()) {
        return None;
    }
    let by_fold = by_fold(blocks.folds);
    let score = blocks.score(&by_fold);
    let draw = |draw: usize| {
        let mut random = stream(draws.seed, Purpose::StimulusBlocks, 1, draw as u64);
        let mut of_fold = |fold: &Vec<usize>| -> Vec<usize> {
            fold.iter().map(|_| fold[below(&mut random, fold.len())]).collect()
        };
        blocks.score(&by_fold.iter().map(&mut of_fold).collect::<Vec<_>>())
    };
    let mut drawn: Vec<f64> = (0..draws.count).map(draw).collect();
    drawn.sort_by(f64::total_cmp);
    let tail = (1.0 - draws.level) / 2.0;
    let bound = |level: f64| score + blocks.widened * (quantile(&drawn, level) - score);
    let unreliable = count < FEWEST_BLOCKS || by_fold.iter().any(|fold| fold.len() < 2);
    let interval = match drawn.is_empty() {
        true => Interval::NONE,
        false => Interval { low: bound(tail), high: bound(1.0 - tail) },
    };
    Some(BlockInterval { score, interval, blocks: count, unreliable })
}

impl StoryBlocks<'_> {
    fn score(&self, by_fold: &[Vec<usize>]) -> f64 {
        let of_fold = |blocks: &Vec<usize>| {
            let samples: usize = blocks.iter().map(|block| self.samples[*block]).sum();
            let sum: f64 = blocks.iter().map(|block| self.means[*block] * self.samples[*block] as f64).sum();
            sum / samples as f64
        };
        by_fold.iter().map(of_fold).sum::<f64>() / by_fold.len() as f64
    }
}

/// Blocks of every fold, in the order in which folds first appear.
fn by_fold(folds: &[usize]) -> Vec<Vec<usize>> {
    let mut groups: Vec<(usize, Vec<usize>)> = Vec::new();
    for (block, fold) in folds.iter().enumerate() {
        match groups.iter_mut().find(|(known, _)| known == fold) {
            Some((_, blocks)) => blocks.push(block),
            None => groups.push((*fold, vec![block])),
        }
    }
    groups.into_iter().map(|(_, blocks)| blocks).collect()
}

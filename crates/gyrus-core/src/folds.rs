//! Which samples are held out together: whole runs, or contiguous blocks with a gap.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::{CoreError, Timeline};

/// How samples are held out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FoldRule {
    /// Leave one group of runs out; runs of the same audio stay together.
    Runs,
    /// Contiguous blocks of samples; `gap` samples on each side of a held-out block, within its run, are not trained on.
    Blocks {
        /// Number of blocks.
        count: usize,
        /// Samples left out on each side.
        gap: usize,
    },
    /// Runs of the named audio are held out together, everything else is trained on; penalties are chosen by leaving
    /// out groups of the other runs, or blocks with this gap where there are fewer than three groups.
    Named {
        /// Audio that is held out.
        test: Vec<String>,
        /// Samples left out on each side of an inner block.
        gap: usize,
    },
    /// Samples in random order. Neighbours stand on both sides of every fold, so that autocorrelation alone predicts:
    /// whatever comes of it must carry a warning.
    Shuffled {
        /// Number of folds.
        count: usize,
        /// Seed of the order.
        seed: u64,
    },
}

impl FoldRule {
    /// Whether held-out samples have their neighbours in the training set.
    #[must_use]
    pub fn leaks(&self) -> bool {
        matches!(self, Self::Shuffled { .. })
    }
}

/// One division of samples. Samples that are in neither set lie in the gap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fold {
    /// Rows to train on, ascending.
    pub train: Vec<usize>,
    /// Held-out rows, ascending.
    pub test: Vec<usize>,
}

/// The divisions of one design; every sample is held out once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folds {
    folds: Vec<Fold>,
    timeline: Timeline,
    rule: FoldRule,
}

/// Inner training sets smaller than this (or than half of the outer one) choose penalties badly: docs/methods/folds.md.
const LEAST_INNER_TRAINING: usize = 60;
/// Fewer groups of runs than this leave an inner fold one group to train on.
const LEAST_GROUPS: usize = 3;

impl Folds {
    /// Divides the samples of a timeline.
    ///
    /// # Errors
    /// - [`CoreError::TooFewRuns`] if fewer than two groups of runs can be told apart,
    /// - [`CoreError::TooFewHeldOut`], [`CoreError::TooFewSamples`] if a fold leaves fewer than two samples to hold out or
    ///   to train on.
    pub fn new(timeline: &Timeline, rule: &FoldRule) -> Result<Self, CoreError> {
        let rows: Vec<usize> = (0..timeline.n_samples()).collect();
        let folds = divide(timeline, rule, &rows)?;
        let made = Self { folds, timeline: timeline.clone(), rule: rule.clone() };
        made.require_training(2)?;
        Ok(made)
    }

    /// The divisions, in order.
    #[must_use]
    pub fn as_slice(&self) -> &[Fold] {
        &self.folds
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.folds.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.folds.is_empty()
    }

    /// The rule that made them.
    #[must_use]
    pub fn rule(&self) -> &FoldRule {
        &self.rule
    }

    /// The runs they divide.
    #[must_use]
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// Divides the training rows of fold `outer` by the same rule, for choosing penalties.
    ///
    /// With blocks, as many inner folds as asked for, or fewer if one would leave fewer than
    /// max(60, half of the outer training rows) to train on.
    ///
    /// # Errors
    /// - [`CoreError::TooFewSamples`] if even two inner folds leave too few,
    /// - [`CoreError::TooFewRuns`] if the training rows hold fewer than two groups of runs.
    pub fn inner(&self, outer: usize, count: usize) -> Result<Vec<Fold>, CoreError> {
        let rows = &self.folds[outer].train;
        match self.rule {
            FoldRule::Runs => leave_groups_out(&self.timeline, rows),
            FoldRule::Blocks { gap, .. } => self.inner_blocks(rows, count, gap),
            FoldRule::Named { gap, .. } => match leave_groups_out(&self.timeline, rows) {
                Ok(groups) if groups.len() >= LEAST_GROUPS => Ok(groups),
                _ => self.inner_blocks(rows, count, gap),
            },
            FoldRule::Shuffled { seed, .. } => Ok(shuffled(rows, count, seed)),
        }
    }

    fn inner_blocks(&self, rows: &[usize], count: usize, gap: usize) -> Result<Vec<Fold>, CoreError> {
        let needed = LEAST_INNER_TRAINING.max(rows.len() / 2);
        let mut least = (0, 0);
        for folds in (2..=count.max(2)).rev() {
            let divided = blocks(&self.timeline, rows, folds, gap);
            least = smallest_training(&divided);
            if least.1 >= needed {
                return Ok(divided);
            }
        }
        let (fold, training) = least;
        Err(CoreError::TooFewSamples { samples: rows.len(), folds: 2, gap, fold, training, needed })
    }

    fn require_training(&self, needed: usize) -> Result<(), CoreError> {
        let (fold, training) = smallest_training(&self.folds);
        let (samples, folds) = (self.timeline.n_samples(), self.folds.len());
        let smallest =
            self.folds.iter().map(|fold| fold.test.len()).enumerate().min_by_key(|(_, size)| *size);
        if let Some((fold, held_out)) = smallest.filter(|(_, held_out)| *held_out < needed) {
            return Err(CoreError::TooFewHeldOut { samples, folds, fold, held_out, needed });
        }
        if training >= needed {
            return Ok(());
        }
        let gap = if let FoldRule::Blocks { gap, .. } = self.rule { gap } else { 0 };
        Err(CoreError::TooFewSamples { samples, folds, gap, fold, training, needed })
    }
}

fn smallest_training(folds: &[Fold]) -> (usize, usize) {
    let sizes = folds.iter().map(|fold| fold.train.len()).enumerate();
    sizes.min_by_key(|(_, size)| *size).unwrap_or((0, 0))
}

fn divide(timeline: &Timeline, rule: &FoldRule, rows: &[usize]) -> Result<Vec<Fold>, CoreError> {
    match rule {
        FoldRule::Runs => leave_groups_out(timeline, rows),
        FoldRule::Blocks { count, gap } => Ok(blocks(timeline, rows, *count, *gap)),
        FoldRule::Named { test, .. } => named(timeline, rows, test),
        FoldRule::Shuffled { count, seed } => Ok(shuffled(rows, *count, *seed)),
    }
}

fn named(timeline: &Timeline, rows: &[usize], held_out: &[String]) -> Result<Vec<Fold>, CoreError> {
    let is_held_out = |row: &usize| {
        let run = timeline.runs().iter().position(|run| run.contains(row));
        run.is_some_and(|run| held_out.contains(&timeline.groups()[run]))
    };
    let (test, train): (Vec<usize>, Vec<usize>) = rows.iter().partition(|row| is_held_out(row));
    if test.is_empty() || train.is_empty() {
        return Err(CoreError::TooFewRuns { found: usize::from(test.len() != train.len()), needed: 2 });
    }
    Ok(vec![Fold { train, test }])
}

fn shuffled(rows: &[usize], count: usize, seed: u64) -> Vec<Fold> {
    let mut order = rows.to_vec();
    let mut state = seed;
    for last in (1..order.len()).rev() {
        order.swap(last, (split_mix(&mut state) % (last as u64 + 1)) as usize);
    }
    let fold = |index: usize| {
        let mut test = order[order.len() * index / count..order.len() * (index + 1) / count].to_vec();
        test.sort_unstable();
        let train = rows.iter().copied().filter(|row| test.binary_search(row).is_err()).collect();
        Fold { train, test }
    };
    (0..count).map(fold).collect()
}

/// Steele, Lea & Flood (2014), OOPSLA: 453.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn leave_groups_out(timeline: &Timeline, rows: &[usize]) -> Result<Vec<Fold>, CoreError> {
    let group_of = |row: usize| {
        let run = timeline.runs().iter().position(|run| run.contains(&row));
        run.map(|run| timeline.groups()[run].as_str()).unwrap_or_default()
    };
    let mut seen = BTreeSet::new();
    let order: Vec<&str> =
        rows.iter().map(|row| group_of(*row)).filter(|group| seen.insert(*group)).collect();
    if order.len() < 2 {
        return Err(CoreError::TooFewRuns { found: order.len(), needed: 2 });
    }
    let fold = |held_out: &&str| {
        let (test, train) = rows.iter().partition(|row| group_of(**row) == *held_out);
        Fold { train, test }
    };
    Ok(order.iter().map(fold).collect())
}

fn blocks(timeline: &Timeline, rows: &[usize], count: usize, gap: usize) -> Vec<Fold> {
    let bounds = |block: usize| rows.len() * block / count;
    let fold = |block: usize| {
        let test = rows[bounds(block)..bounds(block + 1)].to_vec();
        let is_free =
            |row: &usize| !test.iter().any(|held_out| too_near(timeline.runs(), *row, *held_out, gap));
        Fold { train: rows.iter().copied().filter(is_free).collect(), test }
    };
    (0..count).map(fold).collect()
}

fn too_near(runs: &[Range<usize>], row: usize, held_out: usize, gap: usize) -> bool {
    let same_run = || runs.iter().any(|run| run.contains(&row) && run.contains(&held_out));
    row.abs_diff(held_out) <= gap && (row == held_out || same_run())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_run(samples: usize) -> Timeline {
        Timeline::new([(samples, "story".to_owned())])
    }

    #[test]
    fn blocks_hold_every_sample_out_once_and_keep_the_gap() {
        let folds = Folds::new(&one_run(100), &FoldRule::Blocks { count: 5, gap: 7 }).unwrap();
        let held_out: Vec<usize> = folds.as_slice().iter().flat_map(|fold| fold.test.clone()).collect();
        assert_eq!(held_out, (0..100).collect::<Vec<_>>());
        for fold in folds.as_slice() {
            for train in &fold.train {
                assert!(fold.test.iter().all(|test| train.abs_diff(*test) > 7));
            }
        }
        assert_eq!(folds.as_slice()[2].train.len(), 100 - 20 - 14);
    }

    #[test]
    fn inner_blocks_keep_the_gap_from_each_other() {
        let folds = Folds::new(&one_run(362), &FoldRule::Blocks { count: 5, gap: 14 }).unwrap();
        for outer in 0..5 {
            for inner in folds.inner(outer, 5).unwrap() {
                assert!(inner.train.len() >= folds.as_slice()[outer].train.len() / 2);
                assert!(inner.train.iter().all(|row| inner.test.iter().all(|held| row.abs_diff(*held) > 14)));
            }
        }
    }

    #[test]
    fn a_run_too_short_for_its_folds_is_an_error_with_the_numbers() {
        let folds = Folds::new(&one_run(100), &FoldRule::Blocks { count: 5, gap: 14 }).unwrap();
        let error = folds.inner(0, 5).unwrap_err();
        assert!(matches!(error, CoreError::TooFewSamples { needed: 60, .. }), "{error}");
        assert!(Folds::new(&one_run(10), &FoldRule::Blocks { count: 5, gap: 14 }).is_err());
    }

    #[test]
    fn runs_of_the_same_audio_stay_together() {
        let timeline = Timeline::new([(10, "a".to_owned()), (10, "b".to_owned()), (10, "a".to_owned())]);
        let folds = Folds::new(&timeline, &FoldRule::Runs).unwrap();
        assert_eq!(folds.len(), 2);
        assert_eq!(folds.as_slice()[0].test, (0..10).chain(20..30).collect::<Vec<_>>());
    }

    #[test]
    fn a_named_test_set_is_the_only_fold() {
        let timeline = Timeline::new([(200, "a".to_owned()), (30, "b".to_owned()), (20, "b".to_owned())]);
        let rule = FoldRule::Named { test: vec!["b".to_owned()], gap: 4 };
        let folds = Folds::new(&timeline, &rule).unwrap();
        assert_eq!(folds.len(), 1);
        assert_eq!(folds.as_slice()[0].test, (200..250).collect::<Vec<_>>());
        let inner = folds.inner(0, 4).unwrap();
        assert_eq!(inner.len(), 4);
        assert!(inner.iter().all(|fold| fold.test.iter().all(|row| *row < 200)));
        assert!(
            inner.iter().all(|fold| fold.train.iter().all(|a| fold.test.iter().all(|b| a.abs_diff(*b) > 4)))
        );
        let nobody = FoldRule::Named { test: vec!["c".to_owned()], gap: 4 };
        assert!(matches!(Folds::new(&timeline, &nobody), Err(CoreError::TooFewRuns { found: 1, needed: 2 })));
    }

    #[test]
    fn shuffled_folds_hold_everything_out_once_and_say_that_they_leak() {
        let rule = FoldRule::Shuffled { count: 5, seed: 3 };
        let folds = Folds::new(&one_run(100), &rule).unwrap();
        let mut held_out: Vec<usize> = folds.as_slice().iter().flat_map(|fold| fold.test.clone()).collect();
        assert_ne!(held_out, (0..100).collect::<Vec<_>>());
        held_out.sort_unstable();
        assert_eq!(held_out, (0..100).collect::<Vec<_>>());
        let with_neighbour = |row: &usize| folds.as_slice()[0].train.contains(&(row + 1));
        assert!(folds.as_slice()[0].test.iter().filter(|row| with_neighbour(row)).count() > 10);
        assert!(rule.leaks() && !FoldRule::Runs.leaks());
        for fold in folds.inner(0, 3).unwrap() {
            assert!(fold.train.iter().chain(&fold.test).all(|row| folds.as_slice()[0].train.contains(row)));
        }
    }
}

//! Sign flipping over participants: exact for scores whose distribution is symmetric about zero without an effect.

use std::ops::Range;

use faer::Mat;
use ndarray::{Array1, ArrayView2, s};
use rand_chacha::rand_core::Rng;

use super::{Enhancement, Exceedances, Neighbours, Purpose, Tail, stream};
use crate::EncodingError;
use crate::backend::{Backend, product_into};
use crate::vectors::vectorised;

/// What is compared between the observed and the flipped scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    /// Mean over participants.
    Mean,
    /// Student's t over participants: targets of unequal spread are corrected fairly by the maximum.
    T,
}

/// The signs that all targets share.
#[derive(Debug, Clone)]
pub struct SignFlips {
    signs: Vec<Vec<f64>>,
    exact: bool,
}

/// Targets of one piece of work, and of one product.
const PIECE: usize = 1024;
const TILE: usize = 64;
/// Patterns of one product.
const PATTERNS: usize = 512;
/// Maps that are enhanced at a time.
const MAPS: usize = 32;

impl SignFlips {
    /// `permutations` random sign patterns of `participants`; all 2ⁿ − 1 patterns other than the observed one,
    /// if those are no more. `seed` and the number of the permutation decide a pattern.
    #[must_use]
    pub fn new(participants: usize, permutations: usize, seed: u64) -> Self {
        let all = 1_usize.checked_shl(participants as u32).filter(|_| participants < 24);
        match all.filter(|all| all - 1 <= permutations) {
            Some(all) => {
                let pattern = |bits: usize| (0..participants).map(|p| sign(bits >> p & 1)).collect();
                Self { signs: (1..all).map(pattern).collect(), exact: true }
            }
            None => {
                let draw = |draw: usize| random_signs(participants, seed, draw as u64);
                Self { signs: (0..permutations).map(draw).collect(), exact: false }
            }
        }
    }

    /// Whether every pattern is gone through, so that p is exact.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.exact
    }

    /// Number of patterns besides the observed one.
    #[must_use]
    pub fn len(&self) -> usize {
        self.signs.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.signs.is_empty()
    }

    /// The patterns besides the observed one, a sign per participant.
    pub(crate) fn patterns(&self) -> &[Vec<f64>] {
        &self.signs
    }

    /// Counts over the patterns for scores of shape (n_participants, n_targets), NaN where there is none.
    ///
    /// With [`Tail::TwoSided`] the statistic is taken without its sign. A target with fewer than two scores,
    /// or whose scores are all zero when t is asked for, has the statistic NaN. Flatten targets × layers into
    /// the columns to correct over both; blocks of columns counted apart can be joined.
    ///
    /// # Numerics
    /// Signs × scores is a matrix product in double precision, of scores x / n or x / √(n Σ x²): the latter sum to
    /// w = t / √(n − 1 + t²), which is ordered as t is, so that only maxima and observed values are made t.
    ///
    /// # Errors
    /// - [`EncodingError::ParticipantMismatch`] if there are not as many rows as signs in a pattern.
    pub fn count(
        &self,
        backend: &Backend,
        scores: ArrayView2<f64>,
        (statistic, tail): (Statistic, Tail),
    ) -> Result<Exceedances, EncodingError> {
        self.check(scores)?;
        let signs = self.matrix();
        let pieces = backend.map(scores.ncols().div_ceil(PIECE), |piece| {
            let range = piece * PIECE..((piece + 1) * PIECE).min(scores.ncols());
            let columns = Columns::new(scores.slice(s![.., range]), statistic);
            Ok::<_, EncodingError>(columns.count(&signs, tail))
        })?;
        let mut all = Exceedances::new(Array1::zeros(0), self.signs.len());
        pieces.iter().try_for_each(|piece| all.join(piece))?;
        Ok(all)
    }

    /// The same for maps that are enhanced over neighbours before they are compared; with [`Tail::Greater`] what is not above 0
    /// becomes 0, and its p is 1.
    ///
    /// # Errors
    /// - as [`SignFlips::count`], and [`EncodingError::TargetMismatch`] if neighbours are of other targets.
    pub fn count_enhanced(
        &self,
        backend: &Backend,
        scores: ArrayView2<f64>,
        (statistic, tail): (Statistic, Tail),
        (enhancement, neighbours): (Enhancement, &Neighbours),
    ) -> Result<Exceedances, EncodingError> {
        self.check(scores)?;
        let (found, expected) = (neighbours.len(), scores.ncols());
        if found != expected {
            return Err(EncodingError::TargetMismatch { found, expected });
        }
        let signs = self.matrix();
        let columns = Columns::new(scores, statistic);
        let enhanced = |pattern: usize| {
            let map = columns.map(&signs, pattern);
            let map = enhancement.apply(&map, neighbours, tail);
            Array1::from_iter(map.into_iter().map(|x| if tail == Tail::TwoSided { x.abs() } else { x }))
        };
        let mut counts = Exceedances::new(enhanced(0), self.signs.len());
        for first in (0..self.signs.len()).step_by(MAPS) {
            let some = MAPS.min(self.signs.len() - first);
            let maps = backend.map(some, |index| Ok::<_, EncodingError>(enhanced(first + index + 1)))?;
            maps.iter().enumerate().for_each(|(index, map)| counts.record(first + index, map.view()));
        }
        Ok(counts)
    }

    fn check(&self, scores: ArrayView2<f64>) -> Result<(), EncodingError> {
        let expected = self.signs.first().map_or(scores.nrows(), Vec::len);
        let found = scores.nrows();
        if found == expected { Ok(()) } else { Err(EncodingError::ParticipantMismatch { found, expected }) }
    }

    /// Shape (n_patterns + 1, n_participants); the observed pattern first.
    fn matrix(&self) -> Mat<f64> {
        let participants = self.signs.first().map_or(0, Vec::len);
        Mat::from_fn(self.signs.len() + 1, participants, |pattern, participant| {
            pattern.checked_sub(1).map_or(1.0, |pattern| self.signs[pattern][participant])
        })
    }
}

/// Scores with 0 where there is none, so scaled that their sums are ordered as the statistic is.
struct Columns {
    scores: Mat<f64>,
    finish: Vec<Finish>,
}

/// How the sum of a target becomes its statistic.
#[derive(Clone, Copy, PartialEq)]
enum Finish {
    /// There is none.
    Missing,
    /// The sum is the mean.
    Mean,
    /// w √(n − 1) / √(1 − w²), n being the number of scores.
    T(f64),
}

impl Columns {
    fn new(scores: ArrayView2<f64>, statistic: Statistic) -> Self {
        let finite = |score: f64| if score.is_finite() { score } else { 0.0 };
        let of_target = |target: usize| {
            let own = scores.column(target);
            let count = own.iter().filter(|score| score.is_finite()).count() as f64;
            let squares: f64 = own.iter().map(|score| finite(*score) * finite(*score)).sum();
            match statistic {
                _ if count < 2.0 => (Finish::Missing, 0.0),
                Statistic::Mean => (Finish::Mean, 1.0 / count),
                Statistic::T if squares <= 0.0 => (Finish::Missing, 0.0),
                Statistic::T => (Finish::T(count), 1.0 / (count * squares).sqrt()),
            }
        };
        let (finish, scales): (Vec<Finish>, Vec<f64>) = (0..scores.ncols()).map(of_target).unzip();
        // Whole tiles, so that a target's sums are the same in any company.
        let scores = Mat::from_fn(scores.nrows(), scores.ncols().next_multiple_of(TILE), |row, target| {
            scales.get(target).map_or(0.0, |scale| finite(scores[(row, target)]) * scale)
        });
        Self { scores, finish }
    }

    fn count(&self, signs: &Mat<f64>, tail: Tail) -> Exceedances {
        let n_targets = self.finish.len();
        let mut found = Exceedances::new(Array1::from_elem(n_targets, f64::NAN), signs.nrows() - 1);
        let mut sums = Mat::zeros(PATTERNS, TILE);
        for start in (0..n_targets).step_by(TILE) {
            let end = (start + TILE).min(n_targets);
            let mut tile =
                Tile { start, finish: &self.finish[start..end], thresholds: [f64::NAN; TILE], tail };
            for first in (0..signs.nrows()).step_by(PATTERNS) {
                let some = PATTERNS.min(signs.nrows() - first);
                let scores = self.scores.subcols(start, TILE);
                product_into(sums.subrows_mut(0, some), signs.subrows(first, some), scores);
                // The first pattern of all is the observed one.
                if first == 0 {
                    tile.observe(&sums, &mut found);
                }
                tile.count(&sums, (first.max(1) - first..some, first), &mut found);
            }
        }
        found
    }

    /// The statistics of all targets for one pattern.
    fn map(&self, signs: &Mat<f64>, pattern: usize) -> Vec<f64> {
        let mut sums = Mat::zeros(1, self.scores.ncols());
        product_into(sums.as_mut(), signs.subrows(pattern, 1), self.scores.as_ref());
        self.finish.iter().enumerate().map(|(target, finish)| finish.apply(sums[(0, target)])).collect()
    }
}

/// Neighbouring targets whose sums are one product.
struct Tile<'a> {
    start: usize,
    finish: &'a [Finish],
    /// What the sums of each target must reach.
    thresholds: [f64; TILE],
    tail: Tail,
}

impl Tile<'_> {
    /// Takes the first pattern of `sums` as what was observed.
    fn observe(&mut self, sums: &Mat<f64>, found: &mut Exceedances) {
        for (column, finish) in self.finish.iter().enumerate() {
            let sum = sums[(0, column)];
            let sum = if self.tail == Tail::TwoSided { sum.abs() } else { sum };
            found.observed[self.start + column] = finish.apply(sum);
            self.thresholds[column] = Exceedances::threshold(sum);
        }
    }

    /// Counts the patterns `some` of `sums`, of which the first is pattern `first` of all, the observed one among them.
    fn count(&self, sums: &Mat<f64>, (some, first): (Range<usize>, usize), found: &mut Exceedances) {
        let all = first + some.start - 1..first + some.end - 1;
        let mut maxima = vec![f64::NEG_INFINITY; some.len()];
        let mut column = 0;
        for alike in self.finish.chunk_by(PartialEq::eq) {
            let run = column..column + alike.len();
            column = run.end;
            if alike[0] == Finish::Missing {
                continue;
            }
            maxima.fill(f64::NEG_INFINITY);
            for column in run {
                let values = &sums.col_as_slice(column)[some.clone()];
                let reached = compare(values, (self.thresholds[column], self.tail), &mut maxima);
                found.counts[self.start + column] += reached;
            }
            let largest = found.maxima[all.clone()].iter_mut().zip(&maxima);
            largest.for_each(|(largest, own)| *largest = largest.max(alike[0].apply(*own)));
        }
    }
}

impl Finish {
    fn apply(self, sum: f64) -> f64 {
        match self {
            Self::Missing => f64::NAN,
            Self::Mean => sum,
            Self::T(count) => {
                let left = 1.0 - sum * sum;
                let t = sum * ((count - 1.0) / left).sqrt();
                if left > 1e-14 * (count - 1.0) { t } else { f64::INFINITY.copysign(sum) }
            }
        }
    }
}

/// Number of values that reach a threshold; raises the maxima.
fn compare(values: &[f64], (threshold, tail): (f64, Tail), maxima: &mut [f64]) -> u64 {
    let mut count = 0;
    vectorised(
        #[inline(always)]
        || {
            for (value, maximum) in values.iter().zip(maxima) {
                let value = if tail == Tail::TwoSided { value.abs() } else { *value };
                count += u64::from(value >= threshold);
                *maximum = if value > *maximum { value } else { *maximum };
            }
        },
    );
    count
}

fn sign(bit: usize) -> f64 {
    if bit == 1 { -1.0 } else { 1.0 }
}

fn random_signs(participants: usize, seed: u64, draw: u64) -> Vec<f64> {
    let mut random = stream(seed, Purpose::SignFlip, 0, draw);
    (0..participants).map(|_| sign((random.next_u32() >> 31) as usize)).collect()
}

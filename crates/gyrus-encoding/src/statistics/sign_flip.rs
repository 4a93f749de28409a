//! Sign flipping over participants: exact for scores whose distribution is symmetric about zero without an effect.

use ndarray::{Array1, ArrayView2, Axis};
use rand_chacha::rand_core::Rng;

use super::{Exceedances, Purpose, Tail, stream};

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
    /// or whose scores are all equal when t is asked for, has the statistic NaN. Flatten targets × layers into
    /// the columns to correct over both; blocks of columns counted apart can be joined.
    #[must_use]
    pub fn count(&self, scores: ArrayView2<f64>, statistic: Statistic, tail: Tail) -> Exceedances {
        let columns: Vec<Column> =
            scores.axis_iter(Axis(1)).map(|column| Column::new(&column.to_vec(), statistic, tail)).collect();
        let unflipped = vec![1.0; scores.nrows()];
        let statistics =
            |signs: &[f64]| -> Array1<f64> { columns.iter().map(|c| c.statistic(signs)).collect() };
        let mut counts = Exceedances::new(statistics(&unflipped), self.signs.len());
        for (permutation, signs) in self.signs.iter().enumerate() {
            counts.record(permutation, statistics(signs).view());
        }
        counts
    }
}

struct Column {
    scores: Vec<(usize, f64)>,
    squares: f64,
    statistic: Statistic,
    tail: Tail,
}

impl Column {
    fn new(scores: &[f64], statistic: Statistic, tail: Tail) -> Self {
        let scores: Vec<_> =
            scores.iter().copied().enumerate().filter(|(_, score)| score.is_finite()).collect();
        let squares = scores.iter().map(|(_, score)| score * score).sum();
        Self { scores, squares, statistic, tail }
    }

    fn statistic(&self, signs: &[f64]) -> f64 {
        let n = self.scores.len() as f64;
        if n < 2.0 {
            return f64::NAN;
        }
        let mean =
            self.scores.iter().map(|(participant, score)| signs[*participant] * score).sum::<f64>() / n;
        let value = match self.statistic {
            Statistic::Mean => mean,
            Statistic::T => self.t(mean, n),
        };
        if self.tail == Tail::TwoSided { value.abs() } else { value }
    }

    fn t(&self, mean: f64, n: f64) -> f64 {
        let variance = (self.squares - n * mean * mean) / (n - 1.0);
        if variance > 1e-14 * self.squares {
            mean / (variance / n).sqrt()
        } else if self.squares > 0.0 {
            f64::INFINITY.copysign(mean)
        } else {
            f64::NAN
        }
    }
}

fn sign(bit: usize) -> f64 {
    if bit == 1 { -1.0 } else { 1.0 }
}

fn random_signs(participants: usize, seed: u64, draw: u64) -> Vec<f64> {
    let mut random = stream(seed, Purpose::SignFlip, 0, draw);
    (0..participants).map(|_| sign((random.next_u32() >> 31) as usize)).collect()
}

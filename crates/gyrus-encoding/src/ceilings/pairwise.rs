//! Correlations between all pairs of participants, and the upper estimate of the noise ceiling that they give.

use super::Participants;
use crate::statistics::correlation::standardised;

/// What pairs of participants share at one target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pairwise {
    /// Mean over pairs of the mean over folds of r within the fold; NaN with fewer than two participants.
    pub mean: f64,
    /// Number of pairs.
    pub pairs: usize,
}

impl Pairwise {
    /// √mean: what the shared signal alone would reach with one participant's responses. `None` where pairs do
    /// not correlate positively: there is then no ceiling, and nothing to divide by.
    #[must_use]
    pub fn ceiling(&self) -> Option<f64> {
        (self.mean > 0.0).then(|| self.mean.sqrt())
    }
}

/// Mean correlation between two participants, one value per target.
///
/// If every response is a shared signal plus independent noise, r of two participants is ρ² with ρ the
/// correlation of one of them with the signal, so √r estimates ρ. Signals that only some share make it an
/// upper estimate for a model of what everybody shares.
///
/// A pair that is constant in some fold does not count.
#[must_use]
pub fn pairwise(participants: &Participants) -> Vec<Pairwise> {
    (0..participants.n_targets()).map(|target| of_target(participants, target)).collect()
}

fn of_target(participants: &Participants, target: usize) -> Pairwise {
    let folds = participants.folds();
    let in_folds = |one: &usize| -> Option<Vec<Vec<f64>>> {
        folds.iter().map(|rows| standardised(&participants.response(*one, target, rows))).collect()
    };
    let standard: Vec<Vec<Vec<f64>>> = participants.with(target).iter().filter_map(in_folds).collect();
    let n = standard.len();
    let pairs = n * n.saturating_sub(1) / 2;
    let between = |fold: usize| {
        let mut total = vec![0.0; folds[fold].len()];
        for one in &standard {
            total.iter_mut().zip(&one[fold]).for_each(|(sum, value)| *sum += value);
        }
        // ‖Σ z‖² holds every pair twice and every participant with itself once, which is 1.
        (total.iter().map(|sum| sum * sum).sum::<f64>() - n as f64) / 2.0
    };
    let sum: f64 = (0..folds.len()).map(between).sum();
    let mean = if pairs == 0 { f64::NAN } else { sum / (pairs * folds.len()) as f64 };
    Pairwise { mean, pairs }
}

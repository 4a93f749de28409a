//! Held-out responses of several participants to one stimulus.

use gyrus_core::Fold;
use ndarray::{Array2, ArrayView2};

use crate::EncodingError;

/// Cleaned responses of participants who heard the same samples, and the folds in which they are compared.
///
/// # Shapes
/// Each participant: (n_samples, n_targets), z-scored per run; a target that a participant lacks is NaN.
#[derive(Debug, Clone)]
pub struct Participants<'a> {
    responses: Vec<ArrayView2<'a, f32>>,
    folds: Vec<Vec<usize>>,
    present: Array2<bool>,
}

impl<'a> Participants<'a> {
    /// Responses and the folds of the scores that ceilings will stand beside.
    ///
    /// # Errors
    /// - [`EncodingError::TooFewParticipants`] if there are fewer than two,
    /// - [`EncodingError::ParticipantShape`] if their samples or targets differ, or a fold has other rows.
    pub fn new(responses: Vec<ArrayView2<'a, f32>>, folds: &[Fold]) -> Result<Self, EncodingError> {
        if responses.len() < 2 {
            return Err(EncodingError::TooFewParticipants { found: responses.len(), needed: 2 });
        }
        let expected = responses[0].dim();
        if let Some(participant) = responses.iter().position(|one| one.dim() != expected) {
            let found = responses[participant].dim();
            return Err(EncodingError::ParticipantShape { participant, found, expected });
        }
        let rows = folds.iter().flat_map(|fold| fold.test.iter().copied()).max().map_or(0, |row| row + 1);
        if rows > expected.0 {
            return Err(EncodingError::SampleMismatch { found: expected.0, expected: rows });
        }
        let folds: Vec<Vec<usize>> = folds.iter().map(|fold| fold.test.clone()).collect();
        let has = |(one, target): (usize, usize)| {
            responses[one].column(target).iter().all(|value| value.is_finite())
        };
        let present = Array2::from_shape_fn((responses.len(), expected.1), has);
        Ok(Self { responses, folds, present })
    }

    /// Number of participants.
    #[must_use]
    pub fn count(&self) -> usize {
        self.responses.len()
    }

    /// Number of targets.
    #[must_use]
    pub fn n_targets(&self) -> usize {
        self.present.ncols()
    }

    /// Held-out rows of each fold.
    pub(super) fn folds(&self) -> &[Vec<usize>] {
        &self.folds
    }

    /// Participants who have a target.
    pub(super) fn with(&self, target: usize) -> Vec<usize> {
        (0..self.count()).filter(|one| self.present[(*one, target)]).collect()
    }

    /// A target's response in some rows.
    pub(super) fn response(&self, participant: usize, target: usize, rows: &[usize]) -> Vec<f64> {
        let column = self.responses[participant].column(target);
        rows.iter().map(|row| f64::from(column[*row])).collect()
    }
}

//! Brain responses as the engine reads them: blocks of targets, samples on axis 0.

use std::ops::Range;

use ndarray::{Array2, s};
use serde::{Deserialize, Serialize};

use crate::CoreError;

/// Why a target has no score. Missing is missing, never 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NoScore {
    /// Every sample is zero.
    AllZero,
    /// All samples are equal, or vary only by rounding.
    Constant,
    /// Some sample is NaN or infinite.
    NonFinite,
    /// Constant in the held-out samples of some fold.
    ConstantInFold,
    /// The prediction is constant in the held-out samples of some fold.
    ConstantPrediction,
    /// The recording was excluded by the study.
    Excluded,
}

impl NoScore {
    /// The code that stands in tables.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::AllZero => "all_zero",
            Self::Constant => "constant",
            Self::NonFinite => "non_finite",
            Self::ConstantInFold => "constant_in_fold",
            Self::ConstantPrediction => "constant_prediction",
            Self::Excluded => "excluded",
        }
    }
}

/// Responses that stream through the engine in blocks of targets.
///
/// Every call with the same range must return the same values: an engine may read a block more than once.
pub trait TargetBlocks: Sync {
    /// Number of samples (rows).
    fn n_samples(&self) -> usize;

    /// Number of targets (columns).
    fn n_targets(&self) -> usize;

    /// The responses of a range of targets, shape (n_samples, range length).
    ///
    /// # Errors
    /// - [`CoreError::Responses`] if they cannot be read.
    fn read(&self, targets: Range<usize>) -> Result<Array2<f32>, CoreError>;
}

/// Responses that are already in memory, shape (n_samples, n_targets).
#[derive(Debug, Clone)]
pub struct InMemory(pub Array2<f32>);

impl TargetBlocks for InMemory {
    fn n_samples(&self) -> usize {
        self.0.nrows()
    }

    fn n_targets(&self) -> usize {
        self.0.ncols()
    }

    fn read(&self, targets: Range<usize>) -> Result<Array2<f32>, CoreError> {
        Ok(self.0.slice(s![.., targets]).to_owned())
    }
}

//! The vocabulary that gyrus's packages share: units, stimulus, activations, responses and folds.
//!
//! This crate deliberately knows nothing of files, models or statistics.

mod activations;
mod axes;
mod error;
mod folds;
mod responses;
mod sampling;
mod stimulus;
mod units;

pub use activations::Activations;
pub use axes::LayerIndex;
pub use error::CoreError;
pub use folds::{Fold, FoldRule, Folds};
pub use responses::{InMemory, NoScore, TargetBlocks};
pub use sampling::{Sampling, Timeline};
pub use stimulus::{Stimulus, Word};
pub use units::{ByteSize, RepetitionTime, Seconds};

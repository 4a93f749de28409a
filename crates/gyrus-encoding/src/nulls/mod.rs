//! The null of a score: surrogate features that keep the autocorrelation, refitted through the same folds; and two
//! faster looks that do not refit.

mod effective_freedom;
mod own_part;
mod prediction_shifts;
mod refit;
mod surrogates;

pub use effective_freedom::{EffectiveFreedom, effective_freedom};
pub use prediction_shifts::{ShiftNull, prediction_shifts, shifted_scores};
pub use refit::{NullScores, ObservedFit, Request, operations_of_refit, refit};
pub use surrogates::{NullKind, Surrogates};

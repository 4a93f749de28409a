//! The null of a score: surrogate features that keep the autocorrelation, refitted through the same folds.

mod refit;
mod surrogates;

pub use refit::{NullScores, ObservedFit, Request, refit};
pub use surrogates::{NullKind, Surrogates};

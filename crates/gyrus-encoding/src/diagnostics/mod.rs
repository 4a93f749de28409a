//! Checks that warn before a score is believed: is the clock right, do folds leak, is a layer only word rate.

mod tripwire;
mod word_rate;

pub use tripwire::{Tripwire, judge_tripwire, smoothed_identity};
pub use word_rate::{ExplainedByRate, explained_by_rate};

/// Lags of a haemodynamic peak in seconds; a mean correlation that is largest outside them speaks against the clock.
pub const PLAUSIBLE_LAGS: std::ops::RangeInclusive<f64> = 2.0..=9.0;

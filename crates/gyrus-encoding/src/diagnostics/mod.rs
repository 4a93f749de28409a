//! Checks that warn before a score is believed: is the clock right, do folds leak, is a layer only word rate.

mod lag_scan;
mod tripwire;
mod word_rate;

pub use lag_scan::{LagScan, PLAUSIBLE_LAGS, lag_scan};
pub use tripwire::{Tripwire, judge_tripwire, smoothed_identity};
pub use word_rate::{ExplainedByRate, explained_by_rate};

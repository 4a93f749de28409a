//! Checks that warn before a score is believed: do folds leak, is a layer only word rate.

mod tripwire;
mod word_rate;

pub use tripwire::{Tripwire, judge_tripwire, smoothed_identity};
pub use word_rate::{ExplainedByRate, explained_by_rate};

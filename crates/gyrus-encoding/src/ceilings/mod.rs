//! Noise ceilings: what a perfect model of the shared or repeatable signal could reach, each of a named kind.

mod leave_one_out;
mod pairwise;
mod participants;

pub use leave_one_out::leave_one_out;
pub use pairwise::{Pairwise, pairwise};
pub use participants::Participants;

use serde::{Deserialize, Serialize};

/// Which estimate a ceiling is. Kinds are never mixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CeilingKind {
    /// Correlation with the mean of the others: a lower estimate.
    LeaveOneOut,
    /// Root of the mean correlation between two participants: an upper estimate.
    RootPairwise,
    /// Ridge from the others' mean responses.
    SharedResponse,
    /// Root of the reliability of the mean, from two halves of the participants.
    SplitHalf,
    /// Share of variance that repeats of the stimulus explain.
    ExplainableVariance,
    /// Root of the signal's share of variance, from the noise between repeats.
    SignalToNoise,
    /// Ceiling of an endless number of participants, from a growing number of them.
    Extrapolated,
}

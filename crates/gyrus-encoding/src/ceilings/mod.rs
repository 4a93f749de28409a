//! Noise ceilings: what a perfect model of the shared or repeatable signal could reach, each of a named kind.

mod extrapolation;
mod halves;
mod kind;
mod leave_one_out;
mod normalised;
mod pairwise;
mod participants;
mod repeats;
mod shared;

pub use extrapolation::{Extrapolated, extrapolated};
pub use halves::{SplitHalf, split_half};
pub use kind::{Bound, CeilingKind, NoCeiling};
pub use leave_one_out::leave_one_out;
pub use normalised::{LEAST_CEILING, NotNormalised, Share};
pub use pairwise::{Pairwise, pairwise};
pub use participants::Participants;
pub use repeats::{Repeatability, Repeats, repeatability};

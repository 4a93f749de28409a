//! Ridge regression with a penalty per target, and with a share of the kernel per band of features.

mod atoms;
mod basis;
mod blocks;
mod by_gram;
mod by_prediction;
mod choices;
mod components;
mod cross_validation;
mod design;
mod fit;
mod forms;
mod gradient;
mod held_out;
mod model;
mod remainder;
mod settings;
mod solver;
mod standardise;
mod sums;

pub use choices::{Edges, FoldChoices, Place, baseline_shares};
pub use cross_validation::{Judged, choose_penalties};
pub use design::{Band, Components, Design, Scaling};
pub use fit::{Fit, FittedBlock, fit};
pub use held_out::{fit_and_predict, held_out_correlation};
pub use model::{Model, Part, fit_all};
pub use settings::{Alphas, AtEdge, Choice, Mixtures, RidgeSettings};
pub use standardise::{Prepared, Scaler};

pub(crate) use components::Directions;
pub(crate) use design::weights_of;
pub(crate) use remainder::remainder;

/// Most targets that are worked on at a time; fewer where samples are many (`blocks::ranges`).
pub(crate) const TARGET_BLOCK: usize = 1000;

/// Bytes that a fit holds at its peak.
///
/// Responses stand in memory three times (as given, as predicted, as a block), features twice per band and fold at
/// work, Gram matrices of the shorter side and factors in double precision, where columns are fewer what makes predictions of 25
/// folds and mixtures, and the errors of every penalty and target.
#[must_use]
pub fn memory_needed(n_samples: usize, n_columns: usize, n_targets: usize, n_alphas: usize) -> u64 {
    let (samples, columns, targets, alphas) =
        (n_samples as u64, n_columns as u64, n_targets as u64, n_alphas as u64);
    let responses = 3 * 4 * samples * targets;
    let features = 6 * 4 * samples * columns;
    let side = samples.min(columns.max(1));
    let solvers = if columns < samples { 25 * 4 * samples * side } else { 0 };
    let factors = 4 * 8 * samples * side + 3 * 8 * side * side + solvers;
    let errors = 12 * 30 * alphas * targets;
    responses + features + factors + errors + (32 << 20)
}

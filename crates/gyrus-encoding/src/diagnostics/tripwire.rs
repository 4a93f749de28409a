//! Features that know only which samples are neighbours: whatever they score is leakage between folds.

use gyrus_core::Timeline;
use ndarray::Array2;

/// Standard deviation of the smoothing, in samples.
const WIDTH: f64 = 2.0;
/// Scores nearer to 0 than this are silence.
const SILENCE: f64 = 0.05;

/// Whether folds leak.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tripwire {
    /// No score, or one within ±0.05: autocorrelation does not reach held-out samples.
    Silent,
    /// The features that hold no language predict held-out responses.
    Tripped {
        /// Their score.
        score: f64,
    },
}

/// The identity matrix, smoothed along time by a Gaussian of 2 samples within each run:
/// F_ts = exp(−(t − s)² / (2 · 2²)), 0 between runs.
///
/// Fitted as they are: scaling the columns would give every sample its own weight.
///
/// # Shapes
/// Returns (n_samples, n_samples).
///
/// # References
/// The orthogonal autocorrelated sequences model of Hadidi, Feghhi et al. (2026), Nat Commun 17:5769.
#[must_use]
pub fn smoothed_identity(timeline: &Timeline) -> Array2<f32> {
    let mut features = Array2::zeros((timeline.n_samples(), timeline.n_samples()));
    for run in timeline.runs() {
        for sample in run.clone() {
            for other in run.clone() {
                let distance = sample.abs_diff(other) as f64 / WIDTH;
                features[(sample, other)] = libm::exp(-distance * distance / 2.0) as f32;
            }
        }
    }
    features
}

/// The rule of the tripwire for the score of [`smoothed_identity`] through the folds of a study, averaged over
/// targets and participants: silent below 0.05 either way, or where predictions are constant.
#[must_use]
pub fn judge_tripwire(score: Option<f64>) -> Tripwire {
    match score.filter(|score| score.is_finite()) {
        Some(score) if score.abs() >= SILENCE => Tripwire::Tripped { score },
        _ => Tripwire::Silent,
    }
}

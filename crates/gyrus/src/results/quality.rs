//! What became of the recordings before anything was mapped: exclusions, cleaning, noise, alignment, alarms.

use super::Estimate;
use super::undefined::{nan_as_null, nan_in_rows};
use serde::{Deserialize, Serialize};

/// The one projection of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CleaningRow {
    /// Participant.
    pub participant: String,
    /// Run (name of the stimulus).
    pub run: String,
    /// Samples.
    pub n_samples: usize,
    /// Regressors, the constant included.
    pub n_regressors: usize,
    /// Dimensions that were projected out.
    pub rank: usize,
    /// Samples minus rank.
    pub degrees_of_freedom: usize,
    /// Largest over smallest singular value of the regressors, each scaled to unit length.
    #[serde(with = "nan_as_null")]
    pub condition: f64,
    /// Regressors that repeat others and were dropped.
    pub dropped: Vec<String>,
    /// Share of variance that each source took out, per region in the order of [`Results::regions`](super::Results::regions).
    pub variance_by_region: Vec<(String, Vec<Option<f64>>)>,
}

/// Something that was left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exclusion {
    /// Participant.
    pub participant: String,
    /// Run (name of the stimulus); None = all of them.
    pub run: Option<String>,
    /// Target; None = the whole recording.
    pub target: Option<String>,
    /// The reason code of tables.
    pub reason: String,
}

/// Mean score over regions under one way to bring words onto volumes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlignmentRow {
    /// Language model.
    pub language_model: String,
    /// "sum", "centred sum", "mean", or what the study uses.
    pub alignment: String,
    /// Layer.
    pub layer: usize,
    /// Mean over regions.
    pub score: Estimate,
}

/// A recording of heart or breath during a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PhysiologyRow {
    /// Participant.
    pub participant: String,
    /// Run (name of the stimulus).
    pub run: String,
    /// "cardiac", "respiratory" or "eye".
    pub signal: String,
    /// Samples per second.
    pub sampling_rate: f64,
    /// Seconds from the first volume to the first sample.
    pub start: f64,
    /// Peaks that were found.
    pub peaks: usize,
    /// Cycles per minute.
    pub per_minute: f64,
    /// Share of the intervals between peaks that are plausible.
    pub plausible: f64,
    /// Share of the variance that a mean cycle explains; NaN for the eye.
    #[serde(with = "nan_as_null")]
    pub explained: f64,
}

/// What taking out a source of noise does to the score of the layer that inner folds choose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NoiseRow {
    /// Language model.
    pub language_model: String,
    /// What was left in: "drift", "motion", …, or "all sources".
    pub source: String,
    /// Region; None = mean over regions.
    pub region: Option<String>,
    /// Share of the variance of the responses that it took out, mean over runs.
    #[serde(with = "nan_as_null")]
    pub variance_removed: f64,
    /// Mean score of the study.
    #[serde(with = "nan_as_null")]
    pub cleaned: f64,
    /// Mean score with the source left in.
    #[serde(with = "nan_as_null")]
    pub left_in: f64,
    /// What its removal adds to the score, paired.
    pub difference: Estimate,
}

/// Tripwires and alarms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diagnostics {
    /// Group score of a language-free autocorrelation design on these folds: must be within ±.05 or undefined.
    pub autocorrelation_tripwire: Option<f64>,
    /// The same of the region where it is lowest, and of the one where it is highest.
    pub autocorrelation_range: Option<(f64, f64)>,
    /// Penalties chosen at the low and high end of the grid, and all choices.
    pub penalties_at_edges: (u64, u64, u64),
    /// Correlation of the word rate with the responses (mean over participants and regions) at each lag in seconds.
    #[serde(with = "nan_in_rows")]
    pub lag_scan: Vec<(f64, f64)>,
    /// Share of each layer's feature variance that word rate explains: (language model, layer, share).
    #[serde(with = "nan_in_rows")]
    pub rate_in_layers: Vec<(String, usize, f64)>,
}

//! What a language model explains that knows more or less of the text.

use serde::{Deserialize, Serialize};

use super::Estimate;
use super::undefined::nan_as_null;

/// One level of a sweep in a region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SweepRow {
    /// The language model that all levels share.
    pub language_model: String,
    /// `context` or `scramble`.
    pub sweep: String,
    /// The level.
    pub level: String,
    /// Region; None = mean over regions.
    pub region: Option<String>,
    /// The layer that inner folds choose most often.
    pub layer: usize,
    /// Held-out score, each outer fold at the layer that its inner folds choose.
    pub score: Estimate,
    /// Gain over the low-level baseline at the same layers.
    pub unique_gain: Estimate,
    /// The next level that knows less of the text; None for the first.
    pub finer: Option<String>,
    /// Score minus that of the level that knows less, paired; None for the first level.
    pub difference: Option<Estimate>,
    /// Two-sided p of the difference over signs of participants, against the maximum over levels and regions.
    #[serde(with = "nan_as_null")]
    pub p_sign_flip_corrected: f64,
    /// Two-sided p of the signed-rank test.
    #[serde(with = "nan_as_null")]
    pub p_wilcoxon: f64,
}

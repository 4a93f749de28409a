//! `[[contrast]]`: a difference between two layers, of one language model or of two, or between other features.

use serde::{Deserialize, Serialize};

/// `[[contrast]]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContrastSection {
    /// The name that tables show.
    pub name: String,
    /// What is expected to be larger.
    pub of: SideSection,
    /// What is taken away.
    pub minus: SideSection,
}

/// One side of a contrast.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SideSection {
    /// Name of the language model; not needed where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language_model: Option<String>,
    /// A layer; in every fold the one that inner folds choose when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<usize>,
    /// Other features than a layer: `untrained`, `random_embedding`, `shuffled`, `baseline`, or a feature of the baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub features: Option<String>,
}

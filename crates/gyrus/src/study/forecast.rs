//! `[forecast]`: what words further on add to a layer.

use serde::{Deserialize, Serialize};

/// `[forecast]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ForecastSection {
    /// How many words further on the last word of a window stands; below 0 it stands before.
    pub distances: Vec<i64>,
    /// Words of a window.
    pub words: usize,
    /// The layer whose vectors both bands hold; the one nearest to two thirds of the depth when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<usize>,
    /// Number of controls with windows from random places.
    pub random_seeds: usize,
}

impl Default for ForecastSection {
    fn default() -> Self {
        Self { distances: vec![-8, 0, 4, 8, 12, 16, 24], words: 7, layer: None, random_seeds: 1 }
    }
}

//! Forecast windows: vectors of several words, as a further band beside those that are heard.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::inputs::Inputs;

/// Which words a window holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForecastWindow {
    /// So many, the last of which stands so many words further on.
    At {
        /// Below 0 it stands before.
        distance: i64,
        /// Words of a window.
        words: usize,
    },
    /// So many from a random place.
    Random {
        /// Of the places.
        seed: u64,
        /// Words of a window.
        words: usize,
    },
}

impl ForecastWindow {
    /// What a study asks for (`forecast`): distances in order, then controls.
    pub(super) fn of_study(inputs: &Inputs) -> Vec<Self> {
        let Some(section) = &inputs.resolved.study.forecast else { return Vec::new() };
        let words = section.words;
        let mut distances = section.distances.clone();
        distances.sort_unstable();
        let at = distances.into_iter().map(|distance| Self::At { distance, words });
        let random = (0..section.random_seeds as u64).map(|seed| Self::Random { seed, words });
        at.chain(random).collect()
    }

    /// All of them in words; None where a study asks for none.
    pub(super) fn described(inputs: &Inputs) -> Option<String> {
        let section = inputs.resolved.study.forecast.as_ref()?;
        let mut distances = section.distances.clone();
        distances.sort_unstable();
        let distances = distances.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let mut layers: Vec<String> = inputs.forecast_layers.iter().map(ToString::to_string).collect();
        layers.dedup();
        let (words, s) = (section.words, if section.words == 1 { "" } else { "s" });
        let layers = layers.join(", ");
        Some(format!(
            "layer {layers}, windows of {words} word{s}, the last of them {distances} words further on"
        ))
    }

    /// How tables call it.
    pub(super) fn name(self) -> String {
        match self {
            Self::At { distance, .. } => distance.to_string(),
            Self::Random { seed, .. } => format!("random {seed}"),
        }
    }

    /// How far on its last word stands.
    pub(super) fn distance(self) -> Option<i64> {
        match self {
            Self::At { distance, .. } => Some(distance),
            Self::Random { .. } => None,
        }
    }

    /// Its words.
    pub(super) fn words(self) -> usize {
        match self {
            Self::At { words, .. } | Self::Random { words, .. } => words,
        }
    }

    /// The vectors of its words, one after another, for every word of a text.
    pub(super) fn vectors(self, vectors: &Array2<f32>, text: &str) -> Array2<f32> {
        match self {
            Self::At { distance, words } => {
                gyrus_models::forecast_windows(vectors.view(), distance, words).values
            }
            Self::Random { seed, words } => gyrus_models::random_windows(vectors.view(), words, (seed, text)),
        }
    }
}

//! What one study gives to a comparison with others: scores by person and by block of the story, and what must be the same.

use serde::{Deserialize, Serialize};

use super::undefined::nan_in_list;

/// Scores of a study, each fold at the layer that its inner folds choose, as `gyrus compare` takes them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SideBySide {
    /// Participants, in the order of all lists.
    pub people: Vec<ComparedPerson>,
    /// Blocks of the story that are held out, in the order of all lists.
    pub blocks: ComparedBlocks,
    /// Per language model and region, the mean over regions last; of more than sixty regions only that mean.
    pub scores: Vec<ComparedScores>,
}

/// A participant: what must be the same in two studies for a paired difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparedPerson {
    /// Name.
    pub name: String,
    /// Digest of the files of responses, as they are on disk.
    pub recordings: String,
    /// Digest of the responses as they were cleaned.
    pub responses: String,
    /// Digest of the rows that every fold trains on and holds out.
    pub folds: String,
}

/// How the held-out samples of all designs divide into blocks of about 30 s.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComparedBlocks {
    /// Samples of each block.
    pub samples: Vec<usize>,
    /// Fold that holds it out.
    pub folds: Vec<usize>,
    /// By how much intervals over the story are widened for training sets that share samples.
    pub widened: f64,
}

/// One language model in one region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComparedScores {
    /// Language model.
    pub language_model: String,
    /// Region; None = mean over regions.
    pub region: Option<String>,
    /// Per participant, held-out r.
    #[serde(with = "nan_in_list")]
    pub score: Vec<f64>,
    /// Per participant, mean r of the surrogates.
    #[serde(with = "nan_in_list")]
    pub null: Vec<f64>,
    /// Per participant, unique gain.
    #[serde(with = "nan_in_list")]
    pub unique_gain: Vec<f64>,
    /// Per block, mean over participants of r.
    #[serde(with = "nan_in_list")]
    pub score_blocks: Vec<f64>,
    /// Per block, mean over participants of the unique gain.
    #[serde(with = "nan_in_list")]
    pub unique_gain_blocks: Vec<f64>,
}

//! What the answer says of people: how scores go with what is known of them, and how people and stories vary.

use serde::{Deserialize, Serialize};

use super::Interval;
use super::undefined::nan_as_null;

/// The mean over people and stories, both as samples.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PeopleAndStories {
    /// Best linear unbiased estimate of the mean.
    #[serde(with = "nan_as_null")]
    pub value: f64,
    /// 95 % interval: other people who hear other stories.
    pub interval: Interval,
    /// One-sided p, of scores less the mean of each person's surrogates.
    #[serde(with = "nan_as_null")]
    pub p: f64,
    /// Standard deviation between people.
    #[serde(with = "nan_as_null")]
    pub sd_people: f64,
    /// Standard deviation between stories.
    #[serde(with = "nan_as_null")]
    pub sd_stories: f64,
    /// Stories.
    pub n_stories: usize,
}

/// The slope of a score over a covariate, the other covariates held.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CovariateRow {
    /// Language model.
    pub language_model: String,
    /// `score` or `unique_gain`, at the layer that inner folds choose.
    pub quantity: String,
    /// Region; None = mean over regions.
    pub region: Option<String>,
    /// Column of the table of participants.
    pub covariate: String,
    /// Of groups: which is compared with which.
    pub compared: Option<String>,
    /// Participants with a score and every covariate.
    pub n_participants: usize,
    /// Difference of score per unit, or between groups.
    #[serde(with = "nan_as_null")]
    pub slope: f64,
    /// 95 % interval by Student's t.
    pub interval: Interval,
    /// slope / standard error.
    #[serde(with = "nan_as_null")]
    pub t: f64,
    /// Two-sided p of t.
    #[serde(with = "nan_as_null")]
    pub p_t: f64,
    /// Two-sided p over orders of people, against the maximum over regions.
    #[serde(with = "nan_as_null")]
    pub p_permutation_corrected: f64,
}

/// Scores of one study as a pilot of a later one: by person and fold, and of the group by block of the stimulus, each fold at
/// the layer that its inner folds choose. Of the runs that most people heard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PilotScores {
    /// Language model.
    pub language_model: String,
    /// `score`, less each person's mean over surrogates, or `unique_gain`.
    pub effect: String,
    /// Region; None = mean over regions.
    pub region: Option<String>,
    /// Participants with a score in every fold.
    pub participants: Vec<String>,
    /// Participants of the study who are not among them.
    pub n_left_out: usize,
    /// Per participant, r of each fold.
    pub folds: Vec<Vec<f64>>,
    /// Mean length of what a fold holds out, in hours.
    pub fold_hours: f64,
    /// Mean over participants of r in successive blocks of the stimulus, nothing taken off.
    pub blocks: Vec<f64>,
    /// Mean length of a block, in hours.
    pub block_hours: f64,
}

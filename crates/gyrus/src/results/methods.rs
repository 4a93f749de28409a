//! The numbers of the methods paragraph.

use serde::{Deserialize, Serialize};

/// Numbers of the methods paragraph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Methods {
    /// Version of gyrus.
    pub version: String,
    /// The preset whose settings stand in for the defaults.
    #[serde(default)]
    pub preset: Option<PresetMethods>,
    /// Participants analysed.
    pub n_participants: usize,
    /// Names of the stimuli, words each, and seconds each.
    pub stimuli: Vec<(String, usize, f64)>,
    /// Repetition time in seconds: shortest and longest over runs.
    pub repetition_times: (f64, f64),
    /// Samples per participant: fewest and most.
    pub n_samples: (usize, usize),
    /// Cut-off of the drift cosines in seconds.
    pub high_pass: Option<f64>,
    /// Whether blocks that are held out together have drifts of their own, and not the run that they are parts of.
    #[serde(default)]
    pub drift_by_block: bool,
    /// Columns of the confounds, or none.
    pub confounds: Vec<String>,
    /// Orders of RETROICOR (cardiac, respiratory, interaction) among the confounds.
    #[serde(default)]
    pub retroicor: Option<(usize, usize, usize)>,
    /// Rates of heart and breath among the confounds, and seconds by which they were delayed.
    #[serde(default)]
    pub rates: Option<(Vec<String>, Vec<f64>)>,
    /// What of eyes and voice was used.
    #[serde(default)]
    pub behaviour: Option<Vec<String>>,
    /// Whether drift was projected out of the features too.
    pub project_features: bool,
    /// "Lanczos interpolation with three lobes", "sum per volume", …
    pub alignment: String,
    /// Whether word vectors were centred.
    pub centred: bool,
    /// Delays in seconds.
    pub delays: Vec<f64>,
    /// "5 contiguous blocks with a gap of 28 s" or "leave one run out (9 runs)".
    pub folds: String,
    /// Whether samples were held out in random order, so that slow noise scores too.
    pub shuffled: bool,
    /// Principal components of every layer, where units are reduced to them.
    pub components: Option<usize>,
    /// Inner folds of an outer fold: fewest and most.
    pub inner_folds: (usize, usize),
    /// Smallest, largest and number of penalties.
    pub alphas: (f64, f64, usize),
    /// Language models: name, parameters, context, pooling, untrained copies.
    pub language_models: Vec<LanguageModelMethods>,
    /// Baseline bands.
    pub baseline: Vec<String>,
    /// Surrogates and their kind.
    pub surrogates: (usize, String),
    /// Bootstrap draws.
    pub bootstraps: usize,
    /// Length of the stimulus blocks that are resampled, in seconds.
    pub stimulus_block: f64,
    /// Smallest difference of correlation that verdicts call an effect.
    pub equivalence_margin: f64,
    /// Seed.
    pub seed: u64,
    /// How neighbouring voxels were corrected together; None where they were not.
    #[serde(default)]
    pub clusters: Option<String>,
    /// Which windows of words were added to which layer; None where none were.
    #[serde(default)]
    pub forecast: Option<String>,
    /// To whom and what the inference reaches.
    pub population: String,
}

/// A preset in the methods paragraph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresetMethods {
    /// Its name.
    pub name: String,
    /// Authors and year.
    pub reference: String,
    /// The key of its entry in `CITATION.bib`.
    pub entry: String,
    /// Keys that it sets.
    pub set: Vec<String>,
    /// Keys of its that the study file sets otherwise.
    pub own: Vec<String>,
}

/// A language model in the methods paragraph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LanguageModelMethods {
    /// Name.
    pub name: String,
    /// Family, such as "llama".
    pub family: String,
    /// Number of parameters.
    pub n_parameters: u64,
    /// Layers scored.
    pub n_layers: usize,
    /// Tokens of context.
    pub context: usize,
    /// "last", "mean" or "sum".
    pub pooling: String,
    /// History, order and sites where they are not the usual ones; empty otherwise.
    #[serde(default)]
    pub reading: String,
    /// Untrained copies.
    pub untrained_seeds: usize,
}

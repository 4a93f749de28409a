//! The answer as data: what the infer task writes, and all that tables, maps and report are made from.

mod carpet;
mod hierarchy;
mod methods;
mod people;
mod quality;
mod side_by_side;
mod sweep;
mod undefined;

pub use carpet::{Carpet, Trace, TraceKind};
pub use hierarchy::{Hierarchy, IndexResults, IndexRow, ParticipantIndex, ParticipantsIndex, RegionDepth};
pub use methods::{LanguageModelMethods, Methods, PresetMethods};
pub use people::{CovariateRow, PeopleAndStories, PilotScores};
pub use quality::{AlignmentRow, CleaningRow, Diagnostics, Exclusion, NoiseRow, PhysiologyRow};
use serde::{Deserialize, Serialize};
pub use side_by_side::{ComparedBlocks, ComparedPerson, ComparedScores, SideBySide};
pub use sweep::SweepRow;
use undefined::nan_as_null;

/// Everything that a study found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// Name of the study.
    pub study: String,
    /// Every participant whose recordings were found, usable or not.
    pub participants: Vec<ParticipantResults>,
    /// Targets in the order of the tables.
    pub targets: Vec<Target>,
    /// Regions, in order of first appearance.
    pub regions: Vec<String>,
    /// One per language model of the study file.
    pub language_models: Vec<LanguageModelResults>,
    /// What the baseline reaches by itself.
    pub baseline: BaselineResults,
    /// Upper and lower estimates of the best reachable score, per region and for the mean over regions.
    pub ceilings: Vec<CeilingRow>,
    /// Scores as shares of the ceilings, per region and for the mean over regions.
    #[serde(default)]
    pub normalised: Vec<NormalisedRow>,
    /// What was left out and why.
    pub exclusions: Vec<Exclusion>,
    /// How each run was cleaned.
    #[serde(default)]
    pub cleaning: Vec<CleaningRow>,
    /// Responses over time of the recording from which cleaning took most; None of older versions.
    #[serde(default)]
    pub carpet: Option<Carpet>,
    /// Recordings of heart and breath, where the study uses them.
    #[serde(default)]
    pub physiology: Vec<PhysiologyRow>,
    /// Scores with each source of noise left in, where the study compares.
    #[serde(default)]
    pub noise: Vec<NoiseRow>,
    /// Scores under other ways to sum words into volumes, side by side.
    pub alignments: Vec<AlignmentRow>,
    /// Tripwires and alarms.
    pub diagnostics: Diagnostics,
    /// What neighbouring voxels show together, where the study asks for it.
    #[serde(default)]
    pub clusters: Vec<ClusterRow>,
    /// Differences that the study asks for, by region and, last, for the mean over regions.
    #[serde(default)]
    pub contrasts: Vec<ContrastRow>,
    /// Scores over contexts and orders of the text, where the study sweeps them.
    #[serde(default)]
    pub sweeps: Vec<SweepRow>,
    /// How scores go with what is known of people, where the study asks.
    #[serde(default)]
    pub covariates: Vec<CovariateRow>,
    /// Scores by person, fold and block of the story, from which `gyrus power` plans a later study.
    #[serde(default)]
    pub pilot: Vec<PilotScores>,
    /// Scores by person and block of the story, and digests, for `gyrus compare`; None of older versions.
    #[serde(default)]
    pub side_by_side: Option<SideBySide>,
    /// What words further on add to a layer, where the study asks.
    #[serde(default)]
    pub forecast: Vec<ForecastRow>,
    /// Answers in plain words, three outcomes each.
    pub verdicts: Vec<Verdict>,
    /// Every number that the methods paragraph needs.
    pub methods: Methods,
    /// What the reader should know before believing the numbers.
    pub warnings: Vec<String>,
    /// What was done as it should be, and is worth a line.
    #[serde(default)]
    pub notes: Vec<String>,
    /// The answer in one sentence.
    pub answer: String,
}

/// A participant and how the recording was cleaned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ParticipantResults {
    /// Name, as matched by `{participant}`.
    pub name: String,
    /// Why nobody hears of this one again, if so.
    pub excluded: Option<String>,
    /// Samples that were analysed, over runs.
    pub n_samples: usize,
    /// Regressors of the one projection, over runs.
    pub n_regressors: usize,
    /// Samples minus rank, over runs.
    pub degrees_of_freedom: usize,
    /// Share of the responses' variance that each source took out (mean over targets, 0 to 1), drift first.
    pub variance_removed: Vec<(String, f64)>,
}

/// A column of the responses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Its name.
    pub name: String,
    /// The region it belongs to; its own name when the study names no regions.
    pub region: String,
}

/// Names of the regions in order of first appearance, each with its targets.
#[must_use]
pub fn by_region(targets: &[Target]) -> Vec<(String, Vec<usize>)> {
    let mut place = std::collections::BTreeMap::<&str, usize>::new();
    let mut regions: Vec<(String, Vec<usize>)> = Vec::new();
    for (index, target) in targets.iter().enumerate() {
        let region = *place.entry(&target.region).or_insert_with(|| {
            regions.push((target.region.clone(), Vec::new()));
            regions.len() - 1
        });
        regions[region].1.push(index);
    }
    regions
}

/// Lower and upper end of a 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end; NaN where it cannot be computed is written as null.
    #[serde(with = "nan_as_null")]
    pub low: f64,
    /// Upper end.
    #[serde(with = "nan_as_null")]
    pub high: f64,
}

impl Interval {
    /// An interval that does not exist.
    pub(crate) const NOWHERE: Self = Self { low: f64::NAN, high: f64::NAN };
}

impl From<gyrus_encoding::statistics::Interval> for Interval {
    fn from(found: gyrus_encoding::statistics::Interval) -> Self {
        Self { low: found.low, high: found.high }
    }
}

/// A group mean of held-out correlations (or differences of them) with both intervals.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Mean over participants (and over targets of a region), mean over folds of r within the fold.
    #[serde(with = "nan_as_null")]
    pub value: f64,
    /// 95 % interval over participants: would other listeners give it?
    pub over_participants: Interval,
    /// 95 % interval over blocks of the stimulus: would another story give it?
    pub over_stimulus: Interval,
    /// False where the recording is too short for the stimulus interval's coverage: printed as "unreliable".
    pub stimulus_interval_reliable: bool,
}

/// How surprising a group mean is. Every p but those of tails is at least 1 / (surrogates + 1).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GroupTests {
    /// Primary p: surrogate features, refitted, the same surrogate for everybody (treats the story as a sample too).
    #[serde(with = "nan_as_null")]
    pub p_stimulus: f64,
    /// The same, corrected by the maximum over regions × layers.
    #[serde(with = "nan_as_null")]
    pub p_stimulus_corrected: f64,
    /// The primary p by a generalised Pareto distribution of the largest surrogates, where fewer than ten reach the value; it may be below
    /// 1 / (surrogates + 1).
    #[serde(with = "nan_as_null")]
    pub p_stimulus_tail: f64,
    /// The same for the corrected p, of the largest maxima.
    #[serde(with = "nan_as_null")]
    pub p_stimulus_corrected_tail: f64,
    /// Mean of the surrogates' group means: what zero looks like.
    #[serde(with = "nan_as_null")]
    pub null_mean: f64,
    /// 95th percentile of the surrogates' group means.
    #[serde(with = "nan_as_null")]
    pub null_95: f64,
    /// Sign-flip over participants, of the normal excess (without surrogates, of the value), corrected by the maximum over regions × layers: generalises over participants, for this stimulus.
    #[serde(with = "nan_as_null")]
    pub p_sign_flip_corrected: f64,
    /// Wilcoxon signed-rank over participants, of the same, uncorrected.
    #[serde(with = "nan_as_null")]
    pub p_wilcoxon: f64,
    /// One-sample t over participants, of the same, uncorrected.
    #[serde(with = "nan_as_null")]
    pub p_t: f64,
    /// The primary p adjusted over regions × layers by Benjamini and Hochberg: for tests that do not depend on each other
    /// negatively.
    #[serde(with = "nan_as_null")]
    pub q_stimulus: f64,
    /// The same by Benjamini and Yekutieli: for any dependence.
    #[serde(with = "nan_as_null")]
    pub q_stimulus_any: f64,
    /// People and stories as random effects together, with six or more stories.
    #[serde(default)]
    pub people_and_stories: Option<PeopleAndStories>,
}

/// What one language model explains.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LanguageModelResults {
    /// Name.
    pub name: String,
    /// Number of parameters.
    pub n_parameters: u64,
    /// Units per layer.
    pub width: usize,
    /// Index of the last layer that it has, scored or not.
    pub last_layer: usize,
    /// Layers that were scored, ascending.
    pub layers: Vec<usize>,
    /// One row per layer and region, then per layer for the mean over regions (`region` = None).
    pub profile: Vec<ProfileRow>,
    /// Untrained copies, one row per seed, layer and region (None = mean over regions).
    pub untrained: Vec<ControlRow>,
    /// A random vector per word, per region and for the mean over regions.
    pub random_embeddings: Vec<ControlRow>,
    /// Scores of copies with the trained weights in another order.
    #[serde(default)]
    pub shuffled: Vec<ControlRow>,
    /// Best layer by inner folds, per region and for the mean over regions.
    pub best_layer: Vec<BestLayer>,
    /// Does depth follow depth?
    pub hierarchy: Hierarchy,
}

/// One layer in one region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProfileRow {
    /// Layer, 0 = embedding.
    pub layer: usize,
    /// Region; None = mean over regions.
    pub region: Option<String>,
    /// Participants behind the mean.
    pub n_participants: usize,
    /// Held-out correlation.
    pub score: Estimate,
    /// Its tests.
    pub score_tests: GroupTests,
    /// Banded gain over the low-level baseline.
    pub unique_gain: Estimate,
    /// Its tests.
    pub unique_gain_tests: GroupTests,
    /// Banded gain over the baseline with layer 0; None for layer 0 itself and where the baseline has no layer 0.
    pub contextual_gain: Option<Estimate>,
    /// Its tests.
    pub contextual_gain_tests: Option<GroupTests>,
    /// Group mean score of the low-level baseline that the unique gain is taken over.
    #[serde(with = "nan_as_null")]
    pub baseline_score: f64,
}

/// A control's score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ControlRow {
    /// Seed of the untrained copy or of the random vectors.
    pub seed: u64,
    /// Layer, 0 = embedding.
    pub layer: usize,
    /// Region; None = mean over regions.
    pub region: Option<String>,
    /// Group mean held-out correlation.
    #[serde(with = "nan_as_null")]
    pub score: f64,
}

/// The layer that inner folds choose, and what it scores on held-out samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BestLayer {
    /// Region; None = mean over regions.
    pub region: Option<String>,
    /// The layer chosen most often over outer folds.
    pub layer: usize,
    /// Share of the outer folds that chose it.
    pub share: f64,
    /// Held-out score, each outer fold at the layer that its inner folds choose for the group.
    pub score: Estimate,
    /// Unique gain at the same choices.
    pub unique_gain: Estimate,
    /// Score minus the mean over untrained seeds, each at its own inner-fold choice; None without untrained copies.
    pub beyond_untrained: Option<Estimate>,
}

/// The baseline by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BaselineResults {
    /// Names of the low-level bands.
    pub bands: Vec<String>,
    /// Whether layer 0 is a further band for the contextual gain.
    pub with_layer_0: bool,
    /// Group score of each band alone and of all together, per region and for the mean over regions.
    pub rows: Vec<BaselineRow>,
    /// Says so where a single band beats the whole baseline and the gain is taken over it.
    pub note: Option<String>,
}

/// One baseline in one region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BaselineRow {
    /// The band, or "baseline" for the one that gains are taken over.
    pub band: String,
    /// Region; None = mean over regions.
    pub region: Option<String>,
    /// Group mean held-out correlation.
    pub score: Estimate,
}

/// Estimates of the best reachable score, on the same folds as the scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CeilingRow {
    /// Region; None = mean over regions.
    pub region: Option<String>,
    /// Correlation with the mean of the others: a lower estimate.
    #[serde(with = "nan_as_null")]
    pub leave_one_out_isc: f64,
    /// Square root of the mean pairwise correlation: an upper estimate.
    #[serde(with = "nan_as_null")]
    pub root_pairwise_isc: f64,
    /// Ridge from the others' mean responses of all regions: a lower estimate with a fitted map.
    #[serde(with = "nan_as_null")]
    pub shared_response: f64,
    /// Root of one participant's reliability, from halves of the participants: an upper estimate.
    #[serde(with = "nan_as_null")]
    pub split_half: f64,
    /// Leave-one-out correlation extrapolated over the number of participants: an upper estimate.
    #[serde(with = "nan_as_null")]
    pub extrapolated_isc: f64,
    /// Root of the signal's share of the power of one repeat: an upper estimate.
    #[serde(with = "nan_as_null")]
    pub signal_power: f64,
    /// Root of the signal's share of variance, from the variance between repeats: an upper estimate.
    #[serde(with = "nan_as_null")]
    pub signal_to_noise: f64,
    /// Unbiased share of variance that repeats explain; no ceiling, and negative where they agree by less than chance.
    #[serde(with = "nan_as_null")]
    pub explainable_variance: f64,
}

/// A score as a share of one kind of ceiling, at the layer that inner folds choose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NormalisedRow {
    /// Language model.
    pub language_model: String,
    /// Region; None = mean over regions.
    pub region: Option<String>,
    /// Which ceiling.
    pub kind: String,
    /// "lower" or "upper".
    pub bound: String,
    /// The layer that inner folds choose most often.
    pub layer: usize,
    /// Mean score of the layer over cells (participant, target) that have both.
    #[serde(with = "nan_as_null")]
    pub score: f64,
    /// Mean ceiling over the same cells.
    #[serde(with = "nan_as_null")]
    pub ceiling: f64,
    /// score / ceiling, unclamped; undefined with a reason.
    #[serde(with = "nan_as_null")]
    pub normalised: f64,
    /// Cells with both.
    pub cells: usize,
    /// Cells with a score and no ceiling.
    pub left_out: usize,
    /// Why there is no normalised score.
    pub reason: Option<String>,
}

/// Voxels that are significant with their neighbours, in one map under one null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClusterRow {
    /// Language model.
    pub language_model: String,
    /// Layer.
    pub layer: usize,
    /// "score", "unique_gain" or "contextual_gain".
    pub quantity: String,
    /// "stimulus" or "sign_flip".
    pub null: String,
    /// Voxels with a statistic.
    pub n_targets: usize,
    /// Those with p < 0.05, corrected over voxels × layers.
    pub n_significant: usize,
    /// Connected sets of them.
    pub n_clusters: usize,
    /// Voxels of the largest set.
    pub largest: usize,
    /// Smallest corrected p.
    #[serde(with = "nan_as_null")]
    pub smallest_p: f64,
    /// The voxel with the largest statistic.
    pub peak: Option<Target>,
    /// Group mean there.
    #[serde(with = "nan_as_null")]
    pub peak_value: f64,
}

/// The difference between two layers or language models in a region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContrastRow {
    /// Name of the contrast.
    pub contrast: String,
    /// Region; None = mean over regions.
    pub region: Option<String>,
    /// What was expected to be larger.
    pub of: ContrastSide,
    /// What is taken away.
    pub minus: ContrastSide,
    /// Difference of held-out correlations, mean over participants.
    pub difference: Estimate,
    /// Two-sided p over signs of participants, against the maximum over regions.
    #[serde(with = "nan_as_null")]
    pub p_sign_flip_corrected: f64,
    /// Two-sided p of the signed-rank test.
    #[serde(with = "nan_as_null")]
    pub p_wilcoxon: f64,
    /// Two-sided p of the t test.
    #[serde(with = "nan_as_null")]
    pub p_t: f64,
}

/// One side of a contrast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContrastSide {
    /// Language model; None for features that no language model computes.
    pub language_model: Option<String>,
    /// `layer`, the kind of copies, `baseline`, or a feature of it.
    pub features: String,
    /// The layer, or the one that inner folds choose most often; None without one, or where copies differ in it.
    pub layer: Option<usize>,
    /// Share of the folds that chose it; 1 for a layer that was named.
    #[serde(with = "nan_as_null")]
    pub share: f64,
}

/// What a window of words adds to a layer in a region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForecastRow {
    /// Language model.
    pub language_model: String,
    /// The layer of both bands.
    pub layer: usize,
    /// How many words further on the last word of the window stands, or "random" and a seed.
    pub window: String,
    /// The same as a number; None for windows from random places.
    pub distance: Option<i64>,
    /// Region; None = mean over regions.
    pub region: Option<String>,
    /// Mean score of the layer alone.
    #[serde(with = "nan_as_null")]
    pub alone: f64,
    /// Mean score with the window.
    #[serde(with = "nan_as_null")]
    pub with_window: f64,
    /// What the window adds, paired: the forecast score.
    pub forecast: Estimate,
    /// The same over what windows from random places add, mean over seeds; None for these, and without them.
    pub beyond_random: Option<Estimate>,
    /// Two-sided p over signs of participants, against the maximum over distances and regions.
    #[serde(with = "nan_as_null")]
    pub p_sign_flip_corrected: f64,
    /// Two-sided p of the signed-rank test.
    #[serde(with = "nan_as_null")]
    pub p_wilcoxon: f64,
}

/// A question a reviewer asks, and its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Language model.
    pub language_model: String,
    /// "word rate", "untrained", "layer 0" or "alignment".
    pub question: String,
    /// The outcome.
    pub outcome: Outcome,
    /// The difference that was judged; None for "alignment".
    pub difference: Option<Estimate>,
    /// Its uncorrected p under the stimulus null, where it has one.
    pub p: Option<f64>,
    /// Lag of the largest correlation with the word rate in seconds; only for "alignment".
    pub lag: Option<f64>,
    /// One sentence with the numbers.
    pub sentence: String,
}

/// Three outcomes: silence is not evidence of absence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Beyond the control, over participants and over the stimulus.
    Beyond,
    /// Not beyond by more than the margin.
    NotBeyond,
    /// The intervals leave both open.
    CannotTell,
}

//! The keys of a study file, one structure per section.

use std::collections::BTreeMap;
use std::path::PathBuf;

use gyrus_core::{ByteSize, RepetitionTime, Seconds};
use gyrus_models::Device;
use serde::{Deserialize, Serialize};

use super::contrast::ContrastSection;
use super::defaults;
use super::folds::FoldsSection;
use super::forecast::ForecastSection;
use super::hierarchy::HierarchySection;
use super::language_model::LanguageModelSection;
use super::participants::ParticipantsSection;
use super::physiology::PhysiologySection;
use super::presets::{FromPreset, Preset};

/// A whole study file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Study {
    /// A published recipe whose settings stand in for the defaults.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<Preset>,
    /// Which settings are the preset's.
    #[serde(skip)]
    pub from_preset: FromPreset,
    /// What the study is called.
    pub study: StudySection,
    /// What was heard, one entry per recording of speech.
    pub stimulus: Vec<StimulusSection>,
    /// Where the brain responses are, as tables.
    #[serde(default)]
    pub responses: ResponsesSection,
    /// Where the brain responses are, as volumes that fMRIPrep wrote.
    #[serde(default)]
    pub bids: Option<BidsSection>,
    /// How responses are cleaned.
    #[serde(default)]
    pub denoise: DenoiseSection,
    /// Which language models read the stimuli.
    pub language_model: Vec<LanguageModelSection>,
    /// How activations at word times become features on the sampling grid.
    #[serde(default)]
    pub alignment: AlignmentSection,
    /// How features predict responses.
    #[serde(default)]
    pub encoding: EncodingSection,
    /// Which layers or language models are compared with each other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contrast: Vec<ContrastSection>,
    /// What words further on add to a layer; nothing when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forecast: Option<ForecastSection>,
    /// The order of the brain that depth is compared with; none when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hierarchy: Option<HierarchySection>,
    /// What is known of the participants; nothing when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participants: Option<ParticipantsSection>,
    /// How sure the answer is.
    #[serde(default)]
    pub statistics: StatisticsSection,
    /// Where and how fast: nothing in here may change a number.
    #[serde(default)]
    pub execution: ExecutionSection,
}

/// `[study]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StudySection {
    /// The name that stands in titles and file headers.
    pub name: String,
}

/// `[[stimulus]]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StimulusSection {
    /// The name by which `[responses]` refers to it.
    pub name: String,
    /// A TextGrid, TSV, CSV, gentle align.csv or JSON file of words and their times.
    pub words: PathBuf,
    /// The same words as they are written, with their punctuation, where `words` has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<PathBuf>,
    /// The tier of a TextGrid that holds the words.
    #[serde(default = "defaults::tier")]
    pub tier: String,
    /// Labels that mean silence.
    #[serde(default)]
    pub silence: Vec<String>,
    /// Whether "'s" and "n't" belong to the word before.
    #[serde(default)]
    pub join_clitics: bool,
    /// Name of the column with the words, in a table.
    #[serde(default = "defaults::word_column")]
    pub word_column: String,
    /// Name of the column with onsets in seconds, in a table.
    #[serde(default = "defaults::onset_column")]
    pub onset_column: String,
    /// Name of the column with offsets in seconds, in a table that has one.
    #[serde(default)]
    pub offset_column: Option<String>,
    /// Columns and what stands in them where a row of the table is a word of this stimulus; every row is when empty.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rows: BTreeMap<String, String>,
    /// Lines of the table that are left out, the header being line 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skip_lines: Vec<u32>,
    /// What `stim_file` or `trial_type` of events files call it; its name when absent.
    #[serde(default)]
    pub event: Option<String>,
    /// `trial_type` of the events that start it, where its file has events of several kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
}

impl StimulusSection {
    /// A stimulus of a name, and its words in a file; the rest as where a study file is silent.
    #[must_use]
    pub fn new(name: String, words: PathBuf) -> Self {
        Self {
            name,
            words,
            text: None,
            tier: defaults::tier(),
            silence: Vec::new(),
            join_clitics: false,
            word_column: defaults::word_column(),
            onset_column: defaults::onset_column(),
            offset_column: None,
            rows: BTreeMap::new(),
            skip_lines: Vec::new(),
            event: None,
            event_type: None,
        }
    }
}

/// `[responses]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ResponsesSection {
    /// A path with `{participant}` and, in studies of several stimuli, `{stimulus}`.
    pub table: Option<String>,
    /// Whose tables are read, as `{participant}` has them; everybody's when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub participants: Vec<String>,
    /// Names of the columns, in order; all columns of a table with a header when absent.
    pub targets: Option<Vec<String>>,
    /// A table with the columns `target` and `region`; without it every target is its own region.
    pub regions: Option<PathBuf>,
    /// Time between volumes; volumes have their own.
    pub repetition_time: Option<RepetitionTime>,
    /// The stimulus that was heard, in studies of one.
    pub stimulus: Option<String>,
    /// Time on the stimulus clock at which the first volume of the table was acquired.
    pub stimulus_time_of_first_volume: Seconds,
    /// Acquisition time left out at the start of a run, counting volumes that were discarded before the table was made.
    pub trim_start: Seconds,
    /// Time after the last word from which on volumes are left out; none are when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_last_word: Option<Seconds>,
    /// Participants to leave out, with the reason that tables will show.
    pub exclude: BTreeMap<String, String>,
}

/// What of a volume becomes a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetsChoice {
    /// Every voxel of the mask.
    #[default]
    Voxels,
    /// The mean over the voxels of each parcel of the atlas, or of each sphere.
    Parcels,
}

/// One file, or one for each hemisphere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a path, or a list of two: the left and the right hemisphere")]
pub enum Files {
    /// Of a volume, or of both hemispheres in one file.
    One(PathBuf),
    /// Left before right.
    Both([PathBuf; 2]),
}

/// `[bids]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BidsSection {
    /// The data set: its events and sidecars.
    pub folder: PathBuf,
    /// What fMRIPrep wrote; `derivatives/fmriprep` in the data set when absent.
    #[serde(default)]
    pub derivatives: Option<PathBuf>,
    /// Images that other programs than fMRIPrep wrote, in place of `derivatives`: a path with `{participant}` and, as it has
    /// them, `{session}`, `{task}` and `{run}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<String>,
    /// Labels of tasks; all when empty.
    #[serde(default)]
    pub tasks: Vec<String>,
    /// Labels of the space; the recording's own when absent.
    #[serde(default)]
    pub space: Option<String>,
    /// Label of the resolution (`res`) or density (`den`), where there are several.
    #[serde(default)]
    pub resolution: Option<String>,
    /// Label of the echo, where echoes were not combined.
    #[serde(default)]
    pub echo: Option<String>,
    /// Labels of participants without `sub-`; all when empty.
    #[serde(default)]
    pub participants: Vec<String>,
    /// Labels of runs without `run-`; all when empty.
    #[serde(default)]
    pub runs: Vec<String>,
    /// A table of what was heard in each run, where events do not say it.
    #[serde(default)]
    pub map: Option<PathBuf>,
    /// A mask that voxels must lie in, beside the masks of all runs; of surfaces, one for each hemisphere.
    #[serde(default)]
    pub mask: Option<Files>,
    /// The value above which a voxel or vertex of the mask is inside, where the mask holds probabilities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask_above: Option<f32>,
    /// An image of parcels; of surfaces, one file for each hemisphere.
    #[serde(default)]
    pub atlas: Option<Files>,
    /// The shapes of both hemispheres, for pictures and neighbours; left before right.
    #[serde(default)]
    pub mesh: Option<[PathBuf; 2]>,
    /// Names of its parcels.
    #[serde(default)]
    pub atlas_labels: Option<PathBuf>,
    /// Instead of an atlas, a table of spheres in mm: name, x, y, z, radius.
    #[serde(default)]
    pub spheres: Option<PathBuf>,
    /// Whether masks and the atlas may lie on another grid than the images: the nearest voxel is taken.
    #[serde(default)]
    pub resample: bool,
    /// Whether voxels or parcels are predicted.
    #[serde(default)]
    pub targets: TargetsChoice,
}

/// `[denoise]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DenoiseSection {
    /// Periods longer than this are removed by cosines.
    pub high_pass: Option<Seconds>,
    /// Powers of time up to this one are removed; none when absent.
    pub polynomials: Option<usize>,
    /// What has a drift of its own.
    pub drift_by: DriftBy,
    /// Head motion from columns named as fMRIPrep names them.
    pub motion: Option<MotionChoice>,
    /// Anatomical principal components per mask, by the JSON beside the confounds table.
    pub acompcor: Option<CompCorSection>,
    /// Mean signals of tissues, from columns named as fMRIPrep names them.
    pub tissue: Vec<Tissue>,
    /// Volumes that are censored: each has a regressor of its own.
    pub censor: Option<CensorSection>,
    /// Regressors from recordings of heart and breath.
    pub physiology: Option<PhysiologySection>,
    /// A path with `{participant}` and, in studies of several stimuli, `{stimulus}`.
    pub confounds: Option<String>,
    /// Columns of the confounds table to use (`*` matches the rest of a name); all when absent.
    pub confound_columns: Option<Vec<String>>,
    /// Rows at the start of a confounds table that belong to volumes that the responses no longer have.
    pub confounds_skip_rows: usize,
    /// Whether the drift is projected out of the features too, after delays.
    pub project_features: bool,
    /// Whether scores with each source of noise left in are shown beside those of the study.
    pub compare: bool,
}

/// What has a drift of its own, which is removed from it alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftBy {
    /// Every block that is held out together, where blocks of a run are: what is removed from one says nothing of another.
    #[default]
    Block,
    /// Every run, whatever is held out of it.
    Run,
}

/// Which functions of the six realignment parameters are removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "MotionText", into = "MotionText")]
pub enum MotionChoice {
    /// The parameters.
    Six,
    /// And their differences from volume to volume.
    Twelve,
    /// And the squares of both (Satterthwaite et al. 2013; fMRIPrep).
    TwentyFour,
    /// And the same four functions of the signals of cerebrospinal fluid, white matter and the whole brain.
    ThirtySix,
    /// The parameters, those of the volume before, and the squares of both (Friston et al. 1996).
    Friston24,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "expected 6, 12, 24, 36 or \"friston_24\"")]
enum MotionText {
    Number(u64),
    Word(String),
}

impl TryFrom<MotionText> for MotionChoice {
    type Error = String;

    fn try_from(text: MotionText) -> Result<Self, String> {
        match text {
            MotionText::Number(6) => Ok(Self::Six),
            MotionText::Number(12) => Ok(Self::Twelve),
            MotionText::Number(24) => Ok(Self::TwentyFour),
            MotionText::Number(36) => Ok(Self::ThirtySix),
            MotionText::Word(word) if word == "friston_24" => Ok(Self::Friston24),
            MotionText::Number(number) => {
                Err(format!("found motion = {number}, expected 6, 12, 24, 36 or \"friston_24\""))
            }
            MotionText::Word(word) => {
                Err(format!("found motion = \"{word}\", expected 6, 12, 24, 36 or \"friston_24\""))
            }
        }
    }
}

impl From<MotionChoice> for MotionText {
    fn from(choice: MotionChoice) -> Self {
        match choice {
            MotionChoice::Six => Self::Number(6),
            MotionChoice::Twelve => Self::Number(12),
            MotionChoice::TwentyFour => Self::Number(24),
            MotionChoice::ThirtySix => Self::Number(36),
            MotionChoice::Friston24 => Self::Word("friston_24".to_owned()),
        }
    }
}

/// How many anatomical principal components are removed, of each mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CompCorSection {
    /// Of cerebrospinal fluid.
    pub csf: usize,
    /// Of white matter.
    pub white_matter: usize,
    /// Of both together.
    pub combined: usize,
}

/// A tissue whose mean signal is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tissue {
    /// Cerebrospinal fluid.
    Csf,
    /// White matter.
    WhiteMatter,
    /// The whole brain.
    GlobalSignal,
}

/// Which volumes are censored.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CensorSection {
    /// Those with a larger framewise displacement, in millimetres.
    pub framewise_displacement: Option<f64>,
    /// Those with a larger standardised DVARS.
    pub dvars: Option<f64>,
}

/// How word vectors become one vector per volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BinMethod {
    /// Sum over the words that start within a volume.
    Sum,
    /// Mean over them.
    Mean,
    /// The last of them.
    Last,
    /// Lanczos interpolation with three lobes.
    #[default]
    Lanczos,
    /// Convolution with the Glover haemodynamic response.
    Hrf,
}

/// `[alignment]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AlignmentSection {
    /// How word vectors become one vector per volume.
    pub method: BinMethod,
    /// Haemodynamic delays on stimulus time.
    pub delays: Vec<Seconds>,
    /// Whether word vectors are centred on the training words first.
    pub centre: bool,
    /// Whether sum, centred sum and mean are shown side by side.
    pub compare: bool,
}

/// A feature of the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BaselineFeature {
    /// Words per volume.
    WordRate,
    /// Their length in characters.
    WordLength,
    /// Their log frequency, from `word_frequencies`.
    WordFrequency,
    /// Share of the time in which a word is spoken.
    SpeechOn,
    /// −log₂ of the probability that a language model gave each word.
    Surprisal,
    /// How open it was to a language model what came next.
    Entropy,
    /// The language model's own embedding: what remains beyond it is the contextual gain.
    #[serde(rename = "layer_0")]
    Layer0,
}

impl EncodingSection {
    /// The low-level features of the baseline, in order, without layer 0.
    #[must_use]
    pub fn low_level(&self) -> Vec<BaselineFeature> {
        let mut features = self.baseline.clone();
        if self.word_frequencies.is_some() {
            features.push(BaselineFeature::WordFrequency);
        }
        features.retain(|feature| *feature != BaselineFeature::Layer0);
        let mut seen = std::collections::BTreeSet::new();
        features.retain(|feature| seen.insert(*feature));
        features
    }
}

impl BaselineFeature {
    /// How study files and tables call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::WordRate => "word_rate",
            Self::WordLength => "word_length",
            Self::WordFrequency => "word_frequency",
            Self::SpeechOn => "speech_on",
            Self::Surprisal => "surprisal",
            Self::Entropy => "entropy",
            Self::Layer0 => "layer_0",
        }
    }

    /// Whether a language model computes it.
    #[must_use]
    pub fn is_of_language_model(self) -> bool {
        self == Self::Layer0 || self.is_prediction()
    }

    /// Whether it is what a language model expected.
    #[must_use]
    pub fn is_prediction(self) -> bool {
        matches!(self, Self::Surprisal | Self::Entropy)
    }
}

/// A logarithmic grid of penalties.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlphaGrid {
    /// The smallest.
    pub from: f64,
    /// The largest.
    pub to: f64,
    /// How many.
    pub count: usize,
}

/// `[encoding]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EncodingSection {
    /// How samples are held out; whole runs from three runs on, else five blocks.
    pub folds: Option<FoldsSection>,
    /// Number of inner folds on which penalties are chosen.
    pub inner_folds: usize,
    /// The penalties to choose from.
    pub alphas: AlphaGrid,
    /// What the language model must explain beyond.
    pub baseline: Vec<BaselineFeature>,
    /// Principal components to which the units of every layer are reduced in each fold; none when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub components: Option<usize>,
    /// A list of words and their counts; adds `word_frequency` to the baseline.
    pub word_frequencies: Option<PathBuf>,
    /// Name of the language model whose surprisal and entropy stand in the baseline; the first one when absent.
    pub predictions_of: Option<String>,
}

/// How surrogate features are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NullKind {
    /// Random phases, the same for every feature.
    #[default]
    Phase,
    /// Circular shift of the features.
    Shift,
}

/// What is done to maps of voxels before the maximum is taken over them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClustersChoice {
    /// Mass of connected voxels above a threshold.
    Mass,
    /// Threshold-free cluster enhancement.
    Tfce,
}

/// `[statistics]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StatisticsSection {
    /// Number of surrogates that are refitted.
    pub surrogates: usize,
    /// How they are made.
    pub null: NullKind,
    /// Whether each of them chooses its penalties and its share of the baseline again.
    pub choose_again: bool,
    /// Number of bootstrap draws behind each interval.
    pub bootstraps: usize,
    /// Every random stream starts here.
    pub seed: u64,
    /// Which maps of voxels are corrected by their neighbours too; none when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clusters: Option<ClustersChoice>,
    /// One-sided p of a voxel below which it belongs to a cluster; 0.001 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_p: Option<f64>,
}

/// `[execution]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExecutionSection {
    /// Number of threads; all cores when absent.
    pub threads: Option<usize>,
    /// Memory that may be used.
    pub memory: ByteSize,
    /// Folder of intermediate results; `OUT/store` when absent.
    pub store: Option<PathBuf>,
    /// About how long a fit may take on one thread; longer ones are several tasks, of some targets each.
    pub task_minutes: f64,
    /// Where language models read. Their activations agree to 1e-4 on all, and are kept apart.
    #[serde(skip_serializing_if = "Device::is_cpu")]
    pub device: Device,
}

//! The main job on an embedded study: a simulated cohort with a planted truth, analysed like any other, and compared at the end.

pub(crate) mod assets;
mod truth;

use std::path::{Path, PathBuf};

use gyrus_core::{RepetitionTime, Seconds};
pub use gyrus_encoding::simulate::Gradient;
use gyrus_io::atomic;
use gyrus_models::LanguageModel;
pub use truth::Recovered;

use crate::results::Results;
use crate::simulate::{self, write_cohort};
use crate::{Error, Execution, Progress};

const TEMPLATE: &str = include_str!("study.toml");
const REPETITION_TIME: f64 = 2.0;
/// Each run is a part of the story; every participant hears both.
const RUNS: usize = 2;

/// What is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How planted depth runs over the regions.
    pub gradient: Gradient,
    /// Every random stream of the simulation and of the analysis starts here.
    pub seed: u64,
    /// How much there is of it.
    pub size: Size,
}

/// How large the cohort is and how much is computed for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// People.
    pub participants: u32,
    /// Voxels of a brain, about; a third of them lie in a region.
    pub voxels: usize,
    /// Whether means over regions are predicted rather than voxels.
    pub parcels: bool,
    /// Refitted surrogates.
    pub surrogates: usize,
    /// Bootstrap draws behind each interval.
    pub bootstraps: usize,
    /// Untrained copies of the language model.
    pub untrained_copies: usize,
    /// Every how many layers one is scored, from the first block on; 1 scores all, the embedding too.
    pub layer_step: usize,
    /// Paragraphs of the story that are heard, from its start; None for all.
    pub paragraphs: Option<usize>,
}

/// What came out.
#[derive(Debug)]
pub struct Demo {
    /// The answer.
    pub results: Results,
    /// The page to open.
    pub page: PathBuf,
    /// The study file that was analysed.
    pub study: PathBuf,
    /// Planted against recovered depth.
    pub recovered: Recovered,
}

/// Below this rank correlation the demo has failed.
pub const LEAST_CORRELATION: f64 = 0.8;

impl Default for Settings {
    fn default() -> Self {
        Self { gradient: Gradient::Planted, seed: 1, size: Size::default() }
    }
}

impl Default for Size {
    /// What fits into a minute on two cores.
    fn default() -> Self {
        Self {
            participants: 8,
            voxels: 900,
            parcels: false,
            surrogates: 79,
            bootstraps: 1000,
            untrained_copies: 2,
            layer_step: 1,
            paragraphs: None,
        }
    }
}

/// Simulates a cohort on disk (`folder/data`, volumes in fMRIPrep's layout), writes a study of it, analyses that into
/// `folder` by [`crate::analyze`], and then, with the tables written, reads what was planted and compares.
///
/// # Errors
/// - a file cannot be written,
/// - as [`crate::analyze`].
pub fn demo(
    folder: &Path,
    settings: &Settings,
    execution: &Execution,
    progress: &dyn Progress,
) -> Result<Demo, Error> {
    let data = folder.join("data");
    let cohort = write_cohort(&data, &cohort(settings)?, execution, progress)?;
    let n_layers = LanguageModel::open(&data.join(simulate::MODEL_FOLDER))?.n_layers();
    let study = folder.join("study.toml");
    atomic::write(&study, study_file(settings, n_layers).as_bytes())?;
    let results = crate::analyze(&study, folder, execution, progress)?;
    let planted = cohort.truth.join(simulate::PLANTED_FILE);
    let recovered = truth::compare(&planted, &folder.join("tables").join("hierarchy.tsv"))?;
    Ok(Demo { results, page: folder.join("report").join("index.html"), study, recovered })
}

fn cohort(settings: &Settings) -> Result<simulate::Settings, Error> {
    Ok(simulate::Settings {
        participants: settings.size.participants,
        runs: RUNS,
        size: simulate::Size::Voxels(settings.size.voxels),
        repetition_time: RepetitionTime::new(Seconds::new(REPETITION_TIME)?)?,
        gradient: settings.gradient,
        paragraphs: settings.size.paragraphs,
        seed: settings.seed,
        ..simulate::Settings::new()?
    })
}

fn study_file(settings: &Settings, n_layers: usize) -> String {
    let size = settings.size;
    let listed: Vec<usize> = (1..n_layers).step_by(size.layer_step.max(1)).collect();
    let layers = if size.layer_step <= 1 { "\"all\"".to_owned() } else { format!("{listed:?}") };
    let targets = if size.parcels { "parcels" } else { "voxels" };
    let values = [
        ("TARGETS", targets.to_owned()),
        ("LAYERS", layers),
        ("UNTRAINED_SEEDS", size.untrained_copies.to_string()),
        ("SURROGATES", size.surrogates.to_string()),
        ("BOOTSTRAPS", size.bootstraps.to_string()),
        ("SEED", settings.seed.to_string()),
    ];
    values.iter().fold(TEMPLATE.to_owned(), |text, (key, value)| text.replace(key, value))
}

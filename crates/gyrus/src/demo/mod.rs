//! The main job on an embedded study: a simulated cohort with a planted truth, analysed like any other, and compared at the end.

pub(crate) mod assets;
mod cortex;
mod files;
mod truth;

use std::path::{Path, PathBuf};

pub use gyrus_encoding::simulate::Gradient;
pub use truth::Recovered;

use crate::results::Results;
use crate::{Error, Execution, Progress};

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
    /// Targets in a region of the right hemisphere; the left has one more.
    pub targets: usize,
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
            participants: 10,
            targets: 3,
            surrogates: 100,
            bootstraps: 1000,
            untrained_copies: 2,
            layer_step: 1,
            paragraphs: None,
        }
    }
}

/// Writes a study into `folder/study`, analyses it into `folder` by [`crate::analyze`], and then, with the tables written,
/// reads what was planted and compares.
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
    let study = files::write(&folder.join("study"), settings, execution, progress)?;
    let results = crate::analyze(&study, folder, execution, progress)?;
    let planted = folder.join("study").join(truth::FILE);
    let recovered = truth::compare(&planted, &folder.join("tables").join("hierarchy.tsv"))?;
    Ok(Demo { results, page: folder.join("report").join("index.html"), study, recovered })
}

//! Scores for people who bring matrices: features and responses from array files, without a study.

mod partition;

use std::path::{Path, PathBuf};

use gyrus_core::{FoldRule, Folds, InMemory, NoScore, Timeline};
use gyrus_encoding::nulls::{self, NullKind, ObservedFit, Request, Surrogates};
use gyrus_encoding::ridge::{self, Alphas, AtEdge, Band, Choice, Design, Mixtures, RidgeSettings, Scaling};
use gyrus_encoding::scores::{self, FoldScores};
use gyrus_encoding::{Test, statistics};
use gyrus_io::arrays;
use ndarray::{Array2, Ix2};

use crate::plan::Machine;
use crate::{Error, Execution, Progress};

pub(crate) use partition::Shown;
pub use partition::{Part, PartitionTable, partition, partition_matrices};

/// What is scored.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreRequest {
    /// One band of features per file, (n_samples, n_columns), delays included: `.npy`, `.npz`, `.safetensors`,
    /// `.h5` or `.zarr`, with `file:name` for one array of several.
    pub features: Vec<String>,
    /// Responses, (n_samples, n_targets), in the same formats.
    pub responses: String,
    /// Samples of each run, in order; empty for one run.
    pub runs: Vec<usize>,
    /// How samples are held out.
    pub folds: ScoreFolds,
    /// Penalties from, to, and how many.
    pub alphas: (f64, f64, usize),
    /// Random mixtures of the bands beside each alone and all equally; nothing with one band.
    pub mixtures: usize,
    /// Rounds of further mixtures, down the slope of the error of those that targets chose; 0 for none.
    pub refinements: usize,
    /// Refitted phase-randomised surrogates: of all features, and in a partition of what one band has that the others do not
    /// predict; 0 for none.
    pub surrogates: usize,
    /// Seed of the mixtures and of the surrogates.
    pub seed: u64,
}

/// How samples are held out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScoreFolds {
    /// One run at a time.
    Runs,
    /// Contiguous blocks, with samples left out on each side.
    Blocks {
        /// Number of blocks.
        count: usize,
        /// Samples left out on each side: at least the longest delay plus 20 s.
        gap: usize,
    },
    /// Samples in random order: autocorrelation leaks, and the table says so.
    Shuffled {
        /// Number of folds.
        count: usize,
    },
}

/// Scores of all targets.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreTable {
    /// One row per target.
    pub rows: Vec<ScoreRow>,
    /// Mean over folds of 2-versus-2 accuracy and of retrieval rank; chance is 0.5.
    pub patterns: (f64, f64),
    /// What to know before believing a score.
    pub warnings: Vec<String>,
}

/// One target.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreRow {
    /// Mean over folds of r within the fold; NaN with a reason.
    pub score: f64,
    /// Mean over folds of R² against the training mean.
    pub r_squared: f64,
    /// p of the score by refitted surrogates, where asked for.
    pub p: Option<f64>,
    /// Normal excess of the score over them ([`statistics::NormalExcess`]): what tests over participants are of.
    pub normal_excess: Option<f64>,
    /// Why there is no score.
    pub reason: Option<NoScore>,
}

/// Fits ridge regression with nested folds and scores what was held out.
///
/// # Errors
/// - a file is missing, damaged, has not two axes, or lacks the named array,
/// - features and responses differ in their number of samples, or a feature is not finite,
/// - samples are too few for the folds.
pub fn score(
    request: &ScoreRequest,
    execution: &Execution,
    progress: &dyn Progress,
) -> Result<ScoreTable, Error> {
    let machine = Machine::new(execution, progress)?;
    score_matrices(request, matrices(request)?, &machine)
}

/// The same for matrices in memory; the request's names of files are not looked at.
///
/// # Errors
/// - as [`score`], as far as numbers are concerned.
pub fn score_matrices(
    request: &ScoreRequest,
    (bands, responses): (Vec<Band>, Array2<f32>),
    machine: &Machine<'_>,
) -> Result<ScoreTable, Error> {
    let problem = Problem::new(request, responses, machine)?;
    let design = problem.design(bands);
    let fitted = problem.fit(&design)?;
    let null = match request.surrogates {
        0 => None,
        _ => Some(problem.null((&design, &fitted), &(0..design.bands.len()).collect::<Vec<_>>())?),
    };
    let observed = fitted.by_fold.mean();
    table(
        &problem.folds,
        (&fitted.predictions, &problem.observed),
        (&observed, null),
        warnings(request, &fitted.fit),
    )
}

/// p and normal excess of every target.
struct Null {
    p: Vec<f64>,
    normal_excess: Vec<f64>,
}

/// What is fitted, to whatever bands.
struct Problem<'a> {
    request: &'a ScoreRequest,
    machine: &'a Machine<'a>,
    timeline: Timeline,
    folds: Folds,
    alphas: Alphas,
    targets: InMemory,
    observed: Test<Array2<f32>>,
}

/// Bands fitted to all targets.
struct Fitted {
    fit: ridge::Fit,
    predictions: Test<Array2<f32>>,
    by_fold: FoldScores,
}

impl<'a> Problem<'a> {
    fn new(
        request: &'a ScoreRequest,
        responses: Array2<f32>,
        machine: &'a Machine<'a>,
    ) -> Result<Self, Error> {
        let timeline = timeline(request, responses.nrows())?;
        let folds = Folds::new(&timeline, &rule(request))?;
        let (from, to, count) = request.alphas;
        let alphas = Alphas::logspace(from, to, count)?;
        let observed = Test::declared(responses.clone());
        Ok(Self { request, machine, timeline, folds, alphas, targets: InMemory(responses), observed })
    }

    fn design(&self, bands: Vec<Band>) -> Design {
        Design { bands, timeline: self.timeline.clone(), drift: Vec::new(), scaling: Scaling::ZScore }
    }

    fn fit(&self, design: &Design) -> Result<Fitted, Error> {
        let settings = RidgeSettings {
            alphas: self.alphas.clone(),
            mixtures: Mixtures::search(design.bands.len(), self.request.mixtures, self.request.seed),
            refinements: self.request.refinements,
            choice: Choice::PerTarget,
            inner_folds: 5,
            at_edge: AtEdge::Extend,
        };
        let (backend, folds) = (&self.machine.backend, &self.folds);
        let (fit, predictions) = ridge::fit_and_predict(backend, (design, folds), &settings, &self.targets)?;
        let by_fold = scores::correlation(&predictions, &self.observed, folds)?;
        Ok(Fitted { fit, predictions, by_fold })
    }

    /// Where the scores of a fit stand among those of surrogates of some of its bands beside the others.
    fn null(&self, (design, fitted): (&Design, &Fitted), bands: &[usize]) -> Result<Null, Error> {
        let given: Vec<usize> = (0..design.bands.len()).filter(|band| !bands.contains(band)).collect();
        let observed = ObservedFit { choices: &fitted.fit.choices, scores: &fitted.by_fold.correlation };
        let null = nulls::refit(
            &self.machine.backend,
            &Request {
                design,
                surrogate_bands: bands,
                given: &given,
                folds: &self.folds,
                groups: &vec![None; observed.scores.ncols()],
                fit: observed,
                again: None,
            },
            &self.targets,
            &Surrogates { kind: NullKind::Phase, count: self.request.surrogates, seed: self.request.seed },
        )?;
        let of = |count: &u32| statistics::permutation_p(u64::from(*count), self.request.surrogates as u64);
        Ok(Null { p: null.exceedances.iter().map(of).collect(), normal_excess: null.normal_excess })
    }
}

fn table(
    folds: &Folds,
    (predictions, responses): (&Test<Array2<f32>>, &Test<Array2<f32>>),
    (observed, null): (&[f64], Option<Null>),
    warnings: Vec<String>,
) -> Result<ScoreTable, Error> {
    let r_squared = scores::r_squared(predictions, responses, folds)?;
    let reasons = scores::reasons(predictions, responses, folds)?;
    let of = |reason: Option<NoScore>| null.as_ref().filter(|_| reason.is_none());
    let row = |(target, reason): (usize, Option<NoScore>)| ScoreRow {
        score: observed[target],
        r_squared: if reason.is_none() {
            r_squared.column(target).sum() / folds.len() as f64
        } else {
            f64::NAN
        },
        p: of(reason).map(|null| null.p[target]),
        normal_excess: of(reason).map(|null| null.normal_excess[target]),
        reason,
    };
    let patterns = scores::patterns(predictions, responses, folds)?;
    let mean =
        |of: fn(&scores::PatternScore) -> f64| patterns.iter().map(of).sum::<f64>() / patterns.len() as f64;
    Ok(ScoreTable {
        rows: reasons.into_iter().enumerate().map(row).collect(),
        patterns: (mean(|fold| fold.two_versus_two), mean(|fold| fold.retrieval_rank)),
        warnings,
    })
}

fn warnings(request: &ScoreRequest, fit: &ridge::Fit) -> Vec<String> {
    let mut warnings = Vec::new();
    if matches!(request.folds, ScoreFolds::Shuffled { .. }) {
        warnings.push(
            "shuffled folds put neighbouring samples on both sides of every fold: autocorrelation alone scores high; use --runs or --blocks with --gap".to_owned(),
        );
    }
    let edges = fit.at_edge;
    if edges.low + edges.high > 0 {
        warnings.push(format!(
            "{} of {} penalties lie at an end of the grid, four decades beyond what --alphas gives ({} at the smallest, {} at the largest)",
            edges.low + edges.high,
            edges.choices,
            edges.low,
            edges.high
        ));
    }
    warnings
}

fn rule(request: &ScoreRequest) -> FoldRule {
    match request.folds {
        ScoreFolds::Runs => FoldRule::Runs,
        ScoreFolds::Blocks { count, gap } => FoldRule::Blocks { count, gap },
        ScoreFolds::Shuffled { count } => FoldRule::Shuffled { count, seed: request.seed },
    }
}

fn timeline(request: &ScoreRequest, samples: usize) -> Result<Timeline, Error> {
    if request.runs.is_empty() {
        return Ok(Timeline::new([(samples, "run 1".to_owned())]));
    }
    let sum = request.runs.iter().try_fold(0_usize, |sum, run| sum.checked_add(*run));
    if sum != Some(samples) {
        let found = sum.map_or_else(|| "more than can be counted".to_owned(), |sum| sum.to_string());
        return Err(Error::Argument {
            argument: "runs".to_owned(),
            found: format!("{found} samples in all"),
            expected: format!("{samples}, as responses have rows; state the samples of every run"),
        });
    }
    Ok(Timeline::new(request.runs.iter().enumerate().map(|(run, rows)| (*rows, format!("run {}", run + 1)))))
}

/// Bands and responses from their files, which have as many rows.
fn matrices(request: &ScoreRequest) -> Result<(Vec<Band>, Array2<f32>), Error> {
    let bands = request.features.iter().map(|features| band(features)).collect::<Result<Vec<_>, _>>()?;
    let responses = read(&request.responses)?;
    for (name, band) in request.features.iter().zip(&bands) {
        let (found, expected) = (band.features.nrows(), responses.nrows());
        if found != expected {
            return Err(Error::Unusable {
                path: name.into(),
                found: format!("{found} samples"),
                expected: format!(
                    "{expected}, as {} has; bring features and responses of the same samples",
                    request.responses
                ),
            });
        }
    }
    Ok((bands, responses))
}

fn band(name: &str) -> Result<Band, Error> {
    Ok(Band::new(name, read(name)?))
}

/// A matrix from `file` or `file:name`.
fn read(spelled: &str) -> Result<Array2<f32>, Error> {
    let (path, name) = split(spelled);
    let array = arrays::open(&path)?.one(name)?;
    let found = format!("an array of shape {:?}", array.shape());
    let expected = "(samples, columns); reshape it".to_owned();
    array.into_dimensionality::<Ix2>().map_err(|_| Error::Unusable { path, found, expected })
}

/// A colon that is followed by a name, not by a folder; arrays in groups have names with slashes.
fn split(spelled: &str) -> (PathBuf, Option<&str>) {
    let is_name = |path: &str, name: &str| Path::new(path).exists() || !name.contains(['/', '\\']);
    match spelled.rsplit_once(':') {
        Some((path, name)) if !Path::new(spelled).exists() && is_name(path, name) => {
            (PathBuf::from(path), Some(name))
        }
        _ => (PathBuf::from(spelled), None),
    }
}

//! What bands explain alone and what they share: every set of them fitted through the same folds.

use std::path::Path;

use gyrus_core::NoScore;
use gyrus_encoding::ridge::Band;
use gyrus_encoding::scores;
use gyrus_io::atomic;
use ndarray::Array2;

use super::{Problem, ScoreRequest, matrices, split, warnings};
use crate::plan::Machine;
use crate::{Error, Execution, Progress};

/// Scores of all bands together, divided among sets of them.
#[derive(Debug, Clone, PartialEq)]
pub struct PartitionTable {
    /// Names of the bands.
    pub bands: Vec<String>,
    /// First what is of one band alone, then of two and of three.
    pub parts: Vec<Part>,
    /// r of all bands together, of every target.
    pub score: Vec<f64>,
    /// R² of all bands together.
    pub r_squared: Vec<f64>,
    /// Why a target has no score with some set of bands, and no parts.
    pub reasons: Vec<Option<NoScore>>,
    /// What to know before believing a score.
    pub warnings: Vec<String>,
}

/// What some bands have in common and the others do not.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Which bands.
    pub bands: Vec<usize>,
    /// Of r, per target; parts sum to [`PartitionTable::score`]. May be negative.
    pub score: Vec<f64>,
    /// Of R², per target; parts sum to [`PartitionTable::r_squared`]. May be negative.
    pub r_squared: Vec<f64>,
    /// p of what is of one band alone, by refitted surrogates of that band, where asked for.
    pub p: Option<Vec<f64>>,
}

/// A row of the figure.
pub(crate) struct Shown<'a> {
    /// Which part; None for all bands together.
    pub(crate) part: Option<&'a Part>,
    pub(crate) name: String,
    /// Per target.
    pub(crate) r_squared: &'a [f64],
    /// Over targets that have a score.
    pub(crate) mean: f64,
}

/// Bands that can be told apart: sets of four bands are fifteen fits and parts that nobody can read.
const MOST: usize = 3;

/// Fits every set of two or three bands with nested folds, and divides r and R² of all of them among the sets.
///
/// # Errors
/// - as [`super::score`], and if there are not two or three bands.
pub fn partition(
    request: &ScoreRequest,
    execution: &Execution,
    progress: &dyn Progress,
) -> Result<PartitionTable, Error> {
    let machine = Machine::new(execution, progress)?;
    let named = short(&request.features).into_iter();
    let (bands, responses) = matrices(request)?;
    let bands = named.zip(bands).map(|(name, band)| Band { name, ..band }).collect();
    partition_matrices(request, (bands, responses), &machine)
}

/// The same for matrices in memory; the request's names of files are not looked at.
///
/// # Errors
/// - as [`partition`], as far as numbers are concerned.
pub fn partition_matrices(
    request: &ScoreRequest,
    (bands, responses): (Vec<Band>, Array2<f32>),
    machine: &Machine<'_>,
) -> Result<PartitionTable, Error> {
    let count = bands.len();
    if !(2..=MOST).contains(&count) {
        return Err(Error::Partition { found: count });
    }
    let problem = Problem::new(request, responses, machine)?;
    let targets = problem.observed.get().ncols();
    let sets = 1_usize << count;
    let mut of_sets = [(); 2].map(|()| Array2::zeros((sets, targets)));
    let (mut p, mut reasons, mut said) = (vec![None; count], vec![None; targets], Vec::new());
    for set in 1..sets {
        let chosen =
            bands.iter().enumerate().filter(|(band, _)| is_in(*band, set)).map(|(_, band)| band.clone());
        let design = problem.design(chosen.collect());
        let fitted = problem.fit(&design)?;
        let r_squared = scores::r_squared(&fitted.predictions, &problem.observed, &problem.folds)?;
        for (target, score) in fitted.by_fold.mean().into_iter().enumerate() {
            of_sets[0][(set, target)] = score;
            of_sets[1][(set, target)] = r_squared.column(target).sum() / problem.folds.len() as f64;
        }
        let of_set = scores::reasons(&fitted.predictions, &problem.observed, &problem.folds)?;
        reasons.iter_mut().zip(of_set).for_each(|(known, of_set)| *known = of_set.or(*known));
        if set + 1 == sets {
            said = warnings(request, &fitted.fit);
            if request.surrogates > 0 {
                let of = |band: usize| problem.null((&design, &fitted), &[band]).map(|null| Some(null.p));
                p = (0..count).map(of).collect::<Result<_, _>>()?;
            }
        }
    }
    for (target, _) in reasons.iter().enumerate().filter(|(_, reason)| reason.is_some()) {
        of_sets.iter_mut().for_each(|scores| scores.column_mut(target).fill(f64::NAN));
        p.iter_mut().flatten().for_each(|p: &mut Vec<f64>| p[target] = f64::NAN);
    }
    let parts = of_sets.each_ref().map(|of_sets| scores::partition(of_sets.view()));
    let part = |set: usize| {
        let bands: Vec<usize> = (0..count).filter(|band| is_in(*band, set)).collect();
        let p = if let [band] = bands[..] { p[band].clone() } else { None };
        let [score, r_squared] = parts.each_ref().map(|parts| parts.row(set).to_vec());
        Part { bands, score, r_squared, p }
    };
    let mut parts: Vec<Part> = (1..sets).map(part).collect();
    parts.sort_by_key(|part| part.bands.len());
    let [score, r_squared] = of_sets.map(|of_sets| of_sets.row(sets - 1).to_vec());
    let names = bands.into_iter().map(|band| band.name).collect();
    Ok(PartitionTable { bands: names, parts, score, r_squared, reasons, warnings: said })
}

/// Names of arrays or of files without folder and ending; as they were spelled where these are not different.
fn short(features: &[String]) -> Vec<String> {
    let of = |spelled: &String| match split(spelled) {
        (_, Some(name)) => name.to_owned(),
        (path, None) => path.file_stem().map_or_else(|| spelled.clone(), |stem| stem.display().to_string()),
    };
    let names: Vec<String> = features.iter().map(of).collect();
    let different: std::collections::BTreeSet<&String> = names.iter().collect();
    if different.len() == names.len() { names } else { features.to_vec() }
}

fn mean(values: &[f64]) -> f64 {
    let finite: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    finite.iter().sum::<f64>() / finite.len() as f64
}

fn is_in(band: usize, set: usize) -> bool {
    set >> band & 1 == 1
}

impl PartitionTable {
    /// The bands of a part, as in `rate & layer`.
    #[must_use]
    pub fn name(&self, part: &Part) -> String {
        part.bands.iter().map(|band| self.bands[*band].as_str()).collect::<Vec<_>>().join(" & ")
    }

    /// What the figure shows: R² of each part and of all bands, with the mean over targets that have a score.
    pub(crate) fn shown(&self) -> Vec<Shown<'_>> {
        let of = |(part, name, r_squared)| Shown { part, name, r_squared, mean: mean(r_squared) };
        let parts = self.parts.iter().map(|part| (Some(part), self.name(part), &part.r_squared[..]));
        parts.chain([(None, "all together".to_owned(), &self.r_squared[..])]).map(of).collect()
    }

    /// R² of every part, mean over targets and target by target, drawn as SVG.
    #[must_use]
    pub fn figure(&self) -> String {
        crate::report::partition(self)
    }

    /// Writes [`Self::figure`] to a file.
    ///
    /// # Errors
    /// - [`Error::Input`] if it cannot be written.
    pub fn write_figure(&self, path: &Path) -> Result<(), Error> {
        Ok(atomic::write(path, self.figure().as_bytes())?)
    }
}

//! Refits every surrogate with the observed penalties and mixtures, and scores it by the same statistic.

mod observed;
mod responses;
mod system;

use gyrus_core::{Folds, TargetBlocks};
use ndarray::Array2;

use super::own_part::{Given, Parts};
use super::surrogates::{Surrogates, filtered};
use crate::EncodingError;
use crate::backend::Backend;
use crate::ridge::{Design, FoldChoices, Prepared};

use observed::Observed;
use responses::Responses;
pub use system::operations_of_refit;

/// What is refitted.
pub struct Request<'a> {
    /// The observed design, with the bands of every fit.
    pub design: &'a Design,
    /// Bands that surrogates replace; the others stay as observed.
    pub surrogate_bands: &'a [usize],
    /// Bands that stay and of which surrogates keep what they predict of those that are replaced: the null of a gain over them. None of
    /// them: nothing is kept.
    pub given: &'a [usize],
    /// The folds of the observed scores.
    pub folds: &'a Folds,
    /// The group that each target counts for (the same region in everybody, say).
    pub groups: &'a [Option<usize>],
    /// What was fitted to these bands: every surrogate is made once for all of them.
    pub fits: &'a [ObservedFit<'a>],
}

/// One observed fit.
pub struct ObservedFit<'a> {
    /// Its choices per outer fold; a band that it does not have has weight 0.
    pub choices: &'a [FoldChoices],
    /// r within each fold, shape (n_folds, n_targets); NaN where there is none. A fold in which no surrogate band takes
    /// part keeps this score in every surrogate, to the last bit, so that a tie is a tie.
    pub scores: &'a Array2<f64>,
}

/// Scores of surrogates of one fit, kept as sums and counts.
#[derive(Debug, Clone, PartialEq)]
pub struct NullScores {
    /// Sum over a group's targets, shape (n_surrogates, n_groups).
    pub group_sums: Array2<f64>,
    /// Targets behind each sum.
    pub group_counts: Vec<usize>,
    /// Surrogates that reach the observed score, per target.
    pub exceedances: Vec<u32>,
    /// Mean of each target's surrogates.
    pub mean: Vec<f64>,
}

/// Scores of surrogate features, refitted (Theiler et al. 1992, Physica D 58:77, for the phases), per observed fit.
///
/// A surrogate is C X with C circulant and orthogonal per run, applied to the delayed features of the named bands
/// before the drift is projected out; X̂ + C (X − X̂) where bands are given, with X̂ what ridge regression on them predicts of X in samples that
/// were held out (Smith's method of Winkler et al. 2014, NeuroImage 92:381): features that only repeat what the given bands hold then score as
/// observed. z-scoring is its own; principal components, penalties, mixtures and folds are those
/// of the observed fit.
/// The statistic is the mean over folds of r within the fold.
///
/// # Numerics
/// Per fold one Gram matrix of the surrogate bands, over columns where they are fewer than training rows, else over samples, and one
/// Cholesky factor per distinct mixture and penalty of all fits together, in single precision where the
/// trace bounds the rounding of the largest eigenvalue to 1e-3 of the penalty, else in double. Surrogates are independent
/// pieces of work: the same bits on any number of threads.
///
/// # Errors
/// - [`EncodingError::NotPositive`] if a kernel with its penalty cannot be factorised even in double precision,
/// - [`EncodingError::SampleMismatch`] if choices or observed scores do not fit the targets,
/// - if targets cannot be read.
pub fn refit(
    backend: &Backend,
    request: &Request<'_>,
    targets: &dyn TargetBlocks,
    surrogates: &Surrogates,
) -> Result<Vec<NullScores>, EncodingError> {
    let n_targets = targets.n_targets();
    let of_fit = |fit: &ObservedFit<'_>| {
        let choices = fit.choices.iter().flat_map(|choices| [choices.alpha.len(), choices.mixture.len()]);
        choices.chain([fit.scores.ncols()]).collect::<Vec<_>>()
    };
    let sizes = request.fits.iter().flat_map(of_fit).chain([request.groups.len()]);
    if let Some(found) = sizes.into_iter().find(|found| *found != n_targets) {
        return Err(EncodingError::SampleMismatch { found, expected: n_targets });
    }
    if surrogates.count == 0 {
        let none = |fit: &ObservedFit<'_>| summarise(&[], request.groups, &mean_over_folds(fit.scores));
        return Ok(request.fits.iter().map(none).collect());
    }
    let fixed = request.design.prepare();
    // Surrogates are made from these.
    let raw = Raw::of(backend, request)?;
    let responses = Responses::read(targets)?;
    let observed = Observed::new(backend, request, &fixed, &responses)?;
    let rows = backend.map(surrogates.count, |index| {
        let replaced = raw.replaced(request, surrogates, index);
        observed.score(&replaced)
    })?;
    let of_fit = |fit: usize| {
        let scores: Vec<&[f64]> =
            rows.iter().map(|row| &row[fit * n_targets..(fit + 1) * n_targets]).collect();
        summarise(&scores, request.groups, &mean_over_folds(request.fits[fit].scores))
    };
    Ok((0..request.fits.len()).map(of_fit).collect())
}

/// Mean over folds in the order of the folds, as [`Observed::score`] adds them up.
fn mean_over_folds(scores: &Array2<f64>) -> Vec<f64> {
    let folds = scores.nrows() as f64;
    scores.columns().into_iter().map(|column| column.iter().fold(0.0, |sum, r| sum + r) / folds).collect()
}

fn summarise(rows: &[&[f64]], groups: &[Option<usize>], observed: &[f64]) -> NullScores {
    let n_groups = groups.iter().flatten().max().map_or(0, |group| group + 1);
    let mut found = NullScores {
        group_sums: Array2::zeros((rows.len(), n_groups)),
        group_counts: vec![0; n_groups],
        exceedances: vec![0; observed.len()],
        mean: vec![0.0; observed.len()],
    };
    for target in (0..observed.len()).filter(|target| observed[*target].is_finite()) {
        if let Some(group) = groups[target] {
            found.group_counts[group] += 1;
        }
        for (index, scores) in rows.iter().enumerate() {
            let score = if scores[target].is_finite() { scores[target] } else { 0.0 };
            found.mean[target] += score / rows.len() as f64;
            found.exceedances[target] += u32::from(score >= observed[target]);
            if let Some(group) = groups[target] {
                found.group_sums[(index, group)] += score;
            }
        }
    }
    found
}

/// Delayed features of the bands that surrogates replace, with the ones beside them.
struct Raw(Vec<(usize, Parts, Option<Parts>)>);

impl Raw {
    fn of(backend: &Backend, request: &Request<'_>) -> Result<Self, EncodingError> {
        let given = match request.given {
            [] => None,
            bands => Some(Given::new(backend, (request.design, request.folds), bands)?),
        };
        let parts = |series: &Array2<f32>| match &given {
            Some(given) => Parts::beyond(given, series),
            None => Ok(Parts::whole(series)),
        };
        let of_band = |index: &usize| {
            let band = &request.design.bands[*index];
            Ok((*index, parts(&band.features)?, band.ones.as_ref().map(parts).transpose()?))
        };
        request.surrogate_bands.iter().map(of_band).collect::<Result<_, _>>().map(Self)
    }

    /// One surrogate of every band, `None` for those that stay.
    fn replaced(
        &self,
        request: &Request<'_>,
        surrogates: &Surrogates,
        index: usize,
    ) -> Vec<Option<Prepared>> {
        let filters = surrogates.filters(&request.design.timeline, index);
        let surrogate =
            |parts: &Parts| parts.replaced(|own| filtered(own, &request.design.timeline, &filters));
        let mut bands: Vec<Option<Prepared>> = request.design.bands.iter().map(|_| None).collect();
        for (band, features, ones) in &self.0 {
            let components = request.design.bands[*band].components;
            let ones = ones.as_ref().map(surrogate);
            bands[*band] = Some(Prepared::of(surrogate(features), ones, (components, request.design)));
        }
        bands
    }
}

//! Refits every surrogate, with the observed penalties and mixtures or with its own, and scores it by the same statistic.

mod again;
mod observed;
mod responses;
mod system;

use faer::Mat;
use gyrus_core::{Folds, TargetBlocks};
use ndarray::Array2;

use super::own_part::{Given, Parts};
use super::surrogates::{Surrogates, filtered};
use crate::EncodingError;
use crate::backend::Backend;
use crate::ridge::{Design, FoldChoices, Prepared, RidgeSettings};
use crate::statistics::NormalExcess;

use observed::Observed;
use responses::Responses;
pub use system::operations_of_refit;

/// What is refitted.
pub struct Request<'a> {
    /// The observed design.
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
    /// What was fitted to these bands.
    pub fit: ObservedFit<'a>,
    /// What every surrogate chooses its mixtures and penalties from, as the observed fit did; `None`: it takes those of the observed fit.
    pub again: Option<&'a RidgeSettings>,
}

/// The observed fit.
#[derive(Clone, Copy)]
pub struct ObservedFit<'a> {
    /// Its choices per outer fold.
    pub choices: &'a [FoldChoices],
    /// r within each fold, shape (n_folds, n_targets); NaN where there is none. A fold in which no surrogate band takes
    /// part keeps this score in every surrogate that does not choose again, to the last bit, so that a tie is a tie.
    pub scores: &'a Array2<f64>,
}

/// Scores of surrogates, kept as sums and counts.
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
    /// What each target's observed score has more than its surrogates, as [`NormalExcess`] says; a surrogate without a
    /// score counts as 0.
    pub normal_excess: Vec<f64>,
}

/// Scores of surrogate features, refitted (Theiler et al. 1992, Physica D 58:77, for the phases).
///
/// A surrogate is C X with C circulant and orthogonal per run, applied to the delayed features of the named bands
/// before the drift is projected out; X̂ + C (X − X̂) where bands are given, with X̂ what ridge regression on them makes of X (Smith's method of
/// Winkler et al. 2014, NeuroImage 92:381): features that only repeat what the given bands hold then score as observed. z-scoring is its own;
/// principal components, penalties, mixtures and folds are those of the observed fit. A surrogate that chooses again has components, penalties
/// and mixtures of its own: then a score less the mean of its surrogates is 0 on average if there is nothing to find, where otherwise the observed
/// fit alone pays for choosing what fitted its noise.
/// The statistic is the mean over folds of r within the fold.
///
/// # Numerics
/// Per fold one Gram matrix of the surrogate bands, over columns where they are fewer than training rows, else over samples, and one
/// Cholesky factor per distinct mixture and penalty, in single precision where the
/// trace bounds the rounding of the largest eigenvalue to 1e-3 of the penalty, else in double. Surrogates are independent
/// pieces of work: the same bits on any number of threads. Those that choose again are fitted one after the other, each as [`crate::ridge::fit`]
/// does.
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
) -> Result<NullScores, EncodingError> {
    let expected = targets.n_targets();
    let choices = request.fit.choices.iter().flat_map(|choices| [choices.alpha.len(), choices.mixture.len()]);
    let mut sizes = choices.chain([request.fit.scores.ncols(), request.groups.len()]);
    if let Some(found) = sizes.find(|found| *found != expected) {
        return Err(EncodingError::SampleMismatch { found, expected });
    }
    let observed = mean_over_folds(request.fit.scores);
    if surrogates.count == 0 {
        return Ok(summarise(&[], request.groups, &observed));
    }
    // Surrogates are made from these.
    let raw = Raw::of(backend, request)?;
    let rows = match request.again {
        Some(settings) => (0..surrogates.count)
            .map(|index| {
                let design = raw.design(request, surrogates, index);
                again::score(backend, (&design, request.folds), settings, (targets, &observed))
            })
            .collect::<Result<Vec<_>, _>>()?,
        None => {
            let (fixed, responses) = (request.design.prepare(), Responses::read(targets)?);
            let of_fit = Observed::new(backend, request, &fixed, &responses)?;
            backend.map(surrogates.count, |index| of_fit.score(&raw.prepared(request, surrogates, index)))?
        }
    };
    Ok(summarise(&rows, request.groups, &observed))
}

/// Mean over folds in the order of the folds, as [`Observed::score`] adds them up.
fn mean_over_folds(scores: &Array2<f64>) -> Vec<f64> {
    let folds = scores.nrows() as f64;
    scores.columns().into_iter().map(|column| column.iter().fold(0.0, |sum, r| sum + r) / folds).collect()
}

fn summarise(rows: &[Vec<f64>], groups: &[Option<usize>], observed: &[f64]) -> NullScores {
    let n_groups = groups.iter().flatten().max().map_or(0, |group| group + 1);
    let mut found = NullScores {
        group_sums: Array2::zeros((rows.len(), n_groups)),
        group_counts: vec![0; n_groups],
        exceedances: vec![0; observed.len()],
        mean: vec![0.0; observed.len()],
        normal_excess: vec![f64::NAN; observed.len()],
    };
    let normal = NormalExcess::new(rows.len());
    let mut own = vec![0.0; rows.len()];
    for target in (0..observed.len()).filter(|target| observed[*target].is_finite()) {
        if let Some(group) = groups[target] {
            found.group_counts[group] += 1;
        }
        for (index, scores) in rows.iter().enumerate() {
            let score = if scores[target].is_finite() { scores[target] } else { 0.0 };
            own[index] = score;
            found.mean[target] += score / rows.len() as f64;
            found.exceedances[target] += u32::from(score >= observed[target]);
            if let Some(group) = groups[target] {
                found.group_sums[(index, group)] += score;
            }
        }
        found.normal_excess[target] = normal.of(observed[target], &own);
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
    fn prepared(
        &self,
        request: &Request<'_>,
        surrogates: &Surrogates,
        index: usize,
    ) -> Vec<Option<Prepared>> {
        let mut bands: Vec<Option<Prepared>> = request.design.bands.iter().map(|_| None).collect();
        for (band, features, ones) in self.replaced(request, surrogates, index) {
            let components = request.design.bands[band].components;
            bands[band] = Some(Prepared::of(features, ones, (components, request.design)));
        }
        bands
    }

    /// The design with one surrogate of every band that is replaced.
    fn design(&self, request: &Request<'_>, surrogates: &Surrogates, index: usize) -> Design {
        let mut design = request.design.clone();
        let array =
            |from: Mat<f32>| Array2::from_shape_fn((from.nrows(), from.ncols()), |at| from[(at.0, at.1)]);
        for (band, features, ones) in self.replaced(request, surrogates, index) {
            design.bands[band].features = array(features);
            design.bands[band].ones = ones.map(array);
        }
        design
    }

    fn replaced(
        &self,
        request: &Request<'_>,
        surrogates: &Surrogates,
        index: usize,
    ) -> Vec<(usize, Mat<f32>, Option<Mat<f32>>)> {
        let filters = surrogates.filters(&request.design.timeline, index);
        let surrogate =
            |parts: &Parts| parts.replaced(|own| filtered(own, &request.design.timeline, &filters));
        let of_band = |(band, features, ones): &(usize, Parts, Option<Parts>)| {
            (*band, surrogate(features), ones.as_ref().map(surrogate))
        };
        self.0.iter().map(of_band).collect()
    }
}

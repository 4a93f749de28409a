//! What all surrogates share of the observed fit: folds, targets by mixture and penalty, and bands that stay.

use std::borrow::Cow;

use gyrus_core::Fold;

use super::responses::{FoldResponses, Responses};
use super::system::{Columns, Kernel, Standard, System, is_over_columns};
use super::{ObservedFit, Request};
use crate::EncodingError;
use crate::backend::Backend;
use crate::ridge::{Directions, Prepared, weights_of};
use crate::split::Split;

/// The observed fit, ready for surrogates.
pub(super) struct Observed<'a> {
    n_targets: usize,
    folds: Vec<ObservedFold<'a>>,
}

struct ObservedFold<'a> {
    split: Split<'a>,
    /// Surrogate bands with the components of the observed features: surrogates are reduced to the same.
    directions: Vec<(usize, Option<Directions>)>,
    responses: FoldResponses<'a>,
    mixtures: Vec<Mixture>,
    /// Target and score of what no surrogate changes, because no surrogate band takes part.
    constant: Vec<(usize, f64)>,
    fixed: Fixed,
}

/// A mixture in which a surrogate band takes part.
struct Mixture {
    weights: Vec<f64>,
    penalties: Vec<Penalty>,
}

struct Penalty {
    alpha: f64,
    targets: Vec<usize>,
}

/// Bands that stay.
enum Fixed {
    /// Per mixture their weighted kernel; `None` if none takes part.
    Samples(Vec<Option<Kernel>>),
    /// Those that take part in some mixture.
    Columns(Box<Columns>),
}

impl<'a> Observed<'a> {
    pub(super) fn new(
        backend: &Backend,
        request: &'a Request<'a>,
        bands: &[Prepared],
        responses: &'a Responses,
    ) -> Result<Self, EncodingError> {
        let folds = request.folds.as_slice();
        let folds = backend.map(folds.len(), |index| {
            ObservedFold::new(backend, (request, bands), (index, &folds[index]), responses)
        })?;
        Ok(Self { n_targets: request.fit.scores.ncols(), folds })
    }

    /// Mean over folds of r, per target.
    pub(super) fn score(&self, replaced: &[Option<Prepared>]) -> Result<Vec<f64>, EncodingError> {
        let mut scores = vec![0.0; self.n_targets];
        for fold in &self.folds {
            fold.add_scores(replaced, &mut scores)?;
        }
        let folds = self.folds.len() as f64;
        scores.iter_mut().for_each(|sum| *sum /= folds);
        Ok(scores)
    }
}

impl<'a> ObservedFold<'a> {
    fn new(
        backend: &Backend,
        (request, bands): (&Request<'_>, &[Prepared]),
        (index, fold): (usize, &'a Fold),
        responses: &'a Responses,
    ) -> Result<Self, EncodingError> {
        let split = Split::of(fold)?;
        let replaced = |band: &usize| request.surrogate_bands.contains(band);
        let mut directions = Vec::new();
        let mut standard = Vec::new();
        for (place, band) in bands.iter().enumerate() {
            let of_band = Directions::of(backend, band, &split.train)?;
            if replaced(&place) {
                directions.push((place, of_band));
            } else {
                standard.push((place, Standard::of(band, of_band.as_ref(), &split)));
            }
        }
        let (mixtures, constant): (Vec<Mixture>, Vec<Mixture>) = group_targets(&request.fit, index, bands)
            .into_iter()
            .partition(|mixture| request.surrogate_bands.iter().any(|band| mixture.weights[*band] > 0.0));
        let constant =
            constant.iter().flat_map(|mixture| &mixture.penalties).flat_map(|penalty| &penalty.targets);
        let constant = constant.map(|target| (*target, request.fit.scores[(index, *target)])).collect();
        let responses = responses.of_fold(fold);
        let fixed = Fixed::new(bands, standard, &mixtures, &responses);
        Ok(Self { split, directions, responses, mixtures, constant, fixed })
    }

    fn add_scores(&self, replaced: &[Option<Prepared>], scores: &mut [f64]) -> Result<(), EncodingError> {
        self.constant.iter().for_each(|(target, score)| scores[*target] += score);
        if self.mixtures.is_empty() {
            return Ok(());
        }
        let standard = self.directions.iter().filter_map(|(band, directions)| {
            let features = replaced[*band].as_ref()?;
            Some((*band, Standard::of(features, directions.as_ref(), &self.split)))
        });
        match &self.fixed {
            Fixed::Samples(fixed) => {
                let kernels: Vec<_> = standard.map(|(band, rows)| (band, Kernel::of(rows))).collect();
                for (mixture, fixed) in self.mixtures.iter().zip(fixed) {
                    let start = fixed.clone().unwrap_or_else(|| self.empty_kernel());
                    let system = System::of_kernel(mixture.sum(start, &kernels));
                    mixture.add_scores(&system, &self.responses, scores)?;
                }
            }
            Fixed::Columns(fixed) => {
                let mut columns = Cow::Borrowed(fixed.as_ref());
                for (band, rows) in standard {
                    columns = Cow::Owned(columns.with(band, &rows, &self.responses));
                }
                for mixture in &self.mixtures {
                    let system = System::of_columns(&columns, &mixture.weights);
                    mixture.add_scores(&system, &self.responses, scores)?;
                }
            }
        }
        Ok(())
    }

    fn empty_kernel(&self) -> Kernel {
        Kernel::zeros(self.responses.n_train(), self.responses.n_test())
    }
}

impl Fixed {
    fn new(
        bands: &[Prepared],
        standard: Vec<(usize, Standard)>,
        mixtures: &[Mixture],
        responses: &FoldResponses<'_>,
    ) -> Self {
        let (n_train, n_test) = (responses.n_train(), responses.n_test());
        let is_taken = |band: &usize| mixtures.iter().any(|mixture| mixture.weights[*band] > 0.0);
        // Of all bands: what one target takes changes no rounding of another.
        let columns = bands.iter().map(Prepared::n_fitted_columns).sum();
        let taken = standard.into_iter().filter(|(band, _)| is_taken(band));
        if is_over_columns(n_train, columns) {
            let mut all = Columns::none(n_train, n_test, responses.n_targets());
            for (band, rows) in taken {
                all = all.with(band, &rows, responses);
            }
            return Self::Columns(Box::new(all));
        }
        let kernels: Vec<(usize, Kernel)> = taken.map(|(band, rows)| (band, Kernel::of(rows))).collect();
        let of_mixture = |mixture: &Mixture| {
            let is_any = kernels.iter().any(|(band, _)| mixture.weights[*band] > 0.0);
            is_any.then(|| mixture.sum(Kernel::zeros(n_train, n_test), &kernels))
        };
        Self::Samples(mixtures.iter().map(of_mixture).collect())
    }
}

impl Mixture {
    /// A kernel and Σ w_b K_b.
    fn sum(&self, mut sum: Kernel, kernels: &[(usize, Kernel)]) -> Kernel {
        let active = kernels.iter().filter(|(band, _)| self.weights[*band] > 0.0);
        active.for_each(|(band, kernel)| sum.add(kernel, self.weights[*band]));
        sum
    }

    fn add_scores(
        &self,
        system: &System<'_>,
        responses: &FoldResponses<'_>,
        scores: &mut [f64],
    ) -> Result<(), EncodingError> {
        for penalty in &self.penalties {
            let predicted = system.predict(penalty.alpha, (responses, &penalty.targets))?;
            for (column, target) in penalty.targets.iter().enumerate() {
                scores[*target] += responses.correlate(*target, predicted.col_as_slice(column));
            }
        }
        Ok(())
    }
}

/// Targets by mixture and penalty in one fold.
fn group_targets(fit: &ObservedFit<'_>, fold: usize, bands: &[Prepared]) -> Vec<Mixture> {
    let mut mixtures: Vec<Mixture> = Vec::new();
    let choices = &fit.choices[fold];
    let weights: Vec<Vec<f64>> = choices.mixtures.iter().map(|mixture| weights_of(mixture, bands)).collect();
    for (target, (mixture, alpha)) in choices.mixture.iter().zip(&choices.alpha).enumerate() {
        // What has no score needs no null, and its penalty may be any.
        if fit.scores.column(target).iter().any(|score| !score.is_finite()) {
            continue;
        }
        let weights = &weights[*mixture as usize];
        let at = mixtures.iter().position(|known| known.weights == *weights).unwrap_or_else(|| {
            mixtures.push(Mixture { weights: weights.clone(), penalties: Vec::new() });
            mixtures.len() - 1
        });
        let penalties = &mut mixtures[at].penalties;
        match penalties.iter_mut().find(|known| known.alpha == *alpha) {
            Some(known) => known.targets.push(target),
            None => penalties.push(Penalty { alpha: *alpha, targets: vec![target] }),
        }
    }
    mixtures
}

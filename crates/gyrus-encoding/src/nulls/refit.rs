//! Refits every surrogate with the observed penalties and mixtures, and scores it by the same statistic.

use faer::Mat;
use gyrus_core::{Fold, Folds, TargetBlocks};
use ndarray::Array2;

use super::surrogates::{Surrogates, filtered};
use crate::EncodingError;
use crate::backend::{Backend, Factor, Real, factorise, lower_gram, product, to_mat};
use crate::ridge::{Design, Directions, FoldChoices, Prepared, Scaler, TARGET_BLOCK, weights_of};
use crate::split::Split;

/// What is refitted.
pub struct Request<'a> {
    /// The observed design, with the bands of every fit.
    pub design: &'a Design,
    /// Bands that surrogates replace; the others stay as observed.
    pub surrogate_bands: &'a [usize],
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
/// before the drift is projected out; z-scoring is its own; principal components, penalties, mixtures and folds are those
/// of the observed fit.
/// The statistic is the mean over folds of r within the fold.
///
/// # Numerics
/// Dual: per fold one kernel of the surrogate bands, and one Cholesky factor per distinct mixture and penalty of all
/// fits together, in single precision where the trace bounds the rounding of the largest eigenvalue to 1e-3 of the
/// penalty, else in double. Surrogates are independent pieces of work: the same bits on any number of threads.
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
    let scores = request.fits.iter().map(|fit| fit.scores.ncols());
    if let Some(found) = scores.chain([request.groups.len()]).find(|found| *found != n_targets) {
        return Err(EncodingError::SampleMismatch { found, expected: n_targets });
    }
    let fixed = request.design.prepare();
    // Surrogates are made from these.
    let raw = Raw::of(request);
    let observed = Observed::new(backend, request, &fixed, targets)?;
    let rows = backend.map(surrogates.count, |index| {
        let replaced = raw.replaced(request, surrogates, index);
        observed.score(&fixed, &replaced)
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
struct Raw(Vec<(usize, Mat<f32>, Option<Mat<f32>>)>);

impl Raw {
    fn of(request: &Request<'_>) -> Self {
        let of_band = |index: &usize| {
            let band = &request.design.bands[*index];
            (*index, to_mat(band.features.view()), band.ones.as_ref().map(|ones| to_mat(ones.view())))
        };
        Self(request.surrogate_bands.iter().map(of_band).collect())
    }

    /// One surrogate of every band, `None` for those that stay.
    fn replaced(
        &self,
        request: &Request<'_>,
        surrogates: &Surrogates,
        index: usize,
    ) -> Vec<Option<Prepared>> {
        let filters = surrogates.filters(&request.design.timeline, index);
        let filter = |values: &Mat<f32>| filtered(values, &request.design.timeline, &filters);
        let mut bands: Vec<Option<Prepared>> = request.design.bands.iter().map(|_| None).collect();
        for (band, features, ones) in &self.0 {
            let components = request.design.bands[*band].components;
            let ones = ones.as_ref().map(filter);
            bands[*band] = Some(Prepared::of(filter(features), ones, (components, request.design)));
        }
        bands
    }
}

/// What all surrogates share.
struct Observed<'a> {
    request: &'a Request<'a>,
    n_targets: usize,
    folds: Vec<ObservedFold>,
}

struct ObservedFold {
    /// Per band, the components of the observed features: surrogates are reduced to the same.
    directions: Vec<Option<Directions>>,
    /// Targets of all fits by distinct mixture.
    mixtures: Vec<Mixture>,
    /// Training responses less their mean, shape (n_training, n_targets).
    train: Mat<f32>,
    /// Held-out responses, z-scored and divided by the number of samples: r is a sum of products with z.
    test: Mat<f32>,
}

struct Mixture {
    weights: Vec<f64>,
    /// Weighted kernel of the bands that stay; empty if none does.
    fixed: Option<Kernel>,
    penalties: Vec<Penalty>,
}

struct Penalty {
    alpha: f64,
    /// Fit and target.
    members: Vec<(usize, usize)>,
    /// Scores that no surrogate changes, because no surrogate band takes part.
    constant: Option<Vec<f64>>,
}

/// Kernel of training rows (lower half) and of held-out with training rows.
#[derive(Clone)]
struct Kernel {
    train: Mat<f32>,
    test: Mat<f32>,
}

impl Kernel {
    fn of(band: &Prepared, directions: Option<&Directions>, split: &Split<'_>) -> Self {
        if let Some(directions) = directions {
            return Self::of(&directions.reduce(band, &split.train), None, split);
        }
        let scaler = Scaler::fit(band, &split.train);
        let (train, test) = (scaler.train(band, &split.train), scaler.held_out(band, &split.test));
        let train = train.get();
        Self { train: lower_gram(train.as_ref()), test: product(test.as_ref(), train.transpose()) }
    }

    fn add(&mut self, other: &Self, weight: f64) {
        let weight = weight as f32;
        for column in 0..self.train.ncols() {
            add_scaled(
                &mut self.train.col_as_slice_mut(column)[column..],
                &other.train.col_as_slice(column)[column..],
                weight,
            );
            add_scaled(self.test.col_as_slice_mut(column), other.test.col_as_slice(column), weight);
        }
    }
}

impl<'a> Observed<'a> {
    fn new(
        backend: &Backend,
        request: &'a Request<'a>,
        bands: &[Prepared],
        targets: &dyn TargetBlocks,
    ) -> Result<Self, EncodingError> {
        let folds = request.folds.as_slice();
        let folds = backend.map(folds.len(), |index| -> Result<ObservedFold, EncodingError> {
            let (train, test) = responses(&folds[index], targets)?;
            let split = Split::of(&folds[index])?;
            let directions = bands.iter().map(|band| Directions::of(backend, band, &split.train));
            let directions = directions.collect::<Result<_, _>>()?;
            let mixtures = group_targets(request.fits, index, bands);
            let mut fold = ObservedFold { directions, mixtures, train, test };
            fold.fix(request, bands, (index, &folds[index]))?;
            Ok(fold)
        })?;
        Ok(Self { request, n_targets: targets.n_targets(), folds })
    }

    /// Mean over folds of r, per fit and target.
    fn score(&self, fixed: &[Prepared], replaced: &[Option<Prepared>]) -> Result<Vec<f64>, EncodingError> {
        let mut scores = vec![0.0; self.request.fits.len() * self.n_targets];
        for (fold, rows) in self.folds.iter().zip(self.request.folds.as_slice()) {
            let split = Split::of(rows)?;
            let kernel = |band: &usize| {
                let features = replaced[*band].as_ref().unwrap_or(&fixed[*band]);
                (*band, Kernel::of(features, fold.directions[*band].as_ref(), &split))
            };
            let kernels: Vec<(usize, Kernel)> = self.request.surrogate_bands.iter().map(kernel).collect();
            for mixture in &fold.mixtures {
                let kernel = mixture.kernel(&kernels, fold);
                for penalty in &mixture.penalties {
                    let of_penalty = match &penalty.constant {
                        Some(constant) => constant.clone(),
                        None => fold.score_members(&kernel, penalty)?,
                    };
                    for ((fit, target), score) in penalty.members.iter().zip(of_penalty) {
                        scores[fit * self.n_targets + target] += score;
                    }
                }
            }
        }
        let folds = self.folds.len() as f64;
        scores.iter_mut().for_each(|sum| *sum /= folds);
        Ok(scores)
    }
}

impl Mixture {
    /// Σ w_b K_b; empty if no surrogate band takes part.
    fn kernel(&self, surrogates: &[(usize, Kernel)], fold: &ObservedFold) -> Kernel {
        let active: Vec<_> = surrogates.iter().filter(|(band, _)| self.weights[*band] > 0.0).collect();
        if active.is_empty() {
            return Kernel { train: Mat::zeros(0, 0), test: Mat::zeros(0, 0) };
        }
        let mut sum = self.fixed.clone().unwrap_or_else(|| fold.empty_kernel());
        active.into_iter().for_each(|(band, kernel)| sum.add(kernel, self.weights[*band]));
        sum
    }
}

impl ObservedFold {
    fn empty_kernel(&self) -> Kernel {
        let (train, test) = (self.train.nrows(), self.test.nrows());
        Kernel { train: Mat::zeros(train, train), test: Mat::zeros(test, train) }
    }

    /// Kernels and scores that surrogates leave alone.
    fn fix(
        &mut self,
        request: &Request<'_>,
        bands: &[Prepared],
        (index_of_fold, fold): (usize, &Fold),
    ) -> Result<(), EncodingError> {
        let split = Split::of(fold)?;
        let stays = |band: &usize| !request.surrogate_bands.contains(band);
        let kernel = |band: usize| Kernel::of(&bands[band], self.directions[band].as_ref(), &split);
        let kernels: Vec<(usize, Kernel)> =
            (0..bands.len()).filter(stays).map(|band| (band, kernel(band))).collect();
        let empty = self.empty_kernel();
        for mixture in &mut self.mixtures {
            if request.surrogate_bands.iter().all(|band| mixture.weights[*band] == 0.0) {
                for penalty in &mut mixture.penalties {
                    let observed =
                        |(fit, target): &(usize, usize)| request.fits[*fit].scores[(index_of_fold, *target)];
                    penalty.constant = Some(penalty.members.iter().map(observed).collect());
                }
                continue;
            }
            let active: Vec<_> = kernels.iter().filter(|(band, _)| mixture.weights[*band] > 0.0).collect();
            if !active.is_empty() {
                let mut sum = empty.clone();
                active.into_iter().for_each(|(band, kernel)| sum.add(kernel, mixture.weights[*band]));
                mixture.fixed = Some(sum);
            }
        }
        Ok(())
    }

    fn score_members(&self, kernel: &Kernel, penalty: &Penalty) -> Result<Vec<f64>, EncodingError> {
        let Kernel { train, test } = kernel;
        let mut targets: Vec<usize> = penalty.members.iter().map(|(_, target)| *target).collect();
        targets.sort_unstable();
        targets.dedup();
        let trace: f64 = (0..train.nrows()).map(|index| f64::from(train[(index, index)])).sum();
        // The trace bounds the largest eigenvalue; f32 rounding of it must stay small beside the penalty.
        let is_well_conditioned = trace * f64::from(f32::EPSILON) < 1e-3 * penalty.alpha;
        let dual = if is_well_conditioned {
            solve(&factorise(train.clone(), penalty.alpha)?, &self.train, &targets)
        } else {
            let double =
                Mat::from_fn(train.nrows(), train.ncols(), |row, column| f64::from(train[(row, column)]));
            let dual = solve(&factorise(double, penalty.alpha)?, &self.train, &targets);
            Mat::from_fn(dual.nrows(), dual.ncols(), |row, column| dual[(row, column)] as f32)
        };
        let predicted = product(test.as_ref(), dual.as_ref());
        let score = |(_, target): &(usize, usize)| {
            let column = targets.partition_point(|other| other < target);
            correlate(predicted.col_as_slice(column), self.test.col_as_slice(*target))
        };
        Ok(penalty.members.iter().map(score).collect())
    }
}

fn solve<T: Real>(factor: &Factor<T>, train: &Mat<f32>, targets: &[usize]) -> Mat<T> {
    let mut dual = Mat::from_fn(train.nrows(), targets.len(), |row, column| {
        T::of(f64::from(train[(row, targets[column])]))
    });
    factor.solve(dual.as_mut());
    dual
}

/// r of a prediction with a response that is already z-scored and divided by the number of samples.
fn correlate(predicted: &[f32], standard: &[f32]) -> f64 {
    let n = predicted.len() as f64;
    let (mut sum, mut squares, mut products) = (0.0, 0.0, 0.0);
    for (p, z) in predicted.iter().zip(standard) {
        let p = f64::from(*p);
        sum += p;
        squares += p * p;
        products += p * f64::from(*z);
    }
    let variance = squares / n - (sum / n) * (sum / n);
    if variance > 0.0 { products / variance.sqrt() } else { f64::NAN }
}

fn add_scaled(sum: &mut [f32], values: &[f32], weight: f32) {
    sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += value * weight);
}

/// Targets of all fits by mixture and penalty in one fold.
fn group_targets(fits: &[ObservedFit<'_>], fold: usize, bands: &[Prepared]) -> Vec<Mixture> {
    let mut mixtures: Vec<Mixture> = Vec::new();
    for (fit, choices) in fits.iter().map(|fit| &fit.choices[fold]).enumerate() {
        let weights: Vec<Vec<f64>> =
            choices.mixtures.iter().map(|mixture| weights_of(mixture, bands)).collect();
        for (target, (mixture, alpha)) in choices.mixture.iter().zip(&choices.alpha).enumerate() {
            let weights = &weights[*mixture as usize];
            let at = mixtures.iter().position(|known| known.weights == *weights).unwrap_or_else(|| {
                mixtures.push(Mixture { weights: weights.clone(), fixed: None, penalties: Vec::new() });
                mixtures.len() - 1
            });
            let penalties = &mut mixtures[at].penalties;
            match penalties.iter_mut().find(|known| known.alpha == *alpha) {
                Some(known) => known.members.push((fit, target)),
                None => {
                    penalties.push(Penalty { alpha: *alpha, members: vec![(fit, target)], constant: None })
                }
            }
        }
    }
    mixtures
}

/// Training responses less their mean, and held-out responses z-scored over n.
fn responses(fold: &Fold, targets: &dyn TargetBlocks) -> Result<(Mat<f32>, Mat<f32>), EncodingError> {
    let mut train = Mat::zeros(fold.train.len(), targets.n_targets());
    let mut test = Mat::zeros(fold.test.len(), targets.n_targets());
    for start in (0..targets.n_targets()).step_by(TARGET_BLOCK) {
        let block = targets.read(start..(start + TARGET_BLOCK).min(targets.n_targets()))?;
        for column in 0..block.ncols() {
            let series = block.column(column);
            let of =
                |rows: &[usize]| -> Vec<f64> { rows.iter().map(|row| f64::from(series[*row])).collect() };
            let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
            let training = of(&fold.train);
            let centre = mean(&training);
            for (row, value) in training.iter().enumerate() {
                train[(row, start + column)] = (value - centre) as f32;
            }
            let held_out = of(&fold.test);
            let centre = mean(&held_out);
            let variance = held_out.iter().map(|value| (value - centre) * (value - centre)).sum::<f64>();
            let scale = 1.0 / (variance / held_out.len() as f64).sqrt() / held_out.len() as f64;
            for (row, value) in held_out.iter().enumerate() {
                test[(row, start + column)] = ((value - centre) * scale) as f32;
            }
        }
    }
    Ok((train, test))
}

//! Refits every surrogate with the observed penalties and mixtures, and scores it by the same statistic.

use faer::Mat;
use gyrus_core::{Fold, Folds, TargetBlocks};
use ndarray::Array2;

use super::surrogates::{Surrogates, filtered};
use crate::EncodingError;
use crate::backend::{Backend, Factor, Real, factorise, product, to_mat};
use crate::ridge::{Design, FoldChoices, Prepared, TARGET_BLOCK, weights_of};

/// What is refitted.
pub struct Request<'a> {
    /// The observed design.
    pub design: &'a Design,
    /// Bands that surrogates replace; the others stay as observed.
    pub surrogate_bands: &'a [usize],
    /// The folds of the observed scores.
    pub folds: &'a Folds,
    /// The observed choices.
    pub choices: &'a [FoldChoices],
    /// The group that each target counts for (the same region in everybody, say).
    pub groups: &'a [Option<usize>],
    /// The observed score of each target; NaN where there is none.
    pub observed: &'a [f64],
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
}

/// Scores of surrogate features, refitted (Theiler et al. 1992, Physica D 58:77, for the phases).
///
/// A surrogate is C X with C circulant and orthogonal per run, applied to the delayed features of the named bands
/// before the drift is projected out; z-scoring, kernels, penalties, mixtures and folds are those of the observed fit.
/// The statistic is the mean over folds of r within the fold.
///
/// # Numerics
/// Dual: per fold one kernel, one Cholesky factor per distinct mixture and penalty, in single precision where the
/// largest eigenvalue is bounded so that its relative error stays below about 1e-3 of a solution, else double.
/// Surrogates are independent pieces of work: the same bits on any number of threads.
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
    let n_targets = targets.n_targets();
    for found in [request.observed.len(), request.groups.len()] {
        if found != n_targets {
            return Err(EncodingError::SampleMismatch { found, expected: n_targets });
        }
    }
    let fixed = request.design.prepare();
    let observed = Observed::new(backend, request, &fixed, targets)?;
    let n_groups = request.groups.iter().flatten().max().map_or(0, |group| group + 1);
    let is_scored = |target: &usize| request.observed[*target].is_finite();
    let rows = backend.map(surrogates.count, |index| {
        let replaced = replace(request, surrogates, index);
        observed.score(&fixed, &replaced)
    })?;
    let mut found = NullScores {
        group_sums: Array2::zeros((surrogates.count, n_groups)),
        group_counts: vec![0; n_groups],
        exceedances: vec![0; n_targets],
        mean: vec![0.0; n_targets],
    };
    for target in (0..n_targets).filter(is_scored) {
        if let Some(group) = request.groups[target] {
            found.group_counts[group] += 1;
        }
        for (index, scores) in rows.iter().enumerate() {
            let score = if scores[target].is_finite() { f64::from(scores[target]) } else { 0.0 };
            found.mean[target] += score / surrogates.count as f64;
            found.exceedances[target] += u32::from(score >= request.observed[target]);
            if let Some(group) = request.groups[target] {
                found.group_sums[(index, group)] += score;
            }
        }
    }
    Ok(found)
}

/// Surrogates of the named bands, `None` for those that stay.
fn replace(request: &Request<'_>, surrogates: &Surrogates, index: usize) -> Vec<Option<Prepared>> {
    let filters = surrogates.filters(&request.design.timeline, index);
    let filter = |values: &Array2<f32>| filtered(&to_mat(values.view()), &request.design.timeline, &filters);
    let of_band = |(index, band): (usize, &crate::ridge::Band)| {
        let is_replaced = request.surrogate_bands.contains(&index);
        is_replaced.then(|| Prepared::of(filter(&band.features), band.ones.as_ref().map(filter), request.design))
    };
    request.design.bands.iter().enumerate().map(of_band).collect()
}

/// What all surrogates share.
struct Observed<'a> {
    request: &'a Request<'a>,
    folds: Vec<ObservedFold>,
}

struct ObservedFold {
    /// Targets by distinct mixture and penalty.
    groups: Vec<Group>,
    /// Training responses less their mean, shape (n_training, n_targets).
    train: Mat<f32>,
    /// Held-out responses, z-scored and divided by the number of samples: r is a sum of products with z.
    test: Mat<f32>,
}

struct Group {
    weights: Vec<f64>,
    alpha: f64,
    targets: Vec<usize>,
    /// Kernels of the bands that stay: training × training and held-out × training.
    fixed: Option<std::sync::Arc<(Mat<f32>, Mat<f32>)>>,
    /// Scores that no surrogate changes, because no surrogate band takes part.
    constant: Option<Vec<f32>>,
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
            let groups = group_targets(&request.choices[index], bands);
            let mut fold = ObservedFold { groups, train, test };
            fold.fix(request, bands, &folds[index])?;
            Ok(fold)
        })?;
        Ok(Self { request, folds })
    }

    /// Mean over folds of r, per target.
    fn score(&self, fixed: &[Prepared], replaced: &[Option<Prepared>]) -> Result<Vec<f32>, EncodingError> {
        let mut scores = vec![0.0_f32; self.request.observed.len()];
        let share = 1.0 / self.folds.len() as f32;
        for (fold, rows) in self.folds.iter().zip(self.request.folds.as_slice()) {
            let kernels = SurrogateKernels::new(self.request.surrogate_bands, fixed, replaced, rows);
            for group in &fold.groups {
                let of_group = match &group.constant {
                    Some(constant) => constant.clone(),
                    None => fold.score_group(group, &kernels)?,
                };
                for (target, score) in group.targets.iter().zip(of_group) {
                    scores[*target] += score * share;
                }
            }
        }
        Ok(scores)
    }
}

/// Kernels of the replaced bands in one fold.
struct SurrogateKernels {
    bands: Vec<(usize, Mat<f32>, Mat<f32>)>,
}

impl SurrogateKernels {
    fn new(which: &[usize], fixed: &[Prepared], replaced: &[Option<Prepared>], fold: &Fold) -> Self {
        let kernel = |band: &usize| {
            let source = replaced[*band].as_ref().unwrap_or(&fixed[*band]);
            let (train, test) = source.standardised(&fold.train, &fold.test);
            (*band, product(train.as_ref(), train.transpose()), product(test.as_ref(), train.transpose()))
        };
        Self { bands: which.iter().map(kernel).collect() }
    }
}

impl ObservedFold {
    /// Kernels and scores that surrogates leave alone.
    fn fix(&mut self, request: &Request<'_>, bands: &[Prepared], fold: &Fold) -> Result<(), EncodingError> {
        let stays = |band: &usize| !request.surrogate_bands.contains(band);
        let kernels: Vec<(usize, Mat<f32>, Mat<f32>)> = (0..bands.len())
            .filter(stays)
            .map(|band| {
                let (train, test) = bands[band].standardised(&fold.train, &fold.test);
                (band, product(train.as_ref(), train.transpose()), product(test.as_ref(), train.transpose()))
            })
            .collect();
        let empty = SurrogateKernels { bands: Vec::new() };
        let mut known: Vec<(Vec<f64>, std::sync::Arc<(Mat<f32>, Mat<f32>)>)> = Vec::new();
        for index in 0..self.groups.len() {
            let weights = self.groups[index].weights.clone();
            let staying: Vec<f64> = (0..bands.len()).filter(stays).map(|band| weights[band]).collect();
            if staying.iter().any(|weight| *weight > 0.0) {
                let shared = match known.iter().find(|(known, _)| *known == staying) {
                    Some((_, shared)) => shared.clone(),
                    None => {
                        let sum = std::sync::Arc::new(weighted(&kernels, &weights, None));
                        known.push((staying, sum.clone()));
                        sum
                    }
                };
                self.groups[index].fixed = Some(shared);
            }
            if request.surrogate_bands.iter().all(|band| weights[*band] == 0.0) {
                let constant = self.score_group(&self.groups[index], &empty)?;
                self.groups[index].constant = Some(constant);
            }
        }
        Ok(())
    }

    fn score_group(&self, group: &Group, surrogate: &SurrogateKernels) -> Result<Vec<f32>, EncodingError> {
        let (train, test) = weighted(&surrogate.bands, &group.weights, group.fixed.as_deref());
        let trace: f64 = (0..train.nrows()).map(|index| f64::from(train[(index, index)])).sum();
        // The trace bounds the largest eigenvalue; f32 rounding of it must stay small beside the penalty.
        let is_well_conditioned = trace * f64::from(f32::EPSILON) < 1e-3 * group.alpha;
        let dual = if is_well_conditioned {
            solve(&factorise(train.as_ref(), group.alpha)?, &self.train, &group.targets)
        } else {
            let double = Mat::from_fn(train.nrows(), train.ncols(), |row, column| f64::from(train[(row, column)]));
            let dual = solve(&factorise(double.as_ref(), group.alpha)?, &self.train, &group.targets);
            Mat::from_fn(dual.nrows(), dual.ncols(), |row, column| dual[(row, column)] as f32)
        };
        let predicted = product(test.as_ref(), dual.as_ref());
        let score = |(column, target): (usize, &usize)| {
            correlate(predicted.col_as_slice(column), self.test.col_as_slice(*target))
        };
        Ok(group.targets.iter().enumerate().map(score).collect())
    }
}

fn solve<T: Real>(factor: &Factor<T>, train: &Mat<f32>, targets: &[usize]) -> Mat<T> {
    let mut dual =
        Mat::from_fn(train.nrows(), targets.len(), |row, column| T::of(f64::from(train[(row, targets[column])])));
    factor.solve(dual.as_mut());
    dual
}

/// r of a prediction with a response that is already z-scored and divided by the number of samples.
fn correlate(predicted: &[f32], standard: &[f32]) -> f32 {
    let n = predicted.len() as f64;
    let (mut sum, mut squares, mut products) = (0.0, 0.0, 0.0);
    for (p, z) in predicted.iter().zip(standard) {
        let p = f64::from(*p);
        sum += p;
        squares += p * p;
        products += p * f64::from(*z);
    }
    let variance = squares / n - (sum / n) * (sum / n);
    if variance > 0.0 { (products / variance.sqrt()) as f32 } else { f32::NAN }
}

/// Σ w_b (K_b, E_b) over some bands, added to what is there.
fn weighted(
    bands: &[(usize, Mat<f32>, Mat<f32>)],
    weights: &[f64],
    start: Option<&(Mat<f32>, Mat<f32>)>,
) -> (Mat<f32>, Mat<f32>) {
    let mut sum = start.cloned();
    for (band, train, test) in bands {
        let weight = weights[*band] as f32;
        match &mut sum {
            None => sum = Some((scaled(train, weight), scaled(test, weight))),
            Some((train_sum, test_sum)) if weight > 0.0 => {
                add_scaled(train_sum, train, weight);
                add_scaled(test_sum, test, weight);
            }
            Some(_) => {}
        }
    }
    sum.unwrap_or_else(|| (Mat::zeros(0, 0), Mat::zeros(0, 0)))
}

fn scaled(values: &Mat<f32>, weight: f32) -> Mat<f32> {
    Mat::from_fn(values.nrows(), values.ncols(), |row, column| values[(row, column)] * weight)
}

fn add_scaled(sum: &mut Mat<f32>, values: &Mat<f32>, weight: f32) {
    for column in 0..sum.ncols() {
        let values = values.col_as_slice(column);
        for (sum, value) in sum.col_as_slice_mut(column).iter_mut().zip(values) {
            *sum += value * weight;
        }
    }
}

fn group_targets(choices: &FoldChoices, bands: &[Prepared]) -> Vec<Group> {
    let mut groups: Vec<(u32, f64, Group)> = Vec::new();
    for (target, (mixture, alpha)) in choices.mixture.iter().zip(&choices.alpha).enumerate() {
        match groups.iter_mut().find(|(known, penalty, _)| known == mixture && penalty == alpha) {
            Some((_, _, group)) => group.targets.push(target),
            None => {
                let weights = weights_of(&choices.mixtures[*mixture as usize], bands);
                let group = Group { weights, alpha: *alpha, targets: vec![target], fixed: None, constant: None };
                groups.push((*mixture, *alpha, group));
            }
        }
    }
    groups.into_iter().map(|(_, _, group)| group).collect()
}

/// Training responses less their mean, and held-out responses z-scored over n.
fn responses(fold: &Fold, targets: &dyn TargetBlocks) -> Result<(Mat<f32>, Mat<f32>), EncodingError> {
    let mut train = Mat::zeros(fold.train.len(), targets.n_targets());
    let mut test = Mat::zeros(fold.test.len(), targets.n_targets());
    for start in (0..targets.n_targets()).step_by(TARGET_BLOCK) {
        let block = targets.read(start..(start + TARGET_BLOCK).min(targets.n_targets()))?;
        for column in 0..block.ncols() {
            let series = block.column(column);
            let of = |rows: &[usize]| -> Vec<f64> { rows.iter().map(|row| f64::from(series[*row])).collect() };
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

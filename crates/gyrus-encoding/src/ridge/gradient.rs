//! New mixtures beside those that targets chose, down the slope of their validation error.
//!
//! With w_b what band b counts, p = K_v c the prediction of validation rows, c = (K + α)⁻¹ y, r = p − y and
//! u = (K + α)⁻¹ K_vᵀ r: ∂‖r‖² / ∂ log w_b = 2 w_b (rᵀ Z_vb − uᵀ Z_b) Z_bᵀ c. Slopes only propose: what is proposed is judged
//! like every other mixture, and a target takes it only where its error is smaller.

use faer::Mat;
use gyrus_core::TargetBlocks;

use super::blocks::{self, Stretches};
use super::cross_validation::Judged;
use super::design::weights_of;
use super::solver::{Solver, Standardised};
use super::standardise::Prepared;
use super::sums::dot;
use crate::EncodingError;
use crate::backend::Backend;
use crate::split::InnerSplit;
use crate::split::sealed::Indices;

/// Mixtures that a round starts from: those that most targets chose.
const STARTS: usize = 16;
/// Groups of targets that a round goes along with: those that may gain most.
const GROUPS: usize = 8;
/// How far the logarithm of a weight moves at most in the first round, and what is left of that in each later one.
const STEP: (f64, f64) = (2.0, 0.7);

/// Targets that started from the same mixture and want more of the same band.
struct Group {
    mixture: usize,
    /// Σ over its targets of the relative slope times its direction.
    direction: Vec<f64>,
    /// Σ over its targets of the relative slope.
    gain: f64,
}

/// Mixtures to judge next, in a fixed order; none where every target took a single band.
///
/// # Errors
/// - [`EncodingError::Decomposition`] if a decomposition cannot be trusted, and if targets cannot be read.
pub(super) fn propose(
    backend: &Backend,
    bands: &[Prepared],
    splits: &[InnerSplit<'_>],
    (judged, round): (&Judged, usize),
    targets: &dyn TargetBlocks,
) -> Result<Vec<Vec<f64>>, EncodingError> {
    let starts = starts(judged);
    if starts.is_empty() {
        return Ok(Vec::new());
    }
    let standardised = backend.map(splits.len(), |fold| -> Result<_, EncodingError> {
        Ok(Standardised::new(bands, &splits[fold].train, &splits[fold].validation))
    })?;
    let mut groups = Vec::new();
    for mixture in starts {
        let weights = weights_of(&judged.mixtures[mixture], bands);
        let folds = backend.map(splits.len(), |fold| -> Result<_, EncodingError> {
            let solver = Solver::new(backend, &standardised[fold], &weights)?;
            Ok(FoldSlopes {
                solver,
                standardised: &standardised[fold],
                weights: &weights,
                split: &splits[fold],
            })
        })?;
        let slopes = slopes_of(mixture, backend, &folds, (judged, targets))?;
        groups.extend(grouped(mixture, &judged.mixtures[mixture], &slopes));
    }
    // Those that gain most first; where two gain the same, in the order of the search.
    groups.sort_by(|one, other| other.gain.total_cmp(&one.gain));
    let step = STEP.0 * libm::pow(STEP.1, round as f64);
    let along = |group: &Group| {
        [step, step / 3.0].map(|step| moved(&judged.mixtures[group.mixture], &group.direction, step))
    };
    Ok(groups.iter().take(GROUPS).flat_map(along).collect())
}

/// Slopes of the targets that chose a mixture.
fn slopes_of(
    mixture: usize,
    backend: &Backend,
    folds: &[FoldSlopes<'_>],
    (judged, targets): (&Judged, &dyn TargetBlocks),
) -> Result<Vec<Slope>, EncodingError> {
    let ranges = blocks::ranges(targets);
    let slopes = backend.map(ranges.len(), |block| {
        let range = ranges[block].clone();
        let members: Vec<usize> = range.clone().filter(|target| judged.chose(*target, mixture)).collect();
        if members.is_empty() {
            return Ok(Vec::new());
        }
        let columns = blocks::read(targets, range.clone())?;
        let alphas: Vec<f64> = members.iter().map(|target| judged.alpha[*target]).collect();
        let columns = gathered(&columns, members.iter().map(|target| target - range.start));
        Ok(total(folds.iter().map(|fold| fold.of(&columns, &alphas))))
    })?;
    Ok(slopes.concat())
}

impl Judged {
    /// Whether a target with a score chose a mixture.
    fn chose(&self, target: usize, mixture: usize) -> bool {
        self.mixture[target] as usize == mixture && self.score[target].is_finite()
    }
}

/// The mixtures of several bands that most targets chose.
fn starts(judged: &Judged) -> Vec<usize> {
    let mixtures = &judged.mixtures;
    let mut counts = vec![0_usize; mixtures.len()];
    for (target, mixture) in judged.mixture.iter().enumerate() {
        counts[*mixture as usize] += usize::from(judged.chose(target, *mixture as usize));
    }
    let is_mixed = |mixture: &usize| mixtures[*mixture].iter().filter(|weight| **weight > 0.0).count() > 1;
    let mut found: Vec<usize> =
        (0..mixtures.len()).filter(|mixture| counts[*mixture] > 0).filter(is_mixed).collect();
    found.sort_by_key(|mixture| std::cmp::Reverse(counts[*mixture]));
    found.truncate(STARTS);
    found
}

fn gathered(block: &Mat<f32>, columns: impl ExactSizeIterator<Item = usize>) -> Mat<f32> {
    let mut out = Mat::zeros(block.nrows(), columns.len());
    for (to, from) in columns.enumerate() {
        out.col_as_slice_mut(to).copy_from_slice(block.col_as_slice(from));
    }
    out
}

/// Of one target: Σ over validation rows of r², and its slope along the logarithm of each band's weight.
#[derive(Debug, Clone, PartialEq)]
struct Slope {
    error: f64,
    bands: Vec<f64>,
}

/// An inner fold, decomposed with one mixture.
struct FoldSlopes<'a> {
    solver: Solver,
    standardised: &'a Standardised,
    weights: &'a [f64],
    split: &'a InnerSplit<'a>,
}

impl FoldSlopes<'_> {
    /// Slopes of some targets, each at its penalty.
    fn of(&self, block: &Mat<f32>, alphas: &[f64]) -> Vec<Slope> {
        let train = self.split.train.get().indices();
        let means = blocks::means(block, &Stretches::of(train));
        let y = blocks::less(block, train, &means);
        let mut residuals = blocks::less(block, self.split.validation.indices(), &means);
        let dual = self.solver.dual(&y, alphas);
        for target in 0..alphas.len() {
            let predicted = dual.predicted.col_as_slice(target);
            let residuals = residuals.col_as_slice_mut(target).iter_mut();
            residuals.zip(predicted).for_each(|(residual, predicted)| *residual = predicted - *residual);
        }
        let back = self.solver.back(&residuals, alphas);
        let mut slopes: Vec<Slope> = (0..alphas.len())
            .map(|target| {
                let residuals = residuals.col_as_slice(target);
                Slope { error: dot(residuals, residuals), bands: Vec::with_capacity(self.weights.len()) }
            })
            .collect();
        for (band, weight) in self.weights.iter().enumerate() {
            let forms = match weight {
                0.0 => vec![0.0; alphas.len()],
                _ => self.standardised.forms(band, (&dual.coefficients, &back), &residuals),
            };
            slopes.iter_mut().zip(forms).for_each(|(slope, form)| slope.bands.push(2.0 * weight * form));
        }
        slopes
    }
}

fn total(folds: impl Iterator<Item = Vec<Slope>>) -> Vec<Slope> {
    let add = |mut sum: Vec<Slope>, fold: Vec<Slope>| {
        for (sum, slope) in sum.iter_mut().zip(fold) {
            sum.error += slope.error;
            sum.bands.iter_mut().zip(slope.bands).for_each(|(sum, slope)| *sum += slope);
        }
        sum
    };
    folds.reduce(add).unwrap_or_default()
}

/// The targets of one mixture by the band that each wants more of.
fn grouped(mixture: usize, weights: &[f64], slopes: &[Slope]) -> Vec<Group> {
    let active: Vec<usize> = (0..weights.len()).filter(|band| weights[*band] > 0.0).collect();
    let mut groups: Vec<Group> =
        active.iter().map(|_| Group { mixture, direction: vec![0.0; weights.len()], gain: 0.0 }).collect();
    for slope in slopes {
        // The weights' common scale is the penalty's business.
        let mean = active.iter().map(|band| slope.bands[*band]).sum::<f64>() / active.len() as f64;
        let downhill = |band: usize| mean - slope.bands[band];
        let largest = (0..active.len()).max_by(|a, b| downhill(active[*a]).total_cmp(&downhill(active[*b])));
        let Some(group) = largest.map(|index| &mut groups[index]) else { continue };
        let steepest = active.iter().fold(0.0_f64, |most, band| most.max(downhill(*band).abs()));
        let gain = steepest / slope.error;
        if gain > 0.0 && gain.is_finite() {
            active.iter().for_each(|band| group.direction[*band] += downhill(*band) / slope.error);
            group.gain += gain;
        }
    }
    groups.retain(|group| group.gain > 0.0);
    groups
}

/// γ_b exp(step · d_b / max |d|), with sum 1.
fn moved(mixture: &[f64], direction: &[f64], step: f64) -> Vec<f64> {
    let largest = direction.iter().fold(f64::MIN_POSITIVE, |most, value| most.max(value.abs()));
    let weight = |(weight, direction): (&f64, &f64)| weight * libm::exp(step * direction / largest);
    let moved: Vec<f64> = mixture.iter().zip(direction).map(weight).collect();
    let sum: f64 = moved.iter().sum();
    moved.iter().map(|weight| weight / sum).collect()
}

#[cfg(test)]
mod tests {
    use gyrus_core::Fold;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{Rng, SeedableRng};

    use super::*;
    use crate::split::{Split, Train};

    fn random(rows: usize, columns: usize, seed: u64) -> Mat<f32> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        Mat::from_fn(rows, columns, |_, _| (random.next_u32() as f32 / u32::MAX as f32) - 0.5)
    }

    /// Against differences of the error itself, with columns fewer and more than rows.
    #[test]
    fn slopes_are_those_of_the_error() {
        let backend = crate::backend::on_one_thread();
        let all = Fold { train: (0..60).collect(), test: Vec::new() };
        let inner = [Fold { train: (0..45).collect(), test: (45..60).collect() }];
        let train: Train<_> = Split::of(&all).unwrap().train;
        let splits = train.divide(&inner).unwrap();
        for (widths, is_shared) in
            [([4, 9, 6], false), ([50, 8, 70], false), ([3, 80, 2], false), ([50, 8, 70], true)]
        {
            let bands: Vec<Prepared> =
                (0..3).map(|band| Prepared::centred_only(random(60, widths[band], band as u64))).collect();
            if is_shared {
                bands.iter().for_each(|band| band.share_kernel(&backend).unwrap());
                assert!(bands[2].shared_kernel().is_some());
            }
            let block = random(60, 5, 9);
            let alphas = [0.3, 1.0, 3.0, 10.0, 30.0];
            let standardised = Standardised::new(&bands, &splits[0].train, &splits[0].validation);
            let slopes = |weights: &[f64]| {
                let solver = Solver::new(&backend, &standardised, weights).unwrap();
                FoldSlopes { solver, standardised: &standardised, weights, split: &splits[0] }
                    .of(&block, &alphas)
            };
            let weights = [0.5, 1.5, 1.0];
            let found = slopes(&weights);
            let all = found.iter().flat_map(|slope| slope.bands.iter().map(|band| band.abs() / slope.error));
            assert!(all.fold(0.0, f64::max) > 0.02, "{widths:?}: ten times what may differ below");
            for band in 0..3 {
                let beside = |by: f64| {
                    let mut weights = weights;
                    weights[band] *= libm::exp(by);
                    slopes(&weights)
                };
                let (above, below) = (beside(0.02), beside(-0.02));
                for target in 0..5 {
                    let expected = (above[target].error - below[target].error) / 0.04;
                    let difference = (found[target].bands[band] - expected).abs();
                    assert!(
                        difference < 2e-3 * found[target].error,
                        "{widths:?}, band {band}, target {target}: {} and {expected}",
                        found[target].bands[band]
                    );
                }
            }
            let none = slopes(&[0.0, 1.0, 1.0]);
            assert!(none.iter().all(|slope| slope.bands[0] == 0.0));
        }
    }

    #[test]
    fn targets_go_where_they_gain_most_and_keep_to_their_bands() {
        let slope = |error: f64, bands: [f64; 3]| Slope { error, bands: bands.to_vec() };
        // Two targets want more of band 0, one of band 2; one knows nothing; band 1 takes no part.
        let slopes = [
            slope(1.0, [-4.0, 0.0, 2.0]),
            slope(2.0, [-1.0, 0.0, 1.0]),
            slope(1.0, [0.5, 0.0, -0.5]),
            slope(0.0, [0.0; 3]),
            slope(0.0, [1.0, 0.0, -1.0]),
        ];
        let groups = grouped(7, &[0.4, 0.0, 0.6], &slopes);
        assert_eq!(groups.len(), 2);
        assert!(groups.iter().all(|group| group.mixture == 7 && group.direction[1] == 0.0));
        assert!((groups[0].gain - 3.5).abs() < 1e-12 && (groups[1].gain - 0.5).abs() < 1e-12);
        assert_eq!(groups[0].direction, [3.5, 0.0, -3.5]);
        // Nobody wants more of the band in the middle: it has no group.
        assert_eq!(grouped(7, &[0.3; 3], &[slope(1.0, [-3.0, 1.0, 2.0])]).len(), 1);
        let moved = moved(&[0.4, 0.0, 0.6], &groups[0].direction, libm::log(2.0));
        assert!(
            (moved[0] - 0.8 / 1.1).abs() < 1e-12 && moved[1] == 0.0 && (moved[2] - 0.3 / 1.1).abs() < 1e-12
        );
    }

    #[test]
    fn rounds_start_from_the_mixtures_of_several_bands_that_most_targets_chose() {
        let mut judged = Judged {
            mixtures: vec![vec![1.0, 0.0], vec![0.5, 0.5], vec![0.2, 0.8], vec![0.3, 0.7]],
            mixture: vec![0, 0, 0, 1, 2, 2, 3, 3],
            alpha: vec![1.0; 8],
            place: vec![crate::ridge::Place::Inside; 8],
            score: vec![0.1; 8],
        };
        assert_eq!(starts(&judged), [2, 3, 1]);
        // Targets without a score, as constant ones, do not count.
        judged.score[3] = f64::NAN;
        judged.score[4] = f64::NAN;
        assert_eq!(starts(&judged), [3, 2]);
        let fold = |error: f64, bands: [f64; 2]| vec![Slope { error, bands: bands.to_vec() }];
        let sum = total([fold(1.0, [2.0, 3.0]), fold(4.0, [5.0, 7.0]), fold(0.5, [1.0, 1.0])].into_iter());
        assert_eq!(sum, fold(5.5, [8.0, 11.0]));
    }

    /// Two bands: log γ₀ / γ₁ moves by two steps, up or down.
    #[test]
    fn a_round_moves_by_its_step_and_a_third_of_it_in_every_block_of_targets() {
        let backend = crate::backend::on_one_thread();
        let all = Fold { train: (0..40).collect(), test: Vec::new() };
        let inner = [Fold { train: (0..30).collect(), test: (30..40).collect() }];
        let train: Train<_> = Split::of(&all).unwrap().train;
        let splits = train.divide(&inner).unwrap();
        let bands = [random(40, 3, 1), random(40, 5, 2)].map(Prepared::centred_only);
        let responses = random(40, 1030, 3);
        // The last targets lie in a second block, and are those of the first again.
        let targets = gyrus_core::InMemory(ndarray::Array2::from_shape_fn((40, 1030), |(row, target)| {
            responses[(row, target % 1000)]
        }));
        let mut judged = Judged {
            mixtures: vec![vec![0.4, 0.6]],
            mixture: vec![0; 1030],
            alpha: vec![2.0; 1030],
            place: vec![crate::ridge::Place::Inside; 1030],
            score: vec![0.1; 1030],
        };
        for (round, step) in [(0, 2.0), (1, 1.4), (2, 0.98)] {
            let found = propose(&backend, &bands, &splits, (&judged, round), &targets).unwrap();
            assert_eq!(found.len(), 4, "two groups, a step and a third of it each");
            for (mixture, step) in found.iter().zip([step, step / 3.0, step, step / 3.0]) {
                let moved = libm::log(mixture[0] / mixture[1]) - libm::log(0.4 / 0.6);
                assert!((moved.abs() - 2.0 * step).abs() < 1e-9, "round {round}: {moved}");
            }
        }
        let standardised = Standardised::new(&bands, &splits[0].train, &splits[0].validation);
        let weights = weights_of(&judged.mixtures[0], &bands);
        let solver = Solver::new(&backend, &standardised, &weights).unwrap();
        let fold = FoldSlopes { solver, standardised: &standardised, weights: &weights, split: &splits[0] };
        judged.score[7] = f64::NAN;
        let slopes = slopes_of(0, &backend, &[fold], (&judged, &targets)).unwrap();
        assert_eq!(slopes.len(), 1029);
        for target in 8..30 {
            assert_eq!(slopes[target - 1], slopes[target + 999], "target {target} and itself again");
        }
    }
}

//! Refits of surrogates against dense solves: over samples and over columns, with bands that stay.

use gyrus_core::{FoldRule, Folds, InMemory, Timeline};
use gyrus_encoding::nulls::{self, NullKind, NullScores, ObservedFit, Request, Surrogates};
use gyrus_encoding::ridge::{Design, FoldChoices};
use gyrus_encoding::statistics::NormalExcess;
use ndarray::{Array2, Axis, concatenate};

use super::naive;
use super::simulate::{Random, backend, design, fit, folds, settings};

const SAMPLES: usize = 120;
const ALPHAS: [f64; 3] = [1e-3, 10.0, 1e3];

/// Mixtures of two bands: both, the second alone, the first alone.
const MIXTURES: [[f64; 2]; 3] = [[0.3, 0.7], [0.0, 1.0], [1.0, 0.0]];

fn alpha(target: usize) -> f64 {
    ALPHAS[target / 3 % 3]
}

fn refit(design: &Design, choices: &FoldChoices, responses: &Array2<f32>, band: usize) -> NullScores {
    let folds = folds(SAMPLES, 2);
    let choices = vec![choices.clone(); folds.len()];
    let scores = Array2::from_elem((folds.len(), responses.ncols()), 0.125);
    let groups: Vec<Option<usize>> = (0..responses.ncols()).map(Some).collect();
    let request = Request {
        design,
        surrogate_bands: &[band],
        given: &[],
        folds: &folds,
        groups: &groups,
        fit: ObservedFit { choices: &choices, scores: &scores },
        again: None,
    };
    let surrogates = Surrogates { kind: NullKind::Phase, count: 5, seed: 2 };
    nulls::refit(&backend(2), &request, &InMemory(responses.clone()), &surrogates).unwrap()
}

fn correlation(a: ndarray::ArrayView1<'_, f64>, b: ndarray::ArrayView1<'_, f64>) -> f64 {
    let (a, b) = (&a - a.mean().unwrap(), &b - b.mean().unwrap());
    a.dot(&b) / (a.dot(&a) * b.dot(&b)).sqrt()
}

/// Mean over folds of r by dense solves, of the features as they are.
fn by_hand(bands: [&Array2<f32>; 2], responses: &Array2<f32>) -> Vec<f64> {
    let columns = bands.map(|band| band.ncols() as f64);
    let x = concatenate(Axis(1), &bands.map(|band| band.view())).unwrap().mapv(f64::from);
    let folds = folds(SAMPLES, 2);
    let score = |target: usize| {
        let mixture = MIXTURES[target % 3];
        let total = mixture[0] * columns[0] + mixture[1] * columns[1];
        let weight = |column: usize| {
            let band = usize::from(column as f64 >= columns[0]);
            (total * mixture[band] / columns[band]).sqrt()
        };
        let y = responses.column(target).mapv(f64::from).insert_axis(Axis(1));
        let of_fold = |fold| {
            let (predicted, observed) = naive::predict_weighted(&x, &y, fold, (alpha(target), &weight));
            correlation(predicted.column(0), observed.column(0))
        };
        folds.as_slice().iter().map(of_fold).sum::<f64>() / folds.len() as f64
    };
    (0..responses.ncols()).map(score).collect()
}

/// Runs of one sample have one surrogate each, themselves: every refit is the observed fit.
#[test]
fn a_surrogate_that_changes_nothing_scores_as_a_dense_solve() {
    for width in [7, 300] {
        let mut random = Random::new(width as u64);
        let (stays, layer) = (random.matrix(SAMPLES, 4) * 3.0 + 1.0, random.graded(SAMPLES, width, 2.0));
        let y = (random.responses(&layer, 9, 1.0) + random.responses(&stays, 9, 0.1)) * 1e-2 + 50.0;
        let mut of_bands = design(&[&stays, &layer]);
        of_bands.timeline = Timeline::new((0..SAMPLES).map(|sample| (1, format!("run {sample}"))));
        let choices = FoldChoices {
            mixtures: MIXTURES.map(Vec::from).to_vec(),
            mixture: (0..9).map(|target| target % 3).collect(),
            alpha: (0..9).map(alpha).collect(),
        };
        let found = refit(&of_bands, &choices, &y, 1);
        let expected = by_hand([&stays, &layer], &y);
        for (target, expected) in expected.into_iter().enumerate() {
            for surrogate in found.group_sums.column(target) {
                // Without the layer nothing is refitted: what was observed stays.
                let expected = if target % 3 == 2 { 0.125 } else { expected };
                assert!((surrogate - expected).abs() < 2e-4, "{width}, {target}: {surrogate}, {expected}");
            }
        }
    }
}

/// Columns that never change are no features: with enough of them the same refits run over samples. Where the features are few the
/// kernel is singular, and only penalties well above its rounding can agree.
#[test]
fn over_columns_and_over_samples_scores_are_the_same() {
    let mut random = Random::new(5);
    let layer = random.matrix(SAMPLES, 11);
    let y = random.responses(&layer, 6, 1.0);
    let wide = concatenate(Axis(1), &[layer.view(), Array2::from_elem((SAMPLES, 200), 0.3).view()]).unwrap();
    let choices =
        FoldChoices { mixtures: vec![vec![1.0]], mixture: vec![0; 6], alpha: (3..9).map(alpha).collect() };
    let [narrow, wide] = [&layer, &wide].map(|features| refit(&design(&[features]), &choices, &y, 0));
    assert_ne!(narrow, wide, "the same arithmetic twice shows nothing");
    for (a, b) in narrow.group_sums.iter().zip(&wide.group_sums) {
        assert!((a - b).abs() < 1e-4, "{a} {b}");
    }
    assert!(narrow.group_sums.iter().any(|score| score.abs() > 0.05));
}

/// What has no score has no null, and spoils nobody else's: neither a response that is NaN, nor a penalty below what a kernel of columns that
/// repeat each other can bear.
#[test]
fn what_has_no_score_is_left_out() {
    let mut random = Random::new(9);
    let few = random.matrix(SAMPLES, 5);
    let layer = concatenate(Axis(1), &vec![few.view(); 40]).unwrap();
    let y = random.responses(&layer, 3, 1.0);
    let mut holed = y.clone();
    holed.column_mut(1).fill(f32::NAN);
    let folds = folds(SAMPLES, 2);
    let found = |y: &Array2<f32>, unscored: Option<usize>| {
        let alpha = vec![10.0, 1e-9, 1e-7];
        let choices = FoldChoices { mixtures: vec![vec![1.0]], mixture: vec![0; 3], alpha };
        let choices = vec![choices; folds.len()];
        let mut scores = Array2::from_elem((folds.len(), 3), 0.1);
        unscored.into_iter().for_each(|target| scores.column_mut(target).fill(f64::NAN));
        let request = Request {
            design: &design(&[&layer]),
            surrogate_bands: &[0],
            given: &[],
            folds: &folds,
            groups: &[Some(0), Some(1), Some(2)],
            fit: ObservedFit { choices: &choices, scores: &scores },
            again: None,
        };
        let surrogates = Surrogates { kind: NullKind::Phase, count: 3, seed: 4 };
        nulls::refit(&backend(1), &request, &InMemory(y.clone()), &surrogates).unwrap()
    };
    let (whole, holed) = (found(&y, None), found(&holed, Some(1)));
    for target in [0, 2] {
        assert_eq!(whole.group_sums.column(target), holed.group_sums.column(target));
        assert!(whole.group_sums.column(target).iter().all(|score| score.is_finite() && *score != 0.0));
    }
    assert_eq!(holed.group_counts, [1, 0, 1]);
}

/// One band, the same in every target.
fn alone(alpha: Vec<f64>) -> FoldChoices {
    FoldChoices { mixtures: vec![vec![1.0]], mixture: vec![0; alpha.len()], alpha }
}

/// Two fits of one band with other penalties and other observed scores.
#[test]
fn counts_and_means_are_those_of_the_surrogates_of_each_fit() {
    let mut random = Random::new(13);
    let layer = random.matrix(SAMPLES, 4);
    let y = InMemory(random.matrix(SAMPLES, 6));
    let of_design = design(&[&layer]);
    let folds = folds(SAMPLES, 2);
    let scores = [1.0, -0.5].map(|scale| {
        Array2::from_shape_fn((4, 6), |(fold, target)| {
            scale * (0.05 * target as f64 - 0.1 + 0.07 * fold as f64)
        })
    });
    let choices = [1.0, 1e4].map(|alpha| vec![alone(vec![alpha; 6]); folds.len()]);
    let groups: Vec<Option<usize>> = (0..6).map(Some).collect();
    let refit = |index: usize| {
        let fit = ObservedFit { choices: &choices[index], scores: &scores[index] };
        let (design, folds, groups) = (&of_design, &folds, &groups);
        let request = Request { design, surrogate_bands: &[0], given: &[], folds, groups, fit, again: None };
        let surrogates = Surrogates { kind: NullKind::Phase, count: 60, seed: 4 };
        nulls::refit(&backend(2), &request, &y, &surrogates).unwrap()
    };
    let both = [refit(0), refit(1)];
    for (index, found) in both.iter().enumerate() {
        for target in 0..6 {
            let surrogates = found.group_sums.column(target);
            let observed = scores[index].column(target).mean().unwrap();
            let reached = surrogates.iter().filter(|score| **score >= observed).count();
            assert_eq!(found.exceedances[target] as usize, reached, "{index}, {target}");
            assert!((found.mean[target] - surrogates.mean().unwrap()).abs() < 1e-12);
            let excess = NormalExcess::new(60).of(observed, &surrogates.to_vec());
            assert!(
                (found.normal_excess[target] - excess).abs() < 1e-9,
                "{index}, {target}: {excess} {found:?}"
            );
        }
        assert!(found.exceedances.iter().any(|count| (5..55).contains(count)), "{:?}", found.exceedances);
    }
    let difference = &both[0].group_sums - &both[1].group_sums;
    assert!(difference.iter().any(|difference| difference.abs() > 0.01), "penalties of their own");
}

/// Columns that differ by 3·10⁻⁴ of themselves, and a penalty below the rounding of their Gram matrix in single precision.
#[test]
fn small_penalties_are_solved_in_double_precision() {
    let mut random = Random::new(11);
    let mut layer = random.matrix(SAMPLES, 6);
    for pair in 0..3 {
        let near = &layer.column(2 * pair) + &layer.column(2 * pair + 1) * 3e-4;
        layer.column_mut(2 * pair + 1).assign(&near);
    }
    let mut y = random.matrix(SAMPLES, 4) * 0.5;
    for (target, mut column) in y.columns_mut().into_iter().enumerate() {
        for pair in 0..3 {
            let apart = (&layer.column(2 * pair + 1) - &layer.column(2 * pair)) / 3e-4;
            let sign = if (target + pair) % 2 == 0 { 1.0 } else { -1.0 };
            column += &(&apart * sign + layer.column(2 * pair));
        }
    }
    let mut of_design = design(&[&layer]);
    of_design.timeline = Timeline::new((0..SAMPLES).map(|sample| (1, format!("run {sample}"))));
    let found = refit(&of_design, &alone(vec![1e-6; 4]), &y, 0);
    let (x, y) = (layer.mapv(f64::from), y.mapv(f64::from));
    let folds = folds(SAMPLES, 2);
    let of_fold = |fold: &gyrus_core::Fold| {
        let (predicted, observed) = naive::predict(&x, &y, fold, 1e-6);
        Array2::from_shape_fn((1, 4), |(_, target)| {
            correlation(predicted.column(target), observed.column(target))
        })
    };
    let zeros = Array2::<f64>::zeros((1, 4));
    let expected = folds.as_slice().iter().map(of_fold).fold(zeros, |sum, of| sum + of) / 4.0;
    for target in 0..4 {
        let (found, expected) = (found.group_sums[(0, target)], expected[(0, target)]);
        assert!((found - expected).abs() < 5e-4, "{target}: {found}, {expected}");
    }
}

/// Forty copies of a column with a penalty well above the rounding of their kernel are the column with a fortieth of it.
#[test]
fn columns_that_repeat_each_other_score_as_one() {
    let mut random = Random::new(12);
    let few = random.matrix(SAMPLES, 5);
    let many = concatenate(Axis(1), &vec![few.view(); 40]).unwrap();
    let y = random.matrix(SAMPLES, 3);
    // The last are far below what single precision of the kernel resolves.
    for alphas in [[4000.0, 400.0, 40.0], [0.4, 0.004, 4e-5]] {
        let fewer = alphas.map(|alpha| alpha / 40.0).to_vec();
        let expected = refit(&design(&[&few]), &alone(fewer), &y, 0);
        let found = refit(&design(&[&many]), &alone(alphas.to_vec()), &y, 0);
        for (found, expected) in found.group_sums.iter().zip(&expected.group_sums) {
            assert!((found - expected).abs() < 1e-3, "{alphas:?}: {found} {expected}");
        }
    }
}

/// A penalty that even double precision of a kernel of repeated columns does not resolve is no error: the smallest that it does stands for it,
/// and that is least squares.
#[test]
fn a_penalty_below_all_rounding_is_least_squares() {
    let mut random = Random::new(14);
    let few = random.graded(SAMPLES, 5, 1.0);
    let many = concatenate(Axis(1), &vec![few.view(); 40]).unwrap();
    let y = random.responses(&few, 3, 1.0);
    let expected = refit(&design(&[&few]), &alone(vec![1e-6; 3]), &y, 0);
    let found = refit(&design(&[&many]), &alone(vec![1e-15; 3]), &y, 0);
    // Over columns: fewer of them than training rows.
    let twice = concatenate(Axis(1), &[few.view(), few.view()]).unwrap();
    let over_columns = refit(&design(&[&twice]), &alone(vec![1e-15; 3]), &y, 0);
    let shrunk = refit(&design(&[&few]), &alone(vec![1e4; 3]), &y, 0);
    let apart = |a: &NullScores, b: &NullScores| largest_difference(&a.group_sums, &b.group_sums);
    for found in [&found, &over_columns] {
        assert!(apart(found, &expected) < 1e-3, "{}", apart(found, &expected));
    }
    assert!(apart(&shrunk, &expected) > 1e-2, "the penalty matters: {}", apart(&shrunk, &expected));
}

/// Samples enough for inner folds.
const LONG: usize = 240;

/// Surrogates of a layer that every target takes in place of the baseline, beside the scores of the layer as it is.
fn in_its_place(
    bands: &[&Array2<f32>; 2],
    y: &Array2<f32>,
    (folds, given): (&Folds, &[usize]),
) -> NullScores {
    let mut design = design(bands);
    design.timeline = folds.timeline().clone();
    let mixtures = vec![vec![0.0, 1.0]];
    let of_fold =
        FoldChoices { mixtures: mixtures.clone(), mixture: vec![0; y.ncols()], alpha: vec![10.0; y.ncols()] };
    let choices = vec![of_fold; folds.len()];
    // One fit with the same penalty gives the observed scores.
    let mut asked = settings(&[10.0]);
    asked.mixtures = gyrus_encoding::ridge::Mixtures::Same(mixtures);
    let fitted = fit(&backend(2), &design, folds, &asked, &InMemory(y.clone())).unwrap();
    let declared = |values: &Array2<f32>| gyrus_encoding::Test::declared(values.clone());
    let scores =
        gyrus_encoding::scores::correlation(&declared(&fitted.predictions), &declared(y), folds).unwrap();
    let groups: Vec<Option<usize>> = (0..y.ncols()).map(Some).collect();
    let request = Request {
        design: &design,
        surrogate_bands: &[1],
        given,
        folds,
        groups: &groups,
        fit: ObservedFit { choices: &choices, scores: &scores.correlation },
        again: None,
    };
    let surrogates = Surrogates { kind: NullKind::Phase, count: 99, seed: 3 };
    nulls::refit(&backend(2), &request, &InMemory(y.clone()), &surrogates).unwrap()
}

/// The layer is the baseline in other units, and a little noise. What both say is not lost where the baseline is given, so that
/// surrogates score as observed; what only the layer says is lost. A named test set holds out some samples only.
#[test]
fn what_given_bands_predict_of_a_layer_stays_in_its_surrogates() {
    let mut random = Random::new(21);
    let (baseline, own) = (random.matrix(LONG, 3), random.matrix(LONG, 4));
    let turned = baseline.dot(&random.matrix(3, 5)) * 40.0 + random.matrix(LONG, 5) + 7.0;
    let layer = concatenate(Axis(1), &[turned.view(), own.view()]).unwrap();
    let y = concatenate(
        Axis(1),
        &[random.responses(&baseline, 4, 0.5).view(), random.responses(&own, 4, 0.5).view()],
    )
    .unwrap();
    let named = |runs: &[(usize, &str)]| {
        let timeline = Timeline::new(runs.iter().map(|(rows, name)| (*rows, (*name).to_owned())));
        Folds::new(&timeline, &FoldRule::Named { test: vec!["test".to_owned()], gap: 2 }).unwrap()
    };
    let two = named(&[(160, "train"), (LONG - 160, "test")]);
    let three = named(&[(80, "train"), (80, "other"), (LONG - 160, "test")]);
    for folds in [folds(LONG, 2), two, three] {
        let kept = in_its_place(&[&baseline, &layer], &y, (&folds, &[0]));
        let lost = in_its_place(&[&baseline, &layer], &y, (&folds, &[]));
        for target in 0..4 {
            assert!(kept.exceedances[target] > 5, "repeated: {:?}", kept.exceedances);
            assert_eq!(kept.exceedances[target + 4], 0, "its own: {:?}", kept.exceedances);
            assert!(lost.mean[target] < 0.1 && kept.mean[target] > 0.3, "{:?} {:?}", lost.mean, kept.mean);
            assert_eq!(lost.exceedances[target], 0, "lost as if it were its own");
        }
    }
}

/// Against a baseline that predicts nothing of the layer, whether it is given makes no difference but that of noise.
#[test]
fn a_layer_of_its_own_has_the_same_null_with_and_without_the_baseline_given() {
    let mut random = Random::new(22);
    let (baseline, layer) = (random.matrix(LONG, 2), random.matrix(LONG, 5));
    let y = random.responses(&baseline, 6, 1.0);
    let of = |given: &[usize]| in_its_place(&[&baseline, &layer], &y, (&folds(LONG, 2), given));
    let (given, not) = (of(&[0]), of(&[]));
    assert_ne!(given.mean, not.mean);
    for target in 0..6 {
        assert!((given.mean[target] - not.mean[target]).abs() < 0.02, "{:?} {:?}", given.mean, not.mean);
    }
}

/// What both kinds of surrogates say of a design of two bands of which the second is replaced, with the same penalties and mixtures to choose from.
fn kept_and_chosen(
    of_design: &Design,
    y: &Array2<f32>,
    (alphas, mixtures): (&[f64], &[[f64; 2]]),
) -> ([NullScores; 2], Vec<FoldChoices>) {
    let (folds, backend) = (folds(LONG, 2), backend(2));
    let mut settings = settings(alphas);
    let mixtures = mixtures.iter().map(|mixture| mixture.to_vec()).collect();
    settings.mixtures = gyrus_encoding::ridge::Mixtures::Same(mixtures);
    let fitted = fit(&backend, of_design, &folds, &settings, &InMemory(y.clone())).unwrap();
    let declared = |values: &Array2<f32>| gyrus_encoding::Test::declared(values.clone());
    let scores =
        gyrus_encoding::scores::correlation(&declared(&fitted.predictions), &declared(y), &folds).unwrap();
    let null = |again: bool| {
        let request = Request {
            design: of_design,
            surrogate_bands: &[1],
            given: &[0],
            folds: &folds,
            groups: &(0..y.ncols()).map(Some).collect::<Vec<_>>(),
            fit: ObservedFit { choices: &fitted.fit.choices, scores: &scores.correlation },
            again: again.then_some(&settings),
        };
        let surrogates = Surrogates { kind: NullKind::Shift, count: 30, seed: 6 };
        nulls::refit(&backend, &request, &InMemory(y.clone()), &surrogates).unwrap()
    };
    ([false, true].map(null), fitted.fit.choices)
}

fn largest_difference(a: &Array2<f64>, b: &Array2<f64>) -> f64 {
    (a - b).iter().fold(0.0, |largest, value| largest.max(value.abs()))
}

/// Where there are several penalties and mixtures, surrogates choose others than the observed fit. A target that takes the band that stays ties
/// with surrogates that take it too.
#[test]
fn surrogates_that_choose_again_are_fits_of_their_own() {
    let mut random = Random::new(23);
    let (stays, layer) = (random.matrix(LONG, 3), random.matrix(LONG, 5));
    let y = concatenate(
        Axis(1),
        &[random.responses(&layer, 3, 2.0).view(), (random.responses(&stays, 3, 0.01) * 1e3).view()],
    )
    .unwrap();
    let ([kept, chosen], choices) =
        kept_and_chosen(&design(&[&stays, &layer]), &y, (&[1.0, 100.0, 1e4], &MIXTURES));
    for target in 3..6 {
        assert!(choices.iter().all(|fold| fold.mixture_of(target) == [1.0, 0.0]), "{choices:?}");
        assert_eq!((kept.exceedances[target], kept.normal_excess[target]), (30, 0.0), "all are the same");
        assert!(chosen.exceedances[target] > 10, "{:?}", chosen.exceedances);
    }
    for target in 0..3 {
        assert_eq!((chosen.exceedances[target], kept.exceedances[target]), (0, 0));
        let both = [&chosen, &kept].map(|null| null.normal_excess[target]);
        assert!(both.iter().all(|excess| *excess > 0.2), "{both:?}");
        let difference = &chosen.group_sums.column(target) - &kept.group_sums.column(target);
        assert!(difference.iter().any(|difference| difference.abs() > 1e-3));
    }
}

/// Where there is nothing to choose, a surrogate that chooses again is refitted to the same score, whatever its band asks for: words to be centred on,
/// a drift to lose, all of its components.
#[test]
fn without_a_choice_surrogates_that_choose_again_are_those_that_do_not() {
    let mut random = Random::new(24);
    let (stays, layer) = (random.matrix(LONG, 3), random.matrix(LONG, 8) + 2.0);
    let y = random.responses(&layer, 4, 2.0);
    let plain = design(&[&stays, &layer]);
    let only: (&[f64], &[[f64; 2]]) = (&[30.0], &[[0.4, 0.6]]);
    let ([kept, chosen], _) = kept_and_chosen(&plain, &y, only);
    assert!(largest_difference(&kept.group_sums, &chosen.group_sums) < 1e-5);
    let mut with_all = plain.clone();
    let slow = Array2::from_shape_fn((LONG, 1), |(row, _)| (row as f64 * 0.02).cos());
    with_all.drift = vec![&slow / slow.iter().map(|value| value * value).sum::<f64>().sqrt()];
    with_all.bands[1].ones = Some(Array2::from_shape_fn((LONG, 2), |(row, _)| 1.0 + (row % 4) as f32));
    with_all.bands[1].components = Some(gyrus_encoding::ridge::Components { count: 4, copies: 2 });
    let ([kept_with, chosen_with], _) = kept_and_chosen(&with_all, &y, only);
    assert!(largest_difference(&kept_with.group_sums, &chosen_with.group_sums) < 1e-4);
    assert!(largest_difference(&kept_with.group_sums, &kept.group_sums) > 1e-3, "they matter");
}

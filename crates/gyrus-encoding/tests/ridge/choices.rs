//! What inner folds say of penalties and mixtures, against the textbook's sums.

use gyrus_core::InMemory;
use gyrus_encoding::ridge::{AtEdge, Choice, Mixtures};
use gyrus_encoding::statistics::pearson;
use ndarray::{Array2, Axis, concatenate};

use super::naive;
use super::simulate::{Random, backend, design, fit, folds, settings};

/// Mean over inner folds of r, by dense solves.
fn inner_score(x: &Array2<f64>, y: &Array2<f64>, inner: &[gyrus_core::Fold], alpha: f64) -> f64 {
    let of = |fold: &gyrus_core::Fold| {
        let (predicted, observed) = naive::predict(x, y, fold, alpha);
        pearson(&predicted.column(0).to_vec(), &observed.column(0).to_vec()).unwrap()
    };
    inner.iter().map(of).sum::<f64>() / inner.len() as f64
}

/// From Grams, from predictions of every penalty and from a few of a long grid; responses with steps between folds, so that
/// means of inner training rows are far from those of the rest.
#[test]
fn inner_scores_and_penalties_are_those_of_dense_solves() {
    let mut random = Random::new(51);
    for (columns, count, decades) in [(6, 5, 3.0), (90, 3, 3.0), (90, 10, 9.0), (90, 40, 3.0), (300, 4, 3.0)]
    {
        let x = random.matrix(400, columns);
        let alphas: Vec<f64> =
            (0..count).map(|at| 10_f64.powf(1.0 + decades * at as f64 / count as f64)).collect();
        inner_choices_are_those_of_dense_solves(&x, stepped(&mut random, &x), &alphas);
    }
}

/// Columns that are nearly one another have eigenvalues over nine decades, and penalties as far apart as they are need a curve
/// each: every penalty is judged by a product of its own.
#[test]
fn penalties_that_share_no_curves_are_those_of_dense_solves() {
    let mut random = Random::new(56);
    let mut x = random.matrix(400, 60);
    for column in 1..60 {
        let before = x.column(column - 1).to_owned();
        let own = 10_f32.powf(-(column as f32) / 15.0);
        x.column_mut(column).zip_mut_with(&before, |value, before| *value = before + own * *value);
    }
    let alphas: Vec<f64> = (0..6).map(|at| 10_f64.powf(-3.0 + 1.5 * f64::from(at))).collect();
    inner_choices_are_those_of_dense_solves(&x, stepped(&mut random, &x), &alphas);
}

fn stepped(random: &mut Random, x: &Array2<f32>) -> Array2<f32> {
    let mut y = random.responses(x, 5, 0.7);
    for ((row, target), value) in y.indexed_iter_mut() {
        *value += (target as f32) * if row / 90 % 2 == 0 { 1.0 } else { -1.0 };
    }
    y
}

fn inner_choices_are_those_of_dense_solves(x: &Array2<f32>, y: Array2<f32>, alphas: &[f64]) {
    let folds = folds(400, 3);
    let found = fit(&backend(2), &design(&[x]), &folds, &settings(alphas), &InMemory(y.clone())).unwrap();
    let expected = naive::fit(x, &y, &folds, (alphas, 3));
    let (x, y) = (x.mapv(f64::from), y.mapv(f64::from));
    for fold in 0..folds.len() {
        let inner = folds.inner(fold, 3).unwrap();
        for target in 0..5 {
            let (columns, count) = (x.ncols(), alphas.len());
            let what = format!("{columns} columns, {count} penalties, fold {fold}, target {target}");
            let (chosen, best) = (found.fit.choices[fold].alpha[target], expected.alphas[fold][target]);
            let error = |alpha: f64| {
                let at = alphas.iter().position(|one| *one == alpha).unwrap();
                expected.errors[fold][target][at]
            };
            assert!(chosen == best || error(chosen) < error(best) * (1.0 + 2e-5), "{what}: {chosen} {best}");
            let of_target = y.select(Axis(1), &[target]);
            let score = inner_score(&x, &of_target, &inner, chosen);
            let made = found.fit.inner_scores[(fold, target)];
            assert!((made - score).abs() < 1e-4, "{what}: {made} {score}");
        }
    }
}

/// The mixture of all targets is the one with the best mean score where each has its own penalty.
#[test]
fn a_shared_mixture_is_the_one_with_the_best_mean_score() {
    let mut random = Random::new(52);
    let (a, b) = (random.matrix(400, 20), random.matrix(400, 30));
    for (of_a, of_b) in [(7, 2), (2, 7), (4, 4)] {
        let targets = [random.responses(&a, of_a, 1.0), random.responses(&b, of_b, 1.0)];
        let y = InMemory(concatenate(Axis(1), &[targets[0].view(), targets[1].view()]).unwrap());
        let (design, folds) = (design(&[&a, &b]), folds(400, 3));
        let candidates = [[1.0, 0.0], [0.8, 0.2], [0.5, 0.5], [0.2, 0.8], [0.0, 1.0]].map(Vec::from);
        let with = |mixtures: Vec<Vec<f64>>| {
            let mut settings = settings(&[10.0, 100.0, 1e3]);
            settings.mixtures = Mixtures::Same(mixtures);
            settings.choice = Choice::SharedMixture;
            // Only where each target chooses are mixtures refined.
            settings.refinements = 1;
            fit(&backend(2), &design, &folds, &settings, &y).unwrap().fit
        };
        let shared = with(candidates.to_vec());
        let alone = candidates.clone().map(|mixture| with(vec![mixture]));
        for (fold, choices) in shared.choices.iter().enumerate() {
            assert_eq!(choices.mixtures, candidates);
            let score = |fit: &gyrus_encoding::ridge::Fit| fit.inner_scores.row(fold).sum();
            let best = alone.iter().map(score).fold(f64::NEG_INFINITY, f64::max);
            let chosen = choices.mixture[0] as usize;
            assert!((score(&alone[chosen]) - best).abs() < 1e-9, "{of_a} and {of_b}, fold {fold}: {chosen}");
            assert!((shared.inner_scores.row(fold).sum() - best).abs() < 1e-9);
            assert!(choices.mixture.iter().all(|mixture| *mixture as usize == chosen));
            assert_eq!(choices.alpha, alone[chosen].choices[fold].alpha);
        }
    }
}

#[test]
fn refinement_adds_mixtures_where_each_target_chooses() {
    let mut random = Random::new(55);
    let (a, b) = (random.matrix(240, 5), random.matrix(240, 6));
    let y = InMemory(random.responses(&a, 3, 0.5) + random.responses(&b, 3, 0.5));
    let mut settings = settings(&[10.0, 100.0]);
    settings.mixtures = Mixtures::ends(2);
    settings.refinements = 1;
    let found = fit(&backend(1), &design(&[&a, &b]), &folds(240, 3), &settings, &y).unwrap().fit;
    assert!(found.choices.iter().all(|fold| fold.mixtures.len() > 3 && fold.mixtures.len() % 2 == 1));
}

#[test]
fn choices_at_the_ends_are_counted_one_by_one() {
    let mut random = Random::new(53);
    let x = random.matrix(240, 10);
    let y =
        concatenate(Axis(1), &[random.matrix(240, 6).view(), random.responses(&x, 6, 1.0).view(), x.view()]);
    let (design, folds, y) = (design(&[&x]), folds(240, 3), InMemory(y.unwrap()));
    let grid = [3.0, 10.0, 30.0];
    let mut settings = settings(&grid);
    for at_edge in [AtEdge::Count, AtEdge::Extend] {
        settings.at_edge = at_edge;
        let found = fit(&backend(2), &design, &folds, &settings, &y).unwrap().fit;
        let all: Vec<f64> = found.choices.iter().flat_map(|fold| fold.alpha.clone()).collect();
        let (first, last) = match at_edge {
            AtEdge::Count => (3.0, 30.0),
            // Four decades in steps of a half: eight more on each side.
            AtEdge::Extend => (3.0 * 10_f64.powf(-4.0), 30.0 * 10_f64.powf(4.0)),
        };
        let count = |of: &dyn Fn(f64) -> bool| all.iter().filter(|alpha| of(**alpha)).count() as u64;
        let near = |alpha: f64, end: f64| (alpha / end - 1.0).abs() < 1e-9;
        let edges = found.at_edge;
        assert_eq!(edges.choices, 4 * 22);
        assert_eq!(edges.low, count(&|alpha| near(alpha, first)));
        assert_eq!(edges.high, count(&|alpha| near(alpha, last)));
        let asked = |alpha: f64| grid.iter().any(|of_grid| near(alpha, *of_grid));
        let beyond = count(&|alpha| !asked(alpha) && !near(alpha, first) && !near(alpha, last));
        assert_eq!(edges.extended, beyond);
        assert!(edges.low > 0 && edges.high > 0 && (at_edge == AtEdge::Count || beyond > 0), "{edges:?}");
    }
    // One penalty has no ends.
    let one = fit(&backend(2), &design, &folds, &super::simulate::settings(&[10.0]), &y).unwrap().fit.at_edge;
    assert_eq!((one.low, one.high, one.extended, one.choices), (0, 0, 0, 4 * 22));
}

/// Blocks of a thousand targets, and tiles of them: from Grams, by predictions of every penalty, and by a few of a long grid.
#[test]
fn a_target_is_fitted_the_same_wherever_it_stands() {
    let mut random = Random::new(54);
    for (columns, count) in [([4, 3], 3), ([90, 80], 3), ([90, 80], 40)] {
        let bands = columns.map(|columns| random.matrix(240, columns));
        let responses = bands.each_ref().map(|band| random.responses(band, 520, 0.5));
        let ahead = concatenate(Axis(1), &responses.each_ref().map(|responses| responses.view())).unwrap();
        let mut behind = ahead.clone();
        behind.invert_axis(Axis(1));
        let grid: Vec<f64> = (0..count).map(|at| 10_f64.powf(4.0 * at as f64 / count as f64)).collect();
        let mut settings = settings(&grid);
        settings.mixtures = Mixtures::ends(2);
        let fit = |responses: &Array2<f32>| {
            let targets = InMemory(responses.as_standard_layout().to_owned());
            fit(&backend(2), &design(&[&bands[0], &bands[1]]), &folds(240, 2), &settings, &targets).unwrap()
        };
        let (ahead, behind) = (fit(&ahead), fit(&behind));
        let mut chosen = std::collections::BTreeSet::new();
        for (fold, (one, other)) in ahead.fit.choices.iter().zip(&behind.fit.choices).enumerate() {
            for target in 0..1040 {
                let what = format!("{columns:?}, {count} penalties, fold {fold}, target {target}");
                chosen.insert((one.mixture[target], one.alpha[target].to_bits()));
                assert_eq!(one.mixture[target], other.mixture[1039 - target], "{what}");
                assert_eq!(one.alpha[target], other.alpha[1039 - target], "{what}");
                let scores = [(&ahead, target), (&behind, 1039 - target)];
                let [one, other] = scores.map(|(found, target)| found.fit.inner_scores[(fold, target)]);
                assert!((one - other).abs() < 1e-5, "{what}: {one} {other}");
            }
        }
        assert!(chosen.len() > 1, "targets differ in what they choose: {chosen:?}");
        for target in [0, 1, 30, 519, 520, 1000, 1001, 1039] {
            let (one, other) = (ahead.predictions.column(target), behind.predictions.column(1039 - target));
            let difference = one.iter().zip(&other).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(difference < 1e-4, "{columns:?}, {count} penalties, target {target}: {difference}");
        }
    }
}

//! Bands with a share of the kernel each: against the naive solve on scaled columns, and at the pure ends.

use gyrus_core::InMemory;
use gyrus_encoding::ridge::{Choice, Mixtures};
use ndarray::{Array2, Axis, concatenate};

use super::naive;
use super::simulate::{Random, backend, design, fit, folds, largest_difference, settings};

const ALPHAS: [f64; 4] = [1.0, 30.0, 1e3, 1e5];

#[test]
fn a_mixture_is_ridge_on_scaled_bands() {
    for (first, second) in [(5, 12), (30, 70), (90, 200)] {
        let mut random = Random::new(41);
        let (a, b) = (random.matrix(240, first), random.matrix(240, second));
        let y = random.responses(&concatenate(Axis(1), &[a.view(), b.view()]).unwrap(), 4, 1.0);
        let folds = folds(240, 3);
        let mixture = [0.3, 0.7];
        let mut settings = settings(&[30.0]);
        settings.mixtures = Mixtures::Same(vec![mixture.to_vec()]);
        let found = fit(&backend(2), &design(&[&a, &b]), &folds, &settings, &InMemory(y.clone())).unwrap();
        // K = (Σ γ p) Σ γ_b Z_b Z_bᵀ / p_b
        let (p, total) = ([first as f64, second as f64], 0.3 * first as f64 + 0.7 * second as f64);
        let weight = |column: usize| {
            let band = usize::from(column >= first);
            (total * mixture[band] / p[band]).sqrt()
        };
        let x = concatenate(Axis(1), &[a.view(), b.view()]).unwrap().mapv(f64::from);
        for fold in folds.as_slice() {
            let (predicted, _) = naive::predict_weighted(&x, &y.mapv(f64::from), fold, (30.0, &weight));
            for (index, row) in fold.test.iter().enumerate() {
                for target in 0..4 {
                    let difference =
                        f64::from(found.predictions[(*row, target)]) - predicted[(index, target)];
                    assert!(difference.abs() < 1e-4, "{first} + {second}: {difference:e}");
                }
            }
        }
    }
}

#[test]
fn a_pure_end_is_plain_ridge_on_its_band() {
    for columns in [8, 90, 300] {
        let mut random = Random::new(42);
        let (a, b) = (random.matrix(240, columns), random.matrix(240, 20));
        let y = InMemory(random.responses(&a, 4, 1.0));
        let folds = folds(240, 3);
        let mut settings = settings(&ALPHAS);
        let alone = fit(&backend(2), &design(&[&a]), &folds, &settings, &y).unwrap();
        settings.mixtures = Mixtures::Same(vec![vec![1.0, 0.0]]);
        let end = fit(&backend(2), &design(&[&a, &b]), &folds, &settings, &y).unwrap();
        assert!(largest_difference(&alone.predictions, &end.predictions) < 1e-4, "{columns}");
    }
}

#[test]
fn every_target_takes_the_band_that_holds_its_signal() {
    let mut random = Random::new(43);
    let (a, b) = (random.matrix(300, 30), random.matrix(300, 60));
    let (of_a, of_b) = (random.responses(&a, 5, 0.5), random.responses(&b, 5, 0.5));
    let y = InMemory(concatenate(Axis(1), &[of_a.view(), of_b.view()]).unwrap());
    let mut settings = settings(&ALPHAS);
    settings.mixtures = Mixtures::Same(vec![vec![1.0, 0.0], vec![0.5, 0.5], vec![0.0, 1.0]]);
    let found = fit(&backend(2), &design(&[&a, &b]), &folds(300, 3), &settings, &y).unwrap();
    for choices in &found.fit.choices {
        assert!(choices.mixture[..5].iter().all(|mixture| *mixture == 0), "{:?}", choices.mixture);
        assert!(choices.mixture[5..].iter().all(|mixture| *mixture == 2), "{:?}", choices.mixture);
    }
    settings.choice = Choice::SharedMixture;
    let shared = fit(&backend(2), &design(&[&a, &b]), &folds(300, 3), &settings, &y).unwrap();
    for choices in &shared.fit.choices {
        assert!(
            choices.mixture.iter().all(|mixture| *mixture == choices.mixture[0]),
            "{:?}",
            choices.mixture
        );
    }
}

/// Word vectors centred on the words of the training rows: the same as centring them first, fold by fold.
#[test]
fn centring_on_training_words_is_the_same_for_few_and_many_columns() {
    let mut random = Random::new(44);
    let ones = Array2::from_shape_fn((240, 2), |_| (random.uniform() * 4.0).floor() as f32);
    for units in [3, 40, 150] {
        let level = random.matrix(1, units) * 5.0;
        let mut x = random.matrix(240, units * 2);
        for ((row, column), value) in x.indexed_iter_mut() {
            *value += ones[(row, column / units)] * level[(0, column % units)];
        }
        let y = random.responses(&x, 3, 1.0);
        let folds = folds(240, 3);
        let mut centred = design(&[&x]);
        centred.bands[0].ones = Some(ones.clone());
        let settings = settings(&[30.0]);
        let found = fit(&backend(2), &centred, &folds, &settings, &InMemory(y.clone())).unwrap();
        for fold in folds.as_slice() {
            let by_hand = centred_on(&x, &ones, &fold.train);
            let (predicted, _) = naive::predict(&by_hand, &y.mapv(f64::from), fold, 30.0);
            for (index, row) in fold.test.iter().enumerate() {
                let difference = f64::from(found.predictions[(*row, 0)]) - predicted[(index, 0)];
                assert!(difference.abs() < 2e-4, "{units} units, row {row}: {difference:e}");
            }
        }
    }
}

/// What the columns of three bands side by side are multiplied with: √((Σ γ p) γ_b / p_b).
fn weights(mixture: [f64; 3], widths: [usize; 3]) -> impl Fn(usize) -> f64 {
    let total: f64 = widths.iter().zip(mixture).map(|(width, share)| *width as f64 * share).sum();
    move |column| {
        let band = usize::from(column >= widths[0]) + usize::from(column >= widths[0] + widths[1]);
        (total * mixture[band] / widths[band] as f64).sqrt()
    }
}

/// Two bands with words of their own beside one without: as by hand, with few columns and with many.
#[test]
fn every_band_is_centred_on_its_own_words() {
    let mut random = Random::new(46);
    for (units, plain) in [(3, 2), (70, 40)] {
        let ones =
            [0, 1].map(|_| Array2::from_shape_fn((240, 2), |_| (random.uniform() * 4.0).floor() as f32));
        let worded = [0, 1].map(|band: usize| {
            let level = random.matrix(1, units) * 5.0;
            let mut x = random.matrix(240, units * 2);
            for ((row, column), value) in x.indexed_iter_mut() {
                *value += ones[band][(row, column / units)] * level[(0, column % units)];
            }
            x
        });
        let last = random.matrix(240, plain);
        let all = concatenate(Axis(1), &[worded[0].view(), worded[1].view(), last.view()]).unwrap();
        let y = random.responses(&all, 6, 2.0);
        let mut centred = design(&[&worded[0], &worded[1], &last]);
        centred.bands[0].ones = Some(ones[0].clone());
        centred.bands[1].ones = Some(ones[1].clone());
        let mixture = [0.5, 0.3, 0.2];
        let mut settings = settings(&[1.0, 30.0, 1e3]);
        settings.mixtures = Mixtures::Same(vec![mixture.to_vec()]);
        let folds = folds(240, 3);
        let found = fit(&backend(2), &centred, &folds, &settings, &InMemory(y.clone())).unwrap();
        let weight = weights(mixture, [2 * units, 2 * units, plain]);
        for (index, fold) in folds.as_slice().iter().enumerate() {
            // Every fold of the choice has words of its own.
            let by_hand = |train: &[usize]| {
                let parts = [0, 1].map(|band| centred_on(&worded[band], &ones[band], train));
                let last = last.mapv(f64::from);
                concatenate(Axis(1), &[parts[0].view(), parts[1].view(), last.view()]).unwrap()
            };
            let inner = folds.inner(index, 3).unwrap();
            let wide = y.mapv(f64::from);
            let errors = |alpha: f64| -> Vec<f64> {
                let mut sums = vec![0.0; 6];
                for fold in &inner {
                    let (predicted, observed) =
                        naive::predict_weighted(&by_hand(&fold.train), &wide, fold, (alpha, &weight));
                    let squares = (&predicted - &observed).mapv(|value| value * value);
                    sums.iter_mut().zip(squares.sum_axis(Axis(0))).for_each(|(sum, own)| *sum += own);
                }
                sums
            };
            let of_alphas = [1.0, 30.0, 1e3].map(|alpha| (errors(alpha), alpha));
            for target in 0..6 {
                let best = of_alphas.iter().min_by(|a, b| a.0[target].total_cmp(&b.0[target])).unwrap();
                assert_eq!(found.fit.choices[index].alpha[target], best.1, "{units}, target {target}");
            }
            let target = 0;
            let alpha = found.fit.choices[index].alpha[target];
            let (predicted, _) =
                naive::predict_weighted(&by_hand(&fold.train), &wide, fold, (alpha, &weight));
            for (place, row) in fold.test.iter().enumerate() {
                let difference = f64::from(found.predictions[(*row, target)]) - predicted[(place, target)];
                assert!(difference.abs() < 5e-4, "{units} units, row {row}: {difference:e}");
            }
        }
    }
}

/// Errors of few columns come from Grams, of many from predictions; a band that nobody takes turns one into the other.
#[test]
fn mixtures_are_judged_alike_from_grams_and_from_predictions() {
    let mut random = Random::new(47);
    let (a, b, noise) = (random.matrix(400, 4), random.matrix(400, 7), random.matrix(400, 500));
    let of = |random: &mut Random, share: f32| {
        random.responses(&a, 3, 0.0) * share.sqrt() + random.responses(&b, 3, 1.5) * (1.0 - share).sqrt()
    };
    let y = [0.9, 0.5, 0.1].map(|share| of(&mut random, share));
    let y = InMemory(concatenate(Axis(1), &[y[0].view(), y[1].view(), y[2].view()]).unwrap());
    let shares = [0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0];
    let (backend, folds) = (backend(2), folds(400, 3));
    // Penalties that count: without one all mixtures of few columns are the same least squares.
    let mut settings = settings(&[100.0, 300.0, 1e3, 3e3]);
    settings.mixtures = Mixtures::Same(shares.iter().map(|share| vec![*share, 1.0 - share]).collect());
    let narrow = fit(&backend, &design(&[&a, &b]), &folds, &settings, &y).unwrap();
    let with_nobody = shares.iter().map(|share| vec![*share, 1.0 - share, 0.0]);
    settings.mixtures = Mixtures::Same(with_nobody.chain([vec![0.0, 0.0, 1.0]]).collect());
    let wide = fit(&backend, &design(&[&a, &b, &noise]), &folds, &settings, &y).unwrap();
    for (narrow, wide) in narrow.fit.choices.iter().zip(&wide.fit.choices) {
        assert_eq!((&narrow.mixture, &narrow.alpha), (&wide.mixture, &wide.alpha));
        assert!(narrow.mixture.iter().any(|mixture| !matches!(mixture, 0 | 6)), "{:?}", narrow.mixture);
    }
    for (narrow, wide) in narrow.fit.inner_scores.iter().zip(&wide.fit.inner_scores) {
        assert!((narrow - wide).abs() < 1e-4, "{narrow} {wide}");
    }
}

fn centred_on(x: &Array2<f32>, ones: &Array2<f32>, rows: &[usize]) -> Array2<f64> {
    let units = x.ncols() / ones.ncols();
    let count: f64 = rows.iter().map(|row| ones.row(*row).mapv(f64::from).sum()).sum();
    let mut mean = vec![0.0; units];
    for row in rows {
        x.row(*row)
            .iter()
            .enumerate()
            .for_each(|(column, value)| mean[column % units] += f64::from(*value) / count);
    }
    Array2::from_shape_fn(x.raw_dim(), |(row, column)| {
        f64::from(x[(row, column)]) - f64::from(ones[(row, column / units)]) * mean[column % units]
    })
}

/// Three mixtures that no search draws, planted: scores on inner folds and of what was held out come near those of a grid of
/// 66 mixtures, from those of the ends and their mean.
#[test]
fn refinement_finds_mixtures_between_those_of_the_search() {
    for widths in [[18, 27, 36], [90, 40, 150]] {
        let mut random = Random::new(45);
        let bands = widths.map(|width| random.matrix(400, width));
        let mut y = Array2::zeros((400, 0));
        for shares in [[0.85, 0.1, 0.05], [0.1, 0.15, 0.75], [0.25, 0.7, 0.05]] {
            let mut some = random.matrix(400, 4) * 1.5;
            for (band, share) in bands.iter().zip(shares) {
                some = some + random.responses(band, 4, 0.0) * f32::sqrt(4.0 * share);
            }
            y = concatenate(Axis(1), &[y.view(), some.view()]).unwrap();
        }
        let y = InMemory(y);
        let design = design(&[&bands[0], &bands[1], &bands[2]]);
        let alphas: Vec<f64> = (0..12).map(|power| 10_f64.powf(0.5 * f64::from(power) - 1.0)).collect();
        let with = |mixtures: Mixtures, refinements: usize| {
            let settings =
                gyrus_encoding::ridge::RidgeSettings { mixtures, refinements, ..settings(&alphas) };
            fit(&backend(2), &design, &folds(400, 3), &settings, &y).unwrap()
        };
        let grid = (0..=10).flat_map(|a| (0..=10 - a).map(move |b| vec![a, b, 10 - a - b]));
        let grid = grid.map(|shares| shares.into_iter().map(|share| f64::from(share) / 10.0).collect());
        let (search, best) = (with(Mixtures::ends(3), 0), with(Mixtures::Same(grid.collect()), 0));
        let refined = [1, 2, 4].map(|rounds| with(Mixtures::ends(3), rounds));
        let inner = |whole: &super::simulate::Whole| whole.fit.inner_scores.mean().unwrap();
        let (from, to) = (inner(&search), inner(&best));
        assert!(to - from > 0.003, "{widths:?}: nothing to find");
        let reached: Vec<f64> = refined.iter().map(|whole| (inner(whole) - from) / (to - from)).collect();
        let held_out = |whole: &super::simulate::Whole| mean_correlation(&whole.predictions, &y.0);
        let (from, to) = (held_out(&search), held_out(&best));
        let gained = (held_out(&refined[2]) - from) / (to - from);
        assert!(gained > 0.6, "{widths:?}: {from} to {to}, of which {gained}");
        assert!(reached.windows(2).all(|pair| pair[1] > pair[0] - 0.05), "{widths:?}: {reached:?}");
        assert!(reached[2] > 0.7, "{widths:?}: {reached:?}");
        for choices in &refined[2].fit.choices {
            assert!(choices.mixtures.len() > 4 + 8, "{}", choices.mixtures.len());
            assert!(choices.mixture.iter().any(|mixture| *mixture >= 4));
        }
    }
}

fn mean_correlation(predictions: &Array2<f32>, responses: &Array2<f32>) -> f64 {
    let of = |(p, y): (ndarray::ArrayView1<'_, f32>, ndarray::ArrayView1<'_, f32>)| {
        let pairs: Vec<(f64, f64)> = p
            .iter()
            .zip(y)
            .filter(|(p, _)| p.is_finite())
            .map(|(p, y)| (f64::from(*p), f64::from(*y)))
            .collect();
        let n = pairs.len() as f64;
        let (a, b) = pairs.iter().fold((0.0, 0.0), |sums, pair| (sums.0 + pair.0 / n, sums.1 + pair.1 / n));
        let sum = |of: &dyn Fn(f64, f64) -> f64| pairs.iter().map(|(p, y)| of(p - a, y - b)).sum::<f64>();
        sum(&|p, y| p * y) / (sum(&|p, _| p * p) * sum(&|_, y| y * y)).sqrt()
    };
    predictions.columns().into_iter().zip(responses.columns()).map(of).sum::<f64>()
        / predictions.ncols() as f64
}

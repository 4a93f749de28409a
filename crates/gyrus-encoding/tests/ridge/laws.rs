//! What must hold whatever the numbers: blocks, threads, order of targets, limits, planted weights, shared work.

use gyrus_core::{CoreError, InMemory, TargetBlocks};
use gyrus_encoding::ridge::{AtEdge, Design, Scaling};
use ndarray::{Array2, Axis, concatenate};
use proptest::prelude::*;

use super::simulate::{Random, backend, bits, design, fit, fit_one, folds, largest_difference, settings};

const ALPHAS: [f64; 6] = [0.1, 1.0, 10.0, 1e3, 1e5, 1e7];

/// Responses behind some others, so that the same targets fall into other blocks.
struct Behind {
    others: usize,
    own: InMemory,
}

impl TargetBlocks for Behind {
    fn n_samples(&self) -> usize {
        self.own.n_samples()
    }

    fn n_targets(&self) -> usize {
        self.others + self.own.n_targets()
    }

    fn read(&self, targets: std::ops::Range<usize>) -> Result<Array2<f32>, CoreError> {
        let column = |target: usize| match target.checked_sub(self.others) {
            Some(own) => self.own.read(own..own + 1).unwrap(),
            None => {
                Array2::from_shape_fn((self.n_samples(), 1), |(row, _)| ((row * (target + 3)) % 17) as f32)
            }
        };
        let columns: Vec<Array2<f32>> = targets.map(column).collect();
        let views: Vec<_> = columns.iter().map(|column| column.view()).collect();
        Ok(concatenate(Axis(1), &views).unwrap())
    }
}

#[test]
fn bits_do_not_depend_on_threads() {
    for columns in [10, 80, 300] {
        let mut random = Random::new(11);
        let x = random.matrix(200, columns);
        let y = InMemory(random.responses(&x, 2300, 1.0));
        let (design, folds, settings) = (design(&[&x]), folds(200, 2), settings(&ALPHAS));
        let one = fit(&backend(1), &design, &folds, &settings, &y).unwrap();
        let four = fit(&backend(4), &design, &folds, &settings, &y).unwrap();
        assert_eq!(bits(&one.predictions), bits(&four.predictions), "{columns}");
        assert_eq!(one.fit, four.fit);
    }
}

#[test]
fn a_targets_results_do_not_depend_on_its_neighbours() {
    for columns in [10, 80, 300] {
        let mut random = Random::new(12);
        let x = random.matrix(200, columns);
        let y = random.responses(&x, 7, 1.0);
        let (design, folds, settings) = (design(&[&x]), folds(200, 2), settings(&ALPHAS));
        let alone = fit(&backend(2), &design, &folds, &settings, &InMemory(y.clone())).unwrap();
        let behind = Behind { others: 996, own: InMemory(y) };
        let among = fit(&backend(2), &design, &folds, &settings, &behind).unwrap();
        let own = among.predictions.slice(ndarray::s![.., 996..]).to_owned();
        // Another place in a product may end its sums otherwise: rounding, never a penalty.
        assert!(largest_difference(&alone.predictions, &own) < 2e-5, "{columns}");
        for (one, other) in alone.fit.choices.iter().zip(&among.fit.choices) {
            assert_eq!(one.alpha, other.alpha[996..], "{columns}");
        }
    }
}

#[test]
fn everybody_with_the_same_design_shares_its_decompositions() {
    let mut random = Random::new(13);
    let x = random.matrix(200, 300);
    let y = random.responses(&x, 40, 1.0);
    let (design, folds, settings) = (design(&[&x]), folds(200, 2), settings(&ALPHAS));
    for targets in [1, 40] {
        let backend = backend(2);
        let some = y.slice(ndarray::s![.., ..targets]).to_owned();
        fit(&backend, &design, &folds, &settings, &InMemory(some)).unwrap();
        // Per outer fold: three inner ones, and the refit.
        assert_eq!(backend.decompositions(), 4 * (3 + 1), "{targets} targets");
    }
}

#[test]
fn an_infinite_penalty_gives_zero() {
    let mut random = Random::new(14);
    let x = random.matrix(160, 30);
    let y = random.responses(&x, 4, 0.1);
    assert!(fit_one(&x, &y, &[1e30]).predictions.iter().all(|p| p.abs() < 1e-20));
    assert!(fit_one(&x, &y, &[1.0]).predictions.iter().any(|p| p.abs() > 0.1));
}

#[test]
fn planted_weights_are_found_and_noise_is_not() {
    let mut random = Random::new(15);
    let x = random.matrix(400, 20);
    let planted = random.responses(&x, 3, 0.0);
    let noise = random.matrix(400, 3);
    let y = concatenate(Axis(1), &[planted.view(), noise.view()]).unwrap();
    let found = fit_one(&x, &y, &ALPHAS);
    for (fold, division) in folds(400, 3).as_slice().iter().enumerate() {
        for target in 0..6 {
            let p: Vec<f64> =
                division.test.iter().map(|r| f64::from(found.predictions[(*r, target)])).collect();
            let o: Vec<f64> = division.test.iter().map(|r| f64::from(y[(*r, target)])).collect();
            let r = gyrus_encoding::statistics::pearson(&p, &o).unwrap_or(0.0);
            assert!(if target < 3 { r > 0.999 } else { r.abs() < 0.35 }, "fold {fold}, target {target}: {r}");
            if target < 3 {
                assert_eq!(found.fit.choices[fold].alpha[target], 0.1);
            }
        }
    }
}

#[test]
fn a_penalty_at_an_end_of_the_grid_goes_on_and_is_counted() {
    let mut random = Random::new(16);
    let x = random.matrix(240, 10);
    let y = InMemory(
        concatenate(Axis(1), &[random.matrix(240, 4).view(), x.slice(ndarray::s![.., ..2])]).unwrap(),
    );
    let (design, folds) = (design(&[&x]), folds(240, 3));
    let mut settings = settings(&[10.0, 31.6, 100.0]);
    let counted = fit(&backend(2), &design, &folds, &settings, &y).unwrap().fit;
    assert_eq!(counted.at_edge.choices, 24);
    assert!(counted.at_edge.low >= 8, "two targets have no noise: {:?}", counted.at_edge);
    assert!(counted.at_edge.high >= 4, "four are noise: {:?}", counted.at_edge);
    assert_eq!(counted.at_edge.extended, 0);
    settings.at_edge = AtEdge::Extend;
    let extended = fit(&backend(2), &design, &folds, &settings, &y).unwrap().fit;
    assert!(extended.at_edge.low + extended.at_edge.high < counted.at_edge.low + counted.at_edge.high);
    for (before, after) in counted.choices.iter().zip(&extended.choices) {
        for (before, after) in before.alpha.iter().zip(&after.alpha) {
            let inside = (before - 31.6).abs() < 1.0;
            assert!(!inside || before == after, "{before} became {after}");
        }
    }
}

#[test]
fn the_primal_and_the_dual_agree() {
    let mut random = Random::new(17);
    // Zero columns change neither kernel nor weights, but the side that is smaller.
    for columns in [20, 100] {
        let x = random.matrix(240, columns);
        let y = random.responses(&x, 6, 1.0);
        let wide = concatenate(Axis(1), &[x.view(), Array2::zeros((240, 300)).view()]).unwrap();
        let (primal, dual) = (fit_one(&x, &y, &ALPHAS), fit_one(&wide, &y, &ALPHAS));
        assert!(largest_difference(&primal.predictions, &dual.predictions) < 1e-4, "{columns}");
        for (one, other) in primal.fit.choices.iter().zip(&dual.fit.choices) {
            assert_eq!(one.alpha, other.alpha);
        }
        let difference = &primal.fit.inner_scores - &dual.fit.inner_scores;
        assert!(difference.iter().all(|difference| difference.abs() < 1e-4), "{columns}");
    }
}

/// Zero columns take a design from the primal (100) and from a dual of each fold's own (180) to parts of one kernel.
#[test]
fn one_kernel_of_all_samples_serves_every_fold() {
    let mut random = Random::new(18);
    for columns in [100, 180] {
        let x = random.matrix(200, columns).mapv(|x| x + 50.0);
        let y = InMemory(random.responses(&x, 6, 1.0));
        let wide = concatenate(Axis(1), &[x.view(), Array2::zeros((200, 150)).view()]).unwrap();
        let centred = |x: &Array2<f32>| {
            let design = Design { scaling: Scaling::Centre, ..design(&[x]) };
            fit(&backend(2), &design, &folds(200, 3), &settings(&ALPHAS), &y).unwrap()
        };
        let (own, shared) = (centred(&x), centred(&wide));
        assert!(largest_difference(&own.predictions, &shared.predictions) < 1e-4, "{columns}");
        for (one, other) in own.fit.choices.iter().zip(&shared.fit.choices) {
            assert_eq!(one.alpha, other.alpha, "{columns}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn targets_in_another_order_are_the_same_targets(seed in 0_u64..1000, columns in 2_usize..260) {
        let mut random = Random::new(seed);
        let x = random.matrix(160, columns);
        let y = random.responses(&x, 6, 1.0);
        let order = [3, 0, 5, 1, 4, 2];
        let straight = fit_one(&x, &y, &ALPHAS);
        let turned = fit_one(&x, &y.select(Axis(1), &order), &ALPHAS);
        let expected = straight.predictions.select(Axis(1), &order);
        prop_assert!(largest_difference(&turned.predictions, &expected) < 2e-5);
        for (fold, choices) in turned.fit.choices.iter().enumerate() {
            for (at, from) in order.iter().enumerate() {
                prop_assert_eq!(choices.alpha[at], straight.fit.choices[fold].alpha[*from]);
            }
        }
    }

    #[test]
    fn features_in_another_unit_change_nothing(seed in 0_u64..1000, power in -8_i32..8) {
        let mut random = Random::new(seed);
        let x = random.matrix(160, 40);
        let y = random.responses(&x, 3, 1.0);
        let scaled = &x * 10_f32.powi(power);
        let (one, other) = (fit_one(&x, &y, &ALPHAS), fit_one(&scaled, &y, &ALPHAS));
        prop_assert!(largest_difference(&one.predictions, &other.predictions) < 1e-4);
    }
}

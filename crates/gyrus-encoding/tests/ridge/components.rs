//! Principal components of a band: by hand, as part of a fit, and in surrogates.

use gyrus_core::{Fold, InMemory};
use gyrus_encoding::EncodingError;
use gyrus_encoding::nulls::{self, NullKind, ObservedFit, Request, Surrogates};
use gyrus_encoding::ridge::{self, Band, Components, Design};
use gyrus_encoding::scores;
use ndarray::{Array2, Axis, concatenate, s};

use super::naive;
use super::simulate::{Random, Whole, backend, design, fit, folds, largest_difference, settings};

/// Units of falling variance that share a few causes, and the same a sample later beside them.
fn delayed(random: &mut Random, units: usize) -> Array2<f32> {
    let mut now = random.matrix(200, 6).dot(&random.matrix(6, units)) + random.matrix(200, units) * 0.3;
    now.column_mut(0).mapv_inplace(|value| value * 40.0 + 3.0);
    let mut later = Array2::zeros(now.raw_dim());
    later.slice_mut(s![1.., ..]).assign(&now.slice(s![..-1, ..]));
    concatenate(Axis(1), &[now.view(), later.view()]).unwrap()
}

fn reduced(features: &Array2<f32>, count: usize) -> Design {
    let mut design = design(&[features]);
    design.bands[0].components = Some(Components { count, copies: 2 });
    design
}

fn fit_reduced(features: &Array2<f32>, responses: &Array2<f32>, count: usize) -> Whole {
    let settings = settings(&[1.0, 100.0, 1e4]);
    fit(&backend(2), &reduced(features, count), &folds(200, 3), &settings, &InMemory(responses.clone()))
        .unwrap()
}

/// z-scored by the training rows of a fold, each copy times the same leading directions of both copies: power iteration with
/// deflation in double precision.
fn by_hand(features: &Array2<f32>, fold: &Fold, count: usize) -> Array2<f64> {
    let x = features.mapv(f64::from);
    let train = x.select(Axis(0), &fold.train);
    let z = (&x - &train.mean_axis(Axis(0)).unwrap()) / &train.std_axis(Axis(0), 0.0);
    let units = x.ncols() / 2;
    let copies = [z.slice(s![.., ..units]), z.slice(s![.., units..])];
    let mut covariance: Array2<f64> = Array2::zeros((units, units));
    for copy in &copies {
        let train = copy.select(Axis(0), &fold.train);
        covariance += &train.t().dot(&train);
    }
    let mut directions = Array2::zeros((units, count));
    for component in 0..count {
        let mut v = ndarray::Array1::from_shape_fn(units, |unit| 1.0 + unit as f64 * 0.37 % 1.0);
        for _ in 0..5000 {
            v = covariance.dot(&v);
            v /= v.dot(&v).sqrt();
        }
        let value = v.dot(&covariance.dot(&v));
        let outer = v.view().insert_axis(Axis(1)).dot(&v.view().insert_axis(Axis(0)));
        covariance -= &(outer * value);
        directions.column_mut(component).assign(&v);
    }
    concatenate(Axis(1), &[copies[0].dot(&directions).view(), copies[1].dot(&directions).view()]).unwrap()
}

/// Ridge on centred columns.
fn centred_ridge(x: &Array2<f64>, y: &Array2<f64>, fold: &Fold, alpha: f64) -> Array2<f64> {
    let spread = x.select(Axis(0), &fold.train).std_axis(Axis(0), 0.0);
    naive::predict_weighted(x, y, fold, (alpha, &|column| spread[column])).0
}

#[test]
fn a_fit_is_ridge_on_the_components_of_its_training_rows() {
    for (units, count) in [(12, 3), (150, 4)] {
        let mut random = Random::new(8 + units as u64);
        let x = delayed(&mut random, units);
        let y = random.responses(&x, 5, 1.0);
        let found = fit_reduced(&x, &y, count);
        for (index, fold) in folds(200, 3).as_slice().iter().enumerate() {
            let components = by_hand(&x, fold, count);
            for target in 0..5 {
                let column = y.slice(s![.., target..=target]).mapv(f64::from);
                let expected =
                    centred_ridge(&components, &column, fold, found.fit.choices[index].alpha[target]);
                for (row, expected) in fold.test.iter().zip(expected.column(0)) {
                    let difference = f64::from(found.predictions[(*row, target)]) - expected;
                    assert!(difference.abs() < 2e-4, "{units} units, row {row}: {difference:e}");
                }
            }
        }
    }
}

/// Ridge does not see a rotation: with as many components as units nothing changes.
#[test]
fn all_components_are_the_band_itself() {
    let mut random = Random::new(31);
    let x = delayed(&mut random, 10);
    let y = random.responses(&x, 4, 1.0);
    let plain =
        fit(&backend(2), &design(&[&x]), &folds(200, 3), &settings(&[1.0, 100.0, 1e4]), &InMemory(y.clone()))
            .unwrap();
    for count in [10, 400] {
        let all = fit_reduced(&x, &y, count);
        assert!(largest_difference(&all.predictions, &plain.predictions) < 1e-4);
        assert_eq!(all.fit.choices[0].alpha, plain.fit.choices[0].alpha);
    }
    let few = fit_reduced(&x, &y, 2);
    assert!(largest_difference(&few.predictions, &plain.predictions) > 1e-2);
}

/// Absurd held-out rows change neither components nor penalties.
#[test]
fn held_out_rows_make_no_component() {
    let mut random = Random::new(5);
    let x = delayed(&mut random, 14);
    let y = random.responses(&x, 3, 1.0);
    let folds = folds(200, 2);
    for (index, fold) in folds.as_slice().iter().enumerate() {
        let judged = |x: &Array2<f32>| {
            let bands = reduced(x, 3).prepare();
            let split = gyrus_encoding::Split::of(fold).unwrap();
            let inner = folds.inner(index, 3).unwrap();
            let (settings, mixtures) = (settings(&[1.0, 1e3]), vec![vec![1.0]]);
            let responses = InMemory(y.clone());
            ridge::choose_penalties(
                &backend(1),
                &bands,
                (&split.train, &inner),
                (&settings, &mixtures),
                &responses,
            )
            .unwrap()
        };
        let mut absurd = x.clone();
        (0..200).filter(|row| !fold.train.contains(row)).for_each(|row| absurd.row_mut(row).fill(1e30));
        assert_eq!(judged(&x), judged(&absurd), "fold {index}");
    }
}

/// Surrogates are reduced by the components of what they stand for.
#[test]
fn surrogates_of_all_components_score_as_those_of_the_band() {
    let mut random = Random::new(77);
    let x = delayed(&mut random, 9);
    let y = random.responses(&x, 4, 2.0);
    let (folds, backend) = (folds(200, 3), backend(2));
    let responses = InMemory(y.clone());
    let null = |design: &Design| {
        let whole = fit(&backend, design, &folds, &settings(&[100.0]), &responses).unwrap();
        let declared = |values: &Array2<f32>| gyrus_encoding::Test::declared(values.clone());
        let observed = scores::correlation(&declared(&whole.predictions), &declared(&y), &folds).unwrap();
        let request = Request {
            design,
            surrogate_bands: &[0],
            given: &[],
            folds: &folds,
            groups: &[Some(0), Some(1), Some(2), Some(3)],
            fit: ObservedFit { choices: &whole.fit.choices, scores: &observed.correlation },
            again: None,
        };
        let surrogates = Surrogates { kind: NullKind::Phase, count: 7, seed: 2 };
        nulls::refit(&backend, &request, &responses, &surrogates).unwrap().group_sums
    };
    let plain = null(&design(&[&x]));
    let difference = |count: usize| {
        let of = null(&reduced(&x, count)) - &plain;
        of.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()))
    };
    assert!(difference(9) < 1e-4, "{}", difference(9));
    assert!(difference(1) > 1e-2);
}

#[test]
fn a_model_of_all_rows_has_no_components() {
    let mut random = Random::new(3);
    let x = delayed(&mut random, 5);
    let y = random.responses(&x, 2, 1.0);
    let inner = [Fold { train: (0..100).collect(), test: (100..200).collect() }];
    let band = Band { components: Some(Components { count: 2, copies: 2 }), ..Band::new("layer", x.clone()) };
    let design = Design { bands: vec![band], ..design(&[&x]) };
    let found = ridge::fit_all(&backend(1), &design, &inner, &settings(&[1.0]), &InMemory(y));
    assert!(matches!(found, Err(EncodingError::Components { band }) if band == "layer"));
}

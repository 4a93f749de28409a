//! Penalties and predictions equal those of scikit-learn and himalaya, eigenvalues those of LAPACK.

use std::path::{Path, PathBuf};

use gyrus_core::{FoldRule, Folds, InMemory};
use gyrus_encoding::backend::Eigen;
use gyrus_encoding::ridge::{Band, Components, Design, Mixtures, RidgeSettings, Scaling};
use ndarray::{Array2, s};
use npyz::NpyFile;
use serde_json::Value;

use super::simulate::{Whole, backend, fit, one_run, settings};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/ridge").join(name)
}

fn golden() -> Value {
    serde_json::from_slice(&std::fs::read(path("golden.json")).unwrap()).unwrap()
}

fn array<T: npyz::Deserialize>(name: &str) -> Array2<T> {
    let bytes = std::fs::read(path(&format!("{name}.npy"))).unwrap();
    let file = NpyFile::new(&bytes[..]).unwrap();
    let shape = (file.shape()[0] as usize, file.shape()[1] as usize);
    Array2::from_shape_vec(shape, file.into_vec().unwrap()).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn without_gap() -> Folds {
    Folds::new(&one_run(200), &FoldRule::Blocks { count: 4, gap: 0 }).unwrap()
}

fn fitted(
    bands: &[Array2<f32>],
    responses: &Array2<f32>,
    (settings, scaling): (&RidgeSettings, Scaling),
) -> Whole {
    let band = |features: &Array2<f32>| Band::new("x", features.clone());
    fitted_bands(bands.iter().map(band).collect(), responses, (settings, scaling))
}

fn fitted_bands(
    bands: Vec<Band>,
    responses: &Array2<f32>,
    (settings, scaling): (&RidgeSettings, Scaling),
) -> Whole {
    let design = Design { bands, timeline: one_run(200), drift: Vec::new(), scaling };
    fit(&backend(2), &design, &without_gap(), settings, &InMemory(responses.clone())).unwrap()
}

/// Penalties of both where they are the same; how many are not.
fn compare(name: &str, found: &Whole, alphas: &[Vec<f64>], predictions: &Array2<f32>) -> usize {
    let (mut differ, size) = (0, predictions.std(0.0));
    for (fold, division) in without_gap().as_slice().iter().enumerate() {
        for target in 0..predictions.ncols() {
            if (found.fit.choices[fold].alpha[target] / alphas[fold][target] - 1.0).abs() > 1e-9 {
                differ += 1;
                continue;
            }
            for row in &division.test {
                let difference =
                    (found.predictions[(*row, target)] - predictions[(*row, target)]).abs() / size;
                assert!(difference < 1e-4, "{name}, row {row}, target {target}: {difference:e}");
            }
        }
    }
    differ
}

#[test]
fn penalties_and_predictions_are_those_of_scikit_learn_and_himalaya() {
    let golden = golden();
    let settings = settings(&numbers(&golden["alphas"]));
    for name in golden["problems"].as_array().unwrap() {
        let name = name.as_str().unwrap();
        let (x, y) = (array(&format!("{name}_x")), array(&format!("{name}_y")));
        for (peer, scaling) in [("scikit_learn", Scaling::ZScore), ("himalaya", Scaling::Centre)] {
            let of_peer = format!("{name}_{peer}");
            let found = fitted(std::slice::from_ref(&x), &y, (&settings, scaling));
            let alphas: Vec<Vec<f64>> = golden[&of_peer].as_array().unwrap().iter().map(numbers).collect();
            assert_eq!(compare(&of_peer, &found, &alphas, &array(&of_peer)), 0, "{of_peer}");
        }
    }
}

#[test]
fn components_are_those_of_scikit_learn() {
    let golden = golden();
    let settings = settings(&numbers(&golden["alphas"]));
    for name in ["middle", "power_law"] {
        let (x, y): (Array2<f32>, Array2<f32>) = (array(&format!("{name}_x")), array(&format!("{name}_y")));
        let components = Some(Components { count: 20, copies: 1 });
        let bands = vec![Band { components, ..Band::new("x", x) }];
        let found = fitted_bands(bands, &y, (&settings, Scaling::ZScore));
        let of = format!("{name}_components");
        let alphas: Vec<Vec<f64>> = golden[&of].as_array().unwrap().iter().map(numbers).collect();
        assert_eq!(compare(&of, &found, &alphas, &array(&of)), 0, "{of}");
    }
}

#[test]
fn banded_choices_are_those_of_himalaya() {
    let golden = golden();
    let of = &golden["banded"];
    let x: Array2<f32> = array("banded_x");
    let bands: Vec<Array2<f32>> =
        (0..3).map(|band| x.slice(s![.., band * 40..(band + 1) * 40]).to_owned()).collect();
    let mixtures: Vec<Vec<f64>> = of["gammas"].as_array().unwrap().iter().map(numbers).collect();
    let mut settings = settings(&numbers(&golden["alphas"]));
    settings.mixtures = Mixtures::Same(mixtures);
    let found = fitted(&bands, &array("banded_y"), (&settings, Scaling::Centre));
    let alphas: Vec<Vec<f64>> = of["alphas"].as_array().unwrap().iter().map(numbers).collect();
    assert_eq!(compare("banded", &found, &alphas, &array("banded_himalaya")), 0);
    for (fold, choices) in found.fit.choices.iter().enumerate() {
        for target in 0..choices.alpha.len() {
            let expected = numbers(&of["weights"][fold][target]);
            for (found, expected) in choices.mixture_of(target).iter().zip(expected) {
                assert!(
                    (found - expected).abs() < 1e-6,
                    "fold {fold}, target {target}: {found} for {expected}"
                );
            }
        }
    }
}

#[test]
fn eigenvalues_are_those_of_lapack() {
    let golden = golden();
    for name in ["low_rank", "half_rank", "graded", "twenty_decades", "duplicated", "constant"] {
        let gram: Array2<f64> = array(&format!("spectrum_{name}"));
        let expected = numbers(&golden[&format!("spectrum_{name}")]);
        let matrix = faer::Mat::from_fn(gram.nrows(), gram.ncols(), |row, column| gram[(row, column)]);
        let found = Eigen::of(&matrix).unwrap();
        let largest = expected.last().unwrap();
        for (found, expected) in found.values.iter().zip(&expected) {
            assert!((found - expected).abs() < 1e-12 * largest, "{name}: {found:e} for {expected:e}");
        }
        let rebuilt = &found.vectors
            * faer::Mat::from_fn(gram.nrows(), gram.ncols(), |row, column| {
                found.values[row] * found.vectors[(column, row)]
            });
        assert!((&rebuilt - &matrix).norm_l2() < 1e-12 * matrix.norm_l2(), "{name}");
    }
}

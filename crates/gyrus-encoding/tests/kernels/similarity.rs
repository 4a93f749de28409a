//! Comparisons of patterns and kernels and back-to-back regression against goldens, planted truth and laws.

use gyrus_encoding::EncodingError;
use gyrus_encoding::similarity::{
    Comparison, Piece, back_to_back, compare, correlation_distances, crossed_distances, kernel_alignment,
    representation_ceiling,
};
use ndarray::{Array2, ArrayView2, Axis, s};

use crate::golden::{list, number, read_from, table};
use crate::simulate::{normal, random};

fn near(found: &[f64], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        // Sums in another order.
        assert!((found - expected).abs() < 1e-9, "{what}: {found}, expected {expected}");
    }
}

fn gaussian(seed: u64, (rows, columns): (usize, usize)) -> Array2<f64> {
    let mut random = random(seed);
    Array2::from_shape_simple_fn((rows, columns), || normal(&mut random))
}

#[test]
fn distances_fits_and_ceilings_are_those_of_rsatoolbox() {
    let golden = &read_from("similarity", "similarity")["representations"];
    let runs = table(&golden["runs"]);
    let run = |place: usize| runs.slice(s![7 * place..7 * place + 7, ..]);
    near(&correlation_distances(run(0)).unwrap(), &list(&golden["correlation"]), "1 - r");
    near(&crossed_distances(&[run(0), run(1), run(2)]).unwrap(), &list(&golden["crossed"]), "crossed");
    let people: Vec<Vec<f64>> = table(&golden["people"]).rows().into_iter().map(|row| row.to_vec()).collect();
    let model = list(&golden["model"]);
    for (name, comparison) in [("corr", Comparison::Pearson), ("spearman", Comparison::Spearman)] {
        let fits: Vec<f64> = people.iter().map(|own| compare(&model, own, comparison).unwrap()).collect();
        near(&fits, &list(&golden["fits"][name]), name);
        let found = representation_ceiling(&people, comparison).unwrap();
        near(&[found.lower, found.upper], &list(&golden["ceilings"][name]), name);
    }
}

#[test]
fn crossed_distances_of_noise_have_mean_0() {
    let of = |seed: u64| {
        let runs = [gaussian(2 * seed, (6, 20)), gaussian(2 * seed + 1, (6, 20))];
        let found = crossed_distances(&[runs[0].view(), runs[1].view()]).unwrap();
        found.iter().sum::<f64>() / found.len() as f64
    };
    let mean = (0..200).map(of).sum::<f64>() / 200.0;
    // Four standard errors; the uncrossed squared distance of these would be 2.
    assert!(mean.abs() < 0.06, "{mean}");
}

#[test]
fn alignment_of_kernels_is_that_of_the_formula_and_knows_no_rotation_or_scale() {
    let golden = &read_from("similarity", "similarity")["kernels"];
    let (x, y) = (table(&golden["x"]), table(&golden["y"]));
    let found = kernel_alignment(x.view(), y.view()).unwrap();
    near(&[found.biased, found.unbiased], &[number(&golden["biased"]), number(&golden["unbiased"])], "CKA");
    let turned = x.slice(s![.., ..;-1]).mapv(|value| -3.0 * value + 7.0);
    let same = kernel_alignment(turned.view(), y.view()).unwrap();
    near(&[same.biased, same.unbiased], &[found.biased, found.unbiased], "turned");
    near(&[kernel_alignment(x.view(), turned.view()).unwrap().unbiased], &[1.0], "itself");
}

#[test]
fn independent_spaces_align_in_the_biased_estimate_only() {
    let of = |seed: u64| {
        kernel_alignment(gaussian(2 * seed, (20, 60)).view(), gaussian(2 * seed + 1, (20, 60)).view())
    };
    let found: Vec<_> = (0..60).map(|seed| of(seed).unwrap()).collect();
    let biased = found.iter().map(|one| one.biased).sum::<f64>() / 60.0;
    let unbiased = found.iter().map(|one| one.unbiased).sum::<f64>() / 60.0;
    assert!(biased > 0.6 && unbiased.abs() < 0.05, "{biased} {unbiased}");
}

fn pieces<'a>(of: &[usize], features: &'a Array2<f64>, responses: &'a Array2<f64>) -> Vec<Piece<'a>> {
    let mut from = 0;
    let mut piece = |count: &usize| {
        let rows = s![from..from + count, ..];
        from += count;
        Piece { features: features.slice(rows), responses: responses.slice(rows) }
    };
    of.iter().map(&mut piece).collect()
}

#[test]
fn back_to_back_is_that_of_numpy_primal_and_dual() {
    for case in read_from("similarity", "similarity")["back_to_back"].as_array().unwrap() {
        let (features, responses) = (table(&case["features"]), table(&case["responses"]));
        let pieces = pieces(&[8, 9, 10, 8, 9], &features, &responses);
        let found = back_to_back(&pieces, &list(&case["alphas"]), (100, 1)).unwrap();
        assert_eq!(found.divisions, number(&case["divisions"]) as usize);
        near(&found.effects, &list(&case["effects"]), "effects");
    }
}

#[test]
fn a_feature_that_only_goes_along_with_another_has_no_effect() {
    let mut features = gaussian(1, (600, 2));
    for mut row in features.rows_mut() {
        row[1] = 0.7 * row[0] + 0.7 * row[1];
    }
    let mut responses = gaussian(2, (600, 8));
    for (mut row, feature) in responses.rows_mut().into_iter().zip(features.column(0)) {
        row += 0.7 * *feature;
    }
    let found =
        back_to_back(&pieces(&[100; 6], &features, &responses), &[0.1, 10.0, 1000.0], (10, 1)).unwrap();
    assert!(found.effects[0] > 0.5 && found.effects[1].abs() < 0.06, "{found:?}");
    assert_eq!(found.divisions, 10);
}

#[test]
fn what_cannot_be_compared_is_said() {
    let (whole, two) = (gaussian(3, (8, 4)), gaussian(4, (2, 4)));
    let mut broken = whole.clone();
    broken[(2, 1)] = f64::NAN;
    let flat = Array2::from_elem((8, 4), 0.1);
    let text = |error: EncodingError| error.to_string();
    let found = |values: ArrayView2<'_, f64>| text(correlation_distances(values).unwrap_err());
    assert!(found(two.view()).starts_with("found 2 conditions, expected at least 3"));
    assert!(found(broken.view()).contains("row 2, column 1"));
    assert!(found(flat.view()).contains("condition 0 is the same everywhere"));
    assert!(text(crossed_distances(&[whole.view()]).unwrap_err()).contains("1 runs, expected at least 2"));
    let shapes = text(crossed_distances(&[whole.view(), two.view()]).unwrap_err());
    assert!(shapes.contains("run 1 has shape (2, 4), expected (8, 4)"), "{shapes}");
    assert!(
        text(representation_ceiling(&[vec![1.0, 2.0]], Comparison::Pearson).unwrap_err())
            .contains("1 participants")
    );
    assert!(text(kernel_alignment(whole.view(), two.view()).unwrap_err()).contains("2 samples, expected 8"));
    assert!(text(kernel_alignment(whole.view(), flat.view()).unwrap_err()).contains("matrix 1"));
    let (x, y) = (gaussian(5, (40, 2)), gaussian(6, (40, 3)));
    let b2b = |lengths: &[usize], alphas: &[f64]| {
        text(back_to_back(&pieces(lengths, &x, &y), alphas, (5, 1)).unwrap_err())
    };
    assert!(b2b(&[10; 3], &[1.0]).contains("3 runs, expected at least 4"));
    assert!(b2b(&[10; 4], &[]).contains("0 penalties"));
    assert!(b2b(&[10; 4], &[-1.0]).contains("penalty of -1"));
    let one = x.select(Axis(1), &[0, 0]).mapv(|_| 1.0);
    let constant = back_to_back(&pieces(&[10; 4], &one, &y), &[1.0], (5, 1)).unwrap_err();
    assert!(text(constant).contains("feature 0 is the same everywhere"));
}

/// Powers of two change no rounding but that of the eigenvalues.
#[test]
fn the_unit_of_features_changes_no_comparison() {
    let (x, y) = (gaussian(7, (40, 3)), gaussian(8, (40, 4)));
    let of = |unit: f64| {
        let (x, y) = (&x * unit, &y * unit);
        let effects = back_to_back(&pieces(&[10; 4], &x, &y), &[1.0, 30.0], (100, 1)).unwrap().effects;
        let alignment = kernel_alignment(x.view(), y.view()).unwrap();
        [effects, vec![alignment.biased, alignment.unbiased]].concat()
    };
    for exponent in [-60, 60] {
        near(&of(2_f64.powi(exponent)), &of(1.0), "unit");
    }
}

#[test]
fn constants_of_either_sign_and_zeros_have_no_kernel() {
    let x = gaussian(9, (6, 2));
    for value in [0.0, 0.1, -0.1, -2.0] {
        let flat = Array2::from_elem((6, 2), value);
        let found = kernel_alignment(flat.view(), x.view()).unwrap_err();
        assert!(found.to_string().contains("matrix 0"), "{value}: {found}");
    }
}

/// The fewest that each comparison takes. Two units correlate by 1 or −1.
#[test]
fn the_fewest_patterns_are_enough() {
    let three = ndarray::array![[0.0, 1.0], [1.0, 0.0], [0.0, 2.0]];
    near(&correlation_distances(three.view()).unwrap(), &[2.0, 0.0, 2.0], "three conditions, two units");
    near(&crossed_distances(&[three.view(), three.view()]).unwrap(), &[1.0, 0.5, 2.5], "the same twice");
    let line = ndarray::array![[1.0], [2.0], [4.0], [8.0]];
    let found = kernel_alignment(line.view(), line.view()).unwrap();
    near(&[found.biased, found.unbiased], &[1.0, 1.0], "four samples with themselves");
    let few = line.slice(s![..3, ..]);
    let found = kernel_alignment(few, few).unwrap_err();
    assert_eq!(found, EncodingError::TooFewPatterns { what: "samples", found: 3, needed: 4 });
    // Of two with r = 1/2 the mean has r = √(3/4) with each.
    let two = [vec![1.0, 2.0, 3.0], vec![1.0, 3.0, 2.0]];
    for comparison in [Comparison::Pearson, Comparison::Spearman] {
        let found = representation_ceiling(&two, comparison).unwrap();
        near(&[found.lower, found.upper], &[0.5, 0.75_f64.sqrt()], "two participants");
    }
}

/// Samples that are all equally far from each other have no geometry: the unbiased estimate of their kernel is 0.
#[test]
fn samples_that_are_equally_far_apart_have_no_unbiased_alignment() {
    for count in 4..12 {
        let (apart, other) = (Array2::<f64>::eye(count), gaussian(10, (count, 3)));
        for (x, y) in [(&apart, &apart), (&apart, &other), (&other, &apart)] {
            let found = kernel_alignment(x.view(), y.view()).unwrap();
            assert!(found.unbiased.is_nan() && found.biased > 0.0, "{count}: {found:?}");
        }
    }
}

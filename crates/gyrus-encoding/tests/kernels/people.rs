//! What is known of people, and people with stories, against statsmodels, nilearn, closed forms and planted truth.

use gyrus_encoding::EncodingError;
use gyrus_encoding::statistics::{
    Tail, crossed_mean, levels, one_sample, permuted_slopes, slopes, student_quantile,
};
use ndarray::{Array2, Axis, array};
use proptest::prelude::*;
use serde_json::Value;

use crate::golden;
use crate::simulate::{backend, normal, random};

/// A table with null where there is no score.
fn holed(value: &Value) -> Array2<f64> {
    let rows: Vec<Vec<f64>> = value
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row.as_array().unwrap().iter().map(|cell| cell.as_f64().unwrap_or(f64::NAN)).collect())
        .collect();
    Array2::from_shape_fn((rows.len(), rows[0].len()), |(row, column)| rows[row][column])
}

#[test]
fn slopes_are_those_of_statsmodels() {
    let content = &golden::read("people")["covariates"];
    let (covariates, scores) = (golden::table(&content["covariates"]), holed(&content["holes"]));
    for row in content["fits"].as_array().unwrap() {
        let row = golden::list(row);
        let (which, target) = (row[0] as usize, row[1] as usize);
        let found = slopes(scores.view(), covariates.view(), which).unwrap()[target];
        let interval = found.interval(0.95);
        let made = [found.slope, found.standard_error, found.t, found.p, interval[0], interval[1]];
        for (made, expected) in made.iter().zip(&row[2..]) {
            assert!((made - expected).abs() <= 1e-8 * expected.abs(), "{which} {target}: {made} {expected}");
        }
    }
    assert_eq!(slopes(scores.view(), covariates.view(), 0).unwrap()[0].n, 22, "two people without a score");
}

/// Both draw 20,000 orders of people: p differ by chance, with a standard error of .005 at most.
#[test]
fn the_largest_slope_is_corrected_as_nilearn_corrects_it() {
    let content = &golden::read("people")["covariates"];
    let (covariates, scores) = (golden::table(&content["covariates"]), golden::table(&content["scores"]));
    for (which, row) in content["corrected"].as_array().unwrap().iter().enumerate() {
        let at = (scores.view(), covariates.view(), which);
        let found = permuted_slopes(&backend(2), at, (20_000, 5)).unwrap().family_wise_p();
        for (found, expected) in found.iter().zip(golden::list(row)) {
            assert!((found - expected).abs() < 0.02, "{which}: {found} {expected}");
        }
    }
}

/// One covariate and no other: |t| grows with |r|, and all orders of few people can be gone through.
#[test]
fn orders_of_people_are_those_of_an_enumeration() {
    let scores = array![[0.3, 1.0], [0.1, 0.0], [0.4, 0.5], [0.2, -1.0], [0.9, 0.4]];
    let covariate = array![[1.0], [2.0], [4.0], [3.0], [7.0]];
    let correlation = |order: &[usize], target: usize| {
        let mean = covariate.mean().unwrap();
        let centre = scores.column(target).mean().unwrap();
        let products = order
            .iter()
            .enumerate()
            .map(|(person, given)| (covariate[(person, 0)] - mean) * (scores[(*given, target)] - centre));
        products.sum::<f64>().abs()
    };
    let orders = orders(5);
    let found = permuted_slopes(&backend(2), (scores.view(), covariate.view(), 0), (20_000, 1)).unwrap().p();
    for target in 0..2 {
        let observed = correlation(&[0, 1, 2, 3, 4], target);
        let reached = orders.iter().filter(|order| correlation(order, target) >= observed - 1e-12).count();
        let exact = reached as f64 / orders.len() as f64;
        assert!((found[target] - exact).abs() < 0.015, "{target}: {} {exact}", found[target]);
    }
}

fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let longer = |order: Vec<usize>| {
        (0..count).map(move |place| {
            let mut order = order.clone();
            order.insert(place, count - 1);
            order
        })
    };
    orders(count - 1).into_iter().flat_map(longer).collect()
}

#[test]
fn what_cannot_be_told_apart_has_no_slope() {
    let scores = array![[0.1], [0.5], [0.2], [0.9], [0.3]];
    let constant = array![[2.0, 1.0], [2.0, 3.0], [2.0, 2.0], [2.0, 5.0], [2.0, 4.0]];
    assert!(slopes(scores.view(), constant.view(), 0).unwrap()[0].slope.is_nan(), "a constant");
    assert!(slopes(scores.view(), constant.view(), 1).unwrap()[0].slope.is_finite(), "a constant beside it");
    let twice = array![[1.0, 3.0], [3.0, 7.0], [2.0, 5.0], [5.0, 11.0], [4.0, 9.0]];
    assert!(slopes(scores.view(), twice.view(), 0).unwrap()[0].slope.is_nan(), "2x + 1 beside x");
    let few = scores.slice(ndarray::s![..2, ..]);
    let of_few = constant.slice(ndarray::s![..2, 1..]);
    assert!(slopes(few, of_few, 0).unwrap()[0].p.is_nan(), "two people and two unknowns");
    let p = permuted_slopes(&backend(1), (few, of_few, 0), (9, 1)).unwrap().family_wise_p();
    assert!(p[0].is_nan());
    let nothing = Array2::from_elem((5, 1), f64::NAN);
    assert_eq!(slopes(nothing.view(), constant.view(), 1).unwrap()[0].n, 0);
    let error = slopes(few, constant.view(), 0).unwrap_err();
    assert!(matches!(error, EncodingError::ParticipantMismatch { found: 5, expected: 2 }), "{error}");
    assert!(slopes(scores.view(), constant.view(), 2).is_err(), "there is no third covariate");
}

#[test]
fn labels_become_a_column_for_each_level_but_the_first() {
    let labels = ["old", "young", "old", "child"].map(|label| Some(label.to_owned()));
    let labels = [labels.as_slice(), &[None]].concat();
    let (names, columns) = levels(&labels);
    assert_eq!(names, ["child", "old", "young"]);
    assert_eq!(columns.shape(), [5, 2]);
    assert_eq!(columns.column(0).to_vec()[..4], [1.0, 0.0, 1.0, 0.0]);
    assert!(columns.row(4).iter().all(|value| value.is_nan()));
    assert_eq!(levels(&[None, None]).1.ncols(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// A slope is per unit of its covariate; a constant on either side changes nothing.
    #[test]
    fn slopes_scale_with_units(seed in 0_u64..1000, unit in 0.01_f64..100.0, shift in -50.0_f64..50.0) {
        let mut random = random(seed);
        let scores = Array2::from_shape_simple_fn((9, 1), || normal(&mut random));
        let covariates = Array2::from_shape_simple_fn((9, 2), || normal(&mut random));
        let plain = slopes(scores.view(), covariates.view(), 0).unwrap()[0];
        let mut scaled = covariates.clone();
        scaled.column_mut(0).mapv_inplace(|value| value * unit + shift);
        let found = slopes((&scores + shift).view(), scaled.view(), 0).unwrap()[0];
        prop_assert!((found.slope * unit - plain.slope).abs() < 1e-7 * (1.0 + plain.slope.abs()));
        prop_assert!((found.p - plain.p).abs() < 1e-7);
    }
}

#[test]
fn people_and_stories_are_those_of_statsmodels() {
    for (index, case) in golden::read("people")["crossed"].as_array().unwrap().iter().enumerate() {
        let found = crossed_mean(holed(&case["scores"]).view()).unwrap();
        let expected = |name: &str| golden::number(&case[name]);
        let near = |made: f64, expected: f64, share: f64| (made - expected).abs() <= share * expected.abs();
        assert!(near(found.mean, expected("mean"), 2e-3), "{index}: {found:?} {case}");
        assert!(near(found.standard_error, expected("standard_error"), 2e-3), "{index}: {found:?}");
        let variances = golden::list(&case["variances"]);
        for (made, expected) in found.variances.iter().zip(&variances) {
            // The other program's optimiser stops where the likelihood is flat to 1e-6.
            assert!((made - expected).abs() < 5e-3 * variances.iter().sum::<f64>(), "{index}: {found:?}");
        }
    }
}

#[test]
fn a_mean_below_0_has_the_p_of_its_mirror_image() {
    let mut random = random(14);
    let scores = Array2::from_shape_fn((7, 6), |(person, _)| 0.4 + 0.2 * person as f64 + normal(&mut random));
    let (up, down) = (crossed_mean(scores.view()).unwrap(), crossed_mean((-&scores).view()).unwrap());
    assert!(up.p < 0.5 && (up.p + down.p - 1.0).abs() < 1e-6, "{up:?} {down:?}");
    let [low, high] = up.interval(0.9);
    let t = student_quantile(0.05, up.degrees_of_freedom);
    assert!(
        (high - up.mean - t * up.standard_error).abs() < 1e-12
            && (up.mean - low - (high - up.mean)).abs() < 1e-12
    );
}

#[test]
fn one_person_one_story_or_equal_scores_have_no_crossed_mean() {
    let mut random = random(15);
    let scores = Array2::from_shape_simple_fn((5, 4), || normal(&mut random));
    assert!(crossed_mean(scores.slice(ndarray::s![..1, ..])).is_none());
    assert!(crossed_mean(scores.slice(ndarray::s![.., ..1])).is_none());
    assert!(crossed_mean(Array2::from_elem((5, 4), 1e10 + 0.1).view()).is_none(), "equal but for rounding");
    let diagonal = Array2::from_shape_fn((4, 4), |(p, s)| if p == s { scores[(p, s)] } else { f64::NAN });
    assert!(crossed_mean(diagonal.view()).is_none(), "a story for each person");
    let in_units = crossed_mean((&scores * 1e-9).view()).unwrap();
    let plain = crossed_mean(scores.view()).unwrap();
    assert!((in_units.mean * 1e9 - plain.mean).abs() < 1e-6 && (in_units.p - plain.p).abs() < 1e-6);
}

#[test]
fn covariates_in_any_unit_are_told_from_copies_of_each_other() {
    let scores = array![[0.1], [0.5], [0.2], [0.9], [0.3], [0.4]];
    let of = |unit: f64, shift: f64| {
        let rows = [3.0, 1.0, 2.0, 5.0, 4.0, 2.5].map(|x: f64| [x, unit * (2.0 * x + shift)]);
        let covariates = Array2::from_shape_fn((6, 2), |(row, column)| rows[row][column]);
        slopes(scores.view(), covariates.view(), 1).unwrap()[0].slope
    };
    for unit in [1e-8, 1.0, 1e8] {
        assert!(of(unit, 0.3).is_nan(), "a copy in units of {unit}");
    }
    let nothing = Array2::from_shape_fn((6, 2), |(row, column)| if column == 0 { row as f64 } else { 0.0 });
    assert!(slopes(scores.view(), nothing.view(), 1).unwrap()[0].slope.is_nan(), "nothing but zeros");
}

/// With everybody in every story, mean squares say it all.
#[test]
fn complete_tables_have_the_closed_form() {
    let mut random = random(4);
    for (people, stories) in [(6, 7), (12, 6), (5, 20)] {
        let of_person: Vec<f64> = (0..people).map(|_| 2.0 * normal(&mut random)).collect();
        let of_story: Vec<f64> = (0..stories).map(|_| 1.5 * normal(&mut random)).collect();
        let scores = Array2::from_shape_fn((people, stories), |(person, story)| {
            1.0 + of_person[person] + of_story[story] + normal(&mut random)
        });
        let (p, s) = (people as f64, stories as f64);
        let grand = scores.mean().unwrap();
        let square =
            |means: ndarray::Array1<f64>| means.iter().map(|mean| (mean - grand).powi(2)).sum::<f64>();
        let (by_person, by_story) = (scores.mean_axis(Axis(1)).unwrap(), scores.mean_axis(Axis(0)).unwrap());
        let residual: f64 = scores
            .indexed_iter()
            .map(|((person, story), y)| (y - by_person[person] - by_story[story] + grand).powi(2))
            .sum();
        let [a, b, e] = [
            s * square(by_person) / (p - 1.0),
            p * square(by_story) / (s - 1.0),
            residual / ((p - 1.0) * (s - 1.0)),
        ];
        let found = crossed_mean(scores.view()).unwrap();
        let variance = (a + b - e) / (p * s);
        let freedom =
            (a + b - e).powi(2) / (a * a / (p - 1.0) + b * b / (s - 1.0) + e * e / ((p - 1.0) * (s - 1.0)));
        assert!((found.mean - grand).abs() < 1e-9, "{found:?} {grand}");
        assert!(
            (found.standard_error - variance.sqrt()).abs() < 1e-4 * variance.sqrt(),
            "{found:?} {variance}"
        );
        assert!((found.degrees_of_freedom - freedom).abs() < 1e-3 * freedom, "{found:?} {freedom}");
        let expected = [(a - e) / s, (b - e) / p, e];
        for (made, expected) in found.variances.iter().zip(expected) {
            assert!((made - expected).abs() < 1e-3 * expected, "{found:?} {expected}");
        }
        let reach = student_quantile(0.025, found.degrees_of_freedom) * found.standard_error;
        assert!((found.interval(0.95)[1] - found.mean - reach).abs() < 1e-8);
    }
}

/// People who do not differ: where mean squares leave them no variance, the border is the best, and what remains is a model
/// of stories alone, whose degrees of freedom are those between stories.
#[test]
fn a_variance_that_is_not_there_is_0() {
    let mut random = random(5);
    for _ in 0..300 {
        let (people, stories) = (16, 8);
        let of_story: Vec<f64> = (0..stories).map(|_| 1.5 * normal(&mut random)).collect();
        let scores =
            Array2::from_shape_fn((people, stories), |(_, story)| of_story[story] + normal(&mut random));
        let (p, s) = (people as f64, stories as f64);
        let grand = scores.mean().unwrap();
        let square =
            |means: &ndarray::Array1<f64>| means.iter().map(|mean| (mean - grand).powi(2)).sum::<f64>();
        let (by_person, by_story) = (scores.mean_axis(Axis(1)).unwrap(), scores.mean_axis(Axis(0)).unwrap());
        let within: f64 = scores.indexed_iter().map(|((_, story), y)| (y - by_story[story]).powi(2)).sum();
        let residual = (within - s * square(&by_person)) / ((p - 1.0) * (s - 1.0));
        let found = crossed_mean(scores.view()).unwrap();
        let of_people = s * square(&by_person) / (p - 1.0) - residual;
        if of_people > 0.0 {
            assert!((found.variances[0] - of_people / s).abs() < 2e-3 * residual, "{found:?} {of_people}");
            continue;
        }
        assert_eq!(found.variances[0], 0.0, "{found:?}");
        let between = p * square(&by_story) / (s - 1.0);
        let standard_error = (between / (p * s)).sqrt();
        assert!(
            (found.standard_error - standard_error).abs() < 2e-3 * standard_error,
            "{found:?} {standard_error}"
        );
        assert!((found.degrees_of_freedom - (s - 1.0)).abs() < 0.1, "{found:?}");
    }
}

/// Scores of stories that differ, of people who hear the same ones: t over people is wrong of other stories, this is not.
#[test]
fn stories_count_as_a_sample() {
    let mut random = random(9);
    let (mut crossed, mut student) = (0, 0);
    for _ in 0..400 {
        let of_story: Vec<f64> = (0..8).map(|_| normal(&mut random)).collect();
        let scores = Array2::from_shape_fn((16, 8), |(_, story)| of_story[story] + normal(&mut random));
        crossed += usize::from(crossed_mean(scores.view()).unwrap().p < 0.05);
        let means = scores.mean_axis(Axis(1)).unwrap().to_vec();
        student += usize::from(one_sample(&means, Tail::Greater).p < 0.05);
    }
    assert!((6..=34).contains(&crossed), "{crossed} of 400 at .05");
    assert!(student > 100, "{student} of 400 at .05");
}

#[test]
fn what_has_no_spread_has_no_mean_over_people_and_stories() {
    assert!(crossed_mean(Array2::zeros((5, 6)).view()).is_none(), "constant");
    assert!(crossed_mean(Array2::from_elem((5, 6), f64::NAN).view()).is_none(), "nothing");
    assert!(crossed_mean(array![[1.0, 2.0, 3.0]].view()).is_none(), "one person");
    assert!(crossed_mean(array![[1.0], [2.0], [3.0]].view()).is_none(), "one story");
    let diagonal = Array2::from_shape_fn((4, 4), |(a, b)| if a == b { a as f64 } else { f64::NAN });
    assert!(crossed_mean(diagonal.view()).is_none(), "everybody heard a story of their own");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn units_and_order_change_nothing_but_units(seed in 0_u64..1000, unit in 1e-4_f64..1e4) {
        let mut random = random(seed);
        let scores = Array2::from_shape_fn((6, 7), |(person, _)| person as f64 * 0.3 + normal(&mut random));
        let plain = crossed_mean(scores.view()).unwrap();
        let mut turned = scores.clone() * unit;
        turned.invert_axis(Axis(0));
        turned.invert_axis(Axis(1));
        let found = crossed_mean(turned.view()).unwrap();
        prop_assert!((found.mean - unit * plain.mean).abs() < 1e-5 * unit);
        prop_assert!((found.standard_error - unit * plain.standard_error).abs() < 1e-4 * unit * plain.standard_error);
        prop_assert!((found.p - plain.p).abs() < 1e-4);
    }
}

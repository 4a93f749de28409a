//! Explained variance, its division among bands, and scores of patterns, against loops over their definitions.

use gyrus_core::{FoldRule, Folds, NoScore, Timeline};
use gyrus_encoding::scores::{
    correlation, held_out_products, partition, patterns, product_measure, r_squared, reasons,
};
use gyrus_encoding::statistics::pearson;
use gyrus_encoding::{EncodingError, Test};
use ndarray::{Array2, array};

use super::simulate::{noise, random};

const SAMPLES: usize = 90;
const TARGETS: usize = 6;

fn folds() -> Folds {
    let timeline = Timeline::new([(50, "a".to_owned()), (40, "b".to_owned())]);
    Folds::new(&timeline, &FoldRule::Blocks { count: 3, gap: 2 }).unwrap()
}

fn series(seed: u64) -> Array2<f32> {
    noise(&mut random(seed), SAMPLES, TARGETS)
}

fn declared(values: &Array2<f32>) -> Test<Array2<f32>> {
    Test::declared(values.clone())
}

/// Responses with a mean of their own, and two parts of a prediction that know something of them.
fn planted() -> (Array2<f32>, Array2<f32>, Array2<f32>) {
    let (a, b) = (series(1), series(2));
    let responses = &a + &b * 0.5 + series(3) + 40.0;
    (a * 0.8, b * 0.3, responses)
}

#[test]
fn explained_variance_is_against_the_training_mean() {
    let (a, b, responses) = planted();
    let predictions = &a + &b;
    let found = r_squared(&declared(&predictions), &declared(&responses), &folds()).unwrap();
    for (index, fold) in folds().as_slice().iter().enumerate() {
        for target in 0..TARGETS {
            let y = |row: usize| f64::from(responses[(row, target)]);
            let mean = fold.train.iter().map(|row| y(*row)).sum::<f64>() / fold.train.len() as f64;
            let square = |values: &dyn Fn(usize) -> f64| -> f64 {
                fold.test.iter().map(|row| values(*row).powi(2)).sum()
            };
            let left = square(&|row| y(row) - mean - f64::from(predictions[(row, target)]));
            let expected = 1.0 - left / square(&|row| y(row) - mean);
            assert!((found[(index, target)] - expected).abs() < 1e-9, "{index} {target}");
            assert!(found[(index, target)] < 1.0);
        }
    }
    // The training mean itself explains nothing, and worse than that is below 0.
    let nothing = r_squared(&declared(&Array2::zeros((SAMPLES, TARGETS))), &declared(&responses), &folds());
    assert!(nothing.unwrap().iter().all(|value| value.abs() < 1e-12));
    let worse = r_squared(&declared(&(predictions * -3.0)), &declared(&responses), &folds()).unwrap();
    assert!(worse.iter().all(|value| *value < 0.0));
}

#[test]
fn a_constant_response_has_no_explained_variance() {
    let (a, _, mut responses) = planted();
    responses.column_mut(2).fill(7.0);
    let found = r_squared(&declared(&a), &declared(&responses), &folds()).unwrap();
    assert!(found.column(2).iter().all(|value| value.is_nan()));
    assert!(found.column(1).iter().all(|value| value.is_finite()));
    let parts = product_measure(&[declared(&a)], &declared(&responses), &folds()).unwrap();
    assert!(parts[0].column(2).iter().all(|value| value.is_nan()));
}

#[test]
fn shares_of_bands_sum_to_the_whole_and_follow_what_was_planted() {
    let (a, b, responses) = planted();
    let useless = series(9) * 0.05;
    let parts = [declared(&a), declared(&b), declared(&useless)];
    let shares = product_measure(&parts, &declared(&responses), &folds()).unwrap();
    let whole = r_squared(&declared(&(&a + &b + &useless)), &declared(&responses), &folds()).unwrap();
    for ((fold, target), whole) in whole.indexed_iter() {
        let of = |band: usize| shares[band][(fold, target)];
        assert!((of(0) + of(1) + of(2) - whole).abs() < 1e-6, "{fold} {target}");
    }
    let mean = |band: usize| shares[band].mean().unwrap();
    assert!(mean(0) > 3.0 * mean(1) && mean(1) > 0.02 && mean(2).abs() < 0.02, "{:?}", [0, 1, 2].map(mean));
}

/// Rows: nothing, A, B, AB; what is in the first plays no part.
#[test]
fn two_bands_have_what_each_adds_and_what_they_share() {
    let scores = array![[9.0, f64::NAN], [0.3, 0.1], [0.2, -0.2], [0.4, 0.05]];
    let found = partition(scores.view());
    let expected = array![[0.0, 0.0], [0.2, 0.25], [0.1, -0.05], [0.1, -0.15]];
    assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-12), "{found}");
    assert!(partition(scores.slice(ndarray::s![..3, ..])).iter().all(|part| part.is_nan()));
}

/// The score of every set is the sum of the parts that have a band of it, and of three bands the parts are those of the
/// textbook.
#[test]
fn scores_of_sets_are_sums_of_parts() {
    for bands in 1..=4 {
        let sets = 1_usize << bands;
        let scores = noise(&mut random(bands as u64), sets, TARGETS).mapv(f64::from);
        let parts = partition(scores.view());
        for set in 1..sets {
            for target in 0..TARGETS {
                let touched = (1..sets).filter(|part| part & set != 0);
                let sum: f64 = touched.map(|part| parts[(part, target)]).sum();
                assert!((sum - scores[(set, target)]).abs() < 1e-12, "{bands} bands, set {set}");
            }
        }
    }
    // R of A, B, AB, C, AC, BC, ABC.
    let [a, b, ab, c, ac, bc, abc] = [0.31, 0.17, 0.42, 0.23, 0.45, 0.33, 0.52];
    let found = partition(array![[0.0], [a], [b], [ab], [c], [ac], [bc], [abc]].view());
    let expected = [
        0.0,
        abc - bc,
        abc - ac,
        ac + bc - c - abc,
        abc - ab,
        ab + bc - b - abc,
        ab + ac - a - abc,
        a + b + c - ab - ac - bc + abc,
    ];
    assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{found}");
}

/// Correlations over targets of every prediction with every response of a fold, z-scored per target.
fn similarity(predictions: &Array2<f32>, responses: &Array2<f32>, rows: &[usize]) -> Vec<Vec<f64>> {
    let scored = |values: &Array2<f32>| -> Vec<Vec<f64>> {
        let column = |target: usize| -> Vec<f64> {
            let x: Vec<f64> = rows.iter().map(|row| f64::from(values[(*row, target)])).collect();
            let mean = x.iter().sum::<f64>() / x.len() as f64;
            let sd = (x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / x.len() as f64).sqrt();
            x.iter().map(|x| (x - mean) / sd).collect()
        };
        (0..TARGETS).map(column).collect()
    };
    let (p, y) = (scored(predictions), scored(responses));
    let row = |values: &[Vec<f64>], row: usize| -> Vec<f64> { values.iter().map(|x| x[row]).collect() };
    let with = |i: usize| (0..rows.len()).map(|j| pearson(&row(&p, i), &row(&y, j)).unwrap()).collect();
    (0..rows.len()).map(with).collect()
}

#[test]
fn patterns_are_told_apart_as_their_definitions_say() {
    let (a, _, responses) = planted();
    let found = patterns(&declared(&a), &declared(&responses), &folds()).unwrap();
    assert_eq!(found.len(), folds().len());
    for (fold, found) in folds().as_slice().iter().zip(found) {
        let s = similarity(&a, &responses, &fold.test);
        let (mut right, mut pairs, mut rank) = (0.0, 0.0, 0.0);
        for i in 0..s.len() {
            let better = (0..s.len()).filter(|j| s[i][*j] > s[i][i]).count();
            rank += 1.0 - better as f64 / (s.len() - 1) as f64;
            for j in 0..i {
                right += f64::from(u8::from(s[i][i] + s[j][j] > s[i][j] + s[j][i]));
                pairs += 1.0;
            }
        }
        assert!((found.two_versus_two - right / pairs).abs() < 1e-9);
        assert!((found.retrieval_rank - rank / s.len() as f64).abs() < 1e-9);
        assert!(found.two_versus_two > 0.7 && found.retrieval_rank > 0.7, "{found:?}");
        assert_eq!(found.n_targets, TARGETS);
    }
}

#[test]
fn predictions_of_nothing_are_at_chance_and_one_target_is_no_pattern() {
    let (_, _, responses) = planted();
    let found = patterns(&declared(&series(21)), &declared(&responses), &folds()).unwrap();
    for of in found {
        assert!((of.two_versus_two - 0.5).abs() < 0.15 && (of.retrieval_rank - 0.5).abs() < 0.15, "{of:?}");
    }
    let first = |values: &Array2<f32>| declared(&values.slice(ndarray::s![.., ..1]).to_owned());
    for of in patterns(&first(&responses), &first(&responses), &folds()).unwrap() {
        assert!(of.two_versus_two.is_nan() && of.retrieval_rank.is_nan() && of.n_targets == 1);
    }
}

/// Two targets that are the same have no pattern: every comparison is a tie.
#[test]
fn patterns_without_differences_are_ties() {
    let twice = |seed| declared(&series(seed).select(ndarray::Axis(1), &[0, 0]));
    let found = patterns(&twice(1), &twice(2), &folds()).unwrap();
    assert_eq!(found.len(), 3);
    for of in found {
        assert_eq!((of.two_versus_two, of.retrieval_rank, of.n_targets), (0.5, 0.5, 2));
    }
}

/// The first number that single precision has above this one is a rounding error away.
fn nearly_constant() -> impl Fn(usize) -> f32 {
    |row| if row % 2 == 0 { 1e4 } else { 1e4_f32.next_up() }
}

#[test]
fn whatever_has_no_score_has_a_reason() {
    let (mut predictions, mut responses) = (series(1), series(2));
    responses[(70, 1)] = f32::NAN;
    responses.column_mut(2).fill(0.0);
    responses.column_mut(3).indexed_iter_mut().for_each(|(row, value)| *value = nearly_constant()(row));
    for row in 30..60 {
        responses[(row, 4)] = -3.5;
        predictions[(row, 5)] = nearly_constant()(row);
    }
    let of = (declared(&predictions), declared(&responses));
    let expected = [
        None,
        Some(NoScore::NonFinite),
        Some(NoScore::AllZero),
        Some(NoScore::Constant),
        Some(NoScore::ConstantInFold),
        Some(NoScore::ConstantPrediction),
    ];
    assert_eq!(reasons(&of.0, &of.1, &folds()).unwrap(), expected);
    let found = correlation(&of.0, &of.1, &folds()).unwrap().correlation;
    for ((fold, target), r) in found.indexed_iter() {
        let has_score = match target {
            0 => true,
            1 => fold != 2,
            2 | 3 => false,
            _ => fold != 1,
        };
        assert_eq!(r.is_finite(), has_score, "{fold} {target}: {r}");
    }
}

/// Whole numbers that single precision holds with the offset; and powers of two change no rounding.
#[test]
fn neither_offset_nor_unit_changes_a_correlation() {
    let whole = |seed| series(seed).mapv(|value| (value * 50.0).round());
    let (p, y) = (whole(1), whole(2));
    let of = |p: &Array2<f32>, y: &Array2<f32>| {
        let (p, y) = (declared(p), declared(y));
        let found = correlation(&p, &y, &folds()).unwrap().correlation;
        (found, held_out_products(&p, &y, &folds()).unwrap())
    };
    let expected = of(&p, &y);
    for unit in [2_f32.powi(-60), 2_f32.powi(60)] {
        assert_eq!(of(&(&p * unit), &(&y * unit)), expected);
    }
    let moved = of(&(p + 8e6), &(y + 8e6));
    for (found, expected) in moved.0.iter().zip(&expected.0) {
        assert!((found - expected).abs() < 1e-9, "{found} {expected}");
    }
}

#[test]
fn predictions_and_responses_of_other_shapes_are_an_error() {
    let whole = declared(&series(1));
    let [short, narrow] =
        [ndarray::s![..80, ..], ndarray::s![.., ..4]].map(|some| declared(&series(2).slice(some).to_owned()));
    let of = |p, y| correlation(p, y, &folds()).unwrap_err();
    let error = |found, expected| EncodingError::SampleMismatch { found, expected };
    assert_eq!(of(&short, &whole), error(80, SAMPLES));
    assert_eq!(of(&whole, &short), error(80, SAMPLES));
    assert_eq!(of(&narrow, &whole), error(4, TARGETS));
    assert_eq!(reasons(&whole, &narrow, &folds()).unwrap_err(), error(TARGETS, 4));
}

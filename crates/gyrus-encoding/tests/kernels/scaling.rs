//! Scores against properties, and intervals from blocks, against SciPy, plain sums and planted curves.

use gyrus_core::{Fold, RepetitionTime, Timeline};
use gyrus_encoding::statistics::{
    BlockLength, Draws, NoSaturation, StoryBlocks, block_means, blocks_of_story, bootstrap_blocks,
    bootstrap_stimulus, saturation, scaling, widening,
};
use ndarray::Array2;
use proptest::prelude::*;

use crate::golden;
use crate::simulate::{autocorrelated, normal, random, seconds};

#[test]
fn lines_and_curves_are_those_of_scipy() {
    for row in golden::read("scaling")["curves"].as_array().unwrap() {
        let (amounts, scores) = (golden::list(&row["amounts"]), golden::list(&row["scores"]));
        let line = scaling(&amounts, &scores).unwrap();
        for (found, key) in [(line.slope, "slope"), (line.intercept, "intercept")] {
            let expected = golden::number(&row[key]);
            assert!((found - expected).abs() < 1e-12, "{key}: {found} {expected}");
        }
        let curve = saturation(&amounts, &scores).unwrap();
        // Both stop where squares no longer change: half of the digits.
        for (found, key) in [(curve.limit, "limit"), (curve.scale, "scale")] {
            let expected = golden::number(&row[key]);
            assert!((found / expected - 1.0).abs() < 1e-6, "{key}: {found} {expected}");
        }
    }
}

/// Sums written out, without centring.
#[test]
fn a_line_solves_the_normal_equations() {
    let (properties, scores) = ([1e5, 3e6, 2e8, 7e9], [0.01, 0.06, 0.05, 0.12]);
    let found = scaling(&properties, &scores).unwrap();
    let x: Vec<f64> = properties.iter().map(|property: &f64| property.log10()).collect();
    let sum = |of: &dyn Fn(usize) -> f64| (0..4).map(of).sum::<f64>();
    let (sx, sy) = (sum(&|i| x[i]), sum(&|i| scores[i]));
    let (sxx, sxy) = (sum(&|i| x[i] * x[i]), sum(&|i| x[i] * scores[i]));
    let slope = (4.0 * sxy - sx * sy) / (4.0 * sxx - sx * sx);
    assert!((found.slope - slope).abs() < 1e-13 && (found.intercept - (sy - slope * sx) / 4.0).abs() < 1e-13);
    let rest = sum(&|i| (scores[i] - found.intercept - slope * x[i]).powi(2));
    assert!((found.residual - (rest / 4.0).sqrt()).abs() < 1e-13);
    assert!((found.at(1e6) - (found.intercept + 6.0 * found.slope)).abs() < 1e-15);
    assert!((found.percent_of(0.05) - 100.0 * slope / 0.05).abs() < 1e-9);
    assert!(found.percent_of(0.0).is_nan() && found.percent_of(-0.1).is_nan());
}

/// No pair of a fine grid has smaller squares.
#[test]
fn no_other_curve_is_nearer() {
    let mut random = random(9);
    let amounts = [1.0_f64, 2.0, 5.0, 9.0, 20.0];
    let squares = |scores: &[f64], limit: f64, scale: f64| -> f64 {
        let rest = |(n, y): (&f64, &f64)| (y - limit * (1.0 - (-n / scale).exp())).powi(2);
        amounts.iter().zip(scores).map(rest).sum()
    };
    for _ in 0..10 {
        let scores: Vec<f64> =
            amounts.iter().map(|n| 0.2 * (1.0 - (-n / 4.0_f64).exp()) + 0.01 * normal(&mut random)).collect();
        let found = saturation(&amounts, &scores).unwrap();
        let least = squares(&scores, found.limit, found.scale);
        assert!((found.residual - (least / 5.0).sqrt()).abs() < 1e-12);
        for limit in 1..100 {
            for scale in 1..200 {
                let other = squares(&scores, f64::from(limit) / 200.0, f64::from(scale) / 10.0);
                assert!(other >= least - 1e-15, "{limit} {scale}");
            }
        }
    }
}

/// Exact curves from far below the smallest amount to far above the largest, in small and large units.
#[test]
fn exact_curves_are_found_wherever_they_bend() {
    for unit in [1e-3, 1.0, 1e5] {
        for bend in [0.2, 3.0, 40.0, 700.0] {
            let amounts = [1.0, 2.0, 4.0].map(|amount: f64| amount * unit);
            let at = |amount: f64| 0.9 * (1.0 - (-amount / (bend * unit)).exp());
            let found = saturation(&amounts, &amounts.map(at)).unwrap();
            let far = [0.5, 3.0, 9.0].map(|amount| (found.at(amount * unit) - at(amount * unit)).abs());
            assert!(far.iter().all(|off| *off < 1e-6), "{unit} {bend}: {found:?} {far:?}");
            assert!((found.scale / bend / unit - 1.0).abs() < 0.01, "{unit} {bend}: {found:?}");
        }
    }
    let above_1 = [1.0, 2.0, 4.0].map(|n: f64| 1.2 * (1.0 - (-n / 3.0).exp()));
    assert_eq!(saturation(&[1.0, 2.0, 4.0], &above_1), Err(NoSaturation::NoLimit), "a correlation above 1");
    assert_eq!(saturation(&[1.0, 2.0, 4.0], &[1e-5, 2e-5, 4e-5]), Err(NoSaturation::NoLimit), "a line");
}

#[test]
fn what_has_no_line_or_curve_says_so() {
    assert!(scaling(&[1.0, 10.0], &[0.1]).is_none());
    assert!(scaling(&[0.0, 10.0], &[0.1, 0.2]).is_none() && scaling(&[-1.0, 10.0], &[0.1, 0.2]).is_none());
    assert!(scaling(&[7.0, 7.0, 7.0], &[0.1, 0.2, 0.3]).is_none() && scaling(&[], &[]).is_none());
    assert!(scaling(&[1.0, 10.0], &[0.1, f64::NAN]).is_none());
    let of = |scores: &[f64]| saturation(&[1.0, 2.0, 4.0, 8.0][..scores.len()], scores).unwrap_err();
    assert_eq!(of(&[0.1, 0.2]), NoSaturation::TooFew);
    assert_eq!(of(&[0.1, f64::NAN, 0.2]), NoSaturation::TooFew);
    assert_eq!(saturation(&[0.0, 1.0, 2.0], &[0.1, 0.2, 0.3]), Err(NoSaturation::TooFew));
    assert_eq!(saturation(&[2.0, 1.0, 2.0], &[0.1, 0.2, 0.3]), Err(NoSaturation::TooFew));
    assert_eq!(of(&[0.2, 0.2, 0.2, 0.2]), NoSaturation::Flat);
    assert_eq!(of(&[0.3, 0.25, 0.2, 0.1]), NoSaturation::Flat);
    assert_eq!(of(&[0.1, 0.2, 0.4, 0.8]), NoSaturation::NoLimit);
    assert_eq!(of(&[-0.1, -0.2, -0.2, -0.2]), NoSaturation::NotPositive);
    let codes = [NoSaturation::TooFew, NoSaturation::Flat, NoSaturation::NoLimit, NoSaturation::NotPositive];
    let codes: std::collections::BTreeSet<_> = codes.map(NoSaturation::code).into();
    assert_eq!(codes.len(), 4);
}

proptest! {
    /// Other units of the property move the line sideways and the curve with it; other units of the score scale both.
    #[test]
    fn units_do_not_matter(unit in 0.01_f64..100.0, size in 0.2_f64..1.5, seed in 0_u64..500) {
        let mut random = random(seed);
        let amounts = [1.0_f64, 3.0, 10.0, 30.0, 90.0];
        let scores: Vec<f64> =
            amounts.iter().map(|n| 0.3 * (1.0 - (-*n / 8.0_f64).exp()) + 0.01 * normal(&mut random)).collect();
        let other: Vec<f64> = amounts.iter().map(|amount| unit * amount).collect();
        let scaled: Vec<f64> = scores.iter().map(|score| size * score).collect();
        let (one, two) = (scaling(&amounts, &scores).unwrap(), scaling(&other, &scaled).unwrap());
        prop_assert!((two.slope - size * one.slope).abs() < 1e-12);
        prop_assert!((two.at(unit * 5.0) - size * one.at(5.0)).abs() < 1e-12);
        let (one, two) = (saturation(&amounts, &scores).unwrap(), saturation(&other, &scaled).unwrap());
        prop_assert!((two.limit / one.limit / size - 1.0).abs() < 1e-6, "{} {}", two.limit, one.limit);
        prop_assert!((two.scale / one.scale / unit - 1.0).abs() < 1e-6, "{} {}", two.scale, one.scale);
        prop_assert!((two.at(unit * 5.0) - size * one.at(5.0)).abs() < 1e-6);
    }
}

const SAMPLES: usize = 300;
const BLOCK: usize = 15;

fn folds() -> (Timeline, Vec<Fold>) {
    let fold = |held_out: usize| {
        let test: Vec<usize> = (60 * held_out..60 * (held_out + 1)).collect();
        Fold { train: (0..SAMPLES).filter(|row| !test.contains(row)).collect(), test }
    };
    (Timeline::new([(SAMPLES, "story".to_owned())]), (0..5).map(fold).collect())
}

fn draws(count: usize) -> Draws {
    Draws { count, seed: 3, level: 0.95 }
}

/// From means of blocks comes what samples themselves give: the same score, and an interval of about the same width.
#[test]
fn blocks_say_what_their_samples_say() {
    let (timeline, folds) = folds();
    let (mut random, mut ratio) = (random(4), 0.0);
    let blocks = blocks_of_story(&timeline, &folds, BLOCK);
    let samples: Vec<usize> = blocks.iter().map(|block| block.rows.len()).collect();
    let of_fold: Vec<usize> = blocks.iter().map(|block| block.fold).collect();
    assert_eq!((blocks.len(), samples[0], of_fold[4]), (20, BLOCK, 1));
    let interval = RepetitionTime::new(seconds(2.0)).unwrap();
    let length = BlockLength { seconds: seconds(30.0), interval, draws: 400, seed: 3, level: 0.95 };
    let count = 60;
    for _ in 0..count {
        let series = autocorrelated(&mut random, SAMPLES, 0.5);
        let products = Array2::from_shape_vec((SAMPLES, 1), series).unwrap();
        let whole = bootstrap_stimulus(products.view(), &timeline, &folds, &length).unwrap()[0];
        let means = block_means(products.view(), &timeline, &folds, BLOCK).column(0).to_vec();
        let blocks =
            StoryBlocks { means: &means, samples: &samples, folds: &of_fold, widened: widening(&folds) };
        let found = bootstrap_blocks(&blocks, &draws(400)).unwrap();
        assert!((found.score - whole.score).abs() < 1e-12);
        assert_eq!((found.blocks, found.unreliable), (whole.blocks, whole.unreliable));
        let widths = [found, whole].map(|one| one.interval.high - one.interval.low);
        ratio += widths[0] / widths[1] / f64::from(count);
    }
    // Four blocks a fold instead of sixty starts: single widths differ by a fifth, their mean by little.
    assert!((ratio - 1.0).abs() < 0.1, "{ratio}");
}

#[test]
fn sixteen_blocks_with_two_in_every_fold_are_the_fewest() {
    let is_unreliable = |folds: &[usize]| {
        let (means, samples) = (vec![0.1; folds.len()], vec![10; folds.len()]);
        let blocks = StoryBlocks { means: &means, samples: &samples, folds, widened: 1.0 };
        bootstrap_blocks(&blocks, &draws(10)).unwrap().unreliable
    };
    let with = |first: usize, second: usize| [vec![0; first], vec![1; second]].concat();
    assert!(!is_unreliable(&with(8, 8)) && is_unreliable(&with(8, 7)));
    assert!(!is_unreliable(&with(2, 20)) && is_unreliable(&with(1, 20)));
}

/// Blocks of unequal length by plain sums, and a planted mean that intervals hold.
#[test]
fn scores_of_blocks_are_weighted_and_covered() {
    let (means, samples, folds) = ([0.1, 0.4, 0.3, -0.2], [10, 30, 20, 5], [0, 0, 1, 1]);
    let blocks = StoryBlocks { means: &means, samples: &samples, folds: &folds, widened: 1.5 };
    let found = bootstrap_blocks(&blocks, &draws(200)).unwrap();
    let expected = ((0.1 * 10.0 + 0.4 * 30.0) / 40.0 + (0.3 * 20.0 - 0.2 * 5.0) / 25.0) / 2.0;
    assert!((found.score - expected).abs() < 1e-15 && found.unreliable);
    // All drawn alike: the lowest and the highest of each fold.
    let reach = [(0.1 - 0.2) / 2.0, (0.4 + 0.3) / 2.0].map(|end| expected + 1.5 * (end - expected));
    assert!(found.interval.low >= reach[0] - 1e-12 && found.interval.high <= reach[1] + 1e-12);
    let (mut random, mut covered) = (random(6), 0);
    for _ in 0..400 {
        let means: Vec<f64> = (0..40).map(|_| 0.1 + 0.05 * normal(&mut random)).collect();
        let folds: Vec<usize> = (0..40).map(|block| block / 8).collect();
        let blocks = StoryBlocks { means: &means, samples: &[15; 40], folds: &folds, widened: 1.0 };
        let interval = bootstrap_blocks(&blocks, &draws(200)).unwrap().interval;
        covered += i32::from(interval.low <= 0.1 && 0.1 <= interval.high);
    }
    // Eight blocks a fold: variances are 7/8 of what they should be, so .93; standard error .013.
    assert!((0.88..0.97).contains(&(f64::from(covered) / 400.0)), "{covered}");
}

#[test]
fn blocks_that_say_nothing_have_no_interval() {
    let of = |means: &[f64], samples: &[usize], folds: &[usize]| {
        bootstrap_blocks(&StoryBlocks { means, samples, folds, widened: 1.0 }, &draws(20))
    };
    assert!(of(&[], &[], &[]).is_none() && of(&[0.1], &[1, 2], &[0]).is_none());
    assert!(of(&[0.1, f64::NAN], &[5, 5], &[0, 0]).is_none());
    let alone = of(&[0.1], &[5], &[0]).unwrap();
    assert!(alone.unreliable && alone.interval.low == 0.1 && alone.interval.high == 0.1);
}

//! Statistics against SciPy and statsmodels, enumeration, and calibration on noise.

use gyrus_core::{Fold, FoldRule, Folds, Timeline};
use gyrus_encoding::EncodingError;
use gyrus_encoding::statistics::{
    BlockLength, Exceedances, SignFlips, Statistic, Tail, bca, benjamini_hochberg, benjamini_yekutieli,
    blocks_of_story, bootstrap_participants, bootstrap_participants_each, bootstrap_stimulus, normal_cdf,
    normal_quantile, one_sample, pearson, permutation_p, ranks, signed_rank, spearman, student_quantile,
    student_two_sided, widening,
};
use ndarray::{Array2, array, s};
use proptest::prelude::*;

use crate::golden;
use crate::simulate::{autocorrelated, backend, normal, random, sampling, seconds};

fn close(found: f64, expected: f64, tolerance: f64) -> bool {
    found == expected || (found - expected).abs() <= tolerance * expected.abs()
}

#[test]
fn the_signed_rank_test_is_that_of_scipy() {
    for case in golden::read("statistics")["signed_rank"].as_array().unwrap() {
        let differences = golden::list(&case["differences"]);
        for (tail, name) in [(Tail::TwoSided, "two-sided"), (Tail::Greater, "greater")] {
            let made = signed_rank(&differences, tail);
            assert_eq!(made.exact, case["exact"].as_bool().unwrap());
            assert!(close(made.p, golden::number(&case[name]), 1e-10), "{made:?} {name} {}", case[name]);
        }
    }
}

#[test]
fn the_signed_rank_test_leaves_out_zeros_and_missing_scores() {
    let with = signed_rank(&[1.0, -2.0, 0.0, 3.5, f64::NAN, 4.0], Tail::Greater);
    assert_eq!(with, signed_rank(&[1.0, -2.0, 3.5, 4.0], Tail::Greater));
    assert_eq!(with.n, 4);
    assert_eq!(signed_rank(&[0.0, 0.0], Tail::TwoSided).p, 1.0);
}

#[test]
fn the_one_sample_test_is_that_of_scipy() {
    for case in golden::read("statistics")["one_sample"].as_array().unwrap() {
        let scores = golden::list(&case["scores"]);
        let made = one_sample(&scores, Tail::TwoSided);
        assert!(close(made.t, golden::number(&case["t"]), 1e-10));
        assert!(close(made.p, golden::number(&case["p"]), 1e-9), "{made:?} {case}");
        assert!(close(one_sample(&scores, Tail::Greater).p, golden::number(&case["greater"]), 1e-9));
        assert!(close(made.effect, made.t / (scores.len() as f64).sqrt(), 1e-12));
    }
    assert_eq!(one_sample(&[0.0, 1.0, 2.0], Tail::TwoSided).n_positive, 2, "0 is not positive");
    let missing = one_sample(&[1.0, f64::NAN, 2.0], Tail::TwoSided);
    assert_eq!((missing.n, missing.n_positive, missing.mean), (2, 2, 1.5));
    assert!(one_sample(&[0.1, 0.1, 0.1], Tail::TwoSided).p.is_nan());
    assert!(one_sample(&[1.0], Tail::TwoSided).p.is_nan() && one_sample(&[], Tail::Greater).mean.is_nan());
}

#[test]
fn distributions_are_those_of_scipy() {
    let golden = golden::read("statistics");
    for row in golden["student"].as_array().unwrap() {
        let [t, freedom, p] = golden::list(row)[..] else { panic!() };
        assert!(
            close(student_two_sided(t, freedom), p, 1e-8),
            "{t} {freedom}: {} {p}",
            student_two_sided(t, freedom)
        );
        if p > 1e-300 && p < 0.999 {
            let found = student_quantile(p / 2.0, freedom);
            assert!(close(found, t.abs(), 1e-6), "{t} {freedom}: {found}");
        }
    }
    assert!(student_quantile(0.7, 3.0).is_nan() && student_quantile(0.01, 0.0).is_nan());
    for row in golden["normal"].as_array().unwrap() {
        let [z, p] = golden::list(row)[..] else { panic!() };
        assert!(close(normal_cdf(z), p, 1e-12), "{z}");
    }
    for row in golden["quantile"].as_array().unwrap() {
        let [p, z] = golden::list(row)[..] else { panic!() };
        assert!((normal_quantile(p) - z).abs() < 1e-9, "{p}: {} {z}", normal_quantile(p));
    }
    assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
    assert!(normal_quantile(1.5).is_nan());
}

#[test]
fn false_discovery_rates_are_those_of_statsmodels() {
    let golden = golden::read("statistics");
    let mut p = golden::list(&golden["p"]);
    for (name, made) in [
        ("benjamini_hochberg", benjamini_hochberg(&p).unwrap()),
        ("benjamini_yekutieli", benjamini_yekutieli(&p).unwrap()),
    ] {
        let expected = golden::list(&golden[name]);
        assert!(made.iter().zip(&expected).all(|(m, e)| close(*m, *e, 1e-12)), "{name}");
    }
    let without = benjamini_hochberg(&p).unwrap();
    p.insert(3, f64::NAN);
    let with = benjamini_hochberg(&p).unwrap();
    assert!(with[3].is_nan() && with[4..] == without[3..], "a test that was not made does not count");
    let error = benjamini_hochberg(&[0.2, -0.1]).unwrap_err();
    assert_eq!(error, EncodingError::Probability { index: 1, found: -0.1 });
}

#[test]
fn correlations_are_those_of_scipy() {
    let golden = golden::read("statistics");
    let (x, y) = (golden::list(&golden["x"]), golden::list(&golden["y"]));
    assert!(close(pearson(&x, &y).unwrap(), golden::number(&golden["pearson"]), 1e-12));
    assert!(close(spearman(&x, &y).unwrap(), golden::number(&golden["spearman"]), 1e-12));
    assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), [3.5, 1.0, 3.5, 2.0]);
    assert_eq!(pearson(&[5.1; 4], &[1.0, 2.0, 3.0, 4.0]), None);
    assert_eq!(pearson(&[1.0, f64::NAN], &[1.0, 2.0]), None);
    assert_eq!(spearman(&[1.0, f64::NAN], &[1.0, 2.0]), None);
    assert_eq!(pearson(&[1.0, 2.0], &[1.0]), None);
}

#[test]
fn the_interval_over_participants_is_the_bca_formula() {
    let golden = &golden::read("statistics")["bca"];
    let scores = golden::list(&golden["scores"]);
    let mean = scores.iter().sum::<f64>() / scores.len() as f64;
    let made = bca(&golden::list(&golden["samples"]), mean, &golden::list(&golden["jackknife"]), 0.95);
    let expected = golden::list(&golden["interval"]);
    assert!(
        close(made.low, expected[0], 1e-9) && close(made.high, expected[1], 1e-9),
        "{made:?} {expected:?}"
    );
    let mean_of = |drawn: &[usize]| drawn.iter().map(|one| scores[*one]).sum::<f64>() / drawn.len() as f64;
    let own = bootstrap_participants(scores.len(), 20_000, 1, 0.95, mean_of);
    let official = golden::list(&golden["official"]);
    let width = official[1] - official[0];
    assert!(
        (own.low - official[0]).abs() < 0.03 * width && (own.high - official[1]).abs() < 0.03 * width,
        "{own:?}"
    );
    assert_eq!(own, bootstrap_participants(scores.len(), 20_000, 1, 0.95, mean_of));
    assert!(bootstrap_participants(1, 100, 1, 0.95, |_| 0.0).low.is_nan());
    let both = |people: &[usize]| vec![people.len() as f64, mean_of(people)];
    let each = bootstrap_participants_each(scores.len(), (20_000, 1, 0.95), both);
    assert_eq!(each[1], own, "several statistics have the intervals of each");
    assert!(bootstrap_participants_each(1, (100, 1, 0.95), both).iter().all(|one| one.low.is_nan()));
    let equal = bootstrap_participants(5, 100, 1, 0.95, |_| 0.25);
    assert_eq!((equal.low, equal.high), (0.25, 0.25));
}

/// Numbers by hand: Φ⁻¹(7/12) = .2104 moves both ends of a symmetric interval of one half up by twice as much.
#[test]
fn intervals_of_tied_and_of_one_sided_samples() {
    let tied = [0.0, 0.0, 1.0, 1.0, 1.0, 2.0];
    let made = bca(&tied, 1.0, &[3.0; 4], 0.5);
    let end = |z: f64| {
        let place = normal_cdf(2.0 * normal_quantile(7.0 / 12.0) + z) * 5.0;
        let (low, high) = (tied[place.floor() as usize], tied[place.ceil() as usize]);
        low + (high - low) * place.fract()
    };
    let quarter = normal_quantile(0.25);
    assert!((made.low - end(quarter)).abs() < 1e-12 && (made.high - end(-quarter)).abs() < 1e-12, "{made:?}");
    assert!(made.low < made.high, "{made:?}");
    assert!(
        bca(&[1.0, 2.0, 3.0], 0.0, &[1.0, 2.0], 0.9).low.is_nan(),
        "no sample is below what was observed"
    );
    // A statistic is asked of nobody and of one person by no draw, of two by every one.
    let two = bootstrap_participants(2, 200, 1, 0.9, |drawn| drawn.iter().sum::<usize>() as f64);
    assert!(two.low.is_finite() && two.high > two.low, "{two:?}");
    for few in [0, 1] {
        let never = bootstrap_participants(few, 20, 1, 0.9, |_| panic!("nothing to resample"));
        assert!(never.low.is_nan());
    }
}

#[test]
fn quantiles_and_tails_end_where_they_should() {
    assert!(student_two_sided(1.0, 0.0).is_nan() && student_two_sided(f64::NAN, 3.0).is_nan());
    assert!(student_quantile(0.0, 3.0).is_nan());
    assert_eq!(student_quantile(0.5, 3.0), 0.0);
    assert_eq!(normal_quantile(1.0), f64::INFINITY);
    assert!(normal_quantile(0.5).abs() < 1e-15);
}

/// Equal values whose mean is not theirs but for rounding, in units where that is no small number.
#[test]
fn a_constant_is_one_in_every_unit() {
    for n in 3..40 {
        for value in [1e10 / 3.0, 1e10 + 0.1, 1e-7 / 3.0] {
            let ramp: Vec<f64> = (0..n).map(f64::from).collect();
            assert_eq!(pearson(&vec![value; n as usize], &ramp), None, "{n} times {value}");
        }
    }
    assert!(
        pearson(&[1.0, 2.0], &[5.0, 3.0]).is_some_and(|r| (r + 1.0).abs() < 1e-12),
        "two points lie on a line"
    );
    assert_eq!(pearson(&[1.0, 2.0, 3.0], &[5.0, 3.0]), None, "lengths that differ");
    assert_eq!((pearson(&[], &[]), pearson(&[1.0], &[2.0])), (None, None));
}

#[test]
fn sign_flips_of_few_participants_are_enumerated() {
    let scores = array![[1.0, -0.5], [2.0, 0.4], [0.5, f64::NAN], [0.25, 0.3]];
    let flips = SignFlips::new(4, 5000, 1);
    assert!(flips.is_exact() && flips.len() == 15);
    let both = [Statistic::Mean, Statistic::T]
        .map(|statistic| [Tail::Greater, Tail::TwoSided].map(|tail| (statistic, tail)));
    for (statistic, tail) in both.into_iter().flatten() {
        let made = flips.count(&backend(2), scores.view(), (statistic, tail)).unwrap();
        let of = |pattern: usize, column: usize| {
            let sign = |one: usize| if pattern >> one & 1 == 1 { -1.0 } else { 1.0 };
            let signed = (0..4).map(|one| sign(one) * scores[(one, column)]);
            let signed: Vec<f64> = signed.filter(|score: &f64| score.is_finite()).collect();
            let n = signed.len() as f64;
            let mean = signed.iter().sum::<f64>() / n;
            let variance = signed.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / (n - 1.0);
            let value = if statistic == Statistic::T { mean / (variance / n).sqrt() } else { mean };
            if tail == Tail::TwoSided { value.abs() } else { value }
        };
        for column in 0..2 {
            let what = format!("{statistic:?} {tail:?} {column}");
            assert!(close(made.observed[column], of(0, column), 1e-12), "{what}");
            let reached = (0..16).filter(|pattern| of(*pattern, column) >= of(0, column) - 1e-12).count();
            assert!(close(made.p()[column], reached as f64 / 16.0, 1e-12), "{what}");
            let largest = |pattern: usize| of(pattern, 0).max(of(pattern, 1));
            let reached = (0..16).filter(|pattern| largest(*pattern) >= of(0, column) - 1e-12).count();
            assert!(close(made.family_wise_p()[column], reached as f64 / 16.0, 1e-12), "{what}");
        }
    }
}

#[test]
fn equal_scores_have_an_infinite_t_and_tie_with_their_own_sign() {
    let scores = Array2::from_elem((5, 3), 0.1);
    let flips = SignFlips::new(5, 100, 1);
    let made = flips.count(&backend(1), scores.view(), (Statistic::T, Tail::Greater)).unwrap();
    assert!(made.observed.iter().all(|t| *t == f64::INFINITY));
    assert!(made.family_wise_p().iter().all(|p| *p == 1.0 / 32.0));
    let made = flips.count(&backend(1), scores.view(), (Statistic::T, Tail::TwoSided)).unwrap();
    assert!(made.family_wise_p().iter().all(|p| *p == 2.0 / 32.0));
}

#[test]
fn blocks_of_targets_join_to_the_same_counts() {
    let mut random = random(3);
    let scores = Array2::from_shape_simple_fn((30, 20), || normal(&mut random) + 0.3);
    let flips = SignFlips::new(30, 400, 9);
    assert!(!flips.is_exact());
    let whole = flips.count(&backend(2), scores.view(), (Statistic::T, Tail::TwoSided)).unwrap();
    let mut joined =
        flips.count(&backend(2), scores.slice(s![.., ..7]), (Statistic::T, Tail::TwoSided)).unwrap();
    joined
        .join(&flips.count(&backend(2), scores.slice(s![.., 7..]), (Statistic::T, Tail::TwoSided)).unwrap())
        .unwrap();
    assert_eq!(whole, joined);
    // More targets than a piece of work has, more patterns than a product, and pieces that end elsewhere.
    let scores = Array2::from_shape_simple_fn((30, 2100), || normal(&mut random));
    let many = SignFlips::new(30, 700, 9);
    assert!(!many.is_empty() && SignFlips::new(0, 10, 1).is_empty());
    let of = |part| many.count(&backend(2), part, (Statistic::T, Tail::Greater)).unwrap();
    let (whole, mut parts) = (of(scores.view()), of(scores.slice(s![.., ..1500])));
    parts.join(&of(scores.slice(s![.., 1500..]))).unwrap();
    assert_eq!(whole, parts);
    let other =
        SignFlips::new(30, 300, 9).count(&backend(2), scores.view(), (Statistic::T, Tail::TwoSided)).unwrap();
    assert!(matches!(
        joined.join(&other),
        Err(EncodingError::PermutationMismatch { found: 300, expected: 400 })
    ));
}

#[test]
fn sign_flips_keep_their_level_and_find_effects() {
    let flips = SignFlips::new(20, 400, 5);
    let mut random = random(11);
    let mut scores = Array2::from_shape_simple_fn((20, 1000), || normal(&mut random));
    let made = flips.count(&backend(2), scores.view(), (Statistic::T, Tail::Greater)).unwrap();
    let false_positives = made.p().iter().filter(|p| **p <= 0.05).count();
    assert!((25..=80).contains(&false_positives), "{false_positives} of 1000 at .05");
    let t_test = one_sample(&scores.column(0).to_vec(), Tail::Greater);
    assert!((made.observed[0] - t_test.t).abs() < 1e-9);
    assert!(made.family_wise_p().iter().filter(|p| **p <= 0.05).count() <= 2);
    scores.column_mut(4).mapv_inplace(|score| score + 3.0);
    let made = flips.count(&backend(2), scores.view(), (Statistic::T, Tail::Greater)).unwrap();
    assert_eq!(made.family_wise_p()[4], 1.0 / 401.0);
}

#[test]
fn a_target_without_scores_has_no_p() {
    let scores = array![[f64::NAN, 0.1], [0.3, 0.2], [f64::NAN, 0.3]];
    let made =
        SignFlips::new(3, 100, 1).count(&backend(2), scores.view(), (Statistic::T, Tail::Greater)).unwrap();
    assert!(made.p()[0].is_nan() && made.family_wise_p()[0].is_nan() && made.p()[1] == 0.125);
    assert_eq!(permutation_p(0, 999), 0.001);
}

/// What equals the observed order but for rounding reaches it, in any unit.
#[test]
fn rounding_makes_no_permutation_smaller() {
    for unit in [1e-6, 1.0, 1e6] {
        let mut counted = Exceedances::new(array![unit], 2);
        counted.record(0, array![unit * (1.0 - 1e-13)].view());
        counted.record(1, array![unit - 1e-5 * unit.max(1.0)].view());
        assert_eq!(counted.counts[0], 1, "{unit}");
    }
}

#[test]
fn stretches_end_where_recordings_and_runs_do() {
    let timeline = Timeline::new([(30, "a".to_owned()), (30, "b".to_owned())]);
    // A hole in the first run, and rows on both sides of the border.
    let test: Vec<usize> = (0..10).chain(15..20).chain(25..40).collect();
    let fold = Fold { train: (40..60).collect(), test };
    let blocks = blocks_of_story(&timeline, &[fold], 7);
    let ends: Vec<(usize, usize)> =
        blocks.iter().map(|block| (block.rows[0], block.rows[block.rows.len() - 1])).collect();
    assert_eq!(ends, [(0, 9), (15, 19), (25, 29), (30, 39)]);
    let fold = Fold { train: (18..30).collect(), test: (0..18).collect() };
    assert_eq!(blocks_of_story(&timeline, &[fold], 10).len(), 2, "1.8 blocks are two");
}

/// w² = 1 + K n_test / n_train, by hand.
#[test]
fn folds_that_train_on_each_other_widen_intervals() {
    let timeline = Timeline::new([(2000, "story".to_owned())]);
    let five = Folds::new(&timeline, &FoldRule::Blocks { count: 5, gap: 0 }).unwrap().as_slice().to_vec();
    assert_eq!(widening(&five), 1.5);
    let one = [Fold { train: (0..18000).collect(), test: (18000..20000).collect() }];
    assert!((widening(&one) - (10.0 / 9.0_f64).sqrt()).abs() < 1e-15);
    assert_eq!(widening(&[]), 1.0);
}

fn blocks(draws: usize) -> BlockLength {
    let interval = sampling(0.0, 2.0, 1).interval;
    BlockLength { seconds: seconds(20.0), interval, draws, seed: 3, level: 0.95 }
}

fn five_folds(samples: usize) -> (Timeline, Vec<Fold>) {
    let timeline = Timeline::new([(samples, "story".to_owned())]);
    let folds = Folds::new(&timeline, &FoldRule::Blocks { count: 5, gap: 5 }).unwrap().as_slice().to_vec();
    (timeline, folds)
}

#[test]
fn the_score_of_stimulus_blocks_is_the_mean_over_folds() {
    let (timeline, folds) = five_folds(103);
    let mut random = random(1);
    let products = Array2::from_shape_simple_fn((103, 2), || normal(&mut random));
    let made = bootstrap_stimulus(products.view(), &timeline, &folds, &blocks(50)).unwrap();
    let mean =
        |fold: &Fold| fold.test.iter().map(|row| products[(*row, 1)]).sum::<f64>() / fold.test.len() as f64;
    let expected = folds.iter().map(mean).sum::<f64>() / 5.0;
    assert!((made[1].score - expected).abs() < 1e-12);
    assert!(made[1].interval.low < expected && expected < made[1].interval.high);
    assert_eq!((made[0].blocks, made[0].unreliable), (10, true));
    let is_unreliable = |samples: usize| {
        let (timeline, folds) = five_folds(samples);
        let constant = Array2::from_elem((samples, 1), 0.25);
        bootstrap_stimulus(constant.view(), &timeline, &folds, &blocks(50)).unwrap()[0].unreliable
    };
    assert!(is_unreliable(190) && !is_unreliable(200), "fifteen blocks of 10 samples, then twenty");
    // Blocks enough in all, and a first fold of so many samples.
    let with_first = |samples: usize| {
        let fold = |test: std::ops::Range<usize>| Fold { train: (300..600).collect(), test: test.collect() };
        let timeline = Timeline::new([(600, "story".to_owned())]);
        let constant = Array2::from_elem((600, 1), 0.25);
        let folds = [fold(0..samples), fold(samples..300)];
        let made = bootstrap_stimulus(constant.view(), &timeline, &folds, &blocks(50)).unwrap()[0];
        (made.blocks, made.unreliable)
    };
    assert_eq!((with_first(19), with_first(20)), ((29, true), (30, false)), "one block of 10, and two");
    let two_halves = |half: usize| {
        let fold = |from: usize| Fold { train: (400..600).collect(), test: (from..from + half).collect() };
        let timeline = Timeline::new([(600, "story".to_owned())]);
        let folds = [fold(0), fold(half)];
        let constant = Array2::from_elem((600, 1), 0.25);
        bootstrap_stimulus(constant.view(), &timeline, &folds, &blocks(5)).unwrap()[0].unreliable
    };
    assert!(two_halves(79) && !two_halves(80), "sixteen blocks are the fewest");
    assert!(bootstrap_stimulus(products.view(), &five_folds(60).0, &folds, &blocks(5)).is_err());
    let constant = Array2::from_elem((103, 1), 0.25);
    let made = bootstrap_stimulus(constant.view(), &timeline, &folds, &blocks(20)).unwrap()[0];
    assert!((made.interval.low - 0.25).abs() < 1e-12 && (made.interval.high - 0.25).abs() < 1e-12);
    let mut missing = constant.clone();
    missing[(50, 0)] = f64::NAN;
    let made = bootstrap_stimulus(missing.view(), &timeline, &folds, &blocks(20)).unwrap()[0];
    assert!(made.score.is_nan() && made.interval.low.is_nan());
}

#[test]
fn stimulus_blocks_cover_the_truth_where_single_samples_would_not() {
    // Trained on a long recording that none of them holds out: nothing to widen for.
    let (_, folds) = five_folds(400);
    let folds: Vec<Fold> =
        folds.into_iter().map(|fold| Fold { train: (400..4400).collect(), test: fold.test }).collect();
    let timeline = Timeline::new([(4400, "story".to_owned())]);
    let mut random = random(7);
    let mut products = Array2::zeros((4400, 300));
    for mut series in products.columns_mut() {
        let values = autocorrelated(&mut random, 400, 0.7);
        series.iter_mut().zip(values).for_each(|(product, value)| *product = 0.1 + value);
    }
    let covered = |length: &BlockLength| {
        let made = bootstrap_stimulus(products.view(), &timeline, &folds, length).unwrap();
        made.iter().filter(|one| one.interval.low <= 0.1 && 0.1 <= one.interval.high).count() as f64 / 300.0
    };
    let single = covered(&BlockLength { seconds: seconds(2.0), ..blocks(300) });
    let blocked = covered(&blocks(300));
    assert!(single < 0.75, "{single}");
    assert!((0.85..=0.99).contains(&blocked), "{blocked}");
}

/// Samples that are their own blocks, so that the spread of drawn means is known.
#[test]
fn intervals_over_the_story_are_as_wide_as_shared_training_makes_them() {
    let width = |folds: &[Fold], samples: usize| {
        let timeline = Timeline::new([(samples, "story".to_owned())]);
        let mut random = random(9);
        let products = Array2::from_shape_simple_fn((samples, 1), || normal(&mut random));
        let length = BlockLength { seconds: seconds(2.0), ..blocks(4000) };
        let made = bootstrap_stimulus(products.view(), &timeline, folds, &length).unwrap()[0];
        made.interval.high - made.interval.low
    };
    let plain = 2.0 * 1.96 / 2000_f64.sqrt();
    let ratio = |found: f64, expected: f64| (found / plain / expected - 1.0).abs();
    // Five folds without a gap: w² = 1 + 5 · 400 / 1600.
    let timeline = Timeline::new([(2000, "story".to_owned())]);
    let five = Folds::new(&timeline, &FoldRule::Blocks { count: 5, gap: 0 }).unwrap().as_slice().to_vec();
    assert!(ratio(width(&five, 2000), 1.5) < 0.06, "{}", width(&five, 2000) / plain);
    // Twice, as by two groups of people with stories of their own: no fold trains on the other story.
    let later = |rows: &[usize]| rows.iter().map(|row| row + 2000).collect::<Vec<_>>();
    let again = five.iter().map(|fold| Fold { train: later(&fold.train), test: later(&fold.test) });
    let both: Vec<Fold> = five.iter().cloned().chain(again).collect();
    assert!(ratio(width(&both, 4000) * 2_f64.sqrt(), 1.5) < 0.06);
    // One test set of 2,000 after 18,000 to train on.
    let one = [Fold { train: (0..18000).collect(), test: (18000..20000).collect() }];
    assert!(ratio(width(&one, 20000), (1.0 + 1.0 / 9.0_f64).sqrt()) < 0.06);
}

proptest! {
    #[test]
    fn adjusted_p_are_ordered_and_never_smaller(p in prop::collection::vec(0.0..=1.0_f64, 1..60)) {
        let [hochberg, yekutieli] = [benjamini_hochberg(&p).unwrap(), benjamini_yekutieli(&p).unwrap()];
        for i in 0..p.len() {
            prop_assert!(hochberg[i] >= p[i] - 1e-15 && yekutieli[i] >= hochberg[i] - 1e-15 && yekutieli[i] <= 1.0);
            for j in 0..p.len() {
                prop_assert!(p[i] > p[j] || hochberg[i] <= hochberg[j]);
            }
        }
    }

    #[test]
    fn signed_rank_tails_mirror(x in prop::collection::vec(-5..=5_i32, 1..40)) {
        let up: Vec<f64> = x.iter().map(|v| f64::from(*v)).collect();
        let down: Vec<f64> = up.iter().map(|v| -v).collect();
        let [a, b] = [&up, &down].map(|x| signed_rank(x, Tail::TwoSided));
        prop_assert!((a.p - b.p).abs() < 1e-12 && (0.0..=1.0).contains(&a.p));
        let total = a.positive_ranks + b.positive_ranks;
        prop_assert!((total - (a.n * (a.n + 1)) as f64 / 2.0).abs() < 1e-9);
    }

    #[test]
    fn correlation_ignores_scale(scale in 0.01..100.0_f64, shift in -1e3..1e3_f64, seed in 0..100_u64) {
        let mut random = random(seed);
        let x: Vec<f64> = (0..12).map(|_| normal(&mut random)).collect();
        let y: Vec<f64> = (0..12).map(|_| normal(&mut random)).collect();
        let moved: Vec<f64> = x.iter().map(|v| v * scale + shift).collect();
        let [a, b] = [&x, &moved].map(|x| pearson(x, &y).unwrap());
        prop_assert!((a - b).abs() < 1e-9);
        prop_assert_eq!(spearman(&x, &y), spearman(&moved, &y));
    }
}

//! Ceilings from repeats against plain pairs, goldens, a planted signal and laws; scores as shares of ceilings.

use gyrus_encoding::EncodingError;
use gyrus_encoding::ceilings::{
    LEAST_CEILING, NoCeiling, NotNormalised, Repeatability, Repeats, Share, repeatability,
};
use gyrus_encoding::statistics::pearson;
use ndarray::{Array2, s};

use crate::golden;
use crate::simulate::{noise, normal, random};

fn near(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((found - expected).abs() <= tolerance, "{what}: {found}, expected {expected}");
}

/// Repeats of one signal with this share of the variance, one column per target.
fn planted(seed: u64, (repeats, samples, targets): (usize, usize, usize), share: f64) -> Vec<Array2<f32>> {
    let mut random = random(seed);
    let signal = Array2::from_shape_fn((samples, targets), |_| normal(&mut random) as f32);
    let (kept, own) = (share.sqrt() as f32, (1.0 - share).sqrt() as f32);
    (0..repeats).map(|_| &signal * kept + noise(&mut random, samples, targets) * own).collect()
}

fn of(pieces: Vec<Vec<Array2<f32>>>) -> Vec<Result<Repeatability, NoCeiling>> {
    repeatability(&Repeats::new(pieces).unwrap())
}

fn series(repeat: &Array2<f32>, target: usize) -> Vec<f64> {
    repeat.column(target).iter().map(|value| f64::from(*value)).collect()
}

#[test]
fn powers_of_repeats_are_those_of_the_papers() {
    for case in golden::read_from("ceilings", "ceilings")["repeats"].as_array().unwrap() {
        let table = golden::table(&case["repeats"]);
        let piece = table.rows().into_iter().map(|row| row.mapv(|x| x as f32).insert_axis(ndarray::Axis(1)));
        let found = of(vec![piece.collect()])[0].unwrap();
        let says = |name: &str| golden::number(&case[name]);
        for (name, value) in [
            ("total_power", found.total_power),
            ("signal_power", found.signal_power),
            ("explainable_variance", found.explainable_variance),
            ("corrected", found.corrected_explainable_variance),
            ("signal_variance", found.signal_variance),
            ("noise_variance", found.noise_variance),
        ] {
            near(value, says(name), 1e-10, name);
        }
        let count = table.nrows();
        if found.signal_power > 0.0 {
            near(found.ceiling(count).unwrap(), says("cc_max"), 1e-10, "CC max");
        }
        if found.signal_variance > 0.0 {
            let ceilings = golden::list(&case["noise_ceiling"]);
            for (averaged, expected) in [1, count].into_iter().zip(ceilings) {
                near(found.signal_to_noise_ceiling(averaged).unwrap(), expected, 1e-10, "noise ceiling");
            }
        }
    }
}

/// Signal power is the mean covariance of two repeats, corrected explainable variance their mean correlation.
#[test]
fn repeats_are_compared_pair_by_pair() {
    let pieces = vec![planted(1, (4, 50, 3), 0.3), planted(2, (2, 35, 3), 0.6)];
    let found = of(pieces.clone());
    for target in 0..3 {
        let (mut covariance, mut correlation) = (0.0, 0.0);
        for piece in &pieces {
            let (mut sums, mut pairs) = ((0.0, 0.0), 0.0);
            for one in 0..piece.len() {
                for other in 0..one {
                    let (x, y) = (series(&piece[one], target), series(&piece[other], target));
                    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
                    let (mx, my) = (mean(&x), mean(&y));
                    let products: f64 = x.iter().zip(&y).map(|(a, b)| (a - mx) * (b - my)).sum();
                    sums.0 += products / (x.len() as f64 - 1.0);
                    sums.1 += pearson(&x, &y).unwrap();
                    pairs += 1.0;
                }
            }
            covariance += sums.0 / pairs / 2.0;
            correlation += sums.1 / pairs / 2.0;
        }
        let found = found[target].unwrap();
        near(found.signal_power, covariance, 1e-10, "signal power");
        near(found.corrected_explainable_variance, correlation, 1e-10, "explainable variance");
    }
}

#[test]
fn a_planted_signal_is_recovered_without_bias() {
    for (share, repeats) in [(0.0, 2), (0.1, 3), (0.5, 2), (0.5, 6)] {
        let seeds = 400_u64;
        let mut sums = [0.0; 3];
        for seed in 0..seeds {
            let found = of(vec![planted(1000 + seed, (repeats, 60, 1), share)])[0].unwrap();
            sums[0] += found.signal_power;
            sums[1] += found.corrected_explainable_variance;
            sums[2] += found.signal_variance;
        }
        // Four standard errors of the mean over seeds; one estimate has a standard deviation below .2.
        for (sum, name) in sums.into_iter().zip(["signal power", "explainable variance", "signal variance"]) {
            near(sum / seeds as f64, share, 0.04, name);
        }
    }
    let found = of(vec![planted(3, (4, 20_000, 1), 0.36)])[0].unwrap();
    near(found.ceiling(1).unwrap(), 0.6, 0.01, "of one repeat");
    near(found.signal_to_noise_ceiling(1).unwrap(), 0.6, 0.01, "of one repeat");
    near(found.ceiling(4).unwrap(), (0.36_f64 / (0.36 + 0.16)).sqrt(), 0.01, "of the mean of four");
    assert!(found.explainable_variance > found.corrected_explainable_variance, "the plain share is too high");
}

/// Noise repeats agree with each other no more than by chance: a negative power is kept, and has no root.
#[test]
fn a_negative_signal_power_is_kept_and_gives_no_ceiling() {
    let found: Vec<_> = of(vec![planted(5, (3, 40, 60), 0.0)]).into_iter().map(Result::unwrap).collect();
    let negative = found.iter().filter(|one| one.signal_power < 0.0).count();
    assert!((15..45).contains(&negative), "{negative} of 60");
    for one in found.iter().filter(|one| one.signal_power < 0.0) {
        assert_eq!(one.ceiling(1), Err(NoCeiling::NoSharedSignal));
    }
}

#[test]
fn order_and_scale_of_repeats_change_no_share() {
    let piece = planted(7, (3, 45, 4), 0.4);
    let before = of(vec![piece.clone()]);
    let turned = vec![piece[2].clone(), piece[0].clone(), piece[1].clone()];
    let scaled: Vec<_> = piece.iter().map(|one| one * 8.0).collect();
    let columns: Vec<_> = piece.iter().map(|one| one.slice(s![.., ..;-1]).to_owned()).collect();
    let (turned, scaled, columns) = (of(vec![turned]), of(vec![scaled]), of(vec![columns]));
    for target in 0..4 {
        let expected = before[target].unwrap();
        for found in [turned[target].unwrap(), scaled[target].unwrap(), columns[3 - target].unwrap()] {
            near(found.ceiling(1).unwrap(), expected.ceiling(1).unwrap(), 1e-9, "signal power");
            let (a, b) = (found.signal_to_noise_ceiling(2), expected.signal_to_noise_ceiling(2));
            near(a.unwrap(), b.unwrap(), 1e-9, "signal to noise");
        }
        near(scaled[target].unwrap().signal_power, 64.0 * expected.signal_power, 1e-6, "unit");
    }
}

/// A shift of one whole repeat is noise to the one estimate only.
#[test]
fn a_shift_between_repeats_lowers_only_the_signal_to_noise_ceiling() {
    let mut piece = planted(8, (3, 200, 1), 0.5);
    let before = of(vec![piece.clone()])[0].unwrap();
    piece[1].mapv_inplace(|value| value + 2.0);
    let after = of(vec![piece])[0].unwrap();
    near(after.ceiling(1).unwrap(), before.ceiling(1).unwrap(), 1e-6, "signal power");
    let (after, before) =
        (after.signal_to_noise_ceiling(1).unwrap(), before.signal_to_noise_ceiling(1).unwrap());
    assert!(after < before - 0.1, "{after} {before}");
}

#[test]
fn bad_repeats_have_a_reason_or_are_an_error() {
    let piece = planted(9, (2, 30, 3), 0.5);
    assert_eq!(
        Repeats::new(vec![piece[..1].to_vec()]).unwrap_err(),
        EncodingError::TooFewRepeats { found: 1 }
    );
    assert_eq!(Repeats::new(Vec::new()).unwrap_err(), EncodingError::TooFewRepeats { found: 0 });
    let cut = vec![piece[0].clone(), piece[1].slice(s![..20, ..]).to_owned()];
    let error = Repeats::new(vec![cut]).unwrap_err();
    assert!(matches!(error, EncodingError::RepeatShape { repeat: 1, found: (20, 3), .. }), "{error}");
    let short: Vec<_> = piece.iter().map(|one| one.slice(s![..1, ..]).to_owned()).collect();
    assert!(matches!(
        Repeats::new(vec![short]).unwrap_err(),
        EncodingError::RepeatShape { expected: (2, 3), .. }
    ));
    let mut holes = piece.clone();
    holes[1][(4, 0)] = f32::NAN;
    holes[0].column_mut(2).fill(3.5);
    let found = of(vec![holes]);
    assert_eq!((found[0], found[2]), (Err(NoCeiling::Missing), Err(NoCeiling::Constant)));
    assert_eq!(found[1], of(vec![piece])[1], "other targets are as before");
}

#[test]
fn shares_of_a_ceiling_are_unclamped_and_need_a_ceiling_that_means_something() {
    let share = |score: f64, ceiling: f64| Share { score, ceiling, cells: 3, left_out: 3 };
    near(share(0.1, 0.4).normalised().unwrap(), 0.25, 1e-12, "a quarter");
    near(share(0.5, 0.4).normalised().unwrap(), 1.25, 1e-12, "above 1 is kept");
    near(share(-0.1, 0.4).normalised().unwrap(), -0.25, 1e-12, "below 0 is kept");
    assert!(share(0.01, LEAST_CEILING).normalised().is_ok());
    let below = share(0.01, LEAST_CEILING - 1e-9);
    assert_eq!(below.normalised(), Err(NotNormalised::TooSmall));
    assert_eq!(share(0.01, -0.2).normalised(), Err(NotNormalised::TooSmall));
    let few = Share { left_out: 4, ..share(0.1, 0.4) };
    assert_eq!(few.normalised(), Err(NotNormalised::FewCeilings));
    let none = Share { score: f64::NAN, ceiling: f64::NAN, cells: 0, left_out: 5 };
    assert_eq!(none.normalised(), Err(NotNormalised::NoCeiling));
}

/// What comes back whole is all signal; what is no signal at all has no ceiling.
#[test]
fn repeats_that_are_equal_have_a_ceiling_of_1() {
    let one = planted(10, (1, 40, 1), 0.5).remove(0);
    for count in [2, 3, 4] {
        let found = of(vec![vec![one.clone(); count]])[0].unwrap();
        near(found.explainable_variance, 1.0, 1e-12, "explainable");
        near(found.corrected_explainable_variance, 1.0, 1e-12, "corrected");
        near(found.noise_variance, 0.0, 1e-12, "noise");
        near(found.ceiling(1).unwrap(), 1.0, 1e-12, "signal power");
        near(found.signal_to_noise_ceiling(1).unwrap(), 1.0, 1e-12, "signal to noise");
        let none = Repeatability { signal_power: 0.0, signal_variance: 0.0, ..found };
        assert_eq!(none.ceiling(1), Err(NoCeiling::NoSharedSignal));
        assert_eq!(none.signal_to_noise_ceiling(1), Err(NoCeiling::NoSharedSignal));
    }
}

/// Whole numbers that single precision holds with the offset.
#[test]
fn an_offset_far_above_the_noise_costs_no_digits() {
    let piece: Vec<_> = planted(11, (3, 40, 2), 0.4).iter().map(|one| (one * 20.0).round()).collect();
    let moved = of(vec![piece.iter().map(|one| one + 8e6_f32).collect()]);
    for (found, expected) in moved.into_iter().zip(of(vec![piece])) {
        let (found, expected) = (found.unwrap(), expected.unwrap());
        near(found.noise_variance, expected.noise_variance, 1e-6, "noise");
        near(found.signal_variance, expected.signal_variance, 1e-6, "signal");
        near(found.signal_power, expected.signal_power, 1e-6, "signal power");
    }
}

#[test]
fn why_nothing_is_divided_by_a_ceiling_has_a_code() {
    let reasons = [NotNormalised::NoCeiling, NotNormalised::FewCeilings, NotNormalised::TooSmall];
    assert_eq!(reasons.map(NotNormalised::code), ["no_ceiling", "few_ceilings", "ceiling_too_small"]);
}

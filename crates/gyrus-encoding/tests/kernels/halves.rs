//! Split halves and extrapolation over participants against plain loops, goldens, a planted signal and laws.

use gyrus_core::Fold;
use gyrus_encoding::ceilings::{
    Bound, CeilingKind, Extrapolated, NoCeiling, Participants, SplitHalf, extrapolated, leave_one_out,
    pairwise, split_half,
};
use ndarray::Array2;

use crate::ceilings::{folds, shared};
use crate::golden;
use crate::simulate::{noise, random};

fn near(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((found - expected).abs() <= tolerance, "{what}: {found}, expected {expected}");
}

fn together<'a>(people: &'a [Array2<f32>], folds: &[Fold]) -> Participants<'a> {
    Participants::new(people.iter().map(|one| one.view()).collect(), folds).unwrap()
}

fn halves(people: &[Array2<f32>], folds: &[Fold]) -> SplitHalf {
    split_half(&together(people, folds), 100, 1)[0].unwrap()
}

#[test]
fn all_divisions_into_halves_are_those_of_numpy() {
    for case in golden::read_from("ceilings", "ceilings")["halves"].as_array().unwrap() {
        let table = golden::table(&case["responses"]);
        let column = |row: ndarray::ArrayView1<'_, f64>| row.mapv(|x| x as f32).insert_axis(ndarray::Axis(1));
        let people: Vec<Array2<f32>> = table.rows().into_iter().map(column).collect();
        let rows = |list| golden::list(list).into_iter().map(|row| row as usize).collect();
        let folds: Vec<Fold> = case["folds"].as_array().unwrap().iter().map(rows).map(held_out).collect();
        let found = halves(&people, &folds);
        near(found.half, golden::number(&case["half"]), 1e-10, "half");
        if let (Some(mean), Some(one)) = (case.get("of_mean"), case.get("reliability")) {
            near(found.of_mean(), golden::number(mean), 1e-10, "Spearman and Brown");
            near(found.reliability, golden::number(one), 1e-10, "of one");
        }
    }
}

fn held_out(test: Vec<usize>) -> Fold {
    Fold { train: Vec::new(), test }
}

/// With an odd number, r² is the product of both halves' reliabilities.
#[test]
fn halves_of_different_size_are_stepped_up_by_their_sizes() {
    let people = shared(3, 7, 90, 0.3);
    let found = halves(&people, &folds(90));
    let of = |count: f64| count * found.reliability / (1.0 + (count - 1.0) * found.reliability);
    near(found.half, (of(3.0) * of(4.0)).sqrt(), 1e-12, "seven participants");
    near(found.of_mean(), of(7.0), 1e-12, "all seven");
}

#[test]
fn a_planted_reliability_is_recovered_whatever_the_number_of_participants() {
    for people in [2, 3, 5, 10, 27] {
        let seeds = 60_u64;
        let of_seed = |seed| halves(&shared(500 + seed, people, 120, 0.3), &folds(120)).reliability;
        let mean = (0..seeds).map(of_seed).sum::<f64>() / seeds as f64;
        // Four standard errors: one estimate of two participants has a standard deviation of .09.
        near(mean, 0.3, 0.05, &format!("{people} participants"));
    }
    let found = halves(&shared(9, 20, 20_000, 0.36), &folds(20_000));
    near(found.ceiling().unwrap(), 0.6, 0.01, "of one");
    near(
        found.ceiling_of_mean().unwrap(),
        (20.0 * 0.36_f64 / (0.64 + 20.0 * 0.36)).sqrt(),
        0.01,
        "of the mean",
    );
}

#[test]
fn c_of_n_is_the_leave_one_out_correlation_of_n_participants() {
    let (people, folds) = (shared(4, 5, 60, 0.4), folds(60));
    let all = together(&people, &folds);
    let found = extrapolated(&all, 3000, 1)[0].clone().unwrap();
    assert_eq!(found.curve.len(), 4);
    near(found.curve[3], leave_one_out(&all).mean().unwrap(), 1e-9, "everybody");
    near(found.curve[0], pairwise(&all)[0].mean, 0.01, "two at a time");
    let mut sums = [0.0; 2];
    for bits in (0_u32..32).filter(|bits| [3, 4].contains(&bits.count_ones())) {
        let some: Vec<_> = (0..5).filter(|one| bits >> one & 1 == 1).map(|one| people[one].clone()).collect();
        let mean = leave_one_out(&together(&some, &folds)).mean().unwrap();
        sums[some.len() - 3] += mean / [10.0, 5.0][some.len() - 3];
    }
    // 3000 orders: the mean of the subsets that were drawn is this near to that of all.
    near(found.curve[1], sums[0], 0.01, "three at a time");
    near(found.curve[2], sums[1], 0.01, "four at a time");
}

#[test]
fn limits_are_those_that_scipy_fits() {
    for case in golden::read_from("ceilings", "ceilings")["curves"].as_array().unwrap() {
        let curve = Extrapolated { curve: golden::list(&case["curve"]) };
        // Two searches for one least square agree to the root of rounding.
        near(curve.limit().unwrap(), golden::number(&case["limit"]), 1e-6, "limit");
        near(curve.saturation().unwrap(), golden::number(&case["saturation"]), 1e-6, "saturation");
        assert!(curve.saturation().unwrap() < curve.limit().unwrap(), "exponentials flatten too fast");
    }
}

#[test]
fn the_limit_is_what_endlessly_many_participants_would_reach() {
    let truth = 0.4_f64.sqrt();
    let seeds = 40_u64;
    let (mut limit, mut last) = (0.0, 0.0);
    for seed in 0..seeds {
        let (people, folds) = (shared(900 + seed, 12, 400, 0.4), folds(400));
        let found = extrapolated(&together(&people, &folds), 20, 1)[0].clone().unwrap();
        limit += found.limit().unwrap() / seeds as f64;
        last += found.curve[10] / seeds as f64;
    }
    near(limit, truth, 0.02, "limit");
    assert!(last < truth - 0.03 && last < limit, "{last} of 12 participants is below {truth}");
}

#[test]
fn order_and_scale_of_participants_change_little_and_order_of_targets_nothing() {
    let mut random = random(6);
    let folds = folds(80);
    let signal = noise(&mut random, 80, 3);
    let people: Vec<_> = (0..6).map(|_| &signal + &noise(&mut random, 80, 3)).collect();
    let turned: Vec<_> = people.iter().map(|one| one.slice(ndarray::s![.., ..;-1]).to_owned()).collect();
    let scaled: Vec<_> = people.iter().map(|one| one * 3.0).collect();
    let of = |people: &[Array2<f32>]| {
        let all = together(people, &folds);
        let halves: Vec<f64> =
            split_half(&all, 1000, 2).into_iter().map(|found| found.unwrap().half).collect();
        let limits = extrapolated(&all, 10, 2);
        (halves, limits.into_iter().map(|found| found.unwrap().curve).collect::<Vec<_>>())
    };
    let (before, turned, scaled) = (of(&people), of(&turned), of(&scaled));
    for target in 0..3 {
        assert_eq!((before.0[target], &before.1[target]), (turned.0[2 - target], &turned.1[2 - target]));
        near(scaled.0[target], before.0[target], 1e-6, "scale");
    }
    let others: Vec<_> = people.iter().rev().cloned().collect();
    for (found, expected) in of(&others).0.iter().zip(&before.0) {
        near(*found, *expected, 1e-9, "all divisions are the same in any order");
    }
}

#[test]
fn what_cannot_be_estimated_has_a_reason() {
    let folds = folds(60);
    let mut people = shared(8, 4, 60, 0.5);
    let limit = |people: &[Array2<f32>]| extrapolated(&together(people, &folds), 10, 1)[0].clone();
    let split = |people: &[Array2<f32>]| split_half(&together(people, &folds), 10, 1)[0];
    assert!(limit(&people).is_ok() && split(&people[..2]).is_ok());
    assert_eq!(limit(&people[..3]).unwrap_err(), NoCeiling::TooFew);
    people[0].fill(2.0);
    assert_eq!(limit(&people).unwrap_err(), NoCeiling::Constant);
    assert_eq!(split(&people).unwrap(), split(&people[1..]).unwrap(), "who is constant is left out");
    people[1][(3, 0)] = f32::NAN;
    people[0][(3, 0)] = f32::NAN;
    assert_eq!(limit(&people).unwrap_err(), NoCeiling::Missing);
    assert_eq!(split(&people[..2]).unwrap_err(), NoCeiling::Missing);
    let opposite = vec![people[2].clone(), -&people[2]];
    let found = split(&opposite).unwrap();
    near(found.half, -1.0, 1e-9, "opposites");
    assert_eq!(found.ceiling().unwrap_err(), NoCeiling::NoSharedSignal);
    assert_eq!(Extrapolated { curve: vec![-0.1, -0.2, -0.1] }.limit(), Err(NoCeiling::NoSharedSignal));
    let rising = Extrapolated { curve: (1..12).map(|n| 0.1 * f64::from(n)).collect() };
    assert_eq!((rising.limit(), rising.saturation()), (Err(NoCeiling::NoLimit), Err(NoCeiling::NoLimit)));
    let flat = Extrapolated { curve: vec![0.5; 6] };
    near(flat.limit().unwrap(), 0.5, 1e-3, "a curve without noise is its limit");
}

#[test]
fn every_kind_has_a_name_and_a_side() {
    let names: std::collections::BTreeSet<_> = CeilingKind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(names.len(), CeilingKind::ALL.len());
    let lower: Vec<_> = CeilingKind::ALL.into_iter().filter(|kind| kind.bound() == Bound::Lower).collect();
    assert_eq!(lower, [CeilingKind::LeaveOneOutIsc, CeilingKind::SharedResponse]);
    let repeats: Vec<_> = CeilingKind::ALL.into_iter().filter(|kind| kind.is_from_repeats()).collect();
    assert_eq!(repeats, [CeilingKind::SignalPower, CeilingKind::SignalToNoise]);
    assert_eq!([Bound::Lower, Bound::Upper].map(Bound::name), ["lower", "upper"]);
    let reasons = [
        NoCeiling::TooFew,
        NoCeiling::Missing,
        NoCeiling::Constant,
        NoCeiling::NoSharedSignal,
        NoCeiling::NoLimit,
    ];
    let codes = ["too_few", "missing", "constant_in_fold", "no_shared_signal", "no_limit"];
    assert_eq!(reasons.map(NoCeiling::code), codes);
}

/// The folds of the scores decide: what they never hold out does not count, and their borders do.
#[test]
fn ceilings_see_the_held_out_samples_fold_by_fold() {
    let folds = [held_out((10..40).collect()), held_out((50..90).collect())];
    let people = shared(11, 6, 100, 0.4);
    let all = |people: &[Array2<f32>], folds: &[Fold]| {
        let all = together(people, folds);
        let limits = extrapolated(&all, 10, 3)[0].clone().unwrap().curve;
        (leave_one_out(&all), pairwise(&all)[0].mean, split_half(&all, 50, 3)[0].unwrap().half, limits)
    };
    let mut other = people.clone();
    for one in &mut other {
        for row in (0..10).chain(40..50).chain(90..100) {
            one[(row, 0)] = 1000.0 * row as f32;
        }
    }
    let before = all(&people, &folds);
    assert_eq!(before, all(&other, &folds));
    let joined = all(&people, &[held_out((10..40).chain(50..90).collect())]);
    assert!(before.0 != joined.0 && before.1 != joined.1 && before.2 != joined.2 && before.3 != joined.3);
}

/// Powers of two change no rounding.
#[test]
fn the_unit_of_responses_changes_no_ceiling() {
    let (people, folds) = (shared(12, 5, 60, 0.5), folds(60));
    let of = |unit: f32| {
        let people: Vec<_> = people.iter().map(|one| one * unit).collect();
        let all = together(&people, &folds);
        let between = (leave_one_out(&all), pairwise(&all)[0]);
        (between, split_half(&all, 10, 1)[0], extrapolated(&all, 10, 1)[0].clone())
    };
    let expected = of(1.0);
    assert!(expected.1.is_ok() && expected.2.is_ok());
    for exponent in [-60, 60] {
        assert_eq!(of(2_f32.powi(exponent)), expected, "2^{exponent}");
    }
}

#[test]
fn constants_of_either_sign_and_zeros_are_no_response() {
    let folds = folds(60);
    let mut people = shared(14, 5, 60, 0.5);
    let of = |people: &[Array2<f32>]| {
        let all = together(people, &folds);
        (split_half(&all, 10, 1)[0].unwrap(), extrapolated(&all, 10, 1)[0].clone().unwrap())
    };
    let expected = of(&people[1..]);
    for value in [0.0, -2.0, 0.1, -123_456.7] {
        people[0].fill(value);
        assert_eq!(of(&people), expected, "{value}");
    }
}

/// Five participants are divided into two and three in 10 ways, six into three and three in 10.
#[test]
fn all_divisions_are_taken_where_there_are_no_more_than_asked_for() {
    for count in [5, 6] {
        let (people, folds) = (shared(13, count, 60, 0.3), folds(60));
        let all = together(&people, &folds);
        let half = |splits, seed| split_half(&all, splits, seed)[0].unwrap().half;
        assert_eq!(half(10, 1), half(10, 2), "{count}: nothing is drawn");
        assert_eq!(half(10, 1), half(1000, 2), "{count}: there are no more");
        assert_ne!(half(9, 1), half(9, 2), "{count}: nine of ten are drawn");
    }
}

/// However small its values, a straight line does not bend; and nothing correlates above 1.
#[test]
fn a_curve_that_does_not_bend_or_leads_above_1_has_no_limit() {
    let slow = Extrapolated { curve: (2..12).map(|n| 1e-6 * f64::from(n)).collect() };
    assert_eq!((slow.limit(), slow.saturation()), (Err(NoCeiling::NoLimit), Err(NoCeiling::NoLimit)));
    let towards = |limit: f64| Extrapolated {
        curve: (2..8).map(|n| limit / (1.0 + 4.0 / (f64::from(n) - 1.0)).sqrt()).collect(),
    };
    near(towards(0.9).limit().unwrap(), 0.9, 1e-6, "below 1");
    assert_eq!(towards(1.2).limit(), Err(NoCeiling::NoLimit));
}

#[test]
fn halves_that_do_not_correlate_at_all_have_no_ceiling() {
    let found = SplitHalf { half: 0.0, reliability: 0.0, participants: 4 };
    assert_eq!(found.ceiling(), Err(NoCeiling::NoSharedSignal));
    assert_eq!(found.ceiling_of_mean(), Err(NoCeiling::NoSharedSignal));
}

//! Planning of studies against SciPy, statsmodels, plain sums and planted variances.

use gyrus_encoding::statistics::{
    MeanSquares, Over, Pilot, Planned, Variances, fewest_participants, noncentral_t_above, student_quantile,
};
use ndarray::Array2;
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;

use crate::golden;
use crate::simulate::{normal, random};

const TRUTH: Variances = Variances { people: 0.0025, stimulus: 0.0004, residual: 0.0004 };
const FOLD: f64 = 0.05;
const BLOCK: f64 = 0.01;

/// People × folds and blocks of the group, with planted variances.
fn planted(random: &mut ChaCha8Rng, people: usize, folds: usize) -> (Array2<f64>, Vec<f64>) {
    let per_fold = (FOLD / BLOCK).round() as usize;
    let own: Vec<f64> = (0..people).map(|_| 0.1 + TRUTH.people.sqrt() * normal(random)).collect();
    let mut table = Array2::zeros((people, folds));
    let mut blocks = Vec::new();
    for block in 0..folds * per_fold {
        let shared = (TRUTH.stimulus / BLOCK).sqrt() * normal(random);
        let mut sum = 0.0;
        for person in 0..people {
            let score = own[person] + shared + (TRUTH.residual / BLOCK).sqrt() * normal(random);
            table[(person, block / per_fold)] += score / per_fold as f64;
            sum += score;
        }
        blocks.push(sum / people as f64);
    }
    (table, blocks)
}

fn measured((table, blocks): &(Array2<f64>, Vec<f64>)) -> MeanSquares {
    let pilot = Pilot { folds: table.view(), fold_hours: FOLD, blocks, block_hours: BLOCK };
    MeanSquares::of(&pilot).unwrap()
}

fn planned(participants: f64, hours: f64) -> Planned {
    Planned { participants, hours, block_hours: BLOCK }
}

#[test]
fn probabilities_are_those_of_scipy() {
    for row in golden::read("power")["noncentral"].as_array().unwrap() {
        let [t, freedom, shift, expected] = golden::list(row)[..] else { panic!() };
        let found = noncentral_t_above(t, freedom, shift);
        // SciPy's own error is about 1e-10.
        assert!((found - expected).abs() < 1e-8, "{t} {freedom} {shift}: {found} {expected}");
    }
}

#[test]
fn mean_squares_are_those_of_statsmodels() {
    let content = &golden::read("power")["mean_squares"];
    let folds = golden::table(&content["scores"]);
    let [people, residual] = ["people", "residual"].map(|name| golden::number(&content[name]));
    let blocks = [0.40, 0.56, 0.36, 0.52];
    let pilot = Pilot { folds: folds.view(), fold_hours: 0.1, blocks: &blocks, block_hours: 0.02 };
    let found = MeanSquares::of(&pilot).unwrap().variances();
    assert!((found.residual - 0.1 * residual).abs() < 1e-12);
    assert!((found.people - (people - residual) / 5.0).abs() < 1e-12);
    // Σ(g − .46)² / 3 by hand.
    let of_blocks = (0.06_f64.powi(2) * 2.0 + 0.10_f64.powi(2) * 2.0) / 3.0;
    assert!(
        found.stimulus > 0.0 && (found.stimulus - (of_blocks * 0.02 - found.residual / 9.0)).abs() < 1e-12
    );
}

/// Both are planned: by hand, MS_people = 4 · .3 + .2, MS_stimulus = 5 · .2 / .5 + .2, MS_residual = .1 / .5.
#[test]
fn degrees_of_freedom_are_those_of_satterthwaite() {
    let variances = Variances { people: 0.3, stimulus: 0.2, residual: 0.1 };
    let at = Planned { participants: 5.0, hours: 2.0, block_hours: 0.5 };
    let expected = 3.4 * 3.4 / (1.4 * 1.4 / 4.0 + 2.2 * 2.2 / 3.0 + 0.2 * 0.2 / 12.0);
    assert!((variances.degrees_of_freedom(Over::Both, &at) - expected).abs() < 1e-12);
    assert_eq!(variances.degrees_of_freedom(Over::People, &at), 4.0);
    assert_eq!(variances.degrees_of_freedom(Over::Stimulus, &at), 3.0);
}

/// Without a residual each variance is its mean square times f / χ²_f: quantiles by SciPy.
#[test]
fn intervals_of_a_variance_are_those_of_chi_square() {
    let blocks: Vec<f64> = (0..25).map(|block| f64::from(block % 5)).collect();
    let table = |noise: f64| {
        let mut random = random(31);
        Array2::from_shape_fn((13, 5), |(p, f)| (p * p) as f64 + f as f64 + noise * normal(&mut random))
    };
    let measured = |table: &Array2<f64>, blocks: &[f64]| {
        MeanSquares::of(&Pilot { folds: table.view(), fold_hours: 0.5, blocks, block_hours: 0.25 }).unwrap()
    };
    let exact = measured(&table(0.0), &blocks);
    let noisy = measured(&table(1.0), &blocks);
    let of = |pilot: &MeanSquares, part: fn(&Variances) -> f64, expected: [f64; 2]| {
        let interval = pilot.interval(20_000, 5, 0.95, part);
        let found = [interval.low, interval.high].map(|end| end / part(&pilot.variances()));
        for (found, expected) in found.iter().zip(expected) {
            assert!((found / expected - 1.0).abs() < 0.03, "{found} {expected}");
        }
    };
    of(&exact, |found| found.people, [0.51421231, 2.7249265]);
    of(&exact, |found| found.stimulus, [0.60969294, 1.93530435]);
    of(&noisy, |found| found.residual, [0.69542454, 1.56074692]);
    // 150 degrees of freedom, where χ² is a cube of a normal variable.
    let many: Vec<f64> = (0..151).map(|block| f64::from(block % 5)).collect();
    of(&measured(&table(0.0), &many), |found| found.stimulus, [0.80731776, 1.27135327]);
    // Two of everything are enough.
    let two = Array2::from_shape_fn((2, 2), |(p, f)| (3 * p + f + p * f) as f64);
    assert!(measured(&two, &[1.0, 2.0]).variances().people > 0.0);
}

#[test]
fn what_is_not_a_number_has_no_probability() {
    for [t, freedom, shift] in
        [[f64::NAN, 3.0, 0.0], [1.0, f64::NAN, 0.0], [1.0, 3.0, f64::NAN], [1.0, 0.0, 0.0], [1.0, -2.0, 0.0]]
    {
        assert!(noncentral_t_above(t, freedom, shift).is_nan(), "{t} {freedom} {shift}");
    }
}

/// Without a stimulus that varies, and all of the residual in people, it is a t test.
#[test]
fn power_over_people_is_that_of_a_t_test() {
    for row in golden::read("power")["t_tests"].as_array().unwrap() {
        let [effect, people, expected] = golden::list(row)[..] else { panic!() };
        let variances = Variances { people: 4.0, stimulus: 7.0, residual: 0.0 };
        let found = variances.power(Over::People, &planned(people, 1.0), (2.0 * effect, 0.05));
        assert!((found - expected).abs() < 1e-7, "{effect} {people}: {found} {expected}");
    }
}

#[test]
fn planted_variances_are_found_and_covered() {
    let mut random = random(17);
    let study = planned(27.0, 0.5);
    let width = |found: &Variances| found.half_width(Over::Both, &study, 0.95);
    let truth = width(&TRUTH);
    let (mut sums, mut covered) = ([0.0; 3], 0);
    let count = 400;
    for _ in 0..count {
        let pilot = measured(&planted(&mut random, 13, 5));
        let found = pilot.variances();
        for (sum, found) in sums.iter_mut().zip([found.people, found.stimulus, found.residual]) {
            *sum += found / f64::from(count);
        }
        let interval = pilot.interval(300, 1, 0.95, width);
        covered += i32::from(interval.low <= truth && truth <= interval.high);
    }
    // Standard errors of the means are 2 to 3 per cent; what is cut off at 0 adds a little.
    for (found, planted) in sums.iter().zip([TRUTH.people, TRUTH.stimulus, TRUTH.residual]) {
        assert!((found / planted - 1.0).abs() < 0.09, "{found} {planted}");
    }
    let share = f64::from(covered) / f64::from(count);
    // .95 within three standard errors of .011, and ends from 300 draws.
    assert!((0.915..0.985).contains(&share), "{share}");
}

/// How far the group means of many studies lie apart is what the variances of one say.
#[test]
fn predicted_intervals_cover_the_truth_in_new_studies() {
    let mut random = random(23);
    let (mut covered, mut squares) = (0, 0.0);
    let count = 600;
    for _ in 0..count {
        let study = planted(&mut random, 10, 6);
        let mean = study.0.mean().unwrap() - 0.1;
        squares += mean * mean / f64::from(count);
        let reach = measured(&study).variances().half_width(Over::Both, &planned(10.0, 6.0 * FOLD), 0.95);
        covered += i32::from(mean.abs() <= reach);
    }
    let expected = TRUTH.standard_error(Over::Both, &planned(10.0, 6.0 * FOLD));
    assert!((squares.sqrt() / expected - 1.0).abs() < 0.09, "{} {expected}", squares.sqrt());
    let share = f64::from(covered) / f64::from(count);
    assert!((0.92..0.98).contains(&share), "{share}");
}

#[test]
fn nobody_crosses_the_floor_and_everybody_comes_near_it() {
    let at = planned(1e7, 0.5);
    let floor = TRUTH.floor(&at, 0.95);
    assert!((TRUTH.half_width(Over::Both, &at, 0.95) / floor - 1.0).abs() < 1e-4);
    let enough = |goal: f64| move |n: f64| TRUTH.half_width(Over::Both, &planned(n, 0.5), 0.95) <= goal;
    assert_eq!(fewest_participants(100_000, enough(0.999 * floor)), None);
    let found = fewest_participants(100_000, enough(1.2 * floor)).unwrap();
    let plain = (2..).find(|n| enough(1.2 * floor)(f64::from(*n))).unwrap();
    assert_eq!(found, plain as usize);
}

#[test]
fn too_little_of_anything_has_no_variances() {
    let (table, blocks) = planted(&mut random(3), 4, 3);
    let of = |folds: ndarray::ArrayView2<'_, f64>, blocks: &[f64]| {
        MeanSquares::of(&Pilot { folds, fold_hours: FOLD, blocks, block_hours: BLOCK }).is_none()
    };
    assert!(!of(table.view(), &blocks));
    assert!(of(table.slice(ndarray::s![..1, ..]), &blocks) && of(table.slice(ndarray::s![.., ..1]), &blocks));
    assert!(of(table.view(), &blocks[..1]));
    let mut holed = table.clone();
    holed[(1, 1)] = f64::NAN;
    assert!(of(holed.view(), &blocks));
    assert!(TRUTH.half_width(Over::People, &planned(1.0, 1.0), 0.95).is_nan());
    assert!(TRUTH.half_width(Over::Both, &planned(9.0, BLOCK), 0.95).is_nan(), "one block");
}

proptest! {
    /// Scores in other units give widths in other units, and the same power.
    #[test]
    fn units_do_not_matter(seed in 0_u64..1000, scale in 0.1_f64..10.0) {
        let (table, blocks) = planted(&mut random(seed), 6, 4);
        let scaled = (&table * scale, blocks.iter().map(|block| block * scale).collect());
        let (one, other) = (measured(&(table, blocks)).variances(), measured(&scaled).variances());
        let at = planned(20.0, 0.4);
        let widths = [&one, &other].map(|found| found.half_width(Over::Both, &at, 0.95));
        prop_assert!((widths[1] / widths[0] / scale - 1.0).abs() < 1e-9);
        let power = one.power(Over::Both, &at, (0.03, 0.05));
        prop_assert!((other.power(Over::Both, &at, (0.03 * scale, 0.05)) - power).abs() < 1e-9);
    }

    /// More people never lose anything over people, and a t interval is what it is by hand.
    #[test]
    fn over_people_it_is_students_interval(n in 3.0_f64..200.0, hours in 0.1_f64..20.0) {
        let n = n.round();
        let at = planned(n, hours);
        let by_hand = student_quantile(0.025, n - 1.0) * ((TRUTH.people + TRUTH.residual / hours) / n).sqrt();
        prop_assert!((TRUTH.half_width(Over::People, &at, 0.95) / by_hand - 1.0).abs() < 1e-12);
        prop_assert!(TRUTH.half_width(Over::People, &planned(n + 1.0, hours), 0.95) < by_hand);
    }
}

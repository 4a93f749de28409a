//! Denoising against nilearn, normal equations, and laws of a projection.

use gyrus_core::{NoScore, RepetitionTime};
use gyrus_encoding::EncodingError;
use gyrus_encoding::denoise::{
    Basis, Expansion, Regressors, by_stretch, clean, cosines, expand_motion, framewise_displacement,
    polynomials,
};
use ndarray::{Array2, array, s};

use crate::golden;
use crate::simulate::{noise, pool, random, seconds};

fn repetition(value: f64) -> RepetitionTime {
    RepetitionTime::new(seconds(value)).unwrap()
}

fn group(name: &str, values: Array2<f64>) -> Regressors {
    let columns = (0..values.ncols()).map(|column| format!("{name}_{column}")).collect();
    Regressors { name: name.to_owned(), columns, values }
}

#[test]
fn cleaning_is_that_of_nilearn() {
    let golden = golden::read("cleaning");
    let drift = cosines(
        120,
        repetition(golden::number(&golden["interval"])),
        seconds(golden::number(&golden["high_pass"])),
    );
    let expected = golden::table(&golden["cosines"]);
    assert_eq!(drift.values.dim(), expected.dim());
    assert!((&drift.values - &expected).iter().all(|difference| difference.abs() < 1e-12));
    let confounds = group("confounds", golden::table(&golden["confounds"]));
    let responses = golden::table(&golden["responses"]).mapv(|value| value as f32);
    let made = clean(&pool(1), responses.view(), &[drift, confounds], 10).unwrap();
    let expected = golden::table(&golden["cleaned"]);
    for (place, value) in made.values.indexed_iter() {
        assert!((f64::from(*value) - expected[place]).abs() < 1e-5, "{place:?} {value} {}", expected[place]);
    }
    assert_eq!(made.degrees_of_freedom(), 120 - 1 - 8 - 5);
}

#[test]
fn the_number_of_cosines_is_the_floor_of_twice_the_run_over_the_period() {
    for (samples, interval, high_pass, count) in [
        (362, 2.0, 128.0, 11),
        (100, 2.0, 128.0, 3),
        (30, 2.0, 128.0, 0),
        (64, 2.0, 128.0, 2),
        (300, 0.1, 0.6, 100),
    ] {
        assert_eq!(cosines(samples, repetition(interval), seconds(high_pass)).values.ncols(), count);
    }
    assert_eq!(cosines(5, repetition(2.0), seconds(0.1)).values.ncols(), 4);
    assert_eq!(cosines(0, repetition(2.0), seconds(128.0)).values.dim(), (0, 0));
}

/// What is left of a block is what would be left if it were a run.
#[test]
fn every_block_loses_its_own_drift_and_nothing_of_another() {
    let of = |count| vec![polynomials(count, 1), cosines(count, repetition(2.0), seconds(60.0))];
    let y = noise(&mut random(2), 100, 3).mapv(f64::from);
    let left = |regressors: &Regressors, y: ndarray::ArrayView2<f64>| {
        let basis = Basis::new(y.nrows(), std::slice::from_ref(regressors)).unwrap();
        &y - &basis.vectors().dot(&basis.vectors().t().dot(&y))
    };
    let blocks = [0..33, 33..40, 40..100];
    let together = by_stretch(100, &blocks, of);
    // A trend and 2, 0 and 4 cosines; a constant of all but the first.
    assert_eq!(together.columns.len(), 3 + 2 + 6);
    assert_eq!(together.columns[3..5], ["constant of block 2", "trend_1 of block 2"]);
    let found = left(&together, y.view());
    for block in blocks {
        let own = y.slice(s![block.clone(), ..]);
        let expected = left(&by_stretch(block.len(), std::slice::from_ref(&(0..block.len())), of), own);
        let difference = &found.slice(s![block.clone(), ..]) - &expected;
        assert!(difference.iter().all(|value| value.abs() < 1e-10), "{block:?}");
    }
    let whole = by_stretch(100, std::slice::from_ref(&(0..100)), of);
    assert_eq!(whole.columns[..2], ["trend_1", "cosine_1"]);
    assert_eq!(whole.columns.len(), 1 + 6);
}

#[test]
fn residuals_are_orthogonal_to_every_regressor_and_variance_adds_up() {
    let mut random = random(1);
    let responses = noise(&mut random, 90, 150) * 5.0 + 1000.0;
    let groups = [polynomials(90, 2), group("motion", noise(&mut random, 90, 6).mapv(f64::from))];
    let made = clean(&pool(2), responses.view(), &groups, 10).unwrap();
    let values = made.values.mapv(f64::from);
    for regressors in &groups {
        for column in regressors.values.columns() {
            let size = column.dot(&column).sqrt();
            assert!((0..150).all(|target| (column.dot(&values.column(target)) / size).abs() < 1e-4));
        }
    }
    for target in 0..150 {
        let y = responses.column(target).mapv(f64::from);
        let raw = (&y - y.mean().unwrap()).pow2().sum();
        let basis = made.basis.vectors();
        let fitted = basis.dot(&basis.t().dot(&y));
        let left = (&y - &fitted).pow2().sum();
        let removed = f64::from(made.variance_removed.column(target).sum());
        assert!((removed - (1.0 - left / raw)).abs() < 1e-5, "{removed}");
        let deviation = (left / 90.0).sqrt();
        assert!((f64::from(made.values[(7, target)]) - (y[7] - fitted[7]) / deviation).abs() < 1e-4);
    }
}

#[test]
fn cleaning_twice_is_cleaning_once() {
    let mut random = random(2);
    let groups = [group("confounds", noise(&mut random, 60, 8).mapv(f64::from))];
    let once = clean(&pool(1), noise(&mut random, 60, 5).view(), &groups, 10).unwrap();
    let twice = clean(&pool(1), once.values.view(), &groups, 10).unwrap();
    assert!((&once.values - &twice.values).iter().all(|difference| difference.abs() < 1e-5));
    assert!(twice.variance_removed.iter().all(|share| share.abs() < 1e-6));
}

#[test]
fn a_target_has_the_same_bits_in_any_company_and_on_any_number_of_threads() {
    let mut random = random(3);
    let responses = noise(&mut random, 77, 201);
    let groups = [
        cosines(77, repetition(2.0), seconds(40.0)),
        group("motion", noise(&mut random, 77, 6).mapv(f64::from)),
    ];
    let bits = |values: &Array2<f32>| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    let whole = clean(&pool(1), responses.view(), &groups, 10).unwrap();
    let threads = clean(&pool(2), responses.view(), &groups, 10).unwrap();
    assert_eq!(bits(&whole.values), bits(&threads.values));
    for from in [1, 63, 64, 130] {
        let part = clean(&pool(2), responses.slice(s![.., from..]), &groups, 10).unwrap();
        assert_eq!(bits(&whole.values.slice(s![.., from..]).to_owned()), bits(&part.values), "from {from}");
        let share = whole.variance_removed.slice(s![.., from..]).to_owned();
        assert_eq!(bits(&share), bits(&part.variance_removed));
    }
}

#[test]
fn combinations_of_earlier_columns_are_dropped_by_name() {
    let mut random = random(4);
    let mut motion = noise(&mut random, 50, 4).mapv(f64::from);
    let combined = &motion.column(0) * 3.0 - motion.column(1) + 7.0;
    motion.column_mut(3).assign(&combined);
    let empty = Array2::zeros((50, 1));
    let basis = Basis::new(50, &[group("motion", motion), group("empty", empty)]).unwrap();
    let dropped: Vec<&str> = basis.dropped().iter().map(|dropped| dropped.column.as_str()).collect();
    assert_eq!(dropped, ["motion_3", "empty_0"]);
    assert_eq!(basis.rank(), 4);
    assert_eq!(basis.groups()[2], ("empty".to_owned(), 4..4));
    let q = basis.vectors();
    let gram = q.t().dot(&q) - Array2::<f64>::eye(4);
    assert!(gram.iter().all(|value| value.abs() < 1e-13));
}

#[test]
fn nearly_dependent_columns_keep_an_orthonormal_basis_and_a_high_condition() {
    let mut random = random(5);
    let first = noise(&mut random, 40, 1).mapv(f64::from);
    let nearly = &first + &(noise(&mut random, 40, 1).mapv(f64::from) * 1e-5);
    let both = ndarray::concatenate![ndarray::Axis(1), first, nearly];
    let basis = Basis::new(40, &[group("twins", both)]).unwrap();
    assert_eq!(basis.rank(), 3);
    assert!((5e4..5e6).contains(&basis.condition()), "{}", basis.condition());
    let q = basis.vectors();
    assert!((q.t().dot(&q) - Array2::<f64>::eye(3)).iter().all(|value| value.abs() < 1e-12));
    let orthogonal = Basis::new(64, &[cosines(64, repetition(2.0), seconds(30.0))]).unwrap();
    assert!((orthogonal.condition() - 1.0).abs() < 1e-9);
    let constant = array![[1.0, 0.0], [1.0, 0.0], [1.0, 1.0]];
    let basis = Basis::new(3, &[group("step", constant)]).unwrap();
    // Columns (1, 1, 1)/√3 and (0, 0, 1): the Gram matrix has eigenvalues 1 ± 1/√3.
    let expected = ((1.0 + 1.0 / 3.0_f64.sqrt()) / (1.0 - 1.0 / 3.0_f64.sqrt())).sqrt();
    assert!((basis.condition() - expected).abs() < 1e-12);
    assert_eq!(basis.dropped().len(), 1);
}

#[test]
fn targets_without_values_say_why() {
    let mut random = random(6);
    let mut responses = noise(&mut random, 50, 6);
    responses.column_mut(0).fill(0.0);
    responses.column_mut(1).fill(812.7);
    responses[(9, 2)] = f32::NAN;
    responses.column_mut(3).indexed_iter_mut().for_each(|(row, value)| *value = 3.0 * row as f32);
    let wobble =
        |row: usize| if row.is_multiple_of(2) { 812.7_f32 } else { f32::from_bits(812.7_f32.to_bits() + 1) };
    responses.column_mut(4).indexed_iter_mut().for_each(|(row, value)| *value = wobble(row));
    let made = clean(&pool(1), responses.view(), &[polynomials(50, 1)], 10).unwrap();
    use NoScore::{AllZero, Constant, NonFinite};
    let expected = [Some(AllZero), Some(Constant), Some(NonFinite), Some(Constant), Some(Constant), None];
    assert_eq!(made.reasons, expected);
    assert!(made.values.slice(s![.., ..5]).iter().all(|value| value.is_nan()));
    assert!(made.values.column(5).iter().all(|value| value.is_finite()));
}

#[test]
fn a_small_signal_on_a_large_mean_survives() {
    let mut random = random(7);
    let small = noise(&mut random, 80, 1);
    let responses = small.mapv(|value| 20_000.0 + value * 20.0);
    let made = clean(&pool(1), responses.view(), &[polynomials(80, 1)], 10).unwrap();
    let direct = clean(&pool(1), small.view(), &[polynomials(80, 1)], 10).unwrap();
    assert!((&made.values - &direct.values).iter().all(|difference| difference.abs() < 1e-3));
}

#[test]
fn too_many_regressors_are_an_error_with_the_numbers() {
    let confounds = [group("confounds", noise(&mut random(8), 30, 24).mapv(f64::from))];
    let error = clean(&pool(1), Array2::zeros((30, 2)).view(), &confounds, 10).unwrap_err();
    assert_eq!(error, EncodingError::DegreesOfFreedom { samples: 30, rank: 25, left: 5, needed: 10 });
    let mut broken = group("confounds", Array2::zeros((30, 2)));
    broken.values[(0, 1)] = f64::NAN;
    let error = clean(&pool(1), Array2::zeros((30, 2)).view(), &[broken], 10).unwrap_err();
    assert!(error.to_string().contains("confounds_1") && error.to_string().contains("row 0"), "{error}");
    let error = Basis::new(31, &[group("confounds", Array2::zeros((30, 2)))]).unwrap_err();
    assert!(
        matches!(error, EncodingError::RegressorShape { found: (30, 2), expected: (31, 2), .. }),
        "{error}"
    );
}

#[test]
fn features_lose_what_the_drift_explains_and_nothing_else() {
    let mut random = random(9);
    let drift = cosines(60, repetition(2.0), seconds(50.0));
    let motion = group("motion", noise(&mut random, 60, 3).mapv(f64::from));
    let whole = Basis::new(60, &[drift.clone(), motion]).unwrap();
    let basis = whole.up_to("drift").unwrap();
    assert_eq!(basis.rank(), 1 + drift.values.ncols());
    assert_eq!(basis.vectors(), Basis::new(60, std::slice::from_ref(&drift)).unwrap().vectors());
    assert!(whole.up_to("physiology").is_none());
    let slow = drift.values.mapv(|value| value as f32);
    let mut features = noise(&mut random, 60, 70);
    features.slice_mut(s![.., ..slow.ncols()]).assign(&slow);
    let before = features.clone();
    basis.project(&pool(2), features.view_mut()).unwrap();
    assert!(features.slice(s![.., ..slow.ncols()]).iter().all(|value| value.abs() < 1e-6));
    let x = before.column(65).mapv(f64::from);
    let expected = &x - &basis.vectors().dot(&basis.vectors().t().dot(&x));
    assert!(features.column(65).iter().zip(&expected).all(|(value, e)| (f64::from(*value) - e).abs() < 1e-6));
    assert!(basis.project(&pool(1), Array2::zeros((59, 1)).view_mut()).is_err());
}

#[test]
fn motion_expands_by_the_stated_rules() {
    let motion = Array2::from_shape_fn((3, 6), |(row, axis)| (row * row) as f64 + axis as f64);
    let six = expand_motion(motion.view(), Expansion::Six).unwrap();
    assert_eq!(six.values, motion);
    let twelve = expand_motion(motion.view(), Expansion::Twelve).unwrap();
    assert_eq!(twelve.values.column(6).to_vec(), [0.0, 1.0, 3.0]);
    assert_eq!(twelve.columns[6], "motion_1_difference");
    let all = expand_motion(motion.view(), Expansion::TwentyFour).unwrap();
    assert_eq!(all.values.column(13).to_vec(), [1.0, 4.0, 25.0]);
    assert_eq!(all.values.column(18).to_vec(), [0.0, 1.0, 9.0]);
    let friston = expand_motion(motion.view(), Expansion::Friston24).unwrap();
    assert_eq!(friston.values.column(7).to_vec(), [1.0, 1.0, 2.0]);
    assert_eq!(friston.values.column(19).to_vec(), [1.0, 1.0, 4.0]);
    assert_eq!((all.columns.len(), friston.columns.len()), (24, 24));
    assert_eq!(
        expand_motion(motion.slice(s![.., ..5]), Expansion::Six),
        Err(EncodingError::MotionColumns { found: 5 })
    );
    assert_eq!(framewise_displacement(motion.view(), 50.0).unwrap(), [0.0, 153.0, 459.0]);
}

#[test]
fn trends_are_powers_of_a_time_from_minus_one_to_one() {
    let expected =
        array![[-1.0, 1.0, -1.0], [-0.5, 0.25, -0.125], [0.0, 0.0, 0.0], [0.5, 0.25, 0.125], [1.0, 1.0, 1.0]];
    let trends = polynomials(5, 3);
    assert_eq!(trends.values, expected);
    assert_eq!(trends.columns, ["trend_1", "trend_2", "trend_3"]);
}

#[test]
fn every_group_but_the_constant_has_a_share_and_as_many_dimensions_as_asked_for_may_be_left() {
    let mut random = random(10);
    let groups = [polynomials(20, 2), group("motion", noise(&mut random, 20, 6).mapv(f64::from))];
    let responses = noise(&mut random, 20, 3);
    let made = clean(&pool(1), responses.view(), &groups, 11).unwrap();
    assert_eq!(made.variance_removed.dim(), (2, 3));
    assert_eq!(made.degrees_of_freedom(), 11);
    assert!(clean(&pool(1), responses.view(), &groups, 12).is_err());
}

#[test]
fn regressors_may_be_in_any_unit() {
    let motion = noise(&mut random(11), 30, 3).mapv(f64::from);
    let expected = Basis::new(30, &[group("motion", motion.clone())]).unwrap();
    for unit in [1e-200, 1e-3, 1e200] {
        let found = Basis::new(30, &[group("motion", &motion * unit)]).unwrap();
        let apart = &found.vectors() - &expected.vectors();
        assert!(apart.iter().all(|difference| difference.abs() < 1e-12), "{unit}");
        assert!((found.condition() / expected.condition() - 1.0).abs() < 1e-9);
    }
}

#[test]
fn the_basis_up_to_a_group_names_what_was_dropped_before_its_end() {
    let mut random = random(12);
    let drift = ndarray::concatenate![ndarray::Axis(1), polynomials(30, 1).values, Array2::ones((30, 1))];
    let motion = ndarray::concatenate![ndarray::Axis(1), noise(&mut random, 30, 1).mapv(f64::from), drift];
    let whole = Basis::new(30, &[group("drift", drift), group("motion", motion)]).unwrap();
    let names = |basis: &Basis| basis.dropped().iter().map(|it| it.column.clone()).collect::<Vec<_>>();
    assert_eq!(names(&whole), ["drift_1", "motion_1", "motion_2"]);
    assert_eq!(names(&whole.up_to("drift").unwrap()), ["drift_1"]);
    assert_eq!(names(&whole.up_to("motion").unwrap()), names(&whole));
}

/// 10⁻⁵ of the mean, which f32 still holds with 1 %.
#[test]
fn a_signal_of_a_hundred_thousandth_of_its_mean_is_no_constant() {
    let small = noise(&mut random(13), 80, 4);
    let responses = small.mapv(|value| 10_000.0 + 0.1 * value);
    let made = clean(&pool(1), responses.view(), &[polynomials(80, 1)], 10).unwrap();
    let direct = clean(&pool(1), small.view(), &[polynomials(80, 1)], 10).unwrap();
    assert_eq!(made.reasons, [None; 4]);
    assert!((&made.values - &direct.values).iter().all(|difference| difference.abs() < 0.02));
}

//! What is said of a design: how much of the features is word rate, and whether folds leak.

use gyrus_core::Timeline;
use gyrus_encoding::diagnostics::{Tripwire, explained_by_rate, judge_tripwire, smoothed_identity};
use ndarray::{Array2, array};

use crate::simulate::pool;

#[test]
fn the_identity_is_smoothed_by_two_samples_within_each_run() {
    let timeline = Timeline::new([(5, "a".to_owned()), (3, "b".to_owned())]);
    let found = smoothed_identity(&timeline);
    let runs = [0, 0, 0, 0, 0, 1, 1, 1];
    assert_eq!(found.dim(), (8, 8));
    // exp(−d² / 8) for d = 0 … 4.
    let expected = [1.0, 0.882_496_902_6, 0.606_530_659_7, 0.324_652_467_4, 0.135_335_283_2];
    for ((row, column), value) in found.indexed_iter() {
        let expected = if runs[row] == runs[column] { expected[row.abs_diff(column)] } else { 0.0 };
        assert!((f64::from(*value) - expected).abs() < 1e-7, "{row} {column}: {value} {expected}");
    }
}

#[test]
fn the_tripwire_is_silent_below_a_twentieth_either_way() {
    for score in [None, Some(f64::NAN), Some(0.0), Some(0.049_999), Some(-0.049_999)] {
        assert_eq!(judge_tripwire(score), Tripwire::Silent, "{score:?}");
    }
    for score in [0.05, -0.05, 0.3, -0.7] {
        assert_eq!(judge_tripwire(Some(score)), Tripwire::Tripped { score });
    }
}

/// With p = (−1, 1, −1, 1), q = (−1, −1, 1, 1) and r = (1, −1, −1, 1), and a rate of 1 + p.
#[test]
fn the_word_rate_explains_its_part_of_features_made_of_it() {
    let (low, high) = (812.7_f32, f32::from_bits(812.7_f32.to_bits() + 1));
    let rate = array![[0.0], [2.0], [0.0], [2.0]];
    // 5 + 3 p: all of 36. 1 + 2 q: none of 16. 7 + p + 2 r: 4 of 20. Constants, one of them but for rounding.
    let features = array![
        [2.0, -1.0, 8.0, 9.0, low],
        [8.0, -1.0, 6.0, 9.0, low],
        [2.0, 3.0, 4.0, 9.0, high],
        [8.0, 3.0, 10.0, 9.0, high]
    ];
    let found = explained_by_rate(&pool(1), features.view(), rate.view()).unwrap();
    assert!((found.of_total - 40.0 / 72.0).abs() < 1e-6, "{found:?}");
    assert!((found.of_columns - 1.2 / 3.0).abs() < 1e-6, "{found:?}");
    let still = explained_by_rate(&pool(1), Array2::ones((4, 2)).view(), rate.view()).unwrap();
    assert!(still.of_total.is_nan() && still.of_columns.is_nan(), "{still:?}");
    assert!(explained_by_rate(&pool(1), features.view(), Array2::ones((3, 1)).view()).is_err());
}

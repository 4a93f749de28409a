//! Where an observed score stands among its surrogates: against SciPy, and what tests over signs need of it.

use gyrus_encoding::statistics::{NormalScores, normal_quantile};
use proptest::prelude::*;

use super::golden;

fn z(observed: f64, surrogates: &[f64]) -> f64 {
    NormalScores::new(surrogates.len()).of(observed, surrogates)
}

#[test]
fn normal_scores_are_those_of_scipy() {
    for row in golden::read("normal_scores")["rows"].as_array().unwrap() {
        let surrogates = golden::list(&row["surrogates"]);
        for (observed, expected) in
            golden::list(&row["observed"]).into_iter().zip(golden::list(&row["normal_score"]))
        {
            let found = z(observed, &surrogates);
            assert!((found - expected).abs() < 1e-9, "{observed}: {found} {expected}");
        }
    }
}

#[test]
fn ties_share_their_rank_and_what_cannot_stand_anywhere_has_no_score() {
    assert_eq!(z(0.3, &[0.3; 9]), 0.0, "it equals all");
    let upper = z(1.0, &[0.0, 0.5, 1.0]);
    assert!((upper - normal_quantile(0.75)).abs() < 1e-12, "first and second of four: {upper}");
    assert_eq!(z(0.0, &[0.0, 0.5, 1.0]), -z(1.0, &[0.0, 0.5, 1.0]));
    let rounded: Vec<f64> = (0..9).map(|index| 0.1 + 1e-8 * f64::from(index)).collect();
    for same in [&[0.5; 9][..], &[0.1; 9], &[0.0; 9], &rounded] {
        assert!((z(2.0, same) - normal_quantile(0.95)).abs() < 1e-12, "no spread, no distance: {same:?}");
    }
    assert!((z(2.0, &[0.5]) - normal_quantile(0.75)).abs() < 1e-12);
    assert!(z(f64::NAN, &[0.1, 0.2]).is_nan() && z(f64::INFINITY, &[0.1]).is_nan() && z(0.1, &[]).is_nan());
    assert!(z(0.1, &[0.0, f64::NAN, 0.2]).is_nan() && z(0.1, &[f64::NEG_INFINITY; 3]).is_nan());
    assert!(NormalScores::new(3).of(0.1, &[0.2, 0.3]).is_nan(), "another number of surrogates");
}

/// Scores by hand: the sd of 0, 1, 2, 3, 4 is √2.5.
#[test]
fn beyond_all_surrogates_distance_counts() {
    let surrogates = [3.0, 0.0, 4.0, 1.0, 2.0];
    let outermost = normal_quantile(1.0 - 0.5 / 6.0);
    for (observed, distance) in [(4.1, 0.1), (10.0, 6.0), (1e6, 1e6 - 4.0)] {
        let further = (1.0 + distance / 2.5_f64.sqrt()).ln();
        assert!((z(observed, &surrogates) - outermost - further).abs() < 1e-12, "{observed}");
        assert!((z(4.0 - observed, &surrogates) + outermost + further).abs() < 1e-12, "{observed}");
    }
}

fn scores() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-1.0..1.0_f64, 3..60)
}

proptest! {
    #[test]
    fn the_other_way_up_is_the_other_sign(surrogates in scores(), observed in -2.0..2.0_f64) {
        let turned: Vec<f64> = surrogates.iter().map(|score| -score).collect();
        prop_assert!((z(observed, &surrogates) + z(-observed, &turned)).abs() < 1e-9);
    }

    #[test]
    fn neither_unit_nor_origin_matters(surrogates in scores(), observed in -2.0..2.0_f64) {
        let elsewhere: Vec<f64> = surrogates.iter().map(|score| 4.0 * score + 8.0).collect();
        let (here, there) = (z(observed, &surrogates), z(4.0 * observed + 8.0, &elsewhere));
        prop_assert!((here - there).abs() < 1e-9, "{here} {there}");
    }

    #[test]
    fn a_higher_score_never_stands_lower(surrogates in scores(), one in -2.0..2.0_f64, more in 0.0..1.0_f64) {
        prop_assert!(z(one + more, &surrogates) >= z(one, &surrogates));
    }

    /// However skewed scores are: whichever of M + 1 is the observed one, its z comes with −z. Only how far the two outermost lie
    /// outside is not the same on both sides.
    #[test]
    fn among_exchangeable_scores_z_is_symmetric(raw in scores()) {
        let all: Vec<f64> = raw.iter().map(|score| (4.0 * score).exp()).collect();
        let mut found: Vec<f64> = (0..all.len())
            .map(|observed| z(all[observed], &[&all[..observed], &all[observed + 1..]].concat()))
            .collect();
        found.sort_by(f64::total_cmp);
        let inner = &found[1..found.len() - 1];
        for (low, high) in inner.iter().zip(inner.iter().rev()) {
            prop_assert!((low + high).abs() < 1e-9, "{found:?}");
        }
        prop_assert!(found[0] < 0.0 && found[found.len() - 1] > 0.0);
    }
}

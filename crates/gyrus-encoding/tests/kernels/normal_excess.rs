//! What an observed score has more than its surrogates: against SciPy, and what tests over signs need of it.

use gyrus_encoding::statistics::{NormalExcess, normal_quantile};
use proptest::prelude::*;

use super::golden;

fn excess(observed: f64, surrogates: &[f64]) -> f64 {
    NormalExcess::new(surrogates.len()).of(observed, surrogates)
}

#[test]
fn the_excess_is_that_of_scipy() {
    for row in golden::read("normal_excess")["rows"].as_array().unwrap() {
        let surrogates = golden::list(&row["surrogates"]);
        for (observed, expected) in
            golden::list(&row["observed"]).into_iter().zip(golden::list(&row["normal_excess"]))
        {
            let found = excess(observed, &surrogates);
            assert!((found - expected).abs() < 1e-9, "{observed}: {found} {expected}");
        }
    }
}

/// The sd of 0, 0.5, 1 and 1 is √(11 / 48), with n − 1.
#[test]
fn ties_share_their_rank_and_what_cannot_stand_anywhere_has_no_excess() {
    assert_eq!(excess(0.3, &[0.3; 9]), 0.0, "it equals all");
    let upper = excess(1.0, &[0.0, 0.5, 1.0]);
    let expected = normal_quantile(0.75) * (11.0_f64 / 48.0).sqrt();
    assert!((upper - expected).abs() < 1e-12, "first and second of four: {upper} {expected}");
    assert_eq!(excess(0.0, &[0.0, 0.5, 1.0]), -upper);
    assert!(excess(f64::NAN, &[0.1, 0.2]).is_nan() && excess(f64::INFINITY, &[0.1]).is_nan());
    assert!(excess(0.1, &[]).is_nan() && excess(0.1, &[0.0, f64::NAN, 0.2]).is_nan());
    assert!(excess(0.1, &[f64::NEG_INFINITY; 3]).is_nan());
    assert!(NormalExcess::new(3).of(0.1, &[0.2, 0.3]).is_nan(), "another number of surrogates");
}

/// Surrogates that are all the same, as those of a gain that all take the baseline alone: the distance is left, and what rounding left of their
/// differences does not count.
#[test]
fn beyond_all_surrogates_distance_counts() {
    let surrogates = [3.0, 0.0, 4.0, 1.0, 2.0];
    let outermost = normal_quantile(1.0 - 0.5 / 6.0);
    for (observed, distance) in [(4.1_f64, 0.1), (10.0, 6.0), (1e6, 1e6 - 4.0)] {
        let mean = (10.0 + observed) / 6.0;
        let squares: f64 = surrogates.iter().chain([&observed]).map(|score| (score - mean).powi(2)).sum();
        let expected = outermost * (squares / 5.0).sqrt() + distance;
        assert!((excess(observed, &surrogates) / expected - 1.0).abs() < 1e-12, "{observed}");
        assert!((excess(4.0 - observed, &surrogates) / expected + 1.0).abs() < 1e-12, "{observed}");
    }
    let rounded: Vec<f64> = (0..39).map(|index| 0.1 + 1e-8 * f64::from(index)).collect();
    let (same, nearly) = (excess(0.3, &[0.1; 39]), excess(0.3, &rounded));
    assert!(same > 0.2 && same < 0.3 && (same - nearly).abs() < 1e-6, "{same} {nearly}");
}

fn scores() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-1.0..1.0_f64, 3..60)
}

proptest! {
    #[test]
    fn the_other_way_up_is_the_other_sign(surrogates in scores(), observed in -2.0..2.0_f64) {
        let turned: Vec<f64> = surrogates.iter().map(|score| -score).collect();
        prop_assert!((excess(observed, &surrogates) + excess(-observed, &turned)).abs() < 1e-9);
    }

    #[test]
    fn it_has_the_unit_of_scores_and_no_origin(surrogates in scores(), observed in -2.0..2.0_f64) {
        let elsewhere: Vec<f64> = surrogates.iter().map(|score| 4.0 * score + 8.0).collect();
        let (here, there) = (excess(observed, &surrogates), excess(4.0 * observed + 8.0, &elsewhere));
        prop_assert!((4.0 * here - there).abs() < 1e-9, "{here} {there}");
    }

    #[test]
    fn its_sign_is_that_of_the_rank(surrogates in scores(), observed in -2.0..2.0_f64) {
        let greater = surrogates.iter().filter(|score| **score > observed).count();
        let sign = (surrogates.len() - greater).cmp(&greater);
        prop_assert_eq!(excess(observed, &surrogates).partial_cmp(&0.0), Some(sign));
    }

    /// However skewed scores are: whichever of M + 1 is the observed one, x comes with −x. Only how far the two outermost lie
    /// outside is not the same on both sides.
    #[test]
    fn among_exchangeable_scores_it_is_symmetric(raw in scores()) {
        let all: Vec<f64> = raw.iter().map(|score| (4.0 * score).exp()).collect();
        let mut found: Vec<f64> = (0..all.len())
            .map(|observed| excess(all[observed], &[&all[..observed], &all[observed + 1..]].concat()))
            .collect();
        found.sort_by(f64::total_cmp);
        let inner = &found[1..found.len() - 1];
        for (low, high) in inner.iter().zip(inner.iter().rev()) {
            prop_assert!((low + high).abs() < 1e-9, "{found:?}");
        }
        prop_assert!(found[0] < 0.0 && found[found.len() - 1] > 0.0);
    }
}

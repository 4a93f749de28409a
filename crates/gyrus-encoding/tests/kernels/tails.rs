//! p beyond what surrogates can count, against SciPy and against distributions of which p is known.

use gyrus_encoding::statistics::{normal_quantile, permutation_p, tail_p};

use super::golden;

#[test]
fn tails_are_those_of_scipy() {
    for row in golden::read("tails")["rows"].as_array().unwrap() {
        let mut null = golden::list(&row["null"]);
        null.push(f64::NAN);
        for (observed, expected) in golden::list(&row["observed"]).into_iter().zip(golden::list(&row["p"])) {
            let found = tail_p(observed, &null);
            assert!((found / expected - 1.0).abs() < 1e-9, "{observed}: {found} {expected}");
        }
    }
}

/// Quantiles of a distribution at (i − ½) / n.
fn quantiles(count: usize, of: impl Fn(f64) -> f64) -> Vec<f64> {
    (1..=count).map(|index| of((index as f64 - 0.5) / count as f64)).collect()
}

/// An exponential tail is found as it is, a heavier one by its shape; a lighter one gets a p that is too large, never one that is too small.
#[test]
fn tails_of_known_distributions() {
    let exponential = quantiles(1000, |share| -(1.0 - share).ln());
    for p in [5e-3_f64, 1e-4, 1e-6] {
        let found = tail_p(-p.ln(), &exponential);
        assert!((found / p).ln().abs() < 0.5, "{p}: {found}");
    }
    // Pareto's with an exponent of 4: ξ = ¼.
    let heavy = quantiles(2000, |share| (1.0 - share).powf(-0.25));
    for p in [1e-3_f64, 1e-4, 1e-5] {
        let found = tail_p(p.powf(-0.25), &heavy);
        assert!((found / p).ln().abs() < 1.2, "{p}: {found}");
    }
    let normal = quantiles(1000, normal_quantile);
    for p in [1e-3_f64, 1e-4, 1e-5] {
        let found = tail_p(-normal_quantile(p), &normal);
        assert!(found > p && found < 0.01, "{p}: {found}");
        assert!(p > 1e-4 || found < 1.0 / 1001.0, "below what can be counted: {found}");
    }
}

#[test]
fn what_can_be_counted_is_counted_and_what_cannot_be_fitted_is_not() {
    let null: Vec<f64> = (0..400).map(f64::from).collect();
    assert_eq!(tail_p(390.0, &null), permutation_p(10, 400));
    assert_eq!(tail_p(-1.0, &null), 1.0);
    let fitted = tail_p(391.0, &null);
    assert!(fitted != permutation_p(9, 400) && (0.01..0.05).contains(&fitted), "{fitted}");
    assert!(tail_p(f64::NAN, &null).is_nan());
    assert!(tail_p(1e9, &null) > 0.0);
    assert!(tail_p(300.0, &null[..199]).is_nan() && tail_p(300.0, &null[..200]).is_finite());
    let mut steps = vec![0.7; 400];
    steps[..40].fill(0.9);
    assert!(tail_p(2.0, &steps).is_nan() && tail_p(2.0, &[1.0; 400]).is_nan());
    // Sums in another order: a tie is a tie.
    assert_eq!(tail_p(0.9, &steps), permutation_p(40, 400));
    assert_eq!(tail_p(0.9_f64.next_up(), &steps), permutation_p(40, 400));
    assert!(tail_p(2.0, &[]).is_nan());
}

//! A small calibration with a fixed seed; `cargo xtask calibrate` is the full one.

use std::sync::Arc;

use gyrus_encoding::backend::Backend;
use gyrus_encoding::calibration::{
    Calibration, Condition, DesignOutcome, SimulatedFolds, simulate_design, summarise,
};

fn outcomes(folds: SimulatedFolds, designs: usize) -> Vec<DesignOutcome> {
    let backend = Backend::cpu(Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap()));
    let calibration = Calibration { targets: 12, surrogates: 99, folds, seed: 5 };
    let conditions = [0.5, 0.8, 0.9].map(|rho| Condition { rho, samples: 200 });
    let design =
        |index: usize| simulate_design(&backend, &calibration, (conditions[index % 3], index)).unwrap();
    (0..designs).map(design).collect()
}

/// 24 designs of 12 targets: the rate has a standard error of about .015, so that .05 ± .04 fails for a null that
/// forgets autocorrelation (.10 and more) and for one that is never reached.
#[test]
fn the_default_null_keeps_its_level() {
    let outcomes = outcomes(SimulatedFolds::Blocks, 24);
    let rate = summarise(&outcomes, |design| design.false_positives);
    assert!((rate.mean - 0.05).abs() < 0.04, "{rate:?}");
    let by_freedom = summarise(&outcomes, |design| design.by_freedom);
    assert!((by_freedom.mean - 0.05).abs() < 0.05, "{by_freedom:?}");
    let excess = summarise(&outcomes, |design| design.excess);
    assert!(excess.mean.abs() < 2.5 * excess.standard_error, "{excess:?}");
}

/// Shuffled folds put neighbours on both sides: scores of pure noise rise far above 0.
#[test]
fn shuffled_folds_inflate_scores_of_noise() {
    let shuffled = summarise(&outcomes(SimulatedFolds::Shuffled, 12), |design| design.score);
    assert!(shuffled.mean > 5.0 * shuffled.standard_error && shuffled.mean > 0.05, "{shuffled:?}");
}

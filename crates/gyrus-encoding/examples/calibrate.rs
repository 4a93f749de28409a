//! False positives and null scores of the whole pipeline over many designs: `calibrate [DESIGNS_PER_CONDITION]`.

#![allow(clippy::disallowed_methods)]

use std::sync::Arc;

use gyrus_encoding::backend::Backend;
use gyrus_encoding::calibration::{
    Calibration, Condition, DesignOutcome, SimulatedFolds, simulate_design, summarise,
};

const PER_CONDITION: usize = 12;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let per_condition = match std::env::args().nth(1) {
        Some(text) => text.parse().map_err(|_| format!("found `{text}`, expected a number of designs"))?,
        None => PER_CONDITION,
    };
    let backend = Backend::cpu(Arc::new(rayon::ThreadPoolBuilder::new().build()?));
    println!("folds\trho\tsamples\tdesigns\tfalse_positives\tse\tby_freedom\tse\tscore\tse\texcess\tse");
    for folds in [SimulatedFolds::Blocks, SimulatedFolds::Shuffled] {
        let calibration = Calibration { targets: 16, surrogates: 199, folds, seed: 2024 };
        let mut all = Vec::new();
        for rho in [0.5, 0.8, 0.9] {
            for samples in [200, 300, 400] {
                let condition = Condition { rho, samples };
                let design = |index: usize| simulate_design(&backend, &calibration, (condition, index));
                let outcomes = (0..per_condition).map(design).collect::<Result<Vec<DesignOutcome>, _>>()?;
                print(&format!("{folds:?}\t{rho}\t{samples}"), &outcomes);
                all.extend(outcomes);
            }
        }
        print(&format!("{folds:?}\tall\tall"), &all);
        if folds == SimulatedFolds::Blocks {
            judge(&all)?;
        }
    }
    Ok(())
}

fn print(name: &str, outcomes: &[DesignOutcome]) {
    let rate = summarise(outcomes, |design| design.false_positives);
    let by_freedom = summarise(outcomes, |design| design.by_freedom);
    let score = summarise(outcomes, |design| design.score);
    let excess = summarise(outcomes, |design| design.excess);
    println!(
        "{name}\t{}\t{:.4}\t{:.4}\t{:.4}\t{:.4}\t{:.5}\t{:.5}\t{:.5}\t{:.5}",
        rate.designs,
        rate.mean,
        rate.standard_error,
        by_freedom.mean,
        by_freedom.standard_error,
        score.mean,
        score.standard_error,
        excess.mean,
        excess.standard_error
    );
}

fn judge(outcomes: &[DesignOutcome]) -> Result<(), String> {
    let rate = summarise(outcomes, |design| design.false_positives);
    let excess = summarise(outcomes, |design| design.excess);
    if !(0.04..=0.06).contains(&rate.mean) {
        return Err(format!("false positives at .05: {rate:?}, expected .04 to .06"));
    }
    if excess.mean.abs() > 2.5 * excess.standard_error {
        return Err(format!("score less null mean: {excess:?}, expected within 2.5 standard errors of 0"));
    }
    Ok(())
}

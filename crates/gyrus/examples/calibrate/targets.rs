//! Single targets: false positives and null scores over designs, with blocks and with shuffled samples.

use std::error::Error;

use gyrus_encoding::backend::Backend;
use gyrus_encoding::calibration::{
    Calibration, Condition, DesignOutcome, SimulatedFolds, simulate_design, summarise,
};

use super::judge::{Judgement, shown};

pub fn run(backend: &Backend, per_condition: usize) -> Result<(), Box<dyn Error>> {
    println!("folds\trho\tsamples\tdesigns\tfalse_positives\tby_freedom\tscore\texcess");
    let mut judgement = Judgement::default();
    for folds in [SimulatedFolds::Blocks, SimulatedFolds::Shuffled] {
        let calibration = Calibration { targets: 16, surrogates: 199, folds, seed: 2024 };
        let mut all = Vec::new();
        for rho in [0.5, 0.8, 0.9] {
            for samples in [200, 300, 400] {
                let condition = Condition { rho, samples };
                let design = |index: usize| simulate_design(backend, &calibration, (condition, index));
                let outcomes = (0..per_condition).map(design).collect::<Result<Vec<DesignOutcome>, _>>()?;
                print(&format!("{folds:?}\t{rho}\t{samples}"), &outcomes);
                all.extend(outcomes);
            }
        }
        print(&format!("{folds:?}\tall\tall"), &all);
        if folds == SimulatedFolds::Blocks {
            let of = |quantity: fn(&DesignOutcome) -> f64| summarise(&all, quantity);
            judgement.within(
                "the rate of false positives",
                of(|design| design.false_positives),
                [0.04, 0.06],
            );
            judgement.centred("the score less its null mean", of(|design| design.excess));
        }
    }
    judgement.end()
}

fn print(name: &str, outcomes: &[DesignOutcome]) {
    let of = |quantity: fn(&DesignOutcome) -> f64| shown(summarise(outcomes, quantity));
    let columns = [
        of(|design| design.false_positives),
        of(|design| design.by_freedom),
        of(|design| design.score),
        of(|design| design.excess),
    ];
    println!("{name}\t{}\t{}", outcomes.len(), columns.join("\t"));
}

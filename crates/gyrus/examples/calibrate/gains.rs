//! Gains of features that hold nothing over a baseline that holds something, against surrogates of those features.

use std::error::Error;

use gyrus_encoding::backend::Backend;
use gyrus_encoding::calibration::{Condition, GainOutcome, simulate_gain, summarise};

use super::judge::{Judgement, shown};

pub fn run(backend: &Backend, per_condition: usize) -> Result<(), Box<dyn Error>> {
    println!("rho\tsamples\tdesigns\tbaseline\tgain\texcess\tfalse_positives");
    let mut all = Vec::new();
    for rho in [0.5, 0.8, 0.9] {
        let condition = Condition { rho, samples: 300 };
        let design = |index: usize| simulate_gain(backend, (condition, 16, 99), (11, index));
        let outcomes = (0..per_condition).map(design).collect::<Result<Vec<GainOutcome>, _>>()?;
        print(&format!("{rho}\t300"), &outcomes);
        all.extend(outcomes);
    }
    print("all\tall", &all);
    let mut judgement = Judgement::default();
    judgement.centred("the gain less its null mean", summarise(&all, |one| one.excess));
    // Folds that take the pure baseline score the same in every surrogate, and ties count against a gain.
    judgement.within("the rate of gains", summarise(&all, |one| one.false_positives), [0.0, 0.06]);
    judgement.end()
}

fn print(name: &str, outcomes: &[GainOutcome]) {
    let of = |quantity: fn(&GainOutcome) -> f64| shown(summarise(outcomes, quantity));
    let columns =
        [of(|one| one.baseline), of(|one| one.gain), of(|one| one.excess), of(|one| one.false_positives)];
    println!("{name}\t{}\t{}", outcomes.len(), columns.join("\t"));
}

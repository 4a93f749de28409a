//! Gains of layers that hold nothing of their own over a baseline that holds something, against surrogates of those layers.

use std::error::Error;

use gyrus_encoding::backend::Backend;
use gyrus_encoding::calibration::{Condition, GainOutcome, LayerHolds, simulate_gain, summarise};

use super::judge::{Judgement, shown};

pub fn run(backend: &Backend, per_condition: usize) -> Result<(), Box<dyn Error>> {
    println!("layer\trho\tsamples\tdesigns\tbaseline\tgain\texcess\tfalse_positives");
    let mut judgement = Judgement::default();
    for (name, holds) in [
        ("nothing", LayerHolds::Nothing),
        ("the baseline", LayerHolds::Baseline),
        ("a wide baseline", LayerHolds::WideBaseline),
    ] {
        let mut all = Vec::new();
        for rho in [0.5, 0.8, 0.9] {
            let condition = (Condition { rho, samples: 300 }, holds);
            let design = |index: usize| simulate_gain(backend, condition, (16, 99), (11, index));
            let outcomes = (0..per_condition).map(design).collect::<Result<Vec<GainOutcome>, _>>()?;
            print(&format!("{name}\t{rho}\t300"), &outcomes);
            all.extend(outcomes);
        }
        print(&format!("{name}\tall\tall"), &all);
        let of = format!("of layers that hold {name}");
        // Choices are those of the observed features, which inner folds found by chance and surrogates did not have to be: an observed
        // layer that holds nothing costs .001 to .004 more than its surrogates. With one mixture and penalty it does not.
        let excess = summarise(&all, |one| one.excess);
        judgement.within(&format!("the gain less its null mean {of}"), excess, [-0.005, 0.0025]);
        // Folds that take the pure baseline score the same in every surrogate, and ties count against a gain.
        let rate = summarise(&all, |one| one.false_positives);
        judgement.within(&format!("the rate of gains {of}"), rate, [0.0, 0.06]);
    }
    judgement.end()
}

fn print(name: &str, outcomes: &[GainOutcome]) {
    let of = |quantity: fn(&GainOutcome) -> f64| shown(summarise(outcomes, quantity));
    let columns =
        [of(|one| one.baseline), of(|one| one.gain), of(|one| one.excess), of(|one| one.false_positives)];
    println!("{name}\t{}\t{}", outcomes.len(), columns.join("\t"));
}

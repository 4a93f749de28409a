//! Gains of layers that hold nothing of their own over a baseline that holds something, against surrogates of those layers.

use std::error::Error;

use gyrus_encoding::backend::Backend;
use gyrus_encoding::calibration::{Condition, GainOutcome, Gains, LayerHolds, simulate_gain, summarise};

use super::judge::{Judgement, shown};

pub fn run(backend: &Backend, per_condition: usize) -> Result<(), Box<dyn Error>> {
    println!("choices\tlayer\trho\tsamples\tdesigns\tbaseline\tgain\texcess\tfalse_positives");
    let mut judgement = Judgement::default();
    let layers = [
        ("nothing", LayerHolds::Nothing),
        ("the baseline", LayerHolds::Baseline),
        ("a wide baseline", LayerHolds::WideBaseline),
    ];
    // Surrogates that choose again are a dozen times as long.
    let choices = [("observed", false, per_condition), ("again", true, per_condition.div_ceil(3))];
    for ((choices, again, designs), (name, holds)) in
        choices.into_iter().flat_map(|choices| layers.map(|layer| (choices, layer)))
    {
        let gains = Gains { holds, again, targets: 16, surrogates: 99, seed: 11 };
        let mut all = Vec::new();
        for rho in [0.5, 0.8, 0.9] {
            let condition = Condition { rho, samples: 300 };
            let design = |index: usize| simulate_gain(backend, &gains, (condition, index));
            let outcomes = (0..designs).map(design).collect::<Result<Vec<GainOutcome>, _>>()?;
            print(&format!("{choices}\t{name}\t{rho}\t300"), &outcomes);
            all.extend(outcomes);
        }
        print(&format!("{choices}\t{name}\tall\tall"), &all);
        let of = format!("of layers that hold {name}, choices {choices}");
        // Choices of the observed features are what inner folds found by chance and surrogates did not have to find: an observed layer that
        // holds nothing costs up to .004 more than its surrogates.
        let excess = summarise(&all, |one| one.excess);
        let lowest = if again { -0.0025 } else { -0.005 };
        judgement.within(&format!("the gain less its null mean {of}"), excess, [lowest, 0.0025]);
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

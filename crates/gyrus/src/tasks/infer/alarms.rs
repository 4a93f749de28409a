//! What a reader should know before believing the numbers, found while they were made.

use gyrus_encoding::diagnostics::{Tripwire, judge_tripwire};

use crate::inputs::Inputs;
use crate::plan::{Design, Plan};
use crate::results::Diagnostics;

/// A larger share of penalties at the upper end of the grid is reported.
const MANY: f64 = 0.05;

pub(super) fn alarms(inputs: &Inputs, plan: &Plan, diagnostics: &Diagnostics) -> Vec<String> {
    let leak = match judge_tripwire(diagnostics.autocorrelation_tripwire) {
        Tripwire::Silent => None,
        Tripwire::Tripped { score } => Some(format!(
            "features that know only when a sample was taken score {score:.3}: neighbouring samples leak between folds; use whole runs or a longer encoding.folds gap"
        )),
    };
    let (low, high, all) = diagnostics.penalties_at_edges;
    let edge = |count: u64, end: &str, means: &str| {
        let share = count as f64 / all.max(1) as f64;
        (share > MANY).then(|| format!("{:.0} % of the penalties lie at the {end}: {means}", share * 100.0))
    };
    let edges = [
        edge(low, "lower end of encoding.alphas", "the grid may start too late"),
        edge(
            high,
            "upper end of encoding.alphas",
            "nothing was found to predict there, or the grid ends too early",
        ),
    ];
    leak.into_iter().chain(edges.into_iter().flatten()).chain(unequal_runs(inputs, plan)).collect()
}

/// People who heard one story in runs of other lengths have surrogates and resampled blocks of their own, as if they
/// had heard another story; who heard it beside other stories has blocks of their own.
fn unequal_runs(inputs: &Inputs, plan: &Plan) -> Vec<String> {
    let lengths = |stimulus: usize| {
        let heard = |design: &Design| {
            let run = design.runs.iter().find(|run| run.stimulus == stimulus)?;
            Some((run.sampling.count, design.participants.len()))
        };
        let mut found: Vec<(usize, usize)> = plan.designs.iter().filter_map(heard).collect();
        found.sort_unstable();
        found
    };
    let warn = |stimulus: usize| {
        let lengths = lengths(stimulus);
        let differ = lengths.first().zip(lengths.last()).is_some_and(|(first, last)| first.0 != last.0);
        let name = inputs.stimuli[stimulus].stimulus.name();
        if !differ && lengths.len() > 1 {
            return Some(format!(
                "participants heard `{name}` beside different stories or in another order: blocks of it are drawn apart for each of {} groups, so intervals over the story are too narrow",
                lengths.len()
            ));
        }
        differ.then(|| {
            let each: Vec<String> = lengths.iter().map(|(count, people)| format!("{count} samples in {people}")).collect();
            format!(
                "participants heard `{}` in runs of different lengths ({}): their surrogates and stimulus blocks are drawn apart, so p over the stimulus and intervals over it are too hopeful",
                name,
                each.join(", ")
            )
        })
    };
    (0..inputs.stimuli.len()).filter_map(warn).collect()
}

//! People who heard the same runs share a design: its features are decomposed once for all of them.

use std::ops::Range;

use gyrus_core::{FoldRule, Folds, Sampling, Timeline};
use serde::Serialize;

use crate::Error;
use crate::inputs::{Inputs, Recording};
use crate::study::DriftBy;

/// Name of a participant and the recordings of that one, in the order of the runs of the design.
pub type Member = (String, Vec<usize>);

/// The rows that a group of participants shares.
#[derive(Debug, Clone)]
pub struct Design {
    /// Stimulus and sampling of each run.
    pub runs: Vec<DesignRun>,
    /// Names of the participants and the recordings of each, in the order of `runs`.
    pub participants: Vec<Member>,
    /// How rows divide into runs.
    pub timeline: Timeline,
    /// How rows are held out.
    pub folds: Folds,
}

/// One run of a design.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DesignRun {
    /// Index of the stimulus.
    pub stimulus: usize,
    /// When its rows were sampled.
    pub sampling: Sampling,
}

impl Design {
    /// Number of rows.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        self.timeline.n_samples()
    }

    /// The stretches of a run that have a drift of their own, in rows of the run: blocks that are held out together, or the
    /// whole run.
    pub(crate) fn stretches(&self, run: usize, by: DriftBy) -> Vec<Range<usize>> {
        let rows = &self.timeline.runs()[run];
        let is_cut = by == DriftBy::Block && matches!(self.folds.rule(), FoldRule::Blocks { .. });
        let held_out = self.folds.as_slice().iter().filter(|_| is_cut).filter_map(|fold| {
            let (first, last) = (*fold.test.first()?, *fold.test.last()?);
            let (start, end) = (first.max(rows.start), (last + 1).min(rows.end));
            (start < end).then(|| start - rows.start..end - rows.start)
        });
        let held_out: Vec<Range<usize>> = held_out.collect();
        if held_out.is_empty() { std::iter::once(0..rows.len()).collect() } else { held_out }
    }

    /// What decides the feature matrices apart from activations.
    #[must_use]
    pub fn identity(&self) -> serde_json::Value {
        serde_json::json!({ "runs": self.runs, "folds": self.folds.rule(), "names": self.timeline.groups() })
    }
}

/// Groups participants by the runs they heard.
///
/// # Errors
/// - [`Error::Folds`] if a design is too short for its folds.
pub(super) fn group(inputs: &Inputs) -> Result<Vec<Design>, Error> {
    let mut groups: Vec<(Vec<DesignRun>, Vec<Member>)> = Vec::new();
    for participant in inputs.resolved.participants() {
        let usable = |(_, recording): &(usize, &Recording)| {
            recording.run.participant == participant && recording.exclusion.is_none()
        };
        let indices: Vec<usize> =
            inputs.recordings.iter().enumerate().filter(usable).map(|(index, _)| index).collect();
        if indices.is_empty() {
            continue;
        }
        let runs: Vec<DesignRun> =
            indices.iter().map(|index| design_run(&inputs.recordings[*index])).collect();
        match groups.iter_mut().find(|(known, _)| *known == runs) {
            Some((_, members)) => members.push((participant, indices)),
            None => groups.push((runs, vec![(participant, indices)])),
        }
    }
    groups.into_iter().map(|(runs, participants)| design(inputs, runs, participants)).collect()
}

fn design_run(recording: &Recording) -> DesignRun {
    DesignRun { stimulus: recording.run.stimulus, sampling: recording.sampling }
}

fn design(inputs: &Inputs, runs: Vec<DesignRun>, participants: Vec<Member>) -> Result<Design, Error> {
    let name = |run: &DesignRun| inputs.stimuli[run.stimulus].stimulus.name().to_owned();
    let timeline = Timeline::new(runs.iter().map(|run| (run.sampling.count, name(run))));
    let repetition = runs.first().map(|run| run.sampling.interval);
    let rule = repetition.map(|repetition| inputs.resolved.fold_rule(runs.len(), repetition));
    let rule = rule.unwrap_or(FoldRule::Runs);
    let folds = Folds::new(&timeline, &rule);
    let folds = folds.map_err(|error| explain(inputs, &participants, String::new(), error))?;
    for outer in 0..folds.len() {
        let inner = folds.inner(outer, inputs.resolved.study.encoding.inner_folds);
        let place = format!("inner folds of fold {}: ", outer + 1);
        inner.map_err(|error| explain(inputs, &participants, place, error))?;
    }
    Ok(Design { runs, participants, timeline, folds })
}

fn explain(inputs: &Inputs, participants: &[Member], place: String, source: gyrus_core::CoreError) -> Error {
    let first = participants.first().and_then(|(_, recordings)| recordings.first());
    let path = first.map(|index| inputs.recordings[*index].run.responses.clone()).unwrap_or_default();
    Error::Folds { path, place, source }
}

//! Infer: from the scores of everybody to the answer, with intervals, tests, controls and verdicts.

mod alarms;
mod ceilings;
mod controls;
mod depth;
mod diagnostics;
mod estimate;
mod gather;
mod language_model;
mod methods;
mod nested;
mod scores;
mod significance;
mod verdicts;

use super::baseline::Baseline;
use super::extract::missing;
use super::fit::Fit;
use super::prepare::{Prepare, PrepareReport};
use crate::Error;
use crate::inputs::Inputs;
use crate::plan::{Machine, Plan, TaskSummary};
use crate::results::{Exclusion, ParticipantResults, Results};
use crate::store::{Digest, Key, Store};
use estimate::Estimator;
use gather::Layout;

pub use scores::ScoreRows;

/// The reduction over everything.
#[derive(Debug, Clone)]
pub struct Infer {
    /// The key of its result.
    pub key: Key,
}

/// Rises when the same scores would give another answer.
const NUMERICS_VERSION: u32 = 7;
const RESULTS: &str = "results.json";
const SCORES: &str = "scores.json";

impl Infer {
    pub(crate) fn new(inputs: &Inputs, prepare: &[Prepare], baselines: &[Baseline], fits: &[Fit]) -> Self {
        let prepared = prepare.iter().map(|task| task.key.as_input());
        let based = baselines.iter().map(|task| task.key.as_input());
        let digests: Vec<Digest> =
            prepared.chain(based).chain(fits.iter().map(|task| task.key.as_input())).collect();
        let study = &inputs.resolved.study;
        let recordings: Vec<_> = inputs
            .recordings
            .iter()
            .map(|recording| (&recording.run.participant, &recording.exclusion))
            .collect();
        let parameters = serde_json::json!({
            "study": study.study, "statistics": study.statistics, "targets": inputs.targets,
            "responses": { "stimulus_time": study.responses.stimulus_time_of_first_volume },
            "recordings": recordings, "warnings": inputs.warnings, "version": env!("CARGO_PKG_VERSION"),
        });
        Self { key: Key::new("infer", NUMERICS_VERSION, &parameters, &digests) }
    }

    pub(crate) fn summary(&self, inputs: &Inputs) -> TaskSummary {
        let participants = inputs.recordings.len();
        let layers: usize = inputs.language_models.iter().map(|open| open.layers().len()).sum();
        let surrogates = inputs.resolved.study.statistics.surrogates;
        let samples: usize =
            inputs.recordings.iter().map(|recording| recording.sampling.count).max().unwrap_or(0);
        // Three quantities per layer, each with scores, held-out products and nulls in double precision.
        let per_layer = inputs.targets.len() * (participants * 40 + samples * 16 + surrogates * 16);
        let memory = (3 * layers * per_layer) as u64 + (1 << 24);
        TaskSummary {
            kind: "infer",
            label: inputs.resolved.study.study.name.clone(),
            memory,
            disk: (400 * participants * layers * inputs.targets.len()) as u64 + 20_000,
            operations: 100.0
                * (inputs.resolved.study.statistics.bootstraps * samples * layers * inputs.targets.len())
                    as f64,
            key: self.key.clone(),
        }
    }

    pub(crate) fn run(
        &self,
        inputs: &Inputs,
        plan: &Plan,
        store: &Store,
        machine: &Machine<'_>,
    ) -> Result<(), Error> {
        if store.find(&self.key)?.is_some() {
            return Ok(());
        }
        let (results, rows) = infer(inputs, plan, store, machine)?;
        store
            .put(&self.key, |draft| {
                draft.add_json(RESULTS, &results)?;
                draft.add_json(SCORES, &rows)
            })
            .map(|_| ())
    }

    /// The answer.
    ///
    /// # Errors
    /// - [`Error::Store`] if the task has not run.
    pub fn results(&self, store: &Store) -> Result<Results, Error> {
        store.find(&self.key)?.ok_or_else(|| missing(&self.key))?.read_json(RESULTS)
    }

    /// One row per participant, language model, layer and target.
    ///
    /// # Errors
    /// - [`Error::Store`] if the task has not run.
    pub fn scores(&self, store: &Store) -> Result<ScoreRows, Error> {
        store.find(&self.key)?.ok_or_else(|| missing(&self.key))?.read_json(SCORES)
    }
}

fn infer(
    inputs: &Inputs,
    plan: &Plan,
    store: &Store,
    machine: &Machine<'_>,
) -> Result<(Results, ScoreRows), Error> {
    let layout = Layout::new(inputs, plan);
    let estimator = Estimator::new(inputs, plan, &layout)?;
    let at = (&layout, store);
    let diagnostics = diagnostics::run(inputs, plan, at, machine)?;
    let lag = diagnostics::peak(&diagnostics.lag_scan);
    let alarms = alarms::alarms(inputs, plan, &diagnostics);
    let (participants, exclusions) = participants(inputs, plan, store)?;
    let ceilings = ceilings::rows(plan, at, machine)?;
    let mut rows = ScoreRows::default();
    let (mut language_models, mut verdicts) = (Vec::new(), Vec::new());
    for index in 0..inputs.language_models.len() {
        let work = language_model::Work { inputs, plan, layout: &layout, store, estimator: &estimator };
        let found = work.run(index, &ceilings, &mut rows)?;
        verdicts.extend(verdicts::verdicts(&found.results, found.contextual.as_ref(), lag));
        language_models.push(found.results);
    }
    rows.explain(&layout, &exclusions);
    let mut results = Results {
        study: inputs.resolved.study.study.name.clone(),
        targets: inputs.targets.clone(),
        regions: layout.regions.clone(),
        baseline: controls::baseline(inputs, plan, at, &estimator)?,
        alignments: controls::alignments(inputs, plan, at, &estimator)?,
        methods: methods::methods(inputs, plan, &layout),
        warnings: [inputs.warnings.clone(), crate::outputs::warnings(inputs), alarms].concat(),
        ceilings: ceilings.rows,
        participants,
        exclusions,
        language_models,
        diagnostics,
        verdicts,
        answer: String::new(),
    };
    crate::report::put_into_words(&mut results);
    Ok((results, rows))
}

fn participants(
    inputs: &Inputs,
    plan: &Plan,
    store: &Store,
) -> Result<(Vec<ParticipantResults>, Vec<Exclusion>), Error> {
    let mut exclusions = Vec::new();
    let mut participants = Vec::new();
    for name in inputs.resolved.participants() {
        let of = |recording: &&crate::inputs::Recording| recording.run.participant == name;
        let excluded: Vec<_> =
            inputs.recordings.iter().filter(of).filter(|recording| recording.exclusion.is_some()).collect();
        for recording in &excluded {
            let run = inputs.stimuli[recording.run.stimulus].stimulus.name().to_owned();
            let reason = recording.exclusion.clone().unwrap_or_default();
            exclusions.push(Exclusion { participant: name.clone(), run: Some(run), target: None, reason });
        }
        let mut participant = ParticipantResults {
            name: name.clone(),
            excluded: None,
            n_samples: 0,
            n_regressors: 0,
            degrees_of_freedom: 0,
            variance_removed: Vec::new(),
        };
        let tasks: Vec<&Prepare> = plan
            .prepare
            .iter()
            .filter(|task| inputs.recordings[task.recording].run.participant == name)
            .collect();
        if tasks.is_empty() {
            participant.excluded = excluded.first().and_then(|recording| recording.exclusion.clone());
        }
        for task in &tasks {
            add_run(inputs, task, store, (&mut participant, &mut exclusions))?;
        }
        let reports = tasks.iter().map(|task| task.report(store)).collect::<Result<Vec<_>, _>>()?;
        participant.variance_removed = mean_shares(&reports);
        participants.push(participant);
    }
    Ok((participants, exclusions))
}

/// Mean over the runs in which a source could take something out.
fn mean_shares(reports: &[PrepareReport]) -> Vec<(String, f64)> {
    let mut sums: Vec<(String, f64, u32)> = Vec::new();
    for (name, share) in reports.iter().flat_map(|report| &report.variance_removed) {
        match sums.iter_mut().find(|(known, ..)| known == name) {
            Some((_, sum, count)) => (*sum, *count) = (*sum + share, *count + 1),
            None => sums.push((name.clone(), *share, 1)),
        }
    }
    sums.into_iter().map(|(name, sum, count)| (name, sum / f64::from(count))).collect()
}

fn add_run(
    inputs: &Inputs,
    task: &Prepare,
    store: &Store,
    (participant, exclusions): (&mut ParticipantResults, &mut Vec<Exclusion>),
) -> Result<(), Error> {
    let report = task.report(store)?;
    let recording = &inputs.recordings[task.recording];
    participant.n_samples += recording.sampling.count;
    participant.n_regressors += report.n_regressors;
    participant.degrees_of_freedom += report.degrees_of_freedom;
    for (target, reason) in inputs.targets.iter().zip(&report.reasons) {
        if let Some(reason) = reason {
            exclusions.push(Exclusion {
                participant: participant.name.clone(),
                run: Some(inputs.stimuli[recording.run.stimulus].stimulus.name().to_owned()),
                target: Some(target.name.clone()),
                reason: reason.code().to_owned(),
            });
        }
    }
    Ok(())
}

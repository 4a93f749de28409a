//! Infer: from the scores of everybody to the answer, with intervals, tests, controls and verdicts.

mod alarms;
mod ceilings;
mod clusters;
mod controls;
mod depth;
mod diagnostics;
mod estimate;
mod gather;
mod language_model;
mod maps;
mod methods;
mod nested;
mod scores;
mod significance;
mod verdicts;

use std::ops::Range;
use std::path::PathBuf;

use super::baseline::Baseline;
use super::extract::missing;
use super::fit::Fit;
use super::prepare::{Prepare, PrepareReport};
use crate::Error;
use crate::inputs::Inputs;
use crate::plan::{Machine, Plan, TaskSummary};
use crate::results::{CleaningRow, Exclusion, ParticipantResults, Results};
use crate::store::{Arrays, Digest, Key, Store};
use estimate::Estimator;
use gather::Layout;
use ndarray::Array2;
use scores::{Rows, Scores};

/// The reduction over everything.
#[derive(Debug, Clone)]
pub struct Infer {
    /// The key of its result.
    pub key: Key,
}

/// Rises when the same scores would give another answer.
const NUMERICS_VERSION: u32 = 9;
const RESULTS: &str = "results.json";
const SCORES: &str = "scores.parquet";

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
            "recordings": recordings, "warnings": inputs.warnings, "notes": inputs.notes, "version": env!("CARGO_PKG_VERSION"),
        });
        Self { key: Key::new("infer", NUMERICS_VERSION, &parameters, &digests) }
    }

    pub(crate) fn summary(&self, inputs: &Inputs) -> TaskSummary {
        let participants = inputs.resolved.participants().len();
        let targets = inputs.targets.len();
        let of_model = |open: &crate::inputs::OpenLanguageModel| {
            let layers = open.layers().len();
            (layers, layers * open.section.untrained_seeds + 1)
        };
        let (layers, copies) =
            inputs.language_models.iter().map(of_model).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        let statistics = &inputs.resolved.study.statistics;
        let samples: usize =
            inputs.recordings.iter().map(|recording| recording.sampling.count).max().unwrap_or(0);
        let whole: usize = samples * inputs.recordings.len().div_ceil(participants.max(1));
        // Three quantities of each layer and two of each copy: values twice, counts, baselines and exceedances.
        let tables = targets * (participants * (layers * 80 + copies * 32) + layers * 48);
        // A block of targets of one fit as stored and as read, its nulls summed over designs, and a whole baseline.
        let at_once = super::fit::target_ranges(inputs).first().map_or(0, Range::len);
        let block = at_once * (whole * 24 + statistics.surrogates * 64);
        // Responses of the others as features of a ceiling.
        let ceiling = 4 * whole * targets * 8;
        let memory = (tables + (block + 12 * whole * targets).max(ceiling)) as u64 + (1 << 25);
        // Maps of surrogates, enhanced and not.
        let enhanced = statistics.clusters.map_or(0, |_| {
            let all = (targets * statistics.surrogates.max(1000) * 8) as u64;
            2 * all.min(clusters::MAPS_AT_ONCE.max(targets as u64 * 8)) + (targets * 400) as u64
        });
        let surrogates = statistics.surrogates;
        TaskSummary {
            kind: "infer",
            label: inputs.resolved.study.study.name.clone(),
            memory: memory + enhanced,
            disk: (400 * participants * layers * inputs.targets.len()) as u64 + 20_000,
            operations: 100.0 * ((statistics.bootstraps + surrogates) * samples * layers * targets) as f64,
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
        let inferred = infer(inputs, plan, store, machine)?;
        let layout = Layout::new(inputs, plan);
        let rows =
            Rows::new((inputs, plan), &layout, (&inferred.scores, &inferred.ceilings), &inferred.exclusions);
        store
            .put(&self.key, |draft| {
                draft.add_json(RESULTS, &inferred.results)?;
                draft.add_with(SCORES, |writer| rows.write(writer))?;
                for (index, maps) in inferred.maps.iter().enumerate() {
                    draft.add_arrays(&maps_file(index), maps)?;
                }
                Ok(())
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

    /// The file with one row per participant, language model, layer and target.
    ///
    /// # Errors
    /// - [`Error::Store`] if the task has not run.
    pub fn scores(&self, store: &Store) -> Result<PathBuf, Error> {
        Ok(store.find(&self.key)?.ok_or_else(|| missing(&self.key))?.path(SCORES))
    }

    /// What maps show of a language model.
    ///
    /// # Errors
    /// - [`Error::Store`] if the task has not run, or its targets are no voxels.
    pub(crate) fn maps(&self, store: &Store, language_model: usize) -> Result<Arrays, Error> {
        store.find(&self.key)?.ok_or_else(|| missing(&self.key))?.read_arrays(&maps_file(language_model))
    }
}

fn maps_file(language_model: usize) -> String {
    format!("maps-{language_model}.safetensors")
}

/// Everything that the task finds.
struct Inferred {
    results: Results,
    scores: Scores,
    ceilings: Array2<f64>,
    exclusions: Vec<Exclusion>,
    /// Per language model, where targets are voxels or made of them.
    maps: Vec<Arrays>,
}

fn infer(inputs: &Inputs, plan: &Plan, store: &Store, machine: &Machine<'_>) -> Result<Inferred, Error> {
    let layout = Layout::new(inputs, plan);
    let estimator = Estimator::new(inputs, plan, &layout)?;
    let at = (&layout, store);
    let diagnostics = diagnostics::run(inputs, plan, at, machine)?;
    let lag = diagnostics::peak(&diagnostics.lag_scan);
    let alarms = alarms::alarms(inputs, plan, &diagnostics);
    let (participants, exclusions) = participants(inputs, plan, store)?;
    let ceilings = ceilings::rows((inputs, plan), at, machine)?;
    let mut scores = Scores::default();
    let (mut language_models, mut verdicts, mut maps) = (Vec::new(), Vec::new(), Vec::new());
    let mut clusters = Vec::new();
    for index in 0..inputs.language_models.len() {
        let work = language_model::Work {
            backend: &machine.backend,
            inputs,
            plan,
            layout: &layout,
            store,
            estimator: &estimator,
        };
        let found = work.run(index, &mut scores)?;
        verdicts.extend(verdicts::verdicts(&found.results, found.contextual.as_ref(), lag));
        language_models.push(found.results);
        maps.extend(found.maps);
        clusters.extend(found.clusters);
    }
    let mut results = Results {
        study: inputs.resolved.study.study.name.clone(),
        targets: inputs.targets.clone(),
        regions: layout.regions.clone(),
        baseline: controls::baseline(inputs, plan, at, &estimator)?,
        alignments: controls::alignments(inputs, plan, at, &estimator)?,
        methods: methods::methods(inputs, plan, &layout),
        warnings: [
            inputs.warnings.clone(),
            crate::outputs::warnings(inputs),
            coarse(inputs, plan, store)?,
            alarms,
        ]
        .concat(),
        notes: inputs.notes.clone(),
        ceilings: ceilings.rows,
        participants,
        exclusions: shown(&exclusions),
        cleaning: cleaning(inputs, plan, store)?,
        language_models,
        diagnostics,
        clusters,
        verdicts,
        answer: String::new(),
    };
    crate::report::put_into_words(&mut results);
    Ok(Inferred { results, scores, ceilings: ceilings.leave_one_out, exclusions, maps })
}

/// More targets of one run than this with one reason are shown as their number.
const MOST_SHOWN: usize = 50;

/// Exclusions as tables show them: many targets of one run with one reason are one row.
fn shown(exclusions: &[Exclusion]) -> Vec<Exclusion> {
    let alike = |a: &Exclusion, b: &Exclusion| {
        (&a.participant, &a.run, &a.reason) == (&b.participant, &b.run, &b.reason)
            && a.target.is_some() == b.target.is_some()
    };
    let mut groups: Vec<(&Exclusion, usize)> = Vec::new();
    let of = |groups: &[(&Exclusion, usize)], one: &Exclusion| {
        groups.iter().position(|(known, _)| alike(known, one))
    };
    for one in exclusions.iter().filter(|one| one.target.is_some()) {
        match of(&groups, one) {
            Some(group) => groups[group].1 += 1,
            None => groups.push((one, 1)),
        }
    }
    let mut shown = Vec::new();
    let mut summed = vec![false; groups.len()];
    for one in exclusions {
        match of(&groups, one).filter(|group| groups[*group].1 > MOST_SHOWN) {
            None => shown.push(one.clone()),
            Some(group) if !summed[group] => {
                summed[group] = true;
                shown.push(Exclusion { target: Some(format!("{} targets", groups[group].1)), ..one.clone() });
            }
            Some(_) => {}
        }
    }
    shown
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

/// Runs in which more than one target in a hundred varies by little more than the steps in which it is stored.
fn coarse(inputs: &Inputs, plan: &Plan, store: &Store) -> Result<Vec<String>, Error> {
    let mut noted = crate::study::Noted::default();
    for task in &plan.prepare {
        let (recording, n_coarse) = (&inputs.recordings[task.recording], task.report(store)?.coarse);
        if 100 * n_coarse > recording.n_targets {
            let file = inputs.resolved.named(&recording.run.responses);
            noted.warn(&file, &format!(
                "voxels are stored in steps so coarse that in more than 1 % of them rounding makes more than {:.0} % of the variance; write the images as floating point (fMRIPrep keeps the type of the raw images)",
                100.0 * super::prepare::COARSE
            ));
        }
    }
    Ok(noted.warnings().collect())
}

fn cleaning(inputs: &Inputs, plan: &Plan, store: &Store) -> Result<Vec<CleaningRow>, Error> {
    let row = |task: &Prepare| {
        let (report, recording) = (task.report(store)?, &inputs.recordings[task.recording]);
        Ok(CleaningRow {
            participant: recording.run.participant.clone(),
            run: inputs.stimuli[recording.run.stimulus].stimulus.name().to_owned(),
            n_samples: recording.sampling.count,
            n_regressors: report.n_regressors,
            rank: report.rank,
            degrees_of_freedom: report.degrees_of_freedom,
            condition: report.condition,
            dropped: report.dropped,
            variance_by_region: report.variance_by_region,
        })
    };
    plan.prepare.iter().map(row).collect()
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

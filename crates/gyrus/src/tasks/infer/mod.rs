//! Infer: from the scores of everybody to the answer, with intervals, tests, controls and verdicts.

mod alarms;
mod ceilings;
mod clusters;
mod contrasts;
mod controls;
mod covariates;
mod depth;
mod diagnostics;
mod estimate;
mod forecast;
mod gather;
mod hierarchy_index;
mod language_model;
mod maps;
mod methods;
mod nested;
mod noise;
mod normalised;
mod paired;
mod pilot;
mod repeats;
mod runs;
mod scores;
mod side_by_side;
mod significance;
mod stories;
mod sweeps;
mod verdicts;

use std::ops::Range;
use std::path::PathBuf;

use super::baseline::Baseline;
use super::extract::missing;
use super::fit::Fit;
use super::prepare::Prepare;
use crate::Error;
use crate::inputs::Inputs;
use crate::plan::{Machine, Plan, TaskSummary};
use crate::results::{Exclusion, PhysiologyRow, Results};
use crate::store::{Arrays, Digest, Key, Store};
use estimate::Estimator;
use gather::Layout;
use gyrus_encoding::ceilings::CeilingKind;
use ndarray::Array2;
use runs::Runs;
use scores::{Rows, Scores};

/// The reduction over everything.
#[derive(Debug, Clone)]
pub struct Infer {
    /// The key of its result.
    pub key: Key,
}

/// Rises when the same scores would give another answer.
const NUMERICS_VERSION: u32 = 22;
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
            .map(|recording| (&recording.run.participant, &recording.exclusion, &recording.source))
            .collect();
        // Content is in the keys of fits; what tables call it is not.
        let called: Vec<_> = inputs.language_models.iter().map(|open| (&open.name, &open.level)).collect();
        let parameters = serde_json::json!({
            "language_models": called, "meshes": inputs.voxels.as_ref().and_then(|voxels| voxels.shape()),
            "study": study.study, "statistics": study.statistics, "contrasts": study.contrast, "covariates": inputs.covariates, "reference": inputs.reference, "targets": inputs.targets,
            "responses": { "stimulus_time": study.responses.stimulus_time_of_first_volume },
            "recordings": recordings, "physiology": physiology(inputs), "warnings": inputs.warnings, "notes": inputs.notes, "version": env!("CARGO_PKG_VERSION"),
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
        // Three quantities of each layer: values, exceedances, baselines, null means and normal excess, and of most a copy for the
        // table of scores. Two of each copy of the language model: values twice.
        // Ceilings: a table per kind.
        let tables = targets * (participants * (layers * 152 + copies * 32 + 100) + layers * 48);
        // Both sides of a comparison.
        let compared =
            usize::from(inputs.resolved.study.denoise.compare) * targets * participants * layers * 16
                + inputs.resolved.study.forecast.as_ref().map_or(0, |section| {
                    targets * participants * 16 * (section.distances.len() + section.random_seeds + 1)
                });
        // A block of targets of one fit as stored and as read, its nulls summed over designs, and a whole baseline.
        let at_once = super::fit::target_ranges(inputs).first().map_or(0, Range::len);
        let block = at_once * (whole * 24 + statistics.surrogates * 64);
        // Responses of the others as features of a ceiling.
        let ceiling = 4 * whole * targets * 8;
        // Orders of people of some targets, and scores by region.
        let covariates =
            usize::from(!inputs.covariates.is_empty()) * ((256 * 10_000 + 4 * targets * participants) * 8);
        let memory =
            (tables + compared + covariates + (block + 12 * whole * targets).max(ceiling)) as u64 + (1 << 25);
        // Maps of surrogates, enhanced and not.
        let enhanced = statistics.clusters.map_or(0, |_| {
            let all = (targets * statistics.surrogates.max(1000) * 8) as u64;
            2 * all.min(clusters::MAPS_AT_ONCE.max(targets as u64 * 8)) + (targets * 400) as u64
        });
        let surrogates = statistics.surrogates;
        TaskSummary {
            per_thread: 0,
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
    let runs = Runs::read(inputs, plan, store)?;
    let (participants, exclusions) = runs.participants();
    let ceilings = ceilings::Ceilings::of((inputs, plan), at, machine)?;
    let mut scores = Scores::default();
    let own = layout.by_region(ceilings.kind(CeilingKind::LeaveOneOutIsc));
    let by_region = controls::group_means(&own);
    let work = {
        let (backend, layout, estimator) = (&machine.backend, &layout, &estimator);
        language_model::Work { backend, inputs, plan, layout, store, estimator, ceilings: &by_region }
    };
    let language_model::All { language_models, verdicts, maps, clusters, pilot, compared } =
        work.run_all(lag, &mut scores)?;
    let (coarse, carpet, cleaning) = (runs.coarse(), runs.carpet(), runs.cleaning());
    let mut results = Results {
        study: inputs.resolved.study.study.name.clone(),
        targets: inputs.targets.clone(),
        regions: layout.regions.clone(),
        baseline: controls::baseline(inputs, plan, at, &estimator)?,
        alignments: controls::alignments(inputs, plan, at, &estimator)?,
        methods: methods::methods(inputs, plan, &layout),
        warnings: [inputs.warnings.clone(), crate::outputs::warnings(inputs), coarse, alarms].concat(),
        notes: inputs.notes.clone(),
        ceilings: ceilings.rows(&layout),
        normalised: normalised::rows((&scores, &ceilings), &layout, &language_models),
        participants,
        exclusions: shown(&exclusions),
        noise: noise::rows(&work, &cleaning)?,
        forecast: forecast::rows(&work)?,
        physiology: physiology(inputs),
        cleaning,
        carpet,
        sweeps: sweeps::rows(&work, &language_models)?,
        language_models,
        diagnostics,
        clusters,
        contrasts: contrasts::rows(&work)?,
        covariates: covariates::rows(&work)?,
        pilot,
        side_by_side: Some(side_by_side::of(&work, compared)),
        verdicts,
        answer: String::new(),
    };
    crate::report::put_into_words(&mut results);
    Ok(Inferred {
        results,
        scores,
        ceilings: ceilings.kind(CeilingKind::LeaveOneOutIsc).clone(),
        exclusions,
        maps,
    })
}

fn physiology(inputs: &Inputs) -> Vec<PhysiologyRow> {
    inputs.recordings.iter().flat_map(|recording| recording.physiology.clone()).collect()
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

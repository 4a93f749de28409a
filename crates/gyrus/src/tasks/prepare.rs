//! Prepare: responses of one recording, cleaned by one projection that knows nothing of the stimulus.

use gyrus_core::{NoScore, Sampling};
use gyrus_encoding::denoise::{self, Basis, Regressors};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::inputs::{Inputs, Recording};
use crate::plan::{Machine, TaskSummary};
use crate::store::{Arrays, Key, Store, Stored};
use crate::study::DenoiseSection;

/// One recording.
#[derive(Debug, Clone)]
pub struct Prepare {
    /// Index of the recording.
    pub recording: usize,
    /// The key of its result.
    pub key: Key,
}

/// What cleaning did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PrepareReport {
    /// Why a target has no score, per target.
    pub reasons: Vec<Option<NoScore>>,
    /// Regressors, before those that repeat others were dropped.
    pub n_regressors: usize,
    /// Samples minus rank.
    pub degrees_of_freedom: usize,
    /// Regressors that repeat others.
    pub dropped: Vec<String>,
    /// Share of variance that each source took out, mean over usable targets; empty without one.
    pub variance_removed: Vec<(String, f64)>,
}

/// Rises when the same recording would give other cleaned responses.
const NUMERICS_VERSION: u32 = 1;
const RESPONSES: &str = "responses.safetensors";
const REPORT: &str = "report.json";

impl Prepare {
    pub(crate) fn all(inputs: &Inputs) -> Vec<Self> {
        let usable =
            inputs.recordings.iter().enumerate().filter(|(_, recording)| recording.exclusion.is_none());
        usable.map(|(index, recording)| Self { recording: index, key: key(inputs, recording) }).collect()
    }

    pub(crate) fn summary(&self, inputs: &Inputs) -> TaskSummary {
        let recording = &inputs.recordings[self.recording];
        let label = format!("{} {}", recording.run.participant, recording.run.responses.display());
        let regressors = recording.confounds.as_ref().map_or(0, |confounds| confounds.values.ncols()) + 64;
        // Values in single precision: as read, cleaned, and as the bytes of the file.
        let memory = 13 * recording.responses.len() + recording.responses.nrows() * regressors * 24;
        let values = recording.responses.len();
        TaskSummary {
            kind: "prepare",
            label,
            memory: memory as u64,
            disk: 4 * values as u64 + 2000,
            operations: 8.0 * values as f64 * regressors as f64,
            key: self.key.clone(),
        }
    }

    pub(crate) fn run(&self, inputs: &Inputs, store: &Store, machine: &Machine<'_>) -> Result<(), Error> {
        if store.find(&self.key)?.is_some() {
            return Ok(());
        }
        let recording = &inputs.recordings[self.recording];
        let (values, report) =
            clean(inputs, recording, machine).map_err(|error| error.at(&recording.run.responses))?;
        store
            .put(&self.key, |draft| {
                draft.add_arrays(RESPONSES, &Arrays::new().single("responses", values))?;
                draft.add_json(REPORT, &report)
            })
            .map(|_| ())
    }

    /// Cleaned responses, shape (n_samples, n_targets); a column without a score is NaN.
    pub(crate) fn responses(&self, store: &Store) -> Result<Array2<f32>, Error> {
        let stored = self.stored(store)?;
        let mut arrays = stored.read_arrays(RESPONSES)?;
        arrays.take_single("responses").map_err(|reason| stored.damaged(RESPONSES, reason))
    }

    /// What cleaning did.
    pub(crate) fn report(&self, store: &Store) -> Result<PrepareReport, Error> {
        self.stored(store)?.read_json(REPORT)
    }

    fn stored(&self, store: &Store) -> Result<Stored, Error> {
        store.find(&self.key)?.ok_or_else(|| super::extract::missing(&self.key))
    }
}

fn key(inputs: &Inputs, recording: &Recording) -> Key {
    let repetition = recording.sampling.interval;
    let parameters = (&inputs.resolved.study.denoise.high_pass, repetition);
    Key::new("prepare", NUMERICS_VERSION, &parameters, std::slice::from_ref(&recording.digest))
}

/// Orthonormal basis of the constant and the drift of a run, shape (n_samples, n_regressors).
pub(super) fn drift_basis(sampling: &Sampling, section: &DenoiseSection) -> Result<Array2<f64>, Error> {
    let basis = Basis::new(sampling.count, &drift(sampling, section))?;
    Ok(basis.vectors().to_owned())
}

fn drift(sampling: &Sampling, section: &DenoiseSection) -> Vec<Regressors> {
    let cosines = |cut_off| denoise::cosines(sampling.count, sampling.interval, cut_off);
    section.high_pass.map(cosines).into_iter().collect()
}

/// Fewer degrees of freedom than this leave nothing to predict.
const LEAST_FREEDOM: usize = 30;

fn clean(
    inputs: &Inputs,
    recording: &Recording,
    machine: &Machine<'_>,
) -> Result<(Array2<f32>, PrepareReport), Error> {
    let section = &inputs.resolved.study.denoise;
    let mut regressors = drift(&recording.sampling, section);
    if let Some(confounds) = &recording.confounds {
        let (name, columns) = ("confounds".to_owned(), confounds.names.clone());
        regressors.push(Regressors { name, columns, values: confounds.values.clone() });
    }
    let responses = recording.responses.mapv(|value| value as f32);
    let cleaned = denoise::clean(&machine.pool, responses.view(), &regressors, LEAST_FREEDOM)?;
    let mean_removed = |group: usize| {
        let shares = cleaned.variance_removed.row(group);
        let finite: Vec<f64> =
            shares.iter().filter(|share| share.is_finite()).map(|share| f64::from(*share)).collect();
        finite.iter().sum::<f64>() / finite.len() as f64
    };
    let names = cleaned.basis.groups().iter().skip(1).map(|(name, _)| name.clone());
    let report = PrepareReport {
        n_regressors: regressors.iter().map(|group| group.columns.len()).sum::<usize>() + 1,
        degrees_of_freedom: cleaned.degrees_of_freedom(),
        dropped: cleaned.basis.dropped().iter().map(|dropped| dropped.column.clone()).collect(),
        variance_removed: names
            .enumerate()
            .map(|(group, name)| (name, mean_removed(group)))
            .filter(|(_, share)| share.is_finite())
            .collect(),
        reasons: cleaned.reasons.clone(),
    };
    Ok((cleaned.values, report))
}

//! Prepare: responses of one recording, cleaned by one projection that knows nothing of the stimulus.

use std::ops::Range;
use std::path::PathBuf;

use gyrus_core::{NoScore, Sampling};
use gyrus_encoding::denoise::{self, Basis, Cleaned, Regressors};
use ndarray::{Array2, ArrayView1, ArrayView2, s};
use serde::{Deserialize, Serialize};

use super::carpet::Weaver;
use super::projected::{DRIFT, Projected};
use super::responses;
use crate::Error;
use crate::inputs::{Confounds, Inputs, Recording};
use crate::plan::{Design, Machine, TaskSummary};
use crate::results::{Carpet, Target, by_region};
use crate::store::{Digest, Key, Store, Stored};
use crate::study::DenoiseSection;

/// One recording.
#[derive(Debug, Clone)]
pub struct Prepare {
    /// Index of the recording.
    pub recording: usize,
    /// What is projected out.
    pub projected: Projected,
    /// Stretches of its rows that have a drift of their own.
    pub stretches: Vec<Range<usize>>,
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
    /// Dimensions that were projected out, the constant included.
    pub rank: usize,
    /// Largest over smallest singular value of the regressors, each scaled to unit length.
    pub condition: f64,
    /// Samples minus rank.
    pub degrees_of_freedom: usize,
    /// Regressors that repeat others.
    pub dropped: Vec<String>,
    /// Share of variance that each source took out, mean over usable targets; empty without one.
    pub variance_removed: Vec<(String, f64)>,
    /// The same per region, in the order of the study's regions; None for a region without a usable target.
    pub variance_by_region: Vec<(String, Vec<Option<f64>>)>,
    /// Targets in which rounding to the whole numbers of the image makes more than `COARSE` of the variance.
    pub coarse: usize,
}

/// Rounding to steps q adds q²/12 to the variance of a signal: more than this share of it is reported.
pub(crate) const COARSE: f64 = 0.01;

/// Rises when the same recording would give other cleaned responses, another report or carpet, or a file is laid out anew.
const NUMERICS_VERSION: u32 = 6;
const RESPONSES: &str = "responses.f32";
const REPORT: &str = "report.json";
const CARPET: &str = "carpet.json";
/// Targets that are cleaned at a time; no bit depends on it.
const CHUNK: usize = 1024;

impl Prepare {
    /// Every usable recording, and once more for each comparison that changes something in it.
    pub(crate) fn all(inputs: &Inputs, designs: &[Design]) -> Vec<Self> {
        let stretches = stretches(inputs, designs);
        let section = &inputs.resolved.study.denoise;
        let regions = Digest::of(serde_json::json!(inputs.targets).to_string().as_bytes());
        let mut tasks = Vec::new();
        for projected in [Projected::Everything].into_iter().chain(Projected::compared(inputs)) {
            let is_wanted = |recording: &Recording| {
                recording.exclusion.is_none()
                    && (projected == Projected::Everything || projected.differs(section, recording))
            };
            let usable = inputs.recordings.iter().enumerate().filter(|(_, recording)| is_wanted(recording));
            tasks.extend(usable.map(|(index, recording)| Self {
                recording: index,
                projected: projected.clone(),
                stretches: stretches[index].clone(),
                key: key(inputs, (recording, &stretches[index]), (&projected, &regions)),
            }));
        }
        tasks
    }

    pub(crate) fn summary(&self, inputs: &Inputs) -> TaskSummary {
        let recording = &inputs.recordings[self.recording];
        let left = match self.projected {
            Projected::Everything => String::new(),
            _ => format!(", {} left in", self.projected.left_in()),
        };
        let label = format!("{} {}{left}", recording.run.participant, recording.run.responses.display());
        let rows = recording.rows.len();
        let regressors = recording.confounds.iter().map(|group| group.names.len()).sum::<usize>() + 64;
        let values = rows * recording.n_targets;
        // Cleaned in place, a chunk at a time; shares of variance are kept per source and target.
        let chunk = 8 * rows * CHUNK.min(recording.n_targets) + (4 << 20);
        let shares = 8 * recording.n_targets * (recording.confounds.len() + 1);
        let cleaning = 4 * values + chunk + shares + rows * regressors * 24;
        let memory = (cleaning as u64).max(recording.memory_of_reading());
        TaskSummary {
            per_thread: 0,
            kind: "prepare",
            label,
            memory,
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
        let regressors = regressors(inputs, (recording, &self.stretches), &self.projected);
        let Prepared { values, report, carpet } = clean(inputs, (recording, &regressors), machine)
            .map_err(|error| error.at(&recording.run.responses))?;
        store
            .put(&self.key, |draft| {
                draft.add_with(RESPONSES, |writer| responses::write(writer, &values))?;
                draft.add_json(CARPET, &carpet)?;
                draft.add_json(REPORT, &report)
            })
            .map(|_| ())
    }

    /// The file of cleaned responses; a target without a score is NaN.
    pub(super) fn file(&self, store: &Store) -> Result<PathBuf, Error> {
        Ok(self.stored(store)?.path(RESPONSES))
    }

    /// What cleaning did.
    pub(crate) fn report(&self, store: &Store) -> Result<PrepareReport, Error> {
        self.stored(store)?.read_json(REPORT)
    }

    /// Some of its targets over time. Who and what it is of is no part of what is stored: the same numbers may have another name by then.
    pub(crate) fn carpet(&self, inputs: &Inputs, store: &Store) -> Result<Carpet, Error> {
        let Recording { run, .. } = &inputs.recordings[self.recording];
        let stimulus = inputs.stimuli[run.stimulus].stimulus.name();
        let stored: Carpet = self.stored(store)?.read_json(CARPET)?;
        Ok(Carpet { participant: run.participant.clone(), run: stimulus.to_owned(), ..stored })
    }

    fn stored(&self, store: &Store) -> Result<Stored, Error> {
        store.find(&self.key)?.ok_or_else(|| super::extract::missing(&self.key))
    }
}

/// What was taken out is reported by region, so that the regions belong to the key.
fn key(
    inputs: &Inputs,
    (recording, stretches): (&Recording, &[Range<usize>]),
    (projected, regions): (&Projected, &Digest),
) -> Key {
    let denoise = &inputs.resolved.study.denoise;
    let parameters = (&denoise.high_pass, &denoise.polynomials, recording.sampling.interval, stretches);
    let digests = [recording.digest.clone(), regions.clone()];
    match projected {
        Projected::Everything => Key::new("prepare", NUMERICS_VERSION, &parameters, &digests),
        _ => Key::new("prepare", NUMERICS_VERSION, &(parameters, projected), &digests),
    }
}

/// Of every recording, the stretches of its rows that have a drift of their own; the whole of one that no design uses.
fn stretches(inputs: &Inputs, designs: &[Design]) -> Vec<Vec<Range<usize>>> {
    let by = inputs.resolved.study.denoise.drift_by;
    let whole = |recording: &Recording| std::iter::once(0..recording.sampling.count).collect();
    let mut found: Vec<Vec<Range<usize>>> = inputs.recordings.iter().map(whole).collect();
    for design in designs {
        for (_, recordings) in &design.participants {
            recordings.iter().enumerate().for_each(|(run, index)| found[*index] = design.stretches(run, by));
        }
    }
    found
}

/// Orthonormal basis of the constant and the drift of a run, shape (n_samples, n_regressors).
pub(super) fn drift_basis(
    sampling: &Sampling,
    section: &DenoiseSection,
    stretches: &[Range<usize>],
) -> Result<Array2<f64>, Error> {
    let basis = Basis::new(sampling.count, &drift(sampling, section, stretches))?;
    Ok(basis.vectors().to_owned())
}

/// Powers of time, then cosines, of every stretch: one group, one source.
pub(super) fn drift(
    sampling: &Sampling,
    section: &DenoiseSection,
    stretches: &[Range<usize>],
) -> Vec<Regressors> {
    let powers = |count| section.polynomials.map(|order| denoise::polynomials(count, order));
    let cosines =
        |count| section.high_pass.map(|cut_off| denoise::cosines(count, sampling.interval, cut_off));
    if section.polynomials.is_none() && section.high_pass.is_none() {
        return Vec::new();
    }
    let both = |count| powers(count).into_iter().chain(cosines(count)).collect();
    vec![denoise::by_stretch(sampling.count, stretches, both)]
}

/// Fewer degrees of freedom than this leave nothing to predict.
const LEAST_FREEDOM: usize = 30;

/// Before anything is computed: every recording keeps enough degrees of freedom.
///
/// # Errors
/// - [`gyrus_encoding::EncodingError::DegreesOfFreedom`] with the recording, and its other errors for confounds.
pub(crate) fn require_freedom(inputs: &Inputs, designs: &[Design]) -> Result<(), Error> {
    let stretches = stretches(inputs, designs);
    let recordings = inputs.recordings.iter().zip(&stretches);
    for (recording, stretches) in recordings.filter(|(recording, _)| recording.exclusion.is_none()) {
        let at = |error: Error| error.at(&recording.run.responses);
        let regressors = regressors(inputs, (recording, stretches), &Projected::Everything);
        let basis = Basis::new(recording.sampling.count, &regressors).map_err(|error| at(error.into()))?;
        basis.require_freedom(LEAST_FREEDOM).map_err(|error| at(error.into()))?;
    }
    Ok(())
}

/// Drift first, then the confounds of the recording.
fn regressors(
    inputs: &Inputs,
    (recording, stretches): (&Recording, &[Range<usize>]),
    projected: &Projected,
) -> Vec<Regressors> {
    let mut regressors = drift(&recording.sampling, &inputs.resolved.study.denoise, stretches);
    regressors.retain(|_| projected.holds(DRIFT));
    let confounds = recording.confounds.iter().filter(|group| projected.holds(&group.source));
    for Confounds { source, names, values } in confounds {
        let (name, columns, values) = (source.clone(), names.clone(), values.clone());
        regressors.push(Regressors { name, columns, values });
    }
    regressors
}

/// A recording after cleaning.
struct Prepared {
    values: Array2<f32>,
    report: PrepareReport,
    carpet: Carpet,
}

fn clean(
    inputs: &Inputs,
    (recording, regressors): (&Recording, &[Regressors]),
    machine: &Machine<'_>,
) -> Result<Prepared, Error> {
    let mut values = recording.read(inputs.voxels.as_ref())?;
    let steps = recording.steps(inputs.voxels.as_ref());
    let weaver = Weaver::of(values.view(), &inputs.targets);
    let mut taken = Taken::default();
    let mut report = None;
    for first in (0..values.ncols().max(1)).step_by(CHUNK) {
        let chunk = first..values.ncols().min(first + CHUNK);
        let raw = values.slice(s![.., chunk.clone()]);
        taken.coarse += steps.get(chunk.clone()).map_or(0, |steps| coarse(raw, steps));
        let cleaned = denoise::clean(&machine.pool, raw, regressors, LEAST_FREEDOM)?;
        values.slice_mut(s![.., chunk]).assign(&cleaned.values);
        taken.add(&cleaned);
        report.get_or_insert_with(|| described(&cleaned, regressors));
    }
    let carpet = weaver.finish(values.view(), |target| taken.of(target), (recording, &inputs.targets));
    let report = report.map(|report: PrepareReport| taken.into_report(report, &inputs.targets));
    let missing =
        || Error::Store { path: "prepare".into(), reason: "a recording without targets".to_owned() };
    Ok(Prepared { values, report: report.ok_or_else(missing)?, carpet })
}

/// What is the same for all targets.
fn described(cleaned: &Cleaned, regressors: &[Regressors]) -> PrepareReport {
    PrepareReport {
        reasons: Vec::new(),
        n_regressors: regressors.iter().map(|group| group.columns.len()).sum::<usize>() + 1,
        rank: cleaned.basis.rank(),
        condition: cleaned.basis.condition(),
        degrees_of_freedom: cleaned.degrees_of_freedom(),
        dropped: cleaned.basis.dropped().iter().map(|dropped| dropped.column.clone()).collect(),
        variance_removed: Vec::new(),
        variance_by_region: Vec::new(),
        coarse: 0,
    }
}

/// Targets that vary, and little beside the steps in which each is stored.
fn coarse(values: ArrayView2<'_, f32>, steps: &[f64]) -> usize {
    let variance = |column: ArrayView1<'_, f32>| column.mapv(f64::from).var(0.0);
    let is_coarse =
        |(variance, step): &(f64, &f64)| *variance > 0.0 && *variance < *step * *step / 12.0 / COARSE;
    values.columns().into_iter().map(variance).zip(steps).filter(is_coarse).count()
}

/// What was taken out of each target, by source.
#[derive(Default)]
struct Taken {
    coarse: usize,
    sources: Vec<(String, Vec<f64>)>,
    reasons: Vec<Option<NoScore>>,
}

impl Taken {
    fn add(&mut self, cleaned: &Cleaned) {
        let names = cleaned.basis.groups().iter().skip(1).map(|(name, _)| name);
        for (group, name) in names.enumerate() {
            if self.sources.len() == group {
                self.sources.push((name.clone(), Vec::new()));
            }
            self.sources[group]
                .1
                .extend(cleaned.variance_removed.row(group).iter().map(|share| f64::from(*share)));
        }
        self.reasons.extend(&cleaned.reasons);
    }

    /// Share of a target's variance, of all sources.
    fn of(&self, target: usize) -> f64 {
        self.sources.iter().map(|(_, shares)| shares[target]).sum()
    }

    fn into_report(self, report: PrepareReport, targets: &[Target]) -> PrepareReport {
        let mean = |shares: &mut dyn Iterator<Item = f64>| {
            let finite: Vec<f64> = shares.filter(|share| share.is_finite()).collect();
            finite.iter().sum::<f64>() / finite.len() as f64
        };
        let regions = by_region(targets);
        let of_regions = |shares: &Vec<f64>| {
            let of_region = |members: &Vec<usize>| {
                let share = mean(&mut members.iter().map(|target| shares[*target]));
                share.is_finite().then_some(share)
            };
            regions.iter().map(|(_, members)| of_region(members)).collect()
        };
        let variance_removed =
            self.sources.iter().map(|(name, shares)| (name.clone(), mean(&mut shares.iter().copied())));
        PrepareReport {
            variance_removed: variance_removed.filter(|(_, share)| share.is_finite()).collect(),
            variance_by_region: self
                .sources
                .iter()
                .map(|(name, shares)| (name.clone(), of_regions(shares)))
                .collect(),
            reasons: self.reasons,
            coarse: self.coarse,
            ..report
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::coarse;

    /// Rounding to steps q adds q²/12: 1 % of the variance is at a deviation of q √(100/12) = 2.887 q.
    #[test]
    fn targets_are_coarse_below_2_887_steps_of_deviation() {
        let deviations = [2.88, 2.89, 0.0, 28.8, 28.9];
        let values = Array2::from_shape_fn((10, 5), |(row, target)| {
            1000.0 + if row % 2 == 0 { deviations[target] } else { -deviations[target] }
        });
        let count = |steps: [f64; 5]| coarse(values.view(), &steps);
        assert_eq!(count([1.0; 5]), 1);
        assert_eq!(count([10.0; 5]), 3);
        assert_eq!(count([1.0, 1.0, 1.0, 10.0, 1.0]), 2);
    }
}

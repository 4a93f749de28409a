//! Responses and confounds of every participant, checked against the stimulus and against each other.

use std::collections::BTreeMap;

use gyrus_core::{NoScore, Sampling};
use gyrus_io::table::{self, Matrix};
use ndarray::{Array2, s};

use super::OpenStimulus;
use crate::results::Target;
use crate::store::Digest;
use crate::study::{Resolved, ResolvedRun};
use crate::{Error, Progress};

/// One recording with its confounds.
pub struct Recording {
    /// Who, what, and where the files are.
    pub run: ResolvedRun,
    /// Responses after trimming, shape (n_samples, n_targets).
    pub responses: Array2<f64>,
    /// Confounds of the same samples.
    pub confounds: Option<Confounds>,
    /// When the samples were taken, on the stimulus clock.
    pub sampling: Sampling,
    /// Names of the columns, where the table has a header.
    pub columns: Option<Vec<String>>,
    /// Digest of the values as read.
    pub digest: Digest,
    /// Why it cannot be used.
    pub exclusion: Option<String>,
}

/// Confounds by name.
#[derive(Debug, Clone)]
pub struct Confounds {
    /// Names of the columns.
    pub names: Vec<String>,
    /// Shape (n_samples, n_confounds).
    pub values: Array2<f64>,
}

pub(super) fn open(
    resolved: &Resolved,
    stimuli: &[OpenStimulus],
    warnings: &mut Vec<String>,
    progress: &dyn Progress,
) -> Result<Vec<Recording>, Error> {
    let mut recordings = Vec::with_capacity(resolved.runs.len());
    for (done, run) in resolved.runs.iter().enumerate() {
        progress.advance(done as f64 / resolved.runs.len() as f64);
        recordings.push(open_one(resolved, run, &stimuli[run.stimulus], warnings)?);
    }
    progress.advance(1.0);
    Ok(recordings)
}

fn open_one(
    resolved: &Resolved,
    run: &ResolvedRun,
    stimulus: &OpenStimulus,
    warnings: &mut Vec<String>,
) -> Result<Recording, Error> {
    let Matrix { names, values } = table::read_matrix(&run.responses, &table::MatrixOptions::responses())?;
    let section = &resolved.study.responses;
    let sampling = Sampling {
        first: section.stimulus_time_of_first_volume,
        interval: section.repetition_time,
        count: values.nrows(),
    };
    let exclusion = why_unusable(resolved, run, &values);
    let confounds = match (&run.confounds, &exclusion) {
        (Some(_), None) => Some(open_confounds(resolved, run, values.nrows(), warnings)?),
        _ => None,
    };
    if exclusion.is_none() {
        check_words(resolved, run, stimulus, &sampling)?;
    }
    let trimmed = resolved.trimmed_volumes().min(values.nrows());
    let first = gyrus_core::Seconds::new(sampling.time(trimmed))?;
    let sampling = Sampling { first, count: values.nrows() - trimmed, ..sampling };
    let confounds = confounds.map(|Matrix { names, values }| Confounds {
        names: names.unwrap_or_else(|| {
            (0..values.ncols()).map(|column| format!("confound {}", column + 1)).collect()
        }),
        values: values.slice(s![trimmed.., ..]).to_owned(),
    });
    let responses = values.slice(s![trimmed.., ..]).to_owned();
    let digest = digest(&responses, confounds.as_ref());
    Ok(Recording { run: run.clone(), responses, confounds, sampling, columns: names, digest, exclusion })
}

fn why_unusable(resolved: &Resolved, run: &ResolvedRun, values: &Array2<f64>) -> Option<String> {
    let by_hand = resolved.study.responses.exclude.get(&run.participant);
    by_hand.cloned().or_else(|| nothing_to_predict(values).map(|reason| reason.code().to_owned()))
}

/// Why no target of a recording can have a score, if so; the first reason where targets have several.
fn nothing_to_predict(values: &Array2<f64>) -> Option<NoScore> {
    let reasons = values.columns().into_iter().map(|column| {
        let first = column.first().copied().unwrap_or(f64::NAN);
        match column.iter().all(|value| value.is_finite()) {
            false => Some(NoScore::NonFinite),
            true if column.iter().all(|value| *value == 0.0) => Some(NoScore::AllZero),
            true if column.iter().all(|value| *value == first) => Some(NoScore::Constant),
            true => None,
        }
    });
    reasons.collect::<Option<Vec<_>>>()?.first().copied()
}

fn open_confounds(
    resolved: &Resolved,
    run: &ResolvedRun,
    volumes: usize,
    warnings: &mut Vec<String>,
) -> Result<Matrix, Error> {
    let denoise = &resolved.study.denoise;
    let path = run.confounds.clone().unwrap_or_default();
    let Matrix { names, values } = match &denoise.confound_columns {
        Some(columns) => {
            let read = gyrus_io::confounds::read(&path, columns)?;
            let name = resolved.named(&path);
            warnings.extend(read.warnings.iter().map(|warning| format!("{name}: {warning}")));
            read.value
        }
        None => table::read_matrix(&path, &table::MatrixOptions::responses())?,
    };
    let kept = values.slice(s![denoise.confounds_skip_rows.min(values.nrows()).., ..]).to_owned();
    if kept.nrows() != volumes {
        let responses = run.responses.clone();
        let skipped = denoise.confounds_skip_rows.min(values.nrows());
        return Err(Error::ConfoundsLength {
            path,
            responses,
            found: kept.nrows(),
            skipped,
            expected: volumes,
        });
    }
    Ok(Matrix { names, values: kept })
}

/// Some word is heard while the volumes are taken, and none starts more than one volume after the last.
fn check_words(
    resolved: &Resolved,
    run: &ResolvedRun,
    stimulus: &OpenStimulus,
    sampling: &Sampling,
) -> Result<(), Error> {
    let path = resolved.absolute(&resolved.study.stimulus[run.stimulus].words);
    let responses = run.responses.clone();
    let during = (sampling.first.get(), sampling.time(sampling.count));
    let onsets = || stimulus.stimulus.words().iter().filter_map(|word| word.onset);
    if !onsets().any(|onset| (during.0..during.1).contains(&onset.get())) {
        return Err(Error::NoWords { path, responses, start: during.0, end: during.1 });
    }
    let end = during.1 + sampling.interval.get();
    let too_late =
        stimulus.stimulus.words().iter().find(|word| word.onset.is_some_and(|onset| onset.get() > end));
    match too_late {
        Some(word) => Err(Error::WordsPastEnd {
            path,
            responses,
            word: word.text.clone(),
            onset: word.onset.map_or(f64::NAN, gyrus_core::Seconds::get),
            end: during.1,
        }),
        None => Ok(()),
    }
}

fn digest(responses: &Array2<f64>, confounds: Option<&Confounds>) -> Digest {
    let mut hasher = blake3::Hasher::new();
    let mut add = |values: &Array2<f64>| {
        hasher.update(&(values.nrows() as u64).to_le_bytes());
        values.iter().for_each(|value| {
            hasher.update(&value.to_le_bytes());
        });
    };
    add(responses);
    if let Some(confounds) = confounds {
        add(&confounds.values);
    }
    Digest::of(hasher.finalize().as_bytes())
}

pub(super) fn targets(resolved: &Resolved, recordings: &[Recording]) -> Result<Vec<Target>, Error> {
    let Some(first) = recordings.first() else { return Ok(Vec::new()) };
    let names = target_names(resolved, first);
    for recording in recordings {
        let found = recording.responses.ncols();
        if found != names.len() {
            let expected = format!("{} as responses.targets names them", names.len());
            let found = format!("{found} columns in {}", recording.run.responses.display());
            return Err(resolved.setting("responses.targets", found, expected));
        }
        if resolved.study.responses.targets.is_none() && recording.columns != first.columns {
            let found = format!("other column names in {}", recording.run.responses.display());
            let expected = format!("the same as in {}", first.run.responses.display());
            return Err(resolved.setting("responses.table", found, expected));
        }
    }
    let regions = read_regions(resolved)?;
    names.into_iter().map(|name| with_region(resolved, name, regions.as_ref())).collect()
}

fn target_names(resolved: &Resolved, first: &Recording) -> Vec<String> {
    let numbered = || (1..=first.responses.ncols()).map(|column| format!("target {column}")).collect();
    let stated = resolved.study.responses.targets.clone();
    stated.or_else(|| first.columns.clone()).unwrap_or_else(numbered)
}

fn read_regions(resolved: &Resolved) -> Result<Option<BTreeMap<String, String>>, Error> {
    let Some(path) = &resolved.study.responses.regions else { return Ok(None) };
    let path = resolved.absolute(path);
    let rows = table::read_text_columns(&path, &["target", "region"])?;
    Ok(Some(rows.into_iter().map(|row| (row[0].clone(), row[1].clone())).collect()))
}

fn with_region(
    resolved: &Resolved,
    name: String,
    regions: Option<&BTreeMap<String, String>>,
) -> Result<Target, Error> {
    let Some(regions) = regions else { return Ok(Target { region: name.clone(), name }) };
    match regions.get(&name) {
        Some(region) => Ok(Target { region: region.clone(), name }),
        None => {
            let expected = "a row for every target".to_owned();
            Err(resolved.setting("responses.regions", format!("no row for target `{name}`"), expected))
        }
    }
}

//! Every recording: how many samples of what it has, when they were taken, its confounds and its digest. Responses are read
//! here once to be checked, and again by the task that cleans them; none stay in memory.

use std::ops::Range;
use std::path::{Path, PathBuf};

use gyrus_core::{NoScore, Sampling, Seconds};
use gyrus_io::table::{self, Matrix};
use ndarray::{Array2, s};

use super::confounds::{self, Confounds};
use super::known::{changed, require_unchanged};
use super::outside::{self, Outside};
use super::physiology;
use super::voxels::Voxels;
use super::{KnownFiles, OpenStimulus, brain_mask, targets};
use crate::results::{PhysiologyRow, Target};
use crate::store::Digest;
use crate::study::{Noted, Resolved, ResolvedRun, VolumeRun};
use crate::{Error, Progress};

/// One recording with its confounds.
pub struct Recording {
    /// Who, what, and where the files are.
    pub run: ResolvedRun,
    /// Rows of the table, or volumes of the image, that are analysed.
    pub rows: Range<usize>,
    /// Rows of the table, or volumes of the image, in all.
    pub n_rows: usize,
    /// Number of targets in the file.
    pub n_targets: usize,
    /// Bytes that reading its volumes takes beside what is kept of them.
    reading: u64,
    /// Confounds of the same rows, by source.
    pub confounds: Vec<Confounds>,
    /// What was recorded of heart and breath, where the study uses it.
    pub physiology: Vec<PhysiologyRow>,
    /// When the samples were taken, on the stimulus clock.
    pub sampling: Sampling,
    /// The smallest difference between two values of a voxel, where they are stored as whole numbers.
    pub step: Option<f64>,
    /// Names of the columns, where the file is a table with a header.
    pub columns: Option<Vec<String>>,
    /// Digest of the files of responses alone: whose recording it is.
    pub source: Digest,
    /// Digest of the responses and confounds.
    pub digest: Digest,
    /// Why it cannot be used.
    pub exclusion: Option<String>,
}

/// The recordings of a study and what their columns or voxels are.
pub(super) struct Opened {
    pub(super) recordings: Vec<Recording>,
    pub(super) targets: Vec<Target>,
    pub(super) voxels: Option<Voxels>,
    pub(super) noted: Noted,
}

pub(super) fn open(
    resolved: &Resolved,
    stimuli: &[OpenStimulus],
    files: &mut KnownFiles,
    progress: &dyn Progress,
) -> Result<Opened, Error> {
    let mut noted = resolved.noted.clone();
    let voxels = match &resolved.study.bids {
        Some(section) => Some(brain_mask::choose(resolved, section, &mut noted)?),
        None => None,
    };
    let mut recordings = Vec::with_capacity(resolved.runs.len());
    let mut outside = Outside::default();
    for (done, run) in resolved.runs.iter().enumerate() {
        progress.advance(done as f64 / resolved.runs.len() as f64);
        let stimulus = &stimuli[run.stimulus];
        let recording = match (&run.volumes, &voxels) {
            (Some(volumes), Some(voxels)) => {
                open_volumes(resolved, (run, stimulus), (volumes, voxels), (files, &mut noted))?
            }
            _ => open_table(resolved, (run, stimulus), &mut noted)?,
        };
        if recording.exclusion.is_none() {
            check_words(resolved, run, stimulus, &recording)?;
            check_duration(resolved, run, stimulus)?;
            outside.look(&resolved.named(&run.responses), &recording, &stimulus.stimulus);
        }
        recordings.push(recording);
    }
    outside.report(resolved, &mut noted);
    progress.advance(1.0);
    let targets = match &voxels {
        Some(voxels) => voxels.targets.clone(),
        None => targets::of_tables(resolved, &recordings)?,
    };
    Ok(Opened { recordings, targets, voxels, noted })
}

fn open_table(
    resolved: &Resolved,
    (run, stimulus): (&ResolvedRun, &OpenStimulus),
    noted: &mut Noted,
) -> Result<Recording, Error> {
    let Matrix { names, values } = read_table(&run.responses)?;
    let section = &resolved.study.responses;
    let interval = section.repetition_time.ok_or_else(|| {
        resolved.setting(
            "responses.repetition_time",
            "none".to_owned(),
            "the time between rows; add it".to_owned(),
        )
    })?;
    let whole = Sampling { first: section.stimulus_time_of_first_volume, interval, count: values.nrows() };
    let exclusion =
        by_hand(resolved, run).or_else(|| nothing_to_predict(&values).map(|reason| reason.code().to_owned()));
    let trimmed = resolved.trimmed_volumes(interval).min(values.nrows());
    let rows = trimmed..outside::end(&whole, &stimulus.stimulus, section.after_last_word).max(trimmed);
    let confounds = match &exclusion {
        None => confounds::open(resolved, run, (values.nrows(), rows.clone()), noted)?,
        Some(_) => Vec::new(),
    };
    let responses = values.slice(s![rows.clone(), ..]).to_owned();
    Ok(Recording {
        run: run.clone(),
        sampling: Sampling { first: Seconds::new(whole.time(trimmed))?, count: rows.len(), ..whole },
        rows,
        n_rows: values.nrows(),
        n_targets: responses.ncols(),
        columns: names,
        reading: 0,
        step: None,
        source: digest(&values, &[]),
        digest: digest(&responses, &confounds),
        confounds,
        physiology: Vec::new(),
        exclusion,
    })
}

fn open_volumes(
    resolved: &Resolved,
    (run, stimulus): (&ResolvedRun, &OpenStimulus),
    (volumes, voxels): (&VolumeRun, &Voxels),
    (files, noted): (&mut KnownFiles, &mut Noted),
) -> Result<Recording, Error> {
    let interval = volumes.repetition_time;
    let whole = Sampling { first: volumes.first, interval, count: volumes.volumes.end };
    let first = (volumes.volumes.start + resolved.trimmed_volumes(interval)).min(volumes.volumes.end);
    let after = resolved.study.responses.after_last_word;
    let rows = first..outside::end(&whole, &stimulus.stimulus, after).max(first);
    let exclusion = by_hand(resolved, run);
    let scan = run.scan();
    let about = scan.about()?;
    let (n_volumes, step) = (about.n_volumes, about.step);
    let (mut confounds, mut physiology) = (Vec::new(), Vec::new());
    if exclusion.is_none() {
        scan.require_whole()?;
        confounds = confounds::open(resolved, run, (n_volumes, rows.clone()), noted)?;
        let named = (run, stimulus.stimulus.name());
        let of_body = physiology::open(resolved, named, (volumes, n_volumes, rows.clone()), noted)?;
        confounds.extend(of_body.confounds);
        physiology = of_body.rows;
    }
    let mut hasher = blake3::Hasher::new();
    let mut source = blake3::Hasher::new();
    for file in scan.files() {
        let bytes = files.digest(file)?;
        source.update(bytes.as_bytes());
        hasher.update(bytes.as_bytes());
    }
    hasher.update(voxels.digest.as_str().as_bytes());
    hasher.update(format!("{rows:?}").as_bytes());
    add_confounds(&mut hasher, &confounds);
    Ok(Recording {
        run: run.clone(),
        sampling: Sampling { first: Seconds::new(whole.time(first))?, count: rows.len(), ..whole },
        rows,
        n_rows: n_volumes,
        n_targets: voxels.targets.len(),
        reading: scan.memory_of_reading(&about),
        confounds,
        physiology,
        columns: None,
        step,
        source: Digest::of(source.finalize().as_bytes()),
        digest: Digest::of(hasher.finalize().as_bytes()),
        exclusion,
    })
}

impl Recording {
    /// Responses as recorded, shape (n_samples, n_targets).
    ///
    /// # Errors
    /// - the file cannot be read any more, or has changed since it was opened.
    pub(crate) fn read(&self, voxels: Option<&Voxels>) -> Result<Array2<f32>, Error> {
        if let Some(voxels) = voxels {
            let scan = self.run.scan();
            let values = voxels.read(&scan, self.rows.clone())?;
            let files: Vec<PathBuf> = scan.files().map(Path::to_owned).collect();
            return require_unchanged(&files, &self.source).map(|()| values);
        }
        let Matrix { values, .. } = read_table(&self.run.responses)?;
        if values.nrows() != self.n_rows {
            return Err(changed(&self.run.responses));
        }
        let values = values.slice_move(s![self.rows.clone(), ..]);
        if digest(&values, &self.confounds) != self.digest {
            return Err(changed(&self.run.responses));
        }
        Ok(values.mapv(|value| value as f32))
    }

    /// Steps in which each target is stored: of a mean over n voxels, rounded one by one, step / √n. None where values are
    /// floating point.
    pub(crate) fn steps(&self, voxels: Option<&Voxels>) -> Vec<f64> {
        let (Some(step), Some(voxels)) = (self.step, voxels) else { return Vec::new() };
        let mut counts = vec![0_u32; self.n_targets];
        voxels.target_of.iter().for_each(|target| counts[*target] += 1);
        counts.into_iter().map(|count| step / f64::from(count).sqrt()).collect()
    }

    /// Bytes that [`Recording::read`] holds at its peak, what it returns included.
    pub(crate) fn memory_of_reading(&self) -> u64 {
        let kept = 4 * (self.rows.len() * self.n_targets) as u64;
        match &self.run.volumes {
            // Parcels are summed voxel by voxel.
            Some(_) => kept + self.reading,
            None => kept + 8 * (self.n_rows * self.n_targets) as u64,
        }
    }

    /// Whether the same participant hears the rest of the stimulus in another recording.
    pub(super) fn is_part(&self) -> bool {
        self.run.volumes.as_ref().is_some_and(|volumes| volumes.is_part)
    }

    /// Volumes of the recording before the first that is analysed.
    pub(super) fn left_out(&self) -> usize {
        self.rows.start - self.run.volumes.as_ref().map_or(0, |volumes| volumes.volumes.start)
    }
}

fn read_table(path: &Path) -> Result<Matrix, Error> {
    Ok(table::read_matrix(path, &table::MatrixOptions::responses())?)
}

fn by_hand(resolved: &Resolved, run: &ResolvedRun) -> Option<String> {
    resolved.study.responses.exclude.get(&run.participant).cloned()
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

/// Some word is heard while the volumes are taken, and none starts more than one volume after the last.
fn check_words(
    resolved: &Resolved,
    run: &ResolvedRun,
    stimulus: &OpenStimulus,
    recording: &Recording,
) -> Result<(), Error> {
    let path = resolved.absolute(&resolved.study.stimulus[run.stimulus].words);
    let responses = run.responses.clone();
    let sampling = &recording.sampling;
    // Volumes that are left out at the start hear words too.
    let before = recording.left_out() as f64 * sampling.interval.get();
    let during = (sampling.time(0) - before, sampling.time(sampling.count));
    let onsets = || stimulus.stimulus.words().iter().filter_map(|word| word.onset);
    if !onsets().any(|onset| (during.0..during.1).contains(&onset.get())) {
        return Err(Error::NoWords { path, responses, start: during.0, end: during.1 });
    }
    let end = during.1 + sampling.interval.get();
    let too_late =
        stimulus.stimulus.words().iter().find(|word| word.onset.is_some_and(|onset| onset.get() > end));
    match too_late.filter(|_| !recording.is_part()) {
        Some(word) => Err(Error::WordsPastEnd {
            path,
            responses,
            word: word.text.clone(),
            onset: word.onset.map_or(f64::NAN, Seconds::get),
            end: during.1,
        }),
        None => Ok(()),
    }
}

/// An event that lasts as many volumes as its words last is counted in volumes, and so is its onset.
fn check_duration(resolved: &Resolved, run: &ResolvedRun, stimulus: &OpenStimulus) -> Result<(), Error> {
    let Some(volumes) = &run.volumes else { return Ok(()) };
    let Some((path, duration)) = &volumes.event else { return Ok(()) };
    let onsets = || stimulus.stimulus.words().iter().filter_map(|word| word.onset);
    let last = onsets().map(Seconds::get).fold(0.0, f64::max);
    let interval = volumes.repetition_time.get();
    let is_about = |seconds: f64| (seconds - last).abs() < 0.05 * last;
    let is_part = volumes.is_part || is_about(duration.get());
    if is_part
        || duration.get() >= last
        || (interval - 1.0).abs() < 0.1
        || !is_about(duration.get() * interval)
    {
        return Ok(());
    }
    Err(Error::Unusable {
        path: path.clone(),
        found: format!(
            "`{}` with a duration of {}, whose words last {last:.1} s, {:.1} volumes",
            resolved.study.stimulus[run.stimulus].name,
            duration,
            last / interval
        ),
        expected:
            "seconds; these seem to be volumes: write onset and duration in seconds, here or in bids.map"
                .to_owned(),
    })
}

fn digest(responses: &Array2<f64>, confounds: &[Confounds]) -> Digest {
    let mut hasher = blake3::Hasher::new();
    add_values(&mut hasher, responses);
    add_confounds(&mut hasher, confounds);
    Digest::of(hasher.finalize().as_bytes())
}

fn add_confounds(hasher: &mut blake3::Hasher, confounds: &[Confounds]) {
    for group in confounds {
        // A whole table is known by its numbers alone.
        if group.source != "confounds" {
            hasher.update(group.source.as_bytes());
        }
        // Reports name those that repeat others.
        group.names.iter().for_each(|name| {
            hasher.update(name.as_bytes());
        });
        add_values(hasher, &group.values);
    }
}

fn add_values(hasher: &mut blake3::Hasher, values: &Array2<f64>) {
    hasher.update(&(values.nrows() as u64).to_le_bytes());
    values.iter().for_each(|value| {
        hasher.update(&value.to_le_bytes());
    });
}

//! The recordings of a data set that fMRIPrep has preprocessed: images, masks, confounds, and what was heard when.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use gyrus_core::{RepetitionTime, Seconds};
use gyrus_io::bids::{self, Event, Name, Query, Run, VolumeTiming, same_label};
use gyrus_io::scan::{About, Layout};
use gyrus_io::{Read, table};

use super::images;
use super::noted::Noted;
use super::resolve::{Resolved, ResolvedRun};
use super::schema::{BidsSection, Files, StimulusSection};
use crate::Error;

/// What a recording of volumes has beside a table's: its mask, its times, and which of its volumes belong to it.
#[derive(Debug, Clone, PartialEq)]
pub struct VolumeRun {
    /// Session, task and run, as in `ses-1 task-story run-2`.
    pub label: String,
    /// The image of the right hemisphere, where each has one.
    pub right: Option<PathBuf>,
    /// The mask of the brain; surfaces have none.
    pub mask: Option<PathBuf>,
    /// Time between volumes.
    pub repetition_time: RepetitionTime,
    /// Stimulus time at which the first volume of the image was acquired.
    pub first: Seconds,
    /// Seconds from the start of the first volume to the moment that its values stand for: `StartTime`, or half of the
    /// repetition time where there is none.
    pub reference: Seconds,
    /// Recordings of heart and breath, where the study asks for them.
    pub physio: Vec<PathBuf>,
    /// The volumes during which this stimulus was heard.
    pub volumes: Range<usize>,
    /// The events file that says when it was heard and for how long, where one does.
    pub event: Option<(PathBuf, Seconds)>,
    /// Whether the same participant hears the rest of the stimulus in another recording.
    pub is_part: bool,
}

/// When a stimulus started, on the clock of the run.
struct Heard {
    stimulus: usize,
    onset: f64,
    /// The file that says so.
    file: PathBuf,
    /// How long it lasted, where an events file says it.
    duration: Option<Seconds>,
}

/// Finds recordings, sorted by participant and then by stimulus, with what was noticed.
///
/// # Errors
/// - no image fits what the study asks for, or several fit for one run,
/// - a run has no mask or no confounds, or its times contradict each other,
/// - neither events nor the map say what was heard in a run.
pub(super) fn find_runs(
    resolved: &Resolved,
    section: &BidsSection,
) -> Result<(Vec<ResolvedRun>, Noted), Error> {
    let finder = Finder::new(resolved, section)?;
    let (found, mut noted) = finder.images()?;
    let mut runs: Vec<ResolvedRun> = Vec::new();
    for run in &found {
        runs.extend(finder.recordings(run, &mut noted)?);
    }
    if runs.is_empty() {
        let found =
            format!("no run of the {} in {} that heard a stimulus", found.len(), finder.derivative.display());
        let expected = "runs and stimuli that go together; check bids.map, bids.runs and the events files";
        return Err(resolved.setting("bids", found, expected.to_owned()));
    }
    mark_parts(&mut runs);
    let order: Vec<String> = runs.iter().map(|run| run.participant.clone()).collect();
    let place = |run: &ResolvedRun| order.iter().position(|known| *known == run.participant);
    runs.sort_by_key(|run| (place(run), run.stimulus));
    Ok((runs, noted))
}

fn mark_parts(runs: &mut [ResolvedRun]) {
    let keys: Vec<(String, usize)> = runs.iter().map(|run| (run.participant.clone(), run.stimulus)).collect();
    for (index, run) in runs.iter_mut().enumerate() {
        let again = keys.iter().enumerate().any(|(other, key)| other != index && *key == keys[index]);
        if let Some(volumes) = &mut run.volumes {
            volumes.is_part = again;
        }
    }
}

struct Finder<'a> {
    resolved: &'a Resolved,
    section: &'a BidsSection,
    folder: PathBuf,
    derivative: PathBuf,
    map: Option<(PathBuf, Vec<MapRow>)>,
}

/// A row of the map: which runs, and what was heard in them.
struct MapRow {
    entities: Vec<(&'static str, String)>,
    stimulus: String,
    onset: Seconds,
}

/// What people write for seconds.
const SECONDS: [&str; 5] = ["s", "sec", "secs", "second", "seconds"];

/// What names of columns and of fields in patterns call the entities that name a run.
pub(super) const ENTITIES: [(&str, &str); 4] =
    [("participant", "sub"), ("session", "ses"), ("task", "task"), ("run", "run")];

impl<'a> Finder<'a> {
    fn new(resolved: &'a Resolved, section: &'a BidsSection) -> Result<Self, Error> {
        let folder = resolved.absolute(&section.folder);
        let derivative = match &section.derivatives {
            Some(path) => resolved.absolute(path),
            None => folder.join("derivatives/fmriprep"),
        };
        if section.images.is_none() && !derivative.is_dir() {
            let key = if section.derivatives.is_some() { "bids.derivatives" } else { "bids.folder" };
            let found = format!("no folder {}", derivative.display());
            let expected = "the folder that fMRIPrep wrote; set bids.derivatives".to_owned();
            return Err(resolved.setting(key, found, expected));
        }
        let map = match &section.map {
            Some(path) => {
                let path = resolved.absolute(path);
                let rows = read_map(resolved, &path)?;
                Some((path, rows))
            }
            None => None,
        };
        Ok(Self { resolved, section, folder, derivative, map })
    }

    fn images(&self) -> Result<(Vec<Run>, Noted), Error> {
        let without = |label: &String, prefix: &str| label.strip_prefix(prefix).unwrap_or(label).to_owned();
        let query = Query {
            space: self.section.space.clone(),
            resolution: self.section.resolution.clone(),
            echo: self.section.echo.as_ref().map(|label| without(label, "echo-")),
            tasks: self.section.tasks.iter().map(|label| without(label, "task-")).collect(),
            participants: self.section.participants.iter().map(|label| without(label, "sub-")).collect(),
        };
        let read = match &self.section.images {
            Some(pattern) => {
                Read { value: images::find(self.resolved, pattern, &query)?, warnings: Vec::new() }
            }
            None => bids::find_runs(&self.derivative, &query)
                .map_err(|error| self.resolved.about("bids", error.into()))?,
        };
        let runs: Vec<String> = self.section.runs.iter().map(|label| without(label, "run-")).collect();
        let is_wanted = |run: &Run| {
            let label = run.name.get("run").unwrap_or_default();
            runs.is_empty() || runs.iter().any(|known| same_label(known, label))
        };
        let found: Vec<Run> = read.value.into_iter().filter(is_wanted).collect();
        self.check_participants(&query.participants, &found)?;
        let mut noted = Noted::default();
        let name = self.resolved.named(&self.derivative);
        read.warnings.iter().for_each(|warning| noted.warn(&name, &warning.to_string()));
        Ok((found, noted))
    }

    fn check_participants(&self, asked: &[String], found: &[Run]) -> Result<(), Error> {
        let has = |label: &&String| {
            found.iter().any(|run| run.name.get("sub").is_some_and(|known| same_label(known, label)))
        };
        match asked.iter().find(|label| !has(label)) {
            None => Ok(()),
            Some(label) => {
                let known: BTreeSet<&str> = found.iter().filter_map(|run| run.name.get("sub")).collect();
                let expected = format!("one of {}", known.into_iter().collect::<Vec<_>>().join(", "));
                Err(self.resolved.setting(
                    "bids.participants",
                    format!("`{label}` without an image"),
                    expected,
                ))
            }
        }
    }

    fn recordings(&self, run: &Run, noted: &mut Noted) -> Result<Vec<ResolvedRun>, Error> {
        let header = &run.scan.about()?;
        let heard = self.heard(run)?;
        if heard.is_empty() {
            let name = self.resolved.named(&run.scan.image);
            noted.warn(&name, "bids.map has no row for it; it was left out");
            return Ok(Vec::new());
        }
        for warning in &header.warnings {
            noted.warn(&self.resolved.named(&run.scan.image), &warning.to_string());
        }
        for note in &header.notes {
            noted.note(&self.resolved.named(&run.scan.image), &note.to_string());
        }
        let timing = self.timing(run, header, noted)?;
        let participant = format!("sub-{}", run.name.get("sub").unwrap_or_default());
        let physio = match &self.resolved.study.denoise.physiology {
            Some(_) => bids::find_physio(&self.folder, &run.name)?,
            None => Vec::new(),
        };
        let mut recordings = Vec::with_capacity(heard.len());
        for (index, one) in heard.iter().enumerate() {
            self.check_onset(run, one, (&timing, header.n_volumes))?;
            let volume_from = |onset: f64| volume_at(&timing, onset).min(header.n_volumes);
            let start = if index == 0 { 0 } else { volume_from(one.onset) };
            let end = heard.get(index + 1).map_or(header.n_volumes, |next| volume_from(next.onset));
            recordings.push(ResolvedRun {
                participant: participant.clone(),
                stimulus: one.stimulus,
                responses: run.scan.image.clone(),
                confounds: run.confounds.clone(),
                volumes: Some(VolumeRun {
                    label: label(&run.name),
                    right: run.scan.right.clone(),
                    mask: self.mask_of(run, header)?,
                    repetition_time: timing.repetition_time,
                    reference: reference(&timing)?,
                    physio: physio.clone(),
                    first: Seconds::new(timing.start.get() - one.onset)?,
                    volumes: start..end,
                    event: one.duration.map(|duration| (one.file.clone(), duration)),
                    is_part: false,
                }),
            });
        }
        Ok(recordings)
    }

    /// Onsets in samples or milliseconds lie after the end of the run.
    fn check_onset(
        &self,
        run: &Run,
        one: &Heard,
        (timing, n_volumes): (&VolumeTiming, usize),
    ) -> Result<(), Error> {
        let end = timing.start.get() + n_volumes as f64 * timing.repetition_time.get();
        let onset = one.onset;
        if onset < end {
            return Ok(());
        }
        Err(Error::Unusable {
            path: one.file.clone(),
            found: format!("an onset of {onset} s in {}, which ends at {end} s", self.resolved.named(&run.scan.image)),
            expected: "seconds after the first volume; if these are volumes, samples or milliseconds, write them in seconds, here or in bids.map".to_owned(),
        })
    }

    fn mask_of(&self, run: &Run, header: &About) -> Result<Option<PathBuf>, Error> {
        if !matches!(header.layout, Layout::Grid(_)) {
            return Ok(None);
        }
        let of_study = || match &self.section.mask {
            Some(Files::One(mask)) => Some(self.resolved.absolute(mask)),
            _ => None,
        };
        let mask = run.mask.clone().or_else(of_study);
        // Voxels outside of every region are left out.
        let has_regions = self.section.atlas.is_some() || self.section.spheres.is_some();
        if mask.is_none() && has_regions {
            return Ok(None);
        }
        mask.map(Some).ok_or_else(|| {
            let found = format!("no brain mask beside {}", self.resolved.named(&run.scan.image));
            let expected =
                "a file that ends in _desc-brain_mask.nii.gz on its grid; add it, or set bids.mask or bids.atlas";
            self.resolved.setting("bids.mask", found, expected.to_owned())
        })
    }

    /// Times by the sidecar of the image, else by that of the raw image.
    fn timing(&self, run: &Run, header: &About, noted: &mut Noted) -> Result<VolumeTiming, Error> {
        let folders = (&*self.derivative, &*self.folder);
        let read = bids::read_timing_sidecar(&run.scan.image, &run.name, folders)?;
        let name = self.resolved.named(&run.scan.image);
        read.warnings.iter().for_each(|warning| noted.warn(&name, &warning.to_string()));
        let declared = self.resolved.study.responses.repetition_time;
        let timing = bids::volume_timing(&run.scan.image, header, &read.value, declared)?;
        if timing.start.get() != 0.0 {
            let message =
                format!("volumes start {} after the clock of the events (StartTime); applied", timing.start);
            noted.note(&name, &message);
        }
        Ok(timing)
    }

    /// What was heard in a run and when, in order of time.
    fn heard(&self, run: &Run) -> Result<Vec<Heard>, Error> {
        let mut heard = match &self.map {
            Some((path, rows)) => self.heard_by_map(run, path, rows)?,
            None => self.heard_by_events(run)?,
        };
        heard.sort_by(|left, right| left.onset.total_cmp(&right.onset));
        Ok(heard)
    }

    fn heard_by_map(&self, run: &Run, path: &Path, rows: &[MapRow]) -> Result<Vec<Heard>, Error> {
        let is_of_run = |row: &&MapRow| {
            row.entities.iter().all(|(key, label)| match run.name.get(key) {
                Some(own) => same_label(own, label),
                None => label == "n/a",
            })
        };
        let stimuli = &self.resolved.study.stimulus;
        let heard = |row: &MapRow| match stimuli.iter().position(|known| known.name == row.stimulus) {
            Some(stimulus) => {
                Ok(Heard { stimulus, onset: row.onset.get(), file: path.to_owned(), duration: None })
            }
            None => {
                let names: Vec<&str> = stimuli.iter().map(|known| known.name.as_str()).collect();
                let found = format!("the stimulus `{}` in {}", row.stimulus, path.display());
                Err(self.resolved.setting("bids.map", found, format!("one of {}", names.join(", "))))
            }
        };
        rows.iter().filter(is_of_run).map(heard).collect()
    }

    /// BIDS has onsets in seconds; a JSON file beside the events that says otherwise is taken at its word.
    fn check_units(&self, events: &Path) -> Result<(), Error> {
        let sidecar = bids::read_sidecar(events, &self.folder)?.value;
        let unit =
            sidecar.values.get("onset").and_then(|column| column.get("Units")).and_then(|unit| unit.as_str());
        let Some(unit) = unit.filter(|unit| !SECONDS.contains(&unit.trim().to_lowercase().as_str())) else {
            return Ok(());
        };
        Err(Error::Unusable {
            path: sidecar.sources.last().cloned().unwrap_or_default(),
            found: format!("`{unit}` as the unit of onsets"),
            expected: format!(
                "`s`, as BIDS has it; write the onsets of {} in seconds and correct the unit, or say in bids.map when stimuli began",
                self.resolved.named(events)
            ),
        })
    }

    /// Music before a story may have the name of the same file: which of them is time 0 of the words has to be said.
    fn require_one_kind(
        &self,
        stimulus: &StimulusSection,
        (path, events): (&Path, &[Event]),
    ) -> Result<(), Error> {
        match kinds(stimulus, events).as_slice() {
            [] | [_] => Ok(()),
            several => {
                let found = format!(
                    "events of `{}` of the kinds {} in {}",
                    stimulus.name,
                    several.join(", "),
                    path.display()
                );
                let expected = "one of these kinds (trial_type), whose onset is time 0 of the words; set \
                                stimulus.event_type, or say in bids.map when it began";
                Err(self.resolved.setting("stimulus.event_type", found, expected.to_owned()))
            }
        }
    }

    fn heard_by_events(&self, run: &Run) -> Result<Vec<Heard>, Error> {
        let image = self.resolved.named(&run.scan.image);
        let expected = "an events file with the onset of each stimulus; add it, or say in bids.map (columns participant, \
                        run, stimulus, onset) what was heard in each run";
        let Some(path) = bids::find_raw(&self.folder, &run.name, "events", ".tsv")? else {
            if !self.folder.is_dir() {
                let expected = "the folder of the raw data, with events; correct the path".to_owned();
                let found = format!("no folder {}", self.folder.display());
                return Err(self.resolved.setting("bids.folder", found, expected));
            }
            let found = format!("no events of {image} in {}", self.folder.display());
            return Err(self.resolved.setting("bids.folder", found, expected.to_owned()));
        };
        self.check_units(&path)?;
        let events = bids::read_events(&path)?;
        let stimuli = &self.resolved.study.stimulus;
        stimuli.iter().try_for_each(|stimulus| self.require_one_kind(stimulus, (&path, &events)))?;
        let heard: Vec<Heard> = events
            .iter()
            .filter_map(|event| {
                let stimulus = stimuli.iter().position(|known| is_heard(known, event))?;
                let (file, duration) = (path.clone(), event.duration);
                Some(Heard { stimulus, onset: event.onset.get(), file, duration })
            })
            .collect();
        if heard.is_empty() {
            let found = format!("no event of a stimulus in {} ({})", path.display(), called(&events));
            let expected =
                "stim_file or trial_type named like a [[stimulus]]; set stimulus.event, or bids.map";
            return Err(self.resolved.setting("stimulus.event", found, expected.to_owned()));
        }
        Ok(heard)
    }
}

/// Kinds of the events that are of a stimulus, in order of their first.
fn kinds<'e>(stimulus: &StimulusSection, events: &'e [Event]) -> Vec<&'e str> {
    let mut kinds: Vec<&str> = Vec::new();
    for event in events.iter().filter(|event| is_heard(stimulus, event)) {
        let kind = event.trial_type.as_deref().unwrap_or("n/a");
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}

/// Without slice timing correction, slices are acquired over the whole volume.
fn reference(timing: &VolumeTiming) -> Result<Seconds, Error> {
    match timing.start.get() > 0.0 {
        true => Ok(timing.start),
        false => Ok(Seconds::new(timing.repetition_time.get() / 2.0)?),
    }
}

/// The first volume that was acquired at or after a time.
fn volume_at(timing: &VolumeTiming, time: f64) -> usize {
    let volumes = (time - timing.start.get()) / timing.repetition_time.get();
    (volumes - 1e-9).ceil().max(0.0) as usize
}

fn is_heard(stimulus: &StimulusSection, event: &Event) -> bool {
    let called = stimulus.event.as_ref().unwrap_or(&stimulus.name);
    let file = event.stimulus_file.as_deref().map(Path::new);
    let of_file = file.is_some_and(|file| {
        let is = |part: Option<&std::ffi::OsStr>| part.is_some_and(|part| part.to_string_lossy() == **called);
        is(file.file_name()) || is(file.file_stem()) || file.to_string_lossy() == **called
    });
    let is_of_kind = stimulus.event_type.is_none() || event.trial_type == stimulus.event_type;
    is_of_kind && (of_file || event.trial_type.as_deref() == Some(called))
}

fn called(events: &[Event]) -> String {
    let names: BTreeSet<String> = events
        .iter()
        .flat_map(|event| [&event.stimulus_file, &event.trial_type])
        .flatten()
        .cloned()
        .collect();
    if names.is_empty() {
        return "it has neither stim_file nor trial_type".to_owned();
    }
    let shown: Vec<String> = names.into_iter().take(8).collect();
    format!("it has {}", shown.join(", "))
}

fn label(name: &Name) -> String {
    let parts = ["ses", "task", "run"].iter().filter_map(|key| Some(format!("{key}-{}", name.get(key)?)));
    parts.collect::<Vec<_>>().join(" ")
}

fn read_map(resolved: &Resolved, path: &Path) -> Result<Vec<MapRow>, Error> {
    let header = table::read_header(path)?;
    let given: Vec<(&str, &str)> =
        ENTITIES.into_iter().filter(|(column, _)| header.iter().any(|known| known == column)).collect();
    if given.is_empty() {
        let expected = "at least one of the columns participant, session, task and run, beside stimulus and onset; add it";
        return Err(resolved.setting(
            "bids.map",
            format!("the columns {}", header.join(", ")),
            expected.to_owned(),
        ));
    }
    let columns: Vec<&str> = given.iter().map(|(column, _)| *column).chain(["stimulus", "onset"]).collect();
    let rows = table::read_text_columns(path, &columns)?;
    let of_row = |(index, row): (usize, Vec<String>)| {
        let onset = row[given.len() + 1].trim();
        let seconds = onset.parse().ok().and_then(|seconds| Seconds::new(seconds).ok());
        let onset = seconds.ok_or_else(|| {
            let found = format!("the onset `{onset}` in row {} of {}", index + 1, path.display());
            resolved.setting(
                "bids.map",
                found,
                "a number of seconds after the first volume; correct it".to_owned(),
            )
        })?;
        let entity = |(position, (column, key)): (usize, &(&str, &'static str))| {
            let cell = row[position].trim();
            let prefix = if *column == "participant" { "sub-".to_owned() } else { format!("{key}-") };
            (*key, cell.strip_prefix(&prefix).unwrap_or(cell).to_owned())
        };
        let entities = given.iter().enumerate().map(entity).collect();
        Ok(MapRow { entities, stimulus: row[given.len()].trim().to_owned(), onset })
    };
    rows.into_iter().enumerate().map(of_row).collect()
}

//! The raw side: descriptions, participants, events, recordings of heart and breath, and the words of the story.

use std::path::Path;

use gyrus_core::{Seconds, Word};
use gyrus_encoding::simulate::scan::{Experiment, ScannedRun, recorded};
use gyrus_io::atomic;
use gyrus_io::table::{self, Cell};
use serde_json::{Value, json};

use super::layout::{Names, Recording, TASK};
use super::{Settings, derivatives, story, truth};
use crate::Error;

/// Samples per second of pulse and breath, and seconds from the first volume to the first of them.
const PHYSIO: (f64, f64) = (50.0, -7.5);

/// Everything that is there once.
pub(super) fn write_data_set(
    folder: &Path,
    settings: &Settings,
    experiment: &Experiment,
) -> Result<(), Error> {
    let names = Names { settings };
    for part in ["stimuli", "atlas"] {
        atomic::create_folder(&folder.join(part))?;
    }
    for participant in 1..=settings.participants {
        atomic::create_folder(&folder.join(names.participant(participant)).join("func"))?;
    }
    let description = json!({
        "Name": "Simulated listeners",
        "BIDSVersion": "1.10.0",
        "DatasetType": "raw",
        "License": "CC0",
        "Authors": ["gyrus simulate"],
        "GeneratedBy": [{"Name": "gyrus", "Version": env!("CARGO_PKG_VERSION")}],
    });
    write_json(&folder.join("dataset_description.json"), &description)?;
    atomic::write(&folder.join("README"), README.as_bytes())?;
    let ignored = format!("{}/\natlas/\n{}/\n", truth::FOLDER, story::MODEL_FOLDER);
    atomic::write(&folder.join(".bidsignore"), ignored.as_bytes())?;
    write_participants(folder, &names)?;
    let bold = json!({
        "TaskName": TASK,
        "TaskDescription": "Listening to a story, one part of it in each run",
        "Manufacturer": "none: simulated",
        "SliceTiming": experiment.acquisition.slices,
        "EchoTime": 0.03,
    });
    write_json(&folder.join(format!("task-{TASK}_bold.json")), &bold)?;
    let physio = json!({
        "SamplingFrequency": PHYSIO.0,
        "Columns": ["cardiac", "respiratory", "trigger"],
        "cardiac": {"Description": "pulse oximeter on a finger", "Units": "arbitrary"},
        "respiratory": {"Description": "belt around the chest", "Units": "arbitrary"},
        "trigger": {"Description": "1 where a volume begins"},
    });
    write_json(&folder.join(format!("task-{TASK}_physio.json")), &physio)?;
    for (index, part) in experiment.parts.iter().enumerate() {
        write_words(&folder.join("stimuli").join(words_file(index + 1)), &part.words)?;
    }
    write_atlas(folder, settings, experiment)
}

const README: &str = "Simulated by `gyrus simulate`: no person was scanned, and fMRIPrep was not run.

derivatives/fmriprep/  volumes, masks and confounds in the layout of fMRIPrep; the raw images are not written
stimuli/               words with their times, on the clock of the story; events say when the story begins in a run
atlas/                 areas of the cortex
truth/                 what was planted; nothing else names this folder
language-model/        the language model that people follow (if it is the one that gyrus brings along)
";

/// The words of a run.
fn words_file(run: usize) -> String {
    format!("{}_words.tsv", story::stimulus_name(run))
}

fn write_participants(folder: &Path, names: &Names<'_>) -> Result<(), Error> {
    let row = |participant: u32| {
        vec![
            Cell::Text(names.participant(participant)),
            Cell::Integer(i64::from(20 + participant * 7 % 17)),
            Cell::Text(if participant.is_multiple_of(2) { "M" } else { "F" }.to_owned()),
        ]
    };
    let rows: Vec<Vec<Cell>> = (1..=names.settings.participants).map(row).collect();
    table::write_tsv(&folder.join("participants.tsv"), &["participant_id", "age", "sex"], &rows)?;
    let columns = json!({
        "age": {"Description": "invented", "Units": "year"},
        "sex": {"Description": "invented", "Levels": {"F": "female", "M": "male"}},
    });
    write_json(&folder.join("participants.json"), &columns)
}

fn write_words(path: &Path, words: &[Word]) -> Result<(), Error> {
    let time = |time: Option<Seconds>| time.map_or(Cell::Missing, |time| Cell::Number(time.get()));
    let row = |word: &Word| vec![Cell::Text(word.text.clone()), time(word.onset), time(word.offset)];
    let rows: Vec<Vec<Cell>> = words.iter().map(row).collect();
    Ok(table::write_tsv(path, &["word", "onset", "offset"], &rows)?)
}

fn write_atlas(folder: &Path, settings: &Settings, experiment: &Experiment) -> Result<(), Error> {
    let name = derivatives::atlas(settings.version);
    let regions = super::areas::regions();
    let still = vec![[0.0; 3]; experiment.areas.len()];
    let areas = experiment.head.areas(&experiment.areas, &still);
    let path = format!("atlas/{name}.nii.gz");
    derivatives::write_labels(folder, experiment, (&path, &areas), &|area| area as f64 + 1.0)?;
    let row = |(index, (name, side, _)): (usize, &(String, &str, Option<usize>))| {
        vec![Cell::Integer(index as i64 + 1), Cell::Text(name.clone()), Cell::Text((*side).to_owned())]
    };
    let rows: Vec<Vec<Cell>> = regions.iter().enumerate().map(row).collect();
    let path = folder.join("atlas").join(format!("{name}.tsv"));
    Ok(table::write_tsv(&path, &["index", "name", "hemisphere"], &rows)?)
}

/// Events, sidecars and physiology of one run.
pub(super) fn write_run(
    folder: &Path,
    names: &Names<'_>,
    (experiment, of): (&Experiment, Recording),
    scanned: &ScannedRun,
) -> Result<(), Error> {
    let at = |suffix: &str| folder.join(format!("{}_{suffix}", names.stem(of)));
    let part = &experiment.parts[of.run - 1];
    let event = vec![
        Cell::Number(part.onset),
        Cell::Number((story::end(&part.words) * 1000.0).round() / 1000.0),
        Cell::Text("story".to_owned()),
        Cell::Text(words_file(of.run)),
    ];
    table::write_tsv(&at("events.tsv"), &["onset", "duration", "trial_type", "stim_file"], &[event])?;
    // What is the same in all runs stands in the sidecar of the task.
    let interval = experiment.acquisition.interval.get();
    write_json(&at("bold.json"), &json!({"RepetitionTime": interval, "TaskName": TASK}))?;
    if names.settings.damage.without_physio.contains(&of.participant) {
        return Ok(());
    }
    let recorded = recorded(experiment, (of.participant - 1, of.run - 1), scanned, PHYSIO);
    let mut text = String::with_capacity(recorded.samples.len() * 12);
    for [pulse, breath, trigger] in &recorded.samples {
        text.push_str(&format!("{pulse}\t{breath}\t{trigger}\n"));
    }
    atomic::write_compressed(&at("physio.tsv.gz"), text.as_bytes())?;
    write_json(&at("physio.json"), &json!({"StartTime": recorded.start}))
}

/// Two spaces per level and a line break at the end.
pub(super) fn write_json(path: &Path, value: &Value) -> Result<(), Error> {
    let mut text = serde_json::to_string_pretty(value)
        .map_err(|error| Error::Write { path: path.to_owned(), reason: error.to_string() })?;
    text.push('\n');
    Ok(atomic::write(path, text.as_bytes())?)
}

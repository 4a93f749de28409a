//! The demo's study on disk: words, regions, responses and confounds of every participant, language model, study file, truth.

use std::path::{Path, PathBuf};

use gyrus_core::{Activations, RepetitionTime, Sampling, Seconds, Stimulus, Word};
use gyrus_encoding::simulate::{
    CONFOUND_NAMES, Cohort, NoiseSettings, Pace, PlantedMap, SignalSettings, SimulatedRecording,
    simulate_participant, word_times,
};
use gyrus_io::atomic;
use gyrus_io::table::{self, Cell};
use gyrus_models::{Extraction, LanguageModel, Pooling};
use ndarray::Array2;

use super::cortex::{self, Region};
use super::{Settings, assets, truth};
use crate::plan::Machine;
use crate::{Error, Execution, Progress};

const TEMPLATE: &str = include_str!("study.toml");
const REPETITION_TIME: f64 = 2.0;
/// The story begins when the scanner has run for so long.
const LEAD: f64 = 12.0;
/// The scanner runs on for so long when the story is over.
const TAIL: f64 = 12.0;
const CONTEXT: usize = 256;
/// The same story is read in the same way whatever the seed of the cohort.
const READING_SEED: u64 = 1;

/// Writes everything; the same bytes for the same settings. Returns the study file.
pub(super) fn write(
    folder: &Path,
    settings: &Settings,
    execution: &Execution,
    progress: &dyn Progress,
) -> Result<PathBuf, Error> {
    progress.begin("simulating listeners");
    for part in ["responses", "confounds", "language-model"] {
        atomic::create_folder(&folder.join(part))?;
    }
    for (name, bytes) in assets::LANGUAGE_MODEL {
        atomic::write(&folder.join("language-model").join(name), bytes)?;
    }
    let heard: Vec<&str> =
        assets::STORY.split("\n\n").take(settings.size.paragraphs.unwrap_or(usize::MAX)).collect();
    let words = word_times(&heard.join("\n\n"), &Pace::default(), Seconds::ZERO, READING_SEED)?;
    write_words(&folder.join("words.tsv"), &words)?;
    let regions = cortex::regions(settings.size.targets);
    write_regions(&folder.join("regions.tsv"), &regions)?;
    let machine = Machine::new(execution, progress)?;
    let layers = read_story(&folder.join("language-model"), &words, &machine)?;
    let map = planted(settings, &regions, &layers);
    let cohort = cohort(settings, &regions, &words)?;
    for participant in 0..settings.size.participants {
        let recording = simulate_participant(&words, &layers, &cohort, &map, participant)?;
        write_recording(folder, &regions, participant, &recording)?;
        progress.advance(f64::from(participant + 1) / f64::from(settings.size.participants));
    }
    truth::write(&folder.join(truth::FILE), &regions, &map)?;
    let study = folder.join("study.toml");
    atomic::write(&study, study_file(settings, layers.len()).as_bytes())?;
    Ok(study)
}

/// Every layer's vectors of the words, as the analysis will compute them again for itself.
fn read_story(folder: &Path, words: &[Word], machine: &Machine<'_>) -> Result<Vec<Activations>, Error> {
    let language_model = LanguageModel::open(folder)?;
    let stimulus = Stimulus::new("clocks", words.to_vec())?;
    let extraction = Extraction { pooling: Pooling::Last, ..Extraction::new(CONTEXT) };
    Ok(gyrus_models::extract(&language_model, &stimulus, &extraction, &machine.pool, &|_| {})?)
}

/// From the first block to the last but one: the embedding is a baseline, and the last layer is after the final norm.
fn planted(settings: &Settings, regions: &[Region], layers: &[Activations]) -> PlantedMap {
    let steps: Vec<Option<usize>> = regions.iter().map(|region| region.step).collect();
    let last = gyrus_core::LayerIndex(layers.len().saturating_sub(2));
    PlantedMap::new(settings.gradient, &steps, (gyrus_core::LayerIndex(1), last))
}

fn cohort(settings: &Settings, regions: &[Region], words: &[Word]) -> Result<Cohort, Error> {
    let end = words.iter().filter_map(|word| word.offset.map(Seconds::get)).fold(0.0, f64::max);
    let interval = RepetitionTime::new(Seconds::new(REPETITION_TIME)?)?;
    let region_of_target = regions
        .iter()
        .enumerate()
        .flat_map(|(index, region)| std::iter::repeat_n(index, region.targets.len()))
        .collect();
    Ok(Cohort {
        sampling: Sampling {
            first: Seconds::new(-LEAD)?,
            interval,
            count: interval.volumes_spanning(Seconds::new(LEAD + end + TAIL)?),
        },
        region_of_target,
        signal: SignalSettings::default(),
        noise: NoiseSettings::default(),
        seed: settings.seed,
    })
}

fn write_words(path: &Path, words: &[Word]) -> Result<(), Error> {
    let time = |time: Option<Seconds>| time.map_or(Cell::Missing, |time| Cell::Number(time.get()));
    let row = |word: &Word| vec![Cell::Text(word.text.clone()), time(word.onset), time(word.offset)];
    let rows: Vec<Vec<Cell>> = words.iter().map(row).collect();
    Ok(table::write_tsv(path, &["word", "onset", "offset"], &rows)?)
}

fn write_regions(path: &Path, regions: &[Region]) -> Result<(), Error> {
    let text = |text: &String| Cell::Text(text.clone());
    let of_region = |region: &Region| -> Vec<Vec<Cell>> {
        region.targets.iter().map(|target| vec![text(target), text(&region.name)]).collect()
    };
    let rows: Vec<Vec<Cell>> = regions.iter().flat_map(of_region).collect();
    Ok(table::write_tsv(path, &["target", "region"], &rows)?)
}

fn write_recording(
    folder: &Path,
    regions: &[Region],
    participant: u32,
    recording: &SimulatedRecording,
) -> Result<(), Error> {
    let file = format!("sub-{:02}.tsv", participant + 1);
    let targets: Vec<&str> =
        regions.iter().flat_map(|region| region.targets.iter().map(String::as_str)).collect();
    write_numbers(&folder.join("responses").join(&file), &targets, &recording.responses)?;
    write_numbers(&folder.join("confounds").join(&file), &CONFOUND_NAMES, &recording.confounds)
}

/// Five decimals, as derivatives are usually stored.
fn write_numbers(path: &Path, names: &[&str], values: &Array2<f64>) -> Result<(), Error> {
    let cell = |value: &f64| Cell::Number((value * 1e5).round() / 1e5);
    let rows: Vec<Vec<Cell>> = values.rows().into_iter().map(|row| row.iter().map(cell).collect()).collect();
    Ok(table::write_tsv(path, names, &rows)?)
}

fn study_file(settings: &Settings, n_layers: usize) -> String {
    let size = settings.size;
    let listed: Vec<usize> = (1..n_layers).step_by(size.layer_step.max(1)).collect();
    let layers = if size.layer_step <= 1 { "\"all\"".to_owned() } else { format!("{listed:?}") };
    let values = [
        ("LAYERS", layers),
        ("REPETITION_TIME", format!("{REPETITION_TIME} s")),
        ("FIRST_VOLUME", format!("-{LEAD} s")),
        ("UNTRAINED_SEEDS", size.untrained_copies.to_string()),
        ("SURROGATES", size.surrogates.to_string()),
        ("BOOTSTRAPS", size.bootstraps.to_string()),
        ("SEED", settings.seed.to_string()),
    ];
    values.iter().fold(TEMPLATE.to_owned(), |text, (key, value)| text.replace(key, value))
}

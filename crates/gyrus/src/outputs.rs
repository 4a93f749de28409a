//! Everything that stands in the output folder: page, tables, methods, provenance; each file written whole or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use gyrus_io::atomic;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::inputs::{Inputs, OpenLanguageModel, Recording, read_bytes};
use crate::maps;
use crate::plan::{Machine, Plan};
use crate::report;
use crate::results::Results;
use crate::store::Store;
use crate::study::{BaselineFeature, ExecutionSection, FoldsSection, LanguageModelSection, NullKind};
use crate::tables;
use crate::tasks::sees_later_words;

/// From which inputs, with which program and seed.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Provenance {
    gyrus: String,
    study: String,
    seed: u64,
    inputs: Vec<(String, String)>,
    tasks: Vec<(String, String)>,
    processor: String,
    threads: usize,
    device: String,
}

const RESULTS: &str = "tables/results.json";
const BRAINS: &str = "tables/brains.json";
const VOLUME: &str = "tables/volume.json";
const SURFACE: &str = "tables/surface.json";
/// What a page that is served can ask for: all voxels, where the page has some.
pub(crate) const EVERYTHING: &str = "tables/everything.json";
const CLAIM: &str = ".gyrus-lock";
const SOURCES: &str = "tables/inputs.json";

/// Writes everything.
///
/// # Errors
/// - [`Error::Write`] if the disk is full or the folder not writable.
pub(crate) fn write(
    inputs: &Inputs,
    plan: &Plan,
    (store, machine): (&Store, &Machine<'_>),
    output: &Path,
) -> Result<(), Error> {
    for folder in ["", "tables", "report", "maps"] {
        atomic::remove_unfinished(&output.join(folder));
    }
    let results = plan.infer.results(store)?;
    let sources = sources(inputs)?;
    write_file(output, RESULTS, &json(&results))?;
    write_file(output, SOURCES, &json(&sources))?;
    write_scores(&plan.infer.scores(store)?, output)?;
    let maps::Pictures { brains, volume, surface, everything } =
        maps::write(inputs, plan, (store, &results), output)?;
    match everything {
        Some(everything) => write_file(output, EVERYTHING, &everything.json())?,
        None => remove(&output.join(EVERYTHING))?,
    }
    write_file(output, BRAINS, &serde_json::to_vec(&brains).unwrap_or_default())?;
    write_file(output, VOLUME, &serde_json::to_vec(&volume).unwrap_or_default())?;
    write_file(output, SURFACE, &serde_json::to_vec(&surface).unwrap_or_default())?;
    let context = report::PageContext { inputs: sources.clone(), brains, volume, surface };
    write_report(&results, &context, output)?;
    write_file(output, "study.resolved.toml", resolved(inputs).as_bytes())?;
    write_file(output, "dataset_description.json", &json(&description(&results)))?;
    let provenance = Provenance {
        gyrus: env!("CARGO_PKG_VERSION").to_owned(),
        study: inputs.resolved.path.display().to_string(),
        seed: inputs.resolved.study.statistics.seed,
        inputs: sources,
        tasks: plan
            .summaries(inputs)
            .into_iter()
            .map(|task| (format!("{} {}", task.kind, task.label), task.key.digest().to_owned()))
            .collect(),
        processor: processor(),
        threads: machine.pool.current_num_threads(),
        device: inputs.resolved.study.execution.device.to_string(),
    };
    write_file(output, "provenance.json", &json(&provenance))
}

/// Makes the output folder and claims it for this process until the file is dropped.
///
/// # Errors
/// - [`Error::Write`] if the folder cannot be written, or another process writes into it.
pub(crate) fn claim(output: &Path) -> Result<File, Error> {
    let wrong = |reason: String| Error::Write { path: output.to_owned(), reason };
    require_own(output)?;
    std::fs::create_dir_all(output).map_err(|error| wrong(error.to_string()))?;
    let claim = File::create(output.join(CLAIM)).map_err(|error| wrong(error.to_string()))?;
    match claim.try_lock() {
        Err(TryLockError::WouldBlock) => Err(Error::Unusable {
            path: output.to_owned(),
            found: "another gyrus that writes into it".to_owned(),
            expected: "to be the only one; wait for it, or choose another folder with -o".to_owned(),
        }),
        // Where the file system knows no locks, people must see to it themselves.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(claim),
    }
}

/// Refuses the data set of another program: its description and tables would be written over.
fn require_own(output: &Path) -> Result<(), Error> {
    let path = output.join("dataset_description.json");
    let Ok(text) = std::fs::read_to_string(&path) else { return Ok(()) };
    let description: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let is_ours = description["DatasetType"] == "derivative"
        && description["GeneratedBy"]
            .as_array()
            .is_some_and(|by| by.iter().any(|one| one["Name"] == "gyrus"));
    if is_ours {
        return Ok(());
    }
    Err(Error::Unusable {
        path,
        found: "a data set that gyrus did not analyse".to_owned(),
        expected: "a folder of its own for results; choose another with -o".to_owned(),
    })
}

/// Writes page, tables and methods again from results that are there; computes no statistics.
///
/// # Errors
/// - [`Error::Read`] if `output` holds no results,
/// - [`Error::Store`] if they are not understood,
/// - [`Error::Write`] if the folder is not writable.
pub fn rewrite_report(output: &Path) -> Result<(), Error> {
    let (results, context) = finished(output)?;
    let _alone = claim(output)?;
    write_report(&results, &context, output)
}

/// Every figure of a study by its name, as SVG, drawn again from results that are there.
///
/// # Errors
/// - as [`rewrite_report`].
pub fn figures(output: &Path) -> Result<Vec<(String, String)>, Error> {
    let (results, context) = finished(output)?;
    let named = |(file, figure): (String, String)| (file.trim_end_matches(".svg").to_owned(), figure);
    Ok(report::figures(&results, &context).into_iter().map(named).collect())
}

/// Draws one figure again: into `path`, or into the report. Returns where it is.
///
/// # Errors
/// - as [`rewrite_report`],
/// - [`Error::Unusable`] if the study has no figure of this name.
pub fn rewrite_figure(output: &Path, name: &str, path: Option<&Path>) -> Result<PathBuf, Error> {
    let figures = figures(output)?;
    let Some((_, figure)) = figures.iter().find(|(known, _)| known == name) else {
        let names: Vec<&str> = figures.iter().map(|(known, _)| known.as_str()).collect();
        return Err(Error::Unusable {
            path: output.to_owned(),
            found: format!("no figure `{name}`"),
            expected: format!("one of {}; name one of them", names.join(", ")),
        });
    };
    let path = path.map_or_else(|| output.join("report").join(format!("{name}.svg")), Path::to_owned);
    atomic::write(&path, figure.as_bytes())?;
    Ok(path)
}

/// Where the answer of a study stands in its folder.
pub(crate) fn results_file(output: &Path) -> PathBuf {
    output.join(RESULTS)
}

/// The answer that an analysis left.
pub(crate) fn results(output: &Path) -> Result<Results, Error> {
    parse(&output.join(RESULTS))
}

/// What an analysis left for the report.
fn finished(output: &Path) -> Result<(Results, report::PageContext), Error> {
    let results = results(output)?;
    let context = report::PageContext {
        inputs: parse(&output.join(SOURCES))?,
        brains: parse(&output.join(BRAINS))?,
        volume: parse_if_there(&output.join(VOLUME))?,
        surface: parse_if_there(&output.join(SURFACE))?,
    };
    Ok((results, context))
}

/// None of a file that older versions did not write.
fn parse_if_there<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Option<T>, Error> {
    if path.is_file() { parse(path) } else { Ok(None) }
}

fn parse<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let bytes = read_bytes(path)?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Error::Store { path: path.to_owned(), reason: error.to_string() })
}

fn write_report(results: &Results, context: &report::PageContext, output: &Path) -> Result<(), Error> {
    for (name, table) in tables::all(results) {
        write_file(output, &format!("tables/{name}"), table.as_bytes())?;
    }
    for (name, figure) in report::figures(results, context) {
        write_file(output, &format!("report/{name}"), figure.as_bytes())?;
    }
    write_file(output, "methods.md", report::methods(results).as_bytes())?;
    write_file(output, "CITATION.bib", report::citation(results).as_bytes())?;
    write_file(output, "report/index.html", report::page(results, context).as_bytes())
}

/// Of an earlier analysis, which had more to show.
fn remove(path: &Path) -> Result<(), Error> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::Write { path: path.to_owned(), reason: error.to_string() })
        }
        _ => Ok(()),
    }
}

pub(crate) fn write_file(output: &Path, name: &str, bytes: &[u8]) -> Result<(), Error> {
    let path = output.join(name);
    let folder = path.parent().unwrap_or(output);
    std::fs::create_dir_all(folder)
        .map_err(|error| Error::Write { path: folder.to_owned(), reason: error.to_string() })?;
    Ok(atomic::write(&path, bytes)?)
}

fn json(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// Every input by its path in the study file (or its file name) and its digest.
fn sources(inputs: &Inputs) -> Result<Vec<(String, String)>, Error> {
    let name = |path: &Path| inputs.resolved.named(path);
    let mut sources = Vec::new();
    for (section, open) in inputs.resolved.study.stimulus.iter().zip(&inputs.stimuli) {
        sources.push((section.words.display().to_string(), open.digest.as_str().to_owned()));
    }
    for recording in &inputs.recordings {
        sources.push((name(&recording.run.responses), recording.digest.as_str().to_owned()));
    }
    for open in &inputs.language_models {
        sources.push((open.section.shown(), open.digest.as_str().to_owned()));
    }
    if let (Some(path), Some((_, digest))) =
        (&inputs.resolved.study.encoding.word_frequencies, &inputs.word_counts)
    {
        sources.push((path.display().to_string(), digest.as_str().to_owned()));
    }
    if let (Some(section), Some(digest)) = (&inputs.resolved.study.participants, &inputs.participants) {
        sources.push((section.table.display().to_string(), digest.as_str().to_owned()));
    }
    Ok(sources)
}

/// The study with its defaults written out; of `[execution]` only the device, because nothing else there changes a number.
fn resolved(inputs: &Inputs) -> String {
    let mut study = inputs.resolved.study.clone();
    let runs = |name: &String| {
        inputs.recordings.iter().filter(|recording| recording.run.participant == *name).count()
    };
    let runs: Vec<usize> = inputs.resolved.participants().iter().map(runs).collect();
    // Folds depend on the number of runs: where people differ in that, the key stays as it was written.
    if runs.windows(2).all(|pair| pair[0] == pair[1]) {
        study.encoding.folds = runs.first().map(|runs| inputs.resolved.folds(*runs));
    }
    let one = |open: &OpenLanguageModel| LanguageModelSection {
        name: Some(open.name.clone()),
        context: open.network().map(|_| open.context()),
        ..open.section.clone()
    };
    study.language_model = inputs.language_models.iter().map(one).collect();
    study.execution = ExecutionSection { device: study.execution.device, ..ExecutionSection::default() };
    toml::to_string_pretty(&study).unwrap_or_default()
}

fn description(results: &Results) -> serde_json::Value {
    serde_json::json!({
        "Name": results.study,
        "BIDSVersion": "1.10.0",
        "DatasetType": "derivative",
        "GeneratedBy": [{ "Name": "gyrus", "Version": results.methods.version }],
        "SourceDatasets": [],
    })
}

fn write_scores(stored: &Path, output: &Path) -> Result<(), Error> {
    let wrong = |error: std::io::Error| Error::Read { path: stored.to_owned(), reason: error.to_string() };
    let mut file = File::open(stored).map_err(wrong)?;
    let path = output.join("tables").join("scores.parquet");
    Ok(atomic::write_with(&path, |writer| std::io::copy(&mut file, writer).map(drop))?)
}

/// What the numbers of a study warn of before anything is computed.
pub(crate) fn warnings(inputs: &Inputs) -> Vec<String> {
    let mut warnings = Vec::new();
    let surrogates = inputs.resolved.study.statistics.surrogates;
    let smallest_p = 1.0 / (surrogates as f64 + 1.0);
    if smallest_p >= 0.05 {
        warnings.push(format!(
            "with {surrogates} surrogates no p is below {smallest_p:.3}, so that nothing can be shown: ask for at least 39, better 1000 (statistics.surrogates)"
        ));
    }
    warnings.extend(few_shifts(inputs));
    warnings.extend(few_signs(inputs));
    warnings.extend(heard_again(inputs));
    if let Some(FoldsSection::Shuffled { .. }) = inputs.resolved.study.encoding.folds {
        warnings.push(
            "shuffled folds put neighbouring volumes on both sides of every fold: slow noise alone then scores as high as a language model, and no score, gain or interval of this study says anything about language (encoding.folds)".to_owned(),
        );
    }
    if let Some((gap, least)) = inputs.resolved.short_gap() {
        warnings.push(format!(
            "a gap of {gap} is shorter than the longest delay plus 20 s ({least}): held-out volumes still respond to words of the training volumes (encoding.folds)"
        ));
    }
    if inputs.language_models.iter().any(|open| open.untrained_seeds() == 0) {
        let message = "no untrained copies: what the architecture alone explains stays unknown (language_model.untrained_seeds)";
        warnings.push(message.to_owned());
    }
    warnings.extend(inputs.language_models.iter().flat_map(|open| of_language_model(inputs, open)));
    warnings
}

/// A run has no more circular shifts than volumes, the one by 0 among them.
fn few_shifts(inputs: &Inputs) -> Option<String> {
    let statistics = &inputs.resolved.study.statistics;
    let usable = inputs.recordings.iter().filter(|recording| recording.exclusion.is_none());
    // Who hears a story again hears the same surrogate of it.
    let heard: BTreeMap<(&String, usize), usize> =
        usable.map(|one| ((&one.run.participant, one.run.stimulus), one.sampling.count)).collect();
    let mut of_people: BTreeMap<&String, usize> = BTreeMap::new();
    for ((participant, _), volumes) in heard {
        let shifts = of_people.entry(participant).or_insert(1);
        *shifts = shifts.saturating_mul(volumes);
    }
    let (participant, shifts) = of_people.into_iter().min_by_key(|(_, shifts)| *shifts)?;
    (statistics.null == NullKind::Shift && shifts <= statistics.surrogates).then(|| {
        format!(
            "what {participant} heard has {shifts} circular shifts and {} surrogates are asked for, so that these repeat and no p falls much below {:.3}, however many there are: null = \"phase\" knows no such limit (statistics.null)",
            statistics.surrogates,
            1.0 / shifts as f64
        )
    })
}

/// n people have 2ⁿ patterns of signs, and every pattern its opposite.
fn few_signs(inputs: &Inputs) -> Option<String> {
    let usable = inputs.recordings.iter().filter(|recording| recording.exclusion.is_none());
    let people = usable.map(|recording| &recording.run.participant).collect::<BTreeSet<_>>().len();
    let smallest = |sides: f64| (sides / 2_f64.powi(people as i32)).min(1.0);
    (smallest(2.0) >= 0.05).then(|| {
        let differences = match smallest(1.0) < 0.05 {
            true => format!("no p over signs of participants is below {:.3} for differences (contrasts, forecasts)", smallest(2.0)),
            false => format!(
                "no p over signs of participants is below {:.3}, and of differences (contrasts, forecasts) none below {:.3}",
                smallest(1.0),
                smallest(2.0)
            ),
        };
        let people = if people == 1 { "1 participant".to_owned() } else { format!("{people} participants") };
        format!("with {people} {differences}: judge by p against surrogates, where there is one, and by the intervals")
    })
}

/// Blocks know nothing of hearings: a block that is held out in one is trained on in another.
fn heard_again(inputs: &Inputs) -> Option<String> {
    let usable: Vec<_> = inputs.recordings.iter().filter(|recording| recording.exclusion.is_none()).collect();
    let in_blocks = |participant: &str| {
        let runs = usable.iter().filter(|recording| recording.run.participant == participant).count();
        matches!(inputs.resolved.folds(runs), FoldsSection::Blocks { .. })
    };
    let overlap = |a: &Recording, b: &Recording| {
        let last = |recording: &Recording| recording.sampling.time(recording.sampling.count);
        (&a.run.participant, a.run.stimulus) == (&b.run.participant, b.run.stimulus)
            && a.sampling.time(0) < last(b)
            && b.sampling.time(0) < last(a)
    };
    let again = |index: usize| {
        let one: &Recording = usable[index];
        let is_again = usable[..index].iter().any(|other| overlap(one, other));
        let heard = (&one.run.participant, inputs.stimuli[one.run.stimulus].stimulus.name());
        (is_again && in_blocks(&one.run.participant)).then_some(heard)
    };
    let found: Vec<_> = (0..usable.len()).filter_map(again).collect();
    let (participant, stimulus) = found.first()?;
    let people = found.iter().map(|(participant, _)| *participant).collect::<BTreeSet<_>>().len();
    let others = if people > 1 { format!(" and {} more", people - 1) } else { String::new() };
    Some(format!(
        "{participant}{others} heard {stimulus} more than once and folds are blocks: words that are held out in one hearing are trained on in another, so that what returns by itself is scored too; with other stimuli beside it, folds = \"runs\" holds all hearings out together (encoding.folds)"
    ))
}

fn of_language_model(inputs: &Inputs, open: &OpenLanguageModel) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some(network) =
        open.network().filter(|network| sees_later_words(&open.section, network.is_causal()))
    {
        warnings.push(format!(
            "{} is an encoder ({}): a word's vector holds words behind it, which listeners have not heard yet; history = \"exact\", {{ words = 20 }} or {{ sentences = 2 }} reads up to the word (language_model.history)",
            open.name,
            network.family()
        ));
    }
    let wants_layer_0 = inputs.resolved.study.encoding.baseline.contains(&BaselineFeature::Layer0);
    if wants_layer_0 && !open.has_layer_0() {
        warnings.push(format!(
            "{} has no layer 0: there is no contextual gain for it; bring the embedding as an array whose name ends in 0, or leave layer_0 out (encoding.baseline)",
            open.name
        ));
    }
    warnings
}

/// The type of processor: results are the same bytes on one type only.
pub(crate) fn processor() -> String {
    let information = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = information.lines().find(|line| line.starts_with("model name"));
    let name = line.and_then(|line| line.split_once(':')).map(|(_, name)| name.trim().to_owned());
    name.unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

//! What was heard, by the events of the runs, and where the words of it are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gyrus_io::{bids, table};

use super::survey::Survey;
use crate::Error;

/// A stimulus for the study file.
#[derive(Default)]
pub(crate) struct Stimulus {
    pub name: String,
    /// What the events call it, where they say when it began.
    pub event: Option<String>,
    /// The kinds of its events (`trial_type`), where there are several.
    pub kinds: Vec<String>,
    /// File of words; None where none was found.
    pub words: Option<PathBuf>,
    /// Columns of word, onset and offset, where they have other names than the usual ones.
    pub columns: [Option<String>; 3],
    /// Further lines of its section.
    pub further: Vec<String>,
}

pub(super) struct Stimuli {
    pub found: Vec<Stimulus>,
    pub notes: Vec<String>,
}

/// What stands after the name of a stimulus in names of files.
const ENDINGS: [&str; 5] = ["_words", "_align", "_transcript", "_word", "_audio"];
const EXTENSIONS: [&str; 4] = ["textgrid", "tsv", "csv", "json"];
/// What gentle calls its output, in a folder for each recording.
const ALIGNED: &str = "align";

pub(super) fn find(folder: &Path, survey: &Survey) -> Result<Stimuli, Error> {
    let mut called = BTreeMap::<String, Vec<String>>::new();
    let mut notes = Vec::new();
    for run in survey.runs.iter().filter(|run| survey.is_used(run)) {
        let Some(path) = bids::find_raw(folder, &run.name, "events", ".tsv")? else {
            let name = run.scan.image.file_name().unwrap_or_default().to_string_lossy();
            notes.push(format!("{name} has no events file: say in bids.map what was heard in each run"));
            continue;
        };
        let events = bids::read_events(&path)?;
        let has_files = events.iter().any(|event| event.stimulus_file.is_some());
        for event in &events {
            let name = if has_files { &event.stimulus_file } else { &event.trial_type };
            let Some(name) = name else { continue };
            let kinds = called.entry(name.clone()).or_default();
            let kind = event.trial_type.clone().filter(|kind| has_files && !kinds.contains(kind));
            kinds.extend(kind);
        }
    }
    let files = word_files(&folder.join("stimuli"), 2);
    let found: Vec<Stimulus> =
        called.into_iter().map(|(event, kinds)| stimulus(event, kinds, &files)).collect();
    let without = found.iter().filter(|stimulus| stimulus.words.is_none());
    notes.extend(without.map(|stimulus| {
        format!(
            "no file of words was found in stimuli/ for `{}`: set stimulus.words, or remove the section",
            stimulus.event.as_deref().unwrap_or(&stimulus.name)
        )
    }));
    Ok(Stimuli { found, notes })
}

/// Files that may hold words, some folders deep.
fn word_files(folder: &Path, depth: usize) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files = Vec::new();
    for path in entries.map(|entry| entry.path()) {
        if path.is_dir() && depth > 0 {
            files.extend(word_files(&path, depth - 1));
        } else if EXTENSIONS.contains(&extension(&path).as_str()) {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn extension(path: &Path) -> String {
    path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase()).unwrap_or_default()
}

/// The name of what is heard: that of the file, or of the folder of gentle's output.
fn stem(path: &Path) -> String {
    let name = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let stem = match (name(path), path.parent()) {
        (stem, Some(folder)) if stem == ALIGNED => name(folder),
        (stem, _) => stem,
    };
    let without = ENDINGS.iter().find_map(|ending| stem.strip_suffix(ending)).map(str::to_owned);
    without.unwrap_or(stem)
}

fn stimulus(event: String, kinds: Vec<String>, files: &[PathBuf]) -> Stimulus {
    let called = Path::new(&event);
    let name = stem(called);
    let is_itself = |path: &&PathBuf| path.file_name() == called.file_name();
    let words =
        files.iter().find(is_itself).or_else(|| files.iter().find(|path| stem(path) == name)).cloned();
    let columns = words.as_deref().map_or_else(Default::default, columns);
    let kinds = if kinds.len() > 1 { kinds } else { Vec::new() };
    Stimulus { name, event: Some(event), kinds, words, columns, further: Vec::new() }
}

/// Names of the columns of a table of words that differ from `word` and `onset`, and that of the ends.
fn columns(path: &Path) -> [Option<String>; 3] {
    if !matches!(extension(path).as_str(), "tsv" | "csv") {
        return Default::default();
    }
    let header = table::read_header(path).unwrap_or_default();
    let first = |names: &[&str]| {
        names.iter().find(|name| header.iter().any(|known| known == *name)).map(|name| (*name).to_owned())
    };
    [
        first(&["word", "text", "token"]).filter(|name| name != "word"),
        first(&["onset", "start"]).filter(|name| name != "onset"),
        first(&["offset", "end"]),
    ]
}

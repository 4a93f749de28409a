//! What is heard in each run, and what a language model makes of it.

use std::path::{Path, PathBuf};

use gyrus_core::{Seconds, Stimulus, Word};
use gyrus_encoding::simulate::scan::Part;
use gyrus_encoding::simulate::{Pace, word_times};
use gyrus_io::atomic;
use gyrus_models::{Extraction, LanguageModel, Pooling};

use super::Settings;
use crate::Error;
use crate::demo::assets;
use crate::plan::Machine;

/// Seconds for which a scanner runs before the story and after it.
pub(super) const LEAD: f64 = 12.0;
const CONTEXT: usize = 256;
/// The same text is read in the same way whatever the seed of the cohort.
const READING_SEED: u64 = 1;
/// Folder of the language model in a cohort that uses the one that gyrus brings along.
pub(crate) const MODEL_FOLDER: &str = "language-model";

/// The language model that people follow.
pub(super) struct Model {
    folder: PathBuf,
    /// Layers, with the embedding.
    pub layers: usize,
}

/// The folder that the settings name, or a copy of what gyrus brings along.
pub(super) fn language_model(settings: &Settings, folder: &Path) -> Result<Model, Error> {
    let folder = match &settings.language_model {
        Some(named) => named.clone(),
        None => {
            let copy = folder.join(MODEL_FOLDER);
            atomic::create_folder(&copy)?;
            for (name, bytes) in assets::LANGUAGE_MODEL {
                atomic::write(&copy.join(name), bytes)?;
            }
            copy
        }
    };
    let layers = LanguageModel::open(&folder)?.n_layers();
    Ok(Model { folder, layers })
}

/// What is read aloud in each run.
pub(super) fn texts(settings: &Settings) -> Result<Vec<String>, Error> {
    let text = match &settings.story {
        None => assets::STORY.to_owned(),
        Some(path) => std::fs::read_to_string(path)
            .map_err(|error| Error::Read { path: path.clone(), reason: error.to_string() })?,
    };
    divided(&text, settings)
}

/// Words, word vectors and length of each run.
pub(super) fn parts(
    settings: &Settings,
    texts: &[String],
    model: &Model,
    machine: &Machine<'_>,
) -> Result<Vec<Part>, Error> {
    let language_model = LanguageModel::open(&model.folder)?;
    let context = CONTEXT.min(language_model.context_limit());
    let extraction = Extraction { pooling: Pooling::Last, ..Extraction::new(context) };
    let mut parts = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let words = word_times(text, &Pace::default(), Seconds::ZERO, READING_SEED + index as u64)?;
        let stimulus = Stimulus::new(stimulus_name(index + 1), words.clone())?;
        let layers = gyrus_models::extract(&language_model, &stimulus, &extraction, &machine.pool, &|_| {})?;
        let layers = layers.into_iter().map(|layer| layer.values).collect();
        let volumes = settings.repetition_time.volumes_spanning(Seconds::new(2.0 * LEAD + end(&words))?);
        parts.push(Part { words, layers, onset: LEAD, volumes });
        machine.progress.advance((index + 1) as f64 / settings.runs as f64);
    }
    Ok(parts)
}

/// Name of the stimulus of a run.
pub(super) fn stimulus_name(run: usize) -> String {
    format!("story-{run}")
}

/// When the last word ends.
pub(super) fn end(words: &[Word]) -> f64 {
    words.iter().filter_map(|word| word.offset.map(Seconds::get)).fold(0.0, f64::max)
}

/// Whole paragraphs, in parts of about equal numbers of letters.
fn divided(text: &str, settings: &Settings) -> Result<Vec<String>, Error> {
    let text = text.replace("\r\n", "\n");
    let paragraphs = text.split("\n\n").filter(|one| !one.trim().is_empty());
    let paragraphs: Vec<&str> = paragraphs.take(settings.paragraphs.unwrap_or(usize::MAX)).collect();
    if paragraphs.len() < settings.runs {
        let path = settings.story.clone().unwrap_or_else(|| PathBuf::from("the story"));
        let found = format!("{} paragraphs for {} runs", paragraphs.len(), settings.runs);
        let expected = "at least one paragraph for each run, divided by empty lines".to_owned();
        return Err(Error::Unusable { path, found, expected });
    }
    let letters: usize = paragraphs.iter().map(|one| one.len()).sum();
    let mut parts: Vec<Vec<&str>> = vec![Vec::new(); settings.runs];
    let (mut run, mut before) = (0, 0);
    for (index, paragraph) in paragraphs.iter().enumerate() {
        let left = paragraphs.len() - index;
        let is_due = before * settings.runs >= (run + 1) * letters || left == settings.runs - 1 - run;
        if is_due && run + 1 < settings.runs && !parts[run].is_empty() {
            run += 1;
        }
        parts[run].push(paragraph);
        before += paragraph.len();
    }
    Ok(parts.into_iter().map(|part| part.join("\n\n")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_has_a_part_and_nothing_is_lost() {
        for runs in [1, 2, 4, 27] {
            let parts = divided(assets::STORY, &Settings { runs, ..Settings::new().unwrap() }).unwrap();
            assert_eq!(parts.len(), runs);
            assert!(parts.iter().all(|part| !part.trim().is_empty()), "{runs}");
            let words = |text: &str| text.split_whitespace().count();
            assert_eq!(parts.iter().map(|part| words(part)).sum::<usize>(), words(assets::STORY));
        }
        assert!(divided(assets::STORY, &Settings { runs: 99, ..Settings::new().unwrap() }).is_err());
    }
}

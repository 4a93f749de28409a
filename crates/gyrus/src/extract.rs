//! Activations for people who want only these: words and a language model, to one file of vectors and a table of words.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gyrus_core::{Activations, LayerIndex, Stimulus, Word};
use gyrus_io::table::{Cell, write_tsv};
use gyrus_io::{npy, npz, safetensors};
use gyrus_models::{Device, LanguageModel, ModelError, Prediction};
use ndarray::{ArrayViewD, Axis};

use crate::inputs::{cached, require_files, stimuli};
use crate::plan::Machine;
use crate::study::{LanguageModelSection, LayersSection, StimulusSection};
use crate::tasks::{Training, extraction, sees_later_words};
use crate::{Error, Execution, Progress};

/// What is read, and where its activations go.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtractRequest {
    /// The words: `.txt` is a running text, other files are read as those of a study.
    pub words: StimulusSection,
    /// The language model, and how it reads: as in a study.
    pub language_model: LanguageModelSection,
    /// Which copy of it.
    pub training: Training,
    /// Whether the table of words has surprisal and entropy.
    pub has_predictions: bool,
    /// Where the language model reads.
    pub device: Device,
    /// An `.npy`, `.npz` or `.safetensors`; the table of words stands beside it.
    pub output: PathBuf,
}

/// What was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Extracted {
    /// Name, words, and shape of every layer.
    pub layers: Vec<(usize, (usize, usize))>,
    /// The table of words.
    pub table: PathBuf,
    /// What readers noticed but could live with.
    pub warnings: Vec<String>,
}

/// Reads words with a language model and writes one vector per word and layer.
///
/// An `.npz` or `.safetensors` has an array (n_words, n_units) of single precision per layer, called `layer_0`,
/// `layer_1`, …; an `.npy` has one such array, or (n_layers, n_words, n_units) where all layers are asked for. The table
/// beside it has a row per word, in the same order.
///
/// # Errors
/// - the words or a file of the language model are missing or damaged,
/// - the language model cannot read the words as it was asked to,
/// - the ending of the output is another, or the disk is full.
pub fn extract(
    request: &ExtractRequest,
    execution: &Execution,
    progress: &dyn Progress,
) -> Result<Extracted, Error> {
    let format = Format::of(request)?;
    require_no_input(request)?;
    let machine = Machine::new(execution, progress)?;
    progress.begin("opening files");
    let found = read(request, words(&request.words)?, &machine)?;
    progress.begin("writing");
    format.write(&request.output, &found.layers)?;
    let table = beside(&request.output);
    write_table(&table, &found)?;
    progress.advance(1.0);
    let layers = found.layers.iter().map(|layer| (layer.layer.0, layer.values.dim())).collect();
    Ok(Extracted { layers, table, warnings: found.warnings })
}

/// What a language model made of words.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// One per layer that was asked for.
    pub layers: Vec<Activations>,
    /// The words that were read.
    pub stimulus: Stimulus,
    /// Tokens of each word.
    pub n_tokens: Vec<usize>,
    /// Surprisal and entropy of each word, where they were asked for.
    pub predictions: Option<Vec<Prediction>>,
    /// What readers noticed but could live with.
    pub warnings: Vec<String>,
}

/// The same in memory, for words that are already there; the request's words and output are named in errors only.
///
/// # Errors
/// - as [`extract`], as far as the language model is concerned.
pub fn read(
    request: &ExtractRequest,
    (stimulus, mut warnings): (Stimulus, Vec<String>),
    machine: &Machine<'_>,
) -> Result<Found, Error> {
    let network = network(request, machine.progress)?;
    network.offload(request.device)?;
    if sees_later_words(&request.language_model, network.is_causal()) {
        warnings.push(format!(
            "{} is an encoder: a word's vector holds words behind it; --history exact, words=20 or sentences=2 reads up to the word",
            network.family()
        ));
    }
    let reading = Reading { request, network: &network, stimulus: &stimulus, machine };
    let layers = reading.layers()?;
    let predictions = if request.has_predictions { Some(reading.predictions()?) } else { None };
    let tokens = network.tokenize(&stimulus).map_err(|source| reading.explain(source))?;
    let n_tokens = tokens.words.iter().map(|word| word.len()).collect();
    Ok(Found { layers, stimulus, n_tokens, predictions, warnings })
}

/// What is read is never written over.
fn require_no_input(request: &ExtractRequest) -> Result<(), Error> {
    let Ok(output) = request.output.canonicalize() else { return Ok(()) };
    let inputs = [Some(&request.words.words), request.language_model.path.as_ref()];
    let is_input = |input: PathBuf| output.starts_with(input);
    if !inputs.into_iter().flatten().filter_map(|path| path.canonicalize().ok()).any(is_input) {
        return Ok(());
    }
    Err(Error::Unusable {
        path: request.output.clone(),
        found: "a file that is read".to_owned(),
        expected: "another place for activations; choose one with -o".to_owned(),
    })
}

/// `a.npz` has `a.words.tsv` beside it.
fn beside(output: &Path) -> PathBuf {
    output.with_extension("words.tsv")
}

/// The words of a file, with what its reader noticed.
///
/// # Errors
/// - the file is missing, damaged, or holds no word.
pub fn words(section: &StimulusSection) -> Result<(Stimulus, Vec<String>), Error> {
    let path = &section.words;
    let is_text = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("txt"));
    let (words, warnings) = if is_text {
        let text = gyrus_io::text::read(path)?;
        let word = |text: &str| Word { text: text.to_owned(), onset: None, offset: None };
        (text.split_whitespace().map(word).collect(), Vec::new())
    } else {
        let read = stimuli::read_words(path, section)?;
        (read.value, read.warnings.iter().map(|warning| format!("{}: {warning}", path.display())).collect())
    };
    let stimulus = Stimulus::new(section.name.clone(), words).map_err(|error| Error::from(error).at(path))?;
    if stimulus.words().is_empty() {
        let (found, expected) = ("no word in it".to_owned(), "a text; check the file".to_owned());
        return Err(Error::Unusable { path: path.clone(), found, expected });
    }
    Ok((stimulus, warnings))
}

fn network(request: &ExtractRequest, progress: &dyn Progress) -> Result<LanguageModel, Error> {
    let section = &request.language_model;
    let path = section.path.clone().unwrap_or_default();
    let at = |source: ModelError| Error::Extract { path: path.clone(), source: Box::new(source) };
    let found = cached((&path, &path), section.revision.as_deref(), progress).map_err(at)?;
    let folder = found.map_or_else(|| path.clone(), |(folder, _)| folder);
    require_files(&folder)?;
    match request.training {
        Training::Untrained(seed) => LanguageModel::untrained(&folder, seed).map_err(at),
        Training::Shuffled(seed) => LanguageModel::shuffled(&folder, seed).map_err(at),
        Training::Trained | Training::RandomEmbedding(_) => LanguageModel::open(&folder).map_err(at),
    }
}

/// What the parts of the work share.
struct Reading<'a> {
    request: &'a ExtractRequest,
    network: &'a LanguageModel,
    stimulus: &'a Stimulus,
    machine: &'a Machine<'a>,
}

impl Reading<'_> {
    fn settings(&self) -> gyrus_models::Extraction {
        let section = &self.request.language_model;
        let limit = self.network.context_limit();
        let layers = match &section.layers {
            LayersSection::All => None,
            LayersSection::Listed(listed) => Some(listed.iter().copied().map(LayerIndex).collect()),
        };
        gyrus_models::Extraction { layers, ..extraction(section, section.context.unwrap_or(limit)) }
    }

    fn layers(&self) -> Result<Vec<Activations>, Error> {
        self.machine.progress.begin("reading");
        let tell = |share: f64| self.machine.progress.advance(share);
        gyrus_models::extract(self.network, self.stimulus, &self.settings(), &self.machine.pool, &tell)
            .map_err(|source| self.explain(source))
    }

    fn predictions(&self) -> Result<Vec<Prediction>, Error> {
        self.machine.progress.begin("surprisal and entropy");
        gyrus_models::predictions(self.network, self.stimulus, &self.settings(), &self.machine.pool)
            .map_err(|source| self.explain(source))
    }

    fn explain(&self, source: ModelError) -> Error {
        if let ModelError::Layer { found, last } = source {
            return Error::Unusable {
                path: self.request.language_model.path.clone().unwrap_or_default(),
                found: format!("layer {} in --layers", found),
                expected: format!("0 to {}, as its language model has them; correct --layers", last),
            };
        }
        Error::Extract { path: self.request.words.words.clone(), source: Box::new(source) }
    }
}

/// How arrays are written.
#[derive(Debug, Clone, Copy)]
enum Format {
    Npy,
    Npz,
    Safetensors,
}

impl Format {
    /// By the ending of the output.
    fn of(request: &ExtractRequest) -> Result<Self, Error> {
        let extension = request.output.extension().and_then(|extension| extension.to_str());
        let is_part =
            matches!(&request.language_model.layers, LayersSection::Listed(listed) if listed.len() > 1);
        let expected = match extension {
            Some("npy") if is_part => {
                "one that names arrays, for one array does not say which of several layers it holds; write .npz or .safetensors"
            }
            Some("npy") => return Ok(Self::Npy),
            Some("npz") => return Ok(Self::Npz),
            Some("safetensors") => return Ok(Self::Safetensors),
            _ => "one that names a format; write .npy, .npz or .safetensors",
        };
        let found = extension.map_or_else(|| "no ending".to_owned(), |known| format!("the ending .{known}"));
        Err(Error::Unusable { path: request.output.clone(), found, expected: expected.to_owned() })
    }

    fn write(self, output: &Path, layers: &[Activations]) -> Result<(), Error> {
        let names: Vec<String> = layers.iter().map(|layer| format!("layer_{}", layer.layer.0)).collect();
        let views = || layers.iter().map(|layer| layer.values.view().into_dyn());
        let named: BTreeMap<&str, ArrayViewD<'_, f32>> =
            names.iter().map(String::as_str).zip(views()).collect();
        match (self, layers) {
            (Self::Npz, _) => npz::write(output, &named)?,
            (Self::Safetensors, _) => safetensors::write(output, &named)?,
            (Self::Npy, [only]) => npy::write(output, &only.values.view().into_dyn())?,
            (Self::Npy, _) => {
                let views: Vec<_> = layers.iter().map(|layer| layer.values.view()).collect();
                let all = ndarray::stack(Axis(0), &views).map_err(|_| Error::Unusable {
                    path: output.to_owned(),
                    found: "layers of different widths".to_owned(),
                    expected: "layers that are one array; write .npz or .safetensors".to_owned(),
                })?;
                npy::write(output, &all.view().into_dyn())?;
            }
        }
        Ok(())
    }
}

fn write_table(path: &Path, found: &Found) -> Result<(), Error> {
    let mut names = vec!["index", "word", "onset", "offset", "n_tokens"];
    if found.predictions.is_some() {
        names.extend(["surprisal", "entropy"]);
    }
    let number = |value: Option<f64>| value.map_or(Cell::Missing, Cell::Number);
    let row = |(index, word): (usize, &Word)| {
        let mut cells = vec![
            Cell::Integer(index as i64),
            Cell::Text(word.text.clone()),
            number(word.onset.map(|time| time.get())),
            number(word.offset.map(|time| time.get())),
            Cell::Integer(found.n_tokens[index] as i64),
        ];
        if let Some(predictions) = &found.predictions {
            cells.extend([number(predictions[index].surprisal), number(predictions[index].entropy)]);
        }
        cells
    };
    let rows: Vec<Vec<Cell>> = found.stimulus.words().iter().enumerate().map(row).collect();
    Ok(write_tsv(path, &names, &rows)?)
}

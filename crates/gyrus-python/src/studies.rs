//! Studies, language models and simulated cohorts, as the commands of the same names have them.

use std::path::PathBuf;

use gyrus::extract::ExtractRequest;
use gyrus::plan::Machine;
use gyrus::simulate::{Settings, Size};
use gyrus::study::{Device, LanguageModelSection, LayersSection, PoolingChoice, StimulusSection};
use gyrus::tasks::Training;
use gyrus::{Execution, RepetitionTime, Seconds};
use gyrus_core::{Stimulus, Word};
use numpy::{IntoPyArray, PyArray2};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::Failure;
use crate::work;

/// Threads, memory such as "4 GiB", and the folder of intermediate results.
type Given = (Option<usize>, Option<String>, Option<PathBuf>);

fn execution((threads, memory, store): Given) -> Result<Execution, Failure> {
    let memory = memory.map(|memory| memory.parse()).transpose()?;
    Ok(Execution { threads, memory, store, scratch: None })
}

/// The plan in words, warnings, and notes.
#[pyfunction]
fn check(
    py: Python<'_>,
    study: PathBuf,
    output: Option<PathBuf>,
    given: Given,
) -> PyResult<(String, Vec<String>, Vec<String>)> {
    let checked =
        work::run(py, None, |watch| Ok(gyrus::check(&study, output.as_deref(), &execution(given)?, watch)?))?;
    Ok((checked.summary, checked.warnings, checked.notes))
}

/// Runs a study; the answer, warnings, and notes.
#[pyfunction]
fn analyze(
    py: Python<'_>,
    study: PathBuf,
    output: PathBuf,
    given: Given,
    progress: Option<Py<PyAny>>,
) -> PyResult<(String, Vec<String>, Vec<String>)> {
    let results = work::run(py, progress.as_ref(), |watch| {
        Ok(gyrus::analyze(&study, &output, &execution(given)?, watch)?)
    })?;
    Ok((results.answer, results.warnings, results.notes))
}

/// What a language model is asked for.
#[pyclass(frozen, module = "gyrus._engine")]
pub struct ExtractOptions {
    request: ExtractRequest,
    threads: Option<usize>,
}

#[pymethods]
impl ExtractOptions {
    #[new]
    #[pyo3(signature = (*, model, revision, layers, context, history, pooling, untrained, is_predicting, threads))]
    fn new(
        py: Python<'_>,
        model: PathBuf,
        revision: Option<String>,
        layers: Option<Vec<usize>>,
        context: Option<usize>,
        history: String,
        pooling: String,
        untrained: Option<u64>,
        is_predicting: bool,
        threads: Option<usize>,
    ) -> PyResult<Self> {
        let wrong = |text: String| Failure::Input(text).raised(py);
        let pooling = match pooling.as_str() {
            "last" => PoolingChoice::Last,
            "mean" => PoolingChoice::Mean,
            "sum" => PoolingChoice::Sum,
            other => return Err(wrong(format!("pooling: found `{other}`, expected last, mean or sum"))),
        };
        let history = history.parse().map_err(|error| wrong(format!("history: {error}")))?;
        let language_model = LanguageModelSection {
            revision,
            layers: layers.map_or(LayersSection::All, LayersSection::Listed),
            context,
            pooling,
            history,
            ..LanguageModelSection::at(model)
        };
        let request = ExtractRequest {
            words: StimulusSection::new("words".to_owned(), PathBuf::from("words")),
            language_model,
            training: untrained.map_or(Training::Trained, Training::Untrained),
            has_predictions: is_predicting,
            device: Device::Cpu,
            output: PathBuf::new(),
        };
        Ok(Self { request, threads })
    }
}

/// Activations of every layer for a list of words, or for the words of a file, as a dictionary.
#[pyfunction]
fn extract<'py>(
    py: Python<'py>,
    words: Option<Vec<String>>,
    path: Option<PathBuf>,
    options: &ExtractOptions,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let found = work::run(py, progress.as_ref(), |watch| {
        let execution = Execution { threads: options.threads, ..Execution::default() };
        let telling = work::Telling(watch);
        let machine = Machine::new(&execution, &telling)?;
        let mut request = options.request.clone();
        let read = match path {
            Some(path) => {
                request.words.words = path;
                gyrus::extract::words(&request.words)?
            }
            None => (listed(words.unwrap_or_default())?, Vec::new()),
        };
        Ok(gyrus::extract::read(&request, read, &machine)?)
    })?;
    let dictionary = PyDict::new(py);
    let word = |of: fn(&Word) -> Option<f64>| found.stimulus.words().iter().map(of).collect::<Vec<_>>();
    let texts: Vec<&str> = found.stimulus.words().iter().map(|word| word.text.as_str()).collect();
    dictionary.set_item("words", texts)?;
    dictionary.set_item("onsets", word(|word| word.onset.map(Seconds::get)))?;
    dictionary.set_item("offsets", word(|word| word.offset.map(Seconds::get)))?;
    dictionary.set_item("n_tokens", &found.n_tokens)?;
    if let Some(predictions) = &found.predictions {
        let surprisal: Vec<_> = predictions.iter().map(|of| of.surprisal).collect();
        let entropy: Vec<_> = predictions.iter().map(|of| of.entropy).collect();
        dictionary.set_item("surprisal", surprisal)?;
        dictionary.set_item("entropy", entropy)?;
    }
    dictionary.set_item("warnings", &found.warnings)?;
    let layer = |layer: gyrus_core::Activations| -> (usize, Bound<'py, PyArray2<f32>>) {
        (layer.layer.0, layer.values.into_pyarray(py))
    };
    dictionary.set_item("layers", found.layers.into_iter().map(layer).collect::<Vec<_>>())?;
    Ok(dictionary)
}

fn listed(words: Vec<String>) -> Result<Stimulus, Failure> {
    if words.is_empty() {
        return Err(Failure::Input("words: found none, expected at least one".to_owned()));
    }
    let word = |text: String| Word { text, onset: None, offset: None };
    Ok(Stimulus::new("words", words.into_iter().map(word).collect())?)
}

/// Writes a BIDS data set of simulated listeners; where its parts are. `cohort` is participants, runs and voxels, `signal`
/// the repetition time, the gradient and the strength.
#[pyfunction]
fn simulate(
    py: Python<'_>,
    folder: PathBuf,
    cohort: (u32, usize, usize),
    signal: (f64, String, f64),
    sources: (Option<PathBuf>, Option<PathBuf>),
    given: (u64, Option<usize>),
    progress: Option<Py<PyAny>>,
) -> PyResult<((PathBuf, PathBuf, PathBuf), Vec<usize>, usize)> {
    let (seed, threads) = given;
    let written = work::run(py, progress.as_ref(), |watch| {
        let mut settings = Settings::new()?;
        (settings.participants, settings.runs) = (cohort.0, cohort.1);
        settings.size = Size::Voxels(cohort.2);
        settings.repetition_time = RepetitionTime::new(Seconds::new(signal.0)?)?;
        settings.gradient = signal.1.parse().map_err(|error| Failure::Input(format!("gradient: {error}")))?;
        settings.signal.strength = signal.2;
        (settings.language_model, settings.story) = sources;
        settings.seed = seed;
        let execution = Execution { threads, ..Execution::default() };
        Ok(gyrus::simulate::simulate(&folder, &settings, &execution, watch)?)
    })?;
    Ok(((written.raw, written.derivatives, written.truth), written.volumes, written.voxels.0))
}

/// Writes tables and report again from results that are there.
#[pyfunction]
fn rewrite_report(py: Python<'_>, output: PathBuf) -> PyResult<()> {
    work::run(py, None, |_| Ok(gyrus::rewrite_report(&output)?))
}

/// Puts studies into the module.
///
/// # Errors
/// - those of Python.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<ExtractOptions>()?;
    module.add_function(wrap_pyfunction!(check, module)?)?;
    module.add_function(wrap_pyfunction!(analyze, module)?)?;
    module.add_function(wrap_pyfunction!(extract, module)?)?;
    module.add_function(wrap_pyfunction!(simulate, module)?)?;
    module.add_function(wrap_pyfunction!(rewrite_report, module)?)
}

//! Functions on arrays: alignment, cleaning, scores with their null, ceilings, tests over participants, depth.

use gyrus::plan::Machine;
use gyrus::score::{Part, ScoreFolds, ScoreRequest};
use gyrus::{Execution, RepetitionTime, Seconds};
use gyrus_core::{Sampling, Word};
use gyrus_encoding::align::{Alignment, Method};
use gyrus_encoding::denoise::{self, Regressors};
use gyrus_encoding::hierarchy::{self, Floor, Regions, RegionsNull};
use gyrus_encoding::ridge::Band;
use gyrus_encoding::statistics::{self, SignFlips, Statistic, Tail};
use ndarray::{Array2, Axis};
use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arrays::Matrix;
use crate::errors::Failure;
use crate::work;

/// Aligned word vectors and the same alignment of ones. `words` are onsets and offsets in seconds, `sampling` the stimulus
/// time of the first sample, the repetition time and the number of samples.
#[pyfunction]
fn align<'py>(
    py: Python<'py>,
    vectors: Matrix<'_>,
    words: Vec<(Option<f64>, Option<f64>)>,
    sampling: (f64, f64, usize),
    method: (String, u8),
    delays: Vec<f64>,
) -> PyResult<(Bound<'py, PyArray2<f32>>, Bound<'py, PyArray2<f32>>)> {
    let vectors = vectors.view();
    let aligned = work::run(py, None, |_| {
        let time = |seconds: Option<f64>| seconds.map(Seconds::new).transpose();
        let word = |(index, (onset, offset)): (usize, &(Option<f64>, Option<f64>))| {
            Ok(Word { text: format!("{index}"), onset: time(*onset)?, offset: time(*offset)? })
        };
        let words = words.iter().enumerate().map(word).collect::<Result<Vec<_>, Failure>>()?;
        let (first, interval, count) = sampling;
        let interval = RepetitionTime::new(Seconds::new(interval)?)?;
        let sampling = Sampling { first: Seconds::new(first)?, interval, count };
        let delays = delays.into_iter().map(Seconds::new).collect::<Result<Vec<_>, _>>()?;
        let alignment = Alignment { method: named(&method)?, delays, centre: false };
        let vectors = vectors.to_single();
        Ok(gyrus_encoding::align::features(vectors.view(), &words, &sampling, &alignment)?)
    })?;
    Ok((aligned.values.into_pyarray(py), aligned.ones.into_pyarray(py)))
}

fn named((method, lobes): &(String, u8)) -> Result<Method, Failure> {
    Ok(match method.as_str() {
        "sum" => Method::Sum,
        "mean" => Method::Mean,
        "last" => Method::Last,
        "lanczos" => Method::Lanczos { lobes: *lobes },
        "hrf" => Method::Hrf,
        other => {
            return Err(Failure::Input(format!(
                "method: found `{other}`, expected sum, mean, last, lanczos or hrf"
            )));
        }
    })
}

/// Cleaned responses of one run as a dictionary. `drift` is the repetition time and the period of the high-pass filter.
#[pyfunction]
fn denoise_run<'py>(
    py: Python<'py>,
    responses: Matrix<'_>,
    drift: Option<(f64, f64)>,
    groups: Vec<(String, Vec<String>, PyReadonlyArray2<'_, f64>)>,
    threads: Option<usize>,
) -> PyResult<Bound<'py, PyDict>> {
    let rows = responses.shape().0;
    let responses = responses.view();
    let regressors = |(name, columns, values): &(String, Vec<String>, PyReadonlyArray2<'_, f64>)| {
        Regressors { name: name.clone(), columns: columns.clone(), values: values.as_array().to_owned() }
    };
    let groups: Vec<Regressors> = groups.iter().map(regressors).collect();
    let cleaned = work::run(py, None, |watch| {
        let machine = Machine::new(&Execution { threads, ..Execution::default() }, watch)?;
        let mut all = Vec::new();
        if let Some((repetition_time, high_pass)) = drift {
            let interval = RepetitionTime::new(Seconds::new(repetition_time)?)?;
            all.push(denoise::cosines(rows, interval, Seconds::new(high_pass)?));
        }
        all.extend(groups);
        Ok(denoise::clean(&machine.pool, responses.to_single().view(), &all, 2)?)
    })?;
    let found = PyDict::new(py);
    found.set_item("degrees_of_freedom", cleaned.degrees_of_freedom())?;
    found.set_item("condition", cleaned.basis.condition())?;
    let name = |dropped: &denoise::Dropped| format!("{}/{}", dropped.group, dropped.column);
    found.set_item("dropped", cleaned.basis.dropped().iter().map(name).collect::<Vec<_>>())?;
    let groups = cleaned.basis.groups().iter().skip(1).map(|(name, _)| name.clone());
    found.set_item("groups", groups.collect::<Vec<_>>())?;
    found.set_item(
        "reasons",
        cleaned.reasons.iter().map(|reason| reason.map(|r| r.code())).collect::<Vec<_>>(),
    )?;
    found.set_item("variance_removed", cleaned.variance_removed.into_pyarray(py))?;
    found.set_item("values", cleaned.values.into_pyarray(py))?;
    Ok(found)
}

/// How samples are held out and what is chosen from.
#[pyclass(frozen, module = "gyrus._engine")]
pub struct ScoreOptions(ScoreRequest, Option<usize>);

#[pymethods]
impl ScoreOptions {
    #[new]
    #[pyo3(signature = (*, runs, blocks, shuffled, alphas, mixtures, refinements, surrogates, seed, threads))]
    fn new(
        runs: Vec<usize>,
        blocks: Option<(usize, usize)>,
        shuffled: Option<usize>,
        alphas: (f64, f64, usize),
        mixtures: usize,
        refinements: usize,
        surrogates: usize,
        seed: u64,
        threads: Option<usize>,
    ) -> Self {
        let folds = match (shuffled, blocks) {
            (Some(count), _) => ScoreFolds::Shuffled { count },
            (None, Some((count, gap))) => ScoreFolds::Blocks { count, gap },
            (None, None) => ScoreFolds::Runs,
        };
        let (features, responses) = (Vec::new(), String::new());
        let request = ScoreRequest {
            features,
            responses,
            runs,
            folds,
            alphas,
            mixtures,
            refinements,
            surrogates,
            seed,
        };
        Self(request, threads)
    }
}

/// Held-out scores of all targets by nested folds, as `gyrus score` has them.
#[pyfunction]
fn score<'py>(
    py: Python<'py>,
    features: Vec<(String, Matrix<'_>)>,
    responses: Matrix<'_>,
    options: &ScoreOptions,
) -> PyResult<Bound<'py, PyDict>> {
    let table = fitted(py, (&features, &responses), options, gyrus::score::score_matrices)?;
    let found = PyDict::new(py);
    let column = |of: fn(&gyrus::score::ScoreRow) -> f64| {
        table.rows.iter().map(of).collect::<Vec<f64>>().into_pyarray(py)
    };
    found.set_item("score", column(|row| row.score))?;
    found.set_item("r_squared", column(|row| row.r_squared))?;
    found.set_item("p", column(|row| row.p.unwrap_or(f64::NAN)))?;
    found.set_item("normal_excess", column(|row| row.normal_excess.unwrap_or(f64::NAN)))?;
    let reasons = table.rows.iter().map(|row| row.reason.map(|reason| reason.code()));
    found.set_item("reasons", reasons.collect::<Vec<_>>())?;
    found.set_item("two_versus_two", table.patterns.0)?;
    found.set_item("retrieval_rank", table.patterns.1)?;
    found.set_item("warnings", table.warnings)?;
    Ok(found)
}

/// What two or three bands explain alone and what they share, as `gyrus score --partition` has it.
#[pyfunction]
fn partition<'py>(
    py: Python<'py>,
    features: Vec<(String, Matrix<'_>)>,
    responses: Matrix<'_>,
    options: &ScoreOptions,
) -> PyResult<Bound<'py, PyDict>> {
    let table = fitted(py, (&features, &responses), options, gyrus::score::partition_matrices)?;
    let found = PyDict::new(py);
    let names = |part: &Part| part.bands.iter().map(|band| table.bands[*band].clone()).collect::<Vec<_>>();
    found.set_item("parts", table.parts.iter().map(names).collect::<Vec<_>>())?;
    let rows = |rows: Vec<&[f64]>| {
        let targets = table.reasons.len();
        Array2::from_shape_fn((rows.len(), targets), |(row, target)| rows[row][target]).into_pyarray(py)
    };
    found.set_item("score", rows(table.parts.iter().map(|part| &part.score[..]).collect()))?;
    found.set_item("r_squared", rows(table.parts.iter().map(|part| &part.r_squared[..]).collect()))?;
    found.set_item("p", rows(table.parts.iter().filter_map(|part| part.p.as_deref()).collect()))?;
    let reasons = table.reasons.iter().map(|reason| reason.map(|reason| reason.code()));
    found.set_item("reasons", reasons.collect::<Vec<_>>())?;
    found.set_item("svg", table.figure())?;
    found.set_item("warnings", &table.warnings)?;
    Ok(found)
}

/// Bands and responses, single and on their way to the engine without the interpreter's lock.
fn fitted<T: Send>(
    py: Python<'_>,
    (features, responses): (&[(String, Matrix<'_>)], &Matrix<'_>),
    ScoreOptions(request, threads): &ScoreOptions,
    of: fn(&ScoreRequest, (Vec<Band>, Array2<f32>), &Machine<'_>) -> Result<T, gyrus::Error>,
) -> PyResult<T> {
    let features: Vec<_> = features.iter().map(|(name, matrix)| (name, matrix.view())).collect();
    let responses = responses.view();
    work::run(py, None, |watch| {
        let machine = Machine::new(&Execution { threads: *threads, ..Execution::default() }, watch)?;
        let band = |(name, view): &(&String, crate::arrays::View<'_>)| Band::new(*name, view.to_single());
        let bands = features.iter().map(band).collect();
        Ok(of(request, (bands, responses.to_single()), &machine)?)
    })
}

/// Noise ceilings between participants, or from repeats, of one kind. `draws` are the divisions or orders and their seed,
/// `averaged` the repeats whose mean is scored.
#[pyfunction]
fn noise_ceiling<'py>(
    py: Python<'py>,
    responses: Vec<Matrix<'_>>,
    folds: Vec<Vec<usize>>,
    kind: String,
    draws: (usize, u64),
    averaged: usize,
) -> PyResult<Bound<'py, PyDict>> {
    let views: Vec<_> = responses.iter().map(Matrix::view).collect();
    let found = work::run(py, None, |_| {
        let responses: Vec<Array2<f32>> = views.iter().map(|view| view.to_single()).collect();
        crate::ceilings::of_kind(&responses, folds, &kind, (draws, averaged))
    })?;
    let (dict, details) = (PyDict::new(py), PyDict::new(py));
    dict.set_item("ceiling", found.ceiling.into_pyarray(py))?;
    dict.set_item("reasons", found.reasons)?;
    for (name, values) in found.details {
        details.set_item(name, values.into_pyarray(py))?;
    }
    dict.set_item("details", details)?;
    dict.set_item("bound", found.kind.bound().name())?;
    Ok(dict)
}

/// Tests over participants of scores (n_participants, n_targets). `test` is the statistic and the tail, `draws` the numbers
/// of sign flips and of bootstrap samples.
#[pyfunction]
fn group_test<'py>(
    py: Python<'py>,
    scores: PyReadonlyArray2<'_, f64>,
    test: (String, String),
    draws: (usize, usize),
    seed: u64,
    threads: Option<usize>,
) -> PyResult<Bound<'py, PyDict>> {
    let scores = scores.as_array();
    let test = (statistic(&test.0), tail(&test.1));
    let (counts, is_exact, rows) = work::run(py, None, |watch| {
        let (Some(statistic), Some(tail)) = test else {
            return Err(Failure::Input(
                "found another statistic or tail, expected statistic 't' or 'mean', tail 'greater' or 'two_sided'".to_owned(),
            ));
        };
        let backend = work::backend(threads, watch)?;
        let flips = SignFlips::new(scores.nrows(), draws.0, seed);
        let counts = flips.count(&backend, scores, (statistic, tail))?;
        let of_target = |column: ndarray::ArrayView1<'_, f64>| {
            let column = column.to_vec();
            let finite: Vec<f64> = column.iter().copied().filter(|score| score.is_finite()).collect();
            let mean = |sample: &[usize]| {
                watch.go_on();
                sample.iter().map(|one| finite[*one]).sum::<f64>() / sample.len() as f64
            };
            let interval = statistics::bootstrap_participants(finite.len(), draws.1, seed, 0.95, mean);
            let ranked = if finite.is_empty() { f64::NAN } else { statistics::signed_rank(&column, tail).p };
            (statistics::one_sample(&column, tail), ranked, interval)
        };
        let rows: Vec<_> = scores.columns().into_iter().map(of_target).collect();
        Ok((counts, flips.is_exact(), rows))
    })?;
    let found = PyDict::new(py);
    let column = |values: Vec<f64>| values.into_pyarray(py);
    found.set_item("n", rows.iter().map(|(t, ..)| t.n).collect::<Vec<_>>())?;
    found.set_item("mean", column(rows.iter().map(|(t, ..)| t.mean).collect()))?;
    found.set_item("low", column(rows.iter().map(|(.., interval)| interval.low).collect()))?;
    found.set_item("high", column(rows.iter().map(|(.., interval)| interval.high).collect()))?;
    found.set_item("effect", column(rows.iter().map(|(t, ..)| t.effect).collect()))?;
    found.set_item("t", column(rows.iter().map(|(t, ..)| t.t).collect()))?;
    found.set_item("p_t", column(rows.iter().map(|(t, ..)| t.p).collect()))?;
    found.set_item("p_wilcoxon", column(rows.iter().map(|(_, p, _)| *p).collect()))?;
    found.set_item("p_sign_flip", counts.p().into_pyarray(py))?;
    found.set_item("p_sign_flip_corrected", counts.family_wise_p().into_pyarray(py))?;
    found.set_item("is_exact", is_exact)?;
    Ok(found)
}

fn statistic(name: &str) -> Option<Statistic> {
    match name {
        "t" => Some(Statistic::T),
        "mean" => Some(Statistic::Mean),
        _ => None,
    }
}

fn tail(name: &str) -> Option<Tail> {
    match name {
        "greater" => Some(Tail::Greater),
        "two_sided" => Some(Tail::TwoSided),
        _ => None,
    }
}

/// The mean profile over rows, its intervals, and where along the depths it has its weight.
#[pyfunction]
fn layer_profile<'py>(
    py: Python<'py>,
    scores: PyReadonlyArray2<'_, f64>,
    depths: Vec<f64>,
    floor: &str,
    draws: usize,
    seed: u64,
) -> PyResult<Bound<'py, PyDict>> {
    let floor = match floor {
        "minimum" => Floor::Minimum,
        "zero" => Floor::Zero,
        other => {
            let text = format!("floor: found `{other}`, expected minimum or zero");
            return Err(Failure::Input(text).raised(py));
        }
    };
    if depths.len() != scores.shape()[1] {
        let text = format!("depths: found {}, expected {} as in scores", depths.len(), scores.shape()[1]);
        return Err(Failure::Input(text).raised(py));
    }
    let scores = scores.as_array();
    let (mean, intervals, centre) = work::run(py, None, |watch| {
        let mean = scores.mean_axis(Axis(0)).unwrap_or_default();
        let interval = |layer: usize| {
            let of = |sample: &[usize]| {
                watch.go_on();
                sample.iter().map(|row| scores[(*row, layer)]).sum::<f64>() / sample.len() as f64
            };
            statistics::bootstrap_participants(scores.nrows(), draws, seed, 0.95, of)
        };
        let centre = |sample: &[usize]| {
            watch.go_on();
            let some = scores.select(Axis(0), sample);
            hierarchy::centre_of_mass(&depths, some.view(), floor).unwrap_or(f64::NAN)
        };
        let all: Vec<usize> = (0..scores.nrows()).collect();
        let of_centre = statistics::bootstrap_participants(scores.nrows(), draws, seed, 0.95, centre);
        Ok((mean, (0..depths.len()).map(interval).collect::<Vec<_>>(), (centre(&all), of_centre)))
    })?;
    let found = PyDict::new(py);
    found.set_item("best_layer", hierarchy::best_layer(mean.view()).map(|layer| layer.0))?;
    found.set_item("inverted_u", hierarchy::inverted_u(mean.view()))?;
    found.set_item("centre_of_mass", centre.0)?;
    found.set_item("centre_interval", (centre.1.low, centre.1.high))?;
    found.set_item(
        "low",
        intervals.iter().map(|interval| interval.low).collect::<Vec<_>>().into_pyarray(py),
    )?;
    found.set_item(
        "high",
        intervals.iter().map(|interval| interval.high).collect::<Vec<_>>().into_pyarray(py),
    )?;
    found.set_item("mean", mean.into_pyarray(py))?;
    Ok(found)
}

/// Spearman's correlation of depth with a reference over regions, ranks of depth, and p or why there is none. `places` are
/// positions of regions and, for spins, which are in the right hemisphere.
#[pyfunction]
fn hierarchy_index<'py>(
    py: Python<'py>,
    depth: Vec<f64>,
    reference: Vec<f64>,
    ceiling: Option<Vec<f64>>,
    places: Option<(PyReadonlyArray2<'_, f64>, Option<Vec<bool>>)>,
    draws: (usize, u64),
) -> PyResult<(f64, usize, Bound<'py, PyArray1<f64>>, Option<f64>, Option<&'static str>)> {
    let lengths = [Some(reference.len()), ceiling.as_ref().map(Vec::len)];
    if let Some(found) = lengths.into_iter().flatten().find(|length| *length != depth.len()) {
        let text = format!("found {found} regions, expected {} as in depth", depth.len());
        return Err(Failure::Input(text).raised(py));
    }
    let places = places.as_ref().map(|(positions, is_right)| (positions.as_array(), is_right.as_deref()));
    let index = work::run(py, None, |_| {
        let regions = Regions { depth: &depth, reference: &reference, ceiling: ceiling.as_deref() };
        let null = match places {
            None => RegionsNull::Exchangeable,
            Some((positions, None)) => RegionsNull::Variogram(positions),
            Some((positions, Some(is_right))) => RegionsNull::Spins { positions, is_right },
        };
        Ok(hierarchy::hierarchy_index(regions, null, draws)?)
    })?;
    Ok((index.rho, index.regions, index.ranks.into_pyarray(py), index.p.value(), index.p.reason()))
}

/// Puts functions into the module.
///
/// # Errors
/// - those of Python.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<ScoreOptions>()?;
    module.add_function(wrap_pyfunction!(align, module)?)?;
    module.add_function(wrap_pyfunction!(denoise_run, module)?)?;
    module.add_function(wrap_pyfunction!(score, module)?)?;
    module.add_function(wrap_pyfunction!(partition, module)?)?;
    module.add_function(wrap_pyfunction!(noise_ceiling, module)?)?;
    module.add_function(wrap_pyfunction!(group_test, module)?)?;
    module.add_function(wrap_pyfunction!(layer_profile, module)?)?;
    module.add_function(wrap_pyfunction!(hierarchy_index, module)?)
}

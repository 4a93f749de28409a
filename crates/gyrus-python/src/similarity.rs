//! Comparisons of patterns, of kernels, and back-to-back regression of arrays.

use gyrus_encoding::similarity::{self, Comparison, Piece};
use ndarray::{ArrayView2, s};
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use crate::errors::Failure;
use crate::work;

/// Fit of a model's geometry to each participant's, and the ceilings of their mean. Every participant has one matrix, or one per
/// run, whose distances are crossed.
#[pyfunction]
fn rsa<'py>(
    py: Python<'py>,
    model: PyReadonlyArray2<'_, f64>,
    people: Vec<Vec<PyReadonlyArray2<'_, f64>>>,
    comparison: &str,
) -> PyResult<(Bound<'py, PyArray1<f64>>, Option<(f64, f64)>)> {
    let comparison = match comparison {
        "pearson" => Comparison::Pearson,
        "spearman" => Comparison::Spearman,
        other => {
            let text = format!("comparison: found `{other}`, expected pearson or spearman");
            return Err(Failure::Input(text).raised(py));
        }
    };
    let model = model.as_array();
    let people: Vec<Vec<ArrayView2<'_, f64>>> =
        people.iter().map(|runs| runs.iter().map(|run| run.as_array()).collect()).collect();
    let (fits, ceiling) = work::run(py, None, |_| {
        let model = similarity::correlation_distances(model)?;
        let distances = |runs: &Vec<ArrayView2<'_, f64>>| match runs.as_slice() {
            [one] => similarity::correlation_distances(*one),
            runs => similarity::crossed_distances(runs),
        };
        let people = people.iter().map(distances).collect::<Result<Vec<_>, _>>()?;
        if let Some(other) = people.iter().find(|own| own.len() != model.len()) {
            return Err(Failure::Input(format!(
                "found {} pairs of conditions in responses, expected {} as in features: the same conditions in both",
                other.len(),
                model.len()
            )));
        }
        let fit = |own: &Vec<f64>| similarity::compare(&model, own, comparison).unwrap_or(f64::NAN);
        let fits: Vec<f64> = people.iter().map(fit).collect();
        let ceiling = match people.len() {
            0 | 1 => None,
            _ => Some(similarity::representation_ceiling(&people, comparison)?),
        };
        Ok((fits, ceiling.map(|ceiling| (ceiling.lower, ceiling.upper))))
    })?;
    Ok((fits.into_pyarray(py), ceiling))
}

/// Linear centred kernel alignment: the biased and the unbiased estimate.
#[pyfunction]
fn cka(py: Python<'_>, x: PyReadonlyArray2<'_, f64>, y: PyReadonlyArray2<'_, f64>) -> PyResult<(f64, f64)> {
    let (x, y) = (x.as_array(), y.as_array());
    let found = work::run(py, None, |_| Ok(similarity::kernel_alignment(x, y)?))?;
    Ok((found.biased, found.unbiased))
}

/// Effects of features and the number of divisions. `pieces` are first and last row (excluded) of each.
#[pyfunction]
fn b2b<'py>(
    py: Python<'py>,
    features: PyReadonlyArray2<'_, f64>,
    responses: PyReadonlyArray2<'_, f64>,
    pieces: Vec<(usize, usize)>,
    alphas: Vec<f64>,
    draws: (usize, u64),
) -> PyResult<(Bound<'py, PyArray1<f64>>, usize)> {
    let (features, responses) = (features.as_array(), responses.as_array());
    let found = work::run(py, None, |_| {
        let rows = features.nrows().min(responses.nrows());
        if let Some((from, to)) = pieces.iter().find(|(from, to)| from > to || *to > rows) {
            return Err(Failure::Input(format!(
                "found rows {from} to {to}, expected rows of {rows} samples"
            )));
        }
        let piece = |(from, to): &(usize, usize)| Piece {
            features: features.slice_move(s![*from..*to, ..]),
            responses: responses.slice_move(s![*from..*to, ..]),
        };
        let pieces: Vec<Piece<'_>> = pieces.iter().map(piece).collect();
        Ok(similarity::back_to_back(&pieces, &alphas, draws)?)
    })?;
    Ok((found.effects.into_pyarray(py), found.divisions))
}

/// Puts functions into the module.
///
/// # Errors
/// - those of Python.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(rsa, module)?)?;
    module.add_function(wrap_pyfunction!(cka, module)?)?;
    module.add_function(wrap_pyfunction!(b2b, module)?)
}

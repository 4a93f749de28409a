//! How many participants and hours a study needs, as `gyrus power` says it.

use gyrus::power::{PowerRequest, Ranged, Source};
use numpy::IntoPyArray;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::work;

/// A plan as a dictionary of arrays, each (rows, 3): value, lower and upper end. `study` is the output folder, language model,
/// quantity and region of a pilot, `wanted` the effect, the width and the power.
#[pyfunction]
fn power<'py>(
    py: Python<'py>,
    study: Option<(String, Option<String>, String, Option<String>)>,
    deviations: [f64; 3],
    wanted: (Option<f64>, Option<f64>, f64),
    hours: Vec<f64>,
    participants: Vec<usize>,
) -> PyResult<Bound<'py, PyDict>> {
    let source = match study {
        None => Source::Deviations(deviations),
        Some((output, language_model, quantity, region)) => {
            Source::Study { output: output.into(), language_model, quantity, region }
        }
    };
    let (effect, width, power) = wanted;
    let request = PowerRequest { source, effect, width, power, hours, participants };
    let plan = work::run(py, None, |_| Ok(gyrus::power::power(&request)?))?;
    let found = PyDict::new(py);
    let table = |rows: Vec<Ranged>| {
        let values: Vec<[f64; 3]> = rows.iter().map(|row| [row.value, row.low, row.high]).collect();
        ndarray::Array2::from(values).into_pyarray(py)
    };
    found.set_item("source", plan.from)?;
    found.set_item("effect", plan.effect)?;
    found.set_item("deviations", table(plan.deviations.to_vec()))?;
    let grid = |of: fn(&gyrus::power::GridRow) -> Ranged| table(plan.grid.iter().map(of).collect());
    found.set_item("width_people", grid(|row| row.over_people))?;
    found.set_item("width_stimulus", grid(|row| row.over_stimulus))?;
    found.set_item("width", grid(|row| row.over_both))?;
    found.set_item("power", grid(|row| row.power))?;
    let needed = |of: fn(&gyrus::power::NeededRow) -> Ranged| table(plan.needed.iter().map(of).collect());
    found.set_item("participants_for_effect", needed(|row| row.for_effect))?;
    found.set_item("participants_for_width", needed(|row| row.for_width))?;
    found.set_item("floor", needed(|row| row.floor))?;
    Ok(found)
}

/// Adds the function of this file.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(power, module)?)
}

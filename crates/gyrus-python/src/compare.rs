//! Studies side by side, as `gyrus compare` puts them.

use std::path::PathBuf;

use gyrus::compare::CompareRequest;
use pyo3::prelude::*;

use crate::work;

/// Tables by file name as tab-separated text, and what the command prints. With `output`, files are written there too.
#[pyfunction]
fn compare(
    py: Python<'_>,
    studies: Vec<PathBuf>,
    only_first: bool,
    against: Option<PathBuf>,
    output: Option<PathBuf>,
) -> PyResult<(Vec<(String, String)>, String)> {
    let request = CompareRequest { studies, only_first, against };
    let found = work::run(py, None, |_| {
        Ok(match &output {
            Some(output) => gyrus::compare::write_compare(&request, output)?,
            None => gyrus::compare::compare(&request)?,
        })
    })?;
    let tables = found.tables().into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
    Ok((tables, found.summary()))
}

/// Adds the function of this file.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(compare, module)?)
}

//! `gyrus._engine`: what `import gyrus` takes from Rust. Conventions of scikit-learn and plotting are Python's part.
//!
//! This crate deliberately knows no mathematics: it hands arrays to the engine, and errors, warnings and interrupts back.

// PyO3's macros write extern functions, which the lint takes for code of ours.
#![allow(unsafe_code, reason = "the functions that PyO3's macros generate")]
#![allow(
    clippy::too_many_arguments,
    clippy::type_complexity,
    reason = "functions are called from Python with its lists of arguments, and return its tuples"
)]

mod arrays;
mod ceilings;
mod compare;
mod errors;
mod model;
mod numbers;
mod power;
mod similarity;
mod studies;
mod work;

use pyo3::prelude::*;

/// The engine of gyrus; use it through `import gyrus`.
#[pymodule]
fn _engine(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    errors::register(module)?;
    compare::register(module)?;
    model::register(module)?;
    numbers::register(module)?;
    power::register(module)?;
    similarity::register(module)?;
    studies::register(module)
}

//! The kinds of task: each a pure function from the content of its inputs to files in the store.

mod asked;
mod baseline;
mod carpet;
mod extract;
mod features;
mod fit;
mod fit_result;
mod forecast_window;
mod infer;
mod prepare;
mod projected;
mod reading;
mod responses;
mod vectors;

pub use baseline::Baseline;
pub use extract::{Extract, Reading, Training};
pub use features::Binning;
pub use fit::{Fit, FitKind, Known};
pub use infer::Infer;
pub(crate) use prepare::require_freedom;
pub use prepare::{Prepare, PrepareReport};
pub(crate) use reading::{explain, extraction, sees_later_words};

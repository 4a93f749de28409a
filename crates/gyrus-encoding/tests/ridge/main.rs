//! Ridge regression against a naive dense solve, goldens of scikit-learn and himalaya, and laws.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::needless_range_loop)]

mod bad_input;
mod banded;
mod choices;
mod components;
mod golden;
mod laws;
mod leaks;
mod model;
mod naive;
mod refits;
mod simulate;
mod solve;

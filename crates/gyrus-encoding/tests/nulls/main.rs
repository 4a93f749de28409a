//! Nulls of scores: shifts against the naive loop, and false positives of the whole pipeline.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::needless_range_loop)]

mod calibration;
mod shifts;

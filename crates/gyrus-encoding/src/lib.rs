//! Pure numerics from word vectors to statistics: alignment, denoising, ridge regression, scores, ceilings, hierarchy.
//!
//! This crate deliberately knows nothing of files, clocks, environment, global state or hidden randomness.

#![cfg_attr(test, allow(clippy::disallowed_methods))]
#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

pub mod align;
pub mod backend;
pub mod calibration;
pub mod ceilings;
pub mod denoise;
pub mod diagnostics;
mod error;
pub mod hierarchy;
pub mod nulls;
pub mod physiology;
pub mod ridge;
mod rows;
pub mod scores;
pub mod similarity;
pub mod simulate;
mod split;
pub mod statistics;
mod vectors;

pub use error::EncodingError;
pub use split::{HeldOut, InnerSplit, Rows, Split, Test, Train, Validation};

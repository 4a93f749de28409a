//! Pure numerics from word vectors to statistics: alignment, denoising, ridge regression, scores, ceilings, hierarchy.
//!
//! This crate deliberately knows nothing of files, clocks, environment, global state or hidden randomness.

pub mod align;
pub mod backend;
pub mod ceilings;
pub mod denoise;
pub mod diagnostics;
mod error;
pub mod hierarchy;
pub mod nulls;
pub mod ridge;
pub mod scores;
pub mod simulate;
pub mod statistics;

pub use error::EncodingError;

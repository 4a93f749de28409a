//! Language models from checkpoint files: what every layer computes for every word of a stimulus.
//!
//! This crate deliberately knows nothing of brains, recordings or statistics.

mod checkpoint;
mod device;
mod error;
mod extract;
mod families;
mod forecast;
mod head;
#[cfg(feature = "download")]
mod http;
mod hub;
mod language_model;
mod pool;
mod predictions;
mod random;
mod stack;
mod tokenizer;
#[cfg(feature = "download")]
pub mod transfer;
mod transformer;
mod windows;

pub use device::Device;
pub use error::ModelError;
pub use extract::{Extraction, Pooling, WordVectors, extract, extract_to, layer_widths, readable};
pub use forecast::{Windows, forecast_windows, random_windows};
#[cfg(feature = "download")]
pub use http::{Client, escaped};
#[cfg(feature = "download")]
pub use hub::Hub;
pub use hub::{Cache, HubName, NEWEST};
pub use language_model::LanguageModel;
pub use predictions::{Prediction, predictions};
pub use random::random_embeddings;
pub use stack::{FirstLayer, Layers, Stack};
pub use tokenizer::Tokens;
pub use transformer::Site;
pub use windows::{History, Scramble};

//! Readers and writers of the recordings and stimuli people have.
//!
//! Untrusted bytes stop here: bad input never panics, never takes more memory than the size of its file justifies, and gives
//! one error that names the file, the place, what was found, what was expected and what to do.
//! This crate deliberately knows nothing of language models, statistics or studies.

pub mod annex;
pub mod arrays;
pub mod atomic;
pub mod bids;
pub mod cifti;
pub mod confounds;
mod error;
pub mod freesurfer;
pub mod gifti;
pub mod hdf5;
mod natural;
pub mod nifti;
pub mod npy;
pub mod npz;
pub mod parquet;
pub mod pattern;
pub mod safetensors;
pub mod scan;
mod source;
pub mod surface;
pub mod table;
pub mod text;
pub mod textgrid;
pub mod words;
mod xml;
pub mod zarr;

pub use error::{IoError, Place, Read, Warning};
pub use natural::natural_order;

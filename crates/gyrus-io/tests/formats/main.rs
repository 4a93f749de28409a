//! Every reader against files written by other programs, and against bytes that no program wrote.

#![allow(clippy::unwrap_used)]

mod cifti;
mod goldens;
mod hdf5;
mod nifti;
mod robust;
mod surfaces;
mod zarr;

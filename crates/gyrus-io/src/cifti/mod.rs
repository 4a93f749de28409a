//! CIFTI-2 files: recordings, maps and parcels on the vertices of both hemispheres and the voxels below them.
//!
//! Which row of the matrix is which vertex or voxel stands in the file (its brain models), and is never assumed. Read are files
//! whose rows are brain models and whose columns are volumes, maps or labels: `.dtseries.nii`, `.dscalar.nii`, `.dlabel.nii`.

mod models;
mod read;
mod write;

pub use models::{BrainModel, Dense, Point, Points};
pub use read::{Columns, DenseFile, read_labels};
pub use write::{NewColumns, write};

/// Whether a file is named as CIFTI files are.
#[must_use]
pub fn is_cifti(path: &std::path::Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    [".dtseries.nii", ".dscalar.nii", ".dlabel.nii"].iter().any(|ending| name.ends_with(ending))
}

//! The grid of an image's voxels, and where it lies.

use super::Affine;

/// Where the place of a grid is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Orientation {
    /// The `sform` matrix, with its code.
    Sform(i32),
    /// The `qform` quaternion, with its code.
    Qform(i32),
    /// Nowhere: both codes are 0, and left and right are a guess.
    Unknown,
}

/// The voxels of one volume.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    /// Voxels along each axis.
    pub shape: [usize; 3],
    /// Where they lie.
    pub affine: Affine,
    /// How that is known.
    pub orientation: Orientation,
}

impl Grid {
    /// Voxels in all. Voxel (i, j, k) has the index `i + shape[0] * (j + shape[1] * k)`.
    #[must_use]
    pub fn n_voxels(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether another grid has the same shape and puts its corners within a hundredth of a voxel of this one's.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.shape == other.shape && self.affine.difference(&other.affine, self.shape) < 0.01
    }
}

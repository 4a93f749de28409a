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

    /// (i, j, k) of a voxel.
    #[must_use]
    pub fn indices(&self, voxel: usize) -> [usize; 3] {
        indices_in(self.shape, voxel)
    }

    /// Where the centre of a voxel lies, in the unit of the affine.
    #[must_use]
    pub fn centre(&self, voxel: usize) -> [f64; 3] {
        self.affine.apply(self.indices(voxel).map(|index| index as f64))
    }

    /// Whether another grid has the same shape and puts its corners within a hundredth of a voxel of this one's.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.shape == other.shape && self.affine.difference(&other.affine, self.shape) < 0.01
    }
}

/// (i, j, k) of a voxel, the first axis fastest.
pub(super) fn indices_in([nx, ny, _]: [usize; 3], voxel: usize) -> [usize; 3] {
    [voxel % nx, voxel / nx % ny, voxel / (nx * ny)]
}

/// The voxel at (i, j, k): the other way round.
pub(super) fn voxel_at([nx, ny, _]: [usize; 3], [i, j, k]: [usize; 3]) -> usize {
    i + nx * (j + ny * k)
}

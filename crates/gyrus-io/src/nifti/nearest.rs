//! The voxel of another grid whose centre is nearest, for masks and labels that are resampled.

use std::path::Path;

use super::{Affine, Grid, Orientation};
use crate::{IoError, Place};

/// Centres between two voxels belong to the later one, however the product of affines was rounded.
const TIE: f64 = 1e-6;

/// Which voxel of another grid holds the centre of each voxel of this one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nearest {
    /// From indices of this grid to millimetres.
    places: Affine,
    /// From millimetres to indices of the other.
    indices: Affine,
    shape: [usize; 3],
    other: [usize; 3],
}

impl Nearest {
    /// The voxel of the other grid that holds the centre of a voxel of this one; None outside of it.
    #[must_use]
    pub fn find(&self, voxel: usize) -> Option<usize> {
        let [nx, ny, _] = self.shape;
        let place = [voxel % nx, voxel / nx % ny, voxel / (nx * ny)].map(|index| index as f64);
        let mut found = [0usize; 3];
        for ((found, index), size) in
            found.iter_mut().zip(self.indices.apply(self.places.apply(place))).zip(self.other)
        {
            let nearest = (index + 0.5 + TIE).floor();
            *found = (nearest >= 0.0 && nearest < size as f64).then_some(nearest as usize)?;
        }
        Some(found[0] + self.other[0] * (found[1] + self.other[1] * found[2]))
    }
}

impl Grid {
    /// Where the centres of this grid's voxels lie in another, whatever its voxels' size and direction.
    ///
    /// # Errors
    /// - one of the grids does not say where it lies, or voxels of the other have no volume; the error names `path`, the
    ///   file of the other grid.
    pub fn nearest(&self, other: &Self, path: &Path) -> Result<Nearest, IoError> {
        let is_placed = |grid: &Self| grid.orientation != Orientation::Unknown;
        let indices = other.affine.inverse().filter(|_| is_placed(self) && is_placed(other));
        let Some(indices) = indices else {
            let found = "a grid without a position in space, or without volume";
            let remedy = "write its sform, or use images of one grid";
            return Err(IoError::malformed(path, Place::File, found, "a grid with a position", remedy));
        };
        Ok(Nearest { places: self.affine, indices, shape: self.shape, other: other.shape })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn grid(shape: [usize; 3], rows: [[f64; 4]; 3]) -> Grid {
        Grid { shape, affine: Affine(rows), orientation: Orientation::Sform(1) }
    }

    fn centre(grid: &Grid, voxel: usize) -> [f64; 3] {
        let [nx, ny, _] = grid.shape;
        grid.affine.apply([voxel % nx, voxel / nx % ny, voxel / (nx * ny)].map(|index| index as f64))
    }

    proptest! {
        /// Where axes are perpendicular and voxels cubes, the voxel that holds a point is the one whose centre is nearest.
        #[test]
        fn it_is_the_nearest_of_all(
            size in 0.7f64..4.0, shift in proptest::array::uniform3(-4.0f64..4.0), turn in 0.0f64..1.5,
        ) {
            let here = grid([4, 3, 3], [[3.0, 0.0, 0.0, -5.0], [0.0, 2.0, 0.0, -3.0], [0.0, 0.0, 2.5, -3.0]]);
            let (sine, cosine) = turn.sin_cos();
            let there = grid([6, 5, 4], [
                [size * cosine, -size * sine, 0.0, shift[0]],
                [size * sine, size * cosine, 0.0, shift[1]],
                [0.0, 0.0, -size, shift[2] + 3.0],
            ]);
            let nearest = here.nearest(&there, Path::new("b.nii")).unwrap();
            for voxel in 0..here.n_voxels() {
                let point = centre(&here, voxel);
                let away = |other: usize| -> f64 {
                    centre(&there, other).iter().zip(point).map(|(a, b)| (a - b) * (a - b)).sum()
                };
                let best = (0..there.n_voxels()).min_by(|a, b| away(*a).total_cmp(&away(*b))).unwrap();
                match nearest.find(voxel) {
                    Some(found) => prop_assert!(away(found) <= away(best) + 1e-4),
                    // Outside: the nearest centre is at least half a voxel away.
                    None => prop_assert!(away(best).sqrt() >= size / 2.0 - 1e-4),
                }
            }
        }
    }

    #[test]
    fn halves_belong_to_the_later_voxel_and_unknown_grids_are_refused() {
        let here = grid([4, 1, 1], [[3.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]);
        let there = grid([3, 1, 1], [[2.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]);
        let nearest = here.nearest(&there, Path::new("b.nii")).unwrap();
        let found: Vec<_> = (0..4).map(|voxel| nearest.find(voxel)).collect();
        assert_eq!(found, [Some(0), Some(2), None, None]);
        let unknown = Grid { orientation: Orientation::Unknown, ..there };
        let error = here.nearest(&unknown, Path::new("b.nii")).unwrap_err().to_string();
        assert!(error.starts_with("b.nii: found a grid without a position"), "{error}");
        let flat = grid([3, 1, 1], [[0.0; 4]; 3]);
        assert!(here.nearest(&flat, Path::new("b.nii")).is_err());
    }
}

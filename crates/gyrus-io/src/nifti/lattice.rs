//! Voxels of one grid found on another that has the same lattice: flipped, permuted or shifted by whole voxels.

use std::path::Path;

use super::grid::{indices_in, voxel_at};
use super::{Affine, Grid, Orientation};
use crate::{IoError, Place};

/// Distance from a voxel's centre, in voxels, within which two lattices are the same.
const TOLERANCE: f64 = 0.01;

/// Which voxel of another grid lies at each voxel of this one: `other = axes · this + shift`, in whole voxels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lattice {
    rows: [[i64; 4]; 3],
    shape: [usize; 3],
    other: [usize; 3],
}

impl Lattice {
    /// The voxel of the other grid at a voxel of this one; None where the other grid ends before.
    #[must_use]
    pub fn find(&self, voxel: usize) -> Option<usize> {
        let place = indices_in(self.shape, voxel).map(|index| index as i64);
        let mut found = [0usize; 3];
        for ((found, [a, b, c, shift]), size) in found.iter_mut().zip(self.rows).zip(self.other) {
            let index = usize::try_from(a * place[0] + b * place[1] + c * place[2] + shift).ok()?;
            *found = Some(index).filter(|index| *index < size)?;
        }
        Some(voxel_at(self.other, found))
    }

    /// Whether every voxel is found at its own index.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.shape == self.other && self.rows == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]
    }
}

impl Grid {
    /// Where another grid has this one's voxels, by position in space and never by index.
    ///
    /// # Errors
    /// - one of the grids does not say where it lies and they are not the same array,
    /// - the voxels differ in size or direction, or lie between each other; the error names `path`, the file of the
    ///   other grid.
    pub fn lattice(&self, other: &Self, path: &Path) -> Result<Lattice, IoError> {
        let is_unknown = |grid: &Self| grid.orientation == Orientation::Unknown;
        if (is_unknown(self) || is_unknown(other)) && !self.is_same(other) {
            let found = "a grid without a position in space (sform and qform code 0)";
            let remedy = "write its sform, or use images of one grid";
            return Err(IoError::malformed(path, Place::File, found, "a grid with a position", remedy));
        }
        match self.whole_voxels(other) {
            Some(rows) => Ok(Lattice { rows, shape: self.shape, other: other.shape }),
            None => {
                let remedy = "resample it to the grid of the recordings";
                Err(IoError::malformed(path, Place::File, other.describe(), self.describe(), remedy))
            }
        }
    }

    fn whole_voxels(&self, other: &Self) -> Option<[[i64; 4]; 3]> {
        let inverse = other.affine.inverse()?;
        let origin = inverse.apply(self.affine.apply([0.0; 3]));
        let mut rows = [[0i64; 4]; 3];
        for (axis, row) in rows.iter_mut().enumerate() {
            row[3] = whole(origin[axis], TOLERANCE)?;
        }
        for along in 0..3 {
            let last = self.shape[along].saturating_sub(1).max(1) as f64;
            let mut step = [0.0; 3];
            step[along] = last;
            let end = inverse.apply(self.affine.apply(step));
            for (axis, row) in rows.iter_mut().enumerate() {
                row[along] = whole((end[axis] - origin[axis]) / last, TOLERANCE / last)?;
            }
        }
        let is_axis = |row: &[i64; 4]| row[..3].iter().map(|value| value.abs()).sum::<i64>() == 1;
        rows.iter().all(is_axis).then_some(rows)
    }
}

fn whole(value: f64, tolerance: f64) -> Option<i64> {
    let near = value.round();
    ((value - near).abs() <= tolerance && near.abs() < 1e9).then_some(near as i64)
}

impl Affine {
    /// From millimetres to voxel indices; None where the matrix has no inverse.
    #[must_use]
    pub fn inverse(&self) -> Option<Self> {
        let m = &self.0;
        let minor =
            |r: [usize; 2], c: [usize; 2]| m[r[0]][c[0]] * m[r[1]][c[1]] - m[r[0]][c[1]] * m[r[1]][c[0]];
        let others = |axis: usize| [(axis + 1) % 3, (axis + 2) % 3];
        let determinant: f64 = (0..3).map(|column| m[0][column] * minor([1, 2], others(column))).sum();
        if determinant == 0.0 || !determinant.is_finite() {
            return None;
        }
        let mut rows = [[0.0; 4]; 3];
        for (row, values) in rows.iter_mut().enumerate() {
            for (column, value) in values.iter_mut().take(3).enumerate() {
                *value = minor(others(column), others(row)) / determinant;
            }
            values[3] = -(0..3).map(|column| values[column] * m[column][3]).sum::<f64>();
        }
        Some(Self(rows))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn grid(shape: [usize; 3], affine: Affine) -> Grid {
        Grid { shape, affine, orientation: Orientation::Sform(1) }
    }

    const RAS: Affine = Affine([[2.0, 0.0, 0.0, -10.0], [0.0, 2.0, 0.0, -20.0], [0.0, 0.0, 3.0, 5.0]]);

    proptest! {
        #[test]
        fn a_voxel_is_found_where_it_lies(
            flips in proptest::array::uniform3(any::<bool>()), turn in 0usize..3, crop in 0usize..2,
        ) {
            let shape = [5, 4, 3];
            let here = grid(shape, RAS);
            // The other grid runs along permuted and flipped axes, and starts a voxel later where it is cropped.
            let axis = |index: usize| (index + turn) % 3;
            let size = |index: usize| shape[axis(index)] - crop;
            let mut rows = [[0.0; 4]; 3];
            for (row, values) in rows.iter_mut().enumerate() {
                values[3] = RAS.0[row][3];
            }
            for index in 0..3 {
                let along = axis(index);
                let step = RAS.0[along][along];
                let first = if flips[index] { (shape[along] - 1) as f64 } else { crop as f64 };
                rows[along][index] = if flips[index] { -step } else { step };
                rows[along][3] += first * step;
            }
            let there = grid([size(0), size(1), size(2)], Affine(rows));
            let lattice = here.lattice(&there, Path::new("b.nii")).unwrap();
            for voxel in 0..here.n_voxels() {
                let place = |grid: &Grid, voxel: usize| {
                    let [nx, ny, _] = grid.shape;
                    grid.affine.apply([voxel % nx, voxel / nx % ny, voxel / (nx * ny)].map(|i| i as f64))
                };
                let nearest = (0..there.n_voxels()).find(|other| {
                    let (a, b) = (place(&here, voxel), place(&there, *other));
                    a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-9)
                });
                prop_assert_eq!(lattice.find(voxel), nearest);
            }
        }
    }

    #[test]
    fn other_lattices_are_refused() {
        let here = grid([4, 4, 4], RAS);
        let check = |affine: Affine| {
            here.lattice(&grid([4, 4, 4], affine), Path::new("b.nii")).unwrap_err().to_string()
        };
        let mut half = RAS;
        half.0[0][3] += 1.0;
        assert!(
            check(half)
                .starts_with("b.nii: found a grid of [4, 4, 4] RAS voxels from (-9.00, -20.00, 5.00) mm")
        );
        let mut larger = RAS;
        larger.0[2][2] = 3.1;
        assert!(check(larger).contains("resample it to the grid of the recordings"));
        let unknown = Grid { orientation: Orientation::Unknown, ..grid([4, 4, 3], RAS) };
        let error = here.lattice(&unknown, Path::new("b.nii")).unwrap_err().to_string();
        assert!(error.contains("without a position in space"), "{error}");
        assert!(here.lattice(&here, Path::new("b.nii")).unwrap().is_identity());
        assert_eq!(Affine([[0.0; 4]; 3]).inverse(), None);
    }
}

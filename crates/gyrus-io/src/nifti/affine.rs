//! From voxel indices to millimetres in the scanner's or a standard space.

/// The first three rows of the 4 × 4 matrix that maps (i, j, k, 1) to (x, y, z), x to the right, y forward, z up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Affine(pub [[f64; 4]; 3]);

impl Affine {
    /// Where a voxel lies.
    #[must_use]
    pub fn apply(&self, voxel: [f64; 3]) -> [f64; 3] {
        self.0.map(|row| row[0] * voxel[0] + row[1] * voxel[1] + row[2] * voxel[2] + row[3])
    }

    /// Size of a voxel along each of its axes.
    #[must_use]
    pub fn voxel_sizes(&self) -> [f64; 3] {
        let squared = |axis: usize| self.0.iter().map(|row| row[axis] * row[axis]).sum::<f64>();
        [squared(0).sqrt(), squared(1).sqrt(), squared(2).sqrt()]
    }

    /// The direction that each voxel axis follows most, such as `RAS` or `LPI`; None where two axes share one.
    #[must_use]
    pub fn axis_codes(&self) -> Option<String> {
        const CODES: [[char; 2]; 3] = [['R', 'L'], ['A', 'P'], ['S', 'I']];
        let sizes = self.voxel_sizes();
        let mut taken = [false; 3];
        let mut codes = String::new();
        for (axis, size) in sizes.iter().enumerate() {
            let cosine = |row: usize| self.0[row][axis] / size;
            let row = (0..3).max_by(|a, b| cosine(*a).abs().total_cmp(&cosine(*b).abs()))?;
            if taken[row] || !cosine(row).is_finite() || cosine(row) == 0.0 {
                return None;
            }
            taken[row] = true;
            codes.push(CODES[row][usize::from(cosine(row) < 0.0)]);
        }
        Some(codes)
    }

    /// The largest distance, in voxels, between where two matrices put a corner of a grid.
    #[must_use]
    pub fn difference(&self, other: &Self, shape: [usize; 3]) -> f64 {
        let smallest = self.voxel_sizes().into_iter().fold(f64::INFINITY, f64::min);
        let corner = |index: usize| {
            let at =
                |axis: usize| if index >> axis & 1 == 1 { shape[axis].saturating_sub(1) as f64 } else { 0.0 };
            let voxel = [at(0), at(1), at(2)];
            let (a, b) = (self.apply(voxel), other.apply(voxel));
            a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt() / smallest
        };
        (0..8).map(corner).fold(0.0, f64::max)
    }

    /// From the quaternion of a header (nifti1.h, method 2); None where its numbers are not a rotation.
    pub(super) fn from_quaternion(
        bcd: [f64; 3],
        offset: [f64; 3],
        sizes: [f64; 3],
        qfac: f64,
    ) -> Option<Self> {
        let [b, c, d] = bcd;
        let rest = 1.0 - (b * b + c * c + d * d);
        // Headers hold 32-bit floats: a sum of squares may pass 1 by rounding.
        let is_rotation = rest >= -3.0 * f64::from(f32::EPSILON) && sizes.iter().all(|size| *size >= 0.0);
        if !is_rotation || offset.iter().chain(&sizes).any(|value| !value.is_finite()) {
            return None;
        }
        let a = rest.max(0.0).sqrt();
        let norm = a * a + b * b + c * c + d * d;
        let s = 2.0 / norm;
        let rotation = [
            [1.0 - s * (c * c + d * d), s * (b * c - a * d), s * (b * d + a * c)],
            [s * (b * c + a * d), 1.0 - s * (b * b + d * d), s * (c * d - a * b)],
            [s * (b * d - a * c), s * (c * d + a * b), 1.0 - s * (b * b + c * c)],
        ];
        let scales = [sizes[0], sizes[1], if qfac < 0.0 { -sizes[2] } else { sizes[2] }];
        let row = |axis: usize| {
            let [x, y, z] = rotation[axis];
            [x * scales[0], y * scales[1], z * scales[2], offset[axis]]
        };
        Some(Self([row(0), row(1), row(2)]))
    }

    /// b, c and d of the quaternion and the sign of the third axis; None where the axes are not at right angles.
    ///
    /// The inverse of [`Affine::from_quaternion`], with a ≥ 0.
    pub(super) fn to_quaternion(self) -> Option<([f64; 3], f64)> {
        let sizes = self.voxel_sizes();
        let mut r = self.0.map(|row| [row[0] / sizes[0], row[1] / sizes[1], row[2] / sizes[2]]);
        let dot = |a: usize, b: usize| r.iter().map(|row| row[a] * row[b]).sum::<f64>();
        let is_square = [(0, 1), (0, 2), (1, 2)].iter().all(|(a, b)| dot(*a, *b).abs() < 1e-5);
        if !is_square || sizes.iter().any(|size| !(*size > 0.0 && size.is_finite())) {
            return None;
        }
        let determinant = r[0][0] * (r[1][1] * r[2][2] - r[1][2] * r[2][1])
            - r[0][1] * (r[1][0] * r[2][2] - r[1][2] * r[2][0])
            + r[0][2] * (r[1][0] * r[2][1] - r[1][1] * r[2][0]);
        let qfac = if determinant < 0.0 { -1.0 } else { 1.0 };
        r.iter_mut().for_each(|row| row[2] *= qfac);
        // 4 times the square of each part; the largest is not lost to rounding (Shepperd 1978).
        let squares = [
            1.0 + r[0][0] + r[1][1] + r[2][2],
            1.0 + r[0][0] - r[1][1] - r[2][2],
            1.0 - r[0][0] + r[1][1] - r[2][2],
            1.0 - r[0][0] - r[1][1] + r[2][2],
        ];
        let largest = (0..4).max_by(|a, b| squares[*a].total_cmp(&squares[*b]))?;
        let twice = squares[largest].sqrt();
        let part = |a: f64, b: f64| (a + b) / (2.0 * twice);
        let [a, b, c, d] = match largest {
            0 => [twice / 2.0, part(r[2][1], -r[1][2]), part(r[0][2], -r[2][0]), part(r[1][0], -r[0][1])],
            1 => [part(r[2][1], -r[1][2]), twice / 2.0, part(r[0][1], r[1][0]), part(r[0][2], r[2][0])],
            2 => [part(r[0][2], -r[2][0]), part(r[0][1], r[1][0]), twice / 2.0, part(r[1][2], r[2][1])],
            _ => [part(r[1][0], -r[0][1]), part(r[0][2], r[2][0]), part(r[1][2], r[2][1]), twice / 2.0],
        };
        let sign = if a < 0.0 { -1.0 } else { 1.0 };
        Some(([sign * b, sign * c, sign * d], qfac))
    }

    /// What is left where a header says nothing: the first axis to the left, the origin in the middle of the grid.
    pub(super) fn from_sizes(shape: [usize; 3], sizes: [f64; 3]) -> Self {
        let scales = [-sizes[0], sizes[1], sizes[2]];
        let mut rows = [[0.0; 4]; 3];
        for axis in 0..3 {
            rows[axis][axis] = scales[axis];
            rows[axis][3] = -scales[axis] * (shape[axis] as f64 - 1.0) / 2.0;
        }
        Self(rows)
    }

    pub(super) fn is_finite(&self) -> bool {
        self.0.iter().flatten().all(|value| value.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_differences() {
        let ras = Affine([[2.0, 0.0, 0.0, -10.0], [0.0, 3.0, 0.0, 0.0], [0.0, 0.0, 4.0, 5.0]]);
        assert_eq!(ras.axis_codes().as_deref(), Some("RAS"));
        assert_eq!(ras.voxel_sizes(), [2.0, 3.0, 4.0]);
        let lps = Affine([[0.0, -1.0, 0.0, 0.0], [-1.0, 0.1, 0.0, 0.0], [0.0, 0.0, -1.0, 0.0]]);
        assert_eq!(lps.axis_codes().as_deref(), Some("PLI"));
        assert_eq!(Affine([[0.0; 4]; 3]).axis_codes(), None);
        let mut moved = ras;
        moved.0[0][3] += 1.0;
        assert_eq!(ras.difference(&moved, [5, 5, 5]), 0.5);
        assert_eq!(ras.difference(&ras, [5, 5, 5]), 0.0);
    }

    /// Back and forth for rotations of all kinds, a half turn about each axis and mirror images among them.
    #[test]
    fn quaternions_and_back() {
        let mut angles = Vec::new();
        for (b, c, d) in [(0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)] {
            angles.push([b, c, d]);
        }
        for step in 0..40 {
            let angle = |factor: f64| (f64::from(step) * factor).sin() * 0.57;
            angles.push([angle(1.3), angle(2.1), angle(0.7)]);
        }
        for bcd in angles {
            for qfac in [1.0, -1.0] {
                let affine = Affine::from_quaternion(bcd, [-90.0, 3.0, 7.5], [2.0, 2.5, 3.0], qfac).unwrap();
                let (found, sign) = affine.to_quaternion().unwrap();
                let again = Affine::from_quaternion(found, [-90.0, 3.0, 7.5], [2.0, 2.5, 3.0], sign).unwrap();
                assert_eq!(sign, qfac);
                for (a, b) in affine.0.as_flattened().iter().zip(again.0.as_flattened()) {
                    assert!((a - b).abs() < 1e-9, "{bcd:?}: {a} {b}");
                }
            }
        }
        let sheared = Affine([[2.0, 0.3, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0], [0.0, 0.0, 2.0, 0.0]]);
        assert_eq!(sheared.to_quaternion(), None);
        assert_eq!(Affine([[0.0; 4]; 3]).to_quaternion(), None);
    }

    #[test]
    fn quaternions() {
        let plain = Affine::from_quaternion([0.0; 3], [1.0, 2.0, 3.0], [1.0; 3], 1.0).unwrap();
        assert_eq!(plain.0, [[1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 2.0], [0.0, 0.0, 1.0, 3.0]]);
        let half_turn = Affine::from_quaternion([1.0, 0.0, 0.0], [0.0; 3], [2.0; 3], -1.0).unwrap();
        assert_eq!(half_turn.0, [[2.0, 0.0, 0.0, 0.0], [0.0, -2.0, 0.0, 0.0], [0.0, 0.0, 2.0, 0.0]]);
        assert_eq!(Affine::from_quaternion([1.0, 1.0, 0.0], [0.0; 3], [1.0; 3], 1.0), None);
        assert_eq!(Affine::from_quaternion([f64::NAN, 0.0, 0.0], [0.0; 3], [1.0; 3], 1.0), None);
    }
}

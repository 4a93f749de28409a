//! The condition number of a few columns, by one-sided Jacobi rotations.

const MOST_SWEEPS: usize = 60;

/// Largest over smallest singular value of the matrix with these columns; 1 if there is none.
pub(super) fn condition_number(columns: &[Vec<f64>]) -> f64 {
    let mut columns = columns.to_vec();
    for _ in 0..MOST_SWEEPS {
        if !sweep(&mut columns) {
            break;
        }
    }
    let lengths: Vec<f64> = columns.iter().map(|column| dot(column, column).sqrt()).collect();
    let largest = lengths.iter().copied().fold(0.0, f64::max);
    let smallest = lengths.iter().copied().fold(f64::INFINITY, f64::min);
    if lengths.is_empty() { 1.0 } else { largest / smallest }
}

/// Rotates every pair of columns to a right angle; false if all were at one already.
fn sweep(columns: &mut [Vec<f64>]) -> bool {
    let mut rotated = false;
    for right in 1..columns.len() {
        let (head, tail) = columns.split_at_mut(right);
        for left in head {
            rotated |= rotate(left, &mut tail[0]);
        }
    }
    rotated
}

fn rotate(a: &mut [f64], b: &mut [f64]) -> bool {
    let (aa, bb, ab) = (dot(a, a), dot(b, b), dot(a, b));
    if ab.abs() <= 1e-14 * (aa * bb).sqrt() {
        return false;
    }
    let zeta = (bb - aa) / (2.0 * ab);
    let tangent = zeta.signum() / (zeta.abs() + (1.0 + zeta * zeta).sqrt());
    let cosine = 1.0 / (1.0 + tangent * tangent).sqrt();
    let sine = cosine * tangent;
    for (x, y) in a.iter_mut().zip(b) {
        (*x, *y) = (cosine * *x - sine * *y, sine * *x + cosine * *y);
    }
    true
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(size: f64, columns: &[Vec<f64>]) -> Vec<Vec<f64>> {
        columns.iter().map(|column| column.iter().map(|value| size * value).collect()).collect()
    }

    /// I − 2 v vᵀ with v of length 1.
    fn reflection(v: [f64; 4]) -> impl Fn(usize, usize) -> f64 {
        move |row, column| f64::from(u8::from(row == column)) - 2.0 * v[row] * v[column]
    }

    #[test]
    fn the_condition_number_is_that_of_planted_singular_values_in_any_unit() {
        let (left, right) = (reflection([0.5, 0.5, 0.5, -0.5]), reflection([0.1, 0.7, -0.5, 0.5]));
        let singular = [2.0, 7.0, 20.0, 3.0];
        let entry = |row: usize, column: usize| {
            (0..4).map(|k| left(row, k) * singular[k] * right(k, column)).sum::<f64>()
        };
        let planted: Vec<Vec<f64>> =
            (0..4).map(|column| (0..4).map(|row| entry(row, column)).collect()).collect();
        // e_i + 2: the Gram matrix is I + (2 · 2 + 4 · 2²) 1 1ᵀ, with eigenvalues 1 and 9².
        let level: Vec<Vec<f64>> =
            (0..4).map(|i| (0..4).map(|row| 2.0 + f64::from(u8::from(row == i))).collect()).collect();
        for size in [1e-15, 1.0, 1e15] {
            for (columns, expected) in [(&planted, 10.0), (&level, 9.0)] {
                let found = condition_number(&times(size, columns));
                assert!((found - expected).abs() < 1e-11, "{size}: {found} {expected}");
            }
        }
        assert_eq!(condition_number(&[]), 1.0);
    }

    #[test]
    fn one_rotation_makes_a_right_angle_and_keeps_lengths_and_area() {
        for size in [1e-15, 1.0, 1e15] {
            for (a, b) in [([1.0, 0.0], [0.6, 0.8]), ([3.0, 1.0], [-2.0, 0.5]), ([0.1, 0.2], [4.0, 5.0])] {
                let [mut a, mut b] = [a, b].map(|column| column.map(|value| size * value));
                let area = a[0] * b[1] - a[1] * b[0];
                let length = dot(&a, &a) + dot(&b, &b);
                assert!(rotate(&mut a, &mut b));
                assert!(dot(&a, &b).abs() < 1e-14 * length, "{a:?} {b:?}");
                assert!((dot(&a, &a) + dot(&b, &b) - length).abs() < 1e-14 * length);
                assert!((a[0] * b[1] - a[1] * b[0] - area).abs() < 1e-14 * length);
            }
        }
        assert!(!rotate(&mut [2.0, 0.0], &mut [0.0, 3.0]));
    }
}

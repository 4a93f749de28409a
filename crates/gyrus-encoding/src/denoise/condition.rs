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

//! Contiguous stretches of rows, and sums over rows.

use std::ops::Range;

/// Ascending rows as contiguous stretches.
pub(crate) fn stretches(rows: impl Iterator<Item = usize>) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for row in rows {
        match found.last_mut().filter(|last| last.end == row) {
            Some(last) => last.end += 1,
            None => found.push(row..row + 1),
        }
    }
    found
}

/// Σ value(i) for i below `count`, in eight interleaved parts: one chain of additions would wait for each of them.
pub(crate) fn sum_in_parts(count: usize, value: impl Fn(usize) -> f64) -> f64 {
    let mut parts = [0.0; 8];
    let whole = count - count % 8;
    for start in (0..whole).step_by(8) {
        for (offset, part) in parts.iter_mut().enumerate() {
            *part += value(start + offset);
        }
    }
    parts.iter().sum::<f64>() + (whole..count).map(value).sum::<f64>()
}

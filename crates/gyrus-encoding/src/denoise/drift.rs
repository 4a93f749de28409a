//! Slow drift as cosines or polynomials.

use std::f64::consts::PI;
use std::ops::Range;

use gyrus_core::{RepetitionTime, Seconds};
use ndarray::{Array1, Array2, ArrayView1, s};

use super::Regressors;

/// Cosines slower than `high_pass`, without the constant: column k = 1..K is √(2/n) cos(π (t + ½) k / n), with
/// K = floor(2 n TR / high_pass), at most n − 1.
///
/// # Shapes
/// Returns (n_samples, K), columns orthonormal. K is 0 for a run shorter than half of `high_pass`.
///
/// # References
/// The discrete cosine set of SPM and of nilearn's `drift_model="cosine"`.
#[must_use]
pub fn cosines(n_samples: usize, interval: RepetitionTime, high_pass: Seconds) -> Regressors {
    // A cut-off that divides twice the run exactly must not lose its last cosine to rounding.
    let count = (2.0 * n_samples as f64 * interval.get() / high_pass.get() + 1e-9).floor().max(0.0);
    let count = if count.is_finite() { count as usize } else { 0 };
    let count = count.min(n_samples.saturating_sub(1));
    let n = n_samples as f64;
    let value = |(sample, k): (usize, usize)| {
        (2.0 / n).sqrt() * libm::cos(PI / n * (sample as f64 + 0.5) * (k as f64 + 1.0))
    };
    let columns = (1..=count).map(|k| format!("cosine_{k}")).collect();
    Regressors { name: "drift".to_owned(), columns, values: Array2::from_shape_fn((n_samples, count), value) }
}

/// Powers of time, without the constant: column k = 1..`order` is u^k with u from −1 to 1.
///
/// # Shapes
/// Returns (n_samples, order). Order 1 is a linear trend.
#[must_use]
pub fn polynomials(n_samples: usize, order: usize) -> Regressors {
    let last = n_samples.saturating_sub(1).max(1) as f64;
    let value = |(sample, power): (usize, usize)| {
        let u = 2.0 * sample as f64 / last - 1.0;
        (0..=power).fold(1.0, |product, _| product * u)
    };
    let columns = (1..=order).map(|power| format!("trend_{power}")).collect();
    Regressors { name: "drift".to_owned(), columns, values: Array2::from_shape_fn((n_samples, order), value) }
}

/// The drift of every stretch of a run by itself, of what `of` gives for so many samples: what is taken from one stretch says nothing
/// of another. Every stretch but the first has a constant as well; that of the run is in every projection.
///
/// # Shapes
/// Returns (n_samples, Σ over stretches of their columns); 0 outside of the stretch of a column. Of one stretch, its columns alone.
#[must_use]
pub fn by_stretch(
    n_samples: usize,
    stretches: &[Range<usize>],
    of: impl Fn(usize) -> Vec<Regressors>,
) -> Regressors {
    let (mut columns, mut values) = (Vec::new(), Vec::new());
    for (index, stretch) in stretches.iter().enumerate() {
        if index > 0 {
            columns.push(format!("constant of block {}", index + 1));
            values.push(placed(n_samples, stretch, Array1::ones(stretch.len()).view()));
        }
        for part in of(stretch.len()) {
            columns.extend(part.columns.iter().map(|name| match stretches.len() {
                1 => name.clone(),
                _ => format!("{name} of block {}", index + 1),
            }));
            values.extend(part.values.columns().into_iter().map(|column| placed(n_samples, stretch, column)));
        }
    }
    let values = Array2::from_shape_fn((n_samples, values.len()), |(sample, column)| values[column][sample]);
    Regressors { name: "drift".to_owned(), columns, values }
}

fn placed(n_samples: usize, stretch: &Range<usize>, column: ArrayView1<'_, f64>) -> Array1<f64> {
    let mut all = Array1::zeros(n_samples);
    all.slice_mut(s![stretch.clone()]).assign(&column);
    all
}

//! R² of held-out samples against the mean of the training samples, and how it divides among bands.

use gyrus_core::Folds;
use ndarray::{Array2, ArrayView1, ArrayView2};

use super::held_out::check;
use crate::EncodingError;
use crate::split::Test;

/// R² = 1 − Σ (y − ȳ − p)² / Σ (y − ȳ)² over the held-out samples of each fold, with ȳ the training mean and p a
/// prediction less the training mean, as [`crate::ridge::fit`] gives it. Worse than the training mean is negative.
///
/// # Shapes
/// `predictions` and `responses`: (n_samples, n_targets). Returns (n_folds, n_targets); NaN where a response equals
/// its training mean throughout, or is not finite.
///
/// # Errors
/// - [`EncodingError::SampleMismatch`] if shapes differ from each other or from the folds'.
pub fn r_squared(
    predictions: &Test<Array2<f32>>,
    responses: &Test<Array2<f32>>,
    folds: &Folds,
) -> Result<Array2<f64>, EncodingError> {
    let (predictions, responses) = (predictions.get().view(), responses.get().view());
    check(predictions, responses, folds)?;
    let shape = (folds.len(), responses.ncols());
    Ok(Array2::from_shape_fn(shape, |(fold, target)| {
        let fold = &folds.as_slice()[fold];
        let observed = responses.column(target);
        let mean = mean_of(observed, &fold.train);
        let (mut left, mut total) = (0.0, 0.0);
        for row in &fold.test {
            let (y, p) = (f64::from(observed[*row]) - mean, f64::from(predictions[(*row, target)]));
            left += (y - p) * (y - p);
            total += y * y;
        }
        if total > 0.0 { 1.0 - left / total } else { f64::NAN }
    }))
}

/// The product measure (Pratt 1987; Dupré la Tour et al. 2022): R² as a sum of one share per band, from predictions
/// p = Σ p_b of one fit: share_b = Σ p_b (2 (y − ȳ) − p) / Σ (y − ȳ)². A share may be negative.
///
/// # Shapes
/// `parts`: per band (n_samples, n_targets). Returns per band (n_folds, n_targets); they sum to [`r_squared`] of Σ p_b.
///
/// # Errors
/// - [`EncodingError::SampleMismatch`] if shapes differ from each other or from the folds'.
pub fn product_measure(
    parts: &[Test<Array2<f32>>],
    responses: &Test<Array2<f32>>,
    folds: &Folds,
) -> Result<Vec<Array2<f64>>, EncodingError> {
    let responses = responses.get().view();
    for part in parts {
        check(part.get().view(), responses, folds)?;
    }
    let mut shares = vec![Array2::from_elem((folds.len(), responses.ncols()), f64::NAN); parts.len()];
    for (index, fold) in folds.as_slice().iter().enumerate() {
        for target in 0..responses.ncols() {
            let observed = responses.column(target);
            let mean = mean_of(observed, &fold.train);
            let mut total = 0.0;
            let mut sums = vec![0.0; parts.len()];
            for row in &fold.test {
                let y = f64::from(observed[*row]) - mean;
                let of = |part: &Test<Array2<f32>>| f64::from(part.get()[(*row, target)]);
                let p: f64 = parts.iter().map(of).sum();
                total += y * y;
                parts.iter().zip(&mut sums).for_each(|(part, sum)| *sum += of(part) * (2.0 * y - p));
            }
            for (share, sum) in shares.iter_mut().zip(sums) {
                share[(index, target)] = if total > 0.0 { sum / total } else { f64::NAN };
            }
        }
    }
    Ok(shares)
}

/// Divides the score of all bands among what every set of them has in common and the others do not:
///
/// > part(S) = Σ_{T ⊆ S} (−1)^(|T| + 1) R(T ∪ S̄), S̄ the bands outside S, R of no band 0.
///
/// With two bands part(A) = R(AB) − R(B) and part(AB) = R(A) + R(B) − R(AB). The score of any set is the sum of the parts
/// that have a band of it; a part may be negative. R is R², or r, of which parts are differences.
///
/// # Shapes
/// `of_sets`: (2^n_bands, n_targets), the row of a set has bit b where it has band b; the row of no band is not looked at.
/// Returns the same shape, in the same order of rows, 0 in the first; NaN throughout where rows are not 2^n_bands.
#[must_use]
pub fn partition(of_sets: ArrayView2<'_, f64>) -> Array2<f64> {
    if !of_sets.nrows().is_power_of_two() {
        return Array2::from_elem(of_sets.raw_dim(), f64::NAN);
    }
    let all = of_sets.nrows() - 1;
    let mut parts = Array2::zeros(of_sets.raw_dim());
    for set in 1..=all {
        for inside in (0..=set).filter(|inside| inside & !set == 0) {
            let scored = inside | (all & !set);
            if scored != 0 {
                let sign = if inside.count_ones() % 2 == 1 { 1.0 } else { -1.0 };
                parts.row_mut(set).scaled_add(sign, &of_sets.row(scored));
            }
        }
    }
    parts
}

fn mean_of(series: ArrayView1<'_, f32>, rows: &[usize]) -> f64 {
    rows.iter().map(|row| f64::from(series[*row])).sum::<f64>() / rows.len() as f64
}

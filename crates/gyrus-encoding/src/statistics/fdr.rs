//! Control of the false discovery rate.

use crate::EncodingError;

/// p adjusted by Benjamini & Hochberg's procedure: for independent or positively dependent tests.
/// NaN stands for a test that was not made: it stays NaN and does not count.
///
/// # Errors
/// - [`EncodingError::Probability`] with the first p that is not between 0 and 1.
///
/// # References
/// Benjamini & Hochberg (1995), J R Stat Soc B 57:289.
pub fn benjamini_hochberg(p: &[f64]) -> Result<Vec<f64>, EncodingError> {
    step_up(p, |_| 1.0)
}

/// p adjusted by Benjamini & Yekutieli's procedure: for any dependence between tests. NaN as for
/// [`benjamini_hochberg`].
///
/// # Errors
/// - [`EncodingError::Probability`] with the first p that is not between 0 and 1.
///
/// # References
/// Benjamini & Yekutieli (2001), Ann Stat 29:1165.
pub fn benjamini_yekutieli(p: &[f64]) -> Result<Vec<f64>, EncodingError> {
    step_up(p, |tests| (1..=tests).map(|rank| 1.0 / rank as f64).sum())
}

fn step_up(p: &[f64], factor: impl Fn(usize) -> f64) -> Result<Vec<f64>, EncodingError> {
    let wrong = |p: &f64| !p.is_nan() && !(0.0..=1.0).contains(p);
    if let Some(index) = p.iter().position(wrong) {
        return Err(EncodingError::Probability { index, found: p[index] });
    }
    let mut order: Vec<usize> = (0..p.len()).filter(|index| !p[*index].is_nan()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let tests = order.len();
    let factor = factor(tests);
    let mut adjusted = vec![f64::NAN; p.len()];
    let mut smallest = 1.0_f64;
    for (rank, index) in order.iter().enumerate().rev() {
        smallest = smallest.min(p[*index] * factor * tests as f64 / (rank + 1) as f64);
        adjusted[*index] = smallest;
    }
    Ok(adjusted)
}

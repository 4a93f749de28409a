//! Pearson and Spearman correlation of two short series.

/// Pearson's correlation, `None` where a series is (but for rounding) constant, not finite, of another
/// length, or shorter than two.
#[must_use]
pub fn pearson(x: &[f64], y: &[f64]) -> Option<f64> {
    if x.len() != y.len() {
        return None;
    }
    let (x, y) = (standardised(x)?, standardised(y)?);
    let r: f64 = x.iter().zip(&y).map(|(a, b)| a * b).sum();
    Some(r.clamp(-1.0, 1.0))
}

/// Spearman's correlation: Pearson's of the ranks, ties sharing their mean rank. `None` as for [`pearson`].
#[must_use]
pub fn spearman(x: &[f64], y: &[f64]) -> Option<f64> {
    if x.iter().chain(y).any(|value| !value.is_finite()) {
        return None;
    }
    pearson(&ranks(x), &ranks(y))
}

/// Ranks from 1, equal values sharing the mean of theirs.
#[must_use]
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    while first < order.len() {
        let ties =
            order[first..].iter().take_while(|index| values[**index] == values[order[first]]).count().max(1);
        let shared = first as f64 + (ties as f64 + 1.0) / 2.0;
        for index in &order[first..first + ties] {
            ranks[*index] = shared;
        }
        first += ties;
    }
    ranks
}

/// The series with mean 0 and sum of squares 1.
pub(crate) fn standardised(values: &[f64]) -> Option<Vec<f64>> {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let centred: Vec<f64> = values.iter().map(|value| value - mean).collect();
    let squares: f64 = centred.iter().map(|value| value * value).sum();
    let size: f64 = values.iter().map(|value| value * value).sum();
    // Equal values differ from their mean by rounding only.
    let is_constant = squares <= 1e-24 * size;
    if is_constant || !squares.is_finite() {
        return None;
    }
    let norm = squares.sqrt();
    Some(centred.into_iter().map(|value| value / norm).collect())
}

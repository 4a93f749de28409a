//! How alike the geometries of two sets of patterns are.

use ndarray::{Array2, ArrayView2};

use super::require_finite;
use crate::EncodingError;
use crate::statistics::correlation::standardised;
use crate::statistics::{pearson, ranks, spearman};

/// How dissimilarities of two kinds are compared over pairs of conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Pearson's correlation: supposes one straight line.
    Pearson,
    /// Spearman's: any growing relation.
    Spearman,
}

/// 1 − r of the patterns of every pair of conditions, in the order (0, 1), (0, 2), … (1, 2), …
///
/// # Shapes
/// `patterns` is (n_conditions, n_units); the result has n (n − 1) / 2.
///
/// # Errors
/// - [`EncodingError::TooFewPatterns`]: fewer than three conditions or two units.
/// - [`EncodingError::NonFinite`], [`EncodingError::ConstantPattern`]: a pattern without a correlation.
///
/// # References
/// Kriegeskorte, Mur & Bandettini (2008), Front Syst Neurosci 2:4.
pub fn correlation_distances(patterns: ArrayView2<'_, f64>) -> Result<Vec<f64>, EncodingError> {
    require_enough(patterns)?;
    require_finite(patterns)?;
    let row = |(index, row): (usize, ndarray::ArrayView1<'_, f64>)| {
        standardised(&row.to_vec()).ok_or(EncodingError::ConstantPattern { what: "condition", index })
    };
    let rows = patterns.rows().into_iter().enumerate().map(row).collect::<Result<Vec<_>, _>>()?;
    let distance =
        |(i, j): (usize, usize)| 1.0 - rows[i].iter().zip(&rows[j]).map(|(a, b)| a * b).sum::<f64>();
    Ok(pairs(rows.len()).map(distance).collect())
}

/// Squared distances between conditions, crossed over runs, per unit:
///
/// d_ij = mean_{a ≠ b} (x_i^a − x_j^a) · (x_i^b − x_j^b) / n_units.
///
/// Noise of different runs is independent, so that conditions without a difference have mean 0 and single distances may be
/// negative.
///
/// # Shapes
/// Every run is (n_conditions, n_units).
///
/// # Errors
/// - [`EncodingError::TooFewPatterns`]: fewer than two runs, three conditions or two units.
/// - [`EncodingError::PatternShape`]: runs of different shapes.
/// - [`EncodingError::NonFinite`].
///
/// # References
/// Walther et al. (2016), NeuroImage 137:188 (crossed distances; here without whitening).
pub fn crossed_distances(runs: &[ArrayView2<'_, f64>]) -> Result<Vec<f64>, EncodingError> {
    if runs.len() < 2 {
        return Err(EncodingError::TooFewPatterns { what: "runs", found: runs.len(), needed: 2 });
    }
    for (index, run) in runs.iter().enumerate() {
        let (found, expected) = (run.dim(), runs[0].dim());
        if found != expected {
            return Err(EncodingError::PatternShape { what: "run", index, found, expected });
        }
        require_enough(*run)?;
        require_finite(*run)?;
    }
    let (conditions, units) = runs[0].dim();
    let zero: Array2<f64> = Array2::zeros((conditions, units));
    let sum = runs.iter().fold(zero, |sum, run| sum + run);
    let count = runs.len() as f64;
    let distance = |(i, j): (usize, usize)| {
        let squares: f64 = runs.iter().map(|run| squared(run.view(), i, j)).sum();
        (squared(sum.view(), i, j) - squares) / (count * (count - 1.0) * units as f64)
    };
    Ok(pairs(conditions).map(distance).collect())
}

fn squared(patterns: ArrayView2<'_, f64>, i: usize, j: usize) -> f64 {
    patterns.row(i).iter().zip(patterns.row(j)).map(|(a, b)| (a - b) * (a - b)).sum()
}

fn require_enough(patterns: ArrayView2<'_, f64>) -> Result<(), EncodingError> {
    let (conditions, units) = patterns.dim();
    for (what, found, needed) in [("conditions", conditions, 3), ("units", units, 2)] {
        if found < needed {
            return Err(EncodingError::TooFewPatterns { what, found, needed });
        }
    }
    Ok(())
}

fn pairs(count: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..count).flat_map(move |i| (i + 1..count).map(move |j| (i, j)))
}

/// Correlation of dissimilarities over pairs of conditions; `None` where a side is constant or the lengths differ.
#[must_use]
pub fn compare(one: &[f64], other: &[f64], comparison: Comparison) -> Option<f64> {
    match comparison {
        Comparison::Pearson => pearson(one, other),
        Comparison::Spearman => spearman(one, other),
    }
}

/// How well a geometry could fit those of these participants at best.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RepresentationCeiling {
    /// Mean fit of the mean of the others: a lower estimate.
    pub lower: f64,
    /// Mean fit of the mean of everybody, which was fitted to each: an upper one.
    pub upper: f64,
}

/// Ceilings of the mean fit over participants. Dissimilarities are z-scored (Pearson) or ranked (Spearman) before they are
/// averaged.
///
/// # Errors
/// - [`EncodingError::TooFewParticipants`]: fewer than two.
/// - [`EncodingError::PatternShape`]: other numbers of pairs.
/// - [`EncodingError::ConstantPattern`]: a participant whose dissimilarities are all equal.
///
/// # References
/// Nili et al. (2014), PLoS Comput Biol 10:e1003553.
pub fn representation_ceiling(
    people: &[Vec<f64>],
    comparison: Comparison,
) -> Result<RepresentationCeiling, EncodingError> {
    if people.len() < 2 {
        return Err(EncodingError::TooFewParticipants { found: people.len(), needed: 2 });
    }
    let made = |(index, own): (usize, &Vec<f64>)| {
        if own.len() != people[0].len() {
            let (found, expected) = ((own.len(), 1), (people[0].len(), 1));
            return Err(EncodingError::PatternShape { what: "participant", index, found, expected });
        }
        let scaled =
            standardised(own).ok_or(EncodingError::ConstantPattern { what: "participant", index })?;
        // Means of ranks have ties, which sums of scaled ranks would break by rounding.
        Ok(if comparison == Comparison::Spearman { ranks(own) } else { scaled })
    };
    let made = people.iter().enumerate().map(made).collect::<Result<Vec<_>, _>>()?;
    let sum = |without: Option<usize>| {
        let mut sum = vec![0.0; people[0].len()];
        for (_, own) in made.iter().enumerate().filter(|(index, _)| Some(*index) != without) {
            sum.iter_mut().zip(own).for_each(|(sum, value)| *sum += value);
        }
        sum
    };
    let fit = |best: &[f64], own: &[f64]| compare(best, own, comparison).unwrap_or(f64::NAN);
    let all = sum(None);
    let upper: f64 = made.iter().map(|own| fit(&all, own)).sum();
    let lower: f64 = made.iter().enumerate().map(|(index, own)| fit(&sum(Some(index)), own)).sum();
    let count = people.len() as f64;
    Ok(RepresentationCeiling { lower: lower / count, upper: upper / count })
}

//! Scores of whole patterns over targets: 2-versus-2 and retrieval rank of held-out samples.

use gyrus_core::Folds;
use ndarray::{Array2, ArrayView2};

use super::held_out::{Standard, check};
use crate::EncodingError;
use crate::split::Test;

/// Scores of one fold; chance is 0.5 for both.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PatternScore {
    /// Share of pairs of held-out samples that are told apart: s(i,i) + s(j,j) > s(i,j) + s(j,i), a tie counts half.
    pub two_versus_two: f64,
    /// Mean of 1 − rank / (n − 1), with rank from 0 the number of held-out responses that are more similar to a
    /// prediction than its own (a tie counts half).
    pub retrieval_rank: f64,
    /// Targets that took part: those with values on both sides.
    pub n_targets: usize,
}

/// Similarity s(i,j) is the correlation over targets of the prediction of sample i and the response of sample j, after
/// every target is z-scored over the held-out samples of its fold. NaN with fewer than two targets or samples.
///
/// Neighbouring samples are alike, so that 2-versus-2 over all pairs is harder than over distant ones.
///
/// # Shapes
/// `predictions` and `responses`: (n_samples, n_targets). Returns one score per fold.
///
/// # Errors
/// - [`EncodingError::SampleMismatch`] if shapes differ from each other or from the folds'.
///
/// # References
/// Mitchell et al. (2008), Science 320:1191 (leave-two-out).
pub fn patterns(
    predictions: &Test<Array2<f32>>,
    responses: &Test<Array2<f32>>,
    folds: &Folds,
) -> Result<Vec<PatternScore>, EncodingError> {
    let (predictions, responses) = (predictions.get().view(), responses.get().view());
    check(predictions, responses, folds)?;
    let of_fold = |fold: &gyrus_core::Fold| {
        let mut sides = (Vec::new(), Vec::new());
        for target in 0..responses.ncols() {
            let both = (
                Standard::of(predictions.column(target), fold),
                Standard::of(responses.column(target), fold),
            );
            if let (Some(predicted), Some(observed)) = both {
                sides.0.push(predicted);
                sides.1.push(observed);
            }
        }
        score(&rows_of(&sides.0, fold.test.len()), &rows_of(&sides.1, fold.test.len()))
    };
    Ok(folds.as_slice().iter().map(of_fold).collect())
}

/// Samples over targets, each less its mean and with length 1.
fn rows_of(targets: &[Standard], n_samples: usize) -> Array2<f64> {
    let mut rows =
        Array2::from_shape_fn((n_samples, targets.len()), |(row, target)| targets[target].values()[row]);
    for mut row in rows.rows_mut() {
        let mean = row.sum() / row.len() as f64;
        row -= mean;
        let length = row.dot(&row).sqrt();
        row.mapv_inplace(|value| if length > 0.0 { value / length } else { 0.0 });
    }
    rows
}

fn score(predicted: &Array2<f64>, observed: &Array2<f64>) -> PatternScore {
    // A target with fewer than two samples is constant, and not among these.
    let n_targets = predicted.ncols();
    if n_targets < 2 {
        return PatternScore { two_versus_two: f64::NAN, retrieval_rank: f64::NAN, n_targets };
    }
    let similarity = predicted.dot(&observed.t());
    PatternScore {
        two_versus_two: pairs(similarity.view()),
        retrieval_rank: ranks(similarity.view()),
        n_targets,
    }
}

fn pairs(similarity: ArrayView2<'_, f64>) -> f64 {
    let n = similarity.nrows();
    let mut right = 0.0;
    for i in 0..n {
        for j in i + 1..n {
            let matched = similarity[(i, i)] + similarity[(j, j)];
            right += won(matched, similarity[(i, j)] + similarity[(j, i)]);
        }
    }
    right / (n * (n - 1) / 2) as f64
}

fn ranks(similarity: ArrayView2<'_, f64>) -> f64 {
    let n = similarity.nrows();
    let of = |i: usize| {
        let others = (0..n).filter(|j| *j != i).map(|j| won(similarity[(i, i)], similarity[(i, j)]));
        others.sum::<f64>() / (n - 1) as f64
    };
    (0..n).map(of).sum::<f64>() / n as f64
}

fn won(own: f64, other: f64) -> f64 {
    if own > other {
        1.0
    } else if own == other {
        0.5
    } else {
        0.0
    }
}

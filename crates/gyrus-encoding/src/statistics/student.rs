//! One-sample t test of participants' scores, with the size of the effect.

use super::distributions::student_two_sided;
use super::{Tail, square};

/// What participants' scores say of their mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OneSample {
    /// Number of finite scores.
    pub n: usize,
    /// How many of them are above 0.
    pub n_positive: usize,
    /// Their mean.
    pub mean: f64,
    /// Standard error of the mean, from the variance with n − 1.
    pub standard_error: f64,
    /// Cohen's d_z: mean over standard deviation.
    pub effect: f64,
    /// mean / standard error.
    pub t: f64,
    /// Probability of such a t, or one further out, without an effect.
    pub p: f64,
}

/// Tests whether the mean of scores differs from 0. Scores that are not finite are left out; with fewer than
/// two, or with equal ones, what cannot be computed is NaN.
///
/// Over participants who heard the same stimulus the result generalises over participants, for this stimulus.
#[must_use]
pub fn one_sample(scores: &[f64], tail: Tail) -> OneSample {
    let scores: Vec<f64> = scores.iter().copied().filter(|score| score.is_finite()).collect();
    let n = scores.len();
    let mean = scores.iter().sum::<f64>() / n as f64;
    let squares: f64 = scores.iter().map(|score| square(score - mean)).sum();
    // One score, or none, is constant too.
    let is_constant = scores.iter().all(|score| *score == scores[0]);
    let deviation = if is_constant { f64::NAN } else { (squares / (n as f64 - 1.0)).sqrt() };
    let standard_error = deviation / (n as f64).sqrt();
    let t = mean / standard_error;
    let two_sided = student_two_sided(t, n as f64 - 1.0);
    let p = match tail {
        Tail::TwoSided => two_sided,
        Tail::Greater if t >= 0.0 => two_sided / 2.0,
        Tail::Greater => 1.0 - two_sided / 2.0,
    };
    let n_positive = scores.iter().filter(|score| **score > 0.0).count();
    OneSample { n, n_positive, mean, standard_error, effect: mean / deviation, t, p }
}

//! p beyond what surrogates can count: a generalised Pareto distribution over the largest of them.

use super::{Exceedances, permutation_p};

/// One in so many surrogates is above the threshold.
const PART: usize = 10;
/// Fewest surrogates above it that a distribution may be fitted to.
const FEWEST: usize = 20;
/// So many surrogates that reach a value are counted, not fitted.
const COUNTED: usize = 10;

/// p of an observed statistic by the tail of its null, with n finite values in it.
///
/// Where ten or more of them reach it, p = (1 + b) / (1 + n). Else, with N = ⌊n / 10⌋ values above the threshold u (halfway to the next) and
/// their excesses of mean m and variance s²:
///
/// p = N / n · (1 + ξ (x − u) / σ)^(−1/ξ), ξ = max(0, (1 − m² / s²) / 2), σ = m (1 − ξ),
///
/// and N / n · e^(−(x − u) / m) for ξ = 0. A tail that has an end (ξ < 0), as that of a normal distribution seems to have from its upper tenth, is
/// taken for an exponential one: an end would make p 0 where another value may still come, and the exponential p is too large rather than too small.
///
/// NaN without an observed statistic, with fewer than 200 finite values where fewer than ten reach it, and where those above the threshold are
/// all the same.
///
/// # References
/// Knijnenburg et al. (2009), Bioinformatics 25:i161; Hosking & Wallis (1987), Technometrics 29:339, for the moments.
#[must_use]
pub fn tail_p(observed: f64, null: &[f64]) -> f64 {
    let mut values: Vec<f64> = null.iter().copied().filter(|value| value.is_finite()).collect();
    values.sort_by(|a, b| b.total_cmp(a));
    let reached = values.partition_point(|value| *value >= Exceedances::threshold(observed));
    if observed.is_nan() {
        return f64::NAN;
    }
    if reached >= COUNTED {
        return permutation_p(reached as u64, values.len() as u64);
    }
    let count = values.len() / PART;
    if count < FEWEST {
        return f64::NAN;
    }
    if values[0] == values[count - 1] {
        return f64::NAN;
    }
    let threshold = f64::midpoint(values[count - 1], values[count]);
    let excesses = || values[..count].iter().map(|value| value - threshold);
    let mean = excesses().sum::<f64>() / count as f64;
    let variance = excesses().map(|excess| (excess - mean) * (excess - mean)).sum::<f64>() / count as f64;
    let shape = (0.5 * (1.0 - mean * mean / variance)).max(0.0);
    let at = (observed - threshold) / (mean * (1.0 - shape));
    let exponent = if shape > 0.0 { libm::log1p(shape * at) / shape } else { at };
    (count as f64 / values.len() as f64 * libm::exp(-exponent)).max(f64::MIN_POSITIVE)
}

//! Student's t with an effect: the probability that it is above a value.

use super::distributions::normal_cdf;

/// P(T > `t`) for T = (Z + `shift`) / √(χ²/`freedom`); NaN without a degree of freedom.
///
/// P(T > t) = ∫ Φ(shift − t·eʸ) f(eʸ) eʸ dy with f the density of √(χ²/freedom).
///
/// # Numerics
/// Trapezoids over y, in steps of a sixteenth of the density's width and at most .02: the integrand is smooth and falls off
/// faster than any power on both sides, so that the error is about 10⁻¹⁰.
///
/// # References
/// Johnson, Kotz & Balakrishnan (1995), Continuous Univariate Distributions 2, chapter 31.
#[must_use]
pub fn noncentral_t_above(t: f64, freedom: f64, shift: f64) -> f64 {
    if freedom.is_nan() || freedom <= 0.0 || t.is_nan() || shift.is_nan() {
        return f64::NAN;
    }
    let half = freedom / 2.0;
    let front = core::f64::consts::LN_2 + half * libm::log(half) - libm::lgamma(half);
    let density = |y: f64| libm::exp(front + freedom * y - half * libm::exp(2.0 * y));
    let width = (40.0 / freedom).sqrt();
    let (low, high) = (-(40.0 / freedom + width + 0.5), width + 0.5);
    let step = (1.0 / (2.0 * freedom).sqrt() / 16.0).min(0.02);
    let steps = ((high - low) / step).ceil() as usize;
    let at = |index: usize| {
        let y = low + index as f64 * step;
        density(y) * normal_cdf(shift - t * libm::exp(y))
    };
    (step * (0..=steps).map(at).sum::<f64>()).min(1.0)
}

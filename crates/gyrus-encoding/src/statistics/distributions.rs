//! Normal, Student and incomplete beta distributions to about 14 digits.

/// Continued fractions stop when a step changes less than this.
const PRECISION: f64 = 1e-16;
const MOST_STEPS: usize = 10_000;

/// Probability that a standard normal variable is at most `z`.
#[must_use]
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

/// The z below which a standard normal variable lies with probability `p`; ∓∞ at 0 and 1, NaN outside.
///
/// Bisection on [`normal_cdf`]: slow and exact to rounding.
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p > 0.5 {
        return -normal_quantile_lower(1.0 - p);
    }
    normal_quantile_lower(p)
}

fn normal_quantile_lower(p: f64) -> f64 {
    if p == 0.0 {
        return f64::NEG_INFINITY;
    }
    let (mut low, mut high) = (-40.0_f64, 1.0_f64);
    loop {
        let middle = f64::midpoint(low, high);
        if middle == low || middle == high {
            return middle;
        }
        if normal_cdf(middle) < p { low = middle } else { high = middle }
    }
}

/// Probability that Student's t with `freedom` degrees is at least |t| away from 0.
#[must_use]
pub fn student_two_sided(t: f64, freedom: f64) -> f64 {
    if t.is_nan() || freedom <= 0.0 {
        return f64::NAN;
    }
    if t.is_infinite() {
        return 0.0;
    }
    incomplete_beta(freedom / (freedom + t * t), t * t / (freedom + t * t), freedom / 2.0, 0.5)
}

/// The t that Student's variable with `freedom` degrees exceeds with probability `p`; NaN unless 0 < p ≤ 1/2 and there is
/// a degree.
///
/// Bisection on [`student_two_sided`]: slow and exact to rounding.
#[must_use]
pub fn student_quantile(p: f64, freedom: f64) -> f64 {
    if !(p > 0.0 && p <= 0.5 && freedom > 0.0) {
        return f64::NAN;
    }
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    while student_two_sided(high, freedom) > 2.0 * p && high < 1e300 {
        high *= 2.0;
    }
    loop {
        let middle = f64::midpoint(low, high);
        if middle == low || middle == high {
            return middle;
        }
        if student_two_sided(middle, freedom) > 2.0 * p { low = middle } else { high = middle }
    }
}

/// The regularised incomplete beta function I_x(a, b), with `y` = 1 − x given apart to keep its digits.
///
/// # References
/// Continued fraction 8.17.22 of the NIST Digital Library of Mathematical Functions, evaluated by Lentz's method.
pub(crate) fn incomplete_beta(x: f64, y: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if y <= 0.0 {
        return 1.0;
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta_lower(y, x, b, a);
    }
    incomplete_beta_lower(x, y, a, b)
}

fn incomplete_beta_lower(x: f64, y: f64, a: f64, b: f64) -> f64 {
    let log_front =
        libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * libm::log(x) + b * libm::log(y);
    libm::exp(log_front) / a / beta_fraction(x, a, b)
}

fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let term = |index: usize| {
        let m = (index / 2) as f64;
        if index == 0 {
            1.0
        } else if index.is_multiple_of(2) {
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        } else {
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        }
    };
    let (mut fraction, mut c, mut d) = (1.0_f64, 1.0_f64, 0.0_f64);
    for index in 1..MOST_STEPS {
        let step = term(index);
        d = 1.0 / nonzero(1.0 + step * d, TINY);
        c = nonzero(1.0 + step / c, TINY);
        fraction *= c * d;
        if (c * d - 1.0).abs() < PRECISION {
            break;
        }
    }
    fraction
}

fn nonzero(value: f64, tiny: f64) -> f64 {
    if value.abs() < tiny { tiny } else { value }
}

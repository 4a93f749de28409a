//! Scores that grow with the amount of something, and where they lead.

use super::square;

/// A curve that flattens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Saturation {
    /// v₀: the score that is never passed.
    pub limit: f64,
    /// τ: the amount at which 63 % of it is reached.
    pub scale: f64,
    /// Root of the mean squared residual.
    pub residual: f64,
}

/// Why there is no such curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoSaturation {
    /// Fewer than three different amounts, or one that is not above 0, or a score that is not finite.
    TooFew,
    /// Scores do not grow: the smallest amount is as good as the largest.
    Flat,
    /// Scores grow in proportion to the amount, or their limit is above 1.
    NoLimit,
    /// The limit is not above 0.
    NotPositive,
}

impl NoSaturation {
    /// The code that tables hold.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TooFew => "too_few_points",
            Self::Flat => "does_not_grow",
            Self::NoLimit => "does_not_bend",
            Self::NotPositive => "limit_not_positive",
        }
    }
}

/// Fits a curve through the origin that flattens, by least squares.
///
/// > score = v₀ (1 − exp(−n / τ)), 0 < v₀ ≤ 1
///
/// # Shapes
/// | name    | shape    | unit                |
/// |---------|----------|---------------------|
/// | amounts | n_points | any, above 0        |
/// | scores  | n_points | r                   |
/// | scale   |          | that of the amounts |
///
/// # Numerics
/// v₀ is exact at every τ; τ is searched between a fifteenth of the smallest amount and a thousand times the largest, on
/// a grid of its logarithm and then by golden sections. A curve at one of these ends is no finding.
///
/// # Errors
/// - [`NoSaturation::TooFew`], [`NoSaturation::Flat`], [`NoSaturation::NoLimit`], [`NoSaturation::NotPositive`].
///
/// # References
/// Schrimpf et al. (2021), Proc Natl Acad Sci 118:e2105646118: the curve, over participants.
pub fn saturation(amounts: &[f64], scores: &[f64]) -> Result<Saturation, NoSaturation> {
    let is_above_0 = |amount: &f64| amount.is_finite() && *amount > 0.0;
    let mut different = amounts.to_vec();
    different.sort_by(f64::total_cmp);
    different.dedup();
    let is_defined = amounts.len() == scores.len() && scores.iter().all(|score| score.is_finite());
    if !is_defined || different.len() < 3 || !amounts.iter().all(is_above_0) {
        return Err(NoSaturation::TooFew);
    }
    let (smallest, largest) = (different[0], different[different.len() - 1]);
    let fit = |scale: f64| {
        let shape: Vec<f64> = amounts.iter().map(|amount| -libm::expm1(-amount / scale)).collect();
        let squares: f64 = shape.iter().map(|g| g * g).sum();
        let product: f64 = shape.iter().zip(scores).map(|(g, score)| g * score).sum();
        let limit = product / squares;
        let rest = |(g, score): (&f64, &f64)| square(score - limit * g);
        (limit, shape.iter().zip(scores).map(rest).sum::<f64>())
    };
    let bounds = (smallest / 15.0, 1000.0 * largest);
    let scale = least(bounds, |scale| fit(scale).1);
    let (limit, rest) = fit(scale);
    match limit {
        _ if limit <= 0.0 => Err(NoSaturation::NotPositive),
        _ if scale < 1.01 * bounds.0 => Err(NoSaturation::Flat),
        _ if limit > 1.0 || scale > 0.99 * bounds.1 => Err(NoSaturation::NoLimit),
        _ => Ok(Saturation { limit, scale, residual: (rest / scores.len() as f64).sqrt() }),
    }
}

impl Saturation {
    /// The score on the curve.
    #[must_use]
    pub fn at(&self, amount: f64) -> f64 {
        -self.limit * libm::expm1(-amount / self.scale)
    }
}

/// Where a function of one positive number is least: a grid on the logarithm, then golden sections beside the best.
pub(crate) fn least((from, to): (f64, f64), of: impl Fn(f64) -> f64) -> f64 {
    const STEPS: usize = 140;
    let at =
        |place: f64| libm::exp(libm::log(from) + place * (libm::log(to) - libm::log(from)) / STEPS as f64);
    let best = (0..=STEPS).map(|step| (step, of(at(step as f64)))).min_by(|a, b| a.1.total_cmp(&b.1));
    let best = best.map_or(0, |(step, _)| step);
    let (mut low, mut high) = (best.saturating_sub(1) as f64, (best + 1).min(STEPS) as f64);
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    for _ in 0..60 {
        let (a, b) = (high - golden * (high - low), low + golden * (high - low));
        if of(at(a)) <= of(at(b)) { high = b } else { low = a }
    }
    at((low + high) / 2.0)
}

//! Scores against the logarithm of a property: what ten times as much of it adds.

use super::square;

/// A straight line over the decimal logarithm of a property.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scaling {
    /// Score at a property of 1.
    pub intercept: f64,
    /// Difference of score per decade.
    pub slope: f64,
    /// Root of the mean squared residual.
    pub residual: f64,
}

/// Fits scores to a property by least squares.
///
/// > score = a + b log₁₀ n
///
/// # Shapes
/// | name       | shape    | unit                                              |
/// |------------|----------|---------------------------------------------------|
/// | properties | n_points | any, above 0: parameters, hours, training steps   |
/// | scores     | n_points | r                                                 |
///
/// None where the lengths differ, a property is not above 0, a number is not finite, or all properties are the same.
///
/// # Numerics
/// Logarithms are centred first.
///
/// # References
/// Antonello, Vaidya & Huth (2023), NeurIPS: scores grow with the logarithm of parameters and of hours.
#[must_use]
pub fn scaling(properties: &[f64], scores: &[f64]) -> Option<Scaling> {
    let is_above_0 = |property: &f64| property.is_finite() && *property > 0.0;
    if properties.len() != scores.len() || !properties.iter().all(is_above_0) {
        return None;
    }
    let count = scores.len() as f64;
    let decades: Vec<f64> = properties.iter().map(|property| libm::log10(*property)).collect();
    let (middle, mean) = (decades.iter().sum::<f64>() / count, scores.iter().sum::<f64>() / count);
    let squares: f64 = decades.iter().map(|x| square(x - middle)).sum();
    let products: f64 = decades.iter().zip(scores).map(|(x, y)| (x - middle) * (y - mean)).sum();
    // Equal logarithms differ from their mean by rounding only.
    if !mean.is_finite() || squares <= 1e-20 * count {
        return None;
    }
    let slope = products / squares;
    let rest = |(x, y): (&f64, &f64)| square(y - mean - slope * (x - middle));
    let residual = (decades.iter().zip(scores).map(rest).sum::<f64>() / count).sqrt();
    Some(Scaling { intercept: mean - slope * middle, slope, residual })
}

impl Scaling {
    /// The score on the line.
    #[must_use]
    pub fn at(&self, property: f64) -> f64 {
        self.intercept + self.slope * libm::log10(property)
    }

    /// 100 b / reference: the slope as percent of a score; NaN where that is not above 0.
    #[must_use]
    pub fn percent_of(&self, reference: f64) -> f64 {
        if reference > 0.0 { 100.0 * self.slope / reference } else { f64::NAN }
    }
}

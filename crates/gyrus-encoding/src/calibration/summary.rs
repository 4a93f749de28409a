//! Means over designs, with standard errors over designs: targets of one design are not independent evidence.

/// A mean over designs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Mean over designs.
    pub mean: f64,
    /// Standard deviation over designs, divided by the root of their number.
    pub standard_error: f64,
    /// Number of designs.
    pub designs: usize,
}

/// The mean of some quantity over designs.
#[must_use]
pub fn summarise<'a, T: 'a>(
    outcomes: impl IntoIterator<Item = &'a T>,
    quantity: impl Fn(&T) -> f64,
) -> Estimate {
    let values: Vec<f64> = outcomes.into_iter().map(quantity).collect();
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (n - 1.0);
    Estimate { mean, standard_error: (variance / n).sqrt(), designs: values.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_over_designs_has_the_error_of_designs() {
        let found = summarise(&[1.0, 2.0, 6.0], |value| 2.0 * value);
        // Deviations −4, −2 and 6 of 2, 4 and 12: variance 28.
        assert_eq!((found.mean, found.designs), (6.0, 3));
        assert!((found.standard_error - (28.0_f64 / 3.0).sqrt()).abs() < 1e-12);
    }
}

//! What an observed score has more than its surrogates, as likely above 0 as below whatever the shape of their distribution.

use ndarray::aview1;

use super::{normal_quantile, with_surrogates};

/// Normal excess over a number of surrogates.
#[derive(Debug, Clone)]
pub struct NormalExcess {
    /// Normal quantiles by twice the rank, from 1 (above all) to M + 1 (in the middle).
    upper: Vec<f64>,
}

impl NormalExcess {
    /// Over `count` surrogates.
    #[must_use]
    pub fn new(count: usize) -> Self {
        let all = 2.0 * (count as f64 + 1.0);
        let quantile = |twice: usize| -normal_quantile(twice as f64 / all);
        // In the middle to the last bit: what ties with all of its surrogates has no excess.
        Self { upper: (1..=count).map(quantile).chain([0.0]).collect() }
    }

    /// s Φ⁻¹(1 − (g + (e + 1) / 2) / (M + 1)) for an observed score that g of M surrogates exceed and e equal, s being the standard deviation
    /// of all M + 1: its place on a normal distribution as wide as theirs. Above all surrogates the distance to the outermost is
    /// added, and below all taken away. In the unit of the scores.
    ///
    /// If the observed score is one of M + 1 exchangeable ones without ties, x and −x are equally likely but for that distance, which
    /// counts with a probability of 2 / (M + 1). Signs and signed ranks suppose so; of the score less the mean of its surrogates it need not hold.
    ///
    /// NaN for an observed score that is not finite or has a surrogate that is not, without surrogates, and if their number is not the one
    /// promised.
    ///
    /// # References
    /// van der Waerden (1952), Proc Kon Ned Akad Wet A 55:453, for the quantiles.
    #[must_use]
    pub fn of(&self, observed: f64, surrogates: &[f64]) -> f64 {
        if surrogates.len() + 1 != self.upper.len() {
            return f64::NAN;
        }
        let greater = surrogates.iter().filter(|score| **score > observed).count();
        let less = surrogates.iter().filter(|score| **score < observed).count();
        // NaN without surrogates, and where a score is not finite.
        let (_, deviation) = with_surrogates(observed, aview1(surrogates));
        let place = deviation * self.quantile(surrogates.len() + 1 + greater - less);
        let outermost = |of: fn(f64, f64) -> f64| surrogates.iter().copied().reduce(of).unwrap_or(observed);
        match surrogates.len() {
            all if less == all => place + (observed - outermost(f64::max)),
            all if greater == all => place + (observed - outermost(f64::min)),
            _ => place,
        }
    }

    /// The quantile of a rank from above, of which twice is given: from 1 to 2M + 1.
    fn quantile(&self, twice: usize) -> f64 {
        let middle = self.upper.len();
        if twice <= middle { self.upper[twice - 1] } else { -self.upper[2 * middle - twice - 1] }
    }
}

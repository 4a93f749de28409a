//! Where an observed score stands among its surrogates, on the scale of a normal distribution whatever the shape of theirs.

use super::normal_quantile;

/// Surrogates that differ by less than this share of their size differ by rounding.
const ROUNDING: f64 = 1e-6;

/// Normal scores against a number of surrogates.
#[derive(Debug, Clone)]
pub struct NormalScores {
    /// Normal scores by twice the rank, from 1 (above all) to M + 1 (in the middle).
    upper: Vec<f64>,
}

impl NormalScores {
    /// Scores against `count` surrogates.
    #[must_use]
    pub fn new(count: usize) -> Self {
        let all = 2.0 * (count as f64 + 1.0);
        let score = |twice: usize| -normal_quantile(twice as f64 / all);
        // In the middle to the last bit: a target in which everybody ties has no t.
        Self { upper: (1..=count).map(score).chain([0.0]).collect() }
    }

    /// Φ⁻¹(1 − (g + (e + 1) / 2) / (M + 1)) for an observed score that g of M surrogates exceed and e equal (van der Waerden's score of
    /// it among all M + 1). Above all surrogates ln(1 + d) is added, and below all taken away, with d the distance to the outermost
    /// surrogate in their standard deviations: a score far outside is not taken for one that just is, and no score is without bounds.
    ///
    /// If the observed score is one of M + 1 exchangeable ones, z and −z are equally likely but for that distance, which counts with a
    /// probability of 2 / (M + 1). Signs and signed ranks suppose so; of the score less the mean of its surrogates it need not hold.
    ///
    /// # Numerics
    /// Surrogates of one value, but for a millionth of their size, have no distance. NaN for an observed score that is not finite or has a
    /// surrogate that is not, without surrogates, and if their number is not the one promised.
    ///
    /// # References
    /// van der Waerden (1952), Proc Kon Ned Akad Wet A 55:453.
    #[must_use]
    pub fn of(&self, observed: f64, surrogates: &[f64]) -> f64 {
        let is_finite = observed.is_finite() && surrogates.iter().all(|score| score.is_finite());
        if !is_finite || surrogates.is_empty() || surrogates.len() + 1 != self.upper.len() {
            return f64::NAN;
        }
        let greater = surrogates.iter().filter(|score| **score > observed).count();
        let less = surrogates.iter().filter(|score| **score < observed).count();
        let of_rank = self.of_rank(surrogates.len() + 1 + greater - less);
        match (greater, less) {
            (0, less) if less == surrogates.len() => of_rank + beyond(observed, surrogates),
            (greater, 0) if greater == surrogates.len() => of_rank - beyond(observed, surrogates),
            _ => of_rank,
        }
    }

    /// The normal score of a rank from above, of which twice is given: from 1 to 2M + 1.
    fn of_rank(&self, twice: usize) -> f64 {
        let middle = self.upper.len();
        if twice <= middle { self.upper[twice - 1] } else { -self.upper[2 * middle - twice - 1] }
    }
}

/// ln(1 + d), d the distance of a score to the nearest value in standard deviations of all values.
fn beyond(score: f64, values: &[f64]) -> f64 {
    let extreme = |of: fn(f64, f64) -> f64| values.iter().copied().reduce(of).unwrap_or(f64::NAN);
    let (low, high) = (extreme(f64::min), extreme(f64::max));
    if high - low <= ROUNDING * low.abs().max(high.abs()) {
        return 0.0;
    }
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    let distance = (score - high).max(low - score);
    libm::log1p(distance / (squares / (count - 1.0)).sqrt())
}

//! Where an observed score stands among its surrogates, as z: symmetric about 0 whatever the shape of their distribution.

use std::cmp::Ordering;

use super::{normal_quantile, square};

/// Normal scores against a number of surrogates.
#[derive(Debug, Clone)]
pub struct NormalScores {
    /// z of half ranks k = 1 … M + 1, k / 2 being the mean rank from above, 1 the largest possible.
    quantiles: Vec<f64>,
}

impl NormalScores {
    /// Scores against `count` surrogates.
    #[must_use]
    pub fn new(count: usize) -> Self {
        let all = 2.0 * (count as f64 + 1.0);
        let quantile = |half: usize| -normal_quantile(half as f64 / all);
        Self { quantiles: (1..=count + 1).map(quantile).collect() }
    }

    /// z = Φ⁻¹(1 − (g + (e + 1) / 2) / (M + 1)) for an observed score that g of M surrogates exceed and e equal (van der Waerden's
    /// normal score of the observed one among all M + 1).
    ///
    /// Beyond all surrogates z goes on by the distance to the outermost one in standard deviations of the surrogates, so that a
    /// score far outside is not taken for one that just is. If the observed score is one of M + 1 exchangeable ones, z is as likely z as
    /// −z, but for how far outside it lies, once in (M + 1) / 2: what tests over signs and signed ranks suppose, and what the score less the
    /// mean of its surrogates need not be.
    ///
    /// NaN for an observed score that is not finite, without surrogates, and if their number is not the one promised.
    ///
    /// # References
    /// van der Waerden (1952), Proc Kon Ned Akad Wet A 55:453.
    #[must_use]
    pub fn of(&self, observed: f64, surrogates: &[f64]) -> f64 {
        if !observed.is_finite() || surrogates.is_empty() || surrogates.len() + 1 != self.quantiles.len() {
            return f64::NAN;
        }
        let among =
            |order| surrogates.iter().filter(|score| score.partial_cmp(&&observed) == Some(order)).count();
        let (greater, less) = (among(Ordering::Greater), among(Ordering::Less));
        let equal = surrogates.len() - greater - less;
        let beyond = |outermost: f64| (observed - outermost) / deviation(surrogates);
        self.of_rank(2 * greater + equal + 1)
            + match (greater, less) {
                (0, _) if equal == 0 => beyond(surrogates.iter().copied().fold(f64::NEG_INFINITY, f64::max)),
                (_, 0) if equal == 0 => beyond(surrogates.iter().copied().fold(f64::INFINITY, f64::min)),
                _ => 0.0,
            }
    }

    /// z of a half rank from above, from 1 to 2M + 1.
    fn of_rank(&self, half: usize) -> f64 {
        match (half, self.quantiles.len()) {
            // To the last bit: a target in which everybody ties has no t.
            (half, count) if half == count => 0.0,
            (half, count) if half < count => self.quantiles[half - 1],
            (half, count) => -self.quantiles[2 * count - half - 1],
        }
    }
}

/// Standard deviation; infinite where all values are the same, so that no distance counts.
fn deviation(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| square(value - mean)).sum();
    if squares > 0.0 { (squares / (count - 1.0)).sqrt() } else { f64::INFINITY }
}

//! Sums over samples in sixteen interleaved parts: vectorised, and in one fixed order on every processor.

/// Interleaved parts of a sum.
pub(super) const PARTS: usize = 16;

/// Σ x y. Parts are f32, their total f64: a part holds a sixteenth of the samples, so rounding stays near 1e-7 of
/// ‖x‖ ‖y‖.
#[inline(always)]
pub(super) fn dot(x: &[f32], y: &[f32]) -> f64 {
    let mut parts = [0.0_f32; PARTS];
    let (xs, ys) = (x.chunks_exact(PARTS), y.chunks_exact(PARTS));
    let rest: f64 = xs.remainder().iter().zip(ys.remainder()).map(|(x, y)| f64::from(x * y)).sum();
    for (x, y) in xs.zip(ys) {
        for index in 0..PARTS {
            parts[index] += x[index] * y[index];
        }
    }
    total(&parts) + rest
}

/// Σ x.
#[inline(always)]
pub(super) fn sum(x: &[f32]) -> f64 {
    let mut parts = [0.0_f32; PARTS];
    let xs = x.chunks_exact(PARTS);
    let rest: f64 = xs.remainder().iter().map(|x| f64::from(*x)).sum();
    for x in xs {
        for index in 0..PARTS {
            parts[index] += x[index];
        }
    }
    total(&parts) + rest
}

/// Of a response in validation rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Observed {
    /// Number of samples.
    pub(super) count: f64,
    /// Σ y.
    pub(super) sum: f64,
    /// Σ y².
    pub(super) squares: f64,
}

impl Observed {
    pub(super) fn of(y: &[f32]) -> Self {
        Self { count: y.len() as f64, sum: sum(y), squares: dot(y, y) }
    }

    /// Of the response less a constant.
    pub(super) fn less(&self, by: f64) -> Self {
        let Self { count, sum, squares } = *self;
        Self { count, sum: sum - count * by, squares: squares - 2.0 * by * sum + count * by * by }
    }

    /// r with a prediction of which Σ p, Σ p² and Σ p y are known; NaN where a side is constant.
    pub(super) fn correlation(&self, sum: f64, squares: f64, products: f64) -> f64 {
        let spread = |sum: f64, squares: f64| (squares - sum * sum / self.count).max(0.0);
        let variances = spread(sum, squares) * spread(self.sum, self.squares);
        (products - sum * self.sum / self.count) / variances.sqrt()
    }

    /// Σ (p − y)² from Σ p² and Σ p y.
    pub(super) fn squared_error(&self, squares: f64, products: f64) -> f64 {
        self.squares - 2.0 * products + squares
    }
}

/// A tree of sums: half of the additions at a time.
#[inline(always)]
fn total(parts: &[f32; PARTS]) -> f64 {
    let mut sums = [0.0; PARTS / 2];
    for index in 0..PARTS / 2 {
        sums[index] = f64::from(parts[index]) + f64::from(parts[index + PARTS / 2]);
    }
    for half in [4, 2, 1] {
        for index in 0..half {
            sums[index] += sums[index + half];
        }
    }
    sums[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_in_parts_are_sums() {
        for length in [0, 1, 15, 16, 17, 100] {
            let x: Vec<f32> = (0..length).map(|index| (index as f32 * 0.7).fract() - 0.4).collect();
            let y: Vec<f32> = (0..length).map(|index| (index as f32 * 0.3).fract() - 0.2).collect();
            let products: f64 = x.iter().zip(&y).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum();
            let total: f64 = x.iter().map(|x| f64::from(*x)).sum();
            assert!((dot(&x, &y) - products).abs() < 1e-5, "{length}");
            assert!((sum(&x) - total).abs() < 1e-5, "{length}");
        }
    }

    #[test]
    fn an_observed_response_knows_its_correlation_and_error_with_a_prediction() {
        let y: Vec<f32> = (0..37).map(|index| (index as f32 * 0.37).sin() + 0.5).collect();
        let p: Vec<f32> = (0..37).map(|index| (index as f32 * 0.31).cos() - 2.0).collect();
        let (sum, squares, products) = (sum(&p), dot(&p, &p), dot(&p, &y));
        let observed = Observed::of(&y);
        let mean = |x: &[f32]| x.iter().map(|x| f64::from(*x)).sum::<f64>() / x.len() as f64;
        let (of_y, of_p) = (mean(&y), mean(&p));
        let moment = |a: &[f32], ma: f64, b: &[f32], mb: f64| -> f64 {
            a.iter().zip(b).map(|(a, b)| (f64::from(*a) - ma) * (f64::from(*b) - mb)).sum()
        };
        let expected =
            moment(&p, of_p, &y, of_y) / (moment(&p, of_p, &p, of_p) * moment(&y, of_y, &y, of_y)).sqrt();
        assert!((observed.correlation(sum, squares, products) - expected).abs() < 1e-6);
        let error: f64 = p.iter().zip(&y).map(|(p, y)| (f64::from(*p) - f64::from(*y)).powi(2)).sum();
        assert!((observed.squared_error(squares, products) - error).abs() < 1e-4);
        // A constant side has no correlation.
        assert!(observed.correlation(-2.0 * 37.0, 4.0 * 37.0, -2.0 * observed.sum).is_nan());
        assert!(Observed::of(&[1.5; 16]).correlation(1.0, 3.0, 1.5).is_nan());
    }

    #[test]
    fn a_response_less_a_constant_has_the_sums_of_its_values_less_that_constant() {
        let y: Vec<f32> = (0..21).map(|index| index as f32 - 3.0).collect();
        let found = Observed::of(&y).less(2.5);
        let less: Vec<f32> = y.iter().map(|y| y - 2.5).collect();
        let expected = Observed::of(&less);
        assert_eq!((found.count, found.sum, found.squares), (expected.count, expected.sum, expected.squares));
        assert_eq!((found.count, found.sum), (21.0, 210.0 - 63.0 - 52.5));
    }
}

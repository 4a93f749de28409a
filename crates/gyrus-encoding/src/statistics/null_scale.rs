//! One scale for targets of unequal null: z against the surrogates, with the observed value as one of them.

use ndarray::{Array1, ArrayView1, ArrayView2};

use super::with_surrogates;

/// Mean and standard deviation of each target over its M surrogates **and** the observed value.
///
/// z = (x − m) / s with m, s over all M + 1 values. As the observed value is treated like every surrogate, any statistic of
/// the map of z is exchangeable among the M + 1 maps, so p by counting stays exact.
///
/// # Numerics
/// A target whose values do not differ by more than 10⁻¹² (of their mean, where that is above 1), or with one that is not finite, is NaN in
/// every map.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NullScale {
    mean: Vec<f64>,
    deviation: Vec<f64>,
}

impl NullScale {
    /// Adds targets behind those that are there.
    ///
    /// # Shapes
    /// `observed`: (n_targets); `null`: (n_surrogates, n_targets), in the same targets.
    pub fn extend(&mut self, observed: ArrayView1<f64>, null: ArrayView2<f64>) {
        for (observed, null) in observed.iter().zip(null.columns()) {
            let (mean, deviation) = with_surrogates(*observed, null);
            // Below 10⁻¹² of a correlation only rounding is left: ties of gains differ by that.
            let differs = deviation > 1e-12 * mean.abs().max(1.0) && deviation.is_finite();
            self.mean.push(mean);
            self.deviation.push(if differs { deviation } else { f64::NAN });
        }
    }

    /// A map of group means as z.
    #[must_use]
    pub fn apply(&self, map: ArrayView1<f64>) -> Array1<f64> {
        let scale = self.mean.iter().zip(&self.deviation);
        map.iter().zip(scale).map(|(value, (mean, deviation))| (value - mean) / deviation).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn the_observed_map_is_treated_like_every_surrogate() {
        let all: Array2<f64> = array![[3.0, 1.0, 2.0], [1.0, 1.0, 0.5], [2.0, 1.0, -1.0], [6.0, 1.0, 4.0]];
        let scaled = |observed: usize| {
            let others: Vec<usize> = (0..4).filter(|row| *row != observed).collect();
            let mut scale = NullScale::default();
            scale.extend(all.row(observed), all.select(ndarray::Axis(0), &others).view());
            scale.apply(all.row(2))
        };
        // 1, 2, 3, 6: mean 3, variance 14 / 3.
        assert!((scaled(0)[0] - (2.0 - 3.0) / (14.0_f64 / 3.0).sqrt()).abs() < 1e-14);
        assert!(scaled(0)[1].is_nan(), "a target that never differs");
        let never = |value: f64| {
            let mut scale = NullScale::default();
            scale.extend(array![value].view(), Array2::from_elem((6, 1), value).view());
            scale.apply(array![value].view())[0].is_nan()
        };
        assert!([0.0, 1e10 / 3.0, 1e-10 / 3.0].into_iter().all(never), "but for rounding, in any unit");
        let tie = array![[-8.8e-9], [-8.8e-9], [-8.8e-9]];
        let mut scale = NullScale::default();
        scale.extend(array![-8.8e-9 + 1e-17].view(), tie.view());
        assert!(
            scale.apply(array![-8.8e-9 + 1e-17].view())[0].is_nan(),
            "a gain that ties with all of its surrogates"
        );
        let mut scale = NullScale::default();
        scale.extend(array![1.0].view(), array![[2.0], [f64::INFINITY]].view());
        assert!(scale.apply(array![1.0].view())[0].is_nan(), "infinite in one surrogate");
        for other in 1..4 {
            assert!((scaled(0)[0] - scaled(other)[0]).abs() < 1e-14);
            assert!((scaled(0)[2] - scaled(other)[2]).abs() < 1e-14);
        }
    }
}

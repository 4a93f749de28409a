//! What a band holds that others do not predict: the part of it that surrogates of a gain replace.

use faer::Mat;
use gyrus_core::Folds;
use ndarray::Array2;

use crate::EncodingError;
use crate::backend::{Backend, to_mat};
use crate::ridge::{self, Alphas, Band, Design, Scaling};

/// Series in two parts, of which the sum is the series.
pub(super) struct Parts {
    /// What other bands make of them; nothing where there are none.
    kept: Option<Mat<f32>>,
    own: Mat<f32>,
}

impl Parts {
    /// A surrogate: what others predict stays, the rest is replaced.
    pub(super) fn replaced(&self, surrogate: impl FnOnce(&Mat<f32>) -> Mat<f32>) -> Mat<f32> {
        match &self.kept {
            Some(kept) => surrogate(&self.own) + kept,
            None => surrogate(&self.own),
        }
    }

    /// All of some series.
    pub(super) fn whole(series: &Array2<f32>) -> Self {
        Self { kept: None, own: to_mat(series.view()) }
    }

    /// Series less what bands make of them.
    ///
    /// # Errors
    /// - [`EncodingError::Decomposition`] if a decomposition cannot be trusted.
    pub(super) fn beyond(given: &Given<'_>, series: &Array2<f32>) -> Result<Self, EncodingError> {
        let own =
            ridge::remainder(given.backend, (&given.design, given.folds.as_slice()), &given.alphas, series)?;
        Ok(Self { kept: Some(to_mat(series.view()) - &own), own })
    }
}

/// Bands that stay, ready to predict others.
pub(super) struct Given<'a> {
    backend: &'a Backend,
    design: Design,
    folds: &'a Folds,
    alphas: Alphas,
}

/// Penalties of a column, over whatever scale it has.
const ALPHAS: (f64, f64, usize) = (1e-2, 1e8, 11);

impl<'a> Given<'a> {
    /// Some bands of a design, with the folds of a fit.
    ///
    /// # Errors
    /// - as [`Alphas::logspace`].
    pub(super) fn new(
        backend: &'a Backend,
        (design, folds): (&Design, &'a Folds),
        bands: &[usize],
    ) -> Result<Self, EncodingError> {
        let bands: Vec<Band> = bands.iter().map(|band| design.bands[*band].clone()).collect();
        let timeline = design.timeline.clone();
        // With their drift: left in the rest, what both have of it would be replaced as if it were the band's own.
        let design = Design { bands, timeline, drift: Vec::new(), scaling: Scaling::ZScore };
        Ok(Self { backend, design, folds, alphas: Alphas::logspace(ALPHAS.0, ALPHAS.1, ALPHAS.2)? })
    }
}

#[cfg(test)]
mod tests {
    use gyrus_core::{FoldRule, Timeline};

    use super::*;

    /// What stays and what is replaced are the series again, the part that stays follows the given band, and the rest has nothing of it.
    #[test]
    fn the_parts_of_a_series_are_the_series() {
        let given = |row: usize, column: usize| ((row * (column + 3) + row * row) % 19) as f32;
        let own = |row: usize| ((row * 5 + 3 * row * row) % 23) as f32;
        let series = Array2::from_shape_fn((90, 2), |(row, column)| match column {
            0 => 2.0 * given(row, 0) - given(row, 1) + 5.0,
            _ => 3.0 * given(row, 1) + own(row),
        });
        let band = Band::new("given", Array2::from_shape_fn((90, 2), |(row, column)| given(row, column)));
        let timeline = Timeline::new([(90, "a".to_owned())]);
        let folds = Folds::new(&timeline, &FoldRule::Blocks { count: 3, gap: 2 }).unwrap();
        let design = Design { bands: vec![band], timeline, drift: Vec::new(), scaling: Scaling::ZScore };
        let backend = crate::backend::on_one_thread();
        let given = Given::new(&backend, (&design, &folds), &[0]).unwrap();
        for parts in [Parts::beyond(&given, &series).unwrap(), Parts::whole(&series)] {
            let same = parts.replaced(Clone::clone);
            let near = |row: usize, column: usize| (same[(row, column)] - series[(row, column)]).abs() < 1e-4;
            assert!((0..90).all(|row| near(row, 0) && near(row, 1)));
        }
        let rest = Parts::beyond(&given, &series).unwrap().own;
        let size = |column: usize| rest.col_as_slice(column).iter().map(|value| value * value).sum::<f32>();
        assert!(size(0) < 1e-2 && size(1) > 90.0 * 10.0, "{} {}", size(0), size(1));
    }
}

//! What bands leave of series in the very samples that were fitted.

use faer::Mat;
use gyrus_core::{Fold, InMemory};
use ndarray::Array2;

use super::blocks::{self, Stretches};
use super::components;
use super::cross_validation::choose_penalties;
use super::design::{Design, weights_of};
use super::settings::{Alphas, AtEdge, Choice, Mixtures, RidgeSettings};
use super::solver::{Solver, Standardised};
use crate::EncodingError;
use crate::backend::{Backend, to_mat};
use crate::split::Split;

/// Series less what ridge regression on all bands in equal shares makes of them, shape (n_samples, n_series), each of mean 0.
///
/// With K the kernel of the bands and y a series less its mean: y − K (K + α)⁻¹ y = α (K + α)⁻¹ y. Each series has the penalty whose
/// predictions of the held-out rows of `folds` are best; what is left is that of a fit to all samples, because the noise of coefficients that
/// have not seen a sample would be left in it, and with it what the bands hold.
///
/// # Errors
/// - [`EncodingError::Leak`] if a fold has a row that the design has not, or one on both sides,
/// - [`EncodingError::Decomposition`] if a decomposition cannot be trusted.
pub(crate) fn remainder(
    backend: &Backend,
    (design, folds): (&Design, &[Fold]),
    alphas: &Alphas,
    series: &Array2<f32>,
) -> Result<Mat<f32>, EncodingError> {
    let shares = vec![1.0 / design.bands.len() as f64; design.bands.len()];
    let settings = RidgeSettings {
        alphas: alphas.clone(),
        mixtures: Mixtures::Same(vec![shares]),
        refinements: 0,
        choice: Choice::PerTarget,
        inner_folds: folds.len(),
        at_edge: AtEdge::Count,
    };
    let all = Fold { train: (0..design.n_samples()).collect(), test: Vec::new() };
    let split = Split::of(&all)?;
    let prepared = design.prepare();
    let bands = components::of_fold(backend, &prepared, &split.train)?;
    let (targets, mixtures) = (InMemory(series.clone()), settings.mixtures.of_fold(0));
    let judged =
        choose_penalties(backend, &bands, (&split.train, folds), (&settings, mixtures), &targets)?.alpha;
    let standardised = Standardised::new(&bands, &split.train, &split.test);
    let solver = Solver::new(backend, &standardised, &weights_of(&mixtures[0], &bands))?;
    let mut rest = to_mat(series.view());
    blocks::centre(&mut rest, &Stretches::of(&all.train));
    let mut rest = solver.dual(&rest, &judged).coefficients;
    for (column, alpha) in judged.iter().enumerate() {
        rest.col_as_slice_mut(column)
            .iter_mut()
            .for_each(|value| *value = (f64::from(*value) * alpha) as f32);
    }
    Ok(rest)
}

#[cfg(test)]
mod tests {
    use gyrus_core::Timeline;

    use super::*;
    use crate::ridge::{Band, Scaling};

    const SAMPLES: usize = 24;

    fn value(row: usize, column: usize) -> f32 {
        ((row * row * (column + 3) + 7 * row + 5 * column * row) % 29) as f32 / 7.0
    }

    fn band(name: &str, (columns, offset): (usize, usize)) -> Band {
        Band::new(
            name,
            Array2::from_shape_fn((SAMPLES, columns), |(row, column)| value(row, column + offset)),
        )
    }

    fn folds() -> Vec<Fold> {
        let of = |fold: usize| {
            let (test, train) = (0..SAMPLES).partition(|row| row / 8 == fold);
            Fold { train, test }
        };
        (0..3).map(of).collect()
    }

    /// z-scored columns of a band, by loops.
    fn standard(band: &Band) -> Vec<Vec<f64>> {
        let of_column = |column: usize| {
            let raw: Vec<f64> = band.features.column(column).iter().map(|value| f64::from(*value)).collect();
            let mean = raw.iter().sum::<f64>() / SAMPLES as f64;
            let variance = raw.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / SAMPLES as f64;
            raw.iter().map(|value| (value - mean) / variance.sqrt()).collect()
        };
        (0..band.features.ncols()).map(of_column).collect()
    }

    /// r = α (K + α)⁻¹ y, so that K r + α r = α y, with K = p Σ γ_b Z_b Z_bᵀ / p_b, p = Σ γ_b p_b.
    #[test]
    fn what_is_left_solves_its_equation_over_columns_and_over_samples() {
        let backend = crate::backend::on_one_thread();
        let series = Array2::from_shape_fn((SAMPLES, 4), |(row, column)| value(row * 2 + 1, column + 50));
        for (first, second) in [(2, 5), (20, 30)] {
            let bands = vec![band("a", (first, 0)), band("b", (second, first))];
            let kernel_of = |band: &Band, row: usize, other: usize| {
                let columns = standard(band);
                columns.iter().map(|z| z[row] * z[other]).sum::<f64>() / columns.len() as f64
            };
            let mean_columns = (first + second) as f64 / 2.0;
            let timeline = Timeline::new([(SAMPLES, "a".to_owned())]);
            let design = Design { bands, timeline, drift: Vec::new(), scaling: Scaling::ZScore };
            for alpha in [0.5, 40.0] {
                let alphas = Alphas::new(vec![alpha]).unwrap();
                let found = remainder(&backend, (&design, &folds()), &alphas, &series).unwrap();
                for column in 0..4 {
                    let mean = series.column(column).iter().map(|value| f64::from(*value)).sum::<f64>()
                        / SAMPLES as f64;
                    let left = |row: usize| f64::from(found[(row, column)]);
                    for row in 0..SAMPLES {
                        let term = |other: usize| {
                            let kernel: f64 =
                                design.bands.iter().map(|band| kernel_of(band, row, other)).sum();
                            0.5 * mean_columns * kernel * left(other)
                        };
                        let sum = (0..SAMPLES).map(term).sum::<f64>() + alpha * left(row);
                        let expected = alpha * (f64::from(series[(row, column)]) - mean);
                        assert!((sum - expected).abs() < 2e-3 * (1.0 + alpha), "{row}: {sum} {expected}");
                    }
                }
            }
        }
    }

    /// A series of the bands leaves nothing, with the smallest penalty; one that held-out samples deny stays whole, with the largest.
    #[test]
    fn penalties_are_those_that_predict_what_was_held_out() {
        let backend = crate::backend::on_one_thread();
        let timeline = Timeline::new([(SAMPLES, "a".to_owned())]);
        let bands = vec![band("a", (3, 0))];
        // The first column, and one that takes the other sign in each fold.
        let signs = [1.0, -1.0, 0.0];
        let series = Array2::from_shape_fn((SAMPLES, 2), |(row, column)| match column {
            0 => bands[0].features[(row, 0)] + 3.0,
            _ => signs[row / 8] * (bands[0].features[(row, 1)] - 2.0),
        });
        let design = Design { bands, timeline, drift: Vec::new(), scaling: Scaling::ZScore };
        let alphas = Alphas::logspace(1e-3, 1e7, 3).unwrap();
        let found = remainder(&backend, (&design, &folds()), &alphas, &series).unwrap();
        let mean = series.column(1).sum() / SAMPLES as f32;
        for row in 0..SAMPLES {
            assert!(found[(row, 0)].abs() < 1e-2, "{}", found[(row, 0)]);
            assert!((found[(row, 1)] - (series[(row, 1)] - mean)).abs() < 1e-3);
        }
    }
}

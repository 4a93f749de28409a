//! Principal components of a band before its delays: what a fold's training rows vary in most.

use std::borrow::Cow;

use faer::Mat;

use super::design::Components;
use super::solver::mirror;
use super::standardise::{Prepared, Scaler};
use crate::EncodingError;
use crate::backend::{Backend, lower_gram, product, single};
use crate::split::{Rows, Train};

/// What training rows say of the units of a band: the directions of largest variance of its standardised units, one set
/// for all delayed copies, so that delaying components and taking components of what is delayed are the same.
///
/// With Z_d the standardised training rows of the copy of delay d: V holds the eigenvectors of Σ_d Z_dᵀ Z_d with the
/// largest eigenvalues, and copy d becomes Z_d V.
#[derive(Debug, Clone)]
pub(crate) struct Directions {
    copies: usize,
    /// Shape (n_units, n_components).
    vectors: Mat<f32>,
}

/// The bands of a fold, those with components reduced to them.
///
/// # Errors
/// - [`EncodingError::Decomposition`] if a decomposition cannot be trusted.
pub(crate) fn of_fold<'a>(
    backend: &Backend,
    bands: &'a [Prepared],
    rows: &Train<Rows<'_>>,
) -> Result<Cow<'a, [Prepared]>, EncodingError> {
    if bands.iter().all(|band| band.components().is_none()) {
        return Ok(Cow::Borrowed(bands));
    }
    let reduced = bands.iter().map(|band| match Directions::of(backend, band, rows)? {
        Some(directions) => Ok(directions.reduce(band, rows)),
        None => Ok(band.clone()),
    });
    Ok(Cow::Owned(reduced.collect::<Result<_, EncodingError>>()?))
}

impl Directions {
    /// Those of a band that asks for them.
    ///
    /// # Errors
    /// - [`EncodingError::Decomposition`] if a decomposition cannot be trusted.
    pub(crate) fn of(
        backend: &Backend,
        band: &Prepared,
        rows: &Train<Rows<'_>>,
    ) -> Result<Option<Self>, EncodingError> {
        let Some(Components { count, copies }) = band.components() else { return Ok(None) };
        let standard = Scaler::fit(band, rows).train(band, rows);
        let stacked = stacked(standard.get(), copies);
        let (samples, units) = (stacked.nrows(), stacked.ncols());
        let by_units = units <= samples;
        let mut gram = if by_units { lower_gram(stacked.transpose()) } else { lower_gram(stacked.as_ref()) };
        mirror(&mut gram);
        let eigen = backend.eigen(&gram)?;
        let mut order: Vec<usize> = (0..eigen.values.len()).collect();
        order.sort_by(|a, b| eigen.values[*b].total_cmp(&eigen.values[*a]));
        // Fewer samples than components leave directions without variance, which stay 0.
        let component =
            |row: usize, column: usize| order.get(column).map_or(0.0, |of| eigen.vectors[(row, *of)]);
        let chosen = Mat::from_fn(gram.nrows(), count.min(units), component);
        let vectors =
            if by_units { chosen } else { unit_columns(product(stacked.transpose(), chosen.as_ref())) };
        Ok(Some(Self { copies, vectors: single(&vectors) }))
    }

    /// The band in these directions: its columns are standardised by the training rows first, and only centred after.
    pub(crate) fn reduce(&self, band: &Prepared, rows: &Train<Rows<'_>>) -> Prepared {
        let standard = Scaler::fit(band, rows).all(band);
        let (units, count) = (self.vectors.nrows(), self.vectors.ncols());
        let mut out = Mat::zeros(standard.nrows(), self.copies * count);
        for copy in 0..self.copies {
            let of_copy = standard.subcols(copy * units, units);
            out.subcols_mut(copy * count, count).copy_from(product(of_copy, self.vectors.as_ref()));
        }
        Prepared::centred_only(out)
    }
}

/// Copies one below the other: shape (n_samples · n_copies, n_units).
fn stacked(standard: &Mat<f32>, copies: usize) -> Mat<f64> {
    let (samples, units) = (standard.nrows(), standard.ncols() / copies.max(1));
    Mat::from_fn(samples * copies, units, |row, unit| {
        f64::from(standard[(row % samples, row / samples * units + unit)])
    })
}

fn unit_columns(mut columns: Mat<f64>) -> Mat<f64> {
    for column in 0..columns.ncols() {
        let column = columns.col_as_slice_mut(column);
        let norm = column.iter().map(|value| value * value).sum::<f64>().sqrt();
        let scale = if norm > 0.0 { 1.0 / norm } else { 0.0 };
        column.iter_mut().for_each(|value| *value *= scale);
    }
    columns
}

#[cfg(test)]
mod tests {
    use gyrus_core::{Fold, Timeline};

    use super::*;
    use crate::ridge::{Design, Scaling};
    use crate::split::Split;

    #[test]
    fn more_components_than_samples_are_directions_of_length_one_and_then_zeros() {
        let timeline = Timeline::new([(6, "a".to_owned())]);
        let design = Design { bands: Vec::new(), timeline, drift: Vec::new(), scaling: Scaling::ZScore };
        let raw =
            Mat::from_fn(6, 12, |row, column| ((row * row * (column + 2) + 3 * column * row) % 17) as f32);
        let band = Prepared::of(raw, None, (Some(Components { count: 10, copies: 1 }), &design));
        let fold = Fold { train: (0..6).collect(), test: Vec::new() };
        let backend = crate::backend::on_one_thread();
        let found = Directions::of(&backend, &band, &Split::of(&fold).unwrap().train).unwrap().unwrap();
        assert_eq!((found.vectors.nrows(), found.vectors.ncols()), (12, 10));
        for column in 0..10 {
            for other in 0..10 {
                let terms = (0..12).map(|row| found.vectors[(row, column)] * found.vectors[(row, other)]);
                let (found, is_one) = (terms.sum::<f32>(), column == other && column < 5);
                // Six centred samples span five dimensions; the sixth direction is rounding.
                if column != 5 && other != 5 {
                    assert!((found - f32::from(u8::from(is_one))).abs() < 1e-4, "{column} {other}: {found}");
                }
            }
        }
    }
}

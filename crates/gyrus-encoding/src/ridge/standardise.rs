//! Features centred on the words of the training rows and z-scored by them.

use std::sync::OnceLock;

use faer::Mat;

use super::design::{Band, Components, Design, Scaling, without_drift};
use super::solver::mirror;
use crate::EncodingError;
use crate::backend::{Backend, product, to_mat};
use crate::rows::sum_in_parts;
use crate::split::{HeldOut, Rows, Train};

/// A band whose drift is projected out, with what centring on training words needs.
#[derive(Debug, Clone)]
pub struct Prepared {
    features: Columns,
    /// The aligned ones, where word vectors are centred.
    ones: Option<Columns>,
    scaling: Scaling,
    components: Option<Components>,
    kernel: OnceLock<Mat<f64>>,
}

/// Columns before and after their drift is projected out; one copy where there is no drift.
#[derive(Debug, Clone)]
struct Columns {
    raw: Mat<f32>,
    projected: Option<Mat<f32>>,
}

impl Columns {
    fn new(raw: Mat<f32>, design: &Design) -> Self {
        let projected = (!design.drift.is_empty()).then(|| without_drift(&raw, design));
        Self { raw, projected }
    }

    fn projected(&self) -> &Mat<f32> {
        self.projected.as_ref().unwrap_or(&self.raw)
    }
}

/// What training rows say of the columns of a band: z = (x − o · m − mean) / sd, with x a feature, o the aligned ones
/// of its delay, m the mean vector of the words that the training rows see, and mean and sd over the training rows.
#[derive(Debug, Clone)]
pub struct Scaler {
    word_mean: Option<Vec<f64>>,
    moments: Vec<Moments>,
}

/// Of one column over training rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moments {
    pub(super) mean: f64,
    /// Reciprocal of the standard deviation; 0 for a constant column.
    pub(super) scale: f64,
}

/// Rows of a shared kernel that are one piece of work.
const STRIP: usize = 128;

/// A column whose training SD is below this share of its training root mean square is constant.
const CONSTANT: f64 = 1e-6;

impl Scaler {
    /// Fits the scaler of a band to training rows; nothing else can be fitted to.
    #[must_use]
    pub fn fit(band: &Prepared, rows: &Train<Rows<'_>>) -> Self {
        let rows = rows.get().indices();
        let word_mean = band.word_mean(rows);
        let mut values = vec![0.0_f64; band.n_samples()];
        let moments = (0..band.n_columns()).map(|column| {
            band.centred(column, word_mean.as_deref(), &mut values);
            band.moments(rows, column, &values)
        });
        let moments = moments.collect();
        Self { word_mean, moments }
    }

    /// Standardised training rows.
    #[must_use]
    pub fn train(&self, band: &Prepared, rows: &Train<Rows<'_>>) -> Train<Mat<f32>> {
        Train::new(self.apply(band, rows.get().indices()))
    }

    /// Rows that were held out, standardised by what was fitted to the training rows.
    #[must_use]
    pub fn held_out(&self, band: &Prepared, rows: &impl HeldOut) -> Mat<f32> {
        self.apply(band, rows.indices())
    }

    /// Every row, standardised by what was fitted to the training rows.
    pub(super) fn all(&self, band: &Prepared) -> Mat<f32> {
        self.apply(band, &(0..band.n_samples()).collect::<Vec<_>>())
    }

    pub(super) fn moments(&self, column: usize) -> Moments {
        self.moments[column]
    }

    pub(super) fn word_mean(&self) -> Option<&[f64]> {
        self.word_mean.as_deref()
    }

    fn apply(&self, band: &Prepared, rows: &[usize]) -> Mat<f32> {
        let mut out = Mat::zeros(rows.len(), band.n_columns());
        let mut values = vec![0.0_f64; band.n_samples()];
        for column in 0..band.n_columns() {
            band.centred(column, self.word_mean.as_deref(), &mut values);
            let Moments { mean, scale } = self.moments[column];
            for (out, row) in out.col_as_slice_mut(column).iter_mut().zip(rows) {
                *out = ((values[*row] - mean) * scale) as f32;
            }
        }
        out
    }
}

impl Prepared {
    pub(crate) fn new(band: &Band, design: &Design) -> Self {
        let ones = band.ones.as_ref().map(|ones| to_mat(ones.view()));
        Self::of(to_mat(band.features.view()), ones, (band.components, design))
    }

    pub(crate) fn of(
        raw: Mat<f32>,
        ones: Option<Mat<f32>>,
        (components, design): (Option<Components>, &Design),
    ) -> Self {
        let ones = ones.map(|ones| Columns::new(ones, design));
        let (scaling, kernel) = (design.scaling, OnceLock::new());
        Self { features: Columns::new(raw, design), ones, scaling, components, kernel }
    }

    /// Columns that need no more than a centre.
    pub(super) fn centred_only(columns: Mat<f32>) -> Self {
        Self {
            features: Columns { raw: columns, projected: None },
            ones: None,
            scaling: Scaling::Centre,
            components: None,
            kernel: OnceLock::new(),
        }
    }

    /// What the band is reduced to in every fold.
    pub(super) fn components(&self) -> Option<Components> {
        self.components
    }

    /// Number of columns that predict.
    pub(crate) fn n_fitted_columns(&self) -> usize {
        match self.components {
            Some(Components { count, copies }) => copies * count.min(self.n_columns() / copies.max(1)),
            None => self.n_columns(),
        }
    }

    /// X Xᵀ of all samples, less the mean of each column, for bands that are wider than long and only centred: training
    /// rows of a fold centre it by algebra, so that every fold takes its part of one product.
    ///
    /// # Errors
    /// - none of its own: those of the pool.
    pub(super) fn share_kernel(&self, backend: &Backend) -> Result<(), EncodingError> {
        let (size, projected) = (self.n_samples(), self.features.projected());
        let is_shared = self.scaling == Scaling::Centre && self.ones.is_none() && self.n_columns() >= size;
        if !is_shared || self.kernel.get().is_some() {
            return Ok(());
        }
        let mut centred = Mat::zeros(size, self.n_columns());
        let rows: Vec<usize> = (0..size).collect();
        for column in 0..self.n_columns() {
            let values = projected.col_as_slice(column);
            let mean = sum(&rows, |row| f64::from(values[row])) / size as f64;
            let out = centred.col_as_slice_mut(column).iter_mut();
            out.zip(values).for_each(|(out, value)| *out = f64::from(*value) - mean);
        }
        let strips: Vec<usize> = (0..size).step_by(STRIP).collect();
        let products = backend.map(strips.len(), |strip| -> Result<_, EncodingError> {
            let (start, end) = (strips[strip], (strips[strip] + STRIP).min(size));
            Ok(product(centred.subrows(start, end - start), centred.subrows(0, end).transpose()))
        })?;
        let mut kernel = Mat::zeros(size, size);
        for (start, product) in strips.iter().zip(&products) {
            kernel.submatrix_mut(*start, 0, product.nrows(), product.ncols()).copy_from(product);
        }
        mirror(&mut kernel);
        let _ = self.kernel.set(kernel);
        Ok(())
    }

    /// What [`Prepared::share_kernel`] made.
    pub(super) fn shared_kernel(&self) -> Option<&Mat<f64>> {
        self.kernel.get()
    }

    /// Number of columns.
    #[must_use]
    pub fn n_columns(&self) -> usize {
        self.features.raw.ncols()
    }

    fn n_samples(&self) -> usize {
        self.features.raw.nrows()
    }

    /// The aligned ones with the drift projected out, where word vectors are centred.
    pub(super) fn ones(&self) -> Option<&Mat<f32>> {
        self.ones.as_ref().map(Columns::projected)
    }

    /// Mean and reciprocal of the standard deviation of a column over `rows`.
    fn moments(&self, rows: &[usize], column: usize, values: &[f64]) -> Moments {
        let raw = self.features.raw.col_as_slice(column);
        let n = rows.len() as f64;
        let mean = sum(rows, |row| values[row]) / n;
        let squares = sum(rows, |row| (values[row] - mean) * (values[row] - mean));
        let sizes = sum(rows, |row| f64::from(raw[row]) * f64::from(raw[row]));
        let (deviation, size) = ((squares / n).sqrt(), (sizes / n).sqrt());
        let scale = match self.scaling {
            _ if deviation <= CONSTANT * size => 0.0,
            Scaling::ZScore => 1.0 / deviation,
            Scaling::Centre => 1.0,
        };
        Moments { mean, scale }
    }

    /// A column less the mean vector of the words that each row sees.
    fn centred(&self, column: usize, mean: Option<&[f64]>, out: &mut [f64]) {
        let projected = self.features.projected().col_as_slice(column);
        match (self.ones(), mean) {
            (Some(ones), Some(mean)) => {
                let (ones, mean) = (ones.col_as_slice(column / mean.len()), mean[column % mean.len()]);
                for ((out, value), ones) in out.iter_mut().zip(projected).zip(ones) {
                    *out = f64::from(*value) - f64::from(*ones) * mean;
                }
            }
            _ => out.iter_mut().zip(projected).for_each(|(out, value)| *out = f64::from(*value)),
        }
    }

    /// Mean vector of the words that `rows` see: Σ X / Σ O over rows and delays.
    fn word_mean(&self, rows: &[usize]) -> Option<Vec<f64>> {
        let ones = &self.ones.as_ref()?.raw;
        let units = self.n_columns() / ones.ncols().max(1);
        let mut count = 0.0;
        for delay in 0..ones.ncols() {
            count += sum(rows, |row| f64::from(ones[(row, delay)]));
        }
        if count <= 1e-6 * rows.len() as f64 {
            return None;
        }
        let mut sums = vec![0.0; units];
        for column in 0..self.n_columns() {
            let raw = self.features.raw.col_as_slice(column);
            sums[column % units] += sum(rows, |row| f64::from(raw[row]));
        }
        Some(sums.into_iter().map(|sum| sum / count).collect())
    }
}

/// Sum over rows.
fn sum(rows: &[usize], value: impl Fn(usize) -> f64) -> f64 {
    sum_in_parts(rows.len(), |index| value(rows[index]))
}

#[cfg(test)]
mod tests {
    use gyrus_core::{Fold, Timeline};
    use ndarray::Array2;

    use super::*;
    use crate::split::Split;

    fn design(n_samples: usize, drift: Vec<Array2<f64>>) -> Design {
        let timeline = Timeline::new([(n_samples, "a".to_owned())]);
        Design { bands: Vec::new(), timeline, drift, scaling: Scaling::ZScore }
    }

    fn values(rows: usize, columns: usize) -> Mat<f32> {
        Mat::from_fn(rows, columns, |row, column| {
            ((row * 7 + column * 11 + row * row * (column + 1)) % 29) as f32 / 7.0 + column as f32
        })
    }

    /// Two delays of two units each, by the formula of [`Scaler`] cell by cell.
    #[test]
    fn columns_are_centred_on_training_words_then_scaled_by_training_rows() {
        let (n, rows) = (24, [1, 2, 3, 5, 8, 9, 10, 12, 13, 14, 17, 20]);
        let (raw, ones) =
            (values(n, 4), Mat::from_fn(n, 2, |row, delay| f32::from(u8::from((row + delay) % 3 == 1))));
        let trend = Array2::from_shape_fn((n, 1), |(row, _)| (row as f64 - 11.5) / 1150.0_f64.sqrt());
        for drift in [Vec::new(), vec![trend.clone()]] {
            let design = design(n, drift.clone());
            let band = Prepared::of(raw.clone(), Some(ones.clone()), (None, &design));
            let fold = Fold { train: rows.to_vec(), test: vec![0] };
            let split = Split::of(&fold).unwrap();
            let scaler = Scaler::fit(&band, &split.train);
            let less_trend = |of: &Mat<f32>, column: usize, row: usize| -> f64 {
                let value = |row: usize| f64::from(of[(row, column)]);
                let along: f64 = (0..n).map(|row| value(row) * trend[(row, 0)]).sum();
                value(row) - if drift.is_empty() { 0.0 } else { along * trend[(row, 0)] }
            };
            let words: f64 = rows.iter().map(|row| f64::from(ones[(*row, 0)] + ones[(*row, 1)])).sum();
            let word_mean = [0, 1].map(|unit| {
                let both = |row: &usize| f64::from(raw[(*row, unit)]) + f64::from(raw[(*row, 2 + unit)]);
                rows.iter().map(both).sum::<f64>() / words
            });
            let all = scaler.all(&band);
            for column in 0..4 {
                let centred = |row: usize| {
                    less_trend(&raw, column, row) - less_trend(&ones, column / 2, row) * word_mean[column % 2]
                };
                let mean = rows.iter().map(|row| centred(*row)).sum::<f64>() / 12.0;
                let squares = rows.iter().map(|row| (centred(*row) - mean).powi(2)).sum::<f64>();
                for row in 0..n {
                    let expected = (centred(row) - mean) / (squares / 12.0).sqrt();
                    let found = f64::from(all[(row, column)]);
                    assert!((found - expected).abs() < 1e-4, "{row} {column}: {found} {expected}");
                }
            }
            assert_eq!(scaler.word_mean().map(<[f64]>::len), Some(2));
            assert_eq!(scaler.train(&band, &split.train).get().row(4), all.row(8));
        }
    }

    /// The limit is 10⁻⁶ of the root mean square of a column as it came: 10⁻³ here.
    #[test]
    fn a_column_that_hardly_varies_for_its_size_is_constant() {
        let steps = [0.0, 0.000_244, 0.02];
        let raw = Mat::from_fn(14, 3, |row, column| 1000.0 + if row % 2 == 0 { steps[column] } else { 0.0 });
        let band = Prepared::of(raw, None, (None, &design(14, Vec::new())));
        let fold = Fold { train: (0..14).collect(), test: Vec::new() };
        let scaler = Scaler::fit(&band, &Split::of(&fold).unwrap().train);
        assert_eq!([0, 1].map(|column| scaler.moments(column).scale), [0.0; 2]);
        assert!((scaler.moments(2).scale * 0.01 - 1.0).abs() < 0.01);
        assert!(scaler.word_mean().is_none());
    }

    #[test]
    fn fitted_columns_are_components_times_delays_but_no_more_than_columns() {
        let of = |components| Prepared::of(values(20, 12), None, (components, &design(20, Vec::new())));
        let count = |count, copies| of(Some(Components { count, copies })).n_fitted_columns();
        assert_eq!((of(None).n_fitted_columns(), count(10, 3), count(2, 3)), (12, 12, 6));
    }

    #[test]
    fn a_shared_kernel_is_the_product_of_columns_less_their_means() {
        let backend = crate::backend::on_one_thread();
        let columns = values(140, 150);
        let band = Prepared::centred_only(columns.clone());
        band.share_kernel(&backend).unwrap();
        let kernel = band.shared_kernel().unwrap();
        let mean = |column: usize| {
            columns.col_as_slice(column).iter().map(|value| f64::from(*value)).sum::<f64>() / 140.0
        };
        let means: Vec<f64> = (0..150).map(mean).collect();
        for (row, other) in [(0, 0), (0, 139), (127, 128), (128, 127), (139, 139), (60, 3)] {
            let term = |column: usize| {
                let of = |row: usize| f64::from(columns[(row, column)]) - means[column];
                of(row) * of(other)
            };
            let expected = (0..150).map(term).sum::<f64>();
            assert!(
                (kernel[(row, other)] - expected).abs() < 1e-8 * expected.abs().max(1.0),
                "{row} {other}"
            );
        }
        let narrow = Prepared::centred_only(values(140, 139));
        narrow.share_kernel(&backend).unwrap();
        assert!(narrow.shared_kernel().is_none());
    }
}

//! Bands of features of one design, and what a fold makes of them: projected, centred, z-scored by its training rows.

use faer::Mat;
use gyrus_core::Timeline;
use ndarray::Array2;

use crate::EncodingError;
use crate::backend::{add_product, product, to_mat};

/// One feature space.
#[derive(Debug, Clone)]
pub struct Band {
    /// Its name.
    pub name: String,
    /// Delayed features, neither projected nor scaled: shape (n_samples, n_columns).
    pub features: Array2<f32>,
    /// The same alignment of a vector of ones, shape (n_samples, n_delays): when given, word vectors are centred on
    /// the words that the training rows see. Columns of `features` are delay-major.
    pub ones: Option<Array2<f32>>,
}

/// Bands of the same samples.
#[derive(Debug, Clone)]
pub struct Design {
    /// The feature spaces.
    pub bands: Vec<Band>,
    /// How samples divide into runs.
    pub timeline: Timeline,
    /// Per run an orthonormal basis (rows of the run, k) that is projected out of the features; empty for none.
    pub drift: Vec<Array2<f64>>,
}

impl Design {
    /// Number of samples.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        self.timeline.n_samples()
    }

    /// Checks shapes and that every feature is finite.
    pub(crate) fn check(&self) -> Result<(), EncodingError> {
        for band in &self.bands {
            let (found, expected) = (band.features.nrows(), self.n_samples());
            if found != expected {
                return Err(EncodingError::SampleMismatch { found, expected });
            }
            if band.features.ncols() == 0 {
                return Err(EncodingError::NoFeatures { band: band.name.clone() });
            }
            if let Some(((row, column), _)) =
                band.features.indexed_iter().find(|(_, value)| !value.is_finite())
            {
                return Err(EncodingError::NonFinite { row, column });
            }
        }
        Ok(())
    }

    /// Every band with the drift projected out.
    pub(crate) fn prepare(&self) -> Vec<Prepared> {
        self.bands.iter().map(|band| Prepared::new(&band.features, band.ones.as_ref(), self)).collect()
    }
}

/// A band whose drift is projected out, with what centring on training words needs.
pub(crate) struct Prepared {
    raw: Mat<f32>,
    raw_ones: Option<Mat<f32>>,
    projected: Mat<f32>,
    projected_ones: Option<Mat<f32>>,
}

/// A column whose training SD is below this share of its training root mean square is constant.
const CONSTANT: f64 = 1e-6;

impl Prepared {
    pub(crate) fn new(features: &Array2<f32>, ones: Option<&Array2<f32>>, design: &Design) -> Self {
        Self::of(to_mat(features.view()), ones.map(|ones| to_mat(ones.view())), design)
    }

    pub(crate) fn of(raw: Mat<f32>, raw_ones: Option<Mat<f32>>, design: &Design) -> Self {
        let projected = without_drift(&raw, design);
        let projected_ones = raw_ones.as_ref().map(|ones| without_drift(ones, design));
        Self { raw, raw_ones, projected, projected_ones }
    }

    pub(crate) fn n_columns(&self) -> usize {
        self.raw.ncols()
    }

    /// Features of `rows` followed by those of `others`, z-scored by `rows`; a column that is constant there is 0.
    pub(crate) fn standardised(&self, rows: &[usize], others: &[usize]) -> (Mat<f32>, Mat<f32>) {
        let mean_vector = self.word_mean(rows);
        let (mut train, mut test) =
            (Mat::zeros(rows.len(), self.n_columns()), Mat::zeros(others.len(), self.n_columns()));
        let mut values = vec![0.0_f64; self.raw.nrows()];
        for column in 0..self.n_columns() {
            self.centred(column, mean_vector.as_deref(), &mut values);
            let (mean, scale) = self.moments(rows, column, &values);
            let standardise = |out: &mut [f32], rows: &[usize]| {
                for (out, row) in out.iter_mut().zip(rows) {
                    *out = ((values[*row] - mean) * scale) as f32;
                }
            };
            standardise(train.col_as_slice_mut(column), rows);
            standardise(test.col_as_slice_mut(column), others);
        }
        (train, test)
    }

    /// Mean and reciprocal of the standard deviation of a column over `rows`.
    fn moments(&self, rows: &[usize], column: usize, values: &[f64]) -> (f64, f64) {
        let raw = self.raw.col_as_slice(column);
        let n = rows.len() as f64;
        let mean = sum(rows, |row| values[row]) / n;
        let squares = sum(rows, |row| (values[row] - mean) * (values[row] - mean));
        let sizes = sum(rows, |row| f64::from(raw[row]) * f64::from(raw[row]));
        let (deviation, size) = ((squares / n).sqrt(), (sizes / n).sqrt());
        (mean, if deviation > CONSTANT * size { 1.0 / deviation } else { 0.0 })
    }

    /// A column less the mean vector of the words that each row sees.
    fn centred(&self, column: usize, mean: Option<&[f64]>, out: &mut [f64]) {
        let projected = self.projected.col_as_slice(column);
        match (&self.projected_ones, mean) {
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
        let ones = self.raw_ones.as_ref()?;
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
            let raw = self.raw.col_as_slice(column);
            sums[column % units] += sum(rows, |row| f64::from(raw[row]));
        }
        Some(sums.into_iter().map(|sum| sum / count).collect())
    }
}

/// Sum over rows, in eight interleaved parts: one chain of additions would wait for each of them.
fn sum(rows: &[usize], value: impl Fn(usize) -> f64) -> f64 {
    let mut parts = [0.0; 8];
    let chunks = rows.chunks_exact(8);
    let rest: f64 = chunks.remainder().iter().map(|row| value(*row)).sum();
    for chunk in chunks {
        for (part, row) in parts.iter_mut().zip(chunk) {
            *part += value(*row);
        }
    }
    parts.iter().sum::<f64>() + rest
}

/// X − Q Qᵀ X, run by run.
pub(crate) fn without_drift(features: &Mat<f32>, design: &Design) -> Mat<f32> {
    let mut projected = features.clone();
    for (run, basis) in design.timeline.runs().iter().zip(&design.drift) {
        let basis = to_mat(basis.mapv(|value| value as f32).view());
        let block = features.subrows(run.start, run.len());
        let coefficients = product(basis.transpose(), block);
        add_product(projected.subrows_mut(run.start, run.len()), basis.as_ref(), coefficients.as_ref(), -1.0);
    }
    projected
}

/// What each band's kernel counts in a mixture γ: (Σ γ_b p_b) γ_b / p_b, so that a pure end is plain ridge.
pub(crate) fn weights_of(mixture: &[f64], bands: &[Prepared]) -> Vec<f64> {
    let columns = |band: usize| bands[band].n_columns() as f64;
    let total: f64 = mixture.iter().enumerate().map(|(band, share)| share * columns(band)).sum();
    mixture.iter().enumerate().map(|(band, share)| total * share / columns(band)).collect()
}

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
            if let Some(((row, column), _)) = band.features.indexed_iter().find(|(_, value)| !value.is_finite()) {
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
        let (mut train, mut test) = (Mat::zeros(rows.len(), self.n_columns()), Mat::zeros(others.len(), self.n_columns()));
        for column in 0..self.n_columns() {
            let value = |row: usize| self.centred(row, column, mean_vector.as_deref());
            let (mean, scale) = self.moments(rows, column, value);
            for (index, row) in rows.iter().enumerate() {
                train[(index, column)] = ((value(*row) - mean) * scale) as f32;
            }
            for (index, row) in others.iter().enumerate() {
                test[(index, column)] = ((value(*row) - mean) * scale) as f32;
            }
        }
        (train, test)
    }

    fn moments(&self, rows: &[usize], column: usize, value: impl Fn(usize) -> f64) -> (f64, f64) {
        let n = rows.len() as f64;
        let mean = rows.iter().map(|row| value(*row)).sum::<f64>() / n;
        let squares = rows.iter().map(|row| (value(*row) - mean) * (value(*row) - mean)).sum::<f64>();
        let sizes = rows.iter().map(|row| f64::from(self.raw[(*row, column)]) * f64::from(self.raw[(*row, column)]));
        let (deviation, size) = ((squares / n).sqrt(), (sizes.sum::<f64>() / n).sqrt());
        (mean, if deviation > CONSTANT * size { 1.0 / deviation } else { 0.0 })
    }

    fn centred(&self, row: usize, column: usize, mean: Option<&[f64]>) -> f64 {
        let value = f64::from(self.projected[(row, column)]);
        match (&self.projected_ones, mean) {
            (Some(ones), Some(mean)) => value - f64::from(ones[(row, column / mean.len())]) * mean[column % mean.len()],
            _ => value,
        }
    }

    /// Mean vector of the words that `rows` see: Σ X / Σ O over rows and delays.
    fn word_mean(&self, rows: &[usize]) -> Option<Vec<f64>> {
        let ones = self.raw_ones.as_ref()?;
        let units = self.n_columns() / ones.ncols().max(1);
        let mut count = 0.0;
        for delay in 0..ones.ncols() {
            count += rows.iter().map(|row| f64::from(ones[(*row, delay)])).sum::<f64>();
        }
        if count <= 1e-6 * rows.len() as f64 {
            return None;
        }
        let mut sums = vec![0.0; units];
        for column in 0..self.n_columns() {
            sums[column % units] += rows.iter().map(|row| f64::from(self.raw[(*row, column)])).sum::<f64>();
        }
        Some(sums.into_iter().map(|sum| sum / count).collect())
    }
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

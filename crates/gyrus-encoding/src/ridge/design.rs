//! Bands of features of one design, and how drift is projected out of them.

use faer::Mat;
use gyrus_core::Timeline;
use ndarray::Array2;

use super::standardise::Prepared;
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
    /// Principal components that the columns are reduced to in every fold, before they predict anything.
    pub components: Option<Components>,
}

/// How many principal components of a band are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Components {
    /// Components of each delayed copy; as many as there are units or training rows where that is fewer.
    pub count: usize,
    /// Delayed copies of the units, side by side.
    pub copies: usize,
}

impl Band {
    /// Columns as they are.
    #[must_use]
    pub fn new(name: impl Into<String>, features: Array2<f32>) -> Self {
        Self { name: name.into(), features, ones: None, components: None }
    }
}

/// What training rows do to the columns of a design; their mean is always taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scaling {
    /// Every column has a standard deviation of 1 over training rows.
    #[default]
    ZScore,
    /// Columns keep their size.
    Centre,
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
    /// What training rows do to columns.
    pub scaling: Scaling,
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
    #[must_use]
    pub fn prepare(&self) -> Vec<Prepared> {
        self.bands.iter().map(|band| Prepared::new(band, self)).collect()
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
    let columns = |band: usize| bands[band].n_fitted_columns() as f64;
    let total: f64 = mixture.iter().enumerate().map(|(band, share)| share * columns(band)).sum();
    mixture.iter().enumerate().map(|(band, share)| total * share / columns(band)).collect()
}

//! Centring of aligned features on the words of any set of samples, after the alignment.

use ndarray::{Array1, Array2, Axis, concatenate};

use super::Aligned;
use crate::EncodingError;

/// The mean vector of the words heard in some samples.
#[derive(Debug, Clone, PartialEq)]
pub struct WordMean(Array1<f64>);

impl WordMean {
    /// Its values, one per unit.
    #[must_use]
    pub fn values(&self) -> &Array1<f64> {
        &self.0
    }
}

impl Aligned {
    /// Number of delays.
    #[must_use]
    pub fn n_delays(&self) -> usize {
        self.ones.ncols()
    }

    /// Number of units of a word vector.
    #[must_use]
    pub fn n_units(&self) -> usize {
        self.values.ncols() / self.ones.ncols().max(1)
    }

    /// The runs of a design under each other, in order.
    ///
    /// # Errors
    /// - [`EncodingError::RunMismatch`] if runs differ in delays or units, or there is none.
    pub fn stack(runs: &[Self]) -> Result<Self, EncodingError> {
        let shapes: Vec<_> = runs.iter().map(|run| (run.n_delays(), run.n_units())).collect();
        let run = (0..runs.len()).find(|run| shapes[*run] != shapes[0]).unwrap_or(0);
        let mismatch = || EncodingError::RunMismatch {
            run,
            found: shapes.get(run).copied().unwrap_or_default(),
            expected: shapes.first().copied().unwrap_or_default(),
        };
        let values: Vec<_> = runs.iter().map(|run| run.values.view()).collect();
        let ones: Vec<_> = runs.iter().map(|run| run.ones.view()).collect();
        Ok(Self {
            values: concatenate(Axis(0), &values).map_err(|_| mismatch())?,
            ones: concatenate(Axis(0), &ones).map_err(|_| mismatch())?,
        })
    }

    /// The mean vector of the words that the samples `rows` see, over all delays:
    ///
    /// m = Σ_rows Σ_delays X / Σ_rows Σ_delays O, with O the alignment of ones.
    ///
    /// With [`Method::Sum`](super::Method::Sum) that is the mean over words, each counted once for every
    /// delay at which it falls into `rows`; with the training rows of a fold it knows nothing of a word that
    /// only held-out rows see.
    ///
    /// # Errors
    /// - [`EncodingError::NoWords`] if no word falls into these rows.
    pub fn word_mean(&self, rows: &[usize]) -> Result<WordMean, EncodingError> {
        let units = self.n_units();
        let mut sums = vec![0.0; units];
        let mut count = 0.0;
        for &row in rows {
            count += self.ones.row(row).iter().map(|ones| f64::from(*ones)).sum::<f64>();
            for (column, value) in self.values.row(row).iter().enumerate() {
                sums[column % units] += f64::from(*value);
            }
        }
        if count <= 1e-6 * rows.len() as f64 {
            return Err(EncodingError::NoWords { samples: rows.len() });
        }
        Ok(WordMean(sums.into_iter().map(|sum| sum / count).collect()))
    }

    /// The features that word vectors centred on `mean` would have had: X − O m, exact for every method
    /// because each is linear in the word vectors.
    ///
    /// # Shapes
    /// Returns (n_samples, n_delays · n_units), as [`Aligned::values`].
    #[must_use]
    pub fn centred(&self, mean: &WordMean) -> Array2<f32> {
        let units = self.n_units();
        let mut centred = self.values.clone();
        for ((row, column), value) in centred.indexed_iter_mut() {
            let ones = f64::from(self.ones[(row, column / units)]);
            *value = (f64::from(*value) - ones * mean.0[column % units]) as f32;
        }
        centred
    }
}

//! p values from counts of permutations, corrected by the largest statistic of each.

use ndarray::{Array1, ArrayView1};

use crate::EncodingError;

/// p = (1 + b) / (1 + M): b of M permutations reached the observed statistic. Never 0.
///
/// # References
/// Phipson & Smyth (2010), Stat Appl Genet Mol Biol 9:39.
#[must_use]
pub fn permutation_p(exceeded: u64, permutations: u64) -> f64 {
    (1.0 + exceeded as f64) / (1.0 + permutations as f64)
}

/// What is kept of a null distribution of many statistics: counts and largest values, never the values.
///
/// NaN stands for a statistic that does not exist; it counts nowhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Exceedances {
    /// The observed statistics.
    pub observed: Array1<f64>,
    /// For each, how many permutations reached it.
    pub counts: Array1<u64>,
    /// The largest statistic of each permutation, −∞ while none has been seen.
    pub maxima: Vec<f64>,
}

impl Exceedances {
    /// Starts counting for `permutations` permutations.
    #[must_use]
    pub fn new(observed: Array1<f64>, permutations: usize) -> Self {
        let counts = Array1::zeros(observed.len());
        Self { observed, counts, maxima: vec![f64::NEG_INFINITY; permutations] }
    }

    /// Counts the statistics of one permutation, one per observed statistic.
    ///
    /// # Panics
    /// Never with `permutation` below the number given to [`Exceedances::new`].
    pub fn record(&mut self, permutation: usize, statistics: ArrayView1<f64>) {
        for ((count, observed), null) in self.counts.iter_mut().zip(&self.observed).zip(statistics) {
            *count += u64::from(*null >= Self::threshold(*observed));
        }
        let largest = statistics.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        self.maxima[permutation] = self.maxima[permutation].max(largest);
    }

    /// What a statistic must reach: rounding in a permutation that equals the observed order must not make it look
    /// smaller.
    pub(crate) fn threshold(observed: f64) -> f64 {
        if observed.is_infinite() { observed } else { observed - 1e-12 * observed.abs().max(1.0) }
    }

    /// Joins the counts of another block of targets that went through the same permutations.
    ///
    /// # Errors
    /// - [`EncodingError::PermutationMismatch`] if the numbers of permutations differ.
    pub fn join(&mut self, other: &Self) -> Result<(), EncodingError> {
        let (found, expected) = (other.maxima.len(), self.maxima.len());
        if found != expected {
            return Err(EncodingError::PermutationMismatch { found, expected });
        }
        self.observed = self.observed.iter().chain(&other.observed).copied().collect();
        self.counts = self.counts.iter().chain(&other.counts).copied().collect();
        for (maximum, more) in self.maxima.iter_mut().zip(&other.maxima) {
            *maximum = maximum.max(*more);
        }
        Ok(())
    }

    /// p of each statistic by itself; NaN where there is no statistic, and without permutations.
    #[must_use]
    pub fn p(&self) -> Array1<f64> {
        let permutations = self.maxima.len() as u64;
        let p = |(observed, count): (&f64, &u64)| match observed.is_nan() || permutations == 0 {
            true => f64::NAN,
            false => permutation_p(*count, permutations),
        };
        self.observed.iter().zip(&self.counts).map(p).collect()
    }

    /// p of each statistic against the largest of all in each permutation: controls the chance of a single
    /// false positive among all of them (Westfall & Young 1993; Nichols & Holmes 2002, Hum Brain Mapp 15:1).
    #[must_use]
    pub fn family_wise_p(&self) -> Array1<f64> {
        let mut maxima = self.maxima.clone();
        maxima.sort_by(f64::total_cmp);
        let p = |observed: &f64| {
            if observed.is_nan() || maxima.is_empty() {
                return f64::NAN;
            }
            let threshold = Self::threshold(*observed);
            let below = maxima.partition_point(|maximum| *maximum < threshold);
            permutation_p((maxima.len() - below) as u64, maxima.len() as u64)
        };
        self.observed.iter().map(p).collect()
    }
}

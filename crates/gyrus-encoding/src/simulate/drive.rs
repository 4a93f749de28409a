//! From the vectors of a layer to what drives a target: random readouts of whitened components, through haemodynamics.

use faer::Mat;
use gyrus_core::{Sampling, Word};
use ndarray::{Array2, ArrayView2};

use super::haemodynamics::{Haemodynamics, LENGTH};
use crate::EncodingError;
use crate::backend::Eigen;

/// Word by word, the leading principal components of a layer, each with mean 0 and variance 1 over words.
///
/// Z = A_c V Λ^(−1/2), with A_c the word vectors less their mean and V Λ Vᵀ their covariance.
///
/// # Errors
/// - [`EncodingError::Decomposition`] if the covariance holds NaN or infinity.
pub(super) fn whitened(
    vectors: ArrayView2<'_, f32>,
    components: usize,
) -> Result<Array2<f64>, EncodingError> {
    let (words, units) = vectors.dim();
    let centred: Vec<Vec<f64>> = vectors
        .columns()
        .into_iter()
        .map(|column| {
            let mean = column.iter().map(|value| f64::from(*value)).sum::<f64>() / words as f64;
            column.iter().map(|value| f64::from(*value) - mean).collect()
        })
        .collect();
    let product = |one: &[f64], other: &[f64]| one.iter().zip(other).map(|(x, y)| x * y).sum::<f64>();
    let covariance =
        Mat::from_fn(units, units, |row, column| product(&centred[row], &centred[column]) / words as f64);
    let Eigen { values, vectors: axes } = Eigen::of(&covariance)?;
    let largest = values.last().copied().unwrap_or(0.0);
    let kept: Vec<usize> =
        (0..units).rev().take(components).filter(|axis| values[*axis] > 1e-9 * largest).collect();
    let score = |word: usize, component: usize| {
        let axis = kept[component];
        let sum: f64 = (0..units).map(|unit| centred[unit][word] * axes[(unit, axis)]).sum();
        sum / libm::sqrt(values[axis])
    };
    Ok(Array2::from_shape_fn((words, kept.len()), |(word, component)| score(word, component)))
}

/// How much of each word a volume sees in one region: h(t + TR/2 − onset_w) for the words before it.
pub(super) struct Convolution {
    volumes: Vec<Vec<(usize, f64)>>,
}

impl Convolution {
    pub(super) fn new(words: &[Word], sampling: &Sampling, haemodynamics: &Haemodynamics) -> Self {
        let middle = sampling.interval.get() / 2.0;
        let timed: Vec<(usize, f64)> = words
            .iter()
            .enumerate()
            .filter_map(|(index, word)| word.onset.map(|onset| (index, onset.get())))
            .collect();
        let at = |time: f64| {
            let since = timed.iter().map(|(index, onset)| (*index, time - onset));
            let near = since.filter(|(_, seconds)| (0.0..LENGTH).contains(seconds));
            near.map(|(index, seconds)| (index, haemodynamics.response(seconds))).collect()
        };
        Self { volumes: sampling.times().map(|time| at(time + middle)).collect() }
    }

    /// x(t) = Σ_w s(w) h(t − onset_w).
    pub(super) fn apply(&self, drive: &[f64]) -> Vec<f64> {
        let sum = |seen: &Vec<(usize, f64)>| seen.iter().map(|(word, weight)| weight * drive[*word]).sum();
        self.volumes.iter().map(sum).collect()
    }
}

#[cfg(test)]
mod tests {
    use gyrus_core::{RepetitionTime, Seconds};

    use super::*;
    use crate::simulate::random::normal;
    use crate::statistics::{Purpose, stream};

    #[test]
    fn components_are_uncorrelated_and_of_one_size() {
        let mut random = stream(4, Purpose::SimulatedNoise, 0, 0);
        let vectors = Array2::from_shape_simple_fn((300, 6), || normal(&mut random) as f32)
            .dot(&Array2::from_shape_fn((6, 6), |(row, column)| (1.0 + (row * column) as f32).sqrt()));
        let found = whitened((vectors + 5.0).view(), 4).unwrap();
        assert_eq!(found.dim(), (300, 4));
        assert!(found.columns().into_iter().all(|column| column.sum().abs() < 1e-6), "less their mean");
        let gram = found.t().dot(&found) / 300.0;
        for ((row, column), value) in gram.indexed_iter() {
            let expected = f64::from(u8::from(row == column));
            assert!((value - expected).abs() < 1e-4, "{row} {column} {value}");
        }
    }

    #[test]
    fn units_that_say_the_same_are_one_component_and_units_that_say_nothing_none() {
        let mut random = stream(5, Purpose::SimulatedNoise, 0, 0);
        let two = Array2::from_shape_simple_fn((50, 2), || 1e-3 * normal(&mut random) as f32);
        let six = Array2::from_shape_fn((50, 6), |(word, unit)| two[(word, unit % 2)]);
        assert_eq!(whitened(six.view(), 6).unwrap().dim(), (50, 2));
        assert_eq!(whitened(Array2::from_elem((50, 6), 0.5).view(), 6).unwrap().dim(), (50, 0));
    }

    #[test]
    fn one_word_gives_one_haemodynamic_response() {
        let sampling = Sampling {
            first: Seconds::ZERO,
            interval: RepetitionTime::new(Seconds::new(2.0).unwrap()).unwrap(),
            count: 20,
        };
        let word = |onset: f64| Word { text: "x".to_owned(), onset: Seconds::new(onset).ok(), offset: None };
        let response = Haemodynamics { peak: 5.0, undershoot: 14.0, dispersion: 0.9, ratio: 0.1 };
        let found = Convolution::new(&[word(3.0), word(4.0)], &sampling, &response).apply(&[2.0, 0.0]);
        assert_eq!(found.len(), 20);
        for (sample, value) in found.iter().enumerate() {
            assert!((value - 2.0 * response.response(sample as f64 * 2.0 + 1.0 - 3.0)).abs() < 1e-12);
        }
    }
}

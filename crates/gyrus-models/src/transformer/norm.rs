//! Normalisation of rows.

use super::simd::{sum, wide};

/// A normalisation of rows with a weight per unit.
#[derive(Debug, Clone)]
pub(crate) enum Norm {
    /// (x − mean) / √(variance + ε) · w + b (Ba et al. 2016).
    Layer {
        /// One per unit.
        weight: Vec<f32>,
        /// One per unit.
        bias: Vec<f32>,
        /// Added to the variance.
        epsilon: f32,
    },
    /// x / √(mean x² + ε) · w (Zhang & Sennrich 2019).
    Rms {
        /// One per unit.
        weight: Vec<f32>,
        /// Added to the mean square.
        epsilon: f32,
    },
}

impl Norm {
    /// Normalises every row of `values`, rows as long as the weight.
    pub(crate) fn apply(&self, values: &mut [f32]) {
        wide(
            #[inline(always)]
            || match self {
                Self::Layer { weight, bias, epsilon } => {
                    values
                        .chunks_exact_mut(weight.len())
                        .for_each(|row| layer(row, (weight, bias), *epsilon));
                }
                Self::Rms { weight, epsilon } => {
                    values.chunks_exact_mut(weight.len()).for_each(|row| rms(row, weight, *epsilon));
                }
            },
        );
    }
}

#[inline(always)]
fn layer(row: &mut [f32], (weight, bias): (&[f32], &[f32]), epsilon: f32) {
    let n = row.len() as f32;
    let mean = sum(row, |value| value) / n;
    let variance = sum(row, |value| (value - mean) * (value - mean)) / n;
    let scale = 1.0 / (variance + epsilon).sqrt();
    for ((value, weight), bias) in row.iter_mut().zip(weight).zip(bias) {
        *value = (*value - mean) * scale * weight + bias;
    }
}

#[inline(always)]
fn rms(row: &mut [f32], weight: &[f32], epsilon: f32) {
    let squares = sum(row, |value| value * value);
    let scale = 1.0 / (squares / row.len() as f32 + epsilon).sqrt();
    row.iter_mut().zip(weight).for_each(|(value, weight)| *value = *value * scale * weight);
}

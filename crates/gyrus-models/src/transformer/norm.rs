//! Normalisation of rows.

use ndarray::Array2;
use rayon::ThreadPool;

use super::map_rows;

/// x / √(mean x² + ε) · w (Zhang & Sennrich 2019).
pub(crate) fn rms_norm(input: &Array2<f32>, weight: &[f32], epsilon: f32, pool: &ThreadPool) -> Array2<f32> {
    let mut out = input.clone();
    map_rows(&mut out, pool, |mut row| {
        let squares: f32 = row.iter().map(|value| value * value).sum();
        let scale = 1.0 / (squares / row.len() as f32 + epsilon).sqrt();
        row.iter_mut().zip(weight).for_each(|(value, weight)| *value = *value * scale * weight);
    });
    out
}

/// (x − mean) / √(variance + ε) · w + b (Ba et al. 2016).
pub(crate) fn layer_norm(
    input: &Array2<f32>,
    (weight, bias): (&[f32], &[f32]),
    epsilon: f32,
    pool: &ThreadPool,
) -> Array2<f32> {
    let mut out = input.clone();
    map_rows(&mut out, pool, |mut row| {
        let n = row.len() as f32;
        let mean = row.iter().sum::<f32>() / n;
        let variance = row.iter().map(|value| (value - mean) * (value - mean)).sum::<f32>() / n;
        let scale = 1.0 / (variance + epsilon).sqrt();
        for ((value, weight), bias) in row.iter_mut().zip(weight).zip(bias) {
            *value = (*value - mean) * scale * weight + bias;
        }
    });
    out
}

//! Where along the layers a profile of scores has its weight.

use ndarray::{Array1, ArrayView1, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

/// What is taken away from a profile before it is weighed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Floor {
    /// The score of the worst layer, with the worst layer of each fold chosen on the other folds.
    Minimum,
    /// Nothing: scores below 0 count as 0.
    Zero,
}

/// The centre of mass of a layer profile, in layers:
///
/// Σ_k d_k (R_k − m)₊ / Σ_k (R_k − m)₊, with d the depths (layer numbers), R the mean over folds and m the floor.
///
/// The smallest of noisy scores is smaller than the score of the worst layer, and the more so the noisier;
/// therefore m is the mean over folds of the fold's score at the layer that is worst in the **other** folds.
/// With a single fold m is its smallest score.
///
/// # Shapes
/// `depths` has n_layers, `profiles` is (n_folds, n_layers); a row may as well be a participant.
///
/// Returns `None` where a score is missing or no layer is above the floor.
#[must_use]
pub fn centre_of_mass(depths: &[f64], profiles: ArrayView2<f64>, floor: Floor) -> Option<f64> {
    let mean = profiles.mean_axis(Axis(0))?;
    let floor = match floor {
        Floor::Zero => 0.0,
        Floor::Minimum => crossed_minimum(profiles, mean.view())?,
    };
    weighed(depths, mean.view(), floor)
}

/// The centre of mass of one profile above a floor.
pub(super) fn weighed(depths: &[f64], profile: ArrayView1<f64>, floor: f64) -> Option<f64> {
    if profile.iter().any(|score| !score.is_finite()) {
        return None;
    }
    let above: Array1<f64> = profile.mapv(|score| (score - floor).max(0.0));
    let moment: f64 = depths.iter().zip(&above).map(|(depth, mass)| depth * mass).sum();
    let mass = above.sum();
    (mass > 0.0).then(|| moment / mass)
}

/// The layer with the smallest score; the first of equals.
pub(super) fn worst_layer(profile: ArrayView1<f64>) -> Option<usize> {
    (0..profile.len()).reduce(|worst, layer| if profile[layer] < profile[worst] { layer } else { worst })
}

/// The floor of profiles: the mean over rows of a row's score at the layer that is worst in the other rows.
pub(super) fn crossed_minimum(profiles: ArrayView2<f64>, mean: ArrayView1<f64>) -> Option<f64> {
    let folds = profiles.nrows();
    if folds == 1 {
        return worst_layer(mean).map(|layer| mean[layer]);
    }
    let held_out = |fold: usize| {
        let others = &mean * folds as f64 - profiles.row(fold);
        worst_layer(others.view()).map(|layer| profiles[(fold, layer)])
    };
    let minima: Option<Vec<f64>> = (0..folds).map(held_out).collect();
    minima.map(|minima| minima.iter().sum::<f64>() / folds as f64)
}

/// How much the middle layers, from half to three quarters of the depth, are above the first and above the last:
/// mean_{K/2 ≤ k ≤ 3K/4} R_k − R_0 and the same less R_K, with K the last layer.
///
/// `None` with fewer than three layers.
#[must_use]
pub fn inverted_u(profile: ArrayView1<f64>) -> Option<(f64, f64)> {
    let last = profile.len().checked_sub(1).filter(|last| *last >= 2)?;
    let middle: Vec<f64> = (0..=last)
        .filter(|layer| 2 * layer >= last && 4 * layer <= 3 * last)
        .map(|layer| profile[layer])
        .collect();
    let mean = middle.iter().sum::<f64>() / middle.len() as f64;
    Some((mean - profile[0], mean - profile[last]))
}

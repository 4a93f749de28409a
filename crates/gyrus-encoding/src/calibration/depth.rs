//! How far the centre of mass of a noisy layer profile is from the one that was planted.

use ndarray::{Array2, Axis};

use super::Noise;
use super::simulate::stream;
use crate::hierarchy::{Floor, centre_of_mass};
use crate::statistics::{Interval, bootstrap_participants};

/// Participants whose layer profiles have one shape and noise of their own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlantedProfile<'a> {
    /// Score of each layer, in any unit.
    pub profile: &'a [f64],
    /// How many participants there are.
    pub participants: usize,
    /// Largest less smallest planted score, over the standard error over participants of the score of one layer.
    pub signal_to_noise: f64,
    /// Correlation of the noise of neighbouring layers, below 1.
    pub likeness: f64,
}

/// What one group gave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DepthOutcome {
    /// Centre of mass of the planted profile above its smallest score; None if it is flat.
    pub planted: Option<f64>,
    /// Above the score of the layer that is worst in the other participants.
    pub crossed: Option<f64>,
    /// Above the smallest score of the mean profile.
    pub smallest: Option<f64>,
    /// The 95 % interval over participants of `crossed`.
    pub interval: Interval,
}

/// Centres of mass of one simulated group: R_pk = f_k + ε_pk, ε normal, AR(1) over layers and independent over participants.
#[must_use]
pub fn simulate_depth(
    planted: &PlantedProfile<'_>,
    draws: usize,
    (seed, index): (u64, usize),
) -> DepthOutcome {
    let layers = planted.profile.len();
    let mut random = stream(seed, index, planted.signal_to_noise.to_bits());
    let noise = Noise::Autoregressive(planted.likeness);
    let range = range(planted.profile);
    let scale = if range > 0.0 { planted.signal_to_noise / range } else { 1.0 };
    let deviation = (planted.participants as f64).sqrt();
    let mut scores = Array2::zeros((planted.participants, layers));
    for mut row in scores.rows_mut() {
        let own = noise.series(&mut random, layers);
        for ((score, signal), own) in row.iter_mut().zip(planted.profile).zip(own) {
            *score = scale * signal + deviation * own;
        }
    }
    let depths: Vec<f64> = (0..layers).map(|layer| layer as f64).collect();
    let centre = |rows: &[usize]| {
        centre_of_mass(&depths, scores.select(Axis(0), rows).view(), Floor::Minimum).unwrap_or(f64::NAN)
    };
    let planted_row = Array2::from_shape_fn((1, layers), |(_, layer)| planted.profile[layer]);
    let mean = scores.mean_axis(Axis(0)).map(|mean| mean.insert_axis(Axis(0)));
    DepthOutcome {
        planted: centre_of_mass(&depths, planted_row.view(), Floor::Minimum),
        crossed: centre_of_mass(&depths, scores.view(), Floor::Minimum),
        smallest: mean.and_then(|mean| centre_of_mass(&depths, mean.view(), Floor::Minimum)),
        interval: bootstrap_participants(planted.participants, draws, seed ^ index as u64, 0.95, centre),
    }
}

fn range(profile: &[f64]) -> f64 {
    let ends = |(low, high): (f64, f64), score: &f64| (low.min(*score), high.max(*score));
    let (low, high) = profile.iter().fold((f64::INFINITY, f64::NEG_INFINITY), ends);
    high - low
}

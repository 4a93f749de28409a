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
    let scores = scores(planted, (seed, index));
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

/// A row per participant; the mean of a layer over participants has a standard error of 1.
fn scores(planted: &PlantedProfile<'_>, (seed, index): (u64, usize)) -> Array2<f64> {
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
    scores
}

fn range(profile: &[f64]) -> f64 {
    let ends = |(low, high): (f64, f64), score: &f64| (low.min(*score), high.max(*score));
    let (low, high) = profile.iter().fold((f64::INFINITY, f64::NEG_INFINITY), ends);
    high - low
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Signal over standard error is what was asked for, and so is the likeness of neighbouring layers' noise.
    #[test]
    fn scores_have_the_signal_to_noise_and_the_likeness_that_were_asked_for() {
        let profile = [0.1, 0.5, 0.3];
        let planted =
            PlantedProfile { profile: &profile, participants: 9, signal_to_noise: 3.0, likeness: 0.6 };
        let means: Vec<Vec<f64>> = (0..2000)
            .map(|index| scores(&planted, (4, index)).mean_axis(Axis(0)).unwrap().to_vec())
            .collect();
        let over = |of: &dyn Fn(&Vec<f64>) -> f64| means.iter().map(of).sum::<f64>() / 2000.0;
        let mean = [0, 1, 2].map(|layer| over(&|means| means[layer]));
        assert!((mean[1] - mean[0] - 3.0).abs() < 0.1 && (mean[2] - mean[0] - 1.5).abs() < 0.1, "{mean:?}");
        let product = |a: usize, b: usize| over(&|means| (means[a] - mean[a]) * (means[b] - mean[b]));
        assert!((product(0, 0) - 1.0).abs() < 0.1 && (product(2, 2) - 1.0).abs() < 0.1);
        assert!((product(0, 1) - 0.6).abs() < 0.08 && (product(0, 2) - 0.36).abs() < 0.08);
    }

    #[test]
    fn without_noise_the_planted_centre_is_found() {
        let profile = [0.1, 0.5, 0.3, 0.2];
        let planted =
            PlantedProfile { profile: &profile, participants: 6, signal_to_noise: 1e9, likeness: 0.5 };
        let found = simulate_depth(&planted, 50, (1, 2));
        // Weights .4, .2 and .1 above the smallest score.
        let centre = (0.4 + 0.2 * 2.0 + 0.1 * 3.0) / 0.7;
        for one in [found.planted, found.crossed, found.smallest] {
            assert!((one.unwrap() - centre).abs() < 1e-6, "{one:?}");
        }
        assert!((found.interval.low - centre).abs() < 1e-6 && (found.interval.high - centre).abs() < 1e-6);
        let flat = PlantedProfile { profile: &[0.2; 4], ..planted };
        assert_eq!(simulate_depth(&flat, 50, (1, 2)).planted, None);
    }
}

//! Which mixture and penalty each target took in each fold.

use serde::{Deserialize, Serialize};

use super::settings::Mixtures;

/// The choices of one outer fold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoldChoices {
    /// Candidate mixtures of the fold.
    pub mixtures: Vec<Vec<f64>>,
    /// Index of each target's mixture.
    pub mixture: Vec<u32>,
    /// Each target's penalty.
    pub alpha: Vec<f64>,
}

impl FoldChoices {
    /// The weights of a target's mixture.
    #[must_use]
    pub fn mixture_of(&self, target: usize) -> &[f64] {
        &self.mixtures[self.mixture[target] as usize]
    }
}

/// Where a chosen penalty lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Between the ends.
    Inside,
    /// Beyond the grid as given, but inside its extension.
    Extended,
    /// At the smallest penalty.
    Low,
    /// At the largest penalty.
    High,
}

/// How many penalties were chosen at the ends of the grid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edges {
    /// At the smallest.
    pub low: u64,
    /// At the largest.
    pub high: u64,
    /// Beyond the grid as asked for, inside its extension.
    pub extended: u64,
    /// All choices.
    pub choices: u64,
}

impl Edges {
    pub(super) fn count(&mut self, places: &[Place]) {
        self.choices += places.len() as u64;
        for place in places {
            match place {
                Place::Low => self.low += 1,
                Place::High => self.high += 1,
                Place::Extended => self.extended += 1,
                Place::Inside => {}
            }
        }
    }
}

/// Mixtures of a design with one more band, which takes each of `shares` of the kernel; the rest is the mixture that
/// a fold chose for all targets (that of its first target).
#[must_use]
pub fn baseline_shares(choices: &[FoldChoices], shares: &[f64]) -> Mixtures {
    let of_fold = |fold: &FoldChoices| {
        let chosen = fold.mixture.first().map_or(&[][..], |mixture| &fold.mixtures[*mixture as usize]);
        let with = |share: &f64| chosen.iter().map(|weight| weight * (1.0 - share)).chain([*share]).collect();
        shares.iter().map(with).collect()
    };
    Mixtures::PerFold(choices.iter().map(of_fold).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_divide_the_kernel_between_baseline_and_layer() {
        let mixtures = vec![vec![1.0, 0.0], vec![0.5, 0.5]];
        let choices = [FoldChoices { mixtures, mixture: vec![1, 1], alpha: vec![1.0, 2.0] }];
        let Mixtures::PerFold(folds) = baseline_shares(&choices, &[0.0, 0.5, 1.0]) else {
            panic!("one per fold")
        };
        assert_eq!(folds[0], vec![vec![0.5, 0.5, 0.0], vec![0.25, 0.25, 0.5], vec![0.0, 0.0, 1.0]]);
    }

    #[test]
    fn a_target_has_the_weights_of_its_mixture_and_penalties_at_edges_are_counted() {
        let mixtures = vec![vec![1.0, 0.0], vec![0.25, 0.75]];
        let choices = FoldChoices { mixtures, mixture: vec![1, 0], alpha: vec![1.0, 2.0] };
        assert_eq!((choices.mixture_of(0), choices.mixture_of(1)), (&[0.25, 0.75][..], &[1.0, 0.0][..]));
        let mut edges = Edges::default();
        let (low, high, extended) = (Place::Low, Place::High, Place::Extended);
        edges.count(&[low, low, high, extended, extended, extended, Place::Inside]);
        edges.count(&[high, high, high]);
        assert_eq!(edges, Edges { low: 2, high: 4, extended: 3, choices: 10 });
    }
}

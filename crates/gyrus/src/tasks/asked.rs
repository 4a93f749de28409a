//! What a fit is asked for: a quantity, the bands of its baseline, and what it chooses from.

use gyrus_encoding::ridge::{Design, FoldChoices, Mixtures, RidgeSettings};

use super::fit::Quantity;

/// A quantity of a layer, which is the last band; those of its baseline come first.
pub(super) struct Asked {
    pub(super) quantity: Quantity,
    pub(super) n_baseline: usize,
    /// Mixtures of the bands of all quantities.
    pub(super) settings: RidgeSettings,
    /// The same mixtures of its own bands, for surrogates that choose again.
    pub(super) own: Mixtures,
}

impl Asked {
    /// What its surrogates choose from, in the design that [`Asked::alone`] gives.
    pub(super) fn settings_alone(&self) -> RidgeSettings {
        RidgeSettings { mixtures: self.own.clone(), ..self.settings.clone() }
    }

    /// The bands of the quantity without those of others, and what was chosen for them.
    pub(super) fn alone(&self, all: &Design, choices: &[FoldChoices]) -> (Design, Vec<FoldChoices>) {
        let layer = all.bands.len() - 1;
        let taken: Vec<usize> = (0..self.n_baseline).chain([layer]).collect();
        let of = |mixture: &Vec<f64>| taken.iter().map(|band| mixture[*band]).collect();
        let of_fold = |fold: &FoldChoices| FoldChoices {
            mixtures: fold.mixtures.iter().map(of).collect(),
            ..fold.clone()
        };
        let bands = taken.iter().map(|band| all.bands[*band].clone()).collect();
        let (timeline, drift) = (all.timeline.clone(), all.drift.clone());
        let design = Design { bands, timeline, drift, scaling: all.scaling };
        (design, choices.iter().map(of_fold).collect())
    }
}

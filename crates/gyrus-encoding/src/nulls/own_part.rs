//! What a band holds that others do not predict: the part of it that surrogates of a gain replace.

use std::collections::BTreeSet;

use faer::Mat;
use gyrus_core::{FoldRule, Folds, InMemory, Timeline};
use ndarray::{Array2, s};

use crate::EncodingError;
use crate::backend::{Backend, to_mat};
use crate::ridge::{
    self, Alphas, AtEdge, Band, Choice, Design, FittedBlock, Mixtures, RidgeSettings, Scaling,
};

/// Series in two parts, of which the sum is the series.
pub(super) struct Parts {
    /// What other bands predict in samples that were held out; nothing where there are none.
    kept: Option<Mat<f32>>,
    own: Mat<f32>,
}

impl Parts {
    /// A surrogate: what others predict stays, the rest is replaced.
    pub(super) fn replaced(&self, surrogate: impl FnOnce(&Mat<f32>) -> Mat<f32>) -> Mat<f32> {
        match &self.kept {
            Some(kept) => surrogate(&self.own) + kept,
            None => surrogate(&self.own),
        }
    }

    /// All of some series.
    pub(super) fn whole(series: &Array2<f32>) -> Self {
        Self { kept: None, own: to_mat(series.view()) }
    }

    /// Series less what bands predict of them.
    ///
    /// # Errors
    /// - as [`ridge::fit`].
    pub(super) fn beyond(given: &Given<'_>, series: &Array2<f32>) -> Result<Self, EncodingError> {
        let kept = given.predict(series)?;
        let own = series - &kept;
        Ok(Self { kept: Some(to_mat(kept.view())), own: to_mat(own.view()) })
    }
}

/// Bands that stay, ready to predict others.
pub(super) struct Given<'a> {
    backend: &'a Backend,
    design: Design,
    folds: Folds,
    settings: RidgeSettings,
}

/// Penalties of a column, over whatever scale it has.
const ALPHAS: (f64, f64, usize) = (1e-2, 1e8, 11);
const INNER_FOLDS: usize = 5;
/// Of fewer groups of runs one would be left to train on.
const LEAST_GROUPS: usize = 3;

impl<'a> Given<'a> {
    /// Some bands of a design, with the folds of a fit.
    ///
    /// # Errors
    /// - as [`Folds::new`].
    pub(super) fn new(
        backend: &'a Backend,
        (design, folds): (&Design, &Folds),
        bands: &[usize],
    ) -> Result<Self, EncodingError> {
        let bands: Vec<Band> = bands.iter().map(|band| design.bands[*band].clone()).collect();
        let share = 1.0 / bands.len() as f64;
        let settings = RidgeSettings {
            alphas: Alphas::logspace(ALPHAS.0, ALPHAS.1, ALPHAS.2)?,
            mixtures: Mixtures::Same(vec![vec![share; bands.len()]]),
            refinements: 0,
            choice: Choice::PerTarget,
            inner_folds: INNER_FOLDS,
            at_edge: AtEdge::Count,
        };
        let timeline = design.timeline.clone();
        let folds = every_sample_held_out(folds, &timeline)?;
        // With their drift: left in the rest, what both have of it would be replaced as if it were the band's own.
        let design = Design { bands, timeline, drift: Vec::new(), scaling: Scaling::ZScore };
        Ok(Self { backend, design, folds, settings })
    }

    /// Predictions of every sample by a model that has not seen it, less the mean of what that model saw; 0 where a column has none.
    fn predict(&self, series: &Array2<f32>) -> Result<Array2<f32>, EncodingError> {
        let mut predictions = Array2::zeros(series.raw_dim());
        let mut sink = |block: FittedBlock| {
            predictions.slice_mut(s![.., block.targets.clone()]).assign(block.predictions.get());
            Ok(())
        };
        let targets = InMemory(series.clone());
        ridge::fit(self.backend, &self.design, &self.folds, &self.settings, (&targets, &mut sink))?;
        predictions.mapv_inplace(|value| if value.is_finite() { value } else { 0.0 });
        Ok(predictions)
    }
}

/// The folds of a fit; around a named test set, of which the training samples are never held out, every group of runs in turn, or blocks where
/// there are fewer than three.
fn every_sample_held_out(folds: &Folds, timeline: &Timeline) -> Result<Folds, EncodingError> {
    let FoldRule::Named { gap, .. } = folds.rule() else { return Ok(folds.clone()) };
    let groups: BTreeSet<&String> = timeline.groups().iter().collect();
    let rule = match groups.len() {
        0..LEAST_GROUPS => FoldRule::Blocks { count: INNER_FOLDS, gap: *gap },
        _ => FoldRule::Runs,
    };
    Ok(Folds::new(timeline, &rule)?)
}

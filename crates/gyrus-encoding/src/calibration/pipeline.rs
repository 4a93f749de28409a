//! The whole pipeline on one design: nested folds, fit, held-out scores, and the same for surrogates of the features.

use gyrus_core::{FoldRule, Folds, InMemory};
use ndarray::Array2;

use super::{BLOCKS, GAP, INNER_FOLDS, SimulatedFolds};
use crate::EncodingError;
use crate::backend::Backend;
use crate::nulls::{self, NullKind, NullScores, ObservedFit, Request, Surrogates};
use crate::ridge::{self, Alphas, AtEdge, Choice, Design, FoldChoices, Mixtures, RidgeSettings};
use crate::scores::{self, FoldScores};
use crate::split::Test;

/// Folds of a design without their surrogates.
pub(super) fn folds(design: &Design, how: (SimulatedFolds, usize)) -> Result<Folds, EncodingError> {
    let rule = match how.0 {
        SimulatedFolds::Blocks => FoldRule::Blocks { count: BLOCKS, gap: GAP },
        SimulatedFolds::Shuffled => FoldRule::Shuffled { count: BLOCKS, seed: how.1 as u64 },
    };
    Ok(Folds::new(&design.timeline, &rule)?)
}

/// A design fitted to responses.
pub(super) struct Fitted {
    pub(super) predictions: Test<Array2<f32>>,
    pub(super) responses: Test<Array2<f32>>,
    pub(super) by_fold: FoldScores,
    choices: Vec<FoldChoices>,
    settings: RidgeSettings,
}

/// Fits some mixtures of the bands, with the penalties of six decades.
pub(super) fn fit(
    backend: &Backend,
    (design, folds): (&Design, &Folds),
    mixtures: Vec<Vec<f64>>,
    responses: &Array2<f32>,
) -> Result<Fitted, EncodingError> {
    let settings = RidgeSettings {
        alphas: Alphas::logspace(1.0, 1e6, 6)?,
        mixtures: Mixtures::Same(mixtures),
        refinements: 0,
        choice: Choice::PerTarget,
        inner_folds: INNER_FOLDS,
        at_edge: AtEdge::Count,
    };
    let targets = InMemory(responses.clone());
    let (fit, predictions) = ridge::fit_and_predict(backend, (design, folds), &settings, &targets)?;
    let responses = Test::declared(targets.0);
    let by_fold = scores::correlation(&predictions, &responses, folds)?;
    Ok(Fitted { predictions, responses, by_fold, choices: fit.choices, settings })
}

/// Scores of surrogates of some bands, with the choices of a fit or their own; targets count for groups.
pub(super) fn refit(
    backend: &Backend,
    (design, folds): (&Design, &Folds),
    fitted: &Fitted,
    null: &Null<'_>,
) -> Result<NullScores, EncodingError> {
    let request = Request {
        design,
        surrogate_bands: null.bands,
        given: null.given,
        folds,
        groups: null.groups,
        fit: ObservedFit { choices: &fitted.choices, scores: &fitted.by_fold.correlation },
        again: null.again.then_some(&fitted.settings),
    };
    let surrogates = Surrogates { kind: NullKind::Phase, count: null.count, seed: null.seed };
    let targets = InMemory(fitted.responses.get().clone());
    nulls::refit(backend, &request, &targets, &surrogates)
}

/// Which surrogates.
pub(super) struct Null<'a> {
    pub(super) bands: &'a [usize],
    pub(super) given: &'a [usize],
    pub(super) groups: &'a [Option<usize>],
    /// Whether surrogates choose penalties and mixtures again.
    pub(super) again: bool,
    pub(super) count: usize,
    pub(super) seed: u64,
}

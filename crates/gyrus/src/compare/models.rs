//! The table of language models: what each study says of itself.

use super::studies::Row;
use super::{ModelRow, mean, over_people};
use crate::results::{BestLayer, Interval};

/// The ceiling that scores are shown as shares of: the one that most studies have.
const CEILING: &str = "leave_one_out_isc";

/// A row per region, the mean over regions last.
pub(super) fn rows(row: &Row<'_>) -> Vec<ModelRow> {
    row.model.best_layer.iter().map(|best| one(row, best)).collect()
}

fn one(row: &Row<'_>, best: &BestLayer) -> ModelRow {
    let region = best.region.as_ref();
    let mut found = ModelRow {
        study: row.study.label.clone(),
        language_model: row.model.name.clone(),
        region: best.region.clone(),
        n_parameters: row.model.n_parameters,
        layer: (best.layer, best.share),
        n_participants: row.study.results.methods.n_participants,
        score: best.score,
        excess: (f64::NAN, Interval::NOWHERE),
        unique_gain: best.unique_gain,
        beyond_untrained: best.beyond_untrained,
        ceiling: None,
        folds: row.study.results.methods.folds.clone(),
        baseline: row.study.results.baseline.bands.clone(),
    };
    if let Some(scores) = row.scores(region) {
        let both = scores.score.iter().zip(&scores.null).map(|(score, null)| (*score, score - null));
        let own: Vec<(f64, f64)> = both.filter(|(score, _)| score.is_finite()).collect();
        found.n_participants = own.len();
        let excess = |people: &[usize]| mean(people.iter().map(|person| own[*person].1));
        found.excess = (mean(own.iter().map(|(_, excess)| *excess)), over_people(own.len(), excess));
    }
    let is_ceiling = |normalised: &&crate::results::NormalisedRow| {
        normalised.language_model == row.model.name
            && normalised.region.as_ref() == region
            && normalised.kind == CEILING
    };
    let normalised = row.study.results.normalised.iter().find(is_ceiling);
    found.ceiling = normalised.map(|found| (found.kind.clone(), found.ceiling, found.normalised));
    found
}

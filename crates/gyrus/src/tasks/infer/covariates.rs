//! How scores and gains go with what is known of people, at the layer that inner folds choose.

use gyrus_encoding::statistics::{self, Slope};
use ndarray::Array2;

use super::super::fit::{FitKind, Quantity};
use super::language_model::Work;
use super::paired::Side;
use crate::Error;
use crate::inputs::Covariate;
use crate::results::{CovariateRow, Interval};

/// Orders of people that are drawn.
const ORDERS: usize = 10_000;
const LEVEL: f64 = 0.95;

/// Slopes of every covariate, the others held, by region and, last, of the mean over regions.
///
/// # Errors
/// - a fit is not in the store.
pub(super) fn rows(work: &Work<'_>) -> Result<Vec<CovariateRow>, Error> {
    let covariates = &work.inputs.covariates;
    let mut rows = Vec::new();
    if covariates.is_empty() {
        return Ok(rows);
    }
    let known = known(work, covariates);
    for index in 0..work.inputs.language_models.len() {
        for (quantity, name) in [(Quantity::Score, "score"), (Quantity::Gain, "unique_gain")] {
            let scores = scores(work, index, quantity)?;
            for which in 0..covariates.len() {
                rows.extend(of(work, (index, name), &scores, (&known, which))?);
            }
        }
    }
    Ok(rows)
}

/// Shape (n_participants, n_covariates); NaN where a value is not known.
fn known(work: &Work<'_>, covariates: &[Covariate]) -> Array2<f64> {
    let people = &work.layout.participants;
    Array2::from_shape_fn((people.len(), covariates.len()), |(person, column)| {
        covariates[column].values.get(&people[person]).copied().unwrap_or(f64::NAN)
    })
}

/// Shape (n_participants, n_regions + 1).
fn scores(work: &Work<'_>, language_model: usize, quantity: Quantity) -> Result<Array2<f64>, Error> {
    let side = Side::of_quantity(work, quantity, |fit| {
        fit.language_model == language_model && fit.kind == FitKind::Main
    })?;
    let columns = work.layout.regions.len() + 1;
    let mut scores = Array2::from_elem((work.layout.participants.len(), columns), f64::NAN);
    for (column, mut own) in scores.columns_mut().into_iter().enumerate() {
        let values = side.at(work, column).values;
        own.iter_mut().zip(values).for_each(|(cell, value)| *cell = value);
    }
    Ok(scores)
}

fn of(
    work: &Work<'_>,
    (language_model, quantity): (usize, &str),
    scores: &Array2<f64>,
    (known, which): (&Array2<f64>, usize),
) -> Result<Vec<CovariateRow>, Error> {
    let covariate = &work.inputs.covariates[which];
    let slopes = statistics::slopes(scores.view(), known.view(), which)?;
    let n_regions = work.layout.regions.len();
    let seed = work.inputs.resolved.study.statistics.seed;
    let mut corrected = Vec::with_capacity(n_regions + 1);
    // The maximum runs over regions; their mean is a question of its own.
    for columns in [0..n_regions, n_regions..n_regions + 1] {
        let some = scores.slice(ndarray::s![.., columns]);
        let found = statistics::permuted_slopes(work.backend, (some, known.view(), which), (ORDERS, seed))?;
        corrected.extend(found.family_wise_p());
    }
    let row = |(column, (slope, p_corrected)): (usize, (Slope, f64))| {
        let [low, high] = slope.interval(LEVEL);
        CovariateRow {
            language_model: work.inputs.language_models[language_model].name.clone(),
            quantity: quantity.to_owned(),
            region: work.layout.region_name(column),
            covariate: covariate.name.clone(),
            compared: covariate.compared.as_ref().map(|(level, with)| format!("{level} − {with}")),
            n_participants: slope.n,
            slope: slope.slope,
            interval: Interval { low, high },
            t: slope.t,
            p_t: slope.p,
            p_permutation_corrected: p_corrected,
        }
    };
    Ok(slopes.into_iter().zip(corrected).enumerate().map(row).collect())
}

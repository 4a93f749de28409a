//! Contexts and orders of the text: what each level scores, and what it scores more than the one that knows less.

use gyrus_encoding::statistics::{self, Tail};
use ndarray::Array2;

use super::super::fit::FitKind;
use super::language_model::Work;
use super::paired::{Side, SideScores, family_wise_p};
use crate::Error;
use crate::results::{LanguageModelResults, SweepRow};
use crate::study::Level;

/// By sweep, level (those that know less of the text first) and region, the mean over regions last.
///
/// # Errors
/// - a fit is not in the store.
pub(super) fn rows(work: &Work<'_>, models: &[LanguageModelResults]) -> Result<Vec<SweepRow>, Error> {
    let mut rows = Vec::new();
    for levels in sweeps(work) {
        rows.extend(of_sweep(work, models, &levels)?);
    }
    Ok(rows)
}

/// Levels of each sweep by their rank, each with the place of its language model.
fn sweeps<'a>(work: &'a Work<'_>) -> Vec<Vec<(usize, &'a Level)>> {
    let mut sweeps: Vec<Vec<(usize, &Level)>> = Vec::new();
    let open = work.inputs.language_models.iter().enumerate();
    for (index, level) in open.filter_map(|(index, open)| Some((index, open.level.as_ref()?))) {
        let is_own = |sweep: &&mut Vec<(usize, &Level)>| {
            sweep.iter().any(|(_, other)| (other.sweep, &other.of) == (level.sweep, &level.of))
        };
        match sweeps.iter_mut().find(is_own) {
            Some(sweep) => sweep.push((index, level)),
            None => sweeps.push(vec![(index, level)]),
        }
    }
    sweeps.iter_mut().for_each(|sweep| sweep.sort_by_key(|(_, level)| level.rank));
    sweeps
}

fn of_sweep(
    work: &Work<'_>,
    models: &[LanguageModelResults],
    levels: &[(usize, &Level)],
) -> Result<Vec<SweepRow>, Error> {
    let n_columns = work.layout.regions.len() + 1;
    let mut rows: Vec<SweepRow> = Vec::with_capacity(levels.len() * n_columns);
    // One per row with a difference, in their order.
    let mut differences: Vec<Vec<f64>> = Vec::new();
    let mut finer: Option<(&Level, Vec<SideScores>)> = None;
    for (language_model, level) in levels {
        let side = Side::of(work, |fit| fit.language_model == *language_model && fit.kind == FitKind::Main)?;
        let scores: Vec<SideScores> = (0..n_columns).map(|column| side.at(work, column)).collect();
        for column in 0..n_columns {
            let region = work.layout.region_name(column);
            let found = models[*language_model].best_layer.iter().find(|best| best.region == region);
            let Some(best) = found else { continue };
            let mut row = SweepRow {
                language_model: level.of.clone(),
                sweep: level.sweep.to_owned(),
                level: level.name.clone(),
                region,
                layer: best.layer,
                score: best.score,
                unique_gain: best.unique_gain,
                finer: None,
                difference: None,
                p_sign_flip_corrected: f64::NAN,
                p_wilcoxon: f64::NAN,
            };
            if let Some((finer, less)) = &finer {
                let (values, products) = scores[column].minus(&less[column]);
                row.finer = Some(finer.name.clone());
                row.difference = Some(work.estimator.of_values(&values, &products)?);
                row.p_wilcoxon = statistics::signed_rank(&values, Tail::TwoSided).p;
                differences.push(values);
            }
            rows.push(row);
        }
        finer = Some((level, scores));
    }
    correct(work, &differences, &mut rows)?;
    Ok(rows)
}

/// The maximum runs over levels and regions; the mean over regions is a question of its own.
fn correct(work: &Work<'_>, differences: &[Vec<f64>], rows: &mut [SweepRow]) -> Result<(), Error> {
    let mut compared: Vec<&mut SweepRow> = rows.iter_mut().filter(|row| row.difference.is_some()).collect();
    for is_mean in [false, true] {
        let places: Vec<usize> =
            (0..compared.len()).filter(|place| compared[*place].region.is_none() == is_mean).collect();
        if places.is_empty() {
            continue;
        }
        let shape = (work.layout.participants.len(), places.len());
        let table = Array2::from_shape_fn(shape, |(person, place)| differences[places[place]][person]);
        let p = family_wise_p(work, table.view())?;
        places.iter().zip(p).for_each(|(place, p)| compared[*place].p_sign_flip_corrected = p);
    }
    Ok(())
}

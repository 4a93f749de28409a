//! What taking out each source of noise does to the scores: paired with those of responses in which it was left.

use super::super::fit::FitKind;
use super::super::projected::Projected;
use super::gather::finite_mean;
use super::language_model::Work;
use super::paired::Side;
use crate::Error;
use crate::results::{CleaningRow, NoiseRow};

/// By language model, source and region, the mean over regions last; empty unless the study compares.
///
/// # Errors
/// - a fit is not in the store.
pub(super) fn rows(work: &Work<'_>, cleaning: &[CleaningRow]) -> Result<Vec<NoiseRow>, Error> {
    let compared = Projected::compared(work.inputs);
    let mut rows = Vec::new();
    if compared.is_empty() {
        return Ok(rows);
    }
    for (language_model, open) in work.inputs.language_models.iter().enumerate() {
        let cleaned =
            Side::of(work, |fit| fit.language_model == language_model && fit.kind == FitKind::Main)?;
        for projected in &compared {
            let left_in = Side::of(work, |fit| {
                fit.language_model == language_model
                    && fit.kind == FitKind::Noise
                    && fit.projected == *projected
            })?;
            for column in 0..=work.layout.regions.len() {
                let (cleaned, left_in) = (cleaned.at(work, column), left_in.at(work, column));
                let (values, products) = cleaned.minus(&left_in);
                rows.push(NoiseRow {
                    language_model: open.name.clone(),
                    source: projected.left_in().to_owned(),
                    region: work.layout.region_name(column),
                    variance_removed: variance(cleaning, projected, column),
                    cleaned: finite_mean(cleaned.values.iter().copied()),
                    left_in: finite_mean(left_in.values.iter().copied()),
                    difference: work.estimator.of_values(&values, &products)?,
                });
            }
        }
    }
    Ok(rows)
}

/// Share of the variance that the sources took which are now left in: mean over runs, in a region or over regions. A run
/// without such a source lost nothing to it.
fn variance(cleaning: &[CleaningRow], projected: &Projected, column: usize) -> f64 {
    let of_run = |run: &CleaningRow| {
        let left = run.variance_by_region.iter().filter(|(source, _)| !projected.holds(source));
        let share = |shares: &Vec<Option<f64>>| match shares.get(column) {
            Some(share) => share.unwrap_or(f64::NAN),
            None => finite_mean(shares.iter().flatten().copied()),
        };
        left.map(|(_, shares)| share(shares)).sum::<f64>()
    };
    finite_mean(cleaning.iter().map(of_run))
}

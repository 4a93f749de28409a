//! Untrained and shuffled copies, random vectors, other alignments, and the baseline by itself.

use ndarray::Array2;

use super::super::extract::Training;
use super::super::features::Binning;
use super::super::fit::{Fit, FitKind, Quantity};
use super::estimate::Estimator;
use super::gather::{Gathered, LayerFits, Layout, finite_mean};
use crate::Error;
use crate::inputs::Inputs;
use crate::plan::Plan;
use crate::results::{AlignmentRow, BaselineResults, BaselineRow, ControlRow};
use crate::store::Store;

/// One copy of a language model: its layers, scored.
pub(super) struct Copy {
    /// Which.
    pub training: Training,
    /// Scores per layer.
    pub layers: Vec<Gathered>,
    /// Gains over the low-level baseline per layer.
    pub gains: Vec<Gathered>,
}

/// The copies of a language model that are controls.
pub(super) fn copies(
    plan: &Plan,
    (layout, store): (&Layout, &Store),
    language_model: usize,
    layers: &[usize],
) -> Result<Vec<Copy>, Error> {
    let is_control = |fit: &&Fit| fit.language_model == language_model && fit.kind == FitKind::Control;
    let mut kinds: Vec<Training> = plan.fits.iter().filter(is_control).map(|fit| fit.training).collect();
    kinds.sort();
    kinds.dedup();
    let copy = |training: Training| {
        let wanted: Vec<usize> = if training.is_layered() { layers.to_vec() } else { vec![0] };
        let layer = |layer: &usize| {
            let of_layer = |fit: &&Fit| is_control(fit) && fit.training == training && fit.layer == *layer;
            let fits = LayerFits::open(plan.fits.iter().filter(of_layer), store)?;
            let at = (layout, plan);
            Ok((fits.take(Quantity::Score, at, store)?, fits.take(Quantity::Gain, at, store)?))
        };
        let scored = wanted.iter().map(layer).collect::<Result<Vec<_>, Error>>()?;
        let (layers, gains) = scored.into_iter().unzip();
        Ok(Copy { training, layers, gains })
    };
    kinds.into_iter().map(copy).collect()
}

/// Rows of a control for tables.
pub(super) fn rows(copy: &Copy, layout: &Layout, layers: &[usize]) -> Vec<ControlRow> {
    let mut rows = Vec::new();
    for (position, gathered) in copy.layers.iter().enumerate() {
        let means = group_means(&layout.by_region(&gathered.values));
        let layer = if copy.layers.len() == layers.len() { layers[position] } else { 0 };
        let seed = copy.training.seed().unwrap_or(0);
        let row = |(column, score): (usize, f64)| ControlRow {
            seed,
            layer,
            region: layout.region_name(column),
            score,
        };
        rows.extend(means.into_iter().enumerate().map(row));
    }
    rows
}

/// Mean over participants of each column.
pub(super) fn group_means(values: &Array2<f64>) -> Vec<f64> {
    values.columns().into_iter().map(|column| finite_mean(column.iter().copied())).collect()
}

/// Scores under other ways to bring words onto volumes, beside the study's own.
pub(super) fn alignments(
    inputs: &Inputs,
    plan: &Plan,
    (layout, store): (&Layout, &Store),
    estimator: &Estimator<'_>,
) -> Result<Vec<AlignmentRow>, Error> {
    let mut binnings = vec![(Binning::of_study(inputs), FitKind::Main)];
    binnings.extend(Binning::compared(inputs).into_iter().map(|binning| (binning, FitKind::Alignment)));
    let mut rows = Vec::new();
    for (language_model, open) in inputs.language_models.iter().enumerate() {
        for (binning, kind) in &binnings {
            let of_kind = |fit: &&Fit| {
                fit.language_model == language_model && fit.kind == *kind && fit.binning == *binning
            };
            let mut layers: Vec<usize> = plan.fits.iter().filter(of_kind).map(|fit| fit.layer).collect();
            layers.sort_unstable();
            layers.dedup();
            for layer in layers {
                let of_layer = |fit: &&Fit| of_kind(fit) && fit.layer == layer;
                let fits = LayerFits::open(plan.fits.iter().filter(of_layer), store)?;
                let estimates = estimator.by_region(&fits.take(Quantity::Score, (layout, plan), store)?)?;
                let Some(score) = estimates.last().copied() else { continue };
                let (language_model, alignment) = (open.name.clone(), binning.name().to_owned());
                rows.push(AlignmentRow { language_model, alignment, layer, score });
            }
        }
    }
    Ok(rows)
}

/// The low-level baseline and each of its bands.
pub(super) fn baseline(
    inputs: &Inputs,
    plan: &Plan,
    (layout, store): (&Layout, &Store),
    estimator: &Estimator<'_>,
) -> Result<BaselineResults, Error> {
    let names =
        inputs.resolved.study.encoding.low_level().into_iter().map(|feature| feature.name().to_owned());
    let bands: Vec<String> = names.collect();
    let low_level = || plan.baselines.iter().filter(|task| task.language_model.is_none());
    let mut rows = Vec::new();
    let mut overall = Vec::new();
    for band in bands.iter().map(|band| Some(band.as_str())).chain([None]) {
        let gathered = Gathered::of_baseline(low_level(), band, layout, store)?;
        let estimates = estimator.by_region(&gathered)?;
        overall.push(estimates.last().map_or(f64::NAN, |estimate| estimate.value));
        let band = band.unwrap_or("baseline").to_owned();
        let row =
            |(column, score)| BaselineRow { band: band.clone(), region: layout.region_name(column), score };
        rows.extend(estimates.into_iter().enumerate().map(row));
    }
    let with_layer_0 = plan.baselines.iter().any(|task| task.language_model.is_some());
    Ok(BaselineResults { note: note(&compositions(plan, &bands, store)?, &bands), bands, with_layer_0, rows })
}

/// Which composition each fold of each design takes as its baseline, by inner folds.
fn compositions(plan: &Plan, bands: &[String], store: &Store) -> Result<Vec<Option<String>>, Error> {
    let mut compositions = Vec::new();
    for task in plan.baselines.iter().filter(|task| task.language_model.is_none()) {
        for fold in &task.fitted(store)?.choices {
            let weights = fold.mixture_of(0);
            let alone = weights.iter().position(|weight| *weight == 1.0);
            compositions.push(alone.filter(|_| bands.len() > 1).map(|band| bands[band].clone()));
        }
    }
    Ok(compositions)
}

fn note(compositions: &[Option<String>], bands: &[String]) -> Option<String> {
    let taken = |band: &String| compositions.iter().filter(|choice| choice.as_ref() == Some(band)).count();
    let alone: Vec<String> = bands
        .iter()
        .filter(|band| taken(band) > 0)
        .map(|band| format!("{band} alone in {} of {} folds", taken(band), compositions.len()))
        .collect();
    if alone.is_empty() {
        return None;
    }
    Some(format!(
        "On inner folds a single baseline feature beats all of them together ({}); there the gain is taken over it.",
        alone.join(", ")
    ))
}

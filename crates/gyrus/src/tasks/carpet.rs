//! Weaves a carpet of a recording while it is cleaned: a few targets through all regions, and what motion did.

use gyrus_encoding::denoise;
use ndarray::{Array2, ArrayView1, ArrayView2, Axis, s};

use crate::inputs::{Confounds, Recording};
use crate::packed::Packed;
use crate::results::{Carpet, Target, Trace, TraceKind, by_region};

/// Targets and columns of a carpet: what a page has room for.
const MOST_TARGETS: usize = 36;
const MOST_COLUMNS: usize = 400;
/// Traces above it.
const MOST_TRACES: usize = 2;
/// Of the head, in millimetres: where rotations are measured (Power et al. 2012).
const RADIUS: f64 = 50.0;
/// Root mean squares that deviate less than this from their mean, relative to it, say nothing: those of phases are always the same.
const LEAST_CHANGE: f64 = 0.1;

/// The targets of a carpet as they are before cleaning.
pub(super) struct Weaver {
    chosen: Vec<usize>,
    raw: Array2<f32>,
}

impl Weaver {
    /// Evenly through the targets in the order of their regions.
    pub(super) fn of(values: ArrayView2<'_, f32>, targets: &[Target]) -> Self {
        let order: Vec<usize> = by_region(targets).into_iter().flat_map(|(_, members)| members).collect();
        let count = order.len().min(MOST_TARGETS);
        let chosen: Vec<usize> = (0..count).map(|place| order[place * order.len() / count]).collect();
        Self { raw: values.select(Axis(1), &chosen), chosen }
    }

    /// The carpet without its names, with the cleaned values and the share of each target's variance that was taken out.
    pub(super) fn finish(
        self,
        cleaned: ArrayView2<'_, f32>,
        taken: impl Fn(usize) -> f64,
        (recording, targets): (&Recording, &[Target]),
    ) -> Carpet {
        let n_samples = self.raw.nrows();
        let step = n_samples.div_ceil(MOST_COLUMNS).max(1);
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for (place, target) in self.chosen.iter().enumerate() {
            before.extend(columns(&standardised(self.raw.column(place)), step));
            // Cleaned values have their own deviation as unit.
            let left = (1.0 - taken(*target)).max(0.0).sqrt();
            let own = cleaned.column(*target);
            after
                .extend(columns(&own.iter().map(|value| left * f64::from(*value)).collect::<Vec<_>>(), step));
        }
        Carpet {
            participant: String::new(),
            run: String::new(),
            interval: recording.sampling.interval.get(),
            step,
            n_columns: n_samples.div_ceil(step),
            targets: self.chosen.iter().map(|target| targets[*target].clone()).collect(),
            before: Packed::rounded(before, 2),
            after: Packed::rounded(after, 2),
            traces: recording
                .confounds
                .iter()
                .filter_map(|group| trace(group, step))
                .take(MOST_TRACES)
                .collect(),
        }
    }
}

/// Less the mean, in standard deviations; missing where there is none.
fn standardised(values: ArrayView1<'_, f32>) -> Vec<f64> {
    let values = values.mapv(f64::from);
    let (mean, deviation) = (values.mean().unwrap_or(f64::NAN), values.std(0.0));
    let own = |value: &f64| if deviation > 0.0 { (value - mean) / deviation } else { f64::NAN };
    values.iter().map(own).collect()
}

fn columns(values: &[f64], step: usize) -> impl Iterator<Item = f64> {
    values.chunks(step).map(|own| own.iter().sum::<f64>() / own.len() as f64)
}

/// One number per column of a source; nothing of one whose size is always the same.
fn trace(group: &Confounds, step: usize) -> Option<Trace> {
    let is_motion = group.source == "motion" && group.values.ncols() >= 6;
    let moved = is_motion
        .then(|| denoise::framewise_displacement(group.values.slice(s![.., ..6]), RADIUS).ok())
        .flatten();
    let (kind, values) = match moved {
        Some(displacement) => (TraceKind::Displacement, displacement),
        None => (TraceKind::Regressors, sizes(group.values.view())?),
    };
    let values = Packed::rounded(columns(&values, step), 2);
    Some(Trace { source: group.source.clone(), kind, values })
}

/// Root mean square over regressors of every volume.
fn sizes(regressors: ArrayView2<'_, f64>) -> Option<Vec<f64>> {
    let varying: Vec<Vec<f64>> = regressors
        .columns()
        .into_iter()
        .map(|column| standardised(column.mapv(|value| value as f32).view()))
        .filter(|column| column.iter().all(|value| value.is_finite()))
        .collect();
    let size = |volume: usize| {
        let squares: f64 = varying.iter().map(|column| column[volume] * column[volume]).sum();
        (squares / varying.len() as f64).sqrt()
    };
    let sizes = ndarray::Array1::from_iter((0..regressors.nrows()).map(size));
    let is_alive = sizes.std(0.0) >= LEAST_CHANGE * sizes.mean()?;
    (!varying.is_empty() && is_alive).then(|| sizes.to_vec())
}

//! Tripwires and alarms: autocorrelation alone, penalties at the edge, the lag of the response, rate in the layers.

use gyrus_core::{Sampling, Seconds};
use gyrus_encoding::align::{self, Aligned, Alignment, Method};
use gyrus_encoding::ridge::{self, Band, Choice, Mixtures, Scaling};
use gyrus_encoding::{diagnostics as kernels, statistics};
use ndarray::{Array2, concatenate};

use super::super::fit::{Fit, FitKind};
use super::super::projected::Projected;
use super::super::responses::Responses;
use super::super::{baseline, features, fit};
use super::controls::group_means;
use super::gather::{LayerFits, Layout, finite_mean};
use crate::Error;
use crate::inputs::Inputs;
use crate::plan::{Design, Machine, Plan};
use crate::results::Diagnostics;
use crate::store::Store;

/// Lags of the scan in seconds.
const LAGS: [f64; 11] = [-6.0, -4.0, -2.0, 0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0];

pub(super) fn run(
    inputs: &Inputs,
    plan: &Plan,
    (layout, store): (&Layout, &Store),
    machine: &Machine<'_>,
) -> Result<Diagnostics, Error> {
    let mut edges = (0, 0, 0);
    for fit in plan.fits.iter().filter(|fit| fit.kind == FitKind::Main) {
        let found = LayerFits::open(std::iter::once(fit), store)?.edges();
        edges = (edges.0 + found.0, edges.1 + found.1, edges.2 + found.2);
    }
    let tripwire = tripwire(inputs, plan, (layout, store), machine)?;
    let (regions, overall) = tripwire.split_at(layout.regions.len());
    let regions = || regions.iter().copied().filter(|score| score.is_finite());
    let range = (regions().reduce(f64::min)).zip(regions().reduce(f64::max));
    Ok(Diagnostics {
        autocorrelation_tripwire: overall.first().copied().filter(|score| score.is_finite()),
        autocorrelation_range: range,
        penalties_at_edges: edges,
        lag_scan: lag_scan(inputs, plan, (layout, store))?,
        rate_in_layers: rate_in_layers(inputs, plan, store, machine)?,
    })
}

/// The lag of the largest correlation.
pub(super) fn peak(scan: &[(f64, f64)]) -> Option<f64> {
    let defined = scan.iter().filter(|(_, correlation)| correlation.is_finite());
    defined.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(lag, _)| *lag)
}

/// Group score of a smoothed identity, which knows when a sample was taken and nothing else: per region, and over all.
fn tripwire(
    inputs: &Inputs,
    plan: &Plan,
    (layout, store): (&Layout, &Store),
    machine: &Machine<'_>,
) -> Result<Vec<f64>, Error> {
    let mut scores = Vec::new();
    for design in &plan.designs {
        let tasks = baseline::responses_of(design, &plan.prepare, &Projected::Everything);
        let targets = Responses::open(&tasks, store)?;
        let features = kernels::smoothed_identity(&design.timeline);
        let band = Band::new("autocorrelation", features);
        let bands = ridge::Design {
            bands: vec![band],
            timeline: design.timeline.clone(),
            drift: Vec::new(),
            scaling: Scaling::Centre,
        };
        let settings = baseline::settings(inputs, Mixtures::Same(vec![vec![1.0]]), Choice::PerTarget)?;
        let how = (&bands, &design.folds);
        scores.extend(ridge::held_out_correlation(&machine.backend, how, &settings, &targets)?.mean());
    }
    let table =
        Array2::from_shape_vec((layout.participants.len(), layout.n_targets), scores).unwrap_or_default();
    Ok(group_means(&layout.by_region(&table)))
}

/// Correlation of the word rate with the responses at each lag, mean over participants and regions.
fn lag_scan(
    inputs: &Inputs,
    plan: &Plan,
    (layout, store): (&Layout, &Store),
) -> Result<Vec<(f64, f64)>, Error> {
    let undefined = || Array2::from_elem((layout.participants.len(), layout.n_targets), f64::NAN);
    let mut tables: Vec<Array2<f64>> = LAGS.iter().map(|_| undefined()).collect();
    for (index, design) in plan.designs.iter().enumerate() {
        let rate = |lag: &f64| {
            let rate = rate_at(inputs, design, *lag)?;
            Ok(rate.iter().map(|value| f64::from(*value)).collect())
        };
        let rates: Vec<Vec<f64>> = LAGS.iter().map(rate).collect::<Result<_, Error>>()?;
        let responses =
            Responses::open(&baseline::responses_of(design, &plan.prepare, &Projected::Everything), store)?;
        for range in fit::target_ranges(inputs) {
            let block = responses.of_targets(range.clone()).all()?;
            for (column, response) in block.columns().into_iter().enumerate() {
                let response: Vec<f64> = response.iter().map(|value| f64::from(*value)).collect();
                let at = (layout.first[index] + column / range.len(), range.start + column % range.len());
                for (table, rate) in tables.iter_mut().zip(&rates) {
                    table[at] = statistics::pearson(rate, &response).unwrap_or(f64::NAN);
                }
            }
        }
    }
    let mean = |table: &Array2<f64>| finite_mean(group_means(&layout.by_region(table)).last().copied());
    Ok(LAGS.iter().zip(&tables).map(|(lag, table)| (*lag, mean(table))).collect())
}

fn rate_at(inputs: &Inputs, design: &Design, lag: f64) -> Result<Array2<f32>, Error> {
    let mut runs = Vec::with_capacity(design.runs.len());
    for run in &design.runs {
        let words = inputs.stimuli[run.stimulus].stimulus.words();
        let first = Seconds::new(run.sampling.first.get() - lag)?;
        let sampling = Sampling { first, ..run.sampling };
        let alignment = Alignment { method: Method::Sum, delays: vec![Seconds::ZERO], centre: false };
        runs.push(align::features(align::word_rate(words).view(), words, &sampling, &alignment)?.values);
    }
    let views: Vec<_> = runs.iter().map(|table| table.view()).collect();
    Ok(concatenate(ndarray::Axis(0), &views).unwrap_or_default())
}

/// Share of the variance of each layer's features, as they are fitted, that the word rate of the same delays explains.
fn rate_in_layers(
    inputs: &Inputs,
    plan: &Plan,
    store: &Store,
    machine: &Machine<'_>,
) -> Result<Vec<(String, usize, f64)>, Error> {
    let mut shares = Vec::new();
    let Some(design) = plan.designs.first() else { return Ok(shares) };
    let rate = features::word_rate(inputs, design)?;
    let Some(rate) = rate else { return Ok(shares) };
    for fit in plan.fits.iter().filter(|fit| fit.kind == FitKind::Main && fit.design == 0) {
        let name = inputs.language_models[fit.language_model].name.clone();
        let layer = layer_features(inputs, design, fit, store)?;
        let share = kernels::explained_by_rate(&machine.pool, layer.view(), rate.features.view())?;
        shares.push((name, fit.layer, share.of_total));
    }
    Ok(shares)
}

/// Features of a layer, centred on all words where the fit centres them on the training words of each fold.
fn layer_features(inputs: &Inputs, design: &Design, fit: &Fit, store: &Store) -> Result<Array2<f32>, Error> {
    let vectors = |stimulus: usize| fit.vectors(stimulus, store);
    let band = features::band(inputs, design, fit.binning, "layer", vectors)?;
    let Some(ones) = band.ones else { return Ok(band.features) };
    let aligned = Aligned { values: band.features, ones };
    let everything: Vec<usize> = (0..design.n_samples()).collect();
    Ok(aligned.centred(&aligned.word_mean(&everything)?))
}

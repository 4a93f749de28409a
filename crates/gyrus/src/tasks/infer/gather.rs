//! Finished fits of all designs, gathered to one table per quantity: participants × targets.

use ndarray::{Array2, s};

use super::super::baseline::Baseline;
use super::super::fit::{Fit, FitResult, Quantity};
use crate::Error;
use crate::inputs::Inputs;
use crate::plan::Plan;
use crate::results::by_region;
use crate::store::Store;

/// Where participants, targets and regions stand.
pub(super) struct Layout {
    /// Names of the participants that were analysed, design by design.
    pub participants: Vec<String>,
    /// First participant of each design.
    pub first: Vec<usize>,
    /// Names of the regions, in order of first appearance.
    pub regions: Vec<String>,
    /// Targets of each region.
    pub members: Vec<Vec<usize>>,
    /// Number of targets.
    pub n_targets: usize,
}

impl Layout {
    pub(super) fn new(inputs: &Inputs, plan: &Plan) -> Self {
        let mut participants = Vec::new();
        let mut first = Vec::new();
        for design in &plan.designs {
            first.push(participants.len());
            participants.extend(design.participants.iter().map(|(name, _)| name.clone()));
        }
        let (regions, members) = by_region(&inputs.targets).into_iter().unzip();
        Self { participants, first, regions, members, n_targets: inputs.targets.len() }
    }

    /// Values by region and, in the last column, their mean over regions: shape (rows, n_regions + 1) from
    /// (rows, n_targets). What is not finite is left out of a mean.
    pub(super) fn by_region(&self, values: &Array2<f64>) -> Array2<f64> {
        let mut out = Array2::from_elem((values.nrows(), self.regions.len() + 1), f64::NAN);
        for (row, mut means) in values.rows().into_iter().zip(out.rows_mut()) {
            for (region, members) in self.members.iter().enumerate() {
                means[region] = finite_mean(members.iter().map(|target| row[*target]));
            }
            let overall = finite_mean(means.iter().take(self.regions.len()).copied());
            means[self.regions.len()] = overall;
        }
        out
    }

    /// The name of a column of [`Layout::by_region`]; None for the mean over regions.
    pub(super) fn region_name(&self, column: usize) -> Option<String> {
        self.regions.get(column).cloned()
    }
}

/// Mean of the finite values; NaN without one.
pub(super) fn finite_mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let (mut sum, mut count) = (0.0, 0_u32);
    for value in values.into_iter().filter(|value| value.is_finite()) {
        sum += value;
        count += 1;
    }
    if count == 0 { f64::NAN } else { sum / f64::from(count) }
}

/// One quantity of one encoding model over all designs.
#[derive(Clone)]
pub(super) struct Gathered {
    /// Mean over folds, shape (n_participants, n_targets).
    pub values: Array2<f64>,
    /// Per design, r within the fold: (n_folds, n_participants of the design · n_targets).
    pub folds: Vec<Array2<f64>>,
    /// Per design, inner-fold scores of the chosen penalties; empty for baselines.
    pub inner: Vec<Array2<f64>>,
    /// Per design, held-out products: (n_samples, n_targets).
    pub products: Vec<Array2<f32>>,
}

/// A quantity with its null.
pub(super) struct WithNull {
    /// As observed.
    pub observed: Gathered,
    /// Group mean of each surrogate, shape (n_surrogates, n_targets).
    pub null: Array2<f64>,
    /// Surrogates that reach the observed score: (n_participants, n_targets).
    pub exceedances: Array2<u32>,
    /// Score of the baseline that a gain is taken over; NaN for scores.
    pub baseline: Array2<f64>,
}

/// A finished fit of one layer in every design.
pub(super) struct LayerFits {
    results: Vec<(Fit, FitResult)>,
}

impl LayerFits {
    pub(super) fn open<'a>(fits: impl Iterator<Item = &'a Fit>, store: &Store) -> Result<Self, Error> {
        let open = |fit: &Fit| Ok((fit.clone(), fit.open(store)?));
        Ok(Self { results: fits.map(open).collect::<Result<_, Error>>()? })
    }

    /// Whether there is no fit.
    pub(super) fn is_empty(&self) -> bool {
        self.results.is_empty()
    }

    /// Whether a quantity was fitted.
    pub(super) fn has(&self, quantity: Quantity) -> bool {
        quantity == Quantity::Score
            || self.results.iter().all(|(fit, _)| fit.baseline_of(quantity).is_some()) && !self.is_empty()
    }

    pub(super) fn edges(&self) -> (u64, u64, u64) {
        let add = |sum: (u64, u64, u64), edges: (u64, u64, u64)| {
            (sum.0 + edges.0, sum.1 + edges.1, sum.2 + edges.2)
        };
        self.results.iter().map(|(_, result)| result.edges).fold((0, 0, 0), add)
    }

    /// A quantity; gains have their baseline taken away.
    pub(super) fn take(
        &mut self,
        quantity: Quantity,
        layout: &Layout,
        store: &Store,
    ) -> Result<Gathered, Error> {
        let mut gathered = Gathered::empty(layout);
        for (fit, result) in &mut self.results {
            let mut taken = result.take(quantity)?;
            if let Some(baseline) = fit.baseline_of(quantity) {
                let (scores, products) = baseline.scores(store, None)?;
                taken.scores -= &scores;
                taken.products -= &products;
            }
            gathered.add(layout, fit.design, taken.scores, taken.products);
            gathered.inner.push(taken.inner);
        }
        Ok(gathered)
    }

    /// A quantity and its null.
    pub(super) fn take_with_null(
        &mut self,
        quantity: Quantity,
        layout: &Layout,
        store: &Store,
    ) -> Result<WithNull, Error> {
        let observed = self.take(quantity, layout, store)?;
        let mut baseline = Array2::from_elem(observed.values.raw_dim(), f64::NAN);
        let mut exceedances = Array2::zeros(observed.values.raw_dim());
        let mut sums: Option<Array2<f64>> = None;
        for (fit, result) in &mut self.results {
            let null = result.take_null(quantity)?;
            spread(&mut exceedances, layout, fit.design, |column| {
                null.exceedances.get(column).copied().unwrap_or(0)
            });
            if let Some(task) = fit.baseline_of(quantity) {
                let (scores, _) = task.scores(store, None)?;
                let means = super::super::fit::mean_over_folds(&scores);
                spread(&mut baseline, layout, fit.design, |column| {
                    means.get(column).copied().unwrap_or(f64::NAN)
                });
            }
            sums = Some(match sums {
                None => null.sums,
                Some(sums) => sums + null.sums,
            });
        }
        let null = group_means(sums.unwrap_or_default(), &observed.values, &baseline);
        Ok(WithNull { observed, null, exceedances, baseline })
    }
}

/// Sums over participants to means, with the baseline of a gain taken away.
fn group_means(sums: Array2<f64>, observed: &Array2<f64>, baseline: &Array2<f64>) -> Array2<f64> {
    let mut means = sums;
    for (target, mut column) in means.columns_mut().into_iter().enumerate() {
        let scored = (0..observed.nrows()).filter(|row| observed[(*row, target)].is_finite());
        let count = scored.clone().count() as f64;
        let below: f64 = scored.map(|row| baseline[(row, target)]).filter(|value| value.is_finite()).sum();
        column.mapv_inplace(|sum| (sum - below) / count);
    }
    means
}

fn spread<T>(table: &mut Array2<T>, layout: &Layout, design: usize, value: impl Fn(usize) -> T) {
    let first = layout.first[design];
    let last = layout.first.get(design + 1).copied().unwrap_or(table.nrows());
    for (position, mut row) in table.slice_mut(s![first..last, ..]).rows_mut().into_iter().enumerate() {
        for (target, cell) in row.iter_mut().enumerate() {
            *cell = value(position * layout.n_targets + target);
        }
    }
}

impl Gathered {
    fn empty(layout: &Layout) -> Self {
        let values = Array2::from_elem((layout.participants.len(), layout.n_targets), f64::NAN);
        Self { values, folds: Vec::new(), inner: Vec::new(), products: Vec::new() }
    }

    fn add(&mut self, layout: &Layout, design: usize, scores: Array2<f64>, products: Array2<f32>) {
        let means = super::super::fit::mean_over_folds(&scores);
        spread(&mut self.values, layout, design, |column| means[column]);
        self.folds.push(scores);
        self.products.push(products);
    }

    /// A baseline (`band` = None) or one of its bands over all designs.
    pub(super) fn of_baseline<'a>(
        tasks: impl Iterator<Item = &'a Baseline>,
        band: Option<&str>,
        layout: &Layout,
        store: &Store,
    ) -> Result<Self, Error> {
        let mut gathered = Self::empty(layout);
        for task in tasks {
            let (scores, products) = task.scores(store, band)?;
            gathered.add(layout, task.design, scores, products);
        }
        Ok(gathered)
    }
}

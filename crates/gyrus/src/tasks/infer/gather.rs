//! Finished fits of all designs, gathered to one table per quantity: participants × targets.

use std::ops::Range;

use gyrus_encoding::statistics::Exceedances;
use ndarray::{Array2, ArrayView2, Axis, s};

use super::super::baseline::Baseline;
use super::super::fit::{Fit, Quantity};
use super::super::fit_result::{FitBlock, FitResult};
use crate::Error;
use crate::inputs::Inputs;
use crate::plan::Plan;
use crate::store::Store;

/// Where participants, targets and regions stand.
pub(super) struct Layout {
    /// Names of the participants that were analysed, design by design.
    pub participants: Vec<String>,
    /// First participant of each design.
    pub first: Vec<usize>,
    /// Names of the regions, as the atlas numbers them, else in order of first appearance.
    pub regions: Vec<String>,
    /// Targets of each region.
    pub members: Vec<Vec<usize>>,
    /// Region of each target.
    pub region_of: Vec<usize>,
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
        let (regions, members): (Vec<String>, Vec<Vec<usize>>) = inputs.regions().into_iter().unzip();
        let mut region_of = vec![0; inputs.targets.len()];
        for (region, members) in members.iter().enumerate() {
            members.iter().for_each(|target| region_of[*target] = region);
        }
        Self { participants, first, regions, members, region_of, n_targets: inputs.targets.len() }
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

    /// Means by region with their mean over regions as one more column.
    pub(super) fn with_mean(&self, means: Array2<f64>) -> Array2<f64> {
        let overall =
            means.rows().into_iter().map(|row| finite_mean(row.iter().copied())).collect::<Vec<_>>();
        let overall = Array2::from_shape_vec((overall.len(), 1), overall).unwrap_or_default();
        ndarray::concatenate(ndarray::Axis(1), &[means.view(), overall.view()]).unwrap_or_default()
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

/// Means over the finite targets of each region, added block by block in the order of the targets.
struct RegionMeans {
    sums: Array2<f64>,
    counts: Array2<u32>,
}

impl RegionMeans {
    fn new(layout: &Layout, rows: usize) -> Self {
        let shape = (rows, layout.regions.len());
        Self { sums: Array2::zeros(shape), counts: Array2::zeros(shape) }
    }

    /// Values of consecutive targets, the first of which is `first`.
    fn add(&mut self, layout: &Layout, row: usize, first: usize, values: impl Iterator<Item = f64>) {
        for (target, value) in values.enumerate().filter(|(_, value)| value.is_finite()) {
            let region = layout.region_of[first + target];
            self.sums[(row, region)] += value;
            self.counts[(row, region)] += 1;
        }
    }

    /// Shape (rows, n_regions); NaN where a region has no finite target.
    fn finish(self) -> Array2<f64> {
        let mean = |(sum, count): (&f64, &u32)| if *count == 0 { f64::NAN } else { sum / f64::from(*count) };
        let means = self.sums.iter().zip(&self.counts).map(mean).collect();
        Array2::from_shape_vec(self.sums.raw_dim(), means).unwrap_or_default()
    }

    /// Rows of (fold, participant) to folds × participants · regions.
    fn by_fold(self, n_folds: usize) -> Array2<f64> {
        let means = self.finish();
        let columns = means.len().checked_div(n_folds).unwrap_or(0);
        means.into_shape_with_order((n_folds, columns)).unwrap_or_default()
    }
}

/// One quantity of one encoding model over all designs. Folds and samples are kept by region: targets are many.
#[derive(Clone)]
pub(super) struct Gathered {
    /// Mean over folds, shape (n_participants, n_targets).
    pub values: Array2<f64>,
    /// Per design, mean over a region of r within the fold: (n_folds, n_participants of the design · n_regions).
    pub folds: Vec<Array2<f64>>,
    /// Per design, the same of inner-fold scores of the chosen penalties; empty for baselines.
    pub inner: Vec<Array2<f64>>,
    /// Per design, mean over a region of held-out products: (n_samples, n_regions).
    pub products: Vec<Array2<f64>>,
}

/// A quantity with its null.
pub(super) struct WithNull {
    /// As observed.
    pub observed: Gathered,
    /// Group mean of each surrogate by region and for the mean over regions, shape (n_surrogates, n_regions + 1).
    pub null: Array2<f64>,
    /// The group mean as surrogates have it, over people target by target and then over targets, shape (1, n_regions + 1). Where people lack
    /// targets it is not the mean over people of their means, and cannot be compared with `null`.
    pub group: Array2<f64>,
    /// Group mean of every target against its surrogates.
    pub targets: Exceedances,
    /// Surrogates that reach the observed score: (n_participants, n_targets).
    pub exceedances: Array2<u32>,
    /// Score of the baseline that a gain is taken over; NaN for scores.
    pub baseline: Array2<f64>,
    /// Mean over surrogates, of gains less the baseline: (n_participants, n_targets).
    pub null_mean: Array2<f64>,
    /// What tests over participants are of: the normal excess of everybody over their own surrogates, without surrogates the
    /// observed value; (n_participants, n_targets).
    pub tested: Array2<f64>,
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

    /// Blocks of targets.
    pub(super) fn n_blocks(&self) -> usize {
        self.results.first().map_or(0, |(_, result)| result.ranges.len())
    }

    /// Targets of a block, and the group means of every surrogate there: (n_surrogates, n_targets of the block). `taken` is
    /// what [`LayerFits::take_with_null`] gave of the quantity.
    pub(super) fn null_of(
        &self,
        quantity: Quantity,
        block: usize,
        taken: &WithNull,
    ) -> Result<(Range<usize>, Array2<f64>), Error> {
        let mut sums: Option<Array2<f64>> = None;
        let mut targets = 0..0;
        for (_, result) in &self.results {
            let mut read = result.block(block)?;
            let null = read.take_null(quantity)?.sums;
            targets = read.targets.clone();
            sums = Some(sums.map_or_else(|| null.clone(), |sums| sums + &null));
        }
        let columns = s![.., targets.clone()];
        let beside = (taken.observed.values.slice(columns), taken.baseline.slice(columns));
        Ok((targets, group_means(sums.unwrap_or_default(), beside)))
    }

    fn readers(
        &self,
        quantity: Quantity,
        (layout, plan): (&Layout, &Plan),
        store: &Store,
    ) -> Result<Vec<Reader<'_>>, Error> {
        let reader = |(fit, result)| Reader::new((fit, result), quantity, (layout, plan), store);
        self.results.iter().map(|(fit, result)| reader((fit, result))).collect()
    }

    /// A quantity; gains have their baseline taken away.
    pub(super) fn take(
        &self,
        quantity: Quantity,
        (layout, plan): (&Layout, &Plan),
        store: &Store,
    ) -> Result<Gathered, Error> {
        let mut values = undefined(layout);
        let mut readers = self.readers(quantity, (layout, plan), store)?;
        for block in 0..self.n_blocks() {
            for reader in &mut readers {
                reader.read(block, layout, &mut values)?;
            }
        }
        Ok(Gathered::of_readers(values, readers))
    }

    /// A quantity and its null.
    pub(super) fn take_with_null(
        &self,
        quantity: Quantity,
        (layout, plan): (&Layout, &Plan),
        store: &Store,
    ) -> Result<WithNull, Error> {
        let mut readers = self.readers(quantity, (layout, plan), store)?;
        let mut nulls = Nulls::new(layout, &readers);
        for block in 0..self.n_blocks() {
            nulls.read((&mut readers, block), quantity)?;
        }
        Ok(nulls.finish(readers))
    }
}

/// What is gathered of a quantity and its null, block by block.
struct Nulls<'a> {
    layout: &'a Layout,
    values: Array2<f64>,
    baseline: Array2<f64>,
    exceedances: Array2<u32>,
    mean: Array2<f64>,
    tested: Array2<f64>,
    regions: Option<RegionMeans>,
    targets: Option<Exceedances>,
}

impl<'a> Nulls<'a> {
    fn new(layout: &'a Layout, readers: &[Reader<'_>]) -> Self {
        let values = undefined(layout);
        let mut baseline = undefined(layout);
        for reader in readers {
            if let Some((scores, _)) = &reader.baseline {
                let means = mean_over_folds(scores);
                let all = (reader.fit.design, &(0..layout.n_targets));
                spread(&mut baseline, layout, all, |column| means[column]);
            }
        }
        let exceedances = Array2::zeros(values.raw_dim());
        let (mean, tested) = (values.clone(), values.clone());
        Self { layout, values, baseline, exceedances, mean, tested, regions: None, targets: None }
    }

    fn read(
        &mut self,
        (readers, block): (&mut [Reader<'_>], usize),
        quantity: Quantity,
    ) -> Result<(), Error> {
        let mut sums: Option<Array2<f64>> = None;
        let mut range = 0..0;
        for reader in readers {
            let mut read = reader.read(block, self.layout, &mut self.values)?;
            let null = read.take_null(quantity)?;
            range = read.targets.clone();
            let at = (reader.fit.design, &range);
            spread(&mut self.exceedances, self.layout, at, |column| {
                null.exceedances.get(column).copied().unwrap_or(0)
            });
            for (all, own) in [(&mut self.mean, &null.mean), (&mut self.tested, &null.normal_excess)] {
                spread(all, self.layout, at, |column| own.get((0, column)).copied().unwrap_or(f64::NAN));
            }
            sums = Some(match sums {
                None => null.sums,
                Some(sums) => sums + null.sums,
            });
        }
        let columns = s![.., range.clone()];
        let beside = (self.values.slice(columns), self.baseline.slice(columns));
        self.add(range.start, &group_means(sums.unwrap_or_default(), beside))
    }

    /// Group means of surrogates of consecutive targets, the first of which is `first`.
    fn add(&mut self, first: usize, null: &Array2<f64>) -> Result<(), Error> {
        let observed = self.values.slice(s![.., first..first + null.ncols()]);
        let group =
            observed.columns().into_iter().map(|column| finite_mean(column.iter().copied())).collect();
        let mut reached = Exceedances::new(group, null.nrows());
        let regions = self.regions.get_or_insert_with(|| RegionMeans::new(self.layout, null.nrows()));
        for (surrogate, row) in null.rows().into_iter().enumerate() {
            regions.add(self.layout, surrogate, first, row.iter().copied());
            reached.record(surrogate, row);
        }
        match &mut self.targets {
            None => self.targets = Some(reached),
            Some(targets) => targets.join(&reached)?,
        }
        Ok(())
    }

    fn finish(mut self, readers: Vec<Reader<'_>>) -> WithNull {
        let null = self.regions.map(RegionMeans::finish).unwrap_or_default();
        less_baseline(&mut self.mean, (&self.values, &self.baseline), null.nrows());
        where_there_is_a_score(&mut self.tested, &self.values, null.nrows());
        let targets = self.targets.unwrap_or_else(|| Exceedances::new(ndarray::Array1::zeros(0), 0));
        WithNull {
            observed: Gathered::of_readers(self.values, readers),
            null: self.layout.with_mean(null),
            group: self.layout.by_region(&targets.observed.clone().insert_axis(Axis(0))),
            targets,
            exceedances: self.exceedances,
            baseline: self.baseline,
            null_mean: self.mean,
            tested: self.tested,
        }
    }
}

fn undefined(layout: &Layout) -> Array2<f64> {
    Array2::from_elem((layout.participants.len(), layout.n_targets), f64::NAN)
}

/// A finished fit of a design, read block by block.
struct Reader<'a> {
    fit: &'a Fit,
    result: &'a FitResult,
    quantity: Quantity,
    /// Scores and products of the baseline that a gain is taken over.
    baseline: Option<(Array2<f64>, Array2<f32>)>,
    people: usize,
    folds: RegionMeans,
    inner: RegionMeans,
    n_folds: usize,
    products: RegionMeans,
}

impl<'a> Reader<'a> {
    fn new(
        (fit, result): (&'a Fit, &'a FitResult),
        quantity: Quantity,
        (layout, plan): (&Layout, &Plan),
        store: &Store,
    ) -> Result<Self, Error> {
        let design = &plan.designs[fit.design];
        let (people, n_folds) = (design.participants.len(), design.folds.len());
        Ok(Self {
            fit,
            result,
            quantity,
            baseline: fit.baseline_of(quantity).map(|task| task.scores(store, None)).transpose()?,
            people,
            folds: RegionMeans::new(layout, n_folds * people),
            inner: RegionMeans::new(layout, n_folds * people),
            n_folds,
            products: RegionMeans::new(layout, design.n_samples()),
        })
    }

    /// Reads a block of targets: their means over folds go to `values`, what else there is to regions.
    fn read(&mut self, block: usize, layout: &Layout, values: &mut Array2<f64>) -> Result<FitBlock, Error> {
        let mut read = self.result.block(block)?;
        let mut taken = read.take(self.quantity)?;
        let (range, count) = (read.targets.clone(), read.targets.len());
        if let Some((scores, products)) = &self.baseline {
            for person in 0..self.people {
                let all = person * layout.n_targets;
                let mut own = taken.scores.slice_mut(s![.., person * count..(person + 1) * count]);
                own -= &scores.slice(s![.., all + range.start..all + range.end]);
            }
            taken.products -= &products.slice(s![.., range.clone()]);
        }
        let means = mean_over_folds(&taken.scores);
        spread(values, layout, (self.fit.design, &range), |column| means[column]);
        for (table, regions) in [(&taken.scores, &mut self.folds), (&taken.inner, &mut self.inner)] {
            for (fold, row) in table.rows().into_iter().enumerate() {
                for person in 0..self.people {
                    let own = row.slice(s![person * count..(person + 1) * count]);
                    regions.add(layout, fold * self.people + person, range.start, own.iter().copied());
                }
            }
        }
        for (sample, row) in taken.products.rows().into_iter().enumerate() {
            self.products.add(layout, sample, range.start, row.iter().map(|value| f64::from(*value)));
        }
        Ok(read)
    }
}

/// Null means of gains from those of joint fits; NaN where there is no score, 0 without surrogates.
fn less_baseline(
    mean: &mut Array2<f64>,
    (values, baseline): (&Array2<f64>, &Array2<f64>),
    n_surrogates: usize,
) {
    for ((mean, value), baseline) in mean.iter_mut().zip(values).zip(baseline) {
        *mean = match (value.is_finite(), n_surrogates) {
            (false, _) => f64::NAN,
            (true, 0) => 0.0,
            (true, _) => *mean - if baseline.is_finite() { *baseline } else { 0.0 },
        };
    }
}

/// Normal excess of those who have a score; the scores themselves without surrogates.
fn where_there_is_a_score(tested: &mut Array2<f64>, values: &Array2<f64>, n_surrogates: usize) {
    for (tested, value) in tested.iter_mut().zip(values) {
        if n_surrogates == 0 || !value.is_finite() {
            *tested = *value;
        }
    }
}

/// Sums over participants to means, with the baseline of a gain taken away.
fn group_means(
    sums: Array2<f64>,
    (observed, baseline): (ArrayView2<'_, f64>, ArrayView2<'_, f64>),
) -> Array2<f64> {
    let mut means = sums;
    for (target, mut column) in means.columns_mut().into_iter().enumerate() {
        let scored = (0..observed.nrows()).filter(|row| observed[(*row, target)].is_finite());
        let count = scored.clone().count() as f64;
        let below: f64 = scored.map(|row| baseline[(row, target)]).filter(|value| value.is_finite()).sum();
        column.mapv_inplace(|sum| (sum - below) / count);
    }
    means
}

/// Fills some targets of the participants of a design; `value` is given participant · n_targets + target of these targets.
fn spread<T>(
    table: &mut Array2<T>,
    layout: &Layout,
    (design, targets): (usize, &Range<usize>),
    value: impl Fn(usize) -> T,
) {
    let first = layout.first[design];
    let last = layout.first.get(design + 1).copied().unwrap_or(table.nrows());
    let mut part = table.slice_mut(s![first..last, targets.clone()]);
    for (position, mut row) in part.rows_mut().into_iter().enumerate() {
        for (target, cell) in row.iter_mut().enumerate() {
            *cell = value(position * targets.len() + target);
        }
    }
}

impl Gathered {
    fn of_readers(values: Array2<f64>, readers: Vec<Reader<'_>>) -> Self {
        let mut gathered = Self { values, folds: Vec::new(), inner: Vec::new(), products: Vec::new() };
        for reader in readers {
            gathered.folds.push(reader.folds.by_fold(reader.n_folds));
            gathered.inner.push(reader.inner.by_fold(reader.n_folds));
            gathered.products.push(reader.products.finish());
        }
        gathered
    }

    /// A baseline (`band` = None) or one of its bands over all designs.
    pub(super) fn of_baseline<'a>(
        tasks: impl Iterator<Item = &'a Baseline>,
        band: Option<&str>,
        layout: &Layout,
        store: &Store,
    ) -> Result<Self, Error> {
        let mut gathered =
            Self { values: undefined(layout), folds: Vec::new(), inner: Vec::new(), products: Vec::new() };
        for task in tasks {
            let (scores, products) = task.scores(store, band)?;
            let means = mean_over_folds(&scores);
            spread(&mut gathered.values, layout, (task.design, &(0..layout.n_targets)), |column| {
                means[column]
            });
            let mut regions = RegionMeans::new(layout, products.nrows());
            for (sample, row) in products.rows().into_iter().enumerate() {
                regions.add(layout, sample, 0, row.iter().map(|value| f64::from(*value)));
            }
            gathered.products.push(regions.finish());
        }
        Ok(gathered)
    }
}

/// Mean over folds, NaN where a fold has none.
fn mean_over_folds(scores: &Array2<f64>) -> Vec<f64> {
    scores.columns().into_iter().map(|column| column.sum() / column.len() as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    /// A surrogate whose group means are those observed is as large as the observed score, also of a region that some have in part.
    #[test]
    fn scores_and_surrogates_are_means_in_the_same_order() {
        let layout = Layout {
            participants: vec!["a".to_owned(), "b".to_owned()],
            first: vec![0],
            regions: vec!["one".to_owned(), "other".to_owned()],
            members: vec![vec![0, 1], vec![2]],
            region_of: vec![0, 0, 1],
            n_targets: 3,
        };
        let mut nulls = Nulls::new(&layout, &[]);
        nulls.values = array![[0.0, 0.0, 0.3], [0.2, f64::NAN, f64::NAN]];
        nulls.add(0, &array![[0.1, 0.0, 0.3]]).unwrap();
        let found = nulls.finish(Vec::new());
        assert_eq!(found.group, found.null);
        assert_eq!(found.group.row(0).to_vec(), [0.05, 0.3, f64::midpoint(0.05, 0.3)]);
    }

    /// Whoever has no score of a target has no null of it either: else the mean over a region would take too little off.
    #[test]
    fn a_null_is_where_its_score_is() {
        let (values, nan) = (array![[0.2, f64::NAN], [0.1, 0.3]], f64::NAN);
        let mut score = array![[0.05, 0.0], [0.02, 0.04]];
        less_baseline(&mut score, (&values, &Array2::from_elem((2, 2), nan)), 9);
        assert_eq!(score.row(1).to_vec(), [0.02, 0.04]);
        assert!(score[(0, 0)] == 0.05 && score[(0, 1)].is_nan());
        let mut gain = array![[0.25, 0.0], [0.22, 0.34]];
        less_baseline(&mut gain, (&values, &array![[0.2, 0.2], [0.2, 0.3]]), 9);
        assert!((gain[(0, 0)] - 0.05).abs() < 1e-12 && gain[(0, 1)].is_nan());
        let mut none = array![[0.0, 0.0], [0.0, 0.0]];
        less_baseline(&mut none, (&values, &array![[0.2, 0.2], [0.2, 0.3]]), 0);
        assert!(none[(0, 0)] == 0.0 && none[(0, 1)].is_nan(), "without surrogates nothing is taken off");
        // The joint fit of a gain may have a place among its surrogates where its baseline has no score.
        let mut tested = array![[1.5, 2.5], [-0.5, 0.7]];
        where_there_is_a_score(&mut tested, &values, 9);
        assert_eq!(tested.row(1).to_vec(), [-0.5, 0.7]);
        assert!(tested[(0, 0)] == 1.5 && tested[(0, 1)].is_nan());
        where_there_is_a_score(&mut tested, &values, 0);
        assert_eq!(tested.row(1).to_vec(), values.row(1).to_vec());
    }
}

//! Noise ceilings of every kind on the folds of the scores: between participants, and from repeats of a stimulus.

use std::collections::BTreeMap;
use std::ops::Range;

use gyrus_core::TargetBlocks;
use gyrus_encoding::ceilings::{self, CeilingKind, Participants};
use gyrus_encoding::ridge::{
    self, Alphas, AtEdge, Band, Choice, Design as Bands, Mixtures, RidgeSettings, Scaling,
};
use ndarray::{Array1, Array2, s};

use super::super::projected::Projected;
use super::super::responses::Responses;
use super::super::{baseline, fit};
use super::controls::group_means;
use super::gather::Layout;
use super::repeats;
use crate::Error;
use crate::inputs::Inputs;
use crate::plan::{Design, Machine, Plan};
use crate::results::CeilingRow;
use crate::store::Store;

/// Divisions into halves, and orders in which participants join, that are drawn.
const DRAWS: usize = 100;

/// Ceilings of every participant and target, shape (n_participants, n_targets); NaN where there is none.
pub(super) struct Ceilings {
    of_kind: BTreeMap<CeilingKind, Array2<f64>>,
    /// Unbiased share of variance that repeats explain.
    explainable_variance: Array2<f64>,
}

impl Ceilings {
    /// Those of all designs. A design of one participant has none but from repeats.
    pub(super) fn of(
        (inputs, plan): (&Inputs, &Plan),
        (layout, store): (&Layout, &Store),
        machine: &Machine<'_>,
    ) -> Result<Self, Error> {
        let undefined = || Array2::from_elem((layout.participants.len(), layout.n_targets), f64::NAN);
        let mut found = Self {
            of_kind: CeilingKind::ALL.map(|kind| (kind, undefined())).into(),
            explainable_variance: undefined(),
        };
        let seed = inputs.resolved.study.statistics.seed;
        for (index, design) in plan.designs.iter().enumerate() {
            let tasks = baseline::responses_of(design, &plan.prepare, &Projected::Everything);
            let responses = Responses::open(&tasks, store)?;
            let people = layout.first[index]..layout.first[index] + design.participants.len();
            let pieces = repeats::pieces(design);
            for targets in fit::target_ranges(inputs) {
                let mut block = responses.of_targets(targets.clone()).all()?;
                mark_missing(&mut block);
                let place = (people.clone(), targets);
                found.add_between((design, seed), &block, &place)?;
                found.add_repeats(&pieces, &block, &place)?;
            }
            if people.len() > 1 {
                let fitted = shared_response(design, &responses, machine)?;
                found.table(CeilingKind::SharedResponse).slice_mut(s![people, ..]).assign(&fitted);
            }
        }
        Ok(found)
    }

    /// One kind, shape (n_participants, n_targets).
    pub(super) fn kind(&self, kind: CeilingKind) -> &Array2<f64> {
        &self.of_kind[&kind]
    }

    fn table(&mut self, kind: CeilingKind) -> &mut Array2<f64> {
        let shape = self.explainable_variance.raw_dim();
        self.of_kind.entry(kind).or_insert_with(|| Array2::from_elem(shape, f64::NAN))
    }

    /// Ceilings between participants, for some targets of those of a design.
    fn add_between(
        &mut self,
        (design, seed): (&Design, u64),
        block: &Array2<f32>,
        (people, targets): &(Range<usize>, Range<usize>),
    ) -> Result<(), Error> {
        if people.len() < 2 {
            return Ok(());
        }
        let of = |person: usize| block.slice(s![.., person * targets.len()..(person + 1) * targets.len()]);
        let together = Participants::new((0..people.len()).map(of).collect(), design.folds.as_slice())?;
        let own = ceilings::leave_one_out(&together);
        let columns = s![people.clone(), targets.clone()];
        self.table(CeilingKind::LeaveOneOutIsc).slice_mut(columns).assign(&own);
        let pairs = ceilings::pairwise(&together).into_iter().map(|pairs| pairs.ceiling());
        let halves = ceilings::split_half(&together, DRAWS, seed).into_iter();
        let limits = ceilings::extrapolated(&together, DRAWS, seed).into_iter();
        let same: [(CeilingKind, Vec<Option<f64>>); 3] = [
            (CeilingKind::RootPairwiseIsc, pairs.collect()),
            (CeilingKind::SplitHalf, halves.map(|found| found.ok()?.ceiling().ok()).collect()),
            (CeilingKind::ExtrapolatedIsc, limits.map(|found| found.ok()?.limit().ok()).collect()),
        ];
        for (kind, values) in same {
            for (target, value) in targets.clone().zip(values) {
                let mut column = self.table(kind).slice_mut(s![people.clone(), target]);
                column.fill(value.unwrap_or(f64::NAN));
            }
        }
        Ok(())
    }

    /// Ceilings from repeats, for some targets of those of a design.
    fn add_repeats(
        &mut self,
        pieces: &[repeats::Piece],
        block: &Array2<f32>,
        (people, targets): &(Range<usize>, Range<usize>),
    ) -> Result<(), Error> {
        for (person, row) in people.clone().enumerate() {
            let own = block.slice(s![.., person * targets.len()..(person + 1) * targets.len()]);
            for (target, found) in targets.clone().zip(repeats::repeatability(pieces, own)?) {
                let Ok(found) = found else { continue };
                let place = (row, target);
                self.explainable_variance[place] = found.corrected_explainable_variance;
                self.table(CeilingKind::SignalPower)[place] = found.ceiling(1).unwrap_or(f64::NAN);
                let ratio = found.signal_to_noise_ceiling(1).unwrap_or(f64::NAN);
                self.table(CeilingKind::SignalToNoise)[place] = ratio;
            }
        }
        Ok(())
    }

    /// Per region and for the mean over regions.
    pub(super) fn rows(&self, layout: &Layout) -> Vec<CeilingRow> {
        let means = |kind: CeilingKind| group_means(&layout.by_region(self.kind(kind)));
        let of_kind = CeilingKind::ALL.map(|kind| (kind, means(kind)));
        let of_kind: BTreeMap<CeilingKind, Vec<f64>> = of_kind.into();
        let explainable = group_means(&layout.by_region(&self.explainable_variance));
        let row = |column: usize| CeilingRow {
            region: layout.region_name(column),
            leave_one_out_isc: of_kind[&CeilingKind::LeaveOneOutIsc][column],
            root_pairwise_isc: of_kind[&CeilingKind::RootPairwiseIsc][column],
            shared_response: of_kind[&CeilingKind::SharedResponse][column],
            split_half: of_kind[&CeilingKind::SplitHalf][column],
            extrapolated_isc: of_kind[&CeilingKind::ExtrapolatedIsc][column],
            signal_power: of_kind[&CeilingKind::SignalPower][column],
            signal_to_noise: of_kind[&CeilingKind::SignalToNoise][column],
            explainable_variance: explainable[column],
        };
        (0..=layout.regions.len()).map(row).collect()
    }
}

/// Constant columns stand for targets without a score.
fn mark_missing(stacked: &mut Array2<f32>) {
    for mut column in stacked.columns_mut() {
        if column.iter().all(|value| *value == 0.0) {
            column.fill(f32::NAN);
        }
    }
}

/// Ridge from the mean responses of the others (all targets) to each participant, on the folds of the scores.
fn shared_response(
    design: &Design,
    responses: &Responses,
    machine: &Machine<'_>,
) -> Result<Array2<f64>, Error> {
    let people = design.participants.len();
    let mut scores = Array2::from_elem((people, responses.n_targets() / people.max(1)), f64::NAN);
    let settings = RidgeSettings {
        alphas: Alphas::logspace(0.1, 1e8, 10)?,
        mixtures: Mixtures::Same(vec![vec![1.0]]),
        refinements: 0,
        choice: Choice::PerTarget,
        inner_folds: 5,
        at_edge: AtEdge::Count,
    };
    for index in 0..people {
        let features = mean_of_others((people, index), |other| responses.of_participant(other).all())?;
        let band = Band::new("others", features);
        let bands = Bands {
            bands: vec![band],
            timeline: design.timeline.clone(),
            drift: Vec::new(),
            scaling: Scaling::ZScore,
        };
        let own = responses.of_participant(index);
        let how = (&bands, &design.folds);
        let found = ridge::held_out_correlation(&machine.backend, how, &settings, &own)?;
        scores.row_mut(index).assign(&Array1::from(found.mean()));
    }
    Ok(scores)
}

/// Mean over everybody else, target by target; a target that nobody else has is left at 0. Who has none is all zero.
fn mean_of_others(
    (people, left_out): (usize, usize),
    load: impl Fn(usize) -> Result<Array2<f32>, Error>,
) -> Result<Array2<f32>, Error> {
    let mut found: Option<(Array2<f32>, Vec<f32>)> = None;
    for other in (0..people).filter(|other| *other != left_out) {
        let values = load(other)?;
        let (mean, counts) =
            found.get_or_insert_with(|| (Array2::zeros(values.raw_dim()), vec![0.0; values.ncols()]));
        for (target, column) in values.columns().into_iter().enumerate() {
            if column.iter().any(|value| *value != 0.0) {
                let mut sum = mean.column_mut(target);
                sum += &column;
                counts[target] += 1.0;
            }
        }
    }
    let Some((mut mean, counts)) = found else { return Ok(Array2::zeros(load(left_out)?.raw_dim())) };
    for (mut column, count) in mean.columns_mut().into_iter().zip(counts) {
        column.mapv_inplace(|sum| sum / count.max(1.0));
    }
    Ok(mean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn nobody_is_among_the_others() {
        let people = [
            array![[1.0_f32, 0.0], [2.0, 0.0]],
            array![[3.0, 1.0], [5.0, 2.0]],
            array![[5.0, 0.0], [7.0, 0.0]],
        ];
        let mean = |count: usize, left_out: usize| {
            mean_of_others((count, left_out), |other| Ok(people[other].clone())).unwrap()
        };
        assert_eq!(mean(3, 0), array![[4.0, 1.0], [6.0, 2.0]]);
        assert_eq!(mean(3, 1), array![[3.0, 0.0], [4.5, 0.0]]);
        assert_eq!(mean(1, 0), array![[0.0, 0.0], [0.0, 0.0]]);
    }
}

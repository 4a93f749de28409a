//! Noise ceilings on the folds of the scores: leave-one-out and pairwise inter-participant correlation, shared response.

use gyrus_core::TargetBlocks;
use gyrus_encoding::ceilings::{self, Participants};
use gyrus_encoding::ridge::{
    Alphas, AtEdge, Band, Choice, Design as Bands, Mixtures, RidgeSettings, Scaling,
};
use ndarray::{Array2, s};

use super::super::projected::Projected;
use super::super::responses::Responses;
use super::super::{baseline, fit};
use super::controls::group_means;
use super::gather::Layout;
use crate::Error;
use crate::inputs::Inputs;
use crate::plan::{Design, Machine, Plan};
use crate::results::CeilingRow;
use crate::store::Store;

/// Ceilings of every participant and target, and their rows for tables.
pub(super) struct Ceilings {
    /// Correlation with the mean of the others, shape (n_participants, n_targets); NaN where nobody else heard it.
    pub leave_one_out: Array2<f64>,
    /// Per region and for the mean over regions.
    pub rows: Vec<CeilingRow>,
}

/// Ceilings per region. Designs of one participant have none.
pub(super) fn rows(
    (inputs, plan): (&Inputs, &Plan),
    (layout, store): (&Layout, &Store),
    machine: &Machine<'_>,
) -> Result<Ceilings, Error> {
    let undefined = || Array2::from_elem((layout.participants.len(), layout.n_targets), f64::NAN);
    let (mut leave_one_out, mut pairwise, mut shared) = (undefined(), undefined(), undefined());
    for (index, design) in plan.designs.iter().enumerate().filter(|(_, design)| design.participants.len() > 1)
    {
        let responses =
            Responses::open(&baseline::responses_of(design, &plan.prepare, &Projected::Everything), store)?;
        let people = design.participants.len();
        let rows = layout.first[index]..layout.first[index] + people;
        for range in fit::target_ranges(inputs) {
            let mut block = responses.of_targets(range.clone()).all()?;
            mark_missing(&mut block);
            let of = |person: usize| block.slice(s![.., person * range.len()..(person + 1) * range.len()]);
            let together = Participants::new((0..people).map(of).collect(), design.folds.as_slice())?;
            let columns = s![rows.clone(), range.clone()];
            leave_one_out.slice_mut(columns).assign(&ceilings::leave_one_out(&together));
            for (target, pairs) in ceilings::pairwise(&together).iter().enumerate() {
                let ceiling = pairs.ceiling().unwrap_or(f64::NAN);
                pairwise.slice_mut(s![rows.clone(), range.start + target]).fill(ceiling);
            }
        }
        shared.slice_mut(s![rows, ..]).assign(&shared_response(design, &responses, machine)?);
    }
    let means = |table: &Array2<f64>| group_means(&layout.by_region(table));
    let (lower, upper, fitted) = (means(&leave_one_out), means(&pairwise), means(&shared));
    let row = |column: usize| CeilingRow {
        region: layout.region_name(column),
        leave_one_out_isc: lower[column],
        root_pairwise_isc: upper[column],
        shared_response: fitted[column],
    };
    Ok(Ceilings { rows: (0..=layout.regions.len()).map(row).collect(), leave_one_out })
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
        choice: Choice::PerTarget,
        inner_folds: 5,
        at_edge: AtEdge::Count,
    };
    let alone = Design { participants: vec![(String::new(), Vec::new())], ..design.clone() };
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
        let found = fit::correlations(machine, &bands, &alone, &settings, &own)?;
        for (target, score) in fit::mean_over_folds(&found).into_iter().enumerate() {
            scores[(index, target)] = score;
        }
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

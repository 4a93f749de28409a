//! Noise ceilings on the folds of the scores: leave-one-out and pairwise inter-participant correlation, shared response.

use gyrus_core::InMemory;
use gyrus_encoding::ceilings::{self, Participants};
use gyrus_encoding::ridge::{
    Alphas, AtEdge, Band, Choice, Design as Bands, Mixtures, RidgeSettings, Scaling,
};
use ndarray::{Array2, ArrayView2, s};

use super::super::responses::Responses;
use super::super::{baseline, fit};
use super::controls::group_means;
use super::gather::Layout;
use crate::Error;
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
    plan: &Plan,
    (layout, store): (&Layout, &Store),
    machine: &Machine<'_>,
) -> Result<Ceilings, Error> {
    let undefined = || Array2::from_elem((layout.participants.len(), layout.n_targets), f64::NAN);
    let (mut leave_one_out, mut pairwise, mut shared) = (undefined(), undefined(), undefined());
    for (index, design) in plan.designs.iter().enumerate().filter(|(_, design)| design.participants.len() > 1)
    {
        let tasks = baseline::responses_of(design, &plan.prepare);
        let mut stacked = Responses::open(&tasks, store)?.all()?;
        mark_missing(&mut stacked);
        let of = |participant: usize| -> ArrayView2<'_, f32> {
            stacked.slice(s![.., participant * layout.n_targets..(participant + 1) * layout.n_targets])
        };
        let people: Vec<_> = (0..design.participants.len()).map(of).collect();
        let together = Participants::new(people.clone(), design.folds.as_slice())?;
        let rows = layout.first[index]..layout.first[index] + people.len();
        leave_one_out.slice_mut(s![rows.clone(), ..]).assign(&ceilings::leave_one_out(&together));
        for (target, pairs) in ceilings::pairwise(&together).iter().enumerate() {
            pairwise.slice_mut(s![rows.clone(), target]).fill(pairs.ceiling().unwrap_or(f64::NAN));
        }
        shared.slice_mut(s![rows, ..]).assign(&shared_response(design, &people, machine)?);
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
    people: &[ArrayView2<'_, f32>],
    machine: &Machine<'_>,
) -> Result<Array2<f64>, Error> {
    let n_targets = people.first().map_or(0, |one| one.ncols());
    let mut scores = Array2::from_elem((people.len(), n_targets), f64::NAN);
    let settings = RidgeSettings {
        alphas: Alphas::logspace(0.1, 1e8, 10)?,
        mixtures: Mixtures::Same(vec![vec![1.0]]),
        choice: Choice::PerTarget,
        inner_folds: 5,
        at_edge: AtEdge::Count,
    };
    let alone = Design { participants: vec![(String::new(), Vec::new())], ..design.clone() };
    for (index, own) in people.iter().enumerate() {
        let band = Band { name: "others".to_owned(), features: mean_of_others(people, index), ones: None };
        let bands = Bands {
            bands: vec![band],
            timeline: design.timeline.clone(),
            drift: Vec::new(),
            scaling: Scaling::ZScore,
        };
        let targets = InMemory(own.mapv(|value| if value.is_finite() { value } else { 0.0 }));
        let (_, scored) = fit::scored(machine, &bands, &alone, &settings, &targets)?;
        for (target, score) in fit::mean_over_folds(&scored.scores).into_iter().enumerate() {
            scores[(index, target)] = score;
        }
    }
    Ok(scores)
}

/// Mean over everybody else, target by target; a target that nobody else has is left at 0.
fn mean_of_others(people: &[ArrayView2<'_, f32>], left_out: usize) -> Array2<f32> {
    let shape = people[left_out].raw_dim();
    let mut mean = Array2::zeros(shape);
    for target in 0..mean.ncols() {
        let others = people.iter().enumerate().filter(|(index, one)| {
            *index != left_out && one.column(target).iter().all(|value| value.is_finite())
        });
        let mut column = mean.column_mut(target);
        let mut count = 0.0_f32;
        for (_, other) in others {
            column += &other.column(target);
            count += 1.0;
        }
        column.mapv_inplace(|sum| sum / count.max(1.0));
    }
    mean
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn nobody_is_among_the_others() {
        let people = [array![[1.0_f32], [2.0]], array![[3.0], [5.0]], array![[5.0], [7.0]]];
        let views: Vec<_> = people.iter().map(|table| table.view()).collect();
        assert_eq!(mean_of_others(&views, 0), array![[4.0], [6.0]]);
        assert_eq!(mean_of_others(&views[..1], 0), array![[0.0], [0.0]]);
    }
}

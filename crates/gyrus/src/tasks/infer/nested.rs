//! What a layer chosen on inner folds scores: no layer is ever chosen on the scores that are then reported.

use std::collections::BTreeMap;

use ndarray::Array2;

use super::estimate::Estimator;
use super::gather::{Gathered, Layout, finite_mean};
use crate::Error;
use crate::plan::Plan;
use crate::results::Estimate;

/// Layers of one copy of a language model, to choose from.
pub(super) struct Choices<'a> {
    /// Indices of the layers.
    pub layers: &'a [usize],
    /// Inner-fold scores that the choice goes by, one per layer.
    pub inner: Vec<&'a Gathered>,
}

/// The choice of every participant and fold in one region (or over all).
pub(super) struct Chosen {
    /// Position in `layers`, per participant (over designs) and fold.
    positions: Vec<Vec<usize>>,
    /// Targets that were looked at.
    regions: Vec<Vec<usize>>,
}

impl Choices<'_> {
    /// The best layer by inner folds for the targets of `regions`, each region counting the same.
    pub(super) fn choose(&self, layout: &Layout, plan: &Plan, regions: Vec<Vec<usize>>) -> Chosen {
        let mut positions = Vec::with_capacity(layout.participants.len());
        for (design, of_design) in plan.designs.iter().enumerate() {
            for participant in 0..of_design.participants.len() {
                let folds = 0..of_design.folds.len();
                let best = |fold: usize| {
                    let inner = |gathered: &&Gathered| {
                        fold_mean(&gathered.inner[design], fold, participant * layout.n_targets, &regions)
                    };
                    first_largest(self.inner.iter().map(inner))
                };
                positions.push(folds.map(best).collect());
            }
        }
        Chosen { positions, regions }
    }
}

impl Chosen {
    /// The position chosen most often, and its share of all choices.
    pub(super) fn most_frequent(&self) -> (usize, f64) {
        let mut counts = BTreeMap::<usize, usize>::new();
        for position in self.positions.iter().flatten() {
            *counts.entry(*position).or_default() += 1;
        }
        let all = self.positions.iter().flatten().count().max(1);
        let best = counts.into_iter().max_by_key(|(position, count)| (*count, std::cmp::Reverse(*position)));
        best.map_or((0, 0.0), |(position, count)| (position, count as f64 / all as f64))
    }

    /// Held-out values per participant, each fold at its own choice.
    pub(super) fn values(&self, layout: &Layout, plan: &Plan, scored: &[&Gathered]) -> Vec<f64> {
        let mut values = Vec::with_capacity(self.positions.len());
        for (participant, choices) in self.positions.iter().enumerate() {
            let (design, place) = place(layout, plan, participant);
            let of_fold = |(fold, position): (usize, &usize)| {
                fold_mean(&scored[*position].folds[design], fold, place * layout.n_targets, &self.regions)
            };
            values.push(finite_mean(choices.iter().enumerate().map(of_fold)));
        }
        values
    }

    /// The group's held-out products at the layer that most choices fall on, per design.
    fn products(&self, scored: &[&Gathered]) -> Vec<Array2<f64>> {
        let (position, _) = self.most_frequent();
        scored[position].products.iter().map(|products| self.mean_products(products)).collect()
    }

    fn mean_products(&self, products: &Array2<f32>) -> Array2<f64> {
        let mean = |row: ndarray::ArrayView1<'_, f32>| {
            let region = |members: &Vec<usize>| finite_mean(members.iter().map(|target| f64::from(row[*target])));
            finite_mean(self.regions.iter().map(region))
        };
        let means: Vec<f64> = products.rows().into_iter().map(mean).collect();
        Array2::from_shape_vec((means.len(), 1), means).unwrap_or_default()
    }

    /// Estimate of a quantity at the chosen layers. The interval over the stimulus is that of the layer chosen most.
    pub(super) fn estimate(
        &self,
        estimator: &Estimator<'_>,
        (layout, plan): (&Layout, &Plan),
        scored: &[&Gathered],
    ) -> Result<Estimate, Error> {
        estimator.of_values(&self.values(layout, plan, scored), &self.products(scored))
    }

    /// Products of the layer chosen most, minus the mean of the same over other copies.
    pub(super) fn difference(
        &self,
        estimator: &Estimator<'_>,
        values: &[f64],
        (scored, others): (&[&Gathered], &[(Chosen, Vec<&Gathered>)]),
    ) -> Result<Estimate, Error> {
        let mut products = self.products(scored);
        for (chosen, gathered) in others {
            for (own, other) in products.iter_mut().zip(chosen.products(gathered)) {
                *own -= &(other / others.len() as f64);
            }
        }
        estimator.of_values(values, &products)
    }
}

fn place(layout: &Layout, plan: &Plan, participant: usize) -> (usize, usize) {
    let design = (0..plan.designs.len()).rev().find(|design| layout.first[*design] <= participant).unwrap_or(0);
    (design, participant - layout.first[design])
}

fn fold_mean(table: &Array2<f64>, fold: usize, first: usize, regions: &[Vec<usize>]) -> f64 {
    let region = |members: &Vec<usize>| finite_mean(members.iter().map(|target| table[(fold, first + target)]));
    finite_mean(regions.iter().map(region))
}

/// Index of the first largest value; values that are not finite are passed over.
fn first_largest(values: impl Iterator<Item = f64>) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (index, value) in values.enumerate() {
        if value > best.1 {
            best = (index, value);
        }
    }
    best.0
}

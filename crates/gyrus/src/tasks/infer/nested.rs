//! What a layer chosen on inner folds scores: no layer is ever chosen on the scores that are then reported.

use std::collections::BTreeMap;

use ndarray::{Array2, ArrayView1};

use super::estimate::Estimator;
use super::gather::{Gathered, Layout, finite_mean};
use crate::Error;
use crate::plan::Plan;
use crate::results::Estimate;

/// The layers (positions in a list of them) that a group of listeners chooses for some regions.
///
/// Every outer fold of a design chooses once, by the inner-fold score averaged over its participants: one listener's
/// inner folds are too noisy to order layers, and a choice of the group has held-out products, and so an interval
/// over the stimulus.
pub(super) struct Chosen<'a> {
    layout: &'a Layout,
    plan: &'a Plan,
    /// Per design and fold.
    positions: Vec<Vec<usize>>,
    /// Regions; they count the same.
    regions: Vec<usize>,
}

impl<'a> Chosen<'a> {
    /// The best of `layers` in every fold.
    pub(super) fn of(
        (layout, plan): (&'a Layout, &'a Plan),
        layers: &[&Gathered],
        regions: Vec<usize>,
    ) -> Self {
        let of_design = |(index, design): (usize, &crate::plan::Design)| {
            let people = design.participants.len();
            let best = |fold: usize| {
                let inner = |layer: &&Gathered| {
                    let row = layer.inner[index].row(fold);
                    finite_mean(
                        (0..people).map(|person| region_mean(row, person * layout.regions.len(), &regions)),
                    )
                };
                first_largest(layers.iter().map(inner))
            };
            (0..design.folds.len()).map(best).collect()
        };
        let positions = plan.designs.iter().enumerate().map(of_design).collect();
        Self { layout, plan, positions, regions }
    }

    /// The position chosen most often, and its share of the choices; a design counts by its participants.
    pub(super) fn most_frequent(&self) -> (usize, f64) {
        let (mut counts, mut all) = (BTreeMap::<usize, f64>::new(), 0.0);
        for (design, choices) in self.plan.designs.iter().zip(&self.positions) {
            let weight = design.participants.len() as f64 / choices.len() as f64;
            for position in choices {
                *counts.entry(*position).or_default() += weight;
                all += weight;
            }
        }
        let best = counts.into_iter().reduce(|best, next| if next.1 > best.1 + 1e-9 { next } else { best });
        best.map_or((0, 0.0), |(position, weight)| (position, weight / all))
    }

    /// Held-out values per participant, each fold at its choice; NaN for who lacks a fold, as scores are.
    pub(super) fn values(&self, layers: &[&Gathered]) -> Vec<f64> {
        let mut values = Vec::with_capacity(self.layout.participants.len());
        for (index, (design, choices)) in self.plan.designs.iter().zip(&self.positions).enumerate() {
            for person in 0..design.participants.len() {
                let of_fold = |(fold, position): (usize, &usize)| {
                    let row = layers[*position].folds[index].row(fold);
                    region_mean(row, person * self.layout.regions.len(), &self.regions)
                };
                let sum: f64 = choices.iter().enumerate().map(of_fold).sum();
                values.push(sum / choices.len() as f64);
            }
        }
        values
    }

    /// Held-out values of one design by person and fold, each fold at its choice: (n_participants, n_folds).
    pub(super) fn by_fold(&self, layers: &[&Gathered], design: usize) -> Array2<f64> {
        let choices = &self.positions[design];
        let people = self.plan.designs[design].participants.len();
        Array2::from_shape_fn((people, choices.len()), |(person, fold)| {
            let row = layers[choices[fold]].folds[design].row(fold);
            region_mean(row, person * self.layout.regions.len(), &self.regions)
        })
    }

    /// Mean over the folds of a design of what tables, one per layer, hold at a place.
    pub(super) fn mean_of(&self, design: usize, tables: &[Array2<f64>], place: (usize, usize)) -> f64 {
        let choices = &self.positions[design];
        choices.iter().map(|position| tables[*position][place]).sum::<f64>() / choices.len() as f64
    }

    /// The group's held-out products, each fold at its choice, per design: shape (n_samples, 1).
    pub(super) fn products(&self, layers: &[&Gathered]) -> Vec<Array2<f64>> {
        let of_design = |(index, choices): (usize, &Vec<usize>)| {
            let design = &self.plan.designs[index];
            let mut products = Array2::from_elem((design.n_samples(), 1), f64::NAN);
            for (fold, position) in design.folds.as_slice().iter().zip(choices) {
                let table = &layers[*position].products[index];
                for sample in &fold.test {
                    products[(*sample, 0)] = region_mean(table.row(*sample), 0, &self.regions);
                }
            }
            products
        };
        self.positions.iter().enumerate().map(of_design).collect()
    }

    /// Estimate of a quantity at the chosen layers.
    pub(super) fn estimate(
        &self,
        estimator: &Estimator<'_>,
        layers: &[&Gathered],
    ) -> Result<Estimate, Error> {
        estimator.of_values(&self.values(layers), &self.products(layers))
    }

    /// Estimate at the chosen layers, minus the mean over other copies at their own choices.
    pub(super) fn beyond(
        &self,
        estimator: &Estimator<'_>,
        layers: &[&Gathered],
        others: &[Vec<&Gathered>],
    ) -> Result<Estimate, Error> {
        let (mut values, mut products) = (self.values(layers), self.products(layers));
        for copy in others {
            let chosen = Self::of((self.layout, self.plan), copy, self.regions.clone());
            for (own, other) in values.iter_mut().zip(chosen.values(copy)) {
                *own -= other / others.len() as f64;
            }
            for (own, other) in products.iter_mut().zip(chosen.products(copy)) {
                *own -= &(other / others.len() as f64);
            }
        }
        estimator.of_values(&values, &products)
    }
}

/// Mean over some of the regions whose values start at `first`.
fn region_mean(row: ArrayView1<'_, f64>, first: usize, regions: &[usize]) -> f64 {
    finite_mean(regions.iter().map(|region| row[first + region]))
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

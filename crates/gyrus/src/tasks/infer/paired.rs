//! One side of a paired difference: the layers of a language model that may stand for it, and what inner folds choose.

use gyrus_encoding::statistics::{SignFlips, Statistic, Tail};
use ndarray::{Array2, ArrayView2, Axis};

use super::super::fit::{Fit, Quantity};
use super::gather::{Gathered, LayerFits, Layout};
use super::language_model::Work;
use super::nested::Chosen;
use crate::Error;

/// Layers of one side, by their index, with their scores.
pub(super) struct Side {
    layers: Vec<usize>,
    scores: Vec<Gathered>,
}

/// A side in some regions.
pub(super) struct SideScores {
    /// One score per participant.
    pub values: Vec<f64>,
    /// Held-out products of the group, per design.
    pub products: Vec<Array2<f64>>,
    /// The layer that inner folds choose most often; None without layers, and where copies choose differently.
    pub layer: Option<usize>,
    /// In which share of the folds.
    pub share: f64,
}

impl Side {
    /// The fits that are wanted, layer by layer.
    ///
    /// # Errors
    /// - a fit is not in the store.
    pub(super) fn of(work: &Work<'_>, is_wanted: impl Fn(&Fit) -> bool) -> Result<Self, Error> {
        Self::of_quantity(work, Quantity::Score, is_wanted)
    }

    /// The same of another quantity.
    ///
    /// # Errors
    /// - as [`Side::of`].
    pub(super) fn of_quantity(
        work: &Work<'_>,
        quantity: Quantity,
        is_wanted: impl Fn(&Fit) -> bool,
    ) -> Result<Self, Error> {
        let wanted = || work.plan.fits.iter().filter(|fit| is_wanted(fit));
        let mut layers: Vec<usize> = wanted().map(|fit| fit.layer).collect();
        layers.sort_unstable();
        layers.dedup();
        let of_layer = |layer: &usize| {
            LayerFits::open(wanted().filter(|fit| fit.layer == *layer), work.store)?.take(
                quantity,
                (work.layout, work.plan),
                work.store,
            )
        };
        let scores = layers.iter().map(of_layer).collect::<Result<Vec<_>, Error>>()?;
        Ok(Self { layers, scores })
    }

    /// Scores of a region or, for the column after the last one, of the mean over regions.
    pub(super) fn at(&self, work: &Work<'_>, column: usize) -> SideScores {
        let n_regions = work.layout.regions.len();
        let regions = if column < n_regions { vec![column] } else { (0..n_regions).collect() };
        let layers: Vec<&Gathered> = self.scores.iter().collect();
        let chosen = Chosen::of((work.layout, work.plan), &layers, regions);
        let (position, share) = chosen.most_frequent();
        SideScores {
            values: chosen.values(&layers),
            products: chosen.products(&layers),
            layer: self.layers.get(position).copied(),
            share,
        }
    }
}

/// Patterns of signs, where there are more than that.
const FLIPS: usize = 10_000;

/// Two-sided p of the mean of every column over signs of participants, against the maximum over columns.
///
/// # Errors
/// - the user asked to stop.
pub(super) fn family_wise_p(work: &Work<'_>, differences: ArrayView2<'_, f64>) -> Result<Vec<f64>, Error> {
    let flips = SignFlips::new(differences.nrows(), FLIPS, work.inputs.resolved.study.statistics.seed);
    let counts = flips.count(work.backend, differences, (Statistic::Mean, Tail::TwoSided))?;
    Ok(counts.family_wise_p().to_vec())
}

impl SideScores {
    /// Of no layer at all.
    pub(super) fn none() -> Self {
        Self { values: Vec::new(), products: Vec::new(), layer: None, share: f64::NAN }
    }

    /// Of something that has no layers.
    pub(super) fn of_gathered(layout: &Layout, gathered: &Gathered, column: usize) -> Self {
        let by_region = |products: &Array2<f64>| {
            layout.with_mean(products.clone()).column(column).to_owned().insert_axis(Axis(1))
        };
        Self {
            values: layout.by_region(&gathered.values).column(column).to_vec(),
            products: gathered.products.iter().map(by_region).collect(),
            layer: None,
            share: f64::NAN,
        }
    }

    /// Of several sides, number by number; None of none.
    pub(super) fn mean(sides: Vec<Self>) -> Option<Self> {
        let count = sides.len() as f64;
        let mut sides = sides.into_iter();
        let mut sum = sides.next()?;
        for side in sides {
            sum.layer = sum.layer.filter(|layer| side.layer == Some(*layer));
            sum.share += side.share;
            sum.values.iter_mut().zip(side.values).for_each(|(sum, value)| *sum += value);
            sum.products.iter_mut().zip(side.products).for_each(|(sum, products)| *sum += &products);
        }
        sum.share = if sum.layer.is_some() { sum.share / count } else { f64::NAN };
        sum.values.iter_mut().for_each(|value| *value /= count);
        sum.products.iter_mut().for_each(|products| *products /= count);
        Some(sum)
    }

    /// Per participant, and of the group's held-out products per design.
    pub(super) fn minus(&self, other: &Self) -> (Vec<f64>, Vec<Array2<f64>>) {
        let values = self.values.iter().zip(&other.values).map(|(of, minus)| of - minus).collect();
        let products = self.products.iter().zip(&other.products).map(|(of, minus)| of - minus).collect();
        (values, products)
    }
}

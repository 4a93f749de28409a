//! Rank correlation over regions of a layer profile's centre of mass with a reference order of the brain.

use crate::statistics::{Purpose, pearson, permutation_p, ranks, shuffled, stream};

/// Fewer regions than this do not carry a p value: with six, the smallest two-sided p is 2/720, and sampling
/// error is larger than the spread between regions.
const FEWEST_REGIONS: usize = 20;

/// What is compared over regions. NaN where a region has no value.
#[derive(Debug, Clone, Copy)]
pub struct Regions<'a> {
    /// Centre of mass (or best layer) of each region.
    pub depth: &'a [f64],
    /// Reference rank of each region, which must not come from the same scores of the same language model.
    pub reference: &'a [f64],
    /// Noise ceiling of each region, to be regressed out of both; regions of high signal have profiles that are
    /// further from flat, whatever their order.
    pub ceiling: Option<&'a [f64]>,
}

/// The p value of a hierarchy, and what it supposes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RegionsP {
    /// Too few regions for a p value: only the order and its reliability are reported.
    TooFewRegions {
        /// Regions with values.
        regions: usize,
        /// Regions needed.
        needed: usize,
    },
    /// Two-sided, against random orders of the regions. **Supposes that regions are exchangeable**; neighbouring
    /// regions are alike, so this p is too small where the reference is smooth over the cortex.
    ExchangeableRegions {
        /// p = (1 + b) / (1 + M).
        p: f64,
        /// M.
        permutations: usize,
    },
}

/// How depth in the language model follows the reference order.
#[derive(Debug, Clone, PartialEq)]
pub struct HierarchyIndex {
    /// Spearman's correlation over regions, partial if ceilings are given; NaN if a side is constant.
    pub rho: f64,
    /// Number of regions with values.
    pub regions: usize,
    /// Rank of each region's depth from 1, shallowest first; NaN for a region without value.
    pub ranks: Vec<f64>,
    /// p over regions, if there are enough.
    pub p: RegionsP,
}

/// Spearman's correlation of depth with the reference over regions; with ceilings, the correlation of the ranks
/// after the ranks of the ceilings have been regressed out of both.
///
/// p by permuting regions (their residuals, with ceilings; Freedman & Lane 1983) from 20 regions on, never below.
/// Regions without a finite value in any of the given lists are left out.
#[must_use]
pub fn hierarchy_index(regions: Regions, permutations: usize, seed: u64) -> HierarchyIndex {
    let lists: Vec<&[f64]> = [regions.depth, regions.reference].into_iter().chain(regions.ceiling).collect();
    let length = lists.iter().map(|list| list.len()).min().unwrap_or(0);
    let with: Vec<usize> =
        (0..length).filter(|region| lists.iter().all(|list| list[*region].is_finite())).collect();
    let ranked: Vec<Vec<f64>> = lists
        .iter()
        .map(|list| ranks(&with.iter().map(|region| list[*region]).collect::<Vec<_>>()))
        .collect();
    let (depth, reference) = match ranked.get(2) {
        Some(ceiling) => (without(&ranked[0], ceiling), without(&ranked[1], ceiling)),
        None => (ranked[0].clone(), ranked[1].clone()),
    };
    let rho = pearson(&depth, &reference);
    let p = match rho {
        Some(rho) if with.len() >= FEWEST_REGIONS => {
            over_orders(&depth, &reference, rho, (permutations, seed))
        }
        _ => RegionsP::TooFewRegions { regions: with.len(), needed: FEWEST_REGIONS },
    };
    let mut all_ranks = vec![f64::NAN; regions.depth.len()];
    with.iter().zip(&ranked[0]).for_each(|(region, rank)| all_ranks[*region] = *rank);
    HierarchyIndex { rho: rho.unwrap_or(f64::NAN), regions: with.len(), ranks: all_ranks, p }
}

fn over_orders(depth: &[f64], reference: &[f64], rho: f64, (permutations, seed): (usize, u64)) -> RegionsP {
    let reaches = |permutation: &usize| {
        let order = shuffled(&mut stream(seed, Purpose::Regions, 0, *permutation as u64), depth.len());
        let permuted: Vec<f64> = order.iter().map(|region| depth[*region]).collect();
        pearson(&permuted, reference).is_some_and(|null| null.abs() >= rho.abs() - 1e-12)
    };
    let exceeded = (0..permutations).filter(reaches).count();
    RegionsP::ExchangeableRegions { p: permutation_p(exceeded as u64, permutations as u64), permutations }
}

/// What a straight line through `other` leaves of `values`.
fn without(values: &[f64], other: &[f64]) -> Vec<f64> {
    let mean = |list: &[f64]| list.iter().sum::<f64>() / list.len() as f64;
    let (middle, centre) = (mean(values), mean(other));
    let spread: f64 = other.iter().map(|x| (x - centre) * (x - centre)).sum();
    let together: f64 = values.iter().zip(other).map(|(y, x)| (y - middle) * (x - centre)).sum();
    let slope = if spread > 0.0 { together / spread } else { 0.0 };
    let left: Vec<f64> = values.iter().zip(other).map(|(y, x)| y - middle - slope * (x - centre)).collect();
    // What is left of a perfect line is rounding, and rounding has no order.
    let size: f64 = left.iter().map(|value| value * value).sum();
    let whole: f64 = values.iter().map(|y| (y - middle) * (y - middle)).sum();
    if size <= 1e-20 * whole { vec![0.0; left.len()] } else { left }
}

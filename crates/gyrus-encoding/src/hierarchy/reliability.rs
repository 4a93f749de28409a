//! How well two halves of the participants agree on the order of regions.

use ndarray::{Array2, ArrayView3, Axis};

use super::centre_of_mass::{weighed, worst_layer};
use crate::statistics::{Purpose, shuffled, spearman, stream};

/// Agreement of random halves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reliability {
    /// Mean over divisions of the Spearman correlation, over regions, of the halves' centres of mass; NaN if none
    /// could be computed.
    pub halves: f64,
    /// 2r / (1 + r) (Spearman & Brown): the reliability of everybody together. NaN for r ≤ −1.
    pub whole: f64,
    /// Divisions that gave a correlation.
    pub divisions: usize,
}

/// Split-half reliability over participants of the regions' centres of mass.
///
/// Each division averages profiles within two random halves (with an odd number one participant is left out) and
/// weighs each half's profile above its own score at the layer that is worst in the other half. Regions without
/// a centre of mass in either half are left out of that division; fewer than three leave it out.
///
/// # Shapes
/// `depths` has n_layers, `scores` is (n_participants, n_regions, n_layers), NaN where missing.
#[must_use]
pub fn split_half_reliability(
    depths: &[f64],
    scores: ArrayView3<f64>,
    divisions: usize,
    seed: u64,
) -> Reliability {
    let people = scores.len_of(Axis(0));
    let divide = |division: usize| {
        let order = shuffled(&mut stream(seed, Purpose::Halves, 0, division as u64), people);
        let half = people / 2;
        let [one, other] = [&order[..half], &order[half..2 * half]].map(|half| mean_profiles(scores, half));
        agreement(depths, &one, &other)
    };
    let agreements: Vec<f64> =
        if people < 2 { Vec::new() } else { (0..divisions).filter_map(divide).collect() };
    let halves = agreements.iter().sum::<f64>() / agreements.len() as f64;
    Reliability { halves, whole: of_everybody(halves), divisions: agreements.len() }
}

/// 2r / (1 + r); reversed ranks correlate by −1 but for rounding.
fn of_everybody(halves: f64) -> f64 {
    if 1.0 + halves > 1e-9 { 2.0 * halves / (1.0 + halves) } else { f64::NAN }
}

fn mean_profiles(scores: ArrayView3<f64>, people: &[usize]) -> Array2<f64> {
    let (_, regions, layers) = scores.dim();
    Array2::from_shape_fn((regions, layers), |(region, layer)| {
        let values = people.iter().map(|one| scores[(*one, region, layer)]).filter(|score| score.is_finite());
        let (sum, count) = values.fold((0.0, 0.0), |(sum, count), score| (sum + score, count + 1.0));
        sum / count
    })
}

fn agreement(depths: &[f64], one: &Array2<f64>, other: &Array2<f64>) -> Option<f64> {
    let depth = |own: &Array2<f64>, worst_in: &Array2<f64>, region: usize| {
        let floor = own[(region, worst_layer(worst_in.row(region))?)];
        weighed(depths, own.row(region), floor)
    };
    let both = |region: usize| Some((depth(one, other, region)?, depth(other, one, region)?));
    let (x, y): (Vec<f64>, Vec<f64>) = (0..one.nrows()).filter_map(both).unzip();
    if x.len() < 3 { None } else { spearman(&x, &y) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_that_are_reversed_have_no_reliability_of_everybody() {
        assert!((of_everybody(0.5) - 2.0 / 3.0).abs() < 1e-12 && (of_everybody(-0.5) + 2.0).abs() < 1e-12);
        assert!([-1.0, -1.0 + 2e-16, f64::NAN].into_iter().all(|halves| of_everybody(halves).is_nan()));
    }
}

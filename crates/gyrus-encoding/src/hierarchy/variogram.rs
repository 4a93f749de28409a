//! How much less alike two regions are, the further they are from each other.

use ndarray::{Array2, ArrayView2};

use crate::EncodingError;
use crate::statistics::quantile;

/// Distances at which a variogram is taken.
const POINTS: usize = 25;
/// Share of the pairs of regions that it is taken over: the nearest quarter.
const NEAR: f64 = 0.25;
/// Width of the kernel in steps of distance, and the number that makes its quartiles ± a quarter of it.
const WIDTH: f64 = 3.0;
const QUARTILE: f64 = 2.68;

/// The variogram of maps over fixed regions, and maps that are smoothed until they have the variogram of another:
///
/// γ(h) = Σ_ij w_ij ½ (x_i − x_j)² / Σ_ij w_ij, w_ij = exp(−½ (2.68 (h − d_ij) / b)²),
///
/// over the quarter of the pairs that are nearest, at 25 distances h, with b three steps of h.
///
/// # References
/// Burt et al. (2020), NeuroImage 220:117038; Viladomat et al. (2014), Biometrics 70:409.
#[derive(Debug, Clone)]
pub struct Variogram {
    /// Near pairs of regions.
    pairs: Vec<(usize, usize)>,
    /// Shares of the pairs at each distance, sum 1, shape (25, n_pairs).
    shares: Array2<f64>,
    /// Other regions of each region with their distance, nearest first.
    others: Vec<Vec<(usize, f64)>>,
}

impl Variogram {
    /// From positions, shape (n_regions, 3).
    ///
    /// # Errors
    /// - [`EncodingError::EqualPlaces`]: fewer than two near pairs, or all equally far.
    pub fn new(positions: ArrayView2<'_, f64>) -> Result<Self, EncodingError> {
        let count = positions.nrows();
        let distance = |one: usize, other: usize| {
            let between = &positions.row(one) - &positions.row(other);
            between.dot(&between).sqrt()
        };
        let all: Vec<(usize, usize)> = (0..count).flat_map(|i| (i + 1..count).map(move |j| (i, j))).collect();
        let mut sorted: Vec<f64> = all.iter().map(|(i, j)| distance(*i, *j)).collect();
        sorted.sort_by(f64::total_cmp);
        let limit = quantile(&sorted, NEAR);
        let pairs: Vec<(usize, usize)> = all.into_iter().filter(|(i, j)| distance(*i, *j) < limit).collect();
        let near: Vec<f64> = pairs.iter().map(|(i, j)| distance(*i, *j)).collect();
        let first = near.iter().copied().fold(f64::INFINITY, f64::min);
        let last = near.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let step = (last - first) / (POINTS - 1) as f64;
        if step.is_nan() || step <= 0.0 {
            return Err(EncodingError::EqualPlaces { regions: count });
        }
        let mut shares = Array2::from_shape_fn((POINTS, pairs.len()), |(point, pair)| {
            let away = QUARTILE * (first + point as f64 * step - near[pair]) / (WIDTH * step);
            libm::exp(-away * away / 2.0)
        });
        for mut row in shares.rows_mut() {
            let sum = row.sum();
            row /= sum;
        }
        let others = |one: usize| {
            let mut others: Vec<(usize, f64)> =
                (0..count).filter(|other| *other != one).map(|other| (other, distance(one, other))).collect();
            others.sort_by(|a, b| a.1.total_cmp(&b.1));
            others
        };
        Ok(Self { pairs, shares, others: (0..count).map(others).collect() })
    }

    /// γ at each of the 25 distances.
    #[must_use]
    pub fn of(&self, map: &[f64]) -> Vec<f64> {
        let half =
            |(one, other): &(usize, usize)| 0.5 * (map[*one] - map[*other]) * (map[*one] - map[*other]);
        let halves: Vec<f64> = self.pairs.iter().map(half).collect();
        let mean =
            |shares: ndarray::ArrayView1<'_, f64>| shares.iter().zip(&halves).map(|(w, v)| w * v).sum();
        self.shares.rows().into_iter().map(mean).collect()
    }

    /// The mean of every region's `nearest` others, weighted by exp(−d / d_k), with d_k the furthest of them.
    #[must_use]
    pub fn smoothed(&self, map: &[f64], nearest: usize) -> Vec<f64> {
        let mean = |others: &Vec<(usize, f64)>| {
            let some = &others[..nearest.clamp(1, others.len())];
            let furthest = some[some.len() - 1].1.max(f64::MIN_POSITIVE);
            let weight = |distance: f64| libm::exp(-distance / furthest);
            let sum: f64 = some.iter().map(|(other, distance)| weight(*distance) * map[*other]).sum();
            sum / some.iter().map(|(_, distance)| weight(*distance)).sum::<f64>()
        };
        self.others.iter().map(mean).collect()
    }

    /// α and β of the least-squares fit of a variogram by α + β times another, and its sum of squared errors.
    #[must_use]
    pub fn fit(wanted: &[f64], given: &[f64]) -> (f64, f64, f64) {
        let count = wanted.len() as f64;
        let (middle, centre) = (wanted.iter().sum::<f64>() / count, given.iter().sum::<f64>() / count);
        let squared = |difference: f64| difference * difference;
        let spread: f64 = given.iter().map(|x| squared(x - centre)).sum();
        let together: f64 = wanted.iter().zip(given).map(|(y, x)| (y - middle) * (x - centre)).sum();
        let slope = if spread > 0.0 { together / spread } else { 0.0 };
        let constant = middle - slope * centre;
        let error = |(y, x): (&f64, &f64)| squared(y - constant - slope * x);
        (constant, slope, wanted.iter().zip(given).map(error).sum())
    }

    /// A map with about the variogram of `map`, from its values in another order and from standard normal numbers.
    pub(super) fn matched(&self, map: &[f64], permuted: &[f64], rough: &[f64]) -> Vec<f64> {
        let wanted = self.of(map);
        let candidate = |tenths: usize| {
            let smooth = self.smoothed(permuted, tenths * map.len() / 10);
            (Self::fit(&wanted, &self.of(&smooth)), smooth)
        };
        let better = |best: ((f64, f64, f64), Vec<f64>), other: ((f64, f64, f64), Vec<f64>)| {
            if other.0.2 < best.0.2 { other } else { best }
        };
        let Some(((constant, slope, _), smooth)) = (1..=9).map(candidate).reduce(better) else {
            return permuted.to_vec();
        };
        let mixed =
            |(smooth, rough): (&f64, &f64)| slope.abs().sqrt() * smooth + constant.abs().sqrt() * rough;
        smooth.iter().zip(rough).map(mixed).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::random::normal;
    use crate::statistics::{Purpose, stream};

    /// √|β| S(πx) + √|α| z for the k among n/10, 2n/10 … 9n/10 whose fit leaves least.
    #[test]
    fn a_matched_map_is_made_with_the_neighbours_whose_variogram_fits_best() {
        let mut random = stream(1, Purpose::Regions, 9, 0);
        let count = 30;
        let places = Array2::from_shape_simple_fn((count, 3), || normal(&mut random));
        let variogram = Variogram::new(places.view()).unwrap();
        let mut chosen = Vec::new();
        for _ in 0..12 {
            let map: Vec<f64> = places.rows().into_iter().map(|row| row[0] + normal(&mut random)).collect();
            let [permuted, rough] =
                [(); 2].map(|()| (0..count).map(|_| normal(&mut random)).collect::<Vec<f64>>());
            let mut best = (f64::INFINITY, 0, Vec::new());
            for nearest in [3, 6, 9, 12, 15, 18, 21, 24, 27] {
                let smooth = variogram.smoothed(&permuted, nearest);
                let (alpha, beta, error) = Variogram::fit(&variogram.of(&map), &variogram.of(&smooth));
                if error < best.0 {
                    let mixed = (0..count).map(|region| {
                        beta.abs().sqrt() * smooth[region] + alpha.abs().sqrt() * rough[region]
                    });
                    best = (error, nearest, mixed.collect());
                }
            }
            let found = variogram.matched(&map, &permuted, &rough);
            assert!(found.iter().zip(&best.2).all(|(one, other)| (one - other).abs() < 1e-12), "{}", best.1);
            chosen.push(best.1);
        }
        chosen.sort_unstable();
        chosen.dedup();
        assert!(chosen.len() >= 3, "worlds that differ in what fits best: {chosen:?}");
    }
}

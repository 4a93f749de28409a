//! Maps over regions that are as smooth as a given one and know nothing else of it.

use ndarray::{Array2, ArrayView2, Axis};

use super::variogram::Variogram;
use crate::EncodingError;
use crate::simulate::random::normal;
use crate::statistics::{Purpose, shuffled, stream};

/// Against which maps a correlation over regions is tested.
#[derive(Debug, Clone, Copy)]
pub enum RegionsNull<'a> {
    /// Regions in random order. **Supposes that regions are exchangeable**; where neighbouring regions are alike, p is too
    /// small.
    Exchangeable,
    /// Maps with the variogram of the reference. Positions of regions, shape (n_regions, 3), in mm.
    Variogram(ArrayView2<'a, f64>),
    /// The reference turned on the sphere.
    Spins {
        /// Positions on the sphere of each hemisphere, shape (n_regions, 3), about its centre; their length does not matter.
        positions: ArrayView2<'a, f64>,
        /// Whether a region is in the right hemisphere, whose turns are mirrored.
        is_right: &'a [bool],
    },
}

impl RegionsNull<'_> {
    /// Name in tables.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Exchangeable => "exchangeable",
            Self::Variogram(_) => "variogram",
            Self::Spins { .. } => "spins",
        }
    }
}

/// Surrogates of a map over regions, one per row.
///
/// - exchangeable: its values in random order;
/// - variogram: its values in the order of √|β| S(πx) + √|α| z, with πx the map in random order, S its mean over the k
///   nearest regions weighted by exp(−d / d_k), z standard normal, and α + β γ_S(h) the least-squares fit to the variogram
///   γ(h) of the map, for the k among n/10, 2n/10 … 9n/10 that fits best;
/// - spins: each region takes the value of the region of its hemisphere that a random rotation brings nearest to it.
///
/// # Shapes
/// `values` has n_regions; the result is (count, n_regions).
///
/// # Errors
/// - [`EncodingError::PlaceMismatch`]: positions or hemispheres of another number of regions, or not three columns.
/// - [`EncodingError::NoPlace`]: a position that is not finite, or that lies in the centre of the sphere.
/// - [`EncodingError::EqualPlaces`]: regions that are all equally far from each other.
///
/// # References
/// Burt et al. (2020), NeuroImage 220:117038 (variograms). Alexander-Bloch et al. (2018), NeuroImage 178:540 (spins).
pub fn surrogate_maps(
    values: &[f64],
    null: RegionsNull<'_>,
    (count, seed): (usize, u64),
) -> Result<Array2<f64>, EncodingError> {
    let mut maps = Array2::zeros((count, values.len()));
    let order = |draw: usize| shuffled(&mut stream(seed, Purpose::Regions, 0, draw as u64), values.len());
    let mut make = |of: &dyn Fn(usize) -> Vec<f64>| {
        for (draw, mut map) in maps.axis_iter_mut(Axis(0)).enumerate() {
            map.iter_mut().zip(of(draw)).for_each(|(to, from)| *to = from);
        }
    };
    match null {
        RegionsNull::Exchangeable => make(&|draw| order(draw).iter().map(|region| values[*region]).collect()),
        RegionsNull::Variogram(positions) => {
            require_places(positions, values.len())?;
            let variogram = Variogram::new(positions)?;
            make(&|draw| {
                let permuted: Vec<f64> = order(draw).iter().map(|region| values[*region]).collect();
                let mut random = stream(seed, Purpose::Regions, 1, draw as u64);
                let rough: Vec<f64> = values.iter().map(|_| normal(&mut random)).collect();
                with_values_of(values, &variogram.matched(values, &permuted, &rough))
            });
        }
        RegionsNull::Spins { positions, is_right } => {
            require_places(positions, values.len())?;
            if is_right.len() != values.len() {
                return Err(EncodingError::PlaceMismatch {
                    found: (is_right.len(), 3),
                    expected: values.len(),
                });
            }
            let sphere = unit(positions)?;
            make(&|draw| spun(&sphere, is_right, draw, seed).iter().map(|from| values[*from]).collect());
        }
    }
    Ok(maps)
}

pub(super) fn require_places(positions: ArrayView2<'_, f64>, expected: usize) -> Result<(), EncodingError> {
    if positions.dim() != (expected, 3) {
        return Err(EncodingError::PlaceMismatch { found: positions.dim(), expected });
    }
    let lacks = positions.rows().into_iter().position(|row| row.iter().any(|x| !x.is_finite()));
    lacks.map_or(Ok(()), |region| Err(EncodingError::NoPlace { region }))
}

/// The values of one map in the order of another.
fn with_values_of(values: &[f64], order: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let mut regions: Vec<usize> = (0..order.len()).collect();
    regions.sort_by(|a, b| order[*a].total_cmp(&order[*b]));
    let mut map = vec![0.0; values.len()];
    regions.iter().zip(sorted).for_each(|(region, value)| map[*region] = value);
    map
}

fn unit(positions: ArrayView2<'_, f64>) -> Result<Vec<[f64; 3]>, EncodingError> {
    let of = |(region, row): (usize, ndarray::ArrayView1<'_, f64>)| {
        let length = row.dot(&row).sqrt();
        let is_placed = length > 0.0;
        is_placed.then(|| [0, 1, 2].map(|axis| row[axis] / length)).ok_or(EncodingError::NoPlace { region })
    };
    positions.rows().into_iter().enumerate().map(of).collect()
}

/// For each region the one whose value it takes.
fn spun(sphere: &[[f64; 3]], is_right: &[bool], draw: usize, seed: u64) -> Vec<usize> {
    let rotation = rotation(&mut stream(seed, Purpose::Regions, 2, draw as u64));
    let turned: Vec<[f64; 3]> = sphere
        .iter()
        .zip(is_right)
        .map(|(place, right)| {
            let mirror = if *right { [-1.0, 1.0, 1.0] } else { [1.0; 3] };
            [0, 1, 2]
                .map(|row| mirror[row] * (0..3).map(|i| rotation[row][i] * mirror[i] * place[i]).sum::<f64>())
        })
        .collect();
    let nearness = |one: &[f64; 3], other: &[f64; 3]| one.iter().zip(other).map(|(a, b)| a * b).sum::<f64>();
    let nearest = |region: usize| {
        let same = (0..sphere.len()).filter(|other| is_right[*other] == is_right[region]);
        let nearer = |best: usize, other: usize| {
            let is_nearer =
                nearness(&turned[other], &sphere[region]) > nearness(&turned[best], &sphere[region]);
            if is_nearer { other } else { best }
        };
        same.reduce(nearer).unwrap_or(region)
    };
    (0..sphere.len()).map(nearest).collect()
}

/// A rotation, each equally likely: that of a quaternion of four normal numbers (Shoemake 1992).
fn rotation(random: &mut rand_chacha::ChaCha8Rng) -> [[f64; 3]; 3] {
    let drawn = [(); 4].map(|()| normal(random));
    let length = drawn.iter().map(|x| x * x).sum::<f64>().sqrt();
    let [w, x, y, z] = drawn.map(|part| part / length);
    [
        [1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - w * z), 2.0 * (x * z + w * y)],
        [2.0 * (x * y + w * z), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - w * x)],
        [2.0 * (x * z - w * y), 2.0 * (y * z + w * x), 1.0 - 2.0 * (x * x + y * y)],
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotation_keeps_lengths_angles_and_handedness() {
        for draw in 0..50 {
            let [a, b, c] = rotation(&mut stream(1, Purpose::Regions, 2, draw));
            let dot = |x: [f64; 3], y: [f64; 3]| x[0] * y[0] + x[1] * y[1] + x[2] * y[2];
            let cross = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
            for (found, expected) in
                [(dot(a, a), 1.0), (dot(b, b), 1.0), (dot(c, c), 1.0), (dot(a, b), 0.0), (dot(cross, c), 1.0)]
            {
                assert!((found - expected).abs() < 1e-12, "{found} {expected}");
            }
        }
    }

    /// Each of the nine numbers of a uniform rotation has mean 0 and variance 1/3.
    #[test]
    fn every_rotation_is_equally_likely() {
        let count = 4000;
        let drawn: Vec<_> =
            (0..count).map(|draw| rotation(&mut stream(2, Purpose::Regions, 2, draw))).collect();
        for (row, column) in (0..9).map(|entry| (entry / 3, entry % 3)) {
            let mean = drawn.iter().map(|one| one[row][column]).sum::<f64>() / count as f64;
            let square =
                drawn.iter().map(|one| one[row][column] * one[row][column]).sum::<f64>() / count as f64;
            // Standard errors are 0.009 and 0.005.
            assert!(
                mean.abs() < 0.04 && (square - 1.0 / 3.0).abs() < 0.02,
                "{row} {column}: {mean} {square}"
            );
        }
    }

    /// By distances, and with the right hemisphere turned as its mirror image on the left is.
    #[test]
    fn a_spin_takes_the_value_of_the_region_that_lands_nearest() {
        let mut random = stream(3, Purpose::Regions, 9, 0);
        let places = Array2::from_shape_simple_fn((24, 3), || normal(&mut random));
        let sphere = unit(places.view()).unwrap();
        let is_right: Vec<bool> = (0..24).map(|region| region % 3 == 0).collect();
        for draw in 0..20 {
            let turn = rotation(&mut stream(7, Purpose::Regions, 2, draw as u64));
            let flipped =
                |place: [f64; 3], right: bool| if right { [-place[0], place[1], place[2]] } else { place };
            let landed = |from: usize| {
                let place = flipped(sphere[from], is_right[from]);
                let turned = turn.map(|row| row[0] * place[0] + row[1] * place[1] + row[2] * place[2]);
                flipped(turned, is_right[from])
            };
            let away = |from: usize, to: usize| {
                let place = landed(from);
                (0..3)
                    .map(|axis| (place[axis] - sphere[to][axis]) * (place[axis] - sphere[to][axis]))
                    .sum::<f64>()
            };
            let found = spun(&sphere, &is_right, draw, 7);
            assert_eq!(found.len(), 24);
            for (to, from) in found.into_iter().enumerate() {
                assert_eq!(is_right[from], is_right[to], "from the other hemisphere");
                let others = (0..24).filter(|other| is_right[*other] == is_right[to]);
                assert!(others.into_iter().all(|other| away(from, to) <= away(other, to)), "{from} to {to}");
            }
        }
    }
}

//! Gaussian random fields: white noise, smoothed, with variance 1 at every place.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use super::head::Lattice;

/// Draws fields of one smoothness on a lattice whose opposite faces touch, so that no place is an edge.
pub(super) struct Fields {
    shape: [usize; 3],
    /// Weights at −r … r for each axis; Σ w² = 1.
    kernels: [Vec<f32>; 3],
}

impl Fields {
    /// Fields with a full width at half maximum of `width` mm. w(j) ∝ exp(−(j · spacing)² / (2 σ²)), σ = width / 2.3548,
    /// cut off at 3 σ or where the kernel would meet itself.
    pub(super) fn new(lattice: &Lattice, width: f64) -> Self {
        let deviation = width / 2.354_820_045_030_949 / lattice.spacing;
        let kernel = |places: usize| {
            let reach = (libm::ceil(3.0 * deviation) as usize).min((places - 1) / 2) as i64;
            let weight = |step: i64| libm::exp(-((step * step) as f64) / (2.0 * deviation * deviation));
            let weights: Vec<f64> = (-reach..=reach).map(weight).collect();
            let norm = weights.iter().map(|weight| weight * weight).sum::<f64>().sqrt();
            weights.iter().map(|weight| (weight / norm) as f32).collect()
        };
        Self { shape: lattice.shape, kernels: lattice.shape.map(kernel) }
    }

    /// One field, x fastest.
    pub(super) fn draw(&self, random: &mut ChaCha8Rng) -> Vec<f32> {
        self.smoothed(normals(random, self.shape.iter().product()))
    }

    fn smoothed(&self, mut values: Vec<f32>) -> Vec<f32> {
        let [x, y, z] = self.shape;
        self.along_rows(&mut values);
        let values = along(&values, (z, y, x), &self.kernels[1]);
        along(&values, (1, z, x * y), &self.kernels[2])
    }

    fn along_rows(&self, values: &mut [f32]) {
        let (x, kernel) = (self.shape[0], &self.kernels[0]);
        let reach = kernel.len() / 2;
        let mut wrapped = vec![0.0; x + 2 * reach];
        for row in values.chunks_exact_mut(x) {
            wrapped[reach..reach + x].copy_from_slice(row);
            wrapped[..reach].copy_from_slice(&row[x - reach..]);
            wrapped[reach + x..].copy_from_slice(&row[..reach]);
            row.fill(0.0);
            for (step, weight) in kernel.iter().enumerate() {
                row.iter_mut().zip(&wrapped[step..]).for_each(|(sum, value)| *sum += weight * value);
            }
        }
    }
}

/// Smooths along the middle axis of a (outer, places, inner) block.
fn along(values: &[f32], (outer, places, inner): (usize, usize, usize), kernel: &[f32]) -> Vec<f32> {
    let reach = kernel.len() / 2;
    let mut out = vec![0.0; values.len()];
    for block in 0..outer {
        let start = block * places * inner;
        for place in 0..places {
            let sums = &mut out[start + place * inner..][..inner];
            for (step, weight) in kernel.iter().enumerate() {
                let from = (place + places + step - reach) % places;
                let row = &values[start + from * inner..][..inner];
                sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * value);
            }
        }
    }
    out
}

/// Standard normal numbers in single precision (Box & Muller 1958); two uniforms of 24 bits give two of them.
pub(super) fn normals(random: &mut ChaCha8Rng, count: usize) -> Vec<f32> {
    let mut values = Vec::with_capacity(count + 1);
    while values.len() < count {
        values.extend(two_normals(random.next_u64()));
    }
    values.truncate(count);
    values
}

/// The radius comes from the upper 24 bits, the angle from the lower.
fn two_normals(bits: u64) -> [f32; 2] {
    const UNIT: f32 = 1.0 / (1 << 24) as f32;
    let above_zero = (((bits >> 40) + 1) as f32) * UNIT;
    let turn = ((bits & 0xff_ffff) as f32) * UNIT;
    let radius = (-2.0 * libm::logf(above_zero)).sqrt();
    let (sine, cosine) = libm::sincosf(std::f32::consts::TAU * turn);
    [radius * cosine, radius * sine]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::{Purpose, stream};

    #[test]
    fn fields_have_unit_variance_and_the_width_that_was_asked_for() {
        let lattice = Lattice { shape: [33, 31, 37], spacing: 2.0, first: [0.0; 3] };
        let fields = Fields::new(&lattice, 8.0);
        let deviation = 8.0 / 2.3548;
        let (mut squares, mut products, mut count) = (0.0, [0.0; 3], 0.0);
        for draw in 0..8 {
            let field = fields.draw(&mut stream(1, Purpose::SimulatedNoise, 0, draw));
            for index in 0..field.len() {
                squares += f64::from(field[index] * field[index]);
                count += 1.0;
                let [x, y, z] = [index % 33, index / 33 % 31, index / (33 * 31)];
                let next = [
                    (x + 2) % 33 + 33 * (y + 31 * z),
                    x + 33 * ((y + 2) % 31 + 31 * z),
                    x + 33 * (y + 31 * ((z + 2) % 37)),
                ];
                for axis in 0..3 {
                    products[axis] += f64::from(field[index] * field[next[axis]]);
                }
            }
        }
        assert!((squares / count - 1.0).abs() < 0.06, "{}", squares / count);
        // Two Gaussians of deviation σ overlap as one of σ √2.
        let expected = libm::exp(-16.0 / (4.0 * deviation * deviation));
        for product in products {
            assert!((product / squares - expected).abs() < 0.03, "{} {expected}", product / squares);
        }
    }

    #[test]
    fn a_point_becomes_a_gaussian_around_it_on_all_axes_and_around_the_ends() {
        let lattice = Lattice { shape: [15, 17, 19], spacing: 3.0, first: [0.0; 3] };
        let (middle, deviation) = ([1_usize, 9, 18], 9.0 / 2.354_820_045 / 3.0);
        let mut point = vec![0.0; lattice.count()];
        point[middle[0] + 15 * (middle[1] + 17 * middle[2])] = 1.0;
        let found = Fields::new(&lattice, 9.0).smoothed(point);
        let weight = |step: i64| libm::exp(-((step * step) as f64) / (2.0 * deviation * deviation));
        let norm = (-4..=4).map(|step| weight(step) * weight(step)).sum::<f64>().sqrt();
        for (index, value) in found.iter().enumerate() {
            let at = [index % 15, index / 15 % 17, index / (15 * 17)];
            let along = |axis: usize| {
                let away = at[axis].abs_diff(middle[axis]);
                let away = away.min(lattice.shape[axis] - away) as i64;
                if away > 4 { 0.0 } else { weight(away) / norm }
            };
            let expected = along(0) * along(1) * along(2);
            assert!((f64::from(*value) - expected).abs() < 1e-6, "{at:?}: {value} {expected}");
        }
    }

    #[test]
    fn bits_give_a_radius_above_and_an_angle_below() {
        let close = |bits: u64, expected: [f64; 2]| {
            let found = two_normals(bits);
            let away = (0..2).map(|one| (f64::from(found[one]) - expected[one]).abs());
            assert!(away.fold(0.0, f64::max) < 1e-5, "{bits:x}: {found:?} {expected:?}");
        };
        // The smallest uniform number is 2^-24 and not 0.
        let far = libm::sqrt(48.0 * std::f64::consts::LN_2);
        close(0, [far, 0.0]);
        close(0x40_0000, [0.0, far]);
        // A quarter of a turn, and a radius from one quarter; the 16 bits between are not used.
        close(
            (0x3f_ffff << 40) | (0xffff << 24) | 0x40_0000,
            [0.0, libm::sqrt(4.0 * std::f64::consts::LN_2)],
        );
    }

    #[test]
    fn normals_are_normal() {
        let values = normals(&mut stream(2, Purpose::SimulatedNoise, 0, 0), 200_001);
        assert_eq!(values.len(), 200_001);
        let moment = |power: i32| {
            values.iter().map(|value| f64::from(*value).powi(power)).sum::<f64>() / values.len() as f64
        };
        assert!(moment(1).abs() < 0.01 && (moment(2) - 1.0).abs() < 0.02 && (moment(4) - 3.0).abs() < 0.1);
    }
}

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
        let [x, y, z] = self.shape;
        let mut values = normals(random, x * y * z);
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
    const UNIT: f32 = 1.0 / (1 << 24) as f32;
    let mut values = Vec::with_capacity(count + 1);
    while values.len() < count {
        let bits = random.next_u64();
        let above_zero = (((bits >> 40) + 1) as f32) * UNIT;
        let turn = ((bits & 0xff_ffff) as f32) * UNIT;
        let radius = (-2.0 * libm::logf(above_zero)).sqrt();
        let (sine, cosine) = libm::sincosf(std::f32::consts::TAU * turn);
        values.extend([radius * cosine, radius * sine]);
    }
    values.truncate(count);
    values
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
    fn normals_are_normal() {
        let values = normals(&mut stream(2, Purpose::SimulatedNoise, 0, 0), 200_001);
        assert_eq!(values.len(), 200_001);
        let moment = |power: i32| {
            values.iter().map(|value| f64::from(*value).powi(power)).sum::<f64>() / values.len() as f64
        };
        assert!(moment(1).abs() < 0.01 && (moment(2) - 1.0).abs() < 0.02 && (moment(4) - 3.0).abs() < 0.1);
    }
}

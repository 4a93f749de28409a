//! Weights before training, weights shuffled, and the random streams that they come from.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// How a tensor starts before training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Initial {
    /// Normal with the configuration's deviation.
    Normal,
    /// Normal with that deviation times this.
    Scaled(f64),
    /// All ones.
    Ones,
    /// All zeros.
    Zeros,
}

pub(super) fn draw(name: &str, count: usize, initial: Initial, (seed, deviation): (u64, f64)) -> Vec<f32> {
    let scale = match initial {
        Initial::Ones => return vec![1.0; count],
        Initial::Zeros => return vec![0.0; count],
        Initial::Normal => deviation,
        Initial::Scaled(scale) => deviation * scale,
    };
    let mut random = stream(seed, "untrained", name);
    (0..count).map(|_| (normal(&mut random) * scale) as f32).collect()
}

/// The same numbers in another order.
pub(super) fn shuffled(mut values: Vec<f32>, seed: u64, name: &str) -> Vec<f32> {
    shuffle(&mut values, &mut stream(seed, "shuffled", name));
    values
}

/// Puts items in random order (Fisher and Yates).
pub(crate) fn shuffle<T>(items: &mut [T], random: &mut ChaCha8Rng) {
    for last in (1..items.len()).rev() {
        items.swap(last, below(random, last + 1));
    }
}

/// A stream keyed by seed, purpose and name.
pub(crate) fn stream(seed: u64, purpose: &str, name: &str) -> ChaCha8Rng {
    let hash = |text: &str| {
        // FNV-1a: a key only has to differ between names.
        text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    };
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&hash(purpose).to_le_bytes());
    key[16..24].copy_from_slice(&hash(name).to_le_bytes());
    ChaCha8Rng::from_seed(key)
}

/// A whole number below a bound; the high half of a 128-bit product is uniform but for a bias below 2⁻²⁴ at any size.
fn below(random: &mut ChaCha8Rng, bound: usize) -> usize {
    ((u128::from(random.next_u64()) * bound as u128) >> 64) as usize
}

/// A standard normal number (Box and Muller 1958, Ann Math Stat 29:610).
pub(crate) fn normal(random: &mut ChaCha8Rng) -> f64 {
    let uniform = |random: &mut ChaCha8Rng| ((random.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
    let (one, other) = (uniform(random), uniform(random));
    (-2.0 * libm::log(one)).sqrt() * libm::cos(std::f64::consts::TAU * other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shuffling_keeps_the_numbers_and_moves_them() {
        let values: Vec<f32> = (0..1000_u16).map(f32::from).collect();
        let mut moved = shuffled(values.clone(), 1, "a");
        assert_ne!(moved, values);
        assert_ne!(moved, shuffled(values.clone(), 2, "a"));
        let stayed = moved.iter().zip(&values).filter(|(one, other)| one == other).count();
        assert!(stayed < 10, "{stayed}");
        moved.sort_by(f32::total_cmp);
        assert_eq!(moved, values);
    }
}

//! A head that drifts, jumps and coughs.

use rand_chacha::ChaCha8Rng;

use super::random::{normal, waiting};
use crate::statistics::{Purpose, stream};

/// Millimetres on the surface of a sphere of 50 mm per radian (Power et al. 2012).
const RADIUS: f64 = 50.0;

/// Motion of a participant, volume by volume.
#[derive(Debug, Clone, PartialEq)]
pub struct Motion {
    /// Three translations in mm and three rotations in radians: shape (n_samples) of six.
    pub parameters: Vec<[f64; 6]>,
    /// Which volumes a cough falls in.
    pub coughs: Vec<bool>,
}

impl Motion {
    /// Motion over `samples` volumes of `interval` seconds in one of several runs (numbered from 1) of a participant:
    ///
    /// - a slow walk that returns, deviation 0.15 mm and 0.15 mm / 50 mm, memory of 120 s,
    /// - spikes every 150 s on average: a jump of 0.4 mm · z (rotations alike), of which a third stays,
    /// - coughs every 120 s on average: 0.8 mm along the body and 0.008 radian of nodding, gone in the next volume.
    pub(super) fn in_run(seed: u64, (participant, run): (u32, u64), samples: usize, interval: f64) -> Self {
        // Draw 0 of this purpose is the error of a realignment, in a stream of each run.
        Self::drawn(&mut stream(seed, Purpose::SimulatedMotion, participant, run + 1), samples, interval)
    }

    fn drawn(random: &mut ChaCha8Rng, samples: usize, interval: f64) -> Self {
        let mut parameters = walk(samples, interval, random);
        for at in events(samples, interval, 150.0, random) {
            let jump: [f64; 6] = std::array::from_fn(|axis| 0.4 * normal(random) * unit(axis));
            add(&mut parameters[at], &jump, 1.0);
            parameters.iter_mut().skip(at + 1).for_each(|volume| add(volume, &jump, 1.0 / 3.0));
        }
        let mut coughs = vec![false; samples];
        for at in events(samples, interval, 120.0, random) {
            coughs[at] = true;
            let size = 1.0 + 0.3 * normal(random);
            add(&mut parameters[at], &[0.0, 0.1, 0.8, 0.008, 0.0, 0.0], size);
        }
        Self { parameters, coughs }
    }
}

/// Σ |Δ translation| + 50 mm · Σ |Δ rotation| from volume to volume; 0 for the first (Power et al. 2012, NeuroImage 59:2142).
#[must_use]
pub fn framewise_displacement(parameters: &[[f64; 6]]) -> Vec<f64> {
    let between =
        |pair: &[[f64; 6]]| (0..6).map(|axis| (pair[1][axis] - pair[0][axis]).abs() / unit(axis)).sum();
    parameters.first().map(|_| 0.0).into_iter().chain(parameters.windows(2).map(between)).collect()
}

/// What one millimetre is on an axis.
fn unit(axis: usize) -> f64 {
    if axis < 3 { 1.0 } else { 1.0 / RADIUS }
}

fn add(volume: &mut [f64; 6], change: &[f64; 6], times: f64) {
    volume.iter_mut().zip(change).for_each(|(value, change)| *value += times * change);
}

fn walk(samples: usize, interval: f64, random: &mut ChaCha8Rng) -> Vec<[f64; 6]> {
    let memory = libm::exp(-interval / 120.0);
    let step = libm::sqrt(1.0 - memory * memory) * 0.15;
    let mut position = [0.0; 6];
    let mut next = |_| {
        for (axis, value) in position.iter_mut().enumerate() {
            *value = memory * *value + step * unit(axis) * normal(random);
        }
        position
    };
    (0..samples).map(&mut next).collect()
}

/// Volumes in which events fall that come at random, so many seconds apart on average.
fn events(samples: usize, interval: f64, mean: f64, random: &mut ChaCha8Rng) -> Vec<usize> {
    let mut found = Vec::new();
    let mut time = waiting(random, mean);
    while time < samples as f64 * interval {
        found.push((time / interval) as usize);
        time += waiting(random, mean);
    }
    found.retain(|at| *at < samples);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn displacement_adds_millimetres_of_all_axes() {
        let still = [0.0; 6];
        let moved = [0.1, -0.2, 0.0, 0.002, 0.0, -0.001];
        let found = framewise_displacement(&[still, moved, moved]);
        assert_eq!(found[0], 0.0);
        assert!((found[1] - (0.3 + 50.0 * 0.003)).abs() < 1e-12 && found[2] == 0.0);
    }

    #[test]
    fn heads_jump_and_cough_as_often_as_is_said() {
        let motion = Motion::in_run(3, (1, 1), 40_000, 1.5);
        let coughs = motion.coughs.iter().filter(|cough| **cough).count();
        assert!((400..600).contains(&coughs), "{coughs} in 60,000 s, expected about 500");
        let displacement = framewise_displacement(&motion.parameters);
        let large = displacement.iter().filter(|fd| **fd > 0.5).count();
        assert!((900..2600).contains(&large), "{large}");
        let mut sorted = displacement.clone();
        sorted.sort_by(f64::total_cmp);
        assert!((0.05..0.3).contains(&sorted[20_000]), "median {}", sorted[20_000]);
    }

    /// What jumps and coughs add to a walk, all in millimetres, and which volumes have coughs.
    fn events_alone(samples: usize) -> (Vec<[f64; 6]>, Vec<bool>) {
        let random = || stream(5, Purpose::SimulatedMotion, 0, 2);
        let motion = Motion::drawn(&mut random(), samples, 1.5);
        let slow = walk(samples, 1.5, &mut random());
        let both = motion.parameters.iter().zip(&slow);
        let left = both.map(|(all, slow)| std::array::from_fn(|axis| (all[axis] - slow[axis]) / unit(axis)));
        (left.collect(), motion.coughs)
    }

    #[test]
    fn a_third_of_a_jump_stays_and_axes_jump_alike() {
        let (left, coughs) = events_alone(60_000);
        let moves = |at: usize| (left[at][0] - left[at - 1][0]).abs() > 1e-9;
        let alone = |at: &usize| {
            moves(*at) && !moves(at - 1) && !moves(at + 2) && !(at - 1..at + 2).any(|at| coughs[at])
        };
        let jumps: Vec<usize> = (2..59_998).filter(alone).collect();
        assert!((450..700).contains(&jumps.len()), "one in 150 s of 90,000 s: {}", jumps.len());
        for axis in 0..6 {
            let (mut size, mut squares) = (0.0, 0.0);
            let along: Vec<f64> = left.iter().map(|moment| moment[axis]).collect();
            for at in &jumps {
                let [before, now, after] = [at - 1, *at, at + 1].map(|at| along[at]);
                let (jump, stays) = (now - before, after - before);
                assert!((stays - jump / 3.0).abs() < 1e-9, "{axis} {at}: {stays} of {jump}");
                size += jump / jumps.len() as f64;
                squares += jump * jump / jumps.len() as f64;
            }
            assert!(size.abs() < 0.07 && (squares.sqrt() - 0.4).abs() < 0.05, "{axis}: {size} {squares}");
        }
    }

    #[test]
    fn a_cough_nods_the_head_along_the_body_and_is_gone() {
        let (left, coughs) = events_alone(60_000);
        let moves = |at: usize| (left[at][0] - left[at - 1][0]).abs() > 1e-9;
        let alone = |at: &usize| coughs[*at] && !coughs[at - 1] && !(at - 1..at + 2).any(moves);
        let times: Vec<usize> = (2..59_998).filter(alone).collect();
        assert!((600..850).contains(&times.len()), "one in 120 s of 90,000 s: {}", times.len());
        let (mut size, mut squares) = (0.0, 0.0);
        for at in &times {
            let cough = (left[*at][2] - left[at - 1][2]) / 0.8;
            for (axis, expected) in [0.0, 0.1, 0.8, 0.008 * RADIUS, 0.0, 0.0].into_iter().enumerate() {
                assert!((left[*at][axis] - left[at - 1][axis] - expected * cough).abs() < 1e-9, "{axis}");
                assert!(coughs[at + 1] || (left[at + 1][axis] - left[at - 1][axis]).abs() < 1e-9, "{axis}");
            }
            size += cough / times.len() as f64;
            squares += cough * cough / times.len() as f64;
        }
        let spread = (squares - size * size).sqrt();
        assert!((size - 1.0).abs() < 0.05 && (spread - 0.3).abs() < 0.04, "{size} {spread}");
    }
}

//! How strongly a region of a participant follows what was planted, and words as such.

use super::SignalSettings;
use super::random::lognormal;
use crate::statistics::{Purpose, stream};

/// Deviations of the planted signal, and of the response to words relative to it.
pub(super) struct Strength {
    pub signal: f64,
    pub rate: f64,
}

impl Strength {
    pub(super) fn of(seed: u64, settings: &SignalSettings, participant: u32, region: usize) -> Self {
        // Draws that do not collide with those of regions, which count from 0.
        let draw = u64::MAX - region as u64;
        let spread = settings.strength_spread;
        let mut everybody = stream(seed, Purpose::SimulatedRegion, 0, draw);
        let mut own = stream(seed, Purpose::SimulatedRegion, participant + 1, u64::MAX / 2);
        let signal = settings.strength * lognormal(&mut everybody, spread) * lognormal(&mut own, spread);
        Self { signal, rate: settings.word_rate * lognormal(&mut everybody, 0.5) }
    }
}

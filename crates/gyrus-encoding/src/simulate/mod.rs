//! Cohorts with a known truth: people whose regions follow planted layers, with the noise that scanners and bodies make.
//!
//! [`scan`] makes whole runs of volumes of them; what drives a region, and what a body adds, is in the modules beside it.
//! Everything is a pure function of words, word vectors, settings and a seed.

mod drive;
mod haemodynamics;
mod motion;
mod physiology;
mod planted;
pub(crate) mod random;
pub mod scan;
mod slow_drift;
mod speech;
mod strength;

pub use haemodynamics::Haemodynamics;
pub use motion::{Motion, framewise_displacement};
pub use physiology::{breath_shape, pulse_shape};
pub use planted::{Gradient, PlantedDepth, PlantedMap};
pub use speech::{Pace, word_times};

/// Strength and spread of what the story drives. Deviations are relative to noise of unit variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignalSettings {
    /// Deviation of the planted signal in a typical region: s.
    pub strength: f64,
    /// Deviation of log s over regions, and again over participants.
    pub strength_spread: f64,
    /// Deviation of the response to words as such relative to the planted signal, in a typical region: ρ.
    pub word_rate: f64,
    /// Principal components of a layer that a target reads, all with the same variance.
    pub components: usize,
    /// Share of the variance of a target's readout that is a participant's own, 0 to 1.
    pub individuality: f64,
}

impl Default for SignalSettings {
    fn default() -> Self {
        Self { strength: 1.0, strength_spread: 0.25, word_rate: 0.4, components: 24, individuality: 0.2 }
    }
}

//! Cohorts with a known truth: people whose regions follow planted layers, with the noise that scanners and bodies make.
//!
//! The response of target v of region g in participant p at sample time t is, in per cent of its mean,
//!
//!   y(t) = s · (x(t) + ρ u(t)) + n(t) + a · pulse(t) + b · breath(t) + Σ_j c_j m_j(t) − d · fd(t) + drift(t)
//!
//! with x the planted signal ([`drive`](SignalSettings)), u the response to words as such, both with unit variance,
//! n autoregressive noise with unit variance that is partly shared by a region, m the six motion parameters and
//! fd framewise displacement. Everything is a pure function of words, word vectors and [`Cohort`].

mod drive;
mod haemodynamics;
mod motion;
mod noise;
mod participant;
mod physiology;
mod planted;
mod random;
pub mod scan;
mod speech;

pub use haemodynamics::Haemodynamics;
pub use motion::{Motion, framewise_displacement};
pub use participant::{CONFOUND_NAMES, SimulatedRecording, simulate_participant};
pub use physiology::{breath_shape, pulse_shape};
pub use planted::{Gradient, PlantedDepth, PlantedMap};
pub use speech::{Pace, word_times};

use gyrus_core::Sampling;

/// Who is simulated, and how well the scanner sees them.
#[derive(Debug, Clone, PartialEq)]
pub struct Cohort {
    /// When volumes are acquired, on the clock of the stimulus.
    pub sampling: Sampling,
    /// The region of each target, an index into [`PlantedMap::depths`].
    pub region_of_target: Vec<usize>,
    /// How strong signals are.
    pub signal: SignalSettings,
    /// How strong noise is.
    pub noise: NoiseSettings,
    /// Every random stream starts here.
    pub seed: u64,
}

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

/// Strength of noise, as deviations relative to the autoregressive noise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NoiseSettings {
    /// Correlation of neighbouring samples.
    pub autocorrelation: f64,
    /// Share of the variance that all targets of a region have in common, 0 to 1.
    pub shared_by_region: f64,
    /// Slow drift.
    pub drift: f64,
    /// Heartbeat.
    pub heartbeat: f64,
    /// Breathing.
    pub breathing: f64,
    /// Motion, linear in the six parameters.
    pub motion: f64,
    /// Signal lost per millimetre of framewise displacement.
    pub lost_per_millimetre: f64,
}

impl Default for SignalSettings {
    fn default() -> Self {
        Self { strength: 1.0, strength_spread: 0.25, word_rate: 0.4, components: 24, individuality: 0.2 }
    }
}

impl Default for NoiseSettings {
    fn default() -> Self {
        Self {
            autocorrelation: 0.4,
            shared_by_region: 0.3,
            drift: 1.0,
            heartbeat: 0.5,
            breathing: 0.4,
            motion: 0.5,
            lost_per_millimetre: 1.0,
        }
    }
}

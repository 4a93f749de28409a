//! Runs of a scanner: a head full of targets whose cortex follows planted layers, with the noise of bodies and scanners.
//!
//! The value of target v of participant p at volume t of a run is
//!
//!   y(v, t) = M(v) · (1 + w(t)) · (1 + 0.01 · (s(v, t) + n(v, t) + a(v) c(t_z) + b(v) r(t) + q(v)ᵀ m(t) − l(v) (fd(t) + cough(t)) + d(v)ᵀ f(t)))
//!
//! with M the brightness of the tissue, w the saturation of the first volumes, s what follows the story, n noise, c
//! heartbeat at the moment t_z at which the slice of the target is acquired, r breathing, m the six motion parameters, fd
//! framewise displacement and f slow drift. `docs/methods/simulated_volumes.md` gives every term. All of it is a pure
//! function of the settings; random streams are keyed by seed, purpose, participant and run, and volume.

mod belt;
mod components;
mod cycles;
mod field;
mod follow;
mod head;
mod listener;
mod run;

pub use belt::{Recorded, recorded};
pub use components::{PrincipalSeries, principal_series};
pub use cycles::Cycles;
pub use head::{Head, Lattice, Place, Tissue};
pub use listener::Listener;
pub use run::{MARGIN, ScannedRun};

use gyrus_core::{RepetitionTime, Word};
use ndarray::Array2;

use super::{PlantedMap, SignalSettings};

/// Everything that participants have in common.
#[derive(Debug, Clone)]
pub struct Experiment {
    /// Where the targets lie.
    pub head: Head,
    /// Where the areas of [`Experiment::map`] lie, as directions from the middle of the head.
    pub areas: Vec<[f64; 3]>,
    /// What drives each area.
    pub map: PlantedMap,
    /// What is heard in each run.
    pub parts: Vec<Part>,
    /// How volumes are acquired.
    pub acquisition: Acquisition,
    /// How strong the signal is.
    pub signal: SignalSettings,
    /// How strong noise is.
    pub noise: ScanNoise,
    /// Every random stream starts here.
    pub seed: u64,
}

/// What is heard in one run.
#[derive(Debug, Clone)]
pub struct Part {
    /// Words on the clock of the story.
    pub words: Vec<Word>,
    /// Word vectors of every layer from 0, each of shape (n_words, n_units).
    pub layers: Vec<Array2<f32>>,
    /// Seconds from the start of the first volume to time 0 of the story.
    pub onset: f64,
    /// Number of volumes.
    pub volumes: usize,
}

/// How volumes are acquired.
#[derive(Debug, Clone, PartialEq)]
pub struct Acquisition {
    /// Time between volumes.
    pub interval: RepetitionTime,
    /// When each slice (third axis) is acquired, in seconds from the start of its volume.
    pub slices: Vec<f64>,
    /// The moment, in seconds from the start of a volume, that its values stand for after slice timing correction.
    pub reference: f64,
}

/// Strength of noise in per cent of the brightness of a target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScanNoise {
    /// Deviation of noise, smooth and thermal together, in grey matter.
    pub deviation: f64,
    /// Share of the variance that is thermal: independent of neighbours in space and time.
    pub thermal: f64,
    /// Correlation of neighbouring volumes in the smooth part.
    pub autocorrelation: f64,
    /// Full width at half maximum of the smooth part in mm.
    pub smoothness: f64,
    /// Slow drift.
    pub drift: f64,
    /// Heartbeat.
    pub heartbeat: f64,
    /// Breathing.
    pub breathing: f64,
    /// Share of a head's displacement that is left after realignment.
    pub unaligned: f64,
    /// Signal lost per millimetre of framewise displacement.
    pub lost_per_millimetre: f64,
    /// Signal lost in a volume with a cough, beyond its displacement.
    pub cough: f64,
    /// How far areas of a participant lie from where the atlas has them: deviation per axis in mm.
    pub topography: f64,
    /// Share by which the first volume is brighter than the steady state.
    pub saturation: f64,
}

impl Default for ScanNoise {
    fn default() -> Self {
        Self {
            deviation: 1.0,
            thermal: 0.4,
            autocorrelation: 0.4,
            smoothness: 6.0,
            drift: 1.0,
            heartbeat: 0.5,
            breathing: 0.4,
            unaligned: 0.1,
            lost_per_millimetre: 0.6,
            cough: 1.5,
            topography: 3.0,
            saturation: 0.2,
        }
    }
}

/// Number of the streams of one run of one participant. Run 0 is not a run: it is the participant.
fn unit(participant: u32, run: usize) -> u32 {
    participant * 4096 + run as u32 + 1
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn no_two_runs_of_any_two_people_share_a_number() {
        let all: BTreeSet<u32> =
            (0..300).flat_map(|person| (0..100).map(move |run| super::unit(person, run))).collect();
        assert_eq!(all.len(), 30_000);
    }
}

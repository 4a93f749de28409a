//! Random streams keyed by seed, purpose, unit and draw, and never by target: one draw is the same for all targets.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// What a stream of random numbers is for. Two purposes never share a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Purpose {
    /// Signs of participants.
    SignFlip = 0x51_6e_00_01,
    /// Participants drawn with replacement.
    Participants = 0x51_6e_00_02,
    /// Blocks of the stimulus drawn with replacement.
    StimulusBlocks = 0x51_6e_00_03,
    /// Participants divided into halves.
    Halves = 0x51_6e_00_04,
    /// Order of regions.
    Regions = 0x51_6e_00_05,
    /// Participants drawn for the extrapolation of a ceiling.
    Extrapolation = 0x51_6e_00_06,
    /// Mixtures of bands that a search draws.
    Mixtures = 0x51_6e_00_07,
    /// Order in which people are given what others scored.
    OrderOfPeople = 0x51_6e_00_08,
    /// Mean squares of a pilot study, drawn for the uncertainty of what they predict.
    PowerUncertainty = 0x51_6e_00_09,
    /// What a simulated target reads from a layer: everybody's share (draw = target).
    SimulatedReadout = 0x51_6e_01_01,
    /// What a simulated target reads from a layer: one participant's share (unit = participant, draw = target).
    SimulatedIndividuality = 0x51_6e_01_02,
    /// Simulated haemodynamics and signal of a region (draw = region) in one participant (unit, from 1) or in all (0).
    SimulatedRegion = 0x51_6e_01_03,
    /// Simulated heartbeat and breathing of a participant.
    SimulatedPhysiology = 0x51_6e_01_04,
    /// Simulated motion, spikes and coughs of a participant.
    SimulatedMotion = 0x51_6e_01_05,
    /// Simulated noise of a target (draw) of a participant (unit).
    SimulatedNoise = 0x51_6e_01_06,
    /// Simulated noise that a region (draw) of a participant (unit) shares.
    SimulatedRegionNoise = 0x51_6e_01_07,
    /// Simulated times of words.
    SimulatedSpeech = 0x51_6e_01_08,
}

/// The random stream of one draw. `unit` numbers the participant or run it belongs to (0 where it is
/// everybody's), `draw` the permutation or bootstrap sample.
#[must_use]
pub fn stream(seed: u64, purpose: Purpose, unit: u32, draw: u64) -> ChaCha8Rng {
    let mut key = [0_u8; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..12].copy_from_slice(&(purpose as u32).to_le_bytes());
    key[12..16].copy_from_slice(&unit.to_le_bytes());
    key[16..24].copy_from_slice(&draw.to_le_bytes());
    ChaCha8Rng::from_seed(key)
}

/// A whole number below `bound`, each equally likely. 0 if `bound` is 0.
pub(crate) fn below(random: &mut ChaCha8Rng, bound: usize) -> usize {
    use rand_chacha::rand_core::Rng;
    if bound == 0 {
        return 0;
    }
    let bound = bound as u64;
    let fair = u64::MAX - u64::MAX % bound;
    loop {
        let drawn = random.next_u64();
        if drawn < fair {
            return (drawn % bound) as usize;
        }
    }
}

/// A random order of 0..`count` (Fisher and Yates).
pub(crate) fn shuffled(random: &mut ChaCha8Rng, count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        order.swap(last, below(random, last + 1));
    }
    order
}

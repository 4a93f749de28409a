//! One simulated recording: what the story drives, and everything that is in the way.

use gyrus_core::{Activations, Word};
use ndarray::Array2;

use super::drive::{Convolution, readout, whitened};
use super::haemodynamics::Haemodynamics;
use super::motion::{Motion, framewise_displacement};
use super::noise::{autoregressive, drift};
use super::physiology::Physiology;
use super::planted::PlantedMap;
use super::random::{lognormal, normal, standardised};
use super::{Cohort, NoiseSettings, SignalSettings};
use crate::EncodingError;
use crate::statistics::{Purpose, stream};

/// Names of the confounds, as fMRIPrep spells them.
pub const CONFOUND_NAMES: [&str; 9] = [
    "trans_x",
    "trans_y",
    "trans_z",
    "rot_x",
    "rot_y",
    "rot_z",
    "csf",
    "white_matter",
    "framewise_displacement",
];

/// What a scanner would have delivered for one participant.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedRecording {
    /// Shape (n_samples, n_targets): about 1000, with deviations of a few per cent.
    pub responses: Array2<f64>,
    /// Shape (n_samples, 9), columns as [`CONFOUND_NAMES`]; the first framewise displacement is NaN.
    pub confounds: Array2<f64>,
}

/// The mean of a response; one unit of the model is one per cent of it.
const MEAN: f64 = 1000.0;

/// Simulates participant number `participant` (from 0) of a cohort that hears `words`.
///
/// `layers` holds the word vectors of every layer that the map names. See [the module](super) for the model.
///
/// # Errors
/// - [`EncodingError::WordMismatch`] if a layer has not one vector per word,
/// - [`EncodingError::NoLayer`] if the map names a layer that is not there,
/// - [`EncodingError::Decomposition`] if word vectors hold NaN or infinity.
pub fn simulate_participant(
    words: &[Word],
    layers: &[Activations],
    cohort: &Cohort,
    map: &PlantedMap,
    participant: u32,
) -> Result<SimulatedRecording, EncodingError> {
    let sampling = &cohort.sampling;
    let body = Body::new(cohort, participant);
    let mut responses = Array2::zeros((sampling.count, cohort.region_of_target.len()));
    let components = Components::new(words, layers, cohort, map)?;
    for region in 0..map.depths.len() {
        let haemodynamics = Haemodynamics::of(cohort.seed, participant, region);
        let convolution = Convolution::new(words, sampling, &haemodynamics);
        let follows = Follows { components: components.of(map, region)?, convolution: &convolution };
        for target in (0..cohort.region_of_target.len()).filter(|t| cohort.region_of_target[*t] == region) {
            let signal = follows.signal(cohort, (participant, region), target);
            let noise = body.noise(cohort, (participant, region), target);
            for (sample, cell) in responses.column_mut(target).iter_mut().enumerate() {
                *cell = MEAN * (1.0 + 0.01 * (signal[sample] + noise[sample]));
            }
        }
    }
    Ok(SimulatedRecording { responses, confounds: body.confounds(cohort, participant) })
}

/// Whitened components of the layers that drive something.
struct Components {
    layers: Vec<(usize, Array2<f64>)>,
}

impl Components {
    fn new(
        words: &[Word],
        layers: &[Activations],
        cohort: &Cohort,
        map: &PlantedMap,
    ) -> Result<Self, EncodingError> {
        let mut wanted: Vec<usize> =
            (0..map.depths.len()).filter_map(|region| map.layer(region)).map(|layer| layer.0).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let find = |wanted: usize| {
            let layer = layers.iter().find(|layer| layer.layer.0 == wanted);
            let layer = layer.ok_or(EncodingError::NoLayer { layer: wanted })?;
            let vectors = layer.values.nrows();
            if vectors != words.len() {
                return Err(EncodingError::WordMismatch { vectors, words: words.len() });
            }
            Ok((wanted, whitened(layer.values.view(), cohort.signal.components)?))
        };
        Ok(Self { layers: wanted.into_iter().map(find).collect::<Result<_, _>>()? })
    }

    /// Those that drive a region; None in a region without effect.
    fn of(&self, map: &PlantedMap, region: usize) -> Result<Option<&Array2<f64>>, EncodingError> {
        let Some(layer) = map.layer(region) else { return Ok(None) };
        let found = self.layers.iter().find(|(known, _)| *known == layer.0);
        found.map(|(_, components)| Some(components)).ok_or(EncodingError::NoLayer { layer: layer.0 })
    }
}

/// What a region of a participant follows, and through which haemodynamics.
struct Follows<'a> {
    components: Option<&'a Array2<f64>>,
    convolution: &'a Convolution,
}

impl Follows<'_> {
    /// s · (x + ρ u), all zero in a region without effect.
    fn signal(&self, cohort: &Cohort, (participant, region): (u32, usize), target: usize) -> Vec<f64> {
        let Some(components) = self.components else { return vec![0.0; cohort.sampling.count] };
        let weights = readout(&cohort.signal, cohort.seed, (participant, target), components.ncols());
        let drive: Vec<f64> = components
            .rows()
            .into_iter()
            .map(|row| row.iter().zip(&weights).map(|(value, weight)| value * weight).sum())
            .collect();
        let planted = standardised(&self.convolution.apply(&drive));
        let rate = standardised(&self.convolution.apply(&vec![1.0; drive.len()]));
        let Strength { signal, rate: share } = Strength::of(cohort.seed, &cohort.signal, participant, region);
        planted.iter().zip(&rate).map(|(planted, rate)| signal * (planted + share * rate)).collect()
    }
}

/// How strongly a region of a participant follows.
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

/// What a participant's body does to every target.
struct Body {
    physiology: Physiology,
    motion: Motion,
    displacement: Vec<f64>,
}

impl Body {
    fn new(cohort: &Cohort, participant: u32) -> Self {
        let sampling = &cohort.sampling;
        let times: Vec<f64> = sampling.times().collect();
        let motion = Motion::new(cohort.seed, participant, sampling.count, sampling.interval.get());
        let displacement = framewise_displacement(&motion.parameters);
        Self { physiology: Physiology::new(cohort.seed, participant, &times), motion, displacement }
    }

    fn noise(&self, cohort: &Cohort, (participant, region): (u32, usize), target: usize) -> Vec<f64> {
        let NoiseSettings { autocorrelation, shared_by_region, heartbeat, breathing, .. } = cohort.noise;
        let samples = cohort.sampling.count;
        let mut own = stream(cohort.seed, Purpose::SimulatedNoise, participant, target as u64);
        let mut regional = stream(cohort.seed, Purpose::SimulatedRegionNoise, participant, region as u64);
        let own_noise = autoregressive(&mut own, samples, autocorrelation);
        let regional_noise = autoregressive(&mut regional, samples, autocorrelation);
        let drift = drift(&mut own, samples, cohort.sampling.interval.get());
        let (heart, breath) = (heartbeat * lognormal(&mut own, 0.5), breathing * lognormal(&mut own, 0.5));
        let loads: [f64; 6] = std::array::from_fn(|axis| {
            let scale = if axis < 3 { 1.0 } else { 50.0 };
            cohort.noise.motion * scale * normal(&mut own)
        });
        let at = |sample: usize| {
            let moved: f64 =
                self.motion.parameters[sample].iter().zip(&loads).map(|(value, load)| value * load).sum();
            libm::sqrt(1.0 - shared_by_region) * own_noise[sample]
                + libm::sqrt(shared_by_region) * regional_noise[sample]
                + heart * self.physiology.heart[sample]
                + breath * self.physiology.breath[sample]
                + moved
                - cohort.noise.lost_per_millimetre * self.displacement[sample]
                + cohort.noise.drift * drift[sample]
        };
        (0..samples).map(at).collect()
    }

    /// Motion as a realignment would report it (0.01 mm of error), and two tissue signals that hear the body through noise.
    fn confounds(&self, cohort: &Cohort, participant: u32) -> Array2<f64> {
        let samples = cohort.sampling.count;
        let mut random = stream(cohort.seed, Purpose::SimulatedMotion, participant, 1);
        let tissue: Vec<Vec<f64>> = [(0.7, 0.3), (0.4, 0.5)]
            .iter()
            .map(|(heart, breath)| {
                let noise = autoregressive(&mut random, samples, 0.5);
                let body = |sample: usize| {
                    heart * self.physiology.heart[sample] + breath * self.physiology.breath[sample]
                        - 0.5 * self.displacement[sample]
                };
                (0..samples)
                    .map(|sample| MEAN * (1.0 + 0.01 * (body(sample) + 0.4 * noise[sample])))
                    .collect()
            })
            .collect();
        let mut confounds = Array2::zeros((samples, CONFOUND_NAMES.len()));
        for sample in 0..samples {
            for (axis, value) in self.motion.parameters[sample].iter().enumerate() {
                let error = if axis < 3 { 0.01 } else { 0.01 / 50.0 };
                confounds[(sample, axis)] = value + error * normal(&mut random);
            }
            confounds[(sample, 6)] = tissue[0][sample];
            confounds[(sample, 7)] = tissue[1][sample];
            confounds[(sample, 8)] = if sample == 0 { f64::NAN } else { self.displacement[sample] };
        }
        confounds
    }
}

//! One run of one participant, volume by volume.

use ndarray::{Array2, ArrayView1};

use super::field::{Fields, normals};
use super::listener::{DRIFTS, Listener, Loads};
use super::{Cycles, Experiment, unit};
use crate::EncodingError;
use crate::backend::Backend;
use crate::simulate::motion::{Motion, framewise_displacement};
use crate::simulate::random::{normal, uniform};
use crate::simulate::slow_drift::drift;
use crate::statistics::{Purpose, stream};

/// Seconds before the first and after the last volume over which a body is followed.
pub const MARGIN: f64 = 20.0;

/// What a scanner delivers, and what happened meanwhile.
#[derive(Debug, Clone)]
pub struct ScannedRun {
    /// Shape (n_volumes, n_targets of the head), brightness.
    pub values: Array2<f32>,
    /// The six motion parameters as a realignment reports them, with an error of 0.005 mm and 0.005 mm / 50 mm; the first
    /// is all 0, for volumes are aligned to it.
    pub reported_motion: Vec<[f64; 6]>,
    /// What the head really did.
    pub motion: Motion,
    /// The heart.
    pub heart: Cycles,
    /// The chest, coughs left aside.
    pub breath: Cycles,
    /// Moments of coughs in seconds from the first volume.
    pub coughs: Vec<f64>,
}

impl Listener {
    /// Scans run number `run` (from 0).
    ///
    /// # Errors
    /// - none at present: it is that of the pool.
    pub fn scan(
        &self,
        experiment: &Experiment,
        run: usize,
        backend: &Backend,
    ) -> Result<ScannedRun, EncodingError> {
        let body = Body::new(experiment, self.participant, run);
        let smooth = self.smooth_noise(experiment, run, backend)?;
        let thermal_share = experiment.noise.thermal;
        let shares = [1.0 - thermal_share, thermal_share].map(|share| libm::sqrt(share) as f32);
        let volume = |volume: usize| -> Result<Vec<f32>, EncodingError> {
            let stream_of = unit(self.participant, run + 1);
            let mut random = stream(experiment.seed, Purpose::SimulatedNoise, stream_of, volume as u64);
            let thermal = normals(&mut random, self.loads.len());
            let moment = body.moment(volume);
            let value = |target: usize| {
                let loads = &self.loads[target];
                let noise = shares[0] * smooth[(volume, target)] + shares[1] * thermal[target];
                let slice = experiment.head.lattice.slice(experiment.head.places[target].index);
                let changed = self.signal(target, run, volume)
                    + loads.noise * noise
                    + loads.heart * moment.heart[slice]
                    + moment.reaches(loads);
                loads.brightness * (1.0 + loads.saturation * moment.saturation) * (1.0 + 0.01 * changed)
            };
            Ok((0..self.loads.len()).map(value).collect())
        };
        let rows = backend.map(experiment.parts[run].volumes, volume)?;
        let shape = (rows.len(), self.loads.len());
        let values = Array2::from_shape_vec(shape, rows.concat())
            .map_err(|_| EncodingError::SampleMismatch { found: 0, expected: shape.0 })?;
        Ok(body.into_run(values))
    }

    /// What follows the story, in per cent.
    fn signal(&self, target: usize, run: usize, volume: usize) -> f32 {
        let weights = &self.weights[target];
        let follows = self.areas[target].and_then(|area| self.follows[area].as_ref());
        let Some(follows) = follows else { return 0.0 };
        let heard: ArrayView1<'_, f32> = follows.runs[run].row(volume);
        heard.iter().zip(weights).map(|(value, weight)| value * weight).sum()
    }

    /// n(t) = ρ n(t − 1) + √(1 − ρ²) e(t) with e a smooth field of variance 1, one per volume.
    fn smooth_noise(
        &self,
        experiment: &Experiment,
        run: usize,
        backend: &Backend,
    ) -> Result<Array2<f32>, EncodingError> {
        let fields = Fields::new(&experiment.head.lattice, experiment.noise.smoothness);
        let stream_of = unit(self.participant, run + 1);
        let volumes = experiment.parts[run].volumes;
        let rows = backend.map(volumes, |volume| -> Result<Vec<f32>, EncodingError> {
            let mut random = stream(experiment.seed, Purpose::SimulatedRegionNoise, stream_of, volume as u64);
            let field = fields.draw(&mut random);
            Ok(experiment.head.places.iter().map(|place| field[place.index]).collect())
        })?;
        let mut values = Array2::from_shape_vec((volumes, self.loads.len()), rows.concat())
            .map_err(|_| EncodingError::SampleMismatch { found: 0, expected: volumes })?;
        let correlation = experiment.noise.autocorrelation as f32;
        let step = (1.0 - correlation * correlation).sqrt();
        for volume in 1..volumes {
            let (before, mut now) =
                values.multi_slice_mut((ndarray::s![volume - 1, ..], ndarray::s![volume, ..]));
            now.zip_mut_with(&before, |now, before| *now = correlation * before + step * *now);
        }
        Ok(values)
    }
}

/// What happens to the whole head in one run.
struct Body {
    motion: Motion,
    reported: Vec<[f64; 6]>,
    displacement: Vec<f64>,
    heart: Cycles,
    breath: Cycles,
    coughs: Vec<f64>,
    drifts: Vec<Vec<f64>>,
    interval: f64,
    slices: Vec<f64>,
    reference: f64,
}

/// What happens to the whole head in one volume.
struct Moment {
    heart: Vec<f32>,
    breath: f32,
    motion: [f32; 6],
    displacement: f32,
    cough: f32,
    drift: [f32; DRIFTS],
    saturation: f32,
}

impl Body {
    fn new(experiment: &Experiment, participant: u32, run: usize) -> Self {
        let (seed, volumes) = (experiment.seed, experiment.parts[run].volumes);
        let interval = experiment.acquisition.interval.get();
        let motion = Motion::in_run(seed, (participant, run as u64 + 1), volumes, interval);
        let span = (-MARGIN, volumes as f64 * interval + MARGIN);
        let [heart, breath] = Cycles::of(seed, (participant, run), span);
        let mut random = stream(seed, Purpose::SimulatedMotion, unit(participant, run + 1), 0);
        let first = motion.parameters.first().copied().unwrap_or_default();
        let mut report = |(volume, parameters): (usize, &[f64; 6])| {
            std::array::from_fn(|axis| {
                let error = if axis < 3 { 0.005 } else { 0.005 / 50.0 } * normal(&mut random);
                if volume == 0 { 0.0 } else { parameters[axis] - first[axis] + error }
            })
        };
        let reported = motion.parameters.iter().enumerate().map(&mut report).collect();
        let coughing = motion.coughs.iter().enumerate().filter(|(_, cough)| **cough);
        let coughs = coughing.map(|(volume, _)| (volume as f64 + uniform(&mut random)) * interval).collect();
        Self {
            displacement: framewise_displacement(&motion.parameters),
            drifts: (0..DRIFTS).map(|_| drift(&mut random, volumes, interval)).collect(),
            motion,
            reported,
            heart,
            breath,
            coughs,
            interval,
            slices: experiment.acquisition.slices.clone(),
            reference: experiment.acquisition.reference,
        }
    }

    fn moment(&self, volume: usize) -> Moment {
        let start = volume as f64 * self.interval;
        let first = &self.motion.parameters[0];
        let now = &self.motion.parameters[volume];
        Moment {
            heart: self.slices.iter().map(|slice| self.heart.at(start + slice) as f32).collect(),
            breath: self.breath.at(start + self.reference) as f32,
            motion: std::array::from_fn(|axis| (now[axis] - first[axis]) as f32),
            displacement: self.displacement[volume] as f32,
            cough: f32::from(u8::from(self.motion.coughs[volume])),
            drift: std::array::from_fn(|one| self.drifts[one][volume] as f32),
            saturation: libm::exp(-1.4 * volume as f64) as f32,
        }
    }

    fn into_run(self, values: Array2<f32>) -> ScannedRun {
        ScannedRun {
            values,
            reported_motion: self.reported,
            motion: self.motion,
            heart: self.heart,
            breath: self.breath,
            coughs: self.coughs,
        }
    }
}

impl Moment {
    /// What breath, motion and drift do to a target, in per cent.
    fn reaches(&self, loads: &Loads) -> f32 {
        let along = |loads: &[f32], values: &[f32]| -> f32 {
            loads.iter().zip(values).map(|(load, value)| load * value).sum()
        };
        loads.breath * self.breath + along(&loads.motion, &self.motion) + along(&loads.drift, &self.drift)
            - loads.lost * self.displacement
            - loads.cough * self.cough
    }
}

//! One participant: where areas lie, what each target reads from the story, and how body, motion and drift reach it.

use super::field::Fields;
use super::follow::{Drives, Follows};
use super::head::{Place, Tissue};
use super::{Experiment, unit};
use crate::EncodingError;
use crate::backend::Backend;
use crate::simulate::random::normal;
use crate::simulate::strength::Strength;
use crate::statistics::{Purpose, stream};

/// Width of the fields that say how much of something a target gets, in mm.
const LOAD_WIDTH: f64 = 14.0;
/// Functions of slow drift in a run.
pub(super) const DRIFTS: usize = 3;
/// Draws of [`Purpose::SimulatedReadout`] and [`Purpose::SimulatedIndividuality`] that are loads; components count from 0.
const LOADS: u64 = 1 << 32;

/// A participant of an experiment, before any run.
pub struct Listener {
    /// Number of the participant, from 0.
    pub participant: u32,
    /// The area of each target of the head, as this participant has it.
    pub areas: Vec<Option<usize>>,
    /// How strongly each area follows: deviation of its planted signal in per cent, and of its response to words as such.
    pub strengths: Vec<(f64, f64)>,
    pub(super) follows: Vec<Option<Follows>>,
    /// Per target, the weight of each column of [`Follows`]; empty where nothing is planted.
    pub(super) weights: Vec<Vec<f32>>,
    pub(super) loads: Vec<Loads>,
}

/// What reaches one target, in per cent of its brightness per unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Loads {
    pub brightness: f32,
    pub noise: f32,
    pub heart: f32,
    pub breath: f32,
    pub motion: [f32; 6],
    pub lost: f32,
    pub cough: f32,
    pub drift: [f32; DRIFTS],
    pub saturation: f32,
}

impl Listener {
    /// Participant number `participant` (from 0).
    ///
    /// # Errors
    /// - [`EncodingError::NoLayer`] if the map names a layer that is not there,
    /// - [`EncodingError::WordMismatch`] if a layer has not one vector per word,
    /// - [`EncodingError::Decomposition`] if word vectors hold NaN or infinity.
    pub fn new(experiment: &Experiment, participant: u32, backend: &Backend) -> Result<Self, EncodingError> {
        let areas = experiment.head.areas(&experiment.areas, &shifts(experiment, participant));
        let strength = |area: usize| {
            let found = Strength::of(experiment.seed, &experiment.signal, participant, area);
            (found.signal, found.signal * found.rate)
        };
        let strengths: Vec<(f64, f64)> = (0..experiment.areas.len()).map(strength).collect();
        let drives = Drives::new(experiment)?;
        let follows = backend
            .map(experiment.areas.len(), |area| Follows::new(experiment, &drives, participant, area))?;
        let readouts = readouts(experiment, participant, backend)?;
        let weight = |(target, area): (usize, &Option<usize>)| {
            let Some((area, follows)) = area.and_then(|area| Some((area, follows[area].as_ref()?))) else {
                return Vec::new();
            };
            let readout: Vec<f64> = readouts.iter().map(|field| f64::from(field[target])).collect();
            weights(&readout, follows, strengths[area])
        };
        let weights = areas.iter().enumerate().map(weight).collect();
        let loads = loads(experiment, participant, backend)?;
        Ok(Self { participant, areas, strengths, follows, weights, loads })
    }
}

/// How far the areas of a participant lie from those of the atlas, in mm.
fn shifts(experiment: &Experiment, participant: u32) -> Vec<[f64; 3]> {
    let shift = |area: usize| {
        let draw = LOADS + area as u64;
        let mut random = stream(experiment.seed, Purpose::SimulatedRegion, participant + 1, draw);
        [(); 3].map(|()| experiment.noise.topography * normal(&mut random))
    };
    (0..experiment.areas.len()).map(shift).collect()
}

/// √(1 − ι) everybody's field + √ι the participant's own, one per component; values at the targets.
fn readouts(
    experiment: &Experiment,
    participant: u32,
    backend: &Backend,
) -> Result<Vec<Vec<f32>>, EncodingError> {
    let fields = Fields::new(&experiment.head.lattice, LOAD_WIDTH / 2.0);
    let own_share = experiment.signal.individuality;
    let (shared, private) = (libm::sqrt(1.0 - own_share) as f32, libm::sqrt(own_share) as f32);
    backend.map(experiment.signal.components, |component| {
        let draw = component as u64;
        let everybody = fields.draw(&mut stream(experiment.seed, Purpose::SimulatedReadout, 0, draw));
        let own = &mut stream(experiment.seed, Purpose::SimulatedIndividuality, participant, draw);
        let own = fields.draw(own);
        let at = |place: &Place| shared * everybody[place.index] + private * own[place.index];
        Ok(experiment.head.places.iter().map(at).collect())
    })
}

/// Readout times what makes the planted signal s · x with x of variance 1 over all runs, and the response to words ρ s · u.
fn weights(readout: &[f64], follows: &Follows, (signal, rate): (f64, f64)) -> Vec<f32> {
    let products = &follows.products;
    let used = products.nrows() - 1;
    let variance: f64 = (0..used)
        .map(|row| {
            let along: f64 = (0..used).map(|column| products[(row, column)] * readout[column]).sum();
            readout[row] * along
        })
        .sum();
    let inverse = |variance: f64| if variance > 0.0 { 1.0 / variance.sqrt() } else { 0.0 };
    let scale = signal * inverse(variance);
    let words = rate * inverse(products[(used, used)]);
    readout[..used].iter().map(|weight| (scale * weight) as f32).chain([words as f32]).collect()
}

fn loads(experiment: &Experiment, participant: u32, backend: &Backend) -> Result<Vec<Loads>, EncodingError> {
    let fields = Fields::new(&experiment.head.lattice, LOAD_WIDTH);
    let field = |draw: usize| -> Result<Vec<f32>, EncodingError> {
        let draw = LOADS + draw as u64;
        let mut random = stream(experiment.seed, Purpose::SimulatedIndividuality, unit(participant, 0), draw);
        Ok(fields.draw(&mut random))
    };
    let drawn = backend.map(3 + DRIFTS, field)?;
    let brightness = Brightness::new(experiment);
    let noise = experiment.noise;
    let load = |place: &Place| {
        let value = |draw: usize| f64::from(drawn[draw][place.index]);
        let spread = |draw: usize| libm::exp(0.5 * value(draw));
        let amount = Amounts::of(place.tissue);
        Loads {
            brightness: brightness.of(place.index),
            noise: (noise.deviation * amount.noise) as f32,
            heart: (noise.heartbeat * amount.heart * spread(0)) as f32,
            breath: (noise.breathing * spread(1)) as f32,
            motion: brightness
                .motion(place, experiment.head.lattice)
                .map(|load| (noise.unaligned * load) as f32),
            lost: (noise.lost_per_millimetre * spread(2)) as f32,
            cough: (noise.cough * spread(1)) as f32,
            drift: std::array::from_fn(|one| (noise.drift / (DRIFTS as f64).sqrt() * value(3 + one)) as f32),
            saturation: (noise.saturation * amount.saturation) as f32,
        }
    };
    Ok(experiment.head.places.iter().map(load).collect())
}

/// How much of each kind of noise a tissue has, relative to grey matter, and how bright it is.
struct Amounts {
    brightness: f64,
    noise: f64,
    heart: f64,
    saturation: f64,
}

impl Amounts {
    fn of(tissue: Tissue) -> Self {
        match tissue {
            Tissue::Grey => Self { brightness: 11_500.0, noise: 1.0, heart: 1.0, saturation: 1.0 },
            Tissue::White => Self { brightness: 10_000.0, noise: 0.7, heart: 0.4, saturation: 0.8 },
            Tissue::Fluid => Self { brightness: 14_500.0, noise: 1.3, heart: 2.5, saturation: 1.5 },
            Tissue::Scalp => Self { brightness: 3_500.0, noise: 3.0, heart: 1.0, saturation: 1.0 },
        }
    }
}

/// Brightness of every place of the lattice; 0 in bone and air.
struct Brightness {
    values: Vec<f32>,
    shape: [usize; 3],
}

impl Brightness {
    /// The brightness of the tissue, and a coil that sees what lies in front a tenth brighter than what lies in the middle.
    fn new(experiment: &Experiment) -> Self {
        let lattice = experiment.head.lattice;
        let mut values = vec![0.0; lattice.count()];
        for place in &experiment.head.places {
            let bias = 1.0 + 0.1 * place.arm()[1] / 88.0;
            values[place.index] = (Amounts::of(place.tissue).brightness * bias) as f32;
        }
        Self { values, shape: lattice.shape }
    }

    fn of(&self, index: usize) -> f32 {
        self.values[index]
    }

    /// −100 ∂ log M / ∂ (three translations in mm, three rotations in radians): the change in per cent of a target that
    /// sees what lay elsewhere, with M sampled to both sides along each axis.
    fn motion(&self, place: &Place, lattice: super::Lattice) -> [f64; 6] {
        let [x, y, _] = self.shape;
        let steps = [1, x, x * y];
        let at = |index: Option<usize>| {
            index.and_then(|index| self.values.get(index)).map_or(0.0, |value| f64::from(*value))
        };
        let own = at(Some(place.index));
        let slope: [f64; 3] = std::array::from_fn(|axis| {
            let after = at(place.index.checked_add(steps[axis]));
            let before = at(place.index.checked_sub(steps[axis]));
            -100.0 * (after - before) / (2.0 * lattice.spacing * own)
        });
        let [gx, gy, gz] = slope;
        let [rx, ry, rz] = place.arm();
        [gx, gy, gz, gz * ry - gy * rz, gx * rz - gz * rx, gy * rx - gx * ry]
    }
}

#[cfg(test)]
mod tests {
    use gyrus_core::{RepetitionTime, Seconds};

    use super::super::{Acquisition, Head, Lattice, ScanNoise};
    use super::*;
    use crate::simulate::{Haemodynamics, PlantedMap, SignalSettings};

    fn backend() -> Backend {
        crate::backend::on_one_thread()
    }

    fn experiment(head: Head, noise: ScanNoise, signal: SignalSettings) -> Experiment {
        let interval = RepetitionTime::new(Seconds::new(2.0).unwrap()).unwrap();
        Experiment {
            head,
            areas: vec![[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]],
            map: PlantedMap { depths: Vec::new() },
            parts: Vec::new(),
            acquisition: Acquisition { interval, slices: Vec::new(), reference: 0.0 },
            signal,
            noise,
            seed: 6,
        }
    }

    fn moments(pairs: impl Iterator<Item = (f64, f64)>) -> [f64; 5] {
        let (mut sums, mut count) = ([0.0; 5], 0.0);
        for (x, y) in pairs {
            for (sum, value) in sums.iter_mut().zip([x, y, x * x, y * y, x * y]) {
                *sum += value;
            }
            count += 1.0;
        }
        sums.map(|sum| sum / count)
    }

    #[test]
    fn areas_move_by_the_topography_and_not_with_haemodynamics() {
        let head = Head::new(Lattice { shape: [1; 3], spacing: 9.0, first: [0.0; 3] });
        let noise = ScanNoise { topography: 4.0, ..ScanNoise::default() };
        let experiment = experiment(head, noise, SignalSettings::default());
        for area in 0..2 {
            let peak = |person| Haemodynamics::of(6, person, area).peak - 5.0;
            for axis in 0..3 {
                let pairs = (0..2000).map(|person| (shifts(&experiment, person)[area][axis], peak(person)));
                let [mean, _, square, of_peak, both] = moments(pairs);
                assert!(mean.abs() < 0.4 && (square.sqrt() - 4.0).abs() < 0.2, "{mean} {square}");
                assert!(both.abs() < 0.1 * libm::sqrt(square * of_peak), "{area} {axis}: {both}");
            }
        }
        assert_eq!(shifts(&experiment, 0).len(), 2);
    }

    #[test]
    fn readouts_are_fields_of_seven_millimetres_that_people_share_in_part() {
        let lattice = Lattice { shape: [17, 17, 17], spacing: 3.0, first: [-24.0, -42.0, -14.0] };
        let signal = SignalSettings { components: 8, individuality: 0.36, ..SignalSettings::default() };
        let experiment = experiment(Head::new(lattice), ScanNoise::default(), signal);
        let [one, other] = [0, 1].map(|person| readouts(&experiment, person, &backend()).unwrap());
        assert_eq!((one.len(), one[0].len()), (8, experiment.head.places.len()));
        let value = |field: &Vec<f32>, target: usize| f64::from(field[target]);
        let targets = experiment.head.places.len();
        let people = one.iter().zip(&other);
        let people =
            people.flat_map(|(one, other)| (0..targets).map(|at| (value(one, at), value(other, at))));
        let [_, _, square, _, both] = moments(people);
        assert!((square - 1.0).abs() < 0.1 && (both / square - 0.64).abs() < 0.06, "{square} {both}");
        let places = &experiment.head.places;
        let next: Vec<usize> =
            (1..targets).filter(|at| places[*at].index == places[at - 1].index + 1).collect();
        let near = one.iter().flat_map(|one| next.iter().map(|at| (value(one, *at), value(one, at - 1))));
        let [_, _, square, _, both] = moments(near);
        // Two Gaussians of deviation σ = 7 mm / 2.3548 overlap as one of σ √2.
        let expected = libm::exp(-9.0 / 4.0 * (2.3548 / 7.0) * (2.3548 / 7.0));
        assert!((both / square - expected).abs() < 0.03, "{} {expected}", both / square);
    }

    #[test]
    fn drift_reaches_targets_by_fields_of_its_own() {
        let head = Head::new(Lattice::around_head(10.0));
        let noise = ScanNoise { drift: 3.0, ..ScanNoise::default() };
        let experiment = experiment(head, noise, SignalSettings::default());
        let loads = loads(&experiment, 2, &backend()).unwrap();
        let logarithm = |value: f32| libm::log(f64::from(value));
        let of = |load: &Loads, kind: usize| match kind {
            0..DRIFTS => f64::from(load.drift[kind]),
            3 => logarithm(load.breath),
            _ => logarithm(load.lost),
        };
        for one in 0..DRIFTS {
            for other in one + 1..5 {
                let pairs = loads.iter().map(|load| (of(load, one), of(load, other)));
                let [x, y, of_one, of_other, both] = moments(pairs);
                assert!((of_one / 3.0 - 1.0).abs() < 0.25, "a third of 3 x 3 each: {of_one}");
                let spread = libm::sqrt((of_one - x * x) * (of_other - y * y));
                assert!(((both - x * y) / spread).abs() < 0.2, "{one} {other}: {}", (both - x * y) / spread);
            }
        }
    }
}

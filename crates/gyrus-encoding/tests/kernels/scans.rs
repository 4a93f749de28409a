//! Simulated scans: every term of `docs/methods/simulated_volumes.md` alone, against its formula.

use gyrus_core::{LayerIndex, Word};
use gyrus_encoding::simulate::scan::{
    Acquisition, Experiment, Head, Lattice, Listener, Part, ScanNoise, ScannedRun, Tissue, recorded,
};
use gyrus_encoding::simulate::{
    Haemodynamics, PlantedDepth, PlantedMap, SignalSettings, framewise_displacement,
};
use ndarray::Array2;

use crate::simulate::{backend, sampling, word};

const INTERVAL: f64 = 1.5;
const REFERENCE: f64 = 0.63;

/// A head without any noise.
fn quiet() -> ScanNoise {
    ScanNoise {
        deviation: 0.0,
        thermal: 0.4,
        autocorrelation: 0.4,
        smoothness: 6.0,
        drift: 0.0,
        heartbeat: 0.0,
        breathing: 0.0,
        unaligned: 0.0,
        lost_per_millimetre: 0.0,
        cough: 0.0,
        topography: 0.0,
        saturation: 0.0,
    }
}

/// People who hear nothing, with one kind of noise.
fn silence(noise: ScanNoise, volumes: &[usize]) -> Experiment {
    let head = Head::new(Lattice::around_head(10.0));
    let slices = (0..head.lattice.shape[2]).map(|slice| 0.07 * slice as f64).collect();
    let part =
        |volumes: &usize| Part { words: Vec::new(), layers: Vec::new(), onset: 0.0, volumes: *volumes };
    Experiment {
        head,
        areas: vec![[1.0, 0.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]],
        map: PlantedMap { depths: vec![PlantedDepth::NoEffect; 3] },
        parts: volumes.iter().map(part).collect(),
        acquisition: Acquisition {
            interval: sampling(0.0, INTERVAL, 1).interval,
            slices,
            reference: REFERENCE,
        },
        signal: SignalSettings { components: 1, ..SignalSettings::default() },
        noise,
        seed: 4,
    }
}

/// The same with a story of two runs, whose layers of `units` units drive two of three areas.
fn story(units: usize, signal: SignalSettings) -> Experiment {
    let mut experiment = silence(quiet(), &[60, 50]);
    let layer = |depth| PlantedDepth::Layer(LayerIndex(depth));
    experiment.map = PlantedMap { depths: vec![layer(1), layer(2), PlantedDepth::NoEffect] };
    experiment.signal = signal;
    for (run, part) in experiment.parts.iter_mut().enumerate() {
        let onset = |index: usize| 1.3 * index as f64 + 0.2 * (index * index % 5) as f64;
        part.words = (0..45 - 8 * run).map(|index| word("a", onset(index), onset(index) + 0.3)).collect();
        part.onset = 3.25 + 1.5 * run as f64;
        let value = |layer: usize, index: usize, unit: usize| {
            ((index * index * (3 + layer + 2 * unit) + 5 * index * layer + 7 * run * unit) % 23) as f32
        };
        let vectors =
            |layer| Array2::from_shape_fn((part.words.len(), units), |(row, unit)| value(layer, row, unit));
        part.layers = (0..3).map(vectors).collect();
    }
    experiment
}

fn scan(experiment: &Experiment, person: u32, run: usize) -> ScannedRun {
    let backend = backend(2);
    Listener::new(experiment, person, &backend).unwrap().scan(experiment, run, &backend).unwrap()
}

/// Brightness in the steady state: of the tissue, a tenth more in front.
fn brightness(experiment: &Experiment) -> Vec<f64> {
    let of = |tissue| match tissue {
        Tissue::Grey => 11_500.0,
        Tissue::White => 10_000.0,
        Tissue::Fluid => 14_500.0,
        Tissue::Scalp => 3_500.0,
    };
    let places = experiment.head.places.iter();
    places.map(|place| of(place.tissue) * (1.0 + 0.1 * (place.position[1] + 18.0) / 88.0)).collect()
}

/// Volume by volume and target by target, the change of brightness in per cent.
fn changes(experiment: &Experiment, values: &Array2<f32>) -> Array2<f64> {
    let steady = brightness(experiment);
    Array2::from_shape_fn(values.dim(), |at| 100.0 * (f64::from(values[at]) / steady[at.1] - 1.0))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn deviation(values: &[f64]) -> f64 {
    let middle = mean(values);
    mean(&values.iter().map(|value| (value - middle) * (value - middle)).collect::<Vec<_>>()).sqrt()
}

#[test]
fn a_quiet_head_has_the_brightness_of_its_tissues_and_only_the_first_volumes_are_brighter() {
    let experiment = silence(ScanNoise { saturation: 0.3, ..quiet() }, &[6]);
    let values = scan(&experiment, 0, 0).values;
    assert_eq!(values.dim(), (6, experiment.head.places.len()));
    let more = |tissue| match tissue {
        Tissue::Grey | Tissue::Scalp => 1.0,
        Tissue::White => 0.8,
        Tissue::Fluid => 1.5,
    };
    let steady = brightness(&experiment);
    for ((volume, target), value) in values.indexed_iter() {
        let brighter = 0.3 * more(experiment.head.places[target].tissue) * (-1.4 * volume as f64).exp();
        let expected = steady[target] * (1.0 + brighter);
        assert!((f64::from(*value) / expected - 1.0).abs() < 1e-6, "{volume} {target}: {value} {expected}");
    }
}

/// What an area hears: z(w) h(t − onset), with mean 0 and variance 1 over both runs together.
fn heard(experiment: &Experiment, area: usize, z: &dyn Fn(usize, usize) -> f64) -> [Vec<f64>; 2] {
    let haemodynamics = Haemodynamics::of(experiment.seed, 0, area);
    let at = |run: usize, volume: usize| -> f64 {
        let part = &experiment.parts[run];
        let time = volume as f64 * INTERVAL + REFERENCE - part.onset;
        let since = |word: &Word| haemodynamics.response(time - word.onset.unwrap().get());
        part.words.iter().enumerate().map(|(index, word)| z(run, index) * since(word)).sum()
    };
    let raw = [0, 1]
        .map(|run| (0..experiment.parts[run].volumes).map(|volume| at(run, volume)).collect::<Vec<_>>());
    let (middle, scale) = (mean(&raw.concat()), deviation(&raw.concat()));
    raw.map(|run| run.iter().map(|value| (value - middle) / scale).collect())
}

#[test]
fn each_area_follows_its_own_layer_and_words_as_such_and_nothing_else_changes() {
    let signal = SignalSettings { components: 1, word_rate: 0.5, ..SignalSettings::default() };
    let experiment = story(1, signal);
    let backend = backend(2);
    let listener = Listener::new(&experiment, 0, &backend).unwrap();
    assert_eq!(listener.areas, experiment.head.areas(&experiment.areas, &[[0.0; 3]; 3]));
    let vector =
        |area: usize, run: usize, word: usize| f64::from(experiment.parts[run].layers[area + 1][(word, 0)]);
    let drive = |area: usize| {
        let words =
            |run: usize| (0..experiment.parts[run].words.len()).map(move |word| vector(area, run, word));
        let middle = mean(&words(0).chain(words(1)).collect::<Vec<_>>());
        heard(&experiment, area, &|run, word| vector(area, run, word) - middle)
    };
    let expected = [0, 1].map(|area| (drive(area), heard(&experiment, area, &|_, _| 1.0)));
    let runs = [0, 1].map(|run| listener.scan(&experiment, run, &backend).unwrap().values);
    let steady = brightness(&experiment);
    for (target, area) in listener.areas.iter().enumerate() {
        let area = area.filter(|area| *area < 2);
        let Some(area) = area else {
            assert!(runs.iter().all(|run| run.column(target).iter().all(|value| *value == run[(0, target)])));
            continue;
        };
        let ((layer, words), (size, rate)) = (&expected[area], listener.strengths[area]);
        let away = |sign: f64| {
            let of_run = |run: usize| {
                let found = runs[run].column(target).to_vec();
                let expected = |at: usize| sign * size * layer[run][at] + rate * words[run][at];
                let away =
                    |at: usize| (100.0 * (f64::from(found[at]) / steady[target] - 1.0) - expected(at)).abs();
                (0..found.len()).map(away).fold(0.0, f64::max)
            };
            of_run(0).max(of_run(1))
        };
        assert!(away(1.0).min(away(-1.0)) < 1e-3, "{target} {area}: {} {}", away(1.0), away(-1.0));
    }
    for area in 0..3 {
        assert!(listener.areas.iter().filter(|found| **found == Some(area)).count() > 3);
    }
}

#[test]
fn targets_read_a_layer_each_in_its_own_way_and_all_equally_strongly() {
    let signal = SignalSettings { components: 2, word_rate: 0.0, strength: 1.5, ..SignalSettings::default() };
    let experiment = story(3, signal);
    let backend = backend(2);
    let listener = Listener::new(&experiment, 1, &backend).unwrap();
    let runs = [0, 1].map(|run| listener.scan(&experiment, run, &backend).unwrap().values);
    let runs = runs.map(|values| changes(&experiment, &values));
    for area in 0..2 {
        let mine = (0..listener.areas.len()).filter(|target| listener.areas[*target] == Some(area));
        let courses: Vec<Vec<f64>> = mine
            .map(|target| [runs[0].column(target).to_vec(), runs[1].column(target).to_vec()].concat())
            .collect();
        let (size, rate) = listener.strengths[area];
        for course in &courses {
            assert!(
                (deviation(course) / size - 1.0).abs() < 1e-4 && mean(course).abs() < 1e-4 && rate == 0.0
            );
        }
        let product = |course: &Vec<f64>| course.iter().zip(&courses[0]).map(|(x, y)| x * y).sum::<f64>();
        let alike = |course: &Vec<f64>| (product(course) / product(&courses[0])).abs();
        let least = courses.iter().map(alike).fold(1.0, f64::min);
        assert!(least < 0.9, "two components are mixed differently: {least}");
    }
}

#[test]
fn words_without_times_drive_nothing() {
    let mut experiment = story(2, SignalSettings { components: 2, ..SignalSettings::default() });
    for part in &mut experiment.parts {
        part.words.iter_mut().for_each(|word| word.onset = None);
    }
    let found = changes(&experiment, &scan(&experiment, 0, 1).values);
    assert!(found.iter().all(|change| change.abs() < 1e-4));
}

/// Fits change = load · course target by target, checks that nothing is left, and that loads are log-normal about
/// `size` times what each tissue has, with a deviation of a half.
fn only_follows(
    experiment: &Experiment,
    scanned: &ScannedRun,
    course: impl Fn(usize, usize) -> f64,
    expected: impl Fn(Tissue) -> f64,
) {
    let found = changes(experiment, &scanned.values);
    let mut logarithms = Vec::new();
    for (target, column) in found.columns().into_iter().enumerate() {
        let courses: Vec<f64> = (0..column.len()).map(|volume| course(volume, target)).collect();
        let squares: f64 = courses.iter().map(|value| value * value).sum();
        let load = column.iter().zip(&courses).map(|(x, y)| x * y).sum::<f64>() / squares;
        for (change, course) in column.iter().zip(&courses) {
            assert!((change - load * course).abs() < 1e-3, "{target}: {change} {load} {course}");
        }
        logarithms.push((load / expected(experiment.head.places[target].tissue)).ln());
    }
    let (middle, spread) = (mean(&logarithms), deviation(&logarithms));
    assert!(middle.abs() < 0.1 && (spread - 0.5).abs() < 0.08, "{middle} {spread}");
    for tissue in [Tissue::Grey, Tissue::White, Tissue::Fluid, Tissue::Scalp] {
        let places = experiment.head.places.iter().zip(&logarithms);
        let of: Vec<f64> =
            places.filter(|(place, _)| place.tissue == tissue).map(|(_, load)| *load).collect();
        assert!(mean(&of).abs() < 0.2, "{tissue:?} {}", mean(&of));
    }
}

#[test]
fn a_heartbeat_reaches_each_slice_at_its_own_moment() {
    let experiment = silence(ScanNoise { heartbeat: 0.8, ..quiet() }, &[2, 20]);
    let scanned = scan(&experiment, 0, 1);
    let lattice = experiment.head.lattice;
    let course = |volume: usize, target: usize| {
        let slice = experiment.head.places[target].index / (lattice.shape[0] * lattice.shape[1]);
        scanned.heart.at(volume as f64 * INTERVAL + 0.07 * slice as f64)
    };
    only_follows(&experiment, &scanned, course, |tissue| match tissue {
        Tissue::Grey | Tissue::Scalp => 0.8,
        Tissue::White => 0.8 * 0.4,
        Tissue::Fluid => 0.8 * 2.5,
    });
}

#[test]
fn breath_comes_at_the_moment_that_a_volume_stands_for() {
    let experiment = silence(ScanNoise { breathing: 0.6, ..quiet() }, &[20]);
    let scanned = scan(&experiment, 1, 0);
    let course = |volume: usize, _| scanned.breath.at(volume as f64 * INTERVAL + REFERENCE);
    only_follows(&experiment, &scanned, course, |_| 0.6);
}

#[test]
fn signal_is_lost_where_heads_move_and_where_they_cough() {
    let experiment = silence(ScanNoise { lost_per_millimetre: 0.7, ..quiet() }, &[30]);
    let scanned = scan(&experiment, 0, 0);
    let displacement = framewise_displacement(&scanned.motion.parameters);
    only_follows(&experiment, &scanned, |volume, _| -displacement[volume], |_| 0.7);
    let experiment = silence(ScanNoise { cough: 2.0, ..quiet() }, &[90]);
    let scanned =
        (0..9).map(|person| scan(&experiment, person, 0)).find(|scanned| !scanned.coughs.is_empty());
    let scanned = scanned.unwrap();
    let coughs = |volume: usize, _| -f64::from(u8::from(scanned.motion.coughs[volume]));
    only_follows(&experiment, &scanned, coughs, |_| 2.0);
    let times = scanned.coughs.iter().map(|time| (time / INTERVAL) as usize);
    let flagged = (0..90).filter(|volume| scanned.motion.coughs[*volume]);
    assert!(times.eq(flagged), "each cough is in a volume that says so");
}

#[test]
fn what_motion_leaves_is_the_slope_of_brightness_along_the_displacement() {
    let experiment = silence(ScanNoise { unaligned: 0.5, ..quiet() }, &[12]);
    let scanned = scan(&experiment, 0, 0);
    let (lattice, places) = (experiment.head.lattice, &experiment.head.places);
    let mut image = vec![0.0; lattice.count()];
    places.iter().zip(brightness(&experiment)).for_each(|(place, value)| image[place.index] = value);
    let found = changes(&experiment, &scanned.values);
    let motion = &scanned.motion.parameters;
    let mut most = 0.0_f64;
    for ((volume, target), change) in found.indexed_iter() {
        let place = &places[target];
        let [tx, ty, tz, rx, ry, rz] = std::array::from_fn(|axis| motion[volume][axis] - motion[0][axis]);
        let [x, y, z] = [place.position[0], place.position[1] + 18.0, place.position[2] - 10.0];
        // A small rotation r moves what lies at a by r × a.
        let moved = [tx + ry * z - rz * y, ty + rz * x - rx * z, tz + rx * y - ry * x];
        let steps = [1, lattice.shape[0], lattice.shape[0] * lattice.shape[1]];
        let slope =
            |axis: usize| (image[place.index + steps[axis]] - image[place.index - steps[axis]]) / 20.0;
        let along: f64 = (0..3).map(|axis| slope(axis) * moved[axis]).sum();
        let expected = -100.0 * 0.5 * along / image[place.index];
        assert!((change - expected).abs() < 1e-3, "{volume} {target}: {change} {expected}");
        most = most.max(change.abs());
    }
    assert!(most > 0.1, "{most}");
    let reported = &scanned.reported_motion;
    assert_eq!((reported.len(), reported[0]), (12, [0.0; 6]));
    let errors = |volume: usize| (0..6).map(move |axis| (volume, axis));
    for (volume, axis) in (1..12).flat_map(errors) {
        let error = reported[volume][axis] - (motion[volume][axis] - motion[0][axis]);
        assert!(error != 0.0 && error.abs() < 0.03 / if axis < 3 { 1.0 } else { 50.0 }, "{axis}: {error}");
    }
}

#[test]
fn noise_has_the_size_of_its_tissue_the_share_that_is_thermal_and_the_width_asked_for() {
    let experiment = silence(ScanNoise { deviation: 2.0, smoothness: 20.0, ..quiet() }, &[40]);
    let mut found = changes(&experiment, &scan(&experiment, 0, 0).values);
    let places = &experiment.head.places;
    let amount = |tissue| match tissue {
        Tissue::Grey => 1.0,
        Tissue::White => 0.7,
        Tissue::Fluid => 1.3,
        Tissue::Scalp => 3.0,
    };
    for (mut column, place) in found.columns_mut().into_iter().zip(places) {
        column.mapv_inplace(|change| change / (2.0 * amount(place.tissue)));
    }
    for tissue in [Tissue::Grey, Tissue::White, Tissue::Fluid, Tissue::Scalp] {
        let of = found.columns().into_iter().zip(places).filter(|(_, place)| place.tissue == tissue);
        let values: Vec<f64> = of.flat_map(|(column, _)| column.to_vec()).collect();
        assert!((deviation(&values) - 1.0).abs() < 0.05, "{tissue:?}: {}", deviation(&values));
    }
    let next: Vec<usize> =
        (1..places.len()).filter(|at| places[*at].index == places[at - 1].index + 1).collect();
    let product = |later: usize, aside: usize| {
        let of = |volume: usize, at: usize| found[(volume, at)] * found[(volume + later, at - aside)];
        let all = next.iter().flat_map(|at| (0..39).map(move |volume| (volume, *at)));
        mean(&all.map(|(volume, at)| of(volume, at)).collect::<Vec<_>>())
    };
    // 0.6 is smooth: 0.4 of it stays until the next volume, and two Gaussians 10 mm apart overlap by e^(−10² / (4 σ²)).
    let beside = libm::exp(-100.0 / 4.0 * (2.3548 / 20.0) * (2.3548 / 20.0));
    for (later, aside, expected) in
        [(0, 0, 1.0), (1, 0, 0.6 * 0.4), (0, 1, 0.6 * beside), (1, 1, 0.6 * 0.4 * beside)]
    {
        let found = product(later, aside);
        assert!((found - expected).abs() < 0.04, "{later} {aside}: {found} {expected}");
    }
}

#[test]
fn no_two_runs_have_the_same_noise_and_threads_change_nothing() {
    let experiment = silence(ScanNoise { deviation: 1.0, ..quiet() }, &[3, 3, 3]);
    let all = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 2)];
    let found = all.map(|(person, run)| changes(&experiment, &scan(&experiment, person, run).values));
    for (index, one) in found.iter().enumerate() {
        let square = (one * one).mean().unwrap();
        for other in &found[..index] {
            let both = (one * other).mean().unwrap();
            assert!(both.abs() < 0.15 * square, "{index}: {both} {square}");
        }
    }
    let alone = backend(1);
    let again = Listener::new(&experiment, 2, &alone).unwrap().scan(&experiment, 2, &alone).unwrap();
    assert_eq!(again.values, scan(&experiment, 2, 2).values);
    let other = Experiment { seed: 5, ..experiment };
    assert_ne!(again.values, scan(&other, 2, 2).values);
}

#[test]
fn drift_is_three_courses_with_the_variance_asked_for() {
    let experiment = silence(ScanNoise { drift: 2.0, ..quiet() }, &[60]);
    let found = changes(&experiment, &scan(&experiment, 0, 0).values);
    let mut square = 0.0;
    for column in found.columns() {
        assert!(column.mean().unwrap().abs() < 1e-3, "drift has mean 0 over a run");
        square += column.iter().map(|change| change * change).sum::<f64>() / found.len() as f64;
    }
    assert!((square / 4.0 - 1.0).abs() < 0.15, "{square}");
    // Gram–Schmidt: three targets far from each other explain all others.
    let mut left = found.clone();
    for target in [0, found.ncols() / 2, found.ncols() - 1] {
        let axis = left.column(target).to_owned();
        let along = axis.dot(&left) / axis.dot(&axis);
        left.columns_mut()
            .into_iter()
            .zip(&along)
            .for_each(|(mut column, along)| column.scaled_add(-along, &axis));
    }
    assert!(left.iter().all(|change| change.abs() < 0.02));
}

#[test]
fn devices_record_the_finger_the_chest_with_its_coughs_and_where_volumes_begin() {
    let experiment = silence(quiet(), &[1, 60]);
    let scanned = ScannedRun { coughs: vec![30.0, 61.37], ..scan(&experiment, 1, 1) };
    let found = recorded(&experiment, (1, 1), &scanned, (40.0, -6.31));
    // From 6.31 s before to 3 s after 60 volumes of 1.5 s.
    assert_eq!((found.rate, found.start, found.samples.len()), (40.0, -6.31, 3973));
    let times: Vec<f64> = (0..3973).map(|sample| f64::from(sample) / 40.0 - 6.31).collect();
    let blow =
        |time: f64, cough: &f64| -2.5 * libm::exp(-0.5 * ((time - cough) / 0.1) * ((time - cough) / 0.1));
    let chest = |time: f64| {
        scanned.breath.at(time) + scanned.coughs.iter().map(|cough| blow(time, cough)).sum::<f64>()
    };
    let finger = |time: f64| scanned.heart.at(time - 0.25);
    for (device, truth) in [(0, &finger as &dyn Fn(f64) -> f64), (1, &chest)] {
        let noise: Vec<f64> = times
            .iter()
            .zip(&found.samples)
            .map(|(time, counts)| {
                f64::from(counts[device]) - (2048.0 + 400.0 * truth(*time)).clamp(0.0, 4095.0)
            })
            .collect();
        assert!(noise.iter().all(|counts| counts.abs() < 110.0), "{device}");
        assert!(
            mean(&noise).abs() < 1.5 && (deviation(&noise) - 20.0).abs() < 1.5,
            "{device} {}",
            deviation(&noise)
        );
    }
    let begins: Vec<f64> = times
        .iter()
        .zip(&found.samples)
        .filter(|(_, counts)| counts[2] == 1)
        .map(|(time, _)| *time)
        .collect();
    assert_eq!(begins.len(), 60);
    for (volume, time) in begins.iter().enumerate() {
        assert!((time - INTERVAL * volume as f64).abs() < 0.5 / 40.0 + 1e-6, "{volume}: {time}");
    }
}

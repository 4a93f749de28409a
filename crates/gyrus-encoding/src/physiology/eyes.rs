//! What eyes do: where they look, how fast they move, and how much of the time they are shut.

use super::Trace;
use super::rates::{sampled, straight};

/// Seconds over which a speed is taken: longer than the noise of a tracker, shorter than an eye movement.
const MOVEMENT: f64 = 0.02;
/// Half of the window over which speeds and blinks are counted, in seconds.
const HALF: f64 = 0.5;

/// Mean of the samples that are not missing within half of `width` seconds of each moment; where none is known, the straight
/// line between the moments around, and the nearest one at both ends. NaN where no moment has a sample.
///
/// # Shapes
/// Returns one value per time.
#[must_use]
pub fn means_around(trace: &Trace, width: f64, times: &[f64]) -> Vec<f64> {
    let sums = Sums::new(trace.values());
    let mean = |time: &f64| sums.mean(trace, (time - width / 2.0, time + width / 2.0));
    let means: Vec<f64> = times.iter().map(mean).collect();
    let known: Vec<(f64, f64)> = times
        .iter()
        .zip(&means)
        .filter(|(_, mean)| !mean.is_nan())
        .map(|(time, mean)| (*time, *mean))
        .collect();
    times
        .iter()
        .zip(means)
        .map(|(time, mean)| if mean.is_nan() { straight(&known, *time) } else { mean })
        .collect()
}

/// How fast the eyes move: the mean over half a second on either side of √(Δx² + Δy²) / Δt, between means over 0.02 s; without
/// those that miss a sample, and 0 where all do.
///
/// # Shapes
/// Returns a value every [`STEP`](super::STEP), in the unit of the positions per second. `x` and `y` have the same times.
#[must_use]
pub fn gaze_speed(x: &Trace, y: &Trace) -> Trace {
    let (x, y) = (x.reduced(1.0 / MOVEMENT), y.reduced(1.0 / MOVEMENT));
    let pairs = x.values().windows(2).zip(y.values().windows(2));
    let speeds = pairs.map(|(x, y)| libm::hypot(x[1] - x[0], y[1] - y[0])).map(|step| step * x.rate());
    let between = Trace::made(x.start() + 0.5 / x.rate(), x.rate(), speeds.collect());
    around(&between, |sums, window| {
        Some(sums.mean(&between, window)).filter(|mean| !mean.is_nan()).unwrap_or(0.0)
    })
}

/// How much of the time the eyes are shut, or not found by the tracker: the share of missing samples within half a second of
/// each moment, 0 to 1.
///
/// # Shapes
/// Returns a value every [`STEP`](super::STEP) over the trace.
#[must_use]
pub fn shut(trace: &Trace) -> Trace {
    around(trace, |sums, window| {
        let (known, all) = sums.counts(trace, window);
        1.0 - known as f64 / all.max(1) as f64
    })
}

/// Number of blinks: times without a sample of 0.05 s to 1 s; shorter ones are noise of the tracker, longer ones its loss.
#[must_use]
pub fn blinks(trace: &Trace) -> usize {
    let runs = trace.values().chunk_by(|one, other| one.is_nan() == other.is_nan());
    let seconds = runs.filter(|run| run[0].is_nan()).map(|run| run.len() as f64 / trace.rate());
    seconds.filter(|seconds| (0.05..=1.0).contains(seconds)).count()
}

fn around(trace: &Trace, value: impl Fn(&Sums, (f64, f64)) -> f64) -> Trace {
    let sums = Sums::new(trace.values());
    sampled((trace.start(), trace.end()), |time| value(&sums, (time - HALF, time + HALF)))
}

/// Sums and counts of what is known before each sample.
struct Sums(Vec<(f64, usize)>);

impl Sums {
    fn new(values: &[f64]) -> Self {
        let mut so_far = (0.0, 0);
        let mut sums = vec![so_far];
        for value in values {
            if !value.is_nan() {
                so_far = (so_far.0 + value, so_far.1 + 1);
            }
            sums.push(so_far);
        }
        Self(sums)
    }

    /// The samples from one time to before another.
    fn samples(&self, trace: &Trace, (from, to): (f64, f64)) -> (usize, usize) {
        let last = self.0.len() - 1;
        let sample =
            |time: f64| (((time - trace.start()) * trace.rate() - 1e-9).ceil().max(0.0) as usize).min(last);
        (sample(from), sample(to))
    }

    /// How many are known, and how many there are.
    fn counts(&self, trace: &Trace, window: (f64, f64)) -> (usize, usize) {
        let (from, to) = self.samples(trace, window);
        (self.0[to].1 - self.0[from].1, to - from)
    }

    fn mean(&self, trace: &Trace, window: (f64, f64)) -> f64 {
        let (from, to) = self.samples(trace, window);
        (self.0[to].0 - self.0[from].0) / (self.0[to].1 - self.0[from].1) as f64
    }
}

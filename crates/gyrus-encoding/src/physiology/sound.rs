//! How loud it is: coughs and speech of the one who lies in the scanner.

use super::Trace;
use super::rates::sampled;

/// Half of the window over which loudness is taken, in seconds.
const HALF: f64 = 0.25;
/// Below this share of the whole recording's root mean square it is silent.
const SILENCE: f64 = 1e-3;

/// Loudness in decibels above the root mean square of the whole recording: 20 log₁₀ of the root mean square within a quarter of
/// a second of each moment, of the samples less their mean, at least −60.
///
/// # Shapes
/// `audio` without missing samples, at any rate. Returns a value every [`STEP`](super::STEP).
#[must_use]
pub fn loudness(audio: &Trace) -> Trace {
    let n = audio.values().len() as f64;
    let mean = audio.values().iter().sum::<f64>() / n;
    let mut so_far = 0.0;
    let mut sums = vec![0.0];
    for value in audio.values() {
        so_far += (value - mean) * (value - mean);
        sums.push(so_far);
    }
    let whole = (so_far / n).sqrt();
    let last = audio.values().len();
    let sample =
        |time: f64| (((time - audio.start()) * audio.rate() - 1e-9).ceil().max(0.0) as usize).min(last);
    sampled((audio.start(), audio.end()), |time| {
        let (from, to) = (sample(time - HALF), sample(time + HALF));
        let square = (sums[to] - sums[from]).max(0.0) / (to - from).max(1) as f64;
        20.0 * libm::log10((square.sqrt() / whole).max(SILENCE))
    })
}

//! A quick look at chance: finished predictions against circularly shifted responses, every shift at once by FFT.

use std::ops::Range;
use std::sync::Arc;

use gyrus_core::Folds;
use ndarray::{Array2, ArrayView2};
use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use crate::EncodingError;
use crate::backend::Backend;
use crate::rows::{stretches, sum_in_parts};
use crate::scores::check;
use crate::split::Test;

/// What shifts say of every target; shift 0 is the observed score.
#[derive(Debug, Clone, PartialEq)]
pub struct ShiftNull {
    /// Number of shifts, the observed one included.
    pub n_shifts: usize,
    /// Observed score: mean over folds of r within the fold.
    pub observed: Vec<f64>,
    /// Shifts (without 0) whose score reaches the observed one.
    pub exceedances: Vec<u32>,
    /// Mean over shifts other than 0.
    pub mean: Vec<f64>,
    /// Largest score over targets, per shift.
    pub maxima: Vec<f64>,
}

/// Scores of predictions against responses that are rotated within each run by every shift: r within each fold,
/// averaged over folds, as the observed score. No shift is left out: that would bias the null down.
///
/// Uncalibrated: predictions were fitted to responses in their own order, so that autocorrelation makes this null too
/// narrow (false positives of .10 to .30 at .05); [`refit`](super::refit) is the null of the score.
///
/// # Shapes
/// `predictions` and `responses`: (n_samples, n_targets). Runs shorter than the longest are rotated by the shift modulo
/// their length. A target that has no score has NaN.
///
/// # Numerics
/// Per target and run one transform of the response, two per fold, in single precision of z-scored series; variances of
/// shifted windows from running sums in double precision. Equal to the loop over shifts within 1e-5. Targets are
/// independent pieces of work.
///
/// # Errors
/// - [`EncodingError::SampleMismatch`] if shapes differ from each other or from the folds'.
pub fn prediction_shifts(
    backend: &Backend,
    predictions: &Test<Array2<f32>>,
    responses: &Test<Array2<f32>>,
    folds: &Folds,
) -> Result<ShiftNull, EncodingError> {
    let (predictions, responses) = (predictions.get().view(), responses.get().view());
    check(predictions, responses, folds)?;
    let plan = Plan::new(folds);
    let n_targets = responses.ncols();
    let pieces = backend.map(n_targets.div_ceil(TARGETS), |piece| {
        let range = piece * TARGETS..((piece + 1) * TARGETS).min(n_targets);
        let tile = Tile::read((predictions, responses), range.clone());
        Ok::<_, EncodingError>(plan.summary(&tile, range.len()))
    })?;
    let mut all = ShiftNull {
        n_shifts: plan.n_shifts,
        observed: Vec::with_capacity(n_targets),
        exceedances: Vec::with_capacity(n_targets),
        mean: Vec::with_capacity(n_targets),
        maxima: vec![f64::NEG_INFINITY; plan.n_shifts],
    };
    for piece in pieces {
        all.observed.extend(piece.observed);
        all.exceedances.extend(piece.exceedances);
        all.mean.extend(piece.mean);
        all.maxima.iter_mut().zip(piece.maxima).for_each(|(all, of)| *all = all.max(of));
    }
    Ok(all)
}

/// The score of one target at every shift.
///
/// # Errors
/// - as [`prediction_shifts`].
pub fn shifted_scores(
    predictions: &Test<Array2<f32>>,
    responses: &Test<Array2<f32>>,
    (folds, target): (&Folds, usize),
) -> Result<Vec<f64>, EncodingError> {
    let (predictions, responses) = (predictions.get().view(), responses.get().view());
    check(predictions, responses, folds)?;
    let plan = Plan::new(folds);
    let tile = Tile::read((predictions, responses), target..target + 1);
    Ok(plan.scores(tile.column(0), &mut plan.work()))
}

/// Targets of one piece of work.
const TARGETS: usize = 64;

struct Plan {
    n_shifts: usize,
    runs: Vec<Run>,
    /// Held-out rows of each fold.
    rows: Vec<Vec<usize>>,
}

struct Run {
    rows: Range<usize>,
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    /// Per fold the held-out segments, from the start of the run.
    segments: Vec<Vec<Range<usize>>>,
}

/// Predictions and responses of a few targets, one target after another: rows of a study are long, and a column read
/// from them would miss the cache at every sample.
struct Tile {
    n_samples: usize,
    predictions: Vec<f32>,
    responses: Vec<f32>,
}

/// Buffers of one run.
struct Work {
    time: Vec<f32>,
    response: Vec<Complex<f32>>,
    product: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    /// Σ y and Σ y² of the first samples, over two rounds.
    sums: Vec<f64>,
    squares: Vec<f64>,
}

/// Per fold and shift.
struct Sums {
    products: Vec<f64>,
    sum: Vec<f64>,
    squares: Vec<f64>,
}

impl Tile {
    fn read(
        (predictions, responses): (ArrayView2<'_, f32>, ArrayView2<'_, f32>),
        range: Range<usize>,
    ) -> Self {
        let n_samples = responses.nrows();
        let columns = |values: ArrayView2<'_, f32>| {
            let mut out = vec![0.0; n_samples * range.len()];
            for (row, values) in values.rows().into_iter().enumerate() {
                let some = values.slice(ndarray::s![range.clone()]);
                let mut copy = |(target, value): (usize, &f32)| out[target * n_samples + row] = *value;
                match some.as_slice() {
                    Some(some) => some.iter().enumerate().for_each(&mut copy),
                    None => some.iter().enumerate().for_each(&mut copy),
                }
            }
            out
        };
        Self { n_samples, predictions: columns(predictions), responses: columns(responses) }
    }

    /// Prediction and response of a target.
    fn column(&self, target: usize) -> (&[f32], &[f32]) {
        let range = target * self.n_samples..(target + 1) * self.n_samples;
        (&self.predictions[range.clone()], &self.responses[range])
    }
}

impl Plan {
    fn new(folds: &Folds) -> Self {
        let mut planner = RealFftPlanner::<f32>::new();
        let of_run = |rows: &Range<usize>| Run {
            rows: rows.clone(),
            forward: planner.plan_fft_forward(rows.len()),
            inverse: planner.plan_fft_inverse(rows.len()),
            segments: folds.as_slice().iter().map(|fold| segments(&fold.test, rows)).collect(),
        };
        let runs: Vec<Run> = folds.timeline().runs().iter().map(of_run).collect();
        let n_shifts = runs.iter().map(|run| run.rows.len()).max().unwrap_or(0);
        Self { n_shifts, runs, rows: folds.as_slice().iter().map(|fold| fold.test.clone()).collect() }
    }

    fn work(&self) -> Vec<Work> {
        let of_run = |run: &Run| {
            let scratch = run.forward.get_scratch_len().max(run.inverse.get_scratch_len());
            Work {
                time: run.forward.make_input_vec(),
                response: run.forward.make_output_vec(),
                product: run.forward.make_output_vec(),
                scratch: vec![Complex::default(); scratch],
                sums: vec![0.0; 2 * run.rows.len() + 1],
                squares: vec![0.0; 2 * run.rows.len() + 1],
            }
        };
        self.runs.iter().map(of_run).collect()
    }

    fn summary(&self, tile: &Tile, n_targets: usize) -> ShiftNull {
        let mut work = self.work();
        let mut found = ShiftNull {
            n_shifts: self.n_shifts,
            observed: Vec::new(),
            exceedances: Vec::new(),
            mean: Vec::new(),
            maxima: vec![f64::NEG_INFINITY; self.n_shifts],
        };
        for target in 0..n_targets {
            let scores = self.scores(tile.column(target), &mut work);
            let (observed, others) = scores.split_first().unwrap_or((&f64::NAN, &[]));
            found.observed.push(*observed);
            found.exceedances.push(others.iter().map(|score| u32::from(*score >= *observed)).sum());
            found.mean.push(others.iter().sum::<f64>() / others.len() as f64);
            for (maximum, score) in found.maxima.iter_mut().zip(&scores) {
                *maximum = if *score > *maximum { *score } else { *maximum };
            }
        }
        found
    }

    /// Mean over folds of Σ z_p y_s / (n sd(y_s)) with z_p the prediction, z-scored over the fold, and y_s the shifted
    /// response: Σ z_p = 0, so that the mean of y_s falls out of the product.
    fn scores(&self, (predicted, response): (&[f32], &[f32]), work: &mut [Work]) -> Vec<f64> {
        let (centre, deviation) = moments(response.len(), |row| response[row]);
        for (run, work) in self.runs.iter().zip(work.iter_mut()) {
            run.load(&response[run.rows.clone()], (centre, deviation), work);
        }
        let mut scores = vec![0.0; self.n_shifts];
        for (fold, rows) in self.rows.iter().enumerate() {
            let moments = moments(rows.len(), |index| predicted[rows[index]]);
            let mut sums = Sums::zeros(self.n_shifts);
            for (run, work) in self.runs.iter().zip(work.iter_mut()) {
                run.add(fold, &predicted[run.rows.clone()], moments, (work, &mut sums));
            }
            sums.add_scores(rows.len() as f64, self.rows.len() as f64, &mut scores);
        }
        scores
    }
}

/// Mean and standard deviation of `count` values.
fn moments(count: usize, value: impl Fn(usize) -> f32) -> (f64, f64) {
    let mean = sum_in_parts(count, |index| f64::from(value(index))) / count as f64;
    let squares = sum_in_parts(count, |index| {
        let difference = f64::from(value(index)) - mean;
        difference * difference
    });
    (mean, (squares / count as f64).sqrt())
}

impl Run {
    /// Transforms the z-scored response of the run, and sums it and its square over two rounds.
    fn load(&self, response: &[f32], (mean, deviation): (f64, f64), work: &mut Work) {
        let n = response.len();
        let (mut sum, mut squares) = (0.0, 0.0);
        for (index, value) in response.iter().enumerate() {
            let y = ((f64::from(*value) - mean) / deviation) as f32;
            work.time[index] = y;
            sum += f64::from(y);
            squares += f64::from(y) * f64::from(y);
            work.sums[index + 1] = sum;
            work.squares[index + 1] = squares;
        }
        for index in 1..=n {
            work.sums[n + index] = sum + work.sums[index];
            work.squares[n + index] = squares + work.squares[index];
        }
        // Lengths agree by construction; a failure would leave zeros, which tests would see.
        let _ = self.forward.process_with_scratch(&mut work.time, &mut work.response, &mut work.scratch);
    }

    /// Σ z(t) y(t + shift), Σ y(t + shift) and Σ y² over the held-out samples of a fold, for every shift.
    fn add(
        &self,
        fold: usize,
        predicted: &[f32],
        (mean, deviation): (f64, f64),
        (work, sums): (&mut Work, &mut Sums),
    ) {
        if self.segments[fold].is_empty() {
            return;
        }
        let n = self.rows.len();
        work.time.fill(0.0);
        for segment in &self.segments[fold] {
            for (z, value) in work.time[segment.clone()].iter_mut().zip(&predicted[segment.clone()]) {
                *z = ((f64::from(*value) - mean) / deviation) as f32;
            }
        }
        let _ = self.forward.process_with_scratch(&mut work.time, &mut work.product, &mut work.scratch);
        for (product, response) in work.product.iter_mut().zip(&work.response) {
            *product = product.conj() * response;
        }
        let _ = self.inverse.process_with_scratch(&mut work.product, &mut work.time, &mut work.scratch);
        sums.add(&work.time, work, &self.segments[fold], n);
    }
}

impl Sums {
    fn zeros(n_shifts: usize) -> Self {
        let zeros = || vec![0.0; n_shifts];
        Self { products: zeros(), sum: zeros(), squares: zeros() }
    }

    /// Adds those of a run of `n` samples, which repeat after `n` shifts.
    fn add(&mut self, products: &[f32], work: &Work, segments: &[Range<usize>], n: usize) {
        for (all, of_run) in self.products.chunks_mut(n).map(|round| (round, products)) {
            all.iter_mut().zip(of_run).for_each(|(all, of_run)| *all += f64::from(*of_run) / n as f64);
        }
        for (all, running) in [(&mut self.sum, &work.sums), (&mut self.squares, &work.squares)] {
            for segment in segments {
                let (from, to) = (&running[segment.start..], &running[segment.end..]);
                for round in all.chunks_mut(n) {
                    round.iter_mut().zip(from.iter().zip(to)).for_each(|(all, (from, to))| *all += to - from);
                }
            }
        }
    }

    /// Adds r of every shift, divided by the number of folds.
    fn add_scores(&self, size: f64, n_folds: f64, scores: &mut [f64]) {
        let moments = self.sum.iter().zip(&self.squares);
        for (score, (product, (sum, squares))) in scores.iter_mut().zip(self.products.iter().zip(moments)) {
            let mean = sum / size;
            let variance = squares / size - mean * mean;
            *score += product / (size * variance.sqrt() * n_folds);
        }
    }
}

/// Held-out rows of a run as contiguous segments, from the start of the run.
fn segments(rows: &[usize], run: &Range<usize>) -> Vec<Range<usize>> {
    stretches(rows.iter().filter(|row| run.contains(row)).map(|row| row - run.start))
}

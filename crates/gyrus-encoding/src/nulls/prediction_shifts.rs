//! A quick look at chance: finished predictions against circularly shifted responses, every shift at once by FFT.

use std::ops::Range;
use std::sync::Arc;

use gyrus_core::Folds;
use ndarray::{Array2, ArrayView2};
use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use crate::EncodingError;
use crate::backend::Backend;
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
/// Per target and run one transform of the response, two per fold; variances of shifted windows from running sums.
/// Double precision: equal to the loop over shifts within 1e-10. Targets are independent pieces of work.
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
        Ok::<_, EncodingError>(plan.summary(predictions, responses, range))
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
    Ok(plan.scores(predictions, responses, target, &mut plan.work()))
}

/// Targets of one piece of work.
const TARGETS: usize = 64;

fn check(
    predictions: ArrayView2<'_, f32>,
    responses: ArrayView2<'_, f32>,
    folds: &Folds,
) -> Result<(), EncodingError> {
    let expected = folds.timeline().n_samples();
    for found in [predictions.nrows(), responses.nrows()] {
        if found != expected {
            return Err(EncodingError::SampleMismatch { found, expected });
        }
    }
    if predictions.ncols() != responses.ncols() {
        return Err(EncodingError::SampleMismatch {
            found: predictions.ncols(),
            expected: responses.ncols(),
        });
    }
    Ok(())
}

struct Plan {
    n_shifts: usize,
    runs: Vec<Run>,
    /// Number of held-out samples of each fold.
    sizes: Vec<f64>,
}

struct Run {
    rows: Range<usize>,
    forward: Arc<dyn RealToComplex<f64>>,
    inverse: Arc<dyn ComplexToReal<f64>>,
    /// Per fold the held-out segments, from the start of the run.
    segments: Vec<Vec<Range<usize>>>,
}

/// Buffers of one run.
struct Work {
    time: Vec<f64>,
    response: Vec<Complex<f64>>,
    product: Vec<Complex<f64>>,
    sums: Vec<f64>,
    squares: Vec<f64>,
}

/// Per fold and shift.
struct Sums {
    products: Vec<f64>,
    sum: Vec<f64>,
    squares: Vec<f64>,
}

impl Plan {
    fn new(folds: &Folds) -> Self {
        let mut planner = RealFftPlanner::<f64>::new();
        let of_run = |rows: &Range<usize>| Run {
            rows: rows.clone(),
            forward: planner.plan_fft_forward(rows.len()),
            inverse: planner.plan_fft_inverse(rows.len()),
            segments: folds.as_slice().iter().map(|fold| segments(&fold.test, rows)).collect(),
        };
        let runs: Vec<Run> = folds.timeline().runs().iter().map(of_run).collect();
        let n_shifts = runs.iter().map(|run| run.rows.len()).max().unwrap_or(0);
        Self { n_shifts, runs, sizes: folds.as_slice().iter().map(|fold| fold.test.len() as f64).collect() }
    }

    fn work(&self) -> Vec<Work> {
        let of_run = |run: &Run| Work {
            time: run.forward.make_input_vec(),
            response: run.forward.make_output_vec(),
            product: run.forward.make_output_vec(),
            sums: vec![0.0; 2 * run.rows.len() + 1],
            squares: vec![0.0; 2 * run.rows.len() + 1],
        };
        self.runs.iter().map(of_run).collect()
    }

    fn summary(
        &self,
        predictions: ArrayView2<'_, f32>,
        responses: ArrayView2<'_, f32>,
        range: Range<usize>,
    ) -> ShiftNull {
        let mut work = self.work();
        let mut found = ShiftNull {
            n_shifts: self.n_shifts,
            observed: Vec::new(),
            exceedances: Vec::new(),
            mean: Vec::new(),
            maxima: vec![f64::NEG_INFINITY; self.n_shifts],
        };
        for target in range {
            let scores = self.scores(predictions, responses, target, &mut work);
            let (observed, others) = scores.split_first().unwrap_or((&f64::NAN, &[]));
            found.observed.push(*observed);
            found.exceedances.push(others.iter().filter(|score| **score >= *observed).count() as u32);
            found.mean.push(others.iter().sum::<f64>() / others.len() as f64);
            found.maxima.iter_mut().zip(&scores).for_each(|(maximum, score)| *maximum = maximum.max(*score));
        }
        found
    }

    /// Mean over folds of Σ z_p y_s / (n sd(y_s)) with z_p the prediction, z-scored over the fold, and y_s the shifted
    /// response: Σ z_p = 0, so that the mean of y_s falls out of the product.
    fn scores(
        &self,
        predictions: ArrayView2<'_, f32>,
        responses: ArrayView2<'_, f32>,
        target: usize,
        work: &mut [Work],
    ) -> Vec<f64> {
        let column = responses.column(target);
        let centre = column.iter().map(|y| f64::from(*y)).sum::<f64>() / column.len() as f64;
        for (run, work) in self.runs.iter().zip(work.iter_mut()) {
            run.load(&mut |row| f64::from(column[row]) - centre, work);
        }
        let mut scores = vec![0.0; self.n_shifts];
        for (fold, size) in self.sizes.iter().enumerate() {
            let predicted = predictions.column(target);
            let (mean, deviation) = self.moments(fold, |row| f64::from(predicted[row]));
            let mut sums = Sums::zeros(self.n_shifts);
            for (run, work) in self.runs.iter().zip(work.iter_mut()) {
                run.add(fold, &mut |row| (f64::from(predicted[row]) - mean) / deviation, (work, &mut sums));
            }
            for (shift, score) in scores.iter_mut().enumerate() {
                let mean = sums.sum[shift] / size;
                let variance = sums.squares[shift] / size - mean * mean;
                *score += sums.products[shift] / (size * variance.sqrt() * self.sizes.len() as f64);
            }
        }
        scores
    }

    fn moments(&self, fold: usize, value: impl Fn(usize) -> f64) -> (f64, f64) {
        let rows = || {
            self.runs.iter().flat_map(move |run| {
                run.segments[fold].iter().flat_map(|segment| segment.clone().map(|row| row + run.rows.start))
            })
        };
        let mean = rows().map(&value).sum::<f64>() / self.sizes[fold];
        let variance =
            rows().map(|row| (value(row) - mean) * (value(row) - mean)).sum::<f64>() / self.sizes[fold];
        (mean, variance.sqrt())
    }
}

impl Run {
    /// Transforms the response of the run, and sums it and its square over two rounds.
    fn load(&self, value: &mut dyn FnMut(usize) -> f64, work: &mut Work) {
        let n = self.rows.len();
        for (time, row) in work.time.iter_mut().zip(self.rows.clone()) {
            *time = value(row);
        }
        for index in 0..2 * n {
            let y = work.time[index % n];
            work.sums[index + 1] = work.sums[index] + y;
            work.squares[index + 1] = work.squares[index] + y * y;
        }
        // Lengths agree by construction; a failure would leave zeros, which tests would see.
        let _ = self.forward.process(&mut work.time, &mut work.response);
    }

    /// Σ z(t) y(t + shift), Σ y(t + shift) and Σ y² over the held-out samples of a fold, for every shift.
    fn add(&self, fold: usize, z: &mut dyn FnMut(usize) -> f64, (work, sums): (&mut Work, &mut Sums)) {
        if self.segments[fold].is_empty() {
            return;
        }
        let n = self.rows.len();
        work.time.fill(0.0);
        for row in self.segments[fold].iter().cloned().flatten() {
            work.time[row] = z(row + self.rows.start);
        }
        let _ = self.forward.process(&mut work.time, &mut work.product);
        for (product, response) in work.product.iter_mut().zip(&work.response) {
            *product = product.conj() * response;
        }
        let _ = self.inverse.process(&mut work.product, &mut work.time);
        for shift in 0..sums.products.len() {
            let by = shift % n;
            sums.products[shift] += work.time[by] / n as f64;
            for segment in &self.segments[fold] {
                let (from, to) = (segment.start + by, segment.end + by);
                sums.sum[shift] += work.sums[to] - work.sums[from];
                sums.squares[shift] += work.squares[to] - work.squares[from];
            }
        }
    }
}

impl Sums {
    fn zeros(n_shifts: usize) -> Self {
        let zeros = || vec![0.0; n_shifts];
        Self { products: zeros(), sum: zeros(), squares: zeros() }
    }
}

/// Held-out rows of a run as contiguous segments, from the start of the run.
fn segments(rows: &[usize], run: &Range<usize>) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for row in rows.iter().filter(|row| run.contains(row)).map(|row| row - run.start) {
        match found.last_mut().filter(|last| last.end == row) {
            Some(last) => last.end += 1,
            None => found.push(row..row + 1),
        }
    }
    found
}

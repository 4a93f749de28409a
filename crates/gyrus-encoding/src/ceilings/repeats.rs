//! Ceilings from repeats of a stimulus by one participant: what comes back is signal, what does not is noise.

use ndarray::{Array2, ArrayView1};

use super::NoCeiling;
use super::shared::centred;
use crate::EncodingError;

/// Responses of one participant to repeats of the same samples, piece by piece.
///
/// A piece is what one fold holds out of one stimulus, in every repeat.
///
/// # Shapes
/// Each piece: per repeat (n_samples, n_targets) in the unit of the cleaned responses; a target that is missing is NaN.
#[derive(Debug, Clone)]
pub struct Repeats {
    pieces: Vec<Vec<Array2<f32>>>,
    n_targets: usize,
}

impl Repeats {
    /// Repeats of all pieces. Pieces may have different numbers of samples and of repeats.
    ///
    /// # Errors
    /// - [`EncodingError::TooFewRepeats`] if there is no piece or one has fewer than two repeats,
    /// - [`EncodingError::RepeatShape`] if repeats of a piece differ in samples or targets, or have fewer than two samples.
    pub fn new(pieces: Vec<Vec<Array2<f32>>>) -> Result<Self, EncodingError> {
        let least = pieces.iter().map(Vec::len).min().unwrap_or(0);
        if least < 2 {
            return Err(EncodingError::TooFewRepeats { found: least });
        }
        let n_targets = pieces[0][0].ncols();
        for piece in &pieces {
            let expected = (piece[0].nrows().max(2), n_targets);
            let other = piece.iter().enumerate().find(|(_, one)| one.dim() != expected);
            if let Some((repeat, one)) = other {
                return Err(EncodingError::RepeatShape { repeat, found: one.dim(), expected });
            }
        }
        Ok(Self { pieces, n_targets })
    }
}

/// What repeats of a stimulus say about one target. Means over pieces.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Repeatability {
    /// TP, the mean over repeats of the variance over samples.
    pub total_power: f64,
    /// SP = (N · Var(mean of repeats) − TP) / (N − 1), unbiased; negative where repeats agree less than noise does.
    pub signal_power: f64,
    /// EV = Var(mean of repeats) / mean of their variances, of repeats z-scored in the piece. At least 1/N, noise or not.
    pub explainable_variance: f64,
    /// EV − (1 − EV) / (N − 1), unbiased; may be negative. The mean correlation between two repeats.
    pub corrected_explainable_variance: f64,
    /// σ²_signal = Var over samples of the mean of repeats − σ²_noise / N; negative where repeats agree by less than noise does.
    pub signal_variance: f64,
    /// σ²_noise, the mean over samples of the variance over repeats.
    pub noise_variance: f64,
}

impl Repeatability {
    /// √(SP / (SP + (TP − SP) / n)): best reachable r with the mean of n repeats. With n = N it is CC_max.
    ///
    /// # Errors
    /// - [`NoCeiling::NoSharedSignal`] if the signal power is not positive.
    pub fn ceiling(&self, averaged: usize) -> Result<f64, NoCeiling> {
        of_shares(self.signal_power, self.total_power - self.signal_power, averaged)
    }

    /// √(ncsnr² / (ncsnr² + 1/n)) with ncsnr = σ_signal / σ_noise: the same from the variance between repeats sample by
    /// sample, so that shifts between whole repeats are noise.
    ///
    /// # Errors
    /// - [`NoCeiling::NoSharedSignal`] if the signal variance is not positive.
    pub fn signal_to_noise_ceiling(&self, averaged: usize) -> Result<f64, NoCeiling> {
        of_shares(self.signal_variance, self.noise_variance, averaged)
    }
}

fn of_shares(signal: f64, noise: f64, averaged: usize) -> Result<f64, NoCeiling> {
    let left = noise.max(0.0) / averaged.max(1) as f64;
    if signal > 0.0 { Ok((signal / (signal + left)).sqrt()) } else { Err(NoCeiling::NoSharedSignal) }
}

/// Repeatability of every target.
///
/// # Shapes
/// One value per target. Variances over samples and over repeats divide by their number less one, in the squared unit
/// of the responses.
///
/// # Numerics
/// Double precision. Powers are averaged over pieces before any ratio or root is taken, so that they stay unbiased.
///
/// # Errors
/// Per target:
/// - [`NoCeiling::Missing`] if a value is not finite,
/// - [`NoCeiling::Constant`] if a repeat is constant in a piece.
///
/// # References
/// Sahani & Linden (2003), Adv Neural Inf Process Syst 15:125 and Schoppe et al. (2016), Front Comput Neurosci 10:10:
/// signal power. Hsu, Borst & Theunissen (2004), Network 15:91: explainable variance. Allen et al. (2022), Nat Neurosci
/// 25:116: signal-to-noise ratio of repeats.
#[must_use]
pub fn repeatability(repeats: &Repeats) -> Vec<Result<Repeatability, NoCeiling>> {
    (0..repeats.n_targets).map(|target| of_target(repeats, target)).collect()
}

fn of_target(repeats: &Repeats, target: usize) -> Result<Repeatability, NoCeiling> {
    let mut sums = [0.0; 6];
    for piece in &repeats.pieces {
        let columns: Vec<ArrayView1<'_, f32>> = piece.iter().map(|one| one.column(target)).collect();
        if columns.iter().any(|column| column.iter().any(|value| !value.is_finite())) {
            return Err(NoCeiling::Missing);
        }
        let found = of_piece(&columns).ok_or(NoCeiling::Constant)?;
        sums.iter_mut().zip(found).for_each(|(sum, value)| *sum += value);
    }
    let [total, signal, explainable, corrected, of_signal, of_noise] =
        sums.map(|sum| sum / repeats.pieces.len() as f64);
    Ok(Repeatability {
        total_power: total,
        signal_power: signal,
        explainable_variance: explainable,
        corrected_explainable_variance: corrected,
        signal_variance: of_signal,
        noise_variance: of_noise,
    })
}

/// The six fields of [`Repeatability`] in one piece, `None` where a repeat is constant.
fn of_piece(columns: &[ArrayView1<'_, f32>]) -> Option<[f64; 6]> {
    let series =
        |column: &ArrayView1<'_, f32>| column.iter().map(|value| f64::from(*value)).collect::<Vec<_>>();
    let raw: Vec<Vec<f64>> = columns.iter().map(series).collect();
    let repeats: Vec<Vec<f64>> = raw.iter().map(|one| centred(one.clone())).collect::<Option<_>>()?;
    let n = repeats.len() as f64;
    let [total, of_mean] = powers(&repeats);
    let scaled = |one: &Vec<f64>| {
        let deviation = variance(one).sqrt();
        one.iter().map(|value| value / deviation).collect()
    };
    // The variance of each is 1.
    let [_, explainable] = powers(&repeats.iter().map(scaled).collect::<Vec<_>>());
    let at = |sample: usize| raw.iter().map(|one| one[sample]).collect::<Vec<f64>>();
    let samples = raw[0].len();
    let noise = (0..samples).map(|sample| variance(&at(sample))).sum::<f64>() / samples as f64;
    let means: Vec<f64> = (0..samples).map(|sample| at(sample).iter().sum::<f64>() / n).collect();
    Some([
        total,
        (n * of_mean - total) / (n - 1.0),
        explainable,
        explainable - (1.0 - explainable) / (n - 1.0),
        variance(&means) - noise / n,
        noise,
    ])
}

/// Mean variance of the repeats, and the variance of their mean.
fn powers(repeats: &[Vec<f64>]) -> [f64; 2] {
    let n = repeats.len() as f64;
    let mean_at = |sample: usize| repeats.iter().map(|one| one[sample]).sum::<f64>() / n;
    let mean: Vec<f64> = (0..repeats[0].len()).map(mean_at).collect();
    [repeats.iter().map(|one| variance(one)).sum::<f64>() / n, variance(&mean)]
}

fn variance(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (values.len() as f64 - 1.0)
}

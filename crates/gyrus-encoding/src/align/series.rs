//! A measured series of the stimulus (sound level, a published regressor) at the delays of the features.

use gyrus_core::{Sampling, Seconds};
use ndarray::{Array2, ArrayView2};

use crate::EncodingError;

/// A series aligned with the samples, and where it had to be made up.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Shape (n_samples, n_delays · n_columns), delay-major.
    pub values: Array2<f32>,
    /// Cells (sample, delay) whose time lies outside the series: they hold the nearest value.
    pub outside: usize,
}

/// Samples a regular series at (sample time − delay), by linear interpolation between its own samples.
///
/// # Shapes
/// | name    | shape                             | unit |
/// |---------|-----------------------------------|------|
/// | table   | (clock.count, n_columns)          | any  |
/// | returns | (n_samples, n_delays · n_columns) | same |
///
/// # Errors
/// - [`EncodingError::SampleMismatch`] if the table does not have the rows that its clock has,
/// - [`EncodingError::NonFinite`] with the place of the first NaN or infinity.
pub fn series(
    table: ArrayView2<f32>,
    clock: &Sampling,
    sampling: &Sampling,
    delays: &[Seconds],
) -> Result<Series, EncodingError> {
    if table.nrows() != clock.count || clock.count == 0 {
        return Err(EncodingError::SampleMismatch { found: table.nrows(), expected: clock.count });
    }
    if let Some(((row, column), _)) = table.indexed_iter().find(|(_, value)| !value.is_finite()) {
        return Err(EncodingError::NonFinite { row, column });
    }
    let place = |sample: usize, delay: usize| {
        let time = sampling.time(sample) - delays[delay].get();
        (time - clock.first.get()) / clock.interval.get()
    };
    let last = (clock.count - 1) as f64;
    let columns = table.ncols();
    let values = Array2::from_shape_fn((sampling.count, delays.len() * columns), |(sample, column)| {
        let place = place(sample, column / columns).clamp(0.0, last);
        let (below, above) = (place.floor() as usize, place.ceil() as usize);
        let [low, high] = [below, above].map(|row| f64::from(table[(row, column % columns)]));
        (low + (high - low) * (place - place.floor())) as f32
    });
    let cells = (0..sampling.count).flat_map(|sample| (0..delays.len()).map(move |delay| (sample, delay)));
    let is_outside = |cell: &(usize, usize)| !(-1e-6..=last + 1e-6).contains(&place(cell.0, cell.1));
    Ok(Series { values, outside: cells.filter(is_outside).count() })
}

//! Head motion parameters and their expansions.

use ndarray::{Array2, ArrayView2, Axis, concatenate};
use serde::{Deserialize, Serialize};

use super::Regressors;
use crate::EncodingError;

/// Which functions of the six realignment parameters are regressed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expansion {
    /// The parameters R(t).
    Six,
    /// R(t) and the differences R(t) − R(t − 1).
    Twelve,
    /// R(t), the differences, and the squares of both.
    TwentyFour,
    /// R(t), R(t − 1), and the squares of both (Friston et al. 1996, Magn Reson Med 35:346). These are other
    /// columns than [`Expansion::TwentyFour`] and, the squares differing, another space.
    Friston24,
}

/// Expands realignment parameters, in their own units and order.
///
/// The volume before the first one is taken to equal it: the first difference is 0. Where that volume was
/// recorded, expand first and leave its rows out afterwards.
///
/// # Shapes
/// `parameters` is (n_samples, 6), translations and rotations; returns (n_samples, 6, 12 or 24).
///
/// # Errors
/// - [`EncodingError::MotionColumns`] if there are not six columns.
pub fn expand_motion(parameters: ArrayView2<f64>, expansion: Expansion) -> Result<Regressors, EncodingError> {
    check(parameters)?;
    let now = parameters.to_owned();
    let before = previous(parameters);
    let change = &now - &before;
    let squared = |values: &Array2<f64>| values.mapv(|value| value * value);
    let parts = match expansion {
        Expansion::Six => vec![("", now)],
        Expansion::Twelve => vec![("", now), ("_difference", change)],
        Expansion::TwentyFour => {
            let squares = [squared(&now), squared(&change)];
            let [now2, change2] = squares;
            vec![("", now), ("_difference", change), ("_squared", now2), ("_difference_squared", change2)]
        }
        Expansion::Friston24 => {
            let [now2, before2] = [squared(&now), squared(&before)];
            vec![("", now), ("_previous", before), ("_squared", now2), ("_previous_squared", before2)]
        }
    };
    let columns =
        parts.iter().flat_map(|(name, _)| (1..=6).map(move |axis| format!("motion_{axis}{name}"))).collect();
    let views: Vec<_> = parts.iter().map(|(_, values)| values.view()).collect();
    let values = concatenate(Axis(1), &views)
        .map_err(|_| EncodingError::MotionColumns { found: parameters.ncols() })?;
    Ok(Regressors { name: "motion".to_owned(), columns, values })
}

/// Framewise displacement: Σ |change of translation| + radius · Σ |change of rotation|, 0 for the first volume.
///
/// # Shapes
/// `parameters` is (n_samples, 6), three translations in mm and then three rotations in radians; `radius` is in
/// mm (50 is usual); returns n_samples values in mm.
///
/// # Errors
/// - [`EncodingError::MotionColumns`] if there are not six columns.
///
/// # References
/// Power et al. (2012), NeuroImage 59:2142.
pub fn framewise_displacement(parameters: ArrayView2<f64>, radius: f64) -> Result<Vec<f64>, EncodingError> {
    check(parameters)?;
    let change = &parameters - &previous(parameters);
    let weight = |axis: usize| if axis < 3 { 1.0 } else { radius };
    let displacement = |row: ndarray::ArrayView1<f64>| {
        row.iter().enumerate().map(|(axis, value)| weight(axis) * value.abs()).sum()
    };
    Ok(change.outer_iter().map(displacement).collect())
}

fn check(parameters: ArrayView2<f64>) -> Result<(), EncodingError> {
    match parameters.ncols() {
        6 => Ok(()),
        found => Err(EncodingError::MotionColumns { found }),
    }
}

fn previous(parameters: ArrayView2<f64>) -> Array2<f64> {
    Array2::from_shape_fn(parameters.dim(), |(row, axis)| parameters[(row.saturating_sub(1), axis)])
}

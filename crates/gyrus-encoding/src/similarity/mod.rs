//! Comparisons that do without a fitted response: geometry of patterns, alignment of kernels, and regression there and back.

mod back_to_back;
mod kernel_alignment;
mod representations;

pub use back_to_back::{BackToBack, Piece, back_to_back};
pub use kernel_alignment::{KernelAlignment, kernel_alignment};
pub use representations::{
    Comparison, RepresentationCeiling, compare, correlation_distances, crossed_distances,
    representation_ceiling,
};

use ndarray::ArrayView2;

use crate::EncodingError;

/// Every value is finite.
fn require_finite(values: ArrayView2<'_, f64>) -> Result<(), EncodingError> {
    match values.indexed_iter().find(|(_, value)| !value.is_finite()) {
        Some(((row, column), _)) => Err(EncodingError::NonFinite { row, column }),
        None => Ok(()),
    }
}

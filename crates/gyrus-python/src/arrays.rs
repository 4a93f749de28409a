//! NumPy's arrays as the engine reads them: responses block by block where they lie, features as a copy.

use std::ops::Range;

use gyrus_core::{CoreError, TargetBlocks};
use ndarray::{Array2, ArrayView2, s};
use numpy::{PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;

/// A matrix of single or double precision, in any order and with any strides.
#[derive(FromPyObject)]
pub enum Matrix<'py> {
    /// Read as it is.
    Single(PyReadonlyArray2<'py, f32>),
    /// Rounded where it is read.
    Double(PyReadonlyArray2<'py, f64>),
}

/// A view that other threads may read.
#[derive(Debug, Clone, Copy)]
pub enum View<'a> {
    /// Single precision.
    Single(ArrayView2<'a, f32>),
    /// Double precision.
    Double(ArrayView2<'a, f64>),
}

impl Matrix<'_> {
    /// The values where they lie.
    pub fn view(&self) -> View<'_> {
        match self {
            Self::Single(array) => View::Single(array.as_array()),
            Self::Double(array) => View::Double(array.as_array()),
        }
    }

    /// Rows and columns.
    pub fn shape(&self) -> (usize, usize) {
        let shape = match self {
            Self::Single(array) => array.shape(),
            Self::Double(array) => array.shape(),
        };
        (shape[0], shape[1])
    }
}

impl View<'_> {
    /// A copy in single precision.
    pub fn to_single(self) -> Array2<f32> {
        match self {
            Self::Single(view) => view.to_owned(),
            Self::Double(view) => view.mapv(|value| value as f32),
        }
    }

    /// Some columns in single precision.
    pub fn columns(self, columns: &[usize]) -> Array2<f32> {
        let axis = ndarray::Axis(1);
        match self {
            Self::Single(view) => view.select(axis, columns),
            Self::Double(view) => view.select(axis, columns).mapv(|value| value as f32),
        }
    }
}

impl TargetBlocks for View<'_> {
    fn n_samples(&self) -> usize {
        match self {
            Self::Single(view) => view.nrows(),
            Self::Double(view) => view.nrows(),
        }
    }

    fn n_targets(&self) -> usize {
        match self {
            Self::Single(view) => view.ncols(),
            Self::Double(view) => view.ncols(),
        }
    }

    fn read(&self, targets: Range<usize>) -> Result<Array2<f32>, CoreError> {
        Ok(match self {
            Self::Single(view) => view.slice(s![.., targets]).to_owned(),
            Self::Double(view) => view.slice(s![.., targets]).mapv(|value| value as f32),
        })
    }
}

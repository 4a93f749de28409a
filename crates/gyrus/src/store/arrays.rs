//! Named arrays of a task, as a safetensors file.

use std::collections::BTreeMap;

use ndarray::{Array1, Array2};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

/// One array.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Array {
    /// Shape (rows, columns), single precision.
    Single(Array2<f32>),
    /// Shape (rows, columns), double precision.
    Double(Array2<f64>),
    /// Counts.
    Counts(Array1<u32>),
}

/// Arrays by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Arrays(BTreeMap<String, Array>);

impl Arrays {
    /// No arrays.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an array of single precision.
    #[must_use]
    pub fn single(mut self, name: impl Into<String>, values: Array2<f32>) -> Self {
        self.0.insert(name.into(), Array::Single(values));
        self
    }

    /// Adds an array of double precision.
    #[must_use]
    pub fn double(mut self, name: impl Into<String>, values: Array2<f64>) -> Self {
        self.0.insert(name.into(), Array::Double(values));
        self
    }

    /// Adds counts.
    #[must_use]
    pub fn counts(mut self, name: impl Into<String>, values: Vec<u32>) -> Self {
        self.0.insert(name.into(), Array::Counts(Array1::from(values)));
        self
    }

    /// Removes and returns an array of single precision.
    ///
    /// # Errors
    /// - a sentence if there is none of this name and kind.
    pub fn take_single(&mut self, name: &str) -> Result<Array2<f32>, String> {
        match self.0.remove(name) {
            Some(Array::Single(values)) => Ok(values),
            other => Err(unexpected(name, "single precision", other.as_ref())),
        }
    }

    /// Removes and returns an array of double precision.
    ///
    /// # Errors
    /// - a sentence if there is none of this name and kind.
    pub fn take_double(&mut self, name: &str) -> Result<Array2<f64>, String> {
        match self.0.remove(name) {
            Some(Array::Double(values)) => Ok(values),
            other => Err(unexpected(name, "double precision", other.as_ref())),
        }
    }

    /// Removes and returns counts.
    ///
    /// # Errors
    /// - a sentence if there is none of this name and kind.
    pub fn take_counts(&mut self, name: &str) -> Result<Vec<u32>, String> {
        match self.0.remove(name) {
            Some(Array::Counts(values)) => Ok(values.to_vec()),
            other => Err(unexpected(name, "counts", other.as_ref())),
        }
    }

    /// The safetensors file, the same bytes for the same arrays.
    ///
    /// # Errors
    /// - a sentence if an array cannot be written.
    pub fn to_bytes(&self) -> Result<Vec<u8>, String> {
        let raw: Vec<_> = self.0.iter().map(|(name, array)| (name, raw(array))).collect();
        let mut views = Vec::with_capacity(raw.len());
        for (name, (dtype, shape, bytes)) in &raw {
            let view = TensorView::new(*dtype, shape.clone(), bytes).map_err(|error| error.to_string())?;
            views.push((name.as_str(), view));
        }
        safetensors::serialize(views, None).map_err(|error| error.to_string())
    }

    /// Reads a safetensors file.
    ///
    /// # Errors
    /// - a sentence if the file is damaged or holds another type of number.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
        let mut arrays = BTreeMap::new();
        for (name, view) in file.tensors() {
            arrays.insert(name, array(&view)?);
        }
        Ok(Self(arrays))
    }
}

fn unexpected(name: &str, wanted: &str, found: Option<&Array>) -> String {
    let found = match found {
        None => "nothing",
        Some(Array::Single(_)) => "single precision",
        Some(Array::Double(_)) => "double precision",
        Some(Array::Counts(_)) => "counts",
    };
    format!("array `{name}`: found {found}, expected {wanted}")
}

fn raw(array: &Array) -> (Dtype, Vec<usize>, Vec<u8>) {
    match array {
        Array::Single(values) => {
            (Dtype::F32, values.shape().to_vec(), values.iter().flat_map(|v| v.to_le_bytes()).collect())
        }
        Array::Double(values) => {
            (Dtype::F64, values.shape().to_vec(), values.iter().flat_map(|v| v.to_le_bytes()).collect())
        }
        Array::Counts(values) => {
            (Dtype::U32, values.shape().to_vec(), values.iter().flat_map(|v| v.to_le_bytes()).collect())
        }
    }
}

fn array(view: &TensorView<'_>) -> Result<Array, String> {
    let (shape, data) = (view.shape(), view.data());
    let wrong = |_| format!("an array of shape {shape:?} does not have its values");
    match (view.dtype(), shape) {
        (Dtype::F32, [rows, columns]) => {
            Array2::from_shape_vec((*rows, *columns), numbers(data, f32::from_le_bytes))
                .map(Array::Single)
                .map_err(wrong)
        }
        (Dtype::F64, [rows, columns]) => {
            Array2::from_shape_vec((*rows, *columns), numbers(data, f64::from_le_bytes))
                .map(Array::Double)
                .map_err(wrong)
        }
        (Dtype::U32, [_]) => Ok(Array::Counts(Array1::from(numbers(data, u32::from_le_bytes)))),
        (dtype, _) => {
            Err(format!("found an array of {dtype:?} and shape {shape:?}, expected f32, f64 or u32"))
        }
    }
}

fn numbers<T, const N: usize>(bytes: &[u8], read: fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks::<N>().0.iter().map(|chunk| read(*chunk)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn arrays_come_back_as_they_were() {
        let arrays = Arrays::new()
            .single("responses", array![[1.0_f32, f32::NAN, -0.0], [4.0, 5.0, 6.0]])
            .double("scores", array![[0.1_f64], [1e-300]])
            .counts("exceedances", vec![0, 7, u32::MAX]);
        let bytes = arrays.to_bytes().unwrap();
        assert_eq!(bytes, arrays.to_bytes().unwrap());
        let mut read = Arrays::from_bytes(&bytes).unwrap();
        let responses = read.take_single("responses").unwrap();
        assert!(responses[[0, 1]].is_nan() && responses[[1, 2]] == 6.0);
        assert_eq!(read.take_double("scores").unwrap()[[1, 0]], 1e-300);
        assert_eq!(read.take_counts("exceedances").unwrap(), vec![0, 7, u32::MAX]);
        assert!(read.take_counts("exceedances").is_err());
        assert!(Arrays::from_bytes(&bytes[..bytes.len() - 1]).is_err());
    }
}

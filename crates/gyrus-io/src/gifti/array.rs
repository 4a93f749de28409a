//! One array of numbers, with what they are.

use crate::nifti::DataType;

/// What the numbers of an array are, as files say it (nifti1.h, `NIFTI_INTENT_*`).
pub mod intent {
    /// Nothing in particular.
    pub const NONE: &str = "NIFTI_INTENT_NONE";
    /// One volume of a recording.
    pub const TIME_SERIES: &str = "NIFTI_INTENT_TIME_SERIES";
    /// The key of a label at every vertex.
    pub const LABEL: &str = "NIFTI_INTENT_LABEL";
    /// Coordinates of vertices in millimetres.
    pub const POINT_SET: &str = "NIFTI_INTENT_POINTSET";
    /// Three vertices of every triangle.
    pub const TRIANGLE: &str = "NIFTI_INTENT_TRIANGLE";
    /// A measure of the surface, such as its thickness.
    pub const SHAPE: &str = "NIFTI_INTENT_SHAPE";
}

/// An array of numbers of any type; its values come with the last axis fastest, however they are stored.
#[derive(Debug, Clone)]
pub struct Array {
    /// What the numbers are: `NIFTI_INTENT_*`.
    pub intent: String,
    /// Names and values that go with the array.
    pub metadata: Vec<(String, String)>,
    pub(super) shape: Vec<usize>,
    pub(super) stored: Stored,
}

/// Numbers as a file holds them.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) datatype: DataType,
    pub(super) bytes: Vec<u8>,
    pub(super) is_big_endian: bool,
    pub(super) is_column_major: bool,
}

impl Array {
    /// An array of values, the last axis fastest; None if they are more or fewer than the shape has, if an axis has no
    /// element, or if the type cannot hold one of them.
    #[must_use]
    pub fn new(intent: &str, shape: &[usize], datatype: DataType, values: &[f64]) -> Option<Self> {
        if values.is_empty() || shape.iter().product::<usize>() != values.len() {
            return None;
        }
        let mut bytes = Vec::with_capacity(values.len() * datatype.size());
        for value in values {
            bytes.extend_from_slice(&datatype.encode(*value)?[..datatype.size()]);
        }
        let stored = Stored { datatype, bytes, is_big_endian: false, is_column_major: false };
        Some(Self { intent: intent.to_owned(), metadata: Vec::new(), shape: shape.to_owned(), stored })
    }

    /// Elements along each axis, at least 1.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// How a number is stored.
    #[must_use]
    pub fn datatype(&self) -> DataType {
        self.stored.datatype
    }

    /// How many numbers there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// The numbers, the last axis fastest.
    pub fn values(&self) -> impl ExactSizeIterator<Item = f64> + '_ {
        let size = self.stored.datatype.size();
        (0..self.count()).map(move |index| {
            let at = self.place(index) * size;
            self.stored.datatype.decode(&self.stored.bytes[at..at + size], self.stored.is_big_endian)
        })
    }

    /// A value of the metadata.
    #[must_use]
    pub fn said(&self, name: &str) -> Option<&str> {
        self.metadata.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Where a number is stored, from its index with the last axis fastest.
    fn place(&self, index: usize) -> usize {
        if !self.stored.is_column_major {
            return index;
        }
        let (mut rest, mut stride, mut place) = (index, self.count(), 0);
        for axis in self.shape.iter().rev() {
            stride /= axis;
            place += rest % axis * stride;
            rest /= axis;
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_first_is_the_transposed_array() {
        let rows_first = Array::new(intent::NONE, &[2, 3, 4], DataType::U8, &numbers(24)).unwrap();
        let mut turned = rows_first.clone();
        turned.stored.is_column_major = true;
        let mut expected = Vec::new();
        for a in 0..2 {
            for b in 0..3 {
                expected.extend((0..4).map(|c| f64::from(a + 2 * b + 6 * c)));
            }
        }
        assert_eq!(turned.values().collect::<Vec<_>>(), expected);
        assert_eq!(rows_first.values().collect::<Vec<_>>(), numbers(24));
    }

    #[test]
    fn what_does_not_fit_is_no_array() {
        assert!(Array::new(intent::NONE, &[2], DataType::U8, &[1.0, 256.0]).is_none());
        assert!(Array::new(intent::NONE, &[3], DataType::U8, &[1.0, 2.0]).is_none());
        assert!(Array::new(intent::NONE, &[0], DataType::U8, &[]).is_none());
        assert!(Array::new(intent::NONE, &[2], DataType::F32, &[1.0, f64::NAN]).is_some());
    }

    fn numbers(count: u8) -> Vec<f64> {
        (0..count).map(f64::from).collect()
    }
}

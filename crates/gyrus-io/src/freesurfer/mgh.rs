//! MGH images (`.mgh`, compressed `.mgz`): volumes, or values on the vertices of a surface.

use std::path::Path;

use ndarray::Array2;

use super::bytes::Bytes;
use crate::nifti::DataType;
use crate::{IoError, Place, source};

/// An MGH image.
#[derive(Debug, Clone, PartialEq)]
pub struct Mgh {
    /// Voxels along three axes, and frames.
    pub shape: [usize; 4],
    /// The values, the first axis fastest and frames last.
    pub values: Vec<f32>,
    /// Milliseconds between frames as the file has them, where it has that part; 0 where the program did not know.
    pub repetition_time: Option<f32>,
}

/// Where the values start.
const HEADER: usize = 284;

/// Reads an MGH image. Where its voxels lie is not read.
///
/// # Errors
/// - the file is missing, empty, a git-annex pointer or cut short,
/// - its version is not 1, an axis is not at least 1, or its type is none of uint8, int16, int32, float32.
pub fn read_mgh(path: &Path) -> Result<Mgh, IoError> {
    parse_mgh(path, &source::inflated_bytes(path)?)
}

/// Reads an MGH image from its bytes; errors name `path`.
///
/// # Errors
/// - as [`read_mgh`].
pub fn parse_mgh(path: &Path, bytes: &[u8]) -> Result<Mgh, IoError> {
    let mut bytes = Bytes::new(path, bytes);
    let version = bytes.whole()?;
    if version != 1 {
        return Err(bytes.before(format!("version {version}"), "an MGH image (version 1)"));
    }
    let mut shape = [0; 4];
    for (axis, size) in shape.iter_mut().enumerate() {
        let found = bytes.whole()?;
        *size = usize::try_from(found)
            .ok()
            .filter(|size| *size > 0)
            .ok_or_else(|| bytes.before(format!("{found} elements along axis {}", axis + 1), "at least 1"))?;
    }
    let code = bytes.whole()?;
    let datatype = match code {
        0 => DataType::U8,
        1 => DataType::I32,
        3 => DataType::F32,
        4 => DataType::I16,
        _ => return Err(bytes.before(format!("values of type {code}"), "0, 1, 3 or 4")),
    };
    bytes.take(HEADER - 24)?;
    let count = shape.iter().try_fold(datatype.size(), |all, axis| all.checked_mul(*axis));
    let stored = bytes.take(count.unwrap_or(usize::MAX))?;
    let values = stored.chunks_exact(datatype.size()).map(|value| datatype.decode(value, true) as f32);
    Ok(Mgh { shape, values: values.collect(), repetition_time: bytes.float().ok() })
}

impl Mgh {
    /// The values as frames × vertices.
    ///
    /// # Errors
    /// - more than one axis has more than one element: it is a volume; the error names `path`.
    pub fn on_vertices(self, path: &Path) -> Result<Array2<f32>, IoError> {
        let [x, y, z, frames] = self.shape;
        let wrong = |found: String| {
            let remedy = "name a file of values on a surface";
            IoError::malformed(path, Place::Byte(4), found, "vertices along one axis", remedy)
        };
        if [x, y, z].iter().filter(|axis| **axis > 1).count() > 1 {
            return Err(wrong(format!("a volume of {x} × {y} × {z} voxels")));
        }
        Array2::from_shape_vec((frames, x * y * z), self.values).map_err(|error| wrong(error.to_string()))
    }
}

//! Masks: which voxels of a grid to read.

use std::path::Path;

use super::{Grid, read_volume};
use crate::{IoError, Place, Warning};

/// Some voxels of a grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Mask {
    /// The grid.
    pub grid: Grid,
    /// Indices of the voxels inside, ascending, the first axis fastest.
    pub voxels: Vec<usize>,
    /// What is odd about the header.
    pub warnings: Vec<Warning>,
}

/// Reads a mask: an image of one volume of zeros and one other value.
///
/// # Errors
/// - as [`read_volume`],
/// - the image has more than one value beside 0, a value that is not a number, or no voxel inside.
pub fn read_mask(path: &Path) -> Result<Mask, IoError> {
    let (header, values) = read_volume(path)?;
    let wrong = |found: String, remedy: &'static str| {
        Err(IoError::malformed(path, Place::File, found, "a mask of zeros and one other value", remedy))
    };
    let mut inside = None;
    let mut voxels = Vec::new();
    for (index, value) in values.iter().enumerate() {
        if *value == 0.0 {
            continue;
        }
        let expected = *inside.get_or_insert(*value);
        if *value != expected {
            return wrong(
                format!("the values {expected} and {value}"),
                "name it as an atlas, or make it a mask",
            );
        }
        voxels.push(index);
    }
    if voxels.is_empty() {
        return wrong("zeros only".to_owned(), "name a mask with voxels inside");
    }
    Ok(Mask { warnings: header.warnings(), grid: header.grid, voxels })
}

/// The voxels of an image whose value is above a limit, such as those of an atlas of probabilities.
///
/// # Errors
/// - as [`read_volume`],
/// - no voxel is above it.
pub fn read_mask_above(path: &Path, limit: f32) -> Result<Mask, IoError> {
    let (header, values) = read_volume(path)?;
    // In single precision, in which images of probabilities are stored: 0.2 is not above 0.2.
    let is_above = |value: f64| value as f32 > limit;
    let voxels: Vec<usize> = (0..values.len()).filter(|voxel| is_above(values[*voxel])).collect();
    if voxels.is_empty() {
        let most = values.iter().copied().filter(|value| value.is_finite()).fold(f64::NEG_INFINITY, f64::max);
        let expected = format!("values above {limit}");
        let remedy = "choose a lower limit, or another image";
        return Err(IoError::malformed(
            path,
            Place::File,
            format!("no value above {}", most as f32),
            expected,
            remedy,
        ));
    }
    Ok(Mask { warnings: header.warnings(), grid: header.grid, voxels })
}

impl Mask {
    /// The voxels that are inside this mask and another on the same grid.
    ///
    /// # Errors
    /// - the grids differ; the error names `path`, the file of the other mask.
    pub fn intersection(&self, other: &Self, path: &Path) -> Result<Self, IoError> {
        self.grid.require_same(&other.grid, path)?;
        let kept = |voxel: &&usize| other.voxels.binary_search(voxel).is_ok();
        let voxels = self.voxels.iter().filter(kept).copied().collect();
        Ok(Self { grid: self.grid, voxels, warnings: self.warnings.clone() })
    }
}

impl Grid {
    /// Checks that an image lies on this grid.
    ///
    /// # Errors
    /// - shape or position differ; the error names `path`, the file of the other grid.
    pub fn require_same(&self, other: &Self, path: &Path) -> Result<(), IoError> {
        if self.is_same(other) {
            return Ok(());
        }
        let remedy = "use images of one space and resolution, or resample one of them";
        Err(IoError::malformed(path, Place::File, other.describe(), self.describe(), remedy))
    }

    /// Shape, directions and first voxel, in words.
    #[must_use]
    pub fn describe(&self) -> String {
        let codes = self.affine.axis_codes().unwrap_or_else(|| "unknown".to_owned());
        let [x, y, z] = self.affine.apply([0.0; 3]);
        format!("a grid of {:?} {codes} voxels from ({x:.2}, {y:.2}, {z:.2}) mm", self.shape)
    }
}

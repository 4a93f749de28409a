//! A recording on the vertices of a hemisphere.

use std::path::Path;

use ndarray::Array2;

use super::{Array, Gifti, intent, read};
use crate::{IoError, Place};

/// Volumes of a recording, or maps, on the vertices of one surface.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Volumes × vertices.
    pub values: Array2<f32>,
    /// `TimeStep` as the file has it. The unit depends on the program that wrote it, so it is no repetition time.
    pub time_step: Option<f64>,
    /// `AnatomicalStructurePrimary`, such as `CortexLeft`.
    pub structure: Option<String>,
}

/// Reads a recording (`.func.gii`) or maps (`.shape.gii`): one array per volume, or one array of vertices × volumes.
///
/// # Errors
/// - as [`read`],
/// - there is no array of values, or arrays have different numbers of vertices, or one has more than two axes.
pub fn read_series(path: &Path) -> Result<Series, IoError> {
    series(path, &read(path)?)
}

pub(crate) fn series(path: &Path, gifti: &Gifti) -> Result<Series, IoError> {
    let wrong = |found: String, expected: String| {
        let remedy = "name a recording (.func.gii) or a map (.shape.gii)";
        IoError::malformed(path, Place::File, found, expected, remedy)
    };
    let others = [intent::LABEL, intent::POINT_SET, intent::TRIANGLE];
    let is_other = |array: &&Array| others.contains(&array.intent.as_str());
    if let Some(other) = gifti.arrays.iter().find(is_other) {
        return Err(wrong(format!("an array of {}", other.intent), "values per vertex".to_owned()));
    }
    let Some(first) = gifti.arrays.first() else {
        return Err(wrong("no array".to_owned(), "values per vertex".to_owned()));
    };
    let n_vertices = first.shape()[0];
    let mut volumes = Vec::new();
    for array in &gifti.arrays {
        let is_one = array.shape()[1..].iter().all(|axis| *axis == 1);
        let is_whole = gifti.arrays.len() == 1 && array.shape().len() == 2;
        if array.shape()[0] != n_vertices || !(is_one || is_whole) {
            let expected = format!("{n_vertices} values, one per vertex, as in the first");
            return Err(wrong(format!("an array of shape {:?}", array.shape()), expected));
        }
        volumes.extend(array.values().map(|value| value as f32));
    }
    let n_volumes = volumes.len() / n_vertices;
    let is_whole = gifti.arrays.len() == 1 && n_volumes > 1;
    let (rows, columns) = if is_whole { (n_vertices, n_volumes) } else { (n_volumes, n_vertices) };
    let values = Array2::from_shape_vec((rows, columns), volumes)
        .map_err(|error| wrong(error.to_string(), "one array per volume".to_owned()))?;
    let said = |name| first.said(name).or_else(|| gifti.said(name));
    Ok(Series {
        values: if is_whole { values.reversed_axes().as_standard_layout().into_owned() } else { values },
        time_step: said("TimeStep").and_then(|value| value.trim().parse().ok()),
        structure: said("AnatomicalStructurePrimary").map(str::to_owned),
    })
}

impl Gifti {
    /// A value of the metadata of the file.
    #[must_use]
    pub fn said(&self, name: &str) -> Option<&str> {
        self.metadata.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

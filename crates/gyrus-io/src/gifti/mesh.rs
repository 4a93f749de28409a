//! Coordinates and triangles of a surface.

use std::path::Path;

use super::{Array, Gifti, intent, read};
use crate::surface::Mesh;
use crate::{IoError, Place};

/// Reads the shape of a surface: coordinates and triangles (`.surf.gii`). Transforms in the file are not applied.
///
/// # Errors
/// - as [`read`],
/// - there is not one array of coordinates and one of triangles, each with three numbers a row,
/// - a coordinate is not finite, or a triangle names a vertex that is not there.
pub fn read_mesh(path: &Path) -> Result<Mesh, IoError> {
    mesh(path, &read(path)?)
}

pub(crate) fn mesh(path: &Path, gifti: &Gifti) -> Result<Mesh, IoError> {
    let coordinates = triples(path, gifti, intent::POINT_SET)?.map(|row| row.map(|value| value as f32));
    let triangles = triples(path, gifti, intent::TRIANGLE)?;
    // A number that is no index becomes one that no vertex has.
    let index = |value: f64| if value.fract() == 0.0 && value >= 0.0 { value as u32 } else { u32::MAX };
    Mesh::new(path, coordinates.collect(), triangles.map(|row| row.map(index)).collect())
}

fn triples<'a>(
    path: &Path,
    gifti: &'a Gifti,
    intent: &str,
) -> Result<impl Iterator<Item = [f64; 3]> + use<'a>, IoError> {
    let wrong = |found: String, expected: &str| {
        let remedy = "name the shape of a surface (.surf.gii)";
        IoError::malformed(path, Place::File, found, expected, remedy)
    };
    let arrays: Vec<&Array> = gifti.arrays.iter().filter(|array| array.intent == intent).collect();
    let [array] = arrays[..] else {
        return Err(wrong(format!("{} arrays of {intent}", arrays.len()), "one"));
    };
    let &[rows, 3] = array.shape() else {
        return Err(wrong(format!("{intent} of shape {:?}", array.shape()), "three numbers a row"));
    };
    let mut values = array.values();
    Ok((0..rows).map(move |_| std::array::from_fn(|_| values.next().unwrap_or(f64::NAN))))
}

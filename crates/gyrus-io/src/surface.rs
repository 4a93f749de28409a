//! What a surface is for a study: its shape, its parcels and its recordings, whichever program wrote them.

use std::collections::BTreeMap;
use std::path::Path;

use ndarray::Array2;

use crate::{IoError, Place, freesurfer, gifti, source};

/// The shape of one hemisphere.
#[derive(Debug, Clone, PartialEq)]
pub struct Mesh {
    /// Where each vertex lies, in millimetres; finite.
    pub coordinates: Vec<[f32; 3]>,
    /// Three vertices of each triangle, from 0.
    pub triangles: Vec<[u32; 3]>,
}

/// Which parcel each vertex of one hemisphere lies in.
#[derive(Debug, Clone, PartialEq)]
pub struct Parcellation {
    /// The key of the parcel of each vertex; keys may be without a name, as −1 is (no parcel).
    pub parcels: Vec<i32>,
    /// Names of parcels by their key, also of those without a vertex.
    pub names: BTreeMap<i32, String>,
}

impl Mesh {
    pub(crate) fn new(
        path: &Path,
        coordinates: Vec<[f32; 3]>,
        triangles: Vec<[u32; 3]>,
    ) -> Result<Self, IoError> {
        let wrong = |found: String, expected: String| {
            let remedy = "export the surface again, or copy or download it again";
            Err(IoError::malformed(path, Place::File, found, expected, remedy))
        };
        let is_finite = |place: &[f32; 3]| place.iter().all(|value| value.is_finite());
        if let Some(vertex) = coordinates.iter().position(|place| !is_finite(place)) {
            let found = format!("the coordinates {:?} of vertex {vertex}", coordinates[vertex]);
            return wrong(found, "finite coordinates".to_owned());
        }
        let is_known =
            |corners: &[u32; 3]| corners.iter().all(|corner| (*corner as usize) < coordinates.len());
        if let Some(triangle) = triangles.iter().position(|corners| !is_known(corners)) {
            let found = format!("the vertices {:?} of triangle {triangle}", triangles[triangle]);
            return wrong(found, format!("vertices below {}", coordinates.len()));
        }
        Ok(Self { coordinates, triangles })
    }
}

/// Reads the shape of a surface: GIFTI (`.surf.gii`) or FreeSurfer (`lh.pial`), told apart by their content.
///
/// # Errors
/// - as [`gifti::read_mesh`] or [`freesurfer::read_mesh`].
pub fn read_mesh(path: &Path) -> Result<Mesh, IoError> {
    let bytes = source::inflated_bytes(path)?;
    match gifti::is_gifti(&bytes) {
        true => gifti::mesh(path, &gifti::of_bytes(path, bytes)?),
        false => freesurfer::parse_mesh(path, &bytes),
    }
}

/// Reads a parcellation: GIFTI (`.label.gii`) or FreeSurfer (`.annot`), told apart by their content.
///
/// # Errors
/// - as [`gifti::read_parcellation`] or [`freesurfer::read_annotation`].
pub fn read_parcellation(path: &Path) -> Result<Parcellation, IoError> {
    let bytes = source::inflated_bytes(path)?;
    match gifti::is_gifti(&bytes) {
        true => gifti::parcellation(path, &gifti::of_bytes(path, bytes)?),
        false => freesurfer::parse_annotation(path, &bytes),
    }
}

/// Reads values per vertex, volumes × vertices: GIFTI (`.func.gii`, `.shape.gii`), or FreeSurfer's `.mgh`, `.mgz` or
/// `lh.thickness`, told apart by their content.
///
/// # Errors
/// - as [`gifti::read_series`], [`freesurfer::read_mgh`] or [`freesurfer::read_curvature`].
pub fn read_values(path: &Path) -> Result<Array2<f32>, IoError> {
    let bytes = source::inflated_bytes(path)?;
    if gifti::is_gifti(&bytes) {
        return Ok(gifti::series(path, &gifti::of_bytes(path, bytes)?)?.values);
    }
    if !freesurfer::is_curvature(&bytes) {
        return freesurfer::parse_mgh(path, &bytes)?.on_vertices(path);
    }
    let values = freesurfer::parse_curvature(path, &bytes)?;
    let count = values.len();
    Array2::from_shape_vec((1, count), values)
        .map_err(|error| IoError::Unreadable { path: path.to_owned(), reason: error.to_string() })
}

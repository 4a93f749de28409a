//! Shapes of triangles (`lh.white`, `lh.pial`, `lh.sphere`).

use std::path::Path;

use super::bytes::Bytes;
use crate::surface::Mesh;
use crate::{IoError, source};

/// The three bytes that such a file starts with.
const MAGIC: [u8; 3] = [0xff, 0xff, 0xfe];

/// Reads the shape of a surface, in the coordinates of the file.
///
/// # Errors
/// - the file is missing, empty, a git-annex pointer or cut short,
/// - it does not start with the mark of the format (four-sided faces have another),
/// - a coordinate is not finite, or a triangle names a vertex that is not there.
pub fn read_mesh(path: &Path) -> Result<Mesh, IoError> {
    parse_mesh(path, &source::inflated_bytes(path)?)
}

/// Reads the shape of a surface from its bytes; errors name `path`.
///
/// # Errors
/// - as [`read_mesh`].
pub fn parse_mesh(path: &Path, bytes: &[u8]) -> Result<Mesh, IoError> {
    let mut bytes = Bytes::new(path, bytes);
    let start = bytes.take(3)?;
    if start != MAGIC {
        let expected = "[ff, ff, fe], as shapes of triangles do";
        return Err(bytes.before(format!("a file that starts with the bytes {start:x?}"), expected));
    }
    // A line says who wrote the file; most programs end it by two line feeds.
    let line = bytes.rest().iter().position(|byte| *byte == b'\n');
    let line = line.ok_or_else(|| bytes.before("no line that says who wrote it", "one"))?;
    bytes.take(line + 1)?;
    if bytes.rest().first() == Some(&b'\n') {
        bytes.take(1)?;
    }
    let n_vertices = bytes.count("vertices", 12)?;
    let n_triangles = bytes.count("triangles", 12)?;
    let coordinates = bytes.floats(3 * n_vertices)?.as_chunks::<3>().0.to_vec();
    let mut triangles = Vec::with_capacity(n_triangles);
    for _ in 0..n_triangles {
        // A negative number becomes one that no vertex has.
        triangles.push([bytes.whole()?, bytes.whole()?, bytes.whole()?].map(|corner| corner as u32));
    }
    Mesh::new(path, coordinates, triangles)
}

//! One measure per vertex (`lh.thickness`, `lh.curv`, `lh.sulc`) in the format of 1999 and later.

use std::path::Path;

use super::bytes::Bytes;
use crate::{IoError, source};

/// The three bytes that such a file starts with.
const MAGIC: [u8; 3] = [0xff, 0xff, 0xff];

/// Reads one measure per vertex.
///
/// # Errors
/// - the file is missing, empty, a git-annex pointer or cut short,
/// - it does not start with the mark of the format, or has more than one value per vertex.
pub fn read_curvature(path: &Path) -> Result<Vec<f32>, IoError> {
    parse_curvature(path, &source::inflated_bytes(path)?)
}

/// Reads one measure per vertex from its bytes; errors name `path`.
///
/// # Errors
/// - as [`read_curvature`].
pub fn parse_curvature(path: &Path, bytes: &[u8]) -> Result<Vec<f32>, IoError> {
    let is_ours = is_curvature(bytes);
    let mut bytes = Bytes::new(path, bytes);
    let start = bytes.take(3)?;
    if !is_ours {
        return Err(bytes.before(format!("a file that starts with the bytes {start:x?}"), "[ff, ff, ff]"));
    }
    let n_vertices = bytes.count("vertices", 4)?;
    let _n_faces = bytes.whole()?;
    let per_vertex = bytes.whole()?;
    if per_vertex != 1 {
        return Err(bytes.before(format!("{per_vertex} values per vertex"), "one"));
    }
    bytes.floats(n_vertices)
}

/// Whether bytes start as such a file does.
pub(crate) fn is_curvature(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

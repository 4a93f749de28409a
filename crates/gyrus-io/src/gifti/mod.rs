//! GIFTI files: arrays of a surface (values, labels, coordinates, triangles) in every encoding of the format.
//!
//! Read are encodings ASCII, Base64Binary, GZipBase64Binary and ExternalFileBinary, both byte orders, both orders of
//! indices, and whole files that are compressed. Written are the first three, little-endian, rows first. Transforms of
//! coordinates are not read.

mod array;
mod document;
mod encoding;
mod head;
mod label;
mod mesh;
mod series;
mod write;

pub use array::{Array, intent};
pub use document::{Gifti, parse, read};
pub use head::{Head, read_head, require_end};
pub use label::{Label, read_parcellation};
pub use mesh::read_mesh;
pub use series::{Series, read_series};
pub use write::{Encoding, write};

pub(crate) use document::of_bytes;
pub(crate) use label::parcellation;
pub(crate) use mesh::mesh;
pub(crate) use series::series;
pub(crate) use write::escaped;

/// Whether bytes start as a GIFTI file does, in any encoding of text.
pub(crate) fn is_gifti(bytes: &[u8]) -> bool {
    let is_before =
        |byte: &&u8| matches!(byte, 0 | 0xef | 0xbb | 0xbf | 0xfe | 0xff) || byte.is_ascii_whitespace();
    bytes.iter().take(64).find(|byte| !is_before(byte)) == Some(&b'<')
}

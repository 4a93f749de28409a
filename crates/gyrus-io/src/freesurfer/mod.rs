//! FreeSurfer's files of surfaces: annotations, labels, measures per vertex, shapes and MGH images.
//!
//! All are big-endian. Shapes of four-sided faces and measures of the old format (before 1999) are not read.

mod annotation;
mod bytes;
mod curvature;
mod label;
mod mesh;
mod mgh;

pub use annotation::{parse_annotation, read_annotation};
pub use curvature::{parse_curvature, read_curvature};
pub use label::{parse_label, read_label};
pub use mesh::{parse_mesh, read_mesh};
pub use mgh::{Mgh, parse_mgh, read_mgh};

pub(crate) use curvature::is_curvature;

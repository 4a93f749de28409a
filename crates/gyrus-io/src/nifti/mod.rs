//! NIfTI-1 and NIfTI-2 images, plain and compressed, read and written volume by volume.

mod affine;
mod atlas;
mod datatype;
mod fields;
mod grid;
mod header;
mod lattice;
mod mask;
pub(crate) mod matrix;
mod nearest;
mod volumes;
mod write;

pub use affine::Affine;
pub use atlas::{Atlas, parse_labels, read_atlas, read_labels};
pub use datatype::DataType;
pub use grid::{Grid, Orientation};
pub use header::{Header, SpaceUnit, TimeUnit};
pub use lattice::Lattice;
pub use mask::{Mask, read_mask, read_mask_above};
pub use nearest::Nearest;
pub use volumes::{Volumes, read_masked, read_volume};
pub use write::{NewImage, write};

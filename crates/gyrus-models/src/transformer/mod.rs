//! The blocks that families are made of: products in fixed row blocks, attention, norms, rotary positions.

mod attention;
mod linear;
mod norm;
mod positions;

pub(crate) use attention::{Attention, Heads};
pub(crate) use linear::{Linear, ROWS, add, map_rows, padded};
pub(crate) use norm::{layer_norm, rms_norm};
pub(crate) use positions::Rotary;

//! The blocks that families are made of, and the one forward pass through them.

mod activation;
mod attention;
mod block;
mod embedding;
mod linear;
mod mlp;
mod network;
mod norm;
mod offload;
mod rotary;
mod simd;
mod site;

pub(crate) use activation::{Activation, activation_names};
pub(crate) use attention::{Attention, Heads};
pub(crate) use block::{Block, Order};
pub(crate) use embedding::{Embedding, Places, Projection};
pub(crate) use linear::{Affine, Linear};
pub(crate) use mlp::Mlp;
pub(crate) use network::{Plan, Shape, Sink, Transformer};
pub(crate) use norm::Norm;
pub(crate) use offload::Offloaded;
#[cfg(feature = "candle")]
pub(crate) use rotary::Turns;
pub(crate) use rotary::{Frequencies, Rotary};
pub use site::Site;

//! The Alice study on the real recordings: what an independent account found, and what people are shown.

#![allow(clippy::unwrap_used)]

mod planned;
mod presets;
mod published;
mod shown;
mod study;
mod sweeps;
mod tripwire;

//! Alignment, denoising, statistics, ceilings, hierarchy and diagnostics against oracles, goldens and laws.

mod align;
mod ceilings;
mod denoise;
mod golden;
mod simulate;
mod statistics;

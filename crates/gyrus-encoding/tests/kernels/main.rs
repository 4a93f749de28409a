//! Alignment, denoising, statistics, ceilings, hierarchy, similarity and diagnostics against oracles, goldens and laws.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::needless_range_loop)]

mod align;
mod behaviour;
mod ceilings;
mod clusters;
mod denoise;
mod diagnostics;
mod differences;
mod golden;
mod halves;
mod hierarchy;
mod normal_excess;
mod order;
mod own_depth;
mod people;
mod physiology;
mod power;
mod repeats;
mod scaling;
mod scans;
mod scores;
mod similarity;
mod simulate;
mod statistics;
mod tails;

//! Data sets that fMRIPrep has preprocessed, from `gyrus init` to maps; and what is wrong with those of real life.

#![allow(clippy::unwrap_used)]

#[path = "../program/checkpoint.rs"]
mod checkpoint;
mod cortex;
mod dataset;
mod image;
#[path = "../program/numbers.rs"]
mod numbers;
#[path = "../program/program.rs"]
mod program;

mod analysed;
mod behaviour;
mod choices;
mod clusters;
mod cohorts;
mod confounds;
mod damaged;
mod floats;
mod headers;
mod images;
mod initial;
mod labels;
mod orders;
mod parts;
mod physiology;
mod recipes;
mod repeats;
mod resampled;
mod spans;
mod surfaces;
mod times;

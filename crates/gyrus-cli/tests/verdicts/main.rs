//! Every verdict on studies with a planted truth: one that must bring it about, one that must not.

// The module that runs the program says more than is asked here.
#![allow(clippy::unwrap_used, dead_code)]

#[path = "../program/checkpoint.rs"]
mod checkpoint;
#[path = "../program/numbers.rs"]
mod numbers;
mod planted;
#[path = "../program/program.rs"]
mod program;

mod outcomes;

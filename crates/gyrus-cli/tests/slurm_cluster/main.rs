//! A real Slurm of two nodes on this machine: the same bytes as without it, whatever is killed, cancelled or drained.

// The modules that run the program say more than is asked here.
#![allow(clippy::unwrap_used, dead_code)]

#[path = "../recordings_alice/study.rs"]
mod alice_study;
#[path = "../program/checkpoint.rs"]
mod checkpoint;
#[path = "../volumes/dataset.rs"]
mod dataset;
#[path = "../volumes/image.rs"]
mod image;
#[path = "../program/numbers.rs"]
mod numbers;
#[path = "../cluster/planned.rs"]
mod planned;
#[path = "../program/program.rs"]
mod program;
#[path = "../program/study.rs"]
mod study;

mod alice;
mod cluster;
mod faults;
mod limits;

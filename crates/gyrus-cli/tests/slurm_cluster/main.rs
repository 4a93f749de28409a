//! A real Slurm of two nodes on this machine: the same bytes as without it, whatever is killed, cancelled or drained.

#![allow(clippy::unwrap_used)]

#[path = "../program/checkpoint.rs"]
mod checkpoint;
#[path = "../program/numbers.rs"]
mod numbers;
#[path = "../cluster/planned.rs"]
mod planned;
#[path = "../program/program.rs"]
mod program;
#[path = "../program/study.rs"]
mod study;

mod cluster;
mod faults;

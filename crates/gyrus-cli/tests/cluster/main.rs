//! One plan on several processes: the same bytes as on one, and nothing wrong is ever brought together.

// The modules that run the program say more than is asked here.
#![allow(clippy::unwrap_used, dead_code)]

#[path = "../program/checkpoint.rs"]
mod checkpoint;
#[path = "../memory/large.rs"]
mod large;
#[path = "../program/numbers.rs"]
mod numbers;
#[path = "../program/program.rs"]
mod program;
#[path = "../program/study.rs"]
mod study;

mod divided;
mod planned;
mod scripts;
mod shares;

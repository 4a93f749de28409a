//! The page in a browser: what is clicked, focused and saved says what the tables say, and nothing is fetched.

// The modules that make studies say more than is asked here.
#![allow(clippy::unwrap_used, dead_code)]
#![cfg(unix)]

#[path = "../program/checkpoint.rs"]
mod checkpoint;
#[path = "../volumes/cortex.rs"]
mod cortex;
#[path = "../volumes/dataset.rs"]
mod dataset;
#[path = "../volumes/image.rs"]
mod image;
#[path = "../program/numbers.rs"]
mod numbers;
#[path = "../program/program.rs"]
mod program;
#[path = "../program/study.rs"]
mod study;

mod accessible;
mod brain;
mod chromium;
mod controls;
mod layers;
mod names;
mod pictures;
mod printed;
mod served;
mod solid;

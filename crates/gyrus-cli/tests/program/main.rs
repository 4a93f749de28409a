//! The program as people meet it: run with arguments, judged by what it prints, its exit code and its files.

#![allow(clippy::unwrap_used)]

mod checkpoint;
mod numbers;
mod program;
mod study;

mod brought;
mod compare;
mod contexts;
mod contrasts;
mod devices;
mod encoders;
mod exclusions;
mod extract;
mod files;
mod folds;
mod forecast;
mod interrupted;
mod language_models;
mod noise;
mod nulls;
mod opened;
mod outputs;
mod people;
mod power;
mod presets;
mod reading;
mod score;
mod settings;
mod store;
mod study_file;
mod sweeps;
mod threads;
mod usage;

//! The report against the tables that are written beside it.

#![allow(clippy::unwrap_used)]

mod answer;
mod carpet;
mod figures;
mod hostile;
mod methods;
mod numbers;
mod study;
mod tables;

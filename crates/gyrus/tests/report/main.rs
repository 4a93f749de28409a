//! The report against the tables that are written beside it.

mod answer;
mod figures;
mod hostile;
mod methods;
mod numbers;
mod study;
mod tables;

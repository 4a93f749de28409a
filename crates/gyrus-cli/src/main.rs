//! The gyrus command.
fn main() {}

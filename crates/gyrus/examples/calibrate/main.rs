//! Whether p values and intervals mean what they say: calibrate [PART [COUNT]], PART being one of targets, group, spectra,
//! gains, intervals, alice and depth (all of them without it); COUNT how many data sets each condition has.

#![allow(clippy::disallowed_methods)]

mod alice;
mod depth;
mod gains;
mod group;
mod intervals;
mod judge;
mod targets;

use std::error::Error;
use std::sync::Arc;

use gyrus_encoding::backend::Backend;

/// What a part prints and judges, with how many data sets per condition if the caller does not say.
type Part = (&'static str, usize, fn(&Backend, usize) -> Result<(), Box<dyn Error>>);

const PARTS: [Part; 7] = [
    ("targets", 12, targets::run),
    ("group", 1000, group::autoregressive),
    ("spectra", 1000, group::like_alice),
    ("gains", 36, gains::run),
    ("intervals", 400, intervals::run),
    ("alice", 1000, alice::run),
    ("depth", 200, depth::run),
];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (name, count) = (arguments.first(), arguments.get(1));
    let known = PARTS.map(|(name, _, _)| name).join(", ");
    if let Some(name) = name.filter(|name| PARTS.iter().all(|(known, _, _)| known != name)) {
        return Err(format!("found the part `{name}`, expected one of {known}").into());
    }
    let count = count.map(|text| text.parse().map_err(|_| format!("found `{text}`, expected a number")));
    let count: Option<usize> = count.transpose()?;
    let backend = Backend::cpu(Arc::new(rayon::ThreadPoolBuilder::new().build()?));
    let mut failed = Vec::new();
    for (part, by_default, run) in PARTS {
        if name.is_none_or(|name| name == part) {
            println!("\n== {part}");
            if let Err(error) = run(&backend, count.unwrap_or(by_default)) {
                failed.push(format!("{part}: {error}"));
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n").into()) }
}

//! `cargo xtask bench voxels`: a run of volumes, masked and cleaned by gyrus and by nilearn, in turns.

use std::process::Command;

use super::peers::{Taken, fastest, python, script, time};
use crate::process::{cargo, require, root};

/// How many times as fast gyrus should be, by processor time, and the most memory it may take.
const REACH: (f64, f64) = (10.0, 400.0);
const ROUNDS: usize = 3;
/// With its default filter, and with the cosines that gyrus removes.
const PEERS: [&str; 2] = ["nilearn", "nilearn-cosine"];

/// Runs both in turns and prints the fastest of three rounds of each. Needs `GYRUS_PYTHON`, a Python with nilearn and
/// nibabel.
///
/// # Errors
/// - a Python that is missing or lacks a package, or a program that does not build.
pub fn run() -> Result<(), String> {
    require(cargo().args(["build", "--release", "--package", "gyrus", "--example", "prepare"]))?;
    let folder = root().join("target/bench/volumes");
    require(python().arg(script("volumes.py")).arg("make").arg(&folder))?;
    let mut taken: [Vec<Taken>; 3] = Default::default();
    for _ in 0..ROUNDS {
        taken[0].push(time(Command::new(root().join("target/release/examples/prepare")).arg(&folder))?);
        for (peer, rounds) in PEERS.iter().zip(&mut taken[1..]) {
            rounds.push(time(python().arg(script("volumes.py")).arg(peer).arg(&folder))?);
        }
    }
    let mut fastest_of = Vec::new();
    for rounds in taken {
        fastest_of.push(fastest(rounds)?);
    }
    println!("by\twall [s]\tprocessor [s]\tpeak [MiB]\tgyrus is faster (processor)");
    for (name, Taken { wall, processor, peak, .. }) in ["gyrus"].iter().chain(&PEERS).zip(&fastest_of) {
        let ratio = processor / fastest_of[0].processor;
        println!("{name}\t{wall:.2}\t{processor:.2}\t{:.0}\t{ratio:.1}", peak / 1_048_576.0);
    }
    println!("to reach: {} times nilearn's default, below {} MiB", REACH.0, REACH.1);
    Ok(())
}

//! `cargo xtask bench python`: what a call from Python costs over the engine, memory, import, and the size of the wheel.

use std::process::Command;

use super::peers::{Taken, fastest, script, time};
use crate::environment;
use crate::process::{cargo, require, root};
use crate::test::python::{install, wheel};

const ROUNDS: usize = 3;
/// Most that a call may cost over the engine (a share), an import may take (seconds) and a wheel may hold (MiB).
const REACH: (f64, f64, f64) = (0.02, 0.1, 25.0);

/// Fits all rows at the size `dual` of the engine's table, in turns by the engine and from Python with responses in C and in
/// F order, and prints the fastest of three rounds, memory above the arrays, and the time of an import.
///
/// # Errors
/// - Python or a package is missing, or something does not build.
pub fn run() -> Result<(), String> {
    require(cargo().args(["build", "--release", "--package", "gyrus-encoding", "--example", "model"]))?;
    let wheel = wheel()?;
    let bytes = std::fs::metadata(&wheel).map_err(|error| format!("{}: {error}", wheel.display()))?.len();
    let python = environment::made("bench")?;
    install(&python, &["numpy==2.4.6", "scikit-learn==1.9.1"], &wheel)?;
    let folder = root().join("target/bench/dual");
    require(Command::new(&python).arg(script("data.py")).arg("dual").arg(&folder))?;
    let work = root().join("benches/python/fit.py");
    let mut taken: [Vec<Taken>; 3] = Default::default();
    for _ in 0..ROUNDS {
        taken[0].push(time(Command::new(root().join("target/release/examples/model")).arg(&folder))?);
        for (order, rounds) in ["C", "F"].iter().zip(&mut taken[1..]) {
            rounds.push(time(Command::new(&python).arg(&work).arg("fit").arg(&folder).arg(order))?);
        }
    }
    let import = time(Command::new(&python).arg(&work).arg("import"))?;
    println!("by\twall [s]\tprocessor [s]\tmemory above the arrays [MiB]\tover the engine (processor)");
    let mut engine = f64::NAN;
    for (name, rounds) in ["engine", "Python, C order", "Python, F order"].iter().zip(taken) {
        let Taken { wall, processor, peak, .. } = fastest(rounds)?;
        engine = if engine.is_nan() { processor } else { engine };
        println!(
            "{name}\t{wall:.2}\t{processor:.2}\t{:.0}\t{:+.3}",
            peak / 1_048_576.0,
            processor / engine - 1.0
        );
    }
    println!("import gyrus: {:.3} s; wheel: {:.1} MiB", import.wall, bytes as f64 / 1_048_576.0);
    println!(
        "to reach: {:+.2} over the engine, no copy of the responses, {} s, {} MiB",
        REACH.0, REACH.1, REACH.2
    );
    Ok(())
}

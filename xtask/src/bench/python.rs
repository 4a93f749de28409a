//! `cargo xtask bench python`: what a call from Python costs over the engine, memory, import, and the size of the wheel.

use std::process::Command;

use super::peers::{Taken, script, time};
use crate::environment;
use crate::process::{cargo, require, root};
use crate::test::python::{install, wheel};

const ROUNDS: usize = 5;
/// Most that a call may cost over the engine (a share), an import may take (seconds) and a wheel may hold (MiB).
const REACH: (f64, f64, f64) = (0.02, 0.1, 25.0);

/// Fits at the size `dual` of the engine's table, in turns by the engine and by `gyrus.RidgeCV` with responses in C and in F
/// order, and prints medians of five rounds, the median over rounds of the ratio to the engine's turn, memory above the arrays,
/// and the time of an import.
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
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let engine = time(Command::new(root().join("target/release/examples/model")).arg(&folder))?;
        let fit = |order: &str| time(Command::new(&python).arg(&work).arg("fit").arg(&folder).arg(order));
        rounds.push([engine, fit("C")?, fit("F")?]);
    }
    let import = time(Command::new(&python).arg(&work).arg("import"))?;
    println!(
        "responses\twall [s]\tprocessor [s]\tmemory above the arrays [MiB]\tover the engine (processor)"
    );
    for (place, name) in ["engine", "Python, C order", "Python, F order"].iter().enumerate() {
        let of = |value: fn(&Taken) -> f64| median(rounds.iter().map(|round| value(&round[place])).collect());
        let over = median(rounds.iter().map(|round| round[place].processor / round[0].processor).collect());
        let (wall, processor) = (of(|taken| taken.wall), of(|taken| taken.processor));
        let peak = of(|taken| taken.peak) / 1_048_576.0;
        println!("{name}\t{wall:.2}\t{processor:.2}\t{peak:.0}\t{:+.3}", over - 1.0);
    }
    println!("import gyrus: {:.3} s; wheel: {:.1} MiB", import.wall, bytes as f64 / 1_048_576.0);
    println!(
        "to reach: {:+.2} over the engine, no copy of the responses, {} s, {} MiB",
        REACH.0, REACH.1, REACH.2
    );
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

//! `cargo xtask bench peers`: the same work by gyrus and by its peers, in turns, on the same data and two threads.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{cargo, require, root};

/// Work, its peer, and how many times as fast gyrus should be.
const WORKS: [(&str, &str, f64); 11] = [
    ("dual", "himalaya", 3.0),
    ("people", "himalaya", 10.0),
    ("dual50", "himalaya", 12.0),
    ("primal", "himalaya", 12.0),
    ("banded", "himalaya", 5.0),
    ("surrogates", "numpy", 10.0),
    ("shifts", "scipy", 3.0),
    ("flips", "nilearn", 10.0),
    ("flips", "numpy", 2.0),
    ("tfce", "nilearn", 10.0),
    ("mesh", "mne", 5.0),
];
const ROUNDS: usize = 3;

/// What one run of some work took.
pub(super) struct Taken {
    pub wall: f64,
    /// NaN where only a sample was run.
    pub processor: f64,
    pub peak: f64,
    /// Operations of its matrix products per second, as a share of what the machine's own products reach; gyrus only.
    pub product_share: Option<f64>,
    /// A number that the work computed, where it says one.
    pub check: Option<f64>,
    /// Where the time was reckoned from samples: how much each did, and its seconds.
    pub samples: Option<String>,
}

/// Runs the named works (or all), each in turns with its peer, and prints a table: the fastest of three rounds, peak
/// memory, the ratio of wall times, and how far penalties and scores (or p) agree. A peer that would take minutes is timed once, on samples.
/// Needs `GYRUS_PYTHON`, a Python with
/// benches/peers/requirements.txt.
///
/// # Errors
/// - an unknown work, a Python that is missing or lacks a package, or a program that does not build.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let known = |name: &String| WORKS.iter().any(|(work, ..)| work == name);
    if let Some(unknown) = arguments.iter().find(|name| !known(name)) {
        let names: Vec<&str> = WORKS.iter().map(|(work, ..)| *work).collect();
        return Err(format!("found `{unknown}`, expected some of {}", names.join(", ")));
    }
    require(cargo().args(["build", "--release", "--package", "gyrus-encoding", "--example", "peers"]))?;
    let mut table =
        "work\tby\twall [s]\tprocessor [s]\tpeak [MiB]\tratio\tto reach\tproducts\tsame penalties\tscores\n"
            .to_owned();
    for (work, peer, reach) in WORKS {
        if arguments.is_empty() || arguments.iter().any(|name| name == work) {
            table.push_str(&compare(work, peer, reach)?);
        }
    }
    print!("{table}");
    let path = root().join("target/bench/peers.tsv");
    std::fs::write(&path, table).map_err(|error| format!("{}: {error}", path.display()))
}

fn compare(work: &str, peer: &str, reach: f64) -> Result<String, String> {
    let folder = root().join("target/bench").join(work);
    require(python().arg(script("data.py")).arg(work).arg(&folder))?;
    if work == "banded" {
        let code = "import sys; sys.path.insert(0, sys.argv[1]); import numpy, peers; numpy.save(sys.argv[2], peers.mixtures())";
        let scripts = root().join("benches/peers");
        require(python().args(["-c", code]).arg(scripts).arg(folder.join("mixtures.npy")))?;
    }
    let (mut ours, mut theirs): (Vec<Taken>, Vec<Taken>) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let mut command = Command::new(root().join("target/release/examples/peers"));
        ours.push(time(command.arg(work).arg(&folder))?);
        // What is reckoned from samples takes minutes.
        if theirs.first().is_none_or(|first| first.samples.is_none()) {
            theirs.push(time(python().arg(script("peers.py")).args([peer, work]).arg(&folder))?);
        }
    }
    let (ours, theirs) = (fastest(ours)?, fastest(theirs)?);
    let agreement = agreement(&folder, peer)?;
    let mut rows = String::new();
    for (name, taken) in [(peer, &theirs), ("gyrus", &ours)] {
        let Taken { wall, processor, peak, product_share, .. } = taken;
        let _ = write!(rows, "{work}\t{name}\t{wall:.2}\t{processor:.2}\t{:.0}", peak / 1_048_576.0);
        let _ = match name {
            "gyrus" => {
                let (ratio, share) = (theirs.wall / ours.wall, product_share.unwrap_or(f64::NAN));
                writeln!(rows, "\t{ratio:.1}\t{reach}\t{share:.2}\t{agreement}")
            }
            _ => writeln!(rows, "\t\t\t\t\t{}", taken.samples.as_deref().unwrap_or_default()),
        };
    }
    Ok(rows)
}

/// Share of equal penalties, and the largest difference of scores among targets with equal ones.
fn agreement(folder: &Path, peer: &str) -> Result<String, String> {
    let read = |by: &str, name: &str| numbers(&folder.join(by).join(name));
    let (ours, theirs) = (read("gyrus", "alpha.f64")?, read(peer, "alpha.f64")?);
    let same: Vec<bool> =
        ours.iter().zip(&theirs).map(|(a, b)| a == b || (a / b - 1.0).abs() < 1e-5).collect();
    let share = match same.len() {
        0 => "n/a".to_owned(),
        count => format!("{:.4}", same.iter().filter(|same| **same).count() as f64 / count as f64),
    };
    let scores = read("gyrus", "score.f64")?.into_iter().zip(read(peer, "score.f64")?);
    let differences = scores.enumerate().filter(|(target, _)| same.get(*target).copied().unwrap_or(true));
    let mut differences: Vec<f64> = differences.map(|(_, (a, b))| (a - b).abs()).collect();
    differences.sort_by(f64::total_cmp);
    let at = |share: f64| differences.get(((differences.len().max(1) - 1) as f64 * share) as usize).copied();
    Ok(format!("{share}\tmedian {:.1e}, largest {:.1e}", at(0.5).unwrap_or(0.0), at(1.0).unwrap_or(0.0)))
}

fn numbers(path: &Path) -> Result<Vec<f64>, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let number = |bytes: &[u8]| bytes.try_into().map(f64::from_le_bytes).unwrap_or(f64::NAN);
    Ok(bytes.chunks_exact(8).map(number).collect())
}

pub(super) fn fastest(taken: Vec<Taken>) -> Result<Taken, String> {
    taken.into_iter().min_by(|a, b| a.wall.total_cmp(&b.wall)).ok_or_else(|| "no round was run".to_owned())
}

/// The last line of its output is JSON with wall, processor and peak.
pub(super) fn time(command: &mut Command) -> Result<Taken, String> {
    let output = command.output().map_err(|error| format!("{command:?} cannot be started: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let found = text.lines().last().and_then(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let number = |name: &str| found.as_ref().and_then(|found| found[name].as_f64());
    match (number("wall"), number("peak")) {
        (Some(wall), Some(peak)) => {
            let (product_share, check) = (number("product_share"), number("check"));
            let samples = found.as_ref().and_then(|found| found.get("samples")).map(ToString::to_string);
            let processor = number("processor").unwrap_or(f64::NAN);
            Ok(Taken { wall, processor, peak, product_share, check, samples })
        }
        _ => Err(format!(
            "{command:?} ended with {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

pub(super) fn python() -> Command {
    let program = std::env::var_os("GYRUS_PYTHON").unwrap_or_else(|| "python3".into());
    let mut command = Command::new(program);
    command.env("OMP_NUM_THREADS", "2").env("MKL_NUM_THREADS", "2").env("OPENBLAS_NUM_THREADS", "2");
    command
}

pub(super) fn script(name: &str) -> PathBuf {
    root().join("benches/peers").join(name)
}

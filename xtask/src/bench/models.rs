//! `cargo xtask bench models`: the same windows and texts by gyrus and by PyTorch, in turns, on the same weights and two
//! threads.

use std::fmt::Write;
use std::process::Command;

use super::peers::{Taken, fastest, python, script, time};
use crate::process::{cargo, require, root};

/// Work, what its peer does, and how many times as fast gyrus should be.
const WORKS: [(&str, &str, f64); 5] = [
    ("llama", "12 blocks of 768 units, one window of 1,024 tokens", 1.2),
    ("gpt2", "124 M parameters, one window of 1,024 tokens", 1.2),
    ("bert", "64 sentences of 20 to 60 tokens; the peer pads them", 1.3),
    ("exact", "10,000 words, 512 tokens of history each, exact; both on 40 words, scaled", 20.0),
    (
        "strided",
        "10,000 words, at least 512 tokens of history; the peer one pass per word, on 40 words, scaled",
        60.0,
    ),
];
const ROUNDS: usize = 3;
const THREADS: &str = "2";

/// Runs the named works (or all), each in turns with its peer, and prints a table: the fastest of three rounds, peak
/// memory, the ratios of wall and of processor time, and a number that both computed. Needs `GYRUS_PYTHON`, a Python
/// with PyTorch, transformers and tokenizers.
///
/// # Errors
/// - an unknown work, a Python that is missing or lacks a package, or a program that does not build.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let known = |name: &String| WORKS.iter().any(|(work, ..)| work == name);
    if let Some(unknown) = arguments.iter().find(|name| !known(name)) {
        let names: Vec<&str> = WORKS.iter().map(|(work, ..)| *work).collect();
        return Err(format!("found `{unknown}`, expected some of {}", names.join(", ")));
    }
    require(cargo().args(["build", "--release", "--package", "gyrus-models", "--example", "forward"]))?;
    let mut table =
        "work\tby\twall [s]\tprocessor [s]\tpeak [MiB]\tof wall\tof processor\tto reach\tcomputed\twhat\n"
            .to_owned();
    for (work, what, reach) in WORKS {
        if arguments.is_empty() || arguments.iter().any(|name| name == work) {
            table.push_str(&compare(work, what, reach)?);
        }
    }
    print!("{table}");
    let path = root().join("target/bench/models.tsv");
    std::fs::write(&path, table).map_err(|error| format!("{}: {error}", path.display()))
}

fn compare(work: &str, what: &str, reach: f64) -> Result<String, String> {
    let shape = if matches!(work, "exact" | "strided") { "gpt2" } else { work };
    let folder = root().join("target/bench/models").join(shape);
    if !folder.join("tokenizer.json").is_file() {
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        require(python().arg(script("forward.py")).args(["make", work]).arg(&folder))?;
    }
    let (mut ours, mut theirs): (Vec<Taken>, Vec<Taken>) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let mut command = Command::new(root().join("target/release/examples/forward"));
        ours.push(time(command.arg(work).arg(&folder).arg(THREADS))?);
        theirs.push(time(python().arg(script("forward.py")).args(["time", work]).arg(&folder).arg(THREADS))?);
    }
    let (ours, theirs) = (fastest(ours)?, fastest(theirs)?);
    let mut rows = String::new();
    for (name, taken) in [("PyTorch", &theirs), ("gyrus", &ours)] {
        let Taken { wall, processor, peak, check, .. } = taken;
        let check = check.map_or_else(|| "n/a".to_owned(), |check| format!("{check:.5}"));
        let _ = write!(rows, "{work}\t{name}\t{wall:.2}\t{processor:.2}\t{:.0}", peak / 1_048_576.0);
        let _ = match name {
            "gyrus" => writeln!(
                rows,
                "\t{:.2}\t{:.2}\t{reach}\t{check}\t{what}",
                theirs.wall / ours.wall,
                theirs.processor / ours.processor
            ),
            _ => writeln!(rows, "\t\t\t\t{check}\t"),
        };
    }
    Ok(rows)
}

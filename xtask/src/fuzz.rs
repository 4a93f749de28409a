//! `cargo xtask fuzz`: every reader against damaged files, by libFuzzer on the pinned toolchain.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::{self, available_parallelism, sleep};
use std::time::Duration;

use crate::process::{cargo, processor_seconds, require, root};

/// What libFuzzer needs to see of a program: which edges were taken, and what was compared with what.
const FLAGS: [&str; 6] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];
/// No file of the corpora is larger than a few kilobytes: more than this is an allocation that a file asked for.
const MEBIBYTES: usize = 512;
/// Seconds after which a file hangs a reader.
const PATIENCE: usize = 10;

/// Targets with a finding that is not mended, run where they are named only: parquet 60 takes 25 s for the damaged file in
/// `fuzz/open/parquet`.
const OPEN: [&str; 1] = ["parquet"];

/// `[SECONDS] [TARGET…]`: builds the targets, runs each for so long (60 s; all of them), as many at
/// a time as there are cores, and prints lines for `fuzz/log.tsv`.
///
/// # Errors
/// - a target does not build, or there is none of that name,
/// - an input crashes a reader, hangs it, or makes it ask for too much memory: the file is named.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let (seconds, named) = match arguments.split_first().map(|(first, rest)| (first.parse::<u64>(), rest)) {
        Some((Ok(seconds), rest)) => (seconds, rest),
        _ => (60, arguments),
    };
    let known = targets()?;
    if let Some(name) = named.iter().find(|name| !known.contains(name)) {
        return Err(format!("found the target {name}, expected some of {}", known.join(", ")));
    }
    let mended = known.into_iter().filter(|name| !OPEN.contains(&name.as_str()));
    let chosen = if named.is_empty() { mended.collect() } else { named.to_vec() };
    let programs = build(&chosen)?;
    let commit = commit()?;
    println!("commit\ttarget\tseconds\texecutions\tcoverage");
    let mut failed = Vec::new();
    let at_once = available_parallelism().map_or(1, usize::from);
    for some in chosen.chunks(at_once) {
        let run = |name: &String| (name.clone(), fuzz(&programs.join(name), name, seconds));
        let done: Vec<(String, Result<Done, String>)> = thread::scope(|scope| {
            let running: Vec<_> = some.iter().map(|name| scope.spawn(move || run(name))).collect();
            running.into_iter().filter_map(|run| run.join().ok()).collect()
        });
        for (name, done) in done {
            match done {
                Ok(done) => println!(
                    "{commit}\t{name}\t{:.0}\t{}\t{}",
                    done.processor, done.executions, done.coverage
                ),
                Err(reason) => failed.push(format!("{name}: {reason}")),
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}

fn targets() -> Result<Vec<String>, String> {
    let folder = root().join("fuzz/fuzz_targets");
    let entries = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let stem = |entry: fs::DirEntry| entry.path().file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let mut names: Vec<String> = entries.flatten().filter_map(stem).collect();
    names.sort();
    Ok(names)
}

/// Builds for the machine by its name, so that build scripts are not watched; returns the folder of the programs.
fn build(names: &[String]) -> Result<PathBuf, String> {
    let host = host()?;
    let folder = root().join("target/fuzz");
    let mut command = cargo();
    command.args(["build", "--release", "--manifest-path", "fuzz/Cargo.toml", "--target", &host]);
    command.arg("--target-dir").arg(&folder).env("RUSTFLAGS", FLAGS.join(" "));
    names.iter().for_each(|name| {
        command.args(["--bin", name]);
    });
    require(&mut command)?;
    Ok(folder.join(host).join("release"))
}

fn host() -> Result<String, String> {
    let text = output(Command::new("rustc").arg("-vV"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("host: "));
    line.map(str::to_owned).ok_or_else(|| "rustc does not say for which machine it compiles".to_owned())
}

fn commit() -> Result<String, String> {
    Ok(output(Command::new("git").args(["rev-parse", "--short", "HEAD"]))?.trim().to_owned())
}

fn output(command: &mut Command) -> Result<String, String> {
    let ran = command.current_dir(root()).output().map_err(|error| format!("{command:?}: {error}"))?;
    Ok(String::from_utf8_lossy(&ran.stdout).into_owned())
}

/// What a run came to.
struct Done {
    processor: f64,
    executions: u64,
    coverage: u64,
}

fn fuzz(program: &Path, name: &str, seconds: u64) -> Result<Done, String> {
    let work = root().join("target/fuzz");
    let (found, crashes) = (work.join("corpus").join(name), work.join("crashes"));
    for folder in [&found, &crashes] {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let log = work.join(format!("{name}.log"));
    let stderr = File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    let mut command = Command::new(program);
    command.arg(format!("-max_total_time={seconds}")).arg(format!("-timeout={PATIENCE}"));
    command.arg(format!("-rss_limit_mb={}", 2 * MEBIBYTES)).arg(format!("-malloc_limit_mb={MEBIBYTES}"));
    command.arg(format!("-artifact_prefix={}/{name}-", crashes.display())).arg("-print_final_stats=1");
    command.arg(&found).arg(root().join("fuzz/corpus").join(name));
    let child = command.stdout(Stdio::null()).stderr(stderr).spawn();
    let mut child = child.map_err(|error| format!("{command:?} cannot be started: {error}"))?;
    let mut processor = 0.0;
    let status = loop {
        processor = processor_seconds(child.id()).unwrap_or(processor).max(processor);
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            break status;
        }
        sleep(Duration::from_millis(100));
    };
    let text = String::from_utf8_lossy(&fs::read(&log).unwrap_or_default()).into_owned();
    if !status.success() {
        return Err(format!(
            "{status}; the input is below {}, and what was said is in {}",
            crashes.display(),
            log.display()
        ));
    }
    let last = |before: &str| {
        let number = |line: &str| line.split(before).nth(1)?.split_whitespace().next()?.parse::<u64>().ok();
        text.lines().filter_map(number).next_back()
    };
    match (last("stat::number_of_executed_units: "), last(" cov: ")) {
        (Some(executions @ 1..), Some(coverage @ 1..)) => Ok(Done { processor, executions, coverage }),
        _ => Err(format!("nothing was executed; see {}", log.display())),
    }
}

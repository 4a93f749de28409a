//! Every test with every change that it reaches, until one fails.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, available_parallelism, sleep};
use std::time::{Duration, Instant};

/// One test of one program.
#[derive(Debug, Clone)]
pub struct Test {
    program: PathBuf,
    name: String,
    time: Duration,
}

/// What a change came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// This test failed.
    Caught(String),
    /// This test did not come to an end.
    Endless(String),
    /// No test ran through it.
    NotReached,
    /// So many tests ran through it and held.
    Survived(usize),
}

/// Mebibytes of addresses that a test may ask for: a change can make a length of anything.
const MEBIBYTES: usize = 8192;
/// A change that makes a test so many times slower, and these seconds, does not end.
const PATIENCE: (u32, Duration) = (8, Duration::from_secs(10));
/// Simulations that take longer than this are left out where another test reaches the change: they answer other questions,
/// and a change that survives would wait for all of them.
const LONG: Duration = Duration::from_millis(1500);

/// Runs every test once without a change; returns the tests that reach each change, the fastest first.
///
/// # Errors
/// - a test fails without a change, or a program cannot be started.
pub fn record(
    programs: &[PathBuf],
    folder: &Path,
    skipped: &[&str],
) -> Result<BTreeMap<u32, Vec<Test>>, String> {
    let mut reached: BTreeMap<u32, Vec<Test>> = BTreeMap::new();
    for program in programs {
        for name in names(program, folder)?.into_iter().filter(|name| !skipped.contains(&name.as_str())) {
            let file = folder.join("reached.txt");
            let mut test = Test { program: program.clone(), name, time: Duration::from_secs(3600) };
            let start = Instant::now();
            // A program that dies before it writes must not leave another test's list.
            let _ = fs::remove_file(&file);
            if ends(&test, folder, |command| command.env("GYRUS_REACHED", &file))? != Some(true) {
                return Err(format!("`{}` of {} fails without a change", test.name, program.display()));
            }
            test.time = start.elapsed();
            let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            for number in text.lines().filter_map(|line| line.parse().ok()) {
                reached.entry(number).or_default().push(test.clone());
            }
        }
    }
    for tests in reached.values_mut() {
        tests.sort_by_key(|test| test.time);
        let short = tests.iter().filter(|test| test.time < LONG).count();
        tests.truncate(short.max(1));
    }
    Ok(reached)
}

/// Tries every change with some of the tests that reach it, the fastest being number 0; as many changes at a time as there are
/// cores. Tells `done` of each.
///
/// # Errors
/// - a test cannot be started.
pub fn try_all(
    numbers: &[u32],
    (reached, which): (&BTreeMap<u32, Vec<Test>>, Range<usize>),
    folder: &Path,
    done: impl Fn(u32, Outcome) + Sync,
) -> Result<(), String> {
    let next = AtomicUsize::new(0);
    let work = || -> Result<(), String> {
        while let Some(&number) = numbers.get(next.fetch_add(1, Ordering::Relaxed)) {
            let tests = reached.get(&number).map_or(&[][..], Vec::as_slice);
            done(number, outcome(number, (tests, which.clone()), folder)?);
        }
        Ok(())
    };
    thread::scope(|scope| {
        let at_once = available_parallelism().map_or(1, usize::from);
        let workers: Vec<_> = (0..at_once).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| "a worker ended early")?)
    })
}

fn outcome(number: u32, (tests, which): (&[Test], Range<usize>), folder: &Path) -> Result<Outcome, String> {
    for test in tests.iter().take(which.end).skip(which.start) {
        match ends(test, folder, |command| command.env("GYRUS_CHANGE", number.to_string()))? {
            Some(true) => {}
            Some(false) => return Ok(Outcome::Caught(test.name.clone())),
            None => return Ok(Outcome::Endless(test.name.clone())),
        }
    }
    Ok(if tests.is_empty() { Outcome::NotReached } else { Outcome::Survived(tests.len().min(which.end)) })
}

fn names(program: &Path, folder: &Path) -> Result<Vec<String>, String> {
    let ran = Command::new(program).args(["--list", "--format=terse"]).current_dir(folder).output();
    let ran = ran.map_err(|error| format!("{}: {error}", program.display()))?;
    let text = String::from_utf8_lossy(&ran.stdout).into_owned();
    Ok(text.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect())
}

/// Whether a test holds; none if it did not end in time.
///
/// # Errors
/// - it cannot be started.
fn ends(
    test: &Test,
    folder: &Path,
    with: impl Fn(&mut Command) -> &mut Command,
) -> Result<Option<bool>, String> {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -v {}; exec \"$@\"", MEBIBYTES * 1024), "sh"]);
    command.arg(&test.program).args(["--exact", &test.name, "--test-threads=1", "--quiet"]);
    with(&mut command).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| format!("{command:?}: {error}"))?;
    let (start, patience) = (Instant::now(), test.time * PATIENCE.0 + PATIENCE.1);
    while start.elapsed() < patience {
        if let Ok(Some(status)) = child.try_wait() {
            return Ok(Some(status.success()));
        }
        sleep(Duration::from_millis(2));
    }
    let _ = child.kill();
    let _ = child.wait();
    Ok(None)
}

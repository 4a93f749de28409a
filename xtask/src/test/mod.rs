//! `cargo xtask test`: every test of the project, minutes per suite, and by name what did not run.

mod needs;
pub mod python;
mod suites;

use std::time::Instant;

use crate::web;
use suites::Suite;

/// What became of a suite.
struct Outcome {
    name: String,
    passed: usize,
    failed: usize,
    minutes: f64,
    /// Why it did not run.
    missing: Option<String>,
}

/// Runs every suite whose name holds one of `names` (all of them if there is none).
///
/// # Errors
/// - something does not build, a test fails, or, with `CI=true`, a suite did not run.
pub fn run(names: &[String]) -> Result<(), String> {
    let start = Instant::now();
    if names.is_empty() || names.iter().any(|name| "gyrus-cli::browser_page".contains(name)) {
        // What is built next takes the viewer in; without it the page is whole, and the suite says what it lacks.
        if let Err(reason) = needs::node().and_then(|()| web::run()) {
            eprintln!("no viewer in three dimensions: {reason}");
        }
    }
    let mut suites = suites::all()?;
    suites.retain(|suite| names.is_empty() || names.iter().any(|name| suite.name.contains(name)));
    let built = start.elapsed().as_secs_f64() / 60.0;
    let outcomes: Vec<Outcome> = suites.iter().map(run_suite).collect();
    report(&outcomes, built);
    judge(&outcomes)
}

fn run_suite(suite: &Suite) -> Outcome {
    eprintln!("\n== {}", suite.name);
    let start = Instant::now();
    let (passed, failed, missing) = match needs::provide(&suite.name) {
        Ok(environment) => {
            let (passed, failed) = suite.run(&environment);
            (passed, failed, None)
        }
        Err(reason) => (0, 0, Some(reason)),
    };
    Outcome {
        name: suite.name.clone(),
        passed,
        failed,
        minutes: start.elapsed().as_secs_f64() / 60.0,
        missing,
    }
}

fn report(outcomes: &[Outcome], built: f64) {
    println!("\n{:48} {:>7} {:>7} {:>8}", "suite", "passed", "failed", "minutes");
    println!("{:48} {:>7} {:>7} {built:>8.1}", "(building)", "", "");
    for outcome in outcomes.iter().filter(|outcome| outcome.missing.is_none()) {
        let Outcome { name, passed, failed, minutes, .. } = outcome;
        println!("{name:48} {passed:>7} {failed:>7} {minutes:>8.1}");
    }
    let minutes: f64 = built + outcomes.iter().map(|outcome| outcome.minutes).sum::<f64>();
    println!("{:48} {:>7} {:>7} {minutes:>8.1}\n", "all", passed(outcomes), failed(outcomes));
    for outcome in outcomes {
        if let Some(reason) = &outcome.missing {
            println!("did not run: {} ({reason})", outcome.name);
        }
    }
    println!("{} passed, {} failed", passed(outcomes), failed(outcomes));
}

fn judge(outcomes: &[Outcome]) -> Result<(), String> {
    let missing = outcomes.iter().filter(|outcome| outcome.missing.is_some()).count();
    if failed(outcomes) > 0 {
        return Err("some tests failed".to_owned());
    }
    if passed(outcomes) == 0 {
        return Err("no test ran".to_owned());
    }
    if missing > 0 && std::env::var("CI").is_ok_and(|value| value == "true") {
        return Err(format!("{missing} suites did not run, and CI=true asks for all of them"));
    }
    Ok(())
}

fn passed(outcomes: &[Outcome]) -> usize {
    outcomes.iter().map(|outcome| outcome.passed).sum()
}

fn failed(outcomes: &[Outcome]) -> usize {
    outcomes.iter().map(|outcome| outcome.failed).sum()
}

//! `cargo xtask mutants PACKAGE [PART[,PART…] [WITHOUT…]]`: would a test notice if a line of the package were another?
//!
//! The changes are those of `cargo mutants --list`. Building the package again for each of them takes minutes; here all of
//! them are compiled once, each behind a switch, and every test runs with every change that it reaches. For libraries whose
//! tests write no file of a fixed name, on Linux.

mod changes;
mod source;
mod tree;
mod trial;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use changes::Change;
use trial::Outcome;

use crate::process::root;

/// Tests that start cargo, for which a change makes no difference.
const SKIPPED: [&str; 1] = ["leaks::what_would_leak_does_not_compile"];
/// Tests that are tried with every change before any change is tried with more.
const FIRST_TESTS: usize = 12;

/// `PACKAGE [PART[,PART…] [WITHOUT…]]`: tries the changes whose place or text holds a `PART` and none of `WITHOUT`, and writes
/// `target/switched/outcomes.tsv`.
///
/// # Errors
/// - cargo-mutants is missing, the tree does not compile or a test fails without a change.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let package = arguments.first().ok_or("expected the name of a package, such as gyrus-encoding")?;
    let parts: Vec<&str> = arguments.get(1).map_or("", String::as_str).split(',').collect();
    let changes = changes::list(package)?;
    let tree = tree::Tree::copied(package)?;
    let compiled = tree.switch(&changes)?;
    let programs = tree.programs()?;
    eprintln!("{} of {} changes compile; every test once without a change", compiled.len(), changes.len());
    let reached = trial::record(&programs, &tree.package(), &SKIPPED)?;
    let path = root().join("target/switched/outcomes.tsv");
    let without = arguments.get(2..).unwrap_or_default();
    let is_left_out = |change: &Change| without.iter().any(|text| change.name.contains(text.as_str()));
    let of_part = |change: &&Change| {
        let is_of_part = parts.iter().any(|part| change.name.contains(part));
        is_of_part && !is_left_out(change) && compiled.contains(&change.number)
    };
    let mut left: Vec<u32> = changes.iter().filter(of_part).map(|change| change.number).collect();
    let mut outcomes = BTreeMap::new();
    // The fastest tests first: most changes go no further, and the list is soon there.
    for which in [0..FIRST_TESTS, FIRST_TESTS..usize::MAX] {
        let found = Mutex::new(Vec::new());
        trial::try_all(&left, (&reached, which), &tree.package(), |number, outcome| {
            if let Ok(mut found) = found.lock() {
                found.push((number, outcome));
                if found.len().is_multiple_of(100) {
                    eprintln!("{} of {}", found.len(), left.len());
                }
            }
        })?;
        outcomes.extend(found.into_inner().map_err(|_| "a worker ended early")?);
        left = survivors(&outcomes);
        let lines: Vec<String> =
            outcomes.iter().map(|(number, outcome)| line(&changes, *number, outcome)).collect();
        fs::write(&path, lines.join("\n") + "\n").map_err(|error| format!("{}: {error}", path.display()))?;
    }
    report(&path)?;
    println!("{} of the package have no switch, or do not compile with one", changes.len() - compiled.len());
    Ok(())
}

fn survivors(outcomes: &BTreeMap<u32, Outcome>) -> Vec<u32> {
    let survived = outcomes.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Survived(_)));
    survived.map(|(number, _)| *number).collect()
}

fn line(changes: &[Change], number: u32, outcome: &Outcome) -> String {
    let (word, test) = match outcome {
        Outcome::Caught(test) => ("caught", test.clone()),
        Outcome::Endless(test) => ("endless", test.clone()),
        Outcome::NotReached => ("not reached", String::new()),
        Outcome::Survived(tests) => ("survived", tests.to_string()),
    };
    let name = changes.iter().find(|change| change.number == number).map_or("", |change| &change.name);
    format!("{word}\t{name}\t{test}")
}

/// Prints how many there are of each outcome, and every change that no test noticed.
fn report(path: &Path) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let count = |word: &str| text.lines().filter(|line| line.split('\t').next() == Some(word)).count();
    let unnoticed = |line: &&str| line.starts_with("survived") || line.starts_with("not reached");
    let mut lines: Vec<&str> = text.lines().filter(unnoticed).collect();
    lines.sort_unstable();
    lines.iter().for_each(|line| println!("{line}"));
    let [caught, endless, survived, missed] = ["caught", "endless", "survived", "not reached"].map(count);
    println!("{caught} caught, {endless} endless, {survived} survived, {missed} not reached");
    Ok(())
}

//! `cargo xtask mutants PACKAGE [PART]`: would a test notice if a line of the package were another?
//!
//! The changes are those of `cargo mutants --list`. Building the package again for each of them takes minutes; here all of
//! them are compiled once, each behind a switch, and every test runs with every change that it reaches. For libraries whose
//! tests write no file of a fixed name, on Linux.

mod changes;
mod source;
mod tree;
mod trial;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;

use changes::Change;
use trial::Outcome;

use crate::process::root;

/// Tests that start cargo, for which a change makes no difference.
const SKIPPED: [&str; 1] = ["leaks::what_would_leak_does_not_compile"];

/// `PACKAGE [PART]`: tries the changes whose place or text holds `PART`, and writes `target/switched/outcomes.tsv`.
///
/// # Errors
/// - cargo-mutants is missing, the tree does not compile or a test fails without a change.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let package = arguments.first().ok_or("expected the name of a package, such as gyrus-encoding")?;
    let part = arguments.get(1).map_or("", String::as_str);
    let changes = changes::list(package)?;
    let tree = tree::Tree::copied(package)?;
    let compiled = tree.switch(&changes)?;
    let programs = tree.programs()?;
    eprintln!("{} of {} changes compile; every test once without a change", compiled.len(), changes.len());
    let reached = trial::record(&programs, &tree.package(), &SKIPPED)?;
    let path = root().join("target/switched/outcomes.tsv");
    let file = fs::File::create(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let file = Mutex::new((file, 0_usize));
    let of_part = |change: &&Change| change.name.contains(part) && compiled.contains(&change.number);
    let numbers: Vec<u32> = changes.iter().filter(of_part).map(|change| change.number).collect();
    trial::try_all(&numbers, &reached, &tree.package(), |number, outcome| {
        if let Ok(mut file) = file.lock() {
            file.1 += 1;
            let _ = writeln!(file.0, "{}", line(&changes, number, &outcome));
            if file.1.is_multiple_of(100) {
                eprintln!("{} of {}", file.1, numbers.len());
            }
        }
    })?;
    report(&path)?;
    println!("{} of the package have no switch, or do not compile with one", changes.len() - compiled.len());
    Ok(())
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

//! The suites: formatting, lints, every test binary that cargo builds, and the Python package.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::python::{ENVIRONMENTS, Environment};
use crate::process::cargo;

/// Tests that run and are counted together.
pub struct Suite {
    /// `package::suite`.
    pub name: String,
    run: Run,
}

enum Run {
    /// A test binary with the folder and the name of its package.
    Binary { path: PathBuf, folder: PathBuf, package: String },
    /// Arguments of cargo; one test that passes if cargo succeeds.
    Check(&'static [&'static str]),
    /// The Python package in an environment.
    Python(&'static Environment),
}

/// Features that are built only where they are asked for, and tested always.
const FEATURES: &str = "--features=gyrus-cli/download,gyrus-cli/candle";

/// Builds everything in one profile and lists what there is to run.
///
/// # Errors
/// - something does not build.
pub fn all() -> Result<Vec<Suite>, String> {
    let check = |name: &str, arguments| Suite { name: name.to_owned(), run: Run::Check(arguments) };
    let mut suites = vec![check("format", &["fmt", "--check"])];
    suites.extend(binaries()?);
    suites.extend(ENVIRONMENTS.iter().map(|of| Suite { name: of.suite(), run: Run::Python(of) }));
    suites.push(check(
        "lints",
        &["clippy", "--release", "--workspace", FEATURES, "--all-targets", "--quiet", "--", "-D", "warnings"],
    ));
    Ok(suites)
}

fn binaries() -> Result<Vec<Suite>, String> {
    let mut build = cargo();
    build.args([
        "test",
        "--release",
        "--workspace",
        // It has no test of Rust's, and its wheel is built on its own.
        "--exclude=gyrus-python",
        FEATURES,
        "--no-run",
        "--message-format=json-render-diagnostics",
    ]);
    let output = build.stderr(Stdio::inherit()).output().map_err(|error| format!("cargo: {error}"))?;
    if !output.status.success() {
        return Err("the tests do not build".to_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let mut suites: Vec<Suite> = text.lines().filter_map(binary).collect();
    suites.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(suites)
}

/// A test binary from one line of cargo's messages.
fn binary(line: &str) -> Option<Suite> {
    let message: Value = serde_json::from_str(line).ok()?;
    if !message["profile"]["test"].as_bool()? {
        return None;
    }
    let path = PathBuf::from(message["executable"].as_str()?);
    let folder = PathBuf::from(message["manifest_path"].as_str()?).parent()?.to_owned();
    let package = folder.file_name()?.to_string_lossy().into_owned();
    let target = &message["target"];
    let suite = match target["kind"][0].as_str()? {
        "test" => target["name"].as_str()?,
        "bin" => "binary",
        _ => "library",
    };
    Some(Suite { name: format!("{package}::{suite}"), run: Run::Binary { path, folder, package } })
}

impl Suite {
    /// Numbers of tests that passed and failed.
    pub fn run(&self, environment: &[(String, String)]) -> (usize, usize) {
        match &self.run {
            Run::Binary { path, folder, package } => {
                let mut command = Command::new(path);
                command.current_dir(folder).env("CARGO_MANIFEST_DIR", folder).env("CARGO_PKG_NAME", package);
                count(command.envs(environment.iter().cloned()))
            }
            Run::Python(of) => of.run(environment),
            Run::Check(arguments) => {
                let succeeded = cargo().args(*arguments).status().is_ok_and(|status| status.success());
                (usize::from(succeeded), usize::from(!succeeded))
            }
        }
    }
}

/// Runs a command that prints `test result:` lines and adds them up; a failure that they do not show counts as one.
fn count(command: &mut Command) -> (usize, usize) {
    let Ok(output) = command.stderr(Stdio::inherit()).output() else { return (0, 1) };
    let text = String::from_utf8_lossy(&output.stdout);
    print!("{text}");
    let (mut passed, mut failed) = (0, 0);
    for line in text.lines().filter(|line| line.starts_with("test result:")) {
        passed += number_before(line, " passed");
        failed += number_before(line, " failed");
    }
    if !output.status.success() && failed == 0 { (passed, 1) } else { (passed, failed) }
}

fn number_before(line: &str, word: &str) -> usize {
    let before = line.split(word).next().unwrap_or_default();
    before.rsplit(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counts_of_a_result_line_are_read() {
        let line = "test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!((number_before(line, " passed"), number_before(line, " failed")), (12, 3));
    }

    #[test]
    fn a_test_binary_has_the_name_of_its_package_and_target() {
        let line = r#"{"profile":{"test":true},"executable":"/t/deps/kernels-1","manifest_path":"/w/crates/gyrus-encoding/Cargo.toml","target":{"kind":["test"],"name":"kernels"}}"#;
        assert_eq!(binary(line).map(|suite| suite.name), Some("gyrus-encoding::kernels".to_owned()));
        assert!(binary(&line.replace("true", "false")).is_none());
        assert!(binary("not json").is_none());
    }
}

//! The Python package: built once as people build it, then tested in two environments made from nothing.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::environment::{self, pip};
use crate::process::{require, root};

/// An environment: what it is called, and its list of packages below `crates/gyrus-python/tests`.
pub struct Environment {
    name: &'static str,
    requirements: &'static str,
    /// Files of tests.
    tests: &'static [&'static str],
}

/// All tests with NumPy 2; with the last NumPy 1 those in which arrays cross from one side to the other.
pub const ENVIRONMENTS: [Environment; 2] = [
    Environment { name: "numpy_2", requirements: "requirements.txt", tests: &["."] },
    Environment {
        name: "numpy_1",
        requirements: "requirements_numpy_1.txt",
        tests: &["test_functions.py", "test_bad_arguments.py", "test_bad_input.py", "test_package.py"],
    },
];

impl Environment {
    /// The name of the suite: its tests need the recordings.
    pub fn suite(&self) -> String {
        format!("gyrus-python::recordings_{}", self.name)
    }

    /// Numbers of tests that passed and failed; an environment that cannot be made is a failure, said on stderr.
    pub fn run(&self, variables: &[(String, String)]) -> (usize, usize) {
        match self.make().and_then(|python| test(&python, self.tests, variables)) {
            Ok(counted) => counted,
            Err(message) => {
                eprintln!("{message}");
                (0, 1)
            }
        }
    }

    fn make(&self) -> Result<PathBuf, String> {
        let wheel = wheel()?;
        let python = environment::made(self.name)?;
        let list = root().join("crates/gyrus-python/tests").join(self.requirements);
        install(&python, &["-r", &list.to_string_lossy()], &wheel)?;
        Ok(python)
    }
}

/// Puts packages and the wheel into an environment.
///
/// # Errors
/// - pip fails.
pub fn install(python: &Path, packages: &[&str], wheel: &Path) -> Result<(), String> {
    require(pip(python).args(["install", "--quiet"]).args(packages))?;
    // The version stays the same while the code changes.
    require(pip(python).args(["install", "--quiet", "--force-reinstall", "--no-deps"]).arg(wheel))
}

/// The wheel of the sources as they are: cargo does not compile again what did not change.
///
/// # Errors
/// - it does not build.
pub fn wheel() -> Result<PathBuf, String> {
    let wheels = root().join("target/python/wheels");
    if wheels.exists() {
        std::fs::remove_dir_all(&wheels).map_err(|error| format!("{}: {error}", wheels.display()))?;
    }
    let python = environment::made("build")?;
    let mut build = pip(&python);
    build.args(["wheel", "--quiet", "--no-deps", "--wheel-dir"]).arg(&wheels);
    require(build.arg(root().join("crates/gyrus-python")))?;
    let found = std::fs::read_dir(&wheels).map_err(|error| format!("{}: {error}", wheels.display()))?;
    let found = found.flatten().map(|entry| entry.path()).next();
    found.ok_or_else(|| format!("{}: found no wheel after it was built", wheels.display()))
}

/// Runs pytest against the installed package.
fn test(python: &Path, tests: &[&str], variables: &[(String, String)]) -> Result<(usize, usize), String> {
    let mut command = Command::new(python);
    // Bytecode would lie in the working tree, and the tree's own folder must not hide the package that was installed.
    command.args(["-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--durations=5"]).args(tests);
    command.current_dir(root().join("crates/gyrus-python/tests"));
    let output = command.envs(variables.iter().cloned()).stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| format!("{}: {error}", python.display()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    print!("{text}");
    let (passed, failed) = counted(text.lines().last().unwrap_or_default());
    Ok(if output.status.success() { (passed, failed) } else { (passed, failed.max(1)) })
}

/// The counts of pytest's last line; an error outside a test is a failure.
fn counted(line: &str) -> (usize, usize) {
    let mut found = (0, 0);
    for part in line.split(", ") {
        let mut words = part.trim_matches('=').split_whitespace();
        let number = words.next().and_then(|number| number.parse::<usize>().ok()).unwrap_or(0);
        match words.next() {
            Some("passed") => found.0 += number,
            Some("failed" | "error" | "errors") => found.1 += number,
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counts_of_pytest_are_read() {
        assert_eq!(counted("307 passed, 3 skipped, 2 xfailed, 23 warnings in 97.01s (0:01:37)"), (307, 0));
        assert_eq!(counted("=== 2 failed, 10 passed, 1 error in 1.0s ==="), (10, 3));
        assert_eq!(counted(""), (0, 0));
    }
}

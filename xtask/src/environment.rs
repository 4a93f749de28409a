//! Virtual environments of Python, made where they are not there.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{require, root};

/// The Python of the virtual environment `target/python/NAME`, by `GYRUS_PYTHON` or else `python3`.
///
/// # Errors
/// - there is no such program, or it has no module `venv`.
pub fn made(name: &str) -> Result<PathBuf, String> {
    let folder = root().join("target/python").join(name);
    let python = folder.join("bin/python");
    if !python.exists() {
        let program = std::env::var_os("GYRUS_PYTHON").unwrap_or_else(|| "python3".into());
        require(Command::new(program).args(["-m", "venv"]).arg(folder))?;
    }
    Ok(python)
}

/// The same with what a list of packages names.
///
/// # Errors
/// - as [`made`], or pip fails.
pub fn with_packages(name: &str, requirements: &Path) -> Result<PathBuf, String> {
    let python = made(name)?;
    require(pip(&python).args(["install", "--quiet", "-r"]).arg(requirements))?;
    Ok(python)
}

/// The pip of an environment.
pub fn pip(python: &Path) -> Command {
    let mut command = Command::new(python);
    command.args(["-m", "pip", "--disable-pip-version-check"]);
    command
}

//! The changes that `cargo mutants --list` names: where each is, and what would stand there.

use std::path::PathBuf;

use serde_json::Value;

use crate::process::{cargo, root};

/// One change of a source file.
#[derive(Debug, Clone)]
pub struct Change {
    /// Its number, from 1.
    pub number: u32,
    /// The file, from the root of the workspace.
    pub file: PathBuf,
    /// What kind it is, in the words of cargo-mutants: `FnValue`, `BinaryOperator`, …
    pub genre: String,
    /// What would stand there instead.
    pub replacement: String,
    /// Line and column where it starts, both from 1.
    pub start: (usize, usize),
    /// Place and change in words: `path:line:column: replace + with - in function`.
    pub name: String,
}

/// All changes of a package, numbered from 1.
///
/// # Errors
/// - cargo-mutants is not there, or names something that is not understood.
pub fn list(package: &str) -> Result<Vec<Change>, String> {
    let mut command = cargo();
    command.args(["mutants", "--list", "--json", "--package", package]);
    command.args(["--dir".as_ref(), root().as_os_str()]);
    let ran = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let listed: Value = serde_json::from_slice(&ran.stdout).map_err(|error| {
        let said = String::from_utf8_lossy(&ran.stderr);
        format!("`cargo mutants --list` gave no list ({error}): {said}\ninstall it with `cargo install cargo-mutants`")
    })?;
    let listed = listed.as_array().cloned().unwrap_or_default();
    listed.iter().enumerate().map(|(index, change)| read(index, change)).collect()
}

fn read(index: usize, change: &Value) -> Result<Change, String> {
    let text =
        |key: &str| change[key].as_str().map(str::to_owned).ok_or_else(|| format!("no `{key}` in {change}"));
    let place = |key: &str| change["span"]["start"][key].as_u64().map(|place| place as usize);
    let start = place("line").zip(place("column")).ok_or_else(|| format!("no place in {change}"))?;
    Ok(Change {
        number: index as u32 + 1,
        file: PathBuf::from(text("file")?),
        genre: text("genre")?,
        replacement: text("replacement")?,
        start,
        name: text("name")?,
    })
}

//! A copy of the workspace in which the changes of one package are compiled, all at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::changes::Change;
use super::source::{Switched, enclosing, switch};
use crate::process::{cargo, root};

/// A copy of the workspace below `target/`.
pub struct Tree {
    folder: PathBuf,
    build: PathBuf,
    package: String,
}

impl Tree {
    /// Copies every file that git knows of.
    ///
    /// # Errors
    /// - a file cannot be copied, or git cannot list them.
    pub fn copied(package: &str) -> Result<Self, String> {
        let (folder, build) = (root().join("target/switched/tree"), root().join("target/switched/build"));
        let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output();
        let listed = listed.map_err(|error| format!("git: {error}"))?.stdout;
        // What is no longer there must not be compiled; what is there keeps its time.
        let names: BTreeSet<PathBuf> =
            String::from_utf8_lossy(&listed).split('\0').map(PathBuf::from).collect();
        remove_others(&folder, Path::new(""), &names)?;
        for name in String::from_utf8_lossy(&listed).split('\0').filter(|name| !name.is_empty()) {
            let (from, to) = (root().join(name), folder.join(name));
            let bytes = fs::read(&from).map_err(|error| format!("{}: {error}", from.display()))?;
            write(&to, &bytes)?;
        }
        Ok(Self { folder, build, package: package.to_owned() })
    }

    /// Puts the changes into the copy; returns the numbers of those that compile.
    ///
    /// # Errors
    /// - a file is no Rust, or does not compile for a reason that is none of the changes.
    pub fn switch(&self, changes: &[Change]) -> Result<BTreeSet<u32>, String> {
        let mut kept: BTreeSet<u32> = changes.iter().map(|change| change.number).collect();
        loop {
            let texts = self.write(changes, &mut kept)?;
            let broken = self.check(&texts, changes)?;
            eprintln!("{} changes stand in the copy, {} of them do not compile", kept.len(), broken.len());
            if broken.is_empty() {
                return Ok(kept);
            }
            kept.retain(|number| !broken.contains(number));
        }
    }

    /// Writes every file of the package with the changes that are kept, and keeps those that found a place.
    fn write(
        &self,
        changes: &[Change],
        kept: &mut BTreeSet<u32>,
    ) -> Result<BTreeMap<PathBuf, String>, String> {
        let mut by_file: BTreeMap<&Path, Vec<&Change>> = BTreeMap::new();
        for change in changes {
            by_file.entry(&change.file).or_default().push(change);
        }
        let (mut placed, mut texts) = (BTreeSet::new(), BTreeMap::new());
        for (file, mut of_file) in by_file {
            of_file.retain(|change| kept.contains(&change.number));
            let source = fs::read_to_string(root().join(file))
                .map_err(|error| format!("{}: {error}", file.display()))?;
            let Switched { text, numbers } =
                switch(&source, &of_file).map_err(|error| format!("{}: {error}", file.display()))?;
            write(&self.folder.join(file), text.as_bytes())?;
            placed.extend(numbers);
            texts.insert(file.to_owned(), text);
        }
        kept.retain(|number| placed.contains(number));
        self.add_switch(changes.len())?;
        Ok(texts)
    }

    /// Adds the module that knows which change is on to the package.
    fn add_switch(&self, count: usize) -> Result<(), String> {
        let sources = Path::new("crates").join(&self.package).join("src");
        let text = include_str!("switch.rs.txt").replace("COUNT", &count.to_string());
        write(&self.folder.join(&sources).join("switch.rs"), text.as_bytes())?;
        let first = self.folder.join(&sources).join("lib.rs");
        let library = fs::read_to_string(&first).map_err(|error| format!("{}: {error}", first.display()))?;
        if !library.contains("mod switch;") {
            write(&first, format!("{library}\nmod switch;\n").as_bytes())?;
        }
        Ok(())
    }

    /// Numbers of the changes that the compiler refuses.
    fn check(&self, texts: &BTreeMap<PathBuf, String>, changes: &[Change]) -> Result<BTreeSet<u32>, String> {
        let mut command = self.cargo("check");
        command.args(["--lib", "--message-format=json"]).stderr(Stdio::null());
        let ran = command.output().map_err(|error| format!("{command:?}: {error}"))?;
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        let messages = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let mut broken = BTreeSet::new();
        for message in messages.filter(|message| message["message"]["level"] == "error") {
            let message = &message["message"];
            let places: Vec<&Value> = message["spans"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|span| span["is_primary"] == true)
                .collect();
            let mut numbers: BTreeSet<u32> = places.iter().flat_map(|span| numbers_at(span, texts)).collect();
            if numbers.is_empty() && message["code"]["code"] == "E0004" {
                // Arms with a guard do not count: none of this file can be switched off.
                let of_file = |change: &&Change| places.iter().any(|span| file_of(span) == change.file);
                let arms = changes.iter().filter(|change| change.genre == "MatchArm").filter(of_file);
                numbers = arms.map(|change| change.number).collect();
            }
            if numbers.is_empty() && message["spans"].as_array().is_some_and(|spans| !spans.is_empty()) {
                return Err(format!(
                    "the copy does not compile: {}",
                    message["rendered"].as_str().unwrap_or_default()
                ));
            }
            broken.extend(numbers);
        }
        match ran.status.success() || !broken.is_empty() {
            true => Ok(broken),
            false => Err(format!("{command:?} failed without a place")),
        }
    }

    /// Builds the tests of the package; returns their programs.
    ///
    /// # Errors
    /// - they do not build.
    pub fn programs(&self) -> Result<Vec<PathBuf>, String> {
        let mut command = self.cargo("test");
        command.args(["--no-run", "--lib", "--tests", "--message-format=json"]).stderr(Stdio::inherit());
        let ran = command.output().map_err(|error| format!("{command:?}: {error}"))?;
        if !ran.status.success() {
            return Err(format!("{command:?} failed"));
        }
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        let messages = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        Ok(messages.filter_map(|message| message["executable"].as_str().map(PathBuf::from)).collect())
    }

    /// The folder that tests of the package run in.
    pub fn package(&self) -> PathBuf {
        self.folder.join("crates").join(&self.package)
    }

    fn cargo(&self, what: &str) -> Command {
        let mut command = cargo();
        command.current_dir(&self.folder).args([what, "--release", "--package", &self.package]);
        command.env("CARGO_TARGET_DIR", &self.build).env("RUSTFLAGS", "--cap-lints=allow");
        command
    }
}

fn file_of(span: &Value) -> PathBuf {
    span["file_name"].as_str().map(PathBuf::from).unwrap_or_default()
}

fn numbers_at(span: &Value, texts: &BTreeMap<PathBuf, String>) -> Vec<u32> {
    let file = file_of(span);
    let place = |key: &str| span[key].as_u64().unwrap_or_default() as usize;
    let text = texts.get(&file).map_or("", String::as_str);
    enclosing(text, place("byte_start")..place("byte_end"))
}

/// Removes files below `folder` that are not among `names`.
fn remove_others(folder: &Path, below: &Path, names: &BTreeSet<PathBuf>) -> Result<(), String> {
    let entries = fs::read_dir(folder.join(below)).into_iter().flatten().flatten();
    for entry in entries {
        let name = below.join(entry.file_name());
        if entry.path().is_dir() {
            remove_others(folder, &name, names)?;
        } else if !names.contains(&name) {
            fs::remove_file(entry.path()).map_err(|error| format!("{}: {error}", name.display()))?;
        }
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    // An unchanged file keeps its time, so that the next build is short.
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(path);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(path, bytes));
    written.map_err(|error| format!("{}: {error}", path.display()))
}

//! The Alice studies with fewer surrogates, on the recordings under `GYRUS_DATA`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use gyrus::results::Results;

/// Where the repository is.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Where the recordings are.
pub fn data() -> PathBuf {
    std::env::var_os("GYRUS_DATA").map_or_else(|| root().join("../shared"), PathBuf::from)
}

/// A study of `examples/alice` in a folder of its own, with absolute paths and few surrogates.
pub struct Alice {
    folder: tempfile::TempDir,
}

/// What a run said.
pub struct Said {
    pub stdout: String,
    pub stderr: String,
    pub code: Option<i32>,
}

impl Alice {
    pub fn new(name: &str) -> Self {
        let alice = Self { folder: tempfile::tempdir().unwrap() };
        let text = fs::read_to_string(root().join("examples/alice").join(name)).unwrap();
        let data = data().canonicalize().unwrap();
        let text = text.replace("../../../shared", data.to_str().unwrap());
        let story = root().join("examples/alice/story.txt");
        let text = text.replace("\"story.txt\"", &format!("{story:?}"));
        let asked = text.lines().find(|line| line.starts_with("surrogates = ")).unwrap();
        fs::write(alice.path("study.toml"), text.replace(asked, "surrogates = 39")).unwrap();
        alice
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn edit(&self, from: &str, to: &str) {
        let text = self.read("study.toml");
        assert_eq!(text.matches(from).count(), 1, "`{from}`");
        fs::write(self.path("study.toml"), text.replace(from, to)).unwrap();
    }

    /// Runs a command of the program on the study.
    pub fn run(&self, arguments: &[&str]) -> Said {
        let mut gyrus = Command::new(env!("CARGO_BIN_EXE_gyrus"));
        let output = gyrus.current_dir(self.folder.path()).args(arguments).output().unwrap();
        Said {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code(),
        }
    }

    /// Analyses the study, and returns what was said and found.
    pub fn analyzed(&self) -> (Said, Results) {
        let said = self.run(&["analyze", "study.toml", "-o", "out"]);
        assert_eq!(said.code, Some(0), "{}", said.stderr);
        (said, serde_json::from_str(&self.read("out/tables/results.json")).unwrap())
    }
}

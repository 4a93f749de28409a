//! Runs the program as people do, and looks at what it says and with which code it ends.

use std::ffi::OsStr;
use std::process::{Command, Output};

/// What a run printed, and how it ended.
pub struct Ran {
    pub stdout: String,
    pub stderr: String,
    pub code: Option<i32>,
}

/// The five parts of an error.
pub struct Says<'a> {
    pub file: &'a str,
    pub place: &'a str,
    pub found: &'a str,
    pub expected: &'a str,
    pub remedy: &'a str,
}

/// The program with arguments, not yet started.
pub fn command(arguments: &[impl AsRef<OsStr>]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gyrus"));
    // No test asks a hub on the network.
    command.args(arguments).env("HF_HUB_OFFLINE", "1");
    command
}

/// Runs the program with arguments.
pub fn gyrus(arguments: &[impl AsRef<OsStr>]) -> Ran {
    Ran::from(command(arguments).output().unwrap())
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code(),
        }
    }
}

impl Ran {
    /// The run ended well.
    pub fn succeeded(self) -> Self {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        self.never_panicked()
    }

    /// The run ended with exit code 1 and one error on stderr, which is returned.
    pub fn error(self) -> String {
        assert_eq!(self.code, Some(1), "{}{}", self.stderr, self.stdout);
        assert_eq!(self.stdout, "", "an error belongs on stderr alone");
        let ran = self.never_panicked();
        let errors: Vec<&str> = ran.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
        assert_eq!(errors.len(), 1, "one error in one line:\n{}", ran.stderr);
        errors[0].to_owned()
    }

    /// The run ended with one error that has all five parts.
    pub fn refused(self, says: &Says<'_>) {
        let error = self.error();
        let parts = [says.file, says.place, says.found, says.expected, says.remedy];
        for part in parts {
            assert!(!part.is_empty() && error.contains(part), "`{part}` is not in\n{error}");
        }
        assert!(!error.contains("/../"), "the path is not as people would write it: {error}");
    }

    fn never_panicked(self) -> Self {
        for sign in ["panicked", "RUST_BACKTRACE", "gyrus failed"] {
            assert!(!self.stderr.contains(sign), "{}", self.stderr);
        }
        self
    }
}

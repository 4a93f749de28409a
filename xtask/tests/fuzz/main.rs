//! Every reader against its corpus and twenty seconds of damage.

use std::process::Command;

/// Long enough to replay a corpus and go on from it; longer runs are in `fuzz/log.tsv`.
const SECONDS: &str = "20";

#[test]
fn no_reader_crashes_hangs_or_asks_for_more_memory_than_a_file_can_need() {
    let ran = Command::new(env!("CARGO_BIN_EXE_xtask")).args(["fuzz", SECONDS]).output();
    let ran = ran.unwrap_or_else(|error| panic!("xtask cannot be started: {error}"));
    let (stdout, stderr) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{stdout}\n{stderr}");
    assert!(stdout.lines().count() > 9, "every target has a line: {stdout}");
}

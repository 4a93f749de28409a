//! Arguments that are wrong, help that is asked for, and outputs that nobody reads.

use std::fs::File;
use std::process::Stdio;

use super::program::{Ran, command, gyrus};
use super::study::Study;

#[test]
fn help_and_version_are_results() {
    for arguments in [&["--help"][..], &["--version"], &["analyze", "--help"], &["help", "check"]] {
        let ran = gyrus(arguments).succeeded();
        assert!(ran.stdout.contains("gyrus") && ran.stderr.is_empty(), "{arguments:?}: {}", ran.stderr);
    }
    let help = gyrus(&["--help"]).succeeded().stdout;
    for command in ["analyze", "check", "report"] {
        assert!(help.contains(command), "{help}");
    }
}

#[test]
fn wrong_arguments_end_with_1_and_the_usage() {
    let cases: [(&[&str], &str); 10] = [
        (&[], "Usage: gyrus"),
        (&["analyse"], "'analyze'"),
        (&["analyze"], "<STUDY>"),
        (&["analyze", "study.toml"], "--output <OUT>"),
        (&["check", "study.toml", "--thread", "2"], "'--threads'"),
        (&["check", "study.toml", "--threads", "two"], "invalid value 'two' for '--threads"),
        (&["check", "study.toml", "--memory", "4"], "such as \"4 GiB\""),
        (&["score", "x.npy", "-r", "y.npy", "--runs", "9,9,9", "--gap", "2"], "--blocks <COUNT>"),
        (&["score", "x.npy", "-r", "y.npy", "--memory", "1 GiB"], "unexpected argument '--memory'"),
        (&["check", "a.toml", "b.toml"], "unexpected argument 'b.toml'"),
    ];
    for (arguments, says) in cases {
        let ran = gyrus(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{arguments:?}");
        assert!(ran.stderr.contains(says), "{arguments:?}: {}", ran.stderr);
    }
}

#[test]
fn a_number_of_threads_that_cannot_be() {
    let study = Study::new();
    for threads in ["0", "100000"] {
        for command in ["analyze", "plan"] {
            let (file, out) = (study.path("study.toml"), study.path("out"));
            let (file, out) = (file.to_str().unwrap(), out.to_str().unwrap());
            let error = gyrus(&[command, file, "-o", out, "--threads", threads]).error();
            assert!(error.contains(&format!("found {threads}, expected 1 to 1024 threads; ")), "{error}");
        }
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let study = Study::new();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut check = command(&["check".as_ref(), study.path("study.toml").as_os_str()]);
    let output = check.stdout(writer).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
    let ran = Ran::from(output);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_under_stdout_or_stderr_is_no_panic() {
    let study = Study::new();
    let full = || File::options().write(true).open("/dev/full").unwrap();
    let check = || command(&["check".as_ref(), study.path("study.toml").as_os_str()]);
    let output = check().stdout(full()).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
    let error = Ran::from(output).error();
    assert!(error.contains("stdout: found no way to write it (No space left on device"), "{error}");
    let output = check().stderr(full()).output().unwrap();
    assert_eq!(Ran::from(output).succeeded().stdout.lines().next().unwrap(), first_line());
}

fn first_line() -> &'static str {
    "small: 3 participants, 3 targets, 1 stimulus of 620 words, 1 language model, 1 design"
}

#[test]
fn check_prints_the_plan_and_computes_nothing() {
    let study = Study::new();
    let ran = study.check().succeeded();
    assert_eq!(ran.stdout.lines().next(), Some(first_line()));
    let row = |kind: &str| {
        let line = ran.stdout.lines().find(|line| line.starts_with(kind)).unwrap();
        line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(row("task"), ["task", "all", "done", "memory", "disk", "time"]);
    for (kind, count) in
        [("prepare", "3"), ("extract", "3"), ("baseline", "2"), ("fit", "7"), ("infer", "1"), ("all", "16")]
    {
        assert_eq!(row(kind)[1..3], [count, "0"], "{}", ran.stdout);
        assert!(row(kind)[4].ends_with('B') && row(kind)[6].ends_with('B'), "{}", ran.stdout);
    }
    let entries: Vec<_> =
        std::fs::read_dir(study.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(entries.len(), 5, "check wrote something: {entries:?}");
    study.analyze("out", &[]).succeeded();
    let out = study.path("out");
    let ran =
        gyrus(&["check".as_ref(), study.path("study.toml").as_os_str(), "-o".as_ref(), out.as_os_str()]);
    let ran = ran.succeeded();
    let all = ran.stdout.lines().find(|line| line.starts_with("all")).unwrap();
    assert_eq!(all.split_whitespace().nth(2), Some("16"), "{}", ran.stdout);
    assert!(all.contains("none left"), "{}", ran.stdout);
}

#[test]
fn a_log_says_each_stage_once() {
    let study = Study::new();
    let ran = study.analyze("out", &[]).succeeded();
    let stages = [
        "opening files",
        "cleaning responses",
        "reading with the language models",
        "fitting baselines",
        "fitting layers",
        "statistics",
        "writing the report",
    ];
    let said: Vec<&str> = ran.stderr.lines().filter(|line| !line.starts_with("warning: ")).collect();
    assert_eq!(said, stages);
    let mut warnings: Vec<&str> = ran.stderr.lines().filter(|line| line.starts_with("warning: ")).collect();
    let all = warnings.len();
    warnings.sort_unstable();
    warnings.dedup();
    assert_eq!(warnings.len(), all, "a warning is said once: {}", ran.stderr);
}

//! Shares in any order, twice, killed or damaged, end in what one machine finds; an unfinished or changed study is refused.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::planned::{STAGES, merge, plan, results, status, task};
use super::program::{Ran, command};
use super::study::Study;

/// Every share of a stage but one.
fn all_but(study: &Study, stage: &str, of: usize, left_out: Option<usize>) {
    for index in (0..of).rev().filter(|index| Some(*index) != left_out) {
        task(study, "out", (stage, index, of)).succeeded();
    }
}

fn done(study: &Study) {
    STAGES.iter().for_each(|stage| all_but(study, stage, 3, None));
}

/// A file of some finished task of a stage.
fn stored(study: &Study, stage: &str) -> PathBuf {
    let tasks = fs::read_dir(study.path(&format!("out/store/{stage}"))).unwrap();
    let task = tasks.map(|entry| entry.unwrap().path()).min().unwrap();
    let files = fs::read_dir(task).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.file_name().unwrap() != "manifest.json").max().unwrap()
}

#[test]
fn shares_end_in_the_bytes_of_one_machine() {
    let study = Study::new();
    study.analyze("alone", &[]).succeeded();
    let planned = plan(&study, "out").succeeded().stdout;
    assert!(planned.contains("fit") && planned.contains("plan.json"), "{planned}");
    done(&study);
    merge(&study, "out").succeeded();
    assert_eq!(results(&study, "out"), results(&study, "alone"));
    let again = task(&study, "out", ("fit", 1, 3)).succeeded();
    assert_eq!(again.stdout, "nothing was left to do\n");
    let table = status(&study, "out");
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(cells[1], cells[2], "{table}");
        assert_eq!(cells[3..], ["0", "0", "0"], "{table}");
    }
}

/// The example of the documentation for GNU xargs.
#[test]
fn xargs_runs_shares_side_by_side() {
    let study = Study::new();
    study.analyze("alone", &[]).succeeded();
    plan(&study, "out").succeeded();
    for stage in STAGES {
        let line = format!(
            "seq 0 3 | xargs -P 4 -I SHARE '{}' task '{}' --stage {stage} --index SHARE --of 4 --threads 1",
            env!("CARGO_BIN_EXE_gyrus"),
            study.path("out").display()
        );
        let ran = Command::new("sh").args(["-c", &line]).output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    }
    merge(&study, "out").succeeded();
    assert_eq!(results(&study, "out"), results(&study, "alone"));
}

#[test]
fn the_same_share_twice_at_once_ends_in_one_result() {
    let study = Study::new();
    study.analyze("alone", &[]).succeeded();
    plan(&study, "out").succeeded();
    for stage in STAGES {
        let start = || {
            let output = study.path("out");
            let words = ["task", output.to_str().unwrap(), "--stage", stage, "--index", "0", "--of", "1"];
            command(&words).stdout(Stdio::null()).spawn().unwrap()
        };
        let mut both = [start(), start()];
        assert!(both.iter_mut().all(|child| child.wait().unwrap().success()));
    }
    merge(&study, "out").succeeded();
    assert_eq!(results(&study, "out"), results(&study, "alone"));
}

#[test]
fn what_is_missing_is_named_and_not_brought_together() {
    let study = Study::new();
    let refused = |ran: super::program::Ran, parts: &[&str]| {
        let error = ran.error();
        parts.iter().for_each(|part| assert!(error.contains(part), "{part} is not in\n{error}"));
    };
    refused(merge(&study, "out"), &["plan.json", "no such file", "gyrus plan"]);
    plan(&study, "out").succeeded();
    refused(task(&study, "out", ("fit", 0, 1)), &["of prepare", "of baseline", "gyrus status"]);
    refused(task(&study, "out", ("fits", 0, 1)), &["the stage `fits`", "prepare, extract, baseline, fit"]);
    refused(task(&study, "out", ("fit", 3, 3)), &["share 3 of 3", "below the number of shares"]);
    for stage in &STAGES[..3] {
        all_but(&study, stage, 2, None);
    }
    all_but(&study, "fit", 4, Some(2));
    refused(merge(&study, "out"), &["no result yet of", "tasks of fit, the first"]);
    assert!(!study.path("out/report").exists());
    task(&study, "out", ("fit", 2, 4)).succeeded();
    merge(&study, "out").succeeded();
}

#[test]
fn a_study_that_changed_since_its_plan_is_refused() {
    let study = Study::new();
    plan(&study, "out").succeeded();
    done(&study);
    for (name, from, to) in [
        ("study.toml", "seed = 3", "seed = 4"),
        ("words.tsv", "rabbit", "rabbits"),
        ("motion/ann.txt", "0.", "1."),
    ] {
        let text = study.read(name);
        study.write(name, &text.replacen(from, to, 1));
        let error = merge(&study, "out").error();
        assert!(
            error.contains("has changed since its plan") && error.contains("gyrus plan"),
            "{name}: {error}"
        );
        study.write(name, &text);
    }
    merge(&study, "out").succeeded();
    study.set("seed = 3", "seed = 4");
    plan(&study, "out").succeeded();
    let table = status(&study, "out");
    let prepare: Vec<&str> = table.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!((prepare[0], prepare[1]), ("prepare", prepare[2]), "{table}");
    assert!(table.lines().last().unwrap().starts_with("infer"), "{table}");
}

#[test]
fn a_result_cut_short_after_its_manifest_is_made_again() {
    let study = Study::new();
    study.analyze("alone", &[]).succeeded();
    plan(&study, "out").succeeded();
    done(&study);
    let path = stored(&study, "fit");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let said = merge(&study, "out").succeeded();
    assert!(said.stderr.contains("was damaged: it was removed and computed again"), "{}", said.stderr);
    assert_eq!(results(&study, "out"), results(&study, "alone"));
}

#[test]
fn a_result_without_its_manifest_is_made_again() {
    let study = Study::new();
    study.analyze("alone", &[]).succeeded();
    plan(&study, "out").succeeded();
    done(&study);
    fs::remove_file(stored(&study, "fit").with_file_name("manifest.json")).unwrap();
    let error = merge(&study, "out").error();
    assert!(error.contains("no result yet of 1 of"), "{error}");
    all_but(&study, "fit", 1, None);
    merge(&study, "out").succeeded();
    assert_eq!(results(&study, "out"), results(&study, "alone"));
    assert_eq!(fs::read_dir(study.path("out/store/unfinished")).unwrap().count(), 0);
}

#[test]
fn memory_is_asked_of_what_is_left_to_do() {
    let study = Study::new();
    plan(&study, "out").succeeded();
    let output = study.path("out");
    let with = |words: &[&str]| {
        let all = [words, &["--memory", "2 MiB"]].concat();
        Ran::from(command(&all).output().unwrap())
    };
    let out = output.to_str().unwrap();
    let error = with(&["task", out, "--stage", "extract", "--index", "0", "--of", "1"]).error();
    assert!(error.contains("2 MiB") && error.contains("extract"), "{error}");
    done(&study);
    with(&["task", out, "--stage", "fit", "--index", "0", "--of", "1"]).succeeded();
    let error = with(&["merge", out]).error();
    assert!(error.contains("infer") && !error.contains("fit "), "{error}");
}

/// Killed at a time of its own each, until one share after the other is through.
#[test]
fn killed_shares_lose_nothing_that_was_done() {
    let study = Study::new();
    study.analyze("alone", &[]).succeeded();
    plan(&study, "out").succeeded();
    for stage in STAGES {
        for patience in [1, 5, 20, 60, 150] {
            let output = study.path("out");
            let words = ["task", output.to_str().unwrap(), "--stage", stage, "--index", "0", "--of", "1"];
            let mut child = command(&words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            std::thread::sleep(std::time::Duration::from_millis(patience));
            // It may have ended by itself.
            let _ = child.kill();
            child.wait().unwrap();
        }
        task(&study, "out", (stage, 0, 1)).succeeded();
    }
    merge(&study, "out").succeeded();
    assert_eq!(results(&study, "out"), results(&study, "alone"));
}

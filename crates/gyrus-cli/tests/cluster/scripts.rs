//! What would be handed to Slurm.

use std::fs;
use std::path::{Path, PathBuf};

use super::planned::{plan, status, task};
use super::program::{Ran, gyrus};
use super::study::Study;

fn ran(study: &Study, further: &[&str]) -> Ran {
    let output = study.path("out");
    let first = [Path::new("submit"), &output, Path::new("--dry-run")];
    let words: Vec<&Path> = first.into_iter().chain(further.iter().map(Path::new)).collect();
    gyrus(&words).succeeded()
}

fn dry_run(study: &Study, further: &[&str]) -> String {
    ran(study, further).stdout
}

#[test]
fn scripts_name_shares_needs_and_limits() {
    let study = Study::new();
    plan(&study, "out").succeeded();
    let text = dry_run(
        &study,
        &[
            "--partition",
            "long",
            "--account",
            "lab",
            "--array-limit",
            "7",
            "--threads",
            "3",
            "--sbatch=--qos=low",
        ],
    );
    for line in [
        "#SBATCH --job-name=gyrus-fit",
        "#SBATCH --partition=long",
        "#SBATCH --account=lab",
        "#SBATCH --qos=low",
        "#SBATCH --cpus-per-task=3",
        "#SBATCH --array=0%7",
        "#SBATCH --signal=B:INT@60",
        "#SBATCH --requeue",
        "# after all jobs of prepare, extract, baseline",
        "# after all jobs of prepare, extract, baseline, fit",
    ] {
        assert!(text.contains(&format!("{line}\n")), "{line} is not in\n{text}");
    }
    let folder = study.path("out").display().to_string();
    assert!(text.contains(&format!("#SBATCH --output={folder}/logs/fit_%A_%a.log\n")), "{text}");
    assert!(
        text.contains(&format!("task '{folder}' --stage fit --index $((SLURM_ARRAY_TASK_ID + 0)) --of 1"))
    );
    assert!(
        text.contains(&format!("merge '{folder}' --threads \"${{SLURM_CPUS_PER_TASK:-3}}\" &\n")),
        "{text}"
    );
    let memory = text.lines().filter_map(|line| line.strip_prefix("#SBATCH --mem=")?.strip_suffix('M'));
    assert!(
        memory.map(|number| number.parse::<u64>().unwrap()).all(|mebibytes| (512..2048).contains(&mebibytes))
    );
}

#[test]
fn flags_of_the_machine_reach_the_jobs() {
    let study = Study::new();
    plan(&study, "out").succeeded();
    let text = dry_run(&study, &["--store", "here", "--memory", "3 GiB", "--scratch", "$TMPDIR/a b"]);
    let here = std::env::current_dir().unwrap().join("here");
    let flags = format!("--memory '3 GiB' --store '{}' --scratch \"$TMPDIR/a b\" &\n", here.display());
    assert_eq!(text.matches(&flags).count(), 5, "{flags} is not in\n{text}");
    fs::remove_dir_all(here).unwrap();
}

#[test]
fn what_is_done_is_not_submitted_again() {
    let study = Study::new();
    plan(&study, "out").succeeded();
    task(&study, "out", ("prepare", 0, 1)).succeeded();
    let text = dry_run(&study, &[]);
    assert!(!text.contains("gyrus-prepare") && text.contains("gyrus-extract"), "{text}");
    assert!(text.contains("# after all jobs of extract\n"), "{text}");
}

/// Jobs are told a minute before their limit: within one minute nothing ends.
#[test]
fn tasks_that_are_longer_than_the_time_limit_are_warned_of() {
    let study = Study::new();
    plan(&study, "out").succeeded();
    let said = ran(&study, &["--time", "00:01:00", "--threads", "2"]).stderr;
    for stage in ["prepare", "extract", "baseline", "fit"] {
        let warning =
            format!("warning: the longest task of {stage} takes less than a minute with --threads 2");
        assert!(said.contains(&warning) && said.contains("--time 00:01:00"), "{said}");
    }
    for limit in ["04:00:00", "UNLIMITED", "0"] {
        assert!(!ran(&study, &["--time", limit]).stderr.contains("warning"), "{limit}");
    }
    // What is done takes no time.
    task(&study, "out", ("prepare", 0, 1)).succeeded();
    assert!(!ran(&study, &["--time", "1"]).stderr.contains("task of prepare"));
}

/// A result that was cut short is no result.
#[test]
fn what_was_cut_short_is_named_and_done_again() {
    let study = Study::new();
    plan(&study, "out").succeeded();
    task(&study, "out", ("prepare", 0, 1)).succeeded();
    let folder = fs::read_dir(study.path("out/store/prepare")).unwrap().next().unwrap().unwrap().path();
    let is_array = |path: &PathBuf| !path.ends_with("manifest.json");
    let file = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).find(is_array).unwrap();
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[1..]).unwrap();
    let said = status(&study, "out");
    let sizes = format!("found {} bytes, expected {}", bytes.len() - 1, bytes.len());
    assert!(said.contains(file.to_str().unwrap()) && said.contains(&sizes), "{said}");
    assert!(dry_run(&study, &[]).contains("gyrus-prepare"));
    task(&study, "out", ("prepare", 0, 1)).succeeded();
    assert_eq!(fs::read(&file).unwrap(), bytes);
    assert!(!status(&study, "out").contains("damaged"));
}

/// Every thread refits surrogates of its own.
#[test]
fn memory_grows_with_threads() {
    let study = Study::new();
    plan(&study, "out").succeeded();
    let of_fits = |threads: &str| {
        let text = dry_run(&study, &["--threads", threads]);
        let script = text.split("#!/bin/sh").find(|script| script.contains("gyrus-fit")).unwrap();
        let line = script.lines().find_map(|line| line.strip_prefix("#SBATCH --mem=")).unwrap();
        line.trim_end_matches('M').parse::<u64>().unwrap()
    };
    assert!(of_fits("64") > of_fits("1") + 10, "{} {}", of_fits("64"), of_fits("1"));
}

//! The example for Snakemake: the shares of a plan as its jobs end in the bytes of one machine.

// The modules that run the program say more than is asked here.
#![allow(clippy::unwrap_used, dead_code)]

#[path = "../program/checkpoint.rs"]
mod checkpoint;
#[path = "../program/numbers.rs"]
mod numbers;
#[path = "../cluster/planned.rs"]
mod planned;
#[path = "../program/program.rs"]
mod program;
#[path = "../program/study.rs"]
mod study;

use std::path::Path;
use std::process::{Command, Output};

use planned::{plan, results};
use study::Study;

fn snakemake(study: &Study, further: &[&str]) -> Output {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/cluster/Snakefile");
    let program = std::env::var("GYRUS_SNAKEMAKE").unwrap();
    let mut command = Command::new(program);
    command.arg("--snakefile").arg(example).arg("--directory").arg(study.path("workflow"));
    // Its cache belongs into the test's folder.
    command.env("XDG_CACHE_HOME", study.path("cache")).env("HF_HUB_OFFLINE", "1");
    command.args(["--cores", "2", "--config", "shares=2"]);
    command.arg(format!("out={}", study.path("out").display()));
    command.arg(format!("gyrus={}", env!("CARGO_BIN_EXE_gyrus")));
    command.args(further).output().unwrap()
}

#[test]
fn shares_as_jobs_of_snakemake_end_in_the_bytes_of_one_machine() {
    let study = Study::new();
    study.analyze("alone", &[]).succeeded();
    plan(&study, "out").succeeded();
    let ran = snakemake(&study, &[]);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let mut found = results(&study, "out");
    found.retain(|name, _| !name.starts_with("done"));
    assert_eq!(found, results(&study, "alone"));
    let again = snakemake(&study, &[]);
    assert!(String::from_utf8_lossy(&again.stderr).contains("Nothing to be done"));
}

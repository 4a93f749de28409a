//! Faults that no process dies of: nodes taken away, studies edited, jobs that give way or run out of time, disks that are full.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::cluster::{Slurm, wait_until};
use super::dataset::Dataset;
use super::faults::{cells, finish, is_done, planned, same, slow, workers};
use super::planned::{plan_of, results_in};
use super::study::Study;

/// Some finished fit.
fn stored_fit(study: &Study) -> PathBuf {
    let fits = fs::read_dir(study.path("out/store/fit")).unwrap().map(|entry| entry.unwrap().path());
    fits.min().unwrap().join("scores-0000.safetensors")
}

/// Jobs of a stage, by what `submit` said.
fn jobs<'a>(said: &'a str, stage: &str) -> Vec<&'a str> {
    let start = format!("{stage}: job ");
    said.lines().filter_map(|line| line.strip_prefix(&start)?.split(',').next()).collect()
}

pub fn a_drained_node_and_an_edited_study_lose_nothing(slurm: &Slurm) {
    let study = planned(slow());
    slurm.submit(&study);
    wait_until("a fit runs", || !workers(&study, "fit").is_empty());
    slurm.set("n2", "DRAIN");
    let text = study.read("study.toml");
    study.write("study.toml", &text.replace("seed = 3", "seed = 4"));
    slurm.wait_for_queue();
    let status = slurm.status(&study);
    let [all, done, .., failed] = cells(&status, "fit");
    assert!(done < all && failed > 0, "{status}");
    assert!(status.contains("has changed since its plan was made"), "{status}");
    let merged = slurm.gyrus(&["merge", study.path("out").to_str().unwrap()]).error();
    assert!(merged.contains("no result yet of"), "{merged}");
    study.write("study.toml", &text);
    slurm.submit(&study);
    slurm.wait_for_queue();
    slurm.set("n2", "RESUME");
    assert!(is_done(slurm, &study), "{}", slurm.status(&study));
    same(&study);
    // A result that was cut short after its manifest: the statistics find it, and make it again.
    let path = stored_fit(&study);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    fs::remove_dir_all(study.path("out/store/infer")).unwrap();
    let said = slurm.submit(&study);
    slurm.wait_for_queue();
    let log = study.read(&format!("out/logs/merge_{}.log", jobs(&said, "merge")[0]));
    assert!(log.contains("was damaged: it was removed and computed again"), "{log}");
    assert_eq!(fs::read(&path).unwrap(), bytes);
    same(&study);
}

pub fn who_is_preempted_runs_again(slurm: &Slurm) {
    let study = planned(slow());
    let said = slurm.submit(&study);
    wait_until("a fit runs", || !workers(&study, "fit").is_empty());
    for _ in 0..2 {
        slurm.ask("sbatch", &["--partition=urgent", "--output=/dev/null", "--exclusive", "--wrap=sleep 1"]);
    }
    let restarted = || {
        let shown = jobs(&said, "fit").into_iter().map(|job| slurm.ask("scontrol", &["show", "job", job]));
        shown.collect::<String>().contains("Restarts=1")
    };
    wait_until("a fit was requeued", restarted);
    finish(slurm, &study);
}

/// The signal that Slurm sends before the time limit, which it looks at twice a minute, sent at once.
pub fn what_the_time_limit_ends_goes_back_into_the_queue(slurm: &Slurm) {
    let study = planned(slow());
    let said = slurm.submit_with(&study.path("out"), &["--share-minutes", "600"]);
    let element = format!("{}_0", jobs(&said, "fit")[0]);
    let log = study.path(&format!("out/logs/fit_{element}.log"));
    let one_is_done = || cells(&slurm.status(&study), "fit")[1] > 0;
    wait_until("a fit is done", || !workers(&study, "fit").is_empty() && one_is_done());
    slurm.ask("scancel", &["--signal=INT", "--batch", &element]);
    let says = |text: &str| fs::read_to_string(&log).unwrap_or_default().contains(text);
    wait_until("it goes back", || {
        says(&format!("the time limit is near: {element} goes back into the queue"))
    });
    let shown = || slurm.ask("scontrol", &["show", "job", &element]);
    wait_until("it was requeued", || shown().contains("Restarts=1"));
    let done = cells(&slurm.status(&study), "fit")[1];
    slurm.wait_for_queue();
    // Without another submit, and without what was done.
    assert!(is_done(slurm, &study), "{}", slurm.status(&study));
    let rest = cells(&slurm.status(&study), "fit")[0] - done;
    assert!((1..done + rest).contains(&rest) && says(&format!("{rest} task")), "{rest} of {}", done + rest);
    same(&study);
}

pub fn a_full_scratch_disk_is_named(slurm: &Slurm) {
    let study = planned(Study::new());
    let scratch = Scratch::full(&study.path("scratch"));
    let folder = scratch.folder.to_str().unwrap();
    slurm.submit_with(&study.path("out"), &["--share-minutes", "600", "--scratch", folder]);
    slurm.wait_for_queue();
    let status = slurm.status(&study);
    assert_eq!(cells(&status, "prepare")[1], 0, "{status}");
    assert!(status.contains(scratch.reason) && status.contains(folder), "{status}");
    slurm.submit(&study);
    slurm.wait_for_queue();
    assert!(is_done(slurm, &study), "{}", slurm.status(&study));
    same(&study);
}

/// A disk of a few kilobytes.
struct Scratch {
    folder: PathBuf,
    /// What writing to it says.
    reason: &'static str,
}

impl Scratch {
    fn full(folder: &Path) -> Self {
        fs::create_dir(folder).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=8k", "tmpfs"]).arg(folder);
        if mount.status().is_ok_and(|status| status.success()) {
            return Self { folder: folder.to_owned(), reason: "No space left on device" };
        }
        eprintln!("no disk can be mounted here: a folder that takes no files stands for one that is full");
        Self { folder: PathBuf::from("/proc/gyrus"), reason: "No such file or directory" }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // It may be no disk.
        let _ = Command::new("umount").arg(&self.folder).status();
    }
}

pub fn voxels_are_the_same_on_two_nodes(slurm: &Slurm) {
    let data = Dataset::new();
    data.analyze("alone", &[]).succeeded();
    let output = data.path("out");
    plan_of(&data.path("study.toml"), &output).succeeded();
    // Another file system than the store's, where there is one.
    let memory = Path::new("/dev/shm");
    let near = data.path("");
    let scratch = tempfile::tempdir_in(if memory.is_dir() { memory } else { &near }).unwrap();
    let variable = format!("{}/$SLURM_JOB_ID", scratch.path().display());
    slurm.submit_with(&output, &["--share-minutes", "0", "--scratch", &variable]);
    slurm.wait_for_queue();
    let mut found = results_in(&output);
    found.retain(|name, _| !name.starts_with("logs") && name != "jobs.json");
    assert_eq!(found, results_in(&data.path("alone")));
    let folders = fs::read_dir(scratch.path()).unwrap().map(|entry| entry.unwrap().path());
    let left: Vec<PathBuf> =
        folders.flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path()).collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(fs::read_dir(scratch.path()).unwrap().count() > 2, "every job had a folder of its own");
}

//! Faults that no process dies of: nodes taken away, studies edited, jobs that give way or run out of time, disks that are full.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::JoinHandle;

use super::cluster::{Slurm, wait_until};
use super::dataset::Dataset;
use super::faults::{cells, finish, held_fits, is_done, planned, same, slow};
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

/// What Slurm says of the jobs of a stage.
pub fn shown(slurm: &Slurm, said: &str, stage: &str) -> String {
    jobs(said, stage).into_iter().map(|job| slurm.ask("scontrol", &["show", "job", job])).collect()
}

pub fn a_drained_node_and_an_edited_study_lose_nothing(slurm: &Slurm) {
    let study = planned(slow());
    slurm.submit(&study);
    let held = held_fits(slurm, &study);
    slurm.set("n2", "DRAIN");
    let text = study.read("study.toml");
    study.write("study.toml", &text.replace("seed = 3", "seed = 4"));
    held.go_on();
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
    what_is_damaged_is_made_again(slurm, &study);
}

fn what_is_damaged_is_made_again(slurm: &Slurm, study: &Study) {
    // Cut short after its manifest.
    let path = stored_fit(study);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let status = slurm.status(study);
    let [all, done, _, _, failed] = cells(&status, "fit");
    assert_eq!((done + 1, failed), (all, 0), "{status}");
    let sizes = format!("found {} bytes, expected {}", bytes.len() / 2, bytes.len());
    assert!(status.contains(path.to_str().unwrap()) && status.contains(&sizes), "{status}");
    let said = slurm.submit(study);
    assert_eq!(jobs(&said, "fit").len(), 1, "{said}");
    slurm.wait_for_queue();
    assert_eq!(fs::read(&path).unwrap(), bytes);
    same(study);
    // As long as before, but not the same: the statistics find it.
    let mut other = bytes.clone();
    other[bytes.len() / 2] ^= 1;
    fs::write(&path, other).unwrap();
    fs::remove_dir_all(study.path("out/store/infer")).unwrap();
    let said = slurm.submit(study);
    slurm.wait_for_queue();
    let log = study.read(&format!("out/logs/merge_{}.log", jobs(&said, "merge")[0]));
    assert!(log.contains("was damaged: it was removed and computed again"), "{log}");
    assert_eq!(fs::read(&path).unwrap(), bytes);
    same(study);
}

pub fn who_is_preempted_runs_again(slurm: &Slurm) {
    let study = planned(slow());
    let said = slurm.submit(&study);
    let held = held_fits(slurm, &study);
    // Both nodes at once: a job of one might find the other node free.
    let urgent = ["--partition=urgent", "--nodes=2", "--exclusive", "--output=/dev/null", "--wrap=sleep 1"];
    slurm.ask("sbatch", &urgent);
    wait_until("a fit was requeued", || shown(slurm, &said, "fit").contains("Restarts=1"));
    held.go_on();
    finish(slurm, &study);
}

/// A study whose jobs may take two minutes, and whose fits take longer, because the one that works is stopped until it is
/// told that the time is near.
pub struct Limited {
    study: Study,
    /// Element of the array that fits.
    element: String,
    told: JoinHandle<()>,
}

impl Limited {
    pub fn submit(slurm: &Slurm) -> Self {
        let study = planned(slow());
        let further = ["--share-minutes", "600", "--partition", "aside", "--time", "00:02:00"];
        let said = slurm.submit_with(&study.path("out"), &further);
        let element = format!("{}_0", jobs(&said, "fit")[0]);
        let one_is_done = || cells(&slurm.status(&study), "fit")[1] > 0;
        wait_until("a fit is done", one_is_done);
        let held = held_fits(slurm, &study);
        let told = std::thread::spawn(move || {
            wait_until("the worker is told", || held.processes().iter().all(|worker| is_interrupted(worker)));
            held.go_on();
        });
        Self { study, element, told }
    }

    /// Without another submit, and without doing again what was done.
    pub fn went_back_into_the_queue(self, slurm: &Slurm) {
        self.told.join().unwrap();
        slurm.wait_for_queue_of("aside");
        let status = slurm.status(&self.study);
        assert!(is_done(slurm, &self.study), "{status}");
        let log = self.study.read(&format!("out/logs/fit_{}.log", self.element));
        let late = format!("the time limit is near: {} goes back into the queue", self.element);
        let (before, after) = log.split_once(&late).unwrap_or_else(|| panic!("{log}"));
        assert!(before.contains("interrupted"), "{log}");
        let tasks = cells(&status, "fit")[0];
        let rest = |count: usize| after.contains(&format!("{count} task"));
        assert!((1..tasks).any(rest) && !rest(tasks), "{log}");
        same(&self.study);
    }
}

/// Whether SIGINT waits for a process that is stopped.
fn is_interrupted(process: &str) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let waits = |line: &str| {
        let mask = line.strip_prefix("SigPnd:").or(line.strip_prefix("ShdPnd:"))?;
        let mask = u64::from_str_radix(mask.trim(), 16).ok()?;
        Some(mask & 0b10 != 0)
    };
    status.lines().filter_map(waits).any(|waits| waits)
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

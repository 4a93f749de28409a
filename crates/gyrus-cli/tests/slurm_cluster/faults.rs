//! One cluster, one fault after the other: nothing is lost beyond what was in flight, and `status` tells the truth.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::cluster::{PATIENCE, Slurm, wait_until};
use super::planned::{plan, results};
use super::study::Study;
use super::{alice, limits};

/// Cells of a stage in the table of `status`: tasks, done, pending, running, failed.
pub fn cells(status: &str, stage: &str) -> [usize; 5] {
    let line = status.lines().find(|line| line.split_whitespace().next() == Some(stage)).unwrap();
    let cells: Vec<usize> = line.split_whitespace().skip(1).map(|cell| cell.parse().unwrap()).collect();
    cells.try_into().unwrap()
}

pub fn is_done(slurm: &Slurm, study: &Study) -> bool {
    let [all, done, ..] = cells(&slurm.status(study), "infer");
    all == done
}

/// A study whose fits take some seconds.
pub fn slow() -> Study {
    let study = Study::new();
    study.set("surrogates = 19", "surrogates = 4000");
    study
}

/// A study with its plan.
pub fn planned(study: Study) -> Study {
    plan(&study, "out").succeeded();
    study
}

/// What one machine finds of a study, by its text: the same study is generated for many faults, and analysed once.
static ALONE: Mutex<BTreeMap<String, BTreeMap<String, Vec<u8>>>> = Mutex::new(BTreeMap::new());

pub fn same(study: &Study) {
    let mut found = results(study, "out");
    found.retain(|name, _| !name.starts_with("logs") && name != "jobs.json");
    let mut known = ALONE.lock().unwrap();
    let alone = known.entry(study.read("study.toml")).or_insert_with(|| {
        study.analyze("alone", &[]).succeeded();
        results(study, "alone")
    });
    assert_eq!(found, *alone);
}

/// Processes that work on a stage of a study.
pub fn workers(study: &Study, stage: &str) -> Vec<String> {
    let pattern = format!("task {} --stage {stage}", study.path("out").display());
    let found = Command::new("pgrep").args(["-f", &pattern]).output().unwrap();
    String::from_utf8(found.stdout).unwrap().split_whitespace().map(str::to_owned).collect()
}

/// Waits until fits run, and stops them where they are: whatever is done to them then is done before they end.
pub fn held_fits(slurm: &Slurm, study: &Study) -> Held {
    held(slurm, study, |_| true)
}

/// Those of the node that `Slurm::end` and `Slurm::kill` take away.
fn held_fits_of_the_first_node(slurm: &Slurm, study: &Study) -> Held {
    held(slurm, study, |worker| {
        let variables = fs::read(format!("/proc/{worker}/environ")).unwrap_or_default();
        variables.split(|byte| *byte == 0).any(|variable| variable == b"SLURMD_NODENAME=n1")
    })
}

fn held(slurm: &Slurm, study: &Study, is_meant: impl Fn(&str) -> bool) -> Held {
    let start = Instant::now();
    loop {
        let found = workers(study, "fit").into_iter();
        let stopped: Vec<String> =
            found.filter(|worker| is_meant(worker) && signal("STOP", worker)).collect();
        if !stopped.is_empty() {
            return Held(stopped);
        }
        // Where none ever runs, what `status` says tells why.
        assert!(start.elapsed() < PATIENCE, "no fit runs:\n{}", slurm.status(study));
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Processes that are stopped.
pub struct Held(Vec<String>);

/// A controller writes down every five seconds what it started. One that dies before gives the same numbers to other jobs, and then
/// drains the nodes.
const WRITTEN_DOWN: Duration = Duration::from_secs(8);

impl Held {
    /// Stops what begins beside them too, until nothing did for as long as the controller takes to write down what it started.
    pub fn until_none_begins(mut self, study: &Study) -> Self {
        let mut last = Instant::now();
        while last.elapsed() < WRITTEN_DOWN {
            for worker in workers(study, "fit") {
                if !self.0.contains(&worker) && signal("STOP", &worker) {
                    self.0.push(worker);
                    last = Instant::now();
                }
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        self
    }

    /// Lets them go on, those that are still there.
    pub fn go_on(self) {
        self.send("CONT");
    }

    pub fn processes(&self) -> &[String] {
        &self.0
    }

    fn send(&self, name: &str) {
        self.0.iter().for_each(|process| {
            signal(name, process);
        });
    }
}

/// Whether a process was there to be told.
pub fn signal(name: &str, process: &str) -> bool {
    Command::new("kill").args([&format!("-{name}"), process]).status().unwrap().success()
}

/// All of it on one cluster, which takes longer to start than what is asked of it.
#[test]
fn two_nodes_find_what_one_machine_finds_through_every_fault() {
    let mut slurm = Slurm::start();
    let limited = limits::Limited::submit(&slurm);
    arrays_longer_than_slurm_allows_are_split(&slurm);
    two_submits_end_in_one_study(&slurm);
    cancelled_elements_are_named_and_submitted_again(&slurm);
    a_killed_task_is_named_and_submitted_again(&slurm);
    a_controller_that_dies_is_waited_for(&mut slurm);
    a_node_that_dies_loses_only_what_ran_there(&mut slurm);
    a_node_that_stays_away_is_replaced(&mut slurm);
    limits::a_drained_node_and_an_edited_study_lose_nothing(&slurm);
    limits::who_is_preempted_runs_again(&slurm);
    limits::a_full_scratch_disk_is_named(&slurm);
    limits::voxels_are_the_same_on_two_nodes(&slurm);
    alice::alice_is_the_same_on_two_nodes(&slurm);
    limited.went_back_into_the_queue(&slurm);
}

fn arrays_longer_than_slurm_allows_are_split(slurm: &Slurm) {
    let study = planned(Study::new());
    let said = slurm.submit(&study);
    assert!(said.matches("fit: job").count() > 1, "{said}");
    slurm.wait_for_queue();
    assert!(is_done(slurm, &study), "{}", slurm.status(&study));
    same(&study);
    let nothing = slurm.submit(&study);
    assert_eq!(nothing.matches(": job").count(), 1, "only the statistics: {nothing}");
    slurm.wait_for_queue();
}

fn two_submits_end_in_one_study(slurm: &Slurm) {
    let study = planned(Study::new());
    slurm.set_nodes("DRAIN");
    assert!(!slurm.submit(&study).contains("warning"));
    let again = slurm.submit(&study);
    assert!(again.contains("shares of an earlier `gyrus submit` wait or run"), "{again}");
    let [all, done, pending, ..] = cells(&slurm.status(&study), "fit");
    assert_eq!((done, pending), (0, all), "{}", slurm.status(&study));
    slurm.set_nodes("RESUME");
    slurm.wait_for_queue();
    assert!(is_done(slurm, &study), "{}", slurm.status(&study));
    same(&study);
}

fn cancelled_elements_are_named_and_submitted_again(slurm: &Slurm) {
    let study = planned(Study::new());
    slurm.set_nodes("DRAIN");
    let said = slurm.submit(&study);
    let job = said.lines().find_map(|line| line.strip_prefix("extract: job ")?.split(',').next()).unwrap();
    slurm.ask("scancel", &[&format!("{job}_1")]);
    slurm.set_nodes("RESUME");
    slurm.wait_for_queue();
    let status = slurm.status(&study);
    let [all, done, pending, running, failed] = cells(&status, "extract");
    assert_eq!((all - done, pending, running, failed), (1, 0, 0, 1), "{status}");
    assert!(status.contains("extract 1: no log was written"), "{status}");
    assert_eq!(cells(&status, "fit")[1], 0, "{status}");
    let again = slurm.submit(&study);
    assert!(again.contains("extract: job") && !again.contains("prepare: job"), "{again}");
    slurm.wait_for_queue();
    same(&study);
}

fn a_killed_task_is_named_and_submitted_again(slurm: &Slurm) {
    let study = planned(slow());
    slurm.submit(&study);
    let held = held_fits(slurm, &study);
    let [_, _, _, running, _] = cells(&slurm.status(&study), "fit");
    assert!(running > 0);
    held.send("KILL");
    slurm.wait_for_queue();
    let status = slurm.status(&study);
    let [all, done, .., failed] = cells(&status, "fit");
    assert!(failed > 0 && all > done, "{status}");
    assert!(status.contains("logs/fit_") && status.contains("`gyrus submit` hands in again"), "{status}");
    let merged = slurm.gyrus(&["merge", study.path("out").to_str().unwrap()]).error();
    assert!(merged.contains("no result yet of"), "{merged}");
    slurm.submit(&study);
    slurm.wait_for_queue();
    same(&study);
}

fn a_controller_that_dies_is_waited_for(slurm: &mut Slurm) {
    let study = planned(slow());
    slurm.submit(&study);
    let held = held_fits(slurm, &study).until_none_begins(&study);
    slurm.kill("slurmctld");
    wait_until("the controller answers", || slurm.ask("scontrol", &["ping"]).contains("is UP"));
    held.go_on();
    finish(slurm, &study);
}

/// Waits, and submits again what was lost in flight.
pub fn finish(slurm: &Slurm, study: &Study) {
    slurm.wait_for_queue();
    slurm.wait_for_nodes(2);
    if !is_done(slurm, study) {
        let status = slurm.status(study);
        let [all, done, .., failed] = cells(&status, "fit");
        assert!(all == done || failed > 0, "{status}");
        slurm.submit(study);
        slurm.wait_for_queue();
    }
    assert!(is_done(slurm, study), "{}", slurm.status(study));
    same(study);
}

fn a_node_that_dies_loses_only_what_ran_there(slurm: &mut Slurm) {
    let study = planned(slow());
    slurm.submit(&study);
    let held = held_fits_of_the_first_node(slurm, &study);
    slurm.kill("slurmd");
    held.go_on();
    finish(slurm, &study);
}

/// Its task runs on, unseen, and once more on the other node: both end in one result.
fn a_node_that_stays_away_is_replaced(slurm: &mut Slurm) {
    let study = planned(slow());
    let said = slurm.submit(&study);
    let held = held_fits_of_the_first_node(slurm, &study);
    slurm.end("slurmd");
    let restarted = || limits::shown(slurm, &said, "fit").contains("Restarts=1");
    wait_until("what ran there was requeued", restarted);
    held.go_on();
    slurm.wait_for_queue();
    assert!(is_done(slurm, &study), "{}", slurm.status(&study));
    same(&study);
    slurm.begin("slurmd");
    slurm.wait_for_nodes(2);
}

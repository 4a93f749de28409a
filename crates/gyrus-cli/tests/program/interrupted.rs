//! Killed or interrupted at any moment and started again, a study continues and ends with the same bytes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gyrus::inputs;
use gyrus::plan::{Machine, Plan};
use gyrus::store::Store;
use gyrus::{Execution, Silent};

use super::numbers::Numbers;
use super::program::{Ran, command};
use super::store::{bytes_of, finished};
use super::study::Study;

fn start(study: &Study, output: &str) -> Child {
    let (path, out) = (study.path("study.toml"), study.path(output));
    let mut analyze = command(&["analyze".as_ref(), path.as_os_str(), "-o".as_ref(), out.as_os_str()]);
    analyze.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => assert!(fs::copy(entry.path(), target).is_ok()),
        }
    }
}

/// Runs the plan of a study and keeps a copy of its store after every single write: what a process that is killed
/// there leaves behind.
fn stores_at_every_write(study: &Study) -> Vec<PathBuf> {
    let inputs = inputs::open(&study.path("study.toml"), &Silent).unwrap();
    let plan = Plan::of(&inputs).unwrap();
    let machine = Machine::new(&Execution { threads: Some(1), ..Execution::default() }, &Silent).unwrap();
    let (root, copies) = (study.path("watched"), study.path("killed"));
    let kept = Arc::new(Mutex::new(Vec::new()));
    let (seen, at) = (kept.clone(), root.clone());
    let store = Store::open(&root).unwrap().observed(move |_| {
        let mut seen = seen.lock().unwrap();
        let killed = copies.join(format!("after {}", seen.len() + 1));
        copy(&at, &killed.join("store"));
        seen.push(killed);
    });
    plan.run(&inputs, &store, &machine).unwrap();
    let kept = kept.lock().unwrap();
    kept.clone()
}

#[test]
fn killed_after_any_write_it_ends_with_the_same_bytes() {
    let study = Study::new();
    study.analyze("whole", &[]).succeeded();
    let whole = bytes_of(&study.path("whole"));
    let killed = stores_at_every_write(&study);
    assert!(killed.len() >= 3 * 16, "a file, a manifest and a folder for each task: {}", killed.len());
    for output in &killed {
        let before = finished(&output.join("store"));
        let execution = Execution { threads: Some(1), ..Execution::default() };
        gyrus::analyze(&study.path("study.toml"), output, &execution, &Silent).unwrap();
        let after = finished(&output.join("store"));
        assert!(before.iter().all(|(task, written)| after[task] == *written), "{}", output.display());
        assert!(bytes_of(output) == whole, "{} ends with other bytes", output.display());
        fs::remove_dir_all(output).unwrap();
    }
}

#[test]
fn fifty_kills_at_random_moments_lose_nothing() {
    let study = Study::new();
    let begun = Instant::now();
    study.analyze("whole", &[]).succeeded();
    let (whole, lasts) = (bytes_of(&study.path("whole")), begun.elapsed());
    let mut numbers = Numbers::new(50);
    let (mut kills, mut round) = (0, 0);
    while kills < 50 {
        let output = format!("out {round}");
        let store = study.path(&output).join("store");
        let mut before = finished(&store);
        for _ in 0..4 {
            let mut running = start(&study, &output);
            std::thread::sleep(lasts.mul_f64(0.35 * (numbers.next() + 1.0)));
            running.kill().unwrap();
            kills += u32::from(running.wait().unwrap().code().is_none());
            let after = finished(&store);
            assert!(
                before.iter().all(|(task, written)| after[task] == *written),
                "a finished task was done again"
            );
            before = after;
        }
        study.analyze(&output, &[]).succeeded();
        let after = finished(&store);
        assert!(
            before.iter().all(|(task, written)| after[task] == *written),
            "a finished task was done again"
        );
        assert!(
            bytes_of(&study.path(&output)) == whole,
            "{output} ends with other bytes after {kills} kills"
        );
        fs::remove_dir_all(study.path(&output)).unwrap();
        round += 1;
        assert!(round < 60, "the runs end before they are killed: {kills} kills in {round} rounds");
    }
}

#[cfg(unix)]
#[test]
fn control_c_ends_soon_with_a_message_and_keeps_finished_tasks() {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    let study = Study::new();
    study.set("surrogates = 19", "surrogates = 200000");
    let running = start(&study, "out");
    let store = study.path("out/store");
    let patience = Instant::now();
    while finished(&store).len() < 8 {
        assert!(patience.elapsed() < Duration::from_secs(60), "no task was finished");
        std::thread::sleep(Duration::from_millis(20));
    }
    let pid = Pid::from_raw(i32::try_from(running.id()).unwrap());
    let asked = Instant::now();
    kill(pid, Signal::SIGINT).unwrap();
    let ran = Ran::from(running.wait_with_output().unwrap());
    assert!(asked.elapsed() < Duration::from_secs(10), "it took {:?}", asked.elapsed());
    assert_eq!(ran.code, Some(130), "{}", ran.stderr);
    let message = "interrupted: finished tasks are kept; run the same command again to continue from them";
    assert_eq!(ran.stderr.lines().filter(|line| *line == message).count(), 1, "{}", ran.stderr);
    let before = finished(&store);
    assert!(before.len() >= 8);
    study.set("surrogates = 200000", "surrogates = 19");
    let ran = study.analyze("out", &[]).succeeded();
    assert!(ran.stderr.contains("tasks are finished already"), "{}", ran.stderr);
    let after = finished(&store);
    assert!(before.iter().all(|(task, written)| after[task] == *written));
}

//! Threads, memory and place decide how fast, never a number; and the threads that are asked for are used.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use super::program::command;
use super::store::bytes_of;
use super::study::Study;

#[test]
fn threads_and_memory_change_no_byte() {
    let study = Study::new();
    study.set("surrogates = 19", "surrogates = 60");
    let cases = [("one", "1", "1 GiB"), ("two", "2", "1 GiB"), ("three", "3", "64 MiB")];
    for (output, threads, memory) in cases {
        study.analyze(output, &["--threads", threads, "--memory", memory]).succeeded();
        let provenance: Value =
            serde_json::from_str(&study.read(&format!("{output}/provenance.json"))).unwrap();
        assert_eq!(provenance["threads"].to_string(), threads);
    }
    let one = bytes_of(&study.path("one"));
    assert!(one.contains_key("tables/scores.parquet") && one.contains_key("methods.md"), "{:?}", one.keys());
    for other in ["two", "three"] {
        let other = bytes_of(&study.path(other));
        assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
        for (name, bytes) in &one {
            assert!(other[name] == *bytes, "{name} differs between numbers of threads");
        }
    }
}

#[test]
fn the_folder_where_gyrus_starts_changes_no_byte() {
    let study = Study::new();
    study.analyze("absolute", &[]).succeeded();
    let mut from_inside = command(&["analyze", "../study.toml", "-o", "../relative"]);
    let output = from_inside.current_dir(study.path("motion")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(bytes_of(&study.path("absolute")), bytes_of(&study.path("relative")));
}

/// The processor time of every worker thread, in ticks, as the system counts it.
#[cfg(target_os = "linux")]
#[test]
fn the_threads_asked_for_do_the_work() {
    let study = Study::new();
    study.set("surrogates = 19", "surrogates = 20000");
    let (path, out) = (study.path("study.toml"), study.path("out"));
    let mut analyze = command(&["analyze".as_ref(), path.as_os_str(), "-o".as_ref(), out.as_os_str()]);
    let mut running = analyze.args(["--threads", "3"]).stderr(Stdio::null()).spawn().unwrap();
    let tasks = format!("/proc/{}/task", running.id());
    let mut ticks = Vec::new();
    for _ in 0..1200 {
        std::thread::sleep(Duration::from_millis(50));
        ticks = worker_ticks(&tasks);
        if ticks.len() == 3 && ticks.iter().all(|ticks| *ticks >= 10) {
            break;
        }
    }
    running.kill().unwrap();
    running.wait().unwrap();
    assert_eq!(ticks.len(), 3, "three workers: {ticks:?}");
    assert!(ticks.iter().all(|ticks| *ticks >= 10), "every worker works: {ticks:?}");
}

#[cfg(target_os = "linux")]
fn worker_ticks(tasks: &str) -> Vec<u64> {
    let stats = fs::read_dir(tasks).into_iter().flatten().flatten().filter_map(|task| {
        let stat = fs::read_to_string(task.path().join("stat")).ok()?;
        let (name, rest) = stat.split_once(") ")?;
        name.contains("(gyrus-").then(|| rest.split(' ').nth(11)?.parse().ok()).flatten()
    });
    stats.collect()
}

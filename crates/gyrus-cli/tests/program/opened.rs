//! Each recording is opened twice per study, to be checked and to be cleaned, as the system's own count of opens has it.
#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::thread::JoinHandle;

use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, WatchDescriptor};

use super::study::Study;

/// Counts opens of files in some folders until the file `end` is opened.
fn count_opens(study: &Study, folders: &[&str]) -> JoinHandle<BTreeMap<String, usize>> {
    let watcher = Inotify::init(InitFlags::IN_CLOEXEC).unwrap();
    // Closes stand between opens, so that the system does not merge two equal events into one.
    let flags = AddWatchFlags::IN_OPEN | AddWatchFlags::IN_CLOSE;
    let watch =
        |folder: &&str| (watcher.add_watch(&study.path(folder), flags).unwrap(), (*folder).to_owned());
    let watched: Vec<(WatchDescriptor, String)> = folders.iter().map(watch).collect();
    std::thread::spawn(move || {
        let mut opens = BTreeMap::new();
        loop {
            for event in watcher.read_events().unwrap() {
                let Some(name) = event.name.filter(|_| event.mask.contains(AddWatchFlags::IN_OPEN)) else {
                    continue;
                };
                if event.mask.contains(AddWatchFlags::IN_ISDIR) {
                    continue;
                }
                let name = name.into_string().unwrap();
                if name == "end" {
                    return opens;
                }
                let (_, folder) = watched.iter().find(|(watch, _)| *watch == event.wd).unwrap();
                *opens.entry(format!("{folder}/{name}")).or_insert(0) += 1;
            }
        }
    })
}

#[test]
fn each_recording_is_opened_to_be_checked_and_to_be_cleaned_and_never_again() {
    let study = Study::new();
    study.write("motion/end", "");
    let counting = count_opens(&study, &["responses", "motion"]);
    study.analyze("out", &["--threads", "2"]).succeeded();
    study.read("motion/end");
    let expected: BTreeMap<String, usize> = ["ann", "ben", "cid"]
        .iter()
        .flat_map(|name| [(format!("responses/{name}.tsv"), 2), (format!("motion/{name}.txt"), 1)])
        .collect();
    assert_eq!(counting.join().unwrap(), expected);
}

//! Fits that would take a machine too long are several tasks, and their results the same bytes.

use std::fs;

use super::checkpoint::Size;
use super::large;
use super::planned::{STAGES, plan_of, results_in};
use super::program::gyrus;

#[test]
fn a_fit_in_parts_ends_in_the_bytes_of_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    // Of two people 8,192 targets are fitted at a time: two blocks.
    let study = large::write(folder.path(), 9000, Size { width: 8, vocabulary: 60 });
    gyrus(&["analyze".as_ref(), study.as_os_str(), "-o".as_ref(), path("alone").as_os_str()]).succeeded();
    let whole = plan_of(&study, &path("whole")).succeeded().stdout;
    let text = fs::read_to_string(&study).unwrap() + "\n[execution]\ntask_minutes = 1e-6\n";
    fs::write(&study, text).unwrap();
    let parts = plan_of(&study, &path("out")).succeeded().stdout;
    let tasks = |table: &str, stage: &str| -> usize {
        let row = table.lines().find(|line| line.split_whitespace().next() == Some(stage)).unwrap();
        row.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    assert_eq!(tasks(&parts, "fit"), 2 * tasks(&whole, "fit"), "{whole}{parts}");
    for stage in STAGES {
        assert!(tasks(&parts, stage) >= tasks(&whole, stage));
        for index in ["0", "1", "2"] {
            let output = path("out");
            let words = ["task", output.to_str().unwrap(), "--stage", stage, "--index", index, "--of", "3"];
            gyrus(&words).succeeded();
        }
    }
    gyrus(&["merge".as_ref(), path("out").as_os_str()]).succeeded();
    assert_eq!(results_in(&path("out")), results_in(&path("alone")));
    let again = gyrus(&["check".as_ref(), study.as_os_str(), "-o".as_ref(), path("out").as_os_str()]);
    assert!(again.succeeded().stdout.contains("none left"));
    let text = fs::read_to_string(&study).unwrap().replace("1e-6", "0");
    fs::write(&study, text).unwrap();
    let error = gyrus(&["check".as_ref(), study.as_os_str()]).error();
    assert!(error.contains("execution.task_minutes: found 0, expected minutes, more than 0"), "{error}");
}

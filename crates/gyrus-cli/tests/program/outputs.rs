//! Folders that cannot be written, disks that are full, and reports written again.

use std::fs;
use std::process::Command;

use super::program::{Ran, Says, command, gyrus};
use super::store::bytes_of;
use super::study::Study;

#[test]
fn an_output_folder_that_cannot_be_written() {
    let study = Study::new();
    study.write("taken", "a file");
    for output in ["taken", "taken/inside"] {
        let file = format!("/{output}: ");
        study.analyze(output, &[]).refused(&Says {
            file: &file,
            place: "os error",
            found: "found no way to write it",
            expected: "expected a folder that can be written",
            remedy: "choose other folders with -o and --store",
        });
    }
    assert_eq!(study.read("taken"), "a file");
    let store = study.path("taken");
    let error = study.analyze("out", &["--store", store.to_str().unwrap()]).error();
    assert!(error.contains("/taken/unfinished: found no way to write it"), "{error}");
}

#[test]
fn the_data_set_of_another_program_is_left_alone() {
    let study = Study::new();
    let other = r#"{"Name": "cohort", "DatasetType": "raw", "GeneratedBy": [{"Name": "dcm2bids"}]}"#;
    study.write("data/dataset_description.json", other);
    study.analyze("data", &[]).refused(&Says {
        file: "/data/dataset_description.json: ",
        place: "dataset_description.json",
        found: "found a data set that gyrus did not analyse",
        expected: "expected a folder of its own for results",
        remedy: "choose another with -o",
    });
    assert_eq!(study.read("data/dataset_description.json"), other);
    assert_eq!(fs::read_dir(study.path("data")).unwrap().count(), 1);
}

/// A limit on the size of files is how a full disk looks to a program: a write that fails in the middle.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_up_ends_with_an_error_and_nothing_is_lost() {
    let study = Study::new();
    study.analyze("whole", &[]).succeeded();
    let program = command(&["analyze"]);
    for blocks in [4, 16, 40] {
        let limited = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let mut shell = Command::new("bash");
        shell.arg("-c").arg(limited).arg(program.get_program());
        shell.arg("analyze").arg(study.path("study.toml")).arg("-o").arg(study.path("out"));
        let error = Ran::from(shell.output().unwrap()).error();
        assert!(error.contains("found no way to write it (File too large"), "{error}");
        assert!(error.contains("free some space"), "{error}");
        let unfinished = fs::read_dir(study.path("out/store/unfinished")).unwrap().count();
        assert_eq!(unfinished, 0, "half-written tasks are removed");
    }
    study.analyze("out", &[]).succeeded();
    assert_eq!(bytes_of(&study.path("out")), bytes_of(&study.path("whole")));
}

#[test]
fn one_output_folder_takes_one_writer_at_a_time() {
    let study = Study::new();
    fs::create_dir(study.path("out")).unwrap();
    let claim = fs::File::create(study.path("out/.gyrus-lock")).unwrap();
    claim.lock().unwrap();
    let error = study.analyze("out", &[]).error();
    assert!(
        error.contains("another gyrus that writes into it, expected to be the only one; wait for it"),
        "{error}"
    );
    drop(claim);
    study.analyze("out", &[]).succeeded();
}

#[test]
fn a_report_is_written_again_with_the_same_bytes() {
    let study = Study::new();
    study.analyze("out", &[]).succeeded();
    let before = bytes_of(&study.path("out"));
    for name in ["out/report", "out/methods.md", "out/tables/layers.tsv"] {
        study.remove(name);
    }
    let out = study.path("out");
    let ran = gyrus(&["report".as_ref(), out.as_os_str()]).succeeded();
    assert!(ran.stdout.trim_end().ends_with("out/report/index.html"), "{}", ran.stdout);
    assert_eq!(bytes_of(&out), before);
    let empty = study.path("model");
    let error = gyrus(&["report".as_ref(), empty.as_os_str()]).error();
    assert!(error.contains("/model/tables/results.json: found nothing that can be read"), "{error}");
}

#[test]
fn a_figure_is_drawn_again_with_the_same_bytes() {
    let study = Study::new();
    study.analyze("out", &[]).succeeded();
    let out = study.path("out");
    let figure = |further: &[&std::ffi::OsStr]| {
        let first = ["figure".as_ref(), "--study".as_ref(), out.as_os_str()];
        gyrus(&first.into_iter().chain(further.iter().copied()).collect::<Vec<_>>())
    };
    let listed = figure(&[]).succeeded().stdout;
    for name in listed.lines() {
        let file = format!("out/report/{name}.svg");
        let before = study.read(&file);
        study.remove(&file);
        let said = figure(&[name.as_ref()]).succeeded().stdout;
        assert!(said.trim_end().ends_with(&file), "{said}");
        assert_eq!(study.read(&file), before, "{name}");
    }
    assert!(listed.lines().count() >= 8, "{listed}");
    let elsewhere = study.path("mine.svg");
    figure(&["answer".as_ref(), "-o".as_ref(), elsewhere.as_os_str()]).succeeded();
    assert_eq!(study.read("mine.svg"), study.read("out/report/answer.svg"));
    figure(&["answers".as_ref()]).refused(&Says {
        file: "/out: ",
        place: "no figure",
        found: "found no figure `answers`",
        expected: "expected one of answer, ",
        remedy: "name one of them",
    });
}

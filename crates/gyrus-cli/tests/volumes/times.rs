//! When volumes were taken and what was heard meanwhile.

use super::dataset::{Dataset, PARTICIPANTS, bold, events_file};
use super::program::Says;

fn refused(make: impl FnOnce(&Dataset), says: &Says<'_>) {
    let data = Dataset::new();
    make(&data);
    data.check().refused(says);
}

#[test]
fn sidecar_and_header_that_disagree() {
    refused(
        |data| data.change("02", 1, |image| image.repetition_time = 1.0),
        &Says {
            file: "/sub-02_task-story_run-1_space-",
            place: "_desc-preproc_bold.nii: ",
            found: "found repetition times of 2 s in the sidecar and 1 s in the header (pixdim[4] = 1 Second)",
            expected: "expected times that agree to 1 ms",
            remedy: "declare responses.repetition_time",
        },
    );
}

#[test]
fn what_is_declared_settles_it() {
    let data = Dataset::new();
    data.change("02", 1, |image| image.repetition_time = 1.0);
    data.set("[denoise]", "[responses]\nrepetition_time = \"2 s\"\n\n[denoise]");
    data.check().succeeded();
}

#[test]
fn no_time_anywhere() {
    refused(
        |data| {
            data.change("02", 1, |image| image.repetition_time = 0.0);
            data.write(&bold("02", 1).replace(".nii", ".json"), b"{}");
        },
        &Says {
            file: "/sub-02_task-story_run-1_space-",
            place: "_desc-preproc_bold.nii: ",
            found: "found repetition times of none in the sidecar and none in the header",
            expected: "expected a positive one",
            remedy: "declare responses.repetition_time, or add RepetitionTime to the sidecar",
        },
    );
}

#[test]
fn the_raw_sidecar_has_the_time_that_the_derivative_lacks() {
    let data = Dataset::new();
    data.write(&bold("02", 1).replace(".nii", ".json"), br#"{"StartTime": 1.0}"#);
    data.change("02", 1, |image| image.repetition_time = 0.0);
    data.write("bids/sub-02/func/sub-02_task-story_run-1_bold.nii.gz", b"raw");
    data.write("bids/task-story_bold.json", br#"{"RepetitionTime": 2.0}"#);
    data.check().succeeded();
}

#[test]
fn a_start_time_is_applied_and_said() {
    let data = Dataset::new();
    let said = data.check().succeeded().stderr;
    assert!(said.contains("volumes start 1 s after the clock of the events (StartTime); applied"), "{said}");
}

#[test]
fn events_that_name_no_stimulus() {
    refused(
        |data| data.edit(&events_file("02", 1), "story-1.wav", "other.wav"),
        &Says {
            file: "/study.toml: ",
            place: "stimulus.event: ",
            found: "sub-02_task-story_run-1_events.tsv (it has other.wav, story)",
            expected: "expected stim_file or trial_type named like a [[stimulus]]",
            remedy: "set stimulus.event, or bids.map",
        },
    );
}

#[test]
fn no_events() {
    refused(
        |data| data.remove(&events_file("02", 1)),
        &Says {
            file: "/study.toml: ",
            place: "bids.folder: ",
            found: "found no events of bids/derivatives/fmriprep/sub-02/func/sub-02_task-story_run-1_",
            expected: "expected an events file with the onset of each stimulus",
            remedy: "say in bids.map",
        },
    );
}

#[test]
fn onsets_in_samples() {
    refused(
        |data| data.edit(&events_file("02", 1), "3.0\t130", "1536\t66560"),
        &Says {
            file: "/sub-02_task-story_run-1_events.tsv: ",
            place: "sub-02_task-story_run-1_space-",
            found: "found an onset of 1536 s in ",
            expected: "which ends at 141 s, expected seconds after the first volume",
            remedy: "write them in seconds, here or in bids.map",
        },
    );
}

#[test]
fn durations_in_volumes() {
    refused(
        |data| data.edit(&events_file("02", 1), "3.0\t130", "1.5\t64"),
        &Says {
            file: "/sub-02_task-story_run-1_events.tsv: ",
            place: "`story-1` with a duration of 64 s",
            found: "whose words last 12",
            expected: "expected seconds; these seem to be volumes",
            remedy: "write onset and duration in seconds, here or in bids.map",
        },
    );
}

#[test]
fn words_in_samples() {
    refused(
        |data| {
            let words = "onset\tword\n96\tthe\n66000\trabbit\n67000\tran\n";
            data.write("bids/stimuli/story-2_words.tsv", words.as_bytes());
        },
        &Says {
            file: "/story-2_words.tsv: ",
            place: "sub-01_task-story_run-2_space-",
            found: "found the word `rabbit` at 66000.00 s",
            expected: "expected no word after the last volume of ",
            remedy: "that the words are timed in seconds, not in samples or milliseconds",
        },
    );
}

#[test]
fn every_run_has_its_own_time_between_volumes() {
    let data = Dataset::new();
    for participant in PARTICIPANTS {
        data.write(
            &bold(participant, 2).replace(".nii", ".json"),
            br#"{"RepetitionTime": 2.04, "StartTime": 1.0}"#,
        );
        data.change(participant, 2, |image| image.repetition_time = 2.04);
    }
    // 60 volumes are left: 2 n TR / high_pass is 1.98 where TR is 2 s and 2.02 where it is 2.04 s.
    data.set("high_pass = \"128 s\"", "high_pass = \"121 s\"");
    data.analyze("out", &[]).succeeded();
    let methods = data.read("out/methods.md");
    assert!(methods.contains("a repetition time of 2 to 2.04 s"), "{methods}");
    let regressors = |story: &str| {
        let rows = data.rows("out/tables/cleaning.tsv");
        rows.into_iter().find(|row| row[0] == "sub-02" && row[1] == story).unwrap()[3].clone()
    };
    assert_eq!(["story-1", "story-2"].map(regressors), ["14", "15"], "a cosine more in the slower run");
    let inputs = gyrus::inputs::open(&data.path("study.toml"), &gyrus::Silent).unwrap();
    for recording in &inputs.recordings {
        let interval = if recording.run.stimulus == 1 { 2.04 } else { 2.0 };
        assert_eq!(recording.sampling.interval.get(), interval);
        assert!(
            (recording.sampling.time(0) - (1.0 - 3.0 + 10.0 * interval)).abs() < 1e-9,
            "trimmed by its own"
        );
    }
}

/// What nibabel returns for headers in milliseconds without the unit; the sidecar is right.
#[test]
fn a_time_in_the_header_that_no_scanner_has_is_warned_of_where_another_is_declared() {
    let data = Dataset::new();
    data.change("02", 1, |image| image.repetition_time = 2000.0);
    data.check().refused(&Says {
        file: "/sub-02_task-story_run-1_space-",
        place: "_desc-preproc_bold.nii: ",
        found: "found repetition times of 2 s in the sidecar and 2000 s in the header (pixdim[4] = 2000 Second)",
        expected: "expected times that agree to 1 ms",
        remedy: "declare responses.repetition_time",
    });
    data.set("[denoise]", "[responses]\nrepetition_time = \"2 s\"\n\n[denoise]");
    let said = data.check().succeeded().stderr;
    assert!(
        said.contains("the header gives 2000 s between volumes (pixdim[4] = 2000), which cannot be right"),
        "{said}"
    );
}

#[test]
fn onsets_whose_json_has_another_unit_than_seconds() {
    let data = Dataset::new();
    let json = "bids/task-story_events.json";
    for unit in ["s", "seconds", "Seconds"] {
        data.write(json, format!(r#"{{"onset": {{"Units": "{unit}"}}}}"#).as_bytes());
        data.check().succeeded();
    }
    data.write(json, br#"{"onset": {"Units": "TR", "Description": "volumes"}}"#);
    data.check().refused(&Says {
        file: "/task-story_events.json: ",
        place: "_events.tsv",
        found: "found `TR` as the unit of onsets",
        expected: "expected `s`, as BIDS has it",
        remedy: "in seconds and correct the unit, or say in bids.map when stimuli began",
    });
}

#[test]
fn a_map_says_what_was_heard_whatever_the_labels_of_runs() {
    let data = Dataset::new();
    for participant in PARTICIPANTS {
        for run in 1..=3 {
            data.remove(&events_file(participant, run));
        }
    }
    let mut map = "participant\trun\tstimulus\tonset\n".to_owned();
    for participant in PARTICIPANTS {
        for (run, story) in [(1, 3), (2, 1), (3, 2)] {
            map.push_str(&format!("sub-{participant}\t0{run}\tstory-{story}\t3\n"));
        }
    }
    data.write("map.tsv", map.as_bytes());
    data.set("folder = \"bids\"", "folder = \"bids\"\nmap = \"map.tsv\"");
    data.analyze("out", &[]).succeeded();
    let sources = data.read("out/tables/inputs.json");
    assert!(
        sources.find(&bold("01", 2)).unwrap() < sources.find(&bold("01", 1)).unwrap(),
        "sorted by stimulus"
    );
    data.edit("map.tsv", "sub-02\t01\tstory-3\t3", "sub-02\t01\tstory-4\t3");
    data.check().refused(&Says {
        file: "/study.toml: ",
        place: "bids.map: ",
        found: "found the stimulus `story-4` in ",
        expected: "expected one of story-1, story-2, story-3",
        remedy: "change it in the study file",
    });
}

#[test]
fn words_after_the_end_of_the_volumes() {
    refused(
        |data| {
            let words = data.read("bids/stimuli/story-2_words.tsv") + "400.0\tlate\n";
            data.write("bids/stimuli/story-2_words.tsv", words.as_bytes());
        },
        &Says {
            file: "/story-2_words.tsv: ",
            place: "sub-01_task-story_run-2_space-",
            found: "found the word `late` at 400.00 s",
            expected: "expected no word after the last volume of ",
            remedy: "check responses.stimulus_time_of_first_volume",
        },
    );
}

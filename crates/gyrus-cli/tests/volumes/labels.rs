//! What files call runs and stories: labels and their zeros, runs that nobody listed, cells with commas, sidecars that contradict.

use super::dataset::{Dataset, PARTICIPANTS, bold, confounds, events_file, image, mask, table, words};
use super::program::Says;

/// Run 0 is a run like any other, and not a file without a run; `run-0` and `run-00` are one run.
#[test]
fn a_run_called_0_is_a_run() {
    let data = Dataset::new();
    for participant in PARTICIPANTS {
        for file in [bold, mask, confounds, events_file].map(|file| file(participant, 1)) {
            data.remove(&file);
        }
        data.write_run(participant, 0, &image(1));
        data.remove(&events_file(participant, 0));
        data.write(
            &events_file(participant, 0).replace("run-0", "run-00"),
            b"onset\tduration\tstim_file\n3.0\t130\tstory-1.wav\n",
        );
    }
    let checked = data.check().succeeded();
    assert!(checked.stdout.contains("3 participants, 36 targets, 3 stimuli"), "{}", checked.stdout);
    data.set("folder = \"bids\"", "folder = \"bids\"\nruns = [\"run-000\"]");
    let inputs = gyrus::inputs::open(&data.path("study.toml"), &gyrus::Silent).unwrap();
    let labels: Vec<&str> =
        inputs.recordings.iter().filter_map(|one| Some(&*one.run.volumes.as_ref()?.label)).collect();
    assert_eq!(labels, ["task-story run-0"; 3]);
}

#[test]
fn a_run_without_a_row_in_the_map_is_left_out_and_named() {
    let data = Dataset::new();
    let mut map = "participant\trun\tstimulus\tonset\n".to_owned();
    for participant in PARTICIPANTS {
        for run in 1..=3 {
            map += &format!("{participant}\t{run}\tstory-{run}\t3\n");
        }
    }
    data.write_run("02", 4, &image(14));
    data.write_run("03", 4, &image(24));
    data.write("map.tsv", map.as_bytes());
    data.set("folder = \"bids\"", "folder = \"bids\"\nmap = \"map.tsv\"");
    for ran in [data.check(), data.analyze("out", &[])] {
        let said = ran.succeeded().stderr;
        let warning =
            format!("warning: {} and 1 more: bids.map has no row for it; it was left out", bold("02", 4));
        assert!(said.contains(&warning), "{said}");
    }
    let rows = data.rows("out/tables/cleaning.tsv");
    let heard: Vec<&str> = rows.iter().filter(|row| row[0] == "sub-02").map(|row| &*row[1]).collect();
    assert_eq!(heard, ["story-1", "story-2", "story-3"]);
}

/// Cells such as `22,23` are text, in events, in words and in the map.
#[test]
fn commas_in_cells_are_letters() {
    let data = Dataset::new();
    data.set("event = \"story-1.wav\"", "event = \"22,23\"");
    for participant in PARTICIPANTS {
        data.write(
            &events_file(participant, 1),
            b"onset\tduration\ttrial_type\n0.5\t1\t22\n3.0\t130\t22,23\n",
        );
    }
    data.write(
        "bids/stimuli/story-1_words.tsv",
        words(1).replacen("\trabbit\n", "\trabbit,ran\n", 1).as_bytes(),
    );
    data.check().succeeded();
    let inputs = gyrus::inputs::open(&data.path("study.toml"), &gyrus::Silent).unwrap();
    assert!(inputs.stimuli[0].stimulus.words().iter().any(|word| word.text == "rabbit,ran"));
    assert_eq!(inputs.recordings[0].run.volumes.as_ref().unwrap().first.get(), -2.0);
    data.set("name = \"story-1\"", "name = \"1,2\"");
    let mut map = "participant\trun\tstimulus\tonset\n".to_owned();
    for participant in PARTICIPANTS {
        for (run, story) in [(1, "1,2"), (2, "story-2"), (3, "story-3")] {
            map += &format!("{participant}\t{run}\t{story}\t3\n");
        }
    }
    data.write("map.tsv", map.as_bytes());
    data.set("folder = \"bids\"", "folder = \"bids\"\nmap = \"map.tsv\"");
    data.check().succeeded();
}

#[test]
fn sidecars_that_contradict_each_other_are_named_by_key() {
    let data = Dataset::new();
    let above = "bids/derivatives/fmriprep/task-story_bold.json";
    data.write(above, br#"{"StartTime": 0.0}"#);
    let own = bold("02", 1).replace(".nii", ".json");
    let more_general = own.replace("_desc-preproc", "");
    data.write(&more_general, br#"{"StartTime": 0.25}"#);
    let said = data.check().succeeded().stderr;
    let replaced = |file: &str, other: &str| {
        format!(
            "`StartTime` of {} replaces another value of {}",
            data.path(file).display(),
            data.path(other).display()
        )
    };
    for (file, other) in [(&*more_general, above), (&*own, &*more_general)] {
        let warning = replaced(file, other);
        assert!(said.contains(&warning), "{warning}\n{said}");
    }
    assert!(said.contains("volumes start 1 s after the clock of the events"), "{said}");
}

#[test]
fn sidecars_of_raw_images_that_contradict_each_other_are_named_too() {
    let data = Dataset::new();
    data.write(&bold("02", 1).replace(".nii", ".json"), br#"{"StartTime": 1.0}"#);
    data.change("02", 1, |image| image.repetition_time = 0.0);
    data.write("bids/sub-02/func/sub-02_task-story_run-1_bold.nii", b"raw");
    data.write("bids/task-story_bold.json", br#"{"RepetitionTime": 1.5}"#);
    data.write("bids/sub-02/func/sub-02_task-story_bold.json", br#"{"RepetitionTime": 2.0}"#);
    let said = data.check().succeeded().stderr;
    assert!(
        said.contains("`RepetitionTime` of ")
            && said.contains("/bids/sub-02/func/sub-02_task-story_bold.json replaces another value of ")
            && said.contains("/bids/task-story_bold.json"),
        "{said}"
    );
}

#[test]
fn two_events_files_of_one_level_are_an_error() {
    let data = Dataset::new();
    data.remove(&events_file("02", 1));
    let events = b"onset\tduration\tstim_file\n3.0\t130\tstory-1.wav\n";
    data.write("bids/task-story_events.tsv", events);
    data.write("bids/run-1_events.tsv", events);
    data.check().refused(&Says {
        file: "/bids: ",
        place: "which both apply to sub-02 task-story run-1",
        found: "found run-1_events.tsv and task-story_events.tsv",
        expected: "expected one such file at a level",
        remedy: "remove one of them, or name it after the recordings that it belongs to",
    });
}

#[test]
fn regressors_that_repeat_others_are_named_and_counted() {
    let data = Dataset::new();
    let with_more = |run: u64| {
        let text = table(run, 70);
        let rows = text.lines().enumerate().map(|(index, line)| match index {
            0 => format!("{line}\ttwice\tflat\n"),
            _ => format!(
                "{line}\t{}\t4.5\n",
                3.0 * line.split('\t').next().unwrap().parse::<f64>().unwrap() - 1.0
            ),
        });
        rows.collect::<String>()
    };
    data.write(&confounds("02", 1), with_more(1).as_bytes());
    for (participant, run) in PARTICIPANTS.iter().flat_map(|who| (1..=3).map(move |run| (who, run))) {
        if (*participant, run) != ("02", 1) {
            let new = table(20 + run as u64, 70).replacen("trans_x\t", "twice\t", 1);
            let both: String = table(run as u64, 70)
                .lines()
                .zip(new.lines())
                .map(|(own, other)| {
                    let second = other.split('\t').next().unwrap();
                    let flat = if second == "twice" { "flat" } else { other.split('\t').nth(2).unwrap() };
                    format!("{own}\t{second}\t{flat}\n")
                })
                .collect();
            data.write(&confounds(participant, run), both.as_bytes());
        }
    }
    data.set("motion = 12", "motion = 12\nconfound_columns = [\"twice\", \"flat\"]");
    data.analyze("out", &[]).succeeded();
    let rows = data.rows("out/tables/cleaning.tsv");
    // The constant, no cosine below 128 s in 120 s of 60 volumes but one, twelve columns of motion, and two more.
    let of = |participant: &str, run: &str| {
        rows.iter().find(|row| row[0] == participant && row[1] == run).unwrap()
    };
    let (damaged, whole) = (of("sub-02", "story-1"), of("sub-01", "story-1"));
    assert_eq!(damaged[2..6], ["60", "16", "14", "46"]);
    assert_eq!(damaged[7], "twice;flat");
    assert_eq!(whole[2..6], ["60", "16", "16", "44"]);
    assert_eq!(whole[7], "n/a");
}

//! `gyrus init`: the study file that it writes works, and what it found wrong stands in it.

use std::path::Path;

use super::dataset::{Dataset, bold, confounds, image, table, words};
use super::program::{Ran, Says, gyrus};

fn init(data: &Dataset) -> Ran {
    let (folder, model, output) = (data.path("bids"), data.path("model"), data.path("made.toml"));
    gyrus(&[Path::new("init"), &folder, Path::new("--model"), &model, Path::new("-o"), &output])
}

#[test]
fn what_is_written_is_checked_and_analysed() {
    let data = Dataset::new();
    // A fourth run that one participant does not have, and another participant with a row too many.
    data.write("bids/stimuli/story-4_words.tsv", words(4).as_bytes());
    for participant in ["02", "03"] {
        data.write_run(participant, 4, &image(44));
    }
    data.write(&confounds("03", 2), table(2, 71).as_bytes());
    let said = init(&data).succeeded();
    assert!(said.stderr.contains("sub-01 has no image of task-story run-4"), "{}", said.stderr);
    assert!(
        said.stderr.contains("sub-03 was excluded (task-story run-2: 71 rows of confounds for 70 volumes)"),
        "{}",
        said.stderr
    );
    let text = data.read("made.toml");
    for line in [
        "space = \"MNI152NLin2009cAsym\"",
        "words = \"bids/stimuli/story-1_words.tsv\"",
        "motion = 6 ",
        "sub-03 = \"task-story run-2: 71 rows of confounds for 70 volumes\"",
        "# - sub-01 has no image of task-story run-4",
        "repetition times: 2 s in 11 runs",
    ] {
        assert!(text.contains(line), "`{line}` is not in\n{text}");
    }
    let made = data.path("made.toml");
    let checked = gyrus(&[Path::new("check"), &made]).succeeded();
    assert!(checked.stdout.contains("2 participants, 36 targets, 4 stimuli"), "{}", checked.stdout);
    let quick = text
        .replace("surrogates = 1000", "surrogates = 9")
        .replace("untrained_seeds = 5", "untrained_seeds = 1");
    data.write("made.toml", quick.as_bytes());
    gyrus(&[Path::new("analyze"), &made, Path::new("-o"), &data.path("out")]).succeeded();
    assert!(data.path("out/maps/group").is_dir());
}

#[test]
fn the_time_of_a_raw_image_is_found_whether_it_is_compressed_or_not() {
    for extension in [".nii", ".nii.gz"] {
        let data = Dataset::new();
        data.change("02", 1, |image| image.repetition_time = 0.0);
        data.write(&bold("02", 1).replace(".nii", ".json"), br#"{"StartTime": 1.0}"#);
        data.write(&format!("bids/sub-02/func/sub-02_task-story_run-1_bold{extension}"), b"raw");
        data.write("bids/task-story_bold.json", br#"{"RepetitionTime": 2.0}"#);
        init(&data).succeeded();
        let text = data.read("made.toml");
        assert!(text.contains("repetition times: 2 s in 9 runs"), "{extension}: {text}");
    }
}

#[test]
fn a_study_file_that_is_there_stays() {
    let data = Dataset::new();
    data.write("made.toml", b"mine");
    init(&data).refused(&Says {
        file: "/made.toml: ",
        place: "made.toml",
        found: "found a file that is there already",
        expected: "expected none, for it would be lost",
        remedy: "choose another name with -o",
    });
    assert_eq!(data.read("made.toml"), "mine");
}

#[test]
fn a_folder_without_derivatives_is_an_error() {
    let data = Dataset::new();
    std::fs::remove_dir_all(data.path("bids/derivatives")).unwrap();
    init(&data).refused(&Says {
        file: "/bids/derivatives: ",
        place: "derivatives",
        found: "found no folder that says that fMRIPrep made it",
        expected: "expected one with a dataset_description.json that says so",
        remedy: "name the folder with --derivatives",
    });
}

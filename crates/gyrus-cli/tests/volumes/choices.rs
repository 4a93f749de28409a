//! Several images that could be meant: spaces, resolutions, echoes. One is chosen where it is clear, and asked for where it is not.

use std::path::Path;

use super::dataset::{Dataset, PARTICIPANTS, RUNS, SPACE, bold, image, mask, mask_image};
use super::program::{Ran, Says, gyrus};

/// Adds images and masks of another name to every run.
fn add(data: &Dataset, from: &str, to: &str) {
    for participant in PARTICIPANTS {
        for run in RUNS {
            data.write(&bold(participant, run).replace(from, to), &image(1).bytes());
            data.write(&mask(participant, run).replace(from, to), &mask_image(|voxel| voxel > 0).bytes());
        }
    }
}

fn init(data: &Dataset) -> (Ran, String) {
    let (folder, model, output) = (data.path("bids"), data.path("model"), data.path("made.toml"));
    let ran = gyrus(&[Path::new("init"), &folder, Path::new("--model"), &model, Path::new("-o"), &output])
        .succeeded();
    (ran, data.read("made.toml"))
}

#[test]
fn without_a_space_the_recordings_own_is_meant_and_others_are_listed() {
    let data = Dataset::new();
    data.set(&format!("space = \"{SPACE}\"\n"), "");
    data.check().refused(&Says {
        file: "/study.toml: ",
        place: "bids: pattern `sub-*/func/*_desc-preproc_bold.nii.gz`",
        found: "found no file that fits",
        expected: "expected at least one; it has the spaces MNI152NLin2009cAsym and the tasks story",
        remedy: "correct the pattern or the folder",
    });
    add(&data, &format!("_space-{SPACE}"), "_space-T1w");
    add(&data, &format!("_space-{SPACE}"), "");
    let checked = data.check().succeeded();
    assert!(
        checked.stdout.contains("35 targets"),
        "the mask of the recording's own space: {}",
        checked.stdout
    );
}

#[test]
fn init_says_which_space_and_resolution_it_chose_of_several() {
    let data = Dataset::new();
    let (ran, text) = init(&data);
    assert!(!ran.stderr.contains("images are there in") && !text.contains("also there"), "{text}");
    data.remove("made.toml");
    for space in ["_space-T1w", "", "_space-MNI152NLin6Asym_res-2"] {
        add(&data, &format!("_space-{SPACE}"), space);
    }
    for resolution in ["1", "2"] {
        add(&data, &format!("_space-{SPACE}"), &format!("_space-{SPACE}_res-{resolution}"));
    }
    for participant in PARTICIPANTS {
        for run in RUNS {
            data.remove(&bold(participant, run));
        }
    }
    let (ran, text) = init(&data);
    for note in [
        "bids.space is MNI152NLin2009cAsym; images are there in the recording's own, MNI152NLin6Asym, T1w too",
        "bids.resolution is 2; images are there in 1 too",
    ] {
        assert!(
            ran.stderr.contains(note) && text.contains(&format!("# - {note}")),
            "{note}\n{}\n{text}",
            ran.stderr
        );
    }
    for line in [
        "space = \"MNI152NLin2009cAsym\"   # also there: the recording's own, MNI152NLin6Asym, T1w\n",
        "resolution = \"2\"   # also there: 1\n",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn several_resolutions_are_listed_and_asked_for() {
    let data = Dataset::new();
    for resolution in ["1", "2"] {
        add(&data, "_desc-", &format!("_res-{resolution}_desc-"));
    }
    let name = |part: &str| format!("sub-01_task-story_run-1_space-{SPACE}{part}_desc-preproc_bold.nii");
    let found = format!("found 3 images of one run: {}, {}, {}", name(""), name("_res-1"), name("_res-2"));
    for ran in [data.check(), data.analyze("out", &[])] {
        ran.refused(&Says {
            file: &format!("/{}: ", name("")),
            place: "bids: ",
            found: &found,
            expected: "expected one image for each run",
            remedy: "state the resolution in bids.resolution",
        });
    }
    data.set("folder = \"bids\"", "folder = \"bids\"\nresolution = \"2\"");
    assert!(data.check().succeeded().stdout.contains("35 targets"));
}

const COMBINE: &str = "combine the echoes (fMRIPrep writes an image without echo-), or name one in bids.echo";

#[test]
fn echoes_are_refused_until_one_is_chosen_and_images_of_all_come_first() {
    let data = Dataset::new();
    let echo = |number: usize| format!("_echo-{number}_space");
    let name =
        |number: usize| format!("sub-01_task-story_run-1_echo-{number}_space-{SPACE}_desc-preproc_bold.nii");
    add(&data, "_space", &echo(2));
    assert!(data.check().succeeded().stdout.contains("36 targets"), "the image of all echoes");
    for participant in PARTICIPANTS {
        for run in RUNS {
            data.remove(&bold(participant, run));
        }
    }
    let lone = format!("found an image of one echo: {}", name(2));
    for ran in [data.check(), data.analyze("out", &[])] {
        ran.refused(&Says {
            file: &format!("/{}: ", name(2)),
            place: "bids: ",
            found: &lone,
            expected: "expected an image of all echoes, combined",
            remedy: COMBINE,
        });
    }
    add(&data, "_space", &echo(1));
    add(&data, "_space", &echo(3));
    let found = format!("found 3 images of one run: {}, {}, {}", name(1), name(2), name(3));
    data.check().refused(&Says {
        file: &format!("/{}: ", name(1)),
        place: "bids: ",
        found: &found,
        expected: "expected one image for each run",
        remedy: COMBINE,
    });
    data.set("folder = \"bids\"", "folder = \"bids\"\necho = \"echo-02\"");
    let checked = data.check().succeeded();
    assert!(checked.stdout.contains("35 targets"), "the mask of the echo: {}", checked.stdout);
    data.analyze("out", &[]).succeeded();
    let inputs = data.read("out/tables/inputs.json");
    assert!(inputs.contains(&name(2)) && !inputs.contains("_echo-1_") && !inputs.contains("_echo-3_"));
}

//! The same settings give the same bytes, others give others.

use std::fs;

use gyrus::simulate::{Settings, Size};

use super::{files, small, write};

#[test]
fn bytes_depend_on_no_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let (one, three) = (folder.path().join("one"), folder.path().join("three"));
    let written = write(&one, &small(), 1).unwrap();
    write(&three, &small(), 3).unwrap();
    assert_eq!(written.recordings, 5);
    assert_eq!(files(&one), files(&three));
    assert!(files(&one).len() > 60);
    for path in files(&one) {
        assert!(
            fs::read(one.join(&path)).unwrap() == fs::read(three.join(&path)).unwrap(),
            "{}",
            path.display()
        );
    }
}

#[test]
fn a_participant_is_the_same_in_a_larger_cohort_and_another_seed_is_another_cohort() {
    let settings = |participants, seed| Settings {
        participants,
        runs: 1,
        size: Size::Voxels(600),
        seed,
        ..Settings::new().unwrap()
    };
    let folder = tempfile::tempdir().unwrap();
    let read = |name: &str, settings: &Settings| {
        let folder = folder.path().join(name);
        write(&folder, settings, 2).unwrap();
        let prep = folder.join("derivatives/fmriprep/sub-01/func");
        fs::read(prep.join("sub-01_task-story_run-1_space-MNI152NLin2009cAsym_desc-preproc_bold.nii.gz"))
            .unwrap()
    };
    let alone = read("alone", &settings(1, 1));
    assert!(alone == read("two", &settings(2, 1)));
    assert!(alone != read("other", &settings(1, 2)));
}

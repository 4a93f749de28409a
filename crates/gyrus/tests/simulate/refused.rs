//! What cannot be simulated is said before anything is written.

use std::fs;

use gyrus::simulate::{Damage, Settings, Size};

use super::write;

fn refused(settings: &Settings) -> String {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let error = write(&out, settings, 1).unwrap_err();
    assert!(error.is_users() && !out.exists(), "{error}");
    error.to_string()
}

#[test]
fn bounds_and_damage_are_checked() {
    let usual = || Settings::new().unwrap();
    let cases = [
        (Settings { participants: 0, ..usual() }, "found 0 participants with 2 runs, expected 1 to 999"),
        (Settings { size: Size::Voxels(10), ..usual() }, "found 10 voxels, expected 600 to 2000000"),
        (Settings { runs: 60, ..usual() }, "found 27 paragraphs for 60 runs, expected at least one"),
        (
            Settings { damage: Damage { without_physio: vec![5], ..Damage::default() }, ..usual() },
            "found participant 5 among the damage, expected 1 to 4",
        ),
        (
            Settings { damage: Damage { missing_runs: vec![(1, 3)], ..Damage::default() }, ..usual() },
            "found run 3 among the damage, expected 1 to 2",
        ),
        (Settings { story: Some("no-such-story.txt".into()), ..usual() }, "no-such-story.txt: found nothing"),
    ];
    for (settings, expected) in cases {
        let found = refused(&settings);
        assert!(found.contains(expected), "{found}");
    }
}

#[test]
fn a_folder_with_files_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.txt"), "mine").unwrap();
    let error = write(folder.path(), &Settings::new().unwrap(), 1).unwrap_err().to_string();
    assert!(error.contains("found files in the folder, expected an empty folder or none"), "{error}");
    assert_eq!(super::files(folder.path()), [std::path::Path::new("mine.txt")]);
}

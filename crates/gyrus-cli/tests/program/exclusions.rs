//! Targets and participants without a usable signal: left out with their reason, or an error when nothing is left.

use super::program::Says;
use super::study::{PARTICIPANTS, REGIONS, Study};

/// A cell that fills a column, and the reason that its target is left out.
const CASES: [(&str, &str); 4] =
    [("0", "all_zero"), ("7", "constant"), ("n/a", "non_finite"), ("inf", "non_finite")];

fn excluded_table(study: &Study) -> String {
    study.read("out/tables/excluded.tsv").lines().skip(1).collect::<Vec<_>>().join("\n")
}

#[test]
fn one_target_of_one_participant() {
    for (cell, reason) in CASES {
        let study = Study::new();
        study.set_column("ben", 1, cell);
        let ran = study.analyze("out", &[]).succeeded();
        assert_eq!(excluded_table(&study), format!("ben\tstory\tmiddle\t{reason}"));
        let line = format!("excluded: target middle of ben, {reason} (see ");
        assert!(ran.stderr.contains(&line), "{}", ran.stderr);
    }
}

#[test]
fn one_participant() {
    for (cell, reason) in CASES {
        let study = Study::new();
        (0..REGIONS).for_each(|column| study.set_column("ben", column, cell));
        let checked = study.check().succeeded();
        assert!(checked.stdout.contains(&format!("excluded: ben ({reason}) ")), "{}", checked.stdout);
        let ran = study.analyze("out", &[]).succeeded();
        assert_eq!(excluded_table(&study), format!("ben\tstory\tn/a\t{reason}"));
        assert!(ran.stderr.contains(&format!("excluded: ben, {reason} (see ")), "{}", ran.stderr);
    }
}

#[test]
fn one_target_of_everybody() {
    let study = Study::new();
    PARTICIPANTS.iter().for_each(|participant| study.set_column(participant, 0, "n/a"));
    let ran = study.analyze("out", &[]).succeeded();
    assert_eq!(excluded_table(&study).matches("front\tnon_finite").count(), PARTICIPANTS.len());
    assert!(
        !ran.stdout.contains("most in front"),
        "a region without a score is not the best: {}",
        ran.stdout
    );
    assert!(!ran.stdout.contains("NaN"), "{}", ran.stdout);
}

#[test]
fn nothing_left() {
    for (cell, reason) in CASES {
        let study = Study::new();
        for participant in PARTICIPANTS {
            (0..REGIONS).for_each(|column| study.set_column(participant, column, cell));
        }
        let found = format!("found no usable recording (ann ({reason}), ben ({reason}), cid ({reason}))");
        study.check().refused(&Says {
            file: "/study.toml: ",
            place: "responses.table: ",
            found: &found,
            expected: "expected at least one",
            remedy: "check the files, or responses.exclude",
        });
    }
}

#[test]
fn a_participant_excluded_by_the_study_shows_its_reason() {
    let study = Study::new();
    study.set("trim_start = \"0 s\"", "trim_start = \"0 s\"\nexclude = { cid = \"fell asleep\" }");
    study.analyze("out", &[]).succeeded();
    assert_eq!(excluded_table(&study), "cid\tstory\tn/a\tfell asleep");
}

#[test]
fn a_single_participant_has_no_interval_over_participants() {
    let study = Study::new();
    study.remove("responses/ben.tsv");
    study.remove("responses/cid.tsv");
    let ran = study.analyze("out", &[]).succeeded();
    assert!(ran.stdout.contains("interval over participants [n/a, n/a]"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("NaN"), "{}", ran.stdout);
}

//! `encoding.folds`: a named test set, and shuffled samples with what they do to whoever believes them.

use std::fs;

use super::study::{self, PARTICIPANTS, Study};

const BLOCKS: &str = "folds = { blocks = 3, gap = \"24 s\" }";

/// A study of two stories with responses of their own.
pub fn two_stories(folds: &str) -> Study {
    let study = Study::new();
    study.set("[responses]", "[[stimulus]]\nname = \"other\"\nwords = \"words.tsv\"\n\n[responses]");
    study.set("stimulus = \"story\"\n", "");
    study.set("responses/{participant}", "responses/{stimulus}/{participant}");
    study.set("motion/{participant}.txt", "motion/{participant}-{stimulus}.txt");
    study.set(BLOCKS, folds);
    for (index, participant) in PARTICIPANTS.iter().enumerate() {
        let from = study.read(&format!("responses/{participant}.tsv"));
        for (stimulus, seed) in [("story", 0), ("other", 50)] {
            let motion = study::motion(200 + seed + index as u64, study::VOLUMES);
            study.write(&format!("motion/{participant}-{stimulus}.txt"), &motion);
        }
        study.write(&format!("responses/story/{participant}.tsv"), &from);
        study.write(
            &format!("responses/other/{participant}.tsv"),
            &study.read(&format!("responses/{}.tsv", PARTICIPANTS[(index + 1) % PARTICIPANTS.len()])),
        );
    }
    study
}

/// A cell of a table of methods or diagnostics.
fn value(study: &Study, table: &str, item: &str) -> String {
    let text = study.read(&format!("out/tables/{table}"));
    let row = text.lines().find(|line| line.starts_with(&format!("{item}\t")));
    row.unwrap_or_else(|| panic!("{item} in {text}")).split('\t').nth(1).unwrap().to_owned()
}

#[test]
fn a_named_test_set_is_held_out_of_everything_else() {
    let study = two_stories("folds = { test = [\"other\"] }");
    study.analyze("out", &[]).succeeded();
    assert_eq!(value(&study, "methods.tsv", "folds"), "one: other held out of everything else");
    let scores = || {
        let text = study.read("out/tables/layers.tsv");
        text.lines().filter(|line| line.contains("\tmiddle\t")).map(str::to_owned).collect::<Vec<_>>()
    };
    let before = scores();
    let score = |row: &String| row.split('\t').nth(4).unwrap().parse::<f64>();
    assert!(before.len() == 3 && before.iter().all(|row| score(row).is_ok()), "{before:?}");
    // What is heard last in the training story changes the fit; the score is that of the test story alone.
    let name = format!("responses/other/{}.tsv", PARTICIPANTS[0]);
    let reversed: Vec<String> = study.read(&name).lines().map(str::to_owned).collect();
    let rows: Vec<&str> = reversed[1..].iter().rev().map(String::as_str).collect();
    study.write(&name, &format!("{}\n{}\n", reversed[0], rows.join("\n")));
    study.analyze("out", &[]).succeeded();
    assert_ne!(scores(), before);
}

#[test]
fn test_sets_that_cannot_be_are_refused() {
    for (test, found, expected) in [
        ("[\"third\"]", "`third`", "one of the stimuli: story, other"),
        ("[]", "no stimulus", "at least one to hold out"),
        ("[\"story\", \"other\"]", "every stimulus", "at least one other to train on"),
    ] {
        let error = two_stories(&format!("folds = {{ test = {test} }}")).check().error();
        for part in ["encoding.folds.test", found, expected] {
            assert!(error.contains(part), "{part} in {error}");
        }
    }
    let error = two_stories("folds = { test = [\"other\"], blocks = 3 }").check().error();
    assert!(error.contains("keys that say nothing together"), "{error}");
}

#[test]
fn somebody_without_the_test_story_is_named() {
    let study = two_stories("folds = { test = [\"other\"] }");
    study.remove(&format!("responses/other/{}.tsv", PARTICIPANTS[1]));
    let error = study.check().error();
    assert!(error.contains(PARTICIPANTS[1]), "{error}");
}

#[test]
fn shuffled_samples_score_without_language_and_every_page_says_so() {
    let study = Study::new();
    study.set(BLOCKS, "folds = { shuffled = 3 }");
    let checked = study.check().succeeded();
    assert!(
        checked.stderr.contains("warning: shuffled folds put neighbouring volumes"),
        "{}",
        checked.stderr
    );
    let ran = study.analyze("out", &[]).succeeded();
    assert!(ran.stdout.contains("Samples were shuffled between folds"), "{}", ran.stdout);
    let page = fs::read_to_string(study.path("out/report/index.html")).unwrap();
    for said in
        ["Samples were shuffled between folds", "shuffled folds put neighbouring", "leak between them"]
    {
        assert!(page.contains(said), "{said}");
    }
    assert!(!page.contains("never shuffled"));
    let tripped: f64 = value(&study, "checks.tsv", "autocorrelation_tripwire").parse().unwrap();
    assert!(tripped > 0.3, "{tripped}");
    study.set("shuffled = 3", "blocks = 3, gap = \"24 s\"");
    study.analyze("out", &[]).succeeded();
    let silent = value(&study, "checks.tsv", "autocorrelation_tripwire");
    assert!(silent.parse::<f64>().map_or(true, |score| score.abs() < 0.05), "{silent}");
}

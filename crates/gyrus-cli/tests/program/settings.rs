//! Settings that contradict the data, each other, or what a study can be.

use super::program::Says;
use super::study::{PARTICIPANTS, Study};

const CHANGE: &str = "change it in the study file";

/// Replaces a text of the study file and asserts the parts of the error: key, found, expected, remedy.
fn refused(from: &str, to: &str, [key, found, expected, remedy]: [&str; 4]) {
    let study = Study::new();
    study.set(from, to);
    let place = format!("{key}: ");
    study.check().refused(&Says { file: "/study.toml: ", place: &place, found, expected, remedy });
}

#[test]
fn not_enough_memory_in_the_budget() {
    let needed = ["execution.memory (or --memory)", "found 1 MiB", "expected at least ", "raise it there"];
    refused("\"1 GiB\"", "\"1 MiB\"", needed);
    let study = Study::new();
    let error = study.analyze("out", &["--memory", "1 MiB"]).error();
    let asked = error.split("expected at least ").nth(1).and_then(|rest| rest.split(" for the task").next());
    study.analyze("out", &["--memory", asked.unwrap()]).succeeded();
}

#[test]
fn delays_and_folds() {
    let delays = "[\"2 s\", \"4 s\"]";
    let key = "alignment.delays";
    refused(delays, "[\"-2 s\"]", [key, "found -2 s", "expected delays of 0 s or more", CHANGE]);
    refused(delays, "[]", [key, "found no delay", "expected at least one, such as", CHANGE]);
    let gap = ["encoding.folds.gap", "found -24 s", "expected a gap of 0 s or more", "leave it out"];
    refused("\"24 s\"", "\"-24 s\"", gap);
    refused(
        "inner_folds = 3",
        "inner_folds = 1",
        ["encoding.inner_folds", "found 1", "expected at least 2", CHANGE],
    );
}

#[test]
fn penalties_and_baseline() {
    let alphas = ["encoding.alphas", "found from 0 to 10000", "expected 0 < from <= to", CHANGE];
    refused("from = 0.1", "from = 0", alphas);
    let key = "encoding.baseline";
    let frequency = [
        key,
        "found word_frequency without a list",
        "expected encoding.word_frequencies",
        "add it or leave word_frequency out",
    ];
    refused("\"word_rate\", ", "\"word_rate\", \"word_frequency\", ", frequency);
    let none = [key, "found no low-level feature", "expected at least one feature", "add one"];
    refused("[\"word_rate\", \"layer_0\"]", "[]", none);
    refused("[\"word_rate\", \"layer_0\"]", "[\"layer_0\"]", none);
    let study = Study::new();
    study.set("\"word_rate\", ", "\"word_rates\", ");
    study.check().refused(&Says {
        file: "/study.toml:33:13: ",
        place: "baseline: ",
        found: "found `word_rates`",
        expected: "expected one of `word_rate`",
        remedy: "did you mean `word_rate`?",
    });
}

#[test]
fn names_that_are_wrong_or_repeated() {
    let stimulus = "stimulus = \"story\"";
    let unknown = ["responses.stimulus", "found `storry`", "expected one of the stimuli: story", CHANGE];
    refused(stimulus, "stimulus = \"storry\"", unknown);
    let own = "expected a name of its own for each";
    let key = "responses.targets";
    refused(
        stimulus,
        "stimulus = \"story\"\ntargets = [\"a\", \"b\", \"a\"]",
        [key, "found `a` twice", own, CHANGE],
    );
    let fewer = [key, "found 3 columns in ", "expected 2 as responses.targets names them", CHANGE];
    refused(stimulus, "stimulus = \"story\"\ntargets = [\"a\", \"b\"]", fewer);
    let second = "[[stimulus]]\nname = \"story\"\nwords = \"words.tsv\"\n\n[responses]";
    refused("[responses]", second, ["stimulus.name", "found `story` twice", own, CHANGE]);
    let table = "responses/{participant}.tsv";
    let bare =
        ["responses.table", "found responses/ann.tsv", "expected a path with {participant} in it", CHANGE];
    refused(table, "responses/ann.tsv", bare);
    let open = [
        "responses.table",
        "found a `{` without its `}`",
        "expected fields such as {participant}",
        "correct the pattern",
    ];
    refused(table, "responses/{participant.tsv", open);
    let trim = "trim_start = \"0 s\"";
    let stranger =
        ["responses.exclude", "found `zed`", "expected one of the participants: ann, ben, cid", CHANGE];
    refused(trim, "trim_start = \"0 s\"\nexclude = { zed = \"slept\" }", stranger);
}

#[test]
fn times_that_make_no_recording() {
    let trim = "trim_start = \"0 s\"";
    refused(
        trim,
        "trim_start = \"-10 s\"",
        ["responses.trim_start", "found -10 s", "expected 0 s or more", CHANGE],
    );
    refused(
        trim,
        "after_last_word = \"-1 s\"",
        ["responses.after_last_word", "found -1 s", "expected 0 s or more", CHANGE],
    );
    for period in ["0 s", "1 s"] {
        let found = format!("found {period}");
        let key = ["denoise.high_pass", &found, "expected a period longer than two volumes", CHANGE];
        refused("\"128 s\"", &format!("\"{period}\""), key);
    }
    let study = Study::new();
    study.set(trim, "trim_start = \"1000 s\"");
    let error = study.check().error();
    assert!(error.contains("/responses/ann.tsv: ") && error.contains("found 0 held-out samples"), "{error}");
}

#[test]
fn statistics_of_too_few_draws() {
    let draws = ["statistics.bootstraps", "found 0", "expected at least 40", "better 2000"];
    refused("bootstraps = 50", "bootstraps = 0", draws);
    refused(
        "threads = 1",
        "threads = 0",
        ["execution.threads", "found 0", "expected at least 1", "leave it out to use all cores"],
    );
}

#[test]
fn a_gap_that_leaks_is_a_warning() {
    let study = Study::new();
    study.set("\"24 s\"", "\"10 s\"");
    let ran = study.check().succeeded();
    let warning = "warning: a gap of 10 s is shorter than the longest delay plus 20 s (24 s)";
    assert_eq!(ran.stderr.matches(warning).count(), 1, "{}", ran.stderr);
}

#[test]
fn participants_too_few_for_any_p_of_signs_below_the_level_are_a_warning() {
    for (people, smallest) in [
        (
            1,
            Some(
                "with 1 participant no p over signs of participants is below 0.500, and of differences (contrasts, forecasts) none below 1.000",
            ),
        ),
        (
            3,
            Some(
                "with 3 participants no p over signs of participants is below 0.125, and of differences (contrasts, forecasts) none below 0.250",
            ),
        ),
        (
            5,
            Some(
                "with 5 participants no p over signs of participants is below 0.062 for differences (contrasts, forecasts)",
            ),
        ),
        (6, None),
    ] {
        let study = Study::new();
        for (index, name) in ["ann", "ben", "cid", "dan", "eve", "fay"].into_iter().enumerate() {
            let (responses, motion) = (format!("responses/{name}.tsv"), format!("motion/{name}.txt"));
            if index >= people {
                PARTICIPANTS.contains(&name).then(|| study.remove(&responses));
            } else if !PARTICIPANTS.contains(&name) {
                study.write(&responses, &study.read("responses/ann.tsv"));
                study.write(&motion, &study.read("motion/ann.txt"));
            }
        }
        let ran = study.check().succeeded();
        let found: Vec<&str> =
            ran.stderr.lines().filter(|line| line.contains("signs of participants")).collect();
        match smallest {
            Some(expected) => assert!(found.len() == 1 && found[0].contains(expected), "{}", ran.stderr),
            None => assert!(found.is_empty(), "{}", ran.stderr),
        }
    }
}

#[test]
fn surrogates_too_few_for_any_p_below_the_level_are_a_warning() {
    for (surrogates, smallest) in [(0, Some("1.000")), (19, Some("0.050")), (20, None), (39, None)] {
        let study = Study::new();
        study.set("surrogates = 19", &format!("surrogates = {surrogates}"));
        let ran = study.check().succeeded();
        let warnings = ran.stderr.lines().filter(|line| line.starts_with("warning: "));
        let warnings: Vec<&str> = warnings.filter(|line| line.contains("surrogates no p")).collect();
        match smallest {
            Some(p) => {
                let expected = format!("with {surrogates} surrogates no p is below {p}");
                assert!(warnings.len() == 1 && warnings[0].contains(&expected), "{}", ran.stderr);
            }
            None => assert!(warnings.is_empty(), "{}", ran.stderr),
        }
    }
}

#[test]
fn fewer_shifts_than_surrogates_are_a_warning() {
    for (null, surrogates, is_warned) in [("phase", 1000, false), ("shift", 19, false), ("shift", 1000, true)]
    {
        let study = Study::new();
        study.set("surrogates = 19", &format!("null = \"{null}\"\nsurrogates = {surrogates}"));
        let ran = study.check().succeeded();
        assert_eq!(ran.stderr.contains(" circular shifts and "), is_warned, "{}", ran.stderr);
    }
}

//! What people are shown of the Alice study, and told when a key is missing.

use super::study::{Alice, data, root};

#[test]
fn the_default_settings_show_alignments_side_by_side_and_who_was_left_out() {
    let alice = Alice::new("study.toml");
    let (said, results) = alice.analyzed();
    super::planned::half_of_the_people_predict_the_width_of_all(&results);
    for alignment in ["sum", "centred sum", "mean", "centred Lanczos"] {
        let rows = results.alignments.iter().filter(|row| row.alignment == alignment);
        let scores: Vec<_> = rows.map(|row| row.score).collect();
        assert_eq!(scores.len(), 6, "one row per layer under {alignment}");
        for score in scores {
            for interval in [score.over_participants, score.over_stimulus] {
                assert!(interval.low < score.value && score.value < interval.high, "{alignment}: {score:?}");
            }
        }
    }
    assert_eq!(alice.read("out/tables/excluded.tsv").lines().nth(1), Some("s33\talice\tn/a\tall_zero"));
    assert!(said.stderr.contains("excluded: s33, all_zero"), "{}", said.stderr);
    let page = alice.read("out/report/index.html");
    for shown in ["s33", "all_zero", "centred sum", "LPTL"] {
        assert!(page.contains(shown), "the page does not show `{shown}`");
    }
    assert_eq!(said.stderr.matches("the file is cut short").count(), 1, "{}", said.stderr);
    assert!(!format!("{}{}", said.stdout, said.stderr).contains("/../"), "{}{}", said.stdout, said.stderr);
}

#[test]
fn without_the_rows_to_skip_the_error_names_both_counts_and_the_key() {
    let alice = Alice::new("study.toml");
    alice.edit("confounds_skip_rows = 10 ", "# ");
    for arguments in [&["check", "study.toml"][..], &["analyze", "study.toml", "-o", "out"]] {
        let said = alice.run(arguments);
        assert_eq!((said.code, said.stdout.as_str()), (Some(1), ""));
        let error = said.stderr.lines().find(|line| line.starts_with("error: ")).unwrap();
        let motion = data().canonicalize().unwrap().join("data/alice/motion/s18-motion.txt");
        assert!(error.contains(motion.to_str().unwrap()), "{error}");
        for part in ["found 372 rows", "expected 362 as in ", "set denoise.confounds_skip_rows = 10 "] {
            assert!(error.contains(part), "{error}");
        }
    }
}

#[test]
fn the_study_of_the_readme_is_the_one_that_runs() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let block = readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let study = std::fs::read_to_string(root().join("examples/alice/study.toml")).unwrap();
    assert_eq!(block, study);
    let checked = Alice::new("study.toml").run(&["check", "study.toml"]);
    assert_eq!(checked.code, Some(0), "{}", checked.stderr);
    let head = "alice: 27 participants, 6 targets, 1 stimulus of 2077 words, 1 language model, 1 design";
    assert_eq!(checked.stdout.lines().next(), Some(head));
    assert!(checked.stdout.contains("excluded: s33 (all_zero) "), "{}", checked.stdout);
}

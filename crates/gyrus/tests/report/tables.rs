//! The tables hold the numbers of the results: planted, found again by the names of row and column.

use gyrus::results::{ControlRow, Results};
use gyrus::tables;

use crate::study::{self, Shape};

/// The cell of a table file, found as a reader would.
fn cell(results: &Results, file: &str, key: &[&str], column: &str) -> String {
    let (_, text) = tables::all(results).into_iter().find(|(name, _)| name == file).unwrap();
    let mut lines = text.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let place =
        header.iter().position(|name| *name == column).unwrap_or_else(|| panic!("{column} in {header:?}"));
    let mut rows = lines.filter(|row| row[..key.len()] == *key);
    let row = rows.next().unwrap_or_else(|| panic!("{key:?} in {file}"));
    assert!(rows.next().is_none(), "{key:?} twice in {file}");
    row[place].to_owned()
}

#[test]
fn estimates_and_tests_keep_their_places() {
    let results = study::results(&Shape::small());
    let row = results.language_models[0]
        .profile
        .iter()
        .find(|row| row.layer == 2 && row.region.as_deref() == Some("LPTL"))
        .unwrap();
    let key = ["stories260k", "2", "LPTL"];
    let at = |column: &str| cell(&results, "layers.tsv", &key, column).parse::<f64>().unwrap();
    assert_eq!(at("score"), row.score.value);
    assert_eq!(at("score_low"), row.score.over_participants.low);
    assert_eq!(at("score_story_high"), row.score.over_stimulus.high);
    assert_eq!(at("baseline_score"), row.baseline_score);
    assert_eq!(at("unique_gain_story_low"), row.unique_gain.over_stimulus.low);
    assert_eq!(at("contextual_gain_high"), row.contextual_gain.unwrap().over_participants.high);
    let tests = row.contextual_gain_tests.unwrap();
    let key = ["stories260k", "2", "LPTL", "contextual_gain"];
    let at = |column: &str| cell(&results, "group.tsv", &key, column).parse::<f64>().unwrap();
    assert_eq!(at("null_95"), tests.null_95);
    assert_eq!(at("p_stimulus_corrected"), tests.p_stimulus_corrected);
    assert_eq!(at("p_t"), tests.p_t);
    assert_eq!((at("q_stimulus"), at("q_stimulus_any")), (tests.q_stimulus, tests.q_stimulus_any));
    let tails = (at("p_stimulus_tail"), at("p_stimulus_corrected_tail"));
    assert_eq!(tails, (tests.p_stimulus_tail, tests.p_stimulus_corrected_tail));
    let excess = row.contextual_gain.unwrap().value - tests.null_mean;
    assert_eq!(at("excess"), excess);
}

#[test]
fn shares_of_ceilings_are_unclamped_flagged_and_have_a_reason() {
    let results = study::results(&Shape::small());
    let at = |region: &str, kind: &str, column: &str| {
        cell(&results, "normalised.tsv", &["stories260k", region, kind], column)
    };
    assert_eq!(at("LATL", "leave_one_out_isc", "normalised"), "n/a");
    assert_eq!(at("LATL", "leave_one_out_isc", "above_ceiling"), "n/a");
    assert_eq!(at("LATL", "leave_one_out_isc", "reason"), "ceiling_too_small");
    assert_eq!(at("LPTL", "leave_one_out_isc", "normalised"), "1.25");
    assert_eq!(at("LPTL", "leave_one_out_isc", "above_ceiling"), "true");
    assert_eq!(at("LPTL", "leave_one_out_isc", "bound"), "lower");
    let row = results.normalised.iter().find(|row| row.kind == "split_half").unwrap();
    assert_eq!(at("LATL", "split_half", "score"), row.score.to_string());
    assert_eq!(at("LATL", "split_half", "ceiling"), row.ceiling.to_string());
    assert_eq!(at("LATL", "split_half", "above_ceiling"), "false");
    assert_eq!(at("LATL", "split_half", "n_left_out"), row.left_out.to_string());
    let page = gyrus::report::page(&results, &gyrus::report::PageContext::default());
    assert!(page.contains(" above it") && page.contains("halves, upper"));
    let ceilings = &results.ceilings[1];
    let at = |column: &str| cell(&results, "ceilings.tsv", &["LPTL"], column);
    assert_eq!(at("extrapolated_isc"), ceilings.extrapolated_isc.to_string());
    assert_eq!(at("signal_to_noise"), ceilings.signal_to_noise.to_string());
    assert_eq!(at("explainable_variance"), ceilings.explainable_variance.to_string());
}

#[test]
fn choices_and_verdicts_have_both_intervals() {
    let results = study::results(&Shape::small());
    let best = &results.language_models[0].best_layer[3];
    let at = |column: &str| cell(&results, "best_layer.tsv", &["stories260k", "mean"], column);
    assert_eq!(at("layer"), "3");
    assert_eq!(at("score_story_low"), best.score.over_stimulus.low.to_string());
    let beyond = best.beyond_untrained.unwrap();
    assert_eq!(at("beyond_untrained_story_high"), beyond.over_stimulus.high.to_string());
    let difference = results.verdicts[0].difference.unwrap();
    let at =
        |question: &str, column: &str| cell(&results, "verdicts.tsv", &["stories260k", question], column);
    assert_eq!(at("word rate", "difference_low"), difference.over_participants.low.to_string());
    assert_eq!(at("word rate", "p"), "0.0123");
    assert_eq!(at("untrained", "p"), "n/a");
    assert_eq!(at("alignment", "lag"), "4");
    assert_eq!(at("alignment", "difference"), "n/a");
}

#[test]
fn untrained_copies_have_a_range() {
    let mut results = study::results(&Shape::small());
    let row = |seed, score| ControlRow { seed, layer: 1, region: None, score };
    results.language_models[0].untrained = vec![row(0, 0.25), row(1, -0.5), row(2, f64::NAN), row(3, 1.0)];
    let at = |column: &str| cell(&results, "untrained_range.tsv", &["stories260k", "1", "mean"], column);
    assert_eq!([at("n_seeds"), at("lowest"), at("mean"), at("highest")], ["3", "-0.5", "0.25", "1"]);
}

#[test]
fn checks_and_quality_are_counted() {
    let results = study::results(&Shape::small());
    let at = |check: &str| cell(&results, "checks.tsv", &[check], "value");
    assert_eq!(at("penalties_high_edge"), "2671");
    let share: f64 = at("penalties_edge_share").parse().unwrap();
    assert!((share - 2683.0 / 13_770.0).abs() < 1e-12);
    assert_eq!(at("autocorrelation_tripwire"), "0.0123");
    assert_eq!([at("autocorrelation_lowest"), at("autocorrelation_highest")], ["-0.0321", "0.0432"]);
    let at = |quantity: &str, column: &str| cell(&results, "data_quality.tsv", &[quantity], column);
    // The third participant is excluded and does not count.
    assert_eq!(at("degrees_of_freedom", "lowest"), "341");
    assert_eq!(at("degrees_of_freedom", "median"), "342.5");
    assert_eq!(at("n_samples", "highest"), "363");
    assert_eq!(cell(&results, "hierarchy_summary.tsv", &["stories260k"], "n_significant"), "2");
    assert_eq!(cell(&results, "methods.tsv", &["n_participants_excluded"], "value"), "1");
    assert_eq!(cell(&results, "stimuli.tsv", &["second story"], "words"), "1033");
    assert_eq!(cell(&results, "language_models.tsv", &["stories260k"], "context"), "511");
}

#[test]
fn a_region_called_mean_is_not_the_mean_over_regions() {
    let mut shape = Shape::small();
    shape.regions[0] = "mean".to_owned();
    let results = study::results(&shape);
    let rows = &results.language_models[0].profile;
    let score = |place: &str| cell(&results, "layers.tsv", &["stories260k", "0", place], "score");
    assert_eq!(score("region mean"), rows[0].score.value.to_string());
    assert_eq!(score("mean"), rows[3].score.value.to_string());
}

#[test]
fn names_cannot_break_the_lines_of_a_table() {
    let mut shape = Shape::small();
    shape.regions[0] = "a\tb\nc".to_owned();
    let results = study::results(&shape);
    for (file, text) in tables::all(&results) {
        let columns: Vec<usize> = text.lines().map(|line| line.split('\t').count()).collect();
        assert!(columns.iter().all(|count| *count == columns[0]), "{file}");
    }
}

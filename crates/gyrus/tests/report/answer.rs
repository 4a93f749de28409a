//! The answer and the verdicts say what the numbers say.

use gyrus::report::{self, PageContext};
use gyrus::results::{Outcome, Results};
use scraper::{Html, Selector};

use crate::study::{self, Shape};

fn lead(results: &Results) -> String {
    let page = Html::parse_document(&report::page(results, &PageContext::default()));
    let lead = Selector::parse("p.lead").unwrap();
    page.select(&lead).next().unwrap().text().collect()
}

/// A study whose answer is the layer 3 of the planted one, significant.
fn study() -> Results {
    let mut results = study::results(&Shape::small());
    for row in results.language_models[0].profile.iter_mut().filter(|row| row.layer == 3) {
        row.score_tests.p_stimulus_corrected = 0.012;
    }
    results
}

#[test]
fn the_sentence_changes_with_each_of_its_numbers() {
    let before = lead(&study());
    assert!(before.starts_with("Layer 3 of stories260k (0 = embedding, 3 = last) predicts"), "{before}");
    let changes: [fn(&mut Results); 7] = [
        |results| best(results).score.value += 0.01,
        |results| best(results).score.over_participants.low -= 0.01,
        |results| best(results).score.over_participants.high += 0.01,
        |results| best(results).score.over_stimulus.low -= 0.01,
        |results| best(results).score.over_stimulus.high += 0.01,
        |results| best(results).layer = 2,
        |results| {
            let rows = &mut results.language_models[0].profile;
            let row = rows.iter_mut().find(|row| row.region.is_none() && row.layer == 3).unwrap();
            row.score_tests.p_stimulus_corrected += 0.01;
        },
    ];
    for (index, change) in changes.iter().enumerate() {
        let mut changed = study();
        change(&mut changed);
        assert_ne!(before, lead(&changed), "change {index}");
    }
}

fn best(results: &mut Results) -> &mut gyrus::results::BestLayer {
    results.language_models[0].best_layer.iter_mut().find(|best| best.region.is_none()).unwrap()
}

#[test]
fn a_layer_that_is_not_significant_is_not_called_predictive() {
    let mut results = study();
    for row in &mut results.language_models[0].profile {
        row.score_tests.p_stimulus_corrected = 0.05;
    }
    let lead = lead(&results);
    assert!(lead.starts_with("No layer of stories260k is shown to predict the responses"), "{lead}");
}

#[test]
fn each_outcome_has_its_words() {
    let cases = [
        (Outcome::Beyond, "it goes beyond the low-level baseline"),
        (Outcome::NotBeyond, "it does not go beyond the low-level baseline"),
        (Outcome::CannotTell, "whether it goes beyond the low-level baseline remains open"),
    ];
    for (outcome, words) in cases {
        let mut results = study();
        results.verdicts.truncate(1);
        results.verdicts[0].outcome = outcome;
        let lead = lead(&results);
        assert!(lead.contains(words), "{lead}");
    }
}

#[test]
fn a_short_recording_is_called_unreliable() {
    let mut results = study();
    assert!(!lead(&results).contains("unreliable"));
    best(&mut results).score.stimulus_interval_reliable = false;
    assert!(lead(&results).contains("unreliable because the recording is short"));
}

#[test]
fn nothing_scored_is_said_without_a_figure() {
    let mut results = study();
    results.language_models[0].best_layer.clear();
    assert_eq!(lead(&results), "No layer could be scored.");
}

#[test]
fn the_last_layer_is_that_of_the_network() {
    let mut results = study();
    results.language_models[0].last_layer = 11;
    assert!(lead(&results).contains("(0 = embedding, 11 = last)"), "{}", lead(&results));
}

#[test]
fn a_leak_is_an_alarm() {
    let card = |value| {
        let mut results = study();
        results.diagnostics.autocorrelation_tripwire = value;
        report::page(&results, &PageContext::default())
    };
    assert!(card(Some(0.051)).contains("trust no score of this page"));
    assert!(!card(Some(0.049)).contains("trust no score of this page"));
    assert!(card(None).contains("no r is defined"));
}

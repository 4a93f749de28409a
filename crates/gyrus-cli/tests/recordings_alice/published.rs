//! With the published settings gyrus finds what a plain NumPy account of the same study finds.

use gyrus::results::Results;
use serde_json::Value;

use super::study::{Alice, root};

/// Scores are means over folds of correlations of single-precision predictions; the account is in double precision.
/// A penalty that is chosen within rounding of its neighbour moves one participant's score of one region, so that
/// the mean over 27 of them moves by some thousandths.
const TOLERANCE: f64 = 2e-3;

fn layer(results: &Results, layer: usize, region: Option<&str>) -> f64 {
    let rows = results.language_models[0].profile.iter();
    let mut rows = rows.filter(|row| row.layer == layer && row.region.as_deref() == region);
    rows.next().unwrap().score.value
}

fn baseline(results: &Results, band: &str, region: Option<&str>) -> f64 {
    let mut rows = results.baseline.rows.iter();
    rows.find(|row| row.band == band && row.region.as_deref() == region).unwrap().score.value
}

fn close(found: f64, expected: &Value, what: &str) {
    let expected = expected.as_f64().unwrap();
    assert!((found - expected).abs() <= TOLERANCE, "{what}: found {found}, the account has {expected}");
}

#[test]
fn scores_are_those_of_an_independent_account() {
    let account = std::fs::read_to_string(root().join("fixtures/alice/reference.json")).unwrap();
    let account: Value = serde_json::from_str(&account).unwrap();
    let (_, results) = Alice::new("published.toml").analyzed();
    let analysed = results.participants.iter().filter(|participant| participant.excluded.is_none());
    let names: Vec<&str> = analysed.map(|participant| participant.name.as_str()).collect();
    assert_eq!(serde_json::json!(names), account["participants"]);
    assert_eq!(serde_json::json!(results.regions), account["regions"]);
    assert_eq!(serde_json::json!(results.methods.stimuli[0].1), account["n_words"]);
    for (index, region) in results.regions.iter().enumerate() {
        close(baseline(&results, "word_rate", Some(region)), &account["word_rate"][index], region);
        for depth in 0..6 {
            let expected = &account["layers"][depth][index];
            close(layer(&results, depth, Some(region)), expected, &format!("layer {depth} in {region}"));
        }
    }
    the_profile_is_that_of_the_question(&results);
}

/// Depth pays: from the embedding up to one of the last two blocks, beyond word rate and every untrained copy.
fn the_profile_is_that_of_the_question(results: &Results) {
    let means: Vec<f64> = (0..6).map(|depth| layer(results, depth, None)).collect();
    let best = (0..6).max_by(|a, b| means[*a].total_cmp(&means[*b])).unwrap();
    assert!(best >= 4, "the mean over regions peaks in one of the last two blocks: {means:?}");
    assert!(means[..=best].windows(2).all(|pair| pair[0] < pair[1]), "it rises up to there: {means:?}");
    assert!(means[best] > baseline(results, "word_rate", None));
    let untrained = &results.language_models[0].untrained;
    let of_mean: Vec<f64> =
        untrained.iter().filter(|row| row.region.is_none()).map(|row| row.score).collect();
    assert_eq!(of_mean.len(), 5 * 6, "five untrained copies of six layers");
    assert!(of_mean.iter().all(|score| means[best] > *score), "{of_mean:?}");
    let score_in = |region: &String| layer(results, best, Some(region));
    let top = results.regions.iter().max_by(|a, b| score_in(a).total_cmp(&score_in(b)));
    assert_eq!(top.map(String::as_str), Some("LPTL"));
}

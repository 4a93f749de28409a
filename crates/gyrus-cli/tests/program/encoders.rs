//! An encoder through the whole program: analysed, with the warning that its word vectors see later words.

use std::path::PathBuf;

use super::program::Says;
use super::study::Study;

/// The small study, read by a BERT of three blocks (fixtures/models).
fn study(keys: &str) -> Study {
    let study = Study::new();
    let fixture = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/models/bert");
    for name in ["config.json", "tokenizer.json", "model.safetensors"] {
        std::fs::copy(fixture.join(name), study.path("model").join(name)).unwrap();
    }
    study.set("context = 64", keys);
    study
}

/// Rows of the trained layers: layer and score.
fn scores(study: &Study) -> Vec<(String, String)> {
    let text = study.read("out/tables/layers.tsv");
    let header: Vec<&str> = text.lines().next().unwrap().split('\t').collect();
    let place = |name: &str| header.iter().position(|column| *column == name).unwrap();
    let (layer, score) = (place("layer"), place("score"));
    let cells = text.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    cells.map(|cells| (cells[layer].to_owned(), cells[score].to_owned())).collect()
}

#[test]
fn an_encoder_is_analysed_with_a_warning() {
    let study = study("");
    let ran = study.analyze("out", &[]).succeeded();
    let warning = "model is an encoder (bert): a word's vector holds words behind it";
    assert!(ran.stderr.contains(warning), "{}", ran.stderr);
    let page = study.read("out/report/index.html");
    assert!(page.contains("is an encoder (bert)"), "the warning stands in the report");
    let found = scores(&study);
    let layers: std::collections::BTreeSet<&str> = found.iter().map(|(layer, _)| layer.as_str()).collect();
    assert_eq!(layers.into_iter().collect::<Vec<_>>(), ["0", "1", "2", "3"]);
    assert!(found.iter().all(|(_, score)| score.parse::<f64>().is_ok_and(f64::is_finite)), "{found:?}");
}

#[test]
fn an_encoder_that_reads_up_to_the_word_is_not_warned_of() {
    let exact = study("context = 16\nhistory = \"exact\"");
    let ran = exact.analyze("out", &[]).succeeded();
    assert!(!ran.stderr.contains("is an encoder"), "{}", ran.stderr);
    let window = study("context = 16");
    window.analyze("out", &[]).succeeded();
    assert_ne!(scores(&exact), scores(&window), "words behind a word change its vector");
}

#[test]
fn an_encoder_predicts_nothing() {
    let study = study("");
    study.set("[\"word_rate\", \"layer_0\"]", "[\"word_rate\", \"surprisal\", \"layer_0\"]");
    study.check().refused(&Says {
        file: "/study.toml: ",
        place: "encoding.predictions_of: ",
        found: "found `model`, an encoder (bert), which sees the word itself",
        expected: "the name of a causal language model",
        remedy: "set encoding.predictions_of or leave surprisal and entropy out",
    });
}

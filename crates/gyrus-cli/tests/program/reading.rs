//! How a language model of a study reads: each key runs, changes what it should, and nothing else.

use std::collections::BTreeMap;

use super::program::Says;
use super::study::Study;

/// Scores of the trained language model by region and layer, from layers.tsv of a study with further keys.
fn analyzed(keys: &str) -> (Study, BTreeMap<(String, String), String>) {
    let study = Study::new();
    study.set("untrained_seeds = 1", &format!("untrained_seeds = 1\n{keys}"));
    // Sentences need marks that end them.
    study.write("words.tsv", &study.read("words.tsv").replace("\tslowly", "\tslowly."));
    study.edit("model/tokenizer.json", "\"slowly\"", "\"slowly.\"");
    study.analyze("out", &[]).succeeded();
    let scores = column(&study, "layers.tsv", &["layer", "region"], "score");
    (study, scores)
}

/// Cells of a column by two others.
fn column(study: &Study, table: &str, keys: &[&str; 2], value: &str) -> BTreeMap<(String, String), String> {
    let text = study.read(&format!("out/tables/{table}"));
    let mut lines = text.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let place = |name: &str| header.iter().position(|column| *column == name).unwrap();
    let (keys, value) = (keys.map(place), place(value));
    lines.map(|row| ((row[keys[0]].to_owned(), row[keys[1]].to_owned()), row[value].to_owned())).collect()
}

/// Layers whose score differs between two studies.
fn changed(
    one: &BTreeMap<(String, String), String>,
    other: &BTreeMap<(String, String), String>,
) -> Vec<String> {
    assert!(one.keys().eq(other.keys()) && one.len() == 12, "{one:?}");
    let differs = |(key, score): (&(String, String), &String)| (*score != other[key]).then(|| key.0.clone());
    let mut layers: Vec<String> = one.iter().filter_map(differs).collect();
    layers.dedup();
    layers
}

#[test]
fn history_order_and_sites_change_the_layers_that_they_are_about() {
    let (_, usual) = analyzed("");
    let (_, spelled_out) = analyzed(
        "history = \"half\"\nsites = \"hidden_states\"\nlayer_0 = \"embed\"\nscramble_seed = 0\nshuffled_seeds = 0",
    );
    assert_eq!(usual, spelled_out, "defaults");
    let cases = [
        ("history = \"exact\"", "as many tokens as the context holds"),
        ("history = { at_least = 48 }", "at least 48 tokens"),
        ("history = { words = 3 }", "the last of 3 words"),
        ("history = { sentences = 1 }", "the last of 1 sentence."),
        ("history = { words = 12 }\nscramble = \"words\"", "words of its history were in random order"),
        ("history = { words = 30 }\nscramble = \"sentences\"", "sentences of its history"),
        ("history = { words = 60 }\nscramble = { paragraphs = 2 }", "of 2 sentences each"),
        ("sites = \"attention\"", "what attention adds"),
        ("sites = \"mlp\"", "feed-forward network adds"),
    ];
    for (keys, words) in cases {
        let (study, scores) = analyzed(keys);
        // The embedding of this family knows no place: layer 0 is the same whatever is read before.
        assert_eq!(changed(&usual, &scores), ["1", "2"], "{keys}");
        let methods = study.read("out/methods.md");
        let words = words.trim_end_matches('.');
        assert!(methods.contains(words), "{keys}: {methods}");
        let resolved = study.read("out/study.resolved.toml");
        let key = keys.split(" =").next().unwrap();
        assert!(resolved.contains(key), "{keys}: {resolved}");
    }
    let (_, blocks) = analyzed("sites = \"blocks\"");
    assert_eq!(changed(&usual, &blocks), ["2"], "only the last layer has the final norm behind it");
    let (_, fixed) = analyzed("layer_0 = \"static\"");
    assert_eq!(changed(&usual, &fixed), [""; 0], "llama adds no places to its embedding");
    let (_, pooled) = analyzed("pooling = \"mean\"");
    assert_eq!(changed(&usual, &pooled), [""; 0], "every word of this study has one token");
}

#[test]
fn shuffled_weights_stand_beside_untrained_copies() {
    let study = Study::new();
    study.set("untrained_seeds = 1", "untrained_seeds = 1\nshuffled_seeds = 2");
    study.analyze("out", &[]).succeeded();
    let text = study.read("out/tables/untrained.tsv");
    let header: Vec<&str> = text.lines().next().unwrap().split('\t').collect();
    let place = |name: &str| header.iter().position(|column| *column == name).unwrap();
    let mut kinds: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for row in text.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>()) {
        let key = (row[place("training")].to_owned(), row[place("seed")].to_owned());
        kinds.entry(key).or_default().push(row[place("score")].to_owned());
    }
    let key = |kind: &str, seed: &str| (kind.to_owned(), seed.to_owned());
    let found: Vec<_> = kinds.keys().cloned().collect();
    let expected =
        [key("random_embedding", "0"), key("shuffled", "0"), key("shuffled", "1"), key("untrained", "0")];
    assert_eq!(found, expected);
    // Three layers of three regions and their mean.
    assert_eq!(kinds[&key("shuffled", "0")].len(), 12);
    assert_ne!(kinds[&key("shuffled", "0")], kinds[&key("shuffled", "1")]);
    assert_ne!(kinds[&key("shuffled", "0")], kinds[&key("untrained", "0")]);
}

#[test]
fn surprisal_and_entropy_are_bands_of_the_baseline() {
    let study = Study::new();
    study.set("[\"word_rate\", \"layer_0\"]", "[\"word_rate\", \"surprisal\", \"entropy\", \"layer_0\"]");
    let plan = study.check().succeeded().stdout;
    let extract = plan.lines().find(|line| line.starts_with("extract")).unwrap();
    assert_eq!(extract.split_whitespace().nth(1), Some("4"), "one more reading:\n{plan}");
    study.analyze("out", &[]).succeeded();
    let text = study.read("out/tables/baseline.tsv");
    for band in ["word_rate", "surprisal", "entropy", "baseline"] {
        assert!(text.lines().any(|line| line.split('\t').any(|cell| cell == band)), "{band}: {text}");
    }
    let again = Study::new();
    again.set(
        "[\"word_rate\", \"layer_0\"]",
        "[\"word_rate\", \"surprisal\", \"entropy\", \"layer_0\"]\npredictions_of = \"model\"",
    );
    again.analyze("out", &[]).succeeded();
    assert_eq!(again.read("out/tables/baseline.tsv"), text, "the first language model is meant");
}

fn refused(from: &str, to: &str, [key, found, expected, remedy]: [&str; 4]) {
    let study = Study::new();
    study.set(from, to);
    let place = format!("{key}: ");
    study.check().refused(&Says { file: "/study.toml", place: &place, found, expected, remedy });
}

#[test]
fn rules_that_are_none_and_names_that_nothing_has() {
    let seeds = "untrained_seeds = 1";
    let with = |key: &str| format!("{seeds}\n{key}");
    refused(
        seeds,
        &with("history = { words = 0 }"),
        ["history", "found history = 0", "expected \"half\", \"exact\" or a count", "correct the value"],
    );
    refused(
        seeds,
        &with("scramble = \"letters\""),
        [
            "scramble",
            "found scramble = \"letters\"",
            "expected \"words\", \"sentences\"",
            "correct the value",
        ],
    );
    refused(
        seeds,
        &with("sites = \"heads\""),
        ["sites", "found `heads`", "expected one of `hidden_states`", "correct or remove it"],
    );
    refused(
        seeds,
        &with("revision = \"main\""),
        ["language_model.revision", "found `main`", "expected no revision", "remove the key"],
    );
    let baseline = "[\"word_rate\", \"layer_0\"]";
    let key = "encoding.predictions_of";
    refused(
        baseline,
        "[\"word_rate\", \"surprisal\"]\npredictions_of = \"gpt9\"",
        [key, "found `gpt9`", "expected one of the language models: model", "change it in the study file"],
    );
    refused(
        baseline,
        "[\"word_rate\"]\npredictions_of = \"model\"",
        [key, "found `model`", "expected surprisal or entropy in encoding.baseline", "remove this key"],
    );
    refused(
        baseline,
        "[\"surprisal\", \"layer_0\"]",
        ["encoding.baseline", "found no low-level feature", "expected at least one feature", "add one"],
    );
    let study = Study::new();
    study.set(seeds, &with("history = { sentences = 2 }"));
    let error = study.check().error();
    assert!(
        error.contains("/words.tsv: ") && error.contains("found no word that ends a sentence"),
        "{error}"
    );
    let study = Study::new();
    study.set(seeds, &with("history = { words = 200 }"));
    let error = study.check().error();
    assert!(error.contains("language_model.history: found 201, expected from 3 to 64 tokens"), "{error}");
}

#[test]
fn a_context_that_is_too_short_is_named() {
    for (contexts, key) in [("context = 2", "context"), ("contexts = [2, 32]", "contexts")] {
        let study = Study::new();
        study.set("context = 64", &format!("{contexts}\nhistory = \"exact\""));
        let error = study.check().error();
        assert!(
            error.contains(&format!("language_model.{key}: found 2, expected from 3 to 64 tokens")),
            "{error}"
        );
    }
}

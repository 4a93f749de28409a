//! `[[contrast]]`: what it says is what the scores of both sides say, and what cannot be compared is refused.

use super::program::Says;
use super::study::Study;

fn contrasted(contrast: &str) -> Study {
    let study = Study::new();
    study.set("context = 64\n", "contexts = [4, 12]\nhistory = \"exact\"\n");
    study.set("\n[statistics]", &format!("\n[[contrast]]\n{contrast}\n[statistics]"));
    study
}

const LAYERS: &str = "name = \"more history\"\nof = { language_model = \"model (12 tokens)\", layer = 2 }\n\
                      minus = { language_model = \"model (4 tokens)\", layer = 1 }\n";

#[test]
fn the_difference_is_that_of_the_scores() {
    let study = contrasted(LAYERS);
    study.analyze("out", &[]).succeeded();
    let layers = study.rows("layers.tsv");
    let score = |model: &str, layer: &str, region: &str| -> f64 {
        let row = layers.iter().find(|row| row[0] == model && row[1] == layer && row[2] == region);
        row.unwrap()[4].parse().unwrap()
    };
    let contrasts = study.rows("contrasts.tsv");
    assert_eq!(contrasts.len(), 4, "three regions and their mean");
    for row in &contrasts {
        assert_eq!((row[0].as_str(), row[3].as_str(), row[6].as_str()), ("more history", "2", "1"));
        let expected = score("model (12 tokens)", "2", &row[1]) - score("model (4 tokens)", "1", &row[1]);
        assert!((row[8].parse::<f64>().unwrap() - expected).abs() < 1e-12, "{row:?}: {expected}");
        // Three people have 2³ patterns of signs.
        let p = row[13].parse::<f64>().unwrap();
        assert!((0.25..=1.0).contains(&p), "{row:?}");
    }
    let page = study.read("out/report/index.html");
    assert!(page.contains("Contrasts, mean over regions") && page.contains("more history"));
}

/// Both sides at the layers that inner folds choose: what the tables say of the best layer.
#[test]
fn without_a_layer_the_best_one_is_compared() {
    let study = contrasted(
        "name = \"best\"\nof = { language_model = \"model (12 tokens)\" }\nminus = { language_model = \"model (4 tokens)\" }\n",
    );
    study.analyze("out", &[]).succeeded();
    let best = study.rows("best_layer.tsv");
    let of = |model: &str, region: &str| {
        best.iter().find(|row| row[0] == model && row[1] == region).unwrap().clone()
    };
    for row in study.rows("contrasts.tsv") {
        let (more, less) = (of("model (12 tokens)", &row[1]), of("model (4 tokens)", &row[1]));
        assert_eq!((&row[3], &row[6]), (&more[2], &less[2]), "{row:?}");
        let score = |cells: &[String]| cells[4].parse::<f64>().unwrap();
        let difference = row[8].parse::<f64>().unwrap();
        assert!((difference - (score(&more) - score(&less))).abs() < 1e-12, "{row:?}");
    }
}

/// Names are no part of what a layer scores, but of what is said of it.
#[test]
fn names_that_change_places_are_said_anew() {
    let study = Study::new();
    let section = |name: &str, context: usize| {
        format!(
            "[[language_model]]\nname = \"{name}\"\npath = \"model\"\nlayers = \"all\"\ncontext = {context}\n"
        )
    };
    let named = |names: [&str; 2]| format!("{}{}", section(names[0], 4), section(names[1], 12));
    study.set(
        "[[language_model]]\npath = \"model\"\nlayers = \"all\"\ncontext = 64\nuntrained_seeds = 1\n",
        &named(["small", "large"]),
    );
    let contrast =
        "name = \"more\"\nof = { language_model = \"large\" }\nminus = { language_model = \"small\" }\n";
    study.set("\n[statistics]", &format!("\n[[contrast]]\n{contrast}\n[statistics]"));
    study.analyze("out", &[]).succeeded();
    let before = study.rows("contrasts.tsv");
    study.set(&named(["small", "large"]), &named(["large", "small"]));
    let ran = study.analyze("out", &[]).succeeded();
    assert!(ran.stderr.contains("tasks are finished already"), "{}", ran.stderr);
    let after = study.rows("contrasts.tsv");
    for (before, after) in before.iter().zip(&after) {
        let [before, after] = [before, after].map(|row| row[8].parse::<f64>().unwrap());
        assert!(before != 0.0 && (before + after).abs() < 1e-12, "{before} {after}");
    }
    study.analyze("fresh", &[]).succeeded();
    assert_eq!(study.read("out/tables/layers.tsv"), study.read("fresh/tables/layers.tsv"));
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let refused = |from: &str, to: &str, place: &str, found: &str, expected: &str| {
        contrasted(&LAYERS.replace(from, to)).check().refused(&Says {
            file: "/study.toml: ",
            place,
            found,
            expected,
            remedy: "change it in the study file",
        });
    };
    refused(
        "layer = 2",
        "layer = 7",
        "contrast.of: ",
        "found layer 7",
        "expected one that is fitted: 0, 1, 2",
    );
    refused(
        "(4 tokens)",
        "(5 tokens)",
        "contrast.minus: ",
        "found `model (5 tokens)`",
        "one of the language models",
    );
    let unnamed = LAYERS.replace("language_model = \"model (4 tokens)\", ", "");
    let error = contrasted(&unnamed).check().error();
    for part in
        ["contrast.minus: found no language_model", "one of model (4 tokens), model (12 tokens)", "add it"]
    {
        assert!(error.contains(part), "{part} is not in {error}");
    }
    let both = LAYERS.replace("(4 tokens)\", layer = 1", "(12 tokens)\", layer = 2");
    let error = contrasted(&both).check().error();
    assert!(error.contains("the same on both sides of `more history`"), "{error}");
    let twice = format!("{LAYERS}\n[[contrast]]\n{LAYERS}");
    let error = contrasted(&twice).check().error();
    assert!(error.contains("contrast.name") && error.contains("twice"), "{error}");
}

/// The baseline, one of its features, and untrained copies stand on either side; the difference is that of their tables.
#[test]
fn other_features_than_layers_are_sides_too() {
    let study = Study::new();
    study.set(
        "\n[statistics]",
        "\n[[contrast]]\nname = \"over rate\"\nof = { layer = 2 }\nminus = { features = \"word_rate\" }\n\
         [[contrast]]\nname = \"trained\"\nof = { layer = 2 }\nminus = { features = \"untrained\", layer = 2 }\n\
         [[contrast]]\nname = \"baselines\"\nof = { features = \"baseline\" }\nminus = { features = \"random_embedding\" }\n\
         [statistics]",
    );
    study.analyze("out", &[]).succeeded();
    let find = |table: &str, keys: &[(usize, &str)], column: usize| -> f64 {
        let row = study.rows(table).into_iter().find(|row| keys.iter().all(|(at, key)| row[*at] == *key));
        row.unwrap_or_else(|| panic!("{table}: {keys:?}"))[column].parse().unwrap()
    };
    for row in study.rows("contrasts.tsv") {
        let region = row[1].as_str();
        let layer = || find("layers.tsv", &[(1, "2"), (2, region)], 4);
        let untrained =
            |kind: &str, layer: &str| find("untrained.tsv", &[(1, kind), (3, layer), (4, region)], 5);
        let baseline = |band: &str| find("baseline.tsv", &[(0, band), (1, region)], 2);
        let expected = match row[0].as_str() {
            "over rate" => layer() - baseline("word_rate"),
            "trained" => layer() - untrained("untrained", "2"),
            _ => baseline("baseline") - untrained("random_embedding", "0"),
        };
        assert!((row[8].parse::<f64>().unwrap() - expected).abs() < 1e-9, "{row:?}: {expected}");
        let sides = (row[16].as_str(), row[17].as_str());
        match row[0].as_str() {
            "over rate" => {
                assert_eq!((sides, row[5].as_str(), row[6].as_str()), (("layer", "word_rate"), "n/a", "n/a"))
            }
            "trained" => assert_eq!((sides, row[6].as_str()), (("layer", "untrained"), "2")),
            _ => assert_eq!((sides, row[2].as_str()), (("baseline", "random_embedding"), "n/a")),
        }
    }
    assert!(study.read("out/report/index.html").contains("word_rate"));
}

#[test]
fn features_that_are_none_are_refused_with_those_there_are() {
    let refused = |minus: &str, parts: [&str; 3]| {
        let study = Study::new();
        study.set(
            "\n[statistics]",
            &format!(
                "\n[[contrast]]\nname = \"c\"\nof = {{ layer = 2 }}\nminus = {{ {minus} }}\n[statistics]"
            ),
        );
        let error = study.check().error();
        for part in ["study.toml", "contrast.minus"].iter().chain(&parts) {
            assert!(error.contains(part), "`{part}` is not in\n{error}");
        }
    };
    refused("features = \"loudness\"", ["`loudness`", "word_rate", "untrained"]);
    refused("features = \"word_rate\", layer = 1", ["a language model or a layer", "`word_rate`", "alone"]);
    refused("features = \"shuffled\"", ["`shuffled` of `model`", "which has none", "shuffled_seeds"]);
    refused(
        "features = \"random_embedding\", layer = 1",
        ["a layer of random vectors", "no layer", "contrast"],
    );
}

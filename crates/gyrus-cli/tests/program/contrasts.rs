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

/// Rows of a table as cells.
fn rows(study: &Study, table: &str) -> Vec<Vec<String>> {
    let text = study.read(&format!("out/tables/{table}"));
    text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

#[test]
fn the_difference_is_that_of_the_scores() {
    let study = contrasted(LAYERS);
    study.analyze("out", &[]).succeeded();
    let layers = rows(&study, "layers.tsv");
    let score = |model: &str, layer: &str, region: &str| -> f64 {
        let row = layers.iter().find(|row| row[0] == model && row[1] == layer && row[2] == region);
        row.unwrap()[4].parse().unwrap()
    };
    let contrasts = rows(&study, "contrasts.tsv");
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
    let best = rows(&study, "best_layer.tsv");
    let of = |model: &str, region: &str| {
        best.iter().find(|row| row[0] == model && row[1] == region).unwrap().clone()
    };
    for row in rows(&study, "contrasts.tsv") {
        let (more, less) = (of("model (12 tokens)", &row[1]), of("model (4 tokens)", &row[1]));
        assert_eq!((&row[3], &row[6]), (&more[2], &less[2]), "{row:?}");
        let score = |cells: &[String]| cells[4].parse::<f64>().unwrap();
        let difference = row[8].parse::<f64>().unwrap();
        assert!((difference - (score(&more) - score(&less))).abs() < 1e-12, "{row:?}");
    }
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

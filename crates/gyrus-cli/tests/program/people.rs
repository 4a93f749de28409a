//! What is known of people, and people with stories: tables say what the scores say, and tables that do not fit are refused.

use gyrus_io::parquet::{Column, read_parquet};

use super::study::{self, PARTICIPANTS, Study};

const PEOPLE: [&str; 8] = ["ann", "ben", "cid", "dan", "eve", "fay", "gus", "hal"];
const TABLE: &str = "participant_id\tage\tgroup\nsub-ann\t20\told\nsub-ben\t31\told\nsub-cid\t25\tyoung\n\
                     dan\t44\tyoung\neve\tn/a\told\nfay\t38\tyoung\ngus\t29\told\nhal\t61\tyoung\nzoe\t1\tyoung\n";

fn known(covariates: &str) -> Study {
    let study = Study::new();
    for (index, name) in PEOPLE.iter().enumerate().skip(PARTICIPANTS.len()) {
        study.write(&format!("responses/{name}.tsv"), &study::responses(index as u64));
        study.write(&format!("motion/{name}.txt"), &study::motion(100 + index as u64, study::VOLUMES));
    }
    study.write("people.tsv", TABLE);
    study.set("layers = \"all\"", "layers = [0, 2]");
    let section =
        format!("[participants]\ntable = \"people.tsv\"\ncovariates = {covariates}\n\n[statistics]");
    study.set("[statistics]", &section);
    study
}

/// Scores of the trained layer 0 by participant, of one target.
fn scores(study: &Study, target: &str) -> Vec<(String, f64)> {
    of_people(study, (target, 0), "score")
}

/// A column of the table of all scores for a target and a trained layer, by participant.
pub fn of_people(study: &Study, (target, layer): (&str, i64), column: &str) -> Vec<(String, f64)> {
    let table = read_parquet(&study.path("out/tables/scores.parquet")).unwrap();
    let texts = |name: &str| match table.column(name) {
        Some(Column::Utf8(values)) => values.clone(),
        other => panic!("{name}: {other:?}"),
    };
    let layers = match table.column("layer") {
        Some(Column::I64(values)) => values.clone(),
        other => panic!("{other:?}"),
    };
    let values = match table.column(column) {
        Some(Column::F64(values)) => values.clone(),
        other => panic!("{other:?}"),
    };
    let (people, targets, training) = (texts("participant"), texts("target"), texts("training"));
    let wanted = (0..table.n_rows()).filter(|row| {
        targets[*row].as_deref() == Some(target)
            && layers[*row] == Some(layer)
            && training[*row].as_deref() == Some("trained")
    });
    wanted.map(|row| (people[row].clone().unwrap(), values[row].unwrap())).collect()
}

/// One layer, so that the score is that of the table of all scores; one covariate, so that the slope is Σ xy / Σ xx.
#[test]
fn a_slope_is_that_of_the_scores() {
    let study = known("[\"age\"]");
    study.set("layers = [0, 2]", "layers = [0]");
    study.set("baseline = [\"word_rate\", \"layer_0\"]", "baseline = [\"word_rate\"]");
    study.analyze("out", &[]).succeeded();
    let ages = [
        ("ann", 20.0),
        ("ben", 31.0),
        ("cid", 25.0),
        ("dan", 44.0),
        ("fay", 38.0),
        ("gus", 29.0),
        ("hal", 61.0),
    ];
    let covariates = study.rows("covariates.tsv");
    assert_eq!(covariates.len(), 8, "two quantities of three regions and their mean");
    for row in covariates.iter().filter(|row| row[1] == "score" && row[4] != "mean") {
        let scores = scores(&study, &row[4]);
        let of = |name: &str| scores.iter().find(|(known, _)| known == name).unwrap().1;
        let pairs: Vec<(f64, f64)> = ages.iter().map(|(name, age)| (*age, of(name))).collect();
        let n = pairs.len() as f64;
        let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / n;
        let (x, y) = (mean(|pair| pair.0), mean(|pair| pair.1));
        let expected = pairs.iter().map(|pair| (pair.0 - x) * (pair.1 - y)).sum::<f64>()
            / pairs.iter().map(|pair| (pair.0 - x).powi(2)).sum::<f64>();
        assert!((row[6].parse::<f64>().unwrap() - expected).abs() < 1e-9, "{row:?}: {expected}");
        assert_eq!((row[2].as_str(), row[3].as_str(), row[5].as_str()), ("age", "n/a", "7"));
        let numbers: Vec<f64> = row[7..].iter().map(|cell| cell.parse().unwrap()).collect();
        assert!(numbers[0] < expected && expected < numbers[1], "{row:?}");
        assert!(numbers[3..].iter().all(|p| *p > 0.0 && *p <= 1.0), "{row:?}");
    }
    let page = study.read("out/report/index.html");
    assert!(page.contains("Slopes over people, mean over regions"));
}

#[test]
fn groups_are_compared_with_the_first_of_them() {
    let study = known("[\"age\", \"group\"]");
    study.analyze("out", &[]).succeeded();
    let covariates = study.rows("covariates.tsv");
    assert_eq!(covariates.len(), 16);
    let groups: Vec<&Vec<String>> = covariates.iter().filter(|row| row[2] == "group").collect();
    assert!(groups.iter().all(|row| row[3] == "young − old" && row[5] == "7"), "{groups:?}");
    study.edit("people.tsv", "ann\t20\told", "ann\t20\tyoung");
    study.analyze("out", &[]).succeeded();
    assert_ne!(study.rows("covariates.tsv"), covariates, "another table is another answer");
}

#[test]
fn tables_of_people_that_do_not_fit_are_refused() {
    let refused = |covariates: &str, from: &str, to: &str, says: &[&str]| {
        let study = known(covariates);
        if !from.is_empty() {
            study.edit("people.tsv", from, to);
        }
        let error = study.check().error();
        for text in says {
            assert!(error.contains(text), "`{text}` is not in\n{error}");
        }
    };
    refused("[\"age\"]", "hal\t61\tyoung\n", "", &["people.tsv", "no row of `hal`", "participant_id"]);
    refused("[\"age\"]", "zoe\t", "ann\t", &["people.tsv", "`ann` twice", "one row per participant"]);
    refused("[\"height\"]", "", "", &["people.tsv", "`height`", "age", "group"]);
    refused("[]", "", "", &["participants.covariates", "no column"]);
    refused("[\"age\", \"age\"]", "", "", &["`age` twice"]);
    refused("[\"participant_id\"]", "", "", &["participant_id", "for one participant only", "groups of two"]);
    refused("[\"age\"]", "eve\tn/a", "eve\tNA", &["`age`", "numbers and `NA`", "n/a or nothing"]);
    refused("[\"age\"]", "eve\tn/a", "eve\tinf", &["`age`", "numbers and `inf`"]);
}

#[test]
fn what_everybody_shares_is_no_covariate() {
    let study = known("[\"group\"]");
    let table: String = TABLE.replace("young", "old");
    study.write("people.tsv", &table);
    let error = study.check().error();
    assert!(error.contains("`group`") && error.contains("`old` for everybody"), "{error}");
}

#[test]
fn columns_that_say_the_same_are_refused() {
    let study = known("[\"age\", \"months\"]");
    let months = |line: &str| match line.split('\t').nth(1).and_then(|age| age.parse::<f64>().ok()) {
        Some(age) => format!("{line}\t{}\n", 12.0 * age),
        None if line.starts_with("participant_id") => format!("{line}\tmonths\n"),
        None => format!("{line}\tn/a\n"),
    };
    study.write("people.tsv", &TABLE.lines().map(months).collect::<String>());
    let error = study.check().error();
    assert!(
        error.contains("`age`") && error.contains("7 participants") && error.contains("do not say the same"),
        "{error}"
    );
}

/// Six stories, each held out once: complete tables have the plain mean.
#[test]
fn people_and_stories_vary_together_from_six_stories_on() {
    let study = Study::new();
    let text = study.read("study.toml");
    let stories: Vec<String> = (0..6).map(|story| format!("story{story}")).collect();
    let sections: String = stories
        .iter()
        .map(|name| format!("[[stimulus]]\nname = \"{name}\"\nwords = \"words.tsv\"\n\n"))
        .collect();
    let text = text
        .replace("[[stimulus]]\nname = \"story\"\nwords = \"words.tsv\"\n\n", &sections)
        .replace("responses/{participant}.tsv", "responses/{participant}_{stimulus}.tsv")
        .replace("stimulus = \"story\"\n", "")
        .replace("confounds = \"motion/{participant}.txt\"\n", "")
        .replace("layers = \"all\"", "layers = [0, 2]")
        .replace("folds = { blocks = 3, gap = \"24 s\" }", "folds = \"runs\"");
    study.write("study.toml", &text);
    for (person, name) in PARTICIPANTS.iter().enumerate() {
        study.remove(&format!("responses/{name}.tsv"));
        for (story, stimulus) in stories.iter().enumerate() {
            let responses = study::responses((10 * person + story) as u64);
            study.write(&format!("responses/{name}_{stimulus}.tsv"), &responses);
        }
    }
    study.analyze("out", &[]).succeeded();
    let both = study.rows("people_and_stories.tsv");
    let layers = study.rows("layers.tsv");
    assert_eq!(
        both.len(),
        4 * 5,
        "score and gain of two layers, the contextual gain of one, in three regions and their mean"
    );
    for row in both.iter().filter(|row| row[3] == "score") {
        let layer = layers.iter().find(|layer| layer[1..3] == row[1..3]).unwrap();
        let (found, expected) = (row[4].parse::<f64>().unwrap(), layer[4].parse::<f64>().unwrap());
        assert!((found - expected).abs() < 1e-9, "{row:?} {layer:?}");
        let numbers: Vec<f64> = row[5..10].iter().map(|cell| cell.parse().unwrap()).collect();
        assert!(numbers[0] < found && found < numbers[1] && numbers[2] > 0.0 && numbers[2] < 1.0, "{row:?}");
        assert_eq!(row[10], "6");
    }
    assert!(study.read("out/report/index.html").contains("Means over people and stories"));
}

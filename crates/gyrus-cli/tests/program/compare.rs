//! Studies side by side: differences are those of their tables, and what cannot be compared says why.

use std::fs;

use serde_json::{Value, json};

use super::program::{Ran, gyrus};
use super::study::Study;

/// A table that was written, with its columns by name.
struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn read(study: &Study, name: &str) -> Self {
        let text = study.read(name);
        let mut lines = text.lines().map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>());
        let header = lines.next().unwrap();
        Self { header, rows: lines.collect() }
    }

    /// A cell of the only row with these cells.
    fn cell(&self, wanted: &[(&str, &str)], column: &str) -> &str {
        let place = |name: &str| self.header.iter().position(|known| known == name).unwrap();
        let is_wanted = |row: &&Vec<String>| wanted.iter().all(|(name, cell)| row[place(name)] == *cell);
        let found: Vec<&Vec<String>> = self.rows.iter().filter(is_wanted).collect();
        assert_eq!(found.len(), 1, "{wanted:?} in {:?}", self.rows);
        &found[0][place(column)]
    }

    fn number(&self, wanted: &[(&str, &str)], column: &str) -> f64 {
        let cell = self.cell(wanted, column);
        cell.parse().unwrap_or_else(|_| panic!("{wanted:?} {column}: {cell}"))
    }
}

/// A study of one context; its fits are shared.
fn analysed(study: &Study, name: &str, changes: &[(&str, &str)]) {
    let whole = study.read("study.toml");
    study.set("name = \"small\"", &format!("name = \"{name}\""));
    changes.iter().for_each(|(from, to)| study.set(from, to));
    let store = study.path("store");
    study.analyze(name, &["--store", store.to_str().unwrap()]).succeeded();
    study.write("study.toml", &whole);
}

fn small() -> Study {
    let study = Study::new();
    study.set("layers = \"all\"", "layers = [0, 2]");
    study.set("baseline = [\"word_rate\", \"layer_0\"]", "baseline = [\"word_rate\"]");
    study.set("untrained_seeds = 1", "untrained_seeds = 0");
    study
}

fn compared(study: &Study, outputs: &[&str], further: &[&str]) -> Ran {
    let paths: Vec<String> =
        outputs.iter().chain(&["side"]).map(|name| study.path(name).to_str().unwrap().to_owned()).collect();
    let (folders, side) = paths.split_at(outputs.len());
    let folders = folders.iter().map(String::as_str);
    let arguments: Vec<&str> = ["compare"]
        .into_iter()
        .chain(folders)
        .chain(["-o", &side[0]])
        .chain(further.iter().copied())
        .collect();
    gyrus(&arguments)
}

/// A finished study that is another one in some parts of its results.
fn altered(study: &Study, from: &str, name: &str, change: impl Fn(&mut Value)) {
    let mut results: Value =
        serde_json::from_str(&study.read(&format!("{from}/tables/results.json"))).unwrap();
    results["study"] = json!(name);
    change(&mut results);
    study.write(&format!("{name}/tables/results.json"), &results.to_string());
}

const MEAN: [(&str, &str); 2] = [("region", "mean"), ("quantity", "score")];

/// Two language models of one study: what `[[contrast]]` says of them by other ways.
#[test]
fn a_difference_within_a_study_is_its_contrast() {
    let study = Study::new();
    study.set("context = 64\n", "contexts = [4, 12]\nhistory = \"exact\"\n");
    study.set("bootstraps = 50", "bootstraps = 400");
    study.set(
        "\n[statistics]",
        "\n[[contrast]]\nname = \"more\"\nof = { language_model = \"model (12 tokens)\" }\n\
         minus = { language_model = \"model (4 tokens)\" }\n[statistics]",
    );
    study.analyze("out", &[]).succeeded();
    let said = compared(&study, &["out"], &[]).succeeded().stdout;
    assert!(said.contains("model (12 tokens) minus model (4 tokens): score "), "{said}");
    let (found, contrasts) =
        (Table::read(&study, "side/differences.tsv"), Table::read(&study, "out/tables/contrasts.tsv"));
    for region in ["front", "middle", "back", "mean"] {
        let key = [("region", region), ("quantity", "score")];
        for column in ["difference", "p_wilcoxon", "p_t"] {
            let (one, other) = (found.number(&key, column), contrasts.number(&[("region", region)], column));
            assert!((one - other).abs() < 1e-9, "{region} {column}: {one} {other}");
        }
        let width = |table: &Table, key: &[(&str, &str)]| {
            table.number(key, "difference_story_high") - table.number(key, "difference_story_low")
        };
        // Blocks that stand, of which there are six a fold, against blocks that begin anywhere.
        let ratio = width(&found, &key) / width(&contrasts, &[("region", region)]);
        assert!((0.5..2.0).contains(&ratio), "{region}: {ratio}");
        let excess = [("region", region), ("quantity", "excess")];
        assert_eq!(found.cell(&excess, "story_reason"), "not_by_block");
    }
    let models = Table::read(&study, "side/models.tsv");
    let best = Table::read(&study, "out/tables/best_layer.tsv");
    for model in ["model (4 tokens)", "model (12 tokens)"] {
        let key = [("language_model", model), ("region", "back")];
        for column in ["score", "score_low", "score_story_high", "unique_gain", "beyond_untrained", "layer"] {
            assert_eq!(models.cell(&key, column), best.cell(&key, column));
        }
        assert!(models.number(&key, "excess_low") <= models.number(&key, "excess"));
    }
    let page = study.read("side/index.html");
    assert!(
        page.contains("Paired differences") && page.contains("model (12 tokens)") && !page.contains("://")
    );
    assert!(study.read("side/differences.svg").contains("minus model (4 tokens)"));
}

/// Studies of one and the same people, with another context, other folds, and without one of them.
#[test]
fn studies_are_paired_where_people_and_folds_are_the_same() {
    let study = small();
    analysed(&study, "long", &[]);
    analysed(&study, "short", &[("context = 64", "context = 5")]);
    analysed(&study, "four", &[("blocks = 3", "blocks = 4")]);
    analysed(
        &study,
        "two",
        &[("trim_start = \"0 s\"", "trim_start = \"0 s\"\nexclude = { ben = \"moved\" }")],
    );
    let said = compared(&study, &["long", "short", "four", "two"], &["--first"]).succeeded().stdout;
    assert!(
        said.contains("four minus long: not compared, because their folds hold out other samples"),
        "{said}"
    );
    let found = Table::read(&study, "side/differences.tsv");
    let models = Table::read(&study, "side/models.tsv");
    let of = |name| [("of_study", name), MEAN[0], MEAN[1]];
    let score = |name| models.number(&[("study", name), ("region", "mean")], "score");
    assert!((found.number(&of("short"), "difference") - (score("short") - score("long"))).abs() < 1e-12);
    assert_eq!(found.cell(&of("short"), "n_participants"), "3");
    assert!(
        found.number(&of("short"), "difference_story_low")
            < found.number(&of("short"), "difference_story_high")
    );
    assert_eq!(
        ["settings", "story_reason", "reason"].map(|column| found.cell(&of("short"), column)),
        ["n/a"; 3]
    );
    assert_eq!(found.cell(&of("four"), "difference"), "n/a");
    assert_eq!(found.cell(&of("four"), "reason"), "folds_differ");
    // The same people at the same layers score the same with and without ben.
    assert_eq!(["n_participants", "n_left_out"].map(|column| found.cell(&of("two"), column)), ["2", "1"]);
    assert_eq!(found.cell(&of("two"), "story_reason"), "participants_differ");
    assert_eq!(found.cell(&of("two"), "difference_story_low"), "n/a");
    assert!(found.rows.iter().all(|row| row[2] == "long"), "--first");
}

#[test]
fn what_cannot_be_compared_says_why() {
    let study = small();
    analysed(&study, "one", &[]);
    let people = |results: &mut Value, change: fn(&mut Value)| {
        results["side_by_side"]["people"].as_array_mut().unwrap().iter_mut().for_each(change);
    };
    altered(&study, "one", "others", |results| {
        people(results, |one| one["name"] = json!(format!("{}x", one["name"])))
    });
    altered(&study, "one", "again", |results| people(results, |one| one["recordings"] = json!("0")));
    altered(&study, "one", "cleaned", |results| people(results, |one| one["responses"] = json!("0")));
    altered(&study, "one", "elsewhere", |results| results["targets"][0]["name"] = json!("side"));
    altered(&study, "one", "older", |results| results["side_by_side"] = Value::Null);
    altered(&study, "one", "louder", |results| results["baseline"]["bands"] = json!(["loudness"]));
    altered(&study, "one", "single", |results| {
        people(results, |one| {
            if one["name"] != "cid" {
                one["folds"] = json!("0");
            }
        });
    });
    altered(&study, "one", "shuffled", |results| results["methods"]["shuffled"] = json!(true));
    let names = ["one", "others", "again", "cleaned", "elsewhere", "older", "louder", "single", "shuffled"];
    let said = compared(&study, &names, &["--first"]).succeeded().stdout;
    let found = Table::read(&study, "side/differences.tsv");
    let reason = |name: &str| found.cell(&[("of_study", name), MEAN[0], MEAN[1]], "reason").to_owned();
    for (name, expected) in [
        ("others", "no_common_participants"),
        ("again", "recordings_differ"),
        ("cleaned", "n/a"),
        ("elsewhere", "targets_differ"),
        ("older", "older_version"),
        ("louder", "n/a"),
        ("single", "one_participant"),
    ] {
        assert_eq!(reason(name), expected, "{name}");
    }
    assert_eq!(found.cell(&[("of_study", "cleaned"), MEAN[0], MEAN[1]], "settings"), "cleaning");
    let gain = [("of_study", "louder"), ("region", "mean"), ("quantity", "unique_gain")];
    assert_eq!(["reason", "difference"].map(|column| found.cell(&gain, column)), ["baselines_differ", "n/a"]);
    let single = [("of_study", "single"), MEAN[0], MEAN[1]];
    assert_eq!(
        ["difference", "difference_low", "p_t"].map(|column| found.cell(&single, column)),
        ["0", "n/a", "n/a"]
    );
    assert!(said.contains("older: made by a version that kept no scores by person and block"), "{said}");
    assert!(said.contains("shuffled: shuffled folds, so that slow noise scores too"), "{said}");
    assert!(
        said.contains("one participant cannot tell") && said.contains("they differ in cleaning"),
        "{said}"
    );
}

#[test]
fn folders_that_are_no_studies_are_refused() {
    let study = small();
    analysed(&study, "one", &[]);
    let refused = |outputs: &[&str], parts: &[&str]| {
        let error = compared(&study, outputs, &[]).error();
        parts.iter().for_each(|part| assert!(error.contains(part), "`{part}` is not in\n{error}"));
    };
    refused(
        &["one", "nowhere"],
        &["nowhere: found no such folder", "output folder of a study", "check the path"],
    );
    refused(&["one", "responses"], &["responses: found no study (no tables/results.json)"]);
    fs::create_dir_all(study.path("begun/store")).unwrap();
    refused(&["begun", "one"], &["begun: found an unfinished study", "run gyrus analyze or merge again"]);
    refused(&["one"], &["one: found one language model in one study", "name further output folders"]);
    refused(&["one", "one"], &["found the same study as ", "leave one of them out"]);
    study.write("broken/tables/results.json", "{}");
    refused(
        &["one", "broken"],
        &["broken: found results that are not understood", "run gyrus analyze again"],
    );
    assert_eq!(gyrus(&["compare"]).code, Some(1));
    altered(&study, "one", "cut", |results| {
        results["side_by_side"]["scores"][0]["score"].as_array_mut().unwrap().pop();
    });
    refused(&["one", "cut"], &["cut: found results that are not understood"]);
    // Two studies of one name are told apart by their folders.
    altered(&study, "one", "copy", |results| {
        results["study"] = json!("one");
        results["answer"] = json!("another");
    });
    compared(&study, &["one", "copy"], &[]).succeeded();
    let models = study.read("side/models.tsv");
    assert!(models.lines().any(|line| line.starts_with(study.path("copy").to_str().unwrap())), "{models}");
}

/// Studies s0 (as it is) and s1 to s4, whose scores are .1 + .02 × their number + .01 × the person's.
fn growing() -> Study {
    let study = small();
    analysed(&study, "s0", &[]);
    for number in 1..=4 {
        altered(&study, "s0", &format!("s{number}"), |results| {
            for row in results["side_by_side"]["scores"].as_array_mut().unwrap() {
                for (person, score) in row["score"].as_array_mut().unwrap().iter_mut().enumerate() {
                    *score = json!(0.1 + 0.02 * f64::from(number) + 0.01 * person as f64);
                }
            }
        });
    }
    study
}

fn against(study: &Study, outputs: &[&str], table: &str) -> Ran {
    study.write("properties.tsv", table);
    compared(study, outputs, &["--against", study.path("properties.tsv").to_str().unwrap()])
}

const PROPERTIES: &str = "study\tlanguage_model\tparameters\tsteps\tleft\tsame\n\
                          s1\tmodel\t1e3\t0\t1\t7\ns2\tmodel\t10000\t1\tn/a\t7\n\
                          s3\tmodel\t1e5\t2\t\t7\ns4\tmodel\t1000000\t3\t2\t7\n";

/// The row of a number of scores, mean over regions.
fn row<'a>(property: &'a str, statistic: &'a str) -> [(&'a str, &'a str); 4] {
    [("property", property), ("statistic", statistic), MEAN[0], MEAN[1]]
}

#[test]
fn scores_are_held_against_properties() {
    let study = growing();
    let said = against(&study, &["s1", "s2", "s3", "s4"], PROPERTIES).succeeded().stdout;
    let found = Table::read(&study, "side/scaling.tsv");
    for (property, statistic, expected) in [
        ("parameters", "slope_per_decade", 0.02),
        // Of .13, the mean over three people at the smallest.
        ("parameters", "percent_per_decade", 100.0 * 0.02 / 0.13),
        ("parameters", "spearman", 1.0),
        ("steps", "pearson", 1.0),
        ("steps", "pearson_by_person", 1.0),
    ] {
        let value = found.number(&row(property, statistic), "value");
        assert!((value - expected).abs() < 1e-9, "{property} {statistic}: {value} {expected}");
    }
    for (property, statistic, reason) in [
        ("steps", "slope_per_decade", "property_not_positive"),
        ("steps", "saturation_limit", "property_not_positive"),
        ("same", "slope_per_decade", "too_few_points"),
        ("same", "pearson", "too_few_points"),
        ("left", "saturation_limit", "too_few_points"),
    ] {
        let key = row(property, statistic);
        assert_eq!(["value", "reason"].map(|column| found.cell(&key, column)), ["n/a", reason], "{property}");
    }
    assert_eq!(found.cell(&row("left", "slope_per_decade"), "n_points"), "2");
    assert_eq!(found.cell(&row("parameters", "slope_per_decade"), "differ"), "n/a");
    assert!(
        said.contains("score over parameters: +0.0200 [0.0200, 0.0200] per decade, 4 language models"),
        "{said}"
    );
    assert!(
        said.contains("score over steps: no line over decades, because 0 and what is below it"),
        "{said}"
    );
    assert!(study.read("side/scaling-1.svg").contains("parameters (logarithmic)"));
}

/// With other hours folds cannot be the same: that is stated, not refused. Other targets and other people are.
#[test]
fn studies_that_differ_are_held_against_properties_with_a_word_or_not_at_all() {
    let study = growing();
    let others = |name: &str, key: &str| {
        altered(&study, "s1", name, |results| {
            for person in results["side_by_side"]["people"].as_array_mut().unwrap() {
                person[key] = json!(format!("{}x", person["name"]));
            }
        });
    };
    others("folds", "folds");
    others("people", "name");
    altered(&study, "s1", "targets", |results| results["targets"][0]["name"] = json!("side"));
    altered(&study, "s1", "older", |results| results["side_by_side"] = Value::Null);
    for (other, differ, reason) in [
        ("folds", "folds", "n/a"),
        ("people", "n/a", "no_common_participants"),
        ("targets", "n/a", "targets_differ"),
        ("older", "n/a", "older_version"),
    ] {
        let table = format!("study\tlanguage_model\thours\n{other}\tmodel\t1\ns4\tmodel\t10\n");
        against(&study, &["s4", other], &table).succeeded();
        let found = Table::read(&study, "side/scaling.tsv");
        let key = row("hours", "slope_per_decade");
        assert_eq!(["differ", "reason"].map(|column| found.cell(&key, column)), [differ, reason], "{other}");
    }
}

#[test]
fn tables_of_properties_that_cannot_be_read_are_refused() {
    let study = growing();
    let refused = |table: &str, parts: &[&str]| {
        let error = against(&study, &["s1", "s2"], table).error();
        let all = parts.iter().chain(&["properties.tsv"]);
        all.for_each(|part| assert!(error.contains(part), "`{part}` is not in\n{error}"));
    };
    let columns = ["the columns study, language_model alone", "a column for each property", "add it"];
    refused("study\tlanguage_model\ns1\tmodel\n", &columns);
    refused("name\tlanguage_model\thours\ns1\tmodel\t1\n", &["found no column `study`"]);
    let unknown = ["`s9` `model`, which is not compared", "one of: s1 model; s2 model", "leave it out"];
    refused("study\tlanguage_model\thours\ns9\tmodel\t1\n", &unknown);
    refused("study\tlanguage_model\thours\ns1\tmodel\t1\ns1\tmodel\t2\n", &["`s1` `model` twice", "once"]);
    refused(
        "study\tlanguage_model\thours\ns1\tmodel\tmany\n",
        &["`many` in column `hours`", "correct the cell"],
    );
    refused("", &["properties.tsv"]);
}

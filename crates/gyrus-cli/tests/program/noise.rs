//! `denoise.compare`: scores with a source of noise left in are those of a study that never took it out.

use std::fmt::Write;

use super::numbers::Numbers;
use super::study::{PARTICIPANTS, Study, VOLUMES};

/// Six regressors of which the first is large in the responses of the region `front`, which answers to
/// some words; `middle` does too and does not move; `back` is noise.
fn moved() -> Study {
    let study = Study::new();
    study.set("high_pass = \"128 s\"\n", "high_pass = \"128 s\"\ncompare = true\nproject_features = false\n");
    let mut words = vec![0.0; VOLUMES + 4];
    for line in study.read("words.tsv").lines().skip(1) {
        let (onset, word) = line.split_once('\t').unwrap();
        let onset: f64 = onset.parse().unwrap();
        if let Some(heard) = words.get_mut((onset / 2.0) as usize + 2) {
            *heard += match word {
                "rabbit" | "hole" | "Alice" => 2.0,
                "ran" | "fell" => -2.0,
                _ => 0.0,
            };
        }
    }
    for (index, participant) in PARTICIPANTS.iter().enumerate() {
        let motion = study.read(&format!("motion/{participant}.txt"));
        let first = |line: &str| line.split(' ').next().unwrap().parse::<f64>().unwrap();
        let mut numbers = Numbers::new(900 + index as u64);
        let mut text = "front\tmiddle\tback\n".to_owned();
        for (volume, motion) in motion.lines().map(first).enumerate() {
            let heard = words[volume] + 0.5 * numbers.next();
            let still = words[volume] + 0.5 * numbers.next();
            writeln!(text, "{:.5}\t{still:.5}\t{:.5}", heard + 20.0 * motion, numbers.next()).unwrap();
        }
        study.write(&format!("responses/{participant}.tsv"), &text);
    }
    study
}

/// Rows of a table as cells.
fn rows(study: &Study, output: &str, table: &str) -> Vec<Vec<String>> {
    let text = study.read(&format!("{output}/tables/{table}"));
    text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

fn number(cell: &str) -> f64 {
    cell.parse().unwrap()
}

#[test]
fn what_is_left_in_is_what_a_study_without_it_scores() {
    let study = moved();
    study.analyze("out", &[]).succeeded();
    let compared = rows(&study, "out", "noise.tsv");
    let sources: Vec<&str> = compared.iter().step_by(4).map(|row| row[1].as_str()).collect();
    assert_eq!((compared.len(), sources), (12, vec!["drift", "confounds", "all sources"]));
    let confounds = "confounds = \"motion/{participant}.txt\"\n";
    study.set("compare = true\n", "");
    let without = |output: &str, lines: &[(&str, &str)]| {
        lines.iter().for_each(|(from, to)| study.set(from, to));
        study.analyze(output, &[]).succeeded();
        lines.iter().for_each(|(from, to)| study.set(to, from));
        rows(&study, output, "best_layer.tsv")
    };
    let (high_pass, no_high_pass) =
        ("high_pass = \"128 s\"\n", "high_pass = \"5000 s\"\ndrift_by = \"run\"\n");
    let none = "# no confounds\n";
    let whole = rows(&study, "out", "best_layer.tsv");
    for (source, left_in) in [
        ("drift", without("drift", &[(high_pass, no_high_pass)])),
        ("confounds", without("confounds", &[(confounds, none)])),
        ("all sources", without("all", &[(high_pass, no_high_pass), (confounds, none)])),
    ] {
        let rows = || compared.iter().filter(|row| row[1] == source);
        assert_eq!(rows().count(), 4);
        for row in rows() {
            let score = |of: &[Vec<String>]| number(&of.iter().find(|best| best[1] == row[2]).unwrap()[4]);
            let (cleaned, left_in) = (score(&whole), score(&left_in));
            assert!((number(&row[4]) - cleaned).abs() < 1e-12, "{row:?}: {cleaned}");
            assert!((number(&row[5]) - left_in).abs() < 1e-12, "{row:?}: {left_in}");
            assert!((number(&row[6]) - (cleaned - left_in)).abs() < 1e-12, "{row:?}");
        }
    }
}

#[test]
fn motion_is_worth_taking_out_where_the_region_moved_and_nowhere_else() {
    let study = moved();
    study.analyze("out", &[]).succeeded();
    let compared = rows(&study, "out", "noise.tsv");
    let of = |source: &str, region: &str| {
        let row = compared.iter().find(|row| row[1] == source && row[2] == region).unwrap();
        // Share of variance, difference, lower and upper end over participants.
        [3, 6, 7, 8].map(|column| number(&row[column]))
    };
    for source in ["confounds", "all sources"] {
        let [share, difference, low, _] = of(source, "front");
        assert!(share > 0.9 && difference > 0.3 && low > 0.2, "{source}: {share} {difference} {low}");
        for region in ["middle", "back"] {
            let [share, difference, _, _] = of(source, region);
            assert!(share < 0.1 && difference.abs() < 0.1, "{source}, {region}: {share} {difference}");
        }
    }
    let [share, difference, _, _] = of("drift", "front");
    assert!(share < 0.1 && difference.abs() < 0.1, "{share} {difference}");
    let page = study.read("out/report/index.html");
    assert!(page.contains("With and without each source of noise"));
}

#[test]
fn nothing_is_compared_unless_the_study_asks() {
    let study = Study::new();
    study.analyze("out", &[]).succeeded();
    assert!(rows(&study, "out", "noise.tsv").is_empty());
    assert!(!study.read("out/report/index.html").contains("With and without"));
}

//! How many people and hours: from numbers, from a study, and what is refused.

use gyrus::power::{GRID, NEEDED, VARIANCES};

use super::program::gyrus;
use super::study::Study;

fn rows(text: &str, header: &[&str]) -> Vec<Vec<String>> {
    let mut lines = text.lines().map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>());
    assert_eq!(lines.next().unwrap(), header);
    lines.collect()
}

const NUMBERS: [&str; 7] = ["power", "--sd-people", "0.06", "--sd-stimulus", "0.01", "--sd-residual", "0.02"];

/// √(.06² / 30 + .01² / 2 + .02² / 60) by hand, and a floor that more people do not cross.
#[test]
fn numbers_give_widths_power_and_a_floor() {
    let study = Study::new();
    let folder = study.path("plan");
    let out = folder.to_str().unwrap();
    let wanted =
        ["--effect", "0.05", "--width", "0.01", "--hours", "0.5,2", "--participants", "30", "-o", out];
    let said = gyrus(&[&NUMBERS[..], &wanted].concat()).succeeded().stdout;
    assert!(said.contains("no number of participants reaches the width; floor 0.0"), "{said}");
    let grid = rows(&study.read("plan/grid.tsv"), GRID);
    let width: f64 = grid[1][8].parse().unwrap();
    let error = (0.06_f64.powi(2) / 30.0 + 0.01_f64.powi(2) / 2.0 + 0.02_f64.powi(2) / 60.0).sqrt();
    // Between Student's quantiles of some fifty degrees of freedom and of endless ones.
    assert!(width / error > 2.0 * 1.96 && width / error < 2.0 * 2.03, "{width} {error}");
    assert_eq!(grid[1][9], "n/a", "numbers have no uncertainty");
    assert!(grid[1][11].parse::<f64>().unwrap() > 0.9);
    let needed = rows(&study.read("plan/needed.tsv"), NEEDED);
    assert_eq!(needed[0][4], "none");
    let floors = [&needed[0][7], &needed[1][7]].map(|cell| cell.parse::<f64>().unwrap());
    assert!(floors[0] > 2.0 * 1.96 * 0.01 / 0.5_f64.sqrt() && floors[1] < floors[0]);
    assert_eq!(rows(&study.read("plan/variances.tsv"), VARIANCES)[0][..2], ["people", "0.06"]);
    assert!(study.read("plan/power.svg").contains("participants</text>"));
}

#[test]
fn a_study_is_a_pilot() {
    let study = Study::new();
    study.set("layers = \"all\"", "layers = [0]");
    study.set("baseline = [\"word_rate\", \"layer_0\"]", "baseline = [\"word_rate\"]");
    study.analyze("out", &[]).succeeded();
    let out = study.path("out");
    let out = out.to_str().unwrap();
    let said =
        gyrus(&["power", out, "--effect", "0.05", "--hours", "0.5", "--participants", "4,40"]).succeeded();
    assert!(said.stdout.contains(": score of ") && said.stdout.contains("participants, "), "{}", said.stdout);
    let found = rows(&study.read("out/power/variances.tsv"), VARIANCES);
    for row in &found {
        let [sd, low, high] = [1, 2, 3].map(|column| row[column].parse::<f64>().unwrap());
        assert!(low <= sd && sd <= high && high > 0.0, "{row:?}");
    }
    let grid = rows(&study.read("out/power/grid.tsv"), GRID);
    let widths = [0, 1].map(|row: usize| grid[row][2].parse::<f64>().unwrap());
    assert!(widths[1] < widths[0]);
    let error = gyrus(&["power", out, "--region", "elsewhere"]).error();
    assert!(error.contains("found no sets of scores") && error.contains("mean over regions"), "{error}");
}

#[test]
fn what_cannot_be_planned_is_refused() {
    let refused = |more: &[&str]| gyrus(&[&NUMBERS[..], more].concat()).error();
    assert!(refused(&["--hours", "0.001"]).contains("--hours: found 0.001, expected at least a minute"));
    assert!(refused(&["--participants", "1"]).contains("--participants: found 1"));
    assert!(refused(&["--effect", "0"]).contains("--effect: found 0"));
    assert!(refused(&["--width=-1"]).contains("--width: found -1"));
    assert!(refused(&["--power", "1"]).contains("--power: found 1"));
    let study = Study::new();
    let error = gyrus(&["power", study.path("nowhere").to_str().unwrap()]).error();
    assert!(error.contains("nowhere/tables/results.json"), "{error}");
    let usage = gyrus(&["power", "--sd-people", "0.1"]);
    assert!(usage.code == Some(1) && usage.stderr.contains("<OUT>"), "{}", usage.stderr);
}

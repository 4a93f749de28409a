//! `[forecast]`: words that were planted ahead are found where they were planted, and nowhere else.

use std::fmt::Write;

use super::numbers::Numbers;
use super::program::Says;
use super::study::{PARTICIPANTS, Study, VOLUMES};

const FORECAST: &str =
    "[forecast]\ndistances = [8, -6, 2]\nwords = 3\nlayer = 0\nrandom_seeds = 2\n\n[statistics]\n";

/// The region `ahead` answers to the word eight words further on, `hears` to the word itself, `neither` is noise.
fn planted() -> Study {
    let study = Study::new();
    study.set("[statistics]\n", FORECAST);
    let text = study.read("words.tsv");
    let words: Vec<(f64, &str)> = text
        .lines()
        .skip(1)
        .map(|line| line.split_once('\t').unwrap())
        .map(|(onset, word)| (onset.parse().unwrap(), word))
        .collect();
    let answer = |distance: usize| {
        let mut volumes = vec![0.0; VOLUMES + 4];
        for (index, (onset, _)) in words.iter().enumerate() {
            let heard = volumes.get_mut((onset / 2.0) as usize + 2);
            if let (Some(volume), Some((_, word))) = (heard, words.get(index + distance)) {
                *volume += match *word {
                    "rabbit" | "hole" | "Alice" => 2.0,
                    "ran" | "fell" => -2.0,
                    _ => 0.0,
                };
            }
        }
        volumes
    };
    let (ahead, hears) = (answer(8), answer(0));
    for (index, participant) in PARTICIPANTS.iter().enumerate() {
        let mut numbers = Numbers::new(500 + index as u64);
        let mut text = "ahead\thears\tneither\n".to_owned();
        for volume in 0..VOLUMES {
            let mut noisy = |value: f64| value + 0.7 * numbers.next();
            let row = [noisy(ahead[volume]), noisy(hears[volume]), noisy(0.0)];
            writeln!(text, "{:.5}\t{:.5}\t{:.5}", row[0], row[1], row[2]).unwrap();
        }
        study.write(&format!("responses/{participant}.tsv"), &text);
    }
    study
}

fn number(cell: &str) -> f64 {
    cell.parse().unwrap()
}

#[test]
fn words_ahead_are_found_at_their_distance_and_a_brain_that_only_hears_has_none() {
    let study = planted();
    study.analyze("out", &[]).succeeded();
    let found = study.rows("forecast.tsv");
    let windows: Vec<&str> = found.iter().step_by(4).map(|row| row[1].as_str()).collect();
    assert_eq!((found.len(), windows), (20, vec!["-6", "2", "8", "random 0", "random 1"]));
    for row in &found {
        let [region, window] = [&row[2], &row[1]];
        let [alone, with, forecast, low] = [5, 6, 7, 8].map(|column| number(&row[column]));
        let is_planted = region == "ahead" && window == "8";
        assert!((with - alone - forecast).abs() < 1e-12, "{row:?}");
        assert!(
            if is_planted { forecast > 0.3 && low > 0.2 } else { region == "mean" || forecast < 0.1 },
            "{row:?}"
        );
        if !window.starts_with("random") && region != "mean" {
            let beyond = number(&row[12]);
            assert!(if is_planted { beyond > 0.3 } else { beyond < 0.1 }, "{row:?}");
        }
        // Of three people there are eight patterns of signs, and every one has its opposite.
        assert!(row[17] == "n/a" || number(&row[17]) >= 0.25, "{row:?}");
        assert_eq!(row[17] == "n/a", window.starts_with("random"), "{row:?}");
    }
    let layers = study.rows("layers.tsv");
    let alone = layers.iter().find(|row| row[1] == "0" && row[2] == "hears").unwrap();
    let hears = found.iter().find(|row| row[2] == "hears").unwrap();
    assert!(alone.contains(&hears[5]), "the score of the layer: {alone:?} {hears:?}");
    assert!(number(&hears[5]) > 0.3, "{hears:?}");
    let page = study.read("out/report/index.html");
    assert!(page.contains("Words to come") && page.contains("8 words ahead"));
}

#[test]
fn nothing_is_forecast_unless_the_study_asks_and_then_nothing_else_changes() {
    let study = planted();
    study.analyze("out", &[]).succeeded();
    let with = study.read("out/tables/layers.tsv");
    study.set(FORECAST, "[statistics]\n");
    study.analyze("out", &[]).succeeded();
    assert!(study.rows("forecast.tsv").is_empty());
    assert_eq!(study.read("out/tables/layers.tsv"), with);
    assert!(!study.read("out/report/index.html").contains("Words to come"));
}

#[test]
fn forecasts_that_cannot_be_are_refused() {
    let refused = |section: &str, [place, found, expected, remedy]: [&str; 4]| {
        let study = Study::new();
        study.set("[statistics]\n", &format!("[forecast]\n{section}\n\n[statistics]\n"));
        study.check().refused(&Says { file: "study.toml: ", place, found, expected, remedy });
    };
    let layer = "forecast.layer: ";
    refused(
        "layer = 3",
        [layer, "found layer 3", "expected a layer that is fitted in model: 0, 1, 2", "change it"],
    );
    let distances = "forecast.distances: ";
    refused("distances = []", [distances, "found none", "expected at least one distance", "change it"]);
    refused("distances = [4, 4]", [distances, "found 4 twice", "expected each distance once", "change it"]);
    refused(
        "distances = [4, 4000]",
        [distances, "found 4000", "expected distances of at most 1000", "change it"],
    );
    refused(
        "words = 0",
        ["forecast.words: ", "found 0", "expected 1 to 1000 words of a window", "change it"],
    );
}

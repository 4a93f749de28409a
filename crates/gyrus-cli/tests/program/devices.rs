//! Language models that read on another device: the same answer, kept apart, and refused where the build has none.

use super::program::Says;
use super::study::Study;

fn on(device: &str) -> Study {
    let study = Study::new();
    study.set("[execution]", &format!("[execution]\ndevice = \"{device}\""));
    study
}

/// The number in a column of a table, row by row.
fn column(text: &str, name: &str) -> Vec<f64> {
    let place = text.lines().next().unwrap().split('\t').position(|column| column == name).unwrap();
    let cells = text.lines().skip(1).map(|line| line.split('\t').nth(place).unwrap());
    cells.filter_map(|cell| cell.parse().ok()).collect()
}

#[test]
#[cfg(feature = "candle")]
fn another_device_gives_the_same_scores_and_keeps_its_activations_apart() {
    let (here, there) = (Study::new(), on("candle"));
    here.analyze("out", &[]).succeeded();
    there.analyze("out", &[]).succeeded();
    let read = |study: &Study| column(&study.read("out/tables/layers.tsv"), "score");
    let (expected, found) = (read(&here), read(&there));
    assert!(expected.len() > 2);
    for (expected, found) in expected.iter().zip(&found) {
        assert!((expected - found).abs() < 1e-3, "{expected} {found}");
    }
    let key = |study: &Study| {
        let text = study.read("out/provenance.json");
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let tasks = json["tasks"].as_array().unwrap().clone();
        let extract =
            tasks.into_iter().find(|task| task[0].as_str().unwrap().starts_with("extract")).unwrap();
        (extract[1].to_string(), json["device"].as_str().unwrap().to_owned())
    };
    assert_ne!(key(&here).0, key(&there).0);
    assert_eq!((key(&here).1.as_str(), key(&there).1.as_str()), ("cpu", "candle"));
    assert!(there.read("out/study.resolved.toml").contains("device = \"candle\""));
    assert!(!here.read("out/study.resolved.toml").contains("device"));
}

#[test]
fn a_device_that_was_not_built_or_does_not_exist_is_refused_before_any_work() {
    let absent = if cfg!(feature = "cuda") { "metal" } else { "cuda" };
    on(absent).check().refused(&Says {
        file: "/study.toml: ",
        place: "execution.device: ",
        found: &format!("found {absent}"),
        expected: "expected a build with the feature `",
        remedy: "leave the device out",
    });
    let unknown = on("gpu").check().error();
    assert!(unknown.contains("found device `gpu`, expected cpu, cuda"), "{unknown}");
}

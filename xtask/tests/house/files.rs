//! Files say what they are in their first line, stay short, and lie where their name says.

use super::{sources, tracked};

#[test]
fn every_file_opens_with_a_sentence() {
    for (path, text) in sources() {
        assert!(text.starts_with("//! "), "{path} does not open with a //! sentence");
    }
}

#[test]
fn files_stay_short() {
    let is_production = |path: &str| path.contains("/src/");
    let length = |(path, text): (String, String)| {
        let lines = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).count();
        (lines, path)
    };
    let mut lengths: Vec<(usize, String)> =
        sources().into_iter().filter(|(path, _)| is_production(path)).map(length).collect();
    lengths.sort();
    let at = |share: f64| &lengths[((lengths.len() - 1) as f64 * share) as usize];
    assert!(at(0.5).0 <= 120, "the median file has {} lines: {}", at(0.5).0, at(0.5).1);
    assert!(at(0.95).0 <= 400, "the 95th percentile is {} lines: {}", at(0.95).0, at(0.95).1);
    assert!(at(1.0).0 <= 600, "{} has {} lines", at(1.0).1, at(1.0).0);
}

#[test]
fn folders_are_at_most_four_deep_below_src() {
    for (path, _) in sources() {
        let Some((_, below)) = path.split_once("/src/") else { continue };
        assert!(below.matches('/').count() <= 4, "{path} lies too deep");
    }
}

#[test]
fn names_are_those_of_the_field() {
    for path in tracked() {
        for part in path.split('/') {
            let stem = part.split('.').next().unwrap_or(part);
            let is_drawer = ["utils", "util", "common", "helpers", "helper", "misc", "base"].contains(&stem);
            assert!(!is_drawer, "{path}: `{stem}` names no concept");
            let is_ordinal =
                stem.split('_').next().is_some_and(|first| first.len() < 3 && first.parse::<u8>().is_ok());
            assert!(!is_ordinal || !path.ends_with(".rs"), "{path}: order is written in plan, not in names");
        }
    }
}

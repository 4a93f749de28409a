//! Releases of fMRIPrep that are known to have written wrong images.

use std::path::Path;

use serde_json::Value;

use crate::{IoError, Read, Warning, source};

/// A range of releases, both ends included, and what was wrong with them. From fMRIPrep's `.versions.json` and release notes.
const PROBLEMS: [([u32; 3], [u32; 3], &str); 5] = [
    ([0, 0, 0], [20, 0, 5], "phase-difference fieldmaps were applied wrongly"),
    ([20, 0, 0], [20, 0, 2], "images in fsLR space were resampled wrongly"),
    (
        [20, 1, 0],
        [20, 2, 1],
        "images in standard space can be wrong, depending on orientation headers (#2307)",
    ),
    ([23, 2, 0], [23, 2, 0], "image headers give 1 s between volumes (#3216)"),
    ([25, 1, 0], [25, 1, u32::MAX], "the interpolation made artefacts in some data sets"),
];

/// The programs that made a derivative (`dataset_description.json`), with a warning for each problem known of their release.
///
/// # Errors
/// - the file is there but cannot be read, or is not JSON.
pub fn known_problems(derivative: &Path) -> Result<Read<Vec<String>>, IoError> {
    let path = derivative.join("dataset_description.json");
    if !path.exists() && !source::is_dangling(&path) {
        return Ok(Read { value: Vec::new(), warnings: Vec::new() });
    }
    let description = super::sidecar::read_json(&path)?;
    let text =
        |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let listed = description.get("GeneratedBy").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut makers: Vec<(String, String)> =
        listed.iter().map(|maker| (text(maker, "Name"), text(maker, "Version"))).collect();
    // Before BIDS 1.4 there was PipelineDescription.
    if let Some(older) = description.get("PipelineDescription") {
        makers.push((text(older, "Name"), text(older, "Version")));
    }
    let warnings = makers.iter().flat_map(|(name, version)| problems(name, version)).collect();
    let named = makers.into_iter().filter(|(name, _)| !name.is_empty());
    Ok(Read { value: named.map(|(name, version)| format!("{name} {version}")).collect(), warnings })
}

fn problems(name: &str, version: &str) -> Vec<Warning> {
    let Some(found) = parse(version).filter(|_| name.eq_ignore_ascii_case("fmriprep")) else {
        return Vec::new();
    };
    let known = PROBLEMS.iter().filter(|(first, last, _)| (*first..=*last).contains(&found));
    let warning = |problem: &'static str| Warning::KnownProblem {
        program: name.to_owned(),
        version: version.to_owned(),
        problem,
    };
    known.map(|(_, _, problem)| warning(problem)).collect()
}

/// The first three numbers of a version, such as `20.2.1` or `23.2.0a1`.
fn parse(version: &str) -> Option<[u32; 3]> {
    let mut numbers = [0; 3];
    for (number, part) in numbers.iter_mut().zip(version.trim_start_matches('v').split('.')) {
        let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        *number = part[..end].parse().ok()?;
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_looked_up() {
        assert_eq!(problems("fMRIPrep", "20.0.5").len(), 1);
        assert_eq!(problems("fMRIPrep", "20.0.1").len(), 2);
        assert_eq!(problems("fMRIPrep", "20.2.1").len(), 1);
        assert_eq!(problems("fMRIPrep", "20.2.6").len(), 0);
        assert_eq!(problems("fMRIPrep", "25.1.4").len(), 1);
        assert_eq!(problems("fMRIPrep", "unknown").len() + problems("XCP-D", "20.0.1").len(), 0);
    }

    #[test]
    fn descriptions_of_both_generations_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dataset_description.json");
        assert_eq!(known_problems(folder.path()).unwrap().value.len(), 0);
        std::fs::write(&path, r#"{"GeneratedBy": [{"Name": "fMRIPrep", "Version": "25.1.1"}]}"#).unwrap();
        let read = known_problems(folder.path()).unwrap();
        assert_eq!((read.value, read.warnings.len()), (vec!["fMRIPrep 25.1.1".to_owned()], 1));
        std::fs::write(&path, r#"{"PipelineDescription": {"Name": "fMRIPrep", "Version": "20.0.5"}}"#)
            .unwrap();
        assert_eq!(known_problems(folder.path()).unwrap().warnings.len(), 1);
        std::fs::write(&path, "{").unwrap();
        assert!(
            known_problems(folder.path())
                .unwrap_err()
                .to_string()
                .contains("dataset_description.json: line 1")
        );
    }
}

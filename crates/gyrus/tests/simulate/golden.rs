//! `fixtures/simulate/verify.py` read these cohorts with nibabel, pandas, nilearn and transformers, recomputed the confounds
//! and found the planted areas by a ridge regression of its own. Its findings hold for what is written now if it reads the same.

use std::fs;
use std::path::Path;

use gyrus::simulate::{Settings, Version};
use gyrus_io::nifti::{Volumes, read_mask, read_masked};
use serde_json::Value;

use super::{small, write};

/// A brightness near 10,000. Word vectors differ in the last bits between processors, and whole numbers then by one.
const TOLERANCE: f64 = 1.01;

fn golden(version: Version) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/simulate");
    serde_json::from_slice(&fs::read(path.join(format!("fmriprep-{version}.json"))).unwrap()).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// Compares one cohort with what the other programs saw.
fn check(version: Version) {
    let golden = golden(version);
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &Settings { version, ..small() }, 2).unwrap();
    let recordings = texts(&golden["recordings"]);
    assert_eq!(recordings.len(), 5);
    for (index, recording) in recordings.iter().enumerate() {
        let path = folder.path().join(recording);
        let volumes = Volumes::open(&path).unwrap();
        let header = volumes.header();
        let mask = path.to_str().unwrap().replace("desc-preproc_bold", "desc-brain_mask");
        let mask = read_mask(Path::new(&mask)).unwrap();
        assert_eq!(mask.voxels.len() as f64, numbers(&golden["mask_voxels"])[index]);
        let confounds = fs::read_to_string(confounds(&path, version)).unwrap();
        let rows = confounds.lines().count() - 1 - header.n_volumes;
        assert_eq!(rows as f64, numbers(&golden["extra_rows"])[index], "{recording}");
        let raw = recording.replace("derivatives/fmriprep/", "");
        let physio = folder.path().join(format!("{}_physio.tsv.gz", raw.split("_space-").next().unwrap()));
        assert_eq!(physio.exists(), golden["physio"][index].as_bool().unwrap(), "{}", physio.display());
    }
    check_first(&golden, &folder.path().join(&recordings[0]), version);
    check_findings(&golden);
}

fn confounds(bold: &Path, version: Version) -> String {
    let stem = bold.to_str().unwrap().split("_space-").next().unwrap().to_owned();
    let suffix = if version == Version::V20_0 { "regressors" } else { "timeseries" };
    format!("{stem}_desc-confounds_{suffix}.tsv")
}

/// Header, columns of confounds and single values of the first recording.
fn check_first(golden: &Value, bold: &Path, version: Version) {
    let volumes = Volumes::open(bold).unwrap();
    let header = volumes.header();
    let shape = header.grid.shape.into_iter().chain([header.n_volumes]).map(|axis| axis as f64);
    assert_eq!(shape.collect::<Vec<f64>>(), numbers(&golden["shape"]));
    assert_eq!(header.repetition_time(), golden["repetition_time"].as_f64());
    for (row, expected) in header.grid.affine.0.iter().zip(golden["affine"].as_array().unwrap()) {
        for (found, expected) in row.iter().zip(numbers(expected)) {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
    }
    let table = fs::read_to_string(confounds(bold, version)).unwrap();
    let columns: Vec<&str> = table.lines().next().unwrap().split('\t').collect();
    assert_eq!(columns, texts(&golden["columns"]));
    let probes: Vec<usize> = numbers(&golden["probes"]).into_iter().map(|probe| probe as usize).collect();
    let read = read_masked(bold, &probes).unwrap();
    for (column, expected) in golden["probe_values"].as_array().unwrap().iter().enumerate() {
        for (volume, expected) in numbers(expected).into_iter().enumerate() {
            let found = f64::from(read[(volume, column)]);
            assert!((found - expected).abs() < TOLERANCE, "{found} {expected}");
        }
    }
}

/// What is planted was found by another program, and nothing where nothing is.
fn check_findings(golden: &Value) {
    let number = |key: &str| golden[key].as_f64().unwrap();
    assert!(number("planted_score") > 0.15);
    assert!(number("least_planted_score") > number("largest_silent_score"));
    assert!(number("silent_score").abs() < 0.03);
    assert!(number("rank_correlation") > 0.7);
}

#[test]
fn other_programs_read_the_layout_of_20_0() {
    check(Version::V20_0);
}

#[test]
fn other_programs_read_the_layout_of_20_2() {
    check(Version::V20_2);
}

#[test]
fn other_programs_read_the_layout_of_25_2() {
    check(Version::V25_2);
}

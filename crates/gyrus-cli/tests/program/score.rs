//! `gyrus score`: matrices in, a table out; what is wrong with them is said.

use std::path::Path;

use ndarray::Array2;
use safetensors::tensor::{Dtype, TensorView};

use super::program::gyrus;

/// Numbers between −0.5 and 0.5 that look like nothing.
fn noise(rows: usize, columns: usize, seed: u64) -> Array2<f32> {
    let mut state = seed;
    Array2::from_shape_simple_fn((rows, columns), || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1_u64 << 24) as f32 - 0.5
    })
}

/// An array file as NumPy writes it.
fn write_npy(path: &Path, values: &Array2<f32>) {
    let shape = format!("({}, {})", values.nrows(), values.ncols());
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}");
    while !(10 + header.len() + 1).is_multiple_of(64) {
        header.push(' ');
    }
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.bytes());
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    std::fs::write(path, bytes).unwrap();
}

fn write_safetensors(path: &Path, values: &Array2<f32>) {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let view = TensorView::new(Dtype::F32, vec![values.nrows(), values.ncols()], &bytes).unwrap();
    safetensors::serialize_to_file([("layer_4", view)], None, path).unwrap();
}

/// 200 samples; target 0 follows the features, target 1 does not, target 2 is constant.
fn matrices(folder: &Path) -> (String, String) {
    let features = noise(200, 6, 1);
    let mut responses = noise(200, 3, 2);
    for row in 0..200 {
        responses[(row, 0)] = responses[(row, 0)] * 0.3 + features[(row, 2)];
        responses[(row, 2)] = 4.0;
    }
    write_safetensors(&folder.join("x.safetensors"), &features);
    write_npy(&folder.join("x.npy"), &features);
    write_npy(&folder.join("y.npy"), &responses);
    let name = |file: &str| folder.join(file).display().to_string();
    (name("x.npy"), name("y.npy"))
}

#[test]
fn what_is_planted_has_a_score_and_what_is_constant_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let (features, responses) = matrices(folder.path());
    let blocks = ["--blocks", "5", "--gap", "5", "--surrogates", "39", "--threads", "2"];
    let mut arguments = vec!["score", &features, "--responses", &responses];
    arguments.extend(blocks);
    let ran = gyrus(&arguments).succeeded();
    let rows: Vec<Vec<&str>> = ran.stdout.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows[0], ["target", "score", "r_squared", "p", "reason"]);
    let number = |row: usize, column: usize| rows[row][column].parse::<f64>().unwrap();
    assert!(number(1, 1) > 0.9 && number(1, 2) > 0.7, "{}", ran.stdout);
    assert_eq!(number(1, 3), 1.0 / 40.0);
    assert!(number(2, 1).abs() < 0.4 && number(2, 3) > 1.0 / 40.0, "{}", ran.stdout);
    assert_eq!(rows[3], ["2", "n/a", "n/a", "n/a", "constant"]);
    let tensors = folder.path().join("x.safetensors").display().to_string() + ":layer_4";
    let mut arguments = vec!["score", &tensors, "--responses", &responses];
    arguments.extend(blocks);
    assert_eq!(gyrus(&arguments).succeeded().stdout, ran.stdout, "the same features from another file");
}

#[test]
fn shuffled_folds_warn_and_unclear_folds_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (features, responses) = matrices(folder.path());
    let ran = gyrus(&["score", &features, "--responses", &responses, "--shuffled", "5"]).succeeded();
    assert!(ran.stderr.contains("warning: shuffled folds"), "{}", ran.stderr);
    let error = gyrus(&["score", &features, "--responses", &responses]).error();
    assert!(error.contains("found 0 runs and no --blocks, expected at least 3 runs"), "{error}");
    let error = gyrus(&["score", &features, "--responses", &responses, "--runs", "60,60,60"]).error();
    assert!(error.contains("found 200 samples, expected 180"), "{error}");
    let error = gyrus(&["score", "nowhere.npy", "--responses", &responses, "--runs", "60,60,80"]).error();
    assert!(error.contains("nowhere.npy"), "{error}");
}

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
    assert_eq!(rows[0], ["target", "score", "r_squared", "p", "normal_excess", "reason"]);
    let number = |row: usize, column: usize| rows[row][column].parse::<f64>().unwrap();
    assert!(number(1, 1) > 0.9 && number(1, 2) > 0.7, "{}", ran.stdout);
    assert_eq!(number(1, 3), 1.0 / 40.0);
    assert!(number(2, 1).abs() < 0.4 && number(2, 3) > 1.0 / 40.0, "{}", ran.stdout);
    // The sure one lies far beyond all surrogates; the other has the sign of the rank that p says.
    let rank = number(2, 3) * 40.0 - 0.5;
    assert!(number(1, 4) > 0.5, "{}", ran.stdout);
    assert!(number(2, 4) * (20.0 - rank) > 0.0 && number(2, 4).abs() < 0.4, "{}", ran.stdout);
    assert_eq!(rows[3], ["2", "n/a", "n/a", "n/a", "n/a", "constant"]);
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
    assert!(error.contains("runs: found 180 samples in all, expected 200"), "{error}");
    let wrapped = format!("{},1,1,199", usize::MAX);
    let error = gyrus(&["score", &features, "--responses", &responses, "--runs", &wrapped]).error();
    assert!(error.contains("runs: found more than can be counted samples in all"), "{error}");
    let short = folder.path().join("short.npy");
    write_npy(&short, &noise(199, 2, 9));
    let short = short.to_str().unwrap();
    let error = gyrus(&["score", &features, "--responses", short, "--blocks", "4", "--gap", "5"]).error();
    for part in [&features, "found 200 samples, expected 199, as ", short] {
        assert!(error.contains(part), "{part} is not in {error}");
    }
    let error = gyrus(&["score", "nowhere.npy", "--responses", &responses, "--runs", "60,60,80"]).error();
    assert!(error.contains("nowhere.npy"), "{error}");
}

/// Columns of band A: u, v, and of band B: v, w. Target 0 is u, target 1 is v, target 2 is w, target 3 nothing.
fn overlapping(folder: &Path) -> [String; 3] {
    let own = noise(300, 3, 5);
    let mut responses = noise(300, 4, 6);
    for row in 0..300 {
        for target in 0..3 {
            responses[(row, target)] = 0.5 * responses[(row, target)] + own[(row, target)];
        }
    }
    let name = |file: &str| folder.join(file).display().to_string();
    let write = |file: &str, values: &Array2<f32>| {
        write_npy(&folder.join(file), values);
        name(file)
    };
    let columns = |chosen: [usize; 2]| own.select(ndarray::Axis(1), &chosen);
    [write("a.npy", &columns([0, 1])), write("b.npy", &columns([1, 2])), write("y.npy", &responses)]
}

fn rows(text: &str) -> Vec<Vec<String>> {
    text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

#[test]
fn a_partition_says_what_a_band_has_alone_and_what_two_share() {
    let folder = tempfile::tempdir().unwrap();
    let [a, b, y] = overlapping(folder.path());
    let how = ["--responses", &y, "--blocks", "5", "--gap", "3", "--surrogates", "39", "--threads", "2"];
    let figure = folder.path().join("parts.svg").display().to_string();
    let with = |more: &[&str]| {
        let mut arguments = vec!["score", &a, &b];
        arguments.extend(how);
        arguments.extend(more);
        gyrus(&arguments).succeeded().stdout
    };
    let found = rows(&with(&["--partition", "--figure", &figure]));
    let all = rows(&with(&[]));
    assert_eq!(found.len(), 4 * 4);
    for (target, of_target) in found.chunks(4).enumerate() {
        assert!(of_target.iter().all(|row| row[0] == target.to_string()));
        let [only_a, only_b, shared, whole] = of_target else { unreachable!() };
        assert_eq!((&whole[1], &whole[2], &whole[3]), (&"all".to_owned(), &all[target][1], &all[target][2]));
        assert_eq!([&only_a[1], &only_b[1], &shared[1]], ["a", "b", "a & b"]);
        for column in [2, 3] {
            let [of_a, of_b, of_both, of_all] =
                [only_a, only_b, shared, whole].map(|row| row[column].parse::<f64>().unwrap());
            assert!((of_a + of_b + of_both - of_all).abs() < 1e-9, "{of_target:?}");
            // What a target is stands out by far; nothing is left of the others.
            let parts = [of_a, of_both, of_b];
            for (part, value) in parts.into_iter().enumerate() {
                assert_eq!(value > 0.3, part == target, "target {target}, part {part}: {parts:?}");
                assert!(part == target || value.abs() < 0.2, "target {target}, part {part}: {parts:?}");
            }
        }
        let least = (1.0_f64 / 40.0).to_string();
        assert_eq!((only_a[4] == least, only_b[4] == least), (target == 0, target == 2), "{of_target:?}");
        assert_eq!((shared[4].as_str(), whole[4].as_str()), ("n/a", "n/a"));
    }
    let svg = std::fs::read_to_string(figure).unwrap();
    assert!(svg.starts_with("<?xml") && svg.matches("<circle").count() == 4 * 4, "{svg}");
    assert!(svg.contains("all together"));
}

#[test]
fn a_partition_is_of_two_or_three_bands() {
    let folder = tempfile::tempdir().unwrap();
    let [a, b, y] = overlapping(folder.path());
    let run = |features: &[&str], more: &[&str]| {
        let mut arguments = vec!["score"];
        arguments.extend(features);
        arguments.extend(["--responses", &y, "--blocks", "5", "--gap", "3", "--partition"]);
        arguments.extend(more);
        gyrus(&arguments)
    };
    for features in [&[a.as_str()][..], &[&a, &b, &a, &b]] {
        let error = run(features, &[]).error();
        let expected = format!("found {} bands of features, expected two or three", features.len());
        assert!(error.contains(&expected), "{error}");
    }
    let three = rows(&run(&[&a, &b, &y], &["--mixtures", "2"]).succeeded().stdout);
    let names: Vec<&str> = three[..8].iter().map(|row| row[1].as_str()).collect();
    let expected = ["a", "b", "y", "a & b", "a & y", "b & y", "a & b & y", "all"];
    assert_eq!(names, expected);
    // Responses explain themselves, and nothing is left for the others.
    assert!(three[2][2].parse::<f64>().unwrap() > 0.05 && three[7][2].parse::<f64>().unwrap() > 0.99);
}

//! Dense files that nibabel wrote (fixtures/io/make_cifti.py), the same damaged, and those that gyrus writes.

use std::path::{Path, PathBuf};

use gyrus_io::cifti::{self, BrainModel, Columns, Dense, DenseFile, NewColumns, Point, Points};
use gyrus_io::gifti::Label;
use gyrus_io::nifti::{Affine, Grid, Orientation};
use gyrus_io::scan::{Layout, Scan};
use serde_json::{Value, json};

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/io/cifti").join(name)
}

fn golden() -> serde_json::Map<String, Value> {
    let text = std::fs::read_to_string(fixture("../cifti.json")).unwrap();
    let Value::Object(golden) = serde_json::from_str(&text).unwrap() else { panic!() };
    golden
}

fn describe(path: &Path) -> Value {
    let file = DenseFile::open(path).unwrap();
    let dense = file.dense.clone();
    let point = |(structure, point): (&str, Point)| match point {
        Point::Vertex(vertex) => json!([structure, [vertex]]),
        Point::Voxel(voxel) => json!([structure, voxel]),
    };
    let vertices = dense.models.iter().filter_map(|model| match &model.points {
        Points::Vertices { of, .. } => Some((model.structure.clone(), json!(of))),
        Points::Voxels(_) => None,
    });
    let mut said = json!({
        "points": dense.points().map(point).collect::<Vec<_>>(),
        "vertices": vertices.collect::<serde_json::Map<_, _>>(),
        "affine": dense.grid.unwrap().affine.0,
        "shape": dense.grid.unwrap().shape,
    });
    match &file.columns {
        Columns::Series { step } => {
            said["step"] = json!(step);
            said["columns"] = json!(file.n_columns());
        }
        Columns::Scalars(names) => said["names"] = json!(names),
        Columns::Labels(tables) => {
            said["names"] = json!(tables.iter().map(|(name, _)| name).collect::<Vec<_>>());
            let entry = |label: &Label| json!([label.key, label.name]);
            said["labels"] = tables[0].1.iter().map(entry).collect();
        }
    }
    let mut values = Vec::new();
    file.each_row(|_, row| {
        values.extend(row.iter().map(|value| if value.is_nan() { json!("nan") } else { json!(value) }));
    })
    .unwrap();
    said["values"] = Value::Array(values);
    said
}

#[test]
fn dense_files_are_read_as_nibabel_reads_them() {
    let golden = golden();
    assert_eq!(golden.len(), 11);
    for (name, expected) in &golden {
        assert_eq!(&describe(&fixture(name)), expected, "{name}");
    }
}

/// The rows of the fixtures.
fn dense() -> Dense {
    let model =
        |structure: &str, points| BrainModel { structure: format!("CIFTI_STRUCTURE_{structure}"), points };
    let vertices = |vertices: &[u32]| Points::Vertices { of: 10, vertices: vertices.to_vec() };
    let affine = Affine([[-2.0, 0.0, 0.0, 90.0], [0.0, 2.0, 0.0, -126.0], [0.0, 0.5, 2.0, -72.0]]);
    Dense {
        models: vec![
            model("CORTEX_LEFT", vertices(&[0, 2, 3, 7])),
            model("CORTEX_RIGHT", vertices(&[1, 5])),
            model("THALAMUS_LEFT", Points::Voxels(vec![[1, 2, 3], [0, 2, 3]])),
            model("BRAIN_STEM", Points::Voxels(vec![[5, 6, 7]])),
        ],
        grid: Some(Grid { shape: [9, 10, 11], affine, orientation: Orientation::Sform(4) }),
    }
}

#[test]
fn what_is_written_is_what_nibabel_has_read_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["layer 1".to_owned(), "r < p & \"q\"".to_owned()];
    let label = |key, name: &str| Label { key, name: name.to_owned(), colour: Some([0.5, 0.25, 1.0, 1.0]) };
    let labels = [label(0, "none"), label(7, "left é & <co>")];
    let number = |index: usize| if index == 5 { f64::NAN } else { f64::from(index as f32 / 3.0) };
    let write = |name: &str, columns: NewColumns<'_>, count: usize| {
        let path = folder.path().join(name);
        let value = |index: usize| if count == 9 { 7.0 * (index % 2) as f64 } else { number(index) };
        cifti::write(&path, &dense(), &columns, (0..count).map(value)).unwrap();
        assert!(std::fs::read(&path).unwrap() == std::fs::read(fixture(name)).unwrap(), "{name}");
        assert_eq!(describe(&path), golden()[name], "{name}");
        assert_eq!(DenseFile::open(&path).unwrap().dense, dense());
    };
    write("gyrus.dscalar.nii", NewColumns::Scalars(&names), 18);
    write("gyrus.dtseries.nii", NewColumns::Series(3, 1.49), 27);
    write("gyrus.dlabel.nii", NewColumns::Labels("areas", &labels), 9);
    let path = folder.path().join("a.dscalar.nii");
    let error = cifti::write(&path, &dense(), &NewColumns::Scalars(&names), [1.0]).unwrap_err().to_string();
    assert!(error.contains("1 values for a matrix of [2, 9]"), "{error}");
    assert!(!path.exists());
}

#[test]
fn rows_are_found_by_what_they_are_however_a_file_lists_them() {
    let first = DenseFile::open(&fixture("double.dtseries.nii")).unwrap().dense;
    for name in ["turned.dtseries.nii", "reversed.dtseries.nii"] {
        let other = DenseFile::open(&fixture(name)).unwrap().dense;
        let rows = first.find_all(&other, Path::new("b.nii")).unwrap();
        let points: Vec<(&str, Point)> = other.points().collect();
        let found: Vec<(&str, Point)> = rows.iter().map(|row| points[*row]).collect();
        assert_eq!(found, first.points().collect::<Vec<_>>(), "{name}");
        assert!(!rows.is_sorted());
    }
    // The same voxels on a grid that is stored the other way round.
    let mut flipped = dense();
    let grid = flipped.grid.as_mut().unwrap();
    grid.affine.0[0] = [2.0, 0.0, 0.0, 74.0];
    for model in &mut flipped.models {
        if let Points::Voxels(voxels) = &mut model.points {
            voxels.iter_mut().for_each(|voxel| voxel[0] = 8 - voxel[0]);
        }
    }
    assert_eq!(dense().rows_of(&flipped), (0..9).map(Some).collect::<Vec<_>>());
    let mut fewer = dense();
    fewer.models.remove(1);
    let error = dense().find_all(&fewer, Path::new("b.nii")).unwrap_err().to_string();
    assert!(
        error.contains(
            "b.nii: found no row for 2 vertices and voxels, the first of CIFTI_STRUCTURE_CORTEX_RIGHT"
        ),
        "{error}"
    );
}

#[test]
fn a_recording_has_the_values_of_the_rows_that_are_asked_for() {
    let scan = Scan::of(&fixture("single.dtseries.nii"));
    let about = scan.about().unwrap();
    assert_eq!((about.n_volumes, about.repetition_time, about.step), (3, Some(1.49), None));
    assert!(matches!(about.layout, Layout::Dense(found) if found == dense()));
    let mut found = Vec::new();
    scan.read((&(1..3), &[0, 5, 8]), |row, position, value| found.push((row, position, value as f32)))
        .unwrap();
    let value = |row: usize, point: usize| (row * 9 + point) as f32 / 7.0 - 1.0;
    let expected: Vec<(usize, usize, f32)> = [0, 5, 8]
        .into_iter()
        .enumerate()
        .flat_map(|(position, point)| [1, 2].map(|row| (row - 1, position, value(row, point))))
        .collect();
    assert_eq!(found.len(), 6);
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!((found.0, found.1), (expected.0, expected.1));
        assert!((found.2 - expected.2).abs() < 1e-6, "{found:?} {expected:?}");
    }
    assert_eq!(Scan::of(&fixture("whole.dtseries.nii")).about().unwrap().step, Some(1.0));
    assert_eq!(Scan::of(&fixture("hertz.dtseries.nii")).about().unwrap().repetition_time, None);
    let error = Scan::of(&fixture("maps.dscalar.nii")).about().unwrap_err().to_string();
    assert!(error.contains("found columns that are no volumes, expected a recording"), "{error}");
    let (rows, parcels) = cifti::read_labels(&fixture("parcels.dlabel.nii")).unwrap();
    assert_eq!((rows, parcels.parcels), (dense(), vec![4, 0, 4, 4, 0, 0, 4, 0, 4]));
    let error = cifti::read_labels(&fixture("maps.dscalar.nii")).unwrap_err().to_string();
    assert!(error.contains("found columns that are no labels"), "{error}");
}

/// Changes a fixture and says what is wrong with it then.
fn damaged(change: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut bytes = std::fs::read(fixture("double.dtseries.nii")).unwrap();
    change(&mut bytes);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.dtseries.nii");
    std::fs::write(&path, bytes).unwrap();
    let read = DenseFile::open(&path).and_then(|file| file.each_row(|_, _| {}));
    read.unwrap_err().to_string().replace(&folder.path().display().to_string(), "")
}

fn replaced(from: &str, to: &str) -> String {
    assert_eq!(from.len(), to.len());
    damaged(|bytes| {
        let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
        bytes[at..at + from.len()].copy_from_slice(to.as_bytes());
    })
}

#[test]
fn what_is_no_dense_file_is_refused_with_its_place() {
    let check = |error: String, message: &str| assert!(error.contains(message), "{error}");
    check(damaged(|bytes| bytes.truncate(100)), "/a.dtseries.nii: found 100 bytes, expected 544");
    check(damaged(|bytes| bytes.truncate(bytes.len() - 1)), "the file is cut short");
    check(damaged(|bytes| bytes[0] = 92), "found a file that starts with the bytes [5c, 02, 00, 00]");
    check(damaged(|bytes| bytes[24] = 2), "expected 6 axes of which the first four have one element");
    check(damaged(|bytes| bytes[56..64].copy_from_slice(&(1i64 << 60).to_le_bytes())), "found");
    check(damaged(|bytes| bytes[540] = 0), "byte 540: found no extension of code 32");
    check(damaged(|bytes| bytes[548] = 33), "found no extension of code 32");
    check(
        damaged(|bytes| bytes[168..176].copy_from_slice(&7i64.to_le_bytes())),
        "byte 168: found values that start at byte 7",
    );
    check(replaced("Version=\"2.0\"", "Version=\"1.0\""), "expected that of CIFTI-2");
    check(replaced("IndexCount=\"4\"", "IndexCount=\"5\""), "expected 5 rows from row 0, without a gap");
    check(
        replaced("SurfaceNumberOfVertices=\"10\"", "SurfaceNumberOfVertices=\" 7\""),
        "found vertex 7, expected vertices below 7",
    );
    check(replaced("0 2 3 7", "0 2 3 3"), "found a vertex or voxel in two rows, expected each once");
    check(replaced("0 2 3 7", "0 2 3 x"), "found the index `x`, expected a whole number");
    check(
        replaced("VolumeDimensions=\"9,10,11\"", "VolumeDimensions=\"5,10,11\""),
        "found the voxel [5, 6, 7]",
    );
    check(
        replaced("CIFTI_INDEX_TYPE_BRAIN_MODELS", "CIFTI_INDEX_TYPE_PARCELS     "),
        "expected rows that are brain models",
    );
    check(
        replaced("NumberOfSeriesPoints=\"3\"", "NumberOfSeriesPoints=\"4\""),
        "found 4 columns, expected 3, as the matrix has",
    );
    check(
        replaced("</CIFTI>", "        "),
        "found a file that ends before </CIFTI>, expected a whole CIFTI-2 file",
    );
}

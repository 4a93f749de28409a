//! Zarr folders that zarr-python wrote (fixtures/io/make_zarr.py), and the same damaged.

use std::fs;
use std::path::{Path, PathBuf};

use gyrus_io::{arrays, zarr};
use ndarray::{ArrayD, Axis, IxDyn, stack};

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/io/zarr").join(name)
}

/// The values that the script gives a layer.
fn layer(number: usize) -> ArrayD<f32> {
    ArrayD::from_shape_fn(IxDyn(&[7, 6]), |at| (100 * number + 10 * at[0]) as f32 + at[1] as f32 / 4.0)
}

/// A copy of a folder that may be damaged.
fn copy(name: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join(name);
    for (file, _) in zarr::files(&fixture(name)).unwrap() {
        let to = root.join(file.strip_prefix(fixture(name)).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(file, to).unwrap();
    }
    (folder, root)
}

#[test]
fn both_versions_every_codec_type_and_byte_order_give_the_same_numbers() {
    let folder = zarr::open(&fixture("layers.zarr")).unwrap();
    for number in [0, 1, 2, 3, 4, 6, 7] {
        assert_eq!(folder.read(&format!("layer_{number}")).unwrap(), layer(number), "{number}");
    }
    let half = layer(5).mapv(|value| half::f16::from_f32(value).to_f32());
    assert_eq!(folder.read("layer_5").unwrap(), half);
    assert_eq!(folder.read("deep/layer_10").unwrap(), ArrayD::<f32>::zeros(IxDyn(&[7, 6])));
    assert_eq!(folder.names().count(), 9);
    let old = zarr::open(&fixture("old.zarr")).unwrap();
    for number in [0, 1, 2] {
        assert_eq!(old.read(&format!("layer_{number}")).unwrap(), layer(number), "{number}");
    }
    let counts = zarr::open(&fixture("counts.zarr")).unwrap().read("").unwrap();
    assert_eq!(
        counts.into_iter().collect::<Vec<f32>>(),
        (0..42).map(|count| count as f32).collect::<Vec<_>>()
    );
}

#[test]
fn a_folder_that_is_an_array_needs_no_name() {
    let mut folder = arrays::open(&fixture("stack.zarr")).unwrap();
    assert_eq!((folder.names(), folder.unnamed()), (&[String::new()][..], Some("")));
    let layers = [layer(0), layer(1), layer(2)];
    let views: Vec<_> = layers.iter().map(|layer| layer.view()).collect();
    assert_eq!(folder.one(None).unwrap(), stack(Axis(0), &views).unwrap());
    let error = arrays::open(&fixture("old.zarr")).unwrap().one(None).unwrap_err().to_string();
    assert!(
        error.contains("old.zarr: found the arrays layer_0, layer_1, layer_2, expected the name of one"),
        "{error}"
    );
}

#[test]
fn what_cannot_be_read_is_named_with_a_way_out() {
    let says = |path: &Path, array: &str| {
        zarr::open(path).and_then(|folder| folder.read(array)).unwrap_err().to_string()
    };
    let error = says(&fixture("truth.zarr"), "");
    assert!(error.contains("truth.zarr: found values of type bool"), "{error}");
    assert!(error.contains("write it again with zarr-python"), "{error}");
    let error = says(&fixture("layers.zarr"), "layer_8");
    assert!(error.contains("found no array `layer_8`, expected one of: deep/layer_10, layer_0"), "{error}");
    assert!(says(&fixture("nothing.zarr"), "").contains("nothing.zarr: found no such file"), "missing");
    assert!(says(&fixture("../stored.npz"), "").contains("stored.npz: found a file, expected a folder"));
    let empty = tempfile::tempdir().unwrap();
    assert!(says(empty.path(), "").contains("expected a whole Zarr hierarchy"));
}

#[test]
fn damaged_folders_are_refused_before_memory_is_taken() {
    let damaged = |change: &dyn Fn(&Path), place: &str, found: &str| {
        let (_folder, root) = copy("layers.zarr");
        change(&root);
        let error = zarr::open(&root).and_then(|folder| folder.read("layer_1")).unwrap_err().to_string();
        assert!(error.contains("layers.zarr: found") && error.contains(place), "{error}");
        assert!(error.contains(found), "{error}");
    };
    let edit = |root: &Path, from: &str, to: &str| {
        let path = root.join("layer_1/zarr.json");
        let text = fs::read_to_string(&path).unwrap();
        let text = text.split_whitespace().collect::<String>();
        assert!(text.contains(from), "{text}");
        fs::write(path, text.replace(from, to)).unwrap();
    };
    let chunk = |root: &Path, bytes: &[u8]| fs::write(root.join("layer_1/c/0/0"), bytes).unwrap();
    damaged(&|root| chunk(root, &[1; 95]), "array `layer_1`", "");
    damaged(&|root| chunk(root, &[]), "array `layer_1`", "");
    damaged(&|root| fs::write(root.join("layer_1/zarr.json"), "{").unwrap(), "", "");
    let large = |root: &Path| edit(root, r#""shape":[7,6]"#, r#""shape":[7000000,6000000]"#);
    damaged(&large, "array `layer_1`", "a shape of [7000000, 6000000]");
    let wide = |root: &Path| edit(root, r#""chunk_shape":[3,4]"#, r#""chunk_shape":[3000000,4000000]"#);
    damaged(&wide, "array `layer_1`", "in chunks of [3000000");
    let codec = |root: &Path| edit(root, r#""name":"bytes""#, r#""name":"secret""#);
    damaged(&codec, "array `layer_1`", "secret");
}

//! HDF5 files that h5py wrote (fixtures/io/make_hdf5.py).

use std::path::{Path, PathBuf};

use gyrus_io::{arrays, hdf5, table};
use ndarray::{ArrayD, Axis, IxDyn, stack};

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/io/hdf5").join(name)
}

/// The values that the script gives a layer.
fn layer(number: usize) -> ArrayD<f32> {
    ArrayD::from_shape_fn(IxDyn(&[7, 6]), |at| (100 * number + 10 * at[0]) as f32 + at[1] as f32 / 4.0)
}

fn names(path: &Path) -> Vec<String> {
    hdf5::open(path).unwrap().names().map(str::to_owned).collect()
}

#[test]
fn every_layout_type_and_byte_order_gives_the_same_numbers() {
    let file = hdf5::open(&fixture("layers.h5")).unwrap();
    for number in [0, 1, 2, 3, 4, 10] {
        assert_eq!(file.read(&format!("layer_{number}")).unwrap(), layer(number), "{number}");
    }
    let half = layer(5).mapv(|value| half::f16::from_f32(value).to_f32());
    assert_eq!(file.read("layer_5").unwrap(), half);
    assert_eq!(file.names().count(), 7);
    let latest = hdf5::open(&fixture("latest.h5")).unwrap();
    for number in [0, 2] {
        assert_eq!(latest.read(&format!("layer_{number}")).unwrap(), layer(number), "{number}");
    }
    let counts = hdf5::open(&fixture("counts.h5")).unwrap().read("layer_1").unwrap();
    assert_eq!(
        counts.into_iter().collect::<Vec<f32>>(),
        (0..42).map(|count| count as f32).collect::<Vec<_>>()
    );
}

#[test]
fn arrays_of_three_axes_and_arrays_in_groups_are_found() {
    let all = hdf5::open(&fixture("stack.h5")).unwrap().read("hidden_states").unwrap();
    let layers = [layer(0), layer(1), layer(2)];
    let views: Vec<_> = layers.iter().map(|layer| layer.view()).collect();
    assert_eq!(all, stack(Axis(0), &views).unwrap());
    assert_eq!(names(&fixture("one.hdf5")), ["vectors"]);
    assert_eq!(names(&fixture("deep.h5")), ["model/layer_1"]);
    assert_eq!(hdf5::open(&fixture("deep.h5")).unwrap().read("model/layer_1").unwrap(), layer(1));
}

#[test]
fn matrices_of_matlab_have_their_axes_back_and_are_tables_like_those_of_h5py() {
    let mut file = arrays::open(&fixture("version73.mat")).unwrap();
    assert_eq!(file.names(), ["responses"]);
    assert_eq!(file.unnamed(), Some("responses"));
    assert_eq!(file.read("responses").unwrap(), layer(1));
    let options = table::MatrixOptions::responses();
    for name in ["version73.mat", "one.hdf5"] {
        let read = table::read_matrix(&fixture(name), &options).unwrap();
        assert_eq!(read.values.mapv(|value| value as f32).into_dyn(), layer(1), "{name}");
    }
    let error = table::read_matrix(&fixture("version5.mat"), &options).unwrap_err().to_string();
    let says = "version5.mat: found a MATLAB file of version 5 to 7, expected one of version 7.3; save it again with save(…, '-v7.3')";
    assert!(error.ends_with(says), "{error}");
    let several = table::read_matrix(&fixture("layers.h5"), &options).unwrap_err().to_string();
    assert!(several.contains("found the arrays layer_0, layer_1, "), "{several}");
}

#[test]
fn what_cannot_be_read_is_named_with_a_way_out() {
    let says = |name: &str, array: &str| {
        hdf5::open(&fixture(name)).and_then(|file| file.read(array)).unwrap_err().to_string()
    };
    let error = says("strings.h5", "layer_1");
    assert!(error.contains("strings.h5: found array `layer_1`: values of type string"), "{error}");
    // Two axes without a limit are indexed by a tree that hdf5-pure does not read.
    let error = says("unlimited.h5", "layer_1");
    assert!(error.contains("found array `layer_1`") && error.contains("without maxshape"), "{error}");
    let error = says("layers.h5", "layer_7");
    assert!(error.contains("found no array `layer_7`, expected one of: layer_0, layer_1"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.h5");
    std::fs::write(&path, "no such thing").unwrap();
    let error = hdf5::open(&path).unwrap_err().to_string();
    assert!(error.contains("a.h5: found") && error.contains("expected a whole HDF5 file"), "{error}");
    let whole = std::fs::read(fixture("layers.h5")).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let cut = hdf5::open(&path).and_then(|file| file.read("layer_10"));
    assert!(cut.unwrap_err().to_string().contains("copy the file again"));
}

/// The mark in the superblock of a file that is open for writing, or was when its program stopped.
#[test]
fn a_file_that_was_never_closed_is_refused_with_a_way_out() {
    let path = fixture("unclosed.h5");
    assert_eq!(
        hdf5::open(&path).unwrap_err().to_string(),
        format!(
            "{}: found a file that some program has open for writing, or did not close, expected a file that was closed; wait until that \
             program ends; if none runs, run `h5clear -s` on a copy of the file",
            path.display()
        )
    );
}

/// Other programs lock files that they read, and wait or fail where a file system cannot lock.
#[test]
fn a_file_that_another_program_has_locked_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.h5");
    std::fs::copy(fixture("layers.h5"), &path).unwrap();
    let holder = std::fs::OpenOptions::new().read(true).write(true).open(&path).unwrap();
    holder.lock().unwrap();
    let other = std::fs::File::open(&path).unwrap();
    assert!(other.try_lock_shared().is_err(), "the lock holds");
    assert_eq!(hdf5::open(&path).unwrap().read("layer_1").unwrap(), layer(1));
}

#[test]
fn a_shape_that_no_file_of_this_size_can_hold_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.h5");
    let mut bytes = std::fs::read(fixture("one.hdf5")).unwrap();
    // The extents of the data space of `vectors`, 7 and 6, as two numbers of eight bytes.
    let extents = [7_u64.to_le_bytes(), 6_u64.to_le_bytes()].concat();
    let at = bytes.windows(16).position(|window| window == extents).unwrap();
    bytes[at..at + 8].copy_from_slice(&(1_u64 << 60).to_le_bytes());
    std::fs::write(&path, &bytes).unwrap();
    let error = hdf5::open(&path).unwrap().read("vectors").unwrap_err().to_string();
    assert!(error.contains("array `vectors`: a shape of [1152921504606846976, 6] in"), "{error}");
}

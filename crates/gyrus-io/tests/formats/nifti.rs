//! Images written by nibabel (fixtures/io/make_nifti.py), and headers that no program should write.

use std::path::{Path, PathBuf};

use gyrus_io::Warning;
use gyrus_io::nifti::{
    Affine, DataType, Header, NewImage, Orientation, SpaceUnit, TimeUnit, Volumes, read_masked, write,
};
use serde_json::Value;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/io").join(name)
}

fn golden() -> serde_json::Map<String, Value> {
    let text = std::fs::read_to_string(fixture("nifti.json")).unwrap();
    let Value::Object(golden) = serde_json::from_str(&text).unwrap() else { panic!() };
    golden
}

fn read(path: &Path) -> (Header, Vec<Vec<f64>>) {
    let mut image = Volumes::open(path).unwrap();
    let mut volumes = Vec::new();
    let mut volume = Vec::new();
    while image.next_whole_volume(|value| volume.push(value)).unwrap() {
        volumes.push(std::mem::take(&mut volume));
    }
    (image.header().clone(), volumes)
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
}

fn check(name: &str, path: &Path, expected: &Value) {
    let (header, volumes) = read(path);
    let shape: Vec<f64> =
        header.grid.shape.iter().chain([&header.n_volumes]).map(|axis| *axis as f64).collect();
    let axes = expected["shape"].as_array().unwrap().len();
    assert_eq!(shape[..axes], numbers(&expected["shape"]), "{name}");
    for (row, expected) in header.grid.affine.0.iter().zip(expected["affine"].as_array().unwrap()) {
        let close =
            row.iter().zip(numbers(expected)).all(|(found, expected)| (found - expected).abs() < 1e-12);
        assert!(close, "{name}: {row:?} {expected}");
    }
    assert_eq!(header.zooms[..axes], numbers(&expected["zooms"]), "{name}");
    assert_eq!(header.grid.affine.axis_codes().as_deref(), expected["axis_codes"].as_str(), "{name}");
    let units = match (header.space_unit, header.time_unit) {
        (SpaceUnit::Unknown, TimeUnit::Unknown) => ["unknown", "unknown"],
        (SpaceUnit::Millimetre, TimeUnit::Unknown) => ["mm", "unknown"],
        (SpaceUnit::Metre, TimeUnit::Second) => ["meter", "sec"],
        (SpaceUnit::Millimetre, TimeUnit::Second) => ["mm", "sec"],
        (SpaceUnit::Millimetre, TimeUnit::Millisecond) => ["mm", "msec"],
        (SpaceUnit::Micrometre, TimeUnit::Microsecond) => ["micron", "usec"],
        (SpaceUnit::Millimetre, TimeUnit::NotTime) => ["mm", "hz"],
        other => panic!("{name}: {other:?}"),
    };
    assert_eq!(serde_json::json!(units), expected["units"], "{name}");
    assert_eq!(i64::from(header.intent), expected["intent"].as_i64().unwrap(), "{name}");
    let description = expected["description"].as_str().unwrap().split('\0').next().unwrap();
    assert_eq!(header.description, description, "{name}");
    if !expected["data"].is_null() {
        assert_eq!(volumes.concat(), numbers(&expected["data"]), "{name}");
    }
    let sums: Vec<f64> = volumes.iter().map(|volume| volume.iter().sum()).collect();
    for (found, expected) in sums.iter().zip(numbers(&expected["sum"])) {
        assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{name}: {found} {expected}");
    }
}

#[test]
fn every_type_order_scaling_and_unit_is_read_as_nibabel_reads_it() {
    let golden = golden();
    let ours = golden.iter().filter(|(name, _)| fixture("nifti").join(name).exists());
    let count = ours.map(|(name, expected)| check(name, &fixture("nifti").join(name), expected)).count();
    assert_eq!(count, 56);
}

/// The bytes of these two were shown to nibabel: its reading of them is among the goldens.
#[test]
fn what_is_written_is_what_nibabel_has_read() {
    let folder = tempfile::tempdir().unwrap();
    let affine = Affine([[-2.0, 0.25, 0.0, 90.0], [0.25, 2.5, 0.0, -126.0], [0.0, 0.0, 3.0, -72.0]]);
    let first = NewImage {
        shape: &[3, 2, 2, 2],
        affine,
        space_code: 4,
        datatype: DataType::F32,
        repetition_time: Some(1.5),
        intent: 0,
        description: "gyrus",
    };
    let second = NewImage {
        shape: &[32768, 1, 1],
        datatype: DataType::U8,
        repetition_time: None,
        intent: 1002,
        ..first.clone()
    };
    let check = |name: &str, image: &NewImage<'_>| {
        let path = folder.path().join(name);
        let count: usize = image.shape.iter().product();
        write(&path, image, (0..count).map(|index| (index % 24) as f64)).unwrap();
        assert!(
            std::fs::read(&path).unwrap() == std::fs::read(fixture("nifti").join(name)).unwrap(),
            "{name}"
        );
    };
    check("gyrus_first.nii", &first);
    check("gyrus_second.nii", &second);
}

#[test]
fn times_and_forms_are_said() {
    let header = |name: &str| Volumes::open(&fixture("nifti").join(name)).unwrap().header().clone();
    assert_eq!(header("n2_i2_be.nii").repetition_time(), Some(1.5));
    assert_eq!(header("units_mm_msec.nii").repetition_time(), Some(1.5));
    assert_eq!(header("units_mm_hz.nii").repetition_time(), None);
    let seconds = header("units_meter_sec.nii");
    assert_eq!(seconds.warnings(), [Warning::ImplausibleTime { seconds: 1500.0, stored: 1500.0 }]);
    assert_eq!(header("qform.nii").grid.orientation, Orientation::Qform(1));
    assert_eq!(header("no_form.nii").warnings()[0], Warning::UnknownOrientation);
    let both = header("both_forms.nii");
    assert_eq!(both.grid.orientation, Orientation::Sform(4));
    assert!(matches!(both.warnings()[0], Warning::Forms { voxels } if voxels > 10.0));
    for (name, slope) in
        [("slope_zero.nii", 0.0), ("slope_inf.nii", f64::INFINITY), ("slope_nan.nii", f64::NAN)]
    {
        let header = header(name);
        let said = header.notes()[0].to_string();
        assert!(
            header.scaling.is_none()
                && said.starts_with(&format!("the header has scl_slope {slope}, which means no scaling")),
            "{said}"
        );
    }
    assert_eq!((header("scaled.nii").notes(), header("n1_u8_be.nii").notes()), (Vec::new(), Vec::new()));
    assert_eq!(header("scaled.nii").scaling, Some((0.25, -3.5)));
    assert_eq!(header("n1_u8_be.nii").datatype, DataType::U64);
}

/// What is wrong with `scaled.nii` once some of its bytes are replaced.
fn error(edits: &[(usize, &[u8])]) -> String {
    let mut bytes = std::fs::read(fixture("nifti/scaled.nii")).unwrap();
    for (at, new) in edits {
        bytes[*at..at + new.len()].copy_from_slice(new);
    }
    error_of(&bytes, "a.nii")
}

fn error_of(bytes: &[u8], name: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let error = read_masked(&path, &[0, 11]).unwrap_err().to_string();
    error.strip_prefix(&format!("{}: ", path.display())).unwrap().to_owned()
}

#[test]
fn headers_that_claim_the_impossible_are_errors_with_the_place() {
    let check = |edits: &[(usize, &[u8])], message: &str| {
        let found = error(edits);
        assert!(found.starts_with(message), "{found}");
    };
    check(&[(40, &[8, 0])], "byte 40: found 8 axes, expected 1 to 7");
    check(&[(40, &[0, 0])], "byte 40: found 0 axes");
    check(&[(42, &[0xff, 0xff])], "byte 40: found -1 voxels along axis 1, expected at least 1");
    check(&[(42, &[0xff, 0x7f]), (44, &[0xff, 0x7f]), (46, &[0xff, 0x7f])], "found 400 bytes, expected");
    check(&[(40, &[5, 0]), (50, &[2, 0])], "byte 40: found an image of shape [3, 2, 2, 2, 2]");
    check(&[(70, &[128, 0])], "byte 70: found voxels of colours, expected one number in each voxel");
    check(&[(70, &[99, 0])], "byte 70: found voxels of an unknown type");
    check(
        &[(116, &f32::NAN.to_le_bytes())],
        "byte 116: found an intercept of NaN beside a slope of 0.25, expected a finite intercept; convert the image again, or copy or download it again",
    );
    check(&[(108, &(-8f32).to_le_bytes())], "byte 108: found voxels that start at byte -8");
    check(&[(108, &1e20f32.to_le_bytes())], "byte 108: found voxels that start at byte");
    check(&[(108, &4000f32.to_le_bytes())], "found 400 bytes, expected 4048; the file is cut short");
    check(
        &[(280, &f32::INFINITY.to_le_bytes())],
        "byte 252: found a position of the grid that is not finite",
    );
    check(&[(344, b"ni1")], "byte 344: found the header of a pair of files (.hdr and .img)");
    check(&[(344, b"\0\0\0")], "byte 344: found a header without the mark of NIfTI (an ANALYZE file?)");
    check(&[(68, &3002i16.to_le_bytes())], "byte 68: found a CIFTI file");
    check(&[(0, b"what")], "byte 0: found a file that starts with the bytes [77, 68, 61, 74]");
}

#[test]
fn files_cut_short_say_how_much_is_missing() {
    let plain = std::fs::read(fixture("nifti/scaled.nii")).unwrap();
    assert_eq!(
        error_of(&plain[..399], "a.nii"),
        "found 399 bytes, expected 400; the file is cut short: copy or download it again"
    );
    assert!(error_of(&plain[..3], "a.nii").starts_with("found 3 bytes, expected 4"));
    assert!(error_of(&plain[..100], "a.nii").starts_with("found 100 bytes, expected 348"));
    let packed = std::fs::read(fixture("nifti/volume.nii.gz")).unwrap();
    for end in 20..packed.len() {
        let found = error_of(&packed[..end], "a.nii.gz");
        let counts = found.starts_with("found ") && found.contains(" bytes, expected ");
        let is_cut = counts && found.ends_with("the file is cut short: copy or download it again");
        assert!(is_cut || found.contains("a gzip stream without its checksum"), "{end}: {found}");
    }
    let mut damaged = packed.clone();
    let checksum = packed.len() - 6;
    damaged[checksum] ^= 1;
    assert!(error_of(&damaged, "a.nii.gz").contains("cannot be inflated"));
}

#[test]
fn indices_outside_of_the_image_are_an_error() {
    for voxels in [[1, 0], [0, 12], [3, 3]] {
        let error = read_masked(&fixture("nifti/scaled.nii"), &voxels).unwrap_err().to_string();
        assert!(error.contains("expected ascending indices below 12"), "{error}");
    }
}

//! Files of surfaces that nibabel wrote (fixtures/io/make_surfaces.py), and the same damaged.

use std::path::{Path, PathBuf};

use gyrus_io::gifti::{self, Array, Encoding, Gifti, Label, intent};
use gyrus_io::nifti::DataType;
use gyrus_io::{freesurfer, surface};
use serde_json::{Value, json};

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/io/surfaces").join(name)
}

fn golden() -> serde_json::Map<String, Value> {
    let text = std::fs::read_to_string(fixture("../surfaces.json")).unwrap();
    let Value::Object(golden) = serde_json::from_str(&text).unwrap() else { panic!() };
    golden
}

/// Numbers as the golden has them: those that are not finite as their names.
fn numbers(values: impl IntoIterator<Item = f64>) -> Value {
    let name = |value: f64| if value.is_nan() { "nan".to_owned() } else { value.to_string() };
    values
        .into_iter()
        .map(|value| if value.is_finite() { json!(value) } else { json!(name(value)) })
        .collect()
}

/// All that the golden says of a GIFTI file.
fn describe(found: &Gifti) -> Value {
    let array = |array: &Array| {
        json!({
            "intent": array.intent,
            "shape": array.shape(),
            "metadata": array.metadata,
            "values": numbers(array.values()),
        })
    };
    let labels: Vec<Value> = found.labels.iter().map(|label| json!([label.key, label.name])).collect();
    let arrays: Vec<Value> = found.arrays.iter().map(array).collect();
    json!({ "metadata": found.metadata, "labels": labels, "arrays": arrays })
}

#[test]
fn every_encoding_order_and_type_of_gifti_is_read_as_nibabel_reads_it() {
    let golden = golden();
    let is_gifti = |name: &str| name.ends_with(".gii") || name.ends_with(".gii.gz");
    let files = golden.iter().filter(|(name, _)| is_gifti(name));
    let check = |(name, expected): (&String, &Value)| {
        assert_eq!(&describe(&gifti::read(&fixture(name)).unwrap()), expected, "{name}");
    };
    assert_eq!(files.map(check).count(), 64);
}

/// The three files that gyrus writes as a fixture, which nibabel has read.
fn written() -> [(&'static str, Gifti, Encoding); 3] {
    let volume = |start: f64| {
        let values = [start, -0.1, f64::NAN, 1e-30, 3.0];
        let mut array = Array::new(intent::TIME_SERIES, &[5], DataType::F32, &values).unwrap();
        array.metadata = vec![("Name".to_owned(), "r < p & \"q\"".to_owned())];
        array
    };
    let map = Gifti {
        metadata: vec![("AnatomicalStructurePrimary".to_owned(), "CortexRight".to_owned())],
        labels: Vec::new(),
        arrays: vec![volume(0.25), volume(7.0)],
    };
    let label = |key, name: &str| Label { key, name: name.to_owned(), colour: Some([0.5, 0.25, 1.0, 1.0]) };
    let keys = Array::new(intent::LABEL, &[3], DataType::I32, &[7.0, 0.0, -1.0]).unwrap();
    let parcels = Gifti {
        labels: vec![label(0, "none"), label(7, "left é & <co>")],
        arrays: vec![keys],
        ..Gifti::default()
    };
    let points = [0.0, 0.0, 0.0, 1.5, 0.0, 0.0, 0.0, 2.5, 0.125];
    let shape = Gifti {
        arrays: vec![
            Array::new(intent::POINT_SET, &[3, 3], DataType::F32, &points).unwrap(),
            Array::new(intent::TRIANGLE, &[1, 3], DataType::I32, &[0.0, 1.0, 2.0]).unwrap(),
        ],
        ..Gifti::default()
    };
    [
        ("gyrus_compressed.func.gii", map, Encoding::Compressed),
        ("gyrus_ascii.label.gii", parcels, Encoding::Ascii),
        ("gyrus_base64.surf.gii", shape, Encoding::Base64),
    ]
}

#[test]
fn what_is_written_is_what_nibabel_has_read_of_it() {
    let folder = tempfile::tempdir().unwrap();
    for (name, content, encoding) in written() {
        let path = folder.path().join(name);
        gifti::write(&path, &content, encoding).unwrap();
        assert!(std::fs::read(&path).unwrap() == std::fs::read(fixture(name)).unwrap(), "{name}");
        assert_eq!(describe(&content), golden()[name], "{name}");
    }
}

#[test]
fn what_is_written_comes_back_in_every_encoding() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gii");
    for entry in std::fs::read_dir(fixture("")).unwrap() {
        let from = entry.unwrap().path();
        let Ok(original) = gifti::read(&from) else { continue };
        for encoding in [Encoding::Ascii, Encoding::Base64, Encoding::Compressed] {
            gifti::write(&path, &original, encoding).unwrap();
            let copy = gifti::read(&path).unwrap();
            assert_eq!(describe(&copy), describe(&original), "{} {encoding:?}", from.display());
            assert_eq!(copy.labels, original.labels);
            assert_eq!(copy.arrays[0].datatype(), original.arrays[0].datatype());
        }
    }
    let packed = folder.path().join("a.gii.gz");
    let [(_, content, encoding), ..] = written();
    gifti::write(&packed, &content, encoding).unwrap();
    assert!(std::fs::read(&packed).unwrap().starts_with(&[0x1f, 0x8b]));
    assert_eq!(describe(&gifti::read(&packed).unwrap()), describe(&content));
    let named = Gifti { metadata: vec![("a".to_owned(), "\0".to_owned())], ..Gifti::default() };
    let error = gifti::write(&packed, &named, Encoding::Ascii).unwrap_err().to_string();
    assert!(error.contains("the character '\\0' cannot stand in XML"), "{error}");
}

#[test]
fn a_recording_has_one_row_per_volume_however_it_is_stored() {
    let series = gifti::read_series(&fixture("series.func.gii")).unwrap();
    assert_eq!(series.values.dim(), (3, 5));
    assert_eq!(series.time_step, Some(1.49));
    assert_eq!(series.structure.as_deref(), Some("CortexLeft"));
    let packed = gifti::read_series(&fixture("packed.func.gii.gz")).unwrap();
    let matrix = gifti::read_series(&fixture("matrix.func.gii")).unwrap();
    for (index, value) in series.values.indexed_iter() {
        let expected = if index.1 == 2 { f32::NAN } else { (5 * index.0 + index.1) as f32 / 3.0 };
        for found in [*value, packed.values[index], matrix.values[index]] {
            assert!(found == expected || found.is_nan() && expected.is_nan(), "{index:?} {found} {expected}");
        }
    }
    assert_eq!(matrix.time_step, None);
    let error = gifti::read_series(&fixture("tetrahedron.surf.gii")).unwrap_err().to_string();
    assert!(error.contains("found an array of NIFTI_INTENT_POINTSET, expected values per vertex"), "{error}");
}

#[test]
fn files_of_freesurfer_are_read_as_nibabel_reads_them() {
    let golden = golden();
    for name in ["first.annot", "second.annot"] {
        let found = freesurfer::read_annotation(&fixture(name)).unwrap();
        let names: Vec<&String> = found.names.values().collect();
        assert_eq!(json!({ "parcels": found.parcels, "names": names }), golden[name], "{name}");
        assert!(found.names.keys().copied().eq(0..3), "{name}");
    }
    let thickness = freesurfer::read_curvature(&fixture("lh.thickness")).unwrap();
    assert_eq!(numbers(thickness.into_iter().map(f64::from)), golden["lh.thickness"]);
    let mesh = freesurfer::read_mesh(&fixture("lh.white")).unwrap();
    let expected = json!({ "coordinates": mesh.coordinates, "triangles": mesh.triangles });
    assert_eq!(expected, golden["lh.white"]);
    assert_eq!(mesh, gifti::read_mesh(&fixture("tetrahedron.surf.gii")).unwrap());
    for name in ["series_u1.mgh", "series_i2.mgz", "series_i4.mgh", "series_f4.mgh"] {
        let found = freesurfer::read_mgh(&fixture(name)).unwrap();
        let values = numbers(found.values.iter().map(|value| f64::from(*value)));
        let found = json!({ "shape": found.shape, "values": values, "tr": found.repetition_time.unwrap() });
        assert_eq!(found, golden[name], "{name}");
    }
}

#[test]
fn a_file_of_a_surface_is_known_by_its_content() {
    let mesh = surface::read_mesh(&fixture("lh.white")).unwrap();
    assert_eq!((mesh.coordinates.len(), mesh.triangles[3]), (4, [1, 2, 3]));
    assert_eq!(surface::read_mesh(&fixture("tetrahedron.surf.gii")).unwrap(), mesh);
    let parcels = surface::read_parcellation(&fixture("second.annot")).unwrap();
    assert_eq!((parcels.parcels[5], parcels.names[&1].as_str()), (1, "bankssts"));
    let parcels = surface::read_parcellation(&fixture("parcels.label.gii")).unwrap();
    assert_eq!(parcels.parcels, [3, 0, 12, 12, 3]);
    assert_eq!(parcels.names[&3], "left STS & co");
    let shape = |name: &str| surface::read_values(&fixture(name)).unwrap().dim();
    assert_eq!(shape("series.func.gii"), (3, 5));
    assert_eq!(shape("packed.func.gii.gz"), (3, 5));
    assert_eq!(shape("lh.thickness"), (1, 6));
    assert_eq!(shape("series_i2.mgz"), (4, 6));
    let values = surface::read_values(&fixture("series_f4.mgh")).unwrap();
    assert_eq!(values.row(1).to_vec(), [3.0, 3.5, 4.0, 4.5, 5.0, 5.5]);
}

/// What is wrong with a file of these bytes.
fn error<T: std::fmt::Debug>(
    name: &str,
    bytes: &[u8],
    read: impl Fn(&Path) -> Result<T, gyrus_io::IoError>,
) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    std::fs::write(folder.path().join("short.dat"), [0; 20]).unwrap();
    let error = read(&path).unwrap_err().to_string();
    error.strip_prefix(&format!("{}: ", path.display())).unwrap().to_owned()
}

/// A GIFTI file of one array, 4 × 2 numbers of 8 bits in text, with something replaced.
fn edited(from: &str, to: &str) -> String {
    let text = "<?xml version=\"1.0\"?>\n<!DOCTYPE GIFTI SYSTEM \"gifti.dtd\">\n<GIFTI Version=\"1.0\" NumberOfDataArrays=\"1\">\n\
        <DataArray Intent=\"NIFTI_INTENT_LABEL\" DataType=\"NIFTI_TYPE_UINT8\" ArrayIndexingOrder=\"RowMajorOrder\" \
        Dimensionality=\"2\" Dim0=\"4\" Dim1=\"2\" Encoding=\"ASCII\" Endian=\"LittleEndian\" ExternalFileName=\"\">\n\
        <Data>1 2 3 4 5 6 7 8</Data>\n</DataArray>\n</GIFTI>\n";
    assert!(gifti::parse(Path::new("a.gii"), text).is_ok() && text.contains(from), "{from}");
    text.replace(from, to)
}

#[test]
fn gifti_files_that_claim_what_they_do_not_hold_are_errors_with_the_line() {
    let check = |from: &str, to: &str, message: &str| {
        let found = error("a.gii", edited(from, to).as_bytes(), gifti::read);
        assert!(found.starts_with(message), "{found}");
    };
    check("8</Data>", "</Data>", "line 4: found an array of 7 numbers, expected 8 numbers");
    check("8</Data>", "256</Data>", "line 4: found the value `256`, expected numbers of the type U8");
    check("8</Data>", "x</Data>", "line 4: found the value `x`, expected numbers");
    check("\"4\"", "\"99999999999\"", "line 4: found an array of 8 numbers, expected 199999999998");
    check("\"4\"", "\"18446744073709551615\"", "line 4: found an array of shape [18446744073709551615, 2]");
    check("\"4\"", "\"-4\"", "line 4: found Dim0=\"-4\", expected a whole number that fits");
    check("\"4\"", "\"0\"", "line 4: found an array of shape [0, 2], expected at least 1");
    check("Dimensionality=\"2\"", "Dimensionality=\"7\"", "line 4: found 7 axes, expected 1 to 6");
    check(" Dim1=\"2\"", "", "line 4: found a DataArray without Dim1");
    check(
        "UINT8",
        "COMPLEX64",
        "line 4: found DataType=\"NIFTI_TYPE_COMPLEX64\", expected one of NIFTI_TYPE_FLOAT32",
    );
    check("ASCII", "Base32", "line 4: found Encoding=\"Base32\", expected one of ASCII, Base64Binary");
    check("RowMajorOrder", "Rows", "line 4: found ArrayIndexingOrder=\"Rows\"");
    check("Arrays=\"1\"", "Arrays=\"3\"", "line 3: found 1 arrays, expected the 3 that");
    check("<Data>1 2 3 4 5 6 7 8</Data>", "", "line 4: found an array without <Data>");
    check("ASCII", "Base64Binary", "line 4: found an array of 6 bytes, expected 8 bytes (8 numbers)");
    check("ASCII", "GZipBase64Binary", "line 4: found an array that cannot be inflated");
    check(
        "</GIFTI>",
        "",
        "found a file that ends before </GIFTI>, expected a whole GIFTI file; copy or download the file again",
    );
    check(
        "GIFTI SYSTEM \"gifti.dtd\"",
        "GIFTI [<!ENTITY a \"b\">]",
        "line 2: found a definition of an entity",
    );
    check("</Data>", "</Date>", "line 5: found text that is no XML (");
    let other = error("a.gii", b"<svg/>", gifti::read);
    assert!(other.starts_with("line 1: found an XML file of <svg>, expected a GIFTI file"), "{other}");
    let two = error("a.gii", edited("x", "x").as_bytes(), gifti::read_parcellation);
    assert!(two.starts_with("found labels of shape [4, 2], expected one label per vertex"), "{two}");
}

#[test]
fn external_files_lie_beside_the_file_and_are_long_enough() {
    let check = |file: &str, message: &str| {
        let text = edited("ASCII", "ExternalFileBinary").replace("ExternalFileName=\"\"", file);
        let found = error("a.gii", text.as_bytes(), gifti::read);
        assert!(found.starts_with(message), "{found}");
    };
    let beside = "expected the name of a file in the same folder";
    check(
        "ExternalFileName=\"/etc/hostname\"",
        &format!("line 4: found ExternalFileName=\"/etc/hostname\", {beside}"),
    );
    check("ExternalFileName=\"..\"", "line 4: found ExternalFileName=\"..\"");
    check("ExternalFileName=\"\"", "line 4: found ExternalFileName=\"\"");
    check("ExternalFileName=\"no.dat\"", "line 4: found an external file (");
    let offset = "ExternalFileName=\"short.dat\" ExternalFileOffset=";
    check(&format!("{offset}\"13\""), "line 4: found 20 bytes in short.dat, expected at least 21");
    check(
        &format!("{offset}\"18446744073709551615\""),
        "line 4: found 20 bytes in short.dat, expected at least 184",
    );
    let whole =
        edited("ASCII", "ExternalFileBinary").replace("ExternalFileName=\"\"", &format!("{offset}\"12\""));
    let start = whole.find("<DataArray").unwrap();
    let end = whole.find("</GIFTI>").unwrap();
    let thrice = whole.replace("Arrays=\"1\"", "Arrays=\"3\"");
    let thrice = format!("{}{}{}", &thrice[..end], whole[start..end].repeat(2), "</GIFTI>");
    let found = error("a.gii", thrice.as_bytes(), gifti::read);
    assert!(found.contains("found 20 bytes in short.dat, expected at least 24"), "{found}");
}

#[test]
fn arrays_that_inflate_beyond_all_measure_are_refused_before_memory_is_taken() {
    let array = Array::new(intent::SHAPE, &[8], DataType::U8, &[0.0; 8]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gii");
    gifti::write(&path, &Gifti { arrays: vec![array], ..Gifti::default() }, Encoding::Compressed).unwrap();
    let text = std::fs::read_to_string(&path).unwrap().replace("Dim0=\"8\"", "Dim0=\"99999999999\"");
    let found = error("a.gii", text.as_bytes(), gifti::read);
    assert!(
        found.contains("found an array that inflates to 99999999999 bytes, expected no more than 200"),
        "{found}"
    );
    let deep = format!("{}{}", "<GIFTI>".repeat(100_000), "</GIFTI>".repeat(100_000));
    assert!(gifti::parse(Path::new("a.gii"), &deep).unwrap().arrays.is_empty());
}

#[test]
fn files_of_freesurfer_cut_short_or_wrong_say_where() {
    let bytes = |name: &str| std::fs::read(fixture(name)).unwrap();
    let with = |name: &str, at: usize, new: &[u8]| {
        let mut bytes = bytes(name);
        bytes[at..at + new.len()].copy_from_slice(new);
        bytes
    };
    let check = |found: String, message: &str| assert!(found.starts_with(message), "{found}");
    let annotation = |bytes: &[u8]| error("a.annot", bytes, freesurfer::read_annotation);
    let whole = bytes("second.annot");
    for end in 1..whole.len() {
        let found = annotation(&whole[..end]);
        assert!(
            found.contains("the file is cut short") || found.contains("no colour table"),
            "{end}: {found}"
        );
    }
    check(annotation(&with("second.annot", 0, &[0x7f; 4])), "found 178 bytes, expected 17112497148");
    check(annotation(&with("second.annot", 0, &[0xff; 4])), "byte 0: found -1 vertices, expected 0 or more");
    check(annotation(&with("second.annot", 15, &[7])), "byte 12: found vertex 7, expected vertex 1");
    check(
        annotation(&with("second.annot", 52, &[0; 4])),
        "byte 52: found no colour table, expected the names of parcels",
    );
    check(
        annotation(&with("second.annot", 56, &(-3i32).to_be_bytes())),
        "byte 56: found a colour table of version -3",
    );
    check(annotation(&with("second.annot", 75, &[0xff; 4])), "byte 75: found -1 entries of the colour table");
    check(annotation(&with("second.annot", 111, &[0; 4])), "byte 111: found entry 0 of the colour table");
    let mesh = |bytes: &[u8]| error("lh.white", bytes, freesurfer::read_mesh);
    let end = bytes("lh.white").len();
    check(
        mesh(&with("lh.white", end - 1, &[4])),
        "found the vertices [1, 2, 4] of triangle 3, expected vertices below 4",
    );
    check(
        mesh(&with("lh.white", 2, &[0xff])),
        "byte 0: found a file that starts with the bytes [ff, ff, ff]",
    );
    check(mesh(&bytes("lh.white")[..end - 1]), "found 125 bytes, expected 126; the file is cut short");
    let thickness = |bytes: &[u8]| error("lh.thickness", bytes, freesurfer::read_curvature);
    check(thickness(&with("lh.thickness", 14, &[2])), "byte 11: found 2 values per vertex, expected one");
    check(
        thickness(&with("lh.thickness", 0, &[0])),
        "byte 0: found a file that starts with the bytes [0, ff, ff]",
    );
    let mgh = |bytes: &[u8]| error("a.mgh", bytes, freesurfer::read_mgh);
    check(mgh(&with("series_f4.mgh", 23, &[9])), "byte 20: found values of type 9, expected 0, 1, 3 or 4");
    check(mgh(&with("series_f4.mgh", 4, &[0x7f; 16])), "found 400 bytes, expected");
    check(
        mgh(&with("series_f4.mgh", 4, &[0; 4])),
        "byte 4: found 0 elements along axis 1, expected at least 1",
    );
    check(mgh(&with("series_f4.mgh", 3, &[2])), "byte 0: found version 2, expected an MGH image (version 1)");
    let volume = with("series_f4.mgh", 7, &[3, 0, 0, 0, 2]);
    check(
        error("a.mgh", &volume, surface::read_values),
        "byte 4: found a volume of 3 × 2 × 1 voxels, expected vertices along one axis",
    );
}

//! Files written by NumPy, pandas, PyArrow, tgt and safetensors (fixtures/io/make_goldens.py).

use std::path::PathBuf;

use gyrus_io::parquet::{Column, read_parquet};
use gyrus_io::table::{MatrixOptions, read_matrix};
use gyrus_io::words::{self, WordColumns};
use gyrus_io::{npy, npz, safetensors, textgrid};
use ndarray::{ArrayD, IxDyn, array};

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/io").join(name)
}

fn values() -> ArrayD<f64> {
    ArrayD::from_shape_fn(IxDyn(&[2, 3, 4]), |at| (at[0] * 12 + at[1] * 4 + at[2]) as f64 * 0.25 - 2.0)
}

#[test]
fn arrays_of_every_type_that_numpy_writes() {
    let check = |name: &str, convert: fn(f64) -> f64| {
        let found = npy::read::<f64>(&fixture(&format!("npy_{name}.npy"))).unwrap();
        assert_eq!(found, values().mapv(convert), "{name}");
    };
    for name in ["le_f8", "le_f4", "be_f4", "le_f2"] {
        check(name, |value| value);
    }
    for name in ["i1", "le_i2", "be_i4", "le_i8"] {
        check(name, f64::trunc);
    }
    for name in ["u1", "le_u4", "be_u8"] {
        check(name, |value| value.abs().trunc());
    }
    check("b1", |value| f64::from(u8::from(value != 0.0)));
    let first = values().index_axis(ndarray::Axis(0), 0).to_owned();
    assert_eq!(npy::read::<f64>(&fixture("npy_fortran.npy")).unwrap(), first);
    assert_eq!(npy::read::<f64>(&fixture("npy_version3.npy")).unwrap(), first);
    assert_eq!(npy::read::<f32>(&fixture("npy_scalar.npy")).unwrap(), ArrayD::from_elem(IxDyn(&[]), 1.5));
    assert_eq!(npy::read::<f32>(&fixture("npy_empty.npy")).unwrap().shape(), [0, 3]);
}

#[test]
fn our_arrays_are_numpy_s_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npy");
    for name in ["npy_le_f8.npy", "npy_scalar.npy", "npy_empty.npy"] {
        npy::write(&path, &npy::read::<f64>(&fixture(name)).unwrap().view()).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), std::fs::read(fixture(name)).unwrap(), "{name}");
    }
    npy::write(&path, &npy::read::<f32>(&fixture("npy_le_f4.npy")).unwrap().view()).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), std::fs::read(fixture("npy_le_f4.npy")).unwrap());
}

#[test]
fn archives_of_arrays() {
    let first = values().index_axis(ndarray::Axis(0), 0).to_owned();
    assert_eq!(npz::names(&fixture("stored.npz")).unwrap(), ["scores", "rate"]);
    assert_eq!(npz::read::<f64>(&fixture("stored.npz"), Some("scores")).unwrap(), first);
    assert_eq!(npz::read::<f64>(&fixture("deflated.npz"), None).unwrap(), first);
    let error = npz::read::<f64>(&fixture("stored.npz"), None).unwrap_err().to_string();
    assert!(error.contains("found no array `(none was named)`, expected one of: scores, rate"), "{error}");
    let matrix = read_matrix(&fixture("deflated.npz"), &MatrixOptions::responses()).unwrap();
    assert_eq!(matrix.values.dim(), (3, 4));
    assert!(read_matrix(&fixture("npy_le_f8.npy"), &MatrixOptions::responses()).is_err());
}

#[test]
fn tables_of_pandas_and_numpy() {
    let matrix = read_matrix(&fixture("pandas_numbers.csv"), &MatrixOptions::numbers()).unwrap();
    assert_eq!(matrix.names.unwrap(), ["0", "1"]);
    assert_eq!(matrix.values, array![[0.0, 0.1], [0.2, 0.1 * 3.0], [0.4, 0.5]]);
    let text = read_matrix(&fixture("savetxt.txt"), &MatrixOptions::numbers()).unwrap().values;
    assert!(text[(0, 1)].is_nan());
    assert_eq!((text[(0, 0)], text[(1, 0)], text[(1, 1)]), (1.5, f64::NEG_INFINITY, 1e-300));
}

#[test]
fn words_of_pandas_stay_words() {
    let columns = WordColumns::new("word", "onset", None);
    for name in ["pandas.csv", "pandas_index.csv"] {
        let read = words::from_table(&fixture(name), &columns).unwrap();
        let found: Vec<(&str, Option<f64>)> =
            read.value.iter().map(|word| (word.text.as_str(), word.onset.map(|onset| onset.get()))).collect();
        let expected = [
            ("two\nlines", Some(3e-7)),
            ("null", Some(0.1)),
            ("say \"hi\", twice", Some(0.5)),
            ("nan", None),
            ("NA", Some(2.0)),
            ("é", Some(1e22)),
        ];
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn textgrids_in_every_form_and_encoding() {
    let plain = textgrid::read(&fixture("long_utf8.TextGrid")).unwrap();
    for form in ["long", "short"] {
        for encoding in ["utf8", "utf8bom", "utf16le", "utf16be"] {
            let name = format!("{form}_{encoding}.TextGrid");
            assert_eq!(textgrid::read(&fixture(&name)).unwrap(), plain, "{name}");
        }
    }
    assert_eq!(
        plain.value.tiers.iter().map(|tier| tier.name.as_str()).collect::<Vec<_>>(),
        ["word", "events"]
    );
    let words = words::from_textgrid(&fixture("short_utf16le.TextGrid"), "word", &[], true).unwrap().value;
    let found: Vec<(&str, f64)> =
        words.iter().map(|word| (word.text.as_str(), word.offset.unwrap().get())).collect();
    assert_eq!(found, [("say \"hi\"n't", 1.25), ("naïve 日本", 3.5)]);
    let clicks = words::from_textgrid(&fixture("long_utf8.TextGrid"), "events", &[], true).unwrap().value;
    assert_eq!((clicks.len(), clicks[0].onset.unwrap().get(), clicks[0].offset), (1, 1.5, None));
}

#[test]
fn parquet_of_pyarrow() {
    let table = read_parquet(&fixture("pyarrow.parquet")).unwrap();
    let names: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["participant", "layer", "small", "score", "single"]);
    let texts = [Some("sub-1".to_owned()), None, Some("sub-é".to_owned())];
    assert_eq!(table.column("participant"), Some(&Column::Utf8(texts.to_vec())));
    assert_eq!(table.column("layer"), Some(&Column::I64(vec![Some(1), None, Some(-(1 << 62))])));
    assert_eq!(table.column("small"), Some(&Column::I64(vec![Some(1), Some(2), None])));
    assert_eq!(table.column("single"), Some(&Column::F64(vec![Some(0.5), None, Some(1.5)])));
    let Some(Column::F64(scores)) = table.column("score") else { panic!() };
    assert!(scores[0] == Some(0.1) && scores[1].is_some_and(f64::is_nan) && scores[2].is_none());
}

#[test]
fn safetensors_of_its_own_package() {
    let mut file = safetensors::open(&fixture("peer.safetensors")).unwrap();
    assert_eq!(file.names().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(file.read("a").unwrap(), array![[0f32, 1.0, 2.0], [3.0, 4.0, 5.0]].into_dyn());
    assert_eq!(file.read("b").unwrap(), array![1.5f32].into_dyn());
}

//! No bytes make a reader panic, and every error names the file.

use std::collections::BTreeMap;
use std::path::Path;

use gyrus_io::table::{Header, MatrixOptions, Missing, parse_matrix};
use gyrus_io::words::{self, WordColumns};
use gyrus_io::{
    IoError, bids, cifti, confounds, freesurfer, gifti, hdf5, nifti, npy, npz, pattern, safetensors, surface,
    textgrid,
};
use ndarray::ArrayD;
use proptest::prelude::*;

const TEXTGRID: &str = "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\nxmin = 0\nxmax = 2\ntiers? <exists>\nsize = 2\n\
    item []:\n    item [1]:\n        class = \"IntervalTier\"\n        name = \"word\"\n        xmin = 0\n        xmax = 2\n        \
    intervals: size = 2\n        intervals [1]:\n            xmin = 0\n            xmax = 1.5\n            text = \"say \"\"hi\"\"\"\n        \
    intervals [2]:\n            xmin = 1.5\n            xmax = 2\n            text = \"\"\n    item [2]:\n        class = \"TextTier\"\n        \
    name = \"p\"\n        xmin = 0\n        xmax = 2\n        points: size = 1\n        points [1]:\n            number = 1\n            mark = \"é\"\n";
const WORDS: &str = "\tword\tonset\toffset\n0\tnull\t0\t1\r\n1\tn/a\t-1.5e0\tn/a\n2\t\"\t\t3";
const GENTLE: &str = "I,i,0.5,0.7\r\n\"be,gan\",,,\r\nmy,<unk>,1.1,1.3\r\n";
const JSON: &str = r#"{"segments": [{"words": [{"word": "a", "start": 0, "end": 1e0}, {"text": "é", "onset": null}, "x"]}]}"#;
const CONFOUNDS: &str = "trans_x\ttrans_y\tcosine00\n1\tn/a\t0.5\n2\t-1e-3\t0.25\n3\t4\tn/a\n";

const GIFTI: &str = "<?xml version=\"1.0\"?>\n<GIFTI Version=\"1.0\" NumberOfDataArrays=\"1\">\n<MetaData><MD><Name>a</Name><Value>b</Value></MD></MetaData>\n\
    <LabelTable><Label Key=\"1\" Red=\"0.5\">A1</Label></LabelTable>\n<DataArray Intent=\"NIFTI_INTENT_LABEL\" DataType=\"NIFTI_TYPE_INT32\" \
    ArrayIndexingOrder=\"ColumnMajorOrder\" Dimensionality=\"1\" Dim0=\"3\" Encoding=\"ASCII\" Endian=\"BigEndian\">\n<Data>1 0 1</Data></DataArray></GIFTI>\n";
const LABELS: &str = "index\tname\tcolor\n1\tleft A1\t#fff\n300\tright é\tn/a\n";

/// Runs every reader of text on a text.
fn read_text(path: &Path, text: &str) -> Vec<IoError> {
    let columns = WordColumns::new("word", "onset", Some("offset"));
    let names = ["trans_*".to_owned(), "cosine00".to_owned()];
    let mut errors = Vec::new();
    errors.extend(textgrid::parse(path, text).err());
    errors.extend(words::parse_table(path, text, &columns).err());
    errors.extend(words::parse_gentle(path, text).err());
    errors.extend(words::parse_json(path, text).err());
    errors.extend(words::parse_counts(path, text).err());
    errors.extend(confounds::parse(path, text, &names).err());
    errors.extend(nifti::parse_labels(path, text).err());
    errors.extend(bids::parse_events(path, text).err());
    errors.extend(gifti::parse(path, text).err());
    errors.extend(freesurfer::parse_label(path, text).err());
    for header in [Header::Detect, Header::Present, Header::Absent] {
        for missing in [Missing::Allowed, Missing::Refused] {
            let options = MatrixOptions { header, missing, ..MatrixOptions::numbers() };
            errors.extend(parse_matrix(path, text, &options).err());
        }
    }
    if let Ok(grid) = textgrid::parse(path, text) {
        errors.extend(words::words_of_tier(path, &grid.value, "word", |_| false, true).err());
    }
    errors
}

/// Runs every reader of files on a file of these bytes.
fn read_file(path: &Path, bytes: &[u8]) -> Vec<IoError> {
    std::fs::write(path, bytes).unwrap();
    let mut errors = Vec::new();
    errors.extend(npy::read::<f32>(path).err());
    errors.extend(npz::names(path).err());
    errors.extend(npz::read::<f64>(path, None).err());
    errors.extend(textgrid::read(path).err());
    errors.extend(words::from_json(path).err());
    errors.extend(nifti::read_volume(path).err());
    errors.extend(nifti::read_mask(path).err());
    errors.extend(nifti::read_atlas(path).err());
    errors.extend(nifti::read_masked(path, &[0, 1, 5]).err());
    errors.extend(surface::read_mesh(path).err());
    errors.extend(surface::read_parcellation(path).err());
    errors.extend(surface::read_values(path).err());
    errors.extend(gifti::read_head(path).err());
    errors.extend(gifti::require_end(path).err());
    errors.extend(cifti::read_labels(path).err());
    let rows = cifti::DenseFile::open(path).and_then(|file| file.each_row(|_, _| {}));
    errors.extend(rows.err());
    errors.extend(freesurfer::read_mgh(path).err());
    errors.extend(freesurfer::read_curvature(path).err());
    errors.extend(hdf5::open(path).err());
    if let Ok(file) = hdf5::open(path) {
        errors.extend(file.names().filter_map(|name| file.read(name).err()));
    }
    errors.extend(safetensors::open(path).err());
    if let Ok(mut file) = safetensors::open(path) {
        let names: Vec<String> = file.names().map(str::to_owned).collect();
        errors.extend(names.iter().filter_map(|name| file.read(name).err()));
    }
    errors
}

fn check(errors: &[IoError]) -> Result<(), TestCaseError> {
    for error in errors {
        let message = error.to_string();
        prop_assert!(message.contains("file.x"), "{message}");
        prop_assert!(message.contains("found"), "{message}");
        prop_assert!(message.len() < 4000, "{message}");
    }
    Ok(())
}

/// A text with some of its characters replaced, removed or doubled.
fn mutated(seed: &'static str) -> impl Strategy<Value = String> {
    let piece =
        prop_oneof!["[\\t\\n\\r ,;\"0-9.eE+-]{0,3}", "\\PC{0,2}", Just("99999999999999999999".to_owned())];
    let edit = (any::<prop::sample::Index>(), 0usize..6, piece);
    proptest::collection::vec(edit, 0..4).prop_map(move |edits| {
        let mut characters: Vec<char> = seed.chars().collect();
        for (at, removed, piece) in edits {
            let at = at.index(characters.len() + 1);
            let end = characters.len().min(at + removed);
            characters.splice(at..end, piece.chars());
        }
        characters.into_iter().collect()
    })
}

fn binary_seeds() -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let array = ArrayD::from_shape_vec(ndarray::IxDyn(&[2, 3]), vec![1.5f32; 6]).unwrap();
    npy::write(&path, &array.view()).unwrap();
    let plain = std::fs::read(&path).unwrap();
    safetensors::write(&path, &BTreeMap::from([("a", array.view()), ("b", array.view())])).unwrap();
    let tensors = std::fs::read(&path).unwrap();
    let fixture = |name: &str| {
        std::fs::read(format!("{}/../../fixtures/io/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    };
    vec![
        plain,
        tensors,
        fixture("stored.npz"),
        fixture("deflated.npz"),
        fixture("short_utf16be.TextGrid"),
        fixture("nifti/scaled.nii"),
        fixture("nifti/n2_f8_be.nii"),
        fixture("nifti/volume.nii.gz"),
        fixture("hdf5/layers.h5"),
        fixture("hdf5/latest.h5"),
        fixture("hdf5/version73.mat"),
        fixture("surfaces/series.func.gii"),
        fixture("surfaces/tetrahedron.surf.gii"),
        fixture("surfaces/packed.func.gii.gz"),
        fixture("surfaces/parcels.label.gii"),
        fixture("surfaces/external_i4_big_F.gii"),
        fixture("surfaces/second.annot"),
        fixture("surfaces/lh.thickness"),
        fixture("surfaces/lh.white"),
        fixture("surfaces/series_f4.mgh"),
        fixture("cifti/whole.dtseries.nii"),
        fixture("cifti/parcels.dlabel.nii"),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn random_text(text in "\\PC{0,80}|[\\t\\n\\r ,;\"!<>a-c0-9.n/-]{0,120}") {
        check(&read_text(Path::new("file.x"), &text))?;
    }

    #[test]
    fn nearly_right_text(
        text in prop_oneof![mutated(TEXTGRID), mutated(WORDS), mutated(GENTLE), mutated(JSON), mutated(CONFOUNDS), mutated(LABELS), mutated(GIFTI)],
        csv in any::<bool>(),
    ) {
        let path = if csv { "file.x.csv" } else { "file.x.tsv" };
        check(&read_text(Path::new(path), &text))?;
    }

    #[test]
    fn random_bytes(start in 0usize..11, bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let folder = tempfile::tempdir().unwrap();
        let magic: [&[u8]; 11] = [b"\x1c\x02\0\0n+2\0\r\n\x1a\n", b"", b"\xff\xff\xff", b"\xff\xff\xfe", b"\0\0\0\x01", b"\x5c\x01\0\0", b"\x93NUMPY\x01\x00", b"PK\x05\x06", b"\x1f\x8b\x08\x00", b"\xff\xfe", b"\xfe\xff"];
        check(&read_file(&folder.path().join("file.x"), &[magic[start], &bytes].concat()))?;
    }

    #[test]
    fn nearly_right_bytes(
        seed in 0usize..21,
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = binary_seeds().swap_remove(seed);
        for (at, value) in edits {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        bytes.truncate(cut.map_or(bytes.len(), |cut| cut.index(bytes.len() + 1)));
        check(&read_file(&folder.path().join("file.x"), &bytes))?;
    }

    #[test]
    fn random_patterns(pattern in "[{}a-b./_-]{0,12}") {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a", "a-b", "a_b.a", "b-a-b"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        if let Ok(found) = pattern::expand(&format!("./{pattern}"), folder.path()) {
            prop_assert!(!found.is_empty() && found.iter().all(|found| found.path.is_file()));
        }
    }
}

/// Files that a fuzzer found: their indices name chunks that the file cannot hold, for which gigabytes were asked.
#[test]
fn chunks_beyond_the_file_are_refused() {
    let found = [
        ("asks-for-2-GiB", "chunks of"),
        ("chunks-beyond-the-file", "chunks of"),
        ("chunks-at-the-end-of-numbers", "chunks beyond every shape"),
    ];
    for (name, says) in found {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/hdf5").join(name);
        let errors: Vec<String> = match hdf5::open(&path) {
            Ok(file) => file
                .names()
                .filter_map(|array| file.read(array).err())
                .map(|error| error.to_string())
                .collect(),
            Err(error) => vec![error.to_string()],
        };
        println!("{name}: {errors:#?}");
        assert!(errors.iter().any(|error| error.contains(says)), "{name}: {errors:?}");
    }
}

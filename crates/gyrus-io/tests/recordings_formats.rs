//! Files that people have: read whole, with the values that other programs find in them.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use gyrus_io::table::{MatrixOptions, read_matrix, read_text_columns};
use gyrus_io::words::{self, WordColumns};
use gyrus_io::{Warning, confounds, nifti, pattern, textgrid};

fn recordings(path: &str) -> PathBuf {
    let root = std::env::var_os("GYRUS_DATA").map(PathBuf::from);
    let root = root.unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")));
    let file = root.join("data").join(path);
    assert!(file.exists(), "{} is missing: set GYRUS_DATA to the folder that holds data/", file.display());
    file
}

#[test]
fn the_alice_textgrid_holds_its_words() {
    let path = recordings("alice/DownTheRabbitHole.TextGrid");
    let grid = textgrid::read(&path).unwrap().value;
    assert_eq!((grid.start, grid.end, grid.tiers.len()), (12.073065986394568, 743.6344265311994, 1));
    let silence = ["sp".to_owned()];
    let split = words::from_textgrid(&path, "word", &silence, false).unwrap();
    // The published file ends at label 2396 of 2423.
    let cut =
        Warning::CutShort { tier: "word".to_owned(), found: 2395, expected: 2423, until: 735.0140183671996 };
    assert_eq!((split.value.len(), split.warnings), (2103, vec![cut]));
    let joined = words::from_textgrid(&path, "word", &silence, true).unwrap();
    assert_eq!((joined.value.len(), joined.warnings.len()), (2103 - 26, 1));
    assert!(joined.value.iter().any(|word| word.text == "didn't" || word.text == "couldn't"));
    assert_eq!(
        (joined.value[0].text.as_str(), joined.value[0].onset.unwrap().get()),
        ("Alice", 20.05891632653599)
    );
    let error = words::from_textgrid(&path, "phones", &silence, true).unwrap_err().to_string();
    assert!(error.contains("found no tier `phones`, expected one of: word"), "{error}");
}

#[test]
fn every_alice_table_is_read() {
    let base = recordings("alice");
    let responses = pattern::expand("responses/{participant}-timecourses.txt", &base).unwrap();
    assert_eq!((responses.len(), responses[0].fields["participant"].as_str()), (28, "s18"));
    for found in &responses {
        let matrix = read_matrix(&found.path, &MatrixOptions::responses()).unwrap();
        assert_eq!((matrix.values.dim(), matrix.names), ((362, 6), None), "{}", found.path.display());
        let is_zero = matrix.values.iter().all(|value| *value == 0.0);
        assert_eq!(is_zero, found.fields["participant"] == "s33");
    }
    for found in pattern::expand("motion/{participant}-motion.txt", &base).unwrap() {
        assert_eq!(read_matrix(&found.path, &MatrixOptions::numbers()).unwrap().values.dim(), (372, 6));
    }
    let rate = read_matrix(&recordings("alice/acoustics/s18-rate.txt"), &MatrixOptions::numbers()).unwrap();
    assert_eq!((rate.values.dim(), rate.values[(1, 0)]), ((362, 1), 4.341e-07));
    let first = read_matrix(&responses[0].path, &MatrixOptions::responses()).unwrap();
    assert_eq!(first.values[(1, 5)], 165.16164);
}

#[test]
fn the_alice_annotations_are_words_with_times() {
    let columns = WordColumns::new("Words", "Word Onset", Some("Word Offset"));
    let read = words::from_table(&recordings("alice/annotations.tsv"), &columns).unwrap();
    assert_eq!(read.value.len(), 2132);
    assert!(matches!(read.warnings[0], Warning::Untimed { count: 31, .. }), "{:?}", read.warnings);
    assert!(matches!(read.warnings[1], Warning::EndsBeforeStart { .. }), "{:?}", read.warnings);
    assert_eq!((read.value[0].text.as_str(), read.value[0].onset.unwrap().get()), ("Alice", 20.1198012));
    let texts = read_text_columns(&recordings("alice/annotations.tsv"), &["POS", "Words"]).unwrap();
    assert_eq!((texts.len(), texts[0].as_slice()), (2132, ["NN".to_owned(), "Alice".to_owned()].as_slice()));
}

#[test]
fn podcast_transcripts_go_backwards_nineteen_times() {
    let columns = WordColumns::new("word", "start", Some("end"));
    let read = words::from_table(&recordings("formats/podcast_gpt2-xl_transcript.tsv"), &columns).unwrap();
    assert_eq!(read.value.len(), 5491);
    assert!(matches!(&read.warnings[..], [Warning::Backwards { count: 19, .. }]), "{:?}", read.warnings);
    assert!(read.value.is_sorted_by_key(|word| word.onset.unwrap().get().to_bits()));
    let other =
        words::from_table(&recordings("formats/podcast_en_core_web_lg_transcript.tsv"), &columns).unwrap();
    assert_eq!(other.value.len(), 5305);
}

#[test]
fn tables_of_other_programs_are_read() {
    let read =
        |name: &str| read_matrix(&recordings(&format!("formats/{name}")), &MatrixOptions::numbers()).unwrap();
    let series = read("nitime_fmri_timeseries.csv");
    assert_eq!((series.values.dim(), series.names.unwrap()[1].as_str()), ((250, 31), "Vent"));
    assert_eq!(series.values[(1, 30)], read("nitime_fmri_timeseries.csv").values[(1, 30)]);
    let events = read("nitime_event_related_fmri.csv");
    assert_eq!(
        (events.values.dim(), events.names.unwrap()),
        ((3360, 2), vec!["bold".to_owned(), "events".to_owned()])
    );
    for (name, rows) in [("peakdet_ECG.csv", 44611), ("peakdet_PPG.csv", 24000), ("peakdet_RESP.csv", 24000)]
    {
        let trace = read(name);
        assert_eq!((trace.values.dim(), trace.names), ((rows, 1), None));
    }
}

#[test]
fn confounds_are_read_by_name() {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let path = recordings("formats/nilearn_test-v21_desc-confounds_timeseries.tsv");
    let wanted = names(&["trans_x", "trans_x_derivative1", "cosine*", "a_comp_cor_00", "csf*"]);
    let read = confounds::read(&path, &wanted).unwrap();
    let found = read.value.names.unwrap();
    assert_eq!(&found[..3], ["trans_x", "trans_x_derivative1", "cosine00"]);
    assert_eq!(read.value.values.nrows(), 30);
    let derivative = read.value.values.column(1);
    assert_eq!(derivative[0], derivative[1]);
    assert!(read.value.values.iter().all(|value| value.is_finite()));
    let warning = read.warnings[0].to_string();
    assert!(warning.contains("trans_x_derivative1") && !warning.contains("cosine00"), "{warning}");
    let error = confounds::read(&path, &names(&["framewise_displacment"])).unwrap_err().to_string();
    assert!(error.contains("framewise_displacement"), "{error}");
    for name in
        ["nilearn_test_desc-confounds_regressors.tsv", "nilearn_no_nonsteady_desc-confounds_regressors.tsv"]
    {
        let read =
            confounds::read(&recordings(&format!("formats/{name}")), &names(&["rot_*", "a_comp_cor_0*"]));
        assert_eq!(read.unwrap().value.values.nrows(), 30, "{name}");
    }
}

#[test]
fn word_counts_are_read() {
    let counts = words::counts(&recordings("words/en_50k.txt")).unwrap();
    assert_eq!((counts["you"], counts["the"]), (28_787_591, 22_761_659));
    assert_eq!(counts.len(), 50_000);
}

#[test]
fn real_files_cut_anywhere_are_errors_or_fewer_rows() {
    let folder = tempfile::tempdir().unwrap();
    let columns = WordColumns::new("word", "start", None);
    let names = ["csf*".to_owned(), "trans_*".to_owned()];
    let check = |name: &str, read: &dyn Fn(&std::path::Path) -> Result<usize, gyrus_io::IoError>| {
        let bytes = std::fs::read(recordings(name)).unwrap();
        let path = folder.path().join(std::path::Path::new(name).file_name().unwrap());
        let whole = read(&recordings(name)).unwrap();
        for part in 0..200 {
            let mut cut = bytes[..bytes.len() * part / 200].to_vec();
            if part % 2 == 1 {
                let middle = cut.len() / 2;
                cut[middle] = b"\x00\xff\"\n9"[part % 5];
            }
            std::fs::write(&path, cut).unwrap();
            match read(&path) {
                Ok(rows) => assert!(rows <= whole, "{name} {part}"),
                Err(error) => assert!(error.to_string().starts_with(&path.display().to_string()), "{error}"),
            }
        }
    };
    check("alice/DownTheRabbitHole.TextGrid", &|path| {
        Ok(words::from_textgrid(path, "word", &["sp".to_owned()], true)?.value.len())
    });
    check("formats/podcast_gpt2-xl_transcript.tsv", &|path| {
        Ok(words::from_table(path, &columns)?.value.len())
    });
    check("formats/nilearn_test-v21_desc-confounds_timeseries.tsv", &|path| {
        Ok(confounds::read(path, &names)?.value.values.nrows())
    });
    check("alice/responses/s18-timecourses.txt", &|path| {
        Ok(read_matrix(path, &MatrixOptions::numbers())?.values.nrows())
    });
    check("words/en_50k.txt", &|path| Ok(words::counts(path)?.len()));
}

#[test]
fn images_of_other_projects_are_read_as_nibabel_reads_them() {
    let golden =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/io/nifti.json"))
            .unwrap();
    let golden: serde_json::Value = serde_json::from_str(&golden).unwrap();
    for name in ["nibabel_example4d.nii.gz", "nitime_fmri1.nii.gz", "nitime_fmri2.nii.gz"] {
        let mut image = nifti::Volumes::open(&recordings(&format!("formats/{name}"))).unwrap();
        let expected = &golden[name];
        let numbers =
            |key: &str| expected[key].as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect();
        let (sums, zooms): (Vec<f64>, Vec<f64>) = (numbers("sum"), numbers("zooms"));
        assert_eq!(image.header().zooms.to_vec(), zooms, "{name}");
        for (row, expected) in image.header().grid.affine.0.iter().zip(expected["affine"].as_array().unwrap())
        {
            assert_eq!(serde_json::json!(row), *expected, "{name}");
        }
        let mut found = Vec::new();
        let mut sum = 0.0;
        while image.next_whole_volume(|value| sum += value).unwrap() {
            found.push(std::mem::take(&mut sum));
        }
        assert_eq!(found, sums, "{name}");
    }
    let header =
        nifti::Volumes::open(&recordings("formats/nibabel_example4d.nii.gz")).unwrap().header().clone();
    assert_eq!(header.warnings(), [Warning::ImplausibleTime { seconds: 2000.0, stored: 2000.0 }]);
}

//! Compressed images that end early or break, and files of several gzip streams, which are whole.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};

use super::dataset::{Dataset, bold, image};
use super::program::Says;

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A data set with the first run of the second participant compressed.
fn compressed(change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Dataset {
    let data = Dataset::new();
    data.remove(&bold("02", 1));
    let bytes = change(image(11).bytes());
    data.write(&bold("02", 1).replace(".nii", ".nii.gz"), &bytes);
    data
}

/// Both commands refuse it before anything is computed, and name the file once.
fn refused(data: &Dataset, says: &Says<'_>) {
    for ran in [data.check(), data.analyze("out", &[])] {
        let error = ran.error();
        assert_eq!(error.matches("sub-02_task-story_run-1_").count(), 1, "{error}");
    }
    data.check().refused(says);
    assert!(!data.path("out/tables").exists());
}

#[test]
fn half_of_a_compressed_image_is_noticed_by_check_with_both_counts() {
    let whole = packed(&image(11).bytes());
    let mut inflated = Vec::new();
    let mut half = flate2::read::GzDecoder::new(&whole[..whole.len() / 2]);
    std::io::Read::read_to_end(&mut half, &mut inflated).unwrap_err();
    let found = format!("found {} bytes", inflated.len());
    let data = compressed(|bytes| {
        let packed = packed(&bytes);
        packed[..packed.len() / 2].to_vec()
    });
    refused(
        &data,
        &Says {
            file: "/sub-02_task-story_run-1_space-",
            place: "_desc-preproc_bold.nii.gz: ",
            found: &found,
            expected: "expected 5392",
            remedy: "the file is cut short: copy or download it again",
        },
    );
}

#[test]
fn a_compressed_image_without_its_last_bytes() {
    let data = compressed(|bytes| {
        let packed = packed(&bytes);
        packed[..packed.len() - 3].to_vec()
    });
    refused(
        &data,
        &Says {
            file: "/sub-02_task-story_run-1_space-",
            place: "_desc-preproc_bold.nii.gz: ",
            found: "found a gzip stream without its checksum",
            expected: "expected a whole gzip stream of 5392 bytes",
            remedy: "copy or download it again",
        },
    );
}

/// The lengths at its end are right: only inflating it shows the damage, when its volumes are read.
#[test]
fn a_compressed_image_that_breaks_in_the_middle_is_named_once_with_the_byte() {
    let data = compressed(|bytes| {
        let mut packed = packed(&bytes);
        let middle = packed.len() / 2;
        packed[middle..middle + 40].fill(0xff);
        packed
    });
    data.check().succeeded();
    let error = data.analyze("out", &[]).error();
    assert_eq!(error.matches("sub-02_task-story_run-1_").count(), 1, "{error}");
    for part in [
        "_desc-preproc_bold.nii.gz: found a gzip stream that cannot be inflated beyond byte ",
        "expected a whole gzip stream of 5392 bytes",
        "copy or download it again",
    ] {
        assert!(error.contains(part), "{error}");
    }
}

/// bgzip writes several streams; some programs write more than the voxels.
#[test]
fn several_streams_and_bytes_after_the_voxels_are_no_damage() {
    for change in [
        |bytes: Vec<u8>| [packed(&bytes[..3000]), packed(&bytes[3000..]), packed(&[])].concat(),
        |bytes: Vec<u8>| packed(&[bytes, vec![0; 16]].concat()),
    ] {
        compressed(change).check().succeeded();
    }
}

//! Headers that leave something open: scaling, two positions of one grid, steps that are too coarse.

use super::dataset::{Dataset, VOXELS, bold, image, mask, mask_image};
use super::program::Says;

#[test]
fn a_slope_that_means_no_scaling_is_noted_and_changes_nothing() {
    let data = Dataset::new();
    assert!(!data.check().succeeded().stderr.contains("scl_slope"));
    data.analyze("plain", &[]).succeeded();
    for (slope, run) in [(0.0, 1), (f32::NAN, 2), (f32::INFINITY, 3)] {
        data.write(&bold("02", run), &image(10 + run as u64).scaled_bytes(slope, 7.0));
    }
    let said = data.check().succeeded().stderr;
    for (slope, run) in [("0", 1), ("NaN", 2), ("inf", 3)] {
        let note = format!(
            "note: {}: the header has scl_slope {slope}, which means no scaling: values were taken as they are stored, and its \
             scl_inter 7 was not added",
            bold("02", run)
        );
        assert!(said.contains(&note), "{note}\n{said}");
    }
    data.analyze("noted", &[]).succeeded();
    assert_eq!(data.read("plain/tables/layers.tsv"), data.read("noted/tables/layers.tsv"));
}

/// Voxels of 3 mm: the limit of a tenth of a voxel lies at 0.3 mm.
#[test]
fn a_qform_beside_the_sform_is_warned_of_beyond_a_tenth_of_a_voxel() {
    let data = Dataset::new();
    data.write(&bold("02", 1), &image(11).bytes_with_qform(0.29));
    data.write(&mask("02", 1), &mask_image(|_| true).bytes_with_qform(0.29));
    let said = data.check().succeeded().stderr;
    assert!(!said.contains("sform and qform"), "{said}");
    data.write(&bold("02", 1), &image(11).bytes_with_qform(0.31));
    data.write(&mask("02", 1), &mask_image(|_| true).bytes_with_qform(0.6));
    data.write("atlas.nii", &mask_image(|_| true).bytes_with_qform(0.9));
    data.set("folder = \"bids\"", "folder = \"bids\"\natlas = \"atlas.nii\"");
    for ran in [data.check(), data.analyze("out", &[])] {
        let said = ran.succeeded().stderr;
        for (file, voxels) in [(&*bold("02", 1), "0.10"), (&*mask("02", 1), "0.20"), ("atlas.nii", "0.30")] {
            let warning = format!(
                "warning: {file}: sform and qform put the grid up to {voxels} voxels apart; the sform was used"
            );
            assert!(said.contains(&warning), "{warning}\n{said}");
        }
    }
}

/// Between files the limit is a hundredth of a voxel, 0.03 mm: nothing is resampled.
#[test]
fn grids_of_runs_may_differ_by_a_hundredth_of_a_voxel() {
    let data = Dataset::new();
    data.change("02", 1, |image| image.affine[0][3] += 0.029);
    data.check().succeeded();
    data.change("02", 1, |image| image.affine[0][3] += 0.031);
    data.check().refused(&Says {
        file: "/sub-02_task-story_run-1_space-",
        place: "_desc-preproc_bold.nii: ",
        found: "found a grid of [4, 3, 3] RAS voxels from (-4.47, -3.00, -3.00) mm",
        expected: "expected a grid of [4, 3, 3] RAS voxels from (-4.50, -3.00, -3.00) mm",
        remedy: "resample it to the grid of the recordings",
    });
}

const COARSE: &str = "in more than 1 % of targets rounding makes more than 1 % of the variance";

/// One voxel of 500,000 makes a converter choose steps of 15 for all others.
#[test]
fn steps_that_an_outlier_made_coarse_are_warned_of() {
    let data = Dataset::new();
    let mut coarse = image(11);
    coarse.values.iter_mut().for_each(|value| *value = (f32::from(*value) / 15.0).round() as i16);
    coarse.values[7 + 33 * VOXELS] = i16::MAX;
    data.write(&bold("02", 1), &coarse.scaled_bytes(15.0, 0.0));
    let said = data.analyze("out", &[]).succeeded().stderr;
    let warned = said.lines().find(|line| line.contains(COARSE)).unwrap_or_else(|| panic!("{said}"));
    assert!(warned.contains("sub-02_task-story_run-1_") && !warned.contains("more:"), "{warned}");
    assert!(warned.contains("write the images as floating point"), "{warned}");
}

/// A mean over 12 voxels averages their noise and the errors of their rounding alike.
#[test]
fn parcels_of_coarse_voxels_are_warned_of_too() {
    let data = Dataset::new();
    let values = (0..VOXELS).map(|voxel| 1 + (voxel / 12) as i16).collect();
    data.write("atlas.nii", &super::image::Image { values, ..mask_image(|_| true) }.bytes());
    data.set("folder = \"bids\"", "folder = \"bids\"\natlas = \"atlas.nii\"\ntargets = \"parcels\"");
    let said = data.analyze("fine", &[]).succeeded().stderr;
    assert!(!said.contains(COARSE), "{said}");
    data.change("02", 1, |image| {
        image.values.iter_mut().for_each(|value| *value = (*value + 20) / 40);
    });
    let said = data.analyze("coarse", &[]).succeeded().stderr;
    assert!(said.contains(COARSE) && said.contains("sub-02_task-story_run-1_"), "{said}");
}

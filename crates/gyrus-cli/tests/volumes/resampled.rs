//! Masks and atlases on another grid than the recordings, brought onto it where the study says so.

use super::analysed::{golden, golden_numbers};
use super::dataset::{Dataset, VOXELS, mask, mask_image};
use super::image::Image;
use super::program::Says;

const SAYS: &str = "resample it to the grid of the recordings, or have it done by bids.resample = true";

#[test]
fn an_oblique_atlas_is_resampled_as_nilearn_resamples_it() {
    let data = Dataset::new();
    data.write("oblique.nii.gz", &golden("oblique.nii.gz"));
    data.set("folder = \"bids\"", "folder = \"bids\"\natlas = \"oblique.nii.gz\"");
    data.check().refused(&Says {
        file: "oblique.nii.gz: ",
        place: "oblique.nii.gz: ",
        found: "found a grid of [12, 14, 8] ",
        expected: "expected a grid of [4, 3, 3] RAS voxels from (-4.50, -3.00, -3.00) mm",
        remedy: SAYS,
    });
    data.set("folder = \"bids\"", "folder = \"bids\"\nresample = true");
    let inputs = gyrus::inputs::open(&data.path("study.toml"), &gyrus::Silent).unwrap();
    let found: Vec<(String, String)> =
        inputs.targets.iter().map(|target| (target.name.clone(), target.region.clone())).collect();
    let name = |voxel: usize| format!("{}-{}-{}", voxel % 4, voxel / 4 % 3, voxel / 12);
    let labels = golden_numbers("oblique_nearest.npy");
    let expected = labels.iter().enumerate().filter(|(_, label)| **label != 0.0);
    let expected: Vec<(String, String)> =
        expected.map(|(voxel, label)| (name(voxel), format!("parcel {label}"))).collect();
    assert_eq!(found, expected);
    let ran = data.check().succeeded();
    let left_out = labels.iter().filter(|label| **label == 0.0).count();
    for said in [
        "resampled by nearest voxels: a grid of [12, 14, 8] ".to_owned(),
        format!("{left_out} of 36 voxels lie in no parcel of the atlas"),
    ] {
        assert!(ran.stderr.contains(&said), "{said}: {}", ran.stderr);
    }
}

#[test]
fn masks_are_resampled_and_images_never() {
    let data = Dataset::new();
    // Voxels of half the size, and only those to the right of 0 mm.
    let mut half = mask_image(|_| true);
    half.shape = [8, 6, 6, 1];
    half.values = (0..288).map(|voxel| i16::from(voxel % 8 >= 4)).collect();
    for (axis, row) in half.affine.iter_mut().enumerate() {
        row[axis] = 1.5;
        row[3] -= 0.75;
    }
    data.write("half.nii", &half.bytes());
    data.write(&mask("02", 1), &half.bytes());
    data.set("folder = \"bids\"", "folder = \"bids\"\nmask = \"half.nii\"\nresample = true");
    let ran = data.check().succeeded();
    assert!(ran.stdout.contains("18 targets"), "{}", ran.stdout);
    let said = "_desc-brain_mask.nii and 1 more: resampled by nearest voxels: a grid of [8, 6, 6] ";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    data.change("02", 1, |image| image.affine[0][3] += 0.6);
    let error = data.check().error();
    assert!(
        error.contains("_desc-preproc_bold.nii: found a grid") && !error.contains("bids.resample"),
        "{error}"
    );
}

#[test]
fn an_atlas_of_probabilities_is_a_mask_above_a_limit() {
    let data = Dataset::new();
    let shares = Image { values: (0..VOXELS as i16).collect(), ..mask_image(|_| true) };
    data.write("language.nii", &shares.scaled_bytes(0.01, 0.0));
    data.set("folder = \"bids\"", "folder = \"bids\"\nmask = \"language.nii\"\nmask_above = 0.175");
    let ran = data.check().succeeded();
    assert!(ran.stdout.contains("18 targets"), "{}", ran.stdout);
    data.set("mask_above = 0.175", "mask_above = 0.5");
    let error = data.check().error();
    assert!(error.contains("language.nii: found no value above 0.35, expected values above 0.5"), "{error}");
    data.set("mask_above = 0.5", "");
    assert!(data.check().error().contains("expected a mask of zeros and one other value"));
    data.set("mask = \"language.nii\"", "mask_above = 0.5");
    assert!(data.check().error().contains("found a limit without a mask"));
}

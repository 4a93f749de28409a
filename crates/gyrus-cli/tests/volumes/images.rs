//! Images and masks that are missing, damaged, or do not fit each other.

use super::dataset::{Dataset, SPACE, bold, mask, mask_image};
use super::program::Says;

fn refused(make: impl FnOnce(&Dataset), says: &Says<'_>) {
    let data = Dataset::new();
    make(&data);
    data.check().refused(says);
    data.analyze("out", &[]).refused(says);
    assert!(!data.path("out/tables").exists(), "nothing is written of a study that cannot be analysed");
}

#[cfg(unix)]
#[test]
fn an_image_whose_content_is_not_here_prints_the_command_that_gets_it() {
    let data = Dataset::new();
    data.remove(&bold("02", 1));
    let target = "../../../../.git/annex/objects/aa/bb/MD5E-s1--0.nii/MD5E-s1--0.nii";
    std::os::unix::fs::symlink(target, data.path(&bold("02", 1))).unwrap();
    let command = format!("run `datalad get {}`", data.path(&bold("02", 1)).display());
    data.check().refused(&Says {
        file: "sub-02_task-story_run-1_space-",
        place: "_desc-preproc_bold.nii: ",
        found: "found a git-annex pointer",
        expected: "expected the content it stands for",
        remedy: &command,
    });
}

#[test]
fn an_image_that_is_cut_short() {
    refused(
        |data| {
            let bytes = std::fs::read(data.path(&bold("02", 1))).unwrap();
            data.write(&bold("02", 1), &bytes[..bytes.len() - 100]);
        },
        &Says {
            file: "/sub-02_task-story_run-1_space-",
            place: "_desc-preproc_bold.nii: ",
            found: "found 5292 bytes",
            expected: "expected 5392",
            remedy: "the file is cut short: copy or download it again",
        },
    );
}

#[test]
fn an_empty_image() {
    refused(
        |data| data.write(&bold("02", 1), b""),
        &Says {
            file: "/sub-02_task-story_run-1_space-",
            place: "_desc-preproc_bold.nii: ",
            found: "found 0 bytes",
            expected: "expected data",
            remedy: "copy or download the file again",
        },
    );
}

#[test]
fn an_image_without_a_mask() {
    refused(
        |data| data.remove(&mask("02", 1)),
        &Says {
            file: "/study.toml: ",
            place: "bids.mask: ",
            found: "found no brain mask beside bids/derivatives/fmriprep/sub-02/func/sub-02_task-story_run-1_",
            expected: "expected a file that ends in _desc-brain_mask.nii.gz on its grid",
            remedy: "add it, or set bids.mask",
        },
    );
}

#[test]
fn a_mask_on_another_grid() {
    refused(
        |data| {
            let mut other = mask_image(|_| true);
            other.affine[0][3] += 1.5;
            data.write(&mask("02", 1), &other.bytes());
        },
        &Says {
            file: "/sub-02_task-story_run-1_space-",
            place: "_desc-brain_mask.nii: ",
            found: "found a grid of [4, 3, 3] RAS voxels from (-3.00, -3.00, -3.00) mm",
            expected: "expected a grid of [4, 3, 3] RAS voxels from (-4.50, -3.00, -3.00) mm",
            remedy: "resample it to the grid of the recordings",
        },
    );
}

#[test]
fn runs_whose_voxels_lie_between_those_of_others() {
    refused(
        |data| {
            data.change("02", 1, |image| image.affine[0][3] += 0.6);
        },
        &Says {
            file: "/sub-02_task-story_run-1_space-",
            place: "_desc-preproc_bold.nii: ",
            found: "found a grid of [4, 3, 3] RAS voxels from (-3.90, -3.00, -3.00) mm",
            expected: "expected a grid of [4, 3, 3] RAS voxels from (-4.50, -3.00, -3.00) mm",
            remedy: "resample it to the grid of the recordings",
        },
    );
}

#[test]
fn voxels_stored_in_coarse_steps_are_warned_of() {
    let data = Dataset::new();
    data.change("02", 1, |image| {
        image.values.iter_mut().for_each(|value| *value = (*value + 20) / 40);
    });
    let said = data.analyze("out", &[]).succeeded().stderr;
    assert!(
        said.contains("sub-02_task-story_run-1_")
            && said.contains("rounding makes more than 1 % of the variance"),
        "{said}"
    );
    assert!(!said.contains("desc-preproc_bold.nii and 1 more: voxels are stored"), "{said}");
}

#[test]
fn masks_that_share_no_voxel() {
    refused(
        |data| {
            data.write(&mask("01", 1), &mask_image(|voxel| voxel < 3).bytes());
            data.write(&mask("02", 1), &mask_image(|voxel| voxel > 3).bytes());
        },
        &Says {
            file: "/study.toml: ",
            place: "bids.mask: ",
            found: "found no voxels inside of all masks",
            expected: "expected masks that share voxels",
            remedy: "look at the masks of the runs, or exclude a participant",
        },
    );
}

#[test]
fn a_space_that_is_not_there() {
    refused(
        |data| data.set(&format!("space = \"{SPACE}\""), "space = \"T1w\""),
        &Says {
            file: "/study.toml: ",
            place: "bids: pattern `sub-*/func/*_space-T1w_desc-preproc_bold.nii.gz`",
            found: "found no file that fits",
            expected: "expected at least one; it has the spaces MNI152NLin2009cAsym and the tasks story",
            remedy: "correct the pattern or the folder",
        },
    );
}

#[test]
fn a_participant_that_is_not_there() {
    refused(
        |data| data.set("folder = \"bids\"", "folder = \"bids\"\nparticipants = [\"01\", \"sub-7\"]"),
        &Says {
            file: "/study.toml: ",
            place: "bids.participants: ",
            found: "found `7` without an image",
            expected: "expected one of 01",
            remedy: "change it in the study file",
        },
    );
}

#[test]
fn grids_without_a_place_are_analysed_without_maps() {
    let data = Dataset::new();
    for participant in super::dataset::PARTICIPANTS {
        for run in super::dataset::RUNS {
            data.change(participant, run, |image| image.sform_code = 0);
            let mut inside = mask_image(|_| true);
            inside.sform_code = 0;
            data.write(&mask(participant, run), &inside.bytes());
        }
    }
    let said = data.analyze("out", &[]).succeeded().stderr;
    assert!(
        said.contains("sform and qform both have code 0") && !data.path("out/maps/group").exists(),
        "{said}"
    );
    data.write("spheres.tsv", b"name\tx\ty\tz\tradius\nleft\t-1.5\t0\t0\t3\n");
    data.set("folder = \"bids\"", "folder = \"bids\"\nspheres = \"spheres.tsv\"");
    data.check().refused(&Says {
        file: "/study.toml: ",
        place: "bids.spheres: ",
        found: "found images that do not say where their voxels lie",
        expected: "expected a position in space (sform)",
        remedy: "write it, or leave spheres out",
    });
}

#[test]
fn a_release_that_is_known_to_be_wrong_is_named() {
    let data = Dataset::new();
    data.edit("bids/derivatives/fmriprep/dataset_description.json", "25.2.0", "20.0.5");
    let said = data.check().succeeded().stderr;
    assert!(said.contains("fMRIPrep 20.0.5") && said.contains("phase-difference fieldmaps"), "{said}");
}

//! Data sets that can be analysed: what is left out, what is found, and that nothing depends on how images are stored.

use std::collections::BTreeMap;

use super::dataset::{Dataset, PARTICIPANTS, RUNS, SPACE, VOXELS, bold, events_file, mask, mask_image};

/// The values of a map, and its shape.
pub fn map(data: &Dataset, name: &str) -> (Vec<usize>, Vec<f32>) {
    let image = inflated(&data.path(name));
    let axes = usize::from(u16::from_le_bytes([image[40], image[41]]));
    let axis = |index: usize| usize::from(u16::from_le_bytes([image[42 + 2 * index], image[43 + 2 * index]]));
    assert_eq!(u16::from_le_bytes([image[70], image[71]]), 16, "maps are single precision");
    let values = image[352..].as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    ((0..axes).map(axis).collect(), values)
}

/// The bytes of a compressed file.
fn inflated(path: &std::path::Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).unwrap();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(file), &mut bytes).unwrap();
    bytes
}

fn bytes(data: &Dataset, folder: &str) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![data.path(folder)];
    while let Some(path) = folders.pop() {
        for entry in std::fs::read_dir(&path).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(data.path(folder)).unwrap().display().to_string();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn a_data_set_becomes_tables_and_maps_the_same_for_every_budget_and_number_of_threads() {
    let data = Dataset::new();
    data.analyze("out", &["--threads", "1", "--memory", "1 GiB"]).succeeded();
    let group = format!("out/maps/group/space-{SPACE}_stat-mean_desc-modelScore_statmap.nii.gz");
    let (shape, values) = map(&data, &group);
    assert_eq!(shape, [4, 3, 3, 3]);
    assert!(values.iter().all(|value| value.is_finite() && value.abs() < 1.0));
    let own = format!("out/maps/sub-02/func/sub-02_space-{SPACE}_stat-r_desc-modelScore_statmap.nii.gz");
    let people: Vec<Vec<f32>> = PARTICIPANTS
        .iter()
        .map(|label| map(&data, &own.replace("sub-02", &format!("sub-{label}"))).1)
        .collect();
    for (index, mean) in values.iter().enumerate() {
        let sum: f64 = people.iter().map(|values| f64::from(values[index])).sum();
        assert!((sum / 3.0 - f64::from(*mean)).abs() < 1e-6, "{index}");
    }
    let sidecar = data.read(&own.replace(".nii.gz", ".json"));
    assert!(sidecar.contains(&bold("02", 1)) && sidecar.contains("\"layer 2\""), "{sidecar}");
    data.analyze("other", &["--threads", "2", "--memory", "256 MiB"]).succeeded();
    for folder in ["tables", "maps", "report"] {
        assert_eq!(
            bytes(&data, &format!("out/{folder}")),
            bytes(&data, &format!("other/{folder}")),
            "{folder}"
        );
    }
}

/// The view from above shows, in hundredths of the largest, the largest score of each column of the map on disk.
#[test]
fn the_brain_of_the_page_is_that_of_the_maps_and_is_drawn_again_without_them() {
    let data = Dataset::new();
    data.analyze("out", &[]).succeeded();
    let group = format!("out/maps/group/space-{SPACE}_stat-mean_desc-modelScore_statmap.nii.gz");
    let (shape, values) = map(&data, &group);
    let brains: serde_json::Value = serde_json::from_str(&data.read("out/tables/brains.json")).unwrap();
    let (brain, layer) = (&brains[0], brains[0]["layer"].as_u64().unwrap() as usize);
    let score = &brain["maps"][0];
    assert_eq!(score["quantity"], "score");
    let [across, along, up] = [shape[0], shape[1], shape[2]];
    let of_layer = &values[layer * across * along * up..][..across * along * up];
    let largest = of_layer.iter().filter(|value| value.is_finite()).fold(0.0_f32, |a, b| a.max(b.abs()));
    assert!((score["largest"].as_f64().unwrap() - f64::from(largest)).abs() < 1e-6);
    let above = &score["views"][3];
    assert_eq!((above["side"].as_str(), above["width"].as_u64()), (Some("above"), Some(across as u64)));
    for y in 0..along {
        for x in 0..across {
            let column = (0..up).map(|z| of_layer[x + across * (y + along * z)]);
            let seen = column.filter(|value| value.is_finite()).fold(f32::NEG_INFINITY, f32::max);
            // The grid counts voxels from left to right and from behind; pictures from the top.
            let level = above["levels"][x + across * (along - 1 - y)].as_i64().unwrap();
            let expected = if seen.is_finite() { (100.0 * seen / largest).round() as i64 } else { -128 };
            assert!((level - expected).abs() <= 1, "{x} {y}: {level} for {expected}");
        }
    }
    let (page, figure) = (data.read("out/report/index.html"), data.read("out/report/brain.svg"));
    assert!(page.contains("Where in the brain") && figure.contains("<path"));
    std::fs::remove_dir_all(data.path("out/maps")).unwrap();
    std::fs::remove_dir_all(data.path("out/report")).unwrap();
    super::program::gyrus(&[std::path::Path::new("report"), &data.path("out")]).succeeded();
    assert_eq!(data.read("out/report/index.html"), page);
    assert_eq!(data.read("out/report/brain.svg"), figure);
}

#[test]
fn an_image_stored_the_other_way_round_is_the_same_image() {
    let data = Dataset::new();
    data.analyze("out", &[]).succeeded();
    for run in RUNS {
        data.change("02", run, |image| *image = image.flipped());
        data.write(&mask("02", run), &mask_image(|voxel| voxel != 5).flipped().bytes());
        data.write(&mask("01", run), &mask_image(|voxel| voxel != 5).bytes());
        data.write(&mask("03", run), &mask_image(|voxel| voxel != 5).bytes());
    }
    let said = data.analyze("flipped", &[]).succeeded().stderr;
    assert!(said.contains("voxels were found by their place"), "{said}");
    let name = format!("maps/sub-02/func/sub-02_space-{SPACE}_stat-r_desc-modelScore_statmap.nii.gz");
    let (first, second) = (map(&data, &format!("out/{name}")).1, map(&data, &format!("flipped/{name}")).1);
    for (index, (first, second)) in first.iter().zip(&second).enumerate() {
        assert!(
            if index % VOXELS == 5 { second.is_nan() } else { first == second },
            "{index}: {first} {second}"
        );
    }
}

#[test]
fn voxels_that_some_mask_lacks_are_counted_and_left_out() {
    let data = Dataset::new();
    data.write(&mask("03", 2), &mask_image(|voxel| voxel >= 4).bytes());
    data.write(&mask("01", 1), &mask_image(|voxel| voxel != 35).bytes());
    let ran = data.check().succeeded();
    assert!(ran.stdout.contains("31 targets"), "{}", ran.stdout);
    let said = "5 of 36 voxels lie in some of the 9 masks but not in all: they were left out (4 of them for ";
    assert!(ran.stderr.contains(said) && ran.stderr.contains("sub-03_task-story_run-2"), "{}", ran.stderr);
}

#[test]
fn a_voxel_without_variance_has_a_reason_and_no_number() {
    let data = Dataset::new();
    data.change("01", 2, |image| {
        image.values.chunks_mut(VOXELS).for_each(|volume| {
            volume[7] = 1000;
            volume[8] = 0;
        });
    });
    data.analyze("out", &[]).succeeded();
    let excluded = data.rows("out/tables/excluded.tsv");
    let of = |target: &str, reason: &str| {
        excluded.iter().any(|row| {
            row[0] == "sub-01" && row.contains(&target.to_owned()) && row.contains(&reason.to_owned())
        })
    };
    assert!(of("3-1-0", "constant") && of("0-2-0", "all_zero"), "{excluded:?}");
    let name = format!("maps/sub-01/func/sub-01_space-{SPACE}_stat-r_desc-modelScore_statmap.nii.gz");
    let missing: Vec<usize> = map(&data, &format!("out/{name}")).1[..VOXELS]
        .iter()
        .enumerate()
        .filter(|(_, value)| value.is_nan())
        .map(|(voxel, _)| voxel)
        .collect();
    assert_eq!(missing, [7, 8]);
}

#[test]
fn parcels_are_means_over_their_voxels_by_the_names_of_the_table() {
    let data = Dataset::new();
    // Parcel 300 is all of the first slice, and holds a voxel that is constant in one run.
    let atlas = mask_image(|_| true);
    let labels = (0..VOXELS)
        .map(|voxel| {
            if voxel < 12 {
                300
            } else if voxel < 24 {
                2
            } else {
                0
            }
        })
        .collect();
    let atlas = super::image::Image { values: labels, ..atlas }.flipped();
    data.write("atlas.nii", &atlas.bytes());
    data.write("atlas.tsv", b"index\tname\n2\tmiddle\n300\tbottom\n");
    data.set(
        "folder = \"bids\"",
        "folder = \"bids\"\natlas = \"atlas.nii\"\natlas_labels = \"atlas.tsv\"\ntargets = \"parcels\"",
    );
    data.change("01", 2, |image| image.values.chunks_mut(VOXELS).for_each(|volume| volume[7] = 30000));
    let ran = data.check().succeeded();
    assert!(ran.stdout.contains("2 targets"), "{}", ran.stdout);
    assert!(ran.stderr.contains("12 of 36 voxels lie in no parcel of the atlas"), "{}", ran.stderr);
    data.analyze("out", &[]).succeeded();
    let regions: Vec<String> =
        data.rows("out/tables/ceilings.tsv").iter().map(|row| row[0].clone()).collect();
    assert_eq!(regions, ["middle", "bottom", "mean"]);
    let name = format!("maps/group/space-{SPACE}_stat-mean_desc-modelScore_statmap.nii.gz");
    let values = map(&data, &format!("out/{name}")).1;
    assert!(values[..12].iter().all(|value| *value == values[0] && value.is_finite()));
    assert!(values[24..36].iter().all(|value| value.is_nan()));
    // Voxels of the last parcel come first; regions are as the atlas numbers them all the same.
    data.set("targets = \"parcels\"", "targets = \"voxels\"");
    data.analyze("voxels", &[]).succeeded();
    let regions: Vec<String> =
        data.rows("voxels/tables/ceilings.tsv").iter().map(|row| row[0].clone()).collect();
    assert_eq!(regions, ["middle", "bottom", "mean"]);
    data.write("atlas.tsv", b"index\tname\n2\tmiddle\n");
    data.check().refused(&super::program::Says {
        file: "/study.toml: ",
        place: "bids.atlas_labels: ",
        found: "found no name for parcel 300 of ",
        expected: "expected a row for every parcel",
        remedy: "add it",
    });
}

/// Voxels are 3 mm apart; (-1.5, 0, 0) is the middle of voxel 1-1-1, and 3 mm reach its six neighbours.
#[test]
fn spheres_are_parcels_about_points() {
    let data = Dataset::new();
    let table = "name\tx\ty\tz\tradius\nleft\t-1.5\t0\t0\t3\nright\t4.5\t0\t0\t3\nnowhere\t90\t0\t0\t5\n";
    data.write("spheres.tsv", table.as_bytes());
    data.set("folder = \"bids\"", "folder = \"bids\"\nspheres = \"spheres.tsv\"");
    let ran = data.check().succeeded();
    // 1-1-1 and its six neighbours; 3-1-1 and five, of which 2-1-1 is as near to the left one, which comes first.
    assert!(ran.stdout.contains("12 targets"), "{}", ran.stdout);
    assert!(ran.stderr.contains("24 of 36 voxels lie in no sphere"), "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains("1 parcels have no voxels inside of all masks and were left out: nowhere (0 of 0)"),
        "{}",
        ran.stderr
    );
    data.set("spheres.tsv\"", "spheres.tsv\"\ntargets = \"parcels\"");
    assert!(data.check().succeeded().stdout.contains("2 targets"));
    for (row, found, expected) in [
        ("left\t1\t2\t3\t0", "a radius of 0 mm in row 1", "one above 0"),
        ("left\t1\t2\tx\t4", "left 1 2 x 4 in row 1", "a name and four numbers"),
        ("a\t1\t2\t3\t4\na\t1\t2\t3\t4", "`a` twice in ", "a name for each sphere"),
    ] {
        data.write("spheres.tsv", format!("name\tx\ty\tz\tradius\n{row}\n").as_bytes());
        let error = data.check().error();
        assert!(
            error.contains("bids.spheres: found ") && error.contains(found) && error.contains(expected),
            "{error}"
        );
    }
}

#[test]
fn two_stories_in_a_run_are_two_recordings() {
    let data = Dataset::new();
    for participant in PARTICIPANTS {
        let long = |image: &mut super::image::Image| {
            let again: Vec<i16> = image.values.iter().rev().copied().collect();
            image.values.extend(again);
            image.shape[3] *= 2;
        };
        data.change(participant, 1, long);
        data.write(&super::dataset::confounds(participant, 1), super::dataset::table(1, 140).as_bytes());
        let events = "onset\tduration\tstim_file\n3.0\t130\tstory-1.wav\n143.0\t130\tstory-2.wav\n";
        data.write(&events_file(participant, 1), events.as_bytes());
        for name in [bold(participant, 2), mask(participant, 2), events_file(participant, 2)] {
            data.remove(&name);
        }
    }
    let ran = data.check().succeeded();
    assert!(
        ran.stdout.contains("3 participants, 36 targets, 3 stimuli") && ran.stdout.contains("1 design"),
        "{}",
        ran.stdout
    );
    data.analyze("out", &[]).succeeded();
    // Volume 71 is the first at or after 143 s (1 s + 71 × 2 s); ten of each recording are left out.
    let samples: Vec<String> =
        data.rows("out/tables/participants.tsv").iter().map(|row| row[1].clone()).collect();
    assert_eq!(samples, vec![((71 - 10) + (140 - 71 - 10) + (70 - 10)).to_string(); 3]);
}

/// A file of the goldens (fixtures/volumes/make_nilearn.py).
pub fn golden(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/volumes");
    std::fs::read(std::path::Path::new(folder).join(name)).unwrap()
}

/// The cleaned responses of the first recording, target by target.
fn cleaned(change: impl FnOnce(&Dataset)) -> Vec<f32> {
    let data = Dataset::new();
    data.set("motion = 12", "motion = 6");
    for name in [bold("01", 1), mask("01", 1)] {
        data.remove(&name);
    }
    data.write(&bold("01", 1).replace(".nii", ".nii.gz"), &golden("bold.nii.gz"));
    data.write(&mask("01", 1).replace(".nii", ".nii.gz"), &golden("mask.nii.gz"));
    data.write(&super::dataset::confounds("01", 1), &golden("confounds.tsv"));
    change(&data);
    let inputs = gyrus::inputs::open(&data.path("study.toml"), &gyrus::Silent).unwrap();
    let plan = gyrus::plan::Plan::of(&inputs).unwrap();
    let machine = gyrus::plan::Machine::new(&gyrus::Execution::default(), &gyrus::Silent).unwrap();
    let store = gyrus::store::Store::open(&data.path("store")).unwrap();
    plan.tasks()[0].run(&inputs, &plan, &store, &machine).unwrap();
    let files = bytes(&data, "store/prepare");
    let (_, stored) = files.iter().find(|(name, _)| name.ends_with("responses.f32")).unwrap();
    stored[16..].as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

/// The numbers of a golden in double precision.
pub fn golden_numbers(name: &str) -> Vec<f64> {
    golden(name)[128..].as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect()
}

/// gyrus divides by the deviation with n, nilearn by that with n - 1.
fn is_as_nilearn_has_it(found: &[f32], expected: &[f64], targets: usize) {
    let samples = 60;
    assert_eq!((found.len(), expected.len()), (samples * targets, samples * targets));
    let scale = (59.0_f64 / 60.0).sqrt();
    for (index, found) in found.iter().enumerate() {
        let expected = expected[index % samples * targets + index / samples] / scale;
        assert!((f64::from(*found) - expected).abs() < 1e-5, "{index}: {found} {expected}");
    }
}

#[test]
fn a_run_is_cleaned_as_nilearn_cleans_it() {
    is_as_nilearn_has_it(&cleaned(|_| {}), &golden_numbers("cleaned.npy"), 31);
}

#[test]
fn parcels_of_a_run_are_cleaned_as_nilearn_cleans_them() {
    let found = cleaned(|data| {
        data.write("atlas.nii.gz", &golden("atlas.nii.gz"));
        data.set("folder = \"bids\"", "folder = \"bids\"\natlas = \"atlas.nii.gz\"\ntargets = \"parcels\"");
    });
    is_as_nilearn_has_it(&found, &golden_numbers("parcels.npy"), 3);
}

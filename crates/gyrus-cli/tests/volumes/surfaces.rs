//! Studies on surfaces and in dense files: the scores of the same values as volumes, maps that come back, and what is wrong
//! with files of real life.

use std::path::Path;

use gyrus_io::cifti::{self, Columns, DenseFile, NewColumns};
use gyrus_io::gifti::{self, Array, Encoding, Gifti, Label, intent};
use gyrus_io::nifti::DataType;

use super::analysed::map;
use super::cortex::{LEFT, dense, dense_file, in_space, recorded, series, strip, surface, values};
use super::dataset::{Dataset, PARTICIPANTS, RUNS, SPACE, VOLUMES, VOXELS, bold};
use super::program::gyrus;

const SPACES: [&str; 2] = ["fsaverage6", "fsLR"];

/// Layers × values of a group map, in the order of the volumes.
fn group(data: &Dataset, output: &str, space: &str, statistic: &str) -> Vec<f32> {
    let stem = |before: &str| {
        format!("{output}/maps/group/{before}space-{space}_stat-{statistic}_desc-modelScore_statmap")
    };
    match space {
        "fsaverage6" => {
            let of = |side: &str| {
                gifti::read_series(&data.path(&format!("{}.func.gii", stem(&format!("hemi-{side}_")))))
                    .unwrap()
            };
            let [left, right] = ["L", "R"].map(of);
            assert_eq!(
                (left.structure.as_deref(), right.structure.as_deref()),
                (Some("CortexLeft"), Some("CortexRight"))
            );
            let layers = left.values.outer_iter().zip(right.values.outer_iter());
            layers
                .flat_map(|(left, right)| left.iter().chain(right.iter()).copied().collect::<Vec<_>>())
                .collect()
        }
        "fsLR" => {
            let file = DenseFile::open(&data.path(&format!("{}.dscalar.nii", stem("")))).unwrap();
            assert_eq!(file.dense, dense(false).0, "as the first recording");
            assert!(matches!(&file.columns, Columns::Scalars(names) if names[2] == "layer 2"));
            let mut layers = vec![Vec::new(); file.n_columns()];
            file.each_row(|_, row| {
                row.iter().zip(&mut layers).for_each(|(value, layer)| layer.push(*value as f32));
            })
            .unwrap();
            layers.concat()
        }
        _ => map(data, &format!("{}.nii.gz", stem(""))).1,
    }
}

#[test]
fn the_same_values_have_the_same_scores_as_volumes_surfaces_and_dense_files() {
    let data = recorded();
    data.analyze("volume", &[]).succeeded();
    for (space, regions) in SPACES
        .iter()
        .zip([&["cortex left", "cortex right"][..], &["cortex left", "cortex right", "thalamus left"]])
    {
        in_space(&data, space);
        data.analyze(space, &["--threads", "2"]).succeeded();
        for statistic in ["mean", "p"] {
            let (found, expected) =
                (group(&data, space, space, statistic), group(&data, "volume", SPACE, statistic));
            assert_eq!(found.len(), 3 * VOXELS);
            assert_eq!(found, expected, "{space} {statistic}");
        }
        let mut named: Vec<String> =
            data.rows(&format!("{space}/tables/layers.tsv")).into_iter().map(|row| row[2].clone()).collect();
        named.sort();
        named.dedup();
        for region in regions {
            assert!(named.iter().any(|name| name == region), "{named:?}");
        }
        data.set(&format!("space = \"{space}\""), &format!("space = \"{SPACE}\""));
    }
}

/// Two hemispheres whose parcels have the same names; key 0 and the wall are none.
pub fn atlas(data: &Dataset) {
    let label = |key, name: &str| Label { key, name: name.to_owned(), colour: None };
    let labels = vec![label(0, "???"), label(2, "A1"), label(5, "STS"), label(7, "Medial_wall")];
    for (side, count) in [("l", LEFT), ("r", VOXELS - LEFT)] {
        let keys: Vec<f64> = (0..count).map(|vertex| [2.0, 5.0, 5.0, 0.0, 7.0][vertex % 5]).collect();
        let array = Array::new(intent::LABEL, &[count], DataType::I32, &keys).unwrap();
        let file = Gifti { labels: labels.clone(), arrays: vec![array], ..Gifti::default() };
        gifti::write(&data.path(&format!("{side}h.label.gii")), &file, Encoding::Base64).unwrap();
    }
}

#[test]
fn parcels_of_both_hemispheres_are_means_over_their_vertices() {
    let data = recorded();
    atlas(&data);
    in_space(&data, "fsaverage6");
    let both = "atlas = [\"lh.label.gii\", \"rh.label.gii\"]\ntargets = \"parcels\"";
    data.set("folder = \"bids\"", &format!("folder = \"bids\"\n{both}"));
    let said = data.analyze("out", &[]).succeeded().stderr;
    assert!(said.contains("14 of 36 vertices lie in no parcel of the atlas"), "{said}");
    let rows = data.rows("out/tables/layers.tsv");
    let found: std::collections::BTreeSet<&str> = rows.iter().map(|row| row[2].as_str()).collect();
    for name in ["L A1", "L STS", "R A1", "R STS"] {
        assert!(found.contains(name), "{found:?}");
    }
    let values = group(&data, "out", "fsaverage6", "mean");
    for (first, second) in [(0, 5), (1, 12), (LEFT, LEFT + 5)] {
        assert_eq!(values[first], values[second]);
    }
    assert!(values[3].is_nan() && values[4].is_nan() && values[1] != values[LEFT + 1]);
}

#[test]
fn the_medial_wall_has_a_reason_and_no_score() {
    let data = recorded();
    in_space(&data, "fsaverage6");
    for (participant, run) in PARTICIPANTS.iter().flat_map(|participant| RUNS.map(|run| (participant, run))) {
        let mut values = values(participant, run);
        values.chunks_mut(VOXELS).for_each(|volume| {
            volume[3] = 0.0;
            volume[7] = f64::NAN;
        });
        gifti::write(
            &data.path(&surface(participant, run, "L")),
            &series(&values, 0, LEFT, "Left"),
            Encoding::Compressed,
        )
        .unwrap();
    }
    data.analyze("out", &[]).succeeded();
    let scores = group(&data, "out", "fsaverage6", "mean");
    let missing: Vec<usize> = (0..VOXELS).filter(|vertex| scores[*vertex].is_nan()).collect();
    assert_eq!(missing, [3, 7]);
    let excluded = data.read("out/tables/excluded.tsv");
    for (name, reason) in [("L-3", "all_zero"), ("L-7", "non_finite")] {
        assert!(excluded.lines().any(|line| line.contains(name) && line.contains(reason)), "{excluded}");
    }
}

#[test]
fn with_a_mesh_there_are_clusters_and_pictures_of_both_sides() {
    for (space, left, right) in [("fsaverage6", LEFT, VOXELS - LEFT), ("fsLR", 24, 24)] {
        let data = recorded();
        in_space(&data, space);
        data.set("surrogates = 19", "surrogates = 19\nclusters = \"tfce\"");
        let error = data.check().error();
        assert!(error.contains("clusters on surfaces without their shape"), "{error}");
        strip(&data, "lh.surf.gii", left, -20.0);
        strip(&data, "rh.surf.gii", right, 20.0);
        data.set("folder = \"bids\"", "folder = \"bids\"\nmesh = [\"lh.surf.gii\", \"rh.surf.gii\"]");
        data.analyze("out", &[]).succeeded();
        assert!(group(&data, "out", space, "pclusters").iter().all(|p| (0.05..=1.0).contains(p)));
        let methods = data.read("out/methods.md");
        assert!(methods.contains("vertices that share the side of a triangle"), "{methods}");
        let page = data.read("out/report/index.html");
        assert!(page.contains("left, from the middle") && !page.contains("along each line of sight"));
        // Another shape has other neighbours, and the same scores.
        let done = |stage: &str| std::fs::read_dir(data.path("out/store").join(stage)).unwrap().count();
        let (fits, answers) = (done("fit"), done("infer"));
        strip(&data, "lh.surf.gii", left, -25.0);
        data.analyze("out", &[]).succeeded();
        assert_eq!((done("fit"), done("infer")), (fits, answers + 1));
    }
}

#[test]
fn times_of_surfaces_come_from_beside_them() {
    let data = recorded();
    in_space(&data, "fsaverage6");
    let sidecar = surface("02", 2, "L").replace(".func.gii", ".json");
    data.write(&sidecar, b"{}");
    let error = data.check().error();
    for part in [
        "run-2_hemi-L_space-fsaverage6_bold.func.gii: found repetition times of none in the sidecar and none in the header",
        "(GIFTI has none), expected a positive one; declare responses.repetition_time",
    ] {
        assert!(error.contains(part), "{error}");
    }
    data.write("bids/task-story_bold.json", br#"{"RepetitionTime": 2.0}"#);
    data.write("bids/sub-02/func/sub-02_task-story_run-2_bold.nii.gz", b"x");
    data.check().succeeded();
    let data = recorded();
    in_space(&data, "fsLR");
    data.write(&dense_file("02", 2).replace(".dtseries.nii", ".json"), br#"{"RepetitionTime": 1.5}"#);
    let error = data.check().error();
    assert!(error.contains("1.5 s in the sidecar and 2 s in the header (SeriesStep = 2 s)"), "{error}");
}

fn refused(space: &str, change: &dyn Fn(&Dataset), message: &str) {
    let data = recorded();
    in_space(&data, space);
    change(&data);
    let error = data.check().error();
    assert!(error.contains(message), "{error}\n{message}");
}

#[test]
fn what_does_not_go_together_is_refused() {
    let rewrite = |data: &Dataset, name: &str, content: &Gifti| {
        gifti::write(&data.path(name), content, Encoding::Ascii).unwrap();
    };
    let all = values("02", 1);
    let (other, right) = (surface("02", 1, "L"), surface("02", 1, "R"));
    refused(
        "fsaverage6",
        &|data| data.remove(&right),
        "found the image of one hemisphere, expected that of the right one (hemi-R) beside it",
    );
    refused(
        "fsaverage6",
        &|data| rewrite(data, &other, &series(&all, 0, LEFT - 1, "Left")),
        "found 19 and 16 vertices, expected 20 and 16",
    );
    refused(
        "fsaverage6",
        &|data| {
            let mut short = series(&all, LEFT, VOXELS, "Right");
            short.arrays.pop();
            rewrite(data, &right, &short);
        },
        "found 69 volumes, expected the 70 of",
    );
    refused(
        "fsaverage6",
        &|data| {
            let text = data.read(&other);
            data.write(&other, &text.as_bytes()[..text.len() - 30]);
        },
        "found a file that ends before </GIFTI>",
    );
    refused(
        "fsLR",
        &|data| {
            let (mut fewer, _) = dense(false);
            fewer.models.pop();
            let path = data.path(&dense_file("02", 1));
            let count = fewer.len() * VOLUMES;
            cifti::write(
                &path,
                &fewer,
                &NewColumns::Series(VOLUMES, 2.0),
                (0..count).map(|value| value as f64),
            )
            .unwrap();
        },
        "found no row for 4 vertices and voxels, the first of CIFTI_STRUCTURE_THALAMUS_LEFT",
    );
}

#[test]
fn settings_that_do_not_go_with_the_recordings_are_refused() {
    let with = |settings: &'static str| {
        move |data: &Dataset| data.set("folder = \"bids\"", &format!("folder = \"bids\"\n{settings}"))
    };
    refused(
        "fsaverage6",
        &with("atlas = \"lh.annot\""),
        "found one file, lh.annot, expected a list of two files",
    );
    refused(
        "fsLR",
        &with("mask = [\"a.label\", \"b.label\"]"),
        "found two files, a.label and b.label, expected one file",
    );
    refused("fsaverage6", &with("atlas = 3"), "a path, or a list of two");
    refused("fsaverage6", &with("spheres = \"a.tsv\""), "found spheres on surfaces");
    refused(SPACE, &with("mesh = [\"a\", \"b\"]"), "found meshes for images of voxels");
    refused(
        "fsaverage6",
        &|data| {
            strip(data, "l.gii", 7, -1.0);
            with("mesh = [\"l.gii\", \"l.gii\"]")(data);
        },
        "found 7 vertices in l.gii, expected 20",
    );
    refused(
        "fsaverage6",
        &|data| {
            data.write("l.label", b"#!ascii label\n1\n20 0 0 0 0\n");
            with("mask = [\"l.label\", \"l.label\"]")(data);
        },
        "found vertex 20 in l.label, expected 20 vertices",
    );
}

#[test]
fn a_mask_of_both_hemispheres_leaves_vertices_out() {
    let data = recorded();
    in_space(&data, "fsaverage6");
    data.write("l.label", b"#!ascii label, cortex\n3\n1 0 0 0 0\n4 0 0 0 0\n9 0 0 0 0\n");
    let right = Array::new(intent::SHAPE, &[16], DataType::F32, &[1.0; 16]).unwrap();
    let file = Gifti { arrays: vec![right], ..Gifti::default() };
    gifti::write(&data.path("r.shape.gii"), &file, Encoding::Ascii).unwrap();
    data.set("folder = \"bids\"", "folder = \"bids\"\nmask = [\"l.label\", \"r.shape.gii\"]");
    let said = data.check().succeeded();
    assert!(
        said.stderr.contains("17 of 36 vertices lie outside of l.label and r.shape.gii"),
        "{}",
        said.stderr
    );
    assert!(said.stdout.contains("19 targets"), "{}", said.stdout);
    // An atlas of probabilities: a quarter of the vertices on the right are above the limit.
    let shares: Vec<f64> = (0..16).map(|vertex| if vertex % 4 == 0 { 0.5 } else { 0.2 }).collect();
    let right = Array::new(intent::SHAPE, &[16], DataType::F32, &shares).unwrap();
    let file = Gifti { arrays: vec![right], ..Gifti::default() };
    gifti::write(&data.path("r.shape.gii"), &file, Encoding::Ascii).unwrap();
    data.set("r.shape.gii\"]", "r.shape.gii\"]\nmask_above = 0.2");
    let said = data.check().succeeded();
    assert!(said.stdout.contains("7 targets"), "{}", said.stdout);
}

#[test]
fn init_writes_a_study_of_surfaces_with_the_parcels_and_shapes_that_are_there() {
    let data = recorded();
    for (participant, run) in PARTICIPANTS.iter().flat_map(|participant| RUNS.map(|run| (participant, run))) {
        data.remove(&bold(participant, run));
        data.remove(&dense_file(participant, run));
    }
    let init = || {
        let study = data.path("new.toml");
        gyrus(&[
            Path::new("init"),
            &data.path("bids"),
            Path::new("--model"),
            &data.path("model"),
            Path::new("-o"),
            &study,
        ])
        .succeeded();
        let text = data.read("new.toml");
        std::fs::remove_file(study).unwrap();
        text
    };
    let text = init();
    assert!(
        text.contains("space = \"fsaverage6\"\n") && text.contains("# atlas = [\"lh.annot\", \"rh.annot\"]"),
        "{text}"
    );
    data.write("bids/atlas/x", b"");
    atlas(&data);
    for (from, to) in [("lh", "L"), ("rh", "R")] {
        let to = format!("bids/atlas/tpl-fsaverage6_hemi-{to}_atlas-A_dseg.label.gii");
        std::fs::rename(data.path(&format!("{from}.label.gii")), data.path(&to)).unwrap();
    }
    strip(&data, "bids/atlas/tpl-fsaverage6_hemi-L_inflated.surf.gii", LEFT, -20.0);
    strip(&data, "bids/atlas/tpl-fsaverage6_hemi-R_inflated.surf.gii", VOXELS - LEFT, 20.0);
    let text = init();
    data.write("study.toml", text.as_bytes());
    let said = data.check().succeeded();
    assert!(said.stdout.contains("22 targets"), "{text}\n{}", said.stdout);
    assert!(!said.stderr.contains("no pictures of surfaces"), "{}", said.stderr);
}

//! The same recordings on surfaces and in dense files, and shapes of both hemispheres.

use gyrus_io::cifti::{self, BrainModel, Dense, NewColumns, Points};
use gyrus_io::gifti::{self, Array, Encoding, Gifti, intent};
use gyrus_io::nifti::{Affine, DataType, Grid, Orientation};

use super::dataset::{Dataset, PARTICIPANTS, RUNS, SPACE, VOLUMES, VOXELS, bold, image};

/// Voxels that become vertices of the left hemisphere; the others are those of the right.
pub const LEFT: usize = 20;

pub fn values(participant: &str, run: usize) -> Vec<f64> {
    let person = PARTICIPANTS.iter().position(|known| *known == participant).unwrap();
    image((10 * person + run) as u64).values.into_iter().map(f64::from).collect()
}

pub fn surface(participant: &str, run: usize, hemisphere: &str) -> String {
    bold(participant, run).replace(
        &format!("_space-{SPACE}_desc-preproc_bold.nii"),
        &format!("_hemi-{hemisphere}_space-fsaverage6_bold.func.gii"),
    )
}

pub fn dense_file(participant: &str, run: usize) -> String {
    bold(participant, run)
        .replace(&format!("_space-{SPACE}_desc-preproc_bold.nii"), "_space-fsLR_den-91k_bold.dtseries.nii")
}

pub fn structure(side: &str) -> (String, String) {
    ("AnatomicalStructurePrimary".to_owned(), format!("Cortex{side}"))
}

/// A recording on one hemisphere.
pub fn series(values: &[f64], from: usize, to: usize, side: &str) -> Gifti {
    let volume = |volume: usize| {
        let own = &values[volume * VOXELS + from..volume * VOXELS + to];
        Array::new(intent::TIME_SERIES, &[own.len()], DataType::F32, own).unwrap()
    };
    Gifti { metadata: vec![structure(side)], arrays: (0..VOLUMES).map(volume).collect(), ..Gifti::default() }
}

/// Left cortex, right cortex, and the last four values as voxels; the file of some recordings lists the right one first.
pub fn dense(is_turned: bool) -> (Dense, Vec<usize>) {
    let model = |name: &str, points| BrainModel { structure: format!("CIFTI_STRUCTURE_{name}"), points };
    let vertices =
        |count: u32| Points::Vertices { of: 24, vertices: (0..count).map(|index| index + 2).collect() };
    let voxels = Points::Voxels((0..4).map(|index| [index, 1, 2]).collect());
    let left = (model("CORTEX_LEFT", vertices(LEFT as u32)), 0..LEFT);
    let right = (model("CORTEX_RIGHT", vertices(12)), LEFT..32);
    let below = (model("THALAMUS_LEFT", voxels), 32..VOXELS);
    let order = if is_turned { [right, below, left] } else { [left, right, below] };
    let affine = Affine([[2.0, 0.0, 0.0, -9.0], [0.0, 2.0, 0.0, 0.0], [0.0, 0.0, 2.0, 0.0]]);
    let grid = Grid { shape: [9, 9, 9], affine, orientation: Orientation::Sform(4) };
    let rows = order.iter().flat_map(|(_, rows)| rows.clone()).collect();
    (Dense { models: order.into_iter().map(|(model, _)| model).collect(), grid: Some(grid) }, rows)
}

/// The data set with its recordings on surfaces and in dense files too.
pub fn recorded() -> Dataset {
    let data = Dataset::new();
    for (participant, run) in PARTICIPANTS.iter().flat_map(|participant| RUNS.map(|run| (participant, run))) {
        let values = values(participant, run);
        for (hemisphere, side, from, to) in [("L", "Left", 0, LEFT), ("R", "Right", LEFT, VOXELS)] {
            let path = surface(participant, run, hemisphere);
            let encoding = if run == 1 { Encoding::Ascii } else { Encoding::Compressed };
            gifti::write(&data.path(&path), &series(&values, from, to, side), encoding).unwrap();
            data.write(&path.replace(".func.gii", ".json"), br#"{"RepetitionTime": 2.0, "StartTime": 1.0}"#);
        }
        let path = dense_file(participant, run);
        let (dense, rows) = dense(*participant == "02");
        let all = rows
            .iter()
            .flat_map(|row| (0..VOLUMES).map(|volume| values[volume * VOXELS + row]).collect::<Vec<_>>());
        cifti::write(&data.path(&path), &dense, &NewColumns::Series(VOLUMES, 2.0), all).unwrap();
        data.write(&path.replace(".dtseries.nii", ".json"), br#"{"RepetitionTime": 2.0, "StartTime": 1.0}"#);
    }
    data
}

pub fn in_space(data: &Dataset, space: &str) {
    data.set(&format!("space = \"{SPACE}\""), &format!("space = \"{space}\""));
}

/// A strip of triangles through the vertices of a hemisphere, which lies at −20 mm or 20 mm.
pub fn strip(data: &Dataset, name: &str, vertices: usize, x: f64) {
    let points: Vec<f64> = (0..vertices).flat_map(|at| [x, at as f64, (at % 2) as f64 * 3.0]).collect();
    let corners: Vec<f64> =
        (0..vertices - 2).flat_map(|at| [at, at + 1, at + 2].map(|at| at as f64)).collect();
    let arrays = vec![
        Array::new(intent::POINT_SET, &[vertices, 3], DataType::F32, &points).unwrap(),
        Array::new(intent::TRIANGLE, &[vertices - 2, 3], DataType::I32, &corners).unwrap(),
    ];
    gifti::write(&data.path(name), &Gifti { arrays, ..Gifti::default() }, Encoding::Base64).unwrap();
}

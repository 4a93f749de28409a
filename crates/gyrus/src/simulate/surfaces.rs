//! Recordings on surfaces: the simulated volumes sampled at the vertices of both hemispheres, as fMRIPrep does it.
//!
//! Meshes have the number of vertices of fsaverage or fsLR, and a shape of their own: halves of the simulated brain.

use std::collections::HashMap;
use std::path::Path;
use std::str::FromStr;

use gyrus_encoding::simulate::scan::{Experiment, Head, ScannedRun, Tissue};
use gyrus_io::cifti::{self, BrainModel, Dense, NewColumns, Points};
use gyrus_io::gifti::{self, Array, Encoding, Gifti, Label, intent};
use gyrus_io::nifti::{DataType, Grid, Orientation};

use super::geodesic::Sphere;
use super::layout::{Names, Recording, affine};
use super::{areas, raw};
use crate::Error;

/// A space of surfaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SurfaceSpace {
    /// 10,242 vertices in each hemisphere.
    Fsaverage5,
    /// 40,962 vertices in each hemisphere.
    Fsaverage6,
    /// 32,492 vertices in each hemisphere, of which the medial wall is left out, and voxels below the cortex, in one file.
    FsLr91k,
}

impl FromStr for SurfaceSpace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "fsaverage5" => Ok(Self::Fsaverage5),
            "fsaverage6" => Ok(Self::Fsaverage6),
            "fsLR" => Ok(Self::FsLr91k),
            other => Err(format!("found `{other}`, expected fsaverage5, fsaverage6 or fsLR")),
        }
    }
}

impl SurfaceSpace {
    fn name(self) -> &'static str {
        match self {
            Self::Fsaverage5 => "fsaverage5",
            Self::Fsaverage6 => "fsaverage6",
            Self::FsLr91k => "fsLR",
        }
    }

    /// Parts of a side of the icosahedron.
    fn parts(self) -> usize {
        match self {
            Self::Fsaverage5 => 32,
            Self::Fsaverage6 => 64,
            Self::FsLr91k => 57,
        }
    }

    /// Vertices of the medial wall, left and right.
    fn wall(self) -> [usize; 2] {
        match self {
            Self::Fsaverage5 => [888, 881],
            Self::Fsaverage6 => [3_552, 3_524],
            Self::FsLr91k => [2_796, 2_776],
        }
    }
}

/// Voxels below the cortex in files of 91k.
const BELOW: usize = 31_870;
/// Where the cortex lies between the middle of the brain and its surface.
const DEPTH: f64 = 0.9;

/// Both hemispheres in the simulated head.
pub(super) struct Surfaces {
    space: SurfaceSpace,
    hemispheres: [Hemisphere; 2],
    triangles: Vec<[u32; 3]>,
    /// Columns of the head below the cortex; empty but for 91k.
    below: Vec<(&'static str, Vec<usize>)>,
}

struct Hemisphere {
    letter: &'static str,
    structure: &'static str,
    positions: Vec<[f64; 3]>,
    /// The column of the head that each vertex shows; None in the medial wall.
    columns: Vec<Option<usize>>,
}

impl Surfaces {
    pub(super) fn new(space: SurfaceSpace, head: &Head) -> Self {
        let sphere = Sphere::new(space.parts());
        let grey = Nearest::new(head);
        let [left, right] = space.wall();
        let hemispheres = [
            Hemisphere::new((-1.0, "L", "CortexLeft"), (&sphere, left), &grey),
            Hemisphere::new((1.0, "R", "CortexRight"), (&sphere, right), &grey),
        ];
        let below = if space == SurfaceSpace::FsLr91k { below(head) } else { Vec::new() };
        Self { space, hemispheres, triangles: sphere.triangles, below }
    }

    /// Shapes of both hemispheres and the areas of the cortex, beside the atlas of volumes.
    pub(super) fn write_templates(&self, folder: &Path, experiment: &Experiment) -> Result<(), Error> {
        let folder = folder.join("atlas");
        let name = self.space.name();
        let still = vec![[0.0; 3]; experiment.areas.len()];
        let areas = experiment.head.areas(&experiment.areas, &still);
        let area =
            |column: &Option<usize>| column.and_then(|column| areas[column]).map_or(0, |area| area + 1);
        for hemisphere in &self.hemispheres {
            let stem = format!("tpl-{name}_hemi-{}", hemisphere.letter);
            let mesh = hemisphere.mesh(&self.triangles);
            gifti::write(&folder.join(format!("{stem}_midthickness.surf.gii")), &mesh, Encoding::Compressed)?;
            if self.space != SurfaceSpace::FsLr91k {
                let keys: Vec<f64> = hemisphere.columns.iter().map(|column| area(column) as f64).collect();
                let file = Gifti {
                    metadata: hemisphere.metadata(),
                    labels: labels(),
                    arrays: Array::new(intent::LABEL, &[keys.len()], DataType::I32, &keys)
                        .into_iter()
                        .collect(),
                };
                let path = folder.join(format!("{stem}_atlas-Areas_dseg.label.gii"));
                gifti::write(&path, &file, Encoding::Compressed)?;
            }
        }
        if self.space == SurfaceSpace::FsLr91k {
            let path = folder.join(format!("tpl-{name}_den-91k_atlas-Areas_dseg.dlabel.nii"));
            let keys = self.dense_columns().map(|column| area(&Some(column)) as f64);
            cifti::write(&path, &self.dense(experiment), &NewColumns::Labels("areas", &labels()), keys)?;
        }
        Ok(())
    }

    /// Writes one run; returns the bytes of its images.
    pub(super) fn write_run(
        &self,
        folder: &Path,
        names: &Names<'_>,
        (experiment, of): (&Experiment, Recording),
        scanned: &ScannedRun,
    ) -> Result<u64, Error> {
        let version = names.settings.version;
        let stem = names.stem(of);
        let (interval, reference) = (experiment.acquisition.interval.get(), experiment.acquisition.reference);
        let sidecar = version.volumes_sidecar(interval, reference, &format!("{stem}_bold.nii.gz"));
        let mut written = 0;
        let mut count = |path: &Path| written += std::fs::metadata(path).map_or(0, |file| file.len());
        if self.space == SurfaceSpace::FsLr91k {
            let stem = format!("{stem}_space-fsLR_den-91k_bold");
            let path = folder.join(format!("{stem}.dtseries.nii"));
            let volumes = scanned.values.nrows();
            let all = self.dense_columns().flat_map(|column| {
                (0..volumes).map(move |volume| f64::from(scanned.values[(volume, column)]))
            });
            cifti::write(&path, &self.dense(experiment), &NewColumns::Series(volumes, interval), all)?;
            count(&path);
            raw::write_json(&folder.join(format!("{stem}.json")), &sidecar)?;
            return Ok(written);
        }
        for hemisphere in &self.hemispheres {
            let stem = format!("{stem}_hemi-{}_space-{}_bold", hemisphere.letter, self.space.name());
            let path = folder.join(format!("{stem}.func.gii"));
            gifti::write(&path, &hemisphere.series(scanned), Encoding::Compressed)?;
            count(&path);
            // Release 20 wrote none beside GIFTI.
            if !version.is_20() {
                raw::write_json(&folder.join(format!("{stem}.json")), &sidecar)?;
            }
        }
        Ok(written)
    }

    /// The column of each row of a dense file.
    fn dense_columns(&self) -> impl Iterator<Item = usize> {
        let cortex =
            self.hemispheres.iter().flat_map(|hemisphere| hemisphere.columns.iter().copied().flatten());
        cortex.chain(self.below.iter().flat_map(|(_, columns)| columns.iter().copied()))
    }

    fn dense(&self, experiment: &Experiment) -> Dense {
        let lattice = &experiment.head.lattice;
        let [nx, ny, _] = lattice.shape;
        let cortex = self.hemispheres.iter().zip(["LEFT", "RIGHT"]).map(|(hemisphere, side)| {
            let with = hemisphere.columns.iter().enumerate().filter(|(_, column)| column.is_some());
            let vertices = with.map(|(vertex, _)| vertex as u32).collect();
            BrainModel {
                structure: format!("CIFTI_STRUCTURE_CORTEX_{side}"),
                points: Points::Vertices { of: hemisphere.columns.len(), vertices },
            }
        });
        let below = self.below.iter().map(|(structure, columns)| {
            let voxel = |column: &usize| {
                let index = experiment.head.places[*column].index;
                [index % nx, index / nx % ny, index / (nx * ny)].map(|axis| axis as u32)
            };
            let points = Points::Voxels(columns.iter().map(voxel).collect());
            BrainModel { structure: format!("CIFTI_STRUCTURE_{structure}"), points }
        });
        let grid = Grid { shape: lattice.shape, affine: affine(lattice), orientation: Orientation::Sform(4) };
        Dense { models: cortex.chain(below).collect(), grid: Some(grid) }
    }
}

/// Names of the areas by their key; 0 is none.
fn labels() -> Vec<Label> {
    let none = Label { key: 0, name: "???".to_owned(), colour: Some([0.0, 0.0, 0.0, 0.0]) };
    let area = |(index, (name, ..)): (usize, (String, &str, Option<usize>))| {
        let shade = index as f32 / 40.0;
        Label { key: index as i32 + 1, name, colour: Some([shade, 0.5, 1.0 - shade, 1.0]) }
    };
    std::iter::once(none).chain(areas::regions().into_iter().enumerate().map(area)).collect()
}

impl Hemisphere {
    fn new(
        (side, letter, structure): (f64, &'static str, &'static str),
        (sphere, wall): (&Sphere, usize),
        grey: &Nearest<'_>,
    ) -> Self {
        // The outer half of the sphere is the outer half of the hemisphere, the inner half is nearly flat.
        let outwards = |point: &[f64; 3]| side * point[0];
        let position = |point: &[f64; 3]| {
            let out = outwards(point);
            let x = side * (0.04 + if out > 0.0 { 0.96 * out } else { 0.03 * out });
            Head::at([x * DEPTH, point[1] * DEPTH, point[2] * DEPTH])
        };
        let positions: Vec<[f64; 3]> = sphere.points.iter().map(position).collect();
        let mut inwards: Vec<usize> = (0..positions.len()).collect();
        inwards.sort_by(|one, other| {
            outwards(&sphere.points[*one]).total_cmp(&outwards(&sphere.points[*other])).then(one.cmp(other))
        });
        let mut is_wall = vec![false; positions.len()];
        inwards.iter().take(wall).for_each(|vertex| is_wall[*vertex] = true);
        let column = |(position, is_wall): (&[f64; 3], &bool)| (!is_wall).then(|| grey.find(*position));
        let columns = positions.iter().zip(&is_wall).map(column).collect();
        Self { letter, structure, positions, columns }
    }

    fn metadata(&self) -> Vec<(String, String)> {
        vec![("AnatomicalStructurePrimary".to_owned(), self.structure.to_owned())]
    }

    fn mesh(&self, triangles: &[[u32; 3]]) -> Gifti {
        let coordinates: Vec<f64> = self.positions.iter().flatten().copied().collect();
        let corners: Vec<f64> = triangles.iter().flatten().map(|corner| f64::from(*corner)).collect();
        let arrays = [
            Array::new(intent::POINT_SET, &[self.positions.len(), 3], DataType::F32, &coordinates),
            Array::new(intent::TRIANGLE, &[triangles.len(), 3], DataType::I32, &corners),
        ];
        let with = |mut array: Array| {
            array.metadata.extend(self.metadata());
            array
        };
        Gifti { arrays: arrays.into_iter().flatten().map(with).collect(), ..Gifti::default() }
    }

    /// Volumes; the medial wall is 0.
    fn series(&self, scanned: &ScannedRun) -> Gifti {
        let volume = |values: ndarray::ArrayView1<'_, f32>| {
            let value = |column: &Option<usize>| column.map_or(0.0, |column| f64::from(values[column]));
            let own: Vec<f64> = self.columns.iter().map(value).collect();
            Array::new(intent::TIME_SERIES, &[own.len()], DataType::F32, &own)
        };
        let arrays = scanned.values.outer_iter().filter_map(volume).collect();
        Gifti { metadata: self.metadata(), arrays, ..Gifti::default() }
    }
}

/// The innermost places of the brain, by structure.
fn below(head: &Head) -> Vec<(&'static str, Vec<usize>)> {
    let places = || {
        head.places.iter().enumerate().filter(|(_, place)| place.is_brain() && place.tissue != Tissue::Grey)
    };
    let mut inner: Vec<(usize, f64)> = places().map(|(column, place)| (column, place.radius)).collect();
    inner.sort_by(|one, other| one.1.total_cmp(&other.1).then(one.0.cmp(&other.0)));
    inner.truncate(BELOW);
    let mut found = ["CEREBELLUM_LEFT", "CEREBELLUM_RIGHT", "THALAMUS_LEFT", "THALAMUS_RIGHT"]
        .map(|name| (name, Vec::new()));
    inner.sort_unstable_by_key(|(column, _)| *column);
    let [_, _, height] = Head::at([0.0; 3]);
    for (column, _) in inner {
        let [x, _, z] = head.places[column].position;
        found[2 * usize::from(z >= height) + usize::from(x >= 0.0)].1.push(column);
    }
    found.into_iter().filter(|(_, columns)| !columns.is_empty()).collect()
}

/// The grey matter that lies nearest to a place.
struct Nearest<'a> {
    head: &'a Head,
    at: HashMap<[i64; 3], usize>,
}

impl<'a> Nearest<'a> {
    fn new(head: &'a Head) -> Self {
        let mut nearest = Self { head, at: HashMap::new() };
        let grey = head.places.iter().enumerate().filter(|(_, place)| place.tissue == Tissue::Grey);
        nearest.at = grey.map(|(column, place)| (nearest.cell(place.position), column)).collect();
        nearest
    }

    fn cell(&self, position: [f64; 3]) -> [i64; 3] {
        let lattice = &self.head.lattice;
        std::array::from_fn(|axis| ((position[axis] - lattice.first[axis]) / lattice.spacing).round() as i64)
    }

    fn find(&self, position: [f64; 3]) -> usize {
        let middle = self.cell(position);
        let squared = |column: usize| {
            let place = self.head.places[column].position;
            (0..3).map(|axis| (place[axis] - position[axis]) * (place[axis] - position[axis])).sum::<f64>()
        };
        let mut best: Option<(f64, usize)> = None;
        for reach in 0_i64.. {
            // A cell that is `reach` away is at least half a cell less than that away from the place.
            let least = (reach as f64 - 0.5) * self.head.lattice.spacing;
            if best.is_some_and(|(distance, _)| least > 0.0 && distance <= least * least) || reach > 1000 {
                break;
            }
            for cell in shell(middle, reach) {
                if let Some(column) = self.at.get(&cell) {
                    let found = (squared(*column), *column);
                    if best.is_none_or(|best| found < best) {
                        best = Some(found);
                    }
                }
            }
        }
        best.map_or(0, |(_, column)| column)
    }
}

/// Cells whose largest distance along an axis is `reach`.
fn shell(middle: [i64; 3], reach: i64) -> impl Iterator<Item = [i64; 3]> {
    let along = move || -reach..=reach;
    let all = along().flat_map(move |x| along().flat_map(move |y| along().map(move |z| [x, y, z])));
    let on_shell = all.filter(move |step| step.iter().any(|axis| axis.abs() == reach));
    on_shell.map(move |step| [0, 1, 2].map(|axis| middle[axis] + step[axis]))
}

//! Which voxels of the images, or vertices of the surfaces, are targets or make up the targets, and their values.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use gyrus_io::cifti::{Dense, Point};
use gyrus_io::nifti::{Grid, Orientation};
use gyrus_io::scan::{Layout, Scan};
use gyrus_io::surface::Mesh;
use ndarray::Array2;

use crate::Error;
use crate::results::Target;
use crate::store::Digest;

/// The voxels that are read of every image; of surfaces, the vertices.
pub struct Voxels {
    /// What the values of the first recording belong to; others are read by where their voxels lie.
    pub layout: Layout,
    /// The shapes of both hemispheres, where the study names them.
    pub meshes: Option<[Mesh; 2]>,
    /// Voxels or vertices in the order of the layout, ascending.
    pub indices: Vec<usize>,
    /// Those of the brain, whether they belong to a target or not.
    pub brain: Vec<usize>,
    /// The target that each voxel belongs to.
    pub target_of: Vec<usize>,
    /// Regions in the order of the atlas's numbers; empty without an atlas.
    pub regions: Vec<String>,
    /// Names and regions.
    pub targets: Vec<Target>,
    /// Whether a target is the mean over several voxels.
    pub has_parcels: bool,
    /// Digest of all of this but the meshes.
    pub digest: Digest,
}

impl Voxels {
    /// Digest of the meshes, which say who neighbours whom; they are no part of what is read of recordings.
    pub(crate) fn shape(&self) -> Option<Digest> {
        let mut hasher = blake3::Hasher::new();
        for mesh in self.meshes.as_ref()? {
            hasher.update(&(mesh.coordinates.len() as u64).to_le_bytes());
            mesh.coordinates.as_flattened().iter().for_each(|value| {
                hasher.update(&value.to_le_bytes());
            });
            mesh.triangles.as_flattened().iter().for_each(|vertex| {
                hasher.update(&vertex.to_le_bytes());
            });
        }
        Some(Digest::of(hasher.finalize().as_bytes()))
    }
}

/// What the values of a recording belong to, in words.
pub(super) fn called(layout: &Layout) -> &'static str {
    match layout {
        Layout::Grid(_) => "voxels",
        Layout::Surface(_) => "vertices",
        Layout::Dense(_) => "vertices and voxels",
    }
}

fn indices([i, j, k]: [usize; 3]) -> String {
    format!("{i}-{j}-{k}")
}

/// `L` and `R` for the cortex, the structure's name for others.
fn short(structure: &str) -> String {
    match &*plain(structure) {
        "cortex left" => "L".to_owned(),
        "cortex right" => "R".to_owned(),
        other => other.to_owned(),
    }
}

/// A structure of CIFTI as people write it.
fn plain(structure: &str) -> String {
    structure.strip_prefix("CIFTI_STRUCTURE_").unwrap_or(structure).to_lowercase().replace('_', " ")
}

/// Voxels by their indices on the grid, from 0, vertices by their hemisphere and number; and the regions they lie in where no
/// atlas says more: hemispheres and the structures of dense files.
pub(super) fn named(layout: &Layout, kept: &[usize]) -> Vec<Target> {
    let points: Vec<(&str, Point)> = match layout {
        Layout::Dense(dense) => dense.points().collect(),
        Layout::Grid(_) | Layout::Surface(_) => Vec::new(),
    };
    let of = |index: &usize| match layout {
        Layout::Grid(grid) => (indices(grid.indices(*index)), "brain".to_owned()),
        Layout::Surface([left, _]) if index < left => (format!("L-{index}"), "cortex left".to_owned()),
        Layout::Surface([left, _]) => (format!("R-{}", index - left), "cortex right".to_owned()),
        Layout::Dense(_) => {
            let (structure, point) = points[*index];
            let name = match point {
                Point::Vertex(vertex) => format!("{}-{vertex}", short(structure)),
                Point::Voxel(voxel) => indices(voxel.map(|axis| axis as usize)),
            };
            (name, plain(structure))
        }
    };
    let target = |(name, region): (String, String)| Target { name, region };
    kept.iter().map(|index| target(of(index))).collect()
}

impl Voxels {
    pub(super) fn new(
        layout: Layout,
        indices: Vec<usize>,
        target_of: Vec<usize>,
        targets: Vec<Target>,
    ) -> Self {
        let digest = digest(&layout, &indices, &target_of);
        Self {
            layout,
            meshes: None,
            indices,
            brain: Vec::new(),
            target_of,
            regions: Vec::new(),
            targets,
            has_parcels: false,
            digest,
        }
    }

    pub(super) fn without_parcels(layout: Layout, indices: Vec<usize>) -> Self {
        let targets = named(&layout, &indices);
        let regions = match &layout {
            Layout::Grid(_) => Vec::new(),
            // In the order of the file, not of the alphabet.
            Layout::Surface(_) | Layout::Dense(_) => {
                let mut regions: Vec<String> = targets.iter().map(|target| target.region.clone()).collect();
                regions.dedup();
                regions
            }
        };
        let target_of = (0..indices.len()).collect();
        Self { regions, ..Self::new(layout, indices, target_of, targets) }
    }

    /// The grid; None where values do not belong to voxels of one.
    #[must_use]
    pub fn grid(&self) -> Option<&Grid> {
        match &self.layout {
            Layout::Grid(grid) => Some(grid),
            Layout::Surface(_) | Layout::Dense(_) => None,
        }
    }

    /// The target at each place of the layout.
    pub(crate) fn target_at(&self) -> Vec<Option<usize>> {
        let mut found = vec![None; self.layout.len()];
        self.indices.iter().zip(&self.target_of).for_each(|(index, target)| found[*index] = Some(*target));
        found
    }

    /// Where the layout has each vertex of the left and of the right cortex; None for vertices that it does not have.
    pub(crate) fn cortex(&self) -> [Vec<Option<usize>>; 2] {
        match &self.layout {
            Layout::Grid(_) => [Vec::new(), Vec::new()],
            Layout::Surface([left, right]) => {
                [(0..*left).map(Some).collect(), (*left..left + right).map(Some).collect()]
            }
            Layout::Dense(dense) => ["LEFT", "RIGHT"].map(|side| cortex_of(dense, side)),
        }
    }

    /// Whether it is known where the voxels lie, so that maps can be made.
    #[must_use]
    pub fn has_place(&self) -> bool {
        self.grid().is_none_or(|grid| grid.orientation != Orientation::Unknown)
    }

    /// Values of the targets in some volumes of a recording, shape (n_volumes, n_targets).
    ///
    /// The mean of a parcel is taken over voxels that are finite and not constant in these volumes; a parcel without one
    /// is NaN.
    pub(crate) fn read(&self, scan: &Scan, rows: Range<usize>) -> Result<Array2<f32>, Error> {
        let order = self.order(scan)?;
        if !self.has_parcels {
            let mut values = Array2::zeros((rows.len(), self.targets.len()));
            Self::each_value(scan, &rows, &order, |row, voxel, value| values[(row, voxel)] = value as f32)?;
            return Ok(values);
        }
        let mut seen = Seen::new(self.indices.len());
        let all = vec![true; self.indices.len()];
        let sums = self.parcel_means(scan, &rows, (&order, &all), Some(&mut seen))?;
        if seen.is_usable.iter().all(|is_usable| *is_usable) && seen.is_constant.iter().all(|is| !is) {
            return Ok(sums);
        }
        let usable: Vec<bool> = seen
            .is_usable
            .iter()
            .zip(&seen.is_constant)
            .map(|(usable, constant)| *usable && !constant)
            .collect();
        self.parcel_means(scan, &rows, (&order, &usable), None)
    }

    fn parcel_means(
        &self,
        scan: &Scan,
        rows: &Range<usize>,
        (order, usable): (&Order, &[bool]),
        mut seen: Option<&mut Seen>,
    ) -> Result<Array2<f32>, Error> {
        let n_targets = self.targets.len();
        let mut counts = vec![0_u32; n_targets];
        for (voxel, target) in self.target_of.iter().enumerate() {
            counts[*target] += u32::from(usable[voxel]);
        }
        let mut sums = Array2::<f64>::zeros((rows.len(), n_targets));
        Self::each_value(scan, rows, order, |row, voxel, value| {
            if let Some(seen) = seen.as_deref_mut() {
                seen.note(row, voxel, value);
            }
            if usable[voxel] {
                sums[(row, self.target_of[voxel])] += value;
            }
        })?;
        Ok(Array2::from_shape_fn(sums.raw_dim(), |(row, target)| {
            (sums[(row, target)] / f64::from(counts[target])) as f32
        }))
    }

    /// Hands on every value with its row and its position among the voxels.
    fn each_value(
        scan: &Scan,
        rows: &Range<usize>,
        order: &Order,
        mut visit: impl FnMut(usize, usize, f64),
    ) -> Result<(), Error> {
        let Some(positions) = &order.positions else {
            return Ok(scan.read((rows, &order.indices), visit)?);
        };
        Ok(scan.read((rows, &order.indices), |row, at, value| visit(row, positions[at], value))?)
    }

    /// Where a recording has the voxels.
    fn order(&self, scan: &Scan) -> Result<Order, Error> {
        let find = Self::positions(&self.layout, &scan.about()?.layout, &scan.image)?;
        let Some(find) = find else { return Ok(Order { indices: self.indices.clone(), positions: None }) };
        let outside = || Error::Unusable {
            path: scan.image.clone(),
            found: "a grid that ends before the mask does".to_owned(),
            expected: "one that holds every voxel of the mask; set bids.mask, or exclude the participant"
                .to_owned(),
        };
        let mut pairs = Vec::with_capacity(self.indices.len());
        for (position, voxel) in self.indices.iter().enumerate() {
            pairs.push((find(*voxel).ok_or_else(outside)?, position));
        }
        pairs.sort_unstable();
        let (indices, positions) = pairs.into_iter().unzip();
        Ok(Order { indices, positions: Some(positions) })
    }

    /// Where another recording has what lies at an index of the first; None where that is the same index.
    ///
    /// # Errors
    /// - the recordings are of different kinds, or surfaces of different size, or the other lacks a vertex.
    pub(super) fn positions(first: &Layout, other: &Layout, path: &Path) -> Result<Option<Find>, Error> {
        match (first, other) {
            (Layout::Grid(grid), Layout::Grid(other)) => {
                let lattice = grid.lattice(other, path)?;
                if lattice.is_identity() {
                    return Ok(None);
                }
                Ok(Some(Box::new(move |voxel| lattice.find(voxel))))
            }
            (Layout::Surface(first), Layout::Surface(other)) if first == other => Ok(None),
            (Layout::Surface(first), Layout::Surface(other)) => Err(Error::Unusable {
                path: path.to_owned(),
                found: format!("{} and {} vertices", other[0], other[1]),
                expected: format!(
                    "{} and {}, as the first recording has; use recordings of one space",
                    first[0], first[1]
                ),
            }),
            (Layout::Dense(first), Layout::Dense(other)) if first == other => Ok(None),
            (Layout::Dense(first), Layout::Dense(other)) => {
                let rows = first.find_all(other, path)?;
                Ok(Some(Box::new(move |row| rows.get(row).copied())))
            }
            _ => Err(Self::other_layout(path)),
        }
    }

    pub(super) fn other_layout(path: &Path) -> Error {
        Error::Unusable {
            path: path.to_owned(),
            found: "a recording of another kind than the first".to_owned(),
            expected: "images, surfaces or dense files for all; state the space and the resolution in [bids]"
                .to_owned(),
        }
    }
}

fn digest(layout: &Layout, indices: &[usize], target_of: &[usize]) -> Digest {
    let known = match layout {
        Layout::Grid(grid) => serde_json::json!([grid.shape, grid.affine.0, indices, target_of]),
        Layout::Surface(vertices) => serde_json::json!(["surface", vertices, indices, target_of]),
        Layout::Dense(dense) => {
            serde_json::json!(["dense", structures(dense), dense_names(dense, indices), target_of])
        }
    };
    Digest::of(known.to_string().as_bytes())
}

fn cortex_of(dense: &Dense, side: &str) -> Vec<Option<usize>> {
    let Some((first, of, vertices)) = dense.cortex(side) else { return Vec::new() };
    let mut found = vec![None; of];
    vertices.iter().enumerate().for_each(|(row, vertex)| found[*vertex as usize] = Some(first + row));
    found
}

fn structures(dense: &Dense) -> BTreeMap<&str, usize> {
    dense.models.iter().map(|model| (model.structure.as_str(), model.points.len())).collect()
}

fn dense_names(dense: &Dense, indices: &[usize]) -> Vec<String> {
    let points: Vec<(&str, Point)> = dense.points().collect();
    indices.iter().map(|index| format!("{:?}", points[*index])).collect()
}

/// Where another recording has what lies at an index of the first; None where it ends before.
type Find = Box<dyn Fn(usize) -> Option<usize>>;

/// Voxels of a recording, ascending, and which of ours each is.
struct Order {
    indices: Vec<usize>,
    positions: Option<Vec<usize>>,
}

/// What the volumes of a run show of each voxel.
struct Seen {
    first: Vec<f64>,
    is_usable: Vec<bool>,
    is_constant: Vec<bool>,
}

impl Seen {
    fn new(n_voxels: usize) -> Self {
        Self {
            first: vec![0.0; n_voxels],
            is_usable: vec![true; n_voxels],
            is_constant: vec![true; n_voxels],
        }
    }

    fn note(&mut self, row: usize, voxel: usize, value: f64) {
        if row == 0 {
            self.first[voxel] = value;
        }
        self.is_usable[voxel] &= value.is_finite();
        self.is_constant[voxel] &= value == self.first[voxel];
    }
}

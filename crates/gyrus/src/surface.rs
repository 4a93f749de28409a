//! The cortex vertex by vertex with the numbers of every layer, for the page to show in three dimensions.

mod coarse;

use gyrus_io::surface::Mesh;
use serde::{Deserialize, Serialize};

use crate::inputs::Voxels;
use crate::packed::Packed;
use crate::volume::{VolumeMaps, in_order, regions_of};
use coarse::Coarse;

/// Where vertices lie and what their targets show. Vertices of the left hemisphere come before those of the right.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Surface {
    /// Vertices that are shown of each hemisphere.
    pub n_vertices: [usize; 2],
    /// Vertices of each hemisphere's mesh.
    pub n_all: [usize; 2],
    /// The number of each vertex in its mesh, ascending: each less the one before it, the first less −1.
    pub numbers: Packed,
    /// x, y and z of every vertex in tenths of a millimetre; hemispheres that lie in each other are moved apart.
    pub coordinates: Packed,
    /// Number of triangles.
    pub n_triangles: usize,
    /// The three vertices of each triangle.
    pub triangles: Packed,
    /// The target of each vertex, in the order in which targets first appear, less the number of targets before it; missing for
    /// vertices without a target.
    pub targets: Packed,
    /// Number of targets.
    pub n_targets: usize,
    /// Names of the targets; empty where a target is one vertex, called by its hemisphere and number.
    pub names: Vec<String>,
    /// The region of each target, counted in the order of the results.
    pub regions: Packed,
    /// Of each language model, in the order of the results.
    pub maps: Vec<Option<VolumeMaps>>,
}

/// Characters that shapes and numbers may take in the page.
const MOST_CHARACTERS: usize = 1_750_000;
/// Characters of a vertex beside its numbers: three places, two triangles, its own number and its target.
const CHARACTERS: usize = 20;
/// Sides of triangles between vertices that are kept; beyond them no shape is left.
const MOST_RINGS: usize = 12;
/// Hemispheres of inflated surfaces lie in each other, those of anatomical ones at most touch.
const DEEPEST: f32 = 10.0;
/// Millimetres between hemispheres that were moved apart.
const GAP: f32 = 8.0;

/// A surface without maps, and which target of the results stands at each of its places.
pub(crate) struct Frame {
    pub(crate) surface: Surface,
    pub(crate) targets: Vec<usize>,
}

impl Frame {
    /// None where the study names no meshes, and of so many parcels and layers that the page would be too large. `n_maps` numbers of
    /// every target will be added.
    pub(crate) fn of(voxels: &Voxels, regions: &[String], n_maps: usize) -> Option<Self> {
        let meshes = voxels.meshes.as_ref()?;
        let numbers = n_maps * 10 / 6;
        let fits = |both: &[Coarse; 2]| {
            let vertices: usize = both.iter().map(|coarse| coarse.kept.len()).sum();
            let targets = if voxels.has_parcels { voxels.targets.len() } else { vertices };
            vertices * CHARACTERS + targets * numbers <= MOST_CHARACTERS
        };
        let each = |rings: usize| meshes.each_ref().map(|mesh| Coarse::of(mesh, rings));
        let both = (0..=MOST_RINGS).map(each).find(fits)?;
        let at = voxels.target_at();
        let own = voxels.cortex();
        let target = |(side, vertex): (usize, usize)| own[side].get(vertex).copied().flatten().and_then(|place| at[place]);
        let kept = || (0..2).flat_map(|side| both[side].kept.iter().map(move |vertex| (side, *vertex)));
        let placed: Vec<(usize, Option<usize>)> = kept().map(|one| (one.1, target(one))).collect();
        let (codes, targets) = in_order(&placed);
        let first_of_right = both[0].kept.len();
        let triangles = both[0].triangles.iter().copied().chain(
            both[1].triangles.iter().map(|corners| corners.map(|corner| corner + first_of_right)),
        );
        let corners: Vec<Option<i32>> = triangles.flatten().map(|corner| Some(corner as i32)).collect();
        let of_targets = || targets.iter().map(|target| &voxels.targets[*target]);
        let surface = Surface {
            n_vertices: both.each_ref().map(|coarse| coarse.kept.len()),
            n_all: meshes.each_ref().map(|mesh| mesh.coordinates.len()),
            numbers: Packed::of(&both.each_ref().map(gaps).concat()),
            coordinates: Packed::of(&tenths(meshes, &both)),
            n_triangles: corners.len() / 3,
            triangles: Packed::of(&corners),
            targets: Packed::of(&codes),
            n_targets: targets.len(),
            names: of_targets().filter(|_| voxels.has_parcels).map(|target| target.name.clone()).collect(),
            regions: regions_of(of_targets(), regions),
            maps: Vec::new(),
        };
        Some(Self { surface, targets })
    }
}

fn gaps(coarse: &Coarse) -> Vec<Option<i32>> {
    let before = std::iter::once(-1).chain(coarse.kept.iter().map(|vertex| *vertex as i32));
    coarse.kept.iter().zip(before).map(|(vertex, before)| Some(*vertex as i32 - before)).collect()
}

/// Places of the vertices that are kept.
fn tenths(meshes: &[Mesh; 2], both: &[Coarse; 2]) -> Vec<Option<i32>> {
    let along = |mesh: &Mesh| mesh.coordinates.iter().map(|place| place[0]).collect::<Vec<f32>>();
    let right_of_left = along(&meshes[0]).into_iter().fold(f32::NEG_INFINITY, f32::max);
    let left_of_right = along(&meshes[1]).into_iter().fold(f32::INFINITY, f32::min);
    let overlap = right_of_left - left_of_right;
    let apart = if overlap > DEEPEST { (overlap + GAP) / 2.0 } else { 0.0 };
    let mut tenths = Vec::new();
    for ((mesh, coarse), moved) in meshes.iter().zip(both).zip([-apart, apart]) {
        for vertex in &coarse.kept {
            let [x, y, z] = mesh.coordinates[*vertex];
            tenths.extend([x + moved, y, z].map(|along| Some((10.0 * along).round() as i32)));
        }
    }
    tenths
}

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
pub(crate) const MOST_CHARACTERS: usize = 1_750_000;
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
    /// None where the study names no meshes, and of so many parcels and layers that they take more than `most`
    /// characters. `n_maps` numbers of every target will be added.
    pub(crate) fn of(voxels: &Voxels, regions: &[String], (n_maps, most): (usize, usize)) -> Option<Self> {
        let meshes = voxels.meshes.as_ref()?;
        let numbers = n_maps * 10 / 6;
        let fits = |both: &[Coarse; 2]| {
            let vertices: usize = both.iter().map(|coarse| coarse.kept.len()).sum();
            let targets = if voxels.has_parcels { voxels.targets.len() } else { vertices };
            vertices * CHARACTERS + targets * numbers <= most
        };
        let each = |rings: usize| meshes.each_ref().map(|mesh| Coarse::of(mesh, rings));
        let both = (0..=MOST_RINGS).map(each).find(fits)?;
        let at = voxels.target_at();
        let own = voxels.cortex();
        let target = |(side, vertex): (usize, usize)| {
            own[side].get(vertex).copied().flatten().and_then(|place| at[place])
        };
        let kept = || (0..2).flat_map(|side| both[side].kept.iter().map(move |vertex| (side, *vertex)));
        let placed: Vec<(usize, Option<usize>)> = kept().map(|one| (one.1, target(one))).collect();
        let (codes, targets) = in_order(&placed);
        let first_of_right = both[0].kept.len();
        let triangles = both[0]
            .triangles
            .iter()
            .copied()
            .chain(both[1].triangles.iter().map(|corners| corners.map(|corner| corner + first_of_right)));
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

#[cfg(test)]
mod tests {
    use gyrus_io::scan::Layout;

    use super::*;
    use crate::packed::tests::unpacked;
    use crate::results::Target;
    use crate::store::Digest;

    /// Two triangles side by side, and a vertex that belongs to none.
    fn mesh(x: f32) -> Mesh {
        let coordinates =
            [[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0], [50.0, 50.0]].map(|[y, z]| [x, y, z + 0.04]);
        Mesh { coordinates: coordinates.to_vec(), triangles: vec![[0, 1, 2], [1, 3, 2]] }
    }

    /// Vertices 1 and 3 of the left hemisphere and 0 of the right one have a target, in this order from the last to the first.
    fn voxels(left: f32, right: f32) -> Voxels {
        let name = |name: &str| Target { name: name.to_owned(), region: "b".to_owned() };
        Voxels {
            layout: Layout::Surface([5, 5]),
            meshes: Some([mesh(left), mesh(right)]),
            indices: vec![1, 3, 5],
            brain: Vec::new(),
            target_of: vec![2, 1, 0],
            regions: Vec::new(),
            targets: vec![name("R-0"), name("L-3"), name("L-1")],
            has_parcels: false,
            digest: Digest::of(b""),
        }
    }

    #[test]
    fn vertices_keep_their_numbers_places_and_targets() {
        let frame =
            Frame::of(&voxels(-20.0, 20.0), &["a".to_owned(), "b".to_owned()], (4, MOST_CHARACTERS)).unwrap();
        let surface = &frame.surface;
        assert_eq!((surface.n_vertices, surface.n_all, surface.n_triangles), ([5, 5], [5, 5], 4));
        assert_eq!(unpacked(&surface.numbers, 10), [Some(1); 10]);
        assert_eq!(frame.targets, [2, 1, 0], "as they are met");
        let codes = unpacked(&surface.targets, 10);
        let expected: Vec<Option<i32>> =
            (0..10).map(|vertex| [1, 3, 5].contains(&vertex).then_some(0)).collect();
        assert_eq!(codes, expected);
        assert_eq!(unpacked(&surface.regions, 3), [Some(1); 3]);
        let corners: Vec<i32> = unpacked(&surface.triangles, 12).into_iter().flatten().collect();
        assert_eq!(corners, [0, 1, 2, 1, 3, 2, 5, 6, 7, 6, 8, 7]);
        let places: Vec<i32> = unpacked(&surface.coordinates, 30).into_iter().flatten().collect();
        assert_eq!(places[3..6], [-200, 100, 0]);
        assert_eq!(places[15..18], [200, 0, 0]);
    }

    #[test]
    fn hemispheres_that_lie_in_each_other_are_moved_apart() {
        let apart = |left: f32, right: f32| {
            let frame = Frame::of(&voxels(left, right), &[], (4, MOST_CHARACTERS)).unwrap();
            let places = unpacked(&frame.surface.coordinates, 30);
            (places[0].unwrap(), places[15].unwrap())
        };
        assert_eq!(apart(2.0, -2.0), (20, -20), "they touch");
        assert_eq!(apart(15.0, -15.0), (-40, 40), "eight millimetres are between them");
    }

    #[test]
    fn of_too_many_vertices_some_are_shown_and_too_many_parcels_are_none() {
        let few = Frame::of(&voxels(-20.0, 20.0), &[], (200_000, MOST_CHARACTERS)).unwrap();
        assert!(few.surface.n_vertices.iter().sum::<usize>() < 10, "{:?}", few.surface.n_vertices);
        assert_eq!(few.targets.len(), few.surface.n_targets);
        let parcels = Voxels { has_parcels: true, ..voxels(-20.0, 20.0) };
        assert!(Frame::of(&parcels, &[], (400_000, MOST_CHARACTERS)).is_none());
        assert_eq!(
            Frame::of(&parcels, &[], (4, MOST_CHARACTERS)).unwrap().surface.names,
            ["L-1", "L-3", "R-0"]
        );
    }
}

//! Where voxels and vertices lie, and what that makes of regions.

use gyrus_io::scan::Layout;
use ndarray::Array2;

use super::Voxels;

/// Regions by name with their targets.
pub(super) type Regions = [(String, Vec<usize>)];

/// Places as a matrix, shape (n, 3).
pub(super) fn matrix(places: &[[f64; 3]]) -> Array2<f64> {
    Array2::from_shape_fn((places.len(), 3), |(row, axis)| places[row][axis])
}

/// Where each place of the layout lies, in millimetres; None where nobody says: images without orientation, surfaces without
/// a mesh, and the voxels of dense files.
pub(super) fn places(voxels: &Voxels) -> Vec<Option<[f64; 3]>> {
    if let Layout::Grid(grid) = &voxels.layout {
        let is_known = voxels.has_place();
        return (0..voxels.layout.len()).map(|index| is_known.then(|| grid.centre(index))).collect();
    }
    let mut found = vec![None; voxels.layout.len()];
    for (mesh, cortex) in voxels.meshes.iter().flatten().zip(voxels.cortex()) {
        for (at, place) in cortex.iter().zip(&mesh.coordinates) {
            if let Some(at) = *at {
                found[at] = Some(place.map(f64::from));
            }
        }
    }
    found
}

/// Positions among the voxels that are read of those that belong to some targets.
pub(super) fn positions<'a>(voxels: &'a Voxels, targets: &[usize]) -> impl Iterator<Item = usize> + 'a {
    let mut is_wanted = vec![false; voxels.targets.len()];
    targets.iter().for_each(|target| is_wanted[*target] = true);
    voxels.target_of.iter().enumerate().filter(move |(_, target)| is_wanted[**target]).map(|(at, _)| at)
}

/// Means over the voxels of each region, by their positions, without those that have no value; None where none has.
pub(super) fn means(voxels: &Voxels, regions: &Regions, of: &dyn Fn(usize) -> f64) -> Vec<Option<f64>> {
    let mut sums = vec![(0.0, 0_u32); voxels.targets.len()];
    for (position, target) in voxels.target_of.iter().enumerate() {
        let value = of(position);
        if value.is_finite() {
            sums[*target] = (sums[*target].0 + value, sums[*target].1 + 1);
        }
    }
    let mean = |(_, members): &(String, Vec<usize>)| {
        let own = members.iter().map(|target| sums[*target]);
        let (sum, count) = own.fold((0.0, 0), |(sum, count), (more, of)| (sum + more, count + of));
        (count > 0).then(|| sum / f64::from(count))
    };
    regions.iter().map(mean).collect()
}

/// Mean place of the voxels of every region; None where a region has no voxel with a place.
pub(super) fn mean_places(
    voxels: &Voxels,
    regions: &Regions,
    places: &[Option<[f64; 3]>],
) -> Option<Vec<[f64; 3]>> {
    let along = |axis: usize| {
        means(voxels, regions, &|position| {
            places[voxels.indices[position]].map_or(f64::NAN, |place| place[axis])
        })
    };
    let axes = [along(0), along(1), along(2)];
    let place = |region: usize| Some([axes[0][region]?, axes[1][region]?, axes[2][region]?]);
    (0..regions.len()).map(place).collect()
}

//! The brain voxel by voxel with the numbers of every layer, for the page to show in slices.

use std::collections::HashMap;

use gyrus_io::nifti::Grid;
use serde::{Deserialize, Serialize};

use crate::brain::axes;
use crate::inputs::Voxels;
use crate::packed::Packed;
use crate::results::Target;

/// Where voxels lie and what their targets show.
///
/// Places are counted to the right, forward and up; `place = right + size[0] · (forward + size[1] · up)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Volume {
    /// Voxels that are shown, along each direction.
    pub size: [usize; 3],
    /// Of the voxels of the images, one of this many along each axis is shown.
    pub step: usize,
    /// For each axis of the images: the direction it runs in, its index at place 0, and its step from place to place.
    pub axes: [(usize, i64, i64); 3],
    /// Millimetres from indices of the images: rows of the affine.
    pub affine: [[f64; 4]; 3],
    /// Places of the voxels, ascending: each less the one before it, the first less −1.
    pub places: Packed,
    /// The target of each voxel, in the order in which targets first appear, less the number of targets before it; missing for
    /// brain without a target.
    pub targets: Packed,
    /// Number of voxels.
    pub n_voxels: usize,
    /// Number of targets.
    pub n_targets: usize,
    /// Names of the targets; empty where a target is one voxel, called by its indices.
    pub names: Vec<String>,
    /// The region of each target, counted in the order of the results.
    pub regions: Packed,
    /// Of each language model, in the order of the results.
    pub maps: Vec<Option<VolumeMaps>>,
}

/// Group means of a language model for the targets of a [`Volume`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VolumeMaps {
    /// Layers that were scored, ascending.
    pub layers: Vec<usize>,
    /// The layer that inner folds choose for the mean over regions.
    pub best: usize,
    /// Thousandths of held-out r, per layer.
    pub score: Vec<Packed>,
    /// Thousandths of the unique gain, per layer; empty where there is none.
    pub gain: Vec<Packed>,
    /// Thousandths of the corrected p of the score, per layer; empty without surrogates.
    pub p: Vec<Packed>,
    /// Tenths of the layer centre of mass where some layer is significant.
    pub depth: Packed,
}

/// Characters that the numbers of all voxels may take in the page.
pub(crate) const MOST_CHARACTERS: usize = 1_200_000;

/// A place and the target there.
type Placed = ([usize; 3], Option<usize>);

/// A volume without maps, and which target of the results stands at each of its places.
pub(crate) struct Frame {
    pub(crate) volume: Volume,
    pub(crate) targets: Vec<usize>,
}

impl Frame {
    /// None where values are not on a grid or nobody knows which axis goes where, and of so many parcels and layers that they take more than
    /// twice `most` characters. `n_maps` numbers of every target will be added.
    pub(crate) fn of(voxels: &Voxels, regions: &[String], (n_maps, most): (usize, usize)) -> Option<Self> {
        let grid = voxels.grid()?;
        let directions = axes(grid)?;
        if voxels.has_parcels && voxels.targets.len() * n_maps * 10 / 6 > 2 * most {
            return None;
        }
        let all = placed((voxels, grid), directions);
        let step = (1..).find(|step| {
            let kept = all.iter().filter(|(at, _)| is_kept(*at, *step));
            let with_target = kept.clone().filter(|(_, target)| target.is_some()).count();
            // About ten bits a number, six of which make a character. Numbers of parcels do not become fewer with places.
            let numbers = if voxels.has_parcels { 0 } else { with_target * n_maps * 10 / 6 };
            numbers + 2 * kept.count() <= most || *step > 32
        })?;
        let kept = all.into_iter().filter(|(at, _)| is_kept(*at, step));
        let kept: Vec<Placed> = kept.map(|(at, target)| (at.map(|along| along / step), target)).collect();
        let low = [0, 1, 2].map(|axis| kept.iter().map(|(at, _)| at[axis]).min().unwrap_or(0));
        let high = [0, 1, 2].map(|axis| kept.iter().map(|(at, _)| at[axis]).max().unwrap_or(0));
        let size = [0, 1, 2].map(|axis| high[axis] + 1 - low[axis]);
        let place = |at: [usize; 3]| {
            let [x, y, z] = [0, 1, 2].map(|axis| at[axis] - low[axis]);
            x + size[0] * (y + size[1] * z)
        };
        let mut by_place: Vec<(usize, Option<usize>)> =
            kept.iter().map(|(at, target)| (place(*at), *target)).collect();
        by_place.sort_unstable();
        let (codes, targets) = in_order(&by_place);
        let index = |axis: usize| {
            let direction = directions.iter().position(|(own, _)| *own == axis).unwrap_or(axis);
            let first = (low[direction] * step + step / 2) as i64;
            let last = grid.shape[axis] as i64 - 1;
            if directions[direction].1 {
                (direction, first, step as i64)
            } else {
                (direction, last - first, -(step as i64))
            }
        };
        let of_targets = || targets.iter().map(|target| &voxels.targets[*target]);
        let volume = Volume {
            size,
            step,
            axes: [0, 1, 2].map(index),
            affine: grid.affine.0,
            places: Packed::of(&gaps(&by_place)),
            targets: Packed::of(&codes),
            n_voxels: by_place.len(),
            n_targets: targets.len(),
            names: of_targets().filter(|_| voxels.has_parcels).map(|target| target.name.clone()).collect(),
            regions: regions_of(of_targets(), regions),
            maps: Vec::new(),
        };
        Some(Self { volume, targets })
    }
}

/// A value of every target that is shown, in the order of the picture.
pub(crate) fn pack(targets: &[usize], values: &[f32], decimals: usize) -> Packed {
    Packed::rounded(targets.iter().map(|target| f64::from(values[*target])), decimals)
}

/// The place of each target's region among the regions of the results.
pub(crate) fn regions_of<'a>(targets: impl Iterator<Item = &'a Target>, regions: &[String]) -> Packed {
    let place_of: HashMap<&str, i32> =
        regions.iter().enumerate().map(|(index, name)| (name.as_str(), index as i32)).collect();
    Packed::of(&targets.map(|target| place_of.get(target.region.as_str()).copied()).collect::<Vec<_>>())
}

/// Every voxel of brain and targets once.
fn placed((voxels, grid): (&Voxels, &Grid), directions: [(usize, bool); 3]) -> Vec<Placed> {
    let [x, y, _] = grid.shape;
    let place = |index: usize| {
        let voxel = [index % x, index / x % y, index / (x * y)];
        directions.map(
            |(axis, is_forward)| {
                if is_forward { voxel[axis] } else { grid.shape[axis] - 1 - voxel[axis] }
            },
        )
    };
    let mut targets: HashMap<usize, Option<usize>> =
        voxels.brain.iter().map(|index| (*index, None)).collect();
    targets
        .extend(voxels.indices.iter().zip(&voxels.target_of).map(|(index, target)| (*index, Some(*target))));
    targets.into_iter().map(|(index, target)| (place(index), target)).collect()
}

/// The middle voxel of every cube of `step` voxels along each side.
fn is_kept(at: [usize; 3], step: usize) -> bool {
    at.iter().all(|along| along % step == step / 2)
}

fn gaps(by_place: &[(usize, Option<usize>)]) -> Vec<Option<i32>> {
    let before = std::iter::once(-1).chain(by_place.iter().map(|(place, _)| *place as i32));
    by_place.iter().zip(before).map(|((place, _), before)| Some(*place as i32 - before)).collect()
}

/// Codes of the targets of places, and the targets in the order in which they first appear.
pub(crate) fn in_order(by_place: &[(usize, Option<usize>)]) -> (Vec<Option<i32>>, Vec<usize>) {
    let mut order: HashMap<usize, usize> = HashMap::new();
    let mut targets = Vec::new();
    let mut code = |target: usize| {
        let before = targets.len();
        let own = *order.entry(target).or_insert(before);
        if own == before {
            targets.push(target);
        }
        own as i32 - before as i32
    };
    let codes = by_place.iter().map(|(_, target)| target.map(&mut code)).collect();
    (codes, targets)
}

#[cfg(test)]
mod tests {
    use gyrus_io::nifti::{Affine, Orientation};

    use super::*;
    use crate::packed::tests::unpacked;

    /// Two voxels across, three along, four up; the first axis runs left where `first` is below 0. Every voxel is a target but
    /// the last, which is brain.
    fn voxels(first: f64, shape: [usize; 3], has_parcels: bool) -> Voxels {
        let affine = Affine([[first, 0.0, 0.0, 5.0], [0.0, 3.0, 0.0, -7.0], [0.0, 0.0, 4.0, -4.0]]);
        let grid = Grid { shape, affine, orientation: Orientation::Sform(1) };
        let n_voxels = grid.n_voxels();
        let indices: Vec<usize> = (0..n_voxels - 1).collect();
        let target_of: Vec<usize> =
            indices.iter().map(|index| if has_parcels { index % 3 } else { *index }).collect();
        let n_targets = if has_parcels { 3 } else { n_voxels - 1 };
        let target =
            |index: usize| Target { name: format!("t{index}"), region: ["a", "b"][index % 2].to_owned() };
        Voxels {
            layout: gyrus_io::scan::Layout::Grid(grid),
            meshes: None,
            brain: (0..n_voxels).collect(),
            indices,
            target_of,
            regions: Vec::new(),
            targets: (0..n_targets).map(target).collect(),
            has_parcels,
            digest: crate::store::Digest::of(b""),
        }
    }

    /// What the script does with a volume, voxel by voxel: place, indices of the image, and target of the results.
    fn read(frame: &Frame) -> Vec<([usize; 3], [i64; 3], Option<usize>)> {
        let volume = &frame.volume;
        let [nx, ny, _] = volume.size;
        let gaps = unpacked(&volume.places, volume.n_voxels);
        let codes = unpacked(&volume.targets, volume.n_voxels);
        let (mut place, mut seen) = (-1, 0);
        let voxel = |(gap, code): (&Option<i32>, &Option<i32>)| {
            place += gap.unwrap();
            let at = [place as usize % nx, place as usize / nx % ny, place as usize / (nx * ny)];
            let indices = volume.axes.map(|(direction, first, step)| first + step * at[direction] as i64);
            let target = code.map(|code| (seen + code) as usize);
            seen += i32::from(*code == Some(0));
            (at, indices, target.map(|target| frame.targets[target]))
        };
        gaps.iter().zip(&codes).map(voxel).collect()
    }

    fn regions() -> Vec<String> {
        vec!["a".to_owned(), "b".to_owned()]
    }

    #[test]
    fn every_voxel_is_found_by_its_indices_however_it_is_stored() {
        for (first, has_parcels) in [(2.0, false), (-2.0, false), (-2.0, true)] {
            let voxels = voxels(first, [2, 3, 4], has_parcels);
            let frame = Frame::of(&voxels, &regions(), (7, MOST_CHARACTERS)).unwrap();
            let found = read(&frame);
            assert_eq!((frame.volume.step, found.len()), (1, 24));
            for (at, [i, j, k], target) in found {
                let index = (i + 2 * (j + 3 * k)) as usize;
                assert_eq!(target, voxels.target_of.get(index).copied(), "{at:?}");
                // To the right is to the right in millimetres.
                let is_right = first * i as f64 > (first * (1 - i) as f64);
                assert_eq!(at, [usize::from(is_right), j as usize, k as usize]);
            }
            let regions = unpacked(&frame.volume.regions, frame.volume.n_targets);
            let expected: Vec<_> = frame.targets.iter().map(|target| Some((target % 2) as i32)).collect();
            assert_eq!(regions, expected);
            assert_eq!(frame.volume.names.len(), if has_parcels { 3 } else { 0 });
        }
    }

    #[test]
    fn values_follow_their_targets() {
        let voxels = voxels(-2.0, [2, 3, 4], false);
        let frame = Frame::of(&voxels, &regions(), (7, MOST_CHARACTERS)).unwrap();
        let values: Vec<f32> = (0..23).map(|target| target as f32 / 1000.0).collect();
        let packed = unpacked(&pack(&frame.targets, &values, 3), frame.volume.n_targets);
        assert_eq!(packed, frame.targets.iter().map(|target| Some(*target as i32)).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_too_much_for_a_page_is_shown_in_steps() {
        let voxels = voxels(-2.0, [60, 70, 50], false);
        let frame = Frame::of(&voxels, &regions(), (40, MOST_CHARACTERS)).unwrap();
        assert_eq!(frame.volume.step, 3);
        assert!(frame.volume.n_targets * 40 * 10 / 6 <= MOST_CHARACTERS);
        for (_, [i, j, k], target) in read(&frame) {
            assert_eq!(target, Some((i + 60 * (j + 70 * k)) as usize));
            assert_eq!([(59 - i) % 3, j % 3, k % 3], [1; 3], "the middle of its cube");
        }
    }
}

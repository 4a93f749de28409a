//! Pictures of the brain as grids of numbers: what lines of sight through the volume meet and slices of it, or its surfaces.

mod cortex;

use gyrus_io::nifti::Grid;
use serde::{Deserialize, Serialize};

use crate::inputs::Voxels;

/// Pictures of one language model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Brain {
    /// The layer whose score and gain are shown.
    pub layer: usize,
    /// What is shown.
    pub maps: Vec<BrainMap>,
}

impl Brain {
    /// Whether it is seen through a volume, and not on its surface.
    #[must_use]
    pub fn is_volume(&self) -> bool {
        let is_surface = |view: &View| matches!(view.side, Side::LeftMiddle | Side::RightMiddle);
        !self.maps.iter().flat_map(|map| &map.views).any(is_surface)
    }
}

/// One quantity, seen from all sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BrainMap {
    /// Which.
    pub quantity: Quantity,
    /// The value that a level of 100 stands for.
    pub largest: f64,
    /// From where.
    pub views: Vec<View>,
}

/// What colours mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Held-out correlation of the shown layer, mean over participants.
    Score,
    /// Unique gain of the shown layer, mean over participants.
    Gain,
    /// Layer centre of mass, where some layer is significant.
    Depth,
}

/// One picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// From where.
    pub side: Side,
    /// Pixels across.
    pub width: usize,
    /// Width and height of a pixel in millimetres.
    pub pixel: (f64, f64),
    /// Row by row from the top: hundredths of the largest value, [`NOTHING`] or [`NO_VALUE`].
    pub levels: Vec<i8>,
}

/// The level of a pixel without brain.
pub const NOTHING: i8 = i8::MIN;
/// The level of brain without a value.
pub const NO_VALUE: i8 = i8::MAX;

/// From where the brain is looked at. Left is left, but for the right half, whose front is to the right.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The left half, its front to the left.
    Left,
    /// The right half, its front to the right.
    Right,
    /// Through the whole brain from behind.
    Behind,
    /// Through the whole brain from above, its front up.
    Above,
    /// A slice from above, at this height in millimetres.
    Slice(f64),
    /// The surface of the left half from the middle, its front to the right.
    LeftMiddle,
    /// The surface of the right half from the middle, its front to the left.
    RightMiddle,
}

/// Pixels of the longest side; larger volumes are drawn in steps of several voxels.
const LONGEST: usize = 72;
/// Slices of a volume.
const SLICES: usize = 6;

/// Values of targets for a map: what is drawn, and what decides which voxel of a line of sight is seen.
#[derive(Debug, Clone, Copy)]
pub struct Values<'a> {
    /// Drawn; NaN for none.
    pub shown: &'a [f32],
    /// The voxel with the largest of these is seen.
    pub by: &'a [f32],
}

/// What pictures are made from.
pub(crate) enum Scene {
    /// Voxels of a grid.
    Grid(Lines),
    /// Surfaces.
    Surface(cortex::Cortex),
}

impl Scene {
    /// None where nobody knows which axis goes where, or what shape the surfaces have.
    pub(crate) fn of(voxels: &Voxels) -> Option<Self> {
        let Some(grid) = voxels.grid() else { return cortex::Cortex::of(voxels).map(Self::Surface) };
        let targets = voxels.indices.iter().zip(&voxels.target_of);
        let brain = voxels.brain.iter().map(|index| (*index, None));
        Lines::new(grid, brain.chain(targets.map(|(index, target)| (*index, Some(*target))))).map(Self::Grid)
    }

    /// A map from all sides; None where nothing that is shown has a value.
    pub(crate) fn map(&self, quantity: Quantity, largest: f64, values: Values<'_>) -> Option<BrainMap> {
        let has_value = |target: usize| values.shown[target].is_finite();
        let is_empty = match self {
            Self::Grid(lines) => !lines.voxels.iter().filter_map(|(_, target)| *target).any(has_value),
            Self::Surface(cortex) => !cortex.targets().any(has_value),
        };
        if is_empty || largest <= 0.0 {
            return None;
        }
        let views = match self {
            Self::Grid(lines) => lines.views(largest, values),
            Self::Surface(cortex) => cortex.views(largest, values),
        };
        Some(BrainMap { quantity, largest, views })
    }
}

/// Hundredths of the largest value.
fn level(value: f32, largest: f64) -> i8 {
    (100.0 * f64::from(value) / largest).round().clamp(-100.0, 100.0) as i8
}

/// Where each voxel lies in a picture: axes to the right, forward and up, counted in pixels.
pub(crate) struct Lines {
    /// Pixels of each axis.
    size: [usize; 3],
    /// Millimetres of a pixel along each axis.
    pixel: [f64; 3],
    /// Where the left half ends.
    middle: f64,
    /// Place and target of each voxel; brain may have none.
    voxels: Vec<([usize; 3], Option<usize>)>,
    /// Height in millimetres of each layer of pixels.
    heights: Vec<f64>,
    /// Heights that slices go through.
    slices: Vec<usize>,
}

impl Lines {
    fn new(grid: &Grid, voxels: impl Iterator<Item = (usize, Option<usize>)>) -> Option<Self> {
        let axes = axes(grid)?;
        let longest = grid.shape.iter().copied().max().unwrap_or(1);
        let step = longest.div_ceil(LONGEST).max(1);
        let sizes = grid.affine.voxel_sizes();
        let place = |index: usize| -> [usize; 3] {
            let [x, y, _] = grid.shape;
            let voxel = [index % x, index / x % y, index / (x * y)];
            axes.map(|(axis, forward)| {
                (if forward { voxel[axis] } else { grid.shape[axis] - 1 - voxel[axis] }) / step
            })
        };
        let mut placed: Vec<([usize; 3], Option<usize>)> =
            voxels.map(|(index, target)| (place(index), target)).collect();
        let all = || placed.iter().map(|(at, _)| at);
        let corners = [0, 1, 2].map(|axis| extent(all().map(|at| at[axis])).unwrap_or_default());
        let middle_of_volume = grid.shape[axes[0].0].div_ceil(step) as f64 / 2.0;
        for (at, _) in &mut placed {
            [0, 1, 2].into_iter().for_each(|axis| at[axis] -= corners[axis].0);
        }
        let size = corners.map(|(low, high)| high + 1 - low);
        let with_target = placed.iter().filter(|(_, target)| target.is_some());
        let (low, high) = extent(with_target.map(|(at, _)| at[2]))?;
        let middle = |layer: usize| {
            let mut voxel = [0.0; 3];
            let (axis, forward) = axes[2];
            let from_bottom = ((layer + corners[2].0) * step) as f64 + (step as f64 - 1.0) / 2.0;
            let last = grid.shape[axis] as f64 - 1.0;
            voxel[axis] = if forward { from_bottom } else { last - from_bottom };
            for (axis, _) in &axes[..2] {
                voxel[*axis] = (grid.shape[*axis] as f64 - 1.0) / 2.0;
            }
            grid.affine.apply(voxel)[2]
        };
        let share = |slice: usize| (slice as f64 + 0.5) / SLICES as f64;
        let mut slices: Vec<usize> =
            (0..SLICES).map(|slice| low + ((high - low) as f64 * share(slice)).round() as usize).collect();
        slices.dedup();
        Some(Self {
            size,
            pixel: axes.map(|(axis, _)| sizes[axis] * step as f64),
            middle: middle_of_volume - corners[0].0 as f64,
            voxels: placed,
            heights: (0..size[2]).map(middle).collect(),
            slices,
        })
    }

    /// From all sides and in slices.
    fn views(&self, largest: f64, values: Values<'_>) -> Vec<View> {
        let sides = [Side::Left, Side::Right, Side::Behind, Side::Above].into_iter();
        let slices = self.slices.iter().map(|layer| Side::Slice(self.heights[*layer]));
        let layers = [None; 4].into_iter().chain(self.slices.iter().map(|layer| Some(*layer)));
        sides
            .chain(slices)
            .zip(layers)
            .map(|(side, layer)| self.view((side, layer), largest, values))
            .collect()
    }

    fn view(&self, (side, layer): (Side, Option<usize>), largest: f64, values: Values<'_>) -> View {
        let [across, along, up] = self.size;
        let (width, height, pixel) = match side {
            Side::Left | Side::Right => (along, up, (self.pixel[1], self.pixel[2])),
            Side::Behind => (across, up, (self.pixel[0], self.pixel[2])),
            _ => (across, along, (self.pixel[0], self.pixel[1])),
        };
        let mut seen = vec![f32::NEG_INFINITY; width * height];
        let mut levels = vec![NOTHING; width * height];
        for ([x, y, z], target) in &self.voxels {
            let is_left = *x as f64 + 0.5 < self.middle;
            let at = match side {
                Side::Left if is_left => (along - 1 - y, up - 1 - z),
                Side::Right if !is_left => (*y, up - 1 - z),
                Side::Behind => (*x, up - 1 - z),
                Side::Above => (*x, along - 1 - y),
                Side::Slice(_) if layer == Some(*z) => (*x, along - 1 - y),
                _ => continue,
            };
            let pixel = at.0 + width * at.1;
            let (shown, by) =
                target.map_or((f32::NAN, f32::NAN), |target| (values.shown[target], values.by[target]));
            if shown.is_finite() && by > seen[pixel] {
                seen[pixel] = by;
                levels[pixel] = level(shown, largest);
            } else if levels[pixel] == NOTHING {
                levels[pixel] = NO_VALUE;
            }
        }
        View { side, width, pixel, levels }
    }
}

/// The voxel axes that go right, forward and up, and whether they do so as they count.
pub(crate) fn axes(grid: &Grid) -> Option<[(usize, bool); 3]> {
    let codes = grid.affine.axis_codes()?;
    let find = |ahead: char, back: char| {
        let axis = codes.chars().position(|code| code == ahead || code == back)?;
        Some((axis, codes.chars().nth(axis) == Some(ahead)))
    };
    Some([find('R', 'L')?, find('A', 'P')?, find('S', 'I')?])
}

fn extent(values: impl Iterator<Item = usize>) -> Option<(usize, usize)> {
    values.fold(None, |extent, value| match extent {
        None => Some((value, value)),
        Some((low, high)) => Some((value.min(low), value.max(high))),
    })
}

#[cfg(test)]
mod tests {
    use gyrus_io::nifti::{Affine, Orientation};

    use super::*;

    /// Two voxels across, three along, two up, stored from right to left.
    fn grid(first: f64) -> Grid {
        let affine = Affine([[first, 0.0, 0.0, 0.0], [0.0, 3.0, 0.0, 0.0], [0.0, 0.0, 4.0, -4.0]]);
        Grid { shape: [2, 3, 2], affine, orientation: Orientation::Sform(1) }
    }

    fn levels(view: &View) -> Vec<Vec<i8>> {
        view.levels.chunks(view.width).map(<[i8]>::to_vec).collect()
    }

    #[test]
    fn left_is_left_however_voxels_are_stored() {
        // The front upper voxel on the left, and the hind lower voxel on the right.
        for (first, front_left, hind_right) in [(2.0, 0, 1), (-2.0, 1, 0)] {
            let index = |x: usize, y: usize, z: usize| x + 2 * (y + 3 * z);
            let indices = [index(front_left, 2, 1), index(hind_right, 0, 0)];
            let scene = Lines::new(&grid(first), indices.into_iter().zip([Some(0), Some(1)]))
                .map(Scene::Grid)
                .unwrap();
            let values = [0.5_f32, -0.25];
            let map = scene.map(Quantity::Score, 0.5, Values { shown: &values, by: &values }).unwrap();
            let (no, a, b) = (NOTHING, 100, -50);
            assert_eq!(levels(&map.views[0]), [[a, no, no], [no, no, no]], "left");
            assert_eq!(levels(&map.views[1]), [[no, no, no], [b, no, no]], "right");
            assert_eq!(levels(&map.views[2]), [[a, no], [no, b]], "behind");
            assert_eq!(levels(&map.views[3]), [[a, no], [no, no], [no, b]], "above");
            assert_eq!(map.views[0].pixel, (3.0, 4.0));
            let slices: Vec<_> = map.views[4..].iter().map(|view| view.side).collect();
            assert_eq!(slices, [Side::Slice(-4.0), Side::Slice(0.0)]);
            assert_eq!(levels(&map.views[4]), [[no, no], [no, no], [no, b]]);
        }
    }

    /// Against a search through every voxel of every line of sight.
    #[test]
    fn the_largest_along_the_line_of_sight_is_seen() {
        let indices: Vec<usize> = (0..12).collect();
        let by: Vec<f32> = (0..12).map(|index| ((index * 7) % 12) as f32).collect();
        let shown: Vec<f32> =
            (0..12).map(|index| if index == 5 { f32::NAN } else { index as f32 / 12.0 }).collect();
        let scene = Lines::new(&grid(2.0), indices.iter().map(|index| (*index, Some(*index))))
            .map(Scene::Grid)
            .unwrap();
        let map = scene.map(Quantity::Depth, 1.0, Values { shown: &shown, by: &by }).unwrap();
        for y in 0..3 {
            for x in 0..2 {
                let line = [0, 1].map(|z| x + 2 * (y + 3 * z));
                let seen = line.into_iter().filter(|index| shown[*index].is_finite());
                let best = seen.max_by(|a, b| by[*a].total_cmp(&by[*b])).unwrap();
                let expected = (100.0 * f64::from(shown[best])).round() as i8;
                assert_eq!(levels(&map.views[3])[2 - y][x], expected, "{x} {y}");
            }
        }
        let nothing = [f32::NAN; 12];
        assert!(scene.map(Quantity::Gain, 1.0, Values { shown: &nothing, by: &by }).is_none());
    }

    /// Brain without a target is grey, and what lies outside of the brain is cut off.
    #[test]
    fn brain_without_targets_is_drawn_and_the_rest_is_not() {
        let affine = Affine([[1.0, 0.0, 0.0, -3.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 10.0]]);
        let grid = Grid { shape: [7, 5, 4], affine, orientation: Orientation::Sform(4) };
        let index = |x: usize, y: usize, z: usize| x + 7 * (y + 5 * z);
        let voxels = [(index(4, 1, 2), None), (index(5, 2, 3), Some(0)), (index(5, 1, 2), None)];
        let scene = Lines::new(&grid, voxels.into_iter()).map(Scene::Grid).unwrap();
        let map = scene.map(Quantity::Score, 2.0, Values { shown: &[1.0], by: &[1.0] }).unwrap();
        assert_eq!(levels(&map.views[3]), [[NOTHING, 50], [NO_VALUE, NO_VALUE]], "above");
        assert!(map.views[0].levels.iter().all(|level| *level == NOTHING), "all of it is on the right");
        assert_eq!(map.views[4..].iter().map(|view| view.side).collect::<Vec<_>>(), [Side::Slice(13.0)]);
    }

    #[test]
    fn large_volumes_are_drawn_in_steps() {
        let affine = Affine([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]);
        let grid = Grid { shape: [100, 200, 150], affine, orientation: Orientation::Sform(4) };
        let voxels = (0..grid.n_voxels()).step_by(977).map(|index| (index, Some(0)));
        let scene = Lines::new(&grid, voxels).map(Scene::Grid).unwrap();
        let map = scene.map(Quantity::Score, 1.0, Values { shown: &[1.0], by: &[1.0] }).unwrap();
        assert!(map.views.iter().all(|view| view.width <= LONGEST && view.levels.len() % view.width == 0));
        assert_eq!(map.views[0].pixel, (3.0, 3.0));
        assert_eq!(map.views.len(), 4 + SLICES);
    }
}

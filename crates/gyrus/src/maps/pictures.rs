//! Pictures of the group's maps: of the best layer from all sides, and of every layer voxel by voxel.

use ndarray::Array2;

use super::Pictures;
use crate::brain::{Brain, Quantity, Scene, Values};
use crate::inputs::Voxels;
use crate::report::Everything;
use crate::results::{LanguageModelResults, Results};
use crate::store::Arrays;
use crate::surface::{self, Surface};
use crate::volume::{self, Volume, VolumeMaps, pack};

/// Corrected p below which a voxel has a depth that is shown.
const SIGNIFICANT: f32 = 0.05;

/// Characters that everything may take beside a page: what a browser still reads at once.
const MOST_CHARACTERS: usize = 64_000_000;

/// Draws one language model after the other.
pub(super) struct Artist {
    scene: Option<Scene>,
    page: Places,
    /// Where the page has room for some places only.
    whole: Option<Places>,
    brains: Vec<Option<Brain>>,
}

/// Places that are shown, and their numbers. They lie on a grid or on surfaces, never on both.
struct Places {
    volume: Option<volume::Frame>,
    surface: Option<surface::Frame>,
    maps: Vec<Option<VolumeMaps>>,
}

/// Group means of a language model: layers × targets.
struct Group<'a> {
    layers: &'a [usize],
    /// The layer that the study as a whole prefers.
    best: usize,
    score: Array2<f32>,
    gain: Option<Array2<f32>>,
    /// Corrected p of the score.
    p: Option<Array2<f32>>,
    /// Of each target in which some layer is significant.
    depth: Option<Vec<f32>>,
}

impl Artist {
    pub(super) fn of(voxels: &Voxels, results: &Results) -> Self {
        let layers: usize = results.language_models.iter().map(|model| model.layers.len()).sum();
        let n_maps = 3 * layers + results.language_models.len();
        let places = |[volume, surface]: [usize; 2]| Places {
            volume: volume::Frame::of(voxels, &results.regions, (n_maps, volume)),
            surface: surface::Frame::of(voxels, &results.regions, (n_maps, surface)),
            maps: Vec::new(),
        };
        let page = places([volume::MOST_CHARACTERS, surface::MOST_CHARACTERS]);
        let whole = page.are_some().then(|| places([MOST_CHARACTERS; 2]));
        Self { scene: Scene::of(voxels), page, whole, brains: Vec::new() }
    }

    pub(super) fn draw(
        &mut self,
        found: Option<&LanguageModelResults>,
        layers: &[usize],
        arrays: &mut Arrays,
    ) {
        let group = found.and_then(|found| Group::of(found, layers, arrays));
        let brain = self.scene.as_ref().zip(group.as_ref()).and_then(|(scene, group)| group.brain(scene));
        self.brains.push(brain);
        for places in [Some(&mut self.page), self.whole.as_mut()].into_iter().flatten() {
            let maps = places.targets().zip(group.as_ref()).map(|(targets, group)| group.maps(targets));
            places.maps.push(maps);
        }
    }

    pub(super) fn pictures(self) -> Pictures {
        let (volume, surface) = self.page.filled();
        let everything = self.whole.map(|whole| {
            let (volume, surface) = whole.filled();
            Everything { volume, surface }
        });
        Pictures { brains: self.brains, volume, surface, everything }
    }
}

impl Places {
    /// Whether there are more of them.
    fn are_some(&self) -> bool {
        let in_steps = self.volume.as_ref().is_some_and(|frame| frame.volume.step > 1);
        in_steps || self.surface.as_ref().is_some_and(|frame| frame.surface.n_vertices != frame.surface.n_all)
    }

    fn targets(&self) -> Option<&Vec<usize>> {
        let volume = self.volume.as_ref().map(|frame| &frame.targets);
        volume.or(self.surface.as_ref().map(|frame| &frame.targets))
    }

    fn filled(self) -> (Option<Volume>, Option<Surface>) {
        let maps = self.maps;
        if maps.iter().all(Option::is_none) {
            return (None, None);
        }
        let volume = self.volume.map(|frame| Volume { maps: maps.clone(), ..frame.volume });
        (volume, self.surface.map(|frame| Surface { maps, ..frame.surface }))
    }
}

impl<'a> Group<'a> {
    fn of(found: &LanguageModelResults, layers: &'a [usize], arrays: &mut Arrays) -> Option<Self> {
        let best = found.best_layer.iter().find(|best| best.region.is_none())?.layer;
        let score = arrays.take_single("score_mean").ok()?;
        let (gain, p) = (arrays.take_single("gain_mean").ok(), arrays.take_single("score_p_corrected").ok());
        let depth = arrays.take_single("depth").ok().zip(p.as_ref()).map(|(depth, p)| {
            let is_significant = |target: usize| p.column(target).iter().any(|p| *p < SIGNIFICANT);
            let own = |(target, depth): (usize, &f32)| if is_significant(target) { *depth } else { f32::NAN };
            depth.row(0).iter().enumerate().map(own).collect()
        });
        Some(Self { layers, best, score, gain, p, depth })
    }

    /// Score and gain of the best layer, and the depth of every voxel in which some layer is significant.
    fn brain(&self, scene: &Scene) -> Option<Brain> {
        let score = self.of_best(&self.score)?;
        let largest = |values: &[f32]| {
            let sizes = values.iter().filter(|value| value.is_finite()).map(|value| f64::from(value.abs()));
            sizes.fold(0.0, f64::max)
        };
        let shown = |shown: &[f32], quantity: Quantity, largest: f64| {
            scene.map(quantity, largest, Values { shown, by: &score })
        };
        let mut maps = vec![shown(&score, Quantity::Score, largest(&score))];
        if let Some(gain) = self.gain.as_ref().and_then(|gain| self.of_best(gain)) {
            maps.push(shown(&gain, Quantity::Gain, largest(&gain)));
        }
        if let Some(depth) = &self.depth {
            maps.push(shown(depth, Quantity::Depth, self.layers.last().copied().unwrap_or(0) as f64));
        }
        Some(Brain { layer: self.best, maps: maps.into_iter().flatten().collect() })
    }

    fn of_best(&self, values: &Array2<f32>) -> Option<Vec<f32>> {
        // Quantities without layer 0 start later.
        let missing = self.layers.len().checked_sub(values.nrows())?;
        let row = self.layers.iter().position(|known| *known == self.best)?.checked_sub(missing)?;
        Some(values.row(row).to_vec())
    }

    /// The numbers of these targets.
    fn maps(&self, targets: &[usize]) -> VolumeMaps {
        let packed = |values: &Array2<f32>| {
            let missing = self.layers.len().saturating_sub(values.nrows());
            let absent = std::iter::repeat_with(crate::Packed::default).take(missing);
            absent.chain(values.rows().into_iter().map(|row| pack(targets, &row.to_vec(), 3))).collect()
        };
        VolumeMaps {
            layers: self.layers.to_vec(),
            best: self.best,
            score: packed(&self.score),
            gain: self.gain.as_ref().map(packed).unwrap_or_default(),
            p: self.p.as_ref().map(packed).unwrap_or_default(),
            depth: self.depth.as_ref().map(|depth| pack(targets, depth, 1)).unwrap_or_default(),
        }
    }
}

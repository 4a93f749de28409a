//! Which layer drives which region: the truth that an analysis has to find.

use std::str::FromStr;

use gyrus_core::LayerIndex;

/// How planted depth runs over the regions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Gradient {
    /// From the shallowest layer in the first region to the deepest in the last.
    #[default]
    Planted,
    /// From the deepest to the shallowest.
    Reversed,
    /// The middle layer everywhere.
    Flat,
    /// No region follows any layer.
    Absent,
}

impl Gradient {
    /// Its name on a command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Planted => "planted",
            Self::Reversed => "reversed",
            Self::Flat => "flat",
            Self::Absent => "absent",
        }
    }
}

impl FromStr for Gradient {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all = [Self::Planted, Self::Reversed, Self::Flat, Self::Absent];
        let found = all.into_iter().find(|gradient| gradient.name() == text);
        found.ok_or_else(|| format!("found `{text}`, expected planted, reversed, flat or absent"))
    }
}

/// What drives a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlantedDepth {
    /// A layer of the language model.
    Layer(LayerIndex),
    /// Nothing of the story.
    NoEffect,
}

/// The truth, region by region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlantedMap {
    /// What drives each region.
    pub depths: Vec<PlantedDepth>,
}

impl PlantedMap {
    /// Depth over `steps` groups of regions, `first` to `last` in equal steps rounded to whole layers:
    ///
    /// layer(i) = round(first + (last − first) · i / (steps − 1)), i the step of the region (its rank along the gradient).
    ///
    /// `step_of_region` is `None` for a region without effect.
    #[must_use]
    pub fn new(
        gradient: Gradient,
        step_of_region: &[Option<usize>],
        (first, last): (LayerIndex, LayerIndex),
    ) -> Self {
        let steps = step_of_region.iter().flatten().max().map_or(1, |most| most + 1);
        let depth = |step: &Option<usize>| {
            let Some(step) = *step else { return PlantedDepth::NoEffect };
            let share = if steps > 1 { step as f64 / (steps - 1) as f64 } else { 0.5 };
            let share = match gradient {
                Gradient::Planted => share,
                Gradient::Reversed => 1.0 - share,
                Gradient::Flat => 0.5,
                Gradient::Absent => return PlantedDepth::NoEffect,
            };
            let layer = first.0 as f64 + (last.0 as f64 - first.0 as f64) * share;
            PlantedDepth::Layer(LayerIndex(libm::round(layer) as usize))
        };
        Self { depths: step_of_region.iter().map(depth).collect() }
    }

    /// The layer of a region.
    #[must_use]
    pub fn layer(&self, region: usize) -> Option<LayerIndex> {
        match self.depths.get(region) {
            Some(PlantedDepth::Layer(layer)) => Some(*layer),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_runs_over_the_steps_and_back() {
        let steps = [Some(0), Some(1), Some(2), None, Some(2)];
        let ends = (LayerIndex(1), LayerIndex(7));
        let layers = |gradient| -> Vec<Option<usize>> {
            let map = PlantedMap::new(gradient, &steps, ends);
            (0..steps.len()).map(|region| map.layer(region).map(|layer| layer.0)).collect()
        };
        assert_eq!(layers(Gradient::Planted), [Some(1), Some(4), Some(7), None, Some(7)]);
        assert_eq!(layers(Gradient::Reversed), [Some(7), Some(4), Some(1), None, Some(1)]);
        assert_eq!(layers(Gradient::Flat), [Some(4), Some(4), Some(4), None, Some(4)]);
        assert_eq!(layers(Gradient::Absent), [None; 5]);
    }

    #[test]
    fn names_are_read_back() {
        for gradient in [Gradient::Planted, Gradient::Reversed, Gradient::Flat, Gradient::Absent] {
            assert_eq!(gradient.name().parse(), Ok(gradient));
        }
        assert!("upwards".parse::<Gradient>().is_err());
    }
}

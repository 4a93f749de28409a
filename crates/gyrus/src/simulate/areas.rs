//! The areas of the simulated cortex: names of anatomy, roughly where anatomy has them.

use gyrus_core::LayerIndex;
use gyrus_encoding::simulate::{Gradient, PlantedMap};

/// An area of both hemispheres.
struct Area {
    name: &'static str,
    /// Degrees from the right-hand side towards the front, in the coordinates of the ellipsoid.
    azimuth: f64,
    /// Degrees above the middle.
    elevation: f64,
    /// Step of the planted gradient; None where the story does nothing.
    step: Option<usize>,
}

const fn area(name: &'static str, azimuth: f64, elevation: f64, step: usize) -> Area {
    Area { name, azimuth, elevation, step: Some(step) }
}

const fn silent(name: &'static str, azimuth: f64, elevation: f64) -> Area {
    Area { name, azimuth, elevation, step: None }
}

/// From sounds to stories, then areas that the story does not reach.
const AREAS: [Area; 20] = [
    area("Heschl", 3.0, 14.0, 0),
    area("planum temporale", -20.0, 16.0, 0),
    area("posterior STG", -19.0, -8.0, 1),
    area("anterior STG", 5.0, -11.0, 1),
    area("posterior STS", -41.0, -13.0, 2),
    area("anterior STS", 20.0, -33.0, 2),
    area("middle temporal", -13.0, -35.0, 3),
    area("temporal pole", 51.0, -35.0, 3),
    area("pars opercularis", 27.0, 12.0, 4),
    area("pars triangularis", 49.0, 9.0, 4),
    area("pars orbitalis", 31.0, -12.0, 5),
    area("angular", -43.0, 18.0, 5),
    area("precuneus", -68.0, 42.0, 6),
    area("medial prefrontal", 72.0, 16.0, 6),
    silent("calcarine", -70.0, 2.0),
    silent("lateral occipital", -55.0, -36.0),
    silent("hand", 9.0, 42.0),
    silent("superior parietal", -29.0, 45.0),
    silent("superior frontal", 49.0, 42.0),
    silent("orbitofrontal", 66.0, -14.0),
];

/// Name, hemisphere and step of each region, left before right.
pub(super) fn regions() -> Vec<(String, &'static str, Option<usize>)> {
    let both = |area: &Area| ["L", "R"].map(|side| (format!("{side} {}", area.name), side, area.step));
    AREAS.iter().flat_map(both).collect()
}

/// Where each region points.
pub(super) fn directions() -> Vec<[f64; 3]> {
    let both = |area: &Area| {
        let (azimuth, elevation) = (area.azimuth.to_radians(), area.elevation.to_radians());
        let level = libm::cos(elevation);
        [-1.0, 1.0]
            .map(|side| [side * level * libm::cos(azimuth), level * libm::sin(azimuth), libm::sin(elevation)])
    };
    AREAS.iter().flat_map(both).collect()
}

/// What drives each region: from the first block of a language model to the last but one.
pub(super) fn planted(gradient: Gradient, layers: usize) -> PlantedMap {
    let steps: Vec<Option<usize>> = regions().iter().map(|(.., step)| *step).collect();
    PlantedMap::new(gradient, &steps, (LayerIndex(1), LayerIndex(layers.saturating_sub(2).max(1))))
}

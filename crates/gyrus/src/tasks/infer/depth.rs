//! Does depth in the network follow depth in the brain? Layer centre of mass per region, and how far it can be trusted.

use gyrus_encoding::hierarchy::{Floor, centre_of_mass, split_half_reliability};
use ndarray::{Array2, Array3, Axis, s};

use super::gather::Gathered;
use super::language_model::Work;
use crate::results::{Hierarchy, ProfileRow, RegionDepth};

/// Fewer regions than this have no p: with six, the best possible two-sided p is 2/720 for one pair of orders.
const LEAST_REGIONS: usize = 20;
const SIGNIFICANT: f64 = 0.05;
const HALVES: usize = 200;

/// Regions from shallow to deep, by the centre of mass of their group profile.
pub(super) fn hierarchy(
    work: &Work<'_>,
    layers: &[usize],
    scored: &[&Gathered],
    profile: &[ProfileRow],
) -> Hierarchy {
    let depths: Vec<f64> = layers.iter().map(|layer| *layer as f64).collect();
    let scores = by_person_region_layer(work, scored);
    let everybody: Vec<usize> = (0..work.layout.participants.len()).collect();
    let of_region = |region: usize| {
        let name = work.layout.regions[region].clone();
        let is_significant = |row: &ProfileRow| {
            row.region.as_ref() == Some(&name) && row.score_tests.p_stimulus_corrected < SIGNIFICANT
        };
        let of_region = scores.slice(s![.., region, ..]);
        let depth = |people: &[usize]| depth(&depths, &of_region.select(Axis(0), people));
        let centre = depth(&everybody);
        RegionDepth {
            significant: profile.iter().any(is_significant),
            interval: centre
                .map(|_| work.estimator.over_participants(|people| depth(people).unwrap_or(f64::NAN))),
            centre_of_mass: centre,
            region: name,
        }
    };
    let mut regions: Vec<RegionDepth> = (0..work.layout.regions.len()).map(of_region).collect();
    let reliability = reliability(work, &depths, &regions, &scores);
    regions.sort_by(|a, b| {
        let key = |region: &RegionDepth| region.centre_of_mass.unwrap_or(f64::INFINITY);
        key(a).total_cmp(&key(b)).then_with(|| a.region.cmp(&b.region))
    });
    let significant = regions.iter().filter(|region| region.significant).count();
    Hierarchy { regions, split_half_reliability: reliability, note: note(significant), p: None }
}

fn note(significant: usize) -> String {
    if significant < LEAST_REGIONS {
        format!(
            "{significant} regions have a significant layer; below {LEAST_REGIONS} the order and its split-half reliability are shown without a p."
        )
    } else {
        "The order of regions needs a reference (distance to primary cortex, or a gradient) to be tested; its split-half reliability says how far it repeats in other listeners.".to_owned()
    }
}

/// Scores, shape (n_participants, n_regions, n_layers).
fn by_person_region_layer(work: &Work<'_>, scored: &[&Gathered]) -> Array3<f64> {
    let n_regions = work.layout.regions.len();
    let mut scores = Array3::from_elem((work.layout.participants.len(), n_regions, scored.len()), f64::NAN);
    for (position, layer) in scored.iter().enumerate() {
        let table = work.layout.by_region(&layer.values);
        scores.slice_mut(s![.., .., position]).assign(&table.slice(s![.., ..n_regions]));
    }
    scores
}

/// Centre of mass of the mean profile of those who have every layer; its floor is crossed over participants.
fn depth(depths: &[f64], profiles: &Array2<f64>) -> Option<f64> {
    let complete = |person: &usize| profiles.row(*person).iter().all(|score| score.is_finite());
    let people: Vec<usize> = (0..profiles.nrows()).filter(complete).collect();
    centre_of_mass(depths, profiles.select(Axis(0), &people).view(), Floor::Minimum)
}

/// Mean rank correlation of significant regions' depths between random halves of the participants.
fn reliability(
    work: &Work<'_>,
    depths: &[f64],
    regions: &[RegionDepth],
    scores: &Array3<f64>,
) -> Option<f64> {
    let significant: Vec<usize> = (0..regions.len()).filter(|region| regions[*region].significant).collect();
    if significant.len() < 3 || work.layout.participants.len() < 4 {
        return None;
    }
    let seed = work.inputs.resolved.study.statistics.seed;
    let selected = scores.select(Axis(1), &significant);
    let halves = split_half_reliability(depths, selected.view(), HALVES, seed).halves;
    halves.is_finite().then_some(halves)
}

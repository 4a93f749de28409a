//! Does depth in the network follow depth in the brain? Layer centre of mass per region, and how far it can be trusted.

use gyrus_encoding::hierarchy::{
    FEWEST_REGIONS, Floor, Profiles, RegionsDiffer, centre_of_mass, regions_differ, split_half_reliability,
};
use gyrus_encoding::statistics::block_means;
use ndarray::{Array2, Array3, ArrayView2, Axis, s};

use super::estimate::STIMULUS_BLOCK;
use super::gather::{Gathered, finite_mean};
use super::language_model::Work;
use crate::results::{Hierarchy, ProfileRow, RegionDepth};

const SIGNIFICANT: f64 = 0.05;
const HALVES: usize = 200;
const PERMUTATIONS: usize = 9999;

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
            reference: None,
            ceiling: None,
        }
    };
    let mut regions: Vec<RegionDepth> = (0..work.layout.regions.len()).map(of_region).collect();
    let reliability = reliability(work, &depths, &regions, &scores);
    let differ = differ(work, &depths, &regions, (scored, &scores));
    regions.sort_by(|a, b| {
        let key = |region: &RegionDepth| region.centre_of_mass.unwrap_or(f64::INFINITY);
        key(a).total_cmp(&key(b)).then_with(|| a.region.cmp(&b.region))
    });
    let significant = regions.iter().filter(|region| region.significant).count();
    let note = note(significant, differ.as_ref());
    Hierarchy {
        regions,
        split_half_reliability: reliability,
        note,
        p: differ.map(|differ| differ.p),
        index: None,
    }
}

fn note(significant: usize, differ: Option<&RegionsDiffer>) -> String {
    match differ {
        None => format!(
            "{significant} regions have a significant layer; below {FEWEST_REGIONS} the order and its split-half reliability are shown without a p."
        ),
        Some(RegionsDiffer { p_participants, p_story, p_targets, p }) => {
            let targets = p_targets.map_or_else(
                || ", one target per region, taken for given".to_owned(),
                |p| format!(", over targets of the same regions alone p = {p:.4}"),
            );
            format!(
                "{significant} regions have a significant layer; that they differ in depth: p = {p:.4} over listeners, story and targets at once (over participants alone p = {p_participants:.4}, over stretches of the story alone p = {p_story:.4}{targets}); size of the scores regressed out."
            )
        }
    }
}

/// Whether significant regions differ in depth; None below [`FEWEST_REGIONS`] of them.
fn differ(
    work: &Work<'_>,
    depths: &[f64],
    regions: &[RegionDepth],
    (scored, scores): (&[&Gathered], &Array3<f64>),
) -> Option<RegionsDiffer> {
    let significant: Vec<usize> = (0..regions.len()).filter(|region| regions[*region].significant).collect();
    if significant.len() < FEWEST_REGIONS {
        return None;
    }
    let targets: Vec<(usize, usize)> = significant
        .iter()
        .enumerate()
        .flat_map(|(position, region)| {
            work.layout.members[*region].iter().map(move |target| (*target, position))
        })
        .collect();
    let group = |(target, layer): (usize, usize)| {
        finite_mean(scored[layer].values.column(targets[target].0).iter().copied())
    };
    let profiles = Array2::from_shape_fn((targets.len(), scored.len()), group);
    let labels: Vec<usize> = targets.iter().map(|(_, position)| *position).collect();
    let participants = scores.select(Axis(1), &significant);
    let story = by_block_region_layer(work, scored, &significant)?;
    let profiles = Profiles {
        participants: participants.view(),
        story: story.view(),
        targets: profiles.view(),
        region_of_target: &labels,
    };
    regions_differ(depths, profiles, PERMUTATIONS, work.inputs.resolved.study.statistics.seed)
}

/// Group scores in blocks of the story, of the design that most participants have: shape (n_blocks, n_regions, n_layers).
pub(super) fn by_block_region_layer(
    work: &Work<'_>,
    scored: &[&Gathered],
    regions: &[usize],
) -> Option<Array3<f64>> {
    let designs = &work.plan.designs;
    let most = (0..designs.len())
        .max_by_key(|design| (designs[*design].participants.len(), designs.len() - design))?;
    let repetition = work.inputs.repetition_time()?;
    let samples = repetition.volumes_spanning(gyrus_core::Seconds::new(STIMULUS_BLOCK).ok()?);
    let of_layer = |layer: &&Gathered| {
        let products = layer.products[most].select(Axis(1), regions);
        block_means(products.view(), &designs[most].timeline, designs[most].folds.as_slice(), samples)
    };
    let layers: Vec<Array2<f64>> = scored.iter().map(of_layer).collect();
    let views: Vec<ArrayView2<'_, f64>> = layers.iter().map(|layer| layer.view()).collect();
    ndarray::stack(Axis(2), &views).ok()
}

/// Scores, shape (n_participants, n_regions, n_layers).
pub(super) fn by_person_region_layer(work: &Work<'_>, scored: &[&Gathered]) -> Array3<f64> {
    let n_regions = work.layout.regions.len();
    let mut scores = Array3::from_elem((work.layout.participants.len(), n_regions, scored.len()), f64::NAN);
    for (position, layer) in scored.iter().enumerate() {
        let table = work.layout.by_region(&layer.values);
        scores.slice_mut(s![.., .., position]).assign(&table.slice(s![.., ..n_regions]));
    }
    scores
}

/// Centre of mass of the mean profile of those who have every layer; its floor is crossed over participants.
pub(super) fn depth(depths: &[f64], profiles: &Array2<f64>) -> Option<f64> {
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

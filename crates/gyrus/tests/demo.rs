//! The demo with its truth reversed, flat and absent: what is planted is found, and nothing else is.

#![allow(clippy::unwrap_used)]

use gyrus::demo::{Demo, Gradient, Settings, Size, demo};
use gyrus::{Execution, Silent};

/// The same code path on fewer people, a shorter story and every other layer: seconds instead of a minute.
const SMALL: Size = Size {
    participants: 6,
    voxels: 700,
    parcels: false,
    surrogates: 39,
    bootstraps: 40,
    untrained_copies: 0,
    layer_step: 2,
    paragraphs: Some(22),
};

/// The same with one target per region, quicker still.
const REGIONS: Size = Size { parcels: true, ..SMALL };

fn run(gradient: Gradient, seed: u64, size: Size) -> Demo {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { gradient, seed, size };
    let execution = Execution { threads: Some(2), ..Execution::default() };
    let found = demo(folder.path(), &settings, &execution, &Silent).unwrap();
    assert!(found.page.is_file(), "{}", found.page.display());
    found
}

/// Depth of the areas of the first step and of the last, on the left.
fn ends(demo: &Demo) -> (f64, f64) {
    let depth = |name: &str| {
        let region = demo.recovered.regions.iter().find(|(region, ..)| region == name);
        region.and_then(|(.., depth)| *depth).unwrap()
    };
    (depth("L Heschl"), depth("L medial prefrontal"))
}

/// Correlation of depth with the distance from Heschl's gyrus, and its p against maps as smooth.
fn index(demo: &Demo) -> (f64, Option<f64>) {
    let index = demo.results.language_models[0].hierarchy.index.as_ref().unwrap();
    (index.rows[0].rho, index.rows[0].p)
}

#[test]
fn a_planted_gradient_is_recovered_and_a_reversed_one_reversed() {
    let planted = run(Gradient::Planted, 1, SMALL);
    let correlation = planted.recovered.correlation.unwrap();
    let (first, last) = ends(&planted);
    assert!(correlation > 0.8 && first < last, "{correlation} {first} {last}");
    assert_eq!(planted.recovered.false_alarms, [""; 0]);
    let p = planted.results.language_models[0].hierarchy.p;
    assert!(p.is_some_and(|p| p < 0.05), "{p:?}");
    // What was planted is a step of a gradient, which distances follow in part.
    let (rho, p) = index(&planted);
    assert!(rho > 0.3 && p.is_some_and(|p| p < 0.05), "{rho} {p:?}");
    let reversed = run(Gradient::Reversed, 1, SMALL);
    let correlation = reversed.recovered.correlation.unwrap();
    let (first, last) = ends(&reversed);
    assert!(correlation > 0.8 && first > last, "{correlation} {first} {last}");
    assert!(index(&reversed).0 < -0.3, "{:?}", index(&reversed));
}

/// With a true rate of 0.05 more than 2 of 8 come with probability 0.006; the rate itself is measured over 200 cohorts by
/// the tests of the kernels.
#[test]
fn a_flat_map_gives_no_hierarchy_at_the_nominal_rate_over_8_seeds() {
    let found: Vec<(Option<f64>, Option<f64>)> = (1..=8)
        .map(|seed| run(Gradient::Flat, seed, SMALL))
        .map(|found| (found.results.language_models[0].hierarchy.p, index(&found).1))
        .collect();
    for (name, p) in [
        ("that regions differ", found.iter().filter_map(|(p, _)| *p).collect::<Vec<_>>()),
        ("that depth follows distance", found.iter().filter_map(|(_, p)| *p).collect()),
    ] {
        let significant = p.iter().filter(|p| **p <= 0.05).count();
        assert!(
            p.len() >= 6,
            "most cohorts must have twenty significant regions, or nothing was tested: {p:?}"
        );
        assert!(significant <= 2, "{name}: {p:?}");
    }
}

#[test]
fn an_absent_map_gives_no_hierarchy_and_few_alarms_over_12_seeds() {
    let mut alarmed = 0;
    for seed in 1..=12 {
        let found = run(Gradient::Absent, seed, REGIONS);
        assert_eq!(found.results.language_models[0].hierarchy.p, None, "seed {seed}");
        assert_eq!(found.recovered.correlation, None);
        alarmed += usize::from(!found.recovered.false_alarms.is_empty());
    }
    assert!(
        alarmed <= 2,
        "corrected over regions and layers, one cohort in twenty may raise an alarm, and more than 2 of 12 with probability 0.02: {alarmed}"
    );
}

//! Differences between regions against naive loops over every pattern of signs, and against laws.

use gyrus_encoding::hierarchy::{Profiles, RegionsDiffer, regions_differ};
use ndarray::{Array2, Array3, ArrayView1, Axis};

use crate::simulate::{normal, random};

const LAYERS: usize = 5;
const REGIONS: usize = 5;
const LABELS: [usize; 6] = [0, 0, 1, 2, 1, 3];

struct Tables {
    people: Array3<f64>,
    story: Array3<f64>,
    targets: Array2<f64>,
}

impl Tables {
    /// Three people, four blocks and five targets, and besides one person and one target with a missing score.
    fn new(seed: u64) -> Self {
        let mut random = random(seed);
        let base = Array2::from_shape_simple_fn((REGIONS, LAYERS), || 0.2 + 0.1 * normal(&mut random));
        let mut units = |count: usize| {
            Array3::from_shape_fn((count, REGIONS, LAYERS), |(_, region, layer)| {
                base[(region, layer)] + 0.1 * normal(&mut random)
            })
        };
        let (mut people, story, drawn) = (units(4), units(4), units(6));
        people[(1, 2, 3)] = f64::NAN;
        let mut targets = Array2::from_shape_fn((6, LAYERS), |(t, layer)| drawn[(t, LABELS[t], layer)]);
        targets[(3, 0)] = f64::NAN;
        Self { people, story, targets }
    }

    fn differ(&self, labels: &[usize], permutations: usize, seed: u64) -> Option<RegionsDiffer> {
        let depths: Vec<f64> = (0..self.people.dim().2).map(|layer| 1.0 + layer as f64).collect();
        let profiles = Profiles {
            participants: self.people.view(),
            story: self.story.view(),
            targets: self.targets.view(),
            region_of_target: labels,
        };
        regions_differ(&depths, profiles, permutations, seed)
    }
}

/// c − B s − E s², with B and E by the normal equations.
fn left_over(moments: &[f64], sizes: &[f64]) -> Vec<f64> {
    let sum = |of: &dyn Fn(f64, f64) -> f64| moments.iter().zip(sizes).map(|(c, s)| of(*c, *s)).sum::<f64>();
    let (second, third, fourth) = (sum(&|_, s| s.powi(2)), sum(&|_, s| s.powi(3)), sum(&|_, s| s.powi(4)));
    let (line, square) = (sum(&|c, s| c * s), sum(&|c, s| c * s * s));
    let determinant = second * fourth - third * third;
    let b = (line * fourth - square * third) / determinant;
    let e = (square * second - line * third) / determinant;
    moments.iter().zip(sizes).map(|(c, s)| c - b * s - e * s * s).collect()
}

/// Σ_k (d_k − D) R_k, with D the centre of the whole table.
fn moment(profile: ArrayView1<'_, f64>, table: &Array2<f64>) -> f64 {
    let sum = |of: &dyn Fn(usize) -> f64| table.indexed_iter().map(|((_, k), r)| of(k) * r).sum::<f64>();
    let centre = sum(&|k| 1.0 + k as f64) / sum(&|_| 1.0);
    profile.iter().enumerate().map(|(k, score)| (1.0 + k as f64 - centre) * score).sum()
}

/// What each unit gives to the deviation of each region, if anything.
type Parts = Vec<Vec<Option<f64>>>;

fn parts_of_units(units: &Array3<f64>) -> Parts {
    let whole: Vec<usize> =
        (0..units.dim().0).filter(|unit| units.index_axis(Axis(0), *unit).sum().is_finite()).collect();
    let units = units.select(Axis(0), &whole);
    let mean = units.mean_axis(Axis(0)).unwrap();
    let sizes = mean.sum_axis(Axis(1)).to_vec();
    let of = |unit: ndarray::ArrayView2<'_, f64>| {
        let moments: Vec<f64> = unit.rows().into_iter().map(|row| moment(row, &mean)).collect();
        left_over(&moments, &sizes).into_iter().map(|e| Some(e / whole.len() as f64)).collect()
    };
    units.outer_iter().map(of).collect()
}

/// With the number of targets of each region.
fn parts_of_targets(targets: &Array2<f64>) -> (Parts, Vec<f64>) {
    let whole: Vec<usize> = (0..targets.nrows()).filter(|t| targets.row(*t).sum().is_finite()).collect();
    let targets = targets.select(Axis(0), &whole);
    let count = |region: usize| whole.iter().filter(|t| LABELS[**t] == region).count() as f64;
    let moments: Vec<f64> = targets.rows().into_iter().map(|row| moment(row, &targets)).collect();
    let left = left_over(&moments, &targets.sum_axis(Axis(1)).to_vec());
    let of = |(t, e): (&usize, f64)| {
        (0..REGIONS).map(|region| (LABELS[*t] == region).then(|| e / count(region))).collect()
    };
    (whole.iter().zip(left).map(of).collect(), (0..REGIONS).map(count).collect())
}

/// √(n / (n − 1)) (part − mean of the region's n parts); nothing where there is one.
fn centred(parts: &Parts) -> Parts {
    let column = |region: usize| parts.iter().filter_map(|unit| unit[region]).collect::<Vec<f64>>();
    let of = |region: usize, part: f64| {
        let all = column(region);
        let n = all.len() as f64;
        if all.len() < 2 { 0.0 } else { (n / (n - 1.0)).sqrt() * (part - all.iter().sum::<f64>() / n) }
    };
    let unit = |unit: &Vec<Option<f64>>| {
        unit.iter().enumerate().map(|(region, part)| part.map(|part| of(region, part))).collect()
    };
    parts.iter().map(unit).collect()
}

/// Deviations of the regions under every pattern of signs, the one without a change of sign first.
fn deviations(parts: &Parts) -> Vec<Vec<f64>> {
    let signed = |bits: usize, unit: usize| if bits >> unit & 1 == 1 { -1.0 } else { 1.0 };
    let of = |bits: usize, region: usize| {
        (0..parts.len()).map(|unit| signed(bits, unit) * parts[unit][region].unwrap_or(0.0)).sum::<f64>()
    };
    (0..1 << parts.len()).map(|bits| (0..REGIONS).map(|region| of(bits, region)).collect()).collect()
}

fn spread(deviations: &[f64], weights: &[f64]) -> f64 {
    deviations.iter().zip(weights).map(|(deviation, weight)| weight * deviation * deviation).sum()
}

/// Share of the patterns with a spread as large as without a change of sign.
fn exact_p(parts: &Parts, weights: &[f64]) -> f64 {
    let all: Vec<f64> = deviations(parts).iter().map(|one| spread(one, weights)).collect();
    all.iter().filter(|one| **one >= all[0] * (1.0 - 1e-9)).count() as f64 / all.len() as f64
}

/// Every pattern of one kind with every pattern of the others, none of them without a change of sign.
fn exact_p_of_all(kinds: [&Parts; 3], observed: f64) -> f64 {
    let [people, story, targets] = kinds.map(|parts| deviations(&centred(parts)).split_off(1));
    let mut reached = 0;
    for (one, other) in people.iter().flat_map(|one| story.iter().map(move |other| (one, other))) {
        for third in &targets {
            let sum: Vec<f64> = (0..REGIONS).map(|r| one[r] + other[r] + third[r]).collect();
            reached += usize::from(spread(&sum, &[1.0; REGIONS]) >= observed);
        }
    }
    (1.0 + reached as f64) / (1.0 + (people.len() * story.len() * targets.len()) as f64)
}

/// 7, 15 and 31 patterns have no common divisor, so that 7 · 15 · 31 draws go through all combinations.
#[test]
fn every_p_is_a_share_of_all_patterns_of_signs() {
    let mut together_is_largest = 0;
    for seed in 0..12 {
        let tables = Tables::new(seed);
        let found = tables.differ(&LABELS, 7 * 15 * 31, 3).unwrap();
        let (people, story) = (parts_of_units(&tables.people), parts_of_units(&tables.story));
        let (targets, counts) = parts_of_targets(&tables.targets);
        let even = [1.0; REGIONS];
        let alone = [exact_p(&people, &even), exact_p(&story, &even), exact_p(&targets, &counts)];
        let all = exact_p_of_all([&people, &story, &targets], spread(&deviations(&people)[0], &even));
        let largest = alone.into_iter().fold(all, f64::max);
        together_is_largest += usize::from(largest == all);
        let given = [found.p_participants, found.p_story, found.p_targets.unwrap(), found.p];
        for (one, other) in given.into_iter().zip([alone[0], alone[1], alone[2], largest]) {
            assert!((one - other).abs() < 1e-12, "{seed}: {found:?}, expected {alone:?} and {all}");
        }
    }
    assert!(together_is_largest >= 3, "{together_is_largest} of 12 show p over all kinds");
}

#[test]
fn no_p_depends_on_the_unit_of_scores() {
    for seed in 0..4 {
        let tables = Tables::new(seed);
        let small = |table: f64| table * 2.0_f64.powi(-24);
        let scaled = Tables {
            people: tables.people.mapv(small),
            story: tables.story.mapv(small),
            targets: tables.targets.mapv(small),
        };
        assert_eq!(scaled.differ(&LABELS, 99, seed), tables.differ(&LABELS, 99, seed));
    }
}

/// Depths of which the first region has all the size, and the others only differences between the last layer and the first.
fn antisymmetric(moments: &[[f64; 4]]) -> Array3<f64> {
    Array3::from_shape_fn((moments.len(), 4, 3), |(unit, region, layer)| match (region, layer) {
        (0, _) => 1.0,
        (_, 0) => -moments[unit][region],
        (_, 1) => 0.0,
        _ => moments[unit][region],
    })
}

/// Centred, two units with deviations √2 ± 1 are ± 1, times √2: as large as their mean.
#[test]
fn a_draw_as_large_as_what_was_observed_counts() {
    let root = 2.0_f64.sqrt();
    let tables = Tables {
        people: antisymmetric(&[[0.0, root + 1.0, 0.0, 0.0], [0.0, root - 1.0, 0.0, 0.0]]),
        story: antisymmetric(&[[0.0, 1.0, 0.0, 0.0]; 2]),
        targets: Array2::from_elem((4, 3), 1.0),
    };
    // Patterns (−, +), (+, −) and (−, −).
    let expected = RegionsDiffer { p_participants: 0.5, p_story: 0.5, p_targets: None, p: 0.75 };
    assert_eq!(tables.differ(&[0, 1, 2, 3], 3, 0), Some(expected));
}

/// The same deviations of people, blocks and targets, three of each region but the first: only signs make their p differ.
#[test]
fn signs_of_the_three_kinds_are_drawn_apart_whatever_the_seed() {
    let mut random = random(1);
    let labels = [0, 0, 1, 1, 2, 2, 3, 3, 1, 2, 3, 1, 2, 3];
    let mut moments = [[0.0; 4]; 14];
    for (unit, region) in labels.into_iter().enumerate().skip(2) {
        moments[unit][region] = normal(&mut random);
    }
    let people = antisymmetric(&moments);
    let targets = Array2::from_shape_fn((14, 3), |(t, layer)| people[(t, labels[t], layer)]);
    let tables = Tables { story: people.clone(), people, targets };
    for seed in [0, u64::MAX] {
        let found = tables.differ(&labels, 999, seed).unwrap();
        let (people, story, targets) = (found.p_participants, found.p_story, found.p_targets.unwrap());
        assert!(people != story && people != targets && story != targets, "{found:?}");
        assert!((people - story).abs() < 0.08 && (people - targets).abs() < 0.08, "{found:?}");
    }
}

#[test]
fn two_units_and_four_regions_are_the_fewest() {
    let units = |count: usize, regions: usize| {
        let mut random = random(2);
        Array3::from_shape_simple_fn((count, regions, LAYERS), || 0.3 + 0.1 * normal(&mut random))
    };
    let found = |people: usize, blocks: usize, regions: usize| {
        let targets = units(1, 4).index_axis_move(Axis(0), 0);
        Tables { people: units(people, regions), story: units(blocks, regions), targets }.differ(
            &[0, 1, 2, 2],
            99,
            1,
        )
    };
    assert!(found(2, 2, 4).is_some_and(|found| found.p_targets.is_some()), "one region has two targets");
    assert!(found(3, 3, 6).is_some());
    assert_eq!((found(1, 3, 4), found(3, 1, 4), found(3, 3, 3)), (None, None, None));
    assert_eq!((found(1, 3, 6), found(1, 1, 3), found(0, 3, 4)), (None, None, None));
}

/// Responses that never vary score 0 everywhere: they have no depth, and no p either.
#[test]
fn scores_of_nothing_do_not_differ() {
    let mut tables = Tables::new(6);
    tables.people.fill(0.0);
    assert_eq!(tables.differ(&LABELS, 100, 1), None);
    let mut tables = Tables::new(6);
    tables.story.fill(0.0);
    assert_eq!(tables.differ(&LABELS, 100, 1), None);
    let mut tables = Tables::new(6);
    tables.targets.fill(0.0);
    assert_eq!(tables.differ(&LABELS, 100, 1).unwrap().p_targets, None);
}

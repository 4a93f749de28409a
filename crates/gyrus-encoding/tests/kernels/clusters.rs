//! Clusters and threshold-free enhancement against flood filling over steps, nilearn and MNE.

use gyrus_encoding::EncodingError;
use gyrus_encoding::statistics::{
    Connectivity, Enhancement, Neighbours, SignFlips, Statistic, Tail, enhance, permutation_p,
};
use ndarray::Array2;
use proptest::prelude::*;

use crate::golden::{self, list, number, table};
use crate::simulate::{backend, normal, random};

fn grid(shape: [i32; 3]) -> Vec<[i32; 3]> {
    let [x, y, z] = shape;
    (0..x).flat_map(|i| (0..y).flat_map(move |j| (0..z).map(move |k| [i, j, k]))).collect()
}

/// Extents of the connected set above a level that holds each target, by flood filling; 0 for those below.
fn sets_above(map: &[f64], level: f64, neighbours: &Neighbours) -> Vec<Vec<usize>> {
    let mut seen = vec![false; map.len()];
    let mut found = Vec::new();
    for start in 0..map.len() {
        if seen[start] || map[start] <= level {
            continue;
        }
        let (mut set, mut next) = (Vec::new(), vec![start]);
        seen[start] = true;
        while let Some(target) = next.pop() {
            set.push(target);
            for other in neighbours.of(target) {
                if !seen[*other] && map[*other] > level {
                    seen[*other] = true;
                    next.push(*other);
                }
            }
        }
        found.push(set);
    }
    found
}

/// Σ e(h)^extent h^height over levels, times `dh`: what programs compute that go up in steps.
fn in_steps(map: &[f64], levels: &[f64], (extent, height, dh): (f64, f64, f64), of: &Neighbours) -> Vec<f64> {
    let mut out = vec![0.0; map.len()];
    for sign in [1.0, -1.0] {
        let signed: Vec<f64> = map.iter().map(|value| sign * value).collect();
        for level in levels {
            // A target belongs to the set at its own height: a hair below the level.
            for set in sets_above(&signed, level * (1.0 - 1e-12), of) {
                let gain = (set.len() as f64).powf(extent) * level.powf(height) * dh;
                set.iter().for_each(|target| out[*target] += sign * gain);
            }
        }
    }
    out
}

/// A map with hills and hollows.
fn landscape(seed: u64, voxels: &[[i32; 3]]) -> Vec<f64> {
    let mut random = random(seed);
    let hills: Vec<([f64; 3], f64)> = (0..6)
        .map(|_| ([0, 1, 2].map(|_| 3.5 + 2.0 * normal(&mut random)), 2.5 * normal(&mut random)))
        .collect();
    let height = |voxel: &[i32; 3]| -> f64 {
        let distance = |centre: &[f64; 3]| -> f64 {
            (0..3).map(|axis| (f64::from(voxel[axis]) - centre[axis]).powi(2)).sum()
        };
        hills.iter().map(|(centre, height)| height * (-distance(centre) / 4.0).exp()).sum()
    };
    voxels.iter().map(|voxel| height(voxel) + 0.2 * normal(&mut random)).collect()
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()))
}

#[test]
fn the_exact_integral_is_the_limit_of_steps() {
    let voxels = grid([7, 8, 6]);
    let map = landscape(1, &voxels);
    for connectivity in [Connectivity::Faces, Connectivity::Corners] {
        let neighbours = Neighbours::of_grid(&voxels, connectivity);
        for (extent, height) in [(0.5, 2.0), (1.0, 2.0), (0.7, 1.5)] {
            let exact =
                Enhancement::ThresholdFree { extent, height }.apply(&map, &neighbours, Tail::TwoSided);
            let error = |steps: usize| {
                let dh = largest(&map) / steps as f64;
                let levels: Vec<f64> = (0..steps).map(|step| (step as f64 + 0.5) * dh).collect();
                let stepped = in_steps(&map, &levels, (extent, height, dh), &neighbours);
                let difference = stepped.iter().zip(&exact).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
                difference / largest(&exact)
            };
            let (coarse, fine) = (error(50), error(2000));
            assert!(
                fine < 1e-3 && fine < coarse / 5.0,
                "{connectivity:?} {extent} {height}: {coarse} {fine}"
            );
        }
    }
}

/// The stepwise oracle with nilearn's levels is nilearn, so that the limit above is of the same quantity.
#[test]
fn the_steps_are_those_of_nilearn_and_mne() {
    let golden = golden::read("maps");
    let shape = list(&golden["shape"]);
    let voxels = grid([0, 1, 2].map(|axis| shape[axis] as i32));
    let map = list(&golden["map"]);
    let volume = Neighbours::of_grid(&voxels, Connectivity::Faces);
    let levels: Vec<f64> = (1..=100).map(|step| largest(&map) * f64::from(step) / 100.0).collect();
    let stepped = in_steps(&map, &levels, (0.5, 2.0, 1.0), &volume);
    for (found, expected) in stepped.iter().zip(list(&golden["nilearn_tfce"])) {
        assert!((found - expected).abs() < 1e-6 * expected.abs().max(1.0), "{found} {expected}");
    }
    let triangles: Vec<[usize; 3]> = table(&golden["triangles"])
        .rows()
        .into_iter()
        .map(|row| [0, 1, 2].map(|corner| row[corner] as usize))
        .collect();
    let curve = list(&golden["mesh_map"]);
    let mesh = Neighbours::of_mesh(curve.len(), &triangles).unwrap();
    // MNE takes extents to 2/3, counts from level 0 in steps of 0.1, and multiplies by the step.
    let levels: Vec<f64> = (0..200).map(|step| 0.1 * f64::from(step)).collect();
    let stepped = in_steps(&curve, &levels, (2.0 / 3.0, 2.0, 0.1), &mesh);
    for (found, expected) in stepped.iter().zip(list(&golden["mne_tfce"])) {
        assert!((found - expected).abs() < 1e-6 * expected.abs().max(1.0), "{found} {expected}");
    }
}

#[test]
fn cluster_masses_are_those_of_flood_filling_and_nilearn() {
    let golden = golden::read("maps");
    let shape = list(&golden["shape"]);
    let voxels = grid([0, 1, 2].map(|axis| shape[axis] as i32));
    let map = list(&golden["map"]);
    let neighbours = Neighbours::of_grid(&voxels, Connectivity::Faces);
    let threshold = number(&golden["threshold"]);
    let found = Enhancement::ClusterMass { threshold }.apply(&map, &neighbours, Tail::TwoSided);
    let mut expected = vec![0.0; map.len()];
    for sign in [1.0, -1.0] {
        let signed: Vec<f64> = map.iter().map(|value| sign * value).collect();
        for set in sets_above(&signed, threshold, &neighbours) {
            let mass: f64 = set.iter().map(|target| signed[*target] - threshold).sum();
            set.iter().for_each(|target| expected[*target] = sign * mass);
        }
    }
    assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-9));
    assert!((largest(&found) - number(&golden["nilearn_mass_two_sided"])).abs() < 1e-6);
    let positive = found.iter().copied().fold(0.0, f64::max);
    assert!((positive - number(&golden["nilearn_mass_positive"])).abs() < 1e-6);
}

#[test]
fn a_target_at_the_threshold_joins_nothing_and_none_below_zero_counts() {
    let neighbours = Neighbours::of_grid(&grid([3, 1, 1]), Connectivity::Faces);
    let mass = |threshold: f64, map: [f64; 3]| {
        Enhancement::ClusterMass { threshold }.apply(&map, &neighbours, Tail::Greater)
    };
    assert_eq!(mass(1.0, [2.0, 1.0, 3.0]), [1.0, 0.0, 2.0], "a bridge at the threshold is none");
    assert_eq!(mass(-1.0, [0.5, -0.5, 2.0]), [1.5, 0.0, 3.0], "what is not above 0 has no mass of that sign");
}

#[test]
fn pairs_with_what_does_not_exist_join_nothing() {
    let neighbours = Neighbours::of_pairs(3, [(0, 1), (1, 3), (3, 0), (2, 2), (7, 9)]);
    assert_eq!([0, 1, 2].map(|target| neighbours.of(target).to_vec()), [vec![1], vec![0], vec![]]);
    assert!(!neighbours.is_empty() && Neighbours::of_pairs(0, []).is_empty());
}

#[test]
fn many_maps_are_enhanced_as_one_is() {
    let neighbours = Neighbours::of_grid(&grid([4, 3, 2]), Connectivity::Faces);
    let mut random = random(8);
    let maps = Array2::from_shape_simple_fn((7, 24), || normal(&mut random));
    let how = (Enhancement::VOLUME, &neighbours, Tail::TwoSided);
    let found = enhance(&backend(2), &maps, how).unwrap();
    assert_eq!(found.len(), 7);
    for (found, map) in found.iter().zip(maps.rows()) {
        let expected = Enhancement::VOLUME.apply(&map.to_vec(), &neighbours, Tail::TwoSided);
        assert_eq!(found.to_vec(), expected);
    }
    let error = enhance(&backend(2), &Array2::zeros((1, 23)), how).unwrap_err();
    assert_eq!(error, EncodingError::TargetMismatch { found: 24, expected: 23 });
}

#[test]
fn missing_targets_and_separate_pieces_are_kept_apart() {
    // A row of five with a gap of NaN: two pieces, as on a disconnected mesh.
    let voxels = grid([5, 1, 1]);
    let neighbours = Neighbours::of_grid(&voxels, Connectivity::Faces);
    let map = [2.0, 2.0, f64::NAN, 1.0, f64::INFINITY];
    let mass = Enhancement::ClusterMass { threshold: 0.5 }.apply(&map, &neighbours, Tail::TwoSided);
    assert_eq!((mass[0], mass[1], mass[3]), (3.0, 3.0, 0.5));
    assert!(mass[2].is_nan());
    let free =
        Enhancement::ThresholdFree { extent: 1.0, height: 0.0 }.apply(&map, &neighbours, Tail::TwoSided);
    assert_eq!((free[0], free[1], free[3]), (4.0, 4.0, 1.0));
    assert!(
        Enhancement::VOLUME
            .apply(&[], &Neighbours::of_grid(&[], Connectivity::Faces), Tail::TwoSided)
            .is_empty()
    );
}

#[test]
fn flipped_maps_are_enhanced_one_by_one() {
    let voxels = grid([4, 4, 3]);
    let neighbours = Neighbours::of_grid(&voxels, Connectivity::Corners);
    let mut random = random(5);
    let scores = Array2::from_shape_simple_fn((6, voxels.len()), || normal(&mut random) + 0.4);
    let flips = SignFlips::new(6, 100, 1);
    assert_eq!(flips.len(), 63);
    let how = (Enhancement::VOLUME, &neighbours);
    for tail in [Tail::Greater, Tail::TwoSided] {
        let found = flips.count_enhanced(&backend(2), scores.view(), (Statistic::T, tail), how).unwrap();
        let map = |pattern: usize| -> Vec<f64> {
            let t = |target: usize| {
                let signed: Vec<f64> = (0..6)
                    .map(|p| if pattern >> p & 1 == 1 { -scores[(p, target)] } else { scores[(p, target)] })
                    .collect();
                let mean = signed.iter().sum::<f64>() / 6.0;
                let variance = signed.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 5.0;
                mean / (variance / 6.0).sqrt()
            };
            let t: Vec<f64> = (0..voxels.len()).map(t).collect();
            let map = Enhancement::VOLUME.apply(&t, &neighbours, tail);
            map.into_iter().map(|x| if tail == Tail::TwoSided { x.abs() } else { x }).collect()
        };
        let maps: Vec<Vec<f64>> = (0..64).map(map).collect();
        let top = |map: &Vec<f64>| map.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        for target in 0..voxels.len() {
            let observed = maps[0][target];
            let reached = maps[1..].iter().filter(|map| map[target] >= observed - 1e-9).count();
            assert_eq!(found.counts[target] as usize, reached, "{tail:?} {target}");
            let reached = maps[1..].iter().filter(|map| top(map) >= observed - 1e-9).count();
            assert_eq!(found.family_wise_p()[target], permutation_p(reached as u64, 63));
        }
    }
}

#[test]
fn other_targets_and_other_participants_are_errors() {
    let neighbours = Neighbours::of_grid(&grid([2, 1, 1]), Connectivity::Faces);
    let scores = Array2::from_elem((6, 3), 1.0);
    let flips = SignFlips::new(6, 20, 1);
    let (test, how) = ((Statistic::T, Tail::Greater), (Enhancement::VOLUME, &neighbours));
    let found = flips.count_enhanced(&backend(1), scores.view(), test, how);
    assert_eq!(found, Err(EncodingError::TargetMismatch { found: 2, expected: 3 }));
    let found = SignFlips::new(5, 20, 1).count(&backend(1), scores.view(), test);
    assert_eq!(found, Err(EncodingError::ParticipantMismatch { found: 6, expected: 5 }));
}

/// Smooth noise of 12 people: the largest enhanced statistic of a null map is significant as often as it should be.
#[test]
fn family_wise_rates_are_nominal_for_smooth_noise() {
    const STUDIES: usize = 200;
    let voxels = grid([6, 6, 4]);
    let neighbours = Neighbours::of_grid(&voxels, Connectivity::Faces);
    let backend = backend(2);
    for enhancement in [Enhancement::VOLUME, Enhancement::ClusterMass { threshold: 2.0 }] {
        let mut false_positives = 0;
        for study in 0..STUDIES {
            let people: Vec<f64> =
                (0..12).flat_map(|person| landscape((study * 12 + person) as u64 + 100, &voxels)).collect();
            let scores = Array2::from_shape_vec((12, voxels.len()), people).unwrap();
            let flips = SignFlips::new(12, 99, study as u64);
            let test = (Statistic::T, Tail::TwoSided);
            let found = flips.count_enhanced(&backend, scores.view(), test, (enhancement, &neighbours));
            let p = found.unwrap().family_wise_p();
            false_positives += usize::from(p.iter().any(|p| *p <= 0.05));
        }
        // 200 studies at .05: 10, with a standard deviation of 3.
        assert!((2..=19).contains(&false_positives), "{enhancement:?}: {false_positives} of {STUDIES}");
    }
}

proptest! {
    #[test]
    fn enhancement_follows_the_order_of_targets_and_the_sign(seed in 0_u64..500) {
        let voxels = grid([4, 3, 3]);
        let map = landscape(seed, &voxels);
        let turned: Vec<usize> = (0..voxels.len()).map(|index| (index * 11 + 5) % voxels.len()).collect();
        let voxels_turned: Vec<[i32; 3]> = turned.iter().map(|index| voxels[*index]).collect();
        let map_turned: Vec<f64> = turned.iter().map(|index| -map[*index]).collect();
        for enhancement in [Enhancement::VOLUME, Enhancement::ClusterMass { threshold: 0.5 }] {
            let straight = enhancement.apply(&map, &Neighbours::of_grid(&voxels, Connectivity::Edges), Tail::TwoSided);
            let greater = enhancement.apply(&map, &Neighbours::of_grid(&voxels, Connectivity::Edges), Tail::Greater);
            prop_assert!(greater.iter().zip(&straight).all(|(one, both)| *one == both.max(0.0)));
            let of = Neighbours::of_grid(&voxels_turned, Connectivity::Edges);
            for (found, from) in enhancement.apply(&map_turned, &of, Tail::TwoSided).iter().zip(&turned) {
                prop_assert!((found + straight[*from]).abs() < 1e-9 * largest(&straight).max(1.0));
            }
        }
    }
}
